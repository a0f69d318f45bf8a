//! Waiting until something has held long enough.

use super::*;

/// Looks each minute for an hour until the block has held for three.
const UNTIL: &str = "constant low, zero
constant one, one
constant high, many
constant minute, minute
constant three, three
start.watch watch, hour, 3600000000
hold.until until, three
range.start index, low, high, 200, over
first:
ask.else found, s_ask, not_yet
jump.if found, holding
not_yet:
look.again next, watch, minute
less found, next, one
jump.if found, over
less found, one, next
jump.if found, done
hold.until until, three
jump round
holding:
look.held next, watch, until, minute
less found, next, one
jump.if found, over
less found, one, next
jump.if found, done
round:
range.next index, high, first
over:
fail text
done:
";

fn sim(answers: &[bool]) -> Sim<Town> {
    let mut sim = town("hold", &body(&[UNTIL, CONTAINED]));
    for answer in answers {
        sim.world.answers("is_blocked", Ending::Done(Value::Bool(*answer)), false);
    }
    sim
}

fn minutes(count: u32) -> Duration {
    Duration::from_secs(count * 60)
}

#[test]
fn it_has_to_hold_at_every_look_for_that_long() {
    let mut sim = sim(&[false, true, true, false, true, true, true, true]);
    let before = sim.now;
    sim.enforce();
    assert_eq!(sim.outcome(), Some(RunOutcome::Contained));
    assert_eq!(sim.world.count("is_blocked"), 8);
    assert!(sim.now.has_passed(before, minutes(7)), "three minutes from the fourth on");
    assert!(!sim.now.has_passed(before, minutes(8)));
}

#[test]
fn what_fails_is_not_yet() {
    let mut sim = sim(&[]);
    sim.world.answers("is_blocked", Ending::refused(ErrorKind::Denied, "no"), false);
    for _ in 0..4 {
        sim.world.answers("is_blocked", Ending::Done(Value::Bool(true)), false);
    }
    sim.enforce();
    assert_eq!(sim.outcome(), Some(RunOutcome::Contained));
    assert_eq!(sim.world.count("is_blocked"), 5);
}

#[test]
fn what_does_not_hold_long_enough_in_time_is_too_late() {
    let mut often = Vec::new();
    for _ in 0..40 {
        often.extend([true, true, false]);
    }
    let mut sim = sim(&often);
    let before = sim.now;
    sim.enforce();
    assert!(sim.is_held());
    assert!(sim.now.has_passed(before, minutes(60)));
    assert!(!sim.now.has_passed(before, minutes(61)));
}

#[test]
fn a_dry_run_looks_once_and_passes_it_as_not_checked() {
    for answer in [false, true] {
        let mut sim = sim(&[answer]);
        let before = sim.now;
        sim.start(&beginning(RUN, Mode::Shadow)).unwrap();
        sim.check();
        assert_eq!(sim.world.count("is_blocked"), 1);
        assert!(!sim.now.has_passed(before, minutes(1)));
    }
}

#[test]
fn a_crash_between_two_looks_changes_nothing() {
    for at in 0..60 {
        // An answer that was lost with the process is asked for again.
        let mut sim = sim(&[&[false, true, false][..], &[true; 9]].concat());
        sim.die_at([at]);
        sim.enforce();
        assert_eq!(sim.outcome(), Some(RunOutcome::Contained), "dead at {at}");
    }
}
