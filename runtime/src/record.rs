//! What the engine writes ↔ what the journal keeps: kinds, fields and values are
//! the engine's, times and salts are added here.

use core::fmt;

use rye_core::value::{Duration, Time};
use rye_engine::entry::{Body, Draft, Entry, EntryError};
use rye_engine::stamp::Stamp;
use rye_journal::{FieldError, NewEntry, NewValue, Salt, StoredEntry};

/// An entry that can't be handed to the journal.
#[derive(Clone, Debug)]
pub enum RecordError {
    /// Its fields don't fit an entry.
    Field(FieldError),
    /// The system gave no random bytes for the salts.
    Random,
}

impl fmt::Display for RecordError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Field(error) => write!(f, "an entry can't be written: {error}"),
            Self::Random => f.write_str("the system gave no random bytes"),
        }
    }
}

impl core::error::Error for RecordError {}

/// The entry as the journal takes it, with fresh salts.
pub(crate) fn to_journal(entry: &Entry) -> Result<NewEntry, RecordError> {
    let Draft { kind, fields, values } = entry.body.encode();
    let mut body = rye_journal::Body::new();
    for (tag, bytes) in &fields {
        body.push(*tag, bytes).map_err(RecordError::Field)?;
    }
    let value = |(tag, bytes)| {
        let mut salt = [0; 32];
        getrandom::fill(&mut salt).map_err(|_| RecordError::Random)?;
        Ok(NewValue { tag, salt: Salt(salt), bytes })
    };
    let Stamp { wall, boot, monotonic } = entry.at;
    Ok(NewEntry {
        kind,
        run: entry.run,
        wall_unix_ns: nanos(wall.0),
        boot,
        mono_ns: nanos(monotonic.0),
        body,
        values: values.into_iter().map(value).collect::<Result<_, _>>()?,
    })
}

/// The entry that the journal keeps.
pub(crate) fn from_journal(stored: &StoredEntry<'_>) -> Result<Entry, EntryError> {
    let entry = &stored.entry;
    let fields = entry.body.iter().map(|(tag, bytes)| (tag, bytes.to_vec())).collect();
    // A value that was erased is left out, and missed by whoever needs it.
    let values = stored.values.iter();
    let values = values.filter_map(|value| Some((value.tag, value.bytes()?.to_vec()))).collect();
    let body = Body::decode(&Draft { kind: entry.kind, fields, values })?;
    let at = Stamp {
        wall: Time(micros(entry.wall_unix_ns)),
        boot: entry.boot,
        monotonic: Duration(micros(entry.mono_ns)),
    };
    Ok(Entry { at, run: entry.run, body })
}

/// What lies before 1970 becomes 1970: only a clock that was never set says so.
fn nanos(micros: i64) -> u64 {
    u64::try_from(micros).unwrap_or(0).saturating_mul(1_000)
}

fn micros(nanos: u64) -> i64 {
    i64::try_from(nanos / 1_000).unwrap_or(i64::MAX)
}
