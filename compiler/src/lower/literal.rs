//! Literals and checked constants to values.

use std::net::IpAddr;
use std::sync::Arc;

use rye_core::asset;
use rye_core::ty::{Type, TypeId};
use rye_core::value::net::{self, CidrError};
use rye_core::value::{Cidr, Duration, Finite, Hash, Time, Value};
use rye_grammar::ast::{Constant, Literal};

use crate::types::Types;

/// The value and type of a literal; `None` for `none`, which the caller looks for first:
/// its place says what it could be instead.
pub(crate) fn value(types: &Types, literal: &Literal) -> Option<(Value, TypeId)> {
    Some(match *literal {
        Literal::Bool(value) => (Value::Bool(value), types.bool),
        Literal::Int(value) => (Value::Int(value), types.int),
        Literal::Float(value) => (Value::Float(Finite::new(value)?), types.float),
        Literal::Duration(micros) => (Value::Duration(Duration(micros)), types.duration),
        Literal::Time(micros) => (Value::Time(Time(micros)), types.time),
        Literal::Ip(ip) => (Value::Ip(IpAddr::V4(ip)), types.ip),
        Literal::Cidr { address, prefix } => {
            (Value::Cidr(Cidr::new(IpAddr::V4(address), prefix).ok()?), types.cidr)
        }
        Literal::None => return None,
    })
}

/// The value and type of what a setting or pattern says; `None` for what could not be read
/// and for `none`, as above.
pub(crate) fn constant(types: &Types, constant: &Constant) -> Option<(Value, TypeId)> {
    match constant {
        Constant::Literal(literal) => value(types, literal),
        Constant::Text(text) => Some((Value::text(text), types.text)),
        Constant::Error => None,
    }
}

/// Why a text names no value of a type.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Wrong {
    /// A block with host bits; the block that was probably meant.
    HostBits(Cidr),
    /// It just doesn't.
    Form,
    /// Texts name no values of this type.
    Type,
}

/// The value of type `ty` that a constant text names.
pub(crate) fn checked(types: &Types, ty: TypeId, text: &str) -> Result<Value, Wrong> {
    let shared = |text: String| -> Arc<str> { Arc::from(text) };
    let found = match types.get(ty) {
        Some(Type::Ip) => net::parse_ip(text).map(Value::Ip),
        Some(Type::Cidr) => match Cidr::parse(text) {
            Ok(block) => Some(Value::Cidr(block)),
            Err(CidrError::HostBits(block)) => return Err(Wrong::HostBits(block)),
            Err(_) => None,
        },
        Some(Type::Url) => net::canonical_url(text).map(shared).map(Value::Url),
        Some(Type::Domain) => net::canonical_name(text).map(shared).map(Value::Domain),
        Some(Type::Email) => net::canonical_email(text).map(shared).map(Value::Email),
        Some(Type::Hash) => Hash::parse(text).map(Value::Hash),
        Some(Type::Time) => Time::parse(text).map(Value::Time),
        Some(Type::Asset { name, form, of }) if types.is_text(*of) => {
            asset::canonical(*form, Value::text(text)).map(|value| Value::asset(name, value))
        }
        _ => return Err(Wrong::Type),
    };
    found.ok_or(Wrong::Form)
}

/// Whether a text that is not known yet can be read as the type.
pub(crate) fn is_parsed(types: &Types, ty: TypeId) -> bool {
    match types.get(ty) {
        Some(
            Type::Ip
            | Type::Cidr
            | Type::Url
            | Type::Domain
            | Type::Email
            | Type::Hash
            | Type::Time,
        ) => true,
        Some(Type::Asset { of, .. }) => types.is_text(*of),
        _ => false,
    }
}
