//! Statements: what each does, and how control leaves a block.

use rye_bytecode::instruction::operand::Outcome;
use rye_compiler::hir::{
    Amount, Arm, Attempt, Block, Branch, Condition, Each, EachOver, Match, Pattern, Stmt, StmtKind,
    TaskCall,
};
use rye_core::effect::StepKind;
use rye_core::error::ErrorKind;
use rye_core::ty::Type;
use rye_core::value::Value;

use super::compute::raise;
use super::frame::Scope;
use super::fuel::units;
use super::{Interpreter, Locals, Stop};

/// How control leaves a statement.
#[derive(Debug)]
pub(super) enum Way {
    /// To the next one.
    On,
    /// To the form around, with a value.
    Give(Value),
    /// To whoever called the function or did the task.
    Return(Value),
}

impl<'p> Interpreter<'p, '_> {
    /// Executes statements until one leaves the block.
    pub(super) fn block(&mut self, locals: &mut Locals, block: &'p Block) -> Result<Way, Stop> {
        for statement in &block.statements {
            let way = match self.statement(locals, statement) {
                Err(Stop::Error(error)) if self.pure == 0 => {
                    let at = self.frames.innermost();
                    return Err(self.raise_for_good(&error, &at));
                }
                other => other?,
            };
            if !matches!(way, Way::On) {
                return Ok(way);
            }
        }
        Ok(Way::On)
    }

    fn statement(&mut self, locals: &mut Locals, statement: &'p Stmt) -> Result<Way, Stop> {
        self.reach(name(&statement.kind));
        match &statement.kind {
            StmtKind::Let { local, value } => {
                let value = self.value(locals, value)?;
                locals.set(*local, value);
            }
            StmtKind::Value(valued) => match self.block(locals, &valued.body)? {
                Way::Give(value) => locals.set(valued.local, value),
                other => return Ok(other),
            },
            StmtKind::Give(value) => return Ok(Way::Give(self.value(locals, value)?)),
            StmtKind::Return(value) => return Ok(Way::Return(self.value(locals, value)?)),
            StmtKind::If { branches, otherwise } => {
                return self.branches(locals, branches, otherwise.as_ref());
            }
            StmtKind::Match(found) => return self.choose_arm(locals, found),
            StmtKind::Each(each) => return self.each(locals, each),
            StmtKind::Ask { local, more, ask, fallback } => {
                self.ask(locals, (*local, *more), ask, fallback.as_ref())?;
            }
            StmtKind::Do(act) => self.act(locals, act)?,
            StmtKind::Task(call) => return self.task(locals, call),
            StmtKind::Tell(tell) => self.tell(locals, tell)?,
            StmtKind::Approve(approve) => return self.approve(locals, approve),
            StmtKind::Choose(choose) => self.choose(locals, choose)?,
            StmtKind::Stage(stage) => {
                return self.framed(locals, Scope::Stage(stage.on_failure), &stage.body);
            }
            StmtKind::Keep(body) => {
                return self.framed(locals, Scope::Plain(StepKind::Keep), body);
            }
            StmtKind::Attempt(attempt) => return self.attempt(locals, attempt),
            StmtKind::Ensure(watch) => {
                if !self.watch(locals, watch)? {
                    self.pay(1);
                    let text = "the condition of `ensure` did not come true in time";
                    return Err(raise(ErrorKind::Unverified, text));
                }
            }
            StmtKind::WaitUntil(wait) => {
                if !self.watch(locals, &wait.watch)? {
                    if let Some(otherwise) = &wait.otherwise {
                        return self.block(locals, otherwise);
                    }
                    self.pay(1);
                    let text = "what was waited for did not come true in time";
                    return Err(raise(ErrorKind::Timeout, text));
                }
            }
            StmtKind::Wait(wait) => self.wait(locals, wait)?,
            StmtKind::Finish { outcome, text } => {
                let text = self.value(locals, text)?;
                self.pay(1);
                self.finish(*outcome, &text.to_string());
                return Err(Stop::Over);
            }
            StmtKind::Fail(text) => {
                let text = self.value(locals, text)?;
                self.pay(1);
                return Err(raise(ErrorKind::Failed, &text.to_string()));
            }
        }
        Ok(Way::On)
    }

    fn finish(&mut self, outcome: Outcome, text: &str) {
        match outcome {
            Outcome::Benign => self.benign(text),
            Outcome::Finished => self.end("finished", text),
            Outcome::Contained => self.end("contained", text),
            Outcome::Escalated => self.end("escalated", text),
        }
    }

    fn branches(
        &mut self,
        locals: &mut Locals,
        branches: &'p [Branch],
        otherwise: Option<&'p Block>,
    ) -> Result<Way, Stop> {
        for branch in branches {
            let holds = match &branch.condition {
                Condition::Holds(condition) => self.holds(locals, condition)?,
                Condition::Some { local, value } => {
                    let value = self.value(locals, value)?;
                    self.pay(1);
                    let is_there = value != Value::None;
                    locals.set(*local, value);
                    is_there
                }
            };
            if holds {
                return self.block(locals, &branch.body);
            }
        }
        otherwise.map_or(Ok(Way::On), |block| self.block(locals, block))
    }

    fn choose_arm(&mut self, locals: &mut Locals, found: &'p Match) -> Result<Way, Stop> {
        let value = self.value(locals, &found.value)?;
        let last = found.arms.len().saturating_sub(1);
        for (at, arm) in found.arms.iter().enumerate() {
            // What is left when all others are tried needs no look.
            let is_rest = at == last && found.otherwise.is_none() && !binds(arm);
            if is_rest || self.fits(locals, arm, &value, found.value.ty) {
                return self.block(locals, &arm.body);
            }
        }
        if matches!(&value, Value::Variant { variant, .. } if **variant == *"else") {
            self.reach("match of what nobody knows");
        }
        found.otherwise.as_ref().map_or(Ok(Way::On), |block| self.block(locals, block))
    }

    fn fits(
        &mut self,
        locals: &mut Locals,
        arm: &'p Arm,
        value: &Value,
        ty: rye_core::ty::TypeId,
    ) -> bool {
        arm.patterns.iter().any(|pattern| match pattern {
            Pattern::Variant { variant, bindings } => {
                self.pay(1);
                let Value::Variant { variant: found, payload, .. } = value else { return false };
                let Some(Type::Enum { variants, .. }) = self.package.types.get(ty) else {
                    return false;
                };
                let wanted = variants.get(usize::from(*variant));
                if wanted.is_none_or(|wanted| wanted.name != *found) {
                    return false;
                }
                for (local, value) in bindings.iter().zip(payload.iter()) {
                    if let Some(local) = local {
                        locals.set(*local, value.clone());
                    }
                }
                true
            }
            Pattern::Constant(constant) => {
                if !matches!(constant, Value::Bool(_)) {
                    self.pay(1 + units(value) + units(constant));
                }
                value == constant
            }
        })
    }

    fn each(&mut self, locals: &mut Locals, each: &'p Each) -> Result<Way, Stop> {
        match &each.over {
            EachOver::List(list) => {
                let list = self.elements(locals, list)?;
                self.no_more_rounds(each.max, list.len(), |_| 2)?;
                if each.list.is_some() {
                    self.pay(2);
                }
                self.pay(1);
                Self::within(each.max, list.len())?;
                self.rounds(locals, each, list)
            }
            EachOver::Range { low, high } => {
                let low = self.value(locals, low)?;
                let high = self.value(locals, high)?;
                let (Value::Int(low), Value::Int(high)) = (low, high) else { return Ok(Way::On) };
                let rounds = (i128::from(high) - i128::from(low)).max(0);
                let rounds = usize::try_from(rounds).unwrap_or(usize::MAX);
                let looks = |most| if low.checked_add(most).is_some() { 3 } else { 2 };
                self.no_more_rounds(each.max, rounds, looks)?;
                if each.list.is_some() {
                    self.pay(1);
                }
                self.pay(1);
                Self::within(each.max, rounds)?;
                self.rounds(locals, each, (low..high).map(Value::Int))
            }
        }
    }

    /// More rounds than the site allows are an error, before the first one; `looks` is
    /// what looking costs.
    fn no_more_rounds(
        &mut self,
        max: Amount<u64>,
        rounds: usize,
        looks: impl FnOnce(i64) -> u64,
    ) -> Result<(), Stop> {
        let Amount::Setting { id, .. } = max else { return Ok(()) };
        let Value::Int(most) = self.setting(id) else { return Ok(()) };
        self.pay(looks(most));
        if i64::try_from(rounds).unwrap_or(i64::MAX) > most {
            self.pay(1);
            return Err(raise(ErrorKind::Limit, "the loop has more rounds than its max"));
        }
        Ok(())
    }

    fn within(max: Amount<u64>, rounds: usize) -> Result<(), Stop> {
        if u64::try_from(rounds).unwrap_or(u64::MAX) > max.most() {
            return Err(raise(ErrorKind::Limit, "the loop has more rounds than its max"));
        }
        Ok(())
    }

    fn rounds(
        &mut self,
        locals: &mut Locals,
        each: &'p Each,
        items: impl IntoIterator<Item = Value>,
    ) -> Result<Way, Stop> {
        let mut given = Vec::new();
        for item in items {
            locals.set(each.local, item);
            let way = if each.has_effects {
                self.framed(locals, Scope::Plain(StepKind::Round), &each.body)?
            } else {
                self.block(locals, &each.body)?
            };
            match way {
                Way::Give(value) if each.list.is_some() => {
                    self.pay(1);
                    given.push(value);
                }
                Way::On => {}
                other => return Ok(other),
            }
            self.pay(1);
        }
        if let Some(list) = each.list {
            self.pay(1);
            locals.set(list, Value::List(given.into()));
        }
        Ok(Way::On)
    }

    /// A block in a frame of its own.
    pub(super) fn framed(
        &mut self,
        locals: &mut Locals,
        scope: Scope,
        block: &'p Block,
    ) -> Result<Way, Stop> {
        self.pay(1);
        self.frames.open(scope);
        let way = self.block(locals, block)?;
        self.pay(1);
        self.frames.close();
        Ok(way)
    }

    fn attempt(&mut self, locals: &mut Locals, attempt: &'p Attempt) -> Result<Way, Stop> {
        let own = self.frames.depth();
        match self.framed(locals, Scope::Attempt, &attempt.body) {
            Err(Stop::Recover(frame, error)) if frame == own => {
                self.frames.leave(own);
                locals.set(attempt.error, Self::error_value(&error));
                self.frames.open(Scope::Plain(StepKind::Recover));
                let way = self.block(locals, &attempt.recover)?;
                self.pay(1);
                self.frames.close();
                Ok(way)
            }
            other => other,
        }
    }

    fn task(&mut self, locals: &mut Locals, call: &'p TaskCall) -> Result<Way, Stop> {
        let arguments = self.values(locals, &call.arguments)?;
        let Some(task) = self.function(call.task) else { return Ok(Way::On) };
        self.pay(1 + 2);
        self.frames.open(Scope::Plain(StepKind::Task));
        let mut inner = Locals::new(&task.body, arguments);
        let way = self.block(&mut inner, &task.body.block)?;
        self.pay(1);
        self.frames.close();
        if let (Some(local), Way::Return(value)) = (call.local, way) {
            locals.set(local, value);
        }
        Ok(Way::On)
    }
}

/// Whether an arm names something of what it fits.
fn binds(arm: &Arm) -> bool {
    arm.patterns.iter().any(|pattern| match pattern {
        Pattern::Variant { bindings, .. } => bindings.iter().any(Option::is_some),
        Pattern::Constant(_) => false,
    })
}

/// What a statement is called in the report of a campaign.
fn name(kind: &StmtKind) -> &'static str {
    match kind {
        StmtKind::Let { .. } => "let",
        StmtKind::Value(_) => "form in value position",
        StmtKind::Give(_) => "give",
        StmtKind::Return(_) => "return",
        StmtKind::If { branches, .. } => match branches.first().map(|branch| &branch.condition) {
            Some(Condition::Some { .. }) => "if let",
            _ => "if",
        },
        StmtKind::Match(_) => "match",
        StmtKind::Each(each) if each.list.is_some() => "each that gives a list",
        StmtKind::Each(each) => match each.over {
            EachOver::List(_) => "each of a list",
            EachOver::Range { .. } => "each of a range",
        },
        StmtKind::Ask { more: Some(_), .. } => "ask, and whether there is more",
        StmtKind::Ask { fallback: Some(_), .. } => "ask else",
        StmtKind::Ask { .. } => "ask",
        StmtKind::Do(act) if act.listed.is_some() => "do that was approved",
        StmtKind::Do(_) => "do",
        StmtKind::Task(_) => "do of a task",
        StmtKind::Tell(_) => "tell",
        StmtKind::Approve(approve) if approve.each.is_some() => "approve each",
        StmtKind::Approve(approve) if approve.auto.is_some() => "approve auto",
        StmtKind::Approve(_) => "approve",
        StmtKind::Choose(_) => "choose",
        StmtKind::Stage(_) => "stage",
        StmtKind::Attempt(_) => "attempt",
        StmtKind::Keep(_) => "keep",
        StmtKind::Ensure(_) => "ensure",
        StmtKind::WaitUntil(wait) if wait.watch.held.is_some() => "wait until for",
        StmtKind::WaitUntil(wait) if wait.otherwise.is_some() => "wait until otherwise",
        StmtKind::WaitUntil(_) => "wait until",
        StmtKind::Wait(_) => "wait",
        StmtKind::Finish { outcome: Outcome::Benign, .. } => "finish benign",
        StmtKind::Finish { .. } => "finish",
        StmtKind::Fail(_) => "fail",
    }
}
