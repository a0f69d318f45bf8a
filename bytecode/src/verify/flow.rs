//! Control flow of one function: it has a graph, and its loops keep what they
//! count with.

use rye_core::limit::LOOP_DEPTH_MAX;

use super::{Body, Result, VerifyCode};
use crate::flow::{FlowError, FlowFault, Graph};
use crate::instruction::operand::{Operand, Register};
use crate::instruction::{Instruction, Role};

/// The graph of a function.
pub(super) fn graph(body: &Body<'_>) -> Result<Graph> {
    let graph = Graph::new(&body.function.code).map_err(|FlowError { instruction, fault }| {
        let (code, found, allowed) = words(fault);
        body.refuse(code, instruction, found, allowed)
    })?;
    loops(body, &graph)?;
    Ok(graph)
}

fn words(fault: FlowFault) -> (VerifyCode, &'static str, &'static str) {
    const FORWARD: &str = "edges forward, but that of a loop's `.next`";
    match fault {
        FlowFault::Empty => (VerifyCode::Flow, "no instruction", "at least one"),
        FlowFault::Target => (VerifyCode::Flow, "a label outside of the function", "one inside"),
        FlowFault::FallsOff => {
            (VerifyCode::Flow, "an end that goes on", "a jump, a return or another end")
        }
        FlowFault::Unreachable => {
            (VerifyCode::Unreachable, "code that nothing leads to", "code that is reached")
        }
        FlowFault::Backward => (VerifyCode::Loop, "an edge backward", FORWARD),
        FlowFault::Unpaired => (
            VerifyCode::Loop,
            "a `.next` without its start",
            "the label right behind the `.start` with the same registers",
        ),
        FlowFault::Twice => {
            (VerifyCode::Loop, "a second `.next` of one start", "one `.next` for each start")
        }
        FlowFault::Overlap => {
            (VerifyCode::Loop, "a loop that ends behind the one around it", "nested loops")
        }
        FlowFault::Depth => {
            const { assert!(LOOP_DEPTH_MAX == 8) };
            (VerifyCode::Loop, "too many loops inside each other", "at most 8")
        }
        FlowFault::Entry => {
            (VerifyCode::Loop, "an edge into a loop", "an entry through the loop's start alone")
        }
    }
}

/// Every loop is bounded, nothing in it writes its registers, `at.list` stands in a
/// loop over its list, and `hold` behind its act.
fn loops(body: &Body<'_>, graph: &Graph) -> Result<()> {
    for block in &graph.blocks {
        let Some(instructions) = body.function.code.get(block.start..block.end) else { continue };
        for (at, instruction) in (block.start..).zip(instructions) {
            bounded(body, at, instruction)?;
            let mut around = block.around;
            while let Some(inner) = around.and_then(|index| graph.loops.get(index)) {
                keeps(body, at, instruction, inner.start)?;
                around = inner.around;
            }
            in_its_loop(body, graph, block.around, at, instruction)?;
            behind_its_act(body, block.start, at, instruction)?;
        }
    }
    Ok(())
}

fn bounded(body: &Body<'_>, at: usize, instruction: &Instruction) -> Result<()> {
    let (Instruction::RangeStart { max, .. } | Instruction::ListStart { max, .. }) = instruction
    else {
        return Ok(());
    };
    if max.0 > 0 {
        return Ok(());
    }
    Err(body.refuse(VerifyCode::Loop, at, "a loop of at most 0 rounds", "at least 1"))
}

/// What the loop that begins at `start` counts with.
fn registers(body: &Body<'_>, start: usize) -> Option<(Register, Register)> {
    match body.function.code.get(start) {
        Some(Instruction::RangeStart { index, high, .. }) => Some((*index, *high)),
        Some(Instruction::ListStart { index, list, .. }) => Some((*index, *list)),
        _ => None,
    }
}

fn keeps(body: &Body<'_>, at: usize, instruction: &Instruction, start: usize) -> Result<()> {
    let Some((index, over)) = registers(body, start) else { return Ok(()) };
    let mut written = false;
    instruction.operands(|row, operand| {
        let writes =
            matches!(row.role, Role::Def | Role::DefNext | Role::DefLabel | Role::DefsNext);
        if let (true, Operand::Registers(registers)) = (writes, operand) {
            written |= registers.iter().any(|register| *register == index || *register == over);
        }
    });
    if !written {
        return Ok(());
    }
    let found = format!("a write to a register that the loop at {start} counts with");
    Err(body.refuse(VerifyCode::Loop, at, found, "writes to other registers"))
}

fn in_its_loop(
    body: &Body<'_>,
    graph: &Graph,
    mut around: Option<usize>,
    at: usize,
    instruction: &Instruction,
) -> Result<()> {
    let Instruction::AtList { a, index, .. } = instruction else { return Ok(()) };
    while let Some(inner) = around.and_then(|index| graph.loops.get(index)) {
        let over_list =
            matches!(body.function.code.get(inner.start), Some(Instruction::ListStart { .. }));
        if over_list && registers(body, inner.start) == Some((*index, *a)) {
            return Ok(());
        }
        around = inner.around;
    }
    Err(body.refuse(
        VerifyCode::Loop,
        at,
        "`at.list` outside of its list's loop",
        "its loop's body",
    ))
}

/// What names an effect stands right behind the act, in the block that `begins` there:
/// then nothing else leads to it, and no other effect lies between the two.
fn behind_its_act(
    body: &Body<'_>,
    begins: usize,
    at: usize,
    instruction: &Instruction,
) -> Result<()> {
    let Instruction::Hold { .. } = instruction else { return Ok(()) };
    let before = at.checked_sub(1).filter(|before| *before >= begins);
    let before = before.and_then(|before| body.function.code.get(before));
    if matches!(before, Some(Instruction::Do { .. })) {
        return Ok(());
    }
    let allowed = "right behind its `do`, with no label between";
    Err(body.refuse(VerifyCode::Flow, at, "`hold` without its act", allowed))
}
