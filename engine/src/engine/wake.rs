//! What each run waits for. A run that isn't over and waits for nothing would
//! be forgotten: there is none, and every test of the simulator checks it.

use rye_core::effect::Act;
use rye_core::id::RunId;
use rye_core::value::Duration;

use super::life::is_being_undone;
use super::live::{ActStage, Pending, UndoStage};
use super::{Engine, ToUndo};
use crate::holding::Holder;
use crate::run::{EffectState, Phase, What};

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
        let waits_for = match &run.phase {
            Phase::Ended { .. } => return None,
            Phase::Held { .. } => WaitsFor::Person,
            Phase::Unwinding(unwinding) => {
                let owner = self.owner_of_records(id);
                let next = match self.runs.get(&owner).map(|run| self.next_to_undo(run, unwinding))
                {
                    Some(ToUndo::Next(effect)) => self.undoing.get_key_value(&(owner, effect)),
                    _ => None,
                };
                next.map_or(WaitsFor::Nothing, |(holder, undoing)| {
                    self.undo_waits_for(*holder, &undoing.stage)
                })
            }
            Phase::Running => match self.live.get(&id).and_then(|live| live.pending.as_ref()) {
                None => WaitsFor::Nothing,
                Some(Pending::Ask { again: Some((since, pause)), .. }) => self.rest(*since, *pause),
                Some(Pending::Clock { until, .. }) => {
                    WaitsFor::Clock(until.saturating_since(self.now.wall).max(Duration::ZERO))
                }
                Some(Pending::Question { effect }) => {
                    let state = self.question(id, *effect);
                    state.map_or(WaitsFor::Nothing, |state| WaitsFor::People(state.rest(self.now)))
                }
                Some(Pending::Act { effect, act, stage, .. }) => match stage {
                    ActStage::Yielding { .. } if self.is_kept_from(act, (id, *effect)) => {
                        WaitsFor::Person
                    }
                    ActStage::Retrying { since, pause, .. }
                    | ActStage::LookingAgain { since, pause }
                    | ActStage::Yielding { since, pause } => self.rest(*since, *pause),
                    ActStage::Unknown => WaitsFor::Person,
                    ActStage::Releasing => self.release_waits_for(act),
                    ActStage::Attempting(_) | ActStage::Probing(_) => WaitsFor::Adapter,
                },
                Some(Pending::Ask { .. }) => WaitsFor::Adapter,
            },
        };
        // What is halted goes on only after an answer that was in flight, or a person.
        Some(match waits_for {
            WaitsFor::Nothing | WaitsFor::Clock(_) | WaitsFor::People(_) if self.is_halted(id) => {
                WaitsFor::Person
            }
            other => other,
        })
    }

    pub(super) fn undo_waits_for(&self, holder: Holder, stage: &UndoStage) -> WaitsFor {
        let act = self.act_state(holder.0, holder.1);
        match stage {
            UndoStage::Yielding { .. }
                if act.is_some_and(|act| self.is_kept_from(&act.act, holder)) =>
            {
                WaitsFor::Person
            }
            UndoStage::Retrying { since, pause, .. } | UndoStage::Yielding { since, pause } => {
                self.rest(*since, *pause)
            }
            _ => WaitsFor::Adapter,
        }
    }

    fn rest(&self, since: crate::stamp::Stamp, pause: Duration) -> WaitsFor {
        let left = pause.0.saturating_sub(self.now.since(since).0).max(0);
        WaitsFor::Clock(Duration(left))
    }

    /// Whether `holder` has to wait until a run that is halted has done, or undone,
    /// the same.
    fn is_kept_from(&self, act: &Act, holder: Holder) -> bool {
        let keeps = |(run, effect): Holder| {
            let other = self.act_state(run, effect);
            let is_open = other.is_some_and(|act| act.may_vanish() || is_being_undone(act));
            is_open && self.is_halted(run)
        };
        self.holdings.holders_of(act.subject()).filter(|other| *other != holder).any(keeps)
    }

    /// The runs to which something may still happen: all others are over, and hold
    /// nothing that a clock ends.
    pub fn awake(&self) -> impl Iterator<Item = RunId> {
        self.agenda.awake()
    }

    /// After how long [`Engine::tick`] has something to do; `None` if never.
    pub fn next_wakeup(&self) -> Option<Duration> {
        self.agenda.next_due(self.now)
    }

    pub(super) fn wakeup_of(&self, id: RunId) -> Option<Duration> {
        let notices = self.notice_of(id);
        let Some(run) = self.runs.get(&id) else { return notices };
        let alert = self.next_life_alert(run);
        if self.is_halted(id) {
            return [notices, alert].into_iter().flatten().min();
        }
        let rest = |waits_for| match waits_for {
            WaitsFor::Clock(rest) | WaitsFor::People(rest) => Some(rest),
            _ => None,
        };
        let clock = self.waits_for(run.id).and_then(rest);
        let running = matches!(run.phase, Phase::Running);
        let deadline = run.deadline().filter(|_| running).map(|deadline| {
            Duration(deadline.0.saturating_sub(self.now.since(run.began).0).max(0))
        });
        // A run that waits for an answer, for a release, or for the world to show what it did,
        // meets its deadline after it.
        let awaits = self.waits_for(run.id) == Some(WaitsFor::Adapter)
            || self.pending_act(run.id).is_some_and(|(.., stage)| {
                matches!(stage, ActStage::Releasing | ActStage::LookingAgain { .. })
            });
        let deadline = deadline.filter(|_| !awaits);
        let undo = self
            .undos_of(run.id)
            .filter_map(|(holder, undoing)| rest(self.undo_waits_for(*holder, &undoing.stage)))
            .min();
        let life = self.next_life(run);
        [clock, deadline, life, alert, notices, undo].into_iter().flatten().min()
    }

    /// After how long a notice is sent again; `None` if none waits for that.
    pub fn next_notice(&self) -> Option<Duration> {
        self.agenda.awake().filter_map(|id| self.notice_of(id)).min()
    }

    /// Whether nothing will ever happen to a run by itself.
    pub(super) fn is_asleep(&self, id: RunId) -> bool {
        if self.open_notices(id).next().is_some() {
            return false;
        }
        let Some(run) = self.runs.get(&id) else { return true };
        let rests = |effect: &EffectState| match &effect.what {
            What::Act(act) if self.covered_by(act).is_some() => true,
            What::Act(act) => {
                let is_ended = act.life_ended.is_some() && act.record.stands();
                act.life().is_none() && !is_being_undone(act) && !is_ended
            }
            What::Query(_)
            | What::Notice(_)
            | What::Wait { .. }
            | What::Question(_)
            | What::Refused { .. } => true,
        };
        run.is_over()
            && self.undos_of(id).next().is_none()
            && run.effects.values().all(|effect| rests(effect))
    }

    fn notice_of(&self, id: RunId) -> Option<Duration> {
        self.open_notices(id)
            .filter_map(|(_, notice)| {
                let (at, _) = notice.ending.as_ref()?;
                match self.rest(*at, notice.notice.retry.after(notice.attempts)?) {
                    WaitsFor::Clock(rest) => Some(rest),
                    _ => None,
                }
            })
            .min()
    }
}
