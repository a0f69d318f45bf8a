//! Questions to people, as assembler writes them.

use core::fmt;

use super::{Registers, duration, name_type, reference};
use crate::instruction::operand::Register;
use crate::module::Module;
use crate::module::question::{Listed, Question, Subject};

pub(super) fn question(
    f: &mut fmt::Formatter<'_>,
    module: &Module,
    index: usize,
    question: &Question,
) -> fmt::Result {
    let Question { text, count, within, within_max, .. } = question;
    let roles = Numbers(&question.roles);
    write!(f, "question q{index} r{} by {count} of [{roles}]", text.0)?;
    write!(f, " within r{} max {}", within.0, duration(*within_max))?;
    if let Some(escalation) = &question.escalation {
        write!(f, " escalate [{}] after r{}", Numbers(&escalation.roles), escalation.after.0)?;
    }
    match &question.subject {
        Subject::Effects { .. } => write!(f, " effects")?,
        Subject::Each { items, max, .. } => write!(f, " each r{} max {max}", items.0)?,
        Subject::Choice(of) => write!(f, " choice {}", name_type(module, *of))?,
    }
    if let Some(auto) = question.auto() {
        write!(f, " auto r{}", auto.0)?;
    }
    for one in question.listed() {
        listed(f, module, one)?;
    }
    writeln!(f)
}

fn listed(f: &mut fmt::Formatter<'_>, module: &Module, one: &Listed) -> fmt::Result {
    write!(f, " list ")?;
    reference(f, "s", one.site.0.into(), module.sites.len())?;
    write!(f, "({})", Registers(&one.arguments))?;
    if !one.undo.is_empty() {
        write!(f, " undo (")?;
        for (index, argument) in one.undo.iter().enumerate() {
            write!(f, "{}{}", if index == 0 { "" } else { ", " }, Perhaps(*argument))?;
        }
        write!(f, ")")?;
    }
    one.life.map_or(Ok(()), |life| write!(f, " for r{}", life.0))
}

/// A register, or `_` for what is not known yet.
struct Perhaps(Option<Register>);

impl fmt::Display for Perhaps {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(register) => write!(f, "r{}", register.0),
            None => f.write_str("_"),
        }
    }
}

/// Numbers, separated by commas.
struct Numbers<'a>(&'a [u16]);

impl fmt::Display for Numbers<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, number) in self.0.iter().enumerate() {
            write!(f, "{}{number}", if index == 0 { "" } else { ", " })?;
        }
        Ok(())
    }
}
