//! Halting: one person stops everything before the next act, two let it go on.

use super::*;

const STORE: RunId = RunId([0; 16]);
const WAIT: &str = "wait hour, 3600000000\n";

#[test]
fn a_halted_run_does_nothing_until_two_people_resume_it() {
    for scope in [STORE, RUN] {
        let mut sim = town("hold", &body(&[BLOCK, END_SESSIONS, SUSPEND, TELL, CONTAINED]));
        sim.world.answers("end_sessions", Ending::refused(ErrorKind::Denied, ""), false);
        sim.enforce();
        sim.halt(scope);
        sim.release(Release::Continue);
        assert_eq!(sim.engine().waits_for(RUN), Some(WaitsFor::Person));
        assert_eq!(sim.world.count("end_sessions"), 1, "it was not tried again");
        sim.verb_of("bob", scope, Verb::Resume).unwrap();
        let again = sim.verb_of("bob", scope, Verb::Resume).unwrap_err();
        assert!(again.contains("one more is needed"), "{again}");
        assert_eq!(sim.world.count("end_sessions"), 1, "one is not enough");
        sim.verb_of("eve", scope, Verb::Resume).unwrap();
        assert_eq!(sim.outcome(), Some(RunOutcome::Contained));
        assert!(sim.is_suspended());
    }
}

/// Abuse case 24, `halt_race`: between the look that allows an act and its intent.
#[test]
fn halt_race() {
    let mut sim = town("hold", &body(&[BLOCK, CONTAINED]));
    sim.engine.start(&beginning(RUN, Mode::Enforce), sim.now).unwrap();
    let Step { entries, commands } = sim.engine.take_step();
    let drafts = entries.iter().map(|entry| (entry.at, entry.run, entry.body.encode()));
    sim.journal.extend(drafts);
    let [look] = commands.as_slice() else { panic!("{commands:?}") };
    assert_eq!(&*look.request.call.action, "std.firewall.is_blocked");
    let by = Said { key: KeyId([5; 32]), message: Digest([77; 32]) };
    let verb = Verb::Halt { reason: "stop".into() };
    sim.engine.say(&Message { run: STORE, verb, by, owner: "ann".into() }, sim.now).unwrap();
    let ending = sim.world.invoke(&look.request);
    sim.engine.complete(look.ticket, ending, sim.now);
    sim.rest();
    sim.check();
    assert_eq!(sim.world.count("block"), 0, "allowed, and not done");
    sim.verb_of("ann", STORE, Verb::Resume).unwrap();
    assert_eq!(sim.world.count("block"), 0, "one is not enough");
    sim.verb_of("bob", STORE, Verb::Resume).unwrap();
    assert!(sim.is_blocked());
    assert_eq!(sim.world.count("is_blocked"), 2, "the world was asked again");
}

#[test]
fn a_halt_stops_between_two_undos() {
    let mut sim = town("hold", &body(&[BLOCK, SUSPEND, END_SESSIONS, CONTAINED]));
    sim.world.answers("end_sessions", Ending::refused(ErrorKind::Denied, ""), false);
    sim.world.answers("restore", Ending::NotSent("nobody there".into()), false);
    sim.enforce();
    // The first undo is tried again in a second: nothing is under way meanwhile.
    let by = Said { key: KeyId([5; 32]), message: Digest([78; 32]) };
    let verb = Verb::Release(Release::Undo);
    sim.engine.say(&Message { run: RUN, verb, by, owner: "ann".into() }, sim.now).unwrap();
    assert!(sim.settle().is_ok());
    sim.halt(RUN);
    assert!(sim.is_blocked() && sim.is_suspended());
    sim.pass(Duration::from_secs(600));
    assert_eq!(sim.world.count("restore"), 1);
    sim.resume(RUN);
    assert_eq!(sim.outcome(), Some(RunOutcome::RolledBack));
    assert!(!sim.is_blocked() && !sim.is_suspended());
}

#[test]
fn lives_wait_while_halted_and_are_overdue() {
    for scope in [STORE, RUN] {
        let mut sim = town("hold", &body(&[BLOCK, CONTAINED]));
        sim.enforce();
        sim.halt(scope);
        sim.pass(Duration::from_secs(7_200));
        assert!(sim.is_blocked());
        let (.., act) = sim.run(RUN).records().next().unwrap();
        assert!(sim.engine().life_left(act).unwrap() < Duration::ZERO, "overdue");
        assert_eq!(sim.engine().next_wakeup(), None, "no clock ends it");
        sim.resume(scope);
        assert!(!sim.is_blocked());
    }
}

#[test]
fn while_halted_people_are_told_and_what_is_in_flight_is_taken() {
    let mut sim = town("hold", &body(&[TELL, BLOCK, CONTAINED]));
    sim.world.answers("analysts", Ending::NotSent("nobody there".into()), false);
    sim.engine.start(&beginning(RUN, Mode::Enforce), sim.now).unwrap();
    let mut waiting = VecDeque::from(sim.wanted());
    // Until the block is under way.
    let block = loop {
        let command = waiting.pop_front().unwrap();
        if command.request.call.action.ends_with(".block") {
            break command;
        }
        waiting.extend(sim.carry_out(&command));
    };
    let by = Said { key: KeyId([5; 32]), message: Digest([79; 32]) };
    let verb = Verb::Halt { reason: "stop".into() };
    sim.engine.say(&Message { run: STORE, verb, by, owner: "ann".into() }, sim.now).unwrap();
    sim.carry_out(&block);
    sim.rest();
    sim.check();
    assert!(sim.is_blocked());
    assert_eq!(sim.world.told, ["scanned us"], "tried again");
    assert_eq!(sim.outcome(), None);
    sim.resume(STORE);
    assert_eq!(sim.outcome(), Some(RunOutcome::Contained));
}

#[test]
fn no_run_begins_in_a_halted_store() {
    let mut sim = town("hold", &body(&[BLOCK, CONTAINED]));
    sim.verb_of("ann", STORE, Verb::Halt { reason: "drill".into() }).unwrap();
    let refused = sim.start(&beginning(RUN, Mode::Enforce));
    assert!(matches!(refused, Err(StartError::Halted(halt)) if &*halt.reason == "drill"));
    assert!(sim.engine().runs().is_empty());
    sim.resume(STORE);
    sim.enforce();
    assert!(sim.is_blocked());
}

#[test]
fn whoever_halts_again_takes_back_what_was_said_for_going_on() {
    let mut sim = town("hold", &body(&[WAIT, BLOCK, CONTAINED]));
    sim.halt(STORE);
    sim.verb_of("bob", STORE, Verb::Resume).unwrap();
    sim.halt(STORE);
    sim.verb_of("eve", STORE, Verb::Resume).unwrap();
    assert!(sim.engine().halts().of_store().is_some());
    sim.verb_of("bob", STORE, Verb::Resume).unwrap();
    assert!(sim.engine().halts().of_store().is_none());
}

#[test]
fn a_halted_run_can_be_ended_and_what_it_did_kept() {
    let mut sim = town("hold", &body(&[BLOCK, WAIT, CONTAINED]));
    sim.start_and_stop();
    sim.halt(RUN);
    sim.verb(Verb::Cancel { undo: false }).unwrap();
    assert_eq!(sim.outcome(), Some(RunOutcome::Cancelled));
    let mut sim = town("hold", &body(&[BLOCK, WAIT, CONTAINED]));
    sim.start_and_stop();
    sim.halt(RUN);
    sim.verb(Verb::Cancel { undo: true }).unwrap();
    assert!(sim.is_blocked(), "nothing is undone while it is halted");
    sim.resume(RUN);
    assert!(!sim.is_blocked());
    assert_eq!(sim.outcome(), Some(RunOutcome::Cancelled));
}

#[test]
fn a_rollback_of_a_halted_run_waits() {
    let mut sim = town("hold", &body(&[BLOCK, CONTAINED]));
    sim.enforce();
    sim.halt(RUN);
    sim.verb(rollback(20)).unwrap();
    assert!(sim.is_blocked());
    assert_eq!(sim.engine().waits_for(RunId([20; 16])), Some(WaitsFor::Person));
    sim.resume(RUN);
    assert!(!sim.is_blocked());
}

#[test]
fn what_is_not_halted_is_not_resumed() {
    let mut sim = town("hold", &body(&[BLOCK, CONTAINED]));
    sim.enforce();
    assert!(sim.verb_of("bob", STORE, Verb::Resume).unwrap_err().contains("not halted"));
    sim.halt(STORE);
    assert!(sim.verb_of("bob", RUN, Verb::Resume).unwrap_err().contains("resume --all"));
    assert!(sim.verb_of("bob", STORE, Verb::Cancel { undo: true }).is_err());
}

/// Whatever a run is doing when it is halted and resumed, it ends as without it.
#[test]
fn a_halt_anywhere_changes_nothing_but_the_time() {
    let code = body(&[BLOCK, SUSPEND, END_SESSIONS, TELL, CONTAINED]);
    let mut alive = town("hold", &code);
    alive.enforce();
    let calls = alive.world.calls.len();
    for scope in [STORE, RUN] {
        for at in 0..=calls {
            let mut sim = town("hold", &code);
            sim.engine.start(&beginning(RUN, Mode::Enforce), sim.now).unwrap();
            let mut waiting = VecDeque::from(sim.wanted());
            for _ in 0..at {
                let Some(command) = waiting.pop_front() else { break };
                waiting.extend(sim.carry_out(&command));
            }
            let by = Said { key: KeyId([5; 32]), message: Digest([80; 32]) };
            let verb = Verb::Halt { reason: "stop".into() };
            let halt = Message { run: scope, verb, by, owner: "ann".into() };
            let halted = sim.engine.say(&halt, sim.now);
            waiting.extend(sim.wanted());
            while let Some(command) = waiting.pop_front() {
                waiting.extend(sim.carry_out(&command));
            }
            sim.pass(Duration::from_secs(60));
            sim.check();
            if halted.is_ok() {
                sim.resume(scope);
            }
            assert_eq!(sim.outcome(), alive.outcome(), "halted after {at} calls");
            assert_eq!(sim.world.blocked, alive.world.blocked, "halted after {at} calls");
            assert_eq!(sim.world.suspended, alive.world.suspended, "halted after {at} calls");
            assert_eq!(sim.world.count("end_sessions"), 1, "halted after {at} calls");
        }
    }
}

#[test]
fn a_death_while_halted_changes_nothing() {
    for at in 0..12 {
        let mut sim = town("hold", &body(&[BLOCK, END_SESSIONS, SUSPEND, CONTAINED]));
        sim.world.answers("end_sessions", Ending::refused(ErrorKind::Denied, ""), false);
        sim.enforce();
        sim.die_at([at]);
        sim.halt(RUN);
        sim.release(Release::Continue);
        assert!(!sim.is_suspended(), "death {at}");
        sim.resume(RUN);
        // Where an answer was lost, a person is asked, as without a halt.
        let asked = sim.is_held();
        assert!(asked || sim.outcome() == Some(RunOutcome::Contained), "death {at}");
    }
}

impl Sim<Town> {
    /// Begins the run, and lets it wait where it first waits for a clock.
    fn start_and_stop(&mut self) {
        self.engine.start(&beginning(RUN, Mode::Enforce), self.now).unwrap();
        assert!(self.settle().is_ok());
    }
}
