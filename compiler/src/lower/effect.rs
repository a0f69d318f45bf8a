//! The three verbs: `ask`, `do`, `tell`.

use rye_core::action::Verb;
use rye_core::impact::Impact;
use rye_core::ty::{HOLD_TYPE_NAME, TypeId};
use rye_core::value::{Duration, Name, Value};
use rye_grammar::ast::{self, Arg, CallClause, DoClause, Spanned};
use rye_grammar::diagnostic::{Code, Diagnostic};
use rye_grammar::span::Span;

use super::call::Passing;
use super::expr::is_bare;
use super::{Lower, Receiver, fold};
use crate::hir::{
    ActionId, Amount, Argument, Ask, Attempts, Do, Expr, ExprKind, Life, StmtKind, Undo,
};
use crate::types::ERROR;

/// The module that declares what stands for an effect.
const HOLD_MODULE: &str = "std.effects";

/// A call of a query or notice before its clauses: which, with what, and what it answers.
type Question = (Ask, TypeId);

impl<'a> Lower<'_, 'a> {
    /// `ask …`, alone or right of `let`.
    pub(crate) fn ask(
        &mut self,
        written: &'a ast::Ask,
        span: Span,
        receiver: Receiver<'a>,
    ) -> Option<StmtKind> {
        let allowed = self.meets_world(span, "ask");
        let call = &written.call;
        let question = self.question(&call.path, &call.args, call.span, Verb::Query);
        let (mut ask, result) = match question {
            Some((ask, result)) => (Some(ask), result),
            None => (None, ERROR),
        };
        if let Some(ask) = &mut ask {
            self.call_clauses(&written.clauses, &mut ask.timeout, &mut ask.retry, None);
        }
        let fallback = written.fallback.as_ref().map(|value| self.fallback(value, result));
        let ty = fallback.as_ref().map_or(result, |value| {
            // With `else none` the answer may be missing.
            if self.cx.types.optional_of(value.ty).is_some() { value.ty } else { result }
        });
        let local = self.receive(receiver, ty, span);
        if !allowed || fallback.as_ref().is_some_and(|value| value.ty == ERROR) {
            return None;
        }
        let ask = ask?;
        let more = self.receive_more(receiver, local, ask.action, span);
        Some(StmtKind::Ask { local, more, ask, fallback })
    }

    /// The value where a query fails: a `result`, or one that may be missing.
    fn fallback(&mut self, written: &'a ast::Expr, result: TypeId) -> Expr {
        let optional = self.cx.types.optional(result);
        let hint = if is_bare(written) { optional } else { result };
        let value = self.expr(written, Some(hint));
        let may = self.cx.types.optional_of(value.ty).is_some();
        let what = || String::from("the value after `else`");
        self.coerce(value, if may { optional } else { result }, what)
    }

    /// `ask q(…)` inside of an expression: in conditions alone.
    pub(crate) fn ask_inside(&mut self, call: &'a ast::Call, span: Span) -> Expr {
        if !self.asking {
            if self.place.acts() {
                let message = "an `ask` stands alone, or right of `let`";
                let text = self.cx.text(call.span);
                let diagnostic = Diagnostic::new(Code::EffectMisplaced, span, message)
                    .help(format!("give the answer a name first: `let answer = ask {text}`"));
                self.report(diagnostic);
            } else {
                self.meets_world(span, "ask");
            }
            return Self::poison(span);
        }
        match self.question(&call.path, &call.args, call.span, Verb::Query) {
            Some((ask, ty)) if ty != ERROR => Expr { kind: ExprKind::Ask(Box::new(ask)), ty, span },
            _ => Self::poison(span),
        }
    }

    /// `tell …`
    pub(crate) fn tell(&mut self, call: &'a ast::Call, span: Span) -> Option<StmtKind> {
        let allowed = self.meets_world(span, "tell");
        let (ask, _) = self.question(&call.path, &call.args, call.span, Verb::Notice)?;
        allowed.then_some(StmtKind::Tell(ask))
    }

    /// The call of a query or notice, as declared.
    pub(crate) fn question(
        &mut self,
        path: &ast::Path,
        args: &'a [Arg],
        span: Span,
        verb: Verb,
    ) -> Option<Question> {
        let index = self.called(path, args, verb)?;
        let signature = &self.cx.actions.get(index)?.signature;
        let (timeout, retry) = (Amount::Fixed(signature.timeout), signature.retry.into());
        let result = signature.result;
        let parameters = self.parameters_of(index);
        let arguments = self.arguments(path.span, &parameters, args, Passing::Named, span)?;
        let action = ActionId(u32::try_from(index).ok()?);
        Some((Ask { action, arguments, timeout, retry }, result))
    }

    fn parameters_of(&self, index: usize) -> Vec<(Name, TypeId)> {
        let signature = self.cx.actions.get(index).map(|decl| &decl.signature);
        let parameters = signature.map(|signature| signature.parameters.iter());
        parameters.into_iter().flatten().map(|one| (one.name.clone(), one.ty)).collect()
    }

    /// The action, query or notice of that path; a report, and a look at the
    /// arguments, if there is none or the verb is another.
    fn called(&mut self, path: &ast::Path, args: &'a [Arg], verb: Verb) -> Option<usize> {
        let index = self.cx.action_named(self.module, path, verb.word());
        let found = index.and_then(|index| Some((index, self.cx.actions.get(index)?.item.verb)));
        let fits = |found: ast::Verb| {
            matches!(
                (found, verb),
                (ast::Verb::Action, Verb::Action)
                    | (ast::Verb::Query, Verb::Query)
                    | (ast::Verb::Notice, Verb::Notice)
            )
        };
        match found {
            Some((index, found)) if fits(found) => return Some(index),
            Some((_, found)) => {
                let (noun, keyword) = match found {
                    ast::Verb::Action => ("an action", "do"),
                    ast::Verb::Query => ("a query", "ask"),
                    ast::Verb::Notice => ("a notice", "tell"),
                };
                let text = path.dotted();
                let message = format!("`{text}` is {noun}");
                let diagnostic = Diagnostic::new(Code::WrongVerb, path.span, message)
                    .help(format!("write `{keyword} {text}(…)`"));
                self.report(diagnostic);
            }
            None => {}
        }
        for arg in args {
            if !matches!(arg.value.kind, ast::ExprKind::List(_) | ast::ExprKind::Literal(_)) {
                let _ = self.expr(&arg.value, None);
            }
        }
        None
    }

    /// `timeout` and `retry` at a call. `unsafe_name` is the action's, if it must not
    /// be attempted twice.
    fn call_clauses(
        &mut self,
        clauses: &[Spanned<CallClause>],
        timeout: &mut Amount<Duration>,
        retry: &mut Attempts,
        unsafe_name: Option<&str>,
    ) {
        let mut seen: [Option<Span>; 2] = [None, None];
        for clause in clauses {
            let (place, word) = match clause.node {
                CallClause::Timeout(_) => (0, "timeout"),
                CallClause::Retry { .. } => (1, "retry"),
            };
            if let Some(first) = seen.get(place).copied().flatten() {
                self.cx.clause_twice(word, clause.span, first);
                continue;
            }
            if let Some(place) = seen.get_mut(place) {
                *place = Some(clause.span);
            }
            match &clause.node {
                CallClause::Timeout(length) => {
                    *timeout = self.cx.length(self.module, length).unwrap_or(*timeout);
                }
                CallClause::Retry { .. } => {
                    *retry = self.cx.retry(self.module, &clause.node).unwrap_or(*retry);
                    if let Some(name) = unsafe_name.filter(|_| retry.attempts.most() > 1) {
                        let message = format!(
                            "`{name}` could act twice: it has neither a `proof` nor is `idempotent`"
                        );
                        let diagnostic = Diagnostic::new(Code::UnsafeRetry, clause.span, message)
                            .help("drop the `retry`, or add one of the two to its declaration");
                        self.report(diagnostic);
                    }
                }
            }
        }
    }

    /// `do …`, alone or right of `let`.
    pub(crate) fn act(
        &mut self,
        written: &'a ast::Do,
        span: Span,
        receiver: Receiver<'a>,
    ) -> Option<StmtKind> {
        if let Some(task) = self.task_named(&written.call.path) {
            return self.task(task, written, span, receiver);
        }
        let allowed = self.meets_world(span, "do");
        let call = &written.call;
        let Some(index) = self.called(&call.path, &call.args, Verb::Action) else {
            self.receive(receiver, ERROR, span);
            return None;
        };
        let parameters = self.parameters_of(index);
        let arguments =
            self.arguments(call.path.span, &parameters, &call.args, Passing::Named, call.span);
        let clauses = self.do_clauses(written, index);
        let signature = &self.cx.actions.get(index)?.signature;
        let (result, unit) = (signature.result, self.cx.types.unit);
        let local = match receiver {
            Receiver::Name(ast::Name { span: place, .. }) if result == unit => {
                self.answers_nothing(&call.path, *place);
                self.receive(receiver, ERROR, span)
            }
            Receiver::Hidden if result == unit => {
                self.answers_nothing(&call.path, call.path.span);
                return None;
            }
            _ => self.receive(receiver, result, span),
        };
        let (arguments, clauses) = (arguments?, clauses?);
        let mut arguments: Vec<Argument> = parameters
            .into_iter()
            .zip(arguments)
            .map(|((_, ty), value)| {
                let local = self.fresh(Name::from(""), ty, value.span);
                Argument { local, value }
            })
            .collect();
        let declared = self.declared_clauses(index, &arguments, span)?;
        let (mut undo, mut life) = (clauses.undo.unwrap_or(declared.undo), clauses.life);
        let listed = if self.approving.is_some() {
            let text = call.path.dotted();
            Some(self.list_effect(&text, &mut arguments, &mut undo, &mut life, call.path.span)?)
        } else {
            None
        };
        // The name is there from here on: what is done can't know its own.
        let hold = clauses.hold.map(|(name, ty)| self.bind_read(name, ty));
        if !allowed {
            return None;
        }
        Some(StmtKind::Do(Box::new(Do {
            local,
            hold,
            action: ActionId(u32::try_from(index).ok()?),
            arguments,
            captures: declared.captures,
            undo,
            proof: declared.proof,
            simulated: declared.simulated,
            life,
            verified: clauses.verified,
            timeout: clauses.timeout,
            retry: clauses.retry,
            listed,
        })))
    }
}

impl Lower<'_, '_> {
    pub(crate) fn answers_nothing(&mut self, path: &ast::Path, span: Span) {
        let text = path.dotted();
        let message = format!("`{text}` answers nothing");
        let diagnostic = Diagnostic::new(Code::NoValue, span, message)
            .help(format!("let `do {text}(…)` stand alone"));
        self.report(diagnostic);
    }
}

/// What a `do` says beyond its declaration.
#[derive(Debug)]
pub(crate) struct DoClauses<'a> {
    pub(crate) hold: Option<(&'a ast::Name, TypeId)>,
    pub(crate) life: Life,
    pub(crate) verified: Option<Amount<Duration>>,
    pub(crate) undo: Option<Undo>,
    pub(crate) timeout: Amount<Duration>,
    pub(crate) retry: Attempts,
}

impl<'a> Lower<'_, 'a> {
    /// The clauses of a `do`; `None` after a report that leaves nothing to go on with.
    fn do_clauses(&mut self, written: &'a ast::Do, index: usize) -> Option<DoClauses<'a>> {
        let signature = self.cx.actions.get(index)?.signature.clone();
        let text = written.call.path.dotted();
        let irreversible = signature.undo == rye_core::action::Undo::Irreversible;
        let needs_person = irreversible || signature.impact == Impact::Destructive;
        let place = written.call.path.span;
        if !self.is_approved(&Name::from(text.as_str()), needs_person, place) {
            let what = if irreversible { "irreversible" } else { "destructive" };
            let message = format!("`{text}` is {what}, and nobody approved it");
            let diagnostic = Diagnostic::new(Code::Unapproved, place, message)
                .help("put it into an `approve` block: a person sees it, and says yes, before it")
                .help("or use an action that can be taken back");
            self.report(diagnostic);
            return None;
        }
        // By the declaration, or by a clause of the call.
        let undone = matches!(signature.undo, rye_core::action::Undo::Action(_))
            || written
                .clauses
                .iter()
                .any(|clause| matches!(clause.node, DoClause::Undo(ast::Undo::Action(_))));
        let mut found = DoClauses {
            hold: None,
            life: Life::Open,
            verified: None,
            undo: None,
            timeout: Amount::Fixed(signature.timeout),
            retry: signature.retry.into(),
        };
        let mut seen: Vec<(&'static str, Span)> = Vec::new();
        let mut calls: Vec<Spanned<CallClause>> = Vec::new();
        for clause in &written.clauses {
            let word = match &clause.node {
                DoClause::For(_) | DoClause::UntilReleased => "for",
                DoClause::VerifiedWithin(_) => "verified within",
                DoClause::As(_) => "as",
                DoClause::Undo(_) => "undo",
                DoClause::Call(call) => {
                    calls.push(Spanned::new(call.clone(), clause.span));
                    continue;
                }
            };
            let earlier = seen.iter().find(|(earlier, _)| *earlier == word);
            if let Some((_, first)) = earlier.copied() {
                self.cx.clause_twice(word, clause.span, first);
                continue;
            }
            seen.push((word, clause.span));
            self.do_clause(clause, &signature, undone, &text, &mut found)?;
        }
        let is_safe = signature.proved || signature.idempotent;
        let unsafe_name = (!is_safe).then_some(text.as_str());
        self.call_clauses(&calls, &mut found.timeout, &mut found.retry, unsafe_name);
        if found.life == Life::Open && undone {
            found.life = self.stage_life();
        }
        Some(found)
    }

    /// The type of what stands for an effect.
    fn hold_type(&mut self, span: Span) -> TypeId {
        if let Some(found) = self.cx.type_of_module(self.module, HOLD_MODULE, HOLD_TYPE_NAME) {
            return found;
        }
        let message = format!("this names a `{HOLD_TYPE_NAME}`, and `{HOLD_MODULE}` is not used");
        let diagnostic = Diagnostic::new(Code::UnknownModule, span, message)
            .help(format!("write `use {HOLD_MODULE}` at the beginning of the file"));
        self.report(diagnostic);
        ERROR
    }

    fn do_clause(
        &mut self,
        clause: &'a Spanned<DoClause>,
        signature: &rye_core::action::ActionSignature,
        undone: bool,
        text: &str,
        found: &mut DoClauses<'a>,
    ) -> Option<()> {
        match &clause.node {
            DoClause::For(_) | DoClause::UntilReleased if !undone => {
                let message = format!("nothing takes `{text}` back when its life ends");
                let diagnostic = Diagnostic::new(Code::NothingToEnd, clause.span, message)
                    .help("drop the life: the action is declared with `undo none`");
                self.report(diagnostic);
            }
            DoClause::For(life) => {
                let duration = self.cx.types.duration;
                let life = self.expr_of(life, duration, || String::from("the life after `for`"));
                if life.ty == ERROR {
                    return None;
                }
                if let Ok(Value::Duration(length)) = fold(&self.cx.types, &life) {
                    self.cx.positive(length.0, life.span)?;
                }
                found.life = Life::For(life);
            }
            DoClause::UntilReleased => found.life = Life::UntilReleased,
            DoClause::VerifiedWithin(length) => {
                if signature.proved {
                    found.verified = self.cx.length(self.module, length);
                } else {
                    let message = format!("`{text}` has no `proof` to verify it by");
                    let diagnostic = Diagnostic::new(Code::NothingToVerify, clause.span, message)
                        .help("drop `verified within`, or add a `proof` to the declaration");
                    self.report(diagnostic);
                }
            }
            DoClause::As(name) if !undone => {
                let message = format!("nothing takes `{text}` back: there is nothing to release");
                let diagnostic = Diagnostic::new(Code::NothingToEnd, clause.span, message)
                    .help("drop the name: the action is declared with `undo none`");
                self.report(diagnostic);
                found.hold = Some((name, ERROR));
            }
            DoClause::As(name) => found.hold = Some((name, self.hold_type(clause.span))),
            DoClause::Undo(ast::Undo::None(why)) => {
                if undone {
                    let message = format!("`{text}` is declared with an undo, and this drops it");
                    let diagnostic = Diagnostic::new(Code::BadUndo, why.span, message)
                        .help("leave `undo none` out: a call can change an undo, never weaken it");
                    self.report(diagnostic);
                }
            }
            DoClause::Undo(ast::Undo::Action(call))
                if signature.undo == rye_core::action::Undo::Irreversible =>
            {
                let message = format!("`{text}` is irreversible: nothing takes it back");
                let diagnostic =
                    Diagnostic::new(Code::BadUndo, call.span, message).help("leave the `undo` out");
                self.report(diagnostic);
                return None;
            }
            DoClause::Undo(ast::Undo::Action(call)) => {
                found.undo = Some(self.undo_call(call)?);
            }
            DoClause::Call(_) => {}
        }
        Some(())
    }

    /// `undo ACTION(…)`, its arguments in the scope of here.
    pub(crate) fn undo_call(&mut self, call: &'a ast::Call) -> Option<Undo> {
        let index = self.called(&call.path, &call.args, Verb::Action)?;
        self.cx.check_undo_target(index, &call.path);
        let parameters = self.parameters_of(index);
        let arguments =
            self.arguments(call.path.span, &parameters, &call.args, Passing::Named, call.span)?;
        Some(Undo::Call { action: ActionId(u32::try_from(index).ok()?), arguments })
    }
}
