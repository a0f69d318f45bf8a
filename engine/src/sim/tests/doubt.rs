//! Attempts that find nobody, and attempts whose end nobody knows.

use super::*;

fn lost() -> Ending {
    Ending::Unknown("the line went dead".into())
}

fn nobody() -> Ending {
    Ending::NotSent("nobody there".into())
}

#[test]
fn an_attempt_that_was_not_sent_is_made_again_as_declared() {
    let mut sim = town("hold", &body(&[BLOCK, CONTAINED]));
    for _ in 0..3 {
        sim.world.answers("block", nobody(), false);
    }
    sim.enforce();
    assert_eq!(sim.outcome(), Some(RunOutcome::Contained));
    assert_eq!(sim.world.count("block"), 4);
    assert!(sim.is_blocked());
}

#[test]
fn when_no_attempt_is_left_the_error_is_unavailable() {
    let mut sim = town("undo", &body(&[SUSPEND, BLOCK, CONTAINED]));
    for _ in 0..4 {
        sim.world.answers("block", nobody(), false);
    }
    sim.enforce();
    assert_eq!(sim.outcome(), Some(RunOutcome::RolledBack));
    assert_eq!(sim.world.count("block"), 4);
    assert!(!sim.is_suspended());
}

#[test]
fn a_lost_answer_is_settled_by_the_proof() {
    for (takes_effect, blocks) in [(true, 1), (false, 2)] {
        let mut sim = town("hold", &body(&[BLOCK, CONTAINED]));
        sim.world.answers("block", lost(), takes_effect);
        sim.enforce();
        assert_eq!(sim.outcome(), Some(RunOutcome::Contained));
        assert_eq!(sim.world.count("block"), blocks, "took effect: {takes_effect}");
        assert!(sim.is_blocked());
    }
}

#[test]
fn a_lost_answer_without_a_proof_is_an_error_and_is_taken_back() {
    for takes_effect in [true, false] {
        let mut sim = town("undo", &body(&[BLOCK, SUSPEND, CONTAINED]));
        sim.world.answers("suspend", lost(), takes_effect);
        sim.enforce();
        assert_eq!(sim.outcome(), Some(RunOutcome::RolledBack));
        assert_eq!((sim.world.count("suspend"), sim.world.count("restore")), (1, 1));
        assert!(!sim.is_suspended() && !sim.is_blocked());
    }
}

#[test]
fn what_can_neither_be_proved_nor_taken_back_is_for_a_person() {
    for (done, ended) in [(true, Some(RunOutcome::Contained)), (false, None)] {
        let mut sim = town("hold", &body(&[BLOCK, END_SESSIONS, CONTAINED]));
        sim.world.answers("end_sessions", lost(), true);
        sim.enforce();
        assert!(sim.is_held());
        let effect = doubted(&sim);
        assert!(sim.verb(Verb::Release(Release::Continue)).is_err(), "nothing to try again");
        sim.verb(Verb::Settle { effect, done }).unwrap();
        assert_eq!(sim.outcome(), ended);
        assert_eq!(sim.is_held(), !done, "not done is an error, and the playbook holds");
        assert_eq!(sim.world.count("end_sessions"), 1, "it is not repeated blindly");
    }
}

fn doubted(sim: &Sim<Town>) -> EffectId {
    match &sim.run(RUN).phase {
        Phase::Held { reason: crate::entry::HoldReason::InDoubt(effect), .. } => *effect,
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_effect_that_must_be_shown_and_is_not_is_unverified() {
    let mut sim = town("hold", &body(&[&verified(), CONTAINED]));
    for _ in 0..30 {
        sim.world.answers("is_blocked", Ending::Done(Value::Bool(false)), false);
    }
    sim.enforce();
    assert!(sim.is_held());
    let error = sim.run(RUN).effects.values().find_map(|effect| effect.error());
    assert_eq!(error.map(|error| error.kind), Some(ErrorKind::Unverified));
    assert!(sim.is_blocked(), "and it stays, as the playbook says");
}

#[test]
fn an_effect_that_is_shown_late_is_verified() {
    let mut sim = town("hold", &body(&[&verified(), CONTAINED]));
    for _ in 0..4 {
        sim.world.answers("is_blocked", Ending::Done(Value::Bool(false)), false);
    }
    sim.enforce();
    assert_eq!(sim.outcome(), Some(RunOutcome::Contained));
    assert_eq!(sim.world.count("block"), 1);
}

#[test]
fn a_deadline_that_passes_between_two_looks_wakes_nobody_until_the_next() {
    let mut alive = town("hold", &body(&[&verified(), CONTAINED]));
    let hidden = |sim: &mut Sim<Town>| {
        for _ in 0..4 {
            sim.world.answers("is_blocked", Ending::Done(Value::Bool(false)), false);
        }
    };
    hidden(&mut alive);
    alive.enforce();
    for at in 0..alive.points().len() {
        let mut sim = town("hold", &body(&[&verified(), CONTAINED]));
        hidden(&mut sim);
        sim.interrupt_at(at, Interruption::Pass(Duration::from_secs(3 * 3_600)));
        // It comes to rest without being woken for nothing. The world lies: nothing is checked.
        sim.start(&beginning(RUN, Mode::Enforce)).unwrap();
        assert!(sim.world.count("block") <= 1, "point {at}");
    }
}

fn verified() -> String {
    BLOCK.replace("s_block", "s_verified")
}

#[test]
fn a_query_that_fails_is_asked_again_and_then_fails() {
    let ask = "ask found, s_ask\n";
    let mut sim = town("hold", &body(&[ask, CONTAINED]));
    sim.world.answers("is_blocked", nobody(), false);
    sim.enforce();
    assert_eq!(sim.outcome(), Some(RunOutcome::Contained));
    let mut sim = town("hold", &body(&[ask, CONTAINED]));
    sim.world.answers("is_blocked", lost(), false);
    sim.world.answers("is_blocked", lost(), false);
    sim.enforce();
    assert!(sim.is_held());
}

#[test]
fn an_answer_that_is_not_of_the_declared_type_is_rejected() {
    let mut sim = town("hold", &body(&["ask found, s_ask\n", CONTAINED]));
    sim.world.answers("is_blocked", Ending::Done(Value::text("yes")), false);
    sim.enforce();
    assert!(sim.is_held());
}

/// Why the run is held, as `ryectl` and the operators' notice say it.
fn why_held(sim: &Sim<Town>) -> String {
    let Phase::Held { reason, .. } = &sim.run(RUN).phase else { panic!("{}", sim.history()) };
    let why = sim.engine().why_held(RUN, reason);
    let notice = sim.world.alerted.last().map(|(text, _)| text.clone()).unwrap_or_default();
    assert!(notice.contains(&why), "{notice} does not say {why}");
    why
}

#[test]
fn a_hold_says_what_the_last_attempt_and_the_world_said() {
    for (shows, why) in [
        (None, "unavailable: it did not take effect (it was said: the line went dead)"),
        (
            Some(Ending::Done(Value::text("yes"))),
            "timeout: it is not known whether it took effect (it was said: the line went dead; \
             std.firewall.is_blocked(address: 203.0.113.7): the answer yes was refused: it is \
             not of the type of true)",
        ),
        (
            Some(Ending::refused(ErrorKind::Rejected, "the adapter's answer does not fit")),
            "timeout: it is not known whether it took effect (it was said: the line went dead; \
             std.firewall.is_blocked(address: 203.0.113.7): the adapter's answer does not fit)",
        ),
    ] {
        let mut sim = town("hold", &body(&[BLOCK, CONTAINED]));
        if let Some(ending) = &shows {
            for _ in 0..9 {
                sim.world.answers("is_blocked", ending.clone(), false);
            }
        }
        for _ in 0..4 {
            sim.world.answers("block", lost(), false);
        }
        sim.enforce();
        assert_eq!(why_held(&sim), why);
    }
}

#[test]
fn what_is_said_of_a_query_that_nobody_answered_is_for_people_alone() {
    let mut sim = town("hold", &body(&["ask found, s_ask\n", CONTAINED]));
    for _ in 0..2 {
        sim.world.answers("is_blocked", lost(), false);
    }
    sim.enforce();
    assert_eq!(
        why_held(&sim),
        "timeout: nobody knows the answer (it was said: the line went dead)"
    );
    let errors = sim.run(RUN).effects.values().find_map(|effect| effect.error());
    assert_eq!(errors.map(|error| &*error.text), Some("nobody knows the answer"));
}
