//! Operators: which there are for which types.

use rye_core::ty::{Type, TypeId};
use rye_grammar::ast::{self, BinaryOp, Spanned, UnaryOp};
use rye_grammar::diagnostic::{Code, Diagnostic};
use rye_grammar::span::Span;

use super::Lower;
use super::expr::is_bare;
use crate::hir::{Expr, ExprKind, Op};
use crate::types::ERROR;

impl<'a> Lower<'_, 'a> {
    pub(crate) fn unary(
        &mut self,
        op: Spanned<UnaryOp>,
        operand: &'a ast::Expr,
        span: Span,
    ) -> Expr {
        let types = &self.cx.types;
        if op.node == UnaryOp::Not {
            let bool = types.bool;
            let value = self.expr_of(operand, bool, || String::from("`not`"));
            return Self::apply(Op::Not, vec![value], bool, span);
        }
        let value = self.expr(operand, None);
        let op = match self.cx.types.get(value.ty) {
            Some(Type::Int) => Op::NegateInt,
            Some(Type::Float) => Op::NegateFloat,
            Some(Type::Duration) => Op::NegateDuration,
            None => return value,
            Some(_) => {
                let shown = self.cx.show(value.ty);
                let message = format!("{shown} has no negative");
                self.report(Diagnostic::new(Code::BadOperands, value.span, message));
                return Self::poison(span);
            }
        };
        let ty = value.ty;
        Self::apply(op, vec![value], ty, span)
    }

    /// An operator over operands that fit; nothing is said if one could not be read.
    pub(crate) fn apply(op: Op, args: Vec<Expr>, ty: TypeId, span: Span) -> Expr {
        if ty == ERROR || args.iter().any(|arg| arg.ty == ERROR) {
            return Self::poison(span);
        }
        Expr { kind: ExprKind::Apply { op, args }, ty, span }
    }

    pub(crate) fn binary(
        &mut self,
        left: &'a ast::Expr,
        op: Spanned<BinaryOp>,
        right: &'a ast::Expr,
        span: Span,
    ) -> Expr {
        let bool = self.cx.types.bool;
        match op.node {
            BinaryOp::Or | BinaryOp::And => {
                let word = if op.node == BinaryOp::Or { "`or`" } else { "`and`" };
                let left = self.expr_of(left, bool, || String::from(word));
                let right = self.expr_of(right, bool, || String::from(word));
                if left.ty == ERROR || right.ty == ERROR {
                    return Self::poison(span);
                }
                let (left, right) = (Box::new(left), Box::new(right));
                let kind = match op.node {
                    BinaryOp::Or => ExprKind::Or(left, right),
                    _ => ExprKind::And(left, right),
                };
                Expr { kind, ty: bool, span }
            }
            BinaryOp::Equal => self.equality(Op::Equal, left, right, span),
            BinaryOp::NotEqual => self.equality(Op::NotEqual, left, right, span),
            BinaryOp::Less => self.order(Op::Less, left, right, span),
            BinaryOp::LessEqual => self.order(Op::LessEqual, left, right, span),
            BinaryOp::Greater => self.order(Op::Greater, left, right, span),
            BinaryOp::GreaterEqual => self.order(Op::GreaterEqual, left, right, span),
            BinaryOp::In => self.contains(left, right, span),
            BinaryOp::NotIn => {
                let found = self.contains(left, right, span);
                Self::apply(Op::Not, vec![found], bool, span)
            }
            BinaryOp::Add
            | BinaryOp::Subtract
            | BinaryOp::Multiply
            | BinaryOp::Divide
            | BinaryOp::Remainder => self.arithmetic(left, op, right, span),
        }
    }

    /// Two values of one type, one converted to the other's where it fits; `None`
    /// after a report.
    pub(crate) fn pair(
        &mut self,
        left: &'a ast::Expr,
        right: &'a ast::Expr,
        what: &str,
    ) -> Option<(Expr, Expr)> {
        let (left, right) = if is_bare(left) {
            let right = self.expr(right, None);
            (self.expr(left, Some(right.ty)), right)
        } else {
            let left = self.expr(left, None);
            let hint = Some(left.ty);
            (left, self.expr(right, hint))
        };
        if left.ty == ERROR || right.ty == ERROR {
            return None;
        }
        let (left_type, right_type) = (left.ty, right.ty);
        let right = match self.converted(right, left_type) {
            Ok(right) => return Some((left, right)),
            Err(right) => right,
        };
        match self.converted(left, right_type) {
            Ok(left) => Some((left, right)),
            Err(left) => {
                let (one, other) = (self.cx.show(left_type), self.cx.show(right_type));
                let message = format!("{what} takes two of one type, and not {one} and {other}");
                let diagnostic =
                    Diagnostic::new(Code::BadOperands, left.span.to(right.span), message)
                        .label(left.span, one)
                        .label(right.span, other);
                let diagnostic = self.pair_help(diagnostic, &left, &right);
                self.report(diagnostic);
                None
            }
        }
    }

    fn pair_help(&self, diagnostic: Diagnostic, left: &Expr, right: &Expr) -> Diagnostic {
        let types = &self.cx.types;
        for (one, other) in [(left, right), (right, left)] {
            let (text, name) = (self.cx.text(one.span), types.display(other.ty));
            if one.ty == types.int && other.ty == types.float {
                let whole = matches!(one.kind, ExprKind::Constant(_));
                let fix = if whole { format!("{text}.0") } else { format!("float({text})") };
                return diagnostic.help(format!("write `{fix}`"));
            }
            if let Some(of) = types.asset_of(one.ty)
                && types.same(of, other.ty)
            {
                let name = types.display(of);
                return diagnostic.help(format!("compare what names it: `{name}({text})`"));
            }
            if types.is_text(one.ty)
                && matches!(one.kind, ExprKind::Constant(_))
                && super::literal::is_parsed(types, other.ty)
            {
                return diagnostic.help(format!("write `{name}({text})`"));
            }
        }
        diagnostic
    }

    fn equality(&mut self, op: Op, left: &'a ast::Expr, right: &'a ast::Expr, span: Span) -> Expr {
        let word = if op == Op::Equal { "`==`" } else { "`!=`" };
        let Some((left, right)) = self.pair(left, right, word) else {
            return Self::poison(span);
        };
        if self.cx.types.has_secret(left.ty) {
            let message = "a secret is never compared";
            let diagnostic = Diagnostic::new(Code::SecretShown, span, message)
                .help("hand it to an action or query that knows what to do with it");
            self.report(diagnostic);
            return Self::poison(span);
        }
        let bool = self.cx.types.bool;
        Self::apply(op, vec![left, right], bool, span)
    }

    fn order(&mut self, op: Op, left: &'a ast::Expr, right: &'a ast::Expr, span: Span) -> Expr {
        let Some((left, right)) = self.pair(left, right, "a comparison") else {
            return Self::poison(span);
        };
        if !self.is_ordered(&left) {
            return Self::poison(span);
        }
        let bool = self.cx.types.bool;
        Self::apply(op, vec![left, right], bool, span)
    }

    /// Whether two such values have an order; a report if not.
    pub(crate) fn is_ordered(&mut self, value: &Expr) -> bool {
        if self.cx.types.is_ordered(value.ty) || value.ty == ERROR {
            return value.ty != ERROR;
        }
        let shown = self.cx.show(value.ty);
        let message = format!("values of the type {shown} have no order");
        let mut diagnostic = Diagnostic::new(Code::BadOperands, value.span, message);
        let text = self.cx.text(value.span);
        if self.cx.types.optional_of(value.ty).is_some() {
            diagnostic = diagnostic.help(format!("it may be missing: write `({text} else …)`"));
        } else if let Some(of) = self.cx.types.asset_of(value.ty) {
            let name = self.cx.types.display(of);
            diagnostic = diagnostic.help(format!("compare what names it: `{name}({text})`"));
        } else {
            diagnostic =
                diagnostic.help("numbers, texts, times, durations, ports and addresses have one");
        }
        self.report(diagnostic);
        false
    }

    fn contains(&mut self, left: &'a ast::Expr, right: &'a ast::Expr, span: Span) -> Expr {
        let types = &self.cx.types;
        let (bool, ip, cidr) = (types.bool, types.ip, types.cidr);
        let place = self.expr(right, None);
        if place.ty == ERROR {
            let _ = self.expr(left, None);
            return Self::poison(span);
        }
        let what = || String::from("the left of this `in`");
        if place.ty == cidr {
            let value = self.expr(left, None);
            if value.ty == cidr {
                return Self::apply(Op::CoversCidr, vec![value, place], bool, span);
            }
            let value = self.coerce(value, ip, what);
            return Self::apply(Op::InCidr, vec![value, place], bool, span);
        }
        if let Some((element, _)) = self.cx.types.list_of(place.ty) {
            let value = self.expr(left, Some(element));
            if value.ty == ip && element == cidr {
                return Self::apply(Op::InCidrs, vec![value, place], bool, span);
            }
            let value = self.coerce(value, element, what);
            return Self::apply(Op::InList, vec![value, place], bool, span);
        }
        if let Some((key, ..)) = self.cx.types.map_of(place.ty) {
            let value = self.expr_of(left, key, what);
            return Self::apply(Op::InMap, vec![value, place], bool, span);
        }
        let _ = self.expr(left, None);
        let shown = self.cx.show(place.ty);
        let message = format!("nothing is `in` {shown}");
        let mut diagnostic = Diagnostic::new(Code::BadOperands, place.span, message);
        diagnostic = if self.cx.types.is_text(place.ty) {
            diagnostic.help("whether a text has a part: `contains(text, part)`")
        } else {
            diagnostic.help("`in` looks into a block, a list, a list of blocks, or a map's keys")
        };
        self.report(diagnostic);
        Self::poison(span)
    }

    fn arithmetic(
        &mut self,
        left: &'a ast::Expr,
        op: Spanned<BinaryOp>,
        right: &'a ast::Expr,
        span: Span,
    ) -> Expr {
        let left = self.expr(left, None);
        let right = self.expr(right, Some(left.ty));
        if left.ty == ERROR || right.ty == ERROR {
            return Self::poison(span);
        }
        let types = &self.cx.types;
        if let Some((op, ty, swap)) = operator(types, op.node, left.ty, right.ty) {
            let args = if swap { vec![right, left] } else { vec![left, right] };
            return Self::apply(op, args, ty, span);
        }
        if op.node == BinaryOp::Add
            && let Some(joined) = self.joined(&left, &right)
        {
            return Self::apply(Op::JoinList, vec![left, right], joined, span);
        }
        let (one, other) = (self.cx.show(left.ty), self.cx.show(right.ty));
        let sign = self.cx.text(op.span).to_owned();
        let message = format!("there is no {one} `{sign}` {other}");
        let diagnostic = Diagnostic::new(Code::BadOperands, op.span, message)
            .label(left.span, one)
            .label(right.span, other);
        let types = &self.cx.types;
        let texts = types.is_text(left.ty) || types.is_text(right.ty);
        let diagnostic = if texts && op.node == BinaryOp::Add {
            diagnostic.help("texts are joined by holes: `\"{one}{other}\"`")
        } else {
            self.pair_help(diagnostic, &left, &right)
        };
        self.report(diagnostic);
        Self::poison(span)
    }

    /// The type of two lists joined.
    fn joined(&mut self, left: &Expr, right: &Expr) -> Option<TypeId> {
        let (element, one) = self.cx.types.list_of(left.ty)?;
        let (other, two) = self.cx.types.list_of(right.ty)?;
        let same = self.cx.types.same(element, other);
        same.then(|| self.cx.types.list(element, one.saturating_add(two)))
    }
}

/// The operation of an arithmetic sign between two types, the type that it gives, and
/// whether its operands stand the other way round.
fn operator(
    types: &crate::types::Types,
    op: BinaryOp,
    left: TypeId,
    right: TypeId,
) -> Option<(Op, TypeId, bool)> {
    let one = types.get(left)?;
    let other = types.get(right)?;
    let found = match (op, one, other) {
        (BinaryOp::Add, Type::Int, Type::Int) => (Op::AddInt, left),
        (BinaryOp::Subtract, Type::Int, Type::Int) => (Op::SubtractInt, left),
        (BinaryOp::Multiply, Type::Int, Type::Int) => (Op::MultiplyInt, left),
        (BinaryOp::Divide, Type::Int, Type::Int) => (Op::DivideInt, left),
        (BinaryOp::Remainder, Type::Int, Type::Int) => (Op::RemainderInt, left),
        (BinaryOp::Add, Type::Float, Type::Float) => (Op::AddFloat, left),
        (BinaryOp::Subtract, Type::Float, Type::Float) => (Op::SubtractFloat, left),
        (BinaryOp::Multiply, Type::Float, Type::Float) => (Op::MultiplyFloat, left),
        (BinaryOp::Divide, Type::Float, Type::Float) => (Op::DivideFloat, left),
        (BinaryOp::Add, Type::Time, Type::Duration) => (Op::AddTime, left),
        (BinaryOp::Add, Type::Duration, Type::Time) => return Some((Op::AddTime, right, true)),
        (BinaryOp::Subtract, Type::Time, Type::Duration) => (Op::SubtractTime, left),
        (BinaryOp::Subtract, Type::Time, Type::Time) => (Op::BetweenTime, types.duration),
        (BinaryOp::Add, Type::Duration, Type::Duration) => (Op::AddDuration, left),
        (BinaryOp::Subtract, Type::Duration, Type::Duration) => (Op::SubtractDuration, left),
        (BinaryOp::Multiply, Type::Duration, Type::Int) => (Op::ScaleDuration, left),
        (BinaryOp::Multiply, Type::Int, Type::Duration) => {
            return Some((Op::ScaleDuration, right, true));
        }
        (BinaryOp::Divide, Type::Duration, Type::Int) => (Op::DivideDuration, left),
        (BinaryOp::Divide, Type::Duration, Type::Duration) => (Op::RatioDuration, types.float),
        _ => return None,
    };
    Some((found.0, found.1, false))
}
