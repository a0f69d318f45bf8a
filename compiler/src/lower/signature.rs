//! The clauses of a declaration that are worked into each call: captures, proof,
//! undo, what is answered when nothing is really done.
//!
//! They are lowered in the module of the declaration, and see nothing but its
//! parameters and captures. Once with the declaration, which reports what is wrong;
//! then silently at each call.

use rye_core::action;
use rye_core::value::Value;
use rye_grammar::ast::{self, Arg, Args, BinaryOp, ExprKind as Written, UnaryOp};
use rye_grammar::diagnostic::{Code, Diagnostic};
use rye_grammar::span::Span;

use super::{Lower, Place};
use crate::context::Context;
use crate::hir::{Argument, Ask, Capture, Expr, ExprKind, LocalId, Proof, Undo};
use crate::types::ERROR;

/// A declaration's clauses, with its parameters in locals.
#[derive(Debug)]
pub(crate) struct Declared {
    pub(crate) captures: Vec<Capture>,
    pub(crate) undo: Undo,
    pub(crate) proof: Vec<Proof>,
    pub(crate) simulated: Expr,
}

/// Checks the clauses of a declaration that nobody may call.
pub(crate) fn check(cx: &mut Context<'_>, index: usize) {
    let Some(decl) = cx.actions.get(index) else { return };
    let (module, span) = (decl.module, decl.item.name.span);
    let parameters = decl.signature.parameters.clone();
    let mut lower = Lower::new(cx, module, Place::Clause);
    let arguments: Vec<Argument> = parameters
        .iter()
        .map(|parameter| {
            let local = lower.fresh(parameter.name.clone(), parameter.ty, span);
            Argument { local, value: Lower::poison(span) }
        })
        .collect();
    lower.clauses(index, &arguments, span);
}

impl<'a> Lower<'_, 'a> {
    /// The clauses of a declaration at a call; what is wrong with them was reported
    /// with the declaration.
    pub(crate) fn declared_clauses(
        &mut self,
        index: usize,
        arguments: &[Argument],
        span: Span,
    ) -> Option<Declared> {
        let home = self.cx.actions.get(index)?.module;
        let reported = self.cx.diagnostics.len();
        let scope = core::mem::take(&mut self.scope);
        let module = core::mem::replace(&mut self.module, home);
        let place = core::mem::replace(&mut self.place, Place::Clause);
        let found = self.clauses(index, arguments, span);
        self.place = place;
        self.module = module;
        self.scope = scope;
        self.cx.diagnostics.truncate(reported);
        found
    }

    fn clauses(&mut self, index: usize, arguments: &[Argument], span: Span) -> Option<Declared> {
        let decl = self.cx.actions.get(index)?;
        let (item, clauses) = (decl.item, decl.clauses.clone());
        let result = decl.signature.result;
        let undo = decl.signature.undo.clone();
        for (param, argument) in item.params.iter().zip(arguments) {
            self.scope.push((&param.name.text, argument.local));
        }
        let captures: Vec<Option<Capture>> =
            clauses.captures.iter().map(|capture| self.capture(capture)).collect();
        let mut proof = Vec::new();
        let proved = clauses.proof.is_none_or(|written| self.proof(written, &mut proof));
        let undo = match clauses.undo {
            Some(call) if matches!(undo, action::Undo::Action(_)) => self.declared_undo(call),
            // What stands there is no action, and was reported with the head.
            Some(_) => None,
            None if undo == action::Undo::Irreversible => Some(Undo::Irreversible),
            None => Some(Undo::None),
        };
        let simulated = self.simulated(item, clauses.simulated, result, span);
        let captures = captures.into_iter().collect::<Option<Vec<Capture>>>()?;
        proved.then_some(Declared { captures, undo: undo?, proof, simulated: simulated? })
    }

    fn capture(&mut self, written: &'a ast::Capture) -> Option<Capture> {
        let call = &written.query;
        let question = self.question(&call.path, &call.args, call.span, action::Verb::Query);
        let ty = question.as_ref().map_or(ERROR, |(_, ty)| *ty);
        let local: LocalId = self.bind(&written.name, ty);
        let (ask, ty) = question?;
        self.warn_cut_capture(&ask, call.span);
        (ty != ERROR).then_some(Capture { local, ask })
    }

    fn declared_undo(&mut self, call: &'a ast::Call) -> Option<Undo> {
        let before = self.cx.diagnostics.len();
        let undo = self.undo_call(call);
        // An unknown name in here is most often the action's own result.
        for diagnostic in self.cx.diagnostics.iter_mut().skip(before) {
            if diagnostic.code == Code::UnknownName {
                diagnostic.code = Code::BadUndo;
                diagnostic.notes.push(String::from(
                    "an undo sees the parameters and captures alone: of an effect in doubt \
                     nobody knows what it answered",
                ));
                if diagnostic.help.is_empty() {
                    diagnostic
                        .help
                        .push(String::from("ask for it before the act: `capture NAME = QUERY(…)`"));
                }
            }
        }
        undo
    }

    fn simulated(
        &mut self,
        item: &'a ast::Signature,
        written: Option<&'a ast::Expr>,
        result: rye_core::ty::TypeId,
        span: Span,
    ) -> Option<Expr> {
        let unit = self.cx.types.unit;
        match written {
            Some(written) if result == unit => {
                let message = format!("`{}` answers nothing", item.name.text);
                let diagnostic = Diagnostic::new(Code::ClauseMisplaced, written.span, message)
                    .help("leave `simulated` out, or declare a result with `->`");
                self.report(diagnostic);
                None
            }
            Some(written) => {
                let value = self.expr_of(written, result, || String::from("`simulated`"));
                (value.ty != ERROR).then_some(value)
            }
            None => {
                let needed = item.verb == ast::Verb::Action && result != unit;
                if needed && result != ERROR {
                    let shown = self.cx.show(result);
                    let message = format!(
                        "`{}` answers {shown}, and doesn't say what when nothing is really done",
                        item.name.text
                    );
                    let diagnostic = Diagnostic::new(Code::NoSimulated, item.name.span, message)
                        .help("add `simulated VALUE`: the answer in shadow and monitor mode");
                    self.report(diagnostic);
                }
                let kind = ExprKind::Constant(Value::None);
                (!needed).then_some(Expr { kind, ty: unit, span })
            }
        }
    }

    /// A proof: queries and the answers that show the effect. Whether it is one.
    fn proof(&mut self, written: &'a ast::Expr, found: &mut Vec<Proof>) -> bool {
        match &written.kind {
            Written::Binary { left, op, right } if op.node == BinaryOp::And => {
                let left = self.proof(left, found);
                self.proof(right, found) && left
            }
            Written::Binary { left, op, right } if op.node == BinaryOp::Equal => {
                let (query, expected) = if is_query(left) { (left, right) } else { (right, left) };
                let Some((ask, ty)) = self.proof_query(query, written.span) else { return false };
                let expected =
                    self.expr_of(expected, ty, || String::from("the answer of the query"));
                if expected.ty == ERROR {
                    return false;
                }
                found.push(Proof { ask, expected });
                true
            }
            Written::Unary { op, operand } if op.node == UnaryOp::Not => {
                self.truth(operand, false, written.span, found)
            }
            Written::Error => false,
            _ => self.truth(written, true, written.span, found),
        }
    }

    /// A query that answers `true` or `false`.
    fn truth(
        &mut self,
        written: &'a ast::Expr,
        expected: bool,
        span: Span,
        found: &mut Vec<Proof>,
    ) -> bool {
        let Some((ask, ty)) = self.proof_query(written, span) else { return false };
        let bool = self.cx.types.bool;
        if ty != bool {
            if ty != ERROR {
                let (shown, text) = (self.cx.show(ty), self.cx.text(written.span));
                let message = format!("the query answers {shown}, and nothing says which one");
                let diagnostic = Diagnostic::new(Code::BadProof, span, message)
                    .help(format!("write `{text} == VALUE`"));
                self.report(diagnostic);
            }
            return false;
        }
        let kind = ExprKind::Constant(Value::Bool(expected));
        found.push(Proof { ask, expected: Expr { kind, ty: bool, span } });
        true
    }

    fn proof_query(
        &mut self,
        written: &'a ast::Expr,
        span: Span,
    ) -> Option<(Ask, rye_core::ty::TypeId)> {
        let parts: Option<(ast::Path, &'a [Arg], Span)> = match &written.kind {
            Written::Ask(call) => Some((call.path.clone(), &call.args, call.span)),
            Written::Call { callee, args: Args::List(args) } => {
                callee.as_path().map(|path| (path, args.as_slice(), written.span))
            }
            Written::Error => return None,
            _ => None,
        };
        let Some((path, args, call)) = parts else {
            let message = "a proof asks the world, and this doesn't";
            let diagnostic = Diagnostic::new(Code::BadProof, span, message)
                .help("write `QUERY(…)`, `not QUERY(…)` or `QUERY(…) == VALUE`")
                .note("several of them are joined by `and`; nothing else can be a proof");
            self.report(diagnostic);
            return None;
        };
        self.question(&path, args, call, action::Verb::Query)
    }
}

/// Whether an expression has the form of a query.
fn is_query(written: &ast::Expr) -> bool {
    match &written.kind {
        Written::Ask(_) => true,
        Written::Call { callee, .. } => callee.as_path().is_some_and(|path| {
            path.names.last().is_some_and(|name| {
                // Records and checked constants begin with a capital letter, queries don't.
                !name.text.starts_with(|letter: char| letter.is_ascii_uppercase())
            })
        }),
        _ => false,
    }
}
