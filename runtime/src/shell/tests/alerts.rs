//! What operators are told, through a real journal and from one process to the next.

use rye_core::error::ErrorKind;
use rye_engine::message::Order;

use super::trouble::Failure;
use super::*;
use crate::fixture::{OPERATOR, now};

/// A site whose run is held, and whose operators can be told.
fn held() -> Play {
    let mut play = Play::new();
    play.operators = true;
    play.site.push_str("[protected.networks]\n\"203.0.113.0/24\" = \"our partner\"\n");
    play
}

/// The operators' destination answers this, and remembers what it was told.
fn operators(play: &Play, answer: fn() -> Ending) -> Arc<Mutex<Vec<(String, String)>>> {
    let read: Arc<Mutex<Vec<_>>> = Arc::default();
    let told = read.clone();
    play.world.behave(move |request| {
        if &*request.call.action != "std.notify.operators" {
            return None;
        }
        let text = request.call.argument("text").map(ToString::to_string).unwrap_or_default();
        told.lock().unwrap().push((text, request.key.to_string()));
        Some(answer())
    });
    read
}

#[test]
fn a_held_run_is_told_and_told_by_the_next_process_if_nobody_was_there() {
    let play = held();
    let nobody = operators(&play, || Ending::NotSent("nobody there".into()));
    let mut shell = play.shell();
    let started = shell.start(&play.wanted()).unwrap();
    shell.stopper().stop();
    assert_eq!(shell.run(Until::Run(started.run)).unwrap(), Rest::Stopped);
    let run = shell.summary(started.run).unwrap();
    drop(shell);
    let read = operators(&play, || Ending::Done(Value::None));
    let mut shell = play.shell();
    assert_eq!(shell.run(Until::All).unwrap(), Rest::Reached);
    let run = shell.summary(run.run).unwrap();
    assert!(matches!(run.state, State::Held { .. }) && run.undelivered == 0, "{run:?}");
    let read = read.lock().unwrap().clone();
    let [(text, key)] = read.as_slice() else { panic!("{read:?}") };
    let expected = format!("HELD: run {} (contain) waits", run.run.to_string().get(..12).unwrap());
    assert!(text.starts_with(&expected) && text.contains("our partner"), "{text}");
    assert!(nobody.lock().unwrap().iter().all(|(_, before)| before == key), "one key");
    let lines = play.lines();
    assert!(lines.contains("telling the operators: HELD: run "), "{lines}");
    drop(shell);
    audit(&play.store());
}

#[test]
fn a_run_that_is_held_at_its_start_is_told_by_the_second_attempt_too() {
    let play = held();
    let attempts = Arc::new(Mutex::new(0));
    let counted = attempts.clone();
    play.world.behave(move |request| {
        let is_notice = &*request.call.action == "std.notify.operators";
        is_notice.then(|| {
            let mut count = counted.lock().unwrap();
            *count += 1;
            if *count == 1 { Ending::NotSent("busy".into()) } else { Ending::Done(Value::None) }
        })
    });
    let run = play.play(&mut play.shell());
    assert!(matches!(run.state, State::Held { .. }) && run.undelivered == 0, "{run:?}");
    assert_eq!(*attempts.lock().unwrap(), 2);
}

#[test]
fn a_halt_is_told_before_whoever_wanted_to_start_a_run_ends() {
    let mut play = Play::new();
    play.operators = true;
    drop(play.shell());
    let read = operators(&play, || Ending::Done(Value::None));
    let halt = Order::Halt { reason: "it blocks our own people".into() };
    play.say(OPERATOR, RunId::default(), halt, now());
    let mut shell = play.shell();
    assert!(matches!(shell.start(&play.wanted()), Err(StartError::Halted(_))));
    drop(shell);
    // What was not written down as delivered would be told by the next process again.
    play.shell().run(Until::All).unwrap();
    let read = read.lock().unwrap().clone();
    assert!(matches!(read.as_slice(), [(text, _)] if text.starts_with("HALTED: ")), "{read:?}");
    audit(&play.store());
}

#[test]
fn without_a_destination_nothing_is_sent_and_nothing_waits() {
    let mut play = held();
    play.operators = false;
    let read = operators(&play, || Ending::Done(Value::None));
    let mut shell = play.shell();
    let run = play.play(&mut shell);
    assert!(matches!(run.state, State::Held { .. }) && run.undelivered == 0);
    assert!(read.lock().unwrap().is_empty());
    assert!(!play.lines().contains("telling the operators"));
}

#[test]
fn what_the_shell_writes_down_itself_is_told_too() {
    let mut play = Play::new();
    play.operators = true;
    let read = operators(&play, || Ending::Done(Value::None));
    let mut shell = play.shell();
    let code = rye_core::value::Name::from("E_EQUIVOCATION");
    let now = shell.clock.now();
    shell.note(Body::TrustRootRefused { digest: None, code }, now).unwrap();
    assert_eq!(shell.run(Until::All).unwrap(), Rest::Reached);
    let read = read.lock().unwrap().clone();
    assert!(matches!(read.as_slice(), [(text, _)] if text.contains("E_EQUIVOCATION")), "{read:?}");
    drop(shell);
    audit(&play.store());
}

#[test]
fn a_journal_that_fails_is_told_once_although_nothing_can_keep_it() {
    for (answer, line) in [
        (operators_hear as fn() -> Ending, "the operators were told"),
        (operators_refuse, "the operators could not be told: not_found: gone"),
    ] {
        let mut play = Play::new();
        play.operators = true;
        let read = operators(&play, answer);
        let mut shell = play.failing(2, Failure::NotWritten, &Arc::default());
        let started = shell.start(&play.wanted()).unwrap();
        assert!(shell.run(Until::Run(started.run)).is_err());
        let read = read.lock().unwrap().clone();
        let [(text, _)] = read.as_slice() else { panic!("{read:?}") };
        assert!(text.starts_with("STOPPED: `ryed` can't write down what it does"), "{text}");
        assert!(play.lines().ends_with(line), "{}", play.lines());
    }
}

fn operators_hear() -> Ending {
    Ending::Done(Value::None)
}

fn operators_refuse() -> Ending {
    Ending::refused(ErrorKind::NotFound, "gone")
}
