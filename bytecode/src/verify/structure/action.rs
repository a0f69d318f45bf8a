//! Declarations of actions, queries and notices, and what their calls refer to.

use std::collections::BTreeSet;

use rye_core::action::{ActionSignature, Retry, Undo, Verb};
use rye_core::impact::Impact;
use rye_core::limit::TEXT_DEFAULT_BYTES_MAX;
use rye_core::ty::Type;
use rye_core::ty::class::TypeClasses;
use rye_core::value::Duration;

use super::super::{Result, VerifyCode, VerifyError};
use super::{form, inside, is_own, name, ty, type_inside};
use crate::module::{AskSite, Module, Site, UndoSite};

pub(super) fn check(module: &Module, classes: &TypeClasses) -> Result<()> {
    for action in &module.actions {
        signature(module, classes, action)?;
    }
    if !module.actions.is_sorted_by(|first, second| first.name < second.name) {
        let found = "actions that do not ascend by name";
        return Err(VerifyError::new(VerifyCode::Duplicate, found, "each once, ascending"));
    }
    for site in &module.sites {
        let action = |call: &AskSite| inside("action", call.action.0, module.actions.len());
        action(site.call())?;
        if let Site::Do(site) = site {
            if let UndoSite::Call { action, .. } = &site.undo {
                inside("action", action.0, module.actions.len())?;
            }
            site.proof.iter().try_for_each(|proof| action(&proof.query))?;
        }
    }
    Ok(())
}

fn signature(module: &Module, classes: &TypeClasses, action: &ActionSignature) -> Result<()> {
    let name = &action.name;
    name::check("action", name)?;
    let mut names = BTreeSet::new();
    for parameter in &action.parameters {
        name::check("parameter", &parameter.name)?;
        name::once(&mut names, "parameter", &parameter.name)?;
        type_inside(module, parameter.ty)?;
        if is_own(&module.types, parameter.ty) {
            return form(format!("a parameter of `{name}` that is the machine's own"), "values");
        }
    }
    type_inside(module, action.result)?;
    let is_unit = ty::is_unit(&module.types, action.result);
    let result = match action.verb {
        Verb::Query => !is_own(&module.types, action.result),
        Verb::Action => is_unit || !is_own(&module.types, action.result),
        Verb::Notice => is_unit,
    };
    if !result {
        let found = format!(
            "`{name}`, a {} that gives `{}`",
            action.verb.word(),
            module.types.display(action.result)
        );
        return form(found, "queries give values, notices give nothing");
    }
    affects(module, action)?;
    attempts(name, action.timeout, action.retry)?;
    promises(classes, action)
}

fn affects(module: &Module, action: &ActionSignature) -> Result<()> {
    if !action.affects.is_sorted_by(|first, second| first < second) {
        let found = format!("what `{}` affects, not ascending", action.name);
        return Err(VerifyError::new(VerifyCode::Duplicate, found, "each once, ascending"));
    }
    for index in &action.affects {
        inside("parameter", *index, action.parameters.len())?;
        let parameter = action.parameters.get(usize::from(*index));
        let asset = parameter.and_then(|parameter| module.types.get(parameter.ty));
        if !matches!(asset, Some(Type::Asset { .. })) {
            let found = format!("parameter {index} of `{}`, which it affects", action.name);
            return form(found, "an asset");
        }
    }
    Ok(())
}

/// Attempts have an end and at least one happens.
pub(in super::super) fn attempts(name: &str, timeout: Duration, retry: Retry) -> Result<()> {
    if timeout.0 > 0 && retry.attempts > 0 && retry.backoff.0 >= 0 {
        return Ok(());
    }
    let found = format!(
        "`{name}` with timeout {timeout}, {} attempts, backoff {}",
        retry.attempts, retry.backoff
    );
    let allowed = "a positive timeout, at least one attempt, no negative backoff";
    Err(VerifyError::new(VerifyCode::Retry, found, allowed))
}

/// What a verb can promise, and how much it hurts at least.
fn promises(classes: &TypeClasses, action: &ActionSignature) -> Result<()> {
    let name = &action.name;
    match &action.undo {
        Undo::Action(undo) => name::check("action", undo)?,
        Undo::None(reason) => name::shown("reason", reason, TEXT_DEFAULT_BYTES_MAX as usize)?,
        Undo::Irreversible => {}
    }
    let acts = action.verb == Verb::Action;
    let plain = matches!(action.undo, Undo::None(_)) && action.affects.is_empty() && !action.proved;
    if !acts && (!plain || action.impact != Impact::Observe) {
        let found = format!("`{name}`, a {} that changes the world", action.verb.word());
        return form(found, "only actions affect, are proved, undone and have an impact");
    }
    let least = match &action.undo {
        _ if !acts => Impact::Observe,
        Undo::Irreversible => Impact::Destructive,
        Undo::Action(_) | Undo::None(_) => Impact::Reversible,
    };
    if action.impact < least {
        let found = format!("`{name}` with impact {}", action.impact);
        return form(found, &format!("at least {least}"));
    }
    if action.first.is_some() && (action.verb != Verb::Query || action.first == Some(0)) {
        return form(format!("`{name}` with a cut"), "a cut of at least 1, of a query's answer");
    }
    let secret = |ty| !classes.is_visible(ty);
    if action.verb == Verb::Notice && action.parameters.iter().any(|parameter| secret(parameter.ty))
    {
        let found = format!("`{name}`, a notice with a secret");
        return Err(VerifyError::new(VerifyCode::Secret, found, "notices are read by people"));
    }
    Ok(())
}
