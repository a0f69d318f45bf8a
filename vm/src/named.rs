//! Values that a text names: what `parse.text` gives, and what stands for a
//! scalar in JSON, as a text or as the key of a map.

use rye_core::asset;
use rye_core::ty::spelled::duration;
pub(crate) use rye_core::ty::spelled::{example, float, integer, is_number};
use rye_core::ty::{AssetForm, Type, TypeId, TypeTable, Variant};
use rye_core::value::{Cidr, Hash, Time, Value, net};

use crate::heap::Memory;
use crate::slot;
use crate::trap::Trap;

/// The value of type `ty` that `text` names; `None` when it names none. Numbers
/// are read as JSON writes them, all else as the language does.
pub(crate) fn parse(
    memory: &mut Memory<'_>,
    types: &TypeTable,
    ty: TypeId,
    text: &str,
) -> Result<Option<u64>, Trap> {
    let number = |value: Option<i64>| Ok(value.map(i64::cast_unsigned));
    let Some(declared) = types.get(ty) else { return Ok(None) };
    match declared {
        Type::Bool => Ok(match text {
            "true" => Some(1),
            "false" => Some(0),
            _ => None,
        }),
        Type::Int => number(integer(text)),
        Type::Port => number(integer(text).filter(|port| (0..=65_535).contains(port))),
        Type::Float => Ok(float(text).map(f64::to_bits)),
        Type::Time => number(Time::parse(text).map(|time| time.0)),
        Type::Duration => number(duration(text).map(|duration| duration.0)),
        Type::Text { max } if text.len() <= slot::size(*max) => memory.add_text(text).map(Some),
        Type::Ip => net::parse_ip(text).map(|ip| memory.add_ip(ip)).transpose(),
        Type::Cidr => Cidr::parse(text).ok().map(|cidr| memory.add_cidr(cidr)).transpose(),
        Type::Url => spelled(memory, net::canonical_url(text)),
        Type::Domain => spelled(memory, net::canonical_name(text)),
        Type::Email => spelled(memory, net::canonical_email(text)),
        Type::Hash => Hash::parse(text).map(|hash| memory.add_blob(hash.as_bytes())).transpose(),
        Type::Asset { form: AssetForm::Value, of, .. } => parse(memory, types, *of, text),
        Type::Asset { form, .. } => {
            let Some(Value::Text(name)) = asset::canonical(*form, Value::text(text)) else {
                return Ok(None);
            };
            memory.add_text(&name).map(Some)
        }
        Type::Enum { variants, .. } => {
            let named = |variant: &Variant| *variant.name == *text && variant.payload.is_empty();
            Ok(variants.iter().position(named).map(slot::count))
        }
        _ => Ok(None),
    }
}

fn spelled(memory: &mut Memory<'_>, text: Option<String>) -> Result<Option<u64>, Trap> {
    text.map(|text| memory.add_text(&text)).transpose()
}
