//! Questions to people, as plain data: what they are shown, who may answer, and
//! for how long.
//!
//! A question is complete when it is asked: it lists every effect that a yes
//! allows, with its arguments. Whoever dispatches one of them later compares it
//! with the list, and needs to trust nobody in between.

use core::fmt;
use std::sync::Arc;

use crate::effect::{Act, Call, Life, UndoPlan};
use crate::id::EffectId;
use crate::impact::Impact;
use crate::value::{Duration, Name, Value};

/// What people are asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// What they read first.
    pub text: Arc<str>,
    /// So many different people must say yes; one chooses a value.
    pub count: u8,
    /// The roles whose holders may answer.
    pub roles: Vec<Name>,
    /// How long an answer is waited for.
    pub within: Duration,
    /// Who may answer as well, later.
    pub escalation: Option<Escalation>,
    /// What it is about.
    pub subject: Subject,
}

impl Question {
    /// Whether the playbook's own condition says yes, where it may.
    pub fn is_automatic(&self) -> bool {
        match &self.subject {
            Subject::Approval { boxes, auto } => {
                let mut effects = boxes.iter().flat_map(|one| &one.effects);
                *auto && !effects.any(Listed::needs_person)
            }
            Subject::Choice { .. } => false,
        }
    }
}

/// Who may answer as well, from when on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Escalation {
    /// The roles that come in addition.
    pub roles: Vec<Name>,
    /// So long after the question was asked.
    pub after: Duration,
}

/// What a question is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// Whether effects may take place.
    Approval {
        /// The boxes, each with a decision of its own: one for `approve`, one for each
        /// item of `approve each`.
        boxes: Vec<ApprovalBox>,
        /// Whether the playbook's own condition says yes, so that nobody has to.
        auto: bool,
    },
    /// Which value of an enum it is.
    Choice {
        /// The enum.
        of: Name,
        /// Its values, in the order of the declaration.
        values: Vec<Name>,
    },
}

/// What one yes allows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApprovalBox {
    /// The item, in an `approve each`.
    pub item: Option<Value>,
    /// Every effect that it allows, in the order of the program; none else.
    pub effects: Vec<Listed>,
}

/// An effect that a yes allows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// What would be done.
    pub call: Call,
    /// The assets that it would change, in the order of `affects`.
    pub affects: Vec<Value>,
    /// How it would be taken back.
    pub undo: ListedUndo,
    /// How long it would stand.
    pub life: Life,
    /// How much it may hurt.
    pub impact: Impact,
}

/// How a listed effect would be taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ListedUndo {
    /// By this action.
    Call {
        /// The undo's action.
        action: Name,
        /// Its arguments, as far as they are known before the act: what is read from
        /// the world right before it is missing.
        arguments: Vec<(Name, Option<Value>)>,
    },
    /// Nothing has to be taken back.
    None,
    /// It can't be taken back.
    Irreversible,
}

/// Which yes stands behind an act.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Approval {
    /// The question's effect.
    pub request: EffectId,
    /// The box, by its place in the question.
    pub index: u32,
}

impl Listed {
    /// Whether this is that very act: its action, its arguments, what it changes, how
    /// long it stands, how it is taken back, how much it may hurt.
    pub fn is(&self, act: &Act) -> bool {
        self.call == act.call
            && self.affects == act.affects
            && self.life == act.life
            && self.impact == act.impact
            && self.undo.is(&act.undo)
    }

    /// Whether only a person may say yes to it.
    pub fn needs_person(&self) -> bool {
        self.impact == Impact::Destructive || self.undo == ListedUndo::Irreversible
    }
}

impl ListedUndo {
    fn is(&self, undo: &UndoPlan) -> bool {
        match (self, undo) {
            (Self::Call { action, arguments }, UndoPlan::Call { call, .. }) => {
                let same =
                    |((name, known), (other, value)): (&(Name, Option<Value>), &(Name, Value))| {
                        name == other && known.as_ref().is_none_or(|known| known == value)
                    };
                *action == call.action
                    && arguments.len() == call.arguments.len()
                    && arguments.iter().zip(call.arguments.iter()).all(same)
            }
            (Self::None, UndoPlan::None) | (Self::Irreversible, UndoPlan::Irreversible) => true,
            _ => false,
        }
    }
}

/// The name of the predeclared enum of what people decided where they did not say
/// yes.
pub const DECISION_TYPE_NAME: &str = "Decision";
/// Its alternative for a no, which carries the reason.
pub const DENIED: &str = "denied";
/// Its alternative for an answer that nobody gave in time.
pub const EXPIRED: &str = "expired";

/// What people decided about a box.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Enough of them said yes.
    Granted,
    /// One of them said no, and why.
    Denied(Arc<str>),
    /// Nobody decided in time.
    Expired,
}

impl Decision {
    /// As the machine is told it: nothing for a yes, else a value of the enum.
    pub fn value(&self) -> Value {
        let variant = |variant: &str, payload: &[Value]| Value::Variant {
            name: Name::from(DECISION_TYPE_NAME),
            variant: Name::from(variant),
            payload: payload.into(),
        };
        match self {
            Self::Granted => Value::None,
            Self::Denied(reason) => variant(DENIED, &[Value::Text(reason.clone())]),
            Self::Expired => variant(EXPIRED, &[]),
        }
    }

    /// The word for people.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Granted => "granted",
            Self::Denied(_) => DENIED,
            Self::Expired => EXPIRED,
        }
    }
}

/// What the undo is, for people.
impl fmt::Display for ListedUndo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Call { action, arguments } => {
                write!(f, "undone by {action}(")?;
                for (index, (name, value)) in arguments.iter().enumerate() {
                    let separator = if index == 0 { "" } else { ", " };
                    match value {
                        Some(Value::Text(text)) => write!(f, "{separator}{name}: {text:?}")?,
                        Some(value) => write!(f, "{separator}{name}: {value}")?,
                        None => write!(f, "{separator}{name}: what is read right before")?,
                    }
                }
                f.write_str(")")
            }
            Self::None => f.write_str("needs no undo"),
            Self::Irreversible => f.write_str("IRREVERSIBLE"),
        }
    }
}
