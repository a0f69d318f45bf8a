//! What the engine wants done, and how it recognises the answer.

use rye_core::adapter::Request;
use rye_core::id::{EffectId, RunId};

use crate::entry::Entry;

/// What one call of the engine brought about.
///
/// INVARIANT for the shell: entries are appended in order; a command that says
/// `durable_first` is carried out only after every entry so far is durable; no
/// command is carried out if that fails.
#[derive(Clone, Debug, Default)]
pub struct Step {
    /// To be appended to the journal.
    pub entries: Vec<Entry>,
    /// To be carried out.
    pub commands: Vec<Command>,
}

/// One attempt to be made in the world.
#[derive(Clone, Debug)]
pub struct Command {
    /// What the answer is handed back with.
    pub ticket: Ticket,
    /// What the adapter is handed.
    pub request: Request,
    /// Whether all entries so far must be durable before: not for queries, which
    /// are asked again after a crash.
    pub durable_first: bool,
}

/// Which attempt an answer belongs to. An answer whose ticket nobody waits for
/// any more is dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ticket {
    /// The run on whose behalf.
    pub run: RunId,
    /// The run whose effect it is about: another one in a rollback.
    pub owner: RunId,
    /// The effect.
    pub effect: EffectId,
    /// What for.
    pub purpose: Purpose,
    /// Which attempt, from 1.
    pub attempt: u8,
}

/// What an attempt is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Purpose {
    /// To read the world for the playbook.
    Ask,
    /// To see if the world is already so.
    ProbeBefore,
    /// To change the world.
    Act,
    /// To learn how an attempt in doubt ended.
    ProbeDoubt,
    /// To verify that the world shows the effect.
    ProbeVerify,
    /// To see if the world is as we left it, before an undo.
    ProbeUndo,
    /// To take an effect back.
    Undo,
    /// To see if the world shows that it was taken back.
    ProbeUndone,
    /// To inform people.
    Tell,
}
