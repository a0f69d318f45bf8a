//! One effect of a run, as its entries tell it.

use std::sync::Arc;

use rye_core::adapter::Ending;
use rye_core::effect::{Act, Call, Life, Notice, UndoPlan};
use rye_core::error::Error;
use rye_core::value::{Duration, Name, Time, Value};

use crate::entry::{Answer, Body, Entry, LetGo, Place, UndoResult, Verdict, Why};
use crate::guardrail::Guardrail;
use crate::holding::Holder;
use crate::question::QuestionState;
use crate::stamp::Stamp;

/// One effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EffectState {
    /// Where in the program it stands.
    pub place: Place,
    /// When its first entry was written.
    pub begun: Stamp,
    /// What the machine was told, and when.
    pub answered: Option<(Stamp, Answer)>,
    /// The guardrail that said no to it, if that was the last that happened.
    pub refused: Option<Guardrail>,
    /// What was said of what brought nothing, for people: the last attempt, and a
    /// question to the world after it.
    pub said: Vec<Arc<str>>,
    /// What it is.
    pub what: What,
}

/// What an effect is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// A look at the world.
    Query(Call),
    /// A change of the world.
    Act(Box<ActState>),
    /// Words to people.
    Notice(Box<NoticeState>),
    /// A wait; its end while it lasts.
    Wait {
        /// Until when.
        until: Option<Time>,
    },
    /// A question to people.
    Question(Box<QuestionState>),
    /// A guardrail said no.
    Refused {
        /// What was to be done.
        call: Call,
        /// Which rule, and the value that broke it.
        rule: Name,
    },
}

/// A change of the world.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActState {
    /// What is done.
    pub act: Act,
    /// How far it came.
    pub status: ActStatus,
    /// Whether an attempt may have had its effect, and nobody knows: a later one
    /// that surely had none says nothing of it.
    pub doubted: bool,
    /// What the adapter answered.
    pub result: Value,
    /// Whether it can be taken back, and whether it was.
    pub record: RecordState,
    /// What its undo tries, if one was begun.
    pub undo: Option<UndoState>,
    /// When a person gave it a longer life, and how long from then.
    pub renewed: Option<(Stamp, Duration)>,
    /// What made its holder let go, before its time or later than it wanted to.
    pub life_ended: Option<LifeEnded>,
}

/// That an effect is to be taken back: its life was ended before its time, or its holder
/// could not let go at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LifeEnded {
    /// By what.
    pub why: Why,
    /// When.
    pub at: Stamp,
}

/// How far an act came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ActStatus {
    /// Nothing real was done.
    Simulated,
    /// The world was already so.
    AlreadySo,
    /// An attempt was dispatched, or is about to be.
    Attempting {
        /// Which.
        attempt: u8,
    },
    /// The next attempt waits for its time.
    Retrying {
        /// The attempt that ended.
        attempt: u8,
        /// When it ended.
        since: Stamp,
    },
    /// Nobody knows whether the attempt had its effect.
    InDoubt {
        /// Which attempt.
        attempt: u8,
    },
    /// It was done, and the world has to show it.
    Verifying {
        /// Since when.
        since: Stamp,
    },
    /// It was done.
    Done,
    /// It was not done.
    Failed,
    /// A person wants it to be tried again, from the beginning; what it may have
    /// done before stands.
    Reopened,
}

/// The compensation record of an act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RecordState {
    /// There is none: nothing was done, or nothing can be taken back.
    None,
    /// It stands.
    Held {
        /// Since when: its life counts from here.
        since: Stamp,
    },
    /// It stands, and is to be taken back as soon as a later effect of ours that
    /// changed the same is gone.
    Covered {
        /// Since when it stands.
        since: Stamp,
        /// The later one.
        by: Holder,
    },
    /// Its holder let go, and nothing had to be done.
    LetGo {
        /// Why nothing.
        how: LetGo,
        /// When.
        at: Stamp,
    },
    /// It was undone.
    Undone {
        /// When.
        at: Stamp,
    },
    /// Its undo failed for good.
    Stuck {
        /// How.
        ending: Ending,
        /// When.
        at: Stamp,
    },
}

/// An undo that was begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UndoState {
    /// What made the holder let go.
    pub why: Why,
    /// When it was first tried.
    pub since: Stamp,
    /// The last attempt.
    pub attempt: u8,
    /// When that attempt ended.
    pub ended: Option<Stamp>,
}

/// Words to people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoticeState {
    /// What is told.
    pub notice: Notice,
    /// Whether the mode lets it go out.
    pub goes_out: bool,
    /// Attempts that ended.
    pub attempts: u8,
    /// How the last one ended, and when.
    pub ending: Option<(Stamp, Ending)>,
    /// Whether it was delivered or given up.
    pub over: bool,
}

impl RecordState {
    /// Whether the effect stands and can be taken back.
    pub fn stands(&self) -> bool {
        matches!(self, Self::Held { .. } | Self::Covered { .. } | Self::Stuck { .. })
    }

    /// Since when the effect stands; `None` if it does not, or if its undo failed.
    pub fn since(&self) -> Option<Stamp> {
        match self {
            Self::Held { since } | Self::Covered { since, .. } => Some(*since),
            _ => None,
        }
    }

    /// As a record whose holder does not let go.
    pub(super) fn renewed(self) -> Self {
        match self {
            Self::Covered { since, .. } => Self::Held { since },
            other => other,
        }
    }
}

impl ActState {
    pub(super) fn new(act: Act, status: ActStatus) -> Self {
        Self {
            act,
            status,
            doubted: false,
            result: Value::None,
            record: RecordState::None,
            undo: None,
            renewed: None,
            life_ended: None,
        }
    }
}

impl NoticeState {
    pub(crate) fn new(notice: Notice, goes_out: bool) -> Self {
        Self { notice, goes_out, attempts: 0, ending: None, over: !goes_out }
    }
}

impl EffectState {
    /// The act, if it is one.
    pub fn act(&self) -> Option<&ActState> {
        match &self.what {
            What::Act(act) => Some(act),
            _ => None,
        }
    }

    /// The notice, if it is one.
    pub fn notice(&self) -> Option<&NoticeState> {
        match &self.what {
            What::Notice(notice) => Some(notice),
            _ => None,
        }
    }

    /// The question, if it is one.
    pub fn question(&self) -> Option<&QuestionState> {
        match &self.what {
            What::Question(question) => Some(question),
            _ => None,
        }
    }

    /// The error that the machine was told, if it was one.
    pub fn error(&self) -> Option<&Error> {
        self.answered.as_ref().and_then(|(_, answer)| answer.as_ref().err())
    }

    /// A person wants it to be tried again. Whether it is an act: what it did
    /// before must not be forgotten.
    pub(super) fn reopen(&mut self) -> bool {
        (self.answered, self.refused) = (None, None);
        match &mut self.what {
            What::Act(act) => {
                act.status = ActStatus::Reopened;
                true
            }
            What::Query(_)
            | What::Notice(_)
            | What::Wait { .. }
            | What::Question(_)
            | What::Refused { .. } => false,
        }
    }

    pub(super) fn apply(&mut self, entry: &Entry) {
        self.hear(&entry.body);
        match &mut self.what {
            What::Act(act) => act.apply(entry),
            What::Notice(notice) => notice.apply(entry),
            What::Question(question) => question.apply(entry),
            What::Query(_) | What::Wait { .. } | What::Refused { .. } => {}
        }
    }
}

impl EffectState {
    fn hear(&mut self, body: &Body) {
        match body {
            Body::Outcome { ending, .. } => {
                self.said = ending.text().cloned().into_iter().collect();
            }
            Body::Asked { said, .. } | Body::Probed { said, .. } => self.said.extend(said.clone()),
            _ => {}
        }
    }
}

impl NoticeState {
    pub(crate) fn apply(&mut self, entry: &Entry) {
        if let Body::Delivered { attempt, ending, last, .. } = &entry.body {
            self.attempts = *attempt;
            self.ending = Some((entry.at, ending.clone()));
            self.over = *last;
        }
    }
}

impl ActState {
    fn apply(&mut self, entry: &Entry) {
        let at = entry.at;
        match &entry.body {
            Body::Attempted { attempt, .. } => {
                self.status = ActStatus::Attempting { attempt: *attempt };
                self.hold(at);
            }
            Body::Outcome { attempt, ending, stands, answer, .. } => {
                self.status = self.status_after(ending, *attempt, answer.as_ref(), at);
                match ending {
                    // The life of an effect counts from its outcome.
                    Ending::Done(value) | Ending::AlreadySo(value) => {
                        self.result = value.clone();
                        self.doubted = false;
                        self.record = RecordState::Held { since: at };
                    }
                    // In doubt, it counts from the intent.
                    Ending::Unknown(_) | Ending::Refused { perhaps: true, .. } => {
                        self.doubted = true;
                        self.hold(at);
                    }
                    Ending::NotSent(_) | Ending::Refused { perhaps: false, .. } => {}
                }
                self.stand(*stands);
            }
            Body::Probed { verdict, stands, answer, .. } => {
                self.status = match (answer, &self.status) {
                    (Some(Ok(_)), _) | (Some(Err(_)), ActStatus::Verifying { .. }) => {
                        ActStatus::Done
                    }
                    (Some(Err(_)), _) if *stands => ActStatus::InDoubt { attempt: self.attempt() },
                    (Some(Err(_)), _) => ActStatus::Failed,
                    (None, _) => ActStatus::Retrying { attempt: self.attempt(), since: at },
                };
                self.doubted &= *verdict != Verdict::Gone;
                self.stand(*stands);
            }
            Body::Settled { done, .. } => {
                self.status = if *done { ActStatus::Done } else { ActStatus::Failed };
                self.doubted = false;
                self.stand(*done && matches!(self.act.undo, UndoPlan::Call { .. }));
            }
            Body::Renewed { span, .. } => self.renewed = Some((at, *span)),
            Body::LifeEnded { .. } => self.end_life(Why::Person, at),
            Body::LetGo { how, .. } => self.record = RecordState::LetGo { how: *how, at },
            Body::Covered { why, by_run, by_effect, .. } => {
                self.cover((*by_run, *by_effect), *why, at);
            }
            Body::UndoIntent { why, attempt, .. } => {
                self.record = self.record.clone().renewed();
                let since = self.undo.map_or(at, |undo| undo.since);
                self.undo = Some(UndoState { why: *why, since, attempt: *attempt, ended: None });
            }
            Body::UndoOutcome { ending, result, .. } => {
                if let Some(undo) = &mut self.undo {
                    undo.ended = Some(at);
                }
                match result {
                    UndoResult::Undone | UndoResult::StillShown => {
                        self.record = RecordState::Undone { at };
                    }
                    UndoResult::LeftAlone => {
                        self.record = RecordState::LetGo { how: LetGo::ChangedByOthers, at };
                    }
                    UndoResult::Stuck => {
                        self.record = RecordState::Stuck { ending: ending.clone(), at };
                    }
                    UndoResult::Again => {}
                }
            }
            _ => {}
        }
    }

    /// A guardrail said no to trying it again; what was done before stands.
    pub(super) fn refuse(&mut self) {
        self.status = if self.record.stands() {
            ActStatus::InDoubt { attempt: self.attempt() }
        } else {
            ActStatus::Failed
        };
    }

    fn stand(&mut self, stands: bool) {
        if !stands {
            self.record = RecordState::None;
        }
    }

    fn hold(&mut self, since: Stamp) {
        if !self.record.stands() {
            self.record = RecordState::Held { since };
        }
    }

    /// From when its life counts and how long it is; `None` if no clock ends it.
    pub fn life(&self) -> Option<(Stamp, Duration)> {
        match (&self.record, self.act.life) {
            (RecordState::Held { since }, Life::For(span)) => {
                Some(self.renewed.unwrap_or((*since, span)))
            }
            _ => None,
        }
    }

    /// Its holder is to let go as soon as it can.
    pub(super) fn end_life(&mut self, why: Why, at: Stamp) {
        self.unstick(at);
        self.life_ended = Some(LifeEnded { why, at });
    }

    /// Its holder is to let go, and has to wait for `by`.
    fn cover(&mut self, by: Holder, why: Why, at: Stamp) {
        let since = self.record.since().unwrap_or(at);
        self.record = RecordState::Covered { since, by };
        self.life_ended.get_or_insert(LifeEnded { why, at });
    }

    /// Its undo failed for good, and is tried once more. It may have had its effect
    /// half-way.
    pub(super) fn unstick(&mut self, at: Stamp) {
        if matches!(self.record, RecordState::Stuck { .. }) {
            self.record = RecordState::Held { since: at };
            (self.undo, self.doubted, self.life_ended) = (None, true, None);
        }
    }

    /// Whether the attempt in flight may still turn out to have had no effect.
    pub fn may_vanish(&self) -> bool {
        matches!(self.status, ActStatus::Attempting { .. }) && !self.doubted
    }

    /// The last attempt that was begun.
    pub fn attempt(&self) -> u8 {
        match self.status {
            ActStatus::Attempting { attempt }
            | ActStatus::Retrying { attempt, .. }
            | ActStatus::InDoubt { attempt } => attempt,
            _ => 1,
        }
    }

    fn status_after(
        &self,
        ending: &Ending,
        attempt: u8,
        answer: Option<&Answer>,
        at: Stamp,
    ) -> ActStatus {
        match (ending, answer) {
            (Ending::AlreadySo(_), _) => ActStatus::AlreadySo,
            (Ending::Done(_), Some(_)) => ActStatus::Done,
            (Ending::Done(_), None) => ActStatus::Verifying { since: at },
            (_, Some(_)) => ActStatus::Failed,
            (Ending::NotSent(_), None) if self.act.retry.after(attempt).is_some() => {
                ActStatus::Retrying { attempt, since: at }
            }
            (_, None) => ActStatus::InDoubt { attempt },
        }
    }
}
