//! What one instruction can cost, by its types and its site.

use rye_core::limit::{TEXT_BYTES_MAX, VALUE_BYTES_MAX};
use rye_core::ty::{Type, TypeId, TypeTable};
use rye_core::value::Duration;

use super::super::Body;
use crate::instruction::operand::{Operand, Register};
use crate::instruction::{Cost, Instruction, Role};
use crate::module::{AskSite, Module, Site};

/// The bytes of a text that cost one unit.
const UNIT_BYTES: u64 = 64;

/// How many units of fuel the largest values of each type have, with all that they
/// contain; see [`Cost`].
pub(super) struct Units(Vec<u64>);

impl Units {
    pub(super) fn new(types: &TypeTable) -> Self {
        let mut units = Self(Vec::with_capacity(types.len()));
        for ty in types.types() {
            let inner = |id: &TypeId| units.size(*id);
            let all = |ids: &mut dyn Iterator<Item = &TypeId>| {
                ids.map(inner).fold(0, u64::saturating_add)
            };
            let contained = match ty {
                Type::Asset { of: inner, .. } | Type::Optional { inner } => units.size(*inner),
                Type::Record { fields, .. } => all(&mut fields.iter().map(|field| &field.ty)),
                Type::Enum { variants, .. } => {
                    let payloads = variants.iter().map(|variant| all(&mut variant.payload.iter()));
                    payloads.max().unwrap_or(0)
                }
                Type::List { element, max } => inner(element).saturating_mul(u64::from(*max)),
                Type::Map { key, value, max } => {
                    all(&mut [key, value].into_iter()).saturating_mul(u64::from(*max))
                }
                Type::Text { .. }
                | Type::Url
                | Type::Domain
                | Type::Email
                | Type::Bytes { .. }
                | Type::Unit
                | Type::Bool
                | Type::Int
                | Type::Float
                | Type::Time
                | Type::Duration
                | Type::Ip
                | Type::Cidr
                | Type::Port
                | Type::Hash
                | Type::Secret
                | Type::Watch
                | Type::Approval
                | Type::Builder { .. } => 0,
            };
            let size = contained.saturating_add(length(ty));
            units.0.push(size);
        }
        units
    }

    fn size(&self, ty: TypeId) -> u64 {
        self.0.get(usize::from(ty.0)).copied().unwrap_or(0)
    }

    /// What an instruction itself costs at most.
    pub(super) fn fuel(&self, body: &Body<'_>, instruction: &Instruction) -> u64 {
        let ty = |register: &Register| {
            let registers = &body.function.registers;
            registers.get(usize::from(register.0)).copied().unwrap_or(TypeId(u16::MAX))
        };
        let (price, whole) = match instruction.row().cost {
            Cost::Fixed(price) => return price.into(),
            Cost::Length(price) => (price, false),
            Cost::Size(price) => (price, true),
        };
        let mut fuel = u64::from(price);
        let mut first = true;
        instruction.operands(|row, operand| {
            let (Operand::Registers(registers), Role::Use | Role::Uses) = (operand, row.role)
            else {
                return;
            };
            for register in registers {
                let units = if whole {
                    self.size(ty(register))
                } else if core::mem::take(&mut first) {
                    body.module.types.get(ty(register)).map_or(0, length)
                } else {
                    0
                };
                fuel = fuel.saturating_add(units);
            }
        });
        fuel
    }
}

/// The units of the largest value of a type, without what it contains. Texts and
/// bytes may be longer than their type says while they are in the machine.
fn length(ty: &Type) -> u64 {
    let bytes = match ty {
        Type::Text { .. } | Type::Url | Type::Domain | Type::Email => u64::from(TEXT_BYTES_MAX),
        Type::Bytes { .. } => u64::try_from(VALUE_BYTES_MAX).unwrap_or(u64::MAX),
        Type::List { max, .. } | Type::Map { max, .. } => return u64::from(*max),
        Type::Asset { .. }
        | Type::Record { .. }
        | Type::Enum { .. }
        | Type::Optional { .. }
        | Type::Unit
        | Type::Bool
        | Type::Int
        | Type::Float
        | Type::Time
        | Type::Duration
        | Type::Ip
        | Type::Cidr
        | Type::Port
        | Type::Hash
        | Type::Secret
        | Type::Watch
        | Type::Approval
        | Type::Builder { .. } => 0,
    };
    bytes.div_ceil(UNIT_BYTES)
}

/// How long a call of the world can take, and how many queries it asks: an ask all
/// its attempts; an act its proofs once before it, then all its attempts, then the
/// time in which it must show. What is told is delivered in the background.
pub(super) fn waiting(module: &Module, site: &Site) -> [u64; 2] {
    let attempts = |call: &AskSite| match module.attempts(call) {
        Some([_, (timeout, retry)]) => micros(retry.worst_case(timeout)),
        None => u64::MAX,
    };
    match site {
        Site::Ask(call) => [attempts(call), 1],
        Site::Tell(_) => [0, 0],
        Site::Do(site) => {
            let proofs = site.proof.iter().map(|proof| attempts(&proof.query));
            let proofs = proofs.fold(0, u64::saturating_add);
            let most = |within| module.range(within).map_or(u64::MAX, |(_, most)| micros(most));
            let verified = site.verified.map_or(0, most);
            let waiting = attempts(&site.call).saturating_add(proofs).saturating_add(verified);
            [waiting, u64::try_from(site.proof.len()).unwrap_or(u64::MAX)]
        }
    }
}

/// A saturated sum of durations stays one.
pub(super) fn micros(duration: Duration) -> u64 {
    if duration.0 == i64::MAX { u64::MAX } else { u64::try_from(duration.0).unwrap_or(0) }
}
