//! Questions to people.

use rye_core::wire::Reader;

use super::{Result, all, duration, option, registers, ty};
use crate::instruction::operand::{ActionSite, Register};
use crate::module::question::{Escalation, Listed, Question, Subject};

pub(super) fn question(reader: &mut Reader<'_>) -> Result<Question> {
    Ok(Question {
        text: register(reader)?,
        count: reader.u8()?,
        roles: roles(reader)?,
        within: register(reader)?,
        within_max: duration(reader)?,
        escalation: option(reader, |reader| {
            Ok(Escalation { roles: roles(reader)?, after: register(reader)? })
        })?,
        subject: subject(reader)?,
    })
}

fn subject(reader: &mut Reader<'_>) -> Result<Subject> {
    let start = reader.clone();
    Ok(match reader.u8()? {
        0 => Subject::Effects { auto: option(reader, register)?, listed: all(reader, listed)? },
        1 => Subject::Each {
            items: register(reader)?,
            max: reader.u32()?,
            auto: option(reader, register)?,
            listed: all(reader, listed)?,
        },
        2 => Subject::Choice(ty(reader)?),
        _ => return Err(start.error("no kind of question has this number")),
    })
}

fn listed(reader: &mut Reader<'_>) -> Result<Listed> {
    Ok(Listed {
        site: ActionSite(reader.u16()?),
        arguments: registers(reader)?,
        undo: all(reader, |reader| option(reader, register))?.into(),
        life: option(reader, register)?,
    })
}

fn roles(reader: &mut Reader<'_>) -> Result<Box<[u16]>> {
    all(reader, role).map(Into::into)
}

fn role(reader: &mut Reader<'_>) -> Result<u16> {
    reader.u16()
}

fn register(reader: &mut Reader<'_>) -> Result<Register> {
    reader.u8().map(Register)
}
