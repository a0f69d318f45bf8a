//! Entries as a kind, numbered fields, and values that the journal only
//! commits to.
//!
//! What came from outside or goes there (input, arguments, answers, texts) is a
//! value; names of actions, ids, kinds of errors, times and digests are fields. Kinds
//! and tags are never renumbered and never reused.

mod bytes;
mod count;
mod field;
mod part;
mod plan;
mod question;
mod record;
mod value;

use rye_core::wire::WireError;

pub(crate) use question::{read_vote, write_question, write_vote};

use super::Body;
use part::{Collector, Part, Source};
use record::Spread;

/// An entry as the journal takes it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Draft {
    /// What kind of entry.
    pub kind: u8,
    /// Fields by tag, ascending.
    pub fields: Vec<(u16, Vec<u8>)>,
    /// Values by tag, ascending.
    pub values: Vec<(u16, Vec<u8>)>,
}

/// Why an entry can't be understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EntryError {
    /// Its kind is not known to this version.
    Kind(u8),
    /// A field or value is missing.
    Missing(u16),
    /// A field or value is none of its kind.
    Extra(u16),
    /// The bytes of a field or value are wrong.
    Bytes(u16, WireError),
}

impl core::fmt::Display for EntryError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Kind(kind) => write!(f, "entries of kind {kind} are not known to this version"),
            Self::Missing(tag) => write!(f, "the field or value {tag} is missing or was erased"),
            Self::Extra(tag) => write!(f, "the field or value {tag} does not belong here"),
            Self::Bytes(tag, error) => write!(f, "the field or value {tag} is damaged {error}"),
        }
    }
}

impl core::error::Error for EntryError {}

impl Body {
    /// As the journal takes it.
    pub fn encode(&self) -> Draft {
        let mut to = Collector::default();
        let kind = self.write(&mut to);
        to.finish(kind)
    }

    /// What an entry of the journal says.
    ///
    /// # Errors
    /// When it is of a kind that this version doesn't know, or damaged, or a value
    /// that it needs was erased.
    pub fn decode(draft: &Draft) -> Result<Self, EntryError> {
        let mut from = Source::new(draft);
        let body = Self::read(draft.kind, &mut from)?;
        from.finish()?;
        Ok(body)
    }
}

/// A row per kind of entry: its number, its word, and where each part of it stands.
/// What the bytes of a part are follows from its type.
macro_rules! kinds {
    ($(
        $name:ident = $code:literal $word:literal
            $(($whole:ident: $whole_at:expr))?
            $({ $($part:ident: $at:expr),* $(,)? })?
    ),* $(,)?) => {
        impl Body {
            /// The word for this kind of entry, for people and exports.
            pub fn word(&self) -> &'static str {
                match self { $(Self::$name { .. } => $word,)* }
            }

            fn write(&self, to: &mut Collector) -> u8 {
                match self {$(
                    Self::$name $(($whole))? $({ $($part),* })? => {
                        $($whole_at.write(to, $whole);)?
                        $($($at.write(to, $part);)*)?
                        $code
                    }
                )*}
            }

            fn read(kind: u8, from: &mut Source<'_>) -> Result<Self, EntryError> {
                Ok(match kind {
                    $($code => Self::$name
                        $(($whole_at.read(from)?))?
                        $({ $($part: $at.read(from)?),* })?,
                    )*
                    kind => return Err(EntryError::Kind(kind)),
                })
            }
        }

        /// The word for the kind of entry with this number.
        pub fn kind_word(kind: u8) -> Option<&'static str> {
            match kind { $($code => Some($word),)* _ => None }
        }
    };
}

kinds! {
    // Of the store itself.
    Genesis = 1 "genesis" { version: field::VERSION, environment: field::TEXT },
    Opened = 2 "opened" { version: field::TEXT, dropped: field::CODE },
    ClockAnomaly = 3 "clock anomaly" { from: field::FROM, to: field::TIME },
    BundleLoaded = 4 "bundle loaded" {
        digest: field::BUNDLE,
        name: field::TEXT,
        version: field::VERSION,
        floor: field::FLOOR,
        signers: field::KEYS,
    },
    BundleRejected = 5 "bundle rejected" { digest: field::BUNDLE, code: field::TEXT },
    MessageRefused = 6 "message refused" {
        message: field::MESSAGE,
        claim: Spread,
        reason: field::TEXT,
    },
    Bound = 7 "bound" { module: field::TEXT, place: field::WHERE },
    TrustRootTaken = 41 "trust root taken" {
        digest: field::BUNDLE,
        version: field::VERSION,
        reset: field::NAMES,
    },
    TrustRootRefused = 42 "trust root refused" { digest: field::BUNDLE, code: field::TEXT },
    RevocationsTaken = 43 "revocations taken" { digest: field::BUNDLE, version: field::VERSION },
    RevocationsRefused = 44 "revocations refused" { digest: field::BUNDLE, code: field::TEXT },
    BundleWithdrawn = 45 "bundle withdrawn" { bundle: field::BUNDLE, code: field::TEXT },
    BundleRestored = 46 "bundle restored" { bundle: field::BUNDLE },
    Restricted = 47 "restricted" { code: field::TEXT },

    // Of a run, and what it does.
    Started = 16 "run started" (start: Spread),
    Asked = 17 "asked" {
        effect: field::EFFECT,
        place: Spread,
        call: Spread,
        attempts: field::ATTEMPT,
        said: Spread,
        answer: Spread,
    },
    Refused = 18 "refused" {
        effect: field::EFFECT,
        place: Spread,
        call: Spread,
        guardrail: field::HOW,
        rule: value::RULE,
        answer: Spread,
    },
    Simulated = 19 "simulated" {
        effect: field::EFFECT,
        place: Spread,
        act: Spread,
        looked: field::CODE,
        answer: Spread,
    },
    AlreadySo = 20 "already so" {
        effect: field::EFFECT,
        place: Spread,
        act: Spread,
        joined: field::STANDS,
        answer: Spread,
    },
    Intent = 21 "intent" { effect: field::EFFECT, place: Spread, act: Spread, counts: field::COUNTS },
    Attempted = 22 "attempted" { effect: field::EFFECT, attempt: field::ATTEMPT },
    Outcome = 23 "outcome" {
        effect: field::EFFECT,
        attempt: field::ATTEMPT,
        ending: Spread,
        stands: field::STANDS,
        answer: Spread,
    },
    Probed = 24 "probed" {
        effect: field::EFFECT,
        verdict: field::CODE,
        said: Spread,
        stands: field::STANDS,
        answer: Spread,
    },
    Told = 25 "told" {
        effect: field::EFFECT,
        place: Spread,
        notice: Spread,
        delivered: field::STANDS,
    },
    Delivered = 26 "delivered" {
        effect: field::EFFECT,
        attempt: field::ATTEMPT,
        ending: Spread,
        last: field::STANDS,
    },
    Waiting = 27 "waiting" { effect: field::EFFECT, place: Spread, until: field::TIME },
    Waited = 28 "waited" { effect: field::EFFECT, place: Spread, answer: Spread },
    Raised = 29 "raised" {
        error: Spread,
        at: field::POSITION,
        undo: field::FRAME,
        then: field::HOW,
    },
    Unwound = 30 "unwound",
    Held = 31 "held" { reason: Spread },
    Benign = 40 "benign" { text: value::TEXT },
    Ended = 39 "run ended" { outcome: field::CODE, text: value::TEXT },

    // Of what is undone, and who lets go.
    LetGo = 35 "let go" {
        owner: field::OWNER,
        effect: field::EFFECT,
        why: field::WHY,
        how: field::HOW,
    },
    Covered = 61 "covered" {
        owner: field::OWNER,
        effect: field::EFFECT,
        why: field::WHY,
        by_run: field::FIRST_RUN,
        by_effect: field::FIRST_EFFECT,
    },
    UndoIntent = 36 "undo intent" {
        owner: field::OWNER,
        effect: field::EFFECT,
        why: field::WHY,
        first_run: field::FIRST_RUN,
        first_effect: field::FIRST_EFFECT,
        attempt: field::ATTEMPT,
        call: Spread,
    },
    UndoOutcome = 37 "undo outcome" {
        owner: field::OWNER,
        effect: field::EFFECT,
        attempt: field::ATTEMPT,
        ending: Spread,
        result: field::HOW,
    },

    // Of people, and what they are asked and told.
    Released = 32 "released" { how: field::HOW, by: Spread },
    Cancelled = 33 "cancelled" { undo: field::HOW, by: Spread },
    Settled = 34 "settled" {
        effect: field::EFFECT,
        done: field::STANDS,
        by: Spread,
        answer: Spread,
    },
    RollbackStarted = 38 "rollback started" { of: field::OWNER, effects: field::EFFECTS, by: Spread },
    Halted = 50 "halted" { reason: field::TEXT, owner: field::KEY_OWNER, by: Spread },
    Resumed = 51 "resumed" { owner: field::KEY_OWNER, lifted: field::STANDS, by: Spread },
    Renewed = 52 "renewed" { effect: field::EFFECT, span: field::SPAN, by: Spread },
    LifeEnded = 53 "life ended" { effect: field::EFFECT, by: Spread },
    Alerted = 60 "alerted" {
        alert: field::EFFECT,
        about: field::ABOUT,
        effect: field::ABOUT_EFFECT,
        notice: Spread,
        delivered: field::STANDS,
    },
    Lifted = 64 "lifted" {
        effect: field::EFFECT,
        owner: field::KEY_OWNER,
        enough: field::STANDS,
        by: Spread,
    },
    Erasing = 67 "erasing" {
        runs: field::RUNS,
        counts: field::COUNTS,
        reason: field::TEXT,
        owner: field::KEY_OWNER,
        by: Spread,
    },
    Erased = 68 "erased",
    Requested = 70 "requested" { effect: field::EFFECT, place: Spread, question: value::QUESTION },
    Voted = 71 "voted" {
        effect: field::EFFECT,
        by: Spread,
        owner: field::VOTER,
        vote: value::VOTE,
    },
    Escalated = 72 "escalated" { effect: field::EFFECT },
    Decided = 73 "decided" { effect: field::EFFECT, how: field::HOW, answer: Spread },
}
