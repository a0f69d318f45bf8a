//! What an act makes of quotas, and what is left of an erased run in them, as bytes.

use rye_core::id::BootId;
use rye_core::limit::ACTION_NAME_BYTES_MAX;
use rye_core::mode::Mode;
use rye_core::value::{Duration, Name, Time};
use rye_core::wire::{Reader, WireError, Writer};

use super::bytes::Item;
use crate::guardrail::Quota;
use crate::guardrail::quota::{Count, Counted, Remnant};
use crate::stamp::Stamp;

impl Item for Count {
    fn write(&self, writer: &mut Writer) {
        let Self { quota: Quota { of, most, per }, after } = self;
        write_counted(of, writer);
        writer.i64(per.0);
        writer.u64(*most);
        writer.u64(*after);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, WireError> {
        let of = read_counted(reader)?;
        let per = Duration(reader.i64()?);
        let quota = Quota { of, most: reader.u64()?, per };
        Ok(Self { quota, after: reader.u64()? })
    }
}

impl Item for Remnant {
    fn write(&self, writer: &mut Writer) {
        let Self { mode, of, at: Stamp { wall, boot, monotonic }, weight } = self;
        writer.u8(mode.code());
        write_counted(of, writer);
        writer.i64(wall.0);
        writer.raw(&boot.0);
        writer.i64(monotonic.0);
        writer.u64(*weight);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, WireError> {
        let unknown = reader.error("the mode is unknown");
        let mode = Mode::from_code(reader.u8()?).ok_or(unknown)?;
        let of = read_counted(reader)?;
        let wall = Time(reader.i64()?);
        let boot = BootId(reader.array()?);
        let at = Stamp { wall, boot, monotonic: Duration(reader.i64()?) };
        Ok(Self { mode, of, at, weight: reader.u64()? })
    }
}

fn write_counted(of: &Counted, writer: &mut Writer) {
    let (code, name) = match of {
        Counted::Assets(kind) => (0, kind),
        Counted::Acts(name) => (1, name),
    };
    writer.u8(code);
    writer.text(name);
}

fn read_counted(reader: &mut Reader<'_>) -> Result<Counted, WireError> {
    let unknown = reader.error("what is counted is unknown");
    let code = reader.u8()?;
    let name = Name::from(reader.text(ACTION_NAME_BYTES_MAX)?);
    match code {
        0 => Ok(Counted::Assets(name)),
        1 => Ok(Counted::Acts(name)),
        _ => Err(unknown),
    }
}
