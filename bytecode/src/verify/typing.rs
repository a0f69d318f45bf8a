//! Typing: every operand's register has the type that its instruction wants.
//!
//! Most of it is the table: the shapes of a row's operands are compared with the
//! registers' types, and what a variable stands for must be the same throughout.
//! [`rule`] has what the table can't say, [`site`] the calls of the world,
//! [`question`] what people are asked.

mod question;
mod rule;
mod site;

use core::fmt::Display;

use rye_core::ty::{ERROR_TYPE_NAME, Type, TypeId};

use super::{Body, Result, Used, VerifyCode, VerifyError};

pub(super) use question::needs_person;

use crate::instruction::operand::{Operand, Register};
use crate::instruction::{Instruction, OperandRow, Role, Shape};

/// Checks all instructions of a function; marks what it uses.
pub(super) fn check(body: &Body<'_>, used: &mut Used) -> Result<()> {
    for (at, instruction) in body.function.code.iter().enumerate() {
        let typing = Typing { body, at };
        typing.shapes(instruction)?;
        typing.rules(instruction, used)?;
    }
    Ok(())
}

/// Typing of one instruction.
#[derive(Clone, Copy)]
struct Typing<'a> {
    body: &'a Body<'a>,
    at: usize,
}

/// What a variable of a row stands for so far.
#[derive(Clone, Copy)]
struct Bound {
    ty: TypeId,
    /// Whether values of other operands go there: then theirs may only be smaller.
    takes: bool,
}

/// The places of `T`, `K` and `V` in [`Variables`].
const T: usize = 0;
const K: usize = 1;
const V: usize = 2;

/// What `T`, `K` and `V` stand for.
type Variables = [Option<Bound>; 3];

impl Typing<'_> {
    fn refuse(&self, found: impl Into<String>, allowed: impl Into<String>) -> VerifyError {
        self.body.refuse(VerifyCode::Type, self.at, found, allowed)
    }

    /// The type of a register.
    fn id(&self, register: Register) -> TypeId {
        let registers = &self.body.function.registers;
        registers.get(usize::from(register.0)).copied().unwrap_or(TypeId(u16::MAX))
    }

    /// What the type of a register is.
    fn ty(&self, register: Register) -> Option<&Type> {
        self.body.module.types.get(self.id(register))
    }

    /// A type as it is written, with the maximum that decides what it accepts.
    fn display(&self, ty: TypeId) -> String {
        let types = &self.body.module.types;
        match types.get(ty) {
            Some(Type::List { max, .. } | Type::Map { max, .. }) => {
                format!("`{} max {max}`", types.display(ty))
            }
            _ => format!("`{}`", types.display(ty)),
        }
    }

    fn accepts(&self, to: TypeId, from: TypeId) -> bool {
        self.body.module.types.accepts(to, from)
    }

    /// A value of type `from` goes where `to` is wanted.
    fn flows(&self, what: impl Display, to: TypeId, from: TypeId) -> Result<()> {
        if self.accepts(to, from) {
            return Ok(());
        }
        Err(self.refuse(format!("{what} of type {}", self.display(from)), self.display(to)))
    }

    /// Values of the two types can be compared.
    fn meets(&self, what: impl Display, one: TypeId, other: TypeId) -> Result<()> {
        if self.accepts(one, other) || self.accepts(other, one) {
            return Ok(());
        }
        Err(self.refuse(format!("{what} of type {}", self.display(other)), self.display(one)))
    }

    /// The registers' types have the shapes that the table wants.
    fn shapes(&self, instruction: &Instruction) -> Result<()> {
        let mut variables: Variables = [None; 3];
        let mut result = Ok(());
        instruction.operands(|row, operand| {
            let Operand::Registers(registers) = operand else { return };
            for register in registers {
                if row.shape == Shape::Any || result.is_err() {
                    continue;
                }
                if let Err(error) = self.shape(row, *register, &mut variables) {
                    result = Err(error);
                }
            }
        });
        result
    }

    fn shape(&self, row: &OperandRow, register: Register, variables: &mut Variables) -> Result<()> {
        let id = self.id(register);
        let types = &self.body.module.types;
        let Some(ty) = types.get(id) else { return Err(self.refuse("no type", "a type")) };
        let wrong = || {
            let found = format!("operand `{}` of type {}", row.name, self.display(id));
            Err(self.refuse(found, format!("`{:?}`", row.shape)))
        };
        let takes = matches!(row.role, Role::Def | Role::DefNext | Role::DefLabel | Role::DefsNext);
        let mut bind = |variable: usize, ty: TypeId, takes: bool| {
            let Some(slot) = variables.get_mut(variable) else { return Ok(()) };
            match *slot {
                None => *slot = Some(Bound { ty, takes }),
                Some(Bound { ty: to, takes: true }) => {
                    self.flows(format_args!("operand `{}`", row.name), to, ty)?;
                }
                Some(Bound { ty: one, takes: false }) => {
                    self.meets(format_args!("operand `{}`", row.name), one, ty)?;
                }
            }
            Ok(())
        };
        let fits = match (row.shape, ty) {
            (Shape::T, _) => return bind(T, id, takes),
            (Shape::K, _) => return bind(K, id, takes),
            (Shape::V, _) => return bind(V, id, takes),
            (Shape::ListT, Type::List { element, .. }) => return bind(T, *element, takes),
            (Shape::ListK, Type::List { element, .. }) => return bind(K, *element, takes),
            (Shape::ListV, Type::List { element, .. }) => return bind(V, *element, takes),
            (Shape::OptionalT, Type::Optional { inner }) => return bind(T, *inner, takes),
            (Shape::OptionalV, Type::Optional { inner }) => return bind(V, *inner, takes),
            // What is pushed goes into the builder, although it is only read.
            (Shape::BuilderT, Type::Builder { element }) => return bind(T, *element, true),
            (Shape::MapKV, Type::Map { key, value, .. }) => {
                bind(K, *key, takes)?;
                return bind(V, *value, takes);
            }
            (Shape::MapKInt, Type::Map { key, value, .. })
                if matches!(types.get(*value), Some(Type::Int)) =>
            {
                return bind(K, *key, takes);
            }
            (Shape::ListListT, Type::List { element, .. }) => match types.get(*element) {
                Some(Type::List { element, .. }) => return bind(T, *element, takes),
                _ => false,
            },
            (Shape::ListCidr, Type::List { element, .. }) => {
                matches!(types.get(*element), Some(Type::Cidr))
            }
            (Shape::ListText, Type::List { element, .. }) => {
                matches!(types.get(*element), Some(Type::Text { .. }))
            }
            (Shape::Error, Type::Enum { name, .. }) => **name == *ERROR_TYPE_NAME,
            (shape, ty) => is_plain(shape, ty),
        };
        if fits { Ok(()) } else { wrong() }
    }
}

/// Whether a type is the one that a shape names.
fn is_plain(shape: Shape, ty: &Type) -> bool {
    match shape {
        Shape::Bool => matches!(ty, Type::Bool),
        Shape::Int => matches!(ty, Type::Int),
        Shape::Float => matches!(ty, Type::Float),
        Shape::Text => matches!(ty, Type::Text { .. }),
        Shape::Time => matches!(ty, Type::Time),
        Shape::Duration => matches!(ty, Type::Duration),
        Shape::Ip => matches!(ty, Type::Ip),
        Shape::Cidr => matches!(ty, Type::Cidr),
        Shape::Url => matches!(ty, Type::Url),
        Shape::Domain => matches!(ty, Type::Domain),
        Shape::Email => matches!(ty, Type::Email),
        Shape::Hash => matches!(ty, Type::Hash),
        Shape::Watch => matches!(ty, Type::Watch),
        Shape::Approval => matches!(ty, Type::Approval),
        // Variables and containers are bound, `Any` has a rule.
        Shape::Nothing
        | Shape::Any
        | Shape::Error
        | Shape::T
        | Shape::K
        | Shape::V
        | Shape::ListT
        | Shape::ListK
        | Shape::ListV
        | Shape::ListListT
        | Shape::ListCidr
        | Shape::ListText
        | Shape::MapKV
        | Shape::MapKInt
        | Shape::OptionalT
        | Shape::OptionalV
        | Shape::BuilderT => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::instruction::TABLE;

    #[test]
    fn what_takes_stands_before_what_is_taken() {
        // A variable's first operand decides; so one that is written stands first.
        for row in TABLE {
            let variable = |shape: Shape| match shape {
                Shape::T | Shape::ListT | Shape::ListListT | Shape::OptionalT | Shape::BuilderT => {
                    1
                }
                Shape::K | Shape::ListK | Shape::MapKInt | Shape::MapKV => 2,
                Shape::V | Shape::ListV | Shape::OptionalV => 3,
                _ => 0,
            };
            for (index, operand) in row.operands.iter().enumerate() {
                let written = !matches!(operand.role, Role::Use | Role::Uses);
                let earlier = row.operands[..index]
                    .iter()
                    .any(|before| variable(before.shape) == variable(operand.shape));
                assert!(variable(operand.shape) == 0 || !written || !earlier, "{}", row.mnemonic);
            }
        }
    }
}
