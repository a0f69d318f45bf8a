//! Values as they cross boundaries: between the machine and the world, and
//! between a run and its journal.
//!
//! A value describes itself (records and enums carry their names), so that a
//! journal can be read without the bundle that wrote it. Inside the machine
//! values are untagged slots; they become this only where they leave it.
//!
//! INVARIANT: floats are finite and never `-0.0`, map keys ascend strictly, and
//! nesting is at most [`VALUE_DEPTH_MAX`](crate::limit::VALUE_DEPTH_MAX), so
//! comparing or dropping a value can't exhaust the stack.

pub mod evidence;
pub mod json;
pub mod net;
pub mod number;
pub mod time;

use core::fmt;
use std::net::IpAddr;
use std::sync::Arc;

pub use evidence::Hash;
pub use net::Cidr;
pub use number::Finite;
pub use time::{Duration, Time};

/// A name that many values share: of a field, a type, an action.
pub type Name = Arc<str>;

/// One value of the language.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Value {
    /// The empty `T?`; also what an action without a result answers.
    None,
    /// `true` or `false`.
    Bool(bool),
    /// A 64-bit integer.
    Int(i64),
    /// A finite number.
    Float(Finite),
    /// UTF-8 text.
    Text(Arc<str>),
    /// An instant.
    Time(Time),
    /// A signed span of time.
    Duration(Duration),
    /// An address; an IPv4-mapped IPv6 address is its IPv4 form.
    Ip(IpAddr),
    /// A block of addresses.
    Cidr(Cidr),
    /// A TCP or UDP port.
    Port(u16),
    /// A URL in its canonical spelling.
    Url(Arc<str>),
    /// A domain in its canonical spelling.
    Domain(Arc<str>),
    /// A mail address in its canonical spelling.
    Email(Arc<str>),
    /// A file's hash.
    Hash(Hash),
    /// Bytes.
    Bytes(Arc<[u8]>),
    /// The name of a secret; its value is known to adapters alone.
    Secret(Name),
    /// Something that can be acted on, in canonical form.
    Asset {
        /// The kind, such as `Host`.
        kind: Name,
        /// What names it.
        value: Arc<Value>,
    },
    /// Values in order.
    List(Arc<[Value]>),
    /// Values by key, ascending.
    Map(Arc<[(Value, Value)]>),
    /// A record of a declared type.
    Record {
        /// The type's name.
        name: Name,
        /// Its fields, in the order of the declaration.
        fields: Arc<[(Name, Value)]>,
    },
    /// One alternative of a declared enum.
    Variant {
        /// The enum's name.
        name: Name,
        /// The alternative.
        variant: Name,
        /// What it carries.
        payload: Arc<[Value]>,
    },
}

impl Value {
    /// A text value.
    pub fn text(text: impl AsRef<str>) -> Self {
        Self::Text(Arc::from(text.as_ref()))
    }

    /// A list value.
    pub fn list(values: impl IntoIterator<Item = Self>) -> Self {
        Self::List(values.into_iter().collect())
    }

    /// An asset of `kind`; `value` must be canonical (see [`crate::asset`]).
    pub fn asset(kind: impl AsRef<str>, value: Self) -> Self {
        Self::Asset { kind: Arc::from(kind.as_ref()), value: Arc::new(value) }
    }

    /// What an asset names, or the value itself.
    pub fn bare(&self) -> &Self {
        match self {
            Self::Asset { value, .. } => value,
            other => other,
        }
    }

    /// The field `name` of a record.
    pub fn field(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Record { fields, .. } => {
                fields.iter().find_map(|(field, value)| (**field == *name).then_some(value))
            }
            _ => None,
        }
    }

    /// How deeply values are nested in this one; a scalar is 1.
    pub fn depth(&self) -> usize {
        let inner = match self {
            Self::Asset { value, .. } => value.depth(),
            Self::List(values) | Self::Variant { payload: values, .. } => {
                values.iter().map(Self::depth).max().unwrap_or(0)
            }
            Self::Map(entries) => {
                entries.iter().map(|(key, value)| key.depth().max(value.depth())).max().unwrap_or(0)
            }
            Self::Record { fields, .. } => {
                fields.iter().map(|(_, value)| value.depth()).max().unwrap_or(0)
            }
            _ => 0,
        };
        inner.saturating_add(1)
    }
}

/// As a hole in a text shows it: what a person would write, never an escape of
/// the language.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("none"),
            Self::Bool(value) => value.fmt(f),
            Self::Int(value) => value.fmt(f),
            Self::Float(value) => value.fmt(f),
            Self::Text(text) | Self::Url(text) | Self::Domain(text) | Self::Email(text) => {
                f.write_str(text)
            }
            Self::Time(time) => time.fmt(f),
            Self::Duration(duration) => duration.fmt(f),
            Self::Ip(ip) => ip.fmt(f),
            Self::Cidr(cidr) => cidr.fmt(f),
            Self::Port(port) => port.fmt(f),
            Self::Hash(hash) => hash.fmt(f),
            Self::Bytes(bytes) => crate::hex::write(f, bytes),
            Self::Secret(name) => write!(f, "secret {name}"),
            Self::Asset { value, .. } => value.fmt(f),
            Self::List(values) => {
                f.write_str("[")?;
                list(f, values)?;
                f.write_str("]")
            }
            Self::Map(entries) => {
                f.write_str("[")?;
                for (index, (key, value)) in entries.iter().enumerate() {
                    write!(f, "{}{key}: {value}", separator(index))?;
                }
                f.write_str("]")
            }
            Self::Record { name, fields } => {
                write!(f, "{name}(")?;
                for (index, (field, value)) in fields.iter().enumerate() {
                    write!(f, "{}{field}: {value}", separator(index))?;
                }
                f.write_str(")")
            }
            Self::Variant { variant, payload, .. } => {
                f.write_str(variant)?;
                if payload.is_empty() {
                    return Ok(());
                }
                f.write_str("(")?;
                list(f, payload)?;
                f.write_str(")")
            }
        }
    }
}

fn list(f: &mut fmt::Formatter<'_>, values: &[Value]) -> fmt::Result {
    for (index, value) in values.iter().enumerate() {
        write!(f, "{}{value}", separator(index))?;
    }
    Ok(())
}

fn separator(index: usize) -> &'static str {
    if index == 0 { "" } else { ", " }
}
