//! Every way of an error through the frames, as a table: the frames from the
//! playbook's inwards, and where an error lands.

use super::*;

const UNDO: OnFailure = OnFailure::Undo;
const HOLD: OnFailure = OnFailure::Hold;
const INHERIT: OnFailure = OnFailure::Inherit;

/// `playbook/stage/…` by letters: a capital is the direction of the playbook or a
/// stage (`U`, `H`, `I`), `a` an attempt, `k` a keep, `r` a round, `e` a recover.
fn frames(shape: &str) -> Frames {
    let mut letters = shape.chars();
    let direction = |letter| match letter {
        'U' => UNDO,
        'H' => HOLD,
        _ => INHERIT,
    };
    let mut frames = Frames::of_playbook(direction(letters.next().expect("a playbook")));
    for letter in letters {
        let handler = Handler { label: 0, error: Register(0), depth: 1 };
        let scope = match letter {
            'a' => Scope::Attempt(handler),
            'k' => Scope::Plain(StepKind::Keep),
            'r' => Scope::Plain(StepKind::Round),
            'e' => Scope::Plain(StepKind::Recover),
            other => Scope::Stage(direction(other), Constant(0)),
        };
        frames.open(scope).expect("few frames");
    }
    frames
}

fn show(landing: Landing) -> String {
    let undo = landing.undo.map_or_else(|| String::from("-"), |frame| frame.to_string());
    match landing.then {
        Then::Recover(frame) => format!("undo {undo} recover {frame}"),
        Then::Hold(frame) => format!("undo {undo} hold {frame}"),
        Then::End => format!("undo {undo} end"),
    }
}

#[test]
fn an_error_lands_where_the_contract_says() {
    // Shape, of an ordinary error, of one that always holds.
    let cases = [
        ("U", "undo 0 end", "undo - hold 0"),
        ("H", "undo - hold 0", "undo - hold 0"),
        ("I", "undo 0 end", "undo - hold 0"),
        ("UI", "undo 0 end", "undo - hold 0"),
        ("HI", "undo - hold 0", "undo - hold 0"),
        ("HU", "undo 1 hold 0", "undo - hold 1"),
        ("HUU", "undo 1 hold 0", "undo - hold 2"),
        ("HUIU", "undo 1 hold 0", "undo - hold 3"),
        ("UH", "undo - hold 1", "undo - hold 1"),
        ("UHU", "undo 2 hold 1", "undo - hold 2"),
        ("UHUkr", "undo 2 hold 1", "undo - hold 2"),
        ("Ua", "undo 1 recover 1", "undo 1 recover 1"),
        ("Ha", "undo 1 recover 1", "undo 1 recover 1"),
        ("HaI", "undo 1 recover 1", "undo 1 recover 1"),
        ("HaU", "undo 1 recover 1", "undo 1 recover 1"),
        ("HaHI", "undo - hold 2", "undo - hold 2"),
        ("HaHU", "undo 3 hold 2", "undo - hold 3"),
        ("HaHa", "undo 3 recover 3", "undo 3 recover 3"),
        ("Haakr", "undo 2 recover 2", "undo 2 recover 2"),
        ("Hae", "undo 1 recover 1", "undo 1 recover 1"),
        ("Ue", "undo 0 end", "undo - hold 0"),
        ("HIke", "undo - hold 0", "undo - hold 0"),
    ];
    for (shape, ordinary, holding) in cases {
        let frames = frames(shape);
        assert_eq!(show(frames.land(false)), ordinary, "{shape}, an ordinary error");
        assert_eq!(show(frames.land(true)), holding, "{shape}, one that always holds");
    }
}

#[test]
fn a_person_sends_a_held_error_further_out() {
    // Shape, the frame that holds, where the error goes on to.
    let cases = [
        ("U", 0, "undo 0 end"),
        ("H", 0, "undo 0 end"),
        ("HH", 1, "undo 1 hold 0"),
        ("UH", 1, "undo 0 end"),
        ("HUH", 2, "undo 1 hold 0"),
        ("HaH", 2, "undo 1 recover 1"),
        ("HaUH", 3, "undo 1 recover 1"),
        ("HaHH", 3, "undo 3 hold 2"),
        ("UIkH", 3, "undo 0 end"),
    ];
    for (shape, held, expected) in cases {
        assert_eq!(show(frames(shape).land_beyond(held)), expected, "{shape}");
    }
}

#[test]
fn places_count_frames_and_effects_together() {
    let mut frames = frames("H");
    let mut places = Vec::new();
    let mut note = |position: Position| places.push(position.to_string());
    note(frames.next_effect().expect("a place"));
    frames.open(Scope::Stage(INHERIT, Constant(0))).expect("room");
    note(frames.innermost());
    note(frames.next_effect().expect("a place"));
    frames.open(Scope::Plain(StepKind::Round)).expect("room");
    note(frames.next_effect().expect("a place"));
    frames.frames.pop();
    frames.open(Scope::Plain(StepKind::Round)).expect("room");
    note(frames.next_effect().expect("a place"));
    frames.frames.truncate(1);
    note(frames.next_effect().expect("a place"));
    note(frames.innermost());
    assert_eq!(
        places,
        [
            "effect.0",
            "stage.1",
            "stage.1/effect.0",
            "stage.1/round.1/effect.0",
            "stage.1/round.2/effect.0",
            "effect.2",
            "playbook",
        ]
    );
}

#[test]
fn recovering_leaves_the_attempt_and_opens_a_frame_of_its_own() {
    let mut frames = frames("HakI");
    let handler = frames.recover(1).expect("an attempt");
    assert_eq!(handler.depth, 1);
    assert_eq!(frames.innermost().to_string(), "recover.1");
    assert!(frames.recover(1).is_err(), "a recover is no attempt");
}

#[test]
fn frames_are_not_nested_without_end() {
    let mut frames = frames("H");
    let opened = (0..100).take_while(|_| frames.open(Scope::Plain(StepKind::Keep)).is_ok());
    assert_eq!(opened.count(), FRAME_DEPTH_MAX);
}
