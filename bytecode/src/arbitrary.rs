//! Modules by chance, for property tests: [`module`] makes any that the format can
//! hold, nearly all of them nonsense; [`straight`] makes code that must be accepted.

mod question;

use std::net::IpAddr;
use std::sync::Arc;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use rye_core::action::{ActionSignature, Audience, Parameter, Retry, Undo, Verb};
use rye_core::impact::Impact;
use rye_core::ty::{AssetForm, Field, Type, TypeId, TypeTable, Variant};
use rye_core::value::{Cidr, Duration, Finite, Hash, Name, Time, Value, net};

use crate::instruction::operand::{
    self, Context, FrameKind, Kind, OnFailure, Outcome, Register, Registers, Source,
};
use crate::instruction::{Class, Flow, Instruction, OperandRow, Shape, TABLE};
use crate::instruction::{Opcode, Role};
use crate::module::{
    Amount, AskSite, Attempts, Constant, Debug, DoSite, Function, FunctionKind, LifeSite, Line,
    Module, Playbook, ProofSite, Setting, Severity, Site, UndoSite,
};

/// Any module that the format can hold.
pub fn module() -> impl Strategy<Value = Module> {
    let tables = (
        vec(ty(), 0..12),
        vec((id(), value()).prop_map(|(ty, value)| Constant { ty, value }), 0..6),
        vec(setting(), 0..3),
        vec((name(), name()), 0..3),
        vec(signature(), 0..4),
        vec(site(), 0..4),
        vec(question::question(), 0..3),
    );
    (tables, vec(function(), 0..4), vec(playbook(), 0..3), debug()).prop_map(
        |(
            (types, constants, settings, roles, actions, sites, questions),
            functions,
            playbooks,
            debug,
        )| {
            let role = |(name, description)| crate::module::Role { name, description };
            Module {
                types: TypeTable::new(types),
                constants,
                settings,
                roles: roles.into_iter().map(role).collect(),
                actions,
                sites,
                questions,
                functions,
                playbooks,
                debug,
            }
        },
    )
}

/// Any instruction, with small numbers as operands.
pub fn instruction() -> impl Strategy<Value = Instruction> {
    (select(TABLE), vec(any::<u64>(), 16)).prop_map(|(row, numbers)| {
        let mut chance = Chance { numbers, at: 0, registers: |_, number| Register(small(number)) };
        build(row.number, &mut chance)
    })
}

/// Straight code over registers that all have a value: every instruction that goes
/// on, computes, and has no rule of its own may stand anywhere in it.
pub fn straight() -> impl Strategy<Value = Module> {
    let rows: Vec<_> = TABLE.iter().filter(|row| is_straight(row)).collect();
    vec((select(rows), vec(any::<u64>(), 16)), 0..40).prop_map(|steps| {
        let mut code = Vec::new();
        for (row, numbers) in steps {
            // Two registers of each type, so that operands differ and agree.
            let registers = |shape, number: u64| {
                let fitting = FILE.iter().cycle().zip(0_u8..).take(FILE.len().saturating_mul(2));
                let fitting: Vec<u8> = fitting
                    .filter_map(|((_, shapes), register)| {
                        shapes.contains(&shape).then_some(register)
                    })
                    .collect();
                let index = usize::try_from(number).unwrap_or(0).checked_rem(fitting.len());
                Register(index.and_then(|index| fitting.get(index)).copied().unwrap_or(0))
            };
            code.push(build(row.number, &mut Chance { numbers, at: 0, registers }));
        }
        code.push(Instruction::Return { value: Register(1) });
        let types = TypeTable::new(FILE.iter().map(|(ty, _)| ty.clone()).collect());
        let once = (0..FILE.len()).filter_map(|ty| u16::try_from(ty).ok()).map(TypeId);
        let registers: Vec<_> = once.clone().chain(once).collect();
        let function = Function {
            name: Name::from("straight"),
            kind: FunctionKind::Pure,
            parameters: u8::try_from(registers.len()).unwrap_or(0),
            result: TypeId(1),
            registers,
            code,
        };
        Module { types, functions: vec![function], ..Module::default() }
    })
}

/// The registers of [`straight`]: their types, and the shapes that they fit.
const FILE: &[(Type, &[Shape])] = &[
    (Type::Bool, &[Shape::Bool]),
    (Type::Int, &[Shape::Int, Shape::T, Shape::V]),
    (Type::Float, &[Shape::Float]),
    (Type::Text { max: 100 }, &[Shape::Text, Shape::K]),
    (Type::Time, &[Shape::Time]),
    (Type::Duration, &[Shape::Duration]),
    (Type::Ip, &[Shape::Ip]),
    (Type::Cidr, &[Shape::Cidr]),
    (Type::Url, &[Shape::Url]),
    (Type::List { element: TypeId(1), max: 50 }, &[Shape::ListT, Shape::ListV]),
    (Type::List { element: TypeId(3), max: 50 }, &[Shape::ListK, Shape::ListText]),
    (Type::List { element: TypeId(7), max: 50 }, &[Shape::ListCidr]),
    (Type::List { element: TypeId(9), max: 5 }, &[Shape::ListListT]),
    (Type::Map { key: TypeId(3), value: TypeId(1), max: 50 }, &[Shape::MapKV, Shape::MapKInt]),
    (Type::Optional { inner: TypeId(1) }, &[Shape::OptionalT, Shape::OptionalV]),
];

fn is_straight(row: &crate::instruction::Row) -> bool {
    let plain = |operand: &OperandRow| {
        let numbered = operand.role == Role::Number && operand.kind != Kind::Count;
        let fits = FILE.iter().any(|(_, shapes)| shapes.contains(&operand.shape));
        !numbered && (fits || operand.shape == Shape::Nothing)
    };
    // Elements of a round need a loop, extraction a list of other things.
    let special = matches!(row.mnemonic, "at.list" | "extract.text" | "return");
    row.flow == Flow::Next
        && matches!(row.class, Class::Pure | Class::Raises)
        && row.operands.iter().all(plain)
        && !special
}

/// Operands from random numbers.
struct Chance<F> {
    numbers: Vec<u64>,
    at: usize,
    registers: F,
}

/// Mostly small, so that indices are often inside their tables.
fn small(number: u64) -> u8 {
    let [low, high, ..] = number.to_le_bytes();
    if high > 250 { low } else { low & 7 }
}

impl<F: Fn(Shape, u64) -> Register> Chance<F> {
    fn next(&mut self) -> u64 {
        let number = self.numbers.get(self.at).copied().unwrap_or(0);
        self.at = self.at.saturating_add(1);
        number
    }
}

impl<F: Fn(Shape, u64) -> Register> Source for Chance<F> {
    type Error = u64;

    fn number(&mut self, row: &'static OperandRow) -> Result<u64, u64> {
        let number = self.next();
        let code = |count: usize| {
            let count = u64::try_from(count).unwrap_or(1);
            number.checked_rem(count).unwrap_or(0)
        };
        Ok(match row.kind {
            Kind::Register | Kind::Registers => (self.registers)(row.shape, number).0.into(),
            // The only plain number of straight code is a direction.
            Kind::Count => u64::from(small(number) & 1),
            Kind::Context => code(Context::ALL.len()),
            Kind::FrameKind => code(FrameKind::ALL.len()),
            Kind::OnFailure => code(OnFailure::ALL.len()),
            Kind::Outcome => code(Outcome::ALL.len()),
            Kind::Label
            | Kind::Constant
            | Kind::Setting
            | Kind::Function
            | Kind::ActionSite
            | Kind::Question
            | Kind::Field
            | Kind::Variant => small(number).into(),
        })
    }

    fn registers(&mut self, row: &'static OperandRow) -> Result<Registers, u64> {
        let count = self.next() & 3;
        Ok((0..count)
            .map(|_| {
                let number = self.next();
                (self.registers)(row.shape, number)
            })
            .collect())
    }

    fn refuse(&self, _row: &'static OperandRow, number: u64) -> u64 {
        number
    }
}

fn build<F: Fn(Shape, u64) -> Register>(number: u8, chance: &mut Chance<F>) -> Instruction {
    let opcode = Opcode::from_number(number).unwrap_or(Opcode::CloseFrame);
    // Every number of `Chance` fits, so there is always an instruction.
    Instruction::from_operands(opcode, chance).unwrap_or(Instruction::CloseFrame {})
}

fn name() -> impl Strategy<Value = Name> {
    prop_oneof![
        select(&["a", "b", "fw.block", "fw.unblock", "Host", "Error"][..]).prop_map(Name::from),
        ".{0,6}".prop_map(Name::from),
    ]
}

fn id() -> impl Strategy<Value = TypeId> + Clone {
    prop_oneof![9 => 0..12_u16, 1 => any::<u16>()].prop_map(TypeId)
}

fn ty() -> impl Strategy<Value = Type> {
    let max = prop_oneof![0..100_u32, any::<u32>()];
    let form = (0..4_u8).prop_filter_map("a form", AssetForm::from_code);
    prop_oneof![
        select(Type::PLAIN.to_vec()),
        max.clone().prop_map(|max| Type::Text { max }),
        max.clone().prop_map(|max| Type::Bytes { max }),
        (name(), form, id()).prop_map(|(name, form, of)| Type::Asset { name, form, of }),
        (name(), vec((name(), id()).prop_map(|(name, ty)| Field { name, ty }), 0..4))
            .prop_map(|(name, fields)| Type::Record { name, fields }),
        (name(), vec((name(), vec(id(), 0..3)), 0..4), any::<bool>()).prop_map(
            |(name, variants, open)| {
                let variant = |(name, payload)| Variant { name, payload };
                Type::Enum { name, variants: variants.into_iter().map(variant).collect(), open }
            }
        ),
        (id(), max.clone()).prop_map(|(element, max)| Type::List { element, max }),
        (id(), id(), max).prop_map(|(key, value, max)| Type::Map { key, value, max }),
        id().prop_map(|inner| Type::Optional { inner }),
        id().prop_map(|element| Type::Builder { element }),
    ]
}

fn scalar() -> impl Strategy<Value = Value> {
    let text = || ".{0,8}".prop_map(Arc::<str>::from);
    prop_oneof![
        Just(Value::None),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::Int),
        any::<f64>().prop_filter_map("finite", Finite::new).prop_map(Value::Float),
        text().prop_map(Value::Text),
        any::<i64>().prop_map(|micros| Value::Time(Time(micros))),
        any::<i64>().prop_map(|micros| Value::Duration(Duration(micros))),
        any::<IpAddr>().prop_map(|ip| Value::Ip(net::canonical_ip(ip))),
        (any::<IpAddr>(), 0..=32_u8)
            .prop_filter_map("fits", |(ip, length)| Cidr::around(ip, length))
            .prop_map(Value::Cidr),
        any::<u16>().prop_map(Value::Port),
        text().prop_map(Value::Url),
        text().prop_map(Value::Domain),
        text().prop_map(Value::Email),
        any::<[u8; 16]>().prop_map(|bytes| Value::Hash(Hash::Md5(bytes))),
        any::<Vec<u8>>().prop_map(|bytes| Value::Bytes(bytes.into())),
        text().prop_map(Value::Secret),
    ]
}

/// Any value.
pub fn value() -> impl Strategy<Value = Value> {
    scalar().prop_recursive(3, 16, 4, |inner| {
        let many = vec(inner.clone(), 0..4);
        prop_oneof![
            many.clone().prop_map(Value::list),
            (name(), inner.clone())
                .prop_map(|(kind, value)| Value::Asset { kind, value: Arc::new(value) }),
            proptest::collection::btree_map(inner.clone(), inner.clone(), 0..4)
                .prop_map(|map| Value::Map(map.into_iter().collect())),
            (name(), vec((name(), inner), 0..4))
                .prop_map(|(name, fields)| Value::Record { name, fields: fields.into() }),
            (name(), name(), many).prop_map(|(name, variant, payload)| Value::Variant {
                name,
                variant,
                payload: payload.into(),
            }),
        ]
    })
}

fn setting() -> impl Strategy<Value = Setting> {
    (name(), id(), scalar(), proptest::option::of((scalar(), scalar())))
        .prop_map(|(name, ty, default, range)| Setting { name, ty, default, range })
}

fn duration() -> impl Strategy<Value = Duration> {
    prop_oneof![(0..100_000_000_i64), any::<i64>()].prop_map(Duration)
}

fn retry() -> impl Strategy<Value = Retry> {
    (any::<u8>(), duration()).prop_map(|(attempts, backoff)| Retry { attempts, backoff })
}

fn signature() -> impl Strategy<Value = ActionSignature> {
    let undo = prop_oneof![
        name().prop_map(Undo::Action),
        name().prop_map(Undo::None),
        Just(Undo::Irreversible)
    ];
    let head = (name(), 0..3_u8, vec((name(), id()), 0..3), id(), vec(0..3_u8, 0..2), undo);
    let promises = (any::<bool>(), any::<bool>(), duration(), retry(), select(&Impact::ALL[..]));
    (head, promises, proptest::option::of(any::<u32>()), any::<bool>()).prop_map(
        |((name, verb, parameters, result, affects, undo), promises, first, responders)| {
            let (proved, idempotent, timeout, retry, impact) = promises;
            let parameter = |(name, ty)| Parameter { name, ty };
            ActionSignature {
                name,
                verb: Verb::from_code(verb).unwrap_or(Verb::Query),
                parameters: parameters.into_iter().map(parameter).collect(),
                result,
                affects,
                undo,
                proved,
                idempotent,
                timeout,
                retry,
                impact,
                first,
                audience: if responders { Audience::Responders } else { Audience::Others },
            }
        },
    )
}

fn registers() -> impl Strategy<Value = Registers> {
    vec((0..8_u8).prop_map(Register), 0..3).prop_map(Registers::from)
}

fn call() -> impl Strategy<Value = AskSite> {
    let retry = (amount(any::<u8>()), amount(duration()))
        .prop_map(|(attempts, backoff)| Attempts { attempts, backoff });
    ((0..4_u16).prop_map(operand::Action), registers(), amount(duration()), retry).prop_map(
        |(action, arguments, timeout, retry)| AskSite { action, arguments, timeout, retry },
    )
}

fn amount<T: core::fmt::Debug>(
    fixed: impl Strategy<Value = T>,
) -> impl Strategy<Value = Amount<T>> {
    prop_oneof![
        4 => fixed.prop_map(Amount::Fixed),
        1 => (0..4_u16).prop_map(|index| Amount::Setting(operand::Setting(index))),
    ]
}

fn site() -> impl Strategy<Value = Site> {
    let undo = prop_oneof![
        ((0..4_u16).prop_map(operand::Action), registers())
            .prop_map(|(action, arguments)| UndoSite::Call { action, arguments }),
        Just(UndoSite::None),
        Just(UndoSite::Irreversible),
    ];
    let life = prop_oneof![
        Just(LifeSite::Open),
        (0..8_u8).prop_map(|register| LifeSite::For(Register(register))),
        Just(LifeSite::UntilReleased),
    ];
    let proof = (call(), (0..8_u8).prop_map(Register))
        .prop_map(|(query, expected)| ProofSite { query, expected });
    let verified = proptest::option::of(amount(duration()));
    prop_oneof![
        call().prop_map(Site::Ask),
        call().prop_map(Site::Tell),
        (call(), undo, vec(proof, 0..3), (0..8_u8).prop_map(Register), life, verified).prop_map(
            |(call, undo, proof, simulated, life, verified)| {
                Site::Do(Box::new(DoSite { call, undo, proof, simulated, life, verified }))
            }
        ),
    ]
}

fn function() -> impl Strategy<Value = Function> {
    let kind = select(&FunctionKind::ALL[..]);
    (name(), kind, any::<Index>(), id(), vec(id(), 0..9), vec(instruction(), 0..12)).prop_map(
        |(name, kind, parameters, result, registers, code)| {
            let count = registers.len().saturating_add(1);
            let parameters = u8::try_from(parameters.index(count)).unwrap_or(0);
            Function { name, kind, parameters, result, registers, code }
        },
    )
}

fn playbook() -> impl Strategy<Value = Playbook> {
    let directions = (select(&Severity::ALL[..]), select(OnFailure::ALL));
    let function = (0..4_u16).prop_map(operand::Function);
    let limits = vec((name(), amount(any::<u64>())), 0..3);
    (name(), function, vec(name(), 0..3), directions, amount(duration()), limits).prop_map(
        |(name, function, parameters, (severity, on_failure), deadline, limits)| Playbook {
            name,
            function,
            parameters,
            severity,
            deadline,
            on_failure,
            limits,
        },
    )
}

fn debug() -> impl Strategy<Value = Debug> {
    let line = (any::<u16>(), any::<u16>(), any::<u32>());
    let line = line.prop_map(|(instruction, file, line)| Line { instruction, file, line });
    (vec(name(), 0..2), vec(vec(line, 0..3), 0..3))
        .prop_map(|(files, lines)| Debug { files, lines })
}

#[cfg(test)]
mod tests;
