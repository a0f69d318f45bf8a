//! Which step behind a statement can fail, and what makes it: for warnings about what a
//! failure takes back.

use rye_bytecode::instruction::operand::OnFailure;
use rye_grammar::span::Span;

use crate::hir::{Block, Condition, EachOver, Expr, ExprKind, Stmt, StmtKind};

/// What comes behind a statement.
#[derive(Clone, Copy)]
pub(super) struct After<'h> {
    /// In its block.
    pub(super) rest: &'h [Stmt],
    /// Behind the statement that the block stands in.
    pub(super) outer: Option<&'h After<'h>>,
}

/// Whether a step can fail, or nothing comes behind it.
enum Step {
    /// It can: where, and when.
    Fails(Span, &'static str),
    Ends,
    GoesOn,
}

impl After<'_> {
    /// The first step that can fail in a way that `on failure undo` takes back: where, and
    /// what makes it fail.
    pub(super) fn first_failing(&self) -> Option<(Span, &'static str)> {
        match steps(self.rest) {
            Step::Fails(span, when) => Some((span, when)),
            Step::Ends => None,
            Step::GoesOn => self.outer?.first_failing(),
        }
    }
}

fn steps(statements: &[Stmt]) -> Step {
    let all = statements.iter().map(step);
    all.into_iter().find(|step| !matches!(step, Step::GoesOn)).unwrap_or(Step::GoesOn)
}

fn step(statement: &Stmt) -> Step {
    let fails = |when| Step::Fails(statement.span, when);
    if let Some(missing) = expressions(&statement.kind).into_iter().find_map(required) {
        return Step::Fails(missing, "this ends it when the value is missing");
    }
    match &statement.kind {
        StmtKind::Do(_) => fails("this ends it when it is refused"),
        StmtKind::Task(_) => fails("this ends it when a step in it fails"),
        StmtKind::Ask { fallback: None, .. } => fails("this ends it when nobody answers"),
        StmtKind::Ensure(_) => fails("this ends it when it isn't true in time"),
        StmtKind::WaitUntil(wait) if wait.otherwise.is_none() => {
            fails("this ends it when it isn't true in time")
        }
        StmtKind::Fail(_) => fails("this ends it"),
        StmtKind::Finish { .. } | StmtKind::Return(_) => Step::Ends,
        StmtKind::Stage(stage) if stage.on_failure == OnFailure::Hold => Step::GoesOn,
        StmtKind::Attempt(attempt) => inside(&[&attempt.recover]),
        kind => inside(&kind.blocks()),
    }
}

/// A step in one of the blocks; which of them runs is not known.
fn inside(blocks: &[&Block]) -> Step {
    let all = blocks.iter().map(|block| steps(&block.statements));
    all.into_iter().find(|step| matches!(step, Step::Fails(..))).unwrap_or(Step::GoesOn)
}

/// The expressions that a statement computes itself.
fn expressions(kind: &StmtKind) -> Vec<&Expr> {
    match kind {
        StmtKind::Let { value, .. } | StmtKind::Give(value) => vec![value],
        StmtKind::Match(found) => vec![&found.value],
        StmtKind::Tell(tell) => tell.arguments.iter().collect(),
        StmtKind::If { branches, .. } => {
            let conditions = branches.iter().map(|branch| match &branch.condition {
                Condition::Holds(value) | Condition::Some { value, .. } => value,
            });
            conditions.collect()
        }
        StmtKind::Each(each) => match &each.over {
            EachOver::List(list) => vec![list],
            EachOver::Range { low, high } => vec![low, high],
        },
        _ => Vec::new(),
    }
}

/// A `?` in an expression.
fn required(expr: &Expr) -> Option<Span> {
    if let ExprKind::Require(_) = &expr.kind {
        return Some(expr.span);
    }
    let mut found = None;
    expr.children(&mut |child| found = found.or_else(|| required(child)));
    found
}
