//! Lists and maps, and what is made of the elements of a list: loops that build,
//! count, add up or look for something.

use rye_bytecode::instruction::Instruction as I;
use rye_bytecode::instruction::operand::{Count, Label, Register};
use rye_core::ty::{Type, TypeId};
use rye_core::value::{Duration, Finite, Value};
use rye_grammar::span::Span;

use super::body::Body;
use crate::hir::{Aggregate, Expr, LocalId, Op, Over};

/// A list of more elements than this is built one by one: each would hold a
/// register until the last one is there.
const ELEMENTS_AT_ONCE_MAX: usize = 16;

/// The elements of a list that a loop looks at.
#[derive(Clone, Copy)]
pub(super) struct Elements<'e> {
    /// The element of the round.
    pub(super) local: LocalId,
    /// The list's type, of the package.
    pub(super) ty: TypeId,
    /// Which of them count.
    pub(super) condition: Option<&'e Expr>,
    pub(super) span: Span,
}

impl<'e> From<&'e Over> for Elements<'e> {
    fn from(over: &'e Over) -> Self {
        let Over { local, list, condition } = over;
        Self { local: *local, ty: list.ty, condition: condition.as_ref(), span: list.span }
    }
}

impl Body<'_, '_> {
    /// `[a, b, c]`
    pub(super) fn list(
        &mut self,
        expr: &Expr,
        elements: &[Expr],
        want: Option<Register>,
    ) -> Register {
        if elements.len() <= ELEMENTS_AT_ONCE_MAX {
            let elements = self.scope(|body| body.values(elements));
            let to = self.destination(want, expr);
            self.emit(I::NewList { to, elements }, expr.span);
            return to;
        }
        let to = self.destination(want, expr);
        let ty = self.tables.ty(expr.ty);
        let (element, _) = self.tables.list(ty);
        self.scope(|body| {
            let capacity = body.length(elements.len(), expr.span);
            let builder = body.builder(element, capacity, expr.span);
            for element in elements {
                body.push(builder, element);
            }
            body.emit(I::ListOfBuilder { to, a: builder }, expr.span);
        });
        to
    }

    /// `["a": 1, "b": 2]`
    pub(super) fn map(
        &mut self,
        expr: &Expr,
        entries: &[(Expr, Expr)],
        want: Option<Register>,
    ) -> Register {
        let to = self.destination(want, expr);
        let ty = self.tables.ty(expr.ty);
        let (key, value) = self.tables.map(ty);
        let max = u32::try_from(entries.len()).unwrap_or(u32::MAX).max(1);
        let span = expr.span;
        self.scope(|body| {
            let keys = body.take_plain(Type::List { element: key, max });
            let values = body.take_plain(Type::List { element: value, max });
            if entries.len() <= ELEMENTS_AT_ONCE_MAX {
                body.scope(|body| {
                    let entry = |(key, value)| (body.value(key), body.value(value));
                    let entries = entries.iter().map(|(key, value)| (key, value));
                    let (all_keys, all_values): (Vec<_>, Vec<_>) = entries.map(entry).unzip();
                    body.emit(I::NewList { to: keys, elements: all_keys.into() }, span);
                    body.emit(I::NewList { to: values, elements: all_values.into() }, span);
                });
            } else {
                let capacity = body.length(entries.len(), span);
                let all_keys = body.builder(key, capacity, span);
                let all_values = body.builder(value, capacity, span);
                for (key, value) in entries {
                    body.push(all_keys, key);
                    body.push(all_values, value);
                }
                body.emit(I::ListOfBuilder { to: keys, a: all_keys }, span);
                body.emit(I::ListOfBuilder { to: values, a: all_values }, span);
            }
            body.emit(I::NewMap { to, keys, values }, span);
        });
        to
    }

    fn length(&mut self, length: usize, span: Span) -> Register {
        self.int(i64::try_from(length).unwrap_or(i64::MAX), span)
    }

    /// A builder of so many elements, until the scope around ends.
    pub(super) fn builder(&mut self, element: TypeId, capacity: Register, span: Span) -> Register {
        let to = self.take_plain(Type::Builder { element });
        self.emit(I::NewBuilder { to, capacity }, span);
        to
    }

    fn push(&mut self, builder: Register, element: &Expr) {
        self.scope(|body| {
            let value = body.value(element);
            body.emit(I::PushBuilder { a: builder, element: value }, element.span);
        });
    }

    /// A loop over a list that no round changes: `round` gets the register of the
    /// index and the label that ends the round.
    pub(super) fn list_loop(
        &mut self,
        list: Register,
        max: u64,
        span: Span,
        round: impl FnOnce(&mut Self, Register, Label),
    ) {
        let (first, next, end) = (self.code.target(), self.code.target(), self.code.target());
        self.begin_loop();
        self.scope(|body| {
            let index = body.take_plain(Type::Int);
            body.emit(I::ListStart { index, list, max: Count(max), label: end }, span);
            body.code.place(first);
            body.region(|body| round(body, index, next));
            body.code.place(next);
            body.emit(I::ListNext { index, list, label: first }, span);
        });
        self.code.place(end);
        self.end_loop();
    }

    /// A loop over the elements of a list of a type of the package that count; the
    /// local is the element of the round.
    fn over(
        &mut self,
        elements: Elements<'_>,
        list: Register,
        round: impl FnOnce(&mut Self, Label),
    ) {
        let Elements { local, ty, condition, span } = elements;
        let ty = self.tables.ty(ty);
        let (_, max) = self.tables.list(ty);
        self.list_loop(list, max.into(), span, |body, index, next| {
            let to = body.take_local(local);
            body.emit(I::AtList { to, a: list, index }, span);
            if let Some(condition) = condition {
                body.branch(condition, next, false);
            }
            round(body, next);
        });
    }

    /// A list of what `element` is for each element that counts, in `to`.
    pub(super) fn collect(
        &mut self,
        elements: Elements<'_>,
        list: Register,
        element: &Expr,
        to: Register,
    ) {
        let span = elements.span;
        self.scope(|body| {
            let ty = body.tables.ty(element.ty);
            let capacity = body.take_plain(Type::Int);
            body.emit(I::LengthList { to: capacity, a: list }, span);
            let builder = body.builder(ty, capacity, span);
            body.over(elements, list, |body, _| body.push(builder, element));
            body.emit(I::ListOfBuilder { to, a: builder }, element.span);
        });
    }

    /// `[element for x in list if condition]`
    pub(super) fn comprehension(
        &mut self,
        expr: &Expr,
        over: &Over,
        element: &Expr,
        want: Option<Register>,
    ) -> Register {
        let to = self.destination(want, expr);
        self.scope(|body| {
            let list = body.value(&over.list);
            body.collect(over.into(), list, element, to);
        });
        to
    }

    /// `count(…)` and the like.
    pub(super) fn aggregate(
        &mut self,
        expr: &Expr,
        aggregate: Aggregate,
        over: &Over,
        element: &Expr,
        want: Option<Register>,
    ) -> Register {
        let to = self.destination(want, expr);
        self.scope(|body| {
            let list = body.value(&over.list);
            match aggregate {
                Aggregate::Count => body.count(expr, over, list, to),
                Aggregate::Any => body.any(expr, over, list, (element, to), true),
                Aggregate::All => body.any(expr, over, list, (element, to), false),
                Aggregate::Sum => body.sum(expr, over, list, element, to),
                Aggregate::Min => body.best(expr, over, list, (element, to), false),
                Aggregate::Max => body.best(expr, over, list, (element, to), true),
                Aggregate::Counted => body.tally(expr, over, list, element, to),
            }
        });
        to
    }

    fn count(&mut self, expr: &Expr, over: &Over, list: Register, to: Register) {
        if over.condition.is_none() {
            self.emit(I::LengthList { to, a: list }, expr.span);
            return;
        }
        self.constant_into(expr, Value::Int(0), to);
        self.over(over.into(), list, |body, _| {
            let b = body.int(1, expr.span);
            body.emit(I::AddInt { to, a: to, b }, expr.span);
        });
    }

    /// Whether one element is `decisive`; it ends the loop.
    fn any(
        &mut self,
        expr: &Expr,
        over: &Over,
        list: Register,
        (element, to): (&Expr, Register),
        decisive: bool,
    ) {
        let end = self.code.target();
        self.constant_into(expr, Value::Bool(!decisive), to);
        self.over(over.into(), list, |body, _| {
            body.value_into(element, to);
            body.jump(to, end, decisive, element.span);
        });
        self.code.place(end);
    }

    /// As a condition: goes to the target if whether one element is `decisive` is `when`.
    pub(super) fn branch_any(
        &mut self,
        over: &Over,
        element: &Expr,
        (target, when): (Label, bool),
        decisive: bool,
    ) {
        let found = self.code.target();
        self.scope(|body| {
            let list = body.value(&over.list);
            let leads_to = if when == decisive { target } else { found };
            body.over(over.into(), list, |body, _| body.branch(element, leads_to, decisive));
        });
        if when != decisive {
            self.emit(I::Jump { label: target }, element.span);
        }
        self.code.place(found);
    }

    fn sum(&mut self, expr: &Expr, over: &Over, list: Register, element: &Expr, to: Register) {
        let ty = self.tables.ty(expr.ty);
        let (zero, op) = match self.tables.get(ty) {
            Some(Type::Float) => (Value::Float(Finite::default()), Op::AddFloat),
            Some(Type::Duration) => (Value::Duration(Duration::ZERO), Op::AddDuration),
            _ => (Value::Int(0), Op::AddInt),
        };
        self.constant_into(expr, zero, to);
        self.over(over.into(), list, |body, _| {
            let value = body.value(element);
            body.emit_operator(op, to, &[to, value], element.span);
        });
    }

    /// The smallest or largest; the first of equals; nothing of none.
    fn best(
        &mut self,
        expr: &Expr,
        over: &Over,
        list: Register,
        (element, to): (&Expr, Register),
        larger: bool,
    ) {
        self.emit(I::None { to }, expr.span);
        self.over(over.into(), list, |body, next| {
            let span = element.span;
            let value = body.value(element);
            let ty = body.tables.ty(element.ty);
            let best = body.take(ty);
            let better = body.take_plain(Type::Bool);
            let first = body.code.target();
            body.emit(I::MatchSome { to: best, a: to, label: first }, span);
            let (a, b) = if larger { (best, value) } else { (value, best) };
            body.emit(I::Less { to: better, a, b }, span);
            body.jump(better, next, false, span);
            body.code.place(first);
            body.emit(I::Some { to, a: value }, span);
        });
    }

    fn tally(&mut self, expr: &Expr, over: &Over, list: Register, element: &Expr, to: Register) {
        let (from, element_ty) = (self.tables.ty(over.list.ty), self.tables.ty(element.ty));
        let (_, max) = self.tables.list(from);
        let keys = self.take_plain(Type::List { element: element_ty, max });
        self.collect(over.into(), list, element, keys);
        self.emit(I::Tally { to, keys }, expr.span);
    }
}
