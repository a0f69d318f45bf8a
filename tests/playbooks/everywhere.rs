//! Every shipped playbook, with everything that can happen to it at every point of
//! every one of its stories: the process dies, people cancel and halt and let go, a
//! life or the deadline ends, an answer comes. What must hold then: `invariants`.

use std::collections::BTreeSet;

use rye_core::adapter::Ending;
use rye_core::digest::Digest;
use rye_core::effect::{Life, UndoPlan};
use rye_core::id::{EffectId, KeyId, RunId};
use rye_core::value::Duration;
use rye_engine::engine::{Message, Verb};
use rye_engine::entry::{Body, Entry, Release, RunOutcome, Said};
use rye_engine::question::Vote;
use rye_engine::run::Phase;
use rye_engine::sim::{Interruption, Sim, World};
use rye_tests::campaign::{rounds, seed};

use crate::invariants::{check, stands_still};
use crate::story::{
    Play, RUN, STORE, Scene, Seen, Story, ask_in_vain, attend, history, open_question, phase, speak,
};

/// So many points more a story has behind a death at least.
const PASSED_ANEW: usize = 4;

/// Plays everything that can happen in these stories; how many histories that were.
pub(crate) fn prove<W: Scene>(stories: &[Story<W>]) -> usize {
    let proofs = stories.iter().enumerate();
    proofs
        .map(|(place, story)| Proof::new(story, if place == 0 { 1 } else { 6 }).everything())
        .sum()
}

/// One story, and what becomes of it when nothing happens.
struct Proof<'a, W> {
    story: &'a Story<W>,
    seen: Vec<Seen>,
    points: usize,
    /// Acts that can be taken back, with how long they may stand.
    acts: Vec<(EffectId, Life)>,
    deadline: Duration,
    /// Words and ends come at each point, or at every so manieth: stories of one
    /// playbook have much in common.
    stride: usize,
    histories: usize,
}

impl<'a, W: Scene> Proof<'a, W> {
    fn new(story: &'a Story<W>, stride: usize) -> Self {
        let mut alive = story.sim();
        let before = alive.points().len();
        let seen = story.tell(&mut alive);
        let ends = seen.last().and_then(|last| last.end.as_ref().map(|(outcome, _)| *outcome));
        assert_eq!(ends, story.ends, "{}:\n{}", story.name, history(&alive));
        check(&alive, story);
        let run = &alive.engine().runs()[&RUN];
        let reversible =
            run.acts().filter(|(.., act)| matches!(act.act.undo, UndoPlan::Call { .. }));
        let acts = reversible.map(|(id, _, act)| (id, act.act.life)).collect();
        let points = alive.points().len() - before;
        let deadline = run.deadline().unwrap_or_default();
        let mut proof = Self { story, seen, points, acts, deadline, stride, histories: 1 };
        proof.conclude(&mut alive, "nothing happens");
        proof
    }

    fn everything(mut self) -> usize {
        self.deaths();
        self.halts();
        self.cancels();
        self.lives();
        self.answers();
        self.histories
    }

    /// The points that are tried: every so manieth.
    fn places(&self) -> impl Iterator<Item = usize> + use<W> {
        (0..self.points).step_by(self.stride)
    }

    /// Plays the story with what `disturb` brings into it.
    fn play(&mut self, disturb: impl FnOnce(&mut Play<W>)) -> (Play<W>, Vec<Seen>) {
        self.histories += 1;
        let mut sim = self.story.sim();
        disturb(&mut sim);
        let seen = self.story.tell(&mut sim);
        stands_still(&sim);
        (sim, seen)
    }

    /// Each death, and pairs of them, leave the same world and the same end.
    fn deaths(&mut self) {
        for deaths in (0..self.points).map(|at| vec![at]).chain(self.pairs()) {
            let what = format!("deaths {deaths:?} of {}", self.points);
            let (mut sim, seen) = self.play(|sim| sim.die_at(deaths));
            assert_eq!(seen, self.seen, "{}: {what}", self.story.name);
            self.conclude(&mut sim, &what);
        }
    }

    /// Of every second pair of points so many as a campaign says, all over the story. Where
    /// nobody is there at first, a second death may be one attempt too many.
    fn pairs(&self) -> Vec<Vec<usize>> {
        if self.story.odd.iter().any(|odd| matches!(odd.ending, Ending::NotSent(_))) {
            return Vec::new();
        }
        let behind = |first| (first + 1..self.points + PASSED_ANEW).map(move |at| vec![first, at]);
        let pairs: Vec<_> = (0..self.points).flat_map(behind).step_by(2).collect();
        let whole = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        let usual = u64::try_from(self.points / self.stride).unwrap_or(u64::MAX);
        let step = (pairs.len() / whole(rounds(usual)).max(1)).max(1);
        pairs.into_iter().skip(whole(seed()) % step).step_by(step).collect()
    }

    /// A halt anywhere, with a death behind it or none, changes nothing once two people
    /// let it go on.
    fn halts(&mut self) {
        for (at, scope) in self.places().flat_map(|at| [(at, RUN), (at, STORE)]) {
            for death in self.deaths_behind() {
                let what = format!("halt of {scope} at {at}, death {death:?}");
                let halt = say(scope, Verb::Halt { reason: "stop".into() });
                let (mut sim, seen) = self.play(|sim| disturb(sim, at, halt, death));
                assert_eq!(seen, self.seen, "{}: {what}\n{}", self.story.name, history(&sim));
                self.conclude(&mut sim, &what);
            }
        }
    }

    /// Who cancels gets what he said: all taken back, or all kept and shown.
    fn cancels(&mut self) {
        for (at, undo) in self.places().flat_map(|at| [(at, true), (at, false)]) {
            for death in self.deaths_behind() {
                let what = format!("cancel, undo {undo}, at {at}, death {death:?}");
                let word = say(RUN, Verb::Cancel { undo });
                let (mut sim, seen) = self.play(|sim| disturb(sim, at, word, death));
                let is_cancelled = |entry: &Entry| matches!(entry.body, Body::Cancelled { .. });
                if sim.entries().iter().any(is_cancelled) {
                    let last = seen.last().expect("it was looked at");
                    let outcome = last.end.as_ref().map(|(outcome, _)| *outcome);
                    let is_stuck = outcome == Some(RunOutcome::Stuck) && self.undo_fails();
                    assert!(is_stuck || outcome == Some(RunOutcome::Cancelled), "{what}: {seen:?}");
                    // What earlier runs did is theirs.
                    let before = self.story.sim().world.world.stands();
                    let is_undone = last.stands.is_subset(&before);
                    assert!(!undo || is_stuck || is_undone, "{what}: {seen:?}");
                }
                self.conclude(&mut sim, &what);
            }
        }
    }

    /// A life ends anywhere, by the clock or by a person, and so does the time of the
    /// whole run: while it runs, waits, is held, unwinds, or is over. By turns with a
    /// death behind it, or while all is taken back.
    fn lives(&mut self) {
        let spans = self.acts.iter().filter_map(|(_, life)| match life {
            Life::For(span) => Some(*span),
            _ => None,
        });
        let spans: BTreeSet<Duration> = spans.chain([self.deadline]).collect();
        let minute = Duration::from_secs(60);
        let passing = spans.into_iter().map(|span| Interruption::Pass(Duration(span.0 + minute.0)));
        let letting_go =
            self.acts.iter().map(|(effect, _)| say(RUN, Verb::LetGo { effect: *effect }));
        let ends: Vec<Interruption> = passing.chain(letting_go).collect();
        let ends = || ends.iter().enumerate();
        let places = self.places().flat_map(|at| ends().map(move |(which, end)| (at, which, end)));
        for (at, which, end) in places {
            let later = self.histories % 4;
            let what = format!("{end:?} at {at}");
            let (mut sim, _) = self.play(|sim| disturb(sim, at, end.clone(), None));
            self.conclude(&mut sim, &what);
            let is_alone = (at + which).is_multiple_of(2);
            let (mut sim, _) = self.play(|sim| {
                if is_alone {
                    disturb(sim, at, end.clone(), Some(later));
                } else {
                    sim.interrupt_at(at, say_as(RUN, Verb::Cancel { undo: true }, 98));
                    sim.interrupt_at(at + 1 + later, end.clone());
                }
            });
            self.conclude(&mut sim, &format!("{what}, alone {is_alone}, {later} later"));
        }
    }

    /// Each answer arrives anywhere, also while nobody is there: it decides the question
    /// if it was taken, and else nothing was approved.
    fn answers(&mut self) {
        let Some(spoken) = self.story.answers.first() else { return };
        let mut alone = self.story.sim();
        let before = alone.points().len();
        alone.start(&self.story.beginning()).expect("the input fits");
        let Some(request) = open_question(&alone) else { return };
        ask_in_vain(&mut alone);
        let points = alone.points().len() - before;
        let verb = Verb::Vote { request, vote: spoken.vote.clone(), voter: spoken.voter() };
        let deaths = [None, Some(0), Some(1), Some(3)];
        for (at, death) in (0..points).flat_map(|at| deaths.map(|death| (at, death))) {
            let what = format!("the answer comes at {at}, death {death:?}");
            self.histories += 1;
            let mut sim = self.story.sim();
            disturb(&mut sim, at, say(RUN, verb.clone()), death);
            sim.start(&self.story.beginning()).expect("the input fits");
            ask_in_vain(&mut sim);
            stands_still(&sim);
            let count = |is: fn(&Body) -> bool| {
                sim.entries().iter().filter(|entry| is(&entry.body)).count()
            };
            let votes = count(|body| matches!(body, Body::Voted { .. }));
            assert_eq!(count(|body| matches!(body, Body::Decided { .. })), 1, "{what}");
            let said_yes = votes == 1 && matches!(spoken.vote, Vote::Grant(_));
            let approved = sim.entries().iter().any(
                |entry| matches!(&entry.body, Body::Intent { act, .. } if act.approval.is_some()),
            );
            let is_allowed = self.story.protected.is_empty();
            assert_eq!(approved, said_yes && is_allowed, "{what}\n{}", history(&sim));
            self.conclude(&mut sim, &what);
        }
    }

    /// What a shift does with whatever was left open: it lets go on what is halted,
    /// answers what is held, and rolls back what still stands. Then the world is as it
    /// was, but for what can't be taken back, or people are shown what an undo that
    /// fails leaves.
    fn conclude(&mut self, sim: &mut Play<W>, what: &str) {
        attend(sim);
        let is_even = self.histories.is_multiple_of(2);
        let how = if is_even { Release::Keep } else { Release::Undo };
        while let Some(Phase::Held { .. }) = phase(sim) {
            speak(sim, RUN, Verb::Release(how)).expect("what is held can be ended");
        }
        if let Some(run) = sim.engine().runs().get(&RUN) {
            assert!(run.is_over(), "{what}: {:?}\n{}", run.phase, history(sim));
        }
        let holds = sim.engine().runs().values().filter(|run| run.holds_anything());
        let holding: Vec<RunId> = holds.map(|run| run.id).collect();
        for (number, run) in (100..).zip(holding) {
            let verb = Verb::Rollback { as_run: RunId([number; 16]), effects: Vec::new() };
            speak(sim, run, verb).expect("what stands can be rolled back");
        }
        check(sim, self.story);
        let left = sim.world.world.stands();
        assert!(left.is_empty() || self.undo_fails(), "{what}: {left:?}\n{}", history(sim));
    }

    /// How many points behind something else the process dies: never, and one number
    /// after the other.
    fn deaths_behind(&self) -> [Option<usize>; 2] {
        [None, Some(self.histories % 4)]
    }

    /// Whether the world refuses an undo in this story.
    fn undo_fails(&self) -> bool {
        let is_undo =
            |verb: &str| ["unblock", "restore", "thaw"].iter().any(|undo| verb.ends_with(undo));
        self.story.odd.iter().any(|odd| odd.times == usize::MAX && is_undo(odd.verb))
    }
}
fn say_as(run: RunId, verb: Verb, number: u8) -> Interruption {
    let by = Said { key: KeyId([5; 32]), message: Digest([number; 32]) };
    Interruption::Say(Box::new(Message { run, verb, by, owner: "ann".into() }))
}

fn say(run: RunId, verb: Verb) -> Interruption {
    say_as(run, verb, 99)
}

/// Something happens at a point, and so many points later the process dies.
fn disturb<W: World>(sim: &mut Sim<W>, at: usize, what: Interruption, death: Option<usize>) {
    sim.interrupt_at(at, what);
    sim.die_at(death.map(|later| at + later));
}
