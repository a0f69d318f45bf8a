//! What people say to runs. Here: settle, release, cancel, roll back. Whoever calls
//! this has checked who it was and that he may.

use std::collections::BTreeSet;

use rye_core::digest::Digest;
use rye_core::error::{Error, ErrorKind};
use rye_core::id::{EffectId, RunId};
use rye_core::value::{Duration, Name, Value};

use super::life::waits_for;
use super::{Engine, Origin, Phase};
use crate::entry::{Body, Claim, HoldReason, Release, Said};
use crate::holding::Holder;
use crate::question::{Vote, Voter};
use crate::run::ActState;
use crate::stamp::Stamp;

/// Whether `owner`, after those who said it already, makes so many different people as are
/// `needed`.
///
/// # Errors
/// When he said it already.
pub(super) fn is_enough(
    said: &BTreeSet<Name>,
    owner: &Name,
    needed: usize,
) -> Result<bool, String> {
    if said.contains(owner) {
        return Err(format!(
            "{owner} said so already; {needed} different owners must, and one more is needed"
        ));
    }
    Ok(said.len().saturating_add(1) >= needed)
}

/// What a person says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// To which run; a halt and a resume without one are said to the store.
    pub run: RunId,
    /// What.
    pub verb: Verb,
    /// With which key it is said.
    pub by: Said,
    /// Who answers for that key.
    pub owner: Name,
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
        /// These of its effects; all where none is named.
        effects: Vec<EffectId>,
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
    /// Nothing is done and nothing undone any more.
    Halt {
        /// Why.
        reason: Name,
    },
    /// What was halted goes on, once enough people say so.
    Resume,
    /// An effect stands so long from now on.
    Renew {
        /// Which.
        effect: EffectId,
        /// How long.
        span: Duration,
    },
    /// The life of an effect ends now.
    LetGo {
        /// Which.
        effect: EffectId,
    },
    /// An effect that a quota refused is done all the same, once enough people say so.
    Lift {
        /// Which.
        effect: EffectId,
    },
    /// What is known of the run is erased.
    Erase {
        /// Why.
        reason: Name,
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
        if message.run.is_none() {
            self.say_to_store(message)?;
        } else {
            self.say_to_run(message)?;
            self.agenda.rouse(message.run);
        }
        self.pump();
        Ok(())
    }

    fn say_to_store(&mut self, message: &Message) -> Result<(), String> {
        match &message.verb {
            Verb::Halt { reason } => self.halt(message, reason),
            Verb::Resume => self.resume(message),
            _ => Err(String::from("it names no run")),
        }
    }

    fn say_to_run(&mut self, message: &Message) -> Result<(), String> {
        let run = self.runs.get(&message.run);
        let run = run.ok_or_else(|| match self.erasures.of(message.run) {
            Some(_) => format!("run {} was erased", message.run),
            None => format!("there is no run {}", message.run),
        })?;
        let phase = run.phase.clone();
        match &message.verb {
            Verb::Cancel { undo } => self.cancel(message, *undo, &phase),
            Verb::Rollback { as_run, effects } => self.rollback(message, *as_run, effects, &phase),
            Verb::Settle { effect, done } => self.settle(message, *effect, *done, &phase),
            Verb::Release(how) => self.release(message, *how, &phase),
            Verb::Vote { request, vote, voter } => {
                self.vote(message, *request, vote, voter, &phase)
            }
            Verb::Halt { reason } => self.halt(message, reason),
            Verb::Resume => self.resume(message),
            Verb::Renew { effect, span } => self.renew(message, *effect, *span),
            Verb::LetGo { effect } => self.end_life(message, *effect),
            Verb::Lift { effect } => self.lift(message, *effect),
            Verb::Erase { reason } => self.erase(message, reason),
        }
    }

    /// Whether a message was journaled, as taken or as refused.
    pub fn has_taken(&self, message: Digest) -> bool {
        self.said.contains(&message)
    }

    /// Takes note of a message that could not be taken.
    pub fn refuse(&mut self, message: Digest, claim: Claim, reason: &str, now: Stamp) {
        self.now = now;
        let refused = Body::MessageRefused { message, claim, reason: reason.into() };
        self.emit(RunId::default(), refused);
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
                let cancelled = Box::new((undo, message.by));
                self.live.entry(message.run).or_default().cancelled = Some(cancelled);
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
        self.leave_release(id);
        let live = self.live.entry(id).or_default();
        live.drop_machine();
        live.cancelled = None;
        self.emit(id, Body::Cancelled { undo, by });
    }

    fn rollback(
        &mut self,
        message: &Message,
        as_run: RunId,
        effects: &[EffectId],
        phase: &Phase,
    ) -> Result<(), String> {
        let id = message.run;
        if !matches!(phase, Phase::Ended { .. }) {
            return Err(String::from("the run is not over; `cancel --undo` ends and undoes it"));
        }
        let other = self.runs.values().find(|other| {
            !other.is_over() && matches!(&other.origin, Origin::Rollback { of, .. } if *of == id)
        });
        if let Some(other) = other {
            return Err(format!("run {} is rolling it back already", other.id));
        }
        let Some(run) = self.runs.get(&id) else { return Ok(()) };
        if let Some(unknown) = effects.iter().find(|effect| !run.effects.contains_key(effect)) {
            return Err(format!("the run has no effect {unknown}"));
        }
        let is_meant = |effect| effects.is_empty() || effects.contains(&effect);
        let records = run.records().filter(|(effect, ..)| is_meant(*effect));
        let meant: Vec<&ActState> = records.map(|(.., act)| act).collect();
        if meant.is_empty() {
            let what = if effects.is_empty() { "nothing" } else { "none of these" };
            return Err(format!("the run holds {what} any more"));
        }
        let waiting: Option<Vec<Holder>> = meant.iter().map(|act| self.covered_by(act)).collect();
        if let Some(later) = waiting.and_then(|later| later.first().copied()) {
            return Err(waits_for(later));
        }
        let (effects, by) = (effects.to_vec(), message.by);
        self.emit(as_run, Body::RollbackStarted { of: id, effects, by });
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
        let bundle = self.runs.get(&message.run).and_then(|run| Some(run.start()?.bundle));
        let is_back = bundle.is_some_and(|bundle| self.programs.contains_key(&bundle))
            && self.withdrawn(message.run).is_none();
        if how == Release::Continue && matches!(reason, HoldReason::Bundle(_)) && !is_back {
            return Err(String::from("its bundle can't be used still: nothing can continue"));
        }
        if how == Release::Continue || !matches!(reason, HoldReason::Error(_)) {
            self.live.entry(message.run).or_default().drop_machine();
        }
        self.emit(message.run, Body::Released { how, by: message.by });
        Ok(())
    }

    /// What may be answered to a held run.
    pub fn may_answer(&self, id: RunId) -> Vec<Release> {
        let Some(run) = self.runs.get(&id) else { return Vec::new() };
        match &run.phase {
            // Once the bundle can be used again, the run goes on where it was.
            Phase::Held { reason: HoldReason::Bundle(_), .. } if self.withdrawn(id).is_none() => {
                vec![Release::Continue, Release::Undo, Release::Keep]
            }
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
