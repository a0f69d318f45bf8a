//! Questions to people.

use rye_core::wire::Writer;

use super::{EncodeError, option, registers, ty};
use crate::instruction::operand::Register;
use crate::module::question::{Listed, Question, Subject};

pub(super) fn question(writer: &mut Writer, question: &Question) -> Result<(), EncodeError> {
    writer.u8(question.text.0);
    writer.u8(question.count);
    roles(writer, &question.roles);
    writer.u8(question.within.0);
    writer.i64(question.within_max.0);
    option(writer, question.escalation.as_ref(), |writer, escalation| {
        roles(writer, &escalation.roles);
        writer.u8(escalation.after.0);
    });
    match &question.subject {
        Subject::Effects { auto, listed } => {
            writer.u8(0);
            perhaps(writer, *auto);
            all_listed(writer, listed)
        }
        Subject::Each { items, max, auto, listed } => {
            writer.u8(1);
            writer.u8(items.0);
            writer.u32(*max);
            perhaps(writer, *auto);
            all_listed(writer, listed)
        }
        Subject::Choice(of) => {
            writer.u8(2);
            ty(writer, *of);
            Ok(())
        }
    }
}

fn roles(writer: &mut Writer, roles: &[u16]) {
    writer.count(roles.len());
    for role in roles {
        writer.u16(*role);
    }
}

fn perhaps(writer: &mut Writer, register: Option<Register>) {
    option(writer, register.as_ref(), |writer, register| writer.u8(register.0));
}

fn all_listed(writer: &mut Writer, listed: &[Listed]) -> Result<(), EncodeError> {
    writer.count(listed.len());
    for one in listed {
        writer.u16(one.site.0);
        registers(writer, &one.arguments)?;
        writer.count(one.undo.len());
        for register in &one.undo {
            perhaps(writer, *register);
        }
        perhaps(writer, one.life);
    }
    Ok(())
}
