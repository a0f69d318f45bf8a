//! Several runs that hold one thing.

use super::*;

const OTHER: RunId = RunId([9; 16]);

fn two_runs() -> Sim<Town> {
    let mut sim = town("hold", &body(&[BLOCK, CONTAINED]));
    sim.enforce();
    sim.start(&beginning(OTHER, Mode::Enforce)).unwrap();
    sim.check();
    sim
}

#[test]
fn a_second_run_becomes_one_more_holder_and_does_nothing() {
    let sim = two_runs();
    assert_eq!(sim.world.count("block"), 1);
    let holding = sim.engine().holdings().iter().next().map(|(_, holding)| holding.clone());
    assert_eq!(holding.map(|holding| holding.holders.len()), Some(2));
}

#[test]
fn the_last_to_let_go_undoes_what_the_first_did() {
    for (first, last) in [(RUN, OTHER), (OTHER, RUN)] {
        let mut sim = two_runs();
        sim.verb_to(first, rollback(20)).unwrap();
        assert!(sim.is_blocked(), "somebody holds it still");
        assert_eq!(sim.world.count("unblock"), 0);
        sim.verb_to(last, rollback(21)).unwrap();
        assert!(!sim.is_blocked());
        assert_eq!(sim.world.count("unblock"), 1);
    }
}

#[test]
fn what_was_so_before_us_is_never_undone() {
    let mut sim = town("hold", &body(&[BLOCK, CONTAINED]));
    sim.world.blocked.insert("203.0.113.7".into());
    sim.start(&beginning(RUN, Mode::Enforce)).unwrap();
    assert_eq!(sim.outcome(), Some(RunOutcome::Contained));
    assert_eq!(sim.world.count("block"), 0);
    assert!(sim.verb_unchecked(rollback(20)).is_err());
    sim.pass(Duration::from_secs(7200));
    assert!(sim.is_blocked());
}

impl Sim<Town> {
    /// As `verb`, in a world that others changed too.
    fn verb_unchecked(&mut self, verb: Verb) -> Result<(), String> {
        let by = Said { key: KeyId([5; 32]), message: Digest([99; 32]) };
        self.say(&Message { run: RUN, verb, by, owner: "ann".into() })
    }
}

#[test]
fn an_adapter_that_finds_it_already_so_leaves_no_record() {
    let mut sim = town("hold", &body(&[BLOCK, CONTAINED]));
    sim.world.answers("block", Ending::AlreadySo(Value::None), false);
    sim.enforce();
    assert_eq!(sim.outcome(), Some(RunOutcome::Contained));
    assert_eq!(sim.run(RUN).records().count(), 0);
}

/// What an act with a result answers in a run: the text that was told after it.
fn told(sim: &Sim<Town>, run: RunId) -> Value {
    let mut acts = sim.run(run).acts();
    let answer = acts.next().and_then(|(_, state, _)| state.answered.clone());
    answer.map(|(_, answer)| answer.unwrap()).unwrap()
}

#[test]
fn one_more_holder_is_answered_what_the_first_was() {
    let mut sim = town("hold", &body(&["do text, s_isolate\n", TELL, CONTAINED]));
    sim.enforce();
    sim.start(&beginning(OTHER, Mode::Enforce)).unwrap();
    assert_eq!(sim.world.count("isolate"), 1);
    assert_eq!(told(&sim, OTHER), Value::text("ticket 7"));
    assert_eq!(told(&sim, RUN), told(&sim, OTHER));
}

#[test]
fn what_others_were_answered_nobody_makes_up() {
    let mut sim = town("hold", &body(&["do text, s_isolate\n", TELL, CONTAINED]));
    sim.world.isolated = Some(String::from("theirs"));
    sim.enforce();
    assert_eq!(sim.world.count("isolate"), 1, "the adapter says what it finds");
    assert_eq!(told(&sim, RUN), Value::text("ticket of others"));
    assert_eq!(sim.run(RUN).records().count(), 0, "and nothing is ours to take back");
    let mut sim = town("hold", &body(&["do text, s_isolate\n", TELL, CONTAINED]));
    sim.world.isolated = Some(String::from("theirs"));
    sim.start(&beginning(RUN, Mode::Shadow)).unwrap();
    assert_eq!(sim.world.count("isolate"), 0);
    assert_eq!(told(&sim, RUN), Value::text("scanned us"), "simulated, in a dry mode");
}

#[test]
fn an_act_that_is_tried_again_and_again_is_answered_what_it_was_answered_first() {
    let mut sim = town("hold", &body(&["do text, s_isolate\n", TELL, CONTAINED]));
    sim.world.answers("isolate", Ending::Done(Value::Int(7)), true);
    sim.enforce();
    for _ in 0..3 {
        assert!(sim.is_held(), "an answer that is no text");
        sim.release(Release::Continue);
    }
    assert_eq!(sim.world.count("isolate"), 1);
}

#[test]
fn what_was_answered_first_is_known_still_after_an_attempt_that_nobody_knows_of() {
    let mut sim = town("hold", &body(&["do text, s_isolate\n", TELL, CONTAINED]));
    sim.world.answers("isolate", Ending::Done(Value::Int(7)), true);
    sim.enforce();
    // Whether it is so can't be said, so it is done once more, with no answer.
    sim.world.answers("is_isolated", Ending::Unknown("nobody knows".into()), false);
    sim.world.answers("isolate", Ending::Unknown("nobody knows".into()), false);
    sim.release(Release::Continue);
    assert_eq!(sim.world.count("isolate"), 2);
    assert!(sim.is_held());
    sim.release(Release::Continue);
    assert_eq!(sim.world.count("isolate"), 2, "it is so, and was answered before");
    assert!(sim.is_held(), "an answer that is no text");
}
