//! The bytes of acts and notices: they stand as values beside their entries.

use rye_core::action::{Audience, Retry};
use rye_core::canonical;
use rye_core::effect::{Act, Call, Life, Notice, Proof, Query, UndoPlan};
use rye_core::id::EffectId;
use rye_core::impact::Impact;
use rye_core::question::Approval;
use rye_core::value::Duration;
use rye_core::wire::{Reader, WireError, Writer};

use super::bytes::Bytes;

impl Bytes for Act {
    fn write(&self, writer: &mut Writer) {
        self.call.write(writer);
        writer.count(self.affects.len());
        for value in &self.affects {
            canonical::write(writer, value);
        }
        match &self.undo {
            UndoPlan::Call { call, timeout } => {
                writer.u8(0);
                call.write(writer);
                writer.i64(timeout.0);
            }
            UndoPlan::None => writer.u8(1),
            UndoPlan::Irreversible => writer.u8(2),
        }
        writer.count(self.proof.len());
        for proof in &self.proof {
            write_query(writer, &proof.query);
            canonical::write(writer, &proof.expected);
        }
        canonical::write(writer, &self.simulated);
        write_life(writer, self.life);
        writer.bool(self.verified.is_some());
        writer.i64(self.verified.unwrap_or_default().0);
        writer.i64(self.timeout.0);
        write_retry(writer, self.retry);
        writer.bool(self.idempotent);
        writer.u8(self.impact.code());
        writer.bool(self.approval.is_some());
        if let Some(approval) = self.approval {
            writer.raw(&approval.request.0);
            writer.u32(approval.index);
        }
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, WireError> {
        let call = Call::read(reader)?;
        let mut affects = Vec::new();
        for _ in 0..reader.u32()? {
            affects.push(canonical::read(reader)?);
        }
        let unknown = reader.error("an undo is of an unknown kind");
        let undo = match reader.u8()? {
            0 => UndoPlan::Call { call: Call::read(reader)?, timeout: Duration(reader.i64()?) },
            1 => UndoPlan::None,
            2 => UndoPlan::Irreversible,
            _ => return Err(unknown),
        };
        let mut proof = Vec::new();
        for _ in 0..reader.u32()? {
            proof.push(Proof { query: read_query(reader)?, expected: canonical::read(reader)? });
        }
        let simulated = canonical::read(reader)?;
        let life = read_life(reader)?;
        let unasked = reader.error("a time to verify within stands where nothing is verified");
        let (is_verified, within) = (reader.bool()?, Duration(reader.i64()?));
        if !is_verified && within != Duration::ZERO {
            return Err(unasked);
        }
        let timeout = Duration(reader.i64()?);
        let retry = read_retry(reader)?;
        let idempotent = reader.bool()?;
        let unknown = reader.error("an impact is unknown");
        let impact = Impact::from_code(reader.u8()?).ok_or(unknown)?;
        let verified = is_verified.then_some(within);
        let approval = if reader.bool()? {
            let request = EffectId(reader.array()?);
            Some(Approval { request, index: reader.u32()? })
        } else {
            None
        };
        Ok(Self {
            call,
            affects,
            undo,
            proof,
            simulated,
            life,
            verified,
            timeout,
            retry,
            idempotent,
            impact,
            approval,
        })
    }
}

impl Bytes for Notice {
    fn write(&self, writer: &mut Writer) {
        self.call.write(writer);
        writer.bool(self.audience == Audience::Responders);
        writer.i64(self.timeout.0);
        write_retry(writer, self.retry);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, WireError> {
        Ok(Self {
            call: Call::read(reader)?,
            audience: if reader.bool()? { Audience::Responders } else { Audience::Others },
            timeout: Duration(reader.i64()?),
            retry: read_retry(reader)?,
        })
    }
}

/// The bytes of a life.
pub(super) fn write_life(writer: &mut Writer, life: Life) {
    match life {
        Life::Open => writer.u8(0),
        Life::For(span) => {
            writer.u8(1);
            writer.i64(span.0);
        }
        Life::UntilReleased => writer.u8(2),
    }
}

/// Reads what [`write_life`] wrote.
pub(super) fn read_life(reader: &mut Reader<'_>) -> Result<Life, WireError> {
    let unknown = reader.error("a life is of an unknown kind");
    match reader.u8()? {
        0 => Ok(Life::Open),
        1 => Ok(Life::For(Duration(reader.i64()?))),
        2 => Ok(Life::UntilReleased),
        _ => Err(unknown),
    }
}

fn write_query(writer: &mut Writer, query: &Query) {
    query.call.write(writer);
    writer.i64(query.timeout.0);
    write_retry(writer, query.retry);
}

fn read_query(reader: &mut Reader<'_>) -> Result<Query, WireError> {
    Ok(Query {
        call: Call::read(reader)?,
        timeout: Duration(reader.i64()?),
        retry: read_retry(reader)?,
    })
}

fn write_retry(writer: &mut Writer, retry: Retry) {
    writer.u8(retry.attempts);
    writer.i64(retry.backoff.0);
}

fn read_retry(reader: &mut Reader<'_>) -> Result<Retry, WireError> {
    Ok(Retry { attempts: reader.u8()?, backoff: Duration(reader.i64()?) })
}
