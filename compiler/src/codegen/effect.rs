//! Statements that meet the world. All that an act, its proof and its undo need is
//! computed before it.

use rye_bytecode::instruction::Instruction as I;
use rye_bytecode::instruction::operand::{Count, Register, Setting};
use rye_bytecode::module::{self, AskSite, DoSite, LifeSite, ProofSite, Site, UndoSite};
use rye_core::ty::{Type, TypeId};
use rye_core::value::{Duration, Value};
use rye_grammar::span::Span;

use super::body::Body;
use super::table::Tables;
use crate::hir::{ActionId, Amount, Argument, Ask, Attempts, Do, Expr, Life, LocalId, Undo};

impl Body<'_, '_> {
    /// `ask`, with or without `else`.
    pub(super) fn ask(
        &mut self,
        local: Option<LocalId>,
        more: Option<LocalId>,
        ask: &Ask,
        fallback: Option<&Expr>,
        span: Span,
    ) {
        let answer = self.answer(ask.action);
        let wanted = local.map(|local| self.take_local(local));
        let more = more.map(|local| self.take_local(local));
        let wrapped = fallback.filter(|value| self.is_wider(value.ty, answer)).and(wanted);
        self.scope(|body| {
            let to = wanted.filter(|_| wrapped.is_none()).unwrap_or_else(|| body.take(answer));
            let site = body.call(ask);
            let site = body.tables.site(Site::Ask(site));
            let Some(fallback) = fallback else {
                let asks = more.map_or(I::Ask { to, site }, |more| I::AskFirst { to, more, site });
                body.emit(asks, span);
                return;
            };
            let (label, end) = (body.code.target(), body.code.target());
            let asks = more.map_or(I::AskElse { to, site, label }, |more| I::AskFirstElse {
                to,
                more,
                site,
                label,
            });
            body.emit(asks, span);
            if let Some(wanted) = wrapped {
                body.emit(I::Some { to: wanted, a: to }, span);
            }
            body.emit(I::Jump { label: end }, span);
            body.code.place(label);
            if let Some(wanted) = wanted {
                body.region(|body| body.value_into(fallback, wanted));
            }
            if let Some(more) = more {
                let ty = body.tables.intern(Type::Bool);
                let constant = body.tables.constant(ty, Value::Bool(false));
                body.emit(I::Constant { to: more, constant }, span);
            }
            body.code.place(end);
        });
    }

    /// Whether a type of the package may be missing where one of the module can't.
    fn is_wider(&mut self, ty: TypeId, answer: TypeId) -> bool {
        let ty = self.tables.ty(ty);
        let is_optional = |ty| matches!(self.tables.get(ty), Some(Type::Optional { .. }));
        is_optional(ty) && !is_optional(answer)
    }

    /// A query in a condition: if it fails, the condition doesn't hold.
    pub(super) fn ask_in_condition(
        &mut self,
        expr: &Expr,
        ask: &Ask,
        want: Option<Register>,
    ) -> Register {
        let to = self.destination(want, expr);
        self.scope(|body| {
            let site = body.call(ask);
            let site = body.tables.site(Site::Ask(site));
            let failed = body.failed;
            body.emit(
                failed.map_or(I::Ask { to, site }, |label| I::AskElse { to, site, label }),
                expr.span,
            );
        });
        to
    }

    /// `tell`
    pub(super) fn tell(&mut self, tell: &Ask, span: Span) {
        self.scope(|body| {
            let site = body.call(tell);
            let site = body.tables.site(Site::Tell(site));
            body.emit(I::Tell { site }, span);
        });
    }

    /// `do`
    pub(super) fn act(&mut self, act: &Do, span: Span) {
        let answer = self.answer(act.action);
        let wanted = act.local.map(|local| self.take_local(local));
        let hold = act.hold.map(|local| self.take_local(local));
        self.scope(|body| {
            let to = wanted.unwrap_or_else(|| body.take(answer));
            let bind = |argument: &Argument| {
                let register = body.value(&argument.value);
                body.bind(argument.local, register);
                register
            };
            let arguments = act.arguments.iter().map(bind).collect();
            for capture in &act.captures {
                body.ask(Some(capture.local), None, &capture.ask, None, span);
            }
            let undo = match &act.undo {
                Undo::Call { action, arguments } => {
                    let arguments = body.values(arguments);
                    UndoSite::Call { action: Tables::action(*action), arguments }
                }
                Undo::None => UndoSite::None,
                Undo::Irreversible => UndoSite::Irreversible,
            };
            let mut proof = Vec::with_capacity(act.proof.len());
            for part in &act.proof {
                let query = body.call(&part.ask);
                proof.push(ProofSite { query, expected: body.value(&part.expected) });
            }
            let simulated = body.value(&act.simulated);
            let life = match &act.life {
                Life::Open => LifeSite::Open,
                Life::For(life) => LifeSite::For(body.value(life)),
                Life::UntilReleased => LifeSite::UntilReleased,
            };
            let action = Tables::action(act.action);
            let call = AskSite {
                action,
                arguments,
                timeout: amount(act.timeout),
                retry: attempts(act.retry),
            };
            let site =
                DoSite { call, undo, proof, simulated, life, verified: act.verified.map(amount) };
            let site = body.tables.site(Site::Do(Box::new(site)));
            // Effects are listed in the order in which they stand.
            body.approved.extend(act.listed.map(|_| site));
            body.emit(I::Do { to, site }, span);
            if let Some(to) = hold {
                body.emit(I::Hold { to }, span);
            }
        });
    }

    /// A call with its arguments, until the scope around ends.
    fn call(&mut self, ask: &Ask) -> AskSite {
        let arguments = self.values(&ask.arguments);
        let action = Tables::action(ask.action);
        AskSite { action, arguments, timeout: amount(ask.timeout), retry: attempts(ask.retry) }
    }

    /// The type of the module that an action, query or notice answers.
    fn answer(&mut self, action: ActionId) -> TypeId {
        match self.tables.signature(action) {
            Some(signature) => self.tables.ty(signature.result),
            None => self.tables.intern(Type::Unit),
        }
    }
}

/// A length of time as an operand; there are no negative waits.
pub(super) fn micros(duration: Duration) -> Count {
    Count(u64::try_from(duration.0).unwrap_or(0))
}

/// An amount of the package as the module has it: both number settings in one order.
pub(super) fn amount<T>(amount: Amount<T>) -> module::Amount<T> {
    match amount {
        Amount::Fixed(value) => module::Amount::Fixed(value),
        Amount::Setting { id, .. } => {
            let index = u16::try_from(id.0).unwrap_or(u16::MAX);
            module::Amount::Setting(Setting(index))
        }
    }
}

fn attempts(Attempts { attempts, backoff }: Attempts) -> module::Attempts {
    module::Attempts { attempts: amount(attempts), backoff: amount(backoff) }
}
