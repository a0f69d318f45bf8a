//! What an error does: undo, hold, recover, and what people answer.

use super::*;

const REFUSED: &str = "the directory says no";

fn refused() -> Ending {
    Ending::refused(ErrorKind::Denied, REFUSED)
}

#[test]
fn on_failure_undo_takes_back_all_that_was_done_last_first() {
    let mut sim = town("undo", &body(&[BLOCK, SUSPEND, END_SESSIONS, CONTAINED]));
    sim.world.answers("end_sessions", refused(), false);
    sim.enforce();
    assert_eq!(sim.outcome(), Some(RunOutcome::RolledBack));
    assert!(!sim.is_blocked() && !sim.is_suspended());
    let order: Vec<_> = sim
        .world
        .calls
        .iter()
        .map(|(verb, _)| verb.as_str())
        .filter(|verb| verb.contains("re") || verb.contains("un"))
        .collect();
    assert_eq!(order, ["restore", "unblock"]);
}

#[test]
fn a_playbook_that_never_meets_the_world_fails_as_one_that_undoes() {
    let mut sim = town("inherit", &body(&["fail text\n"]));
    sim.enforce();
    assert_eq!(sim.outcome(), Some(RunOutcome::RolledBack));
}

#[test]
fn on_failure_hold_keeps_everything_and_asks() {
    let mut sim = town("hold", &body(&[BLOCK, SUSPEND, END_SESSIONS, CONTAINED]));
    sim.world.answers("end_sessions", refused(), false);
    sim.enforce();
    assert!(sim.is_held() && sim.is_blocked() && sim.is_suspended());
    assert_eq!(sim.engine().may_answer(RUN), [Release::Continue, Release::Undo, Release::Keep]);
}

#[test]
fn a_held_run_that_continues_tries_the_failed_effect_again_under_its_id() {
    let mut sim = town("hold", &body(&[BLOCK, SUSPEND, END_SESSIONS, CONTAINED]));
    sim.world.answers("end_sessions", refused(), false);
    sim.enforce();
    sim.release(Release::Continue);
    assert_eq!(sim.outcome(), Some(RunOutcome::Contained));
    let keys: BTreeSet<_> =
        sim.world.calls.iter().filter(|(verb, _)| verb == "end_sessions").collect();
    assert_eq!((sim.world.count("end_sessions"), keys.len()), (2, 1));
    assert_eq!(sim.world.count("block"), 1, "what was done is not done again");
}

#[test]
fn a_held_run_is_undone_or_kept_as_a_person_says() {
    for (how, outcome, blocked) in [
        (Release::Undo, RunOutcome::RolledBack, false),
        (Release::Keep, RunOutcome::Escalated, true),
    ] {
        let mut sim = town("hold", &body(&[BLOCK, SUSPEND, END_SESSIONS, CONTAINED]));
        sim.world.answers("end_sessions", refused(), false);
        sim.enforce();
        sim.release(how);
        assert_eq!(sim.outcome(), Some(outcome), "{how:?}");
        assert_eq!((sim.is_blocked(), sim.is_suspended()), (blocked, blocked), "{how:?}");
    }
}

#[test]
fn an_attempt_undoes_what_it_did_and_recovers() {
    let attempt = format!(
        "open.attempt failure, handler\n{SUSPEND}{END_SESSIONS}close.frame\njump after\n\
         handler:\nclose.frame\nafter:\n"
    );
    let mut sim = town("hold", &body(&[BLOCK, &attempt, CONTAINED]));
    sim.world.answers("end_sessions", refused(), false);
    sim.enforce();
    assert_eq!(sim.outcome(), Some(RunOutcome::Contained));
    assert!(sim.is_blocked(), "what stands outside of the attempt stays");
    assert!(!sim.is_suspended(), "what the attempt did is undone");
}

#[test]
fn a_stage_that_holds_inside_a_playbook_that_undoes_holds_first() {
    let stage = format!("open.stage contain, hold\n{SUSPEND}{END_SESSIONS}close.frame\n");
    let mut sim = town("undo", &body(&[BLOCK, &stage, CONTAINED]));
    sim.world.answers("end_sessions", refused(), false);
    sim.enforce();
    assert!(sim.is_held() && sim.is_suspended() && sim.is_blocked());
    sim.release(Release::Undo);
    assert_eq!(sim.outcome(), Some(RunOutcome::RolledBack));
    assert!(!sim.is_suspended() && !sim.is_blocked());
}

#[test]
fn a_guardrail_holds_whatever_the_playbook_says_and_can_be_recovered() {
    let protect = || {
        let network = rye_core::value::Cidr::parse("203.0.113.0/24").unwrap();
        Protected::new(vec![(crate::guardrail::Guarded::Network(network), "ours".into())])
    };
    let mut sim = town_with("undo", &body(&[SUSPEND, BLOCK, CONTAINED]), protect());
    sim.enforce();
    assert!(sim.is_held() && sim.is_suspended(), "a refusal undoes nothing");
    assert_eq!(sim.world.count("block"), 0);
    let attempt = format!(
        "open.attempt failure, handler\n{BLOCK}close.frame\njump after\nhandler:\nclose.frame\nafter:\n"
    );
    let mut sim = town_with("undo", &body(&[&attempt, CONTAINED]), protect());
    sim.enforce();
    assert_eq!(sim.outcome(), Some(RunOutcome::Contained));
    assert_eq!(sim.world.count("block"), 0);
}

#[test]
fn an_undo_that_fails_for_good_leaves_the_run_stuck_and_the_rest_undone() {
    let mut sim = town("undo", &body(&[BLOCK, SUSPEND, END_SESSIONS, CONTAINED]));
    sim.world.answers("end_sessions", refused(), false);
    sim.world.answers("restore", refused(), false);
    sim.enforce();
    assert_eq!(sim.outcome(), Some(RunOutcome::Stuck));
    assert!(sim.is_suspended() && !sim.is_blocked());
    // A rollback tries again what is stuck.
    sim.verb(rollback(8)).unwrap();
    assert!(!sim.is_suspended());
}

#[test]
fn an_undo_that_finds_nobody_is_tried_for_a_while() {
    let mut sim = town("undo", &body(&[BLOCK, SUSPEND, END_SESSIONS, CONTAINED]));
    sim.world.answers("end_sessions", refused(), false);
    for _ in 0..6 {
        sim.world.answers("restore", Ending::NotSent("nobody there".into()), false);
    }
    sim.enforce();
    assert_eq!(sim.outcome(), Some(RunOutcome::RolledBack));
    assert_eq!(sim.world.count("restore"), 7);
    assert!(!sim.is_suspended());
}

#[test]
fn what_others_changed_is_left_alone() {
    let mut sim = town("hold", &body(&[BLOCK, END_SESSIONS, CONTAINED]));
    sim.world.answers("end_sessions", refused(), false);
    sim.enforce();
    sim.world.blocked.clear();
    sim.release(Release::Undo);
    assert_eq!(sim.outcome(), Some(RunOutcome::RolledBack));
    assert_eq!(sim.world.count("unblock"), 0);
}
