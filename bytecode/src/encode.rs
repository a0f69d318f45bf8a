//! Module → sections. Integers are big-endian; texts and tables have a 32-bit
//! count in front, lists of registers an 8-bit one.
//!
//! An instruction is its number and its operands in the order of the table, as
//! wide as their kind says.

mod action;
mod question;

use core::fmt;

use rye_core::canonical;
use rye_core::ty::{Type, TypeId};
use rye_core::value::Value;
use rye_core::wire::Writer;

use crate::instruction::Instruction;
use crate::instruction::operand::{Kind, Operand, Register};
use crate::module::{Debug, Function, Module, Playbook, Setting};
use crate::section::{Section, SectionKind};

/// A list of registers is longer than
/// [`OPERANDS_MAX`](rye_core::limit::OPERANDS_MAX): the format can't count it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EncodeError {
    /// How many registers it has.
    pub registers: usize,
}

impl fmt::Display for EncodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a list of {} registers is too long to encode", self.registers)
    }
}

impl core::error::Error for EncodeError {}

/// The sections of a module, ascending by kind.
///
/// # Errors
/// [`EncodeError`], which no verified module has.
pub fn encode(module: &Module) -> Result<Vec<Section>, EncodeError> {
    let mut sections = Vec::new();
    for kind in SectionKind::ALL {
        let mut writer = Writer::new();
        match kind {
            SectionKind::Constants => all(&mut writer, &module.constants, |writer, constant| {
                ty(writer, constant.ty);
                canonical::write(writer, &constant.value);
            }),
            SectionKind::Types => all(&mut writer, module.types.types(), write_type),
            SectionKind::Functions | SectionKind::Code => {
                let mut code = Writer::new();
                writer.count(module.functions.len());
                for function in &module.functions {
                    write_function(&mut writer, &mut code, function)?;
                }
                if *kind == SectionKind::Code {
                    writer = code;
                }
            }
            SectionKind::Actions => all(&mut writer, &module.actions, action::signature),
            SectionKind::Debug if module.debug == Debug::default() => continue,
            SectionKind::Debug => debug(&mut writer, &module.debug),
            SectionKind::Settings => all(&mut writer, &module.settings, setting),
            SectionKind::Roles => all(&mut writer, &module.roles, |writer, role| {
                writer.text(&role.name);
                writer.text(&role.description);
            }),
            SectionKind::Playbooks => all(&mut writer, &module.playbooks, playbook),
            SectionKind::Sites => {
                writer.count(module.sites.len());
                for site in &module.sites {
                    action::site(&mut writer, site)?;
                }
            }
            SectionKind::Questions => {
                writer.count(module.questions.len());
                for question in &module.questions {
                    question::question(&mut writer, question)?;
                }
            }
        }
        sections.push((kind.code(), writer.into_bytes()));
    }
    Ok(sections)
}

fn all<T>(writer: &mut Writer, items: &[T], write: impl Fn(&mut Writer, &T)) {
    writer.count(items.len());
    for item in items {
        write(writer, item);
    }
}

fn ty(writer: &mut Writer, ty: TypeId) {
    writer.u16(ty.0);
}

fn registers(writer: &mut Writer, registers: &[Register]) -> Result<(), EncodeError> {
    let count =
        u8::try_from(registers.len()).map_err(|_| EncodeError { registers: registers.len() })?;
    writer.u8(count);
    for register in registers {
        writer.u8(register.0);
    }
    Ok(())
}

fn write_type(writer: &mut Writer, item: &Type) {
    writer.u8(item.tag());
    match item {
        Type::Text { max } | Type::Bytes { max } => writer.u32(*max),
        Type::Asset { name, form, of } => {
            writer.text(name);
            writer.u8(form.code());
            ty(writer, *of);
        }
        Type::Record { name, fields } => {
            writer.text(name);
            all(writer, fields, |writer, field| {
                writer.text(&field.name);
                ty(writer, field.ty);
            });
        }
        Type::Enum { name, variants, open } => {
            writer.text(name);
            all(writer, variants, |writer, variant| {
                writer.text(&variant.name);
                all(writer, &variant.payload, |writer, payload| ty(writer, *payload));
            });
            writer.bool(*open);
        }
        Type::List { element, max } => {
            ty(writer, *element);
            writer.u32(*max);
        }
        Type::Map { key, value, max } => {
            ty(writer, *key);
            ty(writer, *value);
            writer.u32(*max);
        }
        Type::Optional { inner } | Type::Builder { element: inner } => ty(writer, *inner),
        Type::Unit
        | Type::Bool
        | Type::Int
        | Type::Float
        | Type::Time
        | Type::Duration
        | Type::Ip
        | Type::Cidr
        | Type::Port
        | Type::Url
        | Type::Domain
        | Type::Email
        | Type::Hash
        | Type::Secret
        | Type::Watch
        | Type::Approval => {}
    }
}

fn write_function(
    writer: &mut Writer,
    code: &mut Writer,
    function: &Function,
) -> Result<(), EncodeError> {
    writer.text(&function.name);
    writer.u8(function.kind.code());
    writer.u8(function.parameters);
    ty(writer, function.result);
    all(writer, &function.registers, |writer, register| ty(writer, *register));
    let start = code.len();
    for instruction in &function.code {
        write_instruction(code, instruction)?;
    }
    writer.count(function.code.len());
    writer.count(code.len().saturating_sub(start));
    Ok(())
}

/// Appends one instruction.
fn write_instruction(writer: &mut Writer, instruction: &Instruction) -> Result<(), EncodeError> {
    writer.u8(instruction.row().number);
    let mut result = Ok(());
    instruction.operands(|row, operand| match operand {
        Operand::Registers([register]) if row.kind == Kind::Register => writer.u8(register.0),
        Operand::Registers(list) => {
            if let Err(error) = registers(writer, list) {
                result = Err(error);
            }
        }
        Operand::Number(number) => {
            let bytes = number.to_be_bytes();
            // INVARIANT: the operand's type has the width of its kind, so nothing is cut.
            writer.raw(bytes.get(bytes.len().saturating_sub(row.kind.width())..).unwrap_or(&bytes));
        }
    });
    result
}

fn setting(writer: &mut Writer, setting: &Setting) {
    writer.text(&setting.name);
    ty(writer, setting.ty);
    canonical::write(writer, &setting.default);
    option(writer, setting.range.as_ref(), |writer, (low, high): &(Value, Value)| {
        canonical::write(writer, low);
        canonical::write(writer, high);
    });
}

fn option<T>(writer: &mut Writer, item: Option<&T>, write: impl Fn(&mut Writer, &T)) {
    writer.bool(item.is_some());
    if let Some(item) = item {
        write(writer, item);
    }
}

fn playbook(writer: &mut Writer, playbook: &Playbook) {
    writer.text(&playbook.name);
    writer.u16(playbook.function.0);
    all(writer, &playbook.parameters, |writer, name| writer.text(name));
    writer.u8(playbook.severity.code());
    action::amount(writer, playbook.deadline, |writer, length| writer.i64(length.0));
    writer.u8(playbook.on_failure.code());
    all(writer, &playbook.limits, |writer, (kind, limit)| {
        writer.text(kind);
        action::amount(writer, *limit, Writer::u64);
    });
}

fn debug(writer: &mut Writer, debug: &Debug) {
    all(writer, &debug.files, |writer, file| writer.text(file));
    all(writer, &debug.lines, |writer, lines| {
        all(writer, lines, |writer, line| {
            writer.u16(line.instruction);
            writer.u16(line.file);
            writer.u32(line.line);
        });
    });
}
