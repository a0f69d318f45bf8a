//! Starting a run: bundle, playbook, mode, settings, input, all checked before
//! anything is written.

use core::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use rye_core::digest::Digest;
use rye_core::id::RunId;
use rye_core::limit::INPUT_BYTES_MAX;
use rye_core::mode::Mode;
use rye_core::value::Name;
use rye_engine::engine::{Beginning, StartError as EngineError};
use rye_engine::entry::Body;
use rye_engine::halt::Halt;
use rye_engine::stamp::Stamp;
use rye_vm::InputError;

use super::{Shell, Until};
use crate::config::SiteError;
use crate::file::{self, FileError, Writers};
use crate::loader::{LoadError, Loaded};
use crate::record::RecordError;
use crate::settings;
use crate::store::StoreError;

/// A run that somebody wants.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// The bundle's file.
    pub bundle: PathBuf,
    /// The playbook in it.
    pub playbook: String,
    /// The input's file.
    pub input: PathBuf,
    /// The most real mode that is wanted.
    pub mode: Mode,
    /// The same key is the same run, however often it is wanted.
    pub key: Option<String>,
    /// Who or what wants it.
    pub starter: String,
}

/// What keeps a run from being as real as was wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ceiling {
    /// The site file.
    Site,
    /// The bundle.
    Bundle,
}

/// A run that was started, now or before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Started {
    /// Its id.
    pub run: RunId,
    /// How real it is.
    pub mode: Mode,
    /// Why it is less real than was wanted, if it is.
    pub ceiling: Option<Ceiling>,
    /// Whether it began before, under the same key.
    pub before: bool,
}

/// Why a run was not started.
#[derive(Debug)]
pub enum StartError {
    /// The bundle is refused.
    Load {
        /// The file.
        path: PathBuf,
        /// Why.
        error: LoadError,
    },
    /// The bundle has no such playbook.
    Playbook {
        /// What was wanted.
        wanted: String,
        /// What it has.
        known: Vec<String>,
    },
    /// The site sets a setting to something that it can't be.
    Settings(SiteError),
    /// The input's file can't be read.
    InputFile(FileError),
    /// The input doesn't fit the playbook's parameters.
    Input {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        error: Box<InputError>,
    },
    /// The key names a run of another bundle, playbook or input.
    KeyTaken {
        /// That run.
        run: RunId,
    },
    /// Somebody halted the store.
    Halted(Box<Halt>),
    /// The store fails.
    Store(StoreError),
}

impl From<StoreError> for StartError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Load { path, error } => {
                let (path, help) = (path.display(), error.help());
                write!(f, "the bundle {path} is refused: {error}\n  help: {help}")
            }
            Self::Playbook { wanted, known } => write!(
                f,
                "the bundle has no playbook `{}`\n  help: it has {}",
                wanted.escape_debug(),
                known.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
            ),
            Self::Settings(error) => error.fmt(f),
            Self::InputFile(error) => write!(f, "{error}\n  help: {}", error.help()),
            Self::Input { path, error } => {
                let help = error.help.as_deref();
                let help = help.unwrap_or("`ryec schema` says what the playbook takes");
                let error = InputError { help: None, ..(**error).clone() };
                write!(f, "{}: {error}\n  help: {help}", path.display())
            }
            Self::KeyTaken { run } => write!(
                f,
                "this key is that of run {run}, which has another bundle, playbook or input\n  \
                 help: choose another key, or leave it out"
            ),
            Self::Halted(halt) => write!(
                f,
                "the store is halted since {} by {}: {}\n  help: \
                 two owners let it go on with `ryectl resume --all`",
                halt.since.wall, halt.owner, halt.reason
            ),
            Self::Store(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for StartError {}

impl Shell {
    /// Starts a run. What becomes of it, [`Shell::run`] waits for.
    ///
    /// # Errors
    /// Why nothing was started.
    pub fn start(&mut self, wanted: &Wanted) -> Result<Started, StartError> {
        let now = self.prepare()?;
        let started = self.begin(wanted, now);
        self.carry_out(now)?;
        if matches!(&started, Err(error) if !matches!(error, StartError::Store(_))) {
            // Whoever starts it ends now: what operators must know is tried before.
            self.run(Until::Run(RunId::default()))?;
        }
        started
    }

    /// Starts runs that came together: what they write first shares one flush.
    ///
    /// # Errors
    /// When the journal fails: none of them was started. Within: why one was not.
    pub fn start_all(
        &mut self,
        wanted: &[Wanted],
    ) -> Result<Vec<Result<Started, StartError>>, StoreError> {
        let now = self.prepare()?;
        let started = wanted.iter().map(|wanted| self.begin(wanted, now)).collect();
        self.carry_out(now)?;
        Ok(started)
    }

    /// Takes in what people said meanwhile, and who is believed now; the moment of it.
    fn prepare(&mut self) -> Result<Stamp, StoreError> {
        let now = self.clock.now();
        self.look_at_trust(now)?;
        self.recheck_trust(now);
        self.take_messages(now)?;
        self.carry_out(now)?;
        Ok(now)
    }

    /// Lets the engine begin a run; its entries are still to be made durable.
    fn begin(&mut self, wanted: &Wanted, now: Stamp) -> Result<Started, StartError> {
        let loaded = match self.loader.load_file(&wanted.bundle, self.moment(now.wall)) {
            Ok(loaded) => loaded,
            Err(error) => {
                self.carry_out(now)?;
                self.reject(&error, now)?;
                return Err(StartError::Load { path: wanted.bundle.clone(), error });
            }
        };
        let Some((playbook, allowed)) = loaded.playbook(&wanted.playbook) else {
            let known = loaded.playbooks().map(str::to_owned).collect();
            return Err(StartError::Playbook { wanted: wanted.playbook.clone(), known });
        };
        let settings = settings::values(&self.site, loaded.program.module());
        let settings = settings.map_err(StartError::Settings)?;
        let input = file::read(&wanted.input, INPUT_BYTES_MAX, Writers::Anybody);
        let input: Arc<[u8]> = input.map_err(StartError::InputFile)?.into();
        let run = self.run_id(wanted.key.as_deref())?;
        if let Some(started) = self.begun(run, loaded.digest, &wanted.playbook, &input)? {
            return Ok(started);
        }
        let of_site = self.site.mode_of(&wanted.playbook);
        let mode = wanted.mode.min(of_site).min(allowed);
        let ceiling = match mode {
            mode if mode == wanted.mode => None,
            mode if mode == of_site => Some(Ceiling::Site),
            _ => Some(Ceiling::Bundle),
        };
        if !self.store.was_loaded(loaded.digest) {
            // That it was loaded stands behind what was begun before.
            self.carry_out(now)?;
        }
        let starter = Name::from(wanted.starter.as_str());
        let bundle = loaded.digest;
        let beginning = Beginning { run, bundle, playbook, mode, starter, settings, input };
        self.keep(&loaded)?;
        self.engine.add_program(bundle, loaded.program.clone(), loaded.budget);
        // Who it is believed for now may be others than those who signed it before.
        self.engine.restore(bundle, now);
        self.engine.start(&beginning, now).map_err(|error| match error {
            EngineError::Input(error) => {
                StartError::Input { path: wanted.input.clone(), error: Box::new(error) }
            }
            EngineError::Halted(halt) => StartError::Halted(halt),
            // The bundle was added just now, and the playbook found in it.
            EngineError::Bundle | EngineError::Playbook => {
                let known = loaded.playbooks().map(str::to_owned).collect();
                StartError::Playbook { wanted: wanted.playbook.clone(), known }
            }
        })?;
        self.note_loaded(&loaded, now)?;
        self.watch_bundle(loaded.bundle);
        Ok(Started { run, mode, ceiling, before: false })
    }

    /// Keeps the bundle for as long as runs need it: before the engine knows of one, so
    /// that none begins without it.
    fn keep(&mut self, loaded: &Loaded) -> Result<(), StoreError> {
        if self.kept.as_ref() != Some(&loaded.bytes) {
            self.store.bundles.put(loaded.digest, &loaded.bytes).map_err(StoreError::Journal)?;
            self.kept = Some(loaded.bytes.clone());
        }
        Ok(())
    }

    /// Writes down that the bundle was loaded: before the run's own first entry.
    fn note_loaded(&mut self, loaded: &Loaded, now: Stamp) -> Result<(), StoreError> {
        let Loaded { digest, name, version, floor, signers, .. } = loaded;
        if self.store.was_loaded(*digest) {
            return Ok(());
        }
        let body = Body::BundleLoaded {
            digest: *digest,
            name: Name::from(name.as_str()),
            version: *version,
            floor: *floor,
            signers: signers.clone(),
        };
        self.note(body, now)
    }

    /// The run that a key names, or a fresh one.
    fn run_id(&self, key: Option<&str>) -> Result<RunId, StartError> {
        if let Some(key) = key {
            return Ok(RunId::derive(self.store.id(), key.as_bytes()));
        }
        let mut id = [0; 16];
        let random = getrandom::fill(&mut id);
        random.map_err(|_| StartError::Store(StoreError::Record(RecordError::Random)))?;
        Ok(RunId(id))
    }

    /// The run of this id, if it began before, and as it is wanted now.
    fn begun(
        &self,
        run: RunId,
        bundle: Digest,
        playbook: &str,
        input: &[u8],
    ) -> Result<Option<Started>, StartError> {
        let Some(known) = self.engine.runs().get(&run) else { return Ok(None) };
        let same = known.start().is_some_and(|start| {
            start.bundle == bundle && *start.playbook == *playbook && *start.input == *input
        });
        if !same {
            return Err(StartError::KeyTaken { run });
        }
        Ok(Some(Started { run, mode: known.mode(), ceiling: None, before: true }))
    }
}
