//! What entries say of a run as a whole: how it began, why it waits for a person,
//! how it goes on, and how it ends.

use std::sync::Arc;

use rye_core::digest::Digest;
use rye_core::effect::Position;
use rye_core::error::Error;
use rye_core::id::EffectId;
use rye_core::mode::Mode;
use rye_core::value::{Duration, Name, Value};

/// How a run began.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunStart {
    /// The bundle's payload.
    pub bundle: Digest,
    /// The playbook in it.
    pub playbook: Name,
    /// How real it is.
    pub mode: Mode,
    /// Who or what started it.
    pub starter: Name,
    /// From its start, as the site chose it.
    pub deadline: Duration,
    /// One per setting of the module.
    pub settings: Vec<Value>,
    /// The input, as it came.
    pub input: Arc<[u8]>,
}

/// What follows once an error's undos are done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Then {
    /// The `recover` of the attempt whose records were undone.
    Recover,
    /// A person is asked, at this frame.
    Hold(Position),
    /// The run ends.
    End,
}

/// Why a run waits for a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HoldReason {
    /// An error that nobody recovered.
    Error(Error),
    /// Nobody knows whether this effect took place, and it can't be taken back.
    InDoubt(EffectId),
    /// The time of the playbook is over.
    Deadline,
    /// The machine faulted.
    Fault(Name),
    /// The bundle can't be used any more.
    Bundle(Name),
}

/// What a person answers a held run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Release {
    /// Try the failed effect again and go on.
    Continue,
    /// Undo what was done.
    Undo,
    /// Keep what was done and end.
    Keep,
}

impl Release {
    /// All of them, in the order of their codes.
    pub const ALL: [Self; 3] = [Self::Continue, Self::Undo, Self::Keep];
}

/// How a run ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RunOutcome {
    /// The end of the playbook was reached.
    Finished,
    /// The threat is contained.
    Contained,
    /// People go on.
    Escalated,
    /// A false alarm.
    Benign,
    /// A failure was undone.
    RolledBack,
    /// It was not allowed to begin.
    Rejected,
    /// A person ended it.
    Cancelled,
    /// An undo failed for good.
    Stuck,
}

impl RunOutcome {
    /// All of them, in the order of their codes.
    pub const ALL: [Self; 8] = [
        Self::Finished,
        Self::Contained,
        Self::Escalated,
        Self::Benign,
        Self::RolledBack,
        Self::Rejected,
        Self::Cancelled,
        Self::Stuck,
    ];

    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Finished => "finished",
            Self::Contained => "contained",
            Self::Escalated => "escalated",
            Self::Benign => "benign",
            Self::RolledBack => "rolled_back",
            Self::Rejected => "rejected",
            Self::Cancelled => "cancelled",
            Self::Stuck => "stuck",
        }
    }

    /// Whether the run ended as its playbook wanted.
    pub fn is_well(self) -> bool {
        matches!(self, Self::Finished | Self::Contained | Self::Escalated | Self::Benign)
    }
}
