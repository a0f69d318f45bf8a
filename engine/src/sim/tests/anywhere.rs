//! People speak and lives end at every point of a run: while an answer is awaited,
//! before and after each write, while it unwinds, and with a death close behind.

use super::crash::{histories, scene};
use super::*;

const STORE: RunId = RunId([0; 16]);

fn say(run: RunId, verb: Verb) -> Interruption {
    let by = Said { key: KeyId([5; 32]), message: Digest([99; 32]) };
    Interruption::Say(Box::new(Message { run, verb, by, owner: "ann".into() }))
}

/// What can happen, whatever the run is doing.
fn interruptions() -> Vec<(&'static str, Interruption)> {
    let halt = || Verb::Halt { reason: "stop".into() };
    vec![
        ("cancel --undo", say(RUN, Verb::Cancel { undo: true })),
        ("cancel --keep", say(RUN, Verb::Cancel { undo: false })),
        ("halt", say(RUN, halt())),
        ("halt --all", say(STORE, halt())),
        ("release undo", say(RUN, Verb::Release(Release::Undo))),
        ("rollback", say(RUN, rollback(20))),
        ("its life ends", Interruption::Pass(Duration::from_secs(3_700))),
    ]
}

/// Plays each history with each interruption at each point, and perhaps a death so
/// many points later.
fn everywhere(death: Option<usize>, check: impl Fn(&str, &Sim<Town>)) {
    for (name, direction, code, odd) in histories() {
        let mut alive = scene(direction, &code, &odd);
        alive.enforce();
        for at in 0..alive.points().len() {
            for (word, interruption) in interruptions() {
                let mut sim = scene(direction, &code, &odd);
                sim.interrupt_at(at, interruption);
                sim.die_at(death.map(|later| at + later));
                if let Err(error) = sim.start(&beginning(RUN, Mode::Enforce)) {
                    // It was said before the run began.
                    assert!(matches!(error, StartError::Halted(_)), "{name}, {word}: {error:?}");
                    sim.rest();
                    continue;
                }
                let what = format!("{name}: {word} at {at}, death {death:?}");
                sim.check_story();
                check(&what, &sim);
                sim.outlive();
            }
        }
    }
}

#[test]
fn whatever_is_said_at_any_point_nothing_is_lost() {
    everywhere(None, |what, sim| {
        if !what.contains("cancel") {
            return;
        }
        let heard = sim.entries().iter().any(|entry| matches!(entry.body, Body::Cancelled { .. }));
        let undone = what.contains("--undo") && heard;
        assert!(!undone || !sim.is_blocked() && !sim.is_suspended(), "{what}");
        assert!(!heard || sim.outcome() == Some(RunOutcome::Cancelled), "{what}");
    });
}

#[test]
fn a_death_close_behind_loses_nothing_either() {
    for later in [0, 2] {
        everywhere(Some(later), |_, _| {});
    }
}
