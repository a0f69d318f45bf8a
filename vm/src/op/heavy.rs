//! Instructions that are executed as they stand: the rare ones, and those whose
//! work is large against finding their operands.

use rye_bytecode::instruction::Instruction;
use rye_bytecode::instruction::operand::Register;
use rye_core::ty::{Type, TypeId};

use super::net::{UrlPart, lies_in, network, url_part};
use super::{collection, compare, net, number, record, text};
use crate::dispatch::Environment;
use crate::heap::Memory;
use crate::import::add_variant;
use crate::program::Routine;
use crate::slot::{self, Pair};
use crate::stack::{get, set};
use crate::trap::{Reason, Trap};

mod large;

/// Charges for a heavy instruction and executes it; the fuel that is left, and
/// how it went.
#[inline(never)]
pub(crate) fn execute(
    environment: &mut Environment<'_>,
    routine: Routine<'_>,
    heavy: u32,
    window: &mut [u64; 256],
    fuel: u64,
) -> (u64, Result<(), Trap>) {
    let Some(heavy) = routine.code.heavies.get(slot::size(heavy)) else {
        return (fuel, Err(Trap::invariant("there is no such heavy instruction")));
    };
    match heavy.price.charge(&environment.memory, window, fuel) {
        Ok(rest) => {
            let done = routine
                .instruction(heavy.instruction)
                .and_then(|instruction| Work { environment, routine, window }.execute(instruction));
            (rest, done)
        }
        Err(trap) => (fuel, Err(trap)),
    }
}

/// A heavy instruction at work.
struct Work<'w, 'e> {
    environment: &'w mut Environment<'e>,
    routine: Routine<'w>,
    window: &'w mut [u64; 256],
}

impl<'e> Work<'_, 'e> {
    fn execute(&mut self, instruction: &Instruction) -> Result<(), Trap> {
        if let Some(done) = self.number(instruction) {
            return done;
        }
        if let Some(done) = self.text(instruction) {
            return done;
        }
        if let Some(done) = self.net(instruction) {
            return done;
        }
        if let Some(done) = self.list(instruction) {
            return done;
        }
        self.other(instruction)
    }

    fn number(&mut self, instruction: &Instruction) -> Option<Result<(), Trap>> {
        use Instruction as I;
        let (to, result) = match instruction {
            I::NegateFloat { to, a } => (to, self.float(*a).and_then(|a| number::finite(-a))),
            I::AbsoluteFloat { to, a } => {
                (to, self.float(*a).and_then(|a| number::finite(a.abs())))
            }
            I::FloatOfInt { to, a } => {
                (to, self.int(*a).and_then(|a| number::finite(number::float_of(a))))
            }
            I::IntOfFloat { to, a } => {
                (to, self.float(*a).and_then(number::int_of).map(i64::cast_unsigned))
            }
            I::RoundFloat { to, a } => {
                let rounded = self.float(*a).map(f64::round).and_then(number::int_of);
                (to, rounded.map(i64::cast_unsigned))
            }
            I::RatioDuration { to, a, b } => {
                let both = self.int(*a).and_then(|a| Ok((a, self.int(*b)?)));
                (to, both.and_then(|(a, b)| number::ratio(a, b)))
            }
            _ => return None,
        };
        Some(result.and_then(|value| self.set(*to, value)))
    }

    fn text(&mut self, instruction: &Instruction) -> Option<Result<(), Trap>> {
        use Instruction as I;
        Some(match instruction {
            I::LengthText { to, a } => self.unary(*to, *a, |memory, a| text::length(memory, a)),
            I::LowerText { to, a } => self.unary(*to, *a, text::lower),
            I::TrimText { to, a } => self.unary(*to, *a, |memory, a| text::trim(memory, a)),
            I::SplitText { to, a, by } => self.max_of(*to).and_then(|max| {
                self.binary(*to, *a, *by, |memory, a, by| text::split(memory, a, by, max))
            }),
            I::ContainsText { to, a, b } => self.texts(*to, *a, *b, |a, b| a.contains(b)),
            I::StartsWithText { to, a, b } => self.texts(*to, *a, *b, |a, b| a.starts_with(b)),
            I::EndsWithText { to, a, b } => self.texts(*to, *a, *b, |a, b| a.ends_with(b)),
            I::ExtractText { to, a } => self.extract(*to, *a),
            I::ParseText { to, a } => self.parse(*to, *a),
            _ => return None,
        })
    }

    fn net(&mut self, instruction: &Instruction) -> Option<Result<(), Trap>> {
        use Instruction as I;
        Some(match instruction {
            I::CoversCidr { to, a, b } => {
                self.binary(*to, *a, *b, |memory, a, b| lies_in(memory, a, b).map(slot::of_bool))
            }
            I::Network { to, a, length } => self.binary(*to, *a, *length, |memory, a, length| {
                network(memory, a, length.cast_signed())
            }),
            I::CidrAddress { to, a } => self.unary(*to, *a, |_, a| Ok(net::address(a))),
            I::CidrLength { to, a } => self.unary(*to, *a, |_, a| Ok(u64::from(slot::prefix(a)))),
            I::UrlScheme { to, a } => {
                self.unary(*to, *a, |memory, a| url_part(memory, a, UrlPart::Scheme))
            }
            I::UrlHost { to, a } => {
                self.unary(*to, *a, |memory, a| url_part(memory, a, UrlPart::Host))
            }
            I::UrlPath { to, a } => {
                self.unary(*to, *a, |memory, a| url_part(memory, a, UrlPart::Path))
            }
            // An asset lies as what names it.
            I::WrapAsset { to, a } | I::UnwrapAsset { to, a } => self.unary(*to, *a, |_, a| Ok(a)),
            _ => return None,
        })
    }

    fn list(&mut self, instruction: &Instruction) -> Option<Result<(), Trap>> {
        use Instruction as I;
        Some(match instruction {
            I::NewList { to, elements } => self.new_list(*to, elements),
            I::InList { to, a, list } => self.routine.ty(*a).and_then(|ty| {
                self.binary(*to, *list, *a, |memory, list, a| {
                    collection::contains(memory, ty, list, a).map(slot::of_bool)
                })
            }),
            I::TakeList { to, a, count } => self.binary(*to, *a, *count, |_, list, count| {
                Ok(collection::take(list, count.cast_signed()))
            }),
            I::TakeFirst { to, a, count } => self.unary(*to, *a, |_, list| {
                Ok(collection::take(list, i64::try_from(count.0).unwrap_or(i64::MAX)))
            }),
            I::DropList { to, a, count } => self.binary(*to, *a, *count, |_, list, count| {
                Ok(collection::drop_first(list, count.cast_signed()))
            }),
            I::DistinctList { to, a } => self.element_of(*a).and_then(|ty| {
                self.unary(*to, *a, |memory, list| collection::distinct(memory, ty, list))
            }),
            I::FlatList { to, a } => self.max_of(*to).and_then(|max| {
                self.unary(*to, *a, |memory, lists| collection::flat(memory, lists, max))
            }),
            I::JoinList { to, a, b } => self.max_of(*to).and_then(|max| {
                self.binary(*to, *a, *b, |memory, a, b| collection::join(memory, a, b, max))
            }),
            I::SortList { to, a, keys, descending } => self.element_of(*keys).and_then(|ty| {
                self.binary(*to, *a, *keys, |memory, list, keys| {
                    collection::sort(memory, ty, list, keys, descending.0 != 0)
                })
            }),
            I::NewBuilder { to, capacity } => self.unary(*to, *capacity, |memory, capacity| {
                collection::new_builder(memory, capacity.cast_signed())
            }),
            I::ListOfBuilder { to, a } => self.max_of(*to).and_then(|max| {
                self.unary(*to, *a, |memory, builder| {
                    let built = collection::built(memory, builder)?;
                    collection::fits(slot::size(built.length), max)?;
                    Ok(built.slot())
                })
            }),
            _ => return self.map(instruction),
        })
    }

    fn map(&mut self, instruction: &Instruction) -> Option<Result<(), Trap>> {
        use Instruction as I;
        Some(match instruction {
            I::NewMap { to, keys, values } => self.element_of(*keys).and_then(|ty| {
                self.binary(*to, *keys, *values, |memory, keys, values| {
                    collection::new_map(memory, ty, keys, values)
                })
            }),
            I::LengthMap { to, a } => self.unary(*to, *a, |_, a| Ok(u64::from(slot::length(a)))),
            I::GetMap { to, a, key } => self.look_up(*a, *key).and_then(|found| {
                self.set_pair(*to, [slot::of_bool(found.is_some()), found.unwrap_or(0)])
            }),
            I::InMap { to, a, map } => self
                .look_up(*map, *a)
                .and_then(|found| self.set(*to, slot::of_bool(found.is_some()))),
            I::KeysOfMap { to, a } => self.unary(*to, *a, |_, a| Ok(collection::keys(a).slot())),
            I::ValuesOfMap { to, a } => {
                self.unary(*to, *a, |_, a| Ok(collection::values(a).slot()))
            }
            I::Tally { to, keys } => self.element_of(*keys).and_then(|ty| {
                self.unary(*to, *keys, |memory, list| collection::tally(memory, ty, list))
            }),
            _ => return None,
        })
    }

    fn other(&mut self, instruction: &Instruction) -> Result<(), Trap> {
        use Instruction as I;
        match instruction {
            I::Context { to, what } => self.context(*to, *what),
            I::Hold { to } => self.hold(*to),
            I::Equal { to, a, b } => {
                let (ty, a, b) = (self.routine.ty(*a)?, self.pair(*a)?, self.pair(*b)?);
                let equal = compare::equal(&self.environment.memory, ty, a, b)?;
                self.set(*to, slot::of_bool(equal))
            }
            I::Less { to, a, b } => {
                let order = self.compare(*a, *b)?;
                self.set(*to, slot::of_bool(order.is_lt()))
            }
            I::LessEqual { to, a, b } => {
                let order = self.compare(*a, *b)?;
                self.set(*to, slot::of_bool(order.is_le()))
            }
            I::NewRecord { to, fields } => {
                let values = self.pairs(fields)?;
                let layouts = self.environment.memory.layouts;
                let row = record::fields(layouts, self.routine.ty(*to)?)?;
                let span = record::add_row(&mut self.environment.memory, row, &values)?;
                self.set(*to, span.slot())
            }
            I::GetField { to, a, field } => {
                let record = self.one(*a)?;
                let layouts = self.environment.memory.layouts;
                let row = record::fields(layouts, self.routine.ty(*a)?)?;
                let place = row.places.get(usize::from(field.0));
                let place = place.ok_or(Trap::invariant("a record has no such field"))?;
                let pair = self.environment.memory.pair(record, place.offset, place.width)?;
                self.set_pair(*to, pair)
            }
            I::NewVariant { to, variant, payload } => {
                let values = self.pairs(payload)?;
                let ty = self.routine.ty(*to)?;
                let memory = &mut self.environment.memory;
                let value = add_variant(memory, ty, u32::from(variant.0), &values)?;
                self.set(*to, value)
            }
            I::MatchVariant { payload, a, variant, .. } => {
                self.unpack(payload, *a, u32::from(variant.0))
            }
            I::Some { to, a } => {
                let [value, _] = self.pair(*a)?;
                self.set_pair(*to, [1, value])
            }
            I::Require { to, a } => match self.pair(*a)? {
                [0, _] => Err(Reason::Nothing.into()),
                [_, value] => self.set(*to, value),
            },
            _ => Err(Trap::invariant("an instruction has nobody to execute it")),
        }
    }

    // Registers.

    fn one(&self, register: Register) -> Result<u64, Trap> {
        Ok(get(self.window, self.routine.slot(register)?))
    }

    fn int(&self, register: Register) -> Result<i64, Trap> {
        self.one(register).map(u64::cast_signed)
    }

    fn float(&self, register: Register) -> Result<f64, Trap> {
        self.one(register).map(f64::from_bits)
    }

    fn width(&self, register: Register) -> Result<usize, Trap> {
        Ok(self.environment.memory.layouts.width(self.routine.ty(register)?))
    }

    fn pair(&self, register: Register) -> Result<Pair, Trap> {
        read(self.window, self.routine.slot(register)?, self.width(register)?)
    }

    fn pairs(&self, registers: &[Register]) -> Result<Vec<Pair>, Trap> {
        registers.iter().map(|register| self.pair(*register)).collect()
    }

    fn set(&mut self, register: Register, value: u64) -> Result<(), Trap> {
        self.set_pair(register, [value, 0])
    }

    fn set_pair(&mut self, register: Register, value: Pair) -> Result<(), Trap> {
        write(self.window, self.routine.slot(register)?, self.width(register)?, value)
    }

    fn unary(
        &mut self,
        to: Register,
        a: Register,
        operation: impl FnOnce(&mut Memory<'e>, u64) -> Result<u64, Trap>,
    ) -> Result<(), Trap> {
        let a = self.one(a)?;
        let value = operation(&mut self.environment.memory, a)?;
        self.set(to, value)
    }

    fn binary(
        &mut self,
        to: Register,
        a: Register,
        b: Register,
        operation: impl FnOnce(&mut Memory<'e>, u64, u64) -> Result<u64, Trap>,
    ) -> Result<(), Trap> {
        let (a, b) = (self.one(a)?, self.one(b)?);
        let value = operation(&mut self.environment.memory, a, b)?;
        self.set(to, value)
    }

    fn texts(
        &mut self,
        to: Register,
        a: Register,
        b: Register,
        holds: impl FnOnce(&str, &str) -> bool,
    ) -> Result<(), Trap> {
        self.binary(to, a, b, |memory, a, b| {
            Ok(slot::of_bool(holds(memory.text(a)?, memory.text(b)?)))
        })
    }

    fn compare(&self, a: Register, b: Register) -> Result<core::cmp::Ordering, Trap> {
        let (ty, a, b) = (self.routine.ty(a)?, self.pair(a)?, self.pair(b)?);
        compare::compare(&self.environment.memory, ty, a, b)
    }

    // Types.

    fn declared(&self, ty: TypeId) -> Result<&'e Type, Trap> {
        let program = self.environment.program;
        program.module().types.get(ty).ok_or(Trap::invariant("there is no such type"))
    }

    fn element_of(&self, list: Register) -> Result<TypeId, Trap> {
        self.environment.memory.layouts.element(self.routine.ty(list)?)
    }

    /// How many elements the list in a register may have.
    fn max_of(&self, list: Register) -> Result<u32, Trap> {
        match self.declared(self.routine.ty(list)?)? {
            Type::List { max, .. } => Ok(*max),
            _ => Err(Trap::invariant("a list was expected")),
        }
    }
}

/// The value of a register that has so many slots.
pub(crate) fn read(window: &[u64; 256], slot: u8, width: usize) -> Result<Pair, Trap> {
    Ok(match width {
        0 => [0, 0],
        1 => [get(window, slot), 0],
        _ => [get(window, slot), get(window, next(slot)?)],
    })
}

/// Writes a register that has so many slots.
pub(crate) fn write(
    window: &mut [u64; 256],
    slot: u8,
    width: usize,
    [first, second]: Pair,
) -> Result<(), Trap> {
    if width > 0 {
        set(window, slot, first);
    }
    if width > 1 {
        set(window, next(slot)?, second);
    }
    Ok(())
}

fn next(slot: u8) -> Result<u8, Trap> {
    slot.checked_add(1).ok_or(Trap::invariant("a register lies outside of its window"))
}
