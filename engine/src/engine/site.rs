//! What of the site can change while runs are under way.

use super::Engine;
use crate::guardrail::Protected;

impl Engine {
    /// From now on this is what nothing may touch. What was done before stays.
    pub fn protect(&mut self, protected: Protected) {
        self.site.protected = protected;
    }
}
