//! Names of things that persist: runs, effects, keys.
//!
//! Each id is its own type, so that a run's id can't stand where an effect's
//! is wanted.

use core::fmt;

use crate::digest::{ALERT_ID, Context, Digest, EFFECT_ID, IDEMPOTENCY_KEY, RUN_ID, UNDO_KEY};

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $len:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
        pub struct $name(pub [u8; $len]);

        impl $name {
            /// The id that hexadecimal digits name; `None` for any other text.
            pub fn from_hex(text: &str) -> Option<Self> {
                crate::hex::decode_array(text).map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                crate::hex::write(f, &self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }
    };
}

id! {
    /// One journal, for as long as its chain.
    JournalId, 16
}
id! {
    /// One start of the machine that the daemon runs on.
    BootId, 16
}
id! {
    /// One execution of a playbook.
    RunId, 16
}
id! {
    /// One performed verb of one run, the same after any number of crashes.
    EffectId, 16
}
id! {
    /// What an adapter is handed so that it can tell a repetition from a new request.
    IdempotencyKey, 32
}
id! {
    /// Which public key.
    KeyId, 32
}

impl RunId {
    /// Whether this is the id that stands for "no run".
    pub fn is_none(self) -> bool {
        self == Self::default()
    }

    /// The run that a caller's key names in one journal: the same key is the same run.
    pub fn derive(journal: JournalId, key: &[u8]) -> Self {
        Self(first(RUN_ID, &[&journal.0, key]))
    }
}

impl EffectId {
    /// The effect at `position`, the canonical bytes of a place in the program of `run`.
    pub fn derive(run: RunId, position: &[u8]) -> Self {
        Self(first(EFFECT_ID, &[&run.0, position]))
    }

    /// What the engine itself tells people about `run`, the how-manieth time, from 0.
    pub fn of_alert(run: RunId, number: u64) -> Self {
        Self(first(ALERT_ID, &[&run.0, &number.to_be_bytes()]))
    }
}

impl IdempotencyKey {
    /// The key under which the act itself is handed to its adapter.
    pub fn of_act(run: RunId, effect: EffectId) -> Self {
        Self(Digest::derive(IDEMPOTENCY_KEY, &[&run.0, &effect.0]).0)
    }

    /// The key under which the effect's undo is handed to its adapter, whoever asks for it.
    pub fn of_undo(run: RunId, effect: EffectId) -> Self {
        Self(Digest::derive(UNDO_KEY, &[&run.0, &effect.0]).0)
    }
}

/// The first 16 bytes of a digest: enough against chance, short enough to read aloud.
fn first(context: Context, parts: &[&[u8]]) -> [u8; 16] {
    let Digest(bytes) = Digest::derive(context, parts);
    let mut id = [0; 16];
    for (to, from) in id.iter_mut().zip(bytes) {
        *to = from;
    }
    id
}
