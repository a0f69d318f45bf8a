//! Values, as assembler writes them.

use core::fmt;

use rye_core::value::{Time, Value};

use super::{duration, quote};

/// A value, written so that it reads back as the same.
pub(super) struct Literal<'a>(pub(super) &'a Value);

impl fmt::Display for Literal<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Value::None | Value::Bool(_) | Value::Int(_) | Value::Float(_) => {
                write!(f, "{}", self.0)
            }
            Value::Text(text) => f.write_str(&quote(text)),
            Value::Time(time) => {
                let text = time.to_string();
                // Instants beyond the years of RFC 3339 are written as numbers.
                if Time::parse(&text) == Some(*time) {
                    write!(f, "time \"{text}\"")
                } else {
                    write!(f, "time {}", time.0)
                }
            }
            Value::Duration(value) => f.write_str(&duration(*value)),
            Value::Ip(ip) => write!(f, "ip \"{ip}\""),
            Value::Cidr(cidr) => write!(f, "cidr \"{cidr}\""),
            Value::Port(port) => write!(f, "port {port}"),
            Value::Url(text) => write!(f, "url {}", quote(text)),
            Value::Domain(text) => write!(f, "domain {}", quote(text)),
            Value::Email(text) => write!(f, "email {}", quote(text)),
            Value::Hash(hash) => write!(f, "hash \"{hash}\""),
            Value::Bytes(_) => write!(f, "bytes \"{}\"", self.0),
            Value::Secret(name) => write!(f, "secret {}", quote(name)),
            Value::Asset { kind, value } => write!(f, "asset {} {}", quote(kind), Literal(value)),
            Value::List(values) => write!(f, "list [{}]", All(values)),
            Value::Map(entries) => {
                f.write_str("map [")?;
                for (index, (key, value)) in entries.iter().enumerate() {
                    write!(f, "{}{}: {}", separator(index), Literal(key), Literal(value))?;
                }
                f.write_str("]")
            }
            Value::Record { name, fields } => {
                write!(f, "record {} {{", quote(name))?;
                for (index, (field, value)) in fields.iter().enumerate() {
                    write!(f, "{}{}: {}", separator(index), quote(field), Literal(value))?;
                }
                f.write_str("}")
            }
            Value::Variant { name, variant, payload } => {
                write!(f, "variant {} {} ({})", quote(name), quote(variant), All(payload))
            }
        }
    }
}

struct All<'a>(&'a [Value]);

impl fmt::Display for All<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, value) in self.0.iter().enumerate() {
            write!(f, "{}{}", separator(index), Literal(value))?;
        }
        Ok(())
    }
}

fn separator(index: usize) -> &'static str {
    if index == 0 { "" } else { ", " }
}
