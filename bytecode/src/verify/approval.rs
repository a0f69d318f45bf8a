//! Approvals: what people said yes to is what runs, and what needs a yes has one.
//!
//! A box's frame is opened by the answer to one question alone. Every act in it is
//! one that the question lists, at most once for a yes; and an act that can't be
//! taken back, or is destructive, stands in such a frame.

use super::frame::Frames;
use super::typing::needs_person;
use super::{Act, Body, Result, VerifyCode};
use crate::flow::{Block, Graph};
use crate::instruction::operand::{Operand, Question, Register};
use crate::instruction::{Instruction, Role};
use crate::module::FunctionKind;

/// The acts of a function, each with the question whose yes it stands behind.
pub(super) fn check(body: &Body<'_>, graph: &Graph, frames: &Frames) -> Result<Vec<Act>> {
    let mut acts = Vec::new();
    if !body.function.kind.acts() {
        return Ok(acts);
    }
    for (index, block) in graph.blocks.iter().enumerate() {
        let around = frames.approval(frames.around(index));
        let code = body.function.code.get(block.start..block.end).unwrap_or_default();
        for (at, instruction) in (block.start..).zip(code) {
            match instruction {
                Instruction::OpenApproved { approval, question, .. } => {
                    answers(body, at, *approval, *question)?;
                }
                Instruction::Approve { .. } if around.is_some() => {
                    return refuse(
                        body,
                        at,
                        "a question inside of what was approved",
                        "one before",
                    );
                }
                Instruction::Call { function, .. } if around.is_some() => {
                    let callee = body.module.functions.get(usize::from(function.0));
                    if callee.is_some_and(|callee| callee.kind == FunctionKind::Task) {
                        return refuse(body, at, "a task inside of what was approved", "its acts");
                    }
                }
                Instruction::Do { site, .. } => {
                    acts.extend(act(body, at, block, site.0, around)?);
                }
                _ => {}
            }
        }
    }
    Ok(acts)
}

/// The register holds what was answered to that question, and nothing else ever.
fn answers(body: &Body<'_>, at: usize, approval: Register, question: Question) -> Result<()> {
    for instruction in &body.function.code {
        let asks = matches!(
            instruction,
            Instruction::Approve { to, question: asked } if *to == approval && *asked == question
        );
        if !asks && writes(instruction, approval) {
            let allowed = "the answer to the same question alone";
            return refuse(body, at, "an approval that something else writes", allowed);
        }
    }
    Ok(())
}

fn writes(instruction: &Instruction, register: Register) -> bool {
    let mut found = false;
    instruction.operands(|row, operand| {
        let written =
            matches!(row.role, Role::Def | Role::DefNext | Role::DefLabel | Role::DefsNext);
        if let (true, Operand::Registers(registers)) = (written, operand) {
            found |= registers.contains(&register);
        }
    });
    found
}

/// An act in the frame of a box, or outside of all.
fn act(
    body: &Body<'_>,
    at: usize,
    block: &Block,
    site: u16,
    around: Option<(Question, Option<usize>)>,
) -> Result<Option<Act>> {
    let called = body.module.sites.get(usize::from(site)).map(|site| site.call().action.0);
    let Some(index) = called.map(usize::from) else { return Ok(None) };
    let Some(action) = body.module.actions.get(index) else { return Ok(None) };
    let Some((question, in_loop)) = around else {
        if !needs_person(action) {
            return Ok(Some(Act { action: index, question: None }));
        }
        let found = format!("`{}`, which nobody approved", action.name);
        return refuse(body, at, &found, "a person's yes before it");
    };
    let number = usize::from(question.0);
    let question = body.module.questions.get(number);
    let mut listed = question.into_iter().flat_map(crate::module::question::Question::listed);
    if !listed.any(|one| one.site.0 == site) {
        let found = format!("`{}`, which the question doesn't list", action.name);
        return refuse(body, at, &found, "the effects that it lists");
    }
    if block.around != in_loop {
        let found = format!("`{}` in a loop of its own", action.name);
        return refuse(body, at, &found, "each listed effect once");
    }
    Ok(Some(Act { action: index, question: Some(number) }))
}

fn refuse<T>(body: &Body<'_>, at: usize, found: &str, allowed: &str) -> Result<T> {
    Err(body.refuse(VerifyCode::Approval, at, found, allowed))
}
