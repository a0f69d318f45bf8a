//! What an act makes of quotas, as bytes.

use rye_core::limit::ACTION_NAME_BYTES_MAX;
use rye_core::value::{Duration, Name};
use rye_core::wire::{Reader, WireError, Writer};

use super::bytes::Item;
use crate::guardrail::Quota;
use crate::guardrail::quota::{Count, Counted};

impl Item for Count {
    fn write(&self, writer: &mut Writer) {
        let Self { quota: Quota { of, most, per }, after } = self;
        let (code, name) = match of {
            Counted::Assets(kind) => (0, kind),
            Counted::Acts(name) => (1, name),
        };
        writer.u8(code);
        writer.text(name);
        writer.i64(per.0);
        writer.u64(*most);
        writer.u64(*after);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, WireError> {
        let unknown = reader.error("what is counted is unknown");
        let code = reader.u8()?;
        let name = Name::from(reader.text(ACTION_NAME_BYTES_MAX)?);
        let of = match code {
            0 => Counted::Assets(name),
            1 => Counted::Acts(name),
            _ => return Err(unknown),
        };
        let per = Duration(reader.i64()?);
        let quota = Quota { of, most: reader.u64()?, per };
        Ok(Self { quota, after: reader.u64()? })
    }
}
