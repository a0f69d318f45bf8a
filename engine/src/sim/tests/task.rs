//! Tasks: their effects stand in a frame of their own, and are undone with it.

use rye_core::effect::StepKind;

use super::*;

const DO: &str = "open.frame task\ncall nothing, cut, [address]\nclose.frame\n";

/// A body that does a task, and the task: it blocks, then ends the sessions.
fn code(parts: &[&str]) -> String {
    let task = "}
function cut \"cut\" task (address: address) -> unit registers (nothing: unit, yes: bool,
    text: text, user: account, hour: duration) {
";
    let rest = [BLOCK, END_SESSIONS, "return nothing"];
    [&body(parts), task, LOAD, &rest.concat()].concat()
}

fn refuse(sim: &mut Sim<Town>) {
    sim.world.answers("end_sessions", Ending::refused(ErrorKind::Denied, "no"), false);
}

#[test]
fn what_a_task_does_stands_in_its_own_frame() {
    let mut sim = town("hold", &code(&[DO, DO, CONTAINED]));
    sim.enforce();
    assert_eq!(sim.outcome(), Some(RunOutcome::Contained));
    let acts: Vec<_> = sim.run(RUN).acts().map(|(_, effect, _)| &effect.place.position).collect();
    assert_eq!(acts.len(), 4);
    let frames: BTreeSet<u32> = acts.iter().map(|position| position.0[0].ordinal).collect();
    assert_eq!(frames, BTreeSet::from([0, 1]), "a frame for each time");
    assert!(acts.iter().all(|position| position.0[0].kind == StepKind::Task));
}

#[test]
fn a_failure_in_a_task_goes_outwards_as_any_other() {
    let mut sim = town("undo", &code(&[SUSPEND, DO, CONTAINED]));
    refuse(&mut sim);
    sim.enforce();
    assert_eq!(sim.outcome(), Some(RunOutcome::RolledBack));
    assert!(!sim.is_blocked() && !sim.is_suspended());

    let mut sim = town("hold", &code(&[SUSPEND, DO, CONTAINED]));
    refuse(&mut sim);
    sim.enforce();
    assert!(sim.is_held() && sim.is_blocked() && sim.is_suspended());
    sim.release(Release::Continue);
    assert_eq!(sim.outcome(), Some(RunOutcome::Contained), "it goes on inside of the task");
}

#[test]
fn an_attempt_around_a_task_undoes_what_the_task_did() {
    let attempt = "open.attempt failure, failed\n";
    let end = "close.frame\njump end\nfailed:\nclose.frame\nend:\n";
    let mut sim = town("hold", &code(&[SUSPEND, attempt, DO, end, CONTAINED]));
    refuse(&mut sim);
    sim.enforce();
    assert_eq!(sim.outcome(), Some(RunOutcome::Contained));
    assert!(!sim.is_blocked() && sim.is_suspended());
}

#[test]
fn a_crash_inside_of_a_task_does_nothing_twice() {
    for at in 0..40 {
        let mut sim = town("hold", &code(&[SUSPEND, DO, CONTAINED]));
        sim.die_at([at]);
        sim.enforce();
        sim.check();
        if sim.is_held() {
            // An effect in doubt that nothing proves and nobody may repeat.
            continue;
        }
        assert_eq!(sim.outcome(), Some(RunOutcome::Contained), "dead at {at}");
        assert!(sim.is_blocked());
    }
}
