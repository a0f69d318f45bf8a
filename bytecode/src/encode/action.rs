//! Declarations of actions, queries and notices, and their calls.

use rye_core::action::{ActionSignature, Audience, Retry, Undo};
use rye_core::value::Duration;
use rye_core::wire::Writer;

use super::{EncodeError, all, option, registers, ty};
use crate::module::{Amount, AskSite, DoSite, LifeSite, Site, UndoSite};

pub(super) fn signature(writer: &mut Writer, action: &ActionSignature) {
    writer.text(&action.name);
    writer.u8(action.verb.code());
    all(writer, &action.parameters, |writer, parameter| {
        writer.text(&parameter.name);
        ty(writer, parameter.ty);
    });
    ty(writer, action.result);
    all(writer, &action.affects, |writer, index| writer.u8(*index));
    match &action.undo {
        Undo::Action(name) => {
            writer.u8(0);
            writer.text(name);
        }
        Undo::None(reason) => {
            writer.u8(1);
            writer.text(reason);
        }
        Undo::Irreversible => writer.u8(2),
    }
    writer.bool(action.proved);
    writer.bool(action.idempotent);
    attempts(writer, action.timeout, action.retry);
    writer.u8(action.impact.code());
    option(writer, action.first.as_ref(), |writer, first| writer.u32(*first));
    writer.u8(match action.audience {
        Audience::Responders => 0,
        Audience::Others => 1,
    });
}

fn attempts(writer: &mut Writer, timeout: Duration, retry: Retry) {
    writer.i64(timeout.0);
    writer.u8(retry.attempts);
    writer.i64(retry.backoff.0);
}

pub(super) fn amount<T>(
    writer: &mut Writer,
    amount: Amount<T>,
    fixed: impl FnOnce(&mut Writer, T),
) {
    match amount {
        Amount::Fixed(value) => {
            writer.u8(0);
            fixed(writer, value);
        }
        Amount::Setting(setting) => {
            writer.u8(1);
            writer.u16(setting.0);
        }
    }
}

pub(super) fn site(writer: &mut Writer, site: &Site) -> Result<(), EncodeError> {
    match site {
        Site::Ask(site) => {
            writer.u8(0);
            call(writer, site)
        }
        Site::Do(site) => {
            writer.u8(1);
            do_site(writer, site)
        }
        Site::Tell(site) => {
            writer.u8(2);
            call(writer, site)
        }
    }
}

fn call(writer: &mut Writer, site: &AskSite) -> Result<(), EncodeError> {
    writer.u16(site.action.0);
    registers(writer, &site.arguments)?;
    amount(writer, site.timeout, |writer, length| writer.i64(length.0));
    amount(writer, site.retry.attempts, Writer::u8);
    amount(writer, site.retry.backoff, |writer, length| writer.i64(length.0));
    Ok(())
}

fn do_site(writer: &mut Writer, site: &DoSite) -> Result<(), EncodeError> {
    call(writer, &site.call)?;
    match &site.undo {
        UndoSite::Call { action, arguments } => {
            writer.u8(0);
            writer.u16(action.0);
            registers(writer, arguments)?;
        }
        UndoSite::None => writer.u8(1),
        UndoSite::Irreversible => writer.u8(2),
    }
    writer.count(site.proof.len());
    for proof in &site.proof {
        call(writer, &proof.query)?;
        writer.u8(proof.expected.0);
    }
    writer.u8(site.simulated.0);
    match site.life {
        LifeSite::Open => writer.u8(0),
        LifeSite::For(register) => {
            writer.u8(1);
            writer.u8(register.0);
        }
        LifeSite::UntilReleased => writer.u8(2),
    }
    option(writer, site.verified.as_ref(), |writer, within| {
        amount(writer, *within, |writer, length| writer.i64(length.0));
    });
    Ok(())
}
