//! Instructions as they are generated: their labels name targets that may be
//! placed later, and in front of a loop there is room for what it turns out to need.

use rye_bytecode::instruction::Instruction;
use rye_bytecode::instruction::operand::Label;
use rye_grammar::span::Span;

/// What stands in a buffer.
#[derive(Debug)]
pub(super) enum Item {
    /// An instruction, whose label is the number of a target, and its source.
    Instruction(Instruction, Span),
    /// Where jumps to this target lead.
    Target(Label),
    /// Room for instructions that are added when those behind it are known.
    Room(Vec<(Instruction, Span)>),
}

/// The code of a body on its way.
#[derive(Debug, Default)]
pub(super) struct Buffer {
    items: Vec<Item>,
    targets: u32,
}

/// Where there is room.
#[derive(Clone, Copy, Debug)]
pub(super) struct Room(usize);

impl Buffer {
    /// Adds an instruction.
    pub(super) fn push(&mut self, instruction: Instruction, span: Span) {
        self.items.push(Item::Instruction(instruction, span));
    }

    /// A target that is not placed yet.
    pub(super) fn target(&mut self) -> Label {
        let label = Label(u16::try_from(self.targets).unwrap_or(u16::MAX));
        self.targets = self.targets.saturating_add(1);
        label
    }

    /// Jumps to `target` lead to what is added next.
    pub(super) fn place(&mut self, target: Label) {
        self.items.push(Item::Target(target));
    }

    /// Leaves room here.
    pub(super) fn room(&mut self) -> Room {
        self.items.push(Item::Room(Vec::new()));
        Room(self.items.len().saturating_sub(1))
    }

    /// Adds an instruction where room was left.
    pub(super) fn fill(&mut self, room: Room, instruction: Instruction, span: Span) {
        if let Some(Item::Room(filled)) = self.items.get_mut(room.0) {
            filled.push((instruction, span));
        }
    }

    /// Everything, and how many targets there are; `None` if they are too many.
    pub(super) fn into_items(self) -> Option<(Vec<Item>, u16)> {
        Some((self.items, u16::try_from(self.targets).ok()?))
    }
}
