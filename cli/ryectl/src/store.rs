//! The entries of a store, folded into its runs.

use std::fs;
use std::ops::ControlFlow;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use rye_core::id::{EffectId, RunId};
use rye_core::value::{Duration, Time};
use rye_engine::engine::{Engine, Site};
use rye_engine::entry::{Body, Draft, Entry, EntryError, kind_word};
use rye_engine::run::Run;
use rye_engine::stamp::Stamp;
use rye_journal::{Reader, StoredEntry};

use crate::output::Failure;

/// A store as it was when it was read.
#[derive(Debug)]
pub(crate) struct Store {
    /// Its entries with their numbers.
    pub(crate) entries: Vec<(u64, Entry)>,
    /// Entries that can't be understood, and why.
    pub(crate) obscure: Vec<(u64, EntryError)>,
    /// Entries whose values are erased.
    pub(crate) erased: Vec<ErasedEntry>,
    /// All of them, folded.
    pub(crate) engine: Engine,
}

/// What is left of an entry whose values are erased.
#[derive(Debug)]
pub(crate) struct ErasedEntry {
    pub(crate) seq: u64,
    pub(crate) at: Time,
    pub(crate) run: RunId,
    /// The word for its kind.
    pub(crate) kind: &'static str,
}

impl ErasedEntry {
    fn of(stored: &StoredEntry<'_>) -> Self {
        let entry = &stored.entry;
        let kind = kind_word(entry.kind).unwrap_or_default();
        Self { seq: entry.seq, at: Time(micros(entry.wall_unix_ns)), run: entry.run, kind }
    }
}

impl Store {
    /// Reads the store at `path`.
    pub(crate) fn read(path: &Path) -> Result<Self, Failure> {
        let reader = open(path)?;

        let engine = Engine::new(Site::default());
        let (entries, obscure, erased) = (Vec::new(), Vec::new(), Vec::new());
        let mut store = Self { entries, obscure, erased, engine };
        let walked = reader.entries(0, &mut |stored| {
            match meaning(stored) {
                Ok(entry) => {
                    store.engine.apply(&entry);
                    store.entries.push((stored.entry.seq, entry));
                }
                // Of an erased run nothing is known but that it was.
                Err(EntryError::Missing(_)) if stored.is_erased() => {
                    store.erased.push(ErasedEntry::of(stored));
                }
                Err(error) => store.obscure.push((stored.entry.seq, error)),
            }
            ControlFlow::Continue(())
        });
        walked.map_err(|error| Failure::journal(&error))?;
        Ok(store)
    }

    /// The run whose id begins with `text`.
    pub(crate) fn run(&self, text: &str) -> Result<&Run, Failure> {
        let id = unique(self.engine.runs().keys(), text, "run").map_err(|failure| {
            match self.erasure(text) {
                Some(erased) => Failure::input(erased),
                None => failure.help("`ryectl runs` lists them"),
            }
        })?;
        self.engine.runs().get(&id).ok_or_else(|| Failure::broken("the run is gone"))
    }

    /// That the run whose id begins with `text` was erased, if it was.
    fn erasure(&self, text: &str) -> Option<String> {
        let is_meant = |run: &RunId| run.to_string().starts_with(&text.to_lowercase());
        let mut all = self.engine.erasures().iter();
        let (run, erasure) = all.find(|(_, erasure)| erasure.runs.iter().any(is_meant))?;
        let (at, owner, reason) = (erasure.since.wall, &erasure.owner, &erasure.reason);
        let what = if erasure.done { "was erased" } else { "is being erased" };
        Some(format!("run {run} {what}: {owner} wanted that at {at}, because: {reason}"))
    }

    /// The effect of `run` whose id begins with `text`.
    pub(crate) fn effect(run: &Run, text: &str) -> Result<EffectId, Failure> {
        unique(run.effects.keys(), text, "effect")
            .map_err(|failure| failure.help(format!("`ryectl show {}` lists them", run.id)))
    }

    /// The entries about `run`, also those of other runs that undo its effects.
    pub(crate) fn entries_of(&self, run: RunId) -> impl Iterator<Item = &Entry> {
        let entries = self.entries.iter().map(|(_, entry)| entry);
        entries.filter(move |entry| entry.run == run || entry.run_of_effect() == run)
    }
}

/// Whether a process may be acting on the store now: the one that the lock names
/// lives, or can't be looked for.
pub(crate) fn is_anybody_there(store: &Path) -> bool {
    let lock = fs::read_to_string(rye_journal::store::lock_file(store)).unwrap_or_default();
    match lock.trim().parse::<u32>() {
        Ok(process) => Path::new("/proc").join(process.to_string()).exists(),
        Err(_) => true,
    }
}

/// What the wall clock says.
pub(crate) fn now() -> Time {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Time(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}

/// A reader of the store at `path`.
pub(crate) fn open(path: &Path) -> Result<Reader, Failure> {
    Reader::open(path).map_err(|error| Failure::journal(&error))
}

/// What an entry of the journal says.
pub(crate) fn meaning(stored: &StoredEntry<'_>) -> Result<Entry, EntryError> {
    let entry = &stored.entry;
    let values = stored.values.iter();
    let draft = Draft {
        kind: entry.kind,
        fields: entry.body.iter().map(|(tag, bytes)| (tag, bytes.to_vec())).collect(),
        values: values.filter_map(|value| Some((value.tag, value.bytes()?.to_vec()))).collect(),
    };
    let at = Stamp {
        wall: Time(micros(entry.wall_unix_ns)),
        boot: entry.boot,
        monotonic: Duration(micros(entry.mono_ns)),
    };
    Ok(Entry { at, run: entry.run, body: Body::decode(&draft)? })
}

fn micros(nanos: u64) -> i64 {
    i64::try_from(nanos / 1_000).unwrap_or(i64::MAX)
}

/// The only id that begins with `text`.
fn unique<'a, T: Copy + ToString + 'a>(
    ids: impl Iterator<Item = &'a T>,
    text: &str,
    what: &str,
) -> Result<T, Failure> {
    let text = text.to_lowercase();
    let mut found = ids.filter(|id| id.to_string().starts_with(&text));
    match (found.next(), found.next()) {
        (Some(id), None) => Ok(*id),
        (None, _) => Err(Failure::input(format!("there is no {what} `{text}`"))),
        (Some(_), Some(_)) => {
            Err(Failure::input(format!("more than one {what} begins with `{text}`")))
        }
    }
}
