//! The frames that are open, the places that they give to what happens in them, and
//! where an error goes.

use rye_bytecode::instruction::operand::OnFailure;
use rye_core::effect::{Position, Step, StepKind};
use rye_core::question::Approval;

/// What a frame is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    /// The playbook: always the outermost.
    Playbook(OnFailure),
    Stage(OnFailure),
    Attempt,
    /// A box that people said yes to.
    Approved(Approval),
    /// A `recover`, a `keep`, a task, a round.
    Plain(StepKind),
}

#[derive(Debug)]
struct Frame {
    scope: Scope,
    /// Which of the contents of the frame around it is this one.
    ordinal: u32,
    /// How many contents it has had: frames and effects.
    contents: u32,
}

/// All frames, from the playbook's inwards.
#[derive(Debug)]
pub(super) struct Frames(Vec<Frame>);

/// Where an error goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Landing {
    /// The frame that is undone, by its number.
    pub(super) undo: Option<usize>,
    pub(super) then: Then,
}

/// What comes after undoing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Then {
    /// The `recover` of this attempt.
    Recover(usize),
    /// A person is asked, in this frame.
    Hold(usize),
    /// The run ends.
    End,
}

impl Frames {
    pub(super) fn new(on_failure: OnFailure) -> Self {
        Self(vec![Frame { scope: Scope::Playbook(on_failure), ordinal: 0, contents: 0 }])
    }

    pub(super) fn depth(&self) -> usize {
        self.0.len()
    }

    pub(super) fn open(&mut self, scope: Scope) {
        let ordinal = self.count();
        self.0.push(Frame { scope, ordinal, contents: 0 });
    }

    pub(super) fn close(&mut self) {
        self.0.pop();
    }

    /// Leaves all frames but the outermost `depth`.
    pub(super) fn leave(&mut self, depth: usize) {
        self.0.truncate(depth);
    }

    fn count(&mut self) -> u32 {
        let Some(frame) = self.0.last_mut() else { return 0 };
        frame.contents += 1;
        frame.contents - 1
    }

    /// The place of the next effect.
    pub(super) fn next_effect(&mut self) -> Position {
        let ordinal = self.count();
        let mut position = self.innermost();
        position.0.push(Step { kind: StepKind::Effect, ordinal });
        position
    }

    pub(super) fn innermost(&self) -> Position {
        self.position(self.depth().saturating_sub(1))
    }

    pub(super) fn position(&self, frame: usize) -> Position {
        let kind = |scope: Scope| match scope {
            Scope::Playbook(_) | Scope::Stage(_) => StepKind::Stage,
            Scope::Attempt => StepKind::Attempt,
            Scope::Approved(_) => StepKind::Approval,
            Scope::Plain(kind) => kind,
        };
        let steps = self.0.iter().skip(1).take(frame);
        Position(steps.map(|of| Step { kind: kind(of.scope), ordinal: of.ordinal }).collect())
    }

    /// The yes that stands behind what is done here.
    pub(super) fn approval(&self) -> Option<Approval> {
        self.0.iter().rev().find_map(|frame| match frame.scope {
            Scope::Approved(approval) => Some(approval),
            _ => None,
        })
    }

    /// Where an error goes that is raised in the innermost frame. One of the kinds that
    /// always hold is recovered as any other; it is only never undone unasked.
    pub(super) fn landing(&self, always_holds: bool) -> Landing {
        self.outwards(self.depth(), None, always_holds)
    }

    /// Where it goes when a person says `undo` to what this frame holds.
    pub(super) fn landing_beyond(&self, held: usize) -> Landing {
        self.outwards(held, Some(held), false)
    }

    fn outwards(&self, inside: usize, undo: Option<usize>, always_holds: bool) -> Landing {
        let around = || self.0.iter().enumerate().take(inside).rev();
        let mut until_hold =
            around().take_while(|(_, frame)| frame.scope != Scope::Stage(OnFailure::Hold));
        if let Some((attempt, _)) = until_hold.find(|(_, frame)| frame.scope == Scope::Attempt) {
            return Landing { undo: Some(attempt), then: Then::Recover(attempt) };
        }
        let mut undone = undo;
        for (number, frame) in around() {
            let (Scope::Playbook(says) | Scope::Stage(says)) = frame.scope else { continue };
            let is_outermost = number == 0;
            match says {
                OnFailure::Inherit if !is_outermost => {}
                OnFailure::Undo | OnFailure::Inherit if !always_holds => undone = Some(number),
                _ => return Landing { undo: undone, then: Then::Hold(number) },
            }
        }
        Landing { undo: undone, then: Then::End }
    }
}
