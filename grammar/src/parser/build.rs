//! What the actions of the grammar call: makes nodes with spans and decoded
//! values, collects mistakes, and keeps the tree shallow.
//!
//! INVARIANT: no node leaves here deeper than `NESTING_DEPTH_MAX`. A deeper one
//! becomes an error node, so that neither a walk over the tree nor dropping it
//! can exhaust the stack, however long a chain of operators is.

#![expect(
    clippy::boxed_local,
    clippy::unnecessary_box_returns,
    clippy::vec_box,
    reason = "what is moved about on the parser's stack is small"
)]

use core::cell::Cell;
use core::convert::Infallible;
use core::iter::Peekable;
use std::vec::IntoIter;

use lalrpop_util::{ErrorRecovery, ParseError};
use rye_core::limit::NESTING_DEPTH_MAX;

use crate::ast::visit::{Visitor, walk_block, walk_expr, walk_type};
use crate::ast::{
    Amount, Ask, BinaryOp, Block, Call, CallClause, Constant, Count, ErrorItem, Expr, ExprKind,
    Field, Form, Init, Literal, Name, Param, Path, PatternKind, Piece, Signature, SignatureClause,
    Spanned, Stmt, StmtKind, Text, Type, TypeKind, UnaryOp, Verb,
};
use crate::diagnostic::{Code, Diagnostic};
use crate::lexer::{interpolation, literal};
use crate::span::{FileId, Span};
use crate::token::{Class, Kind, Token};

/// A mistake as the generated parser tells it.
pub(crate) type Mistake = ParseError<u32, Kind, Infallible>;

/// An operand behind an operator.
#[derive(Debug)]
pub(crate) struct Link {
    pub(crate) op: Spanned<BinaryOp>,
    /// Where the operand begins, with its parentheses.
    pub(crate) start: u32,
    pub(crate) operand: Box<Expr>,
    /// Where it ends, with them.
    pub(crate) end: u32,
}

/// Makes nodes for one source.
#[derive(Debug)]
pub(crate) struct Builder<'s> {
    file: FileId,
    source: &'s str,
    tokens: &'s [Token],
    /// How often the parser took up again; the tokens end when it is too often.
    recoveries: &'s Cell<usize>,
    mistakes: Vec<Mistake>,
    /// Literals 2^63 that no minus has claimed yet.
    unsigned_minimums: Vec<Span>,
    too_deep: Option<Span>,
}

impl<'s> Builder<'s> {
    pub(crate) fn new(
        file: FileId,
        source: &'s str,
        tokens: &'s [Token],
        recoveries: &'s Cell<usize>,
    ) -> Self {
        Self {
            file,
            source,
            tokens,
            recoveries,
            mistakes: Vec::new(),
            unsigned_minimums: Vec::new(),
            too_deep: None,
        }
    }

    /// The mistakes that the parser met, in order, and what the nodes themselves got wrong.
    pub(crate) fn finish(self) -> (Vec<Mistake>, Vec<Diagnostic>) {
        let too_large = self
            .unsigned_minimums
            .iter()
            .map(|span| literal::too_large(self.source.get(span.range()).unwrap_or("")).at(*span));
        let too_deep = self.too_deep.map(|span| {
            Diagnostic::new(
                Code::TooDeep,
                span.at_end(),
                format!("this nests more than {NESTING_DEPTH_MAX} levels deep"),
            )
            .help("give a part of it a name with `let`, or put it into a `fn`")
            .note("each operator of a chain is a level: `a + b + c` has three")
        });
        (self.mistakes, too_large.chain(too_deep).collect())
    }

    pub(crate) fn recover(&mut self, recovery: ErrorRecovery<u32, Kind, Infallible>) {
        self.recoveries.set(self.recoveries.get() + 1);
        self.mistakes.push(recovery.error);
    }

    /// `else` where `otherwise` stands.
    pub(crate) fn else_for_otherwise(&mut self, start: u32, end: u32) {
        let token = (start, Kind::Else, end);
        let expected = vec![String::from("\"otherwise\"")];
        self.mistakes.push(ParseError::UnrecognizedToken { token, expected });
    }

    pub(crate) fn span(&self, start: u32, end: u32) -> Span {
        Span::new(self.file, start, end)
    }

    fn text_of(&self, span: Span) -> &'s str {
        self.source.get(span.range()).unwrap_or("")
    }

    pub(crate) fn name(&self, start: u32, end: u32) -> Name {
        let span = self.span(start, end);
        Name { text: self.text_of(span).into(), span }
    }

    // ---- nodes that can hold themselves

    pub(crate) fn expr(&mut self, kind: ExprKind, start: u32, end: u32) -> Box<Expr> {
        let mut expr = Expr { kind, span: self.span(start, end), depth: 1 };
        let mut below = Deepest(0);
        walk_expr(&mut below, &expr);
        expr.depth = below.0 + 1;
        if expr.depth > NESTING_DEPTH_MAX {
            self.refuse_depth(expr.span);
            expr = Expr { kind: ExprKind::Error, span: expr.span, depth: 1 };
        }
        Box::new(expr)
    }

    pub(crate) fn block(&mut self, statements: Vec<Stmt>, start: u32, end: u32) -> Block {
        let mut block = Block { statements, span: self.span(start, end), depth: 1 };
        let mut below = Deepest(0);
        walk_block(&mut below, &block);
        block.depth = below.0 + 1;
        if block.depth > NESTING_DEPTH_MAX {
            self.refuse_depth(block.span);
            let kind = Box::new(StmtKind::Error { block: None });
            let error = Stmt { kind, span: block.span };
            block = Block { statements: vec![error], span: block.span, depth: 1 };
        }
        block
    }

    pub(crate) fn ty(
        &mut self,
        path: Path,
        args: Option<Vec<Box<Type>>>,
        max: Option<Count>,
        optional: Option<Span>,
        start: u32,
        end: u32,
    ) -> Box<Type> {
        let args = unboxed(args.unwrap_or_default());
        let kind = TypeKind::Named { path, args, max, optional };
        let mut ty = Type { kind, span: self.span(start, end), depth: 1 };
        let mut below = Deepest(0);
        walk_type(&mut below, &ty);
        ty.depth = below.0 + 1;
        if ty.depth > NESTING_DEPTH_MAX {
            self.refuse_depth(ty.span);
            ty = Type { kind: TypeKind::Error, span: ty.span, depth: 1 };
        }
        Box::new(ty)
    }

    /// Once for a source: what is around it is too deep as well.
    fn refuse_depth(&mut self, span: Span) {
        if self.too_deep.is_none() {
            self.too_deep = Some(span);
        }
    }

    // ---- operators

    pub(crate) fn binary(
        &mut self,
        left: Box<Expr>,
        op: Spanned<BinaryOp>,
        right: Box<Expr>,
        start: u32,
        end: u32,
    ) -> Box<Expr> {
        self.expr(ExprKind::Binary { left, op, right }, start, end)
    }

    /// Operands with operators between them. What binds closer belongs together, and of what
    /// binds as close, what stands further left.
    pub(crate) fn chain(&mut self, start: u32, first: Box<Expr>, links: Vec<Link>) -> Box<Expr> {
        let mut links = links.into_iter().peekable();
        let mut whole = first;
        while let Some(link) = links.next() {
            whole = self.linked(start, whole, link, &mut links).0;
        }
        whole
    }

    /// What stands left of a link with its operand, to which closer links behind it are
    /// attached first; and where it ends. It calls itself no deeper than operators differ.
    fn linked(
        &mut self,
        start: u32,
        left: Box<Expr>,
        link: Link,
        behind: &mut Peekable<IntoIter<Link>>,
    ) -> (Box<Expr>, u32) {
        let Link { op, start: operand_start, operand: mut right, mut end } = link;
        while let Some(closer) =
            behind.next_if(|next| next.op.node.closeness() > op.node.closeness())
        {
            (right, end) = self.linked(operand_start, right, closer, behind);
        }
        (self.binary(left, op, right, start, end), end)
    }

    /// Prefix operators around an operand, the last one innermost.
    pub(crate) fn unary(
        &mut self,
        op: UnaryOp,
        places: Vec<Span>,
        operand: Box<Expr>,
        end: u32,
    ) -> Box<Expr> {
        places.into_iter().rev().fold(operand, |operand, place| {
            let span = self.span(place.start, end);
            let folded = match (op, &operand.kind) {
                (UnaryOp::Negate, ExprKind::Literal(value)) => self.negated(*value, operand.span),
                _ => None,
            };
            let kind = match folded {
                Some(value) => ExprKind::Literal(value),
                None => ExprKind::Unary { op: Spanned::new(op, place), operand },
            };
            self.expr(kind, span.start, span.end)
        })
    }

    /// The literal with a minus before it, for those that can have one.
    fn negated(&mut self, value: Literal, span: Span) -> Option<Literal> {
        match value {
            Literal::Int(i64::MIN) => {
                // The magnitude 2^63 fits only below zero; a second minus finds no claim left.
                let claim = self.unsigned_minimums.iter().rposition(|held| *held == span)?;
                self.unsigned_minimums.remove(claim);
                Some(Literal::Int(i64::MIN))
            }
            Literal::Int(number) => number.checked_neg().map(Literal::Int),
            Literal::Float(number) => Some(Literal::Float(-number)),
            Literal::Duration(micros) => micros.checked_neg().map(Literal::Duration),
            Literal::Bool(_)
            | Literal::Time(_)
            | Literal::Ip(_)
            | Literal::Cidr { .. }
            | Literal::None => None,
        }
    }

    /// `a else b else c` is `a else (b else c)`.
    pub(crate) fn fallbacks(&mut self, values: Vec<Box<Expr>>, last: Box<Expr>) -> Box<Expr> {
        values.into_iter().rev().fold(last, |fallback, value| {
            let (start, end) = (value.span.start, fallback.span.end);
            self.expr(ExprKind::Else { value, fallback }, start, end)
        })
    }

    pub(crate) fn map(
        &mut self,
        first: (Box<Expr>, Box<Expr>),
        rest: Vec<(Box<Expr>, Box<Expr>)>,
        start: u32,
        end: u32,
    ) -> Box<Expr> {
        let pairs = core::iter::once(first).chain(rest);
        let pairs = pairs.map(|(key, value)| (*key, *value)).collect();
        self.expr(ExprKind::Map(pairs), start, end)
    }

    /// An `ask` right of `let` is a form, with or without clauses: one shape for one meaning.
    pub(crate) fn init(expr: Box<Expr>) -> Init {
        let span = expr.span;
        let ask = match *expr {
            Expr { kind: ExprKind::Ask(call), .. } => {
                Ask { call: *call, clauses: Vec::new(), fallback: None }
            }
            Expr { kind: ExprKind::Else { value, fallback }, depth, .. } => {
                let Expr { kind: ExprKind::Ask(call), .. } = *value else {
                    let kind = ExprKind::Else { value, fallback };
                    return Init::Expr(Box::new(Expr { kind, span, depth }));
                };
                Ask { call: *call, clauses: Vec::new(), fallback: Some(*fallback) }
            }
            _ => return Init::Expr(expr),
        };
        Init::Form(Box::new(Spanned::new(Form::Ask(ask), span)))
    }

    pub(crate) fn init_form(&self, form: Box<Form>, start: u32, end: u32) -> Init {
        Init::Form(Box::new(Spanned::new(*form, self.span(start, end))))
    }

    pub(crate) fn ask(
        call: Box<Call>,
        clauses: Vec<Box<Spanned<CallClause>>>,
        fallback: Option<Box<Expr>>,
    ) -> Form {
        let fallback = fallback.map(|it| *it);
        Form::Ask(Ask { call: *call, clauses: unboxed(clauses), fallback })
    }

    pub(crate) fn signature(
        verb: Verb,
        name: Name,
        params: Vec<Param>,
        result: Option<Box<Type>>,
        clauses: Vec<Box<Spanned<SignatureClause>>>,
    ) -> Signature {
        let result = result.map(|it| *it);
        Signature { verb, name, params, result, clauses: unboxed(clauses) }
    }

    // ---- literals and texts

    pub(crate) fn literal(&mut self, start: u32, end: u32) -> Literal {
        let span = self.span(start, end);
        // The lexer has let this word pass as a literal, so reading it again can't fail.
        let value = literal::read(self.text_of(span)).map_or(Literal::None, |read| read.1);
        if matches!(value, Literal::Int(i64::MIN)) {
            self.unsigned_minimums.push(span);
        }
        value
    }

    pub(crate) fn count(&mut self, start: u32, end: u32) -> Amount<u64> {
        match self.literal(start, end) {
            Literal::Int(number) => u64::try_from(number).map_or(Amount::Error, Amount::Literal),
            _ => Amount::Error,
        }
    }

    pub(crate) fn interval(&mut self, start: u32, end: u32) -> Amount<i64> {
        match self.literal(start, end) {
            Literal::Duration(micros) => Amount::Literal(micros),
            _ => Amount::Error,
        }
    }

    pub(crate) fn time(&mut self, start: u32, end: u32) -> Spanned<i64> {
        let read = self.literal(start, end);
        let micros = if let Literal::Time(micros) = read { micros } else { 0 };
        Spanned::new(micros, self.span(start, end))
    }

    /// The number at `start..end` with a minus before it.
    pub(crate) fn negative(&mut self, start: u32, end: u32) -> Constant {
        let number = self.literal(start, end);
        self.negated(number, self.span(start, end)).map_or(Constant::Error, Constant::Literal)
    }

    pub(crate) fn pattern(constant: Constant) -> PatternKind {
        match constant {
            Constant::Error => PatternKind::Error,
            constant => PatternKind::Constant(constant),
        }
    }

    pub(crate) fn piece(&self, start: u32, end: u32) -> Piece {
        Piece::Literal(self.plain_text(start, end))
    }

    /// The characters of a text, or of a part of one, and where they stand.
    pub(crate) fn plain_text(&self, start: u32, end: u32) -> Spanned<String> {
        let inner = interpolation::inner(self.source, self.span(start, end));
        Spanned::new(interpolation::decode(self.text_of(inner)), inner)
    }

    pub(crate) fn text(&self, start: u32, end: u32) -> Text {
        let piece = self.plain_text(start, end);
        let pieces = if piece.node.is_empty() { vec![] } else { vec![Piece::Literal(piece)] };
        Text { pieces, span: self.span(start, end) }
    }

    pub(crate) fn text_with_holes(
        &self,
        mut pieces: Vec<Piece>,
        tail: Piece,
        start: u32,
        end: u32,
    ) -> Text {
        pieces.push(tail);
        pieces.retain(|piece| match piece {
            Piece::Literal(part) => !part.node.is_empty(),
            Piece::Hole(_) => true,
        });
        Text { pieces, span: self.span(start, end) }
    }

    // ---- what is left of something broken

    /// The tokens from an offset on.
    fn tokens_from(&self, start: u32) -> &'s [Token] {
        let first = self.tokens.partition_point(|token| token.start < start);
        self.tokens.get(first..).unwrap_or(&[])
    }

    fn name_of(&self, token: Token) -> Name {
        self.name(token.start, token.end)
    }

    /// The name that a broken item would have declared.
    pub(crate) fn broken_item(&self, start: u32) -> ErrorItem {
        let name = match self.tokens_from(start) {
            [word, name, ..] if word.kind.class() == Class::Item && name.kind.is_word() => {
                Some(self.name_of(*name))
            }
            _ => None,
        };
        ErrorItem { name }
    }

    /// The field that a broken one would have been, when it begins with a word.
    pub(crate) fn broken_field(&self, start: u32) -> Option<Field> {
        let first = self.tokens_from(start).first().filter(|token| token.kind.is_word())?;
        let name = self.name_of(*first);
        let ty = Type { kind: TypeKind::Error, span: name.span.at_end(), depth: 1 };
        Some(Field { span: name.span, name, ty })
    }
}

/// Nodes as they stand in the tree: the parser's stack holds boxes of them.
pub(crate) fn unboxed<T>(nodes: Vec<Box<T>>) -> Vec<T> {
    nodes.into_iter().map(|node| *node).collect()
}

/// The depth of the deepest node directly below.
struct Deepest(usize);

impl Visitor for Deepest {
    fn block(&mut self, block: &Block) {
        self.0 = self.0.max(block.depth);
    }

    fn expr(&mut self, expr: &Expr) {
        self.0 = self.0.max(expr.depth);
    }

    fn ty(&mut self, ty: &Type) {
        self.0 = self.0.max(ty.depth);
    }
}
