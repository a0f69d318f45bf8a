//! Lives: effects that a clock ends, or a person before it; and what a person
//! says about them.

use rye_core::id::{EffectId, RunId};
use rye_core::limit::RENEWAL_SECONDS_MAX;
use rye_core::value::Duration;

use super::{Engine, Message};
use crate::entry::{Body, Why};
use crate::holding::Holder;
use crate::run::{ActState, EffectState, Phase, RecordState, Run};

impl Engine {
    /// Lets go what has lived its time, whatever the run is doing.
    pub(super) fn pump_lives(&mut self, id: RunId) {
        if self.is_halted(id) {
            return;
        }
        let undos: Vec<Holder> = self.undos_of(id).map(|(holder, _)| *holder).collect();
        for holder in undos {
            self.pump_undo(holder);
        }
        while let Some((effect, why)) = self.due(id) {
            self.let_go(id, id, effect, why);
        }
    }

    /// An effect whose life is over, or whose undo was begun for that and not ended,
    /// and that nobody undoes now.
    fn due(&self, id: RunId) -> Option<(EffectId, Why)> {
        let run = self.runs.get(&id)?;
        run.effects.iter().find_map(|(effect, state)| {
            let act = state.act().filter(|_| !self.undoing.contains_key(&(id, *effect)))?;
            let why = self.why_due(run, act)?;
            let began = is_being_undone(act) && act.undo.is_some_and(|undo| undo.why == why);
            (began || may_let_go(run, state)).then_some((*effect, why))
        })
    }

    /// What ends the life of an effect now, if something does.
    fn why_due(&self, run: &Run, act: &ActState) -> Option<Why> {
        if let Some(ended) = act.life_ended {
            let is_stuck = matches!(act.record, RecordState::Stuck { .. });
            let is_due = act.record.stands() && !is_stuck && self.covered_by(act).is_none();
            return (is_due && !self.only_a_person_ends(run, act)).then_some(ended.why);
        }
        let began = is_being_undone(act) && act.undo.is_some_and(|undo| undo.why == Why::Life);
        let over = self.life_left(act).is_some_and(|left| left <= Duration::ZERO);
        (began || over && self.withdrawn(run.id).is_none()).then_some(Why::Life)
    }

    /// Whether a clock would end an effect, and its bundle may be used no longer.
    fn only_a_person_ends(&self, run: &Run, act: &ActState) -> bool {
        let is_of_clock = act.life_ended.is_none_or(|ended| ended.why == Why::Life);
        is_of_clock && !is_being_undone(act) && self.withdrawn(run.id).is_some()
    }

    /// How much of an effect's life is left; `None` if no clock ends it.
    pub fn life_left(&self, act: &ActState) -> Option<Duration> {
        let (since, span) = act.life()?;
        Some(Duration(span.0.saturating_sub(self.now.surely_since(since).0)))
    }

    /// Why no clock may end the lives of a run's effects: a person has to.
    pub fn lives_wait(&self, run: &Run) -> Option<&'static str> {
        if self.is_halted(run.id) {
            return Some("halted");
        }
        self.withdrawn(run.id).map(|_| "its bundle may be used no longer")
    }

    /// After how long the next life of a run ends; `None` if none will.
    pub(super) fn next_life(&self, run: &Run) -> Option<Duration> {
        let waits = self.lives_wait(run).is_some();
        run.effects
            .iter()
            .filter(|(effect, state)| {
                !waits && may_let_go(run, state) && !self.undoing.contains_key(&(run.id, **effect))
            })
            .filter_map(|(_, state)| self.life_left(state.act()?))
            .map(|left| left.max(Duration::ZERO))
            .min()
    }

    pub(super) fn renew(
        &mut self,
        message: &Message,
        effect: EffectId,
        span: Duration,
    ) -> Result<(), String> {
        let most = Duration::from_secs(RENEWAL_SECONDS_MAX);
        if span <= Duration::ZERO || span > most {
            return Err(format!("an effect is renewed for more than nothing and at most {most}"));
        }
        let act = self.held_act(message.run, effect)?;
        if is_being_undone(act) || act.life_ended.is_some() {
            return Err(String::from("it is being taken back already"));
        }
        let left = self.life_left(act).ok_or_else(|| {
            String::from("no clock ends it: it stands until a person says `let-go` or `rollback`")
        })?;
        if span < left {
            let left = Duration(left.0.saturating_sub(left.0 % 1_000_000));
            return Err(format!("it stands for {left} more: `let-go` ends it sooner"));
        }
        self.emit(message.run, Body::Renewed { effect, span, by: message.by });
        Ok(())
    }

    pub(super) fn end_life(&mut self, message: &Message, effect: EffectId) -> Result<(), String> {
        let act = self.held_act(message.run, effect)?;
        if let Some((run, later)) = self.covered_by(act) {
            return Err(waits_for((run, later)));
        }
        let is_stuck = matches!(act.record, RecordState::Stuck { .. });
        let needs_person =
            self.runs.get(&message.run).is_some_and(|run| self.only_a_person_ends(run, act));
        let is_ending = is_being_undone(act) || act.life_ended.is_some() && !needs_person;
        if !is_stuck && is_ending {
            return Err(String::from("it is being taken back already"));
        }
        self.emit(message.run, Body::LifeEnded { effect, by: message.by });
        Ok(())
    }

    /// The act, if its record stands.
    fn held_act(&self, run: RunId, effect: EffectId) -> Result<&ActState, String> {
        let act = self.act_state(run, effect).ok_or_else(|| format!("no act is {effect}"))?;
        if act.record.stands() {
            return Ok(act);
        }
        Err(String::from("the run does not hold it any more"))
    }
}

/// Whether a clock may end the life of an effect: not while the run is in the
/// middle of the act.
fn may_let_go(run: &Run, effect: &EffectState) -> bool {
    effect.answered.is_some() || !matches!(run.phase, Phase::Running)
}

/// Whether the undo of an act was begun and is not over.
pub(super) fn is_being_undone(act: &ActState) -> bool {
    act.undo.is_some() && matches!(act.record, RecordState::Held { .. })
}

/// Why a person can't let go of what waits for a later effect.
pub(super) fn waits_for((run, effect): Holder) -> String {
    format!(
        "it is to be taken back already, and waits for effect {effect} of run {run}, which changed \
         the same later and stands: let go of that one"
    )
}
