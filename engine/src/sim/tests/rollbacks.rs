//! Taking back a part of what a run did: single effects, by a rollback or before
//! their time; and longer lives.

use super::*;

const OTHER: RunId = RunId([9; 16]);

fn both() -> Sim<Town> {
    let mut sim = town("hold", &body(&[BLOCK, SUSPEND, CONTAINED]));
    sim.enforce();
    sim
}

fn part(number: u8, effects: Vec<EffectId>) -> Verb {
    Verb::Rollback { as_run: RunId([number; 16]), effects }
}

#[test]
fn a_part_is_rolled_back_by_a_run_of_its_own_and_the_rest_later() {
    let mut sim = both();
    let block = sim.effect_of(".block");
    sim.verb(part(20, vec![block])).unwrap();
    assert!(!sim.is_blocked() && sim.is_suspended());
    assert!(matches!(sim.run(RunId([20; 16])).phase, Phase::Ended { .. }));
    let refused = sim.verb(part(21, vec![block])).unwrap_err();
    assert!(refused.contains("none of these"), "{refused}");
    sim.verb(rollback(22)).unwrap();
    assert!(!sim.is_suspended());
    assert_eq!(sim.world.count("unblock"), 1, "what is undone is skipped");
}

#[test]
fn what_is_no_effect_of_the_run_is_refused_and_nothing_is_undone() {
    let mut sim = both();
    let effects = vec![sim.effect_of(".block"), EffectId([1; 16])];
    assert!(sim.verb(part(20, effects)).unwrap_err().contains("no effect"));
    assert!(sim.is_blocked());
}

#[test]
fn two_rollbacks_of_one_run_are_one() {
    let mut sim = both();
    sim.world.answers("restore", Ending::NotSent("nobody there".into()), false);
    let by = |number| Said { key: KeyId([5; 32]), message: Digest([number; 32]) };
    let say = |verb, number| Message { run: RUN, verb, by: by(number), owner: "ann".into() };
    sim.engine.say(&say(rollback(20), 90), sim.now).unwrap();
    assert!(sim.settle().is_ok());
    let second = sim.engine.say(&say(rollback(21), 91), sim.now).unwrap_err();
    assert!(second.contains(&RunId([20; 16]).to_string()), "{second}");
    sim.rest();
    sim.check();
    assert!(!sim.is_blocked() && !sim.is_suspended());
}

#[test]
fn a_death_while_a_part_is_rolled_back_changes_nothing() {
    for at in 0..10 {
        let mut sim = both();
        let suspend = sim.effect_of("suspend");
        sim.die_at([at]);
        sim.verb(part(20, vec![suspend])).unwrap();
        assert!(sim.is_blocked() && !sim.is_suspended(), "death {at}");
        assert!(matches!(sim.run(RunId([20; 16])).phase, Phase::Ended { .. }), "death {at}");
    }
}

#[test]
fn a_life_is_renewed_from_now_on() {
    let mut sim = both();
    let effect = sim.effect_of(".block");
    sim.pass(Duration::from_secs(3_000));
    sim.verb(Verb::Renew { effect, span: Duration::from_secs(3_600) }).unwrap();
    sim.pass(Duration::from_secs(3_500));
    assert!(sim.is_blocked(), "longer than it would have lived");
    sim.pass(Duration::from_secs(200));
    assert!(!sim.is_blocked());
    assert_eq!(sim.world.count("unblock"), 1);
    assert!(sim.verb(Verb::Renew { effect, span: Duration::from_secs(3_600) }).is_err());
}

#[test]
fn a_life_is_not_shortened_by_renewing_and_not_endless() {
    let mut sim = both();
    let effect = sim.effect_of(".block");
    let renew = |seconds| Verb::Renew { effect, span: Duration::from_secs(seconds) };
    assert!(sim.verb(renew(60)).unwrap_err().contains("let-go"));
    assert!(sim.verb(renew(0)).is_err());
    assert!(sim.verb(renew(32 * 86_400)).unwrap_err().contains("at most"));
    let suspend = sim.effect_of("suspend");
    let refused = sim.verb(Verb::Renew { effect: suspend, span: Duration::from_secs(60) });
    assert!(refused.unwrap_err().contains("no clock"));
}

#[test]
fn a_person_lets_go_of_one_effect_before_its_time() {
    for verb in [".block", "suspend"] {
        let mut sim = both();
        let effect = sim.effect_of(verb);
        sim.verb(Verb::LetGo { effect }).unwrap();
        assert_eq!((sim.is_blocked(), sim.is_suspended()), (verb != ".block", verb == ".block"));
        assert!(sim.verb(Verb::LetGo { effect }).is_err());
        sim.verb(rollback(20)).unwrap();
        assert!(!sim.is_blocked() && !sim.is_suspended());
        assert_eq!(sim.world.count("unblock") + sim.world.count("restore"), 2);
    }
}

#[test]
fn a_person_lets_go_while_the_run_is_held_and_it_unwinds_the_rest() {
    let mut sim = town("hold", &body(&[BLOCK, SUSPEND, END_SESSIONS, CONTAINED]));
    sim.world.answers("end_sessions", Ending::refused(ErrorKind::Denied, ""), false);
    sim.enforce();
    sim.verb(Verb::LetGo { effect: sim.effect_of(".block") }).unwrap();
    assert!(!sim.is_blocked() && sim.is_suspended() && sim.is_held());
    sim.release(Release::Undo);
    assert_eq!(sim.world.count("unblock"), 1);
    assert!(!sim.is_suspended());
}

#[test]
fn a_death_while_a_person_lets_go_changes_nothing() {
    for at in 0..10 {
        let mut sim = both();
        let effect = sim.effect_of("suspend");
        sim.die_at([at]);
        sim.verb(Verb::LetGo { effect }).unwrap();
        assert!(!sim.is_suspended() && sim.is_blocked(), "death {at}");
    }
}

#[test]
fn letting_go_while_halted_waits_for_the_end_of_the_halt() {
    let mut sim = both();
    sim.halt(RunId::default());
    sim.verb(Verb::LetGo { effect: sim.effect_of("suspend") }).unwrap();
    assert!(sim.is_suspended());
    sim.resume(RunId::default());
    assert!(!sim.is_suspended());
}

#[test]
fn what_is_stuck_is_tried_again_when_a_person_lets_go() {
    let mut sim = both();
    sim.world.answers("restore", Ending::refused(ErrorKind::Denied, "no"), false);
    let effect = sim.effect_of("suspend");
    sim.verb(Verb::LetGo { effect }).unwrap();
    let stuck = |sim: &Sim<Town>| {
        sim.run(RUN).records().any(|(.., act)| matches!(act.record, RecordState::Stuck { .. }))
    };
    assert!(sim.is_suspended() && stuck(&sim));
    sim.verb(Verb::LetGo { effect }).unwrap();
    assert!(!sim.is_suspended() && !stuck(&sim));
}

/// Abuse case 30, `compensation_conflict`: two runs hold one thing, one of them is
/// undone.
#[test]
fn compensation_conflict() {
    let mut sim = town("hold", &body(&[BLOCK, END_SESSIONS, CONTAINED]));
    sim.world.answers("end_sessions", Ending::refused(ErrorKind::Denied, ""), false);
    sim.enforce();
    sim.start(&beginning(OTHER, Mode::Enforce)).unwrap();
    assert!(sim.is_held());
    sim.verb(Verb::Cancel { undo: true }).unwrap();
    assert!(sim.is_blocked(), "the other run holds it");
    assert_eq!(sim.world.count("unblock"), 0);
    sim.verb_to(OTHER, rollback(20)).unwrap();
    assert!(!sim.is_blocked());
    assert_eq!(sim.world.count("unblock"), 1);
}

/// A patient undo of one effect keeps no other from ending.
#[test]
fn an_undo_that_is_tried_again_delays_no_other() {
    let mut sim = both();
    for _ in 0..3 {
        sim.world.answers("restore", Ending::NotSent("nobody there".into()), false);
    }
    let by = |number| Said { key: KeyId([5; 32]), message: Digest([number; 32]) };
    for (verb, number) in [("suspend", 90), (".block", 91)] {
        let verb = Verb::LetGo { effect: sim.effect_of(verb) };
        let message = Message { run: RUN, verb, by: by(number), owner: "ann".into() };
        sim.engine.say(&message, sim.now).unwrap();
    }
    assert!(sim.settle().is_ok());
    assert!(!sim.is_blocked() && sim.is_suspended());
    for _ in 0..3 {
        sim.pass(Duration::from_secs(60));
    }
    sim.check();
    assert!(!sim.is_suspended());
}

#[test]
fn no_clock_ends_the_effects_of_a_revoked_bundle_and_a_person_does() {
    let mut sim = both();
    sim.engine.withdraw(BUNDLE, "E_REVOKED", sim.now);
    sim.pass(Duration::from_secs(7_200));
    assert!(sim.is_blocked());
    let run = sim.run(RUN);
    assert_eq!(sim.engine().lives_wait(run), Some("its bundle may be used no longer"));
    sim.verb(Verb::LetGo { effect: sim.effect_of(".block") }).unwrap();
    assert!(!sim.is_blocked());
}
