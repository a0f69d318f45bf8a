//! Notices: written down with the run, delivered beside it. The outbox is the
//! fold of all that were told, by a playbook or by the engine, and are not over.

use rye_core::action::Audience;
use rye_core::adapter::Ending;
use rye_core::effect::Notice;
use rye_core::id::{EffectId, RunId};
use rye_core::mode::Mode;
use rye_core::value::{Name, Value};

use super::{Engine, Place};
use crate::command::{Purpose, Ticket};
use crate::entry::Body;
use crate::run::NoticeState;

impl Engine {
    pub(super) fn want_told(&mut self, id: RunId, place: Place, notice: Notice) -> bool {
        let effect = place.position.effect_id(id);
        let mode = self.runs.get(&id).map_or(Mode::Shadow, crate::run::Run::mode);
        let delivered = match mode {
            Mode::Shadow => false,
            Mode::Monitor => notice.audience == Audience::Responders,
            Mode::Enforce => true,
        };
        let notice = if mode == Mode::Monitor { marked(notice) } else { notice };
        self.emit(id, Body::Told { effect, place, notice, delivered });
        true
    }

    /// Sends what is due and not under way.
    pub(super) fn pump_outbox(&mut self, id: RunId) {
        let due: Vec<(EffectId, NoticeState)> = self
            .open_notices(id)
            .filter(|(effect, _)| !self.telling.contains(&(id, *effect)))
            .filter(|(_, notice)| {
                match (&notice.ending, notice.notice.retry.after(notice.attempts)) {
                    (None, _) => true,
                    (Some((at, _)), Some(pause)) => self.now.has_passed(*at, pause),
                    (Some(_), None) => false,
                }
            })
            .map(|(effect, notice)| (effect, notice.clone()))
            .collect();
        for (effect, NoticeState { notice, attempts, .. }) in due {
            let attempt = attempts.saturating_add(1);
            let ticket = Ticket { run: id, owner: id, effect, purpose: Purpose::Tell, attempt };
            self.dispatch(ticket, notice.call, notice.timeout, None);
            self.telling.insert((id, effect));
        }
    }

    /// What a run tells, and what is told about it, as far as it was neither delivered
    /// nor given up; for the id that stands for none, what is told about the store.
    pub fn open_notices(&self, id: RunId) -> impl Iterator<Item = (EffectId, &NoticeState)> {
        let effects = self.runs.get(&id).into_iter().flat_map(|run| &run.effects);
        let own = effects.filter_map(|(effect, state)| Some((*effect, state.notice()?)));
        own.chain(self.alerts.of(id)).filter(|(_, notice)| !notice.over)
    }

    fn open_notice(&self, id: RunId, effect: EffectId) -> Option<&NoticeState> {
        self.open_notices(id).find_map(|(open, notice)| (open == effect).then_some(notice))
    }

    /// The answer of an attempt at a delivery.
    pub(super) fn told(&mut self, ticket: Ticket, ending: Ending) {
        let Ticket { run: id, effect, attempt, .. } = ticket;
        if !self.telling.remove(&(id, effect)) {
            return;
        }
        let Some(retry) = self.open_notice(id, effect).map(|state| state.notice.retry) else {
            return;
        };
        let fails = matches!(ending, Ending::NotSent(_) | Ending::Unknown(_));
        let last = !fails || retry.after(attempt).is_none();
        self.emit(id, Body::Delivered { effect, attempt, ending, last });
    }
}

/// In monitor mode, the mode is the first word that people read.
pub(super) fn marked(mut notice: Notice) -> Notice {
    let mark = |(name, value): &(Name, Value)| match value {
        Value::Text(text) if **name == *"text" => {
            (name.clone(), Value::text(format!("{}: {text}", Mode::Monitor)))
        }
        other => (name.clone(), other.clone()),
    };
    notice.call.arguments = notice.call.arguments.iter().map(mark).collect();
    notice
}
