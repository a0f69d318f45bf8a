//! A run that has used up what it may spend, at each point of its way: it is held, what
//! it contained stays so, people are told, and they can take it back all the same.

use super::*;
use crate::entry::HoldReason;

/// Counts to 200, as somebody makes a run do who sends a long list.
const COUNT: &str = "constant low, zero\nconstant one, one\nconstant high, many\n\
     range.start index, low, high, 200, counted\ncount:\nadd.int next, index, one\n\
     range.next index, high, count\ncounted:\n";
/// Learns a text, which takes memory.
const LEARN: &str = "ask mode, s_mode\n";

/// A playbook that undoes what it did when it fails: no fault is such a failure.
fn scene(budget: Budget) -> Sim<Town> {
    let parts = [LEARN, BLOCK, LEARN, SUSPEND, COUNT, LEARN, TELL, CONTAINED];
    let mut sim = town("undo", &body(&parts));
    for _ in 0..3 {
        let text = Value::text("x".repeat(1_000));
        sim.world.answers("mode", Ending::Done(text), false);
    }
    sim.set_budget(budget);
    sim
}

impl Sim<Town> {
    /// What it did and stands: an address that is blocked, an account that is suspended.
    fn contained(&self) -> (bool, bool) {
        (self.is_blocked(), self.is_suspended())
    }

    /// It is held for that reason, nothing was undone, and somebody was told.
    fn is_held_and_contains(&self, what: &str, why: impl Fn(&HoldReason) -> bool) {
        let Phase::Held { reason, .. } = &self.run(RUN).phase else {
            panic!("{what}: {:?}", self.run(RUN).phase)
        };
        assert!(why(reason), "{what}: {reason:?}");
        assert_eq!((self.world.count("unblock"), self.world.count("restore")), (0, 0), "{what}");
        let did = (self.world.count("block") > 0, self.world.count("suspend") > 0);
        assert_eq!(self.contained(), did, "{what}");
        assert!(!self.world.alerted.is_empty(), "{what}: nobody knows");
    }

    /// People take back what stands, in one of the ways in which they can say so: each
    /// effect once, and nothing else.
    fn is_taken_back(&mut self, what: &str, way: usize) {
        let (blocked, suspended) = self.contained();
        match way % 3 {
            0 => self.release(Release::Undo),
            1 => self.verb(Verb::Cancel { undo: true }).unwrap(),
            _ => {
                self.release(Release::Keep);
                assert_eq!(self.contained(), (blocked, suspended), "{what}");
                if blocked || suspended {
                    self.verb(rollback(20)).unwrap();
                }
            }
        }
        self.pass(Duration::from_secs(2 * 86_400));
        self.check();
        assert_eq!(self.contained(), (false, false), "{what}\n{}", self.history());
        let undone = (self.world.count("unblock"), self.world.count("restore"));
        assert_eq!(undone, (usize::from(blocked), usize::from(suspended)), "{what}");
    }
}

/// The least budget that is enough for the run.
fn least(most: u64, budget: impl Fn(u64) -> Budget) -> u64 {
    let is_enough = |amount| {
        let mut sim = scene(budget(amount));
        let began = sim.start(&beginning(RUN, Mode::Enforce)).is_ok();
        began && sim.outcome() == Some(RunOutcome::Contained)
    };
    let (mut low, mut high) = (0, most);
    while low < high {
        let middle = low.midpoint(high);
        if is_enough(middle) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    assert!(is_enough(low));
    low
}

/// Plays with each of these amounts, none of which is enough.
fn exhausted(amounts: impl Iterator<Item = u64>, budget: impl Fn(u64) -> Budget) {
    let mut seen = BTreeSet::new();
    for (number, amount) in amounts.enumerate() {
        let what = format!("{:?}", budget(amount));
        let mut sim = scene(budget(amount));
        if sim.start(&beginning(RUN, Mode::Enforce)).is_err() {
            assert!(sim.entries().is_empty() && sim.world.calls.is_empty(), "{what}");
            continue;
        }
        sim.check();
        sim.is_held_and_contains(&what, |why| matches!(why, HoldReason::Fault(_)));
        assert_eq!(sim.engine().may_answer(RUN), [Release::Undo, Release::Keep], "{what}");
        seen.insert(sim.contained());
        sim.is_taken_back(&what, number);
    }
    let all = BTreeSet::from([(false, false), (true, false), (true, true)]);
    assert_eq!(seen, all, "before, between and behind the effects");
}

/// Abuse case 10: the fuel is used up at each point.
#[test]
fn exhaustion_keeps_containment() {
    let budget = |fuel| Budget { fuel, ..Budget::MOST };
    let enough = least(1 << 20, budget);
    exhausted(0..enough, budget);
}

/// Abuse case 10: the memory is used up at each point.
#[test]
fn exhaustion_keeps_containment_of_memory() {
    let budget =
        |memory| Budget { memory: usize::try_from(memory).unwrap_or(usize::MAX), ..Budget::MOST };
    let enough = least(1 << 20, budget);
    let step = usize::try_from(enough / 100 + 1).unwrap();
    exhausted((0..enough).step_by(step), budget);
}

/// Abuse case 10: the rounds of a loop are used up, which is no failure that undoes.
#[test]
fn exhaustion_keeps_containment_of_rounds() {
    let count = COUNT.replace("200, counted", "20, counted");
    for (number, parts) in [
        [SUSPEND, &count, BLOCK, CONTAINED],
        [BLOCK, &count, SUSPEND, CONTAINED],
        [BLOCK, SUSPEND, &count, CONTAINED],
    ]
    .iter()
    .enumerate()
    {
        let mut sim = town("undo", &body(parts));
        sim.enforce();
        let is_rounds = |why: &HoldReason| matches!(why, HoldReason::Error(error) if error.kind == ErrorKind::Limit);
        sim.is_held_and_contains("rounds", is_rounds);
        sim.is_taken_back("rounds", number);
    }
}

/// Abuse case 10: its time is over while the process is dead, or is passing by, at each
/// point.
#[test]
fn exhaustion_keeps_containment_of_time() {
    let code = body(&["wait hour, 3600000000\n", SUSPEND, COUNT, "ask found, s_ask\n", CONTAINED]);
    let late = Duration::from_secs(3 * 3_600);
    let mut alive = town("undo", &code);
    alive.enforce();
    let mut held = BTreeSet::new();
    for at in 0..alive.points().len() {
        for dies in [true, false] {
            let what = format!("point {at}, dies: {dies}");
            let mut sim = town("undo", &code);
            if dies {
                sim.downtime = late;
                sim.die_at([at]);
            } else {
                sim.interrupt_at(at, Interruption::Pass(late));
            }
            sim.enforce();
            assert_eq!(sim.world.count("restore"), 0, "{what}\n{}", sim.history());
            // Where it died in the middle of the act, nobody knows what became of that.
            let in_doubt = sim.run(RUN).acts().count() > usize::from(sim.is_suspended());
            if sim.is_held() && !in_doubt {
                sim.is_held_and_contains(&what, |why| *why == HoldReason::Deadline);
                held.insert(sim.is_suspended());
                sim.is_taken_back(&what, at);
            }
        }
    }
    assert_eq!(held, BTreeSet::from([false, true]), "before and behind the effect");
}
