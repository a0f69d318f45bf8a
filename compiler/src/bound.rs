//! The worst case of a playbook, from the typed tree: how often each action can
//! run, how long it can wait, how often it asks.
//!
//! The verifier proves the same from the bytecode, by another way: it follows the
//! edges of the code, this follows the statements. Both count each number for
//! itself, a loop as its most expensive round times its most rounds, and a handler
//! behind the most expensive way through its attempt.

use std::collections::BTreeMap;

use rye_core::value::Duration;

use crate::context::Context;
use crate::hir::{
    ActionId, Amount, Approve, Ask, Block, Do, Each, EachOver, Expr, ExprKind, FunctionId,
    Playbook, Stage, Stmt, StmtKind, Watch,
};

/// The most that any path through a playbook can do; each number on its own.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Bound {
    /// How often each action, query and notice can be called, ascending by index;
    /// those that can't be are missing. Undos are not counted.
    pub actions: Vec<(ActionId, u64)>,
    /// How long it can wait: time-outs with all attempts, waits, verification.
    pub waiting: Duration,
    /// How many queries it can ask, those of proofs included.
    pub queries: u64,
}

impl Bound {
    /// Whether a number is so large that it could not be counted.
    pub fn is_saturated(&self) -> bool {
        let counts = self.actions.iter().map(|(_, count)| *count).chain([self.queries]);
        self.waiting.0 == i64::MAX || counts.into_iter().any(|count| count == u64::MAX)
    }

    fn add(&mut self, other: &Self) {
        self.waiting.0 = self.waiting.0.saturating_add(other.waiting.0);
        self.queries = self.queries.saturating_add(other.queries);
        self.join(other, u64::saturating_add);
    }

    fn larger(&mut self, other: &Self) {
        self.waiting = self.waiting.max(other.waiting);
        self.queries = self.queries.max(other.queries);
        self.join(other, u64::max);
    }

    fn join(&mut self, other: &Self, how: fn(u64, u64) -> u64) {
        for (action, count) in &other.actions {
            match self.actions.binary_search_by_key(action, |(action, _)| *action) {
                Ok(at) => {
                    if let Some((_, own)) = self.actions.get_mut(at) {
                        *own = how(*own, *count);
                    }
                }
                Err(at) => self.actions.insert(at, (*action, *count)),
            }
        }
    }

    fn times(mut self, rounds: u64) -> Self {
        let factor = i64::try_from(rounds).unwrap_or(i64::MAX);
        self.waiting.0 = self.waiting.0.saturating_mul(factor);
        self.queries = self.queries.saturating_mul(rounds);
        for (_, count) in &mut self.actions {
            *count = count.saturating_mul(rounds);
        }
        self
    }

    fn call(&mut self, action: ActionId) {
        self.join(&Self { actions: vec![(action, 1)], ..Self::default() }, u64::saturating_add);
    }

    fn wait(&mut self, length: Duration) {
        self.waiting.0 = self.waiting.0.saturating_add(length.0);
    }
}

/// The worst case of a playbook. No task calls itself.
pub(crate) fn of(cx: &Context<'_>, playbook: &Playbook) -> Bound {
    Worst { cx, tasks: BTreeMap::new() }.block(&playbook.body.block).most()
}

/// What is known of worst cases.
struct Worst<'c, 'a> {
    cx: &'c Context<'a>,
    /// Those of tasks, each worked out once.
    tasks: BTreeMap<FunctionId, Bound>,
}

/// The worst cases of the ways through a block.
#[derive(Clone, Debug, Default)]
struct Paths {
    /// Of those that come to its end, if any does.
    through: Option<Bound>,
    /// Of those that give the form around it a value.
    given: Option<Bound>,
    /// Of those that end the run in it.
    out: Option<Bound>,
}

impl Paths {
    /// The one way that does nothing.
    fn nothing() -> Self {
        Self::only(Bound::default())
    }

    /// The one way that costs this.
    fn only(cost: Bound) -> Self {
        Self { through: Some(cost), ..Self::default() }
    }

    fn most(self) -> Bound {
        let mut most = self.through.unwrap_or_default();
        for other in [self.given, self.out].into_iter().flatten() {
            most.larger(&other);
        }
        most
    }

    /// These ways or those.
    fn or(&mut self, other: Self) {
        either(&mut self.through, other.through);
        either(&mut self.given, other.given);
        either(&mut self.out, other.out);
    }

    /// These ways, and then those.
    fn then(&mut self, mut other: Self) {
        let Some(before) = self.through.take() else { return };
        for part in [&mut other.through, &mut other.given, &mut other.out].into_iter().flatten() {
            part.add(&before);
        }
        self.through = other.through;
        either(&mut self.given, other.given);
        either(&mut self.out, other.out);
    }
}

fn either(one: &mut Option<Bound>, other: Option<Bound>) {
    match (one.as_mut(), other) {
        (Some(one), Some(other)) => one.larger(&other),
        (None, other) => *one = other,
        (Some(_), None) => {}
    }
}

impl Worst<'_, '_> {
    fn block(&mut self, block: &Block) -> Paths {
        let mut paths = Paths::nothing();
        for one in &block.statements {
            paths.then(self.statement(one));
        }
        paths
    }

    fn optional_block(&mut self, found: Option<&Block>) -> Paths {
        match found {
            Some(found) => self.block(found),
            None => Paths::nothing(),
        }
    }

    fn statement(&mut self, statement: &Stmt) -> Paths {
        let mut own = Bound::default();
        match &statement.kind {
            StmtKind::If { branches, otherwise } => {
                let mut paths = self.optional_block(otherwise.as_ref());
                for branch in branches {
                    paths.or(self.block(&branch.body));
                }
                return paths;
            }
            StmtKind::Match(found) => {
                let mut paths = match &found.otherwise {
                    Some(otherwise) => self.block(otherwise),
                    None => Paths::default(),
                };
                for arm in &found.arms {
                    paths.or(self.block(&arm.body));
                }
                return paths;
            }
            StmtKind::Stage(Stage { body, .. }) | StmtKind::Keep(body) => return self.block(body),
            StmtKind::Attempt(attempt) => {
                let mut paths = self.block(&attempt.body);
                let mut handled = Paths::only(paths.clone().most());
                handled.then(self.block(&attempt.recover));
                paths.or(handled);
                return paths;
            }
            StmtKind::Value(valued) => {
                let Paths { given, out, .. } = self.block(&valued.body);
                return Paths { through: given, given: None, out };
            }
            StmtKind::Give(_) => return Paths { given: Some(own), ..Paths::default() },
            StmtKind::Approve(approve) => return self.approve_cost(approve),
            StmtKind::Choose(choose) => own.wait(choose.question.within.max),
            StmtKind::Each(each) => own = self.loop_cost(each),
            StmtKind::Ask { ask, .. } => question(ask, &mut own),
            StmtKind::Do(act) => act_cost(act, &mut own),
            StmtKind::Task(call) => own = self.task(call.task),
            StmtKind::Tell(tell) => own.call(tell.action),
            StmtKind::Ensure(watch) => own = self.watch_cost(watch),
            StmtKind::WaitUntil(wait) => {
                let mut paths = Paths::only(self.watch_cost(&wait.watch));
                if let Some(otherwise) = &wait.otherwise {
                    let mut late = paths.clone();
                    late.then(self.block(otherwise));
                    paths.or(late);
                }
                return paths;
            }
            StmtKind::Wait(wait) => own.wait(wait.max),
            StmtKind::Let { .. } => {}
            StmtKind::Return(_) | StmtKind::Finish { .. } | StmtKind::Fail(_) => {
                return Paths { out: Some(own), ..Paths::default() };
            }
        }
        Paths::only(own)
    }

    fn loop_cost(&mut self, each: &Each) -> Bound {
        let max = each.max.most();
        let rounds = match &each.over {
            // A round that never comes to its end is the only one.
            _ if each.body.diverges && each.list.is_none() => 1,
            EachOver::List(list) => {
                self.cx.types.list_of(list.ty).map_or(max, |(_, most)| most.min(max))
            }
            EachOver::Range { .. } => max,
        };
        self.block(&each.body).most().times(rounds)
    }

    /// The wait for people, then for each box what they allow or what stands for it.
    fn approve_cost(&mut self, approve: &Approve) -> Paths {
        let mut own = Bound::default();
        own.wait(approve.question.within.max);
        let mut paths = Paths::only(own.clone());
        let mut one = self.block(&approve.body);
        one.or(self.block(&approve.otherwise));
        let Some(each) = &approve.each else {
            paths.then(one);
            return paths;
        };
        let list = approve.before.iter().find(|(local, _)| *local == each.list);
        let longest = list.and_then(|(_, list)| self.cx.types.list_of(list.ty));
        let most = longest.map_or(u64::from(each.max), |(_, most)| most.min(each.max.into()));
        let rounds = if one.through.is_none() { 1 } else { most };
        own.add(&one.most().times(rounds));
        Paths::only(own)
    }

    fn watch_cost(&self, watch: &Watch) -> Bound {
        let mut look = Bound::default();
        if let Some(value) = self.cx.condition_value(watch.condition) {
            asked(value, &mut look);
        }
        let mut own = look.times(watch.looks());
        own.wait(watch.within.max);
        own
    }

    fn task(&mut self, id: FunctionId) -> Bound {
        if let Some(known) = self.tasks.get(&id) {
            return known.clone();
        }
        let cx = self.cx;
        let body = usize::try_from(id.0).ok().and_then(|at| cx.bodies.get(at)?.as_ref());
        let worst = body.map_or_else(Bound::default, |task| self.block(&task.body.block).most());
        self.tasks.insert(id, worst.clone());
        worst
    }
}

fn question(ask: &Ask, own: &mut Bound) {
    own.call(ask.action);
    own.queries = own.queries.saturating_add(1);
    own.wait(ask.retry.worst_case(ask.timeout));
}

fn act_cost(act: &Do, own: &mut Bound) {
    for capture in &act.captures {
        question(&capture.ask, own);
    }
    for proof in &act.proof {
        question(&proof.ask, own);
    }
    own.call(act.action);
    own.wait(act.retry.worst_case(act.timeout));
    own.wait(act.verified.map_or(Duration::ZERO, Amount::most));
}

fn asked(expr: &Expr, own: &mut Bound) {
    if let ExprKind::Ask(ask) = &expr.kind {
        question(ask, own);
    }
    expr.children(&mut |child| asked(child, own));
}

#[cfg(test)]
mod tests;
