//! Effects: a function has only those of its kind; an act keeps what its
//! declaration promises; a playbook says what a failure does and how much it may
//! touch; and nothing is declared that isn't used.

use std::collections::BTreeSet;

use rye_core::action::{ActionSignature, Undo, Verb};
use rye_core::ty::Type;
use rye_core::value::{Duration, Name};

use super::meter::Meter;
use super::{Body, Result, Used, VerifyCode, VerifyError, in_function};
use crate::instruction::operand::{ActionSite, FrameKind, OnFailure};
use crate::instruction::{Class, Instruction};
use crate::module::{DoSite, FunctionKind, Module, Playbook, Site, UndoSite};

/// The instructions of a function are of a class that its kind allows.
pub(super) fn function(body: &Body<'_>) -> Result<()> {
    let kind = body.function.kind;
    for (at, instruction) in body.function.code.iter().enumerate() {
        let asks = instruction.asked().is_some();
        let allowed = match instruction.row().class {
            Class::Pure | Class::Raises => true,
            Class::Reads if asks => kind != FunctionKind::Pure,
            Class::Reads | Class::Acts | Class::Frame => kind.acts(),
            Class::Ends => kind == FunctionKind::Playbook,
        };
        if !allowed {
            let found = format!("`{}` in a {} function", instruction.row().mnemonic, kind.word());
            return Err(body.refuse(VerifyCode::Effect, at, found, "what its kind may do"));
        }
        let Instruction::Call { function, .. } = instruction else { continue };
        let callee = body.module.functions.get(usize::from(function.0));
        let callee = callee.map_or(FunctionKind::Playbook, |callee| callee.kind);
        let allowed = match callee {
            FunctionKind::Pure => true,
            FunctionKind::Condition => kind != FunctionKind::Pure,
            FunctionKind::Task => kind.acts(),
            FunctionKind::Playbook => false,
        };
        if !allowed {
            let found = format!("a call of a {} function in a {} one", callee.word(), kind.word());
            return Err(body.refuse(VerifyCode::Call, at, found, "functions without more effects"));
        }
        if callee == FunctionKind::Task && !has_own_frame(&body.function.code, at) {
            let found = "a task without a frame of its own";
            let allowed = "`open.frame task`, the call, `close.frame`";
            return Err(body.refuse(VerifyCode::Frame, at, found, allowed));
        }
    }
    Ok(())
}

/// Whether nothing but the instruction stands in a frame of a task.
fn has_own_frame(code: &[Instruction], at: usize) -> bool {
    let before = at.checked_sub(1).and_then(|before| code.get(before));
    matches!(before, Some(Instruction::OpenFrame { kind: FrameKind::Task }))
        && matches!(code.get(at.saturating_add(1)), Some(Instruction::CloseFrame {}))
}

/// An act keeps what its declaration promises; a call may say more, never less.
pub(super) fn act(body: &Body<'_>, at: usize, site: &DoSite) -> Result<()> {
    let Some(action) = action(body.module, site.call.action.0) else { return Ok(()) };
    let name = &action.name;
    let refuse = |code, found: String, allowed: &str| Err(body.refuse(code, at, found, allowed));
    match (&action.undo, &site.undo) {
        (Undo::Irreversible, UndoSite::Call { .. } | UndoSite::None) => {
            let found = format!("the irreversible `{name}` with an undo");
            return refuse(VerifyCode::Undo, found, "none");
        }
        (Undo::Action(_) | Undo::None(_), UndoSite::Irreversible) => {
            let found = format!("`{name}` as irreversible");
            return refuse(VerifyCode::Undo, found, "what its declaration says");
        }
        (Undo::Action(_), UndoSite::None) => {
            return refuse(VerifyCode::Undo, format!("`{name}` without its undo"), "an undo");
        }
        (_, UndoSite::Call { action, .. }) => {
            let undo = self::action(body.module, action.0);
            if let Some(undo) = undo.filter(|undo| undo.undo == Undo::Irreversible) {
                let found = format!("the irreversible `{}` as an undo", undo.name);
                return refuse(VerifyCode::Approval, found, "actions that can be taken back");
            }
        }
        (Undo::None(_), UndoSite::None) | (Undo::Irreversible, UndoSite::Irreversible) => {}
    }
    if action.proved == site.proof.is_empty() {
        let found = format!("`{name}` with {} proofs", site.proof.len());
        return refuse(VerifyCode::Undo, found, "a proof exactly where the declaration has one");
    }
    let attempts = body.module.range(site.call.retry.attempts).map_or(u8::MAX, |(_, most)| most);
    if attempts > 1 && !action.proved && !action.idempotent {
        let found = format!("{attempts} attempts of `{name}`");
        return refuse(VerifyCode::Retry, found, "one, or a proof, or `idempotent`");
    }
    let Some(within) = site.verified else { return Ok(()) };
    let least = body.module.range(within).map_or(Duration::ZERO, |(least, _)| least);
    if least.0 > 0 && action.proved {
        return Ok(());
    }
    let found = format!("`{name}` verified within {least}");
    refuse(VerifyCode::Retry, found, "a positive time, of a setting with a range, and a proof")
}

fn action(module: &Module, index: u16) -> Option<&ActionSignature> {
    module.actions.get(usize::from(index))
}

/// Sites and questions that are used, and actions that used sites call.
pub(super) fn all_used(module: &Module, used: &Used) -> Result<()> {
    let mut actions = vec![false; module.actions.len()];
    let mut mark = |index: u16| {
        if let Some(used) = actions.get_mut(usize::from(index)) {
            *used = true;
        }
    };
    for (index, site) in module.sites.iter().enumerate() {
        if !used.sites.get(index).copied().unwrap_or(false) {
            let found = format!("site {index}, which no instruction uses");
            return Err(VerifyError::new(VerifyCode::Unreachable, found, "sites that are used"));
        }
        mark(site.call().action.0);
        let Site::Do(site) = site else { continue };
        if let UndoSite::Call { action, .. } = &site.undo {
            mark(action.0);
        }
        site.proof.iter().for_each(|proof| mark(proof.query.action.0));
    }
    if let Some(index) = used.questions.iter().position(|used| !used) {
        let found = format!("question {index}, which no instruction asks");
        return Err(VerifyError::new(VerifyCode::Unreachable, found, "questions that are asked"));
    }
    let unused = actions.iter().zip(&module.actions).find(|(used, _)| !**used);
    unused.map_or(Ok(()), |(_, action)| {
        let found = format!("`{}`, which nothing calls", action.name);
        Err(VerifyError::new(VerifyCode::Capability, found, "what the code calls, no more"))
    })
}

/// A playbook says what a failure of its acts does, and how much it may touch; its
/// tasks act for it.
pub(super) fn playbook(module: &Module, playbook: &Playbook, meter: &mut Meter) -> Result<()> {
    let mut open = vec![usize::from(playbook.function.0)];
    let mut seen = vec![false; module.functions.len()];
    while let Some(index) = open.pop() {
        let Some(function) = module.functions.get(index) else { continue };
        if !function.kind.acts() || seen.get(index).copied().unwrap_or(true) {
            continue;
        }
        if let Some(seen) = seen.get_mut(index) {
            *seen = true;
        }
        meter.charge(function.code.len())?;
        for (at, instruction) in function.code.iter().enumerate() {
            match instruction {
                Instruction::Call { function, .. } => open.push(usize::from(function.0)),
                Instruction::Do { site, .. } => {
                    let at_it = |error| VerifyError { instruction: Some(at), ..error };
                    let checked = act_for(module, playbook, *site).map_err(at_it);
                    checked.map_err(|error| in_function(module, index, error))?;
                }
                _ => {}
            }
        }
    }
    Ok(())
}

/// An act of a playbook, in it or in a task.
fn act_for(module: &Module, playbook: &Playbook, ActionSite(site): ActionSite) -> Result<()> {
    if playbook.on_failure == OnFailure::Inherit {
        let found = format!("the playbook `{}` with acts and `inherit`", playbook.name);
        return Err(VerifyError::new(VerifyCode::Effect, found, "`undo` or `hold`"));
    }
    let limited: BTreeSet<&Name> = playbook.limits.iter().map(|(kind, _)| kind).collect();
    let site = module.sites.get(usize::from(site));
    let Some(action) = site.and_then(|site| action(module, site.call().action.0)) else {
        return Ok(());
    };
    debug_assert!(action.verb == Verb::Action, "typing has checked the verb");
    for affected in &action.affects {
        let parameter = action.parameters.get(usize::from(*affected));
        let ty = parameter.and_then(|parameter| module.types.get(parameter.ty));
        let Some(Type::Asset { name, .. }) = ty else { continue };
        if !limited.contains(name) {
            let found = format!("`{}`, which affects a `{name}`", action.name);
            let allowed = format!("a limit for `{name}` in `{}`", playbook.name);
            return Err(VerifyError::new(VerifyCode::AssetLimit, found, allowed));
        }
    }
    Ok(())
}
