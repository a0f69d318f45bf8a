//! Values in assembler: scalars by their literals, all else behind a word that
//! says the kind.

use std::sync::Arc;

use rye_core::limit::VALUE_DEPTH_MAX;
use rye_core::value::time::UNITS;
use rye_core::value::{Cidr, Duration, Finite, Hash, Time, Value, net};

use super::parser::{Parser, Result};
use super::token::TokenKind;

/// Reads one value.
pub(super) fn value(parser: &mut Parser) -> Result<Value> {
    nested(parser, VALUE_DEPTH_MAX)
}

fn nested(parser: &mut Parser, depth: usize) -> Result<Value> {
    let depth =
        depth.checked_sub(1).ok_or_else(|| parser.wrong("a value is nested too deeply", None))?;
    match parser.peek() {
        Some(TokenKind::Text(_)) => return parser.text("a text").map(Value::Text),
        Some(TokenKind::Number(_) | TokenKind::Sign("-")) => return number(parser),
        _ => {}
    }
    let kind = parser.word("a value")?;
    Ok(match kind.as_str() {
        "none" => Value::None,
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        "time" => Value::Time(time(parser)?),
        "port" => Value::Port(parser.number("a port")?),
        "url" => Value::Url(parser.text("a URL in quotes")?),
        "domain" => Value::Domain(parser.text("a domain in quotes")?),
        "email" => Value::Email(parser.text("a mail address in quotes")?),
        "secret" => Value::Secret(parser.text("a secret's name in quotes")?),
        "ip" => Value::Ip(quoted(parser, "an address", net::parse_ip)?),
        "cidr" => Value::Cidr(quoted(parser, "a block", |text| Cidr::parse(text).ok())?),
        "hash" => Value::Hash(quoted(parser, "a hash", Hash::parse)?),
        "bytes" => {
            Value::Bytes(quoted(parser, "bytes in hexadecimal", rye_core::hex::decode)?.into())
        }
        "asset" => {
            let kind = parser.text("an asset's kind in quotes")?;
            Value::Asset { kind, value: Arc::new(nested(parser, depth)?) }
        }
        "list" => {
            parser.sign("[")?;
            Value::List(parser.until("]", |parser| nested(parser, depth))?.into())
        }
        "map" => map(parser, depth)?,
        "record" => {
            let name = parser.text("a record's name in quotes")?;
            parser.sign("{")?;
            let fields = parser.until("}", |parser| {
                let field = parser.text("a field's name in quotes")?;
                parser.sign(":")?;
                Ok((field, nested(parser, depth)?))
            })?;
            Value::Record { name, fields: fields.into() }
        }
        "variant" => {
            let name = parser.text("an enum's name in quotes")?;
            let variant = parser.text("an alternative's name in quotes")?;
            parser.sign("(")?;
            let payload = parser.until(")", |parser| nested(parser, depth))?;
            Value::Variant { name, variant, payload: payload.into() }
        }
        _ => {
            let help = "a value is a literal, a text, or begins with its kind: `ip \"10.0.0.1\"`";
            return Err(parser.wrong_before(format!("`{kind}` begins no value"), help));
        }
    })
}

fn quoted<T>(parser: &mut Parser, what: &str, from: impl Fn(&str) -> Option<T>) -> Result<T> {
    let text = parser.text(&format!("{what} in quotes"))?;
    from(&text)
        .ok_or_else(|| parser.wrong_before(format!("{text:?} is not {what}"), "see its type"))
}

fn map(parser: &mut Parser, depth: usize) -> Result<Value> {
    parser.sign("[")?;
    let entries = parser.until("]", |parser| {
        let key = nested(parser, depth)?;
        parser.sign(":")?;
        Ok((key, nested(parser, depth)?))
    })?;
    if !entries.is_sorted_by(|(first, _), (second, _)| first < second) {
        return Err(parser.wrong_before("the keys of a map do not ascend", "sort them"));
    }
    Ok(Value::Map(entries.into()))
}

fn time(parser: &mut Parser) -> Result<Time> {
    if matches!(parser.peek(), Some(TokenKind::Text(_))) {
        return quoted(parser, "an instant", Time::parse);
    }
    parser.number("an instant in quotes, or its microseconds since 1970").map(Time)
}

/// A number is an `Int`, with a point a `Float`, with a unit a `Duration`.
fn number(parser: &mut Parser) -> Result<Value> {
    let literal = parser.literal("a number")?;
    let read = if literal.ends_with(|last: char| last.is_ascii_alphabetic()) {
        duration(&literal).map(Value::Duration)
    } else if literal.contains('.') {
        literal.parse().ok().and_then(Finite::new).map(Value::Float)
    } else {
        literal.parse().ok().map(Value::Int)
    };
    read.ok_or_else(|| {
        parser.wrong_before(format!("`{literal}` is no number"), "write `1`, `1.5` or `90s`")
    })
}

/// The duration that digits and a unit name, negative ones included.
pub(super) fn duration(literal: &str) -> Option<Duration> {
    let unit = literal.trim_start_matches(|sign: char| sign == '-' || sign.is_ascii_digit());
    let (_, micros) = UNITS.iter().find(|(spelling, _)| *spelling == unit)?;
    let number: i64 = literal.strip_suffix(unit)?.parse().ok()?;
    number.checked_mul(*micros).map(Duration)
}
