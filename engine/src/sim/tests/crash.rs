//! The process dies at every journal write and every adapter call, once and
//! twice in one run, and the world ends up the same.

use super::*;

/// A name, a direction, a body, and the odd answers of the world.
pub(super) type History = (&'static str, &'static str, String, Vec<(&'static str, Ending, bool)>);

/// Bodies and odd answers; each is run to its end under every single death, and
/// under every pair.
pub(super) fn histories() -> Vec<History> {
    let refused = || Ending::refused(ErrorKind::Denied, "no");
    let attempt = format!(
        "open.attempt failure, handler\n{SUSPEND}{END_SESSIONS}close.frame\njump after\n\
         handler:\nclose.frame\n{TELL}after:\n"
    );
    let wait = "wait hour, 3600000000\n";
    vec![
        ("plain", "hold", body(&[BLOCK, SUSPEND, TELL, CONTAINED]), vec![]),
        (
            "undone",
            "undo",
            body(&[BLOCK, SUSPEND, END_SESSIONS]),
            vec![("end_sessions", refused(), false)],
        ),
        ("held", "hold", body(&[BLOCK, END_SESSIONS]), vec![("end_sessions", refused(), false)]),
        (
            "recovered",
            "hold",
            body(&[BLOCK, &attempt, CONTAINED]),
            vec![("end_sessions", refused(), false)],
        ),
        ("waiting", "hold", body(&["ask found, s_ask\n", wait, BLOCK, TELL, CONTAINED]), vec![]),
        (
            "retried",
            "hold",
            body(&[BLOCK, CONTAINED]),
            vec![
                ("block", Ending::NotSent("nobody".into()), false),
                ("block", Ending::Unknown("lost".into()), true),
            ],
        ),
    ]
    .into_iter()
    .map(|(name, direction, code, odd)| {
        let code = if code.contains("finish") { code } else { code + CONTAINED };
        (name, direction, code, odd)
    })
    .collect()
}

pub(super) fn scene(direction: &str, code: &str, odd: &[(&str, Ending, bool)]) -> Sim<Town> {
    let mut sim = town(direction, code);
    for (verb, ending, takes_effect) in odd {
        sim.world.answers(verb, ending.clone(), *takes_effect);
    }
    sim
}

#[test]
fn one_death_anywhere_changes_nothing() {
    for (name, direction, code, odd) in histories() {
        let mut alive = scene(direction, &code, &odd);
        alive.enforce();
        let points = alive.points().to_vec();
        for (at, point) in points.iter().enumerate() {
            let mut sim = scene(direction, &code, &odd);
            sim.die_at([at]);
            sim.enforce();
            compare(&format!("{name}: death {at} ({point:?})"), &alive, &sim);
        }
    }
}

#[test]
fn two_deaths_anywhere_change_nothing() {
    for (name, direction, code, odd) in histories() {
        let mut alive = scene(direction, &code, &odd);
        alive.enforce();
        let points = alive.points().len();
        for first in 0..points {
            for second in first + 1..points + 4 {
                let mut sim = scene(direction, &code, &odd);
                sim.die_at([first, second]);
                sim.enforce();
                compare(&format!("{name}: deaths {first} and {second}"), &alive, &sim);
            }
        }
    }
}

/// Either the run came to the same end with the same world, or it waits for a
/// person because nobody can know what became of the one act that can neither
/// be proved nor taken back, or it failed because of such a lost answer.
fn compare(what: &str, alive: &Sim<Town>, sim: &Sim<Town>) {
    let lost = sim.run(RUN).effects.values().any(|effect| {
        let told = effect.error().is_some_and(|error| error.kind == ErrorKind::Timeout);
        let doubted = matches!(
            &sim.run(RUN).phase,
            Phase::Held { reason: crate::entry::HoldReason::InDoubt(_), .. }
        );
        told || doubted
    });
    if lost {
        // Whatever was begun is known: `check` has compared the records with the world.
        return;
    }
    assert_eq!(sim.outcome(), alive.outcome(), "{what}");
    assert_eq!(sim.is_held(), alive.is_held(), "{what}");
    assert_eq!(sim.world.blocked, alive.world.blocked, "{what}");
    assert_eq!(sim.world.suspended, alive.world.suspended, "{what}");
    let told: BTreeSet<_> = sim.world.told.iter().collect();
    let expected: BTreeSet<_> = alive.world.told.iter().collect();
    assert_eq!(told, expected, "{what}");
    // Nothing that can't be proved is repeated blindly.
    for verb in ["suspend", "end_sessions"] {
        assert!(sim.world.count(verb) <= 1, "{what}: {verb}");
    }
}

#[test]
fn a_death_while_a_person_undoes_changes_nothing() {
    let refused = Ending::refused(ErrorKind::Denied, "no");
    let odd = [("end_sessions", refused, false)];
    let code = body(&[BLOCK, SUSPEND, END_SESSIONS, CONTAINED]);
    for at in 0..24 {
        let mut sim = scene("hold", &code, &odd);
        sim.enforce();
        sim.die_at([at]);
        sim.release(Release::Undo);
        assert_eq!(sim.outcome(), Some(RunOutcome::RolledBack), "death {at}");
        assert!(!sim.is_blocked() && !sim.is_suspended(), "death {at}");
    }
}

#[test]
fn a_death_while_a_life_ends_changes_nothing() {
    for at in 0..10 {
        let mut sim = town("hold", &body(&[BLOCK, CONTAINED]));
        sim.enforce();
        sim.die_at([at]);
        sim.pass(Duration::from_secs(3_700));
        sim.check();
        assert!(!sim.is_blocked(), "death {at}");
    }
}
