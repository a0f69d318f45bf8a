//! The bytes of questions to people and of their answers.

use std::sync::Arc;

use rye_core::canonical;
use rye_core::effect::Call;
use rye_core::impact::Impact;
use rye_core::limit::{
    APPROVAL_BOXES_MAX, LABEL_BYTES_MAX, LISTED_EFFECTS_MAX, MEMBERS_MAX, OPERANDS_MAX,
    QUESTION_ROLES_MAX, REASON_BYTES_MAX, TEXT_DEFAULT_BYTES_MAX,
};
use rye_core::question::{ApprovalBox, Escalation, Listed, ListedUndo, Question, Subject};
use rye_core::value::{Duration, Name};
use rye_core::wire::{Reader, WireError, Writer};

use super::bytes::Bytes;
use super::plan::{read_life, write_life};
use crate::question::Vote;

type Result<T> = core::result::Result<T, WireError>;

impl Bytes for Question {
    fn write(&self, writer: &mut Writer) {
        write_question(writer, self);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self> {
        read_question(reader)
    }
}

impl Bytes for Vote {
    fn write(&self, writer: &mut Writer) {
        write_vote(writer, self);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self> {
        read_vote(reader)
    }
}

/// Appends a question.
pub(crate) fn write_question(writer: &mut Writer, question: &Question) {
    writer.text(&question.text);
    writer.u8(question.count);
    names(writer, &question.roles);
    writer.i64(question.within.0);
    writer.bool(question.escalation.is_some());
    if let Some(escalation) = &question.escalation {
        names(writer, &escalation.roles);
        writer.i64(escalation.after.0);
    }
    match &question.subject {
        Subject::Approval { boxes, auto } => {
            writer.u8(0);
            writer.bool(*auto);
            writer.count(boxes.len());
            for one in boxes {
                write_box(writer, one);
            }
        }
        Subject::Choice { of, values } => {
            writer.u8(1);
            writer.text(of);
            names(writer, values);
        }
    }
}

fn names(writer: &mut Writer, all: &[Name]) {
    writer.count(all.len());
    for name in all {
        writer.text(name);
    }
}

fn write_box(writer: &mut Writer, one: &ApprovalBox) {
    writer.bool(one.item.is_some());
    if let Some(item) = &one.item {
        canonical::write(writer, item);
    }
    writer.count(one.effects.len());
    for effect in &one.effects {
        write_listed(writer, effect);
    }
}

fn write_listed(writer: &mut Writer, listed: &Listed) {
    listed.call.write(writer);
    writer.count(listed.affects.len());
    for value in &listed.affects {
        canonical::write(writer, value);
    }
    match &listed.undo {
        ListedUndo::Call { action, arguments } => {
            writer.u8(0);
            writer.text(action);
            writer.count(arguments.len());
            for (name, value) in arguments {
                writer.text(name);
                writer.bool(value.is_some());
                if let Some(value) = value {
                    canonical::write(writer, value);
                }
            }
        }
        ListedUndo::None => writer.u8(1),
        ListedUndo::Irreversible => writer.u8(2),
    }
    write_life(writer, listed.life);
    writer.u8(listed.impact.code());
}

/// Reads what [`write_question`] wrote.
fn read_question(reader: &mut Reader<'_>) -> Result<Question> {
    let text = Arc::from(reader.text(size(TEXT_DEFAULT_BYTES_MAX))?);
    let count = reader.u8()?;
    let roles = read_names(reader, QUESTION_ROLES_MAX)?;
    let within = Duration(reader.i64()?);
    let escalation = if reader.bool()? {
        let roles = read_names(reader, QUESTION_ROLES_MAX)?;
        Some(Escalation { roles, after: Duration(reader.i64()?) })
    } else {
        None
    };
    let unknown = reader.error("a question is of an unknown kind");
    let subject = match reader.u8()? {
        0 => {
            let auto = reader.bool()?;
            let boxes = all(reader, size(APPROVAL_BOXES_MAX), read_box)?;
            Subject::Approval { boxes, auto }
        }
        1 => Subject::Choice {
            of: Name::from(reader.text(size(TEXT_DEFAULT_BYTES_MAX))?),
            values: read_names(reader, MEMBERS_MAX.saturating_add(1))?,
        },
        _ => return Err(unknown),
    };
    Ok(Question { text, count, roles, within, escalation, subject })
}

fn size(max: u32) -> usize {
    usize::try_from(max).unwrap_or(usize::MAX)
}

fn all<T>(
    reader: &mut Reader<'_>,
    max: usize,
    mut read: impl FnMut(&mut Reader<'_>) -> Result<T>,
) -> Result<Vec<T>> {
    let many = reader.error("more of them than allowed here");
    let count = usize::try_from(reader.u32()?).unwrap_or(usize::MAX);
    if count > max {
        return Err(many);
    }
    (0..count).map(|_| read(reader)).collect()
}

fn read_names(reader: &mut Reader<'_>, max: usize) -> Result<Vec<Name>> {
    all(reader, max, |reader| reader.text(size(TEXT_DEFAULT_BYTES_MAX)).map(Name::from))
}

fn read_box(reader: &mut Reader<'_>) -> Result<ApprovalBox> {
    let item = if reader.bool()? { Some(canonical::read(reader)?) } else { None };
    Ok(ApprovalBox { item, effects: all(reader, LISTED_EFFECTS_MAX, read_listed)? })
}

fn read_listed(reader: &mut Reader<'_>) -> Result<Listed> {
    let call = Call::read(reader)?;
    let affects = all(reader, OPERANDS_MAX, canonical::read)?;
    let unknown = reader.error("an undo is of an unknown kind");
    let undo = match reader.u8()? {
        0 => ListedUndo::Call {
            action: Name::from(reader.text(LABEL_BYTES_MAX.saturating_mul(4))?),
            arguments: all(reader, OPERANDS_MAX, read_known)?,
        },
        1 => ListedUndo::None,
        2 => ListedUndo::Irreversible,
        _ => return Err(unknown),
    };
    let life = read_life(reader)?;
    let unknown = reader.error("an impact is unknown");
    let impact = Impact::from_code(reader.u8()?).ok_or(unknown)?;
    Ok(Listed { call, affects, undo, life, impact })
}

fn read_known(reader: &mut Reader<'_>) -> Result<(Name, Option<rye_core::value::Value>)> {
    let name = Name::from(reader.text(LABEL_BYTES_MAX.saturating_mul(4))?);
    let value = if reader.bool()? { Some(canonical::read(reader)?) } else { None };
    Ok((name, value))
}

/// Appends an answer.
pub(crate) fn write_vote(writer: &mut Writer, vote: &Vote) {
    match vote {
        Vote::Grant(boxes) => {
            writer.u8(0);
            places(writer, boxes);
        }
        Vote::Deny(boxes, reason) => {
            writer.u8(1);
            places(writer, boxes);
            writer.text(reason);
        }
        Vote::Choose(value) => {
            writer.u8(2);
            writer.text(value);
        }
    }
}

fn places(writer: &mut Writer, boxes: &[u32]) {
    writer.count(boxes.len());
    for index in boxes {
        writer.u32(*index);
    }
}

/// Reads what [`write_vote`] wrote.
pub(crate) fn read_vote(reader: &mut Reader<'_>) -> Result<Vote> {
    let unknown = reader.error("an answer is of an unknown kind");
    Ok(match reader.u8()? {
        0 => Vote::Grant(read_places(reader)?),
        1 => {
            let boxes = read_places(reader)?;
            Vote::Deny(boxes, Arc::from(reader.text(REASON_BYTES_MAX)?))
        }
        2 => Vote::Choose(Name::from(reader.text(size(TEXT_DEFAULT_BYTES_MAX))?)),
        _ => return Err(unknown),
    })
}

fn read_places(reader: &mut Reader<'_>) -> Result<Vec<u32>> {
    all(reader, size(APPROVAL_BOXES_MAX), place)
}

fn place(reader: &mut Reader<'_>) -> Result<u32> {
    reader.u32()
}
