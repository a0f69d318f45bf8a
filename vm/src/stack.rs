//! The registers of functions that call each other: one window of 256 slots
//! each, of which the next begins behind the slots that the function uses.

use rye_bytecode::instruction::operand::Function;
use rye_core::limit::CALL_DEPTH_MAX;

use crate::heap::{Mark, Memory};
use crate::program::{Program, Routine};
use crate::slot::{self, Pair};
use crate::trap::Trap;

/// The registers of the functions that call each other. It belongs to whoever
/// runs machines, and serves one after the other: a machine that waits for the
/// world keeps only the registers that live.
#[derive(Debug, Default)]
pub struct Stack {
    pub(crate) slots: Slots,
    pub(crate) calls: Vec<Activation>,
}

impl Stack {
    /// An empty one; it grows with the first run.
    pub fn new() -> Self {
        Self::default()
    }
}

/// The windows of the functions that call each other, one behind the other.
#[derive(Debug, Default)]
pub(crate) struct Slots {
    slots: Vec<u64>,
}

impl Slots {
    /// Makes room for a window of 256 slots from `base` on.
    fn reach(&mut self, base: usize) {
        let end = base.saturating_add(256);
        if self.slots.len() < end {
            self.slots.resize(end, 0);
        }
    }

    /// The window of 256 slots from `base` on.
    #[inline]
    pub(crate) fn window(&mut self, base: usize) -> Result<&mut [u64; 256], Trap> {
        let window = self.slots.get_mut(base..).and_then(|slots| slots.first_chunk_mut::<256>());
        window.ok_or(Trap::invariant("a window lies outside of the stack"))
    }

    /// Puts back what was kept of a machine; the function on top has its window.
    pub(crate) fn restore(&mut self, kept: &[u64], base: u32) -> Result<(), Trap> {
        self.reach(slot::size(base));
        let live = self.slots.get_mut(..kept.len());
        live.ok_or(Trap::invariant("more is kept than the stack holds"))?.copy_from_slice(kept);
        Ok(())
    }

    /// What lives below `end`.
    pub(crate) fn live(&self, end: usize) -> &[u64] {
        self.slots.get(..end.min(self.slots.len())).unwrap_or_default()
    }
}

/// A function that is being executed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Activation {
    pub(crate) function: u16,
    /// The caller's slot for the result.
    to: u8,
    /// The next operation.
    pub(crate) pc: u32,
    /// Where its window begins.
    pub(crate) base: u32,
    mark: Mark,
}

impl Activation {
    /// Of the first function, from its start.
    pub(crate) fn first(function: u16) -> Self {
        Self { function, to: 0, pc: 0, base: 0, mark: Mark::default() }
    }
}

/// The function on top.
pub(crate) fn top<'p>(
    program: &'p Program,
    calls: &[Activation],
) -> Result<(Activation, Routine<'p>), Trap> {
    let activation = calls.last().copied().ok_or(Trap::invariant("nothing is being executed"))?;
    let routine = program.function(Function(activation.function))?;
    Ok((activation, routine))
}

/// Puts a called function on top.
#[inline(never)]
pub(crate) fn call(
    program: &Program,
    memory: &Memory<'_>,
    stack: &mut Slots,
    calls: &mut Vec<Activation>,
    to: u8,
    call: u32,
) -> Result<(), Trap> {
    let (from, routine) = top(program, calls)?;
    let broken = Trap::invariant("a call leads nowhere");
    if calls.len() > CALL_DEPTH_MAX {
        return Err(Trap::invariant("functions call each other too deeply"));
    }
    let target = routine.code.calls.get(slot::size(call)).ok_or(broken)?;
    let callee = program.function(Function(target.function))?;
    let from_base = slot::size(from.base);
    let base = from_base.saturating_add(routine.code.window);
    stack.reach(base);
    for (argument, to) in &target.arguments {
        let value = stack.slots.get(from_base.saturating_add(usize::from(*argument))).copied();
        let place = stack.slots.get_mut(base.saturating_add(usize::from(*to)));
        *place.ok_or(broken)? = value.ok_or(broken)?;
    }
    // What an earlier call left is never seen, not even by unverified code.
    let parameters = slot::size(callee.code.parameters.width);
    if let Some(fresh) = stack.window(base)?.get_mut(parameters..callee.code.window) {
        fresh.fill(0);
    }
    let base = u32::try_from(base).map_err(|_| broken)?;
    let mark = memory.mark();
    calls.push(Activation { function: target.function, to, pc: 0, base, mark });
    Ok(())
}

/// Takes the function on top off; what it gives, if it was the first.
#[inline(never)]
pub(crate) fn leave(
    program: &Program,
    memory: &mut Memory<'_>,
    stack: &mut Slots,
    calls: &mut Vec<Activation>,
    value: u8,
    width: u8,
) -> Result<Option<Pair>, Trap> {
    let (left, routine) = top(program, calls)?;
    let window = stack.window(slot::size(left.base))?;
    let first = get(window, value);
    let result = match width {
        0 => [0, 0],
        1 => [first, 0],
        _ => [first, get(window, value.wrapping_add(1))],
    };
    calls.pop();
    let Some(caller) = calls.last() else { return Ok(Some(result)) };
    if routine.code.releases {
        memory.release(left.mark);
    }
    let window = stack.window(slot::size(caller.base))?;
    if width > 0 {
        set(window, left.to, result[0]);
    }
    if width > 1 {
        set(window, left.to.wrapping_add(1), result[1]);
    }
    Ok(None)
}

/// A register's slot.
#[inline]
#[expect(clippy::indexing_slicing, reason = "a byte can't name anything but one of 256 slots")]
pub(crate) fn get(window: &[u64; 256], slot: u8) -> u64 {
    window[usize::from(slot)]
}

/// Writes a register's slot.
#[inline]
#[expect(clippy::indexing_slicing, reason = "a byte can't name anything but one of 256 slots")]
pub(crate) fn set(window: &mut [u64; 256], slot: u8, value: u64) {
    window[usize::from(slot)] = value;
}
