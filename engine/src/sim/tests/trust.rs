//! Bundles that are withdrawn while their runs are under way, at every point; and what
//! trust forbids for a while.

use super::questions::{ASKED, approve, lead, yes};
use super::*;
use crate::command::{Purpose, Ticket};
use crate::entry::HoldReason;

const FAILS: &[&str] = &[BLOCK, SUSPEND, END_SESSIONS, CONTAINED];

impl Sim<Town> {
    fn withdraw(&mut self) {
        self.judge(|engine, now| engine.withdraw(BUNDLE, "E_REVOKED", now));
    }

    fn held_for(&self) -> String {
        match &self.run(RUN).phase {
            Phase::Held { reason: HoldReason::Bundle(code), .. } => code.to_string(),
            other => format!("{other:?}"),
        }
    }

    /// Begins the run, up to the moment when the world has done what `verb` says and
    /// has not answered yet.
    fn enforce_until(&mut self, verb: &str) -> (Ticket, Ending) {
        self.engine.start(&beginning(RUN, Mode::Enforce), self.now).unwrap();
        loop {
            let Step { entries, commands } = self.engine.take_step();
            let drafts = entries.iter().map(|entry| (entry.at, entry.run, entry.body.encode()));
            self.journal.extend(drafts);
            for Command { ticket, request, .. } in commands {
                let ending = self.world.invoke(&request);
                let is_it = request.call.action.ends_with(verb);
                if is_it && matches!(ticket.purpose, Purpose::Act | Purpose::Undo) {
                    return (ticket, ending);
                }
                self.engine.complete(ticket, ending, self.now);
            }
        }
    }
}

#[test]
fn no_run_of_a_withdrawn_bundle_does_anything() {
    let mut sim = town("undo", &body(&[BLOCK, CONTAINED]));
    sim.withdraw();
    sim.enforce();
    assert_eq!(sim.held_for(), "E_REVOKED");
    assert!(sim.world.calls.is_empty());
}

#[test]
fn an_answer_in_flight_is_taken_and_then_the_run_is_held() {
    let mut sim = town("undo", &body(FAILS));
    let (ticket, ending) = sim.enforce_until("block");
    sim.withdraw();
    assert!(!sim.is_held(), "the answer is not there yet");
    sim.engine.complete(ticket, ending, sim.now);
    sim.rest();
    sim.check();
    assert_eq!(sim.held_for(), "E_REVOKED");
    assert!(sim.is_blocked(), "what was contained stays contained");
    assert_eq!((sim.world.count("suspend"), sim.world.count("unblock")), (0, 0));
}

#[test]
fn what_it_did_is_undone_from_its_records_or_kept_when_a_person_says_so() {
    for (how, stays) in [(Release::Undo, false), (Release::Keep, true)] {
        let mut sim = town("hold", &body(FAILS));
        sim.world.answers("end_sessions", Ending::refused(ErrorKind::Denied, ""), false);
        sim.enforce();
        sim.withdraw();
        assert_eq!(sim.held_for(), "E_REVOKED");
        let answers = sim.engine().may_answer(RUN);
        assert_eq!(answers, [Release::Undo, Release::Keep], "nothing that needs its code");
        // A new process has not even got the code.
        sim.programs.clear();
        sim.recover();
        sim.release(how);
        assert_eq!((sim.is_blocked(), sim.is_suspended()), (stays, stays));
        assert!(sim.outcome().is_some());
    }
}

#[test]
fn an_unwinding_that_nobody_asked_for_stops_and_one_of_a_person_goes_on() {
    let mut sim = town("undo", &body(FAILS));
    sim.world.answers("end_sessions", Ending::refused(ErrorKind::Denied, ""), false);
    let (ticket, ending) = sim.enforce_until("restore");
    sim.withdraw();
    sim.engine.complete(ticket, ending, sim.now);
    sim.rest();
    sim.check();
    assert_eq!(sim.held_for(), "E_REVOKED");
    assert!(sim.is_blocked() && !sim.is_suspended(), "the undo in flight was the last");
    sim.release(Release::Undo);
    assert!(!sim.is_blocked());
    assert_eq!(sim.outcome(), Some(RunOutcome::RolledBack));
}

#[test]
fn an_undo_that_waits_to_be_tried_again_is_not() {
    let mut sim = town("undo", &body(FAILS));
    sim.world.answers("end_sessions", Ending::refused(ErrorKind::Denied, ""), false);
    sim.world.answers("restore", Ending::NotSent("nobody there".into()), false);
    let (ticket, ending) = sim.enforce_until("restore");
    sim.engine.complete(ticket, ending, sim.now);
    sim.withdraw();
    sim.check();
    assert_eq!(sim.held_for(), "E_REVOKED");
    assert_eq!(sim.world.count("restore"), 1);
    sim.release(Release::Undo);
    assert!(!sim.is_blocked() && !sim.is_suspended());
}

#[test]
fn lives_wait_until_the_bundle_may_be_used_again_or_a_person_says_so() {
    let mut sim = town("hold", &body(&[BLOCK, CONTAINED]));
    sim.enforce();
    sim.withdraw();
    sim.pass(Duration::from_secs(7_200));
    sim.check();
    assert!(sim.is_blocked());
    assert_eq!(sim.engine().next_wakeup(), None, "nothing to wake up for");
    assert_eq!(sim.rebuilt().withdrawn(RUN).map(ToString::to_string), Some("E_REVOKED".into()));
    let mut other = town("hold", &body(&[BLOCK, CONTAINED]));
    other.enforce();
    other.withdraw();
    other.verb(rollback(20)).unwrap();
    assert!(!other.is_blocked());
    sim.judge(|engine, now| engine.restore(BUNDLE, now));
    sim.check();
    assert!(!sim.is_blocked());
}

#[test]
fn a_withdrawal_is_one_whatever_dies() {
    let play = |deaths: &[usize]| {
        let mut sim = town("undo", &body(FAILS));
        sim.world.answers("end_sessions", Ending::refused(ErrorKind::Denied, ""), false);
        sim.die_at(deaths.iter().copied());
        sim.withdraw();
        sim.enforce();
        sim.release(Release::Undo);
        sim
    };
    let points = play(&[]).points().len();
    for at in 0..points {
        let sim = play(&[at]);
        assert_eq!(sim.outcome(), Some(RunOutcome::RolledBack), "{}", sim.history());
        assert!(sim.world.calls.is_empty());
    }
}

#[test]
fn what_is_restricted_is_only_what_is_destructive() {
    const ALL: &str = "do nothing, s_all\n";
    let restrict = |sim: &mut Sim<Town>| {
        sim.judge(|engine, now| engine.restrict(Some("E_FRESHNESS"), now));
    };
    let mut sim = town("hold", &body(&[BLOCK, SUSPEND, END_SESSIONS, CONTAINED]));
    restrict(&mut sim);
    sim.enforce();
    assert_eq!(sim.outcome(), Some(RunOutcome::Contained));
    let mut sim = town("hold", &body(&[ASKED, BLOCK, &approve("q_all", ALL), CONTAINED]));
    restrict(&mut sim);
    sim.enforce();
    sim.vote(yes(), lead("bea")).unwrap();
    let Phase::Held { reason: HoldReason::Error(error), .. } = &sim.run(RUN).phase else {
        panic!("{}", sim.history())
    };
    assert_eq!(&*error.text, "nothing destructive may be done: E_FRESHNESS");
    assert_eq!((sim.is_blocked(), sim.world.count("suspend_all")), (true, 0));
    // Set right, the run goes on where it stood.
    sim.judge(|engine, now| engine.restrict(None, now));
    sim.release(Release::Continue);
    assert_eq!((sim.outcome(), sim.world.count("suspend_all")), (Some(RunOutcome::Contained), 1));
}
