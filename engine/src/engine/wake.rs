//! What each run waits for. A run that isn't over and waits for nothing would
//! be forgotten: there is none, and every test of the simulator checks it.

use rye_core::effect::Life;
use rye_core::id::RunId;
use rye_core::value::Duration;

use super::Engine;
use super::live::{ActStage, Pending, UndoStage};
use crate::run::{ActState, EffectState, Phase, RecordState, Run, What};

/// What a run waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum WaitsFor {
    /// Nothing: it can go on.
    Nothing,
    /// The answer of an adapter.
    Adapter,
    /// A clock, for so long.
    Clock(Duration),
    /// The decision of people, and for so long no clock.
    People(Duration),
    /// A person.
    Person,
}

impl Engine {
    /// What a run waits for; `None` if it is over or not of this store.
    pub fn waits_for(&self, id: RunId) -> Option<WaitsFor> {
        let run = self.runs.get(&id)?;
        let live = self.live.get(&id);
        match &run.phase {
            Phase::Ended { .. } => None,
            Phase::Held { .. } => Some(WaitsFor::Person),
            Phase::Unwinding(_) => {
                let owner = self.owner_of_records(id);
                let undoer = self.undoing.get(&owner).and_then(|undoer| self.live.get(undoer));
                Some(match undoer.and_then(|live| Some(&live.undoing.as_ref()?.stage)) {
                    Some(
                        UndoStage::Retrying { since, pause, .. }
                        | UndoStage::Yielding { since, pause },
                    ) => self.rest(*since, *pause),
                    Some(_) => WaitsFor::Adapter,
                    None => WaitsFor::Nothing,
                })
            }
            Phase::Running => Some(match live.and_then(|live| live.pending.as_ref()) {
                None => WaitsFor::Nothing,
                Some(Pending::Ask { again: Some((since, pause)), .. }) => self.rest(*since, *pause),
                Some(Pending::Clock { until, .. }) => {
                    WaitsFor::Clock(until.saturating_since(self.now.wall).max(Duration::ZERO))
                }
                Some(Pending::Question { effect }) => {
                    let state = self.question(id, *effect);
                    state.map_or(WaitsFor::Nothing, |state| WaitsFor::People(state.rest(self.now)))
                }
                Some(Pending::Act { stage, .. }) => match stage {
                    ActStage::Retrying { since, pause, .. }
                    | ActStage::LookingAgain { since, pause }
                    | ActStage::Yielding { since, pause } => self.rest(*since, *pause),
                    ActStage::Unknown => WaitsFor::Person,
                    ActStage::Attempting(_) | ActStage::Probing(_) => WaitsFor::Adapter,
                },
                Some(Pending::Ask { .. }) => WaitsFor::Adapter,
            }),
        }
    }

    fn rest(&self, since: crate::stamp::Stamp, pause: Duration) -> WaitsFor {
        let left = pause.0.saturating_sub(self.now.surely_since(since).0).max(0);
        WaitsFor::Clock(Duration(left))
    }

    /// How much of an effect's life is left; `None` if no clock ends it.
    pub fn life_left(&self, act: &ActState) -> Option<Duration> {
        match (&act.record, act.act.life) {
            (RecordState::Held { since }, Life::For(span)) => {
                Some(Duration(span.0.saturating_sub(self.now.surely_since(*since).0)))
            }
            _ => None,
        }
    }

    /// After how long [`Engine::tick`] has something to do; `None` if never.
    pub fn next_wakeup(&self) -> Option<Duration> {
        self.awake_runs().filter_map(|run| self.wakeup_of(run)).min()
    }

    fn wakeup_of(&self, run: &Run) -> Option<Duration> {
        let clock = match self.waits_for(run.id) {
            Some(WaitsFor::Clock(rest) | WaitsFor::People(rest)) => Some(rest),
            _ => None,
        };
        let running = matches!(run.phase, Phase::Running);
        let deadline = run.deadline().filter(|_| running).map(|deadline| {
            Duration(deadline.0.saturating_sub(self.now.surely_since(run.began).0).max(0))
        });
        // A deadline matters only to a run that waits for a clock; another one meets
        // it when its answer comes.
        let deadline = deadline.filter(|_| clock.is_some());
        // What is due while something is undone already follows the answer to that.
        let lives = run
            .effects
            .values()
            .filter(|effect| !self.is_undoing(run.id) && may_let_go(run, effect))
            .filter(|_| self.withdrawn(run.id).is_none())
            .filter_map(|effect| self.life_left(effect.act()?))
            .map(|left| left.max(Duration::ZERO))
            .min();
        let notices = self.notice_of(run);
        let undo = self.live.get(&run.id).and_then(|live| match &live.undoing.as_ref()?.stage {
            UndoStage::Retrying { since, pause, .. } | UndoStage::Yielding { since, pause } => {
                match self.rest(*since, *pause) {
                    WaitsFor::Clock(rest) => Some(rest),
                    _ => None,
                }
            }
            _ => None,
        });
        [clock, deadline, lives, notices, undo].into_iter().flatten().min()
    }

    /// After how long a notice is sent again; `None` if none waits for that.
    pub fn next_notice(&self) -> Option<Duration> {
        self.awake_runs().filter_map(|run| self.notice_of(run)).min()
    }

    fn awake_runs(&self) -> impl Iterator<Item = &Run> {
        self.awake.iter().filter_map(|id| self.runs.get(id))
    }

    /// Whether nothing will ever happen to a run by itself.
    pub(super) fn is_asleep(&self, id: RunId) -> bool {
        let Some(run) = self.runs.get(&id) else { return true };
        let rests = |effect: &EffectState| match &effect.what {
            What::Act(act) => self.life_left(act).is_none() && !is_being_undone(act),
            What::Notice(notice) => notice.over,
            What::Query(_) | What::Wait { .. } | What::Question(_) | What::Refused { .. } => true,
        };
        run.is_over() && !self.undoing.contains_key(&id) && run.effects.values().all(rests)
    }

    fn notice_of(&self, run: &Run) -> Option<Duration> {
        run.effects
            .values()
            .filter_map(|state| state.notice())
            .filter(|notice| !notice.over)
            .filter_map(|notice| {
                let (at, _) = notice.ending.as_ref()?;
                match self.rest(*at, notice.notice.retry.after(notice.attempts)?) {
                    WaitsFor::Clock(rest) => Some(rest),
                    _ => None,
                }
            })
            .min()
    }
}

/// Whether a clock may end the life of an effect: not while the run is in the
/// middle of the act.
pub(super) fn may_let_go(run: &Run, effect: &EffectState) -> bool {
    effect.answered.is_some() || !matches!(run.phase, Phase::Running)
}

/// Whether the undo of an act was begun and is not over.
pub(super) fn is_being_undone(act: &ActState) -> bool {
    act.undo.is_some() && matches!(act.record, RecordState::Held { .. })
}
