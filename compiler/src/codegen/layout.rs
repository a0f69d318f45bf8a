//! From a buffer to code: targets become the numbers of instructions, jumps to
//! jumps go where those go, and what nobody reaches is left out.

use rye_bytecode::instruction::operand::Label;
use rye_bytecode::instruction::{Flow, Instruction};
use rye_grammar::span::Span;

use super::buffer::{Buffer, Item};

/// An instruction and its source.
pub(super) type Placed = (Instruction, Span);

/// The code, or nothing if it has more instructions than a label can number.
pub(super) fn lay_out(buffer: Buffer) -> Option<Vec<Placed>> {
    let (mut nodes, targets) = flatten(buffer)?;
    for (index, (instruction, _)) in nodes.iter_mut().enumerate() {
        if let Some(label) = label_mut(instruction) {
            // A target that was never placed is behind the end: nobody reaches it.
            label.0 = targets.get(usize::from(label.0)).copied().flatten().unwrap_or(u16::MAX);
        }
        u16::try_from(index).ok()?;
    }
    thread(&mut nodes);
    let keep = kept(&nodes);
    Some(compact(nodes, &keep))
}

/// All instructions in order, and for each target the instruction behind it.
fn flatten(buffer: Buffer) -> Option<(Vec<Placed>, Vec<Option<u16>>)> {
    let (items, count) = buffer.into_items()?;
    let mut nodes = Vec::with_capacity(items.len());
    let mut targets = vec![None; usize::from(count)];
    for item in items {
        match item {
            Item::Instruction(instruction, span) => nodes.push((instruction, span)),
            Item::Room(filled) => nodes.extend(filled),
            Item::Target(label) => {
                let at = u16::try_from(nodes.len()).ok()?;
                if let Some(target) = targets.get_mut(usize::from(label.0)) {
                    *target = Some(at);
                }
            }
        }
    }
    Some((nodes, targets))
}

/// Lets jumps to jumps go where those go. The labels of loops and frames stay:
/// where they lead is part of their form.
fn thread(nodes: &mut [Placed]) {
    let jump = |(instruction, _): &Placed| match instruction {
        Instruction::Jump { label } => Some(*label),
        _ => None,
    };
    let jumps: Vec<Option<Label>> = nodes.iter().map(jump).collect();
    for (instruction, _) in nodes {
        let is_form = matches!(
            instruction,
            Instruction::RangeStart { .. }
                | Instruction::RangeNext { .. }
                | Instruction::ListStart { .. }
                | Instruction::ListNext { .. }
                | Instruction::OpenAttempt { .. }
        );
        if let (false, Some(label)) = (is_form, label_mut(instruction)) {
            // Jumps only ever lead forward, so this ends.
            while let Some(next) = jumps.get(usize::from(label.0)).copied().flatten() {
                *label = next;
            }
        }
    }
}

/// Which instructions are needed: those that are reached, but for jumps to what
/// follows anyway.
fn kept(nodes: &[Placed]) -> Vec<bool> {
    let mut keep = vec![false; nodes.len()];
    let mut open = vec![0];
    while let Some(at) = open.pop() {
        let (Some(seen @ false), Some((instruction, _))) = (keep.get_mut(at), nodes.get(at)) else {
            continue;
        };
        *seen = true;
        let flow = instruction.row().flow;
        if matches!(flow, Flow::Next | Flow::Branch | Flow::Open) {
            open.push(at.saturating_add(1));
        }
        open.extend(instruction.label().map(|label| usize::from(label.0)));
    }
    // From the end, as a jump may lead behind another one that is left out.
    let mut next = nodes.len();
    for (at, (instruction, _)) in nodes.iter().enumerate().rev() {
        let Some(kept) = keep.get_mut(at).filter(|kept| **kept) else { continue };
        let Instruction::Jump { label } = instruction else {
            next = at;
            continue;
        };
        // Nothing that is kept stands between the jump and where it leads.
        if usize::from(label.0) <= next {
            *kept = false;
        } else {
            next = at;
        }
    }
    keep
}

/// Drops what isn't kept and renumbers labels.
fn compact(nodes: Vec<Placed>, keep: &[bool]) -> Vec<Placed> {
    let mut positions = Vec::with_capacity(nodes.len());
    let mut position = 0_u16;
    for kept in keep {
        positions.push(position);
        position = position.saturating_add(u16::from(*kept));
    }
    let kept = nodes.into_iter().zip(keep).filter(|(_, kept)| **kept);
    kept.map(|((mut instruction, span), _)| {
        if let Some(label) = label_mut(&mut instruction) {
            label.0 = positions.get(usize::from(label.0)).copied().unwrap_or(position);
        }
        (instruction, span)
    })
    .collect()
}

fn label_mut(instruction: &mut Instruction) -> Option<&mut Label> {
    match instruction {
        Instruction::Jump { label }
        | Instruction::JumpIf { label, .. }
        | Instruction::JumpUnless { label, .. }
        | Instruction::RangeStart { label, .. }
        | Instruction::RangeNext { label, .. }
        | Instruction::ListStart { label, .. }
        | Instruction::ListNext { label, .. }
        | Instruction::MatchVariant { label, .. }
        | Instruction::MatchSome { label, .. }
        | Instruction::OpenAttempt { label, .. }
        | Instruction::OpenApproved { label, .. }
        | Instruction::AskElse { label, .. }
        | Instruction::AskFirstElse { label, .. }
        | Instruction::Choose { label, .. } => Some(label),
        _ => None,
    }
}
