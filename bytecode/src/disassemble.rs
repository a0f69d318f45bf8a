//! Module → text, as [`assemble`](crate::assemble()) reads it: `t0`, `c0`, … are
//! the entries of the tables in their order, and comments say what is meant.

mod item;
mod question;
mod value;

use core::fmt::{self, Write as _};

use rye_core::ty::TypeId;
use rye_core::value::Duration;
use rye_core::value::time::UNITS;
use rye_core::visible::{is_hidden, visible};

use crate::instruction::operand::{
    Context, FrameKind, Kind, OnFailure, Operand, Outcome, Register,
};
use crate::instruction::{Instruction, OperandRow};
use crate::module::{Function, Module, Site};

/// How much of a constant a comment shows.
const COMMENT_CHARS_MAX: usize = 60;

/// The text of a module.
pub fn disassemble(module: &Module) -> String {
    Text(module).to_string()
}

struct Text<'a>(&'a Module);

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let module = self.0;
        for (index, ty) in module.types.types().iter().enumerate() {
            writeln!(f, "type t{index} {}", item::Ty(module, ty))?;
        }
        for (index, constant) in module.constants.iter().enumerate() {
            let ty = name_type(module, constant.ty);
            writeln!(f, "constant c{index}: {ty} = {}", value::Literal(&constant.value))?;
        }
        item::settings(f, module)?;
        for role in &module.roles {
            writeln!(f, "role {} {}", quote(&role.name), quote(&role.description))?;
        }
        for (index, action) in module.actions.iter().enumerate() {
            item::action(f, module, index, action)?;
        }
        for (index, site) in module.sites.iter().enumerate() {
            item::site(f, module, index, site)?;
        }
        for (index, asked) in module.questions.iter().enumerate() {
            question::question(f, module, index, asked)?;
        }
        for (index, function) in module.functions.iter().enumerate() {
            writeln!(f)?;
            body(f, module, index, function)?;
        }
        item::playbooks(f, module)?;
        item::debug(f, module)
    }
}

fn body(
    f: &mut fmt::Formatter<'_>,
    module: &Module,
    index: usize,
    function: &Function,
) -> fmt::Result {
    let registers = function.registers.iter().enumerate();
    let declared = registers.map(|(index, ty)| format!("r{index}: {}", name_type(module, *ty)));
    let declared: Vec<_> = declared.collect();
    let parameters = usize::from(function.parameters).min(declared.len());
    let (parameters, others) = declared.split_at(parameters);
    let (name, kind) = (quote(&function.name), function.kind.word());
    let (parameters, result) = (parameters.join(", "), name_type(module, function.result));
    write!(f, "function f{index} {name} {kind} ({parameters}) -> {result}")?;
    if !others.is_empty() {
        write!(f, " registers ({})", others.join(", "))?;
    }
    writeln!(f, " {{")?;
    let mut targets = vec![false; function.code.len()];
    for instruction in &function.code {
        if let Some(target) =
            instruction.label().and_then(|label| targets.get_mut(usize::from(label.0)))
        {
            *target = true;
        }
    }
    for (at, instruction) in function.code.iter().enumerate() {
        if targets.get(at).copied().unwrap_or(false) {
            writeln!(f, "L{at}:")?;
        }
        line(f, module, function, instruction)?;
    }
    writeln!(f, "}}")
}

fn line(
    f: &mut fmt::Formatter<'_>,
    module: &Module,
    function: &Function,
    instruction: &Instruction,
) -> fmt::Result {
    let mut operands = String::new();
    let mut comment = None;
    let mut result = Ok(());
    instruction.operands(|row, operand| {
        let separator = if operands.is_empty() { " " } else { ", " };
        let written = write!(operands, "{separator}")
            .and_then(|()| write_operand(&mut operands, module, function, row, operand));
        result = result.and(written);
        if let Operand::Number(number) = operand {
            comment = comment.take().or(meaning(module, row.kind, number));
        }
    });
    result?;
    write!(f, "    {}{operands}", instruction.row().mnemonic)?;
    if let Some(comment) = comment {
        let mut shown: String = comment.chars().take(COMMENT_CHARS_MAX).collect();
        if shown.len() < comment.len() {
            shown.push('…');
        }
        write!(f, " ; {}", visible(&shown))?;
    }
    writeln!(f)
}

fn write_operand(
    out: &mut String,
    module: &Module,
    function: &Function,
    row: &OperandRow,
    operand: Operand<'_>,
) -> fmt::Result {
    let number = match operand {
        Operand::Registers([register]) if row.kind == Kind::Register => {
            return write!(out, "r{}", register.0);
        }
        Operand::Registers(registers) => return write!(out, "[{}]", Registers(registers)),
        Operand::Number(number) => number,
    };
    let code = u8::try_from(number).unwrap_or(u8::MAX);
    let word = match row.kind {
        Kind::Label => return reference(out, "L", number, function.code.len()),
        Kind::Constant => return reference(out, "c", number, module.constants.len()),
        Kind::Setting => return reference(out, "g", number, module.settings.len()),
        Kind::Function => return reference(out, "f", number, module.functions.len()),
        Kind::ActionSite => return reference(out, "s", number, module.sites.len()),
        Kind::Question => return reference(out, "q", number, module.questions.len()),
        Kind::Register | Kind::Registers | Kind::Field | Kind::Variant | Kind::Count => None,
        Kind::Context => Context::from_code(code).map(Context::word),
        Kind::FrameKind => FrameKind::from_code(code).map(FrameKind::word),
        Kind::OnFailure => OnFailure::from_code(code).map(OnFailure::word),
        Kind::Outcome => Outcome::from_code(code).map(Outcome::word),
    };
    match word {
        Some(word) => out.write_str(word),
        None => write!(out, "{number}"),
    }
}

/// What a comment says of an operand.
fn meaning(module: &Module, kind: Kind, number: u64) -> Option<String> {
    let index = usize::try_from(number).ok()?;
    match kind {
        Kind::Constant => module.constants.get(index).map(|constant| constant.value.to_string()),
        Kind::Setting => module.settings.get(index).map(|setting| setting.name.to_string()),
        Kind::Function => module.functions.get(index).map(|function| function.name.to_string()),
        Kind::ActionSite => {
            let call = match module.sites.get(index)? {
                Site::Ask(call) | Site::Tell(call) => call,
                Site::Do(site) => &site.call,
            };
            let action = module.actions.get(usize::from(call.action.0))?;
            Some(action.name.to_string())
        }
        Kind::Register
        | Kind::Registers
        | Kind::Label
        | Kind::Field
        | Kind::Variant
        | Kind::Count
        | Kind::Question
        | Kind::Context
        | Kind::FrameKind
        | Kind::OnFailure
        | Kind::Outcome => None,
    }
}

/// A name, or the bare index of what doesn't exist.
fn reference(out: &mut impl fmt::Write, prefix: &str, number: u64, length: usize) -> fmt::Result {
    let exists = usize::try_from(number).is_ok_and(|index| index < length);
    let prefix = if exists { prefix } else { "#" };
    write!(out, "{prefix}{number}")
}

fn name_type(module: &Module, ty: TypeId) -> String {
    let mut name = String::new();
    // Writing to a `String` doesn't fail.
    let _ = reference(&mut name, "t", ty.0.into(), module.types.len());
    name
}

/// Registers, separated by commas.
struct Registers<'a>(&'a [Register]);

impl fmt::Display for Registers<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, register) in self.0.iter().enumerate() {
            write!(f, "{}r{}", if index == 0 { "" } else { ", " }, register.0)?;
        }
        Ok(())
    }
}

/// A text with its quotes and escapes.
fn quote(text: &str) -> String {
    let mut quoted = String::from('"');
    for character in text.chars() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            hidden if is_hidden(hidden) => quoted.extend(hidden.escape_unicode()),
            plain => quoted.push(plain),
        }
    }
    quoted.push('"');
    quoted
}

/// A duration in the largest unit that says it without a fraction.
fn duration(duration: Duration) -> String {
    for (unit, micros) in UNITS {
        if duration.0.checked_rem(*micros) == Some(0) && duration.0 != 0 {
            return format!("{}{unit}", duration.0.checked_div(*micros).unwrap_or_default());
        }
    }
    String::from("0s")
}

#[cfg(test)]
mod tests;
