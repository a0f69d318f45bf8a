//! What a `keep` protects, and what it doesn't.

use super::*;

const OPEN: &str = "open.frame keep\n";
const CLOSE: &str = "close.frame\n";
const BENIGN: &str = "constant text, done\nfinish benign, text\n";

fn refused() -> Ending {
    Ending::refused(ErrorKind::Denied, "the directory says no")
}

#[test]
fn what_was_kept_stays_when_a_later_step_fails() {
    let mut sim = town("undo", &body(&[OPEN, BLOCK, CLOSE, SUSPEND, END_SESSIONS, CONTAINED]));
    sim.world.answers("end_sessions", refused(), false);
    sim.enforce();
    assert_eq!(sim.outcome(), Some(RunOutcome::RolledBack));
    assert!(sim.is_blocked() && !sim.is_suspended());
    // It stands on the run's rollback record, and an operator can take it back.
    sim.verb(rollback(20)).unwrap();
    assert!(!sim.is_blocked());
}

#[test]
fn an_attempt_around_a_keep_does_not_take_it_back() {
    let attempt = "open.attempt failure, failed\n";
    let end = "close.frame\njump end\nfailed:\nclose.frame\nend:\n";
    let parts = [attempt, OPEN, BLOCK, CLOSE, SUSPEND, END_SESSIONS, end, CONTAINED];
    let mut sim = town("undo", &body(&parts));
    sim.world.answers("end_sessions", refused(), false);
    sim.enforce();
    assert_eq!(sim.outcome(), Some(RunOutcome::Contained));
    assert!(sim.is_blocked() && !sim.is_suspended());
}

#[test]
fn a_failure_in_a_keep_undoes_what_that_keep_did() {
    let parts = [OPEN, BLOCK, CLOSE, OPEN, SUSPEND, END_SESSIONS, CLOSE, CONTAINED];
    let mut sim = town("undo", &body(&parts));
    sim.world.answers("end_sessions", refused(), false);
    sim.enforce();
    assert_eq!(sim.outcome(), Some(RunOutcome::RolledBack));
    assert!(sim.is_blocked(), "the keep before it was left");
    assert!(!sim.is_suspended(), "its own is not kept yet");
}

#[test]
fn a_false_alarm_leaves_what_stands_in_a_keep_that_was_left_or_is_open() {
    for parts in [[OPEN, BLOCK, CLOSE, SUSPEND, BENIGN].as_slice(), &[SUSPEND, OPEN, BLOCK, BENIGN]]
    {
        let mut sim = town("undo", &body(parts));
        sim.enforce();
        assert_eq!(sim.outcome(), Some(RunOutcome::Benign));
        assert!(sim.is_blocked() && !sim.is_suspended());
    }
}

#[test]
fn a_person_who_cancels_with_undo_takes_back_what_was_kept_too() {
    let mut sim = town("hold", &body(&[OPEN, BLOCK, CLOSE, SUSPEND, END_SESSIONS, CONTAINED]));
    sim.world.answers("end_sessions", refused(), false);
    sim.enforce();
    assert!(sim.is_held());
    sim.verb(Verb::Cancel { undo: true }).unwrap();
    assert!(!sim.is_blocked() && !sim.is_suspended());
}
