//! One body: what all kinds of constructs share while it is generated.

use rye_bytecode::instruction::Instruction;
use rye_bytecode::instruction::operand::{ActionSite, Label, Outcome, Register};
use rye_bytecode::module::{Function, FunctionKind, Line};
use rye_core::limit::{INSTRUCTIONS_MAX, REGISTERS_MAX};
use rye_core::ty::{Type, TypeId};
use rye_core::value::{Name, Value};
use rye_grammar::diagnostic::{Code, Diagnostic};
use rye_grammar::span::Span;

use super::buffer::Buffer;
use super::layout::{self, Placed};
use super::lifetime::last_needs;
use super::pin::Pins;
use super::register::Registers;
use super::table::Tables;
use crate::hir;
use crate::hir::LocalId;

/// What becomes a function of the module.
#[derive(Clone, Copy, Debug)]
pub(super) struct Source<'a> {
    name: &'a Name,
    kind: FunctionKind,
    /// A type of the package; `Unit` if there is none.
    result: Option<TypeId>,
    body: &'a hir::Body,
    span: Span,
}

impl<'a> Source<'a> {
    pub(super) fn of_playbook(playbook: &'a hir::Playbook) -> Self {
        let hir::Playbook { name, body, span, .. } = playbook;
        Self { name, kind: FunctionKind::Playbook, result: None, body, span: *span }
    }

    pub(super) fn of_function(function: &'a hir::Function) -> Self {
        let hir::Function { name, kind, result, body, span } = function;
        Self { name, kind: *kind, result: Some(*result), body, span: *span }
    }
}

/// The function that `source` means, and the lines of its instructions.
///
/// # Errors
/// When it needs more registers or instructions than a function has.
pub(super) fn generate(
    tables: &mut Tables<'_>,
    source: &Source<'_>,
) -> Result<(Function, Vec<Line>), Box<Diagnostic>> {
    let calls = tables.calls();
    let mut body = Body::new(tables, source.body, true);
    body.whole(source);
    if body.registers.overflow() {
        // Constants can do without registers of their own.
        body.tables.forget_calls(calls);
        body = Body::new(tables, source.body, false);
        body.whole(source);
    }
    body.finish(source)
}

/// A body that is being generated.
#[derive(Debug)]
pub(super) struct Body<'t, 'a> {
    pub(super) tables: &'t mut Tables<'a>,
    source: &'t hir::Body,
    pub(super) code: Buffer,
    pub(super) registers: Registers,
    pub(super) pins: Pins,
    locals: Vec<Option<Register>>,
    /// The number of the last statement that needs each local.
    last_needs: Vec<usize>,
    /// How many statements were begun.
    pub(super) statement: usize,
    /// How many frames the code has opened here.
    pub(super) frames: usize,
    /// Who takes what is given, the nearest last.
    pub(super) takers: Vec<super::give::Taker>,
    /// In the block of an `approve`: the sites of what it lists, in its order.
    pub(super) approved: Vec<ActionSite>,
    /// In a condition: where a query that fails leads.
    pub(super) failed: Option<Label>,
    /// The stage that added most slots: how many, and where it stands.
    pub(super) largest_stage: Option<(usize, Span)>,
}

impl<'t, 'a> Body<'t, 'a> {
    fn new(tables: &'t mut Tables<'a>, source: &'t hir::Body, pinned: bool) -> Self {
        Self {
            tables,
            source,
            code: Buffer::default(),
            registers: Registers::default(),
            pins: Pins::new(pinned),
            locals: vec![None; source.locals.len()],
            last_needs: last_needs(source),
            statement: 0,
            frames: 0,
            takers: Vec::new(),
            approved: Vec::new(),
            failed: None,
            largest_stage: None,
        }
    }

    fn whole(&mut self, source: &Source<'_>) {
        let parameters = usize::try_from(self.source.parameters).unwrap_or(usize::MAX);
        for (at, local) in (0..).zip(self.source.locals.iter().take(parameters)) {
            let ty = self.tables.ty(local.ty);
            let register = self.take(ty);
            self.bind(LocalId(at), register);
        }
        if source.kind == FunctionKind::Condition {
            self.failed = Some(self.code.target());
        }
        self.region(|body| body.statements(&source.body.block));
        if source.kind == FunctionKind::Playbook && !source.body.block.diverges {
            let text = self.text("", source.span);
            self.emit(Instruction::Finish { outcome: Outcome::Finished, text }, source.span);
        }
        if source.kind == FunctionKind::Task && !source.body.block.diverges {
            let value = self.take_plain(Type::Unit);
            self.emit(Instruction::Return { value }, source.span);
        }
        if let Some(failed) = self.failed {
            self.code.place(failed);
            let no = self.bool(false, source.span);
            self.emit(Instruction::Return { value: no }, source.span);
        }
    }

    fn finish(self, source: &Source<'_>) -> Result<(Function, Vec<Line>), Box<Diagnostic>> {
        let Source { name, kind, .. } = *source;
        if self.registers.overflow() {
            return Err(Box::new(too_many_values(source, self.largest_stage)));
        }
        let result = match source.result {
            Some(ty) => self.tables.ty(ty),
            None => self.tables.intern(Type::Unit),
        };
        let placed = layout::lay_out(self.code).filter(|code| code.len() <= INSTRUCTIONS_MAX);
        let Some(placed) = placed else {
            let message = format!("`{name}` has more code than the machine takes");
            let diagnostic = Diagnostic::new(Code::BodyTooLarge, source.span, message)
                .help("move parts of it into functions");
            return Err(Box::new(diagnostic));
        };
        let lines = lines(self.tables, &placed);
        let function = Function {
            name: name.clone(),
            kind,
            parameters: u8::try_from(source.body.parameters).unwrap_or(u8::MAX),
            result,
            registers: self.registers.into_types(),
            code: placed.into_iter().map(|(instruction, _)| instruction).collect(),
        };
        Ok((function, lines))
    }

    /// Adds an instruction.
    pub(super) fn emit(&mut self, instruction: Instruction, span: Span) {
        self.code.push(instruction, span);
    }

    /// A register for a value of a type of the module, until the scope around ends.
    pub(super) fn take(&mut self, ty: TypeId) -> Register {
        let slots = self.tables.slots(ty);
        self.registers.take(ty, slots)
    }

    /// A register for a value of a type that every module may have.
    pub(super) fn take_plain(&mut self, ty: Type) -> Register {
        let ty = self.tables.intern(ty);
        self.take(ty)
    }

    /// A register for what people decide about one question: no other ever writes it.
    pub(super) fn approval(&mut self) -> Register {
        let ty = self.tables.intern(Type::Approval);
        let slots = self.tables.slots(ty);
        self.registers.add(ty, slots)
    }

    /// What is taken in `inside` is given back behind it.
    pub(super) fn scope<T>(&mut self, inside: impl FnOnce(&mut Self) -> T) -> T {
        let mark = self.registers.mark();
        let result = inside(self);
        self.registers.release(mark);
        result
    }

    /// A scope that is not executed on every path: what it loads isn't there behind it.
    pub(super) fn region<T>(&mut self, inside: impl FnOnce(&mut Self) -> T) -> T {
        let loaded = self.pins.mark();
        let result = self.scope(inside);
        self.pins.forget(loaded);
        result
    }

    /// The local is what this register holds.
    pub(super) fn bind(&mut self, local: LocalId, register: Register) {
        if let Some(slot) = self.locals.get_mut(local.index()) {
            *slot = Some(register);
        }
        let last = self.last_needs.get(local.index()).copied().unwrap_or_default();
        self.registers.hold(register, last);
    }

    /// The register of a local, if it has one by now.
    pub(super) fn bound(&self, local: LocalId) -> Option<Register> {
        self.locals.get(local.index()).copied().flatten()
    }

    /// Whether a local may be written again.
    pub(super) fn is_variable(&self, local: LocalId) -> bool {
        self.source.locals.get(local.index()).is_some_and(|local| local.variable)
    }

    /// The type of the module that a local has.
    pub(super) fn local_type(&mut self, local: LocalId) -> TypeId {
        match self.source.locals.get(local.index()) {
            Some(local) => self.tables.ty(local.ty),
            None => self.tables.intern(Type::Unit),
        }
    }

    /// A register for a local, until the scope around ends.
    pub(super) fn take_local(&mut self, local: LocalId) -> Register {
        let ty = self.local_type(local);
        let register = self.take(ty);
        self.bind(local, register);
        register
    }

    /// A register that holds this truth value.
    pub(super) fn bool(&mut self, value: bool, span: Span) -> Register {
        self.plain(Type::Bool, Value::Bool(value), span)
    }

    /// A register that holds this number.
    pub(super) fn int(&mut self, value: i64, span: Span) -> Register {
        self.plain(Type::Int, Value::Int(value), span)
    }

    /// A register that holds this text.
    pub(super) fn text(&mut self, text: &str, span: Span) -> Register {
        let max = rye_core::limit::TEXT_DEFAULT_BYTES_MAX;
        self.plain(Type::Text { max }, Value::text(text), span)
    }

    fn plain(&mut self, ty: Type, value: Value, span: Span) -> Register {
        let ty = self.tables.intern(ty);
        let constant = self.tables.constant(ty, value);
        self.load(super::pin::Known::Constant(constant), ty, span)
    }
}

/// From which instruction on another line begins.
fn lines(tables: &mut Tables<'_>, code: &[Placed]) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for (instruction, (_, span)) in (0..=u16::MAX).zip(code) {
        let Some((file, line)) = tables.line(*span) else { continue };
        if lines.last().is_none_or(|last| (last.file, last.line) != (file, line)) {
            lines.push(Line { instruction, file, line });
        }
    }
    lines
}

fn too_many_values(source: &Source<'_>, largest: Option<(usize, Span)>) -> Diagnostic {
    let message =
        format!("`{}` keeps more values at a time than the machine's {REGISTERS_MAX}", source.name);
    let diagnostic = Diagnostic::new(Code::BodyTooLarge, source.span, message);
    match largest {
        Some((slots, span)) => diagnostic
            .label(span, format!("the largest stage, with {slots} of them"))
            .help("compute parts of this stage in functions, and keep one record instead of many values"),
        None => diagnostic.help("move parts of it into functions"),
    }
}
