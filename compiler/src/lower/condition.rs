//! `ensure` and `wait until`: their condition becomes a function of its own, which is
//! called at each look.

use rye_bytecode::module::FunctionKind;
use rye_core::value::{Duration, Name};
use rye_grammar::ast;
use rye_grammar::diagnostic::{Code, Diagnostic};
use rye_grammar::span::Span;

use super::Lower;
use super::stmt::keyword;
use crate::hir::{
    self, Block, Body, Expr, ExprKind, FunctionId, Local, LocalId, Stmt, StmtKind, Wait, WaitUntil,
    Watch,
};
use crate::types::ERROR;

/// The bounds of the time between two looks where `every` doesn't say it: a tenth of
/// the whole time, and within these.
const EVERY_LEAST: Duration = Duration::from_secs(1);
const EVERY_MOST: Duration = Duration::from_secs(30);

impl<'a> Lower<'_, 'a> {
    pub(crate) fn ensure(&mut self, written: &'a ast::Ensure, span: Span) -> Option<StmtKind> {
        let allowed = self.meets_world(span, "ensure");
        let condition = self.watched(&written.condition, keyword(span, 6), "ensure");
        let within = self.wait_amount(&written.within);
        let every = match &written.every {
            Some(every) => self.wait_amount(every),
            None => within.as_ref().map(|within| {
                let tenth = Duration(within.max.0 / 10).clamp(EVERY_LEAST, EVERY_MOST);
                self.wait_for(tenth, written.within.span)
            }),
        };
        let (condition, arguments) = condition?;
        let (every, within) = (every?, within?);
        let watch = Watch { condition, arguments, every, held: None, within };
        allowed.then_some(StmtKind::Ensure(watch))
    }

    pub(crate) fn wait_until(
        &mut self,
        written: &'a ast::WaitUntil,
        span: Span,
    ) -> Option<StmtKind> {
        let allowed = self.meets_world(span, "wait");
        let condition = self.watched(&written.condition, keyword(span, 4), "wait until");
        let every = self.wait_amount(&written.every);
        let within = self.wait_amount(&written.within);
        let held = match &written.steady {
            Some(steady) => {
                let held = self.wait_amount(steady)?;
                self.fits_into(&held, within.as_ref()?, steady.span)?;
                Some(held)
            }
            None => None,
        };
        let otherwise = written.otherwise.as_ref().map(|block| self.block(block));
        let (condition, arguments) = condition?;
        let watch = Watch { condition, arguments, every: every?, held, within: within? };
        allowed.then_some(StmtKind::WaitUntil(Box::new(WaitUntil { watch, otherwise })))
    }

    /// Reports what has to hold longer than it is waited for.
    fn fits_into(&mut self, held: &Wait, within: &Wait, span: Span) -> Option<()> {
        if held.min <= within.max {
            return Some(());
        }
        let message =
            format!("this has to hold for {}, and is waited for only {}", held.min, within.max);
        let diagnostic = Diagnostic::new(Code::TooLarge, span, message)
            .label(within.value.span, "the wait ends here")
            .help("wait longer, or let it hold for less");
        self.report(diagnostic);
        None
    }

    /// The condition of a statement that looks in a loop, as a function of its own.
    fn watched(
        &mut self,
        written: &'a ast::Expr,
        span: Span,
        word: &str,
    ) -> Option<(FunctionId, Vec<LocalId>)> {
        self.open_loop(span);
        let loops = core::mem::take(&mut self.loops);
        let condition = self.look(written, &format!("the condition of `{word}`"));
        self.loops = loops;
        self.close_loop();
        condition
    }

    /// A condition that is looked at again and again, as a function of the locals that
    /// it reads.
    fn look(&mut self, written: &'a ast::Expr, what: &str) -> Option<(FunctionId, Vec<LocalId>)> {
        let mark = self.locals.len();
        let bool = self.cx.types.bool;
        let asking = core::mem::replace(&mut self.asking, self.place.acts());
        let mut value = self.expr_of(written, bool, || String::from(what));
        self.asking = asking;
        let inner = self.locals.split_off(mark.min(self.locals.len()));
        self.facts.truncate(mark);
        if value.ty == ERROR {
            return None;
        }
        self.warn_cuts_in_condition(&value);
        let mut outer = Vec::new();
        captured(&value, mark, &mut outer);
        let mut locals: Vec<Local> =
            outer.iter().filter_map(|id: &LocalId| self.locals.get(id.index()).cloned()).collect();
        let parameters = u32::try_from(locals.len()).ok()?;
        locals.extend(inner);
        renumber(&mut value, mark, &outer);
        let span = written.span;
        let statement = Stmt { kind: StmtKind::Return(value), span };
        let block = Block { statements: vec![statement], diverges: true };
        let home = self.cx.modules.get(self.module).map_or("", |module| module.name);
        let function = hir::Function {
            name: Name::from(format!("{home}.condition")),
            kind: FunctionKind::Condition,
            result: bool,
            body: Body { locals, parameters, block },
            span,
        };
        let id = FunctionId(u32::try_from(self.cx.bodies.len()).ok()?);
        self.cx.bodies.push(Some(function));
        Some((id, outer))
    }
}

/// The locals from before `mark` that an expression reads, in the order of reading.
fn captured(expr: &Expr, mark: usize, found: &mut Vec<LocalId>) {
    if let ExprKind::Local(id) = expr.kind
        && id.index() < mark
        && !found.contains(&id)
    {
        found.push(id);
    }
    expr.children(&mut |child| captured(child, mark, found));
}

/// Gives every local its number in the condition's own body: those from outside come
/// first, as parameters.
fn renumber(expr: &mut Expr, mark: usize, outer: &[LocalId]) {
    let moved = |id: &mut LocalId| {
        let inside = id.index().checked_sub(mark).map(|at| at.saturating_add(outer.len()));
        let place = inside.or_else(|| outer.iter().position(|one| one == id));
        *id = LocalId(place.and_then(|at| u32::try_from(at).ok()).unwrap_or(u32::MAX));
    };
    match &mut expr.kind {
        ExprKind::Local(id) | ExprKind::Sorted { local: id, .. } => moved(id),
        ExprKind::Comprehension { over, .. } | ExprKind::Aggregate { over, .. } => {
            moved(&mut over.local);
        }
        _ => {}
    }
    expr.children_mut(&mut |child| renumber(child, mark, outer));
}
