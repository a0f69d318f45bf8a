//! Warnings that teach: what compiles, and does something else than its author
//! believes.

use rye_bytecode::instruction::operand::OnFailure;
use rye_bytecode::module::FunctionKind;
use rye_core::value::{Duration, Value};
use rye_grammar::diagnostic::{Code, Diagnostic};
use rye_grammar::span::Span;

use super::failing::After;
use crate::context::Context;
use crate::hir::{
    ActionId, Block, Do, Expr, ExprKind, FunctionId, Life, Playbook, Stmt, StmtKind, Undo, Watch,
};
use crate::lower::Heads;

/// What stands around a statement.
#[derive(Clone, Copy)]
struct Around<'h> {
    direction: OnFailure,
    /// Whether an `attempt` recovers here, or a `keep` protects what is done.
    protected: bool,
    /// What comes behind it, as far as a failure there takes it back.
    after: Option<&'h After<'h>>,
}

impl Context<'_> {
    /// All warnings about the body of a playbook.
    pub(crate) fn warn_playbook(&mut self, playbook: &Playbook, heads: &Heads) {
        let around = Around { direction: playbook.on_failure, protected: false, after: None };
        let says = heads.on_failure.map(|(_, span)| span);
        self.warn_block(&playbook.body.block, around, says);
    }

    /// All warnings about the bodies of tasks. What a failure does to their effects is
    /// said by who does them.
    pub(crate) fn warn_tasks(&mut self) {
        let around = Around { direction: OnFailure::Inherit, protected: false, after: None };
        for index in 0..self.bodies.len() {
            let Some(function) = self.bodies.get_mut(index).and_then(Option::take) else {
                continue;
            };
            if function.kind == FunctionKind::Task {
                self.warn_block(&function.body.block, around, None);
            }
            if let Some(place) = self.bodies.get_mut(index) {
                *place = Some(function);
            }
        }
    }

    fn warn_block(&mut self, block: &Block, around: Around<'_>, says: Option<Span>) {
        for (statement, behind) in block.statements.iter().zip(1..) {
            let rest = block.statements.get(behind..).unwrap_or_default();
            let after = After { rest, outer: around.after };
            let around = Around { after: Some(&after), ..around };
            match &statement.kind {
                StmtKind::Do(act) => self.warn_life(act, statement.span, around, says),
                StmtKind::Stage(stage) => {
                    self.warn_lives(&stage.body, statement.span);
                    let direction = match stage.on_failure {
                        OnFailure::Inherit => around.direction,
                        own => own,
                    };
                    let inherits = stage.on_failure == OnFailure::Inherit;
                    let says = says.filter(|_| inherits);
                    let after = around.after.filter(|_| inherits);
                    self.warn_block(&stage.body, Around { direction, after, ..around }, says);
                }
                StmtKind::Attempt(attempt) => {
                    self.warn_ensure(&attempt.body);
                    self.warn_block(&attempt.body, Around { protected: true, ..around }, says);
                    self.warn_block(&attempt.recover, around, says);
                }
                StmtKind::Keep(body) => {
                    self.warn_block(body, Around { protected: true, ..around }, says);
                }
                _ => {
                    for block in statement.kind.blocks() {
                        self.warn_block(block, around, says);
                    }
                }
            }
        }
    }

    /// An effect with a life under `on failure undo`: whoever makes the playbook fail
    /// ends it at once.
    fn warn_life(&mut self, act: &Do, span: Span, around: Around<'_>, says: Option<Span>) {
        let Life::For(life) = &act.life else { return };
        if around.direction != OnFailure::Undo || around.protected {
            return;
        }
        let message = "a failure takes this back at once, whatever its life is";
        let mut diagnostic = Diagnostic::new(Code::LifeEndsEarly, life.span, message);
        if life.span.start < span.start || life.span.end > span.end {
            diagnostic = diagnostic.label(span, "this effect");
        }
        if let Some(says) = says {
            diagnostic = diagnostic.label(says, "because of this");
        }
        if let Some((step, when)) = around.after.and_then(After::first_failing) {
            diagnostic = diagnostic.label(step, when);
        }
        let diagnostic = diagnostic
            .help("say `on failure hold` if it contains somebody: a person decides then")
            .note("whoever can make a later step fail, by flooding or by switching a service off, frees himself");
        self.report(diagnostic);
    }

    /// Effects of one stage that would end one after the other.
    fn warn_lives(&mut self, body: &Block, span: Span) {
        let mut lives: Vec<(Duration, Span, ActionId)> = Vec::new();
        collect_lives(body, &mut lives);
        lives.sort_by_key(|(life, ..)| *life);
        let differs = lives.first().map(|(life, ..)| *life) != lives.last().map(|(life, ..)| *life);
        let (true, Some((_, first, _))) = (differs, lives.first()) else { return };
        let order: Vec<String> = lives
            .iter()
            .map(|(life, _, action)| format!("`{}` after {life}", self.short_name(*action)))
            .collect();
        let mut diagnostic = Diagnostic::new(
            Code::DifferentLives,
            *first,
            "the effects of this stage end at different times",
        )
        .help("give the stage one life, `stage NAME for D { … }`, and drop those inside")
        .note(format!("they would end in this order: {}", order.join(", ")));
        for (_, other, _) in lives.iter().skip(1) {
            if other != first {
                diagnostic = diagnostic.label(*other, "another life");
            }
        }
        debug_assert!(first.file == span.file || !first.is_empty(), "a life has a place");
        self.report(diagnostic);
    }

    fn short_name(&self, action: ActionId) -> &str {
        let decl = usize::try_from(action.0).ok().and_then(|at| self.actions.get(at));
        decl.map_or("", |decl| decl.item.name.text.as_str())
    }

    /// An `ensure` or `wait until` in an `attempt` that asks what an effect before it is proved by: when
    /// it isn't true in time, that effect is taken back.
    fn warn_ensure(&mut self, body: &Block) {
        let mut done: Vec<(&Do, Span)> = Vec::new();
        let mut found: Vec<(Span, Span, ActionId)> = Vec::new();
        own_statements(body, &mut |statement| {
            let watch = match &statement.kind {
                StmtKind::Do(act) if matches!(act.undo, Undo::Call { .. }) => {
                    done.push((act, statement.span));
                    return;
                }
                StmtKind::Ensure(watch) => watch,
                StmtKind::WaitUntil(wait) if wait.otherwise.is_none() => &wait.watch,
                _ => return,
            };
            let asked = self.asked(watch);
            let about = done
                .iter()
                .find(|(act, _)| act.proof.iter().any(|proof| asked.contains(&proof.ask.action)));
            if let Some((act, span)) = about {
                found.push((statement.span, *span, act.action));
            }
        });
        for (ensure, act, action) in found {
            let name = self.short_name(action).to_owned();
            let message = format!("if this isn't true in time, the attempt takes `{name}` back");
            let diagnostic = Diagnostic::new(Code::ContainmentUndone, ensure, message)
                .label(act, "this is then undone")
                .help("move this behind the `attempt`, or say `verified within` at the `do`");
            self.report(diagnostic);
        }
    }

    /// The queries that a condition asks.
    fn asked(&self, watch: &Watch) -> Vec<ActionId> {
        let mut found = Vec::new();
        if let Some(value) = self.condition_value(watch.condition) {
            collect_asks(value, &mut found);
        }
        found
    }

    /// What a condition function returns.
    pub(crate) fn condition_value(&self, condition: FunctionId) -> Option<&Expr> {
        match self.body_of(condition)?.block.statements.last().map(|statement| &statement.kind) {
            Some(StmtKind::Return(value)) => Some(value),
            _ => None,
        }
    }
}

fn collect_asks(expr: &Expr, found: &mut Vec<ActionId>) {
    if let ExprKind::Ask(ask) = &expr.kind {
        found.push(ask.action);
    }
    expr.children(&mut |child| collect_asks(child, found));
}

/// The constant lives in a stage, without those of stages inside.
fn collect_lives(block: &Block, found: &mut Vec<(Duration, Span, ActionId)>) {
    for statement in &block.statements {
        if let StmtKind::Do(act) = &statement.kind
            && let Life::For(Expr { kind: ExprKind::Constant(Value::Duration(life)), span, .. }) =
                &act.life
        {
            found.push((*life, *span, act.action));
        }
        if !matches!(statement.kind, StmtKind::Stage(_)) {
            for inner in statement.kind.blocks() {
                collect_lives(inner, found);
            }
        }
    }
}

/// The statements of an attempt's body, without those of attempts and keeps inside,
/// which take back their own.
fn own_statements<'h>(block: &'h Block, visit: &mut dyn FnMut(&'h Stmt)) {
    for statement in &block.statements {
        visit(statement);
        if !matches!(statement.kind, StmtKind::Attempt(_) | StmtKind::Keep(_)) {
            for inner in statement.kind.blocks() {
                own_statements(inner, visit);
            }
        }
    }
}
