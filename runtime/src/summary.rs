//! What became of a run: how it stands, what it still holds and until when, and
//! what may be answered. Plain data, for whoever shows it.

use rye_core::digest::Digest;
use rye_core::error::ErrorKind;
use rye_core::id::{EffectId, RunId};
use rye_core::mode::Mode;
use rye_core::question::Subject;
use rye_core::value::Time;
use rye_engine::engine::{Engine, WaitsFor};
use rye_engine::entry::HoldReason;
use rye_engine::run::{Origin, Phase, RecordState, Run};

/// How one run stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunSummary {
    /// Its id.
    pub run: RunId,
    /// The playbook, or the run that it rolls back.
    pub what: What,
    /// How real it is.
    pub mode: Mode,
    /// When it began.
    pub began: Time,
    /// Where it stands.
    pub state: State,
    /// What people are asked, and have not decided.
    pub questions: Vec<Asked>,
    /// Why it does nothing, if somebody halted it and it is not over.
    pub halted: Option<Halted>,
    /// What it did that still stands and can be taken back, in program order.
    pub standing: Vec<Standing>,
    /// Notices of it and about it that have not been delivered.
    pub undelivered: usize,
}

/// What a run executes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// This playbook.
    Playbook(String),
    /// The rollback of this run.
    Rollback(RunId),
}

/// Where a run stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// It goes on, or waits for a clock.
    Running {
        /// Until when it waits, if a clock is all that it waits for.
        until: Option<Time>,
        /// Whether it is undoing.
        unwinding: bool,
    },
    /// It waits for a person.
    Held {
        /// Why.
        reason: String,
        /// Since when.
        since: Time,
        /// What may be answered, as arguments of `ryectl`.
        answers: Vec<String>,
        /// Whether a guardrail refused what it wanted to do.
        refused: bool,
    },
    /// It is over.
    Ended {
        /// The word for how.
        outcome: &'static str,
        /// Whether it ended as its playbook wanted.
        well: bool,
        /// What was said of it.
        text: String,
    },
}

/// A question that people may answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// What an answer names it by.
    pub request: Digest,
    /// What is asked.
    pub text: String,
    /// The roles that may answer now.
    pub roles: Vec<String>,
    /// Until when.
    pub until: Time,
    /// Whether it asks for a value, and not for a yes.
    pub choice: bool,
}

/// Who halted a run, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Halted {
    /// Since when.
    pub since: Time,
    /// Who.
    pub owner: String,
    /// Why.
    pub reason: String,
    /// Whether the whole store is.
    pub all: bool,
}

/// Something that a run did and that can be taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Which effect.
    pub effect: EffectId,
    /// What was done.
    pub call: String,
    /// Since when.
    pub since: Time,
    /// When its life ends by the wall clock, if a clock ends it.
    pub until: Option<Time>,
    /// Whether its undo failed for good.
    pub stuck: bool,
    /// Why no clock ends its life although its time may be over.
    pub waits: Option<&'static str>,
    /// The later effect that it waits for, where it is to be taken back.
    pub covered_by: Option<EffectId>,
}

impl RunSummary {
    /// Whether the run is over, and as its playbook wanted.
    pub fn is_well(&self) -> bool {
        matches!(self.state, State::Ended { well: true, .. })
    }
}

/// All runs, the first that began first.
pub(crate) fn all(engine: &Engine, now: Time) -> Vec<RunSummary> {
    let mut runs: Vec<RunSummary> =
        engine.runs().values().map(|run| summary(engine, run, now)).collect();
    runs.sort_by_key(|run| (run.began, run.run));
    runs
}

/// One run.
pub(crate) fn of(engine: &Engine, run: RunId, now: Time) -> Option<RunSummary> {
    engine.runs().get(&run).map(|run| summary(engine, run, now))
}

fn summary(engine: &Engine, run: &Run, now: Time) -> RunSummary {
    RunSummary {
        run: run.id,
        what: match &run.origin {
            Origin::Playbook(start) => What::Playbook(start.playbook.to_string()),
            Origin::Rollback { of, .. } => What::Rollback(*of),
        },
        mode: run.mode(),
        began: run.began.wall,
        state: state(engine, run, now),
        questions: questions(engine, run, now),
        halted: halted(engine, run),
        standing: standing(engine, run),
        undelivered: engine.open_notices(run.id).count(),
    }
}

fn state(engine: &Engine, run: &Run, now: Time) -> State {
    match &run.phase {
        Phase::Running | Phase::Unwinding(_) => {
            let until = match engine.waits_for(run.id) {
                Some(WaitsFor::Clock(rest) | WaitsFor::People(rest)) => {
                    Some(now.saturating_add(rest))
                }
                _ => None,
            };
            State::Running { until, unwinding: matches!(run.phase, Phase::Unwinding(_)) }
        }
        Phase::Held { reason, since } => State::Held {
            reason: engine.why_held(run.id, reason),
            since: since.wall,
            answers: answers(engine, run.id, reason),
            refused: matches!(reason,
                HoldReason::Error(error) if error.kind == ErrorKind::Guardrail),
        },
        Phase::Ended { outcome, text, .. } => State::Ended {
            outcome: outcome.word(),
            well: outcome.is_well(),
            text: text.to_string(),
        },
    }
}

fn questions(engine: &Engine, run: &Run, now: Time) -> Vec<Asked> {
    let asked = engine.open_questions_of(run.id).map(|(_, state)| Asked {
        request: state.digest,
        text: state.question.text.to_string(),
        roles: state.roles(engine.now()).iter().map(ToString::to_string).collect(),
        until: state.asked.wall.saturating_add(state.question.within),
        choice: matches!(state.question.subject, Subject::Choice { .. }),
    });
    // What is over by the clock is decided as soon as the run goes on.
    asked.filter(|asked| asked.until > now).collect()
}

fn answers(engine: &Engine, run: RunId, reason: &HoldReason) -> Vec<String> {
    let mut answers = Vec::new();
    if engine.runs().get(&run).is_some_and(|run| run.over_quota().is_some()) {
        answers.push(format!("lift {run}"));
    }
    if let HoldReason::InDoubt(effect) = reason {
        answers.push(format!("settle {run} {effect} done"));
        answers.push(format!("settle {run} {effect} not-done"));
    }
    answers
        .extend(engine.may_answer(run).iter().map(|how| format!("release {run} {}", how.word())));
    answers
}

fn halted(engine: &Engine, run: &Run) -> Option<Halted> {
    let halt = engine.halts().over(run.id).filter(|_| !run.is_over())?;
    Some(Halted {
        since: halt.since.wall,
        owner: halt.owner.to_string(),
        reason: halt.reason.to_string(),
        all: engine.halts().of_store().is_some(),
    })
}

fn standing(engine: &Engine, run: &Run) -> Vec<Standing> {
    let standing = run.records().map(|(effect, state, act)| {
        let stuck = matches!(act.record, RecordState::Stuck { .. });
        let since = act.record.since().unwrap_or(state.begun).wall;
        let until = act.life().map(|(since, span)| since.wall.saturating_add(span));
        let waits = until.and_then(|_| engine.lives_wait(run));
        let covered_by = engine.covered_by(act).map(|(_, later)| later);
        let call = act.act.call.to_string();
        Standing { effect, call, since, until, stuck, waits, covered_by }
    });
    standing.collect()
}
