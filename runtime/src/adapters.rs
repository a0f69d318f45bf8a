//! Who carries out which verbs: adapters by the module that declares their verbs.

use core::fmt;
use std::collections::BTreeMap;
use std::sync::Arc;

use rye_core::adapter::Adapter;
use rye_core::value::Name;

/// The adapters of this process.
#[derive(Clone, Default)]
pub struct Adapters(BTreeMap<String, Arc<dyn Adapter>>);

impl Adapters {
    /// Adapters by the names of the modules whose verbs they carry out, such as
    /// `std.firewall`.
    pub fn new<N: Into<String>>(adapters: BTreeMap<N, Box<dyn Adapter>>) -> Self {
        let named = adapters.into_iter().map(|(name, adapter)| (name.into(), Arc::from(adapter)));
        Self(named.collect())
    }

    /// The modules whose effects stand in one place or another, and in which.
    pub(crate) fn places(&self) -> Vec<(Name, Name)> {
        let named = |(module, adapter): (&String, &Arc<dyn Adapter>)| {
            (Name::from(module.as_str()), Name::from(adapter.place()))
        };
        self.0.iter().map(named).filter(|(_, place)| !place.is_empty()).collect()
    }

    /// Who carries out the verb of this full name.
    pub(crate) fn of(&self, verb: &str) -> Option<Arc<dyn Adapter>> {
        let (module, _) = verb.rsplit_once('.')?;
        self.0.get(module).cloned()
    }
}

impl fmt::Debug for Adapters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}
