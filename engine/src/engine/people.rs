//! What people say to runs: settle, release, cancel, roll back. Whoever calls
//! this has checked who it was and that he may.

use rye_core::digest::Digest;
use rye_core::error::{Error, ErrorKind};
use rye_core::id::{EffectId, RunId};
use rye_core::value::Value;

use super::{Engine, Phase};
use crate::entry::{Body, HoldReason, Release, RunOutcome, Said};
use crate::question::{Vote, Voter};
use crate::stamp::Stamp;

/// What a person says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// To which run.
    pub run: RunId,
    /// What.
    pub verb: Verb,
    /// Who says it.
    pub by: Said,
}

/// What can be said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verb {
    /// The run ends; what it did is undone or kept.
    Cancel {
        /// Whether it is undone.
        undo: bool,
    },
    /// What the run still holds is undone, by a run of this id.
    Rollback {
        /// The id of the new run.
        as_run: RunId,
    },
    /// An effect in doubt took place, or not.
    Settle {
        /// Which.
        effect: EffectId,
        /// Whether it did.
        done: bool,
    },
    /// A held run goes on.
    Release(Release),
    /// An answer to a question.
    Vote {
        /// Which question: the digest of all that was shown.
        request: Digest,
        /// What is answered.
        vote: Vote,
        /// Who answers.
        voter: Voter,
    },
}

impl Engine {
    /// Takes what a person says. When [`Engine::has_taken`] says no afterwards, it
    /// waits for an answer in flight: the message must be kept until then.
    ///
    /// # Errors
    /// Why it can't be done, and what can; nothing was changed.
    pub fn say(&mut self, message: &Message, now: Stamp) -> Result<(), String> {
        self.now = now;
        if self.has_taken(message.by.message) {
            return Ok(());
        }
        let run = self
            .runs
            .get(&message.run)
            .ok_or_else(|| format!("there is no run {}", message.run))?;
        let phase = run.phase.clone();
        match &message.verb {
            Verb::Cancel { undo } => self.cancel(message, *undo, &phase)?,
            Verb::Rollback { as_run } => self.rollback(message, *as_run, &phase)?,
            Verb::Settle { effect, done } => self.settle(message, *effect, *done, &phase)?,
            Verb::Release(how) => self.release(message, *how, &phase)?,
            Verb::Vote { request, vote, voter } => {
                self.vote(message, *request, vote, voter, &phase)?;
            }
        }
        self.pump();
        Ok(())
    }

    /// Whether a message was journaled, as taken or as refused.
    pub fn has_taken(&self, message: Digest) -> bool {
        self.said.contains(&message)
    }

    /// Takes note of a message that could not be taken.
    pub fn refuse(&mut self, message: Digest, reason: &str, now: Stamp) {
        self.now = now;
        self.emit(RunId::default(), Body::MessageRefused { message, reason: reason.into() });
    }

    fn cancel(&mut self, message: &Message, undo: bool, phase: &Phase) -> Result<(), String> {
        match phase {
            Phase::Ended { outcome, .. } => {
                return Err(format!(
                    "the run is over ({}); `rollback` undoes what it still holds",
                    outcome.word()
                ));
            }
            Phase::Unwinding(_) => return Err(String::from("the run is unwinding already")),
            Phase::Running if self.is_acting(message.run) => {
                // The answer in flight is taken first.
                self.live.entry(message.run).or_default().cancelled = Some((undo, message.by));
                return Ok(());
            }
            Phase::Running | Phase::Held { .. } => {}
        }
        self.cancel_now(message.run, undo, message.by);
        Ok(())
    }

    /// Whether an act is under way whose end is not known yet.
    fn is_acting(&self, id: RunId) -> bool {
        self.waits_for(id) == Some(super::wake::WaitsFor::Adapter)
            && self.live.get(&id).is_some_and(super::live::Live::is_attempting)
    }

    pub(super) fn cancel_now(&mut self, id: RunId, undo: bool, by: Said) {
        let live = self.live.entry(id).or_default();
        live.drop_machine();
        live.cancelled = None;
        self.emit(id, Body::Cancelled { undo, by });
        if !undo {
            let text = "".into();
            self.emit(id, Body::Ended { outcome: RunOutcome::Cancelled, text });
        }
    }

    fn rollback(&mut self, message: &Message, as_run: RunId, phase: &Phase) -> Result<(), String> {
        let run = message.run;
        if !matches!(phase, Phase::Ended { .. }) {
            return Err(String::from("the run is not over; `cancel --undo` ends and undoes it"));
        }
        let others = self.runs.values().any(|other| {
            !other.is_over()
                && matches!(&other.origin, super::Origin::Rollback { of, .. } if *of == run)
        });
        if others {
            return Err(String::from("the run is being rolled back already"));
        }
        if !self.runs.get(&run).is_some_and(crate::run::Run::holds_anything) {
            return Err(String::from("the run holds nothing any more"));
        }
        self.emit(as_run, Body::RollbackStarted { of: run, by: message.by });
        Ok(())
    }

    fn settle(
        &mut self,
        message: &Message,
        effect: EffectId,
        done: bool,
        phase: &Phase,
    ) -> Result<(), String> {
        let Phase::Held { reason: HoldReason::InDoubt(doubted), .. } = phase else {
            return Err(String::from("no effect of the run is in doubt"));
        };
        if *doubted != effect {
            return Err(format!("the effect in doubt is {doubted}"));
        }
        let simulated = self
            .runs
            .get(&message.run)
            .and_then(|run| run.effects.get(&effect)?.act())
            .map_or(Value::None, |act| act.act.simulated.clone());
        let answer = if done {
            Ok(simulated)
        } else {
            Err(Error::new(ErrorKind::Unavailable, "a person said that it did not take effect"))
        };
        self.live.entry(message.run).or_default().pending = None;
        self.emit(message.run, Body::Settled { effect, done, by: message.by, answer });
        Ok(())
    }

    fn release(&mut self, message: &Message, how: Release, phase: &Phase) -> Result<(), String> {
        let Phase::Held { reason, .. } = phase else {
            return Err(String::from("the run does not wait for a person"));
        };
        let allowed = self.may_answer(message.run);
        if !allowed.contains(&how) {
            let words: Vec<&str> = allowed.iter().map(|how| how.word()).collect();
            return Err(format!(
                "{} can't be answered to this hold ({}); what can: {}",
                how.word(),
                reason.word(),
                words.join(", ")
            ));
        }
        if how == Release::Continue || !matches!(reason, HoldReason::Error(_)) {
            self.live.entry(message.run).or_default().drop_machine();
        }
        self.emit(message.run, Body::Released { how, by: message.by });
        if how == Release::Keep {
            let text = "a person kept what was done".into();
            self.emit(message.run, Body::Ended { outcome: RunOutcome::Escalated, text });
        }
        Ok(())
    }

    /// What may be answered to a held run.
    pub fn may_answer(&self, id: RunId) -> Vec<Release> {
        let Some(run) = self.runs.get(&id) else { return Vec::new() };
        match &run.phase {
            Phase::Held { reason: HoldReason::Error(_), .. } if run.failed.is_some() => {
                vec![Release::Continue, Release::Undo, Release::Keep]
            }
            Phase::Held { .. } => vec![Release::Undo, Release::Keep],
            _ => Vec::new(),
        }
    }
}

impl Release {
    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Continue => "continue",
            Self::Undo => "undo",
            Self::Keep => "keep",
        }
    }
}

impl HoldReason {
    /// The word for the kind of reason.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Error(_) => "an error that nobody recovered",
            Self::InDoubt(_) => "an effect in doubt",
            Self::Deadline => "the deadline",
            Self::Fault(_) => "a fault of the machine",
            Self::Bundle(_) => "the bundle",
        }
    }
}
