//! The real side: the package compiled, verified, and run by machine and engine in the
//! simulated site; and what its journal says, as a story.

mod teller;

use std::sync::Arc;

use rye_core::adapter::{Ending, Request};
use rye_core::digest::Digest;
use rye_core::id::{KeyId, RunId};
use rye_core::mode::Mode;
use rye_core::question::{Decision, Subject};
use rye_core::value::{Duration, Value};
use rye_engine::audit::Audit;
use rye_engine::command::Purpose;
use rye_engine::engine::{Beginning, Message, Site, Verb, WaitsFor};
use rye_engine::entry::{Body, HoldReason, Release, Said};
use rye_engine::guardrail::{Guarded, Protected};
use rye_engine::question::{Vote, Voter};
use rye_engine::run::{Phase, Turn};
use rye_engine::sim::{self, Dispatch, Interruption, Point, Sim};
use rye_vm::{Answer, Machine, Program, Stack, Start};

use crate::interpreter::{self, STARTER};
use crate::people::{Aftermath, People, Word};
use crate::story::{self, Story};
use crate::world::World;
use teller::Teller;

/// The run of every story.
pub const RUN: RunId = RunId([7; 16]);
/// The run that takes back what it left.
const ROLLBACK: RunId = RunId([8; 16]);
const BUNDLE: Digest = Digest([1; 32]);
/// No run is asked about more often than this.
const WORDS_MAX: usize = 2_000;

impl sim::World for World {
    fn invoke(&mut self, request: &Request) -> Ending {
        self.answer(request)
    }

    fn see(&mut self, entry: &Body) -> Option<Interruption> {
        let Body::Waiting { effect, .. } = entry else { return None };
        let undo = self.people().cancels(*effect)?;
        let by = Said { key: KeyId([6; 32]), message: Digest([effect.0[0]; 32]) };
        let verb = Verb::Cancel { undo };
        let message = Message { run: RUN, verb, by, owner: "person 1".into() };
        Some(Interruption::Say(Box::new(message)))
    }
}

/// What lies between two flushes: the points of it, and the calls that were made.
#[derive(Default)]
struct Span<'s> {
    points: Vec<usize>,
    calls: Vec<Call<'s>>,
}

/// A call of an adapter, with the point right before it.
struct Call<'s> {
    at: usize,
    dispatch: &'s Dispatch,
}

impl Call<'_> {
    /// Whether it changes the world.
    fn acts(&self) -> bool {
        matches!(self.dispatch.purpose, Purpose::Act | Purpose::Undo)
    }

    /// Whether a death beside it loses what is not asked for again in the same way: what
    /// an act or undo was told, which goes until the look behind it is over, or the
    /// pause before a query that is tried again.
    fn loses(&self) -> bool {
        match self.dispatch.purpose {
            Purpose::Act | Purpose::ProbeVerify | Purpose::Undo | Purpose::ProbeUndone => true,
            Purpose::Ask => self.dispatch.request.attempt > 1,
            _ => false,
        }
    }
}

/// A run in the simulated site.
#[derive(Debug)]
pub struct Real {
    program: Arc<Program>,
    settings: Vec<Value>,
    mode: Mode,
    input: Arc<[u8]>,
    sim: Sim<World>,
    people: People,
    holds: usize,
    /// How often people were waited for.
    answers: usize,
    said: usize,
    /// How many entries there were, and how many calls and points, when the run was over.
    ended: Option<(usize, usize, usize)>,
}

impl Real {
    /// A site where nothing happened yet.
    pub fn new(
        program: Arc<Program>,
        site: &interpreter::Site,
        world: World,
        people: People,
        input: &str,
    ) -> Self {
        let guarded = |(asset, reason): &(Value, _)| match asset {
            Value::Asset { kind, value } => {
                let value = (**value).clone();
                Some((Guarded::Asset { kind: kind.clone(), value }, Arc::clone(reason)))
            }
            _ => None,
        };
        let entries = site.protected.iter().filter_map(guarded).collect();
        let real_site = Site {
            protected: Protected::new(entries),
            undo_patience: site.undo_patience,
            life_notice: Duration::from_secs(600),
            ..Site::default()
        };
        let mut sim = Sim::new(real_site, world);
        sim.downtime = Duration::ZERO;
        sim.add_program(BUNDLE, Arc::clone(&program));
        Self {
            program,
            settings: site.settings.clone(),
            mode: site.mode,
            input: input.as_bytes().into(),
            sim,
            people,
            holds: 0,
            answers: 0,
            said: 0,
            ended: None,
        }
    }

    /// The process dies at these points.
    pub fn die_at(&mut self, points: &[usize]) {
        self.sim.die_at(points.iter().copied());
    }

    /// The points at which a death loses nothing that the world was told and no time that
    /// a clock counts.
    pub fn harmless_points(&self) -> Vec<usize> {
        let spans = self.spans();
        let harmless = spans.iter().filter(|span| !span.calls.iter().any(Call::loses));
        harmless.flat_map(|span| span.points.iter().copied()).collect()
    }

    /// The acts and undos that were dispatched before the end of the run, each with the point right
    /// before its call (the one behind it is right after), and with how many equal ones
    /// there were before. Only those beside which a death loses nothing else.
    pub fn acts(&self) -> Vec<(usize, Request, usize)> {
        let mut found: Vec<(usize, Request, usize)> = Vec::new();
        let mut alone = Vec::new();
        for span in self.spans() {
            let losses = span.calls.iter().filter(|call| call.loses()).count();
            for call in span.calls.iter().filter(|call| call.acts()) {
                let request = &call.dispatch.request;
                let is_equal = |(_, other, _): &&(usize, Request, usize)| {
                    (other.key, other.attempt) == (request.key, request.attempt)
                };
                let before = found.iter().filter(is_equal).count();
                found.push((call.at, request.clone(), before));
                alone.push(losses == 1);
            }
        }
        let alone = found.into_iter().zip(alone).filter(|(_, alone)| *alone);
        alone.map(|(act, _)| act).collect()
    }

    /// What was passed and called between two flushes each, before the end of the run.
    fn spans(&self) -> Vec<Span<'_>> {
        let (.., end) = self.ended.unwrap_or_default();
        let points = self.sim.points();
        let mut dispatches = self.sim.dispatches().iter();
        let (mut spans, mut span) = (Vec::new(), Span::default());
        for (at, point) in points.iter().enumerate().take(end) {
            // Who died before a call made none.
            if points.get(at..at + 2) == Some(&[Point::BeforeCall, Point::AfterCall]) {
                span.calls.extend(dispatches.next().map(|dispatch| Call { at, dispatch }));
            }
            span.points.push(at);
            if *point == Point::BeforeFlush {
                spans.push(std::mem::take(&mut span));
            }
        }
        spans
    }

    /// Runs to the end, and what comes after it.
    ///
    /// # Errors
    /// Where the engine refuses what it should take, or contradicts itself.
    pub fn run(&mut self) -> Result<Story, String> {
        let beginning = Beginning {
            run: RUN,
            bundle: BUNDLE,
            playbook: 0,
            mode: self.mode,
            starter: STARTER.into(),
            settings: self.settings.clone(),
            input: self.input.clone(),
        };
        self.sim.start(&beginning).map_err(|error| format!("{error:?}"))?;
        for _ in 0..WORDS_MAX {
            match self.sim.engine().waits_for(RUN) {
                None => {
                    let (calls, points) = (self.sim.dispatches().len(), self.sim.points().len());
                    self.ended = Some((self.sim.entries().len(), calls, points));
                    self.aftermath()?;
                    self.check()?;
                    return self.story();
                }
                Some(WaitsFor::People(_) | WaitsFor::Person) if self.people.halts(self.answers) => {
                    self.answers += 1;
                    self.halt()?;
                }
                Some(WaitsFor::People(_)) => self.answer_question()?,
                Some(WaitsFor::Person) => self.answer_hold()?,
                other => return Err(format!("the run waits for {other:?}")),
            }
        }
        Err(String::from("the run does not end"))
    }

    fn say(&mut self, owner: &str, verb: Verb) -> Result<(), String> {
        self.said += 1;
        let number = u8::try_from(self.said % 251).unwrap_or(0);
        let round = u8::try_from(self.said / 251).unwrap_or(0);
        let mut message = [number; 32];
        message[0] = round;
        let by = Said { key: KeyId([5; 32]), message: Digest(message) };
        self.sim.say(&Message { run: RUN, verb, by, owner: owner.into() })
    }

    fn answer_question(&mut self) -> Result<(), String> {
        self.answers += 1;
        let engine = self.sim.engine();
        let open = engine.open_questions().find(|(run, ..)| run.id == RUN);
        let Some((_, effect, state)) = open else {
            return Err(String::from("people are waited for, and nobody was asked"));
        };
        let (request, question) = (state.digest, state.question.clone());
        if let Some(undo) = self.people.cancels(effect) {
            return self.say("person 1", Verb::Cancel { undo });
        }
        let voter = |number: u8| Voter {
            owner: format!("person {number}").into(),
            roles: question.roles.iter().cloned().collect(),
        };
        let mut said = Vec::new();
        match &question.subject {
            Subject::Approval { boxes, .. } => {
                let mut granted = Vec::new();
                let mut denied = Vec::new();
                for place in 0..boxes.len() {
                    let index = u32::try_from(place).unwrap_or(u32::MAX);
                    match self.people.decides(effect, place) {
                        Some(Decision::Granted) => granted.push(index),
                        Some(Decision::Denied(_)) => denied.push(index),
                        Some(Decision::Expired) | None => {}
                    }
                }
                if !denied.is_empty() {
                    said.push((voter(0), Vote::Deny(denied, "not tonight".into())));
                }
                if !granted.is_empty() {
                    let all = (1..=question.count).map(voter);
                    said.extend(all.map(|voter| (voter, Vote::Grant(granted.clone()))));
                }
            }
            Subject::Choice { values, .. } => {
                let chosen = self.people.chooses(effect, values.len());
                if let Some(value) = chosen.and_then(|chosen| values.get(chosen)) {
                    said.push((voter(1), Vote::Choose(value.clone())));
                }
            }
        }
        for (voter, vote) in said {
            let owner = voter.owner.to_string();
            self.say(&owner, Verb::Vote { request, vote, voter })?;
        }
        let is_open = self.sim.engine().open_questions().any(|(_, open, _)| open == effect);
        if is_open {
            self.sim.pass(question.within);
        }
        Ok(())
    }

    /// So long nothing happens to the run but that lives end, each at its time.
    fn linger(&mut self, span: Duration) {
        let mut left = span;
        for _ in 0..WORDS_MAX {
            let pause = self.sim.engine().next_wakeup().unwrap_or(left).min(left);
            self.sim.pass(pause);
            left = Duration(left.0 - pause.0);
            if left == Duration::ZERO {
                break;
            }
        }
    }

    /// Somebody halts the run, and two others let it go on.
    fn halt(&mut self) -> Result<(), String> {
        self.say("person 1", Verb::Halt { reason: "wait".into() })?;
        self.say("person 2", Verb::Resume)?;
        self.say("person 3", Verb::Resume)
    }

    fn answer_hold(&mut self) -> Result<(), String> {
        self.answers += 1;
        let run = &self.sim.engine().runs()[&RUN];
        let Phase::Held { reason, .. } = &run.phase else {
            return Err(String::from("a person is waited for, and nothing is held"));
        };
        let again = self.sim.engine().may_answer(RUN).contains(&Release::Continue);
        let in_doubt = match reason {
            HoldReason::InDoubt(effect) => Some(*effect),
            HoldReason::Error(_) | HoldReason::Deadline => None,
            other => return Err(format!("the run is held: {other:?}")),
        };
        self.linger(self.people.thinks(self.holds));
        let word = self.people.word(self.holds, again, in_doubt.is_some());
        self.holds += 1;
        let verb = match word {
            Word::Continue => Verb::Release(Release::Continue),
            Word::Undo => Verb::Release(Release::Undo),
            Word::Keep => Verb::Release(Release::Keep),
            Word::Cancel { undo } => Verb::Cancel { undo },
            Word::Settle { done } => Verb::Settle { effect: in_doubt.unwrap_or_default(), done },
        };
        self.say("person 1", verb)
    }

    fn aftermath(&mut self) -> Result<(), String> {
        match self.people.aftermath() {
            Aftermath::Time => {
                for _ in 0..WORDS_MAX {
                    let Some(pause) = self.sim.engine().next_wakeup() else { return Ok(()) };
                    self.sim.pass(pause);
                }
                Err(String::from("what comes after the run does not end"))
            }
            Aftermath::Rollback if self.sim.engine().runs()[&RUN].holds_anything() => {
                let verb = Verb::Rollback { as_run: ROLLBACK, effects: Vec::new() };
                self.say("person 1", verb)
            }
            Aftermath::Rollback => Ok(()),
        }
    }

    /// What must be true of every journal.
    fn check(&self) -> Result<(), String> {
        let mut audit = Audit::default();
        for entry in self.sim.entries() {
            if let Some(finding) = audit.check(&entry) {
                return Err(format!("the audit finds {finding:?} in {entry:?}"));
            }
        }
        Ok(())
    }

    fn story(&self) -> Result<Story, String> {
        let entries = self.sim.entries();
        let mut teller = Teller::default();
        let (last_entry, last_call, _) = self.ended.unwrap_or_default();
        for (at, entry) in entries.iter().enumerate() {
            teller.tell(entry, at >= last_entry);
        }
        for (at, call) in self.sim.dispatches().iter().enumerate() {
            let line = story::request(purpose(call.purpose), &call.request, &call.ending);
            match call.purpose {
                Purpose::Tell => {}
                Purpose::ProbeUndo | Purpose::Undo | Purpose::ProbeUndone => {
                    teller.story.beside.push(line);
                }
                _ if at >= last_call => teller.story.beside.push(line),
                _ => teller.story.requests.push(line),
            }
        }
        let mut story = teller.story;
        story.deliveries.sort();
        story.beside.sort();
        story.fuel = self.fuel()?;
        Ok(story)
    }

    /// How much a machine computes that is told the answers of the journal.
    fn fuel(&self) -> Result<u64, String> {
        let run = &self.sim.engine().runs()[&RUN];
        let start = Start {
            run: RUN,
            started: run.began.wall,
            starter: STARTER.into(),
            settings: self.settings.clone(),
            fuel: rye_core::limit::RUN_FUEL_MAX,
            memory: rye_core::limit::RUN_MEMORY_BYTES_MAX,
        };
        let machine = Machine::start(Arc::clone(&self.program), 0, &self.input, start);
        let mut machine = machine.map_err(|error| error.to_string())?;
        let mut stack = Stack::new();
        machine.run(&mut stack);
        for turn in &run.turns {
            let answer = match turn {
                Turn::Answered { answer: Ok(value), .. } => Answer::Value(value.clone()),
                Turn::Answered { answer: Err(error), .. } => Answer::Error(error.clone()),
                Turn::Recover => Answer::Unwound,
                Turn::Unwind => Answer::Unwind,
            };
            machine.resume(answer, &mut stack);
        }
        Ok(machine.fuel_used())
    }
}

fn purpose(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::Ask => "ask",
        Purpose::ProbeBefore => "before",
        Purpose::Act => "act",
        Purpose::ProbeDoubt => "doubt",
        Purpose::ProbeVerify => "verify",
        Purpose::ProbeUndo => "undo look",
        Purpose::Undo => "undo",
        Purpose::ProbeUndone => "undo confirm",
        Purpose::Tell => "tell",
    }
}
