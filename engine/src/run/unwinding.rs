//! An unwinding: which effects it takes back, and what comes after it.

use std::sync::Arc;

use rye_core::effect::{Position, StepKind};
use rye_core::error::Error;
use rye_core::id::EffectId;

use crate::entry::{RunOutcome, Why};

/// An unwinding that isn't done yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unwinding {
    /// The frame whose records are undone.
    pub frame: Position,
    /// Where the run stood: frames around this place are still open.
    pub at: Position,
    /// Of these, only the records of these effects, where it is so.
    pub only: Option<Vec<EffectId>>,
    /// Why.
    pub why: Why,
    /// What comes after.
    pub then: AfterUndo,
}

/// What comes after an unwinding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AfterUndo {
    /// The machine enters `recover`.
    Recover,
    /// A person is asked about this error.
    Hold(Error),
    /// The run ends.
    End(RunOutcome, Arc<str>),
}

impl Unwinding {
    /// An unwinding of all that a run did, because a person wants it.
    pub(super) fn of_all(then: AfterUndo) -> Self {
        let (frame, at) = (Position::default(), Position::default());
        Self { frame, at, only: None, why: Why::Person, then }
    }

    /// Whether `effect`, at `position`, is to be undone.
    pub(super) fn covers(&self, effect: EffectId, position: &Position) -> bool {
        let is_meant = self.only.as_ref().is_none_or(|only| only.contains(&effect));
        is_meant && position.is_within(&self.frame) && !self.keeps(position)
    }

    /// Whether a `keep` that was left normally protects the effect at `position`:
    /// one below the frame that is undone, and no longer open.
    fn keeps(&self, position: &Position) -> bool {
        let below = self.frame.0.len();
        (below..position.0.len()).any(|depth| {
            let is_keep = position.0.get(depth).is_some_and(|step| step.kind == StepKind::Keep);
            let keep = Position(position.0.iter().take(depth.saturating_add(1)).copied().collect());
            is_keep && self.why != Why::Person && !self.at.is_within(&keep)
        })
    }
}
