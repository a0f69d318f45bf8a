//! The typed tree: what a package means, with every question answered.
//!
//! Every expression has its type, every name is an index, every conversion is a
//! node, every effect names its action and carries the clauses of the action's
//! declaration. Who walks it decides nothing and looks nothing up.
//!
//! It exists only for a package without errors. So:
//!
//! - every index lies inside its table, every local is defined before it is read;
//! - an expression has exactly the type that its place wants. Where the source
//!   gives another one that fits, a node converts: [`ExprKind::Some`] (`T` for
//!   `T?`), [`ExprKind::Widen`] (a list or map with a smaller `max`),
//!   [`ExprKind::Wrap`] and [`ExprKind::Unwrap`] (assets). Texts need none: all
//!   text types are the same inside, their `max` counts where a value enters or
//!   leaves;
//! - expressions are pure, and operands are evaluated from left to right as they
//!   stand in the node. Only in the body of a condition
//!   ([`FunctionKind::Condition`]) may an expression ask;
//! - functions don't call each other in circles, and no statement follows one
//!   that never ends normally.
//!
//! Tables may hold more than the code refers to (types and actions of interfaces):
//! who writes a module takes what it needs.
//!
//! [`FunctionKind::Condition`]: rye_bytecode::module::FunctionKind::Condition

pub mod expr;
pub mod item;
pub mod question;
pub mod stmt;
mod visit;

pub use expr::{Aggregate, Amount, Ask, Attempts, Expr, ExprKind, Op, Over, SortKey};
pub use item::{
    ActionId, Body, Function, FunctionId, Local, LocalId, Playbook, Setting, SettingId,
};
pub use question::{Approve, ApproveEach, Choose, Escalation, Listed, Question};
pub use stmt::{
    Argument, Arm, Attempt, Block, Branch, Capture, Condition, Do, Each, EachOver, Life, Match,
    Pattern, Proof, Stage, Stmt, StmtKind, TaskCall, Undo, Valued, Wait, WaitUntil, Watch,
};

use rye_bytecode::module::Role;
use rye_core::action::ActionSignature;
use rye_core::ty::TypeTable;

/// All that a set of sources declares and uses.
#[derive(Clone, Debug, PartialEq)]
pub struct Package {
    /// Every type that anything below refers to, and perhaps more.
    pub types: TypeTable,
    /// Settings in the order of the sources.
    pub settings: Vec<Setting>,
    /// Roles in the order of the sources.
    pub roles: Vec<Role>,
    /// Actions, queries and notices, ascending by name; more than are called.
    pub actions: Vec<ActionSignature>,
    /// Functions of the sources, those of interfaces that are called, and conditions.
    pub functions: Vec<Function>,
    /// Playbooks in the order of the sources.
    pub playbooks: Vec<Playbook>,
}
