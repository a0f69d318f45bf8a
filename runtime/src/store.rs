//! One store, opened for acting on it: its journal, the bundles of its runs, its
//! inbox, and what the fold of the journal says beside the runs themselves.

use core::fmt;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use rye_bundle::known::KnownVersions;
use rye_bundle::name::BundleName;
use rye_core::digest::Digest;
use rye_core::id::{JournalId, RunId};
use rye_core::limit::GROUP_ENTRIES_MAX;
use rye_core::value::{Name, Time};
use rye_engine::entry::{Body, Entry, EntryError};
use rye_engine::stamp::Stamp;
use rye_journal::blob::Blobs;
use rye_journal::inbox::Inbox;
use rye_journal::index::{IndexEvent, Indexed, Report};
use rye_journal::store::{bundles_folder, inbox_folder, trust_folder};
use rye_journal::{Genesis, JournalError, JournalStore, Recovered, StoredEntry};

use crate::clock::has_jumped;
use crate::record::{self, RecordError};

/// The version of what entries say.
const ENTRIES_VERSION: u16 = 1;

/// How many bytes of values are appended at once: one group holds more than that,
/// and one entry never has so many.
const APPEND_BYTES: usize = 1 << 20;

/// A store that this process acts on.
pub struct Store {
    journal: Box<dyn JournalStore>,
    id: JournalId,
    /// The bundles that runs began with.
    pub(crate) bundles: Blobs,
    /// The trust roots and revocation lists that were believed.
    pub(crate) trust: Blobs,
    /// What people say.
    pub(crate) inbox: Inbox,
    fold: Fold,
}

/// What the entries say beside the runs.
#[derive(Debug, Default)]
struct Fold {
    known: KnownVersions,
    loaded: BTreeSet<Digest>,
    environment: Option<Name>,
    places: BTreeMap<Name, Name>,
    roots: BTreeMap<u64, Digest>,
    revocations: Option<Digest>,
    erased: BTreeSet<RunId>,
    last: Option<Stamp>,
    latest: Time,
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").field("id", &self.id).finish_non_exhaustive()
    }
}

/// Why a store can't be used, or no longer.
#[derive(Debug)]
pub enum StoreError {
    /// The journal says no.
    Journal(JournalError),
    /// An entry of the journal can't be understood.
    Entry {
        /// Its number.
        seq: u64,
        /// Why.
        error: EntryError,
    },
    /// An entry can't be written.
    Record(RecordError),
    /// The disk is full. What was said last is written down, in the space that is
    /// kept for this.
    DiskFull,
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Journal(error) => match error.help() {
                Some(help) => write!(f, "{error}\n  help: {help}"),
                None => error.fmt(f),
            },
            Self::Entry { seq, error } => {
                write!(f, "entry {seq} of the journal can't be used: {error}")
            }
            Self::Record(error) => error.fmt(f),
            Self::DiskFull => f.write_str(
                "the disk is full: nothing more is done\n  help: free some space, then `ryed resume`",
            ),
        }
    }
}

impl core::error::Error for StoreError {}

impl Store {
    /// Makes a store of an environment at `path`, where nothing is.
    ///
    /// # Errors
    /// When something is there, or a file call fails.
    pub fn create(path: &Path, environment: &str, now: Stamp) -> Result<Self, StoreError> {
        let mut id = [0; 16];
        getrandom::fill(&mut id).map_err(|_| StoreError::Record(RecordError::Random))?;
        let id = JournalId(id);
        let created_unix_ns = u64::try_from(now.wall.0).unwrap_or(0).saturating_mul(1_000);
        let genesis = Genesis { journal: id, created_unix_ns, checkpoint_key: [0; 32] };
        let journal =
            Indexed::create(path, genesis, index_report()).map_err(StoreError::Journal)?;
        let mut store = Self::over(Box::new(journal), id, path);
        let environment = Name::from(environment);
        store.append(&[own(now, Body::Genesis { version: ENTRIES_VERSION, environment })])?;
        store.opened(now, None)?;
        Ok(store)
    }

    /// Opens the store at `path` and shows each entry to `visit`, in order; also one
    /// that says that the clock jumped meanwhile.
    ///
    /// # Errors
    /// When there is none, another process acts on it, it is damaged, or was
    /// written by a newer version.
    pub fn open(
        path: &Path,
        now: Stamp,
        visit: &mut dyn FnMut(&Entry),
    ) -> Result<Self, StoreError> {
        let mut fold = Fold::default();
        let mut wrong: BTreeMap<RunId, StoreError> = BTreeMap::new();
        let read = &mut |stored: &StoredEntry<'_>| match record::from_journal(stored) {
            Ok(entry) => {
                fold.apply(&entry);
                visit(&entry);
            }
            Err(error) => {
                let seq = stored.entry.seq;
                wrong.entry(stored.entry.run).or_insert(StoreError::Entry { seq, error });
            }
        };
        let opened = Indexed::open(path, None, index_report(), read);
        let opened = opened.map_err(StoreError::Journal)?;
        // What was erased is missed only where nobody said that it should be.
        wrong.retain(|run, error| {
            let is_erased =
                matches!(error, StoreError::Entry { error: EntryError::Missing(_), .. });
            !(is_erased && fold.erased.contains(run))
        });
        if let Some((_, wrong)) = wrong.pop_first() {
            return Err(wrong);
        }
        let id = opened.journal.genesis().journal;
        let mut store = Self { fold, ..Self::over(Box::new(opened.journal), id, path) };
        let before = store.fold.last;
        store.opened(now, opened.recovered)?;
        if let Some(before) = before.filter(|before| has_jumped(*before, now)) {
            tracing::warn!(from = %before.wall, to = %now.wall, "the wall clock jumped");
            let jumped = own(now, Body::ClockAnomaly { from: before.wall, to: now.wall });
            visit(&jumped);
            store.append(&[jumped])?;
        }
        Ok(store)
    }

    /// A store at `path` over any journal.
    pub(crate) fn over(journal: Box<dyn JournalStore>, id: JournalId, path: &Path) -> Self {
        Self {
            journal,
            id,
            bundles: Blobs::at(&bundles_folder(path)),
            trust: Blobs::at(&trust_folder(path)),
            inbox: Inbox::at(&inbox_folder(path)),
            fold: Fold::default(),
        }
    }

    /// The journal's name, which ids of runs are derived from.
    pub fn id(&self) -> JournalId {
        self.id
    }

    /// The installation that the store is of.
    pub fn environment(&self) -> Option<&Name> {
        self.fold.environment.as_ref()
    }

    /// Where the effects of a module's actions stand, as far as it was written down.
    pub(crate) fn place_of(&self, module: &str) -> Option<&Name> {
        self.fold.places.get(module)
    }

    /// What bundles were loaded before.
    pub fn known(&self) -> &KnownVersions {
        &self.fold.known
    }

    /// Whether the journal says of a bundle that it was loaded.
    pub fn was_loaded(&self, bundle: Digest) -> bool {
        self.fold.loaded.contains(&bundle)
    }

    /// The trust roots that were believed, by their versions.
    pub fn trust_roots(&self) -> &BTreeMap<u64, Digest> {
        &self.fold.roots
    }

    /// The revocation list that was believed last.
    pub fn revocations(&self) -> Option<Digest> {
        self.fold.revocations
    }

    /// The latest time that the journal has seen.
    pub fn latest_seen(&self) -> Time {
        self.fold.latest
    }

    /// Makes `entries` durable, in order. After an error nothing more may be done.
    ///
    /// # Errors
    /// When they could not be made durable, or the disk is full.
    pub fn append(&mut self, entries: &[Entry]) -> Result<(), StoreError> {
        let mut group = Vec::new();
        let mut bytes = 0_usize;
        for entry in entries {
            let new = record::to_journal(entry).map_err(StoreError::Record)?;
            let own: usize = new.values.iter().map(|value| value.bytes.len()).sum();
            bytes = bytes.saturating_add(own);
            if group.len() >= GROUP_ENTRIES_MAX || bytes > APPEND_BYTES && !group.is_empty() {
                self.flush(core::mem::take(&mut group))?;
                bytes = own;
            }
            group.push(new);
            self.fold.apply(entry);
        }
        if group.is_empty() { Ok(()) } else { self.flush(group) }
    }

    /// Overwrites all values of the entries of `runs`, wherever they stand.
    ///
    /// # Errors
    /// When the disk says no: it is to be done again.
    pub(crate) fn erase(&mut self, runs: &[RunId]) -> Result<(), StoreError> {
        self.journal.erase(runs).map(drop).map_err(StoreError::Journal)
    }

    fn flush(&mut self, group: Vec<rye_journal::NewEntry>) -> Result<(), StoreError> {
        let durable = self.journal.append(group).map_err(StoreError::Journal)?;
        if durable.on_reserve { Err(StoreError::DiskFull) } else { Ok(()) }
    }

    fn opened(&mut self, now: Stamp, recovered: Option<Recovered>) -> Result<(), StoreError> {
        let version = Name::from(env!("CARGO_PKG_VERSION"));
        let dropped = recovered.map_or(0, |recovered| recovered.dropped_bytes);
        self.append(&[own(now, Body::Opened { version, dropped })])
    }
}

impl Fold {
    fn apply(&mut self, entry: &Entry) {
        self.latest = self.latest.max(entry.at.wall);
        self.last = Some(entry.at);
        match &entry.body {
            Body::Genesis { environment, .. } => self.environment = Some(environment.clone()),
            Body::Bound { module, place } => {
                self.places.insert(module.clone(), place.clone());
            }
            Body::BundleLoaded { digest, name, version, floor, .. } => {
                if let Ok(name) = BundleName::new(name) {
                    self.loaded.insert(*digest);
                    self.known.record(name, *version, *digest, *floor);
                }
            }
            Body::TrustRootTaken { digest, version, reset } => {
                self.roots.insert(*version, *digest);
                let names = reset.iter().filter_map(|name| BundleName::new(name).ok());
                names.for_each(|name| self.known.forget(&name));
            }
            Body::Erasing { runs, .. } => self.erased.extend(runs),
            Body::RevocationsTaken { digest, .. } => self.revocations = Some(*digest),
            _ => {}
        }
    }
}

/// Says to whoever looks after the machine what became of the index. Nothing that
/// is done depends on it.
fn index_report() -> Report {
    Arc::new(|event| match event {
        IndexEvent::Level { .. } => tracing::debug!("{event}"),
        IndexEvent::SetAside { .. } | IndexEvent::GivenUp { .. } => tracing::warn!("{event}"),
    })
}

/// An entry of the store's own.
pub(crate) fn own(at: Stamp, body: Body) -> Entry {
    Entry { at, run: RunId::default(), body }
}

#[cfg(test)]
mod tests;
