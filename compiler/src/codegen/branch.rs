//! Conditions that decide where control goes: no truth value is made of them
//! unless one is needed.

use rye_bytecode::instruction::Instruction as I;
use rye_bytecode::instruction::operand::{Label, Register};
use rye_core::ty::Type;
use rye_grammar::span::Span;

use super::body::Body;
use crate::hir::{Aggregate, Condition, Expr, ExprKind, Op};

impl Body<'_, '_> {
    /// Goes to `target` if `condition` is `when`, else on. It has to stand in a
    /// region that ends before `target` is placed.
    pub(super) fn branch(&mut self, condition: &Expr, target: Label, when: bool) {
        let span = condition.span;
        match &condition.kind {
            ExprKind::Apply { op: Op::Not, args } => {
                for arg in args {
                    self.branch(arg, target, !when);
                }
            }
            ExprKind::Apply { op: Op::NotEqual, args } => {
                self.scope(|body| {
                    let operands = body.values(args);
                    let equal = body.take_plain(Type::Bool);
                    body.emit_operator(Op::Equal, equal, &operands, span);
                    body.jump(equal, target, !when, span);
                });
            }
            ExprKind::And(a, b) => self.branch_both(a, b, (target, when), false),
            ExprKind::Or(a, b) => self.branch_both(a, b, (target, when), true),
            ExprKind::Aggregate { aggregate: Aggregate::Any, over, element } => {
                self.branch_any(over, element, (target, when), true);
            }
            ExprKind::Aggregate { aggregate: Aggregate::All, over, element } => {
                self.branch_any(over, element, (target, when), false);
            }
            _ => self.scope(|body| {
                let value = body.value(condition);
                body.jump(value, target, when, span);
            }),
        }
    }

    /// `a and b`, `a or b`: if `a` is `decisive`, that is the value.
    fn branch_both(&mut self, a: &Expr, b: &Expr, to: (Label, bool), decisive: bool) {
        let (target, when) = to;
        if decisive == when {
            self.branch(a, target, when);
            self.branch(b, target, when);
            return;
        }
        let end = self.code.target();
        self.region(|body| {
            body.branch(a, end, decisive);
            body.branch(b, target, when);
        });
        self.code.place(end);
    }

    /// Goes to `target` if the register holds `when`.
    pub(super) fn jump(&mut self, condition: Register, label: Label, when: bool, span: Span) {
        let jump =
            if when { I::JumpIf { condition, label } } else { I::JumpUnless { condition, label } };
        self.emit(jump, span);
    }

    /// Goes to `otherwise` unless what an `if` asks holds; its local lives until the
    /// scope around ends.
    pub(super) fn branch_condition(&mut self, condition: &Condition, otherwise: Label) {
        match condition {
            Condition::Holds(condition) => self.branch(condition, otherwise, false),
            Condition::Some { local, value } => {
                let to = self.take_local(*local);
                let a = self.scope(|body| body.value(value));
                self.emit(I::MatchSome { to, a, label: otherwise }, value.span);
            }
        }
    }
}
