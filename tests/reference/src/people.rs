//! What people do about a run: how they answer its questions, what they say when it is
//! held, and what comes after its end. All of it follows from a seed, so that both
//! interpreters meet the same people.

use std::sync::Arc;

use rye_core::id::EffectId;
use rye_core::question::Decision;

use crate::chance::Chance;

/// What a person says to a run that is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Word {
    /// The effect that failed is tried again.
    Continue,
    /// What was done is undone.
    Undo,
    /// The run ends, and what was done stays.
    Keep,
    /// The run ends.
    Cancel {
        /// Whether what it did is undone.
        undo: bool,
    },
    /// An effect in doubt took place, or not.
    Settle {
        /// Whether it did.
        done: bool,
    },
}

/// What comes after the end of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aftermath {
    /// Time: all lives end.
    Time,
    /// A person takes back what still stands.
    Rollback,
}

/// Those who decide.
#[derive(Clone, Copy, Debug)]
pub struct People {
    /// What they decide by.
    pub seed: u64,
}

/// After so many holds nobody has patience any more.
const PATIENCE: usize = 4;

impl People {
    /// What is said to a run that is held for the `number`th time, from 0: whether what
    /// failed can be tried again, and whether an effect is in doubt.
    pub fn word(self, number: usize, again: bool, doubt: bool) -> Word {
        let mut chance = Chance::new(self.seed, &[b"hold", &number.to_be_bytes()]);
        if number >= PATIENCE {
            return Word::Keep;
        }
        match chance.below(8) {
            0..=2 if doubt => Word::Settle { done: chance.below(2) == 0 },
            0..=2 if again => Word::Continue,
            0..=4 => Word::Undo,
            5 => Word::Cancel { undo: true },
            6 => Word::Cancel { undo: false },
            _ => Word::Keep,
        }
    }

    /// What is decided about a box; nothing if nobody answers in time.
    pub fn decides(self, question: EffectId, place: usize) -> Option<Decision> {
        let place = place.to_be_bytes();
        match Chance::new(self.seed, &[b"box", &question.0, &place]).below(8) {
            0..=4 => Some(Decision::Granted),
            5 | 6 => Some(Decision::Denied(Arc::from("not tonight"))),
            _ => None,
        }
    }

    /// Which of so many values is chosen; nothing if nobody answers in time.
    pub fn chooses(self, question: EffectId, values: usize) -> Option<usize> {
        let mut chance = Chance::new(self.seed, &[b"choice", &question.0]);
        let values = u64::try_from(values).unwrap_or(1).max(1);
        (chance.below(4) > 0).then(|| usize::try_from(chance.below(values)).unwrap_or(0))
    }

    /// What comes after the end.
    pub fn aftermath(self) -> Aftermath {
        match Chance::new(self.seed, &[b"aftermath"]).below(2) {
            0 => Aftermath::Time,
            _ => Aftermath::Rollback,
        }
    }
}
