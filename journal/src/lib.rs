//! The journal: entries chained by their hashes, durable before they are
//! answered, and a verifier that needs nothing else of Rye.
//!
//! - [`Journal`] appends; [`Committer`] lets many threads share its flushes.
//! - [`Reader`] reads without a lock, also while another process appends.
//! - [`verify`](verify::verify) recomputes everything and says what is wrong and where.
//! - `Indexed` (feature `index`) is a journal with a database beside it, for look-ups.
//! - [`inbox`] and [`blob`] keep people's messages and bundles beside it, durably.
//!
//! It knows nothing about what an entry means to a run, about networks, clocks,
//! randomness or async runtimes: kinds and tags are numbers, times and salts
//! come from the caller. `docs/reference/journal-format.md` has every byte.

mod append;
pub mod blob;
mod bytes;
mod chain;
mod commit;
#[cfg(test)]
#[cfg(feature = "index")]
mod conformance;
pub mod disk;
mod durable;
mod entry;
mod erase;
mod error;
mod examine;
pub mod export;
mod fault;
mod fields;
mod group;
mod head;
pub mod inbox;
#[cfg(feature = "index")]
pub mod index;
mod json;
mod read;
mod recover;
mod scan;
mod segment;
pub mod store;
mod stored;
#[cfg(test)]
mod testing;
mod value;
pub mod verify;
mod walk;

pub use append::{Durable, NewEntry};
pub use commit::Journal;
pub use commit::committer::{Answer, Appender, Committer, Pending};
pub use entry::{
    Commitments, ENTRY_BYTES_MIN, ENTRY_VERSION, Entry, EntryError, Genesis, entry_hash,
};
pub use error::{AppendRefusal, JournalError};
pub use fault::{Fault, Position};
pub use fields::{Body, FieldError, Fields};
pub use head::{Head, HeadError};
pub use read::Reader;
pub use recover::{Opened, Recovered};
pub use segment::FORMAT_VERSION;
pub use store::JournalStore;
pub use stored::{OwnedEntry, StoredEntry, Values};
pub use value::{Content, NewValue, Salt, Value, commitment};
