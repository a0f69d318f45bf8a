//! What a journal entry says. Run state, timers, records, holdings and limits
//! are a fold over these and nothing else.
//!
//! Whenever an entry fixes what the machine is told next, it carries that
//! [`Answer`]: so replaying a run is reading its answers in order, and no rule
//! about retries or doubt has to be applied again.

mod codec;
mod effect;
mod part;
mod run;

use std::sync::Arc;

use rye_core::adapter::Ending;
use rye_core::digest::Digest;
use rye_core::effect::{Act, Call, Notice, Position};
use rye_core::error::Error;
use rye_core::id::{EffectId, KeyId, RunId};
use rye_core::question::Question;
use rye_core::value::{Duration, Name, Time, Value};

pub use codec::{Draft, EntryError, kind_word};
pub(crate) use codec::{read_vote, write_question, write_vote};
pub use effect::{Answer, LetGo, Place, UndoResult, Verdict, Why};
pub(crate) use effect::{LOOK_AGAIN, LOOK_HELD, LOOK_NOT_CHECKED, LOOK_OVER};
pub use run::{HoldReason, Release, RunOutcome, RunStart, Then};

use crate::alert::About;
use crate::guardrail::Guardrail;
use crate::guardrail::quota::{Count, Remnant};
use crate::question::{DecidedBy, Vote};
use crate::stamp::Stamp;

/// One entry with its place in time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// When it was written.
    pub at: Stamp,
    /// Whose it is; the id that stands for none for the store's own.
    pub run: RunId,
    /// What it says.
    pub body: Body,
}

impl Entry {
    /// The run whose effect it is about: another one may take that back.
    pub fn run_of_effect(&self) -> RunId {
        match &self.body {
            Body::LetGo { owner, .. }
            | Body::Covered { owner, .. }
            | Body::UndoIntent { owner, .. }
            | Body::UndoOutcome { owner, .. } => *owner,
            _ => self.run,
        }
    }
}

/// Who said something, and in which signed message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Said {
    /// The key.
    pub key: KeyId,
    /// The message: saying it twice is saying it once.
    pub message: Digest,
}

/// What a refused message says of itself, as far as it could be read. Nobody vouches
/// for it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Claim {
    /// Whose signature it is said to have.
    pub key: Option<KeyId>,
    /// To which run it speaks; the id that stands for none for the whole store.
    pub run: Option<RunId>,
    /// What it wants, in a word: `rollback`.
    pub verb: Option<Name>,
}

/// What an entry says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// The store was made.
    Genesis {
        /// The format of what entries say.
        version: u16,
        /// The installation that it is of: no other acts on it.
        environment: Name,
    },
    /// The store was opened for writing.
    Opened {
        /// The program's version.
        version: Name,
        /// Bytes of a torn group that were cut.
        dropped: u64,
    },
    /// The wall clock jumped since the last entry.
    ClockAnomaly {
        /// Where it stood.
        from: Time,
        /// Where it stands.
        to: Time,
    },
    /// Where the effects of a module's actions stand from now on.
    Bound {
        /// Whose actions, such as `std.firewall`.
        module: Name,
        /// Where, as the adapter says it.
        place: Name,
    },
    /// A bundle was admitted.
    BundleLoaded {
        /// Its payload.
        digest: Digest,
        /// Its name.
        name: Name,
        /// Its version.
        version: u64,
        /// Versions of that name below it may never be loaded again.
        floor: u64,
        /// The keys that counted.
        signers: Vec<KeyId>,
    },
    /// A bundle was refused.
    BundleRejected {
        /// Its payload, if it could be read so far.
        digest: Option<Digest>,
        /// The code of the reason.
        code: Name,
    },
    /// A trust root is believed from now on.
    TrustRootTaken {
        /// Its payload.
        digest: Digest,
        /// Its version.
        version: u64,
        /// Bundles whose known versions are forgotten.
        reset: Vec<Name>,
    },
    /// A trust root that was offered was refused.
    TrustRootRefused {
        /// Its payload, if it could be read so far.
        digest: Option<Digest>,
        /// The code of the reason.
        code: Name,
    },
    /// A revocation list is believed from now on.
    RevocationsTaken {
        /// Its payload.
        digest: Digest,
        /// Its version.
        version: u64,
    },
    /// A revocation list that was offered was refused.
    RevocationsRefused {
        /// Its payload, if it could be read so far.
        digest: Option<Digest>,
        /// The code of the reason.
        code: Name,
    },
    /// A bundle may be used no longer: its runs are held.
    BundleWithdrawn {
        /// Its payload.
        bundle: Digest,
        /// The code of the reason.
        code: Name,
    },
    /// A bundle may be used again.
    BundleRestored {
        /// Its payload.
        bundle: Digest,
    },
    /// Whether destructive acts may be done.
    Restricted {
        /// The code of the reason why not; `None` when they may again.
        code: Option<Name>,
    },
    /// A person's message was refused.
    MessageRefused {
        /// Which.
        message: Digest,
        /// What it says of itself.
        claim: Claim,
        /// Why.
        reason: Name,
    },
    /// A run began.
    Started(Box<RunStart>),
    /// A query was answered, or found without an answer.
    Asked {
        /// Which effect.
        effect: EffectId,
        /// Where in the program.
        place: Place,
        /// What was asked.
        call: Call,
        /// How many attempts it took.
        attempts: u8,
        /// What was said of the last attempt, if it brought nothing, for people.
        said: Option<Arc<str>>,
        /// What the machine is told.
        answer: Answer,
    },
    /// A standing no of the site.
    Refused {
        /// Which effect.
        effect: EffectId,
        /// Where in the program.
        place: Place,
        /// What was to be done.
        call: Call,
        /// Who says no.
        guardrail: Guardrail,
        /// Which rule, and the value that broke it.
        rule: Name,
        /// What the machine is told.
        answer: Answer,
    },
    /// In a dry mode: what would have been done.
    Simulated {
        /// Which effect.
        effect: EffectId,
        /// Where in the program.
        place: Place,
        /// What would have been done.
        act: Box<Act>,
        /// What the world showed before; nothing if there was no way to ask it.
        looked: Option<Verdict>,
        /// What the machine is told.
        answer: Answer,
    },
    /// The world was already so before the act.
    AlreadySo {
        /// Which effect.
        effect: EffectId,
        /// Where in the program.
        place: Place,
        /// What was to be done.
        act: Box<Act>,
        /// Whether a run of ours holds it, and this one does now too.
        joined: bool,
        /// What the machine is told.
        answer: Answer,
    },
    /// An act is about to be dispatched for the first time.
    Intent {
        /// Which effect.
        effect: EffectId,
        /// Where in the program.
        place: Place,
        /// What is done, with all that proves it and takes it back.
        act: Box<Act>,
        /// What it makes of the site's quotas that it counts towards.
        counts: Vec<Count>,
    },
    /// An act is about to be dispatched again.
    Attempted {
        /// Which effect.
        effect: EffectId,
        /// Which attempt, from 2.
        attempt: u8,
    },
    /// How an attempt ended.
    Outcome {
        /// Which effect.
        effect: EffectId,
        /// Which attempt.
        attempt: u8,
        /// How it ended.
        ending: Ending,
        /// Whether the record stays, so that it can be taken back.
        stands: bool,
        /// What the machine is told, if that is settled now.
        answer: Option<Answer>,
    },
    /// What the world showed of an act whose end is in doubt, or that had to be
    /// verified.
    Probed {
        /// Which effect.
        effect: EffectId,
        /// What it showed.
        verdict: Verdict,
        /// What was said of a question to the world that brought no answer, for people.
        said: Option<Arc<str>>,
        /// Whether the record stays.
        stands: bool,
        /// What the machine is told, if that is settled now.
        answer: Option<Answer>,
    },
    /// A notice waits for its delivery.
    Told {
        /// Which effect.
        effect: EffectId,
        /// Where in the program.
        place: Place,
        /// What is told, as it is delivered.
        notice: Notice,
        /// Whether the mode lets it go out.
        delivered: bool,
    },
    /// How an attempt at a delivery ended.
    Delivered {
        /// Which effect.
        effect: EffectId,
        /// Which attempt.
        attempt: u8,
        /// How it ended.
        ending: Ending,
        /// Whether it is given up or done.
        last: bool,
    },
    /// The run waits for a clock.
    Waiting {
        /// Which effect.
        effect: EffectId,
        /// Where in the program.
        place: Place,
        /// Until when, if nothing happens.
        until: Time,
    },
    /// A wait is over, was skipped, or its end was fixed.
    Waited {
        /// Which effect.
        effect: EffectId,
        /// Where in the program.
        place: Place,
        /// What the machine is told.
        answer: Answer,
    },
    /// People are asked. From here on they may answer, whether the run waits for it,
    /// is parked, or nobody acts on the store.
    Requested {
        /// Which effect.
        effect: EffectId,
        /// Where in the program.
        place: Place,
        /// All that they are shown.
        question: Box<Question>,
    },
    /// A person answered.
    Voted {
        /// Which question.
        effect: EffectId,
        /// Who said so.
        by: Said,
        /// Who answers for the key.
        owner: Name,
        /// What he said.
        vote: Vote,
    },
    /// Others are asked as well.
    Escalated {
        /// Which question.
        effect: EffectId,
    },
    /// A question is decided.
    Decided {
        /// Which question.
        effect: EffectId,
        /// By what.
        how: DecidedBy,
        /// What the machine is told.
        answer: Answer,
    },
    /// The machine raised an error that it did not recover itself.
    Raised {
        /// The error.
        error: Error,
        /// The innermost frame where it was raised.
        at: Position,
        /// The frame whose records are undone.
        undo: Option<Position>,
        /// What comes after.
        then: Then,
    },
    /// The playbook called it a false alarm: what the run holds is undone.
    Benign {
        /// What it says.
        text: Arc<str>,
    },
    /// All that had to be undone was tried.
    Unwound,
    /// The run waits for a person.
    Held {
        /// Why.
        reason: HoldReason,
    },
    /// A person answered a held run.
    Released {
        /// How.
        how: Release,
        /// Who said so.
        by: Said,
    },
    /// A person ended a run.
    Cancelled {
        /// Whether what it did is undone.
        undo: bool,
        /// Who said so.
        by: Said,
    },
    /// A person said whether an effect in doubt took place.
    Settled {
        /// Which effect.
        effect: EffectId,
        /// Whether it did.
        done: bool,
        /// Who said so.
        by: Said,
        /// What the machine is told.
        answer: Answer,
    },
    /// A holder let go, and nothing had to be done in the world.
    LetGo {
        /// Whose effect.
        owner: RunId,
        /// Which.
        effect: EffectId,
        /// What made it let go.
        why: Why,
        /// Why nothing was done.
        how: LetGo,
    },
    /// A holder is to let go, and a later effect of ours on the same stands on its own:
    /// it waits until that one is gone.
    Covered {
        /// Whose effect.
        owner: RunId,
        /// Which.
        effect: EffectId,
        /// What makes it let go.
        why: Why,
        /// Whose effect the later one is.
        by_run: RunId,
        /// The later one.
        by_effect: EffectId,
    },
    /// The undo of an effect is about to be dispatched.
    UndoIntent {
        /// Whose effect is let go.
        owner: RunId,
        /// Which.
        effect: EffectId,
        /// What made it let go.
        why: Why,
        /// The run whose effect is undone: that of the first holder.
        first_run: RunId,
        /// The effect that is undone.
        first_effect: EffectId,
        /// Which attempt, from 1.
        attempt: u8,
        /// The undo.
        call: Call,
    },
    /// How an attempt at an undo ended.
    UndoOutcome {
        /// Whose effect.
        owner: RunId,
        /// Which.
        effect: EffectId,
        /// Which attempt.
        attempt: u8,
        /// How it ended.
        ending: Ending,
        /// What follows from it.
        result: UndoResult,
    },
    /// A rollback began: a run of its own that undoes what another still holds.
    RollbackStarted {
        /// Of which run.
        of: RunId,
        /// Which of its effects; all where none is named.
        effects: Vec<EffectId>,
        /// Who said so.
        by: Said,
    },
    /// A person halted a run, or, without a run, the whole store: until it is
    /// resumed nothing is done and nothing undone.
    Halted {
        /// Why, in his words.
        reason: Name,
        /// Who answers for the key.
        owner: Name,
        /// Who said so.
        by: Said,
    },
    /// A person wants what was halted to go on.
    Resumed {
        /// Who answers for the key.
        owner: Name,
        /// Whether that was enough: the halt is over.
        lifted: bool,
        /// Who said so.
        by: Said,
    },
    /// A person lets an effect that a quota refused pass all the same.
    Lifted {
        /// Which effect.
        effect: EffectId,
        /// Who answers for the key.
        owner: Name,
        /// Whether that was enough: it is tried again.
        enough: bool,
        /// Who said so.
        by: Said,
    },
    /// A person gave an effect a longer life, from now on.
    Renewed {
        /// Which effect.
        effect: EffectId,
        /// How long it may stand from now on.
        span: Duration,
        /// Who said so.
        by: Said,
    },
    /// A person ended the life of an effect: its holder lets go as soon as it can.
    LifeEnded {
        /// Which effect.
        effect: EffectId,
        /// Who said so.
        by: Said,
    },
    /// A person wants the values of runs that are over to be erased: the process that
    /// acts overwrites them after this, and nothing of those runs is known any more.
    Erasing {
        /// The run, and those that rolled it back.
        runs: Vec<RunId>,
        /// What of the run still counts towards the site's quotas.
        counts: Vec<Remnant>,
        /// Why, in his words.
        reason: Name,
        /// Who answers for the key.
        owner: Name,
        /// Who said so.
        by: Said,
    },
    /// What was to be erased is overwritten.
    Erased,
    /// Operators are told something by the engine itself; the notice waits for its
    /// delivery.
    Alerted {
        /// By what its deliveries name it.
        alert: EffectId,
        /// What of.
        about: About,
        /// The effect that it is about, if it is about one.
        effect: Option<EffectId>,
        /// What is told, as it is delivered.
        notice: Notice,
        /// Whether it goes out: neither the mode keeps it, nor is there nobody to tell.
        delivered: bool,
    },
    /// The run is over.
    Ended {
        /// How.
        outcome: RunOutcome,
        /// What the playbook or the engine says of it.
        text: Arc<str>,
    },
}

impl Body {
    /// Whether a watch passed without a look: in a dry mode nothing is there to see.
    pub fn is_not_checked(&self) -> bool {
        matches!(self, Self::Waited { answer: Ok(Value::Int(LOOK_NOT_CHECKED)), .. })
    }
}

#[cfg(test)]
mod tests;
