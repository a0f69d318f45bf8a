//! The one byte encoding of values: what is digested, journaled, and compared
//! across processes. Equal values have equal bytes and nothing else has.
//!
//! A tag byte says what follows; integers are big-endian, texts and sequences
//! have a 32-bit length in front. Tags are part of the journal's format: never
//! renumbered, never reused.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use crate::limit::{VALUE_BYTES_MAX, VALUE_DEPTH_MAX};
use crate::value::{Cidr, Duration, Finite, Hash, Name, Time, Value};
use crate::wire::{Reader, WireError, Writer};

mod tag {
    pub(super) const NONE: u8 = 0;
    pub(super) const FALSE: u8 = 1;
    pub(super) const TRUE: u8 = 2;
    pub(super) const INT: u8 = 3;
    pub(super) const FLOAT: u8 = 4;
    pub(super) const TEXT: u8 = 5;
    pub(super) const TIME: u8 = 6;
    pub(super) const DURATION: u8 = 7;
    pub(super) const IPV4: u8 = 8;
    pub(super) const IPV6: u8 = 9;
    pub(super) const CIDR: u8 = 10;
    pub(super) const PORT: u8 = 11;
    pub(super) const URL: u8 = 12;
    pub(super) const DOMAIN: u8 = 13;
    pub(super) const EMAIL: u8 = 14;
    pub(super) const HASH: u8 = 15;
    pub(super) const BYTES: u8 = 16;
    pub(super) const SECRET: u8 = 17;
    pub(super) const ASSET: u8 = 18;
    pub(super) const LIST: u8 = 19;
    pub(super) const MAP: u8 = 20;
    pub(super) const RECORD: u8 = 21;
    pub(super) const VARIANT: u8 = 22;
}

/// The canonical bytes of `value`.
pub fn encode(value: &Value) -> Vec<u8> {
    let mut writer = Writer::new();
    write(&mut writer, value);
    writer.into_bytes()
}

/// The value with these canonical bytes, all of them.
///
/// # Errors
/// When the bytes are not what [`encode`] writes for any value.
pub fn decode(bytes: &[u8]) -> Result<Value, WireError> {
    let mut reader = Reader::new(bytes);
    let value = read(&mut reader)?;
    reader.finish()?;
    Ok(value)
}

/// Appends the canonical bytes of `value`.
pub fn write(writer: &mut Writer, value: &Value) {
    match value {
        Value::None => writer.u8(tag::NONE),
        Value::Bool(value) => writer.u8(if *value { tag::TRUE } else { tag::FALSE }),
        Value::Int(value) => {
            writer.u8(tag::INT);
            writer.i64(*value);
        }
        Value::Float(value) => {
            writer.u8(tag::FLOAT);
            writer.u64(value.get().to_bits());
        }
        Value::Text(text) => write_text(writer, tag::TEXT, text),
        Value::Time(time) => {
            writer.u8(tag::TIME);
            writer.i64(time.0);
        }
        Value::Duration(duration) => {
            writer.u8(tag::DURATION);
            writer.i64(duration.0);
        }
        Value::Ip(ip) => write_ip(writer, *ip),
        Value::Cidr(cidr) => {
            writer.u8(tag::CIDR);
            writer.u8(cidr.length());
            write_ip(writer, cidr.address());
        }
        Value::Port(port) => {
            writer.u8(tag::PORT);
            writer.u16(*port);
        }
        Value::Url(text) => write_text(writer, tag::URL, text),
        Value::Domain(text) => write_text(writer, tag::DOMAIN, text),
        Value::Email(text) => write_text(writer, tag::EMAIL, text),
        Value::Hash(hash) => {
            writer.u8(tag::HASH);
            writer.bytes(hash.as_bytes());
        }
        Value::Bytes(bytes) => {
            writer.u8(tag::BYTES);
            writer.bytes(bytes);
        }
        Value::Secret(name) => write_text(writer, tag::SECRET, name),
        Value::Asset { kind, value } => {
            write_text(writer, tag::ASSET, kind);
            write(writer, value);
        }
        Value::List(values) => {
            writer.u8(tag::LIST);
            write_all(writer, values);
        }
        Value::Map(entries) => {
            writer.u8(tag::MAP);
            writer.count(entries.len());
            for (key, value) in entries.iter() {
                write(writer, key);
                write(writer, value);
            }
        }
        Value::Record { name, fields } => {
            write_text(writer, tag::RECORD, name);
            writer.count(fields.len());
            for (field, value) in fields.iter() {
                writer.text(field);
                write(writer, value);
            }
        }
        Value::Variant { name, variant, payload } => {
            write_text(writer, tag::VARIANT, name);
            writer.text(variant);
            write_all(writer, payload);
        }
    }
}

fn write_text(writer: &mut Writer, tag: u8, text: &str) {
    writer.u8(tag);
    writer.text(text);
}

fn write_ip(writer: &mut Writer, ip: IpAddr) {
    match ip {
        IpAddr::V4(v4) => {
            writer.u8(tag::IPV4);
            writer.u32(v4.to_bits());
        }
        IpAddr::V6(v6) => {
            writer.u8(tag::IPV6);
            writer.raw(&v6.octets());
        }
    }
}

fn write_all(writer: &mut Writer, values: &[Value]) {
    writer.count(values.len());
    for value in values {
        write(writer, value);
    }
}

/// Reads one value.
///
/// # Errors
/// When the bytes are not what [`write()`] writes for any value.
pub fn read(reader: &mut Reader<'_>) -> Result<Value, WireError> {
    read_nested(reader, VALUE_DEPTH_MAX)
}

fn read_nested(reader: &mut Reader<'_>, depth: usize) -> Result<Value, WireError> {
    let depth = depth.checked_sub(1).ok_or_else(|| reader.error("a value is nested too deeply"))?;
    let start = reader.clone();
    Ok(match reader.u8()? {
        tag::NONE => Value::None,
        tag::FALSE => Value::Bool(false),
        tag::TRUE => Value::Bool(true),
        tag::INT => Value::Int(reader.i64()?),
        tag::FLOAT => Value::Float(read_float(reader)?),
        tag::TEXT => Value::Text(read_name(reader)?),
        tag::TIME => Value::Time(Time(reader.i64()?)),
        tag::DURATION => Value::Duration(Duration(reader.i64()?)),
        tag::IPV4 => Value::Ip(read_ipv4(reader)?),
        tag::IPV6 => Value::Ip(read_ipv6(reader)?),
        tag::CIDR => Value::Cidr(read_cidr(reader)?),
        tag::PORT => Value::Port(reader.u16()?),
        tag::URL => Value::Url(read_name(reader)?),
        tag::DOMAIN => Value::Domain(read_name(reader)?),
        tag::EMAIL => Value::Email(read_name(reader)?),
        tag::HASH => {
            let bytes = reader.bytes(32)?;
            Value::Hash(Hash::from_bytes(bytes).ok_or_else(|| start.error("a hash is of no kind"))?)
        }
        tag::BYTES => Value::Bytes(reader.bytes(VALUE_BYTES_MAX)?.into()),
        tag::SECRET => Value::Secret(read_name(reader)?),
        tag::ASSET => {
            Value::Asset { kind: read_name(reader)?, value: Arc::new(read_nested(reader, depth)?) }
        }
        tag::LIST => Value::List(read_all(reader, depth)?),
        tag::MAP => Value::Map(read_map(reader, depth)?),
        tag::RECORD => {
            let name = read_name(reader)?;
            let mut fields = Vec::new();
            for _ in 0..reader.u32()? {
                fields.push((read_name(reader)?, read_nested(reader, depth)?));
            }
            Value::Record { name, fields: fields.into() }
        }
        tag::VARIANT => Value::Variant {
            name: read_name(reader)?,
            variant: read_name(reader)?,
            payload: read_all(reader, depth)?,
        },
        _ => return Err(start.error("no value has this tag")),
    })
}

fn read_name(reader: &mut Reader<'_>) -> Result<Name, WireError> {
    reader.text(VALUE_BYTES_MAX).map(Name::from)
}

fn read_float(reader: &mut Reader<'_>) -> Result<Finite, WireError> {
    let start = reader.clone();
    let bits = reader.u64()?;
    Finite::new(f64::from_bits(bits))
        .filter(|float| float.get().to_bits() == bits)
        .ok_or_else(|| start.error("a float is not finite or is negative zero"))
}

fn read_ipv4(reader: &mut Reader<'_>) -> Result<IpAddr, WireError> {
    Ok(IpAddr::V4(Ipv4Addr::from_bits(reader.u32()?)))
}

fn read_ipv6(reader: &mut Reader<'_>) -> Result<IpAddr, WireError> {
    let start = reader.clone();
    let ip = IpAddr::V6(Ipv6Addr::from(reader.array::<16>()?));
    if ip.to_canonical() == ip { Ok(ip) } else { Err(start.error("an address is IPv4-mapped")) }
}

fn read_cidr(reader: &mut Reader<'_>) -> Result<Cidr, WireError> {
    let start = reader.clone();
    let length = reader.u8()?;
    let address = match reader.u8()? {
        tag::IPV4 => read_ipv4(reader)?,
        tag::IPV6 => IpAddr::V6(Ipv6Addr::from(reader.array::<16>()?)),
        _ => return Err(start.error("a block has no address")),
    };
    Cidr::new(address, length)
        .ok()
        // A block of IPv4-mapped addresses would become its IPv4 form.
        .filter(|block| block.address() == address && block.length() == length)
        .ok_or_else(|| start.error("a block is not in canonical form"))
}

fn read_all(reader: &mut Reader<'_>, depth: usize) -> Result<Arc<[Value]>, WireError> {
    let mut values = Vec::new();
    // The count is not trusted with an allocation; the bytes must be there.
    for _ in 0..reader.u32()? {
        values.push(read_nested(reader, depth)?);
    }
    Ok(values.into())
}

fn read_map(reader: &mut Reader<'_>, depth: usize) -> Result<Arc<[(Value, Value)]>, WireError> {
    let mut entries: Vec<(Value, Value)> = Vec::new();
    for _ in 0..reader.u32()? {
        let key = read_nested(reader, depth)?;
        if entries.last().is_some_and(|(last, _)| *last >= key) {
            return Err(reader.error("the keys of a map do not ascend"));
        }
        entries.push((key, read_nested(reader, depth)?));
    }
    Ok(entries.into())
}

#[cfg(test)]
mod tests;
