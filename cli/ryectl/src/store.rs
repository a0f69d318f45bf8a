//! The entries of a store, folded into its runs.

use std::fs;
use std::ops::ControlFlow;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use rye_core::id::{EffectId, RunId};
use rye_core::value::{Duration, Time};
use rye_engine::engine::{Engine, Site};
use rye_engine::entry::{Body, Draft, Entry, EntryError};
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
    /// All of them, folded.
    pub(crate) engine: Engine,
}

impl Store {
    /// Reads the store at `path`.
    pub(crate) fn read(path: &Path) -> Result<Self, Failure> {
        let reader = open(path)?;

        let protected = rye_engine::guardrail::Protected::default();
        let (undo_patience, life_notice) = (Duration::ZERO, Duration::ZERO);
        let site = Site { protected, undo_patience, life_notice, operators: false };
        let mut store =
            Self { entries: Vec::new(), obscure: Vec::new(), engine: Engine::new(site) };
        let walked = reader.entries(0, &mut |stored| {
            match meaning(stored) {
                Ok(entry) => {
                    store.engine.apply(&entry);
                    store.entries.push((stored.entry.seq, entry));
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
        let id = unique(self.engine.runs().keys(), text, "run")
            .map_err(|failure| failure.help("`ryectl runs` lists them"))?;
        self.engine.runs().get(&id).ok_or_else(|| Failure::broken("the run is gone"))
    }

    /// The effect of `run` whose id begins with `text`.
    pub(crate) fn effect(run: &Run, text: &str) -> Result<EffectId, Failure> {
        unique(run.effects.keys(), text, "effect")
            .map_err(|failure| failure.help(format!("`ryectl show {}` lists them", run.id)))
    }

    /// The entries about `run`, also those of other runs that undo its effects.
    pub(crate) fn entries_of(&self, run: RunId) -> impl Iterator<Item = &Entry> {
        self.entries.iter().map(|(_, entry)| entry).filter(move |entry| {
            let owner = match &entry.body {
                Body::LetGo { owner, .. }
                | Body::UndoIntent { owner, .. }
                | Body::UndoOutcome { owner, .. } => *owner,
                _ => entry.run,
            };
            entry.run == run || owner == run
        })
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
    let micros = |nanos: u64| i64::try_from(nanos / 1_000).unwrap_or(i64::MAX);
    let at = Stamp {
        wall: Time(micros(entry.wall_unix_ns)),
        boot: entry.boot,
        monotonic: Duration(micros(entry.mono_ns)),
    };
    Ok(Entry { at, run: entry.run, body: Body::decode(&draft)? })
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
