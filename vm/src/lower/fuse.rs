//! One operation for several instructions that often stand together. Nothing is
//! dropped: every register that they write is written, so it need not be known
//! what is read later, and the price is the same.
//!
//! Each of these earned its place: comparing and jumping are most of what a
//! decision does, the other three are the bodies of integer and list loops.

use rye_bytecode::instruction::Instruction;
use rye_bytecode::instruction::operand::{Label, Register};

use super::Lowering;
use super::select::fixed;
use crate::layout::Order;
use crate::op::Op;

/// A comparison as the fused operations do it.
#[derive(Clone, Copy)]
enum Comparison {
    Equal,
    Less(Order),
    LessEqual(Order),
}

impl Lowering<'_> {
    /// Lowers the instructions from `index` on as one operation, if there is one
    /// for them; how many they were.
    pub(super) fn fuse(&mut self, index: usize) -> Option<usize> {
        let next = self.following(index)?;
        let code = &self.context.function.code;
        let (first, second) = (code.get(index)?, code.get(next)?);
        match (first, second) {
            (_, Instruction::JumpUnless { condition, label }) => {
                self.fuse_jump(index, first, (*condition, *label, false))?;
            }
            (_, Instruction::JumpIf { condition, label }) => {
                self.fuse_jump(index, first, (*condition, *label, true))?;
            }
            _ => {
                let op = self.pair(first, second)?;
                let price = fixed(first).saturating_add(fixed(second));
                self.step(index, price, op);
            }
        }
        next.checked_add(1)?.checked_sub(index)
    }

    /// The next instruction that becomes an operation, if nobody can jump to it or
    /// to one in between.
    fn following(&self, index: usize) -> Option<usize> {
        let mut next = index;
        loop {
            next = next.checked_add(1)?;
            if *self.leaders.get(next)? {
                return None;
            }
            match self.context.function.code.get(next)? {
                Instruction::Constant { to, .. } if self.known.is_hoisted(*to) => {}
                _ => return Some(next),
            }
        }
    }

    /// Two instructions that only compute, and never raise.
    fn pair(&self, first: &Instruction, second: &Instruction) -> Option<Op> {
        use Instruction as I;
        let slot = |register: Register| self.context.slot(register);
        // The other operand of one that has `known` as one of its two.
        let other = |known: Register, a: Register, b: Register| {
            if a == known { Some(b) } else { (b == known).then_some(a) }
        };
        match (first, second) {
            (
                I::WrappingMultiplyInt { to: product, a, b },
                I::WrappingAddInt { to, a: left, b: right },
            ) => {
                let c = slot(other(*product, *left, *right)?);
                let (product, a, b, to) = (slot(*product), slot(*a), slot(*b), slot(*to));
                Some(Op::WrappingMultiplyAdd { product, a, b, to, c })
            }
            (I::ShiftRightInt { to: shifted, a, b }, I::XorInt { to, a: left, b: right }) => {
                let distance = self.distance(*b)?;
                let b = slot(other(*shifted, *left, *right)?);
                let (shifted, a, to) = (slot(*shifted), slot(*a), slot(*to));
                Some(Op::ShiftRightXor { shifted, a, distance, to, b })
            }
            (I::AtList { to: element, a: list, index }, I::GetField { to, a, field })
                if a == element =>
            {
                let place = self.place(*a, field.0)?;
                let offset = u8::try_from(place.offset).ok().filter(|_| place.width == 1)?;
                let (element, list, index) = (slot(*element), slot(*list), slot(*index));
                Some(Op::AtListField { element, list, index, to: slot(*to), offset })
            }
            _ => None,
        }
    }

    /// A comparison and the jump that depends on it.
    fn fuse_jump(
        &mut self,
        index: usize,
        first: &Instruction,
        (condition, Label(label), jump_if): (Register, Label, bool),
    ) -> Option<()> {
        use Instruction as I;
        let (to, a, b, comparison) = match first {
            I::Equal { to, a, b } if self.is_word(self.context.ty(*a)) => {
                (*to, *a, *b, Comparison::Equal)
            }
            I::Less { to, a, b } => (*to, *a, *b, Comparison::Less(self.order(*a)?)),
            I::LessEqual { to, a, b } => (*to, *a, *b, Comparison::LessEqual(self.order(*a)?)),
            _ => return None,
        };
        if to != condition || !self.short_labels {
            return None;
        }
        let price = fixed(first);
        let fused = if jump_if { None } else { self.with_constant(to, a, b, comparison, label) };
        if let Some(op) = fused {
            self.end(index, price, op);
        } else {
            let slots = [to, a, b].map(|register| self.context.slot(register));
            self.end(index, price, |cost| compare_jump(slots, comparison, jump_if, cost, label));
        }
        Some(())
    }

    /// The same where one side is a small constant.
    fn with_constant(
        &self,
        to: Register,
        a: Register,
        b: Register,
        comparison: Comparison,
        label: u16,
    ) -> Option<impl FnOnce(u8) -> Op + use<>> {
        let number =
            |register: Register| self.known.number(register).and_then(|n| i16::try_from(n).ok());
        let (known_a, known_b) = (number(a), number(b));
        let to = self.context.slot(to);
        // For integers `a <= k` is `a < k + 1`, and `k <= b` is `b > k - 1`.
        let (register, greater, value) = match comparison {
            Comparison::Equal => match (known_a, known_b) {
                (_, Some(value)) => (a, None, value),
                (Some(value), _) => (b, None, value),
                _ => return None,
            },
            Comparison::Less(Order::Signed) => match (known_a, known_b) {
                (_, Some(value)) => (a, Some(false), value),
                (Some(value), _) => (b, Some(true), value),
                _ => return None,
            },
            Comparison::LessEqual(Order::Signed) => match (known_a, known_b) {
                (_, Some(value)) => (a, Some(false), value.checked_add(1)?),
                (Some(value), _) => (b, Some(true), value.checked_sub(1)?),
                _ => return None,
            },
            Comparison::Less(Order::Float) | Comparison::LessEqual(Order::Float) => return None,
        };
        let a = self.context.slot(register);
        Some(move |cost| match greater {
            None => Op::EqualConstantJumpUnless { to, a, cost, value, label },
            Some(false) => Op::LessConstantJumpUnless { to, a, cost, value, label },
            Some(true) => Op::GreaterConstantJumpUnless { to, a, cost, value, label },
        })
    }
}

fn compare_jump(
    [to, a, b]: [u8; 3],
    comparison: Comparison,
    jump_if: bool,
    cost: u8,
    label: u16,
) -> Op {
    use Comparison as C;
    match (comparison, jump_if) {
        (C::Equal, true) => Op::EqualWordJumpIf { to, a, b, cost, label },
        (C::Equal, false) => Op::EqualWordJumpUnless { to, a, b, cost, label },
        (C::Less(Order::Signed), true) => Op::LessIntJumpIf { to, a, b, cost, label },
        (C::Less(Order::Signed), false) => Op::LessIntJumpUnless { to, a, b, cost, label },
        (C::LessEqual(Order::Signed), true) => Op::LessEqualIntJumpIf { to, a, b, cost, label },
        (C::LessEqual(Order::Signed), false) => {
            Op::LessEqualIntJumpUnless { to, a, b, cost, label }
        }
        (C::Less(Order::Float), true) => Op::LessFloatJumpIf { to, a, b, cost, label },
        (C::Less(Order::Float), false) => Op::LessFloatJumpUnless { to, a, b, cost, label },
        (C::LessEqual(Order::Float), true) => Op::LessEqualFloatJumpIf { to, a, b, cost, label },
        (C::LessEqual(Order::Float), false) => {
            Op::LessEqualFloatJumpUnless { to, a, b, cost, label }
        }
    }
}
