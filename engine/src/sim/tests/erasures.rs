//! Erasing what is known of a run: only when nobody needs it any more, and then the run
//! is as if it had never been.

use super::*;

/// Says that all that is known of [`RUN`] is to be erased. Afterwards the world remembers
/// calls of a run that nobody knows any more.
fn erase(sim: &mut Sim<Town>, number: u8) -> Result<(), String> {
    let by = Said { key: KeyId([5; 32]), message: Digest([number; 32]) };
    let verb = Verb::Erase { reason: "the law".into() };
    sim.say(&Message { run: RUN, verb, by, owner: "ann".into() })
}

#[test]
fn a_run_is_erased_when_it_is_over_and_holds_nothing() {
    let mut sim = town("hold", &body(&[BLOCK, END_SESSIONS, CONTAINED]));
    sim.world.answers("end_sessions", Ending::refused(ErrorKind::Denied, ""), false);
    sim.enforce();
    let why = erase(&mut sim, 201).unwrap_err();
    assert!(why.contains("is not over; `cancel` ends it"), "{why}");
    sim.release(Release::Keep);
    let why = erase(&mut sim, 202).unwrap_err();
    assert!(why.contains("still holds something"), "{why}");
    let rollback = RunId([77; 16]);
    sim.verb_of("ann", RUN, Verb::Rollback { as_run: rollback, effects: Vec::new() }).unwrap();
    assert!(!sim.is_blocked());
    erase(&mut sim, 203).unwrap();
    assert!(sim.engine().runs().is_empty(), "its rollback is forgotten too");
    let erasure = sim.engine().erasures().of(rollback).unwrap();
    assert_eq!((&*erasure.owner, &*erasure.reason, erasure.done), ("ann", "the law", false));
    let why = erase(&mut sim, 204).unwrap_err();
    assert!(why.contains("was erased"), "{why}");
    assert_eq!(sim.engine().erasures().unfinished().count(), 1);
    let now = sim.now;
    sim.engine.erased(RUN, now);
    sim.rest();
    assert_eq!(sim.engine().erasures().unfinished().count(), 0);
}

#[test]
fn what_others_need_for_their_undo_is_not_erased() {
    let mut sim = town("hold", &body(&[BLOCK, CONTAINED]));
    sim.enforce();
    let other = RunId([9; 16]);
    sim.start(&beginning(other, Mode::Enforce)).unwrap();
    let rollback = Verb::Rollback { as_run: RunId([77; 16]), effects: Vec::new() };
    sim.verb_of("ann", RUN, rollback).unwrap();
    assert!(sim.is_blocked(), "the other run holds it");
    let why = erase(&mut sim, 205).unwrap_err();
    assert!(why.contains("undoing that needs its record"), "{why}");
    let rollback = Verb::Rollback { as_run: RunId([78; 16]), effects: Vec::new() };
    sim.verb_of("ann", other, rollback).unwrap();
    assert!(!sim.is_blocked());
    erase(&mut sim, 206).unwrap();
    assert!(sim.engine().runs().contains_key(&other), "and nothing else is forgotten");
}
