//! `stage`, `attempt` and `keep`: compensation frames.

use rye_bytecode::instruction::operand::OnFailure;
use rye_core::limit::FRAME_DEPTH_MAX;
use rye_core::value::Name;
use rye_grammar::ast::{self, StmtKind as Written};
use rye_grammar::diagnostic::{Code, Diagnostic};
use rye_grammar::span::Span;

use super::Lower;
use super::stmt::keyword;
use crate::hir::{Attempt, Expr, Life, Stage, StmtKind};

/// What a stage says for all that stands in it.
#[derive(Clone, Debug)]
pub(crate) struct StageFacts {
    life: Option<Expr>,
}

impl<'a> Lower<'_, 'a> {
    pub(crate) fn stage(&mut self, written: &'a ast::Stage, span: Span) -> Option<StmtKind> {
        let allowed = self.meets_world_in_frame(keyword(span, 5), "stage");
        let life = written.life.as_ref().and_then(|life| self.wait_amount(life));
        self.stages.push(StageFacts { life: life.map(|life| life.value) });
        let (heads, rest) = split_heads(&written.body.statements);
        let on_failure = self.stage_heads(heads);
        self.open_frame(keyword(span, 5));
        let body = self.statements(rest);
        self.close_frame();
        self.stages.pop();
        // What a stage `let`s stays visible behind it: its scope is left open.
        let name = Name::from(written.name.text.as_str());
        allowed.then_some(StmtKind::Stage(Stage { name, on_failure, body }))
    }

    fn stage_heads(&mut self, heads: &'a [ast::Stmt]) -> OnFailure {
        let mut found: Option<(OnFailure, Span)> = None;
        for head in heads {
            let Written::OnFailure(word) = &*head.kind else {
                self.head_misplaced(head);
                continue;
            };
            match found {
                Some((_, first)) => self.cx.clause_twice("on failure", head.span, first),
                None => found = self.direction(word).map(|direction| (direction, head.span)),
            }
        }
        found.map_or(OnFailure::Inherit, |(direction, _)| direction)
    }

    /// The life that the stages around give an effect.
    pub(crate) fn stage_life(&self) -> Life {
        let life = self.stages.iter().rev().find_map(|stage| stage.life.clone());
        life.map_or(Life::Open, Life::For)
    }

    pub(crate) fn attempt(&mut self, written: &'a ast::Attempt, span: Span) -> Option<StmtKind> {
        let allowed = self.meets_world_in_frame(keyword(span, 7), "attempt");
        self.open_frame(keyword(span, 7));
        let body = self.block(&written.body);
        let mark = self.scope.len();
        let error_type = self.cx.types.error;
        let error = self.bind(&written.error, error_type);
        let recover = self.block(&written.recover);
        self.scope.truncate(mark);
        self.close_frame();
        allowed.then_some(StmtKind::Attempt(Attempt { body, error, recover }))
    }

    pub(crate) fn keep(&mut self, written: &'a ast::Block, span: Span) -> Option<StmtKind> {
        let allowed = self.meets_world_in_frame(keyword(span, 4), "keep");
        self.open_frame(keyword(span, 4));
        let body = self.block(written);
        self.close_frame();
        allowed.then_some(StmtKind::Keep(body))
    }

    /// Frames stand in playbooks; a frame alone meets nothing.
    fn meets_world_in_frame(&mut self, span: Span, word: &str) -> bool {
        let before = self.effect;
        let allowed = self.meets_world(span, word);
        self.effect = before;
        allowed
    }

    /// Counts a frame, and reports one too many.
    pub(crate) fn open_frame(&mut self, span: Span) {
        self.frames = self.frames.saturating_add(1);
        if self.frames == FRAME_DEPTH_MAX.saturating_add(1) {
            let message = format!("more than {FRAME_DEPTH_MAX} frames stand inside each other");
            let diagnostic = Diagnostic::new(Code::TooLarge, span, message)
                .help("put the inner stages one after the other");
            self.report(diagnostic);
        }
    }

    pub(crate) fn close_frame(&mut self) {
        self.frames = self.frames.saturating_sub(1);
    }

    /// The word after `on failure`.
    pub(crate) fn direction(&mut self, word: &ast::Name) -> Option<OnFailure> {
        match word.text.as_str() {
            "undo" => Some(OnFailure::Undo),
            "hold" => Some(OnFailure::Hold),
            _ => {
                self.cx.unknown_word(word, "a failure does", &["undo", "hold"]);
                None
            }
        }
    }

    /// Reports a head clause that stands elsewhere.
    pub(crate) fn head_misplaced(&mut self, statement: &ast::Stmt) {
        let (word, home) = match &*statement.kind {
            Written::Severity(_) => ("severity", "a playbook"),
            Written::Deadline(_) => ("deadline", "a playbook"),
            Written::Limit { .. } => ("limit", "a playbook"),
            _ => ("on failure", "a playbook or a stage"),
        };
        let message = format!("`{word}` stands at the head of {home}");
        self.cx.misplaced(statement.span, message, "move it up, before the first statement");
    }
}

/// The head clauses that a block begins with, and the statements behind them.
pub(crate) fn split_heads(statements: &[ast::Stmt]) -> (&[ast::Stmt], &[ast::Stmt]) {
    let is_head = |statement: &ast::Stmt| {
        matches!(
            *statement.kind,
            Written::Severity(_)
                | Written::Deadline(_)
                | Written::Limit { .. }
                | Written::OnFailure(_)
        )
    };
    let count = statements.iter().take_while(|statement| is_head(statement)).count();
    statements.split_at(count)
}
