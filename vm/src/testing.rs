//! What the tests share: modules from assembler, values by short names, calls of
//! functions in both styles of lowering, and a count of fuel that knows nothing
//! of slots and blocks.

use std::sync::Arc;

use rye_bytecode::instruction::operand::Function;
use rye_bytecode::instruction::{Cost, Instruction, Role};
use rye_bytecode::module::Module;
use rye_bytecode::{Options, assemble, verify};
use rye_core::value::{Cidr, Duration, Finite, Hash, Time, Value, net};

use crate::lower::Style;
use crate::{CallError, Evaluator, Fault, Program, Stack};

/// The types that the tests' functions use, by the names in their signatures.
pub(crate) const TYPES: &str = r#"
type unit Unit
type bool Bool
type int Int
type float Float
type text Text max 65536
type time Time
type duration Duration
type ip Ip
type cidr Cidr
type port Port
type url Url
type domain Domain
type email Email
type hash Hash
type bytes Bytes max 65536
type host asset "Host" name text
type account asset "Account" text text
type address asset "Address" value ip
type ints List(int) max 1000
type three List(int) max 3
type floats List(float) max 1000
type texts List(text) max 1000
type two_texts List(text) max 2
type ips List(ip) max 1000
type cidrs List(cidr) max 1000
type urls List(url) max 1000
type domains List(domain) max 1000
type emails List(email) max 1000
type hashes List(hash) max 1000
type listlist List(ints) max 1000
type tally Map(text, int) max 1000
type ip_tally Map(ip, int) max 1000
type counts Map(int, int) max 1000
type int_opt Optional(int)
type float_opt Optional(float)
type text_opt Optional(text)
type time_opt Optional(time)
type duration_opt Optional(duration)
type ip_opt Optional(ip)
type cidr_opt Optional(cidr)
type url_opt Optional(url)
type domain_opt Optional(domain)
type email_opt Optional(email)
type hash_opt Optional(hash)
type host_opt Optional(host)
type account_opt Optional(account)
type builder Builder(int)
type login record "Login" { "user": account, "from": ip, "at": time_opt, "tags": texts }
type logins List(login) max 1000
type kind enum "Kind" { "user", "service"(text, int), "else" } open
type kinds List(kind) max 1000
type error enum "Error" {"denied"(text), "rejected"(text), "timeout"(text), "unavailable"(text), "conflict"(text), "not_found"(text), "limit"(text), "guardrail"(text), "expired"(text), "arithmetic"(text), "unverified"(text), "failed"(text)}
"#;

/// A verified module of the tests' types and these definitions.
pub(crate) fn module(text: &str) -> rye_bytecode::Verified<Module> {
    let text = pruned(&format!("{TYPES}\n{text}"));
    let module = assemble(&text).unwrap_or_else(|error| panic!("{error}"));
    verify(module, Options::default()).unwrap_or_else(|error| panic!("{error}"))
}

/// The definitions without the sites and actions that nothing uses, which the
/// verifier would refuse.
fn pruned(text: &str) -> String {
    let mut lines: Vec<&str> = text.lines().collect();
    loop {
        let used = |line: &&str| {
            let mut words = line.split_whitespace();
            let (Some("site" | "action"), Some(name)) = (words.next(), words.next()) else {
                return true;
            };
            let word = |c: char| !(c.is_alphanumeric() || c == '_' || c == '.');
            let path = line.split('"').nth(1);
            lines
                .iter()
                .filter(|other| *other != line)
                .any(|other| other.split(word).any(|word| word == name || Some(word) == path))
        };
        let kept: Vec<&str> = lines.iter().filter(|line| used(line)).copied().collect();
        if kept.len() == lines.len() {
            return kept.join("\n");
        }
        lines = kept;
    }
}

/// A program of the tests' types and these definitions.
pub(crate) fn program(text: &str) -> Arc<Program> {
    Program::new(module(text))
}

/// How a call went: its value or its error, and the fuel that it used.
pub(crate) type Went = (Result<Value, CallError>, u64);

/// Calls the first function of a module, in one style.
pub(crate) fn call_in(style: Style, text: &str, arguments: &[Value], fuel: u64) -> Went {
    let program = Program::lower(module(text), style);
    let mut evaluator = Evaluator::new(program, fuel, 1 << 24);
    let arguments = evaluator.load(Function(0), arguments).unwrap_or_else(|e| panic!("{e}"));
    let result = evaluator.call(Function(0), &arguments, &mut Stack::new());
    let value = result.map(|computed| evaluator.value(computed).expect("computed here"));
    (value, fuel - evaluator.fuel())
}

/// Calls the first function of a module; both styles must agree on everything.
pub(crate) fn call(text: &str, arguments: &[Value]) -> Went {
    let fast = call_in(Style::Fast, text, arguments, 1 << 40);
    let stepwise = call_in(Style::Stepwise, text, arguments, 1 << 40);
    assert_eq!(fast, stepwise, "the styles differ: {text}");
    fast
}

/// Executes one instruction. The signature is `a: int, b: int -> int`; the
/// instruction finds the parameters and the result `r`. Checks the fuel as well.
pub(crate) fn one(
    signature: &str,
    instruction: &str,
    arguments: &[Value],
) -> Result<Value, CallError> {
    with("", signature, instruction, arguments)
}

/// As [`one`], with definitions of constants in front.
pub(crate) fn with(
    definitions: &str,
    signature: &str,
    instruction: &str,
    arguments: &[Value],
) -> Result<Value, CallError> {
    let (parameters, result) = signature.split_once("->").expect("a signature");
    let text = format!(
        "{definitions} function f \"f\" pure ({parameters}) -> {result} \
         registers (r: {result}) {{ {instruction} return r }}"
    );
    let (value, fuel) = call(&text, arguments);
    if let [instruction, Instruction::Return { .. }] = &*module(&text).functions[0].code {
        assert_eq!(fuel, price(instruction, arguments), "the price of {instruction:?}");
    }
    value
}

/// What an instruction costs whose operands are the arguments themselves.
fn price(instruction: &Instruction, arguments: &[Value]) -> u64 {
    let mut operands = Vec::new();
    instruction.operands(|row, operand| {
        if let (
            Role::Use | Role::Uses,
            rye_bytecode::instruction::operand::Operand::Registers(registers),
        ) = (row.role, operand)
        {
            operands.extend(registers.iter().map(|register| &arguments[usize::from(register.0)]));
        }
    });
    match instruction.row().cost {
        Cost::Fixed(price) => u64::from(price),
        Cost::Length(price) => u64::from(price) + units(operands[0], false),
        Cost::Size(price) => {
            u64::from(price) + operands.iter().map(|value| units(value, true)).sum::<u64>()
        }
    }
}

/// The units of a value.
pub(crate) fn units(value: &Value, deep: bool) -> u64 {
    let inside = |value: &Value| if deep { units(value, deep) } else { 0 };
    match value {
        Value::Text(text) | Value::Url(text) | Value::Domain(text) | Value::Email(text) => {
            text.len().div_ceil(64) as u64
        }
        Value::Bytes(bytes) => bytes.len().div_ceil(64) as u64,
        Value::List(values) => values.len() as u64 + values.iter().map(inside).sum::<u64>(),
        Value::Map(entries) => {
            let inner = entries.iter().map(|(key, value)| inside(key) + inside(value));
            entries.len() as u64 + inner.sum::<u64>()
        }
        Value::Record { fields, .. } => fields.iter().map(|(_, value)| inside(value)).sum(),
        Value::Variant { payload, .. } => payload.iter().map(inside).sum(),
        Value::Asset { value, .. } => inside(value),
        _ => 0,
    }
}

pub(crate) fn int(value: i64) -> Value {
    Value::Int(value)
}

pub(crate) fn float(value: f64) -> Value {
    Value::Float(Finite::new(value).expect("finite"))
}

pub(crate) fn text(text: &str) -> Value {
    Value::text(text)
}

pub(crate) fn ints(values: &[i64]) -> Value {
    Value::list(values.iter().copied().map(Value::Int))
}

pub(crate) fn texts(values: &[&str]) -> Value {
    Value::list(values.iter().map(Value::text))
}

pub(crate) fn ip(text: &str) -> Value {
    Value::Ip(net::parse_ip(text).expect("an address"))
}

pub(crate) fn cidr(text: &str) -> Value {
    Value::Cidr(Cidr::parse(text).expect("a block"))
}

pub(crate) fn hash(text: &str) -> Value {
    Value::Hash(Hash::parse(text).expect("a hash"))
}

pub(crate) fn url(text: &str) -> Value {
    Value::Url(net::canonical_url(text).expect("a URL").into())
}

pub(crate) fn time(micros: i64) -> Value {
    Value::Time(Time(micros))
}

pub(crate) fn duration(micros: i64) -> Value {
    Value::Duration(Duration(micros))
}

pub(crate) fn error(reason: crate::Reason) -> Result<Value, CallError> {
    Err(CallError::Error(reason.into()))
}

pub(crate) const OUT_OF_FUEL: CallError = CallError::Fault(Fault::Fuel);
