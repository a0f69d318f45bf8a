//! Operators and predeclared functions: what each comes to, and what it costs.

use std::collections::BTreeMap;

use rye_compiler::hir::Op;
use rye_core::error::{Error, ErrorKind};
use rye_core::limit::{ELEMENTS_DEFAULT_MAX, TEXT_BYTES_MAX};
use rye_core::ty::{Type, TypeId, TypeTable};
use rye_core::value::{Cidr, Duration, Finite, Hash, Time, Value, net};
use rye_core::{asset, limit};

use super::compute::by_length;
use super::fuel::units;
use super::text;

/// What an operation costs with these operands.
pub(super) fn price(op: Op, args: &[Value]) -> u64 {
    let by_size = || 1 + args.iter().map(units).sum::<u64>();
    match op {
        Op::NotEqual => 1 + by_size(),
        Op::Equal
        | Op::Less
        | Op::LessEqual
        | Op::Greater
        | Op::GreaterEqual
        | Op::Smaller
        | Op::Larger
        | Op::InCidrs
        | Op::InList
        | Op::DistinctList
        | Op::FlatList
        | Op::JoinList
        | Op::GetMap
        | Op::InMap => by_size(),
        Op::LengthText
        | Op::LowerText
        | Op::TrimText
        | Op::SplitText
        | Op::ContainsText
        | Op::StartsWithText
        | Op::EndsWithText
        | Op::KeysOfMap
        | Op::ValuesOfMap => by_length(1, args),
        Op::ParseText => by_length(4, args),
        // With a look at how many were found.
        Op::ExtractText => by_length(4, args) + 3,
        Op::UrlScheme | Op::UrlHost | Op::UrlPath => 4,
        _ => 1,
    }
}

/// The value of an operation, whose result is of the type `ty`.
///
/// # Errors
/// Where it has none.
pub(super) fn apply(types: &TypeTable, op: Op, ty: TypeId, args: &[Value]) -> Result<Value, Error> {
    match (op, args) {
        (_, [Value::Int(a), Value::Int(b)]) if is_int(op) => of_ints(op, *a, *b).map(Value::Int),
        (_, [Value::Int(a)]) if is_int(op) => of_int(op, *a).map(Value::Int),
        (_, [Value::Float(a), Value::Float(b)]) if is_float(op) => of_floats(op, a.get(), b.get()),
        (Op::NegateFloat, [Value::Float(a)]) => finite(-a.get()),
        (Op::AbsoluteFloat, [Value::Float(a)]) => finite(a.get().abs()),
        #[expect(clippy::cast_precision_loss, reason = "the nearest float is what is asked for")]
        (Op::FloatOfInt, [Value::Int(a)]) => finite(*a as f64),
        (Op::IntOfFloat, [Value::Float(a)]) => integer(a.get().trunc()),
        (Op::RoundFloat, [Value::Float(a)]) => integer(a.get().round()),
        (
            Op::AddTime
            | Op::SubtractTime
            | Op::BetweenTime
            | Op::AddDuration
            | Op::SubtractDuration
            | Op::ScaleDuration
            | Op::DivideDuration
            | Op::RatioDuration
            | Op::NegateDuration
            | Op::AbsoluteDuration,
            args,
        ) => of_times(op, args),
        (Op::Not, [Value::Bool(a)]) => Ok(Value::Bool(!a)),
        (
            Op::Equal | Op::NotEqual | Op::Less | Op::LessEqual | Op::Greater | Op::GreaterEqual,
            [a, b],
        ) => Ok(Value::Bool(compared(op, a, b))),
        (Op::Smaller, [a, b]) => Ok(if b < a { b.clone() } else { a.clone() }),
        (Op::Larger, [a, b]) => Ok(if b > a { b.clone() } else { a.clone() }),
        (Op::ParseText, [Value::Text(text)]) => Ok(parsed(types, ty, text)),
        (Op::ExtractText, [Value::Text(text)]) => extracted(types, ty, text),
        (_, [Value::Text(text)]) => of_text(op, text),
        (_, [Value::Text(text), Value::Text(other)]) => of_texts(types, op, ty, text, other),
        (
            Op::InCidr
            | Op::InCidrs
            | Op::CoversCidr
            | Op::Network
            | Op::CidrAddress
            | Op::CidrLength,
            args,
        ) => of_networks(op, args),
        (Op::UrlScheme | Op::UrlHost | Op::UrlPath, [Value::Url(url)]) => {
            Ok(Value::text(text::part_of_url(op, url)))
        }
        (_, [Value::Map(entries), rest @ ..]) => Ok(of_map(op, entries, rest)),
        (Op::InMap, [key, Value::Map(entries)]) => {
            Ok(Value::Bool(entries.iter().any(|(known, _)| known == key)))
        }
        (Op::InList, [element, of]) => Ok(Value::Bool(list(of).contains(element))),
        (_, [first, rest @ ..]) => of_list(types, op, ty, list(first), rest),
        (_, []) => Ok(Value::None),
    }
}

fn is_int(op: Op) -> bool {
    matches!(
        op,
        Op::AddInt
            | Op::SubtractInt
            | Op::MultiplyInt
            | Op::DivideInt
            | Op::RemainderInt
            | Op::NegateInt
            | Op::AbsoluteInt
            | Op::XorInt
            | Op::ShiftLeftInt
            | Op::ShiftRightInt
            | Op::WrappingAddInt
            | Op::WrappingMultiplyInt
    )
}

fn is_float(op: Op) -> bool {
    matches!(op, Op::AddFloat | Op::SubtractFloat | Op::MultiplyFloat | Op::DivideFloat)
}

fn arithmetic(text: &str) -> Error {
    Error::new(ErrorKind::Arithmetic, text)
}

fn overflow() -> Error {
    arithmetic("the result does not fit 64 bits")
}

fn limit(text: &str) -> Error {
    Error::new(ErrorKind::Limit, text)
}

/// A wide result as 64 bits, if it fits.
fn narrow(wide: i128) -> Result<i64, Error> {
    i64::try_from(wide).map_err(|_| overflow())
}

fn of_ints(op: Op, a: i64, b: i64) -> Result<i64, Error> {
    let (wide_a, wide_b) = (i128::from(a), i128::from(b));
    match op {
        Op::AddInt => narrow(wide_a + wide_b),
        Op::SubtractInt => narrow(wide_a - wide_b),
        Op::MultiplyInt => narrow(wide_a * wide_b),
        Op::DivideInt | Op::RemainderInt if b == 0 => Err(arithmetic("division by zero")),
        Op::DivideInt => narrow(wide_a / wide_b),
        Op::RemainderInt => narrow(wide_a % wide_b),
        Op::XorInt => Ok(a ^ b),
        Op::ShiftLeftInt | Op::ShiftRightInt if !(0..64).contains(&b) => {
            Err(arithmetic("a shift must be by 0 to 63 bits"))
        }
        Op::ShiftLeftInt => Ok((a.cast_unsigned() << b).cast_signed()),
        Op::ShiftRightInt => Ok((a.cast_unsigned() >> b).cast_signed()),
        Op::WrappingAddInt => Ok(a.wrapping_add(b)),
        _ => Ok(a.wrapping_mul(b)),
    }
}

fn of_int(op: Op, a: i64) -> Result<i64, Error> {
    let wide = i128::from(a);
    narrow(if op == Op::NegateInt { -wide } else { wide.abs() })
}

fn finite(value: f64) -> Result<Value, Error> {
    Finite::new(value).map(Value::Float).ok_or_else(|| arithmetic("the result is no finite number"))
}

fn of_floats(op: Op, a: f64, b: f64) -> Result<Value, Error> {
    finite(match op {
        Op::AddFloat => a + b,
        Op::SubtractFloat => a - b,
        Op::MultiplyFloat => a * b,
        _ => a / b,
    })
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "a whole number that is checked to be in range; both ends are powers of two"
)]
fn integer(whole: f64) -> Result<Value, Error> {
    let fits = whole >= i64::MIN as f64 && whole < -(i64::MIN as f64);
    if fits {
        Ok(Value::Int(whole as i64))
    } else {
        Err(arithmetic("the number does not fit an Int"))
    }
}

#[expect(clippy::cast_precision_loss, reason = "the nearest float is what is asked for")]
fn of_times(op: Op, args: &[Value]) -> Result<Value, Error> {
    let number = |value: Option<&Value>| match value {
        Some(Value::Time(Time(micros)) | Value::Duration(Duration(micros))) => i128::from(*micros),
        Some(Value::Int(value)) => i128::from(*value),
        _ => 0,
    };
    let (a, b) = (number(args.first()), number(args.get(1)));
    let duration = |wide| narrow(wide).map(|micros| Value::Duration(Duration(micros)));
    match op {
        Op::AddTime => narrow(a + b).map(|micros| Value::Time(Time(micros))),
        Op::SubtractTime => narrow(a - b).map(|micros| Value::Time(Time(micros))),
        Op::BetweenTime | Op::SubtractDuration => duration(a - b),
        Op::AddDuration => duration(a + b),
        Op::ScaleDuration => duration(a * b),
        Op::DivideDuration | Op::RatioDuration if b == 0 => Err(arithmetic("division by zero")),
        Op::DivideDuration => duration(a / b),
        Op::RatioDuration => finite(a as f64 / b as f64),
        Op::NegateDuration => duration(-a),
        _ => duration(a.abs()),
    }
}

fn compared(op: Op, a: &Value, b: &Value) -> bool {
    match op {
        Op::Equal => a == b,
        Op::NotEqual => a != b,
        Op::Less => a < b,
        Op::LessEqual => a <= b,
        Op::Greater => a > b,
        _ => a >= b,
    }
}

fn of_text(op: Op, text: &str) -> Result<Value, Error> {
    Ok(match op {
        Op::LengthText => Value::Int(int_of(text.chars().count())),
        Op::TrimText => Value::text(text.trim()),
        _ => {
            let lower = text.to_lowercase();
            if lower.len() > usize::try_from(TEXT_BYTES_MAX).unwrap_or(usize::MAX) {
                return Err(limit("the text is longer than a text may be"));
            }
            Value::text(lower)
        }
    })
}

fn of_texts(
    types: &TypeTable,
    op: Op,
    ty: TypeId,
    text: &str,
    other: &str,
) -> Result<Value, Error> {
    Ok(match op {
        Op::ContainsText => Value::Bool(text.contains(other)),
        Op::StartsWithText => Value::Bool(text.starts_with(other)),
        Op::EndsWithText => Value::Bool(text.ends_with(other)),
        _ if other.is_empty() => return Err(limit("the separator is empty")),
        _ => fitting(types, ty, text.split(other).map(Value::text).collect())?,
    })
}

fn of_networks(op: Op, args: &[Value]) -> Result<Value, Error> {
    Ok(match (op, args) {
        (Op::InCidr, [Value::Ip(ip), Value::Cidr(block)]) => Value::Bool(block.contains(*ip)),
        (Op::InCidrs, [Value::Ip(ip), blocks]) => {
            let lies_in =
                |block: &Value| matches!(block, Value::Cidr(block) if block.contains(*ip));
            Value::Bool(list(blocks).iter().any(lies_in))
        }
        (Op::CoversCidr, [Value::Cidr(inner), Value::Cidr(outer)]) => {
            Value::Bool(outer.covers(*inner))
        }
        (Op::Network, [Value::Ip(ip), Value::Int(length)]) => {
            let block = u8::try_from(*length).ok().and_then(|length| Cidr::around(*ip, length));
            let no_block = || arithmetic("the prefix is longer than the address, or negative");
            Value::Cidr(block.ok_or_else(no_block)?)
        }
        (Op::CidrAddress, [Value::Cidr(block)]) => Value::Ip(block.address()),
        (Op::CidrLength, [Value::Cidr(block)]) => Value::Int(block.length().into()),
        _ => Value::None,
    })
}

fn of_map(op: Op, entries: &[(Value, Value)], rest: &[Value]) -> Value {
    match (op, rest) {
        (Op::LengthMap, _) => Value::Int(int_of(entries.len())),
        (Op::GetMap, [key]) => {
            let found = entries.iter().find(|(known, _)| known == key);
            found.map_or(Value::None, |(_, value)| value.clone())
        }
        (Op::KeysOfMap, _) => Value::list(entries.iter().map(|(key, _)| key.clone())),
        _ => Value::list(entries.iter().map(|(_, value)| value.clone())),
    }
}

fn of_list(
    types: &TypeTable,
    op: Op,
    ty: TypeId,
    elements: &[Value],
    rest: &[Value],
) -> Result<Value, Error> {
    let number = match rest.first() {
        Some(Value::Int(number)) => *number,
        _ => 0,
    };
    let clamped = usize::try_from(number.max(0)).unwrap_or(usize::MAX).min(elements.len());
    Ok(match op {
        Op::LengthList => Value::Int(int_of(elements.len())),
        Op::GetList => {
            let found = usize::try_from(number).ok().and_then(|at| elements.get(at));
            found.cloned().unwrap_or(Value::None)
        }
        Op::TakeList => Value::list(elements.iter().take(clamped).cloned()),
        Op::DropList => Value::list(elements.iter().skip(clamped).cloned()),
        Op::DistinctList => {
            let mut kept: Vec<Value> = Vec::new();
            for element in elements {
                if !kept.contains(element) {
                    kept.push(element.clone());
                }
            }
            Value::List(kept.into())
        }
        Op::FlatList => {
            fitting(types, ty, elements.iter().flat_map(|inner| list(inner).to_vec()).collect())?
        }
        _ => {
            let other = rest.first().map(list).unwrap_or_default();
            fitting(types, ty, elements.iter().chain(other).cloned().collect())?
        }
    })
}

/// A list, if it is no longer than its type says.
fn fitting(types: &TypeTable, ty: TypeId, values: Vec<Value>) -> Result<Value, Error> {
    match types.get(ty) {
        Some(Type::List { max, .. }) if values.len() > usize::try_from(*max).unwrap_or(0) => {
            Err(limit("the list has more elements than its max"))
        }
        _ => Ok(Value::List(values.into())),
    }
}

/// The value that a text names, by the type that is wanted, or nothing.
fn parsed(types: &TypeTable, ty: TypeId, text: &str) -> Value {
    let inner = match types.get(ty) {
        Some(Type::Optional { inner }) => types.get(*inner),
        other => other,
    };
    let found = match inner {
        Some(Type::Ip) => net::parse_ip(text).map(Value::Ip),
        Some(Type::Cidr) => Cidr::parse(text).ok().map(Value::Cidr),
        Some(Type::Url) => net::canonical_url(text).map(|text| Value::Url(text.into())),
        Some(Type::Domain) => net::canonical_name(text).map(|text| Value::Domain(text.into())),
        Some(Type::Email) => net::canonical_email(text).map(|text| Value::Email(text.into())),
        Some(Type::Hash) => Hash::parse(text).map(Value::Hash),
        Some(Type::Time) => Time::parse(text).map(Value::Time),
        Some(Type::Asset { name, form, .. }) => {
            let fits = text.len() <= usize::try_from(limit::TEXT_DEFAULT_BYTES_MAX).unwrap_or(0);
            let value = Some(Value::text(text)).filter(|_| fits);
            let value = value.and_then(|text| asset::canonical(*form, text));
            value.map(|value| Value::asset(name, value))
        }
        _ => None,
    };
    found.unwrap_or(Value::None)
}

/// What stands in a text, by the type of the list.
fn extracted(types: &TypeTable, ty: TypeId, text: &str) -> Result<Value, Error> {
    let element = match types.get(ty) {
        Some(Type::List { element, .. }) => types.get(*element),
        _ => None,
    };
    let found = match element {
        Some(Type::Ip) => text::ips(text).into_iter().map(Value::Ip).collect(),
        Some(Type::Hash) => text::hashes(text).into_iter().map(Value::Hash).collect(),
        Some(Type::Url) => text::urls(text).into_iter().map(|url| Value::Url(url.into())).collect(),
        Some(Type::Domain) => {
            text::domains(text).into_iter().map(|name| Value::Domain(name.into())).collect()
        }
        _ => text::emails(text).into_iter().map(|mail| Value::Email(mail.into())).collect(),
    };
    let found: Vec<Value> = found;
    if found.len() > usize::try_from(ELEMENTS_DEFAULT_MAX).unwrap_or(usize::MAX) {
        return Err(limit("the list has more elements than its max"));
    }
    Ok(Value::List(found.into()))
}

/// The elements of a list; of anything else none.
pub(super) fn list(value: &Value) -> &[Value] {
    match value {
        Value::List(values) => values,
        _ => &[],
    }
}

/// A map of these entries; the last of equal keys counts.
pub(super) fn map_of(entries: impl Iterator<Item = (Value, Value)>) -> Value {
    let entries: BTreeMap<Value, Value> = entries.collect();
    Value::Map(entries.into_iter().collect())
}

/// How often each key is there.
pub(super) fn tally(keys: Vec<Value>) -> Value {
    let mut counted: BTreeMap<Value, i64> = BTreeMap::new();
    for key in keys {
        *counted.entry(key).or_default() += 1;
    }
    Value::Map(counted.into_iter().map(|(key, count)| (key, Value::Int(count))).collect())
}

/// A length as an `Int`.
pub(super) fn int_of(length: usize) -> i64 {
    i64::try_from(length).unwrap_or(i64::MAX)
}
