//! Effects that others of ours cover: one action, done again on the same assets with
//! another end. To take back the earlier one the world has to be as it left it, and it
//! is not while the later one stands. So the earlier one waits, in whatever run the
//! later one is, and lets go once that is gone.

use rye_core::id::RunId;

use super::Engine;
use crate::entry::{Body, Why};
use crate::holding::Holder;
use crate::run::{ActState, ActStatus, Phase, RecordState};

impl Engine {
    /// The later effect that an act waits for, which is to be taken back.
    pub fn covered_by(&self, act: &ActState) -> Option<Holder> {
        let RecordState::Covered { by, .. } = act.record else { return None };
        self.act_state(by.0, by.1).filter(|act| act.record.stands()).map(|_| by)
    }

    /// The next effect of ours that changed the same later, and still stands.
    pub(super) fn later_on_the_same(&self, holder: Holder) -> Option<Holder> {
        let act = self.act_state(holder.0, holder.1)?;
        self.holdings.above(act.act.holding(), holder)?.spokesman()
    }

    /// Whether nobody knows yet if an act changes the world, and an answer will say.
    pub(super) fn is_in_the_air(&self, holder: Holder) -> bool {
        let Some(run) = self.runs.get(&holder.0) else { return false };
        let is_going_on = matches!(run.phase, Phase::Running) && !self.is_halted(holder.0);
        let act = run.effects.get(&holder.1).and_then(|state| state.act());
        let is_open = |act: &ActState| {
            use ActStatus::{Attempting, InDoubt, Retrying};
            matches!(act.status, Attempting { .. } | Retrying { .. } | InDoubt { .. })
        };
        let is_answered = run.effects.get(&holder.1).is_some_and(|state| state.answered.is_some());
        is_going_on && !is_answered && act.is_some_and(is_open)
    }

    /// `holder` is to let go, and waits for `by`.
    pub(super) fn wait_for_later(&mut self, id: RunId, holder: Holder, why: Why, by: Holder) {
        let ((owner, effect), (by_run, by_effect)) = (holder, by);
        self.emit(id, Body::Covered { owner, effect, why, by_run, by_effect });
    }

    /// Something became of an act: who waited for it goes on if it is gone.
    pub(super) fn uncover(&mut self, holder: Holder) {
        let Some(act) = self.act_state(holder.0, holder.1) else { return };
        if act.record.stands() {
            return;
        }
        let waits = |(run, effect): &Holder| {
            let record = self.act_state(*run, *effect).map(|act| &act.record);
            matches!(record, Some(RecordState::Covered { by, .. }) if *by == holder)
        };
        let holders = self.holdings.holders_of(act.act.subject()).filter(waits);
        let waiting: Vec<RunId> = holders.map(|(run, _)| run).collect();
        for run in waiting {
            self.agenda.rouse(run);
        }
    }
}
