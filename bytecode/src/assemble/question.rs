//! Questions to people.

use std::collections::BTreeMap;

use super::parser::{Parser, Result, Space};
use crate::instruction::operand::{ActionSite, Register};
use crate::module::question::{Escalation, Listed, Question, Subject};

pub(super) fn question(parser: &mut Parser) -> Result<Question> {
    parser.word("the question's name here")?;
    let text = register(parser)?;
    parser.keyword("by")?;
    let count = parser.number("how many people")?;
    parser.keyword("of")?;
    let roles = roles(parser)?;
    parser.keyword("within")?;
    let within = register(parser)?;
    parser.keyword("max")?;
    let within_max = parser.duration()?;
    let escalation = if parser.accept_word("escalate") {
        let roles = self::roles(parser)?;
        parser.keyword("after")?;
        Some(Escalation { roles, after: register(parser)? })
    } else {
        None
    };
    let subject = subject(parser)?;
    Ok(Question { text, count, roles, within, within_max, escalation, subject })
}

fn subject(parser: &mut Parser) -> Result<Subject> {
    if parser.accept_word("effects") {
        let auto = auto(parser)?;
        return Ok(Subject::Effects { auto, listed: all_listed(parser)? });
    }
    if parser.accept_word("each") {
        let items = register(parser)?;
        parser.keyword("max")?;
        let max = parser.number("the most items")?;
        let auto = auto(parser)?;
        return Ok(Subject::Each { items, max, auto, listed: all_listed(parser)? });
    }
    parser.keyword("choice")?;
    parser.ty().map(Subject::Choice)
}

fn auto(parser: &mut Parser) -> Result<Option<Register>> {
    if parser.accept_word("auto") { register(parser).map(Some) } else { Ok(None) }
}

fn all_listed(parser: &mut Parser) -> Result<Vec<Listed>> {
    let mut all = Vec::new();
    while parser.accept_word("list") {
        all.push(listed(parser)?);
    }
    Ok(all)
}

fn listed(parser: &mut Parser) -> Result<Listed> {
    let site = ActionSite(parser.reference(Space::Site, "a site")?);
    parser.sign("(")?;
    let arguments = parser.until(")", register)?.into();
    let mut undo = Vec::new();
    if parser.accept_word("undo") {
        parser.sign("(")?;
        undo = parser.until(")", perhaps)?;
    }
    let life = if parser.accept_word("for") { Some(register(parser)?) } else { None };
    Ok(Listed { site, arguments, undo: undo.into(), life })
}

fn perhaps(parser: &mut Parser) -> Result<Option<Register>> {
    if parser.accept_word("_") { Ok(None) } else { register(parser).map(Some) }
}

fn roles(parser: &mut Parser) -> Result<Box<[u16]>> {
    parser.sign("[")?;
    parser.until("]", |parser| parser.number("a role's index")).map(Into::into)
}

fn register(parser: &mut Parser) -> Result<Register> {
    parser.register(&BTreeMap::new())
}
