//! Sections → module. Any bytes give a module or an error with its place; a
//! count is never trusted with an allocation; and what is accepted is exactly
//! what [`encode`](crate::encode()) writes.

mod action;
mod question;

use core::fmt;

use rye_core::canonical;
use rye_core::limit::VALUE_BYTES_MAX;
use rye_core::ty::{AssetForm, Field, Type, TypeId, TypeTable, Variant};
use rye_core::value::{Duration, Name};
use rye_core::wire::{Reader, WireError};

use crate::instruction::operand::{self, OnFailure, Register, Registers, Source};
use crate::instruction::{Instruction, Opcode, OperandRow};
use crate::module::{
    Constant, Debug, Function, FunctionKind, Line, Module, Playbook, Role, Setting, Severity,
};
use crate::section::{Section, SectionKind};

/// Where and why sections are no module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DecodeError {
    /// The kind of section.
    pub section: u16,
    /// The offset in it of the first byte that is wrong or missing.
    pub offset: usize,
    /// What is wrong, such as "a text is not UTF-8".
    pub reason: &'static str,
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { section, offset, reason } = self;
        match SectionKind::from_code(*section) {
            Some(kind) => write!(f, "section `{}`, byte {offset}: {reason}", kind.word()),
            None => write!(f, "section {section}: {reason}"),
        }
    }
}

impl core::error::Error for DecodeError {}

type Result<T> = core::result::Result<T, WireError>;

/// The module that these sections hold.
///
/// # Errors
/// When they are not what [`encode`](crate::encode()) writes for any module.
pub fn decode(sections: &[Section]) -> core::result::Result<Module, DecodeError> {
    let mut module = Module::default();
    let mut sizes = Vec::new();
    let mut given = sections.iter().peekable();
    for kind in SectionKind::ALL {
        let section = kind.code();
        let Some((_, bytes)) = given.next_if(|(found, _)| *found == section) else {
            if *kind == SectionKind::Debug {
                continue;
            }
            // A section that stands where another belongs is the better clue.
            let (section, reason) = match given.peek() {
                Some((found, _)) if SectionKind::from_code(*found).is_none() => {
                    (*found, "this kind of section is unknown")
                }
                _ => (section, "the section is missing or out of order"),
            };
            return Err(DecodeError { section, offset: 0, reason });
        };
        let mut reader = Reader::new(bytes);
        read_section(&mut reader, *kind, &mut module, &mut sizes)
            .and_then(|()| reader.finish())
            .map_err(|WireError { at, reason }| DecodeError { section, offset: at, reason })?;
    }
    given.next().map_or(Ok(module), |(section, _)| {
        Err(DecodeError {
            section: *section,
            offset: 0,
            reason: "this section doesn't belong here",
        })
    })
}

/// The code of a function: how many instructions, how many bytes.
type CodeSize = (u32, u32);

fn read_section(
    reader: &mut Reader<'_>,
    kind: SectionKind,
    module: &mut Module,
    sizes: &mut Vec<CodeSize>,
) -> Result<()> {
    match kind {
        SectionKind::Constants => {
            module.constants = all(reader, |reader| {
                Ok(Constant { ty: ty(reader)?, value: canonical::read(reader)? })
            })?;
        }
        SectionKind::Types => module.types = TypeTable::new(all(reader, read_type)?),
        SectionKind::Functions => {
            for (function, size) in all(reader, read_function)? {
                module.functions.push(function);
                sizes.push(size);
            }
        }
        SectionKind::Code => {
            for (function, size) in module.functions.iter_mut().zip(sizes.iter()) {
                function.code = read_code(reader, *size)?;
            }
        }
        SectionKind::Actions => module.actions = all(reader, action::signature)?,
        SectionKind::Debug => {
            let start = reader.clone();
            module.debug = debug(reader)?;
            if module.debug == Debug::default() {
                return Err(start.error("a section without content is left out"));
            }
        }
        SectionKind::Settings => module.settings = all(reader, setting)?,
        SectionKind::Roles => {
            module.roles =
                all(reader, |reader| Ok(Role { name: text(reader)?, description: text(reader)? }))?;
        }
        SectionKind::Playbooks => module.playbooks = all(reader, playbook)?,
        SectionKind::Sites => module.sites = all(reader, action::site)?,
        SectionKind::Questions => module.questions = all(reader, question::question)?,
    }
    Ok(())
}

/// As many as the count says, as long as there are bytes: each takes at least one.
fn all<T>(
    reader: &mut Reader<'_>,
    mut read: impl FnMut(&mut Reader<'_>) -> Result<T>,
) -> Result<Vec<T>> {
    let mut items = Vec::new();
    for _ in 0..reader.u32()? {
        items.push(read(reader)?);
    }
    Ok(items)
}

fn option<T>(
    reader: &mut Reader<'_>,
    read: impl FnOnce(&mut Reader<'_>) -> Result<T>,
) -> Result<Option<T>> {
    if reader.bool()? { read(reader).map(Some) } else { Ok(None) }
}

fn text(reader: &mut Reader<'_>) -> Result<Name> {
    reader.text(VALUE_BYTES_MAX).map(Name::from)
}

fn ty(reader: &mut Reader<'_>) -> Result<TypeId> {
    reader.u16().map(TypeId)
}

fn duration(reader: &mut Reader<'_>) -> Result<Duration> {
    reader.i64().map(Duration)
}

/// A byte that `from` knows.
fn word<T>(
    reader: &mut Reader<'_>,
    reason: &'static str,
    from: impl FnOnce(u8) -> Option<T>,
) -> Result<T> {
    let start = reader.clone();
    from(reader.u8()?).ok_or_else(|| start.error(reason))
}

fn registers(reader: &mut Reader<'_>) -> Result<Registers> {
    let count = reader.u8()?;
    let bytes = reader.take(usize::from(count))?;
    Ok(bytes.iter().map(|byte| Register(*byte)).collect())
}

fn read_type(reader: &mut Reader<'_>) -> Result<Type> {
    let start = reader.clone();
    let tag = reader.u8()?;
    if let Some(plain) = Type::PLAIN.iter().find(|plain| plain.tag() == tag) {
        return Ok(plain.clone());
    }
    // The numbers of `Type::tag`.
    Ok(match tag {
        4 => Type::Text { max: reader.u32()? },
        14 => Type::Bytes { max: reader.u32()? },
        17 => Type::Asset {
            name: text(reader)?,
            form: word(reader, "no form of assets has this number", AssetForm::from_code)?,
            of: ty(reader)?,
        },
        18 => Type::Record {
            name: text(reader)?,
            fields: all(reader, |reader| Ok(Field { name: text(reader)?, ty: ty(reader)? }))?,
        },
        19 => Type::Enum {
            name: text(reader)?,
            variants: all(reader, |reader| {
                Ok(Variant { name: text(reader)?, payload: all(reader, ty)? })
            })?,
            open: reader.bool()?,
        },
        20 => Type::List { element: ty(reader)?, max: reader.u32()? },
        21 => Type::Map { key: ty(reader)?, value: ty(reader)?, max: reader.u32()? },
        22 => Type::Optional { inner: ty(reader)? },
        23 => Type::Builder { element: ty(reader)? },
        _ => return Err(start.error("no type has this number")),
    })
}

fn read_function(reader: &mut Reader<'_>) -> Result<(Function, CodeSize)> {
    let function = Function {
        name: text(reader)?,
        kind: word(reader, "no kind of function has this number", FunctionKind::from_code)?,
        parameters: reader.u8()?,
        result: ty(reader)?,
        registers: all(reader, ty)?,
        code: Vec::new(),
    };
    if usize::from(function.parameters) > function.registers.len() {
        return Err(reader.error("a function has more parameters than registers"));
    }
    Ok((function, (reader.u32()?, reader.u32()?)))
}

fn read_code(reader: &mut Reader<'_>, (count, bytes): CodeSize) -> Result<Vec<Instruction>> {
    let start = reader.position();
    let mut code = Vec::new();
    for _ in 0..count {
        let opcode = word(reader, "no instruction has this number", Opcode::from_number)?;
        code.push(Instruction::from_operands(opcode, &mut Operands(reader))?);
    }
    let read = reader.position().saturating_sub(start);
    if u32::try_from(read) != Ok(bytes) {
        return Err(reader.error("a function's code has another length than its head says"));
    }
    Ok(code)
}

/// Reads the operands of one instruction.
struct Operands<'a, 'b>(&'a mut Reader<'b>);

impl Source for Operands<'_, '_> {
    type Error = WireError;

    fn number(&mut self, row: &'static OperandRow) -> Result<u64> {
        match row.kind.width() {
            1 => self.0.u8().map(u64::from),
            2 => self.0.u16().map(u64::from),
            _ => self.0.u64(),
        }
    }

    fn registers(&mut self, _row: &'static OperandRow) -> Result<Registers> {
        registers(self.0)
    }

    fn refuse(&self, row: &'static OperandRow, _number: u64) -> WireError {
        let at = self.0.position().saturating_sub(row.kind.width());
        WireError { at, reason: "an operand is a word that has no meaning" }
    }
}

fn setting(reader: &mut Reader<'_>) -> Result<Setting> {
    Ok(Setting {
        name: text(reader)?,
        ty: ty(reader)?,
        default: canonical::read(reader)?,
        range: option(reader, |reader| Ok((canonical::read(reader)?, canonical::read(reader)?)))?,
    })
}

fn playbook(reader: &mut Reader<'_>) -> Result<Playbook> {
    Ok(Playbook {
        name: text(reader)?,
        function: operand::Function(reader.u16()?),
        parameters: all(reader, text)?,
        severity: word(reader, "no severity has this number", Severity::from_code)?,
        deadline: action::amount(reader, duration)?,
        on_failure: word(reader, "no direction has this number", OnFailure::from_code)?,
        limits: all(reader, |reader| Ok((text(reader)?, action::amount(reader, Reader::u64)?)))?,
    })
}

fn debug(reader: &mut Reader<'_>) -> Result<Debug> {
    Ok(Debug {
        files: all(reader, text)?,
        lines: all(reader, |reader| {
            all(reader, |reader| {
                Ok(Line { instruction: reader.u16()?, file: reader.u16()?, line: reader.u32()? })
            })
        })?,
    })
}

#[cfg(test)]
mod tests;
