//! First pass: tables are no longer than the limits say, so that later passes
//! can count on small indices.

use rye_core::canonical;
use rye_core::limit::{
    CAPABILITIES_MAX, CONSTANTS_BYTES_MAX, ENTRY_POINTS_MAX, FUNCTIONS_MAX, INSTRUCTIONS_MAX,
    OPERANDS_MAX, QUESTIONS_MAX, REGISTERS_MAX, SETTINGS_MAX, SITES_MAX, TRUST_ROLES_MAX,
    TYPES_MAX,
};

use super::{Result, VerifyCode, VerifyError, in_function};
use crate::instruction::operand::Operand;
use crate::module::{Function, Module, Site, UndoSite};

pub(super) fn check(module: &Module) -> Result<()> {
    at_most("types", module.types.len(), TYPES_MAX)?;
    at_most("settings", module.settings.len(), SETTINGS_MAX)?;
    at_most("roles", module.roles.len(), TRUST_ROLES_MAX)?;
    at_most("actions", module.actions.len(), CAPABILITIES_MAX)?;
    at_most("sites", module.sites.len(), SITES_MAX)?;
    at_most("questions", module.questions.len(), QUESTIONS_MAX)?;
    at_most("functions", module.functions.len(), FUNCTIONS_MAX)?;
    at_most("playbooks", module.playbooks.len(), ENTRY_POINTS_MAX)?;
    constants(module)?;
    for site in &module.sites {
        self::site(site)?;
    }
    for question in &module.questions {
        for listed in question.listed() {
            at_most("arguments", listed.arguments.len(), OPERANDS_MAX)?;
            at_most("arguments", listed.undo.len(), OPERANDS_MAX)?;
        }
    }
    for (index, function) in module.functions.iter().enumerate() {
        self::function(module, function).map_err(|error| in_function(module, index, error))?;
    }
    Ok(())
}

fn at_most(what: &str, found: usize, max: usize) -> Result<()> {
    if found <= max {
        return Ok(());
    }
    Err(VerifyError::new(VerifyCode::Limit, format!("{found} {what}"), format!("at most {max}")))
}

fn constants(module: &Module) -> Result<()> {
    let mut bytes = 0_usize;
    for constant in &module.constants {
        bytes = bytes.saturating_add(canonical::encode(&constant.value).len());
        at_most("bytes of constants", bytes, CONSTANTS_BYTES_MAX)?;
    }
    at_most("constants", module.constants.len(), 1 << 16)
}

fn site(site: &Site) -> Result<()> {
    let list = |arguments: &[_]| at_most("arguments", arguments.len(), OPERANDS_MAX);
    let call = site.call();
    list(&call.arguments)?;
    let Site::Do(site) = site else { return Ok(()) };
    if let UndoSite::Call { arguments, .. } = &site.undo {
        list(arguments)?;
    }
    at_most("proofs", site.proof.len(), OPERANDS_MAX)?;
    site.proof.iter().try_for_each(|proof| list(&proof.query.arguments))
}

fn function(module: &Module, function: &Function) -> Result<()> {
    at_most("instructions", function.code.len(), INSTRUCTIONS_MAX)?;
    at_most("registers", function.registers.len(), 1 << 8)?;
    let slots = function.registers.iter().map(|ty| module.types.slots(*ty));
    at_most("register slots", slots.fold(0, usize::saturating_add), REGISTERS_MAX)?;
    for (at, instruction) in function.code.iter().enumerate() {
        let mut longest = 0;
        instruction.operands(|_, operand| {
            if let Operand::Registers(registers) = operand {
                longest = longest.max(registers.len());
            }
        });
        at_most("registers in one operand", longest, OPERANDS_MAX)
            .map_err(|error| VerifyError { instruction: Some(at), ..error })?;
    }
    Ok(())
}
