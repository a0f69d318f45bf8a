//! The loop that executes operations.
//!
//! One `match`, by reference, over a flat vector; the place in the code and the
//! fuel are locals; a function's registers are a window of 256 slots named by
//! bytes, so no access needs a check. Everything heavy and everything that stops
//! is a call of a function that is not inlined.

use rye_bytecode::instruction::Instruction;
use rye_core::error::{Error, ErrorKind};

use crate::frame::Frames;
use crate::fuel;
use crate::heap::Memory;
use crate::machine::Facts;
use crate::op::{Op, collection, compare, heavy, net, number, print};
use crate::program::Program;
use crate::slot::{self, Pair};
use crate::stack::{Activation, Slots, call, get, leave, set, top};
use crate::trap::{Fault, Reason, Trap};

/// What code can reach besides its registers.
#[derive(Debug)]
pub(crate) struct Environment<'a> {
    pub(crate) program: &'a Program,
    pub(crate) memory: Memory<'a>,
    pub(crate) frames: &'a mut Frames,
    /// The run's facts; none where functions are called outside of a run.
    pub(crate) facts: Option<&'a Facts>,
    pub(crate) settings: &'a [u64],
}

/// Why the loop was left. The activations say where.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Exit {
    /// The first function returned this.
    Returned(Pair),
    /// An effect, or the end of the run: the last operation's instruction says.
    Yield,
    /// An error or a fault in the last operation.
    Trap(Trap),
}

/// Executes from where the activations are until something has to be done that
/// code can't do. `left` is the fuel.
pub(crate) fn run(
    environment: &mut Environment<'_>,
    stack: &mut Slots,
    calls: &mut Vec<Activation>,
    left: &mut u64,
) -> Exit {
    loop {
        match run_function(environment, stack, calls, left) {
            Ok(None) => {}
            Ok(Some(exit)) => return exit,
            Err(trap) => {
                let trap = settle(environment.program, calls, left, trap);
                return Exit::Trap(trap);
            }
        }
    }
}

/// The error that the instruction raises itself which was executed last; `slots`
/// are those of all functions.
#[cold]
pub(crate) fn own_error(
    program: &Program,
    memory: &Memory<'_>,
    slots: &[u64],
    calls: &[Activation],
) -> Result<Error, Trap> {
    let (activation, routine) = top(program, calls)?;
    let op = activation.pc.checked_sub(1).ok_or(Trap::invariant("nothing was executed"))?;
    let (_, instruction) = routine.instruction_of(op)?;
    let register = |register| -> Result<u64, Trap> {
        let at = slot::size(activation.base).saturating_add(usize::from(routine.slot(register)?));
        slots.get(at).copied().ok_or(Trap::invariant("an error has no register"))
    };
    let unknown = Trap::invariant("an error is of no kind");
    let kind = |code: Option<u8>| code.and_then(ErrorKind::from_code).ok_or(unknown);
    let (kind, text) = match instruction {
        Instruction::Fail { text } => (ErrorKind::Failed, register(*text)?),
        Instruction::Raise { kind: code, text } => {
            (kind(u8::try_from(code.0).ok())?, register(*text)?)
        }
        Instruction::RaiseAgain { error } => {
            let error = register(*error)?;
            let text = memory.word(slot::payload(error, 1).slot(), 0)?;
            (kind(u8::try_from(slot::low(error)).ok())?, text)
        }
        _ => return Err(Trap::invariant("an instruction raises no error of its own")),
    };
    Ok(Error::new(kind, memory.text(text)?))
}

/// Pays for the part of the block that ran before something stopped it.
#[cold]
#[inline(never)]
fn settle(program: &Program, calls: &[Activation], left: &mut u64, trap: Trap) -> Trap {
    let owed = top(program, calls).ok().and_then(|(activation, routine)| {
        let op = slot::size(activation.pc).checked_sub(1)?;
        routine.code.origins.get(op).map(|origin| u64::from(origin.unpaid))
    });
    match left.checked_sub(owed.unwrap_or(0)) {
        Some(rest) if trap != Trap::Fault(Fault::Fuel) => {
            *left = rest;
            trap
        }
        _ => {
            *left = 0;
            Trap::Fault(Fault::Fuel)
        }
    }
}

/// Executes the function on top until another one is on top (`None`) or the loop
/// must be left.
#[expect(
    clippy::too_many_lines,
    reason = "one match over all operations is what makes it fast; each arm is a line or two"
)]
fn run_function(
    environment: &mut Environment<'_>,
    stack: &mut Slots,
    calls: &mut Vec<Activation>,
    left: &mut u64,
) -> Result<Option<Exit>, Trap> {
    let program = environment.program;
    let (activation, routine) = top(program, calls)?;
    let code = routine.code.ops.as_slice();
    let window = stack.window(slot::size(activation.base))?;
    let mut ahead = code.get(slot::size(activation.pc)..).unwrap_or_default().iter();
    let mut fuel = *left;

    // The index of the operation behind the one that is executed.
    macro_rules! pc {
        () => {
            u32::try_from(code.len().wrapping_sub(ahead.len())).unwrap_or(u32::MAX)
        };
    }
    macro_rules! jump {
        ($label:expr) => {
            match code.get(slot::size(u32::from($label))..) {
                Some(there) => ahead = there.iter(),
                None => stop!(Trap::invariant("a jump leads nowhere")),
            }
        };
    }
    // Leaves with the place and the fuel stored where the next one finds them.
    macro_rules! store {
        () => {{
            *left = fuel;
            if let Some(activation) = calls.last_mut() {
                activation.pc = pc!();
            }
        }};
    }
    macro_rules! stop {
        ($trap:expr) => {{
            store!();
            return Err($trap.into());
        }};
    }
    macro_rules! check {
        ($result:expr) => {
            match $result {
                Ok(value) => value,
                Err(trap) => stop!(trap),
            }
        };
    }
    macro_rules! pay {
        ($cost:expr) => {
            match fuel.checked_sub(u64::from($cost)) {
                Some(rest) => fuel = rest,
                None => stop!(Fault::Fuel),
            }
        };
    }
    macro_rules! get {
        ($slot:expr) => {
            get(window, $slot)
        };
    }
    macro_rules! int {
        ($slot:expr) => {
            get(window, $slot).cast_signed()
        };
    }
    macro_rules! float {
        ($slot:expr) => {
            f64::from_bits(get(window, $slot))
        };
    }
    macro_rules! set {
        ($slot:expr, $value:expr) => {{
            let value = $value;
            set(window, $slot, value)
        }};
    }
    macro_rules! checked {
        ($to:expr, $result:expr) => {
            match $result {
                Some(value) => set(window, $to, value.cast_unsigned()),
                None => stop!(Reason::Overflow),
            }
        };
    }
    macro_rules! finite {
        ($to:expr, $result:expr) => {{
            let value: f64 = $result;
            if !value.is_finite() {
                stop!(Reason::NotFinite);
            }
            // Adding zero turns `-0.0` into `0.0`.
            set(window, $to, (value + 0.0).to_bits());
        }};
    }
    macro_rules! compare_jump {
        ($to:expr, $holds:expr, $when:expr, $cost:expr, $label:expr) => {{
            let holds: bool = $holds;
            set(window, $to, u64::from(holds));
            pay!($cost);
            if holds == $when {
                jump!($label);
            }
        }};
    }

    loop {
        let Some(op) = ahead.next() else { stop!(Trap::invariant("code runs off its end")) };
        match op {
            Op::Charge { cost } => pay!(*cost),
            Op::Impossible => stop!(Trap::invariant("code is reached that can't be")),

            Op::Move { to, from } => set!(*to, get!(*from)),
            Op::MoveTwo { to, from } => {
                let pair = [get!(*from), get!(from.wrapping_add(1))];
                set!(*to, pair[0]);
                set!(to.wrapping_add(1), pair[1]);
            }
            Op::Constant { to, index } => {
                let Some(pair) = program.constants.get(slot::size(*index)) else {
                    stop!(Trap::invariant("there is no such constant"))
                };
                set!(*to, pair[0]);
            }
            Op::ConstantTwo { to, index } => {
                let Some(pair) = program.constants.get(slot::size(*index)) else {
                    stop!(Trap::invariant("there is no such constant"))
                };
                set!(*to, pair[0]);
                set!(to.wrapping_add(1), pair[1]);
            }
            Op::Number { to, value } => set!(*to, i64::from(*value).cast_unsigned()),
            Op::Setting { to, index } => {
                let Some(value) = environment.settings.get(slot::size(*index)) else {
                    stop!(Trap::invariant("there is no such setting"))
                };
                set!(*to, *value);
            }

            Op::Jump { cost, label } => {
                pay!(*cost);
                jump!(*label);
            }
            Op::JumpIf { condition, cost, label } => {
                pay!(*cost);
                if get!(*condition) != 0 {
                    jump!(*label);
                }
            }
            Op::JumpUnless { condition, cost, label } => {
                pay!(*cost);
                if get!(*condition) == 0 {
                    jump!(*label);
                }
            }
            Op::RangeStart { index, low, high, target } => {
                let Some(target) = routine.code.targets.get(slot::size(*target)) else {
                    stop!(Trap::invariant("a loop leads nowhere"))
                };
                pay!(target.cost);
                let (low, high) = (int!(*low), int!(*high));
                if low >= high {
                    jump!(target.label);
                } else if low.abs_diff(high) > target.max {
                    stop!(Reason::TooManyRounds);
                } else {
                    set!(*index, low.cast_unsigned());
                }
            }
            Op::RangeNext { index, high, cost, label } => {
                pay!(*cost);
                let next = int!(*index).wrapping_add(1);
                if next < int!(*high) {
                    set!(*index, next.cast_unsigned());
                    jump!(*label);
                }
            }
            Op::ListStart { index, list, target } => {
                let Some(target) = routine.code.targets.get(slot::size(*target)) else {
                    stop!(Trap::invariant("a loop leads nowhere"))
                };
                pay!(target.cost);
                let length = slot::length(get!(*list));
                if length == 0 {
                    jump!(target.label);
                } else if u64::from(length) > target.max {
                    stop!(Reason::TooManyRounds);
                } else {
                    set!(*index, 0);
                }
            }
            Op::ListNext { index, list, cost, label } => {
                pay!(*cost);
                let next = get!(*index).wrapping_add(1);
                if next < u64::from(slot::length(get!(*list))) {
                    set!(*index, next);
                    jump!(*label);
                }
            }
            Op::Call { to, cost, call: target } => {
                pay!(*cost);
                store!();
                call(program, &environment.memory, stack, calls, *to, *target)?;
                return Ok(None);
            }
            Op::Return { value, width, cost } => {
                pay!(*cost);
                store!();
                let result = leave(program, &mut environment.memory, stack, calls, *value, *width)?;
                return Ok(result.map(Exit::Returned));
            }

            Op::Not { to, a } => set!(*to, get!(*a) ^ 1),
            Op::EqualWord { to, a, b } => set!(*to, u64::from(get!(*a) == get!(*b))),
            Op::EqualText { to, a, b } => {
                let (a, b) = (get!(*a), get!(*b));
                pay!(fuel::text_units(a).wrapping_add(fuel::text_units(b)));
                set!(*to, u64::from(check!(compare::texts_equal(&environment.memory, a, b))));
            }
            Op::LessInt { to, a, b } => set!(*to, u64::from(int!(*a) < int!(*b))),
            Op::LessEqualInt { to, a, b } => set!(*to, u64::from(int!(*a) <= int!(*b))),
            Op::LessFloat { to, a, b } => set!(*to, u64::from(float!(*a) < float!(*b))),
            Op::LessEqualFloat { to, a, b } => set!(*to, u64::from(float!(*a) <= float!(*b))),

            Op::AddInt { to, a, b } => checked!(*to, int!(*a).checked_add(int!(*b))),
            Op::AddConstant { to, a, value } => {
                checked!(*to, int!(*a).checked_add(i64::from(*value)));
            }
            Op::SubtractInt { to, a, b } => checked!(*to, int!(*a).checked_sub(int!(*b))),
            Op::MultiplyInt { to, a, b } => checked!(*to, int!(*a).checked_mul(int!(*b))),
            Op::DivideInt { to, a, b } => {
                set!(*to, check!(number::divide(int!(*a), int!(*b))));
            }
            Op::RemainderInt { to, a, b } => {
                set!(*to, check!(number::remainder(int!(*a), int!(*b))));
            }
            Op::NegateInt { to, a } => checked!(*to, int!(*a).checked_neg()),
            Op::AbsoluteInt { to, a } => checked!(*to, int!(*a).checked_abs()),
            Op::XorInt { to, a, b } => set!(*to, get!(*a) ^ get!(*b)),
            Op::ShiftLeftInt { to, a, b } => {
                set!(*to, check!(number::shift_left(get!(*a), int!(*b))));
            }
            Op::ShiftRightInt { to, a, b } => {
                set!(*to, check!(number::shift_right(get!(*a), int!(*b))));
            }
            Op::ShiftRightConstant { to, a, distance } => {
                set!(*to, get!(*a).wrapping_shr(u32::from(*distance)));
            }
            Op::WrappingAddInt { to, a, b } => set!(*to, get!(*a).wrapping_add(get!(*b))),
            Op::WrappingMultiplyInt { to, a, b } => set!(*to, get!(*a).wrapping_mul(get!(*b))),

            Op::AddFloat { to, a, b } => finite!(*to, float!(*a) + float!(*b)),
            Op::SubtractFloat { to, a, b } => finite!(*to, float!(*a) - float!(*b)),
            Op::MultiplyFloat { to, a, b } => finite!(*to, float!(*a) * float!(*b)),
            Op::DivideFloat { to, a, b } => finite!(*to, float!(*a) / float!(*b)),

            Op::InCidr { to, a, b } => {
                let holds = net::contains(&environment.memory, get!(*b), get!(*a));
                set!(*to, u64::from(check!(holds)));
            }
            Op::InCidrs { to, a, list } => {
                let list = get!(*list);
                pay!(slot::length(list));
                let holds = net::any_contains(&environment.memory, list, get!(*a));
                set!(*to, u64::from(check!(holds)));
            }
            Op::InWords { to, a, list } => {
                let list = get!(*list);
                pay!(slot::length(list));
                let words = check!(environment.memory.list(list));
                set!(*to, u64::from(words.contains(&get!(*a))));
            }
            Op::InTexts { to, a, list } => {
                let (a, list) = (get!(*a), get!(*list));
                let words = check!(environment.memory.list(list));
                pay!(collection::text_units(words).saturating_add(fuel::text_units(a)));
                let holds = collection::contains_text(&environment.memory, words, a);
                set!(*to, u64::from(check!(holds)));
            }
            Op::LengthList { to, a } => set!(*to, u64::from(slot::length(get!(*a)))),
            Op::AtList { to, list, index } => {
                let element = collection::element(&environment.memory, get!(*list), get!(*index));
                let Some(element) = check!(element) else {
                    stop!(Trap::invariant("a round reads outside of its list"))
                };
                set!(*to, element);
            }
            Op::GetList { to, list, index } => {
                let element = collection::element(&environment.memory, get!(*list), get!(*index));
                let element = check!(element);
                set!(*to, u64::from(element.is_some()));
                set!(to.wrapping_add(1), element.unwrap_or(0));
            }
            Op::PushBuilder { builder, element } => {
                let pushed =
                    collection::push(&mut environment.memory, get!(*builder), get!(*element));
                check!(pushed);
            }
            Op::Field { to, record, offset } => {
                let value = environment.memory.word(get!(*record), u32::from(*offset));
                set!(*to, check!(value));
            }
            Op::FieldTwo { to, record, offset } => {
                let pair = environment.memory.pair(get!(*record), u32::from(*offset), 2);
                let pair = check!(pair);
                set!(*to, pair[0]);
                set!(to.wrapping_add(1), pair[1]);
            }
            Op::Variant { to, variant } => set!(*to, u64::from(*variant)),
            Op::JumpUnlessVariant { a, variant, cost, label } => {
                pay!(*cost);
                if slot::low(get!(*a)) != u32::from(*variant) {
                    jump!(*label);
                }
            }
            Op::None { to } => {
                set!(*to, 0);
                set!(to.wrapping_add(1), 0);
            }
            Op::Some { to, a } => {
                let value = get!(*a);
                set!(*to, 1);
                set!(to.wrapping_add(1), value);
            }
            Op::MatchSome { to, a, cost, label } => {
                pay!(*cost);
                if get!(*a) == 0 {
                    jump!(*label);
                } else {
                    set!(*to, get!(a.wrapping_add(1)));
                }
            }

            Op::Template { to, index } => {
                let Some(template) = routine.code.templates.get(slot::size(*index)) else {
                    stop!(Trap::invariant("there is no such template"))
                };
                let types = &program.module().types;
                let (rest, text) =
                    print::template(&mut environment.memory, types, template, window, fuel);
                fuel = rest;
                set!(*to, check!(text));
            }
            Op::Heavy { index } => {
                let (rest, result) = heavy::execute(environment, routine, *index, window, fuel);
                fuel = rest;
                check!(result);
            }
            Op::Frame => {
                let op = pc!().wrapping_sub(1);
                let depth = calls.len();
                check!(environment.frames.execute(routine, op, depth));
            }
            Op::Yield { cost } => {
                pay!(*cost);
                store!();
                return Ok(Some(Exit::Yield));
            }
            Op::End { cost } => {
                pay!(*cost);
                stop!(Trap::RaiseSelf);
            }

            Op::EqualWordJumpIf { to, a, b, cost, label } => {
                compare_jump!(*to, get!(*a) == get!(*b), true, *cost, *label);
            }
            Op::EqualWordJumpUnless { to, a, b, cost, label } => {
                compare_jump!(*to, get!(*a) == get!(*b), false, *cost, *label);
            }
            Op::LessIntJumpIf { to, a, b, cost, label } => {
                compare_jump!(*to, int!(*a) < int!(*b), true, *cost, *label);
            }
            Op::LessIntJumpUnless { to, a, b, cost, label } => {
                compare_jump!(*to, int!(*a) < int!(*b), false, *cost, *label);
            }
            Op::LessEqualIntJumpIf { to, a, b, cost, label } => {
                compare_jump!(*to, int!(*a) <= int!(*b), true, *cost, *label);
            }
            Op::LessEqualIntJumpUnless { to, a, b, cost, label } => {
                compare_jump!(*to, int!(*a) <= int!(*b), false, *cost, *label);
            }
            Op::LessFloatJumpIf { to, a, b, cost, label } => {
                compare_jump!(*to, float!(*a) < float!(*b), true, *cost, *label);
            }
            Op::LessFloatJumpUnless { to, a, b, cost, label } => {
                compare_jump!(*to, float!(*a) < float!(*b), false, *cost, *label);
            }
            Op::LessEqualFloatJumpIf { to, a, b, cost, label } => {
                compare_jump!(*to, float!(*a) <= float!(*b), true, *cost, *label);
            }
            Op::LessEqualFloatJumpUnless { to, a, b, cost, label } => {
                compare_jump!(*to, float!(*a) <= float!(*b), false, *cost, *label);
            }
            Op::EqualConstantJumpUnless { to, a, cost, value, label } => {
                compare_jump!(*to, int!(*a) == i64::from(*value), false, *cost, *label);
            }
            Op::LessConstantJumpUnless { to, a, cost, value, label } => {
                compare_jump!(*to, int!(*a) < i64::from(*value), false, *cost, *label);
            }
            Op::GreaterConstantJumpUnless { to, a, cost, value, label } => {
                compare_jump!(*to, int!(*a) > i64::from(*value), false, *cost, *label);
            }
            Op::WrappingMultiplyAdd { product, a, b, to, c } => {
                let value = get!(*a).wrapping_mul(get!(*b));
                set!(*product, value);
                set!(*to, value.wrapping_add(get!(*c)));
            }
            Op::ShiftRightXor { shifted, a, distance, to, b } => {
                let value = get!(*a).wrapping_shr(u32::from(*distance));
                set!(*shifted, value);
                set!(*to, value ^ get!(*b));
            }
            Op::AtListField { element, list, index, to, offset } => {
                let found = collection::element(&environment.memory, get!(*list), get!(*index));
                let Some(record) = check!(found) else {
                    stop!(Trap::invariant("a round reads outside of its list"))
                };
                set!(*element, record);
                let field = environment.memory.word(record, u32::from(*offset));
                set!(*to, check!(field));
            }
        }
    }
}
