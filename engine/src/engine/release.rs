//! `std.effects`, which no adapter carries out: what the runs of the store hold is
//! read from their fold, and a release ends the life of an effect as a person does.
//!
//! The intent of a release is what ends that life; who did the effect lets go of it
//! then, in entries of its own. So a release that died, or whose run is over, leaves
//! nothing half done, and its outcome follows from what became of the effect.

use rye_core::adapter::Ending;
use rye_core::canonical;
use rye_core::effect::{Act, Query, UndoPlan};
use rye_core::error::{Error, ErrorKind};
use rye_core::id::{EffectId, RunId};
use rye_core::limit::ANSWER_BYTES_MAX;
use rye_core::value::{Duration, Value};
use rye_core::wire::Writer;

use super::live::ActStage;
use super::{Engine, Place, WaitsFor};
use crate::command::{Purpose, Ticket};
use crate::effects::{self, About, Released};
use crate::entry::{Answer, Body, Entry, LetGo, Why};
use crate::holding::Holder;
use crate::run::{ActState, ActStatus, RecordState, Run};

impl Engine {
    /// What a query of `std.effects` is answered; `None` for any other.
    pub(super) fn answer_of_effects(&self, query: &Query) -> Option<Answer> {
        let about = effects::about(&query.call)?;
        let mut runs: Vec<&Run> = match about {
            About::Run(text) => match self.run_named(text) {
                Ok(run) => vec![run],
                Err(error) => return Some(Err(error)),
            },
            About::Asset(_) => self.runs.values().collect(),
        };
        runs.sort_by_key(|run| (run.began.wall, run.id));
        let held = runs.into_iter().flat_map(|run| {
            let records = run.records().filter(|(.., act)| is_reversible(act));
            let meant = records.filter(move |(.., act)| match about {
                About::Run(_) => true,
                About::Asset(asset) => effects::acts_on(act, asset),
            });
            meant.map(|(effect, state, act)| effects::held(run, effect, state.begun.wall, act))
        });
        Some(bounded(Value::list(held.take(effects::FOUND_MAX))))
    }

    fn run_named(&self, text: &str) -> Result<&Run, Error> {
        let id = RunId::from_hex(text).ok_or_else(|| {
            Error::new(ErrorKind::Rejected, "a run is named by its id, 32 hexadecimal digits")
        })?;
        let unknown = || Error::new(ErrorKind::NotFound, "this store has no such run");
        self.runs.get(&id).ok_or_else(unknown)
    }

    /// Folds the intent of a release: the effect's life is over.
    pub(super) fn fold_release(&mut self, entry: &Entry) {
        let Body::Intent { act, .. } = &entry.body else { return };
        let Some((owner, effect)) = self.released_by(act) else { return };
        if let Some(run) = self.runs.get_mut(&owner) {
            run.release(effect, entry.at);
            self.agenda.rouse(owner);
            self.agenda.watch(entry.run);
        }
    }

    /// The effect that an act releases, if this store has it.
    pub(super) fn released_by(&self, act: &Act) -> Option<Holder> {
        self.holder_of(effects::released(&act.call)?)
    }

    /// Whose act that is, of all runs of the store.
    pub fn holder_of(&self, effect: EffectId) -> Option<Holder> {
        let is_act = |run: &&Run| run.effects.get(&effect).is_some_and(|of| of.act().is_some());
        self.runs.values().find(is_act).map(|run| (run.id, effect))
    }

    /// What a release answers that has nothing to do, before anything is written.
    pub(super) fn answer_of_gone(&self, id: RunId, act: &Act) -> Option<Value> {
        let (owner, effect) = self.released_by(act).filter(|_| !self.is_dry(id))?;
        let target = self.act_state(owner, effect)?;
        let is_gone = is_reversible(target) && !target.record.stands();
        is_gone.then(|| Released::AlreadyGone.value())
    }

    /// Lets the owner of the released effect let go of it, as far as it comes, and
    /// takes what became of it as the answer. Whether there is one.
    pub(super) fn pump_release(
        &mut self,
        id: RunId,
        effect: EffectId,
        place: Place,
        act: Box<Act>,
    ) -> bool {
        if let Some((owner, _)) = self.released_by(&act) {
            self.pump_lives(owner);
        }
        let Some(ending) = self.ending_of_release(&act) else { return false };
        self.set_stage(id, effect, place, act, ActStage::Attempting(1));
        self.acted(
            Ticket { run: id, owner: id, effect, purpose: Purpose::Act, attempt: 1 },
            ending,
        );
        true
    }

    /// A run ends in the middle of a release: that goes on, and nobody hears of it.
    pub(super) fn leave_release(&mut self, id: RunId) {
        let Some(run) = self.runs.get(&id) else { return };
        let under_way = run.acts().find(|(.., act)| {
            effects::is_release(&act.act.call) && matches!(act.status, ActStatus::Attempting { .. })
        });
        let Some((effect, ..)) = under_way else { return };
        let answer = Some(Err(goes_on()));
        let ending = Ending::Refused { error: goes_on(), perhaps: false };
        self.emit(id, Body::Outcome { effect, attempt: 1, ending, stands: false, answer });
    }

    /// Whether something that a run released, over or not, is still to be taken back.
    pub(super) fn is_releasing(&self, id: RunId) -> bool {
        let acts = self.runs.get(&id).into_iter().flat_map(Run::acts);
        let mut targets = acts.filter_map(|(.., act)| {
            let (owner, effect) = self.released_by(&act.act)?;
            self.act_state(owner, effect)
        });
        targets.any(|target| {
            let is_released = target.life_ended.is_some_and(|ended| ended.why == Why::Release);
            let is_open = |record: &RecordState| {
                matches!(record, RecordState::Held { .. } | RecordState::Covered { .. })
            };
            is_released && is_open(&target.record)
        })
    }

    /// How a release that was begun ended; `None` while it has not.
    fn ending_of_release(&self, act: &Act) -> Option<Ending> {
        let Some((owner, effect)) = self.released_by(act) else {
            let text = "this store has no effect of that id";
            return Some(Ending::refused(ErrorKind::NotFound, text));
        };
        let target = self.act_state(owner, effect)?;
        if !is_reversible(target) {
            return Some(Ending::refused(ErrorKind::Rejected, "nothing takes that effect back"));
        }
        let released = match &target.record {
            RecordState::Held { .. } | RecordState::Covered { .. } => {
                let is_late = self.rest_of_release(act, target).is_none();
                return is_late.then(|| Ending::Refused { error: goes_on(), perhaps: false });
            }
            RecordState::Stuck { ending, .. } => return Some(failed(ending)),
            RecordState::Undone { .. } => Released::Undone,
            RecordState::LetGo { how: LetGo::ChangedByOthers, .. } => Released::ChangedSince,
            RecordState::LetGo { how: LetGo::StillHeld, .. } => {
                let holding = self.holdings.of(target.act.holding(), (owner, effect));
                holding.map_or(Released::AlreadyGone, |of| Released::StillHeld(of.holders.len()))
            }
            RecordState::LetGo { how: LetGo::NothingToUndo, .. } | RecordState::None => {
                Released::AlreadyGone
            }
        };
        Some(Ending::Done(released.value()))
    }

    /// How much of its time a release still has; `None` when it is over.
    fn rest_of_release(&self, act: &Act, target: &ActState) -> Option<Duration> {
        let since = target.life_ended.map_or(self.now, |ended| ended.at);
        let left = Duration(act.timeout.0.saturating_sub(self.now.since(since).0));
        (left > Duration::ZERO).then_some(left)
    }

    /// What a run waits for that releases something.
    pub(super) fn release_waits_for(&self, act: &Act) -> WaitsFor {
        let now = WaitsFor::Clock(Duration::ZERO);
        let Some(holder) = self.released_by(act) else { return now };
        let Some(target) = self.act_state(holder.0, holder.1) else { return now };
        if self.ending_of_release(act).is_some() {
            return now;
        }
        let rest = self.rest_of_release(act, target).unwrap_or(Duration::ZERO);
        match self.undoing.get(&holder).map(|undoing| self.undo_waits_for(holder, &undoing.stage)) {
            Some(WaitsFor::Adapter) => WaitsFor::Adapter,
            Some(WaitsFor::Clock(pause)) => WaitsFor::Clock(pause.min(rest)),
            _ => WaitsFor::Clock(rest),
        }
    }
}

/// The answer, if it is no larger than one of an adapter may be.
fn bounded(answer: Value) -> Answer {
    let mut writer = Writer::new();
    canonical::write(&mut writer, &answer);
    if writer.into_bytes().len() <= ANSWER_BYTES_MAX {
        return Ok(answer);
    }
    let text = format!("the answer has more than {ANSWER_BYTES_MAX} bytes");
    Err(Error::new(ErrorKind::Rejected, text))
}

fn is_reversible(act: &ActState) -> bool {
    matches!(act.act.undo, UndoPlan::Call { .. })
}

/// A release fails as the undo did. Nothing of it is in doubt: what is, is the undo.
fn failed(ending: &Ending) -> Ending {
    match ending {
        Ending::Refused { error, .. } => Ending::Refused { error: error.clone(), perhaps: false },
        Ending::NotSent(text) => Ending::refused(ErrorKind::Unavailable, text),
        Ending::Unknown(_) => {
            Ending::refused(ErrorKind::Timeout, "nobody knows whether it was taken back")
        }
        Ending::Done(_) | Ending::AlreadySo(_) => {
            Ending::refused(ErrorKind::Conflict, "its undo failed")
        }
    }
}

fn goes_on() -> Error {
    Error::new(ErrorKind::Timeout, "it is not taken back yet; that goes on by itself")
}
