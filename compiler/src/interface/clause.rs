//! The clauses of one signature, each at its place: which go with which verb, and
//! how often.

use rye_grammar::ast::{self, CallClause, Capture, Count, Interval, SignatureClause, Verb};
use rye_grammar::diagnostic::{Code, Diagnostic};
use rye_grammar::span::Span;

use super::word;
use crate::context::Context;

/// A clause and where it stands.
#[derive(Debug)]
pub(crate) struct Clause<'a, T> {
    pub(crate) node: &'a T,
    pub(crate) span: Span,
}

// By hand, because what is referred to need not be `Copy`.
impl<T> Clone for Clause<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Clause<'_, T> {}

/// Every clause of a signature, the first of each kind.
#[derive(Debug, Default)]
pub(crate) struct Table<'a> {
    pub(crate) affects: Option<Clause<'a, Vec<ast::Path>>>,
    pub(crate) proof: Option<Clause<'a, ast::Expr>>,
    pub(crate) captures: Vec<&'a Capture>,
    pub(crate) undo: Option<Clause<'a, ast::Undo>>,
    pub(crate) irreversible: Option<Span>,
    pub(crate) idempotent: Option<Span>,
    pub(crate) simulated: Option<Clause<'a, ast::Expr>>,
    pub(crate) impact: Option<Clause<'a, ast::Name>>,
    pub(crate) first: Option<Clause<'a, Count>>,
    pub(crate) to: Option<Clause<'a, ast::Name>>,
    pub(crate) timeout: Option<Clause<'a, Interval>>,
    pub(crate) retry: Option<Clause<'a, CallClause>>,
}

impl<'a> Context<'a> {
    /// Sorts the clauses into their places; reports the second of two, and those that
    /// the verb doesn't have.
    pub(crate) fn clause_table(&mut self, item: &'a ast::Signature) -> Table<'a> {
        let mut table = Table::default();
        let mut seen: Vec<(&'static str, Span)> = Vec::new();
        for clause in &item.clauses {
            let name = word(&clause.node);
            if !fits(item.verb, &clause.node) {
                let verb = match item.verb {
                    Verb::Action => "an action",
                    Verb::Query => "a query",
                    Verb::Notice => "a notice",
                };
                let message = format!("{verb} has no `{name}`");
                self.misplaced(clause.span, message, "leave it out");
                continue;
            }
            let repeats = matches!(clause.node, SignatureClause::Capture(_));
            let earlier = seen.iter().find(|(earlier, _)| *earlier == name && !repeats);
            if let Some((_, first)) = earlier.copied() {
                self.clause_twice(name, clause.span, first);
                continue;
            }
            seen.push((name, clause.span));
            table.put(clause);
        }
        table
    }

    /// Reports the second of two clauses of one kind.
    pub(crate) fn clause_twice(&mut self, name: &str, span: Span, first: Span) {
        let message = format!("`{name}` stands here twice");
        let diagnostic = Diagnostic::new(Code::ClauseTwice, span, message)
            .label(first, "here first")
            .help("drop one of them");
        self.report(diagnostic);
    }
}

/// Whether a verb has such a clause.
fn fits(verb: Verb, clause: &SignatureClause) -> bool {
    match clause {
        SignatureClause::Call(_) => true,
        SignatureClause::Simulated(_) => verb != Verb::Notice,
        SignatureClause::First(_) => verb == Verb::Query,
        SignatureClause::To(_) => verb == Verb::Notice,
        SignatureClause::Affects(_)
        | SignatureClause::Proof(_)
        | SignatureClause::Capture(_)
        | SignatureClause::Undo(_)
        | SignatureClause::Irreversible
        | SignatureClause::Idempotent
        | SignatureClause::Impact(_) => verb == Verb::Action,
    }
}

impl<'a> Table<'a> {
    fn put(&mut self, clause: &'a ast::Spanned<SignatureClause>) {
        let span = clause.span;
        match &clause.node {
            SignatureClause::Affects(node) => self.affects = Some(Clause { node, span }),
            SignatureClause::Proof(node) => self.proof = Some(Clause { node, span }),
            SignatureClause::Capture(node) => self.captures.push(node),
            SignatureClause::Undo(node) => self.undo = Some(Clause { node, span }),
            SignatureClause::Irreversible => self.irreversible = Some(span),
            SignatureClause::Idempotent => self.idempotent = Some(span),
            SignatureClause::Simulated(node) => self.simulated = Some(Clause { node, span }),
            SignatureClause::Impact(node) => self.impact = Some(Clause { node, span }),
            SignatureClause::First(node) => self.first = Some(Clause { node, span }),
            SignatureClause::To(node) => self.to = Some(Clause { node, span }),
            SignatureClause::Call(CallClause::Timeout(node)) => {
                self.timeout = Some(Clause { node, span });
            }
            SignatureClause::Call(node @ CallClause::Retry { .. }) => {
                self.retry = Some(Clause { node, span });
            }
        }
    }
}
