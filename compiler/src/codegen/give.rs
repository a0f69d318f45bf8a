//! Forms in value position: what is given goes to one register, and control behind
//! the form, with all frames closed that were opened on the way.

use rye_bytecode::instruction::Instruction as I;
use rye_bytecode::instruction::operand::{Label, Register};
use rye_grammar::span::Span;

use super::body::Body;
use crate::hir::{Block, Expr, LocalId, Valued};

/// Who takes what is given.
#[derive(Clone, Copy, Debug)]
pub(super) struct Taker {
    /// Where the value goes.
    to: Register,
    /// Where control goes.
    end: Label,
    /// How many frames are open there.
    frames: usize,
}

/// The list of what the rounds of a loop give, on its way.
#[derive(Clone, Copy, Debug)]
pub(super) struct Builder {
    builder: Register,
    /// What one round gives.
    element: Register,
}

impl Body<'_, '_> {
    /// A form that gives its local a value.
    pub(super) fn valued(&mut self, valued: &Valued) {
        let to = self.take_local(valued.local);
        self.taking(to, &valued.body);
    }

    /// What `block` gives is in `to`, on every path that comes behind it.
    fn taking(&mut self, to: Register, block: &Block) {
        let end = self.code.target();
        self.takers.push(Taker { to, end, frames: self.frames });
        self.region(|body| body.statements(block));
        self.takers.pop();
        self.code.place(end);
    }

    /// `give`
    pub(super) fn give(&mut self, value: &Expr, span: Span) {
        let Some(Taker { to, end, frames }) = self.takers.last().copied() else { return };
        self.scope(|body| body.value_into(value, to));
        for _ in frames..self.frames {
            self.emit(I::CloseFrame {}, span);
        }
        self.emit(I::Jump { label: end }, span);
    }

    /// Room for what the rounds of a loop give to `list`, until the scope around ends.
    pub(super) fn builder_for(&mut self, list: LocalId, capacity: Register, span: Span) -> Builder {
        let ty = self.local_type(list);
        let (ty, _) = self.tables.list(ty);
        let builder = self.builder(ty, capacity, span);
        Builder { builder, element: self.take(ty) }
    }

    /// A round that gives a value.
    pub(super) fn given_to(&mut self, builder: Builder, round: &Block, span: Span) {
        let Builder { builder, element } = builder;
        self.taking(element, round);
        self.emit(I::PushBuilder { a: builder, element }, span);
    }

    /// The list of what all rounds gave.
    pub(super) fn build(&mut self, list: Option<Register>, builder: Option<Builder>, span: Span) {
        if let (Some(to), Some(Builder { builder, .. })) = (list, builder) {
            self.emit(I::ListOfBuilder { to, a: builder }, span);
        }
    }
}
