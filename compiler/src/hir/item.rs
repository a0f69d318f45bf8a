//! Typed declarations: what a package consists of.

use rye_bytecode::instruction::operand::OnFailure;
use rye_bytecode::module::{FunctionKind, Severity};
use rye_core::ty::TypeId;
use rye_core::value::{Duration, Name, Value};
use rye_grammar::span::Span;

use super::{Amount, Block};
use crate::bound::Bound;

/// The index of an action, query or notice in [`Package::actions`](super::Package::actions).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ActionId(pub u32);

/// The index of a function in [`Package::functions`](super::Package::functions).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FunctionId(pub u32);

/// The index of a setting in [`Package::settings`](super::Package::settings).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SettingId(pub u32);

/// The index of a local in its [`Body::locals`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LocalId(pub u32);

/// A value that a site may set.
#[derive(Clone, Debug, PartialEq)]
pub struct Setting {
    /// Its full name: `module.name`.
    pub name: Name,
    /// A scalar.
    pub ty: TypeId,
    /// Where the site sets none; inside the range.
    pub default: Value,
    /// The smallest and the largest value, both allowed; any if there is none.
    pub range: Option<(Value, Value)>,
    /// Where it is declared.
    pub span: Span,
}

/// A function, a task, or the condition of an `ensure` or `wait until`.
#[derive(Clone, Debug, PartialEq)]
pub struct Function {
    /// Its full name: `module.name`.
    pub name: Name,
    /// `Pure`, `Task` or `Condition`.
    pub kind: FunctionKind,
    /// What it gives.
    pub result: TypeId,
    /// What it computes or does; every path ends in a `return` or a `fail`, but in a task
    /// that returns nothing.
    pub body: Body,
    /// Where it is declared; for a condition, the condition.
    pub span: Span,
}

/// What can be run.
#[derive(Clone, Debug, PartialEq)]
pub struct Playbook {
    /// Its name, without the module's: unique in the package.
    pub name: Name,
    /// What it does; the locals of its parameters have their names.
    pub body: Body,
    /// How bad it is when it is needed.
    pub severity: Severity,
    /// After which it holds.
    pub deadline: Amount<Duration>,
    /// What a failure that nobody recovers does; `Inherit` only without effects.
    pub on_failure: OnFailure,
    /// How many different assets of each kind it may touch, ascending by kind.
    pub limits: Vec<(Name, Amount<u64>)>,
    /// Its worst case.
    pub bound: Bound,
    /// Where it is declared.
    pub span: Span,
}

/// Code with its locals.
#[derive(Clone, Debug, PartialEq)]
pub struct Body {
    /// Everything that has a name, and what the compiler named itself. The first
    /// ones are the parameters, in order.
    pub locals: Vec<Local>,
    /// How many parameters there are.
    pub parameters: u32,
    /// The code.
    pub block: Block,
}

/// Something that has a name in a body. All but variables are written once on
/// each path (a loop's local once per round).
#[derive(Clone, Debug, PartialEq)]
pub struct Local {
    /// Its name; empty for one that only the compiler knows.
    pub name: Name,
    /// What it holds.
    pub ty: TypeId,
    /// Whether it was declared with `var`.
    pub variable: bool,
    /// Where it is declared.
    pub span: Span,
}

impl LocalId {
    /// The local's place in its table.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}
