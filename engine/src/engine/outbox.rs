//! Notices: written down with the run, delivered beside it. The outbox is the
//! fold of all that were told and are not over.

use rye_core::action::Audience;
use rye_core::adapter::Ending;
use rye_core::effect::Notice;
use rye_core::id::{EffectId, RunId};
use rye_core::mode::Mode;
use rye_core::value::{Name, Value};

use super::{Engine, Place};
use crate::command::{Purpose, Ticket};
use crate::entry::Body;

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
        for effect in self.due_notices(id) {
            let Some((call, timeout, attempt)) = self.runs.get(&id).and_then(|run| {
                let state = run.effects.get(&effect)?.notice()?;
                let notice = &state.notice;
                Some((notice.call.clone(), notice.timeout, state.attempts.saturating_add(1)))
            }) else {
                continue;
            };
            let ticket = Ticket { run: id, owner: id, effect, purpose: Purpose::Tell, attempt };
            self.dispatch(ticket, call, timeout, None);
            self.live.entry(id).or_default().telling.insert(effect);
        }
    }

    fn due_notices(&self, id: RunId) -> Vec<EffectId> {
        let Some(run) = self.runs.get(&id) else { return Vec::new() };
        let telling = self.live.get(&id).map(|live| &live.telling);
        run.effects
            .iter()
            .filter(|(effect, _)| !telling.is_some_and(|telling| telling.contains(effect)))
            .filter_map(|(effect, state)| Some((effect, state.notice()?)))
            .filter(|(_, notice)| !notice.over)
            .filter(|(_, notice)| {
                match (&notice.ending, notice.notice.retry.after(notice.attempts)) {
                    (None, _) => true,
                    (Some((at, _)), Some(pause)) => self.now.has_passed(*at, pause),
                    (Some(_), None) => false,
                }
            })
            .map(|(effect, _)| *effect)
            .collect()
    }

    /// The answer of an attempt at a delivery.
    pub(super) fn told(&mut self, ticket: Ticket, ending: Ending) {
        let id = ticket.run;
        let effect = ticket.effect;
        if !self.live.entry(id).or_default().telling.remove(&effect) {
            return;
        }
        let Some(retry) = self
            .runs
            .get(&id)
            .and_then(|run| run.effects.get(&effect)?.notice())
            .map(|state| state.notice.retry)
        else {
            return;
        };
        let fails = matches!(ending, Ending::NotSent(_) | Ending::Unknown(_));
        let last = !fails || retry.after(ticket.attempt).is_none();
        self.emit(id, Body::Delivered { effect, attempt: ticket.attempt, ending, last });
    }
}

/// In monitor mode, the mode is the first word that people read.
fn marked(mut notice: Notice) -> Notice {
    let mark = |(name, value): &(Name, Value)| match value {
        Value::Text(text) if **name == *"text" => {
            (name.clone(), Value::text(format!("{}: {text}", Mode::Monitor)))
        }
        other => (name.clone(), other.clone()),
    };
    notice.call.arguments = notice.call.arguments.iter().map(mark).collect();
    notice
}
