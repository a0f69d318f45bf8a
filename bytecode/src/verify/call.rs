//! Third pass: functions call each other without circles and not too deeply; so
//! what a function can do follows from those it calls.

use rye_core::limit::CALL_DEPTH_MAX;

use super::meter::Meter;
use super::{Result, VerifyCode, VerifyError, in_function};
use crate::instruction::Instruction;
use crate::module::Module;

/// All functions, each behind those that it calls.
pub(super) fn order(module: &Module, meter: &mut Meter) -> Result<Vec<usize>> {
    let count = module.functions.len();
    let mut order = Vec::with_capacity(count);
    let mut depths = vec![Depth::Unseen; count];
    for first in 0..count {
        visit(module, first, &mut depths, &mut order, meter)?;
    }
    Ok(order)
}

/// What is known of how deeply a function calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Depth {
    Unseen,
    /// Being looked at: to meet it again is a circle.
    Open,
    /// So many functions are on the way down from it, itself included.
    Known(usize),
}

/// Walks from `first` to all that it calls, with a stack of its own: how deep it
/// goes is what the walk finds out.
fn visit(
    module: &Module,
    first: usize,
    depths: &mut [Depth],
    order: &mut Vec<usize>,
    meter: &mut Meter,
) -> Result<()> {
    let mut stack = vec![(first, 0_usize, 1_usize)];
    while let Some((index, at, deepest)) = stack.pop() {
        let Some(depth) = depths.get_mut(index) else { continue };
        if matches!(depth, Depth::Known(_)) {
            continue;
        }
        *depth = Depth::Open;
        let code = module.functions.get(index).map_or(&[][..], |function| &function.code);
        let calls = code.iter().enumerate().skip(at);
        let call = calls.into_iter().find_map(|(at, instruction)| match instruction {
            Instruction::Call { function, .. } => Some((at, usize::from(function.0))),
            _ => None,
        });
        meter.charge(call.map_or(code.len(), |(at, _)| at).saturating_sub(at).saturating_add(1))?;
        let Some((at, callee)) = call else {
            if let Some(depth) = depths.get_mut(index) {
                *depth = Depth::Known(deepest);
            }
            order.push(index);
            continue;
        };
        let refuse = |found: String, allowed: String| {
            let error = VerifyError::new(VerifyCode::Recursion, found, allowed);
            Err(in_function(module, index, VerifyError { instruction: Some(at), ..error }))
        };
        match depths.get(callee).copied() {
            Some(Depth::Open) => {
                let found = format!("a call of function {callee}, which leads back here");
                return refuse(found, String::from("calls without a circle"));
            }
            Some(Depth::Known(below)) => {
                let deepest = deepest.max(below.saturating_add(1));
                if deepest > CALL_DEPTH_MAX {
                    let found = format!("{deepest} functions that call each other");
                    return refuse(found, format!("at most {CALL_DEPTH_MAX}"));
                }
                stack.push((index, at.saturating_add(1), deepest));
            }
            Some(Depth::Unseen) => {
                stack.push((index, at, deepest));
                stack.push((callee, 0, 1));
            }
            None => stack.push((index, at.saturating_add(1), deepest)),
        }
    }
    Ok(())
}
