//! Cancelling, and notices that nobody takes.

use super::*;

#[test]
fn a_cancelled_run_is_undone_or_kept() {
    for (undo, stays) in [(true, false), (false, true)] {
        let mut sim = town("hold", &body(&[BLOCK, SUSPEND, END_SESSIONS, CONTAINED]));
        sim.world.answers("end_sessions", Ending::refused(ErrorKind::Denied, ""), false);
        sim.enforce();
        sim.verb(Verb::Cancel { undo }).unwrap();
        assert_eq!(sim.outcome(), Some(RunOutcome::Cancelled));
        assert_eq!((sim.is_blocked(), sim.is_suspended()), (stays, stays));
    }
}

#[test]
fn what_makes_no_sense_is_refused_with_what_does() {
    let mut sim = town("hold", &body(&[BLOCK, CONTAINED]));
    sim.enforce();
    for (verb, word) in [
        (Verb::Cancel { undo: true }, "rollback"),
        (Verb::Release(Release::Undo), "does not wait"),
        (Verb::Settle { effect: EffectId([0; 16]), done: true }, "no effect"),
    ] {
        let refused = sim.verb(verb).unwrap_err();
        assert!(refused.contains(word), "{refused}");
    }
}

#[test]
fn a_message_said_twice_is_said_once() {
    let mut sim = town("hold", &body(&[BLOCK, CONTAINED]));
    sim.enforce();
    let by = Said { key: KeyId([5; 32]), message: Digest([42; 32]) };
    let verb = rollback(20);
    let message = Message { run: RUN, verb, by, owner: "ann".into() };
    sim.say(&message).unwrap();
    let before = sim.entries().len();
    sim.say(&message).unwrap();
    assert_eq!(sim.entries().len(), before);
    assert!(!sim.is_blocked());
}

#[test]
fn a_rolled_back_run_can_not_be_rolled_back_again() {
    let mut sim = town("hold", &body(&[BLOCK, SUSPEND, CONTAINED]));
    sim.enforce();
    sim.verb(rollback(20)).unwrap();
    assert!(!sim.is_blocked() && !sim.is_suspended());
    assert!(sim.verb(rollback(21)).is_err());
}

#[test]
fn a_dead_chat_server_does_not_matter_to_the_run() {
    let mut sim = town("undo", &body(&[TELL, BLOCK, CONTAINED]));
    for _ in 0..2 {
        sim.world.answers("analysts", Ending::NotSent("nobody there".into()), false);
    }
    sim.enforce();
    assert_eq!(sim.outcome(), Some(RunOutcome::Contained));
    assert_eq!(sim.world.told, ["scanned us"], "and is told when it is back");
    let mut sim = town("undo", &body(&[TELL, BLOCK, CONTAINED]));
    for _ in 0..9 {
        sim.world.answers("analysts", Ending::NotSent("nobody there".into()), false);
    }
    sim.enforce();
    assert_eq!(sim.outcome(), Some(RunOutcome::Contained));
    assert_eq!(sim.world.count("analysts"), 3, "as often as declared");
}

#[test]
fn a_false_alarm_is_undone_at_once() {
    let benign = "constant text, done\nfinish benign, text\n";
    let mut sim = town("hold", &body(&[BLOCK, SUSPEND, benign]));
    sim.enforce();
    assert_eq!(sim.outcome(), Some(RunOutcome::Benign));
    assert!(!sim.is_blocked() && !sim.is_suspended());
}
