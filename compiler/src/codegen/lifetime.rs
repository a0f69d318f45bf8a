//! How long each local is needed: up to the last statement that reads or writes it.
//!
//! Statements are numbered from 1 in program order, one before those inside of it.

use crate::hir::{
    self, Approve, Ask, Condition, Do, EachOver, Expr, ExprKind, Life, LocalId, Question, Stmt,
    StmtKind, Undo, Watch,
};

/// The number of the last statement that needs each local; 0 where none does.
pub(super) fn last_needs(body: &hir::Body) -> Vec<usize> {
    let mut last = vec![0; body.locals.len()];
    let mut number = 0_usize;
    body.block.walk(&mut |statement| {
        number = number.saturating_add(1);
        needs(statement, &mut |local| {
            if let Some(last) = last.get_mut(local.index()) {
                *last = number;
            }
        });
    });
    last
}

/// Hands every local that the statement itself needs, without those inside of it, to
/// `visit`.
fn needs(statement: &Stmt, visit: &mut dyn FnMut(LocalId)) {
    match &statement.kind {
        StmtKind::Let { local, value } => {
            visit(*local);
            read(value, visit);
        }
        StmtKind::Value(valued) => visit(valued.local),
        StmtKind::Give(value)
        | StmtKind::Return(value)
        | StmtKind::Fail(value)
        | StmtKind::Finish { text: value, .. } => {
            read(value, visit);
        }
        StmtKind::If { branches, .. } => {
            for branch in branches {
                match &branch.condition {
                    Condition::Holds(value) | Condition::Some { value, .. } => read(value, visit),
                }
            }
        }
        StmtKind::Match(choice) => read(&choice.value, visit),
        StmtKind::Each(each) => {
            each.list.iter().for_each(|list| visit(*list));
            match &each.over {
                EachOver::List(list) => read(list, visit),
                EachOver::Range { low, high } => read_all([low, high], visit),
            }
        }
        StmtKind::Ask { ask, fallback, .. } => {
            read_all(ask.arguments.iter().chain(fallback), visit);
        }
        StmtKind::Tell(Ask { arguments, .. }) => read_all(arguments, visit),
        StmtKind::Do(act) => needs_of_act(act, visit),
        StmtKind::Task(call) => read_all(&call.arguments, visit),
        StmtKind::Ensure(watch) => needs_of_watch(watch, visit),
        StmtKind::WaitUntil(wait) => needs_of_watch(&wait.watch, visit),
        StmtKind::Wait(wait) => read(&wait.value, visit),
        StmtKind::Approve(approve) => needs_of_approve(approve, visit),
        StmtKind::Choose(choose) => {
            needs_of_question(&choose.question, visit);
            read(&choose.fallback, visit);
        }
        StmtKind::Stage(_) | StmtKind::Attempt(_) | StmtKind::Keep(_) => {}
    }
}

fn needs_of_watch(watch: &Watch, visit: &mut dyn FnMut(LocalId)) {
    watch.arguments.iter().for_each(|local| visit(*local));
    let times = [&watch.every, &watch.within].into_iter().chain(&watch.held);
    read_all(times.map(|time| &time.value), visit);
}

fn needs_of_approve(approve: &Approve, visit: &mut dyn FnMut(LocalId)) {
    for (local, value) in &approve.before {
        visit(*local);
        read(value, visit);
    }
    needs_of_question(&approve.question, visit);
    read_all(&approve.auto, visit);
}

fn needs_of_question(question: &Question, visit: &mut dyn FnMut(LocalId)) {
    read_all([&question.text, &question.within.value], visit);
    read_all(question.escalation.iter().map(|escalation| &escalation.after.value), visit);
}

fn needs_of_act(act: &Do, visit: &mut dyn FnMut(LocalId)) {
    read_all(act.arguments.iter().map(|argument| &argument.value), visit);
    read_all(act.captures.iter().flat_map(|capture| &capture.ask.arguments), visit);
    if let Undo::Call { arguments, .. } = &act.undo {
        read_all(arguments, visit);
    }
    for proof in &act.proof {
        read_all(proof.ask.arguments.iter().chain([&proof.expected]), visit);
    }
    read(&act.simulated, visit);
    if let Life::For(life) = &act.life {
        read(life, visit);
    }
}

fn read_all<'e>(exprs: impl IntoIterator<Item = &'e Expr>, visit: &mut dyn FnMut(LocalId)) {
    exprs.into_iter().for_each(|expr| read(expr, visit));
}

fn read(expr: &Expr, visit: &mut dyn FnMut(LocalId)) {
    if let ExprKind::Local(local) = &expr.kind {
        visit(*local);
    }
    expr.children(&mut |child| read(child, visit));
}
