//! What operators are told when the journal fails. Nothing is left that could keep a
//! notice, so it is tried once, and waited for as long as one attempt may take.

use rye_core::adapter::{Ending, Request};
use rye_core::effect::Notice;
use rye_core::id::{EffectId, IdempotencyKey, RunId};
use rye_engine::engine::operators_notice;

use super::Shell;
use crate::store::StoreError;
use crate::timeline::Line;

impl Shell {
    /// Tells operators that nothing is done any more, and whoever watches whether they
    /// could be told.
    pub(super) fn last_words(&mut self, error: &StoreError) {
        if !self.engine.has_operators() {
            return;
        }
        let error = error.to_string();
        let error = error.lines().next().unwrap_or_default();
        let Notice { call, timeout, .. } = operators_notice(&format!(
            "STOPPED: `ryed` can't write down what it does, so it does nothing any more, and no \
             clock ends what is held: {error}. Next: mend the store, then `ryed resume`."
        ));
        // Each failure is one of its own. Without chance it is a repetition at worst.
        let mut id = [0; 16];
        let _ = getrandom::fill(&mut id);
        let (run, key) = (RunId::default(), IdempotencyKey::of_act(RunId::default(), EffectId(id)));
        let request = Request { call, key, undoes: None, run, attempt: 1, timeout };
        let text = match self.dispatch.attempt_once(request) {
            Ending::Done(_) | Ending::AlreadySo(_) => String::from("the operators were told"),
            ending => format!("the operators could not be told: {ending}"),
        };
        (self.observe)(Line { at: self.clock.now().wall, run: None, text, help: None });
    }
}
