//! The control flow of a function: blocks, where each may lead, and loops.
//!
//! There is one graph, which the verifier's passes and the machine share, so they
//! can't disagree on what may run after what. Its form is what makes everything
//! else simple: all edges lead forward except that from a loop's `.next` to the
//! instruction behind its `.start`, a loop is entered only through its start, and
//! every block is reached. So one walk over the blocks in their order sees each
//! block after all that lead into it.

use rye_core::limit::LOOP_DEPTH_MAX;

use crate::instruction::operand::{Label, Register};
use crate::instruction::{Class, Flow, Instruction};

/// The index of a block.
pub type BlockIndex = usize;

/// Instructions that run one after the other. An instruction that may go
/// elsewhere, or that opens or closes a frame, is the last of its block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block {
    /// The first instruction.
    pub start: usize,
    /// The instruction behind the last one.
    pub end: usize,
    /// The block behind, if the last instruction may go there.
    pub next: Option<BlockIndex>,
    /// The block of the last instruction's label.
    pub label: Option<BlockIndex>,
    /// The innermost loop around it.
    pub around: Option<usize>,
}

/// A loop: from behind its start up to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Loop {
    /// The `range.start` or `list.start`; its body begins behind it.
    pub start: usize,
    /// The instruction behind the loop's last one.
    pub end: usize,
    /// The loop around it.
    pub around: Option<usize>,
    /// How many loops are around it, itself included.
    pub depth: usize,
}

/// Blocks and loops of a function.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Graph {
    /// In the order of the code.
    pub blocks: Vec<Block>,
    /// In the order of their starts.
    pub loops: Vec<Loop>,
}

/// Why code has no graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FlowError {
    /// The instruction.
    pub instruction: usize,
    /// What is wrong there.
    pub fault: FlowFault,
}

/// What is wrong with the flow of code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FlowFault {
    /// There is no instruction at all.
    Empty,
    /// A label leads outside of the function.
    Target,
    /// The last instruction may go on behind itself.
    FallsOff,
    /// Nothing leads here.
    Unreachable,
    /// An edge leads backward and is not that of a loop's `.next`.
    Backward,
    /// A `.next` whose label is not behind a `.start` of its kind with its registers.
    Unpaired,
    /// Two `.next` of one `.start`.
    Twice,
    /// A loop begins in another one and ends behind it.
    Overlap,
    /// More loops inside each other than [`LOOP_DEPTH_MAX`].
    Depth,
    /// An edge leads into a loop past its start.
    Entry,
}

impl Graph {
    /// The graph of `code`.
    ///
    /// # Errors
    /// The first thing in which the code has not the form of the module's page.
    pub fn new(code: &[Instruction]) -> Result<Self, FlowError> {
        let leaders = leaders(code)?;
        let loops = loops(code)?;
        let graph = Self { blocks: blocks(code, &leaders, &loops)?, loops };
        graph.check_edges()?;
        Ok(graph)
    }

    /// Whether `inner` is `outer` or lies in it; `None` is the function.
    pub fn lies_in(&self, mut inner: Option<usize>, outer: Option<usize>) -> bool {
        while inner != outer {
            let Some(around) = inner.and_then(|index| self.loops.get(index)) else { return false };
            inner = around.around;
        }
        true
    }

    /// Every block is reached, and loops are entered only through their start.
    fn check_edges(&self) -> Result<(), FlowError> {
        let mut reached = vec![false; self.blocks.len()];
        if let Some(first) = reached.first_mut() {
            *first = true;
        }
        for (index, block) in self.blocks.iter().enumerate() {
            if !reached.get(index).copied().unwrap_or(false) {
                return Err(FlowError { instruction: block.start, fault: FlowFault::Unreachable });
            }
            let last = block.end.saturating_sub(1);
            for (target, falls) in [(block.next, true), (block.label, false)] {
                let Some((target, into)) = target.and_then(|to| Some((to, self.blocks.get(to)?)))
                else {
                    continue;
                };
                if let Some(reached) = reached.get_mut(target) {
                    *reached = true;
                }
                let begins = || {
                    let body = into.around.and_then(|index| self.loops.get(index));
                    falls
                        && body
                            .is_some_and(|body| body.start == last && body.around == block.around)
                };
                if !self.lies_in(block.around, into.around) && !begins() {
                    return Err(FlowError { instruction: last, fault: FlowFault::Entry });
                }
            }
        }
        Ok(())
    }
}

/// Where blocks begin.
fn leaders(code: &[Instruction]) -> Result<Vec<bool>, FlowError> {
    let mut leaders = vec![false; code.len()];
    let last = code.len().checked_sub(1);
    let Some(last) = last else {
        return Err(FlowError { instruction: 0, fault: FlowFault::Empty });
    };
    for (at, instruction) in code.iter().enumerate() {
        let row = instruction.row();
        if row.flow == Flow::Next && row.class != Class::Frame {
            continue;
        }
        if let Some(behind) = leaders.get_mut(at.saturating_add(1)) {
            *behind = true;
        }
        if let Some(label) = instruction.label() {
            let target = leaders.get_mut(usize::from(label.0));
            *target.ok_or(FlowError { instruction: at, fault: FlowFault::Target })? = true;
        }
    }
    let ends = code.get(last).map(|instruction| instruction.row().flow);
    if !matches!(ends, Some(Flow::Jump | Flow::End)) {
        return Err(FlowError { instruction: last, fault: FlowFault::FallsOff });
    }
    Ok(leaders)
}

/// What two halves of a loop share: whether it is over a list, its index, and the
/// list or the upper end.
type Key = (bool, Register, Register);

fn start(instruction: &Instruction) -> Option<(Key, Label)> {
    match instruction {
        Instruction::RangeStart { index, high, label, .. } => {
            Some(((false, *index, *high), *label))
        }
        Instruction::ListStart { index, list, label, .. } => Some(((true, *index, *list), *label)),
        _ => None,
    }
}

fn next(instruction: &Instruction) -> Option<(Key, Label)> {
    match instruction {
        Instruction::RangeNext { index, high, label } => Some(((false, *index, *high), *label)),
        Instruction::ListNext { index, list, label } => Some(((true, *index, *list), *label)),
        _ => None,
    }
}

fn loops(code: &[Instruction]) -> Result<Vec<Loop>, FlowError> {
    let mut loops: Vec<Loop> = Vec::new();
    // Until its `.next` is seen, a loop ends at the label of its start.
    for (at, instruction) in code.iter().enumerate() {
        let Some(label) = instruction.label() else { continue };
        let label = usize::from(label.0);
        let error = |fault| FlowError { instruction: at, fault };
        if start(instruction).is_some() {
            loops.push(Loop { start: at, end: label, around: None, depth: 0 });
        }
        match next(instruction) {
            None if label <= at => return Err(error(FlowFault::Backward)),
            None => {}
            Some((key, _)) => {
                let first = label.checked_sub(1).filter(|first| *first < at);
                let first = first.ok_or(error(FlowFault::Unpaired))?;
                let same = code.get(first).and_then(start).is_some_and(|(start, _)| start == key);
                let open = loops.binary_search_by_key(&first, |open| open.start).ok();
                let open = open.filter(|_| same).and_then(|index| loops.get_mut(index));
                let open = open.ok_or(error(FlowFault::Unpaired))?;
                // While the end is not known, `depth` is 0.
                if core::mem::replace(&mut open.depth, 1) != 0 {
                    return Err(error(FlowFault::Twice));
                }
                open.end = at.saturating_add(1);
            }
        }
    }
    nest(&mut loops)?;
    Ok(loops)
}

/// Says for each loop which is around it.
fn nest(loops: &mut [Loop]) -> Result<(), FlowError> {
    let mut open: Vec<(usize, usize)> = Vec::new();
    for (index, inner) in loops.iter_mut().enumerate() {
        while open.last().is_some_and(|(_, end)| *end <= inner.start) {
            open.pop();
        }
        let error = |fault| FlowError { instruction: inner.start, fault };
        if open.last().is_some_and(|(_, end)| *end < inner.end) {
            return Err(error(FlowFault::Overlap));
        }
        inner.around = open.last().map(|(outer, _)| *outer);
        open.push((index, inner.end));
        inner.depth = open.len();
        if inner.depth > LOOP_DEPTH_MAX {
            return Err(error(FlowFault::Depth));
        }
    }
    Ok(())
}

fn blocks(code: &[Instruction], leaders: &[bool], loops: &[Loop]) -> Result<Vec<Block>, FlowError> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut block_at = vec![0; code.len()];
    let mut opening = loops.iter().enumerate().peekable();
    let mut around: Option<usize> = None;
    for (at, entry) in block_at.iter_mut().enumerate() {
        if at == 0 || leaders.get(at).copied().unwrap_or(false) {
            // A loop's body begins behind its start, and both ends begin blocks.
            while let Some(over) = around.and_then(|index| loops.get(index)).filter(|l| l.end <= at)
            {
                around = over.around;
            }
            while let Some((index, _)) = opening.next_if(|(_, body)| body.start < at) {
                if loops.get(index).is_some_and(|body| body.end > at) {
                    around = Some(index);
                }
            }
            if let Some(before) = blocks.last_mut() {
                before.end = at;
            }
            blocks.push(Block { start: at, end: code.len(), next: None, label: None, around });
        }
        *entry = blocks.len().saturating_sub(1);
    }
    for (index, block) in blocks.iter_mut().enumerate() {
        let last = block.end.saturating_sub(1);
        let Some(instruction) = code.get(last) else { continue };
        if !matches!(instruction.row().flow, Flow::Jump | Flow::End) {
            block.next = Some(index.saturating_add(1));
        }
        if let Some(label) = instruction.label() {
            let target = block_at.get(usize::from(label.0)).copied();
            block.label =
                Some(target.ok_or(FlowError { instruction: last, fault: FlowFault::Target })?);
        }
    }
    Ok(blocks)
}

#[cfg(test)]
mod tests;
