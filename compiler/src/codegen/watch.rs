//! `ensure` and `wait until`: a condition is looked at until it holds, or held long
//! enough, or the time is over.

use rye_bytecode::instruction::Instruction as I;
use rye_bytecode::instruction::operand::{Count, Label, Register};
use rye_core::error::ErrorKind;
use rye_core::ty::Type;
use rye_core::value::Duration;
use rye_grammar::span::Span;

use super::body::Body;
use super::effect::micros;
use crate::hir::{LocalId, WaitUntil, Watch};

/// What a failed `ensure` says.
const NOT_SEEN: &str = "the condition of `ensure` did not come true in time";
/// What a failed `wait until` says.
const TOO_LATE: &str = "what was waited for did not come true in time";

/// What `look.again` and `look.held` answer if there is another look. Less is that the
/// time is over, more that it ends well.
const AGAIN: i64 = 1;

/// Where a watch leads when it ends.
#[derive(Clone, Copy)]
struct Ends {
    /// It came true.
    done: Label,
    /// The time is over.
    over: Label,
}

/// The registers of a look.
#[derive(Clone, Copy)]
struct Look {
    watch: Register,
    every: Register,
    /// How long it must hold, and until when.
    held: Option<(Register, Register)>,
    /// What the look was answered.
    next: Register,
}

impl Body<'_, '_> {
    /// `ensure`
    pub(super) fn ensure(&mut self, watch: &Watch, span: Span) {
        let ends = self.watch(watch, span);
        self.code.place(ends.over);
        self.raise(ErrorKind::Unverified, NOT_SEEN, span);
        self.code.place(ends.done);
    }

    /// `wait until`
    pub(super) fn wait_until(&mut self, wait: &WaitUntil, span: Span) {
        let ends = self.watch(&wait.watch, span);
        self.code.place(ends.over);
        match &wait.otherwise {
            // Control goes on behind it by itself.
            Some(otherwise) => self.region(|body| body.statements(otherwise)),
            None => self.raise(ErrorKind::Timeout, TOO_LATE, span),
        }
        self.code.place(ends.done);
    }

    fn raise(&mut self, kind: ErrorKind, text: &str, span: Span) {
        self.region(|body| {
            let text = body.text(text, span);
            body.emit(I::Raise { kind: Count(kind.code().into()), text }, span);
        });
    }

    /// Looks until it is known how it ends; what is placed next is where the rounds end.
    fn watch(&mut self, watch: &Watch, span: Span) -> Ends {
        let ends = Ends { done: self.code.target(), over: self.code.target() };
        let first = self.code.target();
        let looks = looks(watch);
        self.scope(|body| {
            let end = body.take_plain(Type::Watch);
            let a = body.value(&watch.within.value);
            body.emit(I::StartWatch { to: end, a, max: micros(watch.within.max) }, span);
            let every = body.value(&watch.every.value);
            let held = watch.held.as_ref().map(|held| {
                let (span_of, until) = (body.value(&held.value), body.take_plain(Type::Time));
                body.emit(I::HoldUntil { to: until, a: span_of }, span);
                (span_of, until)
            });
            let (low, high) = (body.int(0, span), body.int(looks, span));
            let max = Count(u64::try_from(looks).unwrap_or(0));
            body.begin_loop();
            let index = body.take_plain(Type::Int);
            body.emit(I::RangeStart { index, low, high, max, label: ends.over }, span);
            body.code.place(first);
            body.region(|body| {
                let next = body.take_plain(Type::Int);
                body.look(watch, Look { watch: end, every, held, next }, ends, span);
            });
            body.emit(I::RangeNext { index, high, label: first }, span);
            body.end_loop();
        });
        ends
    }

    /// One look, and the pause behind it.
    fn look(&mut self, watch: &Watch, look: Look, ends: Ends, span: Span) {
        let Look { watch: end, every, held, next } = look;
        let holds = self.take_plain(Type::Bool);
        let function = self.tables.function(watch.condition);
        let arguments: Box<[Register]> =
            watch.arguments.iter().map(|local: &LocalId| self.local(*local)).collect();
        self.emit(I::Call { to: holds, function, arguments }, span);
        let Some((held, until)) = held else {
            self.jump(holds, ends.done, true, span);
            self.emit(I::LookAgain { to: next, watch: end, every }, span);
            self.judge(look, holds, ends, span);
            return;
        };
        let (holding, round) = (self.code.target(), self.code.target());
        self.jump(holds, holding, true, span);
        self.emit(I::LookAgain { to: next, watch: end, every }, span);
        self.judge(look, holds, ends, span);
        // It holds from the next look on at best.
        self.emit(I::HoldUntil { to: until, a: held }, span);
        self.emit(I::Jump { label: round }, span);
        self.code.place(holding);
        self.emit(I::LookHeld { to: next, watch: end, held: until, every }, span);
        self.judge(look, holds, ends, span);
        self.code.place(round);
    }

    /// Leaves the rounds if the look was answered so.
    fn judge(&mut self, look: Look, scratch: Register, ends: Ends, span: Span) {
        let (to, again) = (scratch, self.int(AGAIN, span));
        self.emit(I::Less { to, a: look.next, b: again }, span);
        self.jump(to, ends.over, true, span);
        self.emit(I::Less { to, a: again, b: look.next }, span);
        self.jump(to, ends.done, true, span);
    }
}

/// How often a condition is looked at, at most: at the beginning, after each pause, and
/// where it may have held long enough.
fn looks(watch: &Watch) -> i64 {
    let fitting = |length: Duration| {
        let within = watch.within.max.0.max(0);
        let whole = within.checked_div(length.0.max(1)).unwrap_or(0);
        let rest = within.checked_rem(length.0.max(1)).unwrap_or(0);
        whole.saturating_add(i64::from(rest > 0))
    };
    let held = watch.held.as_ref().map_or(0, |held| fitting(held.min));
    fitting(watch.every.min).saturating_add(held).saturating_add(1)
}
