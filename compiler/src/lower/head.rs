//! Playbooks: the clauses at their head, and what must be there.

use rye_bytecode::instruction::operand::OnFailure;
use rye_bytecode::module::Severity;
use rye_core::ty::Type;
use rye_core::value::{Duration, Name};
use rye_grammar::ast::{self, StmtKind as Written};
use rye_grammar::diagnostic::{Code, Diagnostic};
use rye_grammar::span::Span;

use super::frame::split_heads;
use super::{Lower, Place};
use crate::bound::Bound;
use crate::context::{Context, Decl};
use crate::hir::{self, Amount};
use crate::types::ERROR;

/// What stands at the head of a playbook, with where it stands.
#[derive(Debug, Default)]
pub(crate) struct Heads {
    severity: Option<(Severity, Span)>,
    pub(crate) deadline: Option<(Amount<Duration>, Span)>,
    pub(crate) on_failure: Option<(OnFailure, Span)>,
    /// Kind of asset, how many, and where.
    pub(crate) limits: Vec<(Name, Amount<u64>, Span)>,
    /// Whether something at the head could not be read.
    failed: bool,
}

/// A playbook and the places of its head, for the checks that come after. `None`
/// after a report.
pub(crate) fn playbook<'a>(
    cx: &mut Context<'a>,
    module: usize,
    item: &'a ast::Playbook,
) -> Option<(hir::Playbook, Heads)> {
    let before = cx.diagnostics.len();
    let parameters = cx.parameters(module, &item.params);
    let mut lower = Lower::new(cx, module, Place::Playbook);
    lower.bind_parameters(&item.params, &parameters);
    let (heads, rest) = split_heads(&item.body.statements);
    let heads = lower.heads(heads);
    let block = lower.statements(rest);
    lower.needed(item, &heads);
    lower.warn_unread(before);
    // What could not be read may be what a check or a warning would miss.
    let failed = lower.is_broken(before);
    let Lower { locals, .. } = lower;
    if failed || parameters.iter().any(|(_, ty)| *ty == ERROR) {
        return None;
    }
    let mut limits: Vec<(Name, Amount<u64>)> =
        heads.limits.iter().map(|(kind, count, _)| (kind.clone(), *count)).collect();
    limits.sort_by(|(first, _), (second, _)| first.cmp(second));
    let playbook = hir::Playbook {
        name: Name::from(item.name.text.as_str()),
        body: hir::Body { locals, parameters: u32::try_from(parameters.len()).ok()?, block },
        severity: heads.severity?.0,
        deadline: heads.deadline?.0,
        on_failure: heads.on_failure.map_or(OnFailure::Inherit, |(direction, _)| direction),
        limits,
        bound: Bound::default(),
        span: item.name.span,
    };
    Some((playbook, heads))
}

impl<'a> Lower<'_, 'a> {
    fn heads(&mut self, statements: &'a [ast::Stmt]) -> Heads {
        let mut heads = Heads::default();
        for statement in statements {
            let span = statement.span;
            match &*statement.kind {
                Written::Severity(word) => self.severity(word, span, &mut heads),
                Written::Deadline(length) => {
                    let first = heads.deadline.map(|(_, first)| first);
                    match (first, self.cx.length(self.module, length)) {
                        (Some(first), _) => self.cx.clause_twice("deadline", span, first),
                        (None, Some(length)) => heads.deadline = Some((length, span)),
                        (None, None) => heads.failed = true,
                    }
                }
                Written::Limit { asset, count } => self.limit(asset, count, span, &mut heads),
                Written::OnFailure(word) => {
                    let first = heads.on_failure.map(|(_, first)| first);
                    match (first, self.direction(word)) {
                        (Some(first), _) => self.cx.clause_twice("on failure", span, first),
                        (None, Some(direction)) => heads.on_failure = Some((direction, span)),
                        (None, None) => heads.failed = true,
                    }
                }
                _ => {}
            }
        }
        heads
    }

    fn severity(&mut self, word: &ast::Name, span: Span, heads: &mut Heads) {
        if let Some((_, first)) = heads.severity {
            self.cx.clause_twice("severity", span, first);
            return;
        }
        if let Some(severity) = Severity::from_word(&word.text) {
            heads.severity = Some((severity, span));
            return;
        }
        let words = Severity::ALL.map(Severity::word);
        self.cx.unknown_word(word, "a severity is", &words);
        heads.failed = true;
    }

    fn limit(&mut self, asset: &ast::Path, count: &ast::Count, span: Span, heads: &mut Heads) {
        let decl = self.cx.resolve(self.module, asset, "asset");
        let ty = match decl {
            Some(Decl::Type(index)) => self.cx.declared_type(index, Some(asset.span)),
            Some(Decl::Broken) | None => {
                heads.failed = true;
                return;
            }
            Some(_) => ERROR,
        };
        let Some(Type::Asset { name, .. }) = self.cx.types.get(ty) else {
            let message = format!("`{}` is no asset", asset.dotted());
            let diagnostic = Diagnostic::new(Code::WrongKind, asset.span, message)
                .help("limits count assets: name a kind such as `Address`");
            self.report(diagnostic);
            heads.failed = true;
            return;
        };
        let name = name.clone();
        if let Some((.., first)) = heads.limits.iter().find(|(kind, ..)| *kind == name) {
            let first = *first;
            self.cx.clause_twice(&format!("limit {name}"), span, first);
            return;
        }
        match self.cx.count(self.module, count) {
            Some(count) => heads.limits.push((name, count, span)),
            None => heads.failed = true,
        }
    }

    /// Reports what a playbook must say and doesn't.
    fn needed(&mut self, item: &'a ast::Playbook, heads: &Heads) {
        if heads.failed {
            return;
        }
        let misplaced = |kind: fn(&Written) -> bool| {
            item.body.statements.iter().any(|statement| kind(&statement.kind))
        };
        if heads.severity.is_none() && !misplaced(|kind| matches!(kind, Written::Severity(_))) {
            let message =
                format!("`{}` doesn't say how bad it is when it is needed", item.name.text);
            let diagnostic = Diagnostic::new(Code::ClauseMissing, item.name.span, message)
                .help("add `severity low`, `medium`, `high` or `critical` at its head");
            self.report(diagnostic);
        }
        if heads.deadline.is_none() && !misplaced(|kind| matches!(kind, Written::Deadline(_))) {
            let message = format!("`{}` doesn't say when it must be over", item.name.text);
            let diagnostic = Diagnostic::new(Code::ClauseMissing, item.name.span, message)
                .help("add `deadline 30m` at its head: after that it holds, and a person is asked");
            self.report(diagnostic);
        }
        let said = misplaced(|kind| matches!(kind, Written::OnFailure(_)));
        if let (None, false, Some(effect)) = (heads.on_failure, said, self.effect) {
            let message = format!("`{}` doesn't say what a failure does", item.name.text);
            let diagnostic = Diagnostic::new(Code::NoFailureDirection, item.name.span, message)
                .label(super::stmt::keyword(effect, 6), "it meets the world here")
                .help(
                    "add `on failure hold` at its head: what was done stays, and a person decides",
                )
                .help("or `on failure undo`: what was done is taken back");
            self.report(diagnostic);
        }
    }
}
