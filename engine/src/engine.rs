//! All runs of one store, and the loop that moves each as far as it goes.
//!
//! A shell calls [`Engine::start`], [`Engine::complete`], [`Engine::say`] and
//! [`Engine::tick`] with what happened and when, and takes the [`Step`] that
//! came of it. Between calls nothing moves.

mod act;
mod agenda;
mod alert;
mod ask;
mod cover;
mod erase;
mod halt;
mod life;
mod lift;
mod live;
mod outbox;
mod people;
mod proof;
mod question;
mod release;
mod replay;
mod site;
mod trust;
mod undo;
mod wake;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use rye_bytecode::instruction::operand::Outcome;
use rye_core::adapter::{Ending, Request};
use rye_core::digest::Digest;
use rye_core::effect::{Call, Effect, Position};
use rye_core::error::Error;
use rye_core::id::{EffectId, IdempotencyKey, RunId};
use rye_core::limit::{RUN_FUEL_MAX, RUN_MEMORY_BYTES_MAX};
use rye_core::mode::Mode;
use rye_core::value::{Duration, Name, Value};
use rye_vm::{AfterUnwind, InputError, Program, Stack, Yield};

pub use alert::operators_notice;
pub use people::{Message, Verb};
pub use replay::{Difference, Replay};
pub use wake::WaitsFor;

use crate::alert::Alerts;
use crate::command::{Command, Purpose, Step, Ticket};
use crate::entry::{Body, Entry, HoldReason, Place, RunOutcome, RunStart, Then};
use crate::erasure::Erasures;
use crate::guardrail::{Books, Maintenance, Protected, Quota};
use crate::halt::{Halt, Halts};
use crate::holding::{Holder, Holdings};
use crate::run::{AfterUndo, Origin, Phase, RecordState, Run, Unwinding, What};
use crate::stamp::Stamp;
use agenda::Agenda;
use live::{Live, Undoing};
use trust::Standing;

/// What the site says to all runs.
#[derive(Clone, Debug, Default)]
pub struct Site {
    /// What nothing may touch.
    pub protected: Protected,
    /// How much may be done, over all runs.
    pub quotas: Vec<Quota>,
    /// When people work on what, so that nothing else may.
    pub maintenance: Vec<Maintenance>,
    /// How long an undo that finds nobody is tried.
    pub undo_patience: Duration,
    /// How long before the end of a life operators are told.
    pub life_notice: Duration,
    /// Whether there is somewhere to tell operators anything.
    pub operators: bool,
}

/// All runs of one store.
#[derive(Debug)]
pub struct Engine {
    site: Site,
    runs: BTreeMap<RunId, Run>,
    holdings: Holdings,
    halts: Halts,
    erasures: Erasures,
    books: Books,
    alerts: Alerts,
    /// Notices whose delivery is under way.
    telling: BTreeSet<Holder>,
    programs: BTreeMap<Digest, Loaded>,
    live: BTreeMap<RunId, Live>,
    /// What is being undone now.
    undoing: BTreeMap<Holder, Undoing>,
    /// Which runs are looked at, and when.
    agenda: Agenda,
    /// What the engine answers itself, until the next pump.
    answers: VecDeque<(Ticket, Ending)>,
    said: BTreeSet<Digest>,
    standing: Standing,
    stack: Stack,
    step: Step,
    now: Stamp,
}

/// What one run of a bundle may spend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// How much it may compute.
    pub fuel: u64,
    /// How many bytes its values may have.
    pub memory: usize,
}

impl Budget {
    /// The most that any bundle may allow its runs.
    pub const MOST: Self = Self { fuel: RUN_FUEL_MAX, memory: RUN_MEMORY_BYTES_MAX };
}

/// A bundle's program, and what a run of it may spend.
#[derive(Clone, Debug)]
struct Loaded {
    program: Arc<Program>,
    budget: Budget,
}

/// A run that is to begin.
#[derive(Clone, Debug)]
pub struct Beginning {
    /// Its id.
    pub run: RunId,
    /// The bundle's payload.
    pub bundle: Digest,
    /// The playbook's index in the bundle's module.
    pub playbook: usize,
    /// How real it is.
    pub mode: Mode,
    /// Who or what starts it.
    pub starter: Name,
    /// One per setting of the module.
    pub settings: Vec<Value>,
    /// The input, as it came.
    pub input: Arc<[u8]>,
}

impl Engine {
    /// A store without entries.
    pub fn new(site: Site) -> Self {
        Self {
            books: Books::new(site.quotas.clone()),
            site,
            runs: BTreeMap::new(),
            holdings: Holdings::default(),
            halts: Halts::default(),
            erasures: Erasures::default(),
            alerts: Alerts::default(),
            telling: BTreeSet::new(),
            programs: BTreeMap::new(),
            live: BTreeMap::new(),
            undoing: BTreeMap::new(),
            agenda: Agenda::default(),
            answers: VecDeque::new(),
            said: BTreeSet::new(),
            standing: Standing::default(),
            stack: Stack::new(),
            step: Step::default(),
            now: Stamp::default(),
        }
    }

    /// All runs, by id.
    pub fn runs(&self) -> &BTreeMap<RunId, Run> {
        &self.runs
    }

    /// What is held, over all runs.
    pub fn holdings(&self) -> &Holdings {
        &self.holdings
    }

    /// What counts towards the site's quotas.
    pub fn books(&self) -> &Books {
        &self.books
    }

    /// Folds an entry of the journal.
    pub fn apply(&mut self, entry: &Entry) {
        self.said.extend(entry.body.message());
        self.standing.apply(&entry.body);
        self.wake_runs_of(&entry.body);
        self.agenda.rouse(entry.run);
        self.halts.apply(entry);
        if matches!(entry.body, Body::Halted { .. } | Body::Resumed { .. }) {
            self.agenda.rouse_all();
        }
        self.erasures.apply(entry);
        self.forget_erased(entry);
        self.alerts.apply(entry);
        if let Some(run) = Run::begin(entry) {
            if let Origin::Rollback { of, effects, .. } = &run.origin
                && let Some(owner) = self.runs.get_mut(of)
            {
                owner.unstick(effects, entry.at);
                self.agenda.rouse(*of);
                self.agenda.watch(entry.run);
            }
            self.runs.insert(entry.run, run);
            return;
        }
        let owner = entry.run_of_effect();
        let Some(run) = self.runs.get_mut(&owner) else { return };
        self.agenda.rouse(owner);
        run.apply(entry);
        if let Body::Intent { effect, act, .. } | Body::Simulated { effect, act, .. } = &entry.body
        {
            self.books.enter(run.mode(), (owner, *effect), act, entry.at);
        }
        if let Some(effect) = effect_of(&entry.body)
            && let Some(act) = run.effects.get(&effect).and_then(|state| state.act())
        {
            self.holdings.update((owner, effect), act, &entry.body);
            self.uncover((owner, effect));
            self.agenda.rouse_watchers();
        }
        self.fold_release(entry);
    }

    /// The bundles that runs which aren't over need.
    pub fn needed_bundles(&self) -> BTreeSet<Digest> {
        self.bundles_of(|run| !run.is_over())
    }

    /// The bundles of runs that are over and hold something still: their lives end
    /// only as long as the bundle may be used.
    pub fn held_bundles(&self) -> BTreeSet<Digest> {
        self.bundles_of(|run| run.is_over() && run.holds_anything())
    }

    fn bundles_of(&self, wanted: impl Fn(&Run) -> bool) -> BTreeSet<Digest> {
        let runs = self.runs.values().filter(|run| wanted(run));
        runs.filter_map(|run| run.start().map(|start| start.bundle)).collect()
    }

    /// Makes a bundle's program available to its runs.
    pub fn add_program(&mut self, bundle: Digest, program: Arc<Program>, budget: Budget) {
        self.programs.insert(bundle, Loaded { program, budget });
    }

    /// Begins a run. The same id is the same run: a second call changes nothing.
    ///
    /// # Errors
    /// When the input doesn't fit the playbook's parameters; nothing was begun.
    pub fn start(&mut self, beginning: &Beginning, now: Stamp) -> Result<(), StartError> {
        self.now = now;
        if self.runs.contains_key(&beginning.run) {
            return Ok(());
        }
        if let Some(halt) = self.halts.of_store() {
            return Err(StartError::Halted(Box::new(halt.clone())));
        }
        let loaded = self.programs.get(&beginning.bundle).ok_or(StartError::Bundle)?;
        let playbook = loaded
            .program
            .module()
            .playbooks
            .get(beginning.playbook)
            .ok_or(StartError::Playbook)?;
        let start = RunStart {
            bundle: beginning.bundle,
            playbook: playbook.name.clone(),
            mode: beginning.mode,
            starter: beginning.starter.clone(),
            // Settings that don't fit are refused below.
            deadline: playbook.deadline.chosen(&beginning.settings).unwrap_or(Duration::ZERO),
            settings: beginning.settings.clone(),
            input: beginning.input.clone(),
        };
        let machine = live::machine(loaded, beginning.run, &start, now.wall);
        let machine = machine.map_err(StartError::Input)?;
        self.live.insert(beginning.run, Live::of(machine));
        self.emit(beginning.run, Body::Started(Box::new(start)));
        self.pump();
        Ok(())
    }

    /// Takes the answer to a command.
    pub fn complete(&mut self, ticket: Ticket, ending: Ending, now: Stamp) {
        self.now = now;
        self.take_answer(ticket, ending);
        self.pump();
    }

    fn take_answer(&mut self, ticket: Ticket, ending: Ending) {
        // Who undoes for another is another.
        self.agenda.rouse(ticket.run);
        self.agenda.rouse(ticket.owner);
        match ticket.purpose {
            Purpose::Ask => self.asked(ticket, ending),
            Purpose::Act => self.acted(ticket, ending),
            Purpose::ProbeBefore | Purpose::ProbeDoubt | Purpose::ProbeVerify => {
                self.probed(ticket, &ending);
            }
            Purpose::ProbeUndo | Purpose::Undo | Purpose::ProbeUndone => {
                self.undo_answered(ticket, ending);
            }
            Purpose::Tell => self.told(ticket, ending),
        }
    }

    /// Takes note that time has passed, and goes on wherever that matters. Also
    /// what is called first after the journal was read.
    pub fn tick(&mut self, now: Stamp) {
        self.now = now;
        self.pump();
    }

    /// The moment of the last call.
    pub fn now(&self) -> Stamp {
        self.now
    }

    /// What came of the calls since this was called last.
    pub fn take_step(&mut self) -> Step {
        core::mem::take(&mut self.step)
    }

    /// Appends an entry and folds it at once; where people must be told of it, that too.
    fn emit(&mut self, run: RunId, body: Body) {
        self.write(run, body);
        self.pump_causes();
    }

    fn write(&mut self, run: RunId, body: Body) {
        let entry = Entry { at: self.now, run, body };
        self.apply(&entry);
        self.step.entries.push(entry);
    }

    /// Lets an adapter be called.
    fn dispatch(
        &mut self,
        ticket: Ticket,
        call: Call,
        timeout: Duration,
        undoes: Option<IdempotencyKey>,
    ) {
        let key = match undoes {
            Some(_) => IdempotencyKey::of_undo(ticket.owner, ticket.effect),
            None => IdempotencyKey::of_act(ticket.owner, ticket.effect),
        };
        let durable_first = matches!(ticket.purpose, Purpose::Act | Purpose::Undo | Purpose::Tell);
        let attempt = ticket.attempt;
        let request = Request { call, key, undoes, run: ticket.run, attempt, timeout };
        self.step.commands.push(Command { ticket, request, durable_first });
    }

    /// Moves every run that can go on as far as it goes.
    fn pump(&mut self) {
        self.pump_causes();
        self.agenda.rouse_due(self.now);
        while let Some(run) = self.agenda.next().or_else(|| self.answer_one()) {
            self.pump_lives(run);
            self.pump_life_alerts(run);
            while self.pump_run(run) {}
            self.pump_outbox(run);
            let after = self.wakeup_of(run);
            self.agenda.settle(run, self.now, after);
            if self.is_asleep(run) {
                self.agenda.lay_down(run);
                self.live.remove(&run);
            }
        }
    }

    /// Takes one answer of the engine's own; whose it is.
    fn answer_one(&mut self) -> Option<RunId> {
        let (ticket, ending) = self.answers.pop_front()?;
        self.take_answer(ticket, ending);
        Some(ticket.run)
    }

    /// Moves one run one piece; whether there may be more to do.
    fn pump_run(&mut self, id: RunId) -> bool {
        if let Some(is_held) = self.hold_withdrawn(id) {
            return is_held;
        }
        let Some(run) = self.runs.get(&id) else { return false };
        match &run.phase {
            // It is rebuilt if it is needed again; what the run holds needs none.
            Phase::Ended { .. } | Phase::Held { .. } => {
                if let Some(live) = self.live.get_mut(&id) {
                    live.drop_machine();
                }
                false
            }
            Phase::Unwinding(unwinding) => {
                let unwinding = unwinding.clone();
                self.pump_unwinding(id, &unwinding)
            }
            Phase::Running => self.pump_machine(id),
        }
    }

    /// Brings the machine level with what it was told, and handles what it wants.
    fn pump_machine(&mut self, id: RunId) -> bool {
        if let Some(live) = self.live.get(&id)
            && let Some((undo, by)) = live.cancelled.as_deref().copied()
            && !live.is_attempting()
        {
            self.cancel_now(id, undo, by);
            return true;
        }
        if self.is_halted(id) || self.is_parked(id) {
            return false;
        }
        if !self.bring_level(id) {
            return true;
        }
        let Some(live) = self.live.get(&id) else { return false };
        if live.pending.is_some() {
            return self.pump_pending(id);
        }
        let Some(current) = live.current.clone() else { return false };
        self.frontier(id, *current)
    }

    /// What the machine wants and was never told.
    fn frontier(&mut self, id: RunId, wanted: Yield) -> bool {
        match wanted {
            Yield::Effect { position, effect } => {
                if self.past_deadline(id) {
                    self.emit(id, Body::Held { reason: HoldReason::Deadline });
                    return true;
                }
                let place = self.place(id, position);
                self.want(id, place, effect)
            }
            Yield::Raised { error, at, undo, then } => {
                self.raised(id, error, at, undo, then);
                true
            }
            Yield::Ended { outcome, text } => {
                self.finish(id, outcome, text);
                true
            }
            Yield::Fault(fault) => {
                let reason = HoldReason::Fault(Name::from(fault.to_string()));
                self.emit(id, Body::Held { reason });
                true
            }
        }
    }

    fn want(&mut self, id: RunId, place: Place, effect: Effect) -> bool {
        match effect {
            Effect::Ask(query) => self.want_answer(id, place, query),
            Effect::Do(act) => self.want_act(id, place, act),
            Effect::Tell(notice) => self.want_told(id, place, notice),
            Effect::Question(question) => self.want_decision(id, place, question),
            Effect::Wait(span) => self.want_wait(id, place, span),
            Effect::Watch(span) => {
                let end = Value::Time(self.now.wall.saturating_add(span));
                let effect = place.position.effect_id(id);
                self.emit(id, Body::Waited { effect, place, answer: Ok(end) });
                true
            }
            Effect::Look { every, until, held } => self.want_look(id, place, every, until, held),
        }
    }

    fn raised(
        &mut self,
        id: RunId,
        error: Error,
        at: Position,
        undo: Option<Position>,
        then: AfterUnwind,
    ) {
        let then = match then {
            AfterUnwind::Recover => Then::Recover,
            AfterUnwind::Hold(frame) => Then::Hold(frame),
            AfterUnwind::End => Then::End,
        };
        let holds_here = undo.is_none();
        self.emit(id, Body::Raised { error: error.clone(), at, undo, then });
        if holds_here {
            self.emit(id, Body::Held { reason: HoldReason::Error(error) });
        }
    }

    fn finish(&mut self, id: RunId, outcome: Outcome, text: Arc<str>) {
        let outcome = match outcome {
            Outcome::Benign => {
                self.emit(id, Body::Benign { text });
                return;
            }
            Outcome::Finished => RunOutcome::Finished,
            Outcome::Contained => RunOutcome::Contained,
            Outcome::Escalated => RunOutcome::Escalated,
        };
        self.emit(id, Body::Ended { outcome, text });
    }

    /// Undoes what an unwinding asks for, one record after the other, and says
    /// what comes after. Whether there may be more to do.
    fn pump_unwinding(&mut self, id: RunId, unwinding: &Unwinding) -> bool {
        let owner = self.owner_of_records(id);
        let Some(run) = self.runs.get(&owner) else { return false };
        match self.next_to_undo(run, unwinding) {
            ToUndo::Next(_) if self.is_halted(id) => return false,
            ToUndo::Next(effect) if self.undoing.contains_key(&(owner, effect)) => {
                return self.pump_undo((owner, effect));
            }
            ToUndo::Next(effect) => self.let_go(id, owner, effect, unwinding.why),
            ToUndo::Nothing => self.unwound(id, unwinding),
            ToUndo::Stuck => {
                // No `recover` is entered, and no further frame is left.
                let text = Arc::from("an undo failed for good");
                self.emit(id, Body::Ended { outcome: RunOutcome::Stuck, text });
            }
        }
        true
    }

    fn unwound(&mut self, id: RunId, unwinding: &Unwinding) {
        self.emit(id, Body::Unwound);
        match &unwinding.then {
            AfterUndo::Recover => {}
            AfterUndo::Hold(error) => {
                self.emit(id, Body::Held { reason: HoldReason::Error(error.clone()) });
            }
            AfterUndo::End(outcome, text) => {
                self.emit(id, Body::Ended { outcome: *outcome, text: text.clone() });
            }
        }
    }

    /// What waits for a later effect of ours is let go of, as far as the run goes.
    fn next_to_undo(&self, run: &Run, unwinding: &Unwinding) -> ToUndo {
        let act = |effect: &EffectId| run.effects.get(effect).and_then(|state| state.act());
        let is_stuck = |effect: &EffectId| {
            act(effect).is_some_and(|act| matches!(act.record, RecordState::Stuck { .. }))
        };
        let mut left = run.to_undo(unwinding);
        left.retain(|effect| act(effect).and_then(|act| self.covered_by(act)).is_none());
        match left.iter().find(|effect| !is_stuck(effect)) {
            Some(effect) => ToUndo::Next(*effect),
            None if left.is_empty() => ToUndo::Nothing,
            None => ToUndo::Stuck,
        }
    }

    /// Whose records a run undoes: its own, or those of the run that it rolls back.
    fn owner_of_records(&self, id: RunId) -> RunId {
        match self.runs.get(&id).map(|run| &run.origin) {
            Some(Origin::Rollback { of, .. }) => *of,
            _ => id,
        }
    }

    fn past_deadline(&self, id: RunId) -> bool {
        self.runs.get(&id).is_some_and(|run| {
            run.deadline().is_some_and(|deadline| self.now.has_passed(run.began, deadline))
        })
    }

    fn place(&self, id: RunId, position: Position) -> Place {
        let stage = self
            .live
            .get(&id)
            .and_then(|live| live.machine.as_deref())
            .and_then(|machine| machine.place().stages.pop())
            .unwrap_or_else(|| Name::from(""));
        Place { position, stage }
    }
}

/// Why a run could not begin.
#[derive(Clone, Debug)]
pub enum StartError {
    /// Its bundle was not added.
    Bundle,
    /// The bundle has no such playbook.
    Playbook,
    /// The input doesn't fit the parameters.
    Input(InputError),
    /// Somebody halted the store: no run begins.
    Halted(Box<Halt>),
}

/// What an unwinding undoes next.
enum ToUndo {
    /// This effect.
    Next(EffectId),
    /// No more: all is undone.
    Nothing,
    /// No more: what is left failed for good.
    Stuck,
}

/// The effect that an entry is about.
fn effect_of(body: &Body) -> Option<EffectId> {
    match body {
        Body::Simulated { effect, .. }
        | Body::AlreadySo { effect, .. }
        | Body::Intent { effect, .. }
        | Body::Attempted { effect, .. }
        | Body::Outcome { effect, .. }
        | Body::Probed { effect, .. }
        | Body::Settled { effect, .. }
        | Body::Requested { effect, .. }
        | Body::Escalated { effect }
        | Body::LifeEnded { effect, .. }
        | Body::LetGo { effect, .. }
        | Body::Covered { effect, .. }
        | Body::UndoIntent { effect, .. }
        | Body::UndoOutcome { effect, .. } => Some(*effect),
        _ => None,
    }
}
