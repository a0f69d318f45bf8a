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
        sim.verb_to(first, Verb::Rollback { as_run: RunId([20; 16]) }).unwrap();
        assert!(sim.is_blocked(), "somebody holds it still");
        assert_eq!(sim.world.count("unblock"), 0);
        sim.verb_to(last, Verb::Rollback { as_run: RunId([21; 16]) }).unwrap();
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
    assert!(sim.verb_unchecked(Verb::Rollback { as_run: RunId([20; 16]) }).is_err());
    sim.pass(Duration::from_secs(7200));
    assert!(sim.is_blocked());
}

impl Sim<Town> {
    /// As `verb`, in a world that others changed too.
    fn verb_unchecked(&mut self, verb: Verb) -> Result<(), String> {
        let by = Said { key: KeyId([5; 32]), message: Digest([99; 32]) };
        self.say(&Message { run: RUN, verb, by })
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
