//! Frames: they open and close in pairs on every path, the same ones are open on
//! all edges into a block, loops leave them as they found them, and an attempt's
//! handler lies behind all that it may have to handle.

use rye_core::limit::FRAME_DEPTH_MAX;

use super::{Body, Result, VerifyCode};
use crate::flow::{Block, Graph};
use crate::instruction::operand::{FrameKind, Question};
use crate::instruction::{Class, Instruction};

/// A frame that code opens, by its place in [`Frames`]; 0 is the playbook's own.
pub(super) type FrameIndex = usize;

/// One frame.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame {
    /// The frame around it.
    pub(super) around: FrameIndex,
    /// Whether it is that of an attempt: its failure leads to a handler.
    pub(super) attempt: bool,
    /// Whose yes opens it, if it is a box's.
    pub(super) approves: Option<Question>,
    /// The innermost loop around the instruction that opens it.
    pub(super) in_loop: Option<usize>,
    /// Frames around it, itself included.
    depth: usize,
    /// All code in it lies before this instruction.
    before: usize,
}

/// The frames of a function, and which are open where.
#[derive(Clone, Debug, Default)]
pub(super) struct Frames {
    frames: Vec<Frame>,
    /// Per block, at its begin; frames open and close at the end of blocks alone.
    open: Vec<Option<FrameIndex>>,
}

impl Frames {
    /// The innermost frame in which a block's instructions run.
    pub(super) fn around(&self, block: usize) -> FrameIndex {
        self.open.get(block).copied().flatten().unwrap_or(0)
    }

    /// A frame.
    pub(super) fn get(&self, frame: FrameIndex) -> Option<&Frame> {
        self.frames.get(frame)
    }

    /// The innermost box's frame that is `frame` or around it: whose yes opened it, and
    /// the loop around its opening.
    pub(super) fn approval(&self, mut frame: FrameIndex) -> Option<(Question, Option<usize>)> {
        loop {
            let open = self.frames.get(frame)?;
            if let Some(question) = open.approves {
                return Some((question, open.in_loop));
            }
            if frame == open.around {
                return None;
            }
            frame = open.around;
        }
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.frames.len()
    }

    fn add(&mut self, frame: Frame) -> FrameIndex {
        self.frames.push(frame);
        self.frames.len().saturating_sub(1)
    }
}

/// Checks the frames of a function. Without a frame there is nothing to check.
/// `depths` holds per function how many frames are open at most, those of the tasks
/// that it calls included; all of these are known.
pub(super) fn check(body: &Body<'_>, graph: &Graph, depths: &mut [usize]) -> Result<Frames> {
    let mut frames = Frames::default();
    let touches = |instruction: &Instruction| instruction.row().class == Class::Frame;
    if !body.function.kind.acts() || !body.function.code.iter().any(touches) {
        return Ok(frames);
    }
    frames.open = vec![None; graph.blocks.len()];
    let end = body.function.code.len();
    let own =
        Frame { around: 0, attempt: false, approves: None, in_loop: None, depth: 0, before: end };
    let own = frames.add(own);
    if let Some(first) = frames.open.first_mut() {
        *first = Some(own);
    }
    for (index, block) in graph.blocks.iter().enumerate() {
        self::block(body, graph, &mut frames, index, block)?;
    }
    let depth = deepest(body, graph, &frames, depths)?;
    if let Some(own) = depths.get_mut(body.index) {
        *own = depth;
    }
    Ok(frames)
}

/// How many frames are open at most, those of called tasks included.
fn deepest(body: &Body<'_>, graph: &Graph, frames: &Frames, depths: &[usize]) -> Result<usize> {
    let mut deepest = frames.frames.iter().map(|frame| frame.depth).max().unwrap_or(0);
    for (index, block) in graph.blocks.iter().enumerate() {
        let depth = frames.get(frames.around(index)).map_or(0, |frame| frame.depth);
        let code = body.function.code.get(block.start..block.end).unwrap_or_default();
        for (at, instruction) in (block.start..).zip(code) {
            let Instruction::Call { function, .. } = instruction else { continue };
            let below = depths.get(usize::from(function.0)).copied().unwrap_or(0);
            let depth = depth.saturating_add(below);
            if depth > FRAME_DEPTH_MAX {
                let found = format!("{depth} frames inside each other, in tasks");
                return Err(body.refuse(VerifyCode::Frame, at, found, "at most 16"));
            }
            deepest = deepest.max(depth);
        }
    }
    Ok(deepest)
}

fn block(
    body: &Body<'_>,
    graph: &Graph,
    frames: &mut Frames,
    index: usize,
    block: &Block,
) -> Result<()> {
    let at = block.end.saturating_sub(1);
    let refuse =
        |found: &str, allowed: &str| Err(body.refuse(VerifyCode::Frame, at, found, allowed));
    let around = frames.around(index);
    let Some(frame) = frames.get(around).copied() else { return Ok(()) };
    if block.end > frame.before {
        return refuse("code of an attempt behind its handler", "the handler behind all of it");
    }
    let opened = Frame {
        around,
        attempt: false,
        approves: None,
        in_loop: block.around,
        depth: frame.depth.saturating_add(1),
        before: frame.before,
    };
    let mut after = around;
    let mut labelled = None;
    match body.function.code.get(at) {
        Some(Instruction::OpenFrame { kind: FrameKind::Recover }) => {
            return refuse("a `recover` frame that code opens", "those that the machine opens");
        }
        Some(Instruction::OpenStage { .. } | Instruction::OpenFrame { .. }) => {
            after = frames.add(opened);
        }
        Some(Instruction::OpenAttempt { label, .. }) => {
            let before = frame.before.min(usize::from(label.0));
            after = frames.add(Frame { attempt: true, before, ..opened });
            labelled = Some(frames.add(opened));
        }
        Some(Instruction::OpenApproved { question, .. }) => {
            after = frames.add(Frame { approves: Some(*question), ..opened });
            labelled = Some(around);
        }
        Some(Instruction::CloseFrame {}) if around == 0 => {
            return refuse("a close without an open frame", "pairs");
        }
        Some(Instruction::CloseFrame {}) => after = frame.around,
        Some(Instruction::Return { .. }) if around != 0 => {
            return refuse("a return out of a frame", "all frames closed");
        }
        _ => {}
    }
    if frames.get(after).is_some_and(|frame| frame.depth > FRAME_DEPTH_MAX) {
        return refuse("too many frames inside each other", "at most 16");
    }
    for (target, open) in [(block.next, after), (block.label, labelled.unwrap_or(after))] {
        let Some(target) = target else { continue };
        if let Err(found) = enter(graph, frames, block, target, open) {
            return refuse(found, "the same open frames on all ways there");
        }
    }
    Ok(())
}

const _: () = assert!(FRAME_DEPTH_MAX == 16);

/// Notes what is open where an edge leads.
fn enter(
    graph: &Graph,
    frames: &mut Frames,
    from: &Block,
    target: usize,
    open: FrameIndex,
) -> core::result::Result<(), &'static str> {
    let Some(to) = graph.blocks.get(target) else { return Ok(()) };
    let mut left = from.around;
    while let Some(inner) = left.filter(|_| !graph.lies_in(to.around, left)) {
        let Some(inner) = graph.loops.get(inner) else { break };
        // The block that ends with the loop's start.
        let start = graph.blocks.partition_point(|block| block.start <= inner.start);
        if frames.around(start.saturating_sub(1)) != open {
            return Err("a loop that is left with other frames than it was entered with");
        }
        left = inner.around;
    }
    match frames.open.get_mut(target) {
        Some(known @ None) => *known = Some(open),
        Some(Some(known)) if *known != open => return Err("other open frames than on another way"),
        _ => {}
    }
    Ok(())
}
