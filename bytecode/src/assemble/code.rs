//! Functions: registers, labels and instructions, by the instruction table.

use std::collections::BTreeMap;

use super::AssembleError;
use super::parser::{Parser, Result, Space};
use super::token::TokenKind;
use crate::instruction::operand::{
    Context, FrameKind, Kind, OnFailure, Outcome, Registers, Source,
};
use crate::instruction::{Instruction, Opcode, OperandRow};
use crate::module::{Function, FunctionKind};

/// Reads a function behind its word.
pub(super) fn function(parser: &mut Parser) -> Result<Function> {
    parser.word("the function's name here")?;
    let name = parser.text("the function's name in quotes")?;
    let kind =
        parser.one_of("`pure`, `condition`, `playbook` or `task`", FunctionKind::from_word)?;
    let mut registers = Vec::new();
    let mut names = BTreeMap::new();
    let parameters = declare(parser, &mut registers, &mut names)?;
    parser.sign("->")?;
    let result = parser.ty()?;
    if parser.accept_word("registers") {
        declare(parser, &mut registers, &mut names)?;
    }
    let parameters = u8::try_from(parameters)
        .map_err(|_| parser.wrong_before("too many parameters", "255 at most"))?;
    let code = body(parser, &names)?;
    Ok(Function { name, kind, parameters, result, registers, code })
}

/// `(name: type, …)`; how many.
fn declare(
    parser: &mut Parser,
    registers: &mut Vec<rye_core::ty::TypeId>,
    names: &mut BTreeMap<String, u8>,
) -> Result<usize> {
    parser.sign("(")?;
    let declared = parser.until(")", |parser| {
        let name = parser.word("a register's name")?;
        parser.sign(":")?;
        let index = u8::try_from(registers.len())
            .map_err(|_| parser.wrong_before("too many registers", "256 at most"))?;
        let numbered = name.strip_prefix('r').and_then(|number| number.parse::<u8>().ok());
        if numbered.is_some_and(|number| number != index) {
            let help = format!("it is `r{index}`");
            return Err(parser.wrong_before(format!("`{name}` has another number"), &help));
        }
        if names.insert(name, index).is_some() {
            return Err(parser.wrong_before("a register's name stands twice", "rename one"));
        }
        registers.push(parser.ty()?);
        Ok(())
    })?;
    Ok(declared.len())
}

/// Reads the body twice: labels may stand further on than where they are used.
fn body(parser: &mut Parser, registers: &BTreeMap<String, u8>) -> Result<Vec<Instruction>> {
    let start = parser.mark();
    let mut labels = Labels { known: BTreeMap::new(), resolve: false };
    instructions(parser, registers, &mut labels)?;
    labels.resolve = true;
    parser.rewind(start);
    instructions(parser, registers, &mut labels)
}

/// Where the labels of a function stand.
struct Labels {
    known: BTreeMap<String, u64>,
    /// Whether all are known.
    resolve: bool,
}

fn instructions(
    parser: &mut Parser,
    registers: &BTreeMap<String, u8>,
    labels: &mut Labels,
) -> Result<Vec<Instruction>> {
    parser.sign("{")?;
    let mut code = Vec::new();
    while !parser.accept("}") {
        let word = parser.word("an instruction, a label or `}`")?;
        if parser.accept(":") {
            let index = u64::try_from(code.len()).unwrap_or(u64::MAX);
            if labels.known.insert(word, index).is_some() && !labels.resolve {
                return Err(parser.wrong_before("a label's name stands twice", "rename one"));
            }
            continue;
        }
        let opcode = Opcode::from_mnemonic(&word).ok_or_else(|| {
            let help = "a label needs `:`; the mnemonics are in the reference of instructions";
            parser.wrong_before(format!("`{word}` is no instruction"), help)
        })?;
        let mut operands = Operands { parser, registers, labels, first: true };
        code.push(Instruction::from_operands(opcode, &mut operands)?);
    }
    Ok(code)
}

/// Reads the operands of one instruction.
struct Operands<'a> {
    parser: &'a mut Parser,
    registers: &'a BTreeMap<String, u8>,
    labels: &'a Labels,
    first: bool,
}

impl Operands<'_> {
    fn separator(&mut self) -> Result<()> {
        if core::mem::take(&mut self.first) { Ok(()) } else { self.parser.sign(",") }
    }

    fn code(&mut self, expected: &str, from: impl Fn(&str) -> Option<u8>) -> Result<u64> {
        self.parser.one_of(expected, from).map(u64::from)
    }

    fn index(&mut self, space: Space, expected: &str) -> Result<u64> {
        self.parser.reference(space, expected).map(u64::from)
    }

    fn label(&mut self) -> Result<u64> {
        if self.parser.accept("#") {
            return self.parser.number("an instruction's index");
        }
        let name = self.parser.word("a label")?;
        match self.labels.known.get(&name) {
            Some(index) => Ok(*index),
            None if !self.labels.resolve => Ok(0),
            None => {
                let message = format!("the label `{name}` is not in this function");
                Err(self.parser.wrong_before(message, "write `name:` before an instruction"))
            }
        }
    }

    /// A plain number; a duration stands for its microseconds.
    fn count(&mut self) -> Result<u64> {
        let unit = matches!(
            self.parser.peek(),
            Some(TokenKind::Number(number)) if number.ends_with(|last: char| last.is_ascii_alphabetic())
        );
        if !unit {
            return self.parser.number("a number");
        }
        let duration = self.parser.duration()?;
        u64::try_from(duration.0)
            .map_err(|_| self.parser.wrong_before("a count is negative", "it counts from 0"))
    }
}

impl Source for Operands<'_> {
    type Error = AssembleError;

    fn number(&mut self, row: &'static OperandRow) -> Result<u64> {
        self.separator()?;
        match row.kind {
            Kind::Register | Kind::Registers => {
                self.parser.register(self.registers).map(|register| u64::from(register.0))
            }
            Kind::Label => self.label(),
            Kind::Constant => self.index(Space::Constant, "a constant"),
            Kind::Setting => self.index(Space::Setting, "a setting"),
            Kind::Function => self.index(Space::Function, "a function"),
            Kind::ActionSite => self.index(Space::Site, "a site"),
            Kind::Question => self.index(Space::Question, "a question"),
            Kind::Field | Kind::Variant | Kind::Count => self.count(),
            Kind::Context => self.code("`id`, `started` or `starter`", |word| {
                Context::from_word(word).map(Context::code)
            }),
            Kind::FrameKind => {
                self.code("a kind of frame", |word| FrameKind::from_word(word).map(FrameKind::code))
            }
            Kind::OnFailure => self.code("`undo`, `hold` or `inherit`", |word| {
                OnFailure::from_word(word).map(OnFailure::code)
            }),
            Kind::Outcome => {
                self.code("an outcome", |word| Outcome::from_word(word).map(Outcome::code))
            }
        }
    }

    fn registers(&mut self, _row: &'static OperandRow) -> Result<Registers> {
        self.separator()?;
        self.parser.sign("[")?;
        let registers = self.registers;
        self.parser.until("]", |parser| parser.register(registers)).map(Registers::from)
    }

    fn refuse(&self, row: &'static OperandRow, number: u64) -> AssembleError {
        let message = format!("{number} is too large for the operand `{}`", row.name);
        self.parser.wrong_before(message, "see the reference of instructions")
    }
}
