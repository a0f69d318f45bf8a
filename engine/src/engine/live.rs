//! What a run has only while the process lives: its machine, and the attempt
//! that an answer is awaited of. All of it is rebuilt from the run's entries.

use std::sync::Arc;

use rye_core::effect::{Act, Query};
use rye_core::id::{EffectId, RunId};
use rye_core::value::{Duration, Name, Time};
use rye_vm::{InputError, Machine, Start, Yield};

use super::{Engine, Loaded};
use crate::entry::{Body, HoldReason, Place, RunStart, Said, Verdict};
use crate::run::Turn;
use crate::stamp::Stamp;

/// What a run has only while the process lives. Very many wait without what is boxed.
#[derive(Debug, Default)]
pub(super) struct Live {
    /// The machine, once it was made, or rebuilt.
    pub(super) machine: Option<Box<Machine>>,
    /// What it wants, once it was run.
    pub(super) current: Option<Box<Yield>>,
    /// How many turns it was told.
    told: usize,
    /// The effect that it waits for.
    pub(super) pending: Option<Pending>,
    /// A person ended the run; it waits for the answer in flight.
    pub(super) cancelled: Option<Box<(bool, Said)>>,
}

/// An effect that the machine waits for.
#[derive(Clone, Debug)]
pub(super) enum Pending {
    /// A query.
    Ask {
        /// Which effect.
        effect: EffectId,
        /// Where in the program.
        place: Place,
        /// What is asked.
        query: Query,
        /// The attempt under way, or the one that is waited for.
        attempt: u8,
        /// When the next attempt is due, between two.
        again: Option<(Stamp, Duration)>,
    },
    /// An act.
    Act {
        /// Which effect.
        effect: EffectId,
        /// Where in the program.
        place: Place,
        /// What is done.
        act: Box<Act>,
        /// How far it is.
        stage: ActStage,
    },
    /// People.
    Question {
        /// Which effect.
        effect: EffectId,
    },
    /// A clock.
    Clock {
        /// Which effect.
        effect: EffectId,
        /// Where in the program.
        place: Place,
        /// Until when.
        until: Time,
        /// Whether it is a pause between two looks.
        looks: bool,
    },
}

/// How far an act is.
#[derive(Clone, Debug)]
pub(super) enum ActStage {
    /// An attempt is under way.
    Attempting(u8),
    /// The next attempt is due so long after that moment.
    Retrying {
        /// The attempt that ended.
        attempt: u8,
        /// When.
        since: Stamp,
        /// The pause.
        pause: Duration,
    },
    /// The world is asked.
    Probing(Probe),
    /// The world is asked again so long after that moment.
    LookingAgain {
        /// The last look.
        since: Stamp,
        /// The pause.
        pause: Duration,
    },
    /// Somebody undoes the same now: it begins anew so long after that moment.
    Yielding {
        /// The last look.
        since: Stamp,
        /// The pause.
        pause: Duration,
    },
    /// What it releases is being let go of.
    Releasing,
    /// A person has to say whether it took place.
    Unknown,
}

/// A walk through the proofs of an act.
#[derive(Clone, Debug)]
pub(super) struct Probe {
    /// What the walk is for.
    pub(super) purpose: crate::command::Purpose,
    /// Which proof.
    pub(super) index: usize,
    /// Which attempt at it.
    pub(super) attempt: u8,
    /// What the proofs before said.
    pub(super) shown: Shown,
}

/// What the world shows of an act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Shown {
    /// Whether it is there.
    pub(super) verdict: Verdict,
    /// Why there is no answer, for people.
    pub(super) said: Option<Arc<str>>,
}

impl From<Verdict> for Shown {
    fn from(verdict: Verdict) -> Self {
        Self { verdict, said: None }
    }
}

impl Probe {
    /// A walk from the first proof.
    pub(super) fn begin(purpose: crate::command::Purpose) -> Self {
        Self { purpose, index: 0, attempt: 1, shown: Verdict::Stands.into() }
    }

    /// One number for each step of the walk, so that a late answer fits no other.
    pub(super) fn number(&self) -> u8 {
        let number = self.index.saturating_mul(16).saturating_add(usize::from(self.attempt));
        u8::try_from(number).unwrap_or(u8::MAX)
    }
}

/// An undo that is under way.
#[derive(Clone, Debug)]
pub(super) struct Undoing {
    /// Which run does it.
    pub(super) by: RunId,
    /// What made the holder let go.
    pub(super) why: crate::entry::Why,
    /// How far it is.
    pub(super) stage: UndoStage,
}

/// How far an undo is.
#[derive(Clone, Debug)]
pub(super) enum UndoStage {
    /// The world is asked if it is as we left it.
    Probing(Probe),
    /// An attempt is under way.
    Attempting(u8),
    /// Another run is in the middle of doing the same: it is looked again who holds
    /// it so long after that moment.
    Yielding {
        /// The last look.
        since: Stamp,
        /// The pause.
        pause: Duration,
    },
    /// The world is asked if it shows that it was taken back.
    Confirming {
        /// The walk.
        probe: Probe,
        /// The attempt.
        attempt: u8,
        /// How it ended.
        ending: rye_core::adapter::Ending,
    },
    /// The next attempt is due so long after that moment.
    Retrying {
        /// The attempt that ended.
        attempt: u8,
        /// When.
        since: Stamp,
        /// The pause.
        pause: Duration,
    },
}

impl Undoing {
    /// Whether an answer about it is awaited.
    pub(super) fn awaits_answer(&self) -> bool {
        match self.stage {
            UndoStage::Probing(_) | UndoStage::Attempting(_) | UndoStage::Confirming { .. } => true,
            UndoStage::Yielding { .. } | UndoStage::Retrying { .. } => false,
        }
    }
}

impl Live {
    /// Of a run whose machine was not run yet.
    pub(super) fn of(machine: Machine) -> Self {
        Self { machine: Some(Box::new(machine)), ..Self::default() }
    }

    /// Whether an attempt at an act is under way.
    pub(super) fn is_attempting(&self) -> bool {
        matches!(self.pending, Some(Pending::Act { stage: ActStage::Attempting(_), .. }))
    }

    /// The machine is not needed any more.
    pub(super) fn drop_machine(&mut self) {
        self.park();
        self.pending = None;
    }

    /// The machine is not needed for now; what the run waits for stays.
    pub(super) fn park(&mut self) {
        self.machine = None;
        self.current = None;
        self.told = 0;
    }
}

/// A machine at the beginning of a run.
pub(super) fn machine(
    loaded: &Loaded,
    run: RunId,
    start: &RunStart,
    began: Time,
) -> Result<Machine, InputError> {
    let Loaded { program, budget } = loaded;
    let playbook = program
        .module()
        .playbooks
        .iter()
        .position(|playbook| playbook.name == start.playbook)
        .unwrap_or(usize::MAX);
    let facts = Start {
        run,
        started: began,
        starter: start.starter.clone(),
        settings: start.settings.clone(),
        fuel: budget.fuel,
        memory: budget.memory,
    };
    Machine::start(program.clone(), playbook, &start.input, facts)
}

impl Engine {
    /// Whether the machine of a run is in memory.
    pub fn has_machine(&self, id: RunId) -> bool {
        self.live.get(&id).is_some_and(|live| live.machine.is_some())
    }

    /// Rebuilds the machine if need be, and tells it what it has not been told.
    /// Whether it stands level; if not, the run is held.
    pub(super) fn bring_level(&mut self, id: RunId) -> bool {
        match self.level(id) {
            Ok(()) => true,
            Err(reason) => {
                self.emit(id, Body::Held { reason });
                false
            }
        }
    }

    pub(super) fn level(&mut self, id: RunId) -> Result<(), HoldReason> {
        let fault = |text: &str| HoldReason::Fault(Name::from(text));
        let (Some(run), live) = (self.runs.get(&id), self.live.entry(id).or_default()) else {
            return Ok(());
        };
        let Some(start) = run.start() else { return Ok(()) };
        if live.told > run.turns.len() {
            // A person sent the run back to before an answer.
            live.drop_machine();
        }
        if live.machine.is_none() {
            let loaded = self
                .programs
                .get(&start.bundle)
                .ok_or_else(|| HoldReason::Bundle(Name::from("the bundle is not available")))?;
            let machine = machine(loaded, id, start, run.began.wall)
                .map_err(|_| fault("the input does not fit any more"))?;
            live.machine = Some(Box::new(machine));
        }
        let Some(machine) = &mut live.machine else { return Ok(()) };
        if live.current.is_none() {
            live.current = Some(Box::new(machine.run(&mut self.stack)));
        }
        while let Some(turn) = run.turns.get(live.told) {
            let fits = match (turn, live.current.as_deref()) {
                (Turn::Answered { effect, .. }, Some(Yield::Effect { position, .. })) => {
                    position.effect_id(id) == *effect
                }
                (Turn::Recover | Turn::Unwind, Some(Yield::Raised { .. })) => true,
                _ => false,
            };
            if !fits {
                return Err(fault("the replay differs from the journal"));
            }
            let answer = match turn {
                Turn::Answered { answer: Ok(value), .. } => rye_vm::Answer::Value(value.clone()),
                Turn::Answered { answer: Err(error), .. } => rye_vm::Answer::Error(error.clone()),
                Turn::Recover => rye_vm::Answer::Unwound,
                Turn::Unwind => rye_vm::Answer::Unwind,
            };
            live.current = Some(Box::new(machine.resume(answer, &mut self.stack)));
            live.pending = None;
            live.told = live.told.saturating_add(1);
        }
        Ok(())
    }
}
