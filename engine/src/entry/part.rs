//! The parts that several kinds of entries have, whichever kind it is.

use rye_core::adapter::Ending;
use rye_core::digest::Digest;
use rye_core::effect::{Act, Call};
use rye_core::id::EffectId;
use rye_core::value::Name;

use super::{Answer, Body, Place, Said};

impl Body {
    /// The message that the entry takes or refuses.
    pub fn message(&self) -> Option<Digest> {
        match self {
            Self::MessageRefused { message, .. } => Some(*message),
            other => other.said().map(|by| by.message),
        }
    }

    /// Who said what the entry takes note of.
    pub fn said(&self) -> Option<&Said> {
        match self {
            Self::Released { by, .. }
            | Self::Cancelled { by, .. }
            | Self::Settled { by, .. }
            | Self::Voted { by, .. }
            | Self::RollbackStarted { by, .. }
            | Self::Halted { by, .. }
            | Self::Resumed { by, .. }
            | Self::Lifted { by, .. }
            | Self::Renewed { by, .. }
            | Self::LifeEnded { by, .. }
            | Self::Erasing { by, .. } => Some(by),
            _ => None,
        }
    }

    /// Who answers for the key with which it was said, where the entry keeps that.
    pub fn owner(&self) -> Option<&Name> {
        match self {
            Self::Voted { owner, .. }
            | Self::Halted { owner, .. }
            | Self::Resumed { owner, .. }
            | Self::Lifted { owner, .. }
            | Self::Erasing { owner, .. } => Some(owner),
            _ => None,
        }
    }

    /// The effect that the entry is about.
    pub fn effect(&self) -> Option<EffectId> {
        match self {
            Self::Asked { effect, .. }
            | Self::Refused { effect, .. }
            | Self::Simulated { effect, .. }
            | Self::AlreadySo { effect, .. }
            | Self::Intent { effect, .. }
            | Self::Attempted { effect, .. }
            | Self::Outcome { effect, .. }
            | Self::Probed { effect, .. }
            | Self::Told { effect, .. }
            | Self::Delivered { effect, .. }
            | Self::Waiting { effect, .. }
            | Self::Waited { effect, .. }
            | Self::Requested { effect, .. }
            | Self::Voted { effect, .. }
            | Self::Escalated { effect }
            | Self::Decided { effect, .. }
            | Self::Settled { effect, .. }
            | Self::LetGo { effect, .. }
            | Self::Covered { effect, .. }
            | Self::UndoIntent { effect, .. }
            | Self::UndoOutcome { effect, .. }
            | Self::Lifted { effect, .. }
            | Self::Renewed { effect, .. }
            | Self::LifeEnded { effect, .. } => Some(*effect),
            Self::Alerted { effect, .. } => *effect,
            _ => None,
        }
    }

    /// Where in the program its effect stands.
    pub fn place(&self) -> Option<&Place> {
        match self {
            Self::Asked { place, .. }
            | Self::Refused { place, .. }
            | Self::Simulated { place, .. }
            | Self::AlreadySo { place, .. }
            | Self::Intent { place, .. }
            | Self::Told { place, .. }
            | Self::Waiting { place, .. }
            | Self::Waited { place, .. }
            | Self::Requested { place, .. } => Some(place),
            _ => None,
        }
    }

    /// The act that was done, or would be.
    pub fn act(&self) -> Option<&Act> {
        match self {
            Self::Simulated { act, .. }
            | Self::AlreadySo { act, .. }
            | Self::Intent { act, .. } => Some(act),
            _ => None,
        }
    }

    /// The call to the world that the entry writes down.
    pub fn call(&self) -> Option<&Call> {
        match self {
            Self::Asked { call, .. }
            | Self::Refused { call, .. }
            | Self::UndoIntent { call, .. } => Some(call),
            Self::Told { notice, .. } | Self::Alerted { notice, .. } => Some(&notice.call),
            other => other.act().map(|act| &act.call),
        }
    }

    /// How an attempt ended.
    pub fn ending(&self) -> Option<&Ending> {
        match self {
            Self::Outcome { ending, .. }
            | Self::Delivered { ending, .. }
            | Self::UndoOutcome { ending, .. } => Some(ending),
            _ => None,
        }
    }

    /// What the playbook is told.
    pub fn answer(&self) -> Option<&Answer> {
        match self {
            Self::Asked { answer, .. }
            | Self::Refused { answer, .. }
            | Self::Simulated { answer, .. }
            | Self::AlreadySo { answer, .. }
            | Self::Waited { answer, .. }
            | Self::Decided { answer, .. }
            | Self::Settled { answer, .. } => Some(answer),
            Self::Outcome { answer, .. } | Self::Probed { answer, .. } => answer.as_ref(),
            _ => None,
        }
    }
}
