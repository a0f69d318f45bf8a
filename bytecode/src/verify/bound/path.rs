//! The longest path through a function, several numbers at a time.

use rye_core::ty::Type;

use super::super::Body;
use super::super::frame::{FrameIndex, Frames};
use crate::flow::{BlockIndex, Graph, Loop};
use crate::instruction::{Flow, Instruction};

/// Numbers that are summed up together, each for itself.
type Lanes<const N: usize> = [u64; N];

/// What `weigh` says of instructions, summed up along the most expensive path.
pub(super) fn longest<const N: usize>(
    body: &Body<'_>,
    graph: &Graph,
    frames: &Frames,
    mut weigh: impl FnMut(&Instruction) -> Lanes<N>,
) -> Lanes<N> {
    let mut walk = Walk::new(body, graph, frames);
    for (index, block) in graph.blocks.iter().enumerate() {
        walk.close_until(block.start);
        let mut sum = walk.entry(index);
        let code = body.function.code.get(block.start..block.end).unwrap_or_default();
        for instruction in code {
            sum = add(sum, weigh(instruction));
        }
        walk.leave(index, sum);
    }
    walk.close_until(usize::MAX);
    walk.levels.first().map_or([0; N], |function| function.most)
}

fn each<const N: usize>(a: Lanes<N>, b: Lanes<N>, how: impl Fn(u64, u64) -> u64) -> Lanes<N> {
    let mut result = a;
    for (lane, other) in result.iter_mut().zip(b) {
        *lane = how(*lane, other);
    }
    result
}

fn add<const N: usize>(a: Lanes<N>, b: Lanes<N>) -> Lanes<N> {
    each(a, b, u64::saturating_add)
}

fn larger<const N: usize>(a: Lanes<N>, b: Lanes<N>) -> Lanes<N> {
    each(a, b, u64::max)
}

/// The function, or a loop that is being walked through. Sums in a loop begin with
/// nothing at its first instruction.
struct Level<const N: usize> {
    /// The loop; `None` is the function.
    index: Option<usize>,
    /// The instruction behind it.
    end: usize,
    /// The sum at its start, in the level around.
    before: Lanes<N>,
    /// The block with its start.
    begin: BlockIndex,
    rounds: u64,
    /// The largest sum at any place in it.
    most: Lanes<N>,
    /// Blocks behind it to which its blocks lead.
    exits: Vec<BlockIndex>,
}

struct Walk<'a, const N: usize> {
    body: &'a Body<'a>,
    graph: &'a Graph,
    frames: &'a Frames,
    /// Per block, the largest sum on the edges into it.
    entries: Vec<Lanes<N>>,
    /// Per block, the attempt that it handles.
    handles: Vec<Option<FrameIndex>>,
    /// Per frame of an attempt, the largest sum in it.
    attempts: Vec<Lanes<N>>,
    levels: Vec<Level<N>>,
}

impl<'a, const N: usize> Walk<'a, N> {
    fn new(body: &'a Body<'a>, graph: &'a Graph, frames: &'a Frames) -> Self {
        let function = Level {
            index: None,
            end: usize::MAX,
            before: [0; N],
            begin: 0,
            rounds: 1,
            most: [0; N],
            exits: Vec::new(),
        };
        let handles = if frames.len() == 0 { 0 } else { graph.blocks.len() };
        Self {
            body,
            graph,
            frames,
            entries: vec![[0; N]; graph.blocks.len()],
            handles: vec![None; handles],
            attempts: vec![[0; N]; frames.len()],
            levels: vec![function],
        }
    }

    fn entry(&self, block: BlockIndex) -> Lanes<N> {
        let entry = self.entries.get(block).copied().unwrap_or([0; N]);
        let attempt = self.handles.get(block).copied().flatten();
        match attempt.and_then(|attempt| self.attempts.get(attempt)) {
            Some(attempt) => larger(entry, *attempt),
            None => entry,
        }
    }

    /// Ends all loops that end at or before an instruction.
    fn close_until(&mut self, at: usize) {
        while self.levels.last().is_some_and(|level| level.index.is_some() && level.end <= at) {
            let Some(level) = self.levels.pop() else { return };
            let body = level.most.map(|most| most.saturating_mul(level.rounds));
            let total = add(level.before, body);
            self.note(level.begin, total);
            for exit in level.exits {
                self.lead(exit, total);
            }
        }
    }

    /// A place in the innermost level, in the frames of a block, with this sum.
    fn note(&mut self, block: BlockIndex, sum: Lanes<N>) {
        let Some(level) = self.levels.last_mut() else { return };
        level.most = larger(level.most, sum);
        let mut frame = self.frames.around(block);
        // Attempts around the loop see it as a whole, when it is closed.
        while let Some(open) = self.frames.get(frame).filter(|open| open.in_loop == level.index) {
            if let Some(most) = self.attempts.get_mut(frame).filter(|_| open.attempt) {
                *most = larger(*most, sum);
            }
            if frame == open.around {
                break;
            }
            frame = open.around;
        }
    }

    /// An edge to a block with this sum.
    fn lead(&mut self, target: BlockIndex, sum: Lanes<N>) {
        let start = self.graph.blocks.get(target).map_or(0, |block| block.start);
        match self.levels.last_mut() {
            // What happens on the way out counts in every round: the sum is made then.
            Some(level) if start >= level.end => level.exits.push(target),
            _ => {
                if let Some(entry) = self.entries.get_mut(target) {
                    *entry = larger(*entry, sum);
                }
            }
        }
    }

    /// All edges of a block.
    fn leave(&mut self, index: BlockIndex, sum: Lanes<N>) {
        self.note(index, sum);
        let Some(block) = self.graph.blocks.get(index) else { return };
        let last = self.body.function.code.get(block.end.saturating_sub(1));
        if let Some(target) = block.label.filter(|target| *target > index) {
            let fails = last.is_some_and(|last| last.row().flow == Flow::Open);
            match self.handles.get_mut(target).filter(|_| fails) {
                Some(handles) => *handles = block.next.map(|next| self.frames.around(next)),
                None => self.lead(target, sum),
            }
        }
        let Some(next) = block.next else { return };
        let opened = self.graph.blocks.get(next).and_then(|into| {
            let index = into.around?;
            let inner = self.graph.loops.get(index)?;
            (inner.start == block.end.saturating_sub(1)).then_some((index, *inner))
        });
        match opened {
            Some((inner, Loop { start, end, .. })) => self.levels.push(Level {
                index: Some(inner),
                end,
                before: sum,
                begin: index,
                rounds: rounds(self.body, start, end),
                most: [0; N],
                exits: Vec::new(),
            }),
            None => self.lead(next, sum),
        }
        // The attempt's own sums begin with what led to it.
        if last.is_some_and(|last| last.row().flow == Flow::Open) {
            let frame = self.frames.around(next);
            if let Some(most) = self.attempts.get_mut(frame) {
                *most = larger(*most, sum);
            }
        }
    }
}

/// How often a loop goes round at most: once if nothing leads back.
fn rounds(body: &Body<'_>, start: usize, end: usize) -> u64 {
    let code = &body.function.code;
    let last = code.get(end.saturating_sub(1)).and_then(Instruction::label);
    if last.is_none_or(|label| usize::from(label.0) != start.saturating_add(1)) {
        return 1;
    }
    match code.get(start) {
        Some(Instruction::RangeStart { max, .. }) => max.0,
        Some(Instruction::ListStart { list, max, .. }) => {
            let ty = body.function.registers.get(usize::from(list.0));
            match ty.and_then(|ty| body.module.types.get(*ty)) {
                Some(Type::List { max: elements, .. }) => max.0.min(u64::from(*elements)),
                _ => max.0,
            }
        }
        _ => 1,
    }
}
