//! Where errors go: to a `recover`, to a person, or to the end of the run.

use rye_core::effect::Position;
use rye_core::error::{Error, ErrorKind};
use rye_core::question::{DECISION_TYPE_NAME, Decision};
use rye_core::ty::ERROR_TYPE_NAME;
use rye_core::value::{Name, Value};

use super::frame::Then;
use super::{Interpreter, Stop};
use crate::people::Word;
use crate::story;

/// What becomes of an error.
#[derive(Debug)]
pub(super) enum Raised {
    /// A person wants what failed to be tried again.
    Again,
    Gone(Stop),
}

impl Interpreter<'_, '_> {
    /// An error that nothing can be tried again for.
    pub(super) fn raise_for_good(&mut self, error: &Error, at: &Position) -> Stop {
        match self.raise(error, at, false) {
            Raised::Gone(stop) => stop,
            Raised::Again => Stop::Over,
        }
    }

    /// Sends an error outward; `asked` says whether it is what the effect at `at`
    /// answered, which can be tried again as long as nothing was undone.
    pub(super) fn raise(&mut self, error: &Error, at: &Position, asked: bool) -> Raised {
        self.reach(reached(error.kind));
        let mut landing = self.frames.landing(always_holds(error.kind));
        let mut asked = asked;
        loop {
            let undo = landing.undo.map(|frame| self.frames.position(frame));
            let then = match landing.then {
                Then::Recover(_) => String::from("recover"),
                Then::Hold(frame) => format!("hold {}", self.frames.position(frame)),
                Then::End => String::from("end"),
            };
            self.tell_story(story::raised(error, at, undo.as_ref(), &then));
            if let Some(frame) = &undo
                && !self.unwind(frame, at, "failure")
            {
                return Raised::Gone(Stop::Over);
            }
            match landing.then {
                Then::Recover(frame) => return Raised::Gone(Stop::Recover(frame, error.clone())),
                Then::End => {
                    self.end("rolled_back", &error.to_string());
                    return Raised::Gone(Stop::Over);
                }
                Then::Hold(frame) => {
                    self.tell_story(story::held(&format!("error {error}")));
                    let again = asked && landing.undo.is_none();
                    match self.word(again, false) {
                        Word::Continue => return Raised::Again,
                        Word::Undo => {
                            asked = false;
                            landing = self.frames.landing_beyond(frame);
                        }
                        other => return Raised::Gone(self.end_by_person(other)),
                    }
                }
            }
        }
    }

    /// What a person says to a run that is held.
    pub(super) fn word(&mut self, again: bool, doubt: bool) -> Word {
        self.linger(self.people.thinks(self.holds));
        let word = self.people.word(self.holds, again, doubt);
        self.holds += 1;
        self.reach(match word {
            Word::Continue => "a person continues",
            Word::Undo => "a person undoes",
            Word::Keep => "a person keeps",
            Word::Cancel { .. } => "a person cancels",
            Word::Settle { .. } => "a person settles",
        });
        if !matches!(word, Word::Settle { .. }) {
            self.tell_story(story::person(&format!("{word:?}")));
        }
        word
    }

    /// A person ends the run: all is undone, or all is kept.
    pub(super) fn end_by_person(&mut self, word: Word) -> Stop {
        let (undo, outcome, text) = match word {
            Word::Keep => (false, "escalated", "a person kept what was done"),
            Word::Cancel { undo } => (undo, "cancelled", ""),
            _ => (true, "rolled_back", ""),
        };
        let all = Position::default();
        if undo && !self.unwind(&all, &all, "person") {
            return Stop::Over;
        }
        if !undo {
            self.tell_story(String::from("unwound"));
        }
        self.end(outcome, text);
        Stop::Over
    }

    /// A false alarm: nobody stays locked out.
    pub(super) fn benign(&mut self, text: &str) {
        self.tell_story(format!("benign: {text:?}"));
        let all = Position::default();
        if self.unwind(&all, &all, "benign") {
            self.end("benign", text);
        }
    }

    /// An error as a value of the playbook.
    pub(super) fn error_value(error: &Error) -> Value {
        Value::Variant {
            name: Name::from(ERROR_TYPE_NAME),
            variant: Name::from(error.kind.word()),
            payload: [Value::Text(error.text.clone())].into(),
        }
    }
}

/// Of these kinds is what the playbook's own data can bring about.
fn always_holds(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::Limit | ErrorKind::Arithmetic | ErrorKind::Guardrail)
}

/// A decision as a value of the playbook; nothing for a yes.
pub(super) fn decision_value(decision: &Decision) -> Value {
    let variant = |variant: &str, payload: Vec<Value>| Value::Variant {
        name: Name::from(DECISION_TYPE_NAME),
        variant: Name::from(variant),
        payload: payload.into(),
    };
    match decision {
        Decision::Granted => Value::None,
        Decision::Denied(reason) => variant("denied", vec![Value::Text(reason.clone())]),
        Decision::Expired => variant("expired", Vec::new()),
    }
}

/// What an error is called in the report of a campaign.
fn reached(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::Denied => "error denied",
        ErrorKind::Rejected => "error rejected",
        ErrorKind::Timeout => "error timeout",
        ErrorKind::Unavailable => "error unavailable",
        ErrorKind::Conflict => "error conflict",
        ErrorKind::NotFound => "error not_found",
        ErrorKind::Limit => "error limit",
        ErrorKind::Guardrail => "error guardrail",
        ErrorKind::Expired => "error expired",
        ErrorKind::Arithmetic => "error arithmetic",
        ErrorKind::Unverified => "error unverified",
        ErrorKind::Failed => "error failed",
    }
}
