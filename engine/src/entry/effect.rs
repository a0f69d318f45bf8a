//! What entries say of one effect: where it stands, what became of it, and what
//! became of its undo.

use rye_core::effect::Position;
use rye_core::error::Error;
use rye_core::value::{Name, Value};

/// Where in the program an effect stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The steps from the playbook down.
    pub position: Position,
    /// The innermost stage around it, for people; empty outside of stages.
    pub stage: Name,
}

/// What the machine is told about an effect.
pub type Answer = Result<Value, Error>;

/// What a look is answered: the watch is over.
pub(crate) const LOOK_OVER: i64 = 0;
/// What a look is answered: there is time for another one.
pub(crate) const LOOK_AGAIN: i64 = 1;
/// What a look is answered: nothing is real, so nothing can be checked.
pub(crate) const LOOK_NOT_CHECKED: i64 = 2;
/// What a look is answered: it was so for as long as it must be.
pub(crate) const LOOK_HELD: i64 = 3;

/// What a probe says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The world shows the effect.
    Stands,
    /// The world does not show it.
    Gone,
    /// The world gave no answer.
    Unclear,
}

impl Verdict {
    /// All of them, in the order of their codes.
    pub const ALL: [Self; 3] = [Self::Stands, Self::Gone, Self::Unclear];
}

/// What made a holder let go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// A failure.
    Failure,
    /// Its life ended.
    Life,
    /// The run ended `benign`.
    Benign,
    /// A person.
    Person,
    /// A playbook released it.
    Release,
}

impl Why {
    /// All of them, in the order of their codes.
    pub const ALL: [Self; 5] =
        [Self::Failure, Self::Life, Self::Benign, Self::Person, Self::Release];
}

/// Why letting go needed nothing to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LetGo {
    /// Others hold it still.
    StillHeld,
    /// The world is no longer as we left it.
    ChangedByOthers,
    /// The action needs no undo, or can't be undone.
    NothingToUndo,
}

impl LetGo {
    /// All of them, in the order of their codes.
    pub const ALL: [Self; 3] = [Self::StillHeld, Self::ChangedByOthers, Self::NothingToUndo];
}

/// What follows from an attempt at an undo.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UndoResult {
    /// It is undone.
    Undone,
    /// It is tried again.
    Again,
    /// It failed for good.
    Stuck,
    /// It was done, and the world shows the effect all the same: something else
    /// causes it too.
    StillShown,
    /// The world is no longer as we left it, so it was not touched.
    LeftAlone,
}

impl UndoResult {
    /// All of them, in the order of their codes.
    pub const ALL: [Self; 5] =
        [Self::Undone, Self::Again, Self::Stuck, Self::StillShown, Self::LeftAlone];
}
