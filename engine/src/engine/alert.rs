//! Telling a site's operators: of each cause in the step that writes it down, so that
//! nothing is lost and nothing told twice; of lives when their time comes. How a notice
//! is delivered is the outbox's business.

mod words;

use rye_core::action::{Audience, Retry};
use rye_core::effect::{Call, Notice, OPERATORS};
use rye_core::id::{EffectId, RunId};
use rye_core::mode::Mode;
use rye_core::value::{Duration, Value};

use super::Engine;
use super::life::is_being_undone;
use super::outbox::marked;
use crate::alert::{About, Alerts};
use crate::entry::Body;
use crate::run::Run;

/// Per attempt at a delivery.
const TIMEOUT: Duration = Duration::from_secs(10);
/// Operators are away from their destination for minutes, not for seconds: the last
/// attempt is made half an hour after the first.
const RETRY: Retry = Retry { attempts: 12, backoff: Duration::from_secs(1) };

/// A notice to a site's operators.
pub fn operators_notice(text: &str) -> Notice {
    let arguments = [("text".into(), Value::text(text))].into();
    let call = Call { action: OPERATORS.into(), arguments };
    Notice { call, audience: Audience::Responders, timeout: TIMEOUT, retry: RETRY }
}

impl Engine {
    /// What operators were told, and what they must be told still.
    pub fn alerts(&self) -> &Alerts {
        &self.alerts
    }

    /// Whether there is somewhere to tell operators anything.
    pub fn has_operators(&self) -> bool {
        self.site.operators
    }

    /// Tells of every cause that the journal has and of which nobody was told.
    pub(super) fn pump_causes(&mut self) {
        while let Some(cause) = self.alerts.owed().first().cloned() {
            // Nothing else is owed.
            let Some(about) = About::of(&cause.body) else { return };
            let text = self.words_of(&cause);
            self.alert(cause.run, about, super::effect_of(&cause.body), &text);
        }
    }

    /// Tells of the lives of a run that end soon, or should have ended.
    pub(super) fn pump_life_alerts(&mut self, id: RunId) {
        while let Some((about, effect)) = self.runs.get(&id).and_then(|run| {
            let due = self.life_alerts(run).find(|(rest, ..)| *rest <= Duration::ZERO);
            due.map(|(_, about, effect)| (about, effect))
        }) {
            let text = self.words_of_life(id, effect, about);
            self.alert(id, about, Some(effect), &text);
        }
    }

    /// After how long people are told of a life of the run; `None` if of none.
    pub(super) fn next_life_alert(&self, run: &Run) -> Option<Duration> {
        self.life_alerts(run).map(|(rest, ..)| rest.max(Duration::ZERO)).min()
    }

    /// Of which lives of a run people are to be told, what, and after how long. A life
    /// that was never longer than the notice ends without one.
    fn life_alerts(&self, run: &Run) -> impl Iterator<Item = (Duration, About, EffectId)> {
        let waits = self.lives_wait(run).is_some();
        let id = run.id;
        let alerts = run.effects.iter().filter_map(move |(effect, state)| {
            let act = state.act().filter(|act| act.life_ended.is_none())?;
            let left = self.life_left(act)?;
            if waits {
                return Some((left, About::Overdue, *effect));
            }
            let (_, span) = act.life()?;
            let notice = self.site.life_notice;
            let ends_itself = left > Duration::ZERO
                && span > notice
                && !is_being_undone(act)
                && !self.undoing.contains_key(&(id, *effect));
            let rest = Duration(left.0.saturating_sub(notice.0));
            ends_itself.then_some((rest, About::LifeEnds, *effect))
        });
        alerts.filter(move |(_, about, effect)| !self.alerts.has_told((id, *effect), *about))
    }

    fn alert(&mut self, run: RunId, about: About, effect: Option<EffectId>, text: &str) {
        let mode = self.runs.get(&run).map_or(Mode::Enforce, Run::mode);
        let number = u64::try_from(self.alerts.of(run).count()).unwrap_or(u64::MAX);
        let alert = EffectId::of_alert(run, number);
        let notice = operators_notice(text);
        let notice = if mode == Mode::Monitor { marked(notice) } else { notice };
        let delivered = self.site.operators && mode != Mode::Shadow;
        self.write(run, Body::Alerted { alert, about, effect, notice, delivered });
    }
}
