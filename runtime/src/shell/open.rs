//! Opening: from a folder to a shell whose engine knows all that the journal says,
//! with the bundles of its unfinished runs loaded and verified again.

use core::fmt;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::mpsc::channel;

use rye_bundle::verify::Purpose;
use rye_core::digest::Digest;
use rye_core::value::{Name, Time};
use rye_engine::engine::{Engine, Site as EngineSite};
use rye_engine::entry::Body;
use rye_engine::stamp::Stamp;
use rye_journal::JournalError;

use super::belief::{Belief, BeliefError};
use super::dispatch::Dispatch;
use super::times::Times;
use super::{Shell, Stopper};
use crate::adapters::Adapters;
use crate::clock::Clock;
use crate::config::Site;
use crate::loader::{LoadError, Loader, Moment};
use crate::protect::{ProtectError, Surroundings, Watch};
use crate::store::{Store, StoreError};
use crate::timeline::Line;

/// What a shell is made of.
pub struct Parts {
    /// What the site says.
    pub site: Site,
    /// Who is believed.
    pub loader: Loader,
    /// Who carries out which verbs.
    pub adapters: Adapters,
    /// Whether they have somewhere to tell operators anything.
    pub operators: bool,
    /// Where to look for what is protected.
    pub surroundings: Surroundings,
    /// The machine's clocks.
    pub clock: Clock,
    /// Is shown what happens, as soon as it can't be lost.
    pub observe: Box<dyn FnMut(Line)>,
}

impl fmt::Debug for Parts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Parts").field("site", &self.site).finish_non_exhaustive()
    }
}

/// Why a store can't be acted on.
#[derive(Debug)]
pub enum OpenError {
    /// The store.
    Store(StoreError),
    /// Nobody is believed.
    Belief(BeliefError),
    /// What must be protected can't be found out.
    Protect(ProtectError),
    /// The store is of another installation.
    Environment {
        /// Whose it is.
        store: String,
        /// Whose site file was named.
        site: String,
    },
    /// What stands was done in another place than the site names now.
    Moved {
        /// Whose acts.
        module: String,
        /// Where they were done.
        from: String,
        /// Where the site would undo them.
        to: String,
    },
    /// A run that isn't over needs a bundle that this process can't execute.
    Incapable {
        /// The runs.
        runs: Vec<String>,
        /// Why.
        error: LoadError,
    },
}

impl OpenError {
    /// Whether there is no store at all.
    pub fn is_no_store(&self) -> bool {
        matches!(self, Self::Store(StoreError::Journal(JournalError::NotAStore { .. })))
    }
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Store(error) => error.fmt(f),
            Self::Belief(error) => error.fmt(f),
            Self::Protect(error) => error.fmt(f),
            Self::Environment { store, site } => write!(
                f,
                "the store is of the environment `{store}`, and the site file says `{site}`\n  \
                 help: name the site file and the trust root of `{store}`, or another store"
            ),
            Self::Moved { module, from, to } => write!(
                f,
                "`{module}` acts on {to} now, and what stands was done on {from}\n  \
                 help: configure `{module}` as it was and take back what `ryectl contained` lists; \
                 then change it"
            ),
            Self::Incapable { runs, error } => write!(
                f,
                "the bundle of {} can't be executed here, so nothing is: {error}\n  help: {}",
                runs.join(", "),
                error.help()
            ),
        }
    }
}

impl core::error::Error for OpenError {}

impl From<StoreError> for OpenError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<BeliefError> for OpenError {
    fn from(error: BeliefError) -> Self {
        Self::Belief(error)
    }
}

impl Shell {
    /// Opens the store at `path`; where nothing is, makes one if `may_create`.
    ///
    /// # Errors
    /// When the store can't be acted on.
    pub fn open(path: &Path, may_create: bool, parts: Parts) -> Result<Self, OpenError> {
        let now = parts.clock.now();
        let watch = Watch::begin(parts.surroundings.clone(), now).map_err(OpenError::Protect)?;
        let mut engine = Engine::new(EngineSite {
            protected: watch.protected(),
            quotas: parts.site.quotas.clone(),
            maintenance: parts.site.maintenance.clone(),
            undo_patience: parts.site.undo_patience,
            life_notice: parts.site.life_notice,
            operators: parts.operators,
        });
        let environment = parts.site.environment.as_str().to_owned();
        let store = match Store::open(path, now, &mut |entry| engine.apply(entry)) {
            Err(StoreError::Journal(JournalError::NotAStore { .. })) if may_create => {
                Store::create(path, &environment, now)?
            }
            opened => opened?,
        };
        if let Some(store) = store.environment().filter(|store| ***store != *environment) {
            return Err(OpenError::Environment { store: store.to_string(), site: environment });
        }
        let places = parts.adapters.places();
        let mut shell = Self::over(store, engine, watch, parts);
        shell.bind(places, now)?;
        shell.recall_belief(now)?;
        shell.look_at_trust(now)?;
        shell.load_needed(now)?;
        shell.recheck_trust(now);
        shell.carry_out(now)?;
        // What the last process did not finish.
        shell.erase(now)?;
        Ok(shell)
    }

    /// A shell around a store and the engine that was told what is in it.
    pub(super) fn over(store: Store, engine: Engine, watch: Watch, parts: Parts) -> Self {
        let (told, events) = channel();
        Self {
            engine,
            store,
            loader: parts.loader,
            belief: Belief::default(),
            dispatch: Dispatch::new(parts.adapters, Times::of(&parts.site), told.clone()),
            site: parts.site,
            clock: parts.clock,
            watch,
            events,
            stopper: Stopper(told),
            observe: parts.observe,
            heard: BTreeMap::new(),
            odd: BTreeSet::new(),
            looked: None,
            kept: None,
            busy: None,
        }
    }

    /// Writes down where the effects of each module stand. While something stands, it
    /// stays there: undoing it elsewhere would find nothing, and forget it.
    fn bind(&mut self, places: Vec<(Name, Name)>, now: Stamp) -> Result<(), OpenError> {
        for (module, place) in places {
            match self.store.place_of(&module) {
                Some(before) if *before == place => {}
                Some(before) if self.is_anything_of(&module) => {
                    let (module, from, to) = (&module, before, &place);
                    let [module, from, to] = [module, from, to].map(ToString::to_string);
                    return Err(OpenError::Moved { module, from, to });
                }
                _ => self.note(Body::Bound { module, place }, now)?,
            }
        }
        Ok(())
    }

    /// Whether something stands that an action of `module` did.
    fn is_anything_of(&self, module: &str) -> bool {
        let is_its = |action: &str| action.rsplit_once('.').is_some_and(|(of, _)| of == module);
        let mut runs = self.engine.runs().values();
        runs.any(|run| run.records().any(|(_, _, act)| is_its(&act.act.call.action)))
    }

    /// Loads the bundles of runs that aren't over or hold something. The runs of one
    /// that nobody may use any more are held; one that can't be executed here stops
    /// everything.
    fn load_needed(&mut self, now: Stamp) -> Result<(), OpenError> {
        let needed = self.engine.needed_bundles();
        for digest in needed.iter().copied() {
            let Some(bytes) = self.store.bundles.get(digest).map_err(StoreError::Journal)? else {
                tracing::error!(bundle = %digest, "the bundle of a run is missing");
                self.engine.withdraw(digest, "E_IO", now);
                continue;
            };
            let moment = self.moment(now.wall);
            match self.loader.load(&bytes, moment, Purpose::Resume(digest)) {
                Ok(loaded) => {
                    self.engine.add_program(digest, loaded.program, loaded.budget);
                    self.watch_bundle(loaded.bundle);
                }
                Err(error) if error.is_incapable() => {
                    return Err(OpenError::Incapable { runs: self.runs_of(digest), error });
                }
                Err(error) => self.withdraw(digest, &error, now),
            }
        }
        for digest in self.engine.held_bundles().difference(&needed).copied() {
            let bytes = self.store.bundles.get(digest).map_err(StoreError::Journal)?;
            let moment = self.moment(now.wall);
            match bytes.map(|bytes| self.loader.admit(&bytes, moment, digest)) {
                Some(Ok(bundle)) => self.watch_bundle(bundle),
                Some(Err(error)) if !error.is_incapable() => self.withdraw(digest, &error, now),
                // Nothing of it is executed any more, and nobody has taken it back.
                Some(Err(_)) | None => {}
            }
        }
        Ok(())
    }

    fn withdraw(&mut self, digest: Digest, error: &LoadError, now: Stamp) {
        tracing::error!(bundle = %digest, %error, "the bundle of a run is withdrawn");
        self.engine.withdraw(digest, error.code(), now);
    }

    /// What a load is measured by.
    pub(super) fn moment(&self, now: Time) -> Moment<'_> {
        Moment { now, latest_seen: self.store.latest_seen(), known: self.store.known() }
    }

    /// Writes down that a bundle was refused.
    pub(super) fn reject(&mut self, error: &LoadError, now: Stamp) -> Result<(), StoreError> {
        tracing::error!(%error, "a bundle was refused");
        let body = Body::BundleRejected { digest: error.digest, code: Name::from(error.code()) };
        self.note(body, now)
    }

    fn runs_of(&self, bundle: Digest) -> Vec<String> {
        let uses = |run: &&rye_engine::run::Run| {
            !run.is_over() && run.start().is_some_and(|start| start.bundle == bundle)
        };
        self.engine.runs().values().filter(uses).map(|run| format!("run {}", run.id)).collect()
    }
}
