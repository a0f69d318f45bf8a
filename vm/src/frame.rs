//! The compensation frames that are open, the places that they give to effects,
//! and where an error goes.
//!
//! A frame counts what it contains, frames and effects together, in program
//! order, so a place is the same in every replay. The machine only says which
//! frame is to be undone; records and undoing are the engine's.

use rye_bytecode::instruction::Instruction;
use rye_bytecode::instruction::operand::{Constant, FrameKind, OnFailure, Register};
use rye_core::effect::{Position, Step, StepKind};
use rye_core::limit::FRAME_DEPTH_MAX;
use rye_core::question::Approval;

use crate::program::Routine;
use crate::trap::Trap;

/// What a frame is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    /// The playbook itself, always the outermost.
    Playbook(OnFailure),
    /// A stage and its name.
    Stage(OnFailure, Constant),
    /// An attempt.
    Attempt(Handler),
    /// A box that people said yes to.
    Approved(Approval),
    /// What has neither name nor direction.
    Plain(StepKind),
}

/// Where an attempt goes on after a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Handler {
    /// The instruction.
    pub(crate) label: u16,
    /// Where the error is put.
    pub(crate) error: Register,
    /// How many functions were being executed.
    pub(crate) depth: usize,
}

/// One open frame.
#[derive(Clone, Copy, Debug)]
struct Frame {
    scope: Scope,
    /// Which of the surrounding frame's contents it is.
    ordinal: u32,
    /// How many contents it has had.
    contents: u32,
}

/// The frames that are open, from the playbook's inwards.
#[derive(Clone, Debug, Default)]
pub(crate) struct Frames {
    frames: Vec<Frame>,
}

/// Where an error goes; frames by their number from the outermost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Landing {
    /// The frame that is undone first, with all inside.
    pub(crate) undo: Option<usize>,
    /// What comes then.
    pub(crate) then: Then,
}

/// What comes after undoing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Then {
    /// The handler of this frame, an attempt.
    Recover(usize),
    /// A person is asked; this frame and those around it stand.
    Hold(usize),
    /// The run ends.
    End,
}

const NO_FRAME: Trap = Trap::invariant("no frame is open");

impl Frames {
    /// The frame of a playbook.
    pub(crate) fn of_playbook(on_failure: OnFailure) -> Self {
        let scope = Scope::Playbook(on_failure);
        Self { frames: vec![Frame { scope, ordinal: 0, contents: 0 }] }
    }

    /// Executes an instruction that opens or closes a frame; `depth` functions are
    /// being executed.
    #[inline(never)]
    pub(crate) fn execute(
        &mut self,
        routine: Routine<'_>,
        op: u32,
        depth: usize,
    ) -> Result<(), Trap> {
        let (_, instruction) = routine.instruction_of(op)?;
        let scope = match instruction {
            Instruction::OpenStage { name, on_failure } => Scope::Stage(*on_failure, *name),
            Instruction::OpenFrame { kind } => Scope::Plain(match kind {
                FrameKind::Recover => StepKind::Recover,
                FrameKind::Keep => StepKind::Keep,
                FrameKind::Task => StepKind::Task,
                FrameKind::Round => StepKind::Round,
            }),
            Instruction::OpenAttempt { error, label } => {
                Scope::Attempt(Handler { label: label.0, error: *error, depth })
            }
            Instruction::CloseFrame {} => {
                if self.frames.len() < 2 {
                    return Err(NO_FRAME);
                }
                self.frames.pop();
                return Ok(());
            }
            _ => return Err(Trap::invariant("what opens no frame opens one")),
        };
        self.open(scope)
    }

    /// Opens the frame of a box that people said yes to.
    pub(crate) fn open_approved(&mut self, approval: Approval) -> Result<(), Trap> {
        self.open(Scope::Approved(approval))
    }

    /// The yes behind what is done now: that of the innermost box.
    pub(crate) fn approval(&self) -> Option<Approval> {
        self.frames.iter().rev().find_map(|frame| match frame.scope {
            Scope::Approved(approval) => Some(approval),
            _ => None,
        })
    }

    fn open(&mut self, scope: Scope) -> Result<(), Trap> {
        if self.frames.len() > FRAME_DEPTH_MAX {
            return Err(Trap::invariant("frames are nested too deeply"));
        }
        let ordinal = self.count()?;
        self.frames.push(Frame { scope, ordinal, contents: 0 });
        Ok(())
    }

    /// The number of the next content of the innermost frame.
    fn count(&mut self) -> Result<u32, Trap> {
        let frame = self.frames.last_mut().ok_or(NO_FRAME)?;
        let ordinal = frame.contents;
        frame.contents = ordinal.checked_add(1).ok_or(NO_FRAME)?;
        Ok(ordinal)
    }

    /// The place of the next effect.
    pub(crate) fn next_effect(&mut self) -> Result<Position, Trap> {
        let ordinal = self.count()?;
        let mut position = self.innermost();
        position.0.push(Step { kind: StepKind::Effect, ordinal });
        Ok(position)
    }

    /// The place of the effect that is the last content of the innermost frame.
    pub(crate) fn last_effect(&self) -> Result<Position, Trap> {
        let contents = self.frames.last().map_or(0, |frame| frame.contents);
        let ordinal = contents.checked_sub(1).ok_or(Trap::invariant("nothing was done"))?;
        let mut position = self.innermost();
        position.0.push(Step { kind: StepKind::Effect, ordinal });
        Ok(position)
    }

    /// The place of the innermost frame.
    pub(crate) fn innermost(&self) -> Position {
        self.position(self.frames.len().saturating_sub(1))
    }

    /// The place of a frame.
    pub(crate) fn position(&self, frame: usize) -> Position {
        let inner = self.frames.iter().skip(1).take(frame);
        Position(inner.map(|frame| Step { kind: frame.kind(), ordinal: frame.ordinal }).collect())
    }

    /// The names of the stages that are open, as constants.
    pub(crate) fn stages(&self) -> impl Iterator<Item = Constant> {
        self.frames.iter().filter_map(|frame| match frame.scope {
            Scope::Stage(_, name) => Some(name),
            _ => None,
        })
    }

    /// Where an error goes that is raised in the innermost frame.
    pub(crate) fn land(&self, always_holds: bool) -> Landing {
        self.land_from(self.frames.len(), None, always_holds)
    }

    /// Where an error goes on to when a person says that the frame that holds it
    /// is to be undone. He has decided: kinds that always hold do so no more.
    pub(crate) fn land_beyond(&self, held: usize) -> Landing {
        self.land_from(held, Some(held), false)
    }

    /// Where an error goes that left all but the outermost `rest` frames; `undo`
    /// is what is undone whatever comes.
    fn land_from(&self, rest: usize, undo: Option<usize>, always_holds: bool) -> Landing {
        let outward = || self.frames.iter().enumerate().take(rest).rev();
        for (number, frame) in outward() {
            match frame.scope {
                Scope::Attempt(_) => {
                    return Landing { undo: Some(number), then: Then::Recover(number) };
                }
                Scope::Stage(OnFailure::Hold, _) => break,
                _ => {}
            }
        }
        let mut undo = undo;
        for (number, frame) in outward() {
            match frame.direction() {
                None => {}
                // A playbook that says nothing never meets the world: it has nothing to hold.
                Some(OnFailure::Undo | OnFailure::Inherit) if !always_holds => {
                    undo = Some(number);
                }
                Some(_) => return Landing { undo, then: Then::Hold(number) },
            }
        }
        Landing { undo, then: Then::End }
    }

    /// Leaves an attempt and enters its handler.
    pub(crate) fn recover(&mut self, attempt: usize) -> Result<Handler, Trap> {
        let Some(Frame { scope: Scope::Attempt(handler), .. }) = self.frames.get(attempt) else {
            return Err(Trap::invariant("an error is recovered without an attempt"));
        };
        let handler = *handler;
        self.frames.truncate(attempt);
        self.open(Scope::Plain(StepKind::Recover))?;
        Ok(handler)
    }
}

impl Frame {
    fn kind(&self) -> StepKind {
        match self.scope {
            // The outermost stands in no position.
            Scope::Playbook(_) => StepKind::Task,
            Scope::Stage(..) => StepKind::Stage,
            Scope::Attempt(_) => StepKind::Attempt,
            Scope::Approved(_) => StepKind::Approval,
            Scope::Plain(kind) => kind,
        }
    }

    /// What the frame itself says about failures.
    fn direction(&self) -> Option<OnFailure> {
        match self.scope {
            Scope::Stage(OnFailure::Inherit, _)
            | Scope::Attempt(_)
            | Scope::Approved(_)
            | Scope::Plain(_) => None,
            Scope::Playbook(on_failure) | Scope::Stage(on_failure, _) => Some(on_failure),
        }
    }
}

#[cfg(test)]
mod tests;
