//! Expressions. Whoever wants a value says into which register; who doesn't mind
//! gets the one where it is already, or a fresh one.

use rye_bytecode::instruction::Instruction as I;
use rye_bytecode::instruction::operand::{self, Count, Field, Register, Variant};
use rye_core::error::ErrorKind;
use rye_core::ty::Type;
use rye_core::value::Value;
use rye_grammar::span::Span;

use super::body::Body;
use super::operator;
use super::pin::Known;
use crate::hir::{Expr, ExprKind, LocalId, Op};

/// What the error says when a text contains more than a list may hold.
const TOO_MANY_FOUND: &str = "the list has more elements than its max";

impl Body<'_, '_> {
    /// A register that holds the value of `expr`. What was taken on the way is given
    /// back, but for the register itself.
    pub(super) fn value(&mut self, expr: &Expr) -> Register {
        match &expr.kind {
            ExprKind::Local(local) => self.local(*local),
            _ => match self.known(expr) {
                Some(known) => {
                    let ty = self.tables.ty(expr.ty);
                    self.load(known, ty, expr.span)
                }
                None => self.compute(expr, None),
            },
        }
    }

    /// Computes `expr` into `to`, which has its type.
    pub(super) fn value_into(&mut self, expr: &Expr, to: Register) {
        if let ExprKind::Local(local) = &expr.kind {
            let from = self.local(*local);
            self.copy(to, from, expr.span);
        } else if let Some(known) = self.known(expr) {
            self.load_into(known, to, expr.span);
        } else {
            self.compute(expr, Some(to));
        }
    }

    /// Copies, unless it is there already.
    pub(super) fn copy(&mut self, to: Register, from: Register, span: Span) {
        if to != from {
            self.emit(I::Move { to, from }, span);
        }
    }

    /// The register of a local.
    pub(super) fn local(&mut self, local: LocalId) -> Register {
        match self.bound(local) {
            Some(register) => register,
            // A local is defined before it is read.
            None => self.take_local(local),
        }
    }

    /// What `expr` is, if that is known before anything runs.
    fn known(&mut self, expr: &Expr) -> Option<Known> {
        match &expr.kind {
            ExprKind::Constant(value) => {
                let ty = self.tables.ty(expr.ty);
                if self.tables.is_unit(ty) {
                    return Some(Known::Unit);
                }
                Some(Known::Constant(self.tables.constant(ty, value.clone())))
            }
            ExprKind::Setting(setting) => {
                let index = u16::try_from(setting.0).unwrap_or(u16::MAX);
                Some(Known::Setting(operand::Setting(index)))
            }
            _ => None,
        }
    }

    /// The wanted register, or a fresh one of the expression's type.
    pub(super) fn destination(&mut self, want: Option<Register>, expr: &Expr) -> Register {
        want.unwrap_or_else(|| {
            let ty = self.tables.ty(expr.ty);
            self.take(ty)
        })
    }

    /// Registers that hold the values of `exprs`, until the scope around ends.
    pub(super) fn values<'e>(
        &mut self,
        exprs: impl IntoIterator<Item = &'e Expr>,
    ) -> Box<[Register]> {
        exprs.into_iter().map(|expr| self.value(expr)).collect()
    }

    /// One instruction over the values of `operands`.
    fn simple<'e>(
        &mut self,
        expr: &Expr,
        want: Option<Register>,
        operands: impl IntoIterator<Item = &'e Expr>,
        make: impl FnOnce(Register, Box<[Register]>) -> I,
    ) -> Register {
        let registers = self.scope(|body| body.values(operands));
        // Operands are read before the result is written: it may take a place of theirs.
        let to = self.destination(want, expr);
        self.emit(make(to, registers), expr.span);
        to
    }

    /// As [`Body::simple`], with one operand.
    fn unary(
        &mut self,
        expr: &Expr,
        want: Option<Register>,
        inner: &Expr,
        make: impl FnOnce(Register, Register) -> I,
    ) -> Register {
        let a = self.scope(|body| body.value(inner));
        let to = self.destination(want, expr);
        self.emit(make(to, a), expr.span);
        to
    }

    fn compute(&mut self, expr: &Expr, want: Option<Register>) -> Register {
        let span = expr.span;
        match &expr.kind {
            ExprKind::Constant(_) | ExprKind::Setting(_) | ExprKind::Local(_) => {
                let from = self.value(expr);
                want.inspect(|to| self.copy(*to, from, span)).unwrap_or(from)
            }
            ExprKind::Context(what) => {
                let to = self.destination(want, expr);
                self.emit(I::Context { to, what: *what }, span);
                to
            }
            ExprKind::Template { pieces, holes } => {
                let pieces = self.tables.pieces(pieces);
                self.simple(expr, want, holes, |to, holes| I::Template { to, pieces, holes })
            }
            ExprKind::List(elements) => self.list(expr, elements, want),
            ExprKind::Map(entries) => self.map(expr, entries, want),
            ExprKind::Record(fields) => {
                self.simple(expr, want, fields, |to, fields| I::NewRecord { to, fields })
            }
            ExprKind::Variant { variant, payload } => {
                let variant = Variant(*variant);
                let make = |to, payload| I::NewVariant { to, variant, payload };
                self.simple(expr, want, payload, make)
            }
            ExprKind::Field { base, field } => {
                let field = Field(*field);
                self.unary(expr, want, base, |to, a| I::GetField { to, a, field })
            }
            ExprKind::None => {
                let to = self.destination(want, expr);
                self.emit(I::None { to }, span);
                to
            }
            ExprKind::Some(inner) => self.unary(expr, want, inner, |to, a| I::Some { to, a }),
            ExprKind::Widen(inner) => {
                self.unary(expr, want, inner, |to, from| I::Move { to, from })
            }
            ExprKind::Wrap(inner) => self.unary(expr, want, inner, |to, a| I::WrapAsset { to, a }),
            ExprKind::Unwrap(inner) => {
                self.unary(expr, want, inner, |to, a| I::UnwrapAsset { to, a })
            }
            ExprKind::Require(inner) => self.unary(expr, want, inner, |to, a| I::Require { to, a }),
            ExprKind::Default { value, fallback } => self.default(expr, value, fallback, want),
            ExprKind::And(a, b) => self.short_circuit(expr, a, b, false, want),
            ExprKind::Or(a, b) => self.short_circuit(expr, a, b, true, want),
            ExprKind::Apply { op, args } => self.apply(expr, *op, args, want),
            ExprKind::Call { function, args } => {
                let function = self.tables.function(*function);
                let make = |to, arguments| I::Call { to, function, arguments };
                self.simple(expr, want, args, make)
            }
            ExprKind::Comprehension { over, element } => {
                self.comprehension(expr, over, element, want)
            }
            ExprKind::Aggregate { aggregate, over, element } => {
                self.aggregate(expr, *aggregate, over, element, want)
            }
            ExprKind::Sorted { local, list, keys } => self.sorted(expr, *local, list, keys, want),
            ExprKind::Ask(ask) => self.ask_in_condition(expr, ask, want),
        }
    }

    /// `e else d`
    fn default(
        &mut self,
        expr: &Expr,
        value: &Expr,
        fallback: &Expr,
        want: Option<Register>,
    ) -> Register {
        let to = self.destination(want, expr);
        let (otherwise, end) = (self.code.target(), self.code.target());
        let a = self.scope(|body| body.value(value));
        if matches!(
            fallback.kind,
            ExprKind::Constant(_) | ExprKind::Setting(_) | ExprKind::Local(_)
        ) {
            // It costs less to load it in vain than to jump around it.
            self.value_into(fallback, to);
            self.emit(I::MatchSome { to, a, label: end }, expr.span);
            self.code.place(end);
            return to;
        }
        self.emit(I::MatchSome { to, a, label: otherwise }, expr.span);
        self.emit(I::Jump { label: end }, expr.span);
        self.code.place(otherwise);
        self.region(|body| body.value_into(fallback, to));
        self.code.place(end);
        to
    }

    /// `a and b`, `a or b`: if `a` is `decisive`, that is the value.
    fn short_circuit(
        &mut self,
        expr: &Expr,
        a: &Expr,
        b: &Expr,
        decisive: bool,
        want: Option<Register>,
    ) -> Register {
        let to = self.destination(want, expr);
        let end = self.code.target();
        self.scope(|body| body.value_into(a, to));
        let jump = if decisive {
            I::JumpIf { condition: to, label: end }
        } else {
            I::JumpUnless { condition: to, label: end }
        };
        self.emit(jump, a.span);
        self.region(|body| body.value_into(b, to));
        self.code.place(end);
        to
    }

    fn apply(&mut self, expr: &Expr, op: Op, args: &[Expr], want: Option<Register>) -> Register {
        match op {
            Op::Smaller => return self.pick(expr, args, false, want),
            Op::Larger => return self.pick(expr, args, true, want),
            Op::ExtractText => return self.found_in(expr, args, want),
            Op::TakeList => {
                if let [list, Expr { kind: ExprKind::Constant(Value::Int(count)), .. }] = args {
                    let count = Count(u64::try_from(*count).unwrap_or(0));
                    return self.unary(expr, want, list, |to, a| I::TakeFirst { to, a, count });
                }
            }
            _ => {}
        }
        let operands = self.scope(|body| body.values(args));
        let to = self.destination(want, expr);
        if op == Op::NotEqual {
            self.emit_operator(Op::Equal, to, &operands, expr.span);
            self.emit(I::Not { to, a: to }, expr.span);
        } else {
            self.emit_operator(op, to, &operands, expr.span);
        }
        to
    }

    /// What is found in a text: more than the list may hold is an error. One more is asked
    /// for, as the instruction itself stops where its list is full.
    fn found_in(&mut self, expr: &Expr, args: &[Expr], want: Option<Register>) -> Register {
        let span = expr.span;
        let ty = self.tables.ty(expr.ty);
        let (element, max) = self.tables.list(ty);
        let to = self.destination(want, expr);
        self.scope(|body| {
            let text = body.scope(|body| body.values(args));
            let found = body.take_plain(Type::List { element, max: max.saturating_add(1) });
            body.emit_operator(Op::ExtractText, found, &text, span);
            let fine = body.code.target();
            body.region(|body| {
                let (length, more) = (body.take_plain(Type::Int), body.take_plain(Type::Bool));
                body.emit(I::LengthList { to: length, a: found }, span);
                let most = body.int(max.into(), span);
                body.emit(I::Less { to: more, a: most, b: length }, span);
                body.jump(more, fine, false, span);
                let text = body.text(TOO_MANY_FOUND, span);
                body.emit(I::Raise { kind: Count(ErrorKind::Limit.code().into()), text }, span);
            });
            body.code.place(fine);
            body.emit(I::TakeFirst { to, a: found, count: Count(max.into()) }, span);
        });
        to
    }

    /// The instruction of an operator that is one.
    pub(super) fn emit_operator(
        &mut self,
        op: Op,
        to: Register,
        operands: &[Register],
        span: Span,
    ) {
        if let Some(instruction) = operator::instruction(op, to, operands) {
            self.emit(instruction, span);
        }
    }

    /// The smaller or larger of two values; the first of equals.
    fn pick(
        &mut self,
        expr: &Expr,
        args: &[Expr],
        larger: bool,
        want: Option<Register>,
    ) -> Register {
        let to = self.destination(want, expr);
        self.scope(|body| {
            let operands = body.values(args);
            let [a, b] = *operands else { return };
            let second_wins = body.take_plain(Type::Bool);
            // Where the result is one of the operands, that one stays unless the other wins.
            let (keep_first, other) = if to == b { (false, a) } else { (true, b) };
            if to != b {
                body.copy(to, a, expr.span);
            }
            let (a, b) = if larger { (a, b) } else { (b, a) };
            body.emit(I::Less { to: second_wins, a, b }, expr.span);
            let (condition, label) = (second_wins, body.code.target());
            let jump = if keep_first {
                I::JumpUnless { condition, label }
            } else {
                I::JumpIf { condition, label }
            };
            body.emit(jump, expr.span);
            body.emit(I::Move { to, from: other }, expr.span);
            body.code.place(label);
        });
        to
    }

    /// A constant of the expression's type.
    pub(super) fn constant_into(&mut self, expr: &Expr, value: Value, to: Register) {
        let ty = self.tables.ty(expr.ty);
        let constant = self.tables.constant(ty, value);
        self.load_into(Known::Constant(constant), to, expr.span);
    }
}
