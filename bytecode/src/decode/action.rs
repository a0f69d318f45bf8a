//! Declarations of actions, queries and notices, and their calls.

use rye_core::action::{ActionSignature, Audience, Parameter, Retry, Undo, Verb};
use rye_core::impact::Impact;
use rye_core::wire::Reader;

use super::{Result, all, duration, option, registers, text, ty, word};
use crate::instruction::operand::{Action, Register, Setting};
use crate::module::{Amount, AskSite, Attempts, DoSite, LifeSite, ProofSite, Site, UndoSite};

pub(super) fn signature(reader: &mut Reader<'_>) -> Result<ActionSignature> {
    let name = text(reader)?;
    let verb = word(reader, "no verb has this number", Verb::from_code)?;
    let parameters = all(reader, |reader| Ok(Parameter { name: text(reader)?, ty: ty(reader)? }))?;
    let result = ty(reader)?;
    let affects = all(reader, byte)?;
    let start = reader.clone();
    let undo = match reader.u8()? {
        0 => Undo::Action(text(reader)?),
        1 => Undo::None(text(reader)?),
        2 => Undo::Irreversible,
        _ => return Err(start.error("no kind of undo has this number")),
    };
    Ok(ActionSignature {
        name,
        verb,
        parameters,
        result,
        affects,
        undo,
        proved: reader.bool()?,
        idempotent: reader.bool()?,
        timeout: duration(reader)?,
        retry: retry(reader)?,
        impact: word(reader, "no impact has this number", Impact::from_code)?,
        first: option(reader, count)?,
        audience: word(reader, "no audience has this number", |code| match code {
            0 => Some(Audience::Responders),
            1 => Some(Audience::Others),
            _ => None,
        })?,
    })
}

fn byte(reader: &mut Reader<'_>) -> Result<u8> {
    reader.u8()
}

fn count(reader: &mut Reader<'_>) -> Result<u32> {
    reader.u32()
}

fn retry(reader: &mut Reader<'_>) -> Result<Retry> {
    Ok(Retry { attempts: reader.u8()?, backoff: duration(reader)? })
}

pub(super) fn site(reader: &mut Reader<'_>) -> Result<Site> {
    let start = reader.clone();
    match reader.u8()? {
        0 => call(reader).map(Site::Ask),
        1 => do_site(reader).map(|site| Site::Do(Box::new(site))),
        2 => call(reader).map(Site::Tell),
        _ => Err(start.error("no kind of site has this number")),
    }
}

fn call(reader: &mut Reader<'_>) -> Result<AskSite> {
    Ok(AskSite {
        action: Action(reader.u16()?),
        arguments: registers(reader)?,
        timeout: amount(reader, duration)?,
        retry: Attempts {
            attempts: amount(reader, Reader::u8)?,
            backoff: amount(reader, duration)?,
        },
    })
}

pub(super) fn amount<'r, T>(
    reader: &mut Reader<'r>,
    fixed: impl FnOnce(&mut Reader<'r>) -> Result<T>,
) -> Result<Amount<T>> {
    let start = reader.clone();
    match reader.u8()? {
        0 => Ok(Amount::Fixed(fixed(reader)?)),
        1 => Ok(Amount::Setting(Setting(reader.u16()?))),
        _ => Err(start.error("no kind of amount has this number")),
    }
}

fn register(reader: &mut Reader<'_>) -> Result<Register> {
    reader.u8().map(Register)
}

fn do_site(reader: &mut Reader<'_>) -> Result<DoSite> {
    let called = call(reader)?;
    let start = reader.clone();
    let undo = match reader.u8()? {
        0 => UndoSite::Call { action: Action(reader.u16()?), arguments: registers(reader)? },
        1 => UndoSite::None,
        2 => UndoSite::Irreversible,
        _ => return Err(start.error("no kind of undo has this number")),
    };
    let proof =
        all(reader, |reader| Ok(ProofSite { query: call(reader)?, expected: register(reader)? }))?;
    let simulated = register(reader)?;
    let start = reader.clone();
    let life = match reader.u8()? {
        0 => LifeSite::Open,
        1 => LifeSite::For(register(reader)?),
        2 => LifeSite::UntilReleased,
        _ => return Err(start.error("no kind of life has this number")),
    };
    Ok(DoSite {
        call: called,
        undo,
        proof,
        simulated,
        life,
        verified: option(reader, |reader| amount(reader, duration))?,
    })
}
