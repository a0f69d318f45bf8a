//! Effects that end by the clock.

use super::*;

#[test]
fn a_life_ends_after_the_run_and_once() {
    let mut sim = town("hold", &body(&[BLOCK, CONTAINED]));
    sim.enforce();
    sim.pass(Duration::from_secs(3_500));
    assert!(sim.is_blocked());
    sim.pass(Duration::from_secs(200));
    sim.check();
    assert!(!sim.is_blocked());
    assert_eq!(sim.world.count("unblock"), 1);
    sim.pass(Duration::from_secs(7_200));
    assert_eq!(sim.world.count("unblock"), 1);
}

#[test]
fn a_life_ends_while_the_run_is_held() {
    let mut sim = town("hold", &body(&[BLOCK, END_SESSIONS, CONTAINED]));
    sim.world.answers("end_sessions", Ending::refused(ErrorKind::Denied, ""), false);
    sim.enforce();
    assert!(sim.is_held());
    sim.pass(Duration::from_secs(3_700));
    assert!(!sim.is_blocked());
    sim.release(Release::Undo);
    assert_eq!(sim.world.count("unblock"), 1);
}

#[test]
fn turning_the_clock_forward_frees_nobody() {
    let mut sim = town("hold", &body(&[BLOCK, CONTAINED]));
    sim.enforce();
    sim.now.wall = sim.now.wall.saturating_add(Duration::from_secs(86_400));
    sim.pass(Duration::from_secs(1));
    assert!(sim.is_blocked());
}

#[test]
fn a_deadline_that_passes_holds_and_undoes_nothing() {
    let wait = "wait hour, 3600000000\n";
    let mut sim = town("undo", &body(&[SUSPEND, wait, END_SESSIONS, CONTAINED]));
    // Nobody is there for three hours, from somewhere in the wait on.
    sim.downtime = Duration::from_secs(3 * 3_600);
    sim.die_at([5]);
    sim.enforce();
    assert!(sim.is_held() && sim.is_suspended());
    assert_eq!(sim.world.count("end_sessions"), 0);
    assert_eq!(sim.engine().may_answer(RUN), [Release::Undo, Release::Keep]);
    sim.release(Release::Undo);
    assert_eq!(sim.outcome(), Some(RunOutcome::RolledBack));
    assert!(!sim.is_suspended());
}

#[test]
fn a_wait_lasts_as_long_as_it_says() {
    let mut sim = town("hold", &body(&["wait hour, 3600000000\n", BLOCK, CONTAINED]));
    let before = sim.now;
    sim.enforce();
    assert!(sim.now.has_passed(before, Duration::from_secs(3_600)));
    assert_eq!(sim.outcome(), Some(RunOutcome::Contained));
}

#[test]
fn a_clock_that_is_turned_back_delays_no_retry() {
    let mut sim = town("hold", &body(&[BLOCK, CONTAINED]));
    sim.world.answers("block", Ending::NotSent("nobody".into()), false);
    sim.engine.start(&beginning(RUN, Mode::Enforce), sim.now).unwrap();
    assert!(sim.settle().is_ok());
    sim.now.wall = sim.now.wall.saturating_add(Duration(-86_400_000_000));
    sim.pass(Duration::from_secs(2));
    assert_eq!(sim.outcome(), Some(RunOutcome::Contained));
}

#[test]
fn a_run_that_waits_long_keeps_no_machine() {
    let mut sim =
        town("hold", &body(&["ask found, s_ask\n", "wait hour, 3600000000\n", BLOCK, CONTAINED]));
    sim.engine.start(&beginning(RUN, Mode::Enforce), sim.now).unwrap();
    assert!(sim.settle().is_ok());
    assert!(matches!(sim.engine().waits_for(RUN), Some(WaitsFor::Clock(_))));
    assert!(!sim.engine().has_machine(RUN));
    sim.rest();
    assert_eq!(sim.outcome(), Some(RunOutcome::Contained));
    assert_eq!(sim.world.count("is_blocked"), 2, "what was answered is not asked again");
}
