//! What people do about a run: how they answer its questions, what they say when it is
//! held, and what comes after its end. All of it follows from a seed, so that both
//! interpreters meet the same people.

use std::sync::Arc;

use rye_core::id::EffectId;
use rye_core::question::Decision;
use rye_core::value::Duration;

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
const DAY: u32 = 86_400;

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

    /// How long a person thinks who is asked about the `number`th hold: no time at all, or
    /// so long that lives end, or that the run's own time is over.
    pub fn thinks(self, number: usize) -> Duration {
        match Chance::new(self.seed, &[b"thinks", &number.to_be_bytes()]).below(8) {
            0 | 1 => Duration::from_secs(33 * DAY + 7 * 3_600),
            2 => Duration::from_secs(400 * DAY),
            _ => Duration::ZERO,
        }
    }

    /// Whether a person ends the run while the effect at a place waits, for a clock or for
    /// people, and if so whether what was done is undone.
    pub fn cancels(self, waiting: EffectId) -> Option<bool> {
        let mut chance = Chance::new(self.seed, &[b"cancel", &waiting.0]);
        (chance.below(12) == 0).then(|| chance.below(2) == 0)
    }

    /// Whether a person halts the run before others answer it, for as long as it takes two
    /// people to let it go on: that changes nothing.
    pub fn halts(self, answers: usize) -> bool {
        Chance::new(self.seed, &[b"halt", &answers.to_be_bytes()]).below(6) == 0
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
