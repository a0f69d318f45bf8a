//! Statements that only compute and decide, and the frames around others.

use rye_bytecode::instruction::Instruction as I;
use rye_bytecode::instruction::operand::{self, Count, FrameKind, Label, Register, Variant};
use rye_core::error::ErrorKind;
use rye_core::limit::TEXT_DEFAULT_BYTES_MAX;
use rye_core::ty::{Type, TypeId};
use rye_core::value::Value;
use rye_grammar::span::Span;

use super::body::Body;
use super::give::Builder;
use super::mention::clobbers;
use super::pin::Known;
use crate::hir::{
    Amount, Arm, Attempt, Block, Branch, Each, EachOver, Expr, ExprKind, LocalId, Match, Pattern,
    Stage, Stmt, StmtKind, TaskCall,
};

/// What the error says when a loop would take more rounds than a setting allows.
const TOO_MANY_ROUNDS: &str = "the loop has more rounds than its max";

/// What a loop's number of rounds is compared with.
#[derive(Clone, Copy)]
struct Bound {
    /// How many rounds the site allows.
    allowed: Register,
    /// Where it goes whether there are more.
    more: Register,
    /// Where control goes if it is known already that there aren't.
    fine: Label,
}

impl Body<'_, '_> {
    /// The statements of a block. What they name lives until nobody needs it, or the
    /// scope around ends.
    pub(super) fn statements(&mut self, block: &Block) {
        let mark = self.registers.mark();
        for statement in &block.statements {
            self.statement = self.statement.saturating_add(1);
            self.statement(statement);
            self.registers.release_unneeded(mark, self.statement);
        }
    }

    fn statement(&mut self, statement: &Stmt) {
        let span = statement.span;
        match &statement.kind {
            StmtKind::Let { local, value } => self.assign(*local, value),
            StmtKind::Value(valued) => self.valued(valued),
            StmtKind::Give(value) => self.give(value, span),
            StmtKind::Return(value) => self.scope(|body| {
                let value = body.value(value);
                for _ in 0..body.frames {
                    body.emit(I::CloseFrame {}, span);
                }
                body.emit(I::Return { value }, span);
            }),
            StmtKind::If { branches, otherwise } => {
                self.branches(branches, otherwise.as_ref(), span);
            }
            StmtKind::Match(choice) => self.choose(choice, span),
            StmtKind::Each(each) => self.each(each, span),
            StmtKind::Ask { local, more, ask, fallback } => {
                self.ask(*local, *more, ask, fallback.as_ref(), span);
            }
            StmtKind::Do(act) => self.act(act, span),
            StmtKind::Task(call) => self.task(call, span),
            StmtKind::Tell(tell) => self.tell(tell, span),
            StmtKind::Approve(approve) => self.approve(approve, span),
            StmtKind::Choose(choose) => self.choose_value(choose, span),
            StmtKind::Stage(stage) => self.stage(stage, span),
            StmtKind::Attempt(attempt) => self.attempt(attempt, span),
            StmtKind::Keep(body) => self.keep(body, span),
            StmtKind::Ensure(watch) => self.ensure(watch, span),
            StmtKind::WaitUntil(wait) => self.wait_until(wait, span),
            StmtKind::Wait(wait) => self.scope(|body| {
                let a = body.value(&wait.value);
                body.emit(I::Wait { a, max: super::effect::micros(wait.max) }, span);
            }),
            StmtKind::Finish { outcome, text } => self.scope(|body| {
                let text = body.value(text);
                body.emit(I::Finish { outcome: *outcome, text }, span);
            }),
            StmtKind::Fail(text) => self.scope(|body| {
                let text = body.value(text);
                body.emit(I::Fail { text }, span);
            }),
        }
    }

    /// `let`, `var`, `set`. What never changes needs no register of its own if its
    /// value is in one already.
    pub(super) fn assign(&mut self, local: LocalId, value: &Expr) {
        let changes = match &value.kind {
            ExprKind::Local(from) => self.is_variable(*from),
            _ => false,
        };
        if !self.is_variable(local) && !changes {
            let register = self.value(value);
            self.bind(local, register);
            return;
        }
        let Some(to) = self.bound(local) else {
            let to = self.take_local(local);
            self.scope(|body| body.value_into(value, to));
            return;
        };
        self.scope(|body| {
            if clobbers(value, local) {
                let from = body.value(value);
                body.copy(to, from, value.span);
            } else {
                body.value_into(value, to);
            }
        });
    }

    /// `if … else if … else`
    fn branches(&mut self, branches: &[Branch], otherwise: Option<&Block>, span: Span) {
        let end = self.code.target();
        let last = branches.len().saturating_sub(1);
        for (index, branch) in branches.iter().enumerate() {
            let next = self.code.target();
            self.region(|body| {
                body.branch_condition(&branch.condition, next);
                body.statements(&branch.body);
            });
            if !branch.body.diverges && (index != last || otherwise.is_some()) {
                self.emit(I::Jump { label: end }, span);
            }
            self.code.place(next);
        }
        if let Some(otherwise) = otherwise {
            self.region(|body| body.statements(otherwise));
        }
        self.code.place(end);
    }

    /// `match`
    fn choose(&mut self, choice: &Match, span: Span) {
        let end = self.code.target();
        let last = choice.arms.len().saturating_sub(1);
        self.scope(|body| {
            let value = body.value(&choice.value);
            for (index, arm) in choice.arms.iter().enumerate() {
                let is_rest = index == last && choice.otherwise.is_none();
                let next = body.code.target();
                body.region(|body| {
                    body.patterns(arm, (&choice.value, value), next, is_rest);
                    body.statements(&arm.body);
                });
                if !arm.body.diverges {
                    body.emit(I::Jump { label: end }, span);
                }
                body.code.place(next);
            }
            if let Some(otherwise) = &choice.otherwise {
                body.region(|body| body.statements(otherwise));
            } else if choice.arms.last().is_some_and(binds) {
                // An arm that unpacks always has another way out. It is never taken.
                body.region(|body| {
                    let text = body.text("no alternative fits", span);
                    body.emit(I::Fail { text }, span);
                });
            }
        });
        self.code.place(end);
    }

    /// Goes to `next` unless one of the arm's patterns fits; the last arm of a match
    /// without `else` fits whatever is left.
    fn patterns(&mut self, arm: &Arm, value: (&Expr, Register), next: Label, is_rest: bool) {
        if is_rest && !binds(arm) {
            return;
        }
        let fits = self.code.target();
        let last = arm.patterns.len().saturating_sub(1);
        for (index, pattern) in arm.patterns.iter().enumerate() {
            if arm.patterns.len() == 1 {
                // What it unpacks is known in the arm.
                self.pattern(pattern, value, (next, false));
            } else if index == last {
                // It is not tried where one before fits.
                self.region(|body| body.pattern(pattern, value, (next, false)));
            } else if let Pattern::Constant(_) = pattern {
                self.region(|body| body.pattern(pattern, value, (fits, true)));
            } else {
                let other = self.code.target();
                self.region(|body| body.pattern(pattern, value, (other, false)));
                self.emit(I::Jump { label: fits }, value.0.span);
                self.code.place(other);
            }
        }
        self.code.place(fits);
    }

    /// Goes to the label if whether the pattern fits is `when`; an alternative has to be
    /// left when it doesn't.
    fn pattern(
        &mut self,
        pattern: &Pattern,
        (expr, a): (&Expr, Register),
        (label, when): (Label, bool),
    ) {
        let ty = self.tables.ty(expr.ty);
        let span = expr.span;
        match pattern {
            Pattern::Variant { variant, bindings } => {
                let types = self.tables.payload(ty, *variant);
                let unpack = |(local, ty): (&Option<LocalId>, TypeId)| match local {
                    Some(local) => self.take_local(*local),
                    None => self.take(ty),
                };
                let payload = bindings.iter().zip(types).map(unpack).collect();
                self.emit(I::MatchVariant { payload, a, variant: Variant(*variant), label }, span);
            }
            Pattern::Constant(Value::Bool(value)) => self.jump(a, label, *value == when, span),
            Pattern::Constant(value) => self.scope(|body| {
                let constant = body.tables.constant(ty, value.clone());
                let b = body.load(Known::Constant(constant), ty, span);
                let condition = body.take_plain(Type::Bool);
                body.emit(I::Equal { to: condition, a, b }, span);
                body.jump(condition, label, when, span);
            }),
        }
    }

    /// `each`
    fn each(&mut self, each: &Each, span: Span) {
        let result = each.list.map(|list| self.take_local(list));
        self.scope(|body| match &each.over {
            EachOver::List(list) => {
                let ty = body.tables.ty(list.ty);
                // No list is longer than its type allows.
                let (_, longest) = body.tables.list(ty);
                let list = body.unchanging(list);
                body.no_more_rounds(each.max, span, |body, Bound { allowed, more, .. }| {
                    let rounds = body.take_plain(Type::Int);
                    body.emit(I::LengthList { to: rounds, a: list }, span);
                    body.emit(I::Less { to: more, a: allowed, b: rounds }, span);
                });
                let builder = each.list.map(|result| {
                    let capacity = body.take_plain(Type::Int);
                    body.emit(I::LengthList { to: capacity, a: list }, span);
                    body.builder_for(result, capacity, span)
                });
                body.list_loop(
                    list,
                    each.max.most().min(longest.into()),
                    span,
                    |body, index, _| {
                        let to = body.take_local(each.local);
                        body.emit(I::AtList { to, a: list, index }, span);
                        body.round(each, builder, span);
                    },
                );
                body.build(result, builder, span);
            }
            EachOver::Range { low, high } => {
                let low = body.value(low);
                let high = body.unchanging(high);
                body.no_more_rounds(each.max, span, |body, Bound { allowed, more, fine }| {
                    // Both ends may be any numbers: neither their distance nor the last
                    // number that is allowed need fit 64 bits.
                    let last = body.take_plain(Type::Int);
                    body.emit(I::WrappingAddInt { to: last, a: low, b: allowed }, span);
                    body.emit(I::Less { to: more, a: last, b: low }, span);
                    body.jump(more, fine, true, span);
                    body.emit(I::Less { to: more, a: last, b: high }, span);
                });
                let builder = each.list.map(|result| {
                    let most = i64::try_from(each.max.most()).unwrap_or(i64::MAX);
                    let capacity = body.int(most, span);
                    body.builder_for(result, capacity, span)
                });
                let (first, end) = (body.code.target(), body.code.target());
                body.begin_loop();
                let index = body.take_local(each.local);
                let max = Count(each.max.most());
                body.emit(I::RangeStart { index, low, high, max, label: end }, span);
                body.code.place(first);
                body.region(|body| body.round(each, builder, span));
                body.emit(I::RangeNext { index, high, label: first }, span);
                body.code.place(end);
                body.end_loop();
                body.build(result, builder, span);
            }
        });
    }

    /// Raises `limit` where there are more rounds than the site allows, which `compare`
    /// looks at. What is written out, the loop itself looks after.
    fn no_more_rounds(
        &mut self,
        max: Amount<u64>,
        span: Span,
        compare: impl FnOnce(&mut Self, Bound),
    ) {
        let Amount::Setting { id, .. } = max else { return };
        let fine = self.code.target();
        self.region(|body| {
            let more = body.take_plain(Type::Bool);
            let int = body.tables.intern(Type::Int);
            let setting = operand::Setting(u16::try_from(id.0).unwrap_or(u16::MAX));
            let allowed = body.load(Known::Setting(setting), int, span);
            compare(body, Bound { allowed, more, fine });
            body.jump(more, fine, false, span);
            let text = body.text(TOO_MANY_ROUNDS, span);
            body.emit(I::Raise { kind: Count(ErrorKind::Limit.code().into()), text }, span);
        });
        self.code.place(fine);
    }

    /// What a loop goes over must stay what it is while the loop runs.
    fn unchanging(&mut self, expr: &Expr) -> Register {
        match &expr.kind {
            ExprKind::Local(local) if self.is_variable(*local) => {
                let ty = self.tables.ty(expr.ty);
                let to = self.take(ty);
                self.value_into(expr, to);
                to
            }
            _ => self.value(expr),
        }
    }

    fn round(&mut self, each: &Each, builder: Option<Builder>, span: Span) {
        if each.has_effects {
            self.open(I::OpenFrame { kind: FrameKind::Round }, span);
        }
        match builder {
            Some(builder) => self.given_to(builder, &each.body, span),
            None => self.statements(&each.body),
        }
        if each.has_effects {
            self.close(each.body.diverges && builder.is_none(), span);
        }
    }

    /// `do TASK(…)`
    fn task(&mut self, call: &TaskCall, span: Span) {
        let wanted = call.local.map(|local| self.take_local(local));
        self.scope(|body| {
            let to = wanted.unwrap_or_else(|| {
                let ty = body.tables.result(call.task);
                body.take(ty)
            });
            let arguments = body.values(&call.arguments);
            let function = body.tables.function(call.task);
            body.open(I::OpenFrame { kind: FrameKind::Task }, span);
            body.emit(I::Call { to, function, arguments }, span);
            body.close(false, span);
        });
    }

    /// Opens a frame.
    fn open(&mut self, instruction: I, span: Span) {
        self.emit(instruction, span);
        self.frames = self.frames.saturating_add(1);
    }

    /// Closes the innermost frame; `never` if control doesn't come here.
    fn close(&mut self, never: bool, span: Span) {
        self.frames = self.frames.saturating_sub(1);
        if !never {
            self.emit(I::CloseFrame {}, span);
        }
    }

    /// `stage`: what it names can be seen behind it.
    fn stage(&mut self, stage: &Stage, span: Span) {
        let text = self.tables.intern(Type::Text { max: TEXT_DEFAULT_BYTES_MAX });
        let name = self.tables.constant(text, Value::Text(stage.name.clone()));
        let before = self.registers.slots();
        self.open(I::OpenStage { name, on_failure: stage.on_failure }, span);
        self.statements(&stage.body);
        self.close(stage.body.diverges, span);
        let added = self.registers.slots().saturating_sub(before);
        if self.largest_stage.is_none_or(|(most, _)| most < added) {
            self.largest_stage = Some((added, span));
        }
    }

    /// `keep`
    fn keep(&mut self, block: &Block, span: Span) {
        self.open(I::OpenFrame { kind: FrameKind::Keep }, span);
        self.region(|body| body.statements(block));
        self.close(block.diverges, span);
    }

    /// `attempt … recover`
    fn attempt(&mut self, attempt: &Attempt, span: Span) {
        let (handler, end) = (self.code.target(), self.code.target());
        self.scope(|body| {
            let error = body.take_local(attempt.error);
            body.open(I::OpenAttempt { error, label: handler }, span);
            body.region(|body| body.statements(&attempt.body));
            body.close(attempt.body.diverges, span);
            if !attempt.body.diverges {
                body.emit(I::Jump { label: end }, span);
            }
            body.code.place(handler);
            // The machine has opened the frame of `recover`.
            body.frames = body.frames.saturating_add(1);
            body.region(|body| body.statements(&attempt.recover));
            body.close(attempt.recover.diverges, span);
        });
        self.code.place(end);
    }
}

/// Whether an arm unpacks something.
fn binds(arm: &Arm) -> bool {
    let binding = |pattern: &Pattern| match pattern {
        Pattern::Variant { bindings, .. } => bindings.iter().any(Option::is_some),
        Pattern::Constant(_) => false,
    };
    arm.patterns.iter().any(binding)
}
