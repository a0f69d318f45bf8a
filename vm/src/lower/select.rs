//! The operation for each instruction, by the types of its registers.

use rye_bytecode::instruction::operand::{Constant, Label, Register};
use rye_bytecode::instruction::{Class, Cost, Instruction};
use rye_core::ty::TypeId;

use super::Lowering;
use crate::layout::{Layout, Order};
use crate::op::Op;
use crate::program::Price;

/// The price of an instruction that does not depend on its operands' sizes.
pub(super) fn fixed(instruction: &Instruction) -> u32 {
    match instruction.row().cost {
        Cost::Fixed(price) | Cost::Length(price) | Cost::Size(price) => price,
    }
}

impl Lowering<'_> {
    pub(super) fn is_word(&self, ty: TypeId) -> bool {
        self.context.layouts.is_word(ty)
    }

    /// Whether a register's words compare as numbers, and how.
    pub(super) fn order(&self, register: Register) -> Option<Order> {
        match self.context.layouts.get(self.context.ty(register)) {
            Layout::Word(order) => Some(*order),
            _ => None,
        }
    }

    fn is_text(&self, register: Register) -> bool {
        matches!(self.context.layouts.get(self.context.ty(register)), Layout::Text)
    }

    /// Lowers one instruction by itself.
    pub(super) fn select(&mut self, index: usize, instruction: &Instruction) {
        if self.select_flow(index, instruction) {
            return;
        }
        match (self.pure(instruction), instruction) {
            (Some(op), _) => self.step(index, fixed(instruction), op),
            (None, Instruction::Template { to, pieces, holes }) => {
                let price = self.price(instruction);
                let template = self.add_template(price, *pieces, holes);
                self.push(index, Op::Template { to: self.context.slot(*to), index: template });
            }
            _ => self.heavy(index, instruction),
        }
    }

    /// What moves values and control; whether it was such an instruction.
    fn select_flow(&mut self, index: usize, instruction: &Instruction) -> bool {
        use Instruction as I;
        let slot = |register: &Register| self.context.slot(*register);
        let price = fixed(instruction);
        let far = |label: &Label| u32::from(label.0);
        if matches!(instruction.row().class, Class::Reads | Class::Acts | Class::Ends) {
            self.end(index, price, |cost| Op::Yield { cost });
            return true;
        }
        match instruction {
            I::Move { to, from } => match self.context.width(*to) {
                0 => {}
                1 => self.step(index, price, Op::Move { to: slot(to), from: slot(from) }),
                _ => self.step(index, price, Op::MoveTwo { to: slot(to), from: slot(from) }),
            },
            I::Constant { to, constant } => {
                if !self.known.is_hoisted(*to) {
                    self.load_constant(index, *to, *constant);
                }
            }
            I::Jump { label } => {
                let label = far(label);
                self.end(index, price, |cost| Op::Jump { cost, label });
            }
            I::JumpIf { condition, label } => {
                let (condition, label) = (slot(condition), far(label));
                self.end(index, price, |cost| Op::JumpIf { condition, cost, label });
            }
            I::JumpUnless { condition, label } => {
                let (condition, label) = (slot(condition), far(label));
                self.end(index, price, |cost| Op::JumpUnless { condition, cost, label });
            }
            I::RangeStart { index: at, low, high, max, label } => {
                let (at, low, high) = (slot(at), slot(low), slot(high));
                let target = self.start_loop(index, price, max.0, *label);
                self.push(index, Op::RangeStart { index: at, low, high, target });
            }
            I::ListStart { index: at, list, max, label } => {
                let (at, list) = (slot(at), slot(list));
                let target = self.start_loop(index, price, max.0, *label);
                self.push(index, Op::ListStart { index: at, list, target });
            }
            I::RangeNext { index: at, high, label } => {
                let (at, high, label) = (slot(at), slot(high), far(label));
                self.end(index, price, |cost| Op::RangeNext { index: at, high, cost, label });
            }
            I::ListNext { index: at, list, label } => {
                let (at, list, label) = (slot(at), slot(list), far(label));
                self.end(index, price, |cost| Op::ListNext { index: at, list, cost, label });
            }
            I::Call { to, function, arguments } => {
                let to = slot(to);
                match self.call_target(function.0, arguments) {
                    Some(target) => {
                        let call = u32::try_from(self.code.calls.len()).unwrap_or(u32::MAX);
                        self.code.calls.push(target);
                        self.end(index, price, |cost| Op::Call { to, cost, call });
                    }
                    None => self.push(index, Op::Impossible),
                }
            }
            I::Return { value } => {
                let width = u8::try_from(self.context.width(*value)).unwrap_or(0);
                let value = slot(value);
                self.end(index, price, |cost| Op::Return { value, width, cost });
            }
            I::MatchVariant { payload, a, variant, label } if payload.is_empty() => {
                let (a, variant, label) = (slot(a), variant.0, far(label));
                self.end(index, price, |cost| Op::JumpUnlessVariant { a, variant, cost, label });
            }
            I::MatchVariant { a, variant, label, .. } => {
                let (a, variant, label) = (slot(a), variant.0, far(label));
                self.end(index, price, |cost| Op::JumpUnlessVariant { a, variant, cost, label });
                // It is paid for; what is left is to unpack.
                let unpack = self.add_heavy(index, Price::default());
                self.push(index, unpack);
            }
            I::MatchSome { to, a, label } => {
                let (a, label) = (slot(a), far(label));
                if self.context.width(*to) == 0 {
                    self.end(index, price, |cost| Op::JumpUnless { condition: a, cost, label });
                } else {
                    let to = slot(to);
                    self.end(index, price, |cost| Op::MatchSome { to, a, cost, label });
                }
            }
            I::OpenStage { .. }
            | I::OpenFrame { .. }
            | I::OpenAttempt { .. }
            | I::CloseFrame {} => {
                self.step(index, price, Op::Frame);
            }
            // The machine itself opens the frame, or goes to the label.
            I::OpenApproved { .. } => self.end(index, price, |cost| Op::Yield { cost }),
            I::Fail { .. } | I::Raise { .. } | I::RaiseAgain { .. } => {
                self.end(index, price, |cost| Op::End { cost });
            }
            _ => return false,
        }
        true
    }

    /// Pays for the block that a loop's start ends.
    fn start_loop(&mut self, index: usize, price: u32, max: u64, label: Label) -> u32 {
        let cost = core::mem::take(&mut self.pending).saturating_add(price);
        let inline = u8::try_from(cost).unwrap_or(u8::MAX);
        let rest = cost.saturating_sub(u32::from(inline));
        if rest > 0 {
            self.push(index, Op::Charge { cost: rest });
        }
        self.loop_target(max, inline, label)
    }

    /// Loads a constant.
    pub(super) fn load_constant(&mut self, index: usize, to: Register, constant: Constant) {
        let slot = self.context.slot(to);
        let number = u32::from(constant.0);
        let value = self.known.number(to).and_then(|number| i32::try_from(number).ok());
        match (self.context.width(to), value) {
            (0, _) => {}
            (1, Some(value)) => self.push(index, Op::Number { to: slot, value }),
            (1, None) => self.push(index, Op::Constant { to: slot, index: number }),
            _ => self.push(index, Op::ConstantTwo { to: slot, index: number }),
        }
    }

    /// The operation of an instruction that computes from its operands alone; none
    /// where it is a heavy one.
    fn pure(&self, instruction: &Instruction) -> Option<Op> {
        use Instruction as I;
        let slot = |register: &Register| self.context.slot(*register);
        Some(match instruction {
            I::Setting { to, setting } if self.context.width(*to) == 1 => {
                Op::Setting { to: slot(to), index: u32::from(setting.0) }
            }
            I::Not { to, a } => Op::Not { to: slot(to), a: slot(a) },
            I::Equal { to, a, b } if self.is_word(self.context.ty(*a)) => {
                Op::EqualWord { to: slot(to), a: slot(a), b: slot(b) }
            }
            I::Equal { to, a, b } if self.is_text(*a) => {
                Op::EqualText { to: slot(to), a: slot(a), b: slot(b) }
            }
            I::Less { to, a, b } => match self.order(*a)? {
                Order::Signed => Op::LessInt { to: slot(to), a: slot(a), b: slot(b) },
                Order::Float => Op::LessFloat { to: slot(to), a: slot(a), b: slot(b) },
            },
            I::LessEqual { to, a, b } => match self.order(*a)? {
                Order::Signed => Op::LessEqualInt { to: slot(to), a: slot(a), b: slot(b) },
                Order::Float => Op::LessEqualFloat { to: slot(to), a: slot(a), b: slot(b) },
            },
            I::InCidr { to, a, b } => Op::InCidr { to: slot(to), a: slot(a), b: slot(b) },
            I::InCidrs { to, a, b } => Op::InCidrs { to: slot(to), a: slot(a), list: slot(b) },
            I::LengthList { to, a } => Op::LengthList { to: slot(to), a: slot(a) },
            I::AtList { to, a, index } if self.context.width(*to) == 1 => {
                Op::AtList { to: slot(to), list: slot(a), index: slot(index) }
            }
            I::GetList { to, a, index } => {
                Op::GetList { to: slot(to), list: slot(a), index: slot(index) }
            }
            I::InList { to, a, list } if self.is_word(self.context.ty(*a)) => {
                Op::InWords { to: slot(to), a: slot(a), list: slot(list) }
            }
            I::InList { to, a, list } if self.is_text(*a) => {
                Op::InTexts { to: slot(to), a: slot(a), list: slot(list) }
            }
            I::PushBuilder { a, element } if self.context.width(*element) == 1 => {
                Op::PushBuilder { builder: slot(a), element: slot(element) }
            }
            I::GetField { to, a, field } => self.field(*to, *a, field.0)?,
            I::NewVariant { to, variant, payload } if payload.is_empty() => {
                Op::Variant { to: slot(to), variant: variant.0 }
            }
            I::None { to } => Op::None { to: slot(to) },
            I::Some { to, a } if self.context.width(*a) == 1 => {
                Op::Some { to: slot(to), a: slot(a) }
            }
            _ => return self.number(instruction),
        })
    }

    /// The operation of an instruction over numbers.
    fn number(&self, instruction: &Instruction) -> Option<Op> {
        use Instruction as I;
        let slot = |register: &Register| self.context.slot(*register);
        macro_rules! three {
            ($op:ident, $to:ident, $a:ident, $b:ident) => {
                Op::$op { to: slot($to), a: slot($a), b: slot($b) }
            };
        }
        let constant =
            |register: &Register| self.known.number(*register).and_then(|n| i32::try_from(n).ok());
        Some(match instruction {
            I::AddInt { to, a, b } | I::AddTime { to, a, b } | I::AddDuration { to, a, b } => {
                match (constant(a), constant(b)) {
                    (_, Some(value)) => Op::AddConstant { to: slot(to), a: slot(a), value },
                    (Some(value), _) => Op::AddConstant { to: slot(to), a: slot(b), value },
                    _ => three!(AddInt, to, a, b),
                }
            }
            I::SubtractInt { to, a, b }
            | I::SubtractTime { to, a, b }
            | I::BetweenTime { to, a, b }
            | I::SubtractDuration { to, a, b } => match constant(b).and_then(i32::checked_neg) {
                Some(value) => Op::AddConstant { to: slot(to), a: slot(a), value },
                None => three!(SubtractInt, to, a, b),
            },
            I::MultiplyInt { to, a, b } | I::ScaleDuration { to, a, b } => {
                three!(MultiplyInt, to, a, b)
            }
            I::DivideInt { to, a, b } | I::DivideDuration { to, a, b } => {
                three!(DivideInt, to, a, b)
            }
            I::RemainderInt { to, a, b } => three!(RemainderInt, to, a, b),
            I::NegateInt { to, a } | I::NegateDuration { to, a } => {
                Op::NegateInt { to: slot(to), a: slot(a) }
            }
            I::AbsoluteInt { to, a } | I::AbsoluteDuration { to, a } => {
                Op::AbsoluteInt { to: slot(to), a: slot(a) }
            }
            I::XorInt { to, a, b } => three!(XorInt, to, a, b),
            I::ShiftLeftInt { to, a, b } => three!(ShiftLeftInt, to, a, b),
            I::ShiftRightInt { to, a, b } => match self.distance(*b) {
                Some(distance) => Op::ShiftRightConstant { to: slot(to), a: slot(a), distance },
                None => three!(ShiftRightInt, to, a, b),
            },
            I::WrappingAddInt { to, a, b } => three!(WrappingAddInt, to, a, b),
            I::WrappingMultiplyInt { to, a, b } => three!(WrappingMultiplyInt, to, a, b),
            I::AddFloat { to, a, b } => three!(AddFloat, to, a, b),
            I::SubtractFloat { to, a, b } => three!(SubtractFloat, to, a, b),
            I::MultiplyFloat { to, a, b } => three!(MultiplyFloat, to, a, b),
            I::DivideFloat { to, a, b } => three!(DivideFloat, to, a, b),
            _ => return None,
        })
    }

    /// A constant distance of a shift, if it is a valid one.
    pub(super) fn distance(&self, register: Register) -> Option<u8> {
        let distance = u8::try_from(self.known.number(register)?).ok()?;
        (distance < 64).then_some(distance)
    }

    fn field(&self, to: Register, record: Register, field: u8) -> Option<Op> {
        let place = self.place(record, field)?;
        let (to, record) = (self.context.slot(to), self.context.slot(record));
        let offset = u16::try_from(place.offset).ok()?;
        match place.width {
            1 => Some(Op::Field { to, record, offset }),
            2 => Some(Op::FieldTwo { to, record, offset }),
            _ => None,
        }
    }

    /// Where a field of a record lies.
    pub(super) fn place(&self, record: Register, field: u8) -> Option<crate::layout::Place> {
        match self.context.layouts.get(self.context.ty(record)) {
            Layout::Record(row) => row.places.get(usize::from(field)).copied(),
            _ => None,
        }
    }
}
