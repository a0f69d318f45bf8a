//! Second pass: every table entry is well formed, and every index lies inside
//! its table.

mod action;
mod name;
mod ty;

use std::collections::BTreeSet;

use rye_core::limit::TEXT_DEFAULT_BYTES_MAX;
use rye_core::ty::TypeId;
use rye_core::ty::class::TypeClasses;
use rye_core::ty::fit::fits;
use rye_core::value::Value;

use super::{Result, VerifyCode, VerifyError, in_function};
use crate::instruction::Instruction;
use crate::instruction::operand::{self, Kind, Operand};
use crate::module::{Debug, Function, FunctionKind, Module, Playbook, Setting};

pub(super) use action::attempts;
pub(super) use ty::is_own;

pub(super) fn check(module: &Module, classes: &TypeClasses) -> Result<()> {
    ty::check(module, classes)?;
    for (index, constant) in module.constants.iter().enumerate() {
        self::constant(module, classes, index, constant.ty, &constant.value)?;
    }
    settings(module, classes)?;
    roles(module)?;
    action::check(module, classes)?;
    for (index, function) in module.functions.iter().enumerate() {
        self::function(module, function).map_err(|error| in_function(module, index, error))?;
    }
    playbooks(module, classes)?;
    debug(module)
}

/// The index exists.
fn inside(what: &str, index: impl Into<usize>, length: usize) -> Result<()> {
    let index = index.into();
    if index < length {
        return Ok(());
    }
    let (found, allowed) = (format!("{what} {index}"), format!("an index below {length}"));
    Err(VerifyError::new(VerifyCode::Bounds, found, allowed))
}

fn type_inside(module: &Module, ty: TypeId) -> Result<()> {
    inside("type", ty.0, module.types.len())
}

fn form<T>(found: impl Into<String>, allowed: &str) -> Result<T> {
    Err(VerifyError::new(VerifyCode::Form, found, allowed))
}

fn fitting(module: &Module, what: &str, ty: TypeId, value: &Value) -> Result<()> {
    fits(&module.types, ty, value).map_err(|misfit| {
        let path =
            if misfit.path.is_empty() { String::new() } else { format!(" at `{}`", misfit.path) };
        let found = format!("{what}{path} is {}", misfit.found);
        VerifyError::new(VerifyCode::Constant, found, misfit.expected)
    })
}

fn constant(
    module: &Module,
    classes: &TypeClasses,
    index: usize,
    ty: TypeId,
    value: &Value,
) -> Result<()> {
    type_inside(module, ty)?;
    let is_unit = matches!(module.types.get(ty), Some(rye_core::ty::Type::Unit));
    if !classes.is_visible(ty) && !is_unit {
        let found = format!("constant {index} of type `{}`", module.types.display(ty));
        return Err(VerifyError::new(VerifyCode::Secret, found, "a value that may be seen"));
    }
    fitting(module, &format!("constant {index}"), ty, value)
}

fn settings(module: &Module, classes: &TypeClasses) -> Result<()> {
    let mut names = BTreeSet::new();
    for Setting { name, ty, default, range } in &module.settings {
        name::check("setting", name)?;
        name::once(&mut names, "setting", name)?;
        type_inside(module, *ty)?;
        if !classes.is_scalar(*ty) {
            let found = format!("the setting `{name}` of type `{}`", module.types.display(*ty));
            return form(found, "a scalar");
        }
        fitting(module, &format!("the default of `{name}`"), *ty, default)?;
        let Some((low, high)) = range else { continue };
        fitting(module, &format!("the lower end of `{name}`"), *ty, low)?;
        fitting(module, &format!("the upper end of `{name}`"), *ty, high)?;
        if !(low <= default && default <= high) {
            let found = format!("the setting `{name}` with {default} in {low} .. {high}");
            return form(found, "a default within its range");
        }
    }
    Ok(())
}

fn roles(module: &Module) -> Result<()> {
    let mut names = BTreeSet::new();
    for role in &module.roles {
        name::check("role", &role.name)?;
        name::once(&mut names, "role", &role.name)?;
        name::shown("description", &role.description, TEXT_DEFAULT_BYTES_MAX as usize)?;
    }
    Ok(())
}

fn function(module: &Module, function: &Function) -> Result<()> {
    name::title("function", &function.name)?;
    type_inside(module, function.result)?;
    for ty in &function.registers {
        type_inside(module, *ty)?;
    }
    if usize::from(function.parameters) > function.registers.len() {
        return form("more parameters than registers", "parameters are the first registers");
    }
    let mut parameters = function.registers.iter().take(function.parameters.into());
    let own = |ty: TypeId| is_own(&module.types, ty);
    if parameters.any(|ty| own(*ty)) {
        return form("a parameter that is the machine's own", "values");
    }
    if own(function.result) && !ty::is_unit(&module.types, function.result) {
        return form("a result that is the machine's own", "a value or `Unit`");
    }
    for (at, instruction) in function.code.iter().enumerate() {
        operands_inside(module, function, instruction)
            .map_err(|error| VerifyError { instruction: Some(at), ..error })?;
    }
    Ok(())
}

fn operands_inside(module: &Module, function: &Function, instruction: &Instruction) -> Result<()> {
    let length = function.registers.len();
    let mut outside = None;
    instruction.operands(|row, operand| {
        // Nearly all are registers that exist.
        let exist = match operand {
            Operand::Registers(registers) => {
                registers.iter().all(|register| usize::from(register.0) < length)
            }
            Operand::Number(_) => false,
        };
        if !exist && outside.is_none() {
            outside = operand_inside(module, function, row.kind, operand).err();
        }
    });
    outside.map_or(Ok(()), Err)
}

fn operand_inside(
    module: &Module,
    function: &Function,
    kind: Kind,
    operand: Operand<'_>,
) -> Result<()> {
    let number = match operand {
        Operand::Registers(registers) => {
            let length = function.registers.len();
            return registers
                .iter()
                .try_for_each(|register| inside("register", register.0, length));
        }
        Operand::Number(number) => number,
    };
    let (what, length) = match kind {
        Kind::Constant => ("constant", module.constants.len()),
        Kind::Setting => ("setting", module.settings.len()),
        Kind::Function => ("function", module.functions.len()),
        Kind::ActionSite => ("site", module.sites.len()),
        Kind::Question => ("question", module.questions.len()),
        // Fields and alternatives depend on a type, labels on the flow of control;
        // the others are words and plain numbers.
        Kind::Field
        | Kind::Variant
        | Kind::Label
        | Kind::Register
        | Kind::Registers
        | Kind::Count
        | Kind::Context
        | Kind::FrameKind
        | Kind::OnFailure
        | Kind::Outcome => return Ok(()),
    };
    let index = usize::try_from(number).unwrap_or(usize::MAX);
    inside(what, index, length)?;
    let mut result = Ok(());
    let mut read = |register: operand::Register| {
        if result.is_ok() {
            result = inside("register", register.0, function.registers.len());
        }
    };
    match kind {
        Kind::ActionSite => module.sites.get(index).map(|site| site.registers(&mut read)),
        Kind::Question => module.questions.get(index).map(|asked| asked.registers(&mut read)),
        _ => None,
    };
    result
}

fn playbooks(module: &Module, classes: &TypeClasses) -> Result<()> {
    let mut names = BTreeSet::new();
    for playbook in &module.playbooks {
        name::check("playbook", &playbook.name)?;
        name::once(&mut names, "playbook", &playbook.name)?;
        inside("function", playbook.function.0, module.functions.len())?;
        self::playbook(module, classes, playbook)?;
    }
    Ok(())
}

fn playbook(module: &Module, classes: &TypeClasses, playbook: &Playbook) -> Result<()> {
    let name = &playbook.name;
    let Some(function) = module.functions.get(usize::from(playbook.function.0)) else {
        return Ok(());
    };
    if function.kind != FunctionKind::Playbook || !ty::is_unit(&module.types, function.result) {
        return form(
            format!("the body of `{name}` is a {} function", function.kind.word()),
            "a playbook function whose result is `Unit`",
        );
    }
    if playbook.parameters.len() != usize::from(function.parameters) {
        let found = format!("{} names of parameters of `{name}`", playbook.parameters.len());
        return form(found, &format!("{} names", function.parameters));
    }
    let mut names = BTreeSet::new();
    for (parameter, ty) in playbook.parameters.iter().zip(&function.registers) {
        name::check("parameter", parameter)?;
        name::once(&mut names, "parameter", parameter)?;
        if !classes.is_visible(*ty) {
            let found = format!("`{parameter}` of type `{}`", module.types.display(*ty));
            let allowed = "an input in which nothing is a secret or the machine's own";
            return Err(VerifyError::new(VerifyCode::Secret, found, allowed));
        }
    }
    let Some((deadline, _)) = module.range(playbook.deadline) else {
        return form(format!("a setting as the deadline of `{name}`"), "a duration with a range");
    };
    if deadline.0 <= 0 {
        return form(format!("the deadline {deadline}"), "more than nothing");
    }
    for (kind, limit) in &playbook.limits {
        name::check("asset", kind)?;
        if module.range(*limit).is_none() {
            let found = format!("a setting as the limit of `{name}` for `{kind}`");
            return form(found, "a number with a range from 0 on");
        }
    }
    if !playbook.limits.is_sorted_by(|(first, _), (second, _)| first < second) {
        let found = format!("limits of `{name}` that do not ascend");
        return Err(VerifyError::new(VerifyCode::Duplicate, found, "each kind once, ascending"));
    }
    Ok(())
}

/// Debug information is never trusted; but whoever shows it may index with it.
fn debug(module: &Module) -> Result<()> {
    let Debug { files, lines } = &module.debug;
    for file in files {
        name::shown("file", file, TEXT_DEFAULT_BYTES_MAX as usize)?;
    }
    if lines.is_empty() {
        return Ok(());
    }
    if lines.len() != module.functions.len() {
        let found = format!("lines of {} functions", lines.len());
        return form(found, "those of every function, or none");
    }
    for (lines, function) in lines.iter().zip(&module.functions) {
        if !lines.is_sorted_by(|first, second| first.instruction < second.instruction) {
            return form("lines that do not ascend", "each instruction at most once, ascending");
        }
        for line in lines {
            inside("instruction", line.instruction, function.code.len())?;
            inside("file", line.file, files.len())?;
        }
    }
    Ok(())
}
