//! Questions to people: who is asked, about what, and what a yes allows.

use rye_core::ty::TypeId;
use rye_core::value::Duration;

use crate::instruction::operand::{ActionSite, Register};

/// A question. The registers are those of the function whose instruction asks it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// A `Text`, for people.
    pub text: Register,
    /// So many different people must say yes.
    pub count: u8,
    /// Who may answer: roles of the module, by index, ascending.
    pub roles: Box<[u16]>,
    /// A `Duration`: how long an answer is waited for.
    pub within: Register,
    /// Longer is the error `limit`.
    pub within_max: Duration,
    /// Who may answer as well, later.
    pub escalation: Option<Escalation>,
    /// What it is about.
    pub subject: Subject,
}

/// Who may answer as well, from when on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Escalation {
    /// Roles of the module, by index, ascending.
    pub roles: Box<[u16]>,
    /// A `Duration`, from the question on.
    pub after: Register,
}

/// What a question is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// Whether these may be done: one box.
    Effects {
        /// A `Bool`: whether the playbook itself says yes.
        auto: Option<Register>,
        /// All that a yes allows.
        listed: Vec<Listed>,
    },
    /// Whether these may be done to each item of a list: a box for each.
    Each {
        /// The list.
        items: Register,
        /// More items are the error `limit`.
        max: u32,
        /// A `Bool`: whether the playbook itself says yes to all.
        auto: Option<Register>,
        /// All that a yes to a box allows. Where a register holds a list of what is
        /// wanted, each box has its own.
        listed: Vec<Listed>,
    },
    /// Which alternative of this enum it is.
    Choice(TypeId),
}

/// An effect that a yes allows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// The site that does it.
    pub site: ActionSite,
    /// What its arguments will be.
    pub arguments: Box<[Register]>,
    /// What the arguments of its undo will be, as far as they are known.
    pub undo: Box<[Option<Register>]>,
    /// How long it will stand, if that is computed.
    pub life: Option<Register>,
}

impl Question {
    /// Hands every register that the question reads to `visit`.
    pub fn registers(&self, mut visit: impl FnMut(Register)) {
        visit(self.text);
        visit(self.within);
        if let Some(escalation) = &self.escalation {
            visit(escalation.after);
        }
        if let Subject::Each { items, .. } = &self.subject {
            visit(*items);
        }
        self.auto().into_iter().for_each(&mut visit);
        for one in self.listed() {
            one.arguments.iter().copied().for_each(&mut visit);
            one.undo.iter().copied().flatten().for_each(&mut visit);
            one.life.into_iter().for_each(&mut visit);
        }
    }

    /// All that a yes allows.
    pub fn listed(&self) -> &[Listed] {
        match &self.subject {
            Subject::Effects { listed, .. } | Subject::Each { listed, .. } => listed,
            Subject::Choice(_) => &[],
        }
    }

    /// Whether the playbook itself says yes, if it may.
    pub fn auto(&self) -> Option<Register> {
        match &self.subject {
            Subject::Effects { auto, .. } | Subject::Each { auto, .. } => *auto,
            Subject::Choice(_) => None,
        }
    }
}
