//! Histories in which two things meet: an attempt and the doubt about the one
//! before, a life and an act under way, an undo and somebody who joins.

use super::*;
use crate::command::Purpose;
use crate::entry::HoldReason;
use crate::guardrail::Guarded;

const OTHER: RunId = RunId([9; 16]);

fn lost() -> Ending {
    Ending::Unknown("the line went dead".into())
}

fn nobody() -> Ending {
    Ending::NotSent("nobody there".into())
}

fn refused() -> Ending {
    Ending::refused(ErrorKind::Denied, "no")
}

fn is_not_blocked() -> Ending {
    Ending::Done(Value::Bool(false))
}

/// A site whose commands wait until a test lets one be carried out.
impl Sim<Town> {
    pub(super) fn begin(&mut self, run: RunId) -> Vec<Command> {
        self.engine.start(&beginning(run, Mode::Enforce), self.now).unwrap();
        self.wanted()
    }

    pub(super) fn wanted(&mut self) -> Vec<Command> {
        let Step { entries, commands } = self.engine.take_step();
        let drafts = entries.iter().map(|entry| (entry.at, entry.run, entry.body.encode()));
        self.journal.extend(drafts);
        commands
    }

    pub(super) fn carry_out(&mut self, command: &Command) -> Vec<Command> {
        let ending = self.world.invoke(&command.request);
        self.answer(command, ending)
    }

    fn answer(&mut self, command: &Command, ending: Ending) -> Vec<Command> {
        self.forward(Duration(1_000));
        self.engine.complete(command.ticket, ending, self.now);
        self.wanted()
    }

    /// Says something without carrying out what comes of it.
    fn order(&mut self, run: RunId, verb: Verb) -> Vec<Command> {
        let by = Said { key: KeyId([5; 32]), message: Digest([77; 32]) };
        self.engine.say(&Message { run, verb, by, owner: "ann".into() }, self.now).unwrap();
        self.wanted()
    }

    /// Carries out all that is wanted, and what comes of it.
    fn drain(&mut self, commands: Vec<Command>) {
        let mut waiting: VecDeque<Command> = commands.into();
        while let Some(command) = waiting.pop_front() {
            waiting.extend(self.carry_out(&command));
        }
        self.rest();
        self.check();
    }
}

fn only(commands: Vec<Command>) -> Command {
    let [command] = <[Command; 1]>::try_from(commands).unwrap();
    command
}

/// The block is lost and took effect; before and after it the world gives no
/// answer, and the further attempts end like this.
fn lost_and_then(ending: &Ending) -> Sim<Town> {
    let mut sim = town("hold", &body(&[BLOCK, CONTAINED]));
    sim.world.answers("is_blocked", is_not_blocked(), false);
    sim.world.answers("block", lost(), true);
    for _ in 0..3 {
        sim.world.answers("block", ending.clone(), false);
    }
    for _ in 0..8 {
        sim.world.answers("is_blocked", lost(), false);
    }
    sim
}

#[test]
fn an_attempt_without_effect_says_nothing_of_the_one_in_doubt_before_it() {
    for ending in [refused(), nobody()] {
        let mut sim = lost_and_then(&ending);
        sim.enforce();
        assert!(sim.is_held() && sim.is_blocked());
        assert_eq!(sim.run(RUN).records().count(), 1, "{ending:?}");
        sim.world.odd.clear();
        sim.release(Release::Undo);
        assert!(!sim.is_blocked(), "{ending:?}");
    }
}

#[test]
fn what_is_in_doubt_is_looked_for_when_no_attempt_is_left() {
    for ending in [refused(), nobody()] {
        let mut sim = lost_and_then(&ending);
        // The world can be asked again by then.
        sim.world.odd.get_mut("is_blocked").unwrap().truncate(2);
        sim.enforce();
        assert_eq!(sim.outcome(), Some(RunOutcome::Contained), "{ending:?}");
        assert!(sim.is_blocked());
    }
}

#[test]
fn trying_again_what_is_in_doubt_forgets_nothing() {
    for (second, suspended) in [(refused(), true), (nobody(), true)] {
        let mut sim = town("hold", &body(&[SUSPEND, CONTAINED]));
        sim.world.answers("suspend", lost(), true);
        sim.enforce();
        assert!(sim.is_held() && sim.is_suspended());
        sim.world.answers("suspend", second, false);
        sim.release(Release::Continue);
        assert!(sim.is_held());
        assert_eq!(sim.is_suspended(), suspended);
        sim.release(Release::Undo);
        assert!(!sim.is_suspended());
    }
}

#[test]
fn what_is_protected_since_is_refused_and_what_is_in_doubt_is_kept() {
    for odd in [nobody(), lost()] {
        for at in 0..14 {
            let mut sim = town("hold", &body(&[BLOCK, CONTAINED]));
            let took_effect = matches!(odd, Ending::Unknown(_));
            sim.world.answers("is_blocked", is_not_blocked(), false);
            sim.world.answers("block", odd.clone(), took_effect);
            sim.world.answers("is_blocked", lost(), false);
            // A process that starts after a death finds it protected.
            let network = rye_core::value::Cidr::parse("203.0.113.0/24").unwrap();
            sim.site.protected = Protected::new(vec![(Guarded::Network(network), "ours".into())]);
            sim.die_at([at]);
            sim.enforce();
            assert!(sim.is_held() || sim.outcome().is_some());
        }
    }
}

#[test]
fn a_stage_that_was_undone_is_not_continued() {
    let stage = format!("open.stage contain, undo\n{SUSPEND}{END_SESSIONS}close.frame\n");
    let mut sim = town("hold", &body(&[BLOCK, &stage, CONTAINED]));
    sim.world.answers("end_sessions", refused(), false);
    sim.enforce();
    assert!(sim.is_held() && !sim.is_suspended() && sim.is_blocked());
    assert_eq!(sim.engine().may_answer(RUN), [Release::Undo, Release::Keep]);
    assert!(sim.verb(Verb::Release(Release::Continue)).is_err());
}

#[test]
fn an_error_that_the_playbook_took_is_not_what_failed() {
    let code = "ask.else found, s_ask, unknown\nunknown:\nfail text\n";
    let mut sim = town("hold", &body(&[SUSPEND, code]));
    sim.world.answers("is_blocked", lost(), false);
    sim.world.answers("is_blocked", lost(), false);
    sim.enforce();
    assert!(sim.is_held());
    assert_eq!(sim.engine().may_answer(RUN), [Release::Undo, Release::Keep]);
}

#[test]
fn an_answer_that_does_not_fit_may_be_asked_for_again() {
    let mut sim = town("hold", &body(&["ask found, s_ask\n", CONTAINED]));
    sim.world.answers("is_blocked", Ending::Done(Value::text("yes")), false);
    sim.enforce();
    assert!(sim.is_held());
    sim.release(Release::Continue);
    assert_eq!(sim.outcome(), Some(RunOutcome::Contained));
}

#[test]
fn a_life_does_not_end_in_the_middle_of_its_act() {
    // Nobody is there for longer than the block lives, from each point on.
    for at in 0..12 {
        let mut sim = town("hold", &body(&[BLOCK, CONTAINED]));
        sim.downtime = Duration::from_secs(4_000);
        sim.die_at([at]);
        sim.enforce();
        assert_eq!(sim.outcome(), Some(RunOutcome::Contained), "death {at}");
        let last = sim.world.calls.iter().rev().map(|(verb, _)| verb.as_str()).next();
        assert_ne!((last, sim.is_blocked()), (Some("block"), false), "death {at}");
        assert_eq!(sim.is_blocked(), sim.run(RUN).holds_anything(), "death {at}");
        // In doubt, the life counts from the intent: the block was found standing
        // after its time.
        let found = sim.entries().iter().any(|entry| {
            matches!(&entry.body, Body::Probed { verdict: crate::entry::Verdict::Stands, .. })
        });
        assert!(!(found && sim.is_blocked()), "death {at}");
    }
}

#[test]
fn who_did_it_is_who_knows_how_to_undo_it() {
    // Both looked before either acted; the first to announce it does not do it.
    for first in [refused(), Ending::AlreadySo(Value::None)] {
        for other_is_faster in [false, true] {
            let mut sim = town("hold", &body(&[BLOCK, CONTAINED]));
            let look = only(sim.begin(RUN));
            let other_look = only(sim.begin(OTHER));
            let act = only(sim.carry_out(&look));
            let other_act = only(sim.carry_out(&other_look));
            if other_is_faster {
                sim.carry_out(&other_act);
                sim.answer(&act, first.clone());
            } else {
                sim.answer(&act, first.clone());
                sim.carry_out(&other_act);
            }
            sim.check();
            if sim.is_held() {
                sim.release(Release::Undo);
            } else {
                sim.verb(rollback(20)).unwrap();
            }
            assert!(sim.is_blocked());
            sim.verb_to(OTHER, rollback(21)).unwrap();
            assert!(!sim.is_blocked());
        }
    }
}

#[test]
fn who_finds_his_own_doubtful_act_standing_is_still_who_did_it() {
    let mut sim = town("hold", &body(&[BLOCK, CONTAINED]));
    sim.world.answers("is_blocked", is_not_blocked(), false);
    for _ in 0..4 {
        sim.world.answers("block", lost(), true);
        sim.world.answers("is_blocked", lost(), false);
    }
    sim.enforce();
    assert!(sim.is_held());
    sim.start(&beginning(OTHER, Mode::Enforce)).unwrap();
    sim.release(Release::Continue);
    assert_eq!(sim.outcome(), Some(RunOutcome::Contained));
    sim.verb(rollback(20)).unwrap();
    assert!(sim.is_blocked(), "the other run holds it still");
    sim.verb_to(OTHER, rollback(21)).unwrap();
    assert!(!sim.is_blocked());
}

#[test]
fn nobody_joins_what_is_being_undone() {
    // The other run looks, or acts, at each moment of the undo of the first.
    for moment in 0..4 {
        let mut sim = town("hold", &body(&[BLOCK, CONTAINED]));
        sim.enforce();
        let mut undo = sim.order(RUN, rollback(20));
        let mut other = Vec::new();
        for step in 0..4 {
            if step == moment {
                other = sim.begin(OTHER);
                let look = only(core::mem::take(&mut other));
                other = sim.carry_out(&look);
            }
            let Some(next) = undo.pop() else { break };
            undo = sim.carry_out(&next);
        }
        undo.append(&mut other);
        sim.drain(undo);
        assert_eq!(sim.run(OTHER).records().count(), 1, "moment {moment}");
        assert!(sim.is_blocked(), "the other run holds it, moment {moment}");
    }
}

/// Two runs that both looked, with the block of each not carried out yet.
fn two_that_looked() -> (Sim<Town>, Command, Command) {
    let mut sim = town("hold", &body(&[BLOCK, CONTAINED]));
    let look = only(sim.begin(RUN));
    let other_look = only(sim.begin(OTHER));
    let act = only(sim.carry_out(&look));
    let other_act = only(sim.carry_out(&other_look));
    (sim, act, other_act)
}

#[test]
fn who_lets_go_waits_for_what_becomes_of_an_attempt_in_flight() {
    for (ending, stays) in [(refused(), false), (Ending::AlreadySo(Value::None), true)] {
        let (mut sim, act, other_act) = two_that_looked();
        sim.carry_out(&act);
        let rolled = sim.order(RUN, rollback(20));
        assert!(rolled.is_empty(), "the other run may hold it, or not");
        let rest = sim.answer(&other_act, ending);
        sim.drain(rest);
        assert_eq!(sim.is_blocked(), stays);
        assert_eq!(sim.run(OTHER).holds_anything(), stays);
    }
}

#[test]
fn nothing_is_tried_again_while_it_is_undone() {
    let (mut sim, act, other_act) = two_that_looked();
    sim.carry_out(&act);
    sim.answer(&other_act, nobody());
    let look = only(sim.order(RUN, rollback(20)));
    let undo = only(sim.carry_out(&look));
    sim.forward(Duration::from_secs(5));
    sim.engine.tick(sim.now);
    assert!(sim.wanted().is_empty());
    let rest = sim.carry_out(&undo);
    sim.drain(rest);
    assert!(sim.is_blocked() && sim.run(OTHER).holds_anything());
}

#[test]
fn of_two_in_doubt_either_may_have_done_it() {
    for other_did in [false, true] {
        let (mut sim, act, other_act) = two_that_looked();
        let done = if other_did { &other_act } else { &act };
        sim.world.invoke(&done.request);
        let mut rest = sim.answer(&act, lost());
        rest.extend(sim.answer(&other_act, lost()));
        sim.drain(rest);
        sim.verb(rollback(20)).unwrap();
        sim.verb_to(OTHER, rollback(21)).unwrap();
        assert!(!sim.is_blocked(), "other did it: {other_did}");
    }
}

#[test]
fn nothing_begins_after_the_deadline() {
    let mut sim = town("hold", &body(&[BLOCK, CONTAINED]));
    let look = only(sim.begin(RUN));
    sim.forward(Duration::from_secs(3 * 3_600));
    let wanted = sim.carry_out(&look);
    assert!(wanted.iter().all(|it| it.ticket.purpose == Purpose::Tell), "{wanted:?}");
    sim.check();
    assert!(matches!(sim.run(RUN).phase, Phase::Held { reason: HoldReason::Deadline, .. }));
}

#[test]
fn what_is_protected_while_the_world_is_asked_is_not_touched() {
    let mut sim = town("hold", &body(&[BLOCK, CONTAINED]));
    let look = only(sim.begin(RUN));
    let network = rye_core::value::Cidr::parse("203.0.113.0/24").unwrap();
    sim.engine.protect(Protected::new(vec![(Guarded::Network(network), "ours".into())]));
    let wanted = sim.carry_out(&look);
    assert!(wanted.iter().all(|it| it.ticket.purpose == Purpose::Tell), "{wanted:?}");
    sim.check();
    assert!(sim.is_held());
}

#[test]
fn what_was_undone_does_not_show_in_a_dry_run_either() {
    let code = format!(
        "open.attempt failure, handler\n{BLOCK}fail text\nhandler:\n\
         ask found, s_ask\nclose.frame\njump.if found, bad\n{CONTAINED}bad:\nfail text\n"
    );
    for mode in [Mode::Shadow, Mode::Enforce] {
        let mut sim = town("hold", &body(&[&code]));
        sim.start(&beginning(RUN, mode)).unwrap();
        assert_eq!(sim.outcome(), Some(RunOutcome::Contained), "{mode}");
    }
}

#[test]
fn settling_leaves_no_record_of_what_can_not_be_taken_back() {
    for done in [true, false] {
        let mut sim = town("hold", &body(&[END_SESSIONS, CONTAINED]));
        sim.world.answers("end_sessions", lost(), true);
        sim.enforce();
        let (effect, ..) = sim.run(RUN).acts().next().unwrap();
        sim.verb(Verb::Settle { effect, done }).unwrap();
        assert_eq!(sim.run(RUN).records().count(), 0);
        assert_eq!(sim.engine().holdings().iter().count(), 0);
    }
}

#[test]
fn nothing_is_due_while_an_answer_is_awaited() {
    let mut sim = town("hold", &body(&[BLOCK, CONTAINED]));
    sim.enforce();
    sim.forward(Duration::from_secs(3_700));
    sim.engine.tick(sim.now);
    assert_eq!(sim.wanted().len(), 1, "the world is asked");
    assert_eq!(sim.engine().next_wakeup(), None);
}
