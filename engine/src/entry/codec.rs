//! Entries as a kind, numbered fields, and values that the journal only
//! commits to.
//!
//! What came from outside or goes there (input, arguments, answers, texts) is a
//! value; names of actions, ids, kinds of errors, times and digests are fields. Kinds
//! and tags are never renumbered and never reused.

use std::collections::BTreeMap;
use std::sync::Arc;

use rye_core::adapter::Ending;
use rye_core::canonical;
use rye_core::digest::Digest;
use rye_core::effect::{Act, Call, Notice, Position};
use rye_core::error::{Error, ErrorKind};
use rye_core::id::{EffectId, KeyId, RunId};
use rye_core::limit::{INPUT_BYTES_MAX, VALUE_BYTES_MAX};
use rye_core::mode::Mode;
use rye_core::value::{Duration, Name, Time, Value};
use rye_core::wire::{Reader, WireError, Writer};

use super::count::{read_counts, write_counts};
use super::{
    Answer, Body, Claim, HoldReason, LetGo, Place, Release, RunOutcome, RunStart, Said, Then,
    UndoResult, Verdict, Why, plan, question,
};
use crate::alert::About;
use crate::guardrail::Guardrail;
use crate::question::DecidedBy;

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

/// Tags of fields.
mod field {
    pub(super) const EFFECT: u16 = 1;
    pub(super) const POSITION: u16 = 2;
    pub(super) const ACTION: u16 = 3;
    pub(super) const ATTEMPT: u16 = 4;
    pub(super) const ENDING: u16 = 5;
    pub(super) const STANDS: u16 = 6;
    pub(super) const ERROR: u16 = 7;
    pub(super) const TIME: u16 = 8;
    pub(super) const CODE: u16 = 9;
    pub(super) const TEXT: u16 = 10;
    pub(super) const BUNDLE: u16 = 11;
    pub(super) const VERSION: u16 = 12;
    pub(super) const KEYS: u16 = 13;
    pub(super) const MODE: u16 = 14;
    pub(super) const STARTER: u16 = 15;
    pub(super) const DEADLINE: u16 = 16;
    pub(super) const OWNER: u16 = 17;
    pub(super) const FIRST_RUN: u16 = 18;
    pub(super) const FIRST_EFFECT: u16 = 19;
    pub(super) const WHY: u16 = 20;
    pub(super) const HOW: u16 = 21;
    pub(super) const FRAME: u16 = 22;
    pub(super) const MESSAGE: u16 = 23;
    pub(super) const ANSWERED: u16 = 24;
    pub(super) const FROM: u16 = 25;
    pub(super) const ENDING_ERROR: u16 = 26;
    pub(super) const STAGE: u16 = 27;
    pub(super) const FLOOR: u16 = 28;
    pub(super) const WHERE: u16 = 30;
    pub(super) const NAMES: u16 = 40;
    pub(super) const VOTER: u16 = 70;
    pub(super) const COUNTS: u16 = 64;
    pub(super) const EFFECTS: u16 = 50;
    pub(super) const SPAN: u16 = 51;
    pub(super) const KEY_OWNER: u16 = 52;
    pub(super) const RUNS: u16 = 67;
    pub(super) const ABOUT: u16 = 60;
    pub(super) const ABOUT_EFFECT: u16 = 61;
    pub(super) const VERB: u16 = 80;
}

/// Tags of values.
mod value {
    pub(super) const INPUT: u16 = 1;
    pub(super) const SETTINGS: u16 = 2;
    pub(super) const CALL: u16 = 3;
    pub(super) const ACT: u16 = 4;
    pub(super) const NOTICE: u16 = 5;
    pub(super) const ANSWER: u16 = 6;
    pub(super) const ENDING: u16 = 7;
    pub(super) const TEXT: u16 = 8;
    pub(super) const RULE: u16 = 9;
    pub(super) const ERROR: u16 = 10;
    pub(super) const ENDING_TEXT: u16 = 11;
    pub(super) const QUESTION: u16 = 70;
    pub(super) const VOTE: u16 = 71;
}

macro_rules! kinds {
    ($($name:ident = $code:literal $word:literal),* $(,)?) => {
        /// The kinds of entries, by the number in their header.
        #[derive(Clone, Copy)]
        enum Kind {
            $($name,)*
        }

        impl Kind {
            fn of(body: &Body) -> Self {
                match body { $(Body::$name { .. } => Self::$name,)* }
            }

            fn code(self) -> u8 {
                match self { $(Self::$name => $code,)* }
            }

            fn from_code(code: u8) -> Option<Self> {
                match code { $($code => Some(Self::$name),)* _ => None }
            }

            fn word(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }
        }
    };
}

kinds! {
    Genesis = 1 "genesis",
    Opened = 2 "opened",
    ClockAnomaly = 3 "clock anomaly",
    BundleLoaded = 4 "bundle loaded",
    BundleRejected = 5 "bundle rejected",
    MessageRefused = 6 "message refused",
    Bound = 7 "bound",
    Started = 16 "run started",
    Asked = 17 "asked",
    Refused = 18 "refused",
    Simulated = 19 "simulated",
    AlreadySo = 20 "already so",
    Intent = 21 "intent",
    Attempted = 22 "attempted",
    Outcome = 23 "outcome",
    Probed = 24 "probed",
    Told = 25 "told",
    Delivered = 26 "delivered",
    Waiting = 27 "waiting",
    Waited = 28 "waited",
    Raised = 29 "raised",
    Unwound = 30 "unwound",
    Held = 31 "held",
    Released = 32 "released",
    Cancelled = 33 "cancelled",
    Settled = 34 "settled",
    LetGo = 35 "let go",
    UndoIntent = 36 "undo intent",
    UndoOutcome = 37 "undo outcome",
    RollbackStarted = 38 "rollback started",
    Ended = 39 "run ended",
    Benign = 40 "benign",
    TrustRootTaken = 41 "trust root taken",
    TrustRootRefused = 42 "trust root refused",
    RevocationsTaken = 43 "revocations taken",
    RevocationsRefused = 44 "revocations refused",
    BundleWithdrawn = 45 "bundle withdrawn",
    BundleRestored = 46 "bundle restored",
    Restricted = 47 "restricted",
    Requested = 70 "requested",
    Voted = 71 "voted",
    Escalated = 72 "escalated",
    Decided = 73 "decided",
    Lifted = 64 "lifted",
    Halted = 50 "halted",
    Resumed = 51 "resumed",
    Renewed = 52 "renewed",
    LifeEnded = 53 "life ended",
    Erasing = 67 "erasing",
    Erased = 68 "erased",
    Alerted = 60 "alerted",
}

/// The word for a kind of entry.
pub(super) fn word(body: &Body) -> &'static str {
    Kind::of(body).word()
}

/// The word for the kind of entry with this number.
pub fn kind_word(kind: u8) -> Option<&'static str> {
    Kind::from_code(kind).map(Kind::word)
}

/// Fields and values while they are collected; the maps put them in order.
#[derive(Default)]
struct Collector {
    fields: BTreeMap<u16, Vec<u8>>,
    values: BTreeMap<u16, Vec<u8>>,
}

impl Collector {
    fn field(&mut self, tag: u16, bytes: impl Into<Vec<u8>>) {
        self.fields.insert(tag, bytes.into());
    }

    fn value(&mut self, tag: u16, write: impl FnOnce(&mut Writer)) {
        let mut writer = Writer::new();
        write(&mut writer);
        self.values.insert(tag, writer.into_bytes());
    }

    fn effect(&mut self, effect: EffectId) {
        self.field(field::EFFECT, effect.0);
    }

    fn place(&mut self, effect: EffectId, place: &Place) {
        self.effect(effect);
        self.field(field::POSITION, place.position.encode());
        self.field(field::STAGE, place.stage.as_bytes());
    }

    fn call(&mut self, call: &Call) {
        self.field(field::ACTION, call.action.as_bytes());
        self.value(value::CALL, |writer| call.write(writer));
    }

    fn act(&mut self, act: &Act) {
        self.field(field::ACTION, act.call.action.as_bytes());
        self.value(value::ACT, |writer| plan::write_act(writer, act));
    }

    /// An error's kind is a field; its text may name what came from outside.
    fn error(&mut self, kind: u16, text: u16, error: &Error) {
        self.field(kind, [error.kind.code()]);
        self.words(text, &error.text);
    }

    fn words(&mut self, tag: u16, text: &str) {
        self.value(tag, |writer| writer.raw(text.as_bytes()));
    }

    fn notice(&mut self, notice: &Notice, delivered: bool) {
        self.field(field::ACTION, notice.call.action.as_bytes());
        self.value(value::NOTICE, |writer| plan::write_notice(writer, notice));
        self.field(field::STANDS, [u8::from(delivered)]);
    }

    fn answer(&mut self, answer: &Answer) {
        match answer {
            Ok(given) => self.value(value::ANSWER, |writer| canonical::write(writer, given)),
            Err(error) => self.error(field::ERROR, value::ERROR, error),
        }
    }

    fn maybe_answer(&mut self, answer: Option<&Answer>) {
        self.field(field::ANSWERED, [u8::from(answer.is_some())]);
        if let Some(answer) = answer {
            self.answer(answer);
        }
    }

    fn ending(&mut self, ending: &Ending) {
        let (code, perhaps) = match ending {
            Ending::Done(_) => (0, false),
            Ending::AlreadySo(_) => (1, false),
            Ending::Refused { perhaps, .. } => (2, *perhaps),
            Ending::NotSent(_) => (3, false),
            Ending::Unknown(_) => (4, false),
        };
        self.field(field::ENDING, [code, u8::from(perhaps)]);
        match ending {
            Ending::Done(given) | Ending::AlreadySo(given) => {
                self.value(value::ENDING, |writer| canonical::write(writer, given));
            }
            Ending::Refused { error, .. } => {
                self.error(field::ENDING_ERROR, value::ENDING_TEXT, error);
            }
            Ending::NotSent(text) | Ending::Unknown(text) => self.words(value::ENDING_TEXT, text),
        }
    }

    fn names(&mut self, names: &[Name]) {
        let mut writer = Writer::new();
        for name in names {
            writer.text(name);
        }
        self.field(field::NAMES, writer.into_bytes());
    }

    fn text(&mut self, text: &str) {
        self.field(field::TEXT, text.as_bytes());
    }

    fn said(&mut self, by: &Said) {
        self.field(field::KEYS, by.key.0);
        self.field(field::MESSAGE, by.message.0);
    }

    fn claim(&mut self, claim: &Claim) {
        if let Some(key) = claim.key {
            self.field(field::KEYS, key.0);
        }
        if let Some(run) = claim.run {
            self.field(field::OWNER, run.0);
        }
        if let Some(verb) = &claim.verb {
            self.field(field::VERB, verb.as_bytes());
        }
    }

    fn said_for(&mut self, owner: &Name, by: &Said) {
        self.field(field::KEY_OWNER, owner.as_bytes());
        self.said(by);
    }

    fn owner(&mut self, owner: RunId, effect: EffectId, why: Why) {
        self.field(field::OWNER, owner.0);
        self.effect(effect);
        self.field(field::WHY, [code_of(&WHYS, &why)]);
    }
}

const WHYS: [Why; 5] = [Why::Failure, Why::Life, Why::Benign, Why::Person, Why::Release];
const DECIDED_BYS: [DecidedBy; 4] =
    [DecidedBy::People, DecidedBy::Time, DecidedBy::Condition, DecidedBy::Mode];
const VERDICTS: [Verdict; 3] = [Verdict::Stands, Verdict::Gone, Verdict::Unclear];
const RELEASES: [Release; 3] = [Release::Continue, Release::Undo, Release::Keep];
const LET_GOS: [LetGo; 3] = [LetGo::StillHeld, LetGo::ChangedByOthers, LetGo::NothingToUndo];
const UNDO_RESULTS: [UndoResult; 5] = [
    UndoResult::Undone,
    UndoResult::Again,
    UndoResult::Stuck,
    UndoResult::StillShown,
    UndoResult::LeftAlone,
];

/// The code of an item is its place in the list of all.
fn code_of<T: PartialEq>(all: &[T], item: &T) -> u8 {
    all.iter()
        .position(|other| other == item)
        .and_then(|at| u8::try_from(at).ok())
        .unwrap_or(u8::MAX)
}

impl Body {
    /// As the journal takes it.
    #[expect(clippy::too_many_lines, reason = "one arm per kind of entry")]
    pub fn encode(&self) -> Draft {
        let mut to = Collector::default();
        match self {
            Self::Genesis { version, environment } => {
                to.field(field::VERSION, version.to_be_bytes());
                to.text(environment);
            }
            Self::Opened { version, dropped } => {
                to.text(version);
                to.field(field::CODE, dropped.to_be_bytes());
            }
            Self::ClockAnomaly { from, to: until } => {
                to.field(field::FROM, from.0.to_be_bytes());
                to.field(field::TIME, until.0.to_be_bytes());
            }
            Self::Bound { module, place } => {
                to.text(module);
                to.field(field::WHERE, place.as_bytes());
            }
            Self::BundleLoaded { digest, name, version, floor, signers } => {
                to.field(field::BUNDLE, digest.0);
                to.text(name);
                to.field(field::VERSION, version.to_be_bytes());
                to.field(field::FLOOR, floor.to_be_bytes());
                to.field(field::KEYS, signers.iter().flat_map(|key| key.0).collect::<Vec<_>>());
            }
            Self::BundleRejected { digest, code }
            | Self::TrustRootRefused { digest, code }
            | Self::RevocationsRefused { digest, code } => {
                if let Some(digest) = digest {
                    to.field(field::BUNDLE, digest.0);
                }
                to.text(code);
            }
            Self::TrustRootTaken { digest, version, reset } => {
                to.field(field::BUNDLE, digest.0);
                to.field(field::VERSION, version.to_be_bytes());
                to.names(reset);
            }
            Self::RevocationsTaken { digest, version } => {
                to.field(field::BUNDLE, digest.0);
                to.field(field::VERSION, version.to_be_bytes());
            }
            Self::BundleWithdrawn { bundle, code } => {
                to.field(field::BUNDLE, bundle.0);
                to.text(code);
            }
            Self::BundleRestored { bundle } => to.field(field::BUNDLE, bundle.0),
            Self::Restricted { code } => {
                if let Some(code) = code {
                    to.text(code);
                }
            }
            Self::MessageRefused { message, claim, reason } => {
                to.field(field::MESSAGE, message.0);
                to.claim(claim);
                to.text(reason);
            }
            Self::Started(start) => {
                to.field(field::BUNDLE, start.bundle.0);
                to.text(&start.playbook);
                to.field(field::MODE, [start.mode.code()]);
                to.field(field::STARTER, start.starter.as_bytes());
                to.field(field::DEADLINE, start.deadline.0.to_be_bytes());
                to.value(value::SETTINGS, |writer| {
                    writer.count(start.settings.len());
                    for setting in &start.settings {
                        canonical::write(writer, setting);
                    }
                });
                to.value(value::INPUT, |writer| writer.raw(&start.input));
            }
            Self::Asked { effect, place, call, attempts, answer } => {
                to.place(*effect, place);
                to.call(call);
                to.field(field::ATTEMPT, [*attempts]);
                to.answer(answer);
            }
            Self::Refused { effect, place, call, guardrail, rule, answer } => {
                to.place(*effect, place);
                to.call(call);
                to.field(field::HOW, [code_of(&Guardrail::ALL, guardrail)]);
                to.words(value::RULE, rule);
                to.answer(answer);
            }
            Self::Simulated { effect, place, act, looked, answer } => {
                to.place(*effect, place);
                to.act(act);
                if let Some(looked) = looked {
                    to.field(field::CODE, [code_of(&VERDICTS, looked)]);
                }
                to.answer(answer);
            }
            Self::AlreadySo { effect, place, act, joined, answer } => {
                to.place(*effect, place);
                to.act(act);
                to.field(field::STANDS, [u8::from(*joined)]);
                to.answer(answer);
            }
            Self::Intent { effect, place, act, counts } => {
                to.place(*effect, place);
                to.act(act);
                if !counts.is_empty() {
                    to.field(field::COUNTS, write_counts(counts));
                }
            }
            Self::Attempted { effect, attempt } => {
                to.effect(*effect);
                to.field(field::ATTEMPT, [*attempt]);
            }
            Self::Outcome { effect, attempt, ending, stands, answer } => {
                to.effect(*effect);
                to.field(field::ATTEMPT, [*attempt]);
                to.ending(ending);
                to.field(field::STANDS, [u8::from(*stands)]);
                to.maybe_answer(answer.as_ref());
            }
            Self::Probed { effect, verdict, stands, answer } => {
                to.effect(*effect);
                to.field(field::CODE, [code_of(&VERDICTS, verdict)]);
                to.field(field::STANDS, [u8::from(*stands)]);
                to.maybe_answer(answer.as_ref());
            }
            Self::Told { effect, place, notice, delivered } => {
                to.place(*effect, place);
                to.notice(notice, *delivered);
            }
            Self::Delivered { effect, attempt, ending, last } => {
                to.effect(*effect);
                to.field(field::ATTEMPT, [*attempt]);
                to.ending(ending);
                to.field(field::STANDS, [u8::from(*last)]);
            }
            Self::Waiting { effect, place, until } => {
                to.place(*effect, place);
                to.field(field::TIME, until.0.to_be_bytes());
            }
            Self::Waited { effect, place, answer } => {
                to.place(*effect, place);
                to.answer(answer);
            }
            Self::Requested { effect, place, question } => {
                to.place(*effect, place);
                to.value(value::QUESTION, |writer| question::write_question(writer, question));
            }
            Self::Voted { effect, by, owner, vote } => {
                to.effect(*effect);
                to.said(by);
                to.field(field::VOTER, owner.as_bytes());
                to.value(value::VOTE, |writer| question::write_vote(writer, vote));
            }
            Self::Escalated { effect } => to.effect(*effect),
            Self::Decided { effect, how, answer } => {
                to.effect(*effect);
                to.field(field::HOW, [code_of(&DECIDED_BYS, how)]);
                to.answer(answer);
            }
            Self::Raised { error, at, undo, then } => {
                to.error(field::ERROR, value::ERROR, error);
                to.field(field::POSITION, at.encode());
                if let Some(undo) = undo {
                    to.field(field::FRAME, undo.encode());
                }
                let (code, frame) = match then {
                    Then::Recover => (0, None),
                    Then::Hold(frame) => (1, Some(frame)),
                    Then::End => (2, None),
                };
                let mut bytes = vec![code];
                bytes.extend(frame.map(Position::encode).unwrap_or_default());
                to.field(field::HOW, bytes);
            }
            Self::Benign { text } => to.words(value::TEXT, text),
            Self::Unwound | Self::Erased => {}
            Self::Held { reason } => encode_reason(&mut to, reason),
            Self::Released { how, by } => {
                to.field(field::HOW, [code_of(&RELEASES, how)]);
                to.said(by);
            }
            Self::Cancelled { undo, by } => {
                to.field(field::HOW, [u8::from(*undo)]);
                to.said(by);
            }
            Self::Settled { effect, done, by, answer } => {
                to.effect(*effect);
                to.field(field::STANDS, [u8::from(*done)]);
                to.said(by);
                to.answer(answer);
            }
            Self::LetGo { owner, effect, why, how } => {
                to.owner(*owner, *effect, *why);
                to.field(field::HOW, [code_of(&LET_GOS, how)]);
            }
            Self::UndoIntent { owner, effect, why, first_run, first_effect, attempt, call } => {
                to.owner(*owner, *effect, *why);
                to.field(field::FIRST_RUN, first_run.0);
                to.field(field::FIRST_EFFECT, first_effect.0);
                to.field(field::ATTEMPT, [*attempt]);
                to.call(call);
            }
            Self::UndoOutcome { owner, effect, attempt, ending, result } => {
                to.field(field::OWNER, owner.0);
                to.effect(*effect);
                to.field(field::ATTEMPT, [*attempt]);
                to.ending(ending);
                to.field(field::HOW, [code_of(&UNDO_RESULTS, result)]);
            }
            Self::RollbackStarted { of, effects, by } => {
                to.field(field::OWNER, of.0);
                to.field(field::EFFECTS, effects.iter().flat_map(|it| it.0).collect::<Vec<_>>());
                to.said(by);
            }
            Self::Halted { reason, owner, by } => {
                to.text(reason);
                to.said_for(owner, by);
            }
            Self::Resumed { owner, lifted, by } => {
                to.field(field::STANDS, [u8::from(*lifted)]);
                to.said_for(owner, by);
            }
            Self::Lifted { effect, owner, enough, by } => {
                to.effect(*effect);
                to.field(field::STANDS, [u8::from(*enough)]);
                to.said_for(owner, by);
            }
            Self::Renewed { effect, span, by } => {
                to.effect(*effect);
                to.field(field::SPAN, span.0.to_be_bytes());
                to.said(by);
            }
            Self::LifeEnded { effect, by } => {
                to.effect(*effect);
                to.said(by);
            }
            Self::Erasing { runs, reason, owner, by } => {
                to.field(field::RUNS, runs.iter().flat_map(|run| run.0).collect::<Vec<_>>());
                to.text(reason);
                to.said_for(owner, by);
            }
            Self::Alerted { alert, about, effect, notice, delivered } => {
                to.effect(*alert);
                to.field(field::ABOUT, [code_of(&About::ALL, about)]);
                if let Some(effect) = effect {
                    to.field(field::ABOUT_EFFECT, effect.0);
                }
                to.notice(notice, *delivered);
            }
            Self::Ended { outcome, text } => {
                to.field(field::CODE, [code_of(&RunOutcome::ALL, outcome)]);
                to.words(value::TEXT, text);
            }
        }
        Draft {
            kind: Kind::of(self).code(),
            fields: to.fields.into_iter().collect(),
            values: to.values.into_iter().collect(),
        }
    }

    /// What an entry of the journal says.
    ///
    /// # Errors
    /// When it is of a kind that this version doesn't know, or damaged, or a value
    /// that it needs was erased.
    #[expect(clippy::too_many_lines, reason = "one arm per kind of entry")]
    pub fn decode(draft: &Draft) -> Result<Self, EntryError> {
        let kind = Kind::from_code(draft.kind).ok_or(EntryError::Kind(draft.kind))?;
        let mut from = Source::new(draft);
        let body = match kind {
            Kind::Genesis => Self::Genesis {
                version: from.number(field::VERSION, Reader::u16)?,
                environment: from.name(field::TEXT)?,
            },
            Kind::Opened => Self::Opened {
                version: from.name(field::TEXT)?,
                dropped: from.number(field::CODE, Reader::u64)?,
            },
            Kind::ClockAnomaly => Self::ClockAnomaly {
                from: Time(from.number(field::FROM, Reader::i64)?),
                to: Time(from.number(field::TIME, Reader::i64)?),
            },
            Kind::Bound => {
                Self::Bound { module: from.name(field::TEXT)?, place: from.name(field::WHERE)? }
            }
            Kind::BundleLoaded => Self::BundleLoaded {
                digest: Digest(from.array(field::BUNDLE)?),
                name: from.name(field::TEXT)?,
                version: from.number(field::VERSION, Reader::u64)?,
                floor: from.number(field::FLOOR, Reader::u64)?,
                signers: from.keys()?,
            },
            Kind::BundleRejected => Self::BundleRejected {
                digest: from.maybe(field::BUNDLE, Reader::array)?.map(Digest),
                code: from.name(field::TEXT)?,
            },
            Kind::TrustRootTaken => Self::TrustRootTaken {
                digest: Digest(from.array(field::BUNDLE)?),
                version: from.number(field::VERSION, Reader::u64)?,
                reset: from.field(field::NAMES, read_names)?,
            },
            Kind::TrustRootRefused => Self::TrustRootRefused {
                digest: from.maybe(field::BUNDLE, Reader::array)?.map(Digest),
                code: from.name(field::TEXT)?,
            },
            Kind::RevocationsTaken => Self::RevocationsTaken {
                digest: Digest(from.array(field::BUNDLE)?),
                version: from.number(field::VERSION, Reader::u64)?,
            },
            Kind::RevocationsRefused => Self::RevocationsRefused {
                digest: from.maybe(field::BUNDLE, Reader::array)?.map(Digest),
                code: from.name(field::TEXT)?,
            },
            Kind::BundleWithdrawn => Self::BundleWithdrawn {
                bundle: Digest(from.array(field::BUNDLE)?),
                code: from.name(field::TEXT)?,
            },
            Kind::BundleRestored => {
                Self::BundleRestored { bundle: Digest(from.array(field::BUNDLE)?) }
            }
            Kind::Restricted => {
                Self::Restricted { code: from.maybe(field::TEXT, text)?.map(Name::from) }
            }
            Kind::MessageRefused => Self::MessageRefused {
                message: Digest(from.array(field::MESSAGE)?),
                claim: from.claim()?,
                reason: from.name(field::TEXT)?,
            },
            Kind::Started => Self::Started(Box::new(RunStart {
                bundle: Digest(from.array(field::BUNDLE)?),
                playbook: from.name(field::TEXT)?,
                mode: from.code(field::MODE, Mode::from_code)?,
                starter: from.name(field::STARTER)?,
                deadline: Duration(from.number(field::DEADLINE, Reader::i64)?),
                settings: from.value(value::SETTINGS, read_values)?,
                input: from.value(value::INPUT, |reader| rest(reader, INPUT_BYTES_MAX))?.into(),
            })),
            Kind::Asked => Self::Asked {
                effect: from.effect()?,
                place: from.place()?,
                call: from.call()?,
                attempts: from.number(field::ATTEMPT, Reader::u8)?,
                answer: from.answer()?,
            },
            Kind::Refused => Self::Refused {
                effect: from.effect()?,
                place: from.place()?,
                call: from.call()?,
                guardrail: from.item(field::HOW, &Guardrail::ALL)?,
                rule: Name::from(from.value(value::RULE, text)?),
                answer: from.answer()?,
            },
            Kind::Simulated => Self::Simulated {
                effect: from.effect()?,
                place: from.place()?,
                act: from.act()?,
                looked: from.maybe_item(field::CODE, &VERDICTS)?,
                answer: from.answer()?,
            },
            Kind::AlreadySo => Self::AlreadySo {
                effect: from.effect()?,
                place: from.place()?,
                act: from.act()?,
                joined: from.number(field::STANDS, Reader::bool)?,
                answer: from.answer()?,
            },
            Kind::Intent => Self::Intent {
                effect: from.effect()?,
                place: from.place()?,
                act: from.act()?,
                counts: from.maybe_some(field::COUNTS, read_counts)?,
            },
            Kind::Attempted => Self::Attempted {
                effect: from.effect()?,
                attempt: from.number(field::ATTEMPT, Reader::u8)?,
            },
            Kind::Outcome => Self::Outcome {
                effect: from.effect()?,
                attempt: from.number(field::ATTEMPT, Reader::u8)?,
                ending: from.ending()?,
                stands: from.number(field::STANDS, Reader::bool)?,
                answer: from.maybe_answer()?,
            },
            Kind::Probed => Self::Probed {
                effect: from.effect()?,
                verdict: from.item(field::CODE, &VERDICTS)?,
                stands: from.number(field::STANDS, Reader::bool)?,
                answer: from.maybe_answer()?,
            },
            Kind::Told => Self::Told {
                effect: from.effect()?,
                place: from.place()?,
                notice: from.notice()?,
                delivered: from.number(field::STANDS, Reader::bool)?,
            },
            Kind::Alerted => Self::Alerted {
                alert: from.effect()?,
                about: from.item(field::ABOUT, &About::ALL)?,
                effect: from.maybe(field::ABOUT_EFFECT, Reader::array)?.map(EffectId),
                notice: from.notice()?,
                delivered: from.number(field::STANDS, Reader::bool)?,
            },
            Kind::Delivered => Self::Delivered {
                effect: from.effect()?,
                attempt: from.number(field::ATTEMPT, Reader::u8)?,
                ending: from.ending()?,
                last: from.number(field::STANDS, Reader::bool)?,
            },
            Kind::Waiting => Self::Waiting {
                effect: from.effect()?,
                place: from.place()?,
                until: Time(from.number(field::TIME, Reader::i64)?),
            },
            Kind::Waited => Self::Waited {
                effect: from.effect()?,
                place: from.place()?,
                answer: from.answer()?,
            },
            Kind::Requested => Self::Requested {
                effect: from.effect()?,
                place: from.place()?,
                question: from.value(value::QUESTION, question::read_question)?,
            },
            Kind::Voted => Self::Voted {
                effect: from.effect()?,
                by: from.said()?,
                owner: from.name(field::VOTER)?,
                vote: from.value(value::VOTE, question::read_vote)?,
            },
            Kind::Escalated => Self::Escalated { effect: from.effect()? },
            Kind::Decided => Self::Decided {
                effect: from.effect()?,
                how: from.item(field::HOW, &DECIDED_BYS)?,
                answer: from.answer()?,
            },
            Kind::Raised => Self::Raised {
                error: from.error(field::ERROR, value::ERROR)?,
                at: from.position(field::POSITION)?,
                undo: from.maybe(field::FRAME, read_position)?,
                then: from.field(field::HOW, read_then)?,
            },
            Kind::Benign => Self::Benign { text: Arc::from(from.value(value::TEXT, text)?) },
            Kind::Unwound => Self::Unwound,
            Kind::Held => Self::Held { reason: decode_reason(&mut from)? },
            Kind::Released => {
                Self::Released { how: from.item(field::HOW, &RELEASES)?, by: from.said()? }
            }
            Kind::Cancelled => {
                Self::Cancelled { undo: from.number(field::HOW, Reader::bool)?, by: from.said()? }
            }
            Kind::Settled => Self::Settled {
                effect: from.effect()?,
                done: from.number(field::STANDS, Reader::bool)?,
                by: from.said()?,
                answer: from.answer()?,
            },
            Kind::LetGo => Self::LetGo {
                owner: RunId(from.array(field::OWNER)?),
                effect: from.effect()?,
                why: from.item(field::WHY, &WHYS)?,
                how: from.item(field::HOW, &LET_GOS)?,
            },
            Kind::UndoIntent => Self::UndoIntent {
                owner: RunId(from.array(field::OWNER)?),
                effect: from.effect()?,
                why: from.item(field::WHY, &WHYS)?,
                first_run: RunId(from.array(field::FIRST_RUN)?),
                first_effect: EffectId(from.array(field::FIRST_EFFECT)?),
                attempt: from.number(field::ATTEMPT, Reader::u8)?,
                call: from.call()?,
            },
            Kind::UndoOutcome => Self::UndoOutcome {
                owner: RunId(from.array(field::OWNER)?),
                effect: from.effect()?,
                attempt: from.number(field::ATTEMPT, Reader::u8)?,
                ending: from.ending()?,
                result: from.item(field::HOW, &UNDO_RESULTS)?,
            },
            Kind::RollbackStarted => Self::RollbackStarted {
                of: RunId(from.array(field::OWNER)?),
                effects: from.field(field::EFFECTS, read_effects)?,
                by: from.said()?,
            },
            Kind::Halted => Self::Halted {
                reason: from.name(field::TEXT)?,
                owner: from.name(field::KEY_OWNER)?,
                by: from.said()?,
            },
            Kind::Resumed => Self::Resumed {
                owner: from.name(field::KEY_OWNER)?,
                lifted: from.number(field::STANDS, Reader::bool)?,
                by: from.said()?,
            },
            Kind::Lifted => Self::Lifted {
                effect: from.effect()?,
                owner: from.name(field::KEY_OWNER)?,
                enough: from.number(field::STANDS, Reader::bool)?,
                by: from.said()?,
            },
            Kind::Renewed => Self::Renewed {
                effect: from.effect()?,
                span: Duration(from.number(field::SPAN, Reader::i64)?),
                by: from.said()?,
            },
            Kind::LifeEnded => Self::LifeEnded { effect: from.effect()?, by: from.said()? },
            Kind::Erasing => Self::Erasing {
                runs: from.field(field::RUNS, read_runs)?,
                reason: from.name(field::TEXT)?,
                owner: from.name(field::KEY_OWNER)?,
                by: from.said()?,
            },
            Kind::Erased => Self::Erased,
            Kind::Ended => Self::Ended {
                outcome: from.item(field::CODE, &RunOutcome::ALL)?,
                text: Arc::from(from.value(value::TEXT, text)?),
            },
        };
        from.finish()?;
        Ok(body)
    }
}

fn encode_reason(to: &mut Collector, reason: &HoldReason) {
    match reason {
        HoldReason::Error(error) => {
            to.field(field::CODE, [0]);
            to.error(field::ERROR, value::ERROR, error);
        }
        HoldReason::InDoubt(effect) => {
            to.field(field::CODE, [1]);
            to.effect(*effect);
        }
        HoldReason::Deadline => to.field(field::CODE, [2]),
        HoldReason::Fault(text) => {
            to.field(field::CODE, [3]);
            to.text(text);
        }
        HoldReason::Bundle(text) => {
            to.field(field::CODE, [4]);
            to.text(text);
        }
    }
}

fn decode_reason(from: &mut Source<'_>) -> Result<HoldReason, EntryError> {
    Ok(match from.number(field::CODE, Reader::u8)? {
        0 => HoldReason::Error(from.error(field::ERROR, value::ERROR)?),
        1 => HoldReason::InDoubt(from.effect()?),
        2 => HoldReason::Deadline,
        3 => HoldReason::Fault(from.name(field::TEXT)?),
        4 => HoldReason::Bundle(from.name(field::TEXT)?),
        _ => return Err(unknown_code(field::CODE)),
    })
}

fn unknown_code(tag: u16) -> EntryError {
    EntryError::Bytes(tag, WireError { at: 0, reason: "no such code" })
}

fn rest<'a>(reader: &mut Reader<'a>, max: usize) -> Result<&'a [u8], WireError> {
    if reader.remaining() > max {
        return Err(reader.error("more bytes than allowed here"));
    }
    reader.take(reader.remaining())
}

fn text<'a>(reader: &mut Reader<'a>) -> Result<&'a str, WireError> {
    core::str::from_utf8(rest(reader, VALUE_BYTES_MAX)?)
        .map_err(|_| WireError { at: 0, reason: "a text is not UTF-8" })
}

fn read_names(reader: &mut Reader<'_>) -> Result<Vec<Name>, WireError> {
    let mut names = Vec::new();
    while !reader.is_empty() {
        names.push(Name::from(reader.text(VALUE_BYTES_MAX)?));
    }
    Ok(names)
}

fn read_values(reader: &mut Reader<'_>) -> Result<Vec<Value>, WireError> {
    let mut values = Vec::new();
    for _ in 0..reader.u32()? {
        values.push(canonical::read(reader)?);
    }
    Ok(values)
}

fn read_effects(reader: &mut Reader<'_>) -> Result<Vec<EffectId>, WireError> {
    let mut effects = Vec::new();
    while !reader.is_empty() {
        effects.push(EffectId(reader.array()?));
    }
    Ok(effects)
}

fn read_runs(reader: &mut Reader<'_>) -> Result<Vec<RunId>, WireError> {
    let mut runs = Vec::new();
    while !reader.is_empty() {
        runs.push(RunId(reader.array()?));
    }
    Ok(runs)
}

fn read_position(reader: &mut Reader<'_>) -> Result<Position, WireError> {
    Position::decode(rest(reader, VALUE_BYTES_MAX)?)
}

fn read_then(reader: &mut Reader<'_>) -> Result<Then, WireError> {
    let unknown = reader.error("what follows is unknown");
    match reader.u8()? {
        0 => Ok(Then::Recover),
        1 => read_position(reader).map(Then::Hold),
        2 => Ok(Then::End),
        _ => Err(unknown),
    }
}

/// Fields and values while they are read. Each is taken once, and none may be
/// left over: so one entry has one form.
struct Source<'a> {
    fields: BTreeMap<u16, &'a [u8]>,
    values: BTreeMap<u16, &'a [u8]>,
}

impl<'a> Source<'a> {
    fn new(draft: &'a Draft) -> Self {
        let map = |list: &'a [(u16, Vec<u8>)]| {
            list.iter().map(|(tag, bytes)| (*tag, bytes.as_slice())).collect()
        };
        Self { fields: map(&draft.fields), values: map(&draft.values) }
    }

    fn field<T>(
        &mut self,
        tag: u16,
        read: impl FnOnce(&mut Reader<'a>) -> Result<T, WireError>,
    ) -> Result<T, EntryError> {
        self.maybe(tag, read)?.ok_or(EntryError::Missing(tag))
    }

    fn maybe<T>(
        &mut self,
        tag: u16,
        read: impl FnOnce(&mut Reader<'a>) -> Result<T, WireError>,
    ) -> Result<Option<T>, EntryError> {
        self.fields.remove(&tag).map(|bytes| whole(tag, bytes, read)).transpose()
    }

    /// A list that stands there only if there is something in it.
    fn maybe_some<T>(
        &mut self,
        tag: u16,
        read: impl FnOnce(&mut Reader<'a>) -> Result<Vec<T>, WireError>,
    ) -> Result<Vec<T>, EntryError> {
        match self.maybe(tag, read)? {
            Some(list) if list.is_empty() => {
                Err(EntryError::Bytes(tag, WireError { at: 0, reason: "an empty list" }))
            }
            list => Ok(list.unwrap_or_default()),
        }
    }

    fn value<T>(
        &mut self,
        tag: u16,
        read: impl FnOnce(&mut Reader<'a>) -> Result<T, WireError>,
    ) -> Result<T, EntryError> {
        let bytes = self.values.remove(&tag).ok_or(EntryError::Missing(tag))?;
        whole(tag, bytes, read)
    }

    fn number<T>(
        &mut self,
        tag: u16,
        read: impl FnOnce(&mut Reader<'a>) -> Result<T, WireError>,
    ) -> Result<T, EntryError> {
        self.field(tag, read)
    }

    fn array<const N: usize>(&mut self, tag: u16) -> Result<[u8; N], EntryError> {
        self.field(tag, Reader::array)
    }

    fn name(&mut self, tag: u16) -> Result<Name, EntryError> {
        self.field(tag, text).map(Name::from)
    }

    fn code<T>(&mut self, tag: u16, from_code: fn(u8) -> Option<T>) -> Result<T, EntryError> {
        from_code(self.field(tag, Reader::u8)?).ok_or_else(|| unknown_code(tag))
    }

    fn item<T: Copy>(&mut self, tag: u16, all: &[T]) -> Result<T, EntryError> {
        let code = self.field(tag, Reader::u8)?;
        all.get(usize::from(code)).copied().ok_or_else(|| unknown_code(tag))
    }

    fn maybe_item<T: Copy>(&mut self, tag: u16, all: &[T]) -> Result<Option<T>, EntryError> {
        if self.fields.contains_key(&tag) { self.item(tag, all).map(Some) } else { Ok(None) }
    }

    fn effect(&mut self) -> Result<EffectId, EntryError> {
        self.array(field::EFFECT).map(EffectId)
    }

    fn position(&mut self, tag: u16) -> Result<Position, EntryError> {
        self.field(tag, read_position)
    }

    fn place(&mut self) -> Result<Place, EntryError> {
        Ok(Place { position: self.position(field::POSITION)?, stage: self.name(field::STAGE)? })
    }

    fn said(&mut self) -> Result<Said, EntryError> {
        let key = KeyId(self.array(field::KEYS)?);
        Ok(Said { key, message: Digest(self.array(field::MESSAGE)?) })
    }

    fn claim(&mut self) -> Result<Claim, EntryError> {
        Ok(Claim {
            key: self.maybe(field::KEYS, Reader::array)?.map(KeyId),
            run: self.maybe(field::OWNER, Reader::array)?.map(RunId),
            verb: self.maybe(field::VERB, text)?.map(Name::from),
        })
    }

    fn keys(&mut self) -> Result<Vec<KeyId>, EntryError> {
        self.field(field::KEYS, |reader| {
            let mut keys = Vec::new();
            while !reader.is_empty() {
                keys.push(KeyId(reader.array()?));
            }
            Ok(keys)
        })
    }

    fn call(&mut self) -> Result<Call, EntryError> {
        let call = self.value(value::CALL, Call::read)?;
        self.names(&call)?;
        Ok(call)
    }

    fn act(&mut self) -> Result<Box<Act>, EntryError> {
        let act = self.value(value::ACT, plan::read_act)?;
        self.names(&act.call)?;
        Ok(Box::new(act))
    }

    fn notice(&mut self) -> Result<Notice, EntryError> {
        let notice = self.value(value::NOTICE, plan::read_notice)?;
        self.names(&notice.call)?;
        Ok(notice)
    }

    /// The action's name stands in a field too, for those who read without
    /// values; it must be the same.
    fn names(&mut self, call: &Call) -> Result<(), EntryError> {
        if self.name(field::ACTION)? == call.action {
            return Ok(());
        }
        let reason = "the name of the action differs from the call's";
        Err(EntryError::Bytes(field::ACTION, WireError { at: 0, reason }))
    }

    fn error(&mut self, kind: u16, words: u16) -> Result<Error, EntryError> {
        let kind = self.code(kind, ErrorKind::from_code)?;
        Ok(Error::new(kind, self.value(words, text)?))
    }

    fn answer(&mut self) -> Result<Answer, EntryError> {
        if self.fields.contains_key(&field::ERROR) {
            return self.error(field::ERROR, value::ERROR).map(Err);
        }
        self.value(value::ANSWER, canonical::read).map(Ok)
    }

    fn maybe_answer(&mut self) -> Result<Option<Answer>, EntryError> {
        let answered = self.field(field::ANSWERED, Reader::bool)?;
        answered.then(|| self.answer()).transpose()
    }

    fn ending(&mut self) -> Result<Ending, EntryError> {
        let (code, perhaps) =
            self.field(field::ENDING, |reader| Ok((reader.u8()?, reader.bool()?)))?;
        if perhaps && code != 2 {
            return Err(unknown_code(field::ENDING));
        }
        Ok(match code {
            0 => Ending::Done(self.value(value::ENDING, canonical::read)?),
            1 => Ending::AlreadySo(self.value(value::ENDING, canonical::read)?),
            2 => {
                let error = self.error(field::ENDING_ERROR, value::ENDING_TEXT)?;
                Ending::Refused { error, perhaps }
            }
            3 => Ending::NotSent(self.value(value::ENDING_TEXT, text)?.into()),
            4 => Ending::Unknown(self.value(value::ENDING_TEXT, text)?.into()),
            _ => return Err(unknown_code(field::ENDING)),
        })
    }

    fn finish(self) -> Result<(), EntryError> {
        match self.fields.keys().chain(self.values.keys()).next() {
            Some(tag) => Err(EntryError::Extra(*tag)),
            None => Ok(()),
        }
    }
}

fn whole<'a, T>(
    tag: u16,
    bytes: &'a [u8],
    read: impl FnOnce(&mut Reader<'a>) -> Result<T, WireError>,
) -> Result<T, EntryError> {
    let mut reader = Reader::new(bytes);
    let item = read(&mut reader).and_then(|item| reader.finish().map(|()| item));
    item.map_err(|error| EntryError::Bytes(tag, error))
}
