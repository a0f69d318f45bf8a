//! The second interpreter: walks a typed tree and says what a run does.
//!
//! It is the simplest statement of what the language means (`docs/reference/language.md`
//! in words), and shares nothing with code generation, machine and engine: it has its own
//! values in its own locals, its own frames, its own retries, doubts and undos, and counts
//! fuel by itself. Speed is no aim, beyond that of a walk.

mod act;
mod clock;
mod collection;
mod compute;
mod frame;
mod fuel;
mod guard;
mod holding;
mod operator;
mod question;
mod raise;
mod release;
mod statement;
mod text;
mod undo;

use std::collections::{BTreeMap, BTreeSet};

use rye_compiler::hir::{self, FunctionId, LocalId, Package, SettingId};
use rye_core::adapter::{Ending, Request};
use rye_core::effect::{Act, Call, Position};
use rye_core::error::Error;
use rye_core::id::{EffectId, IdempotencyKey, RunId};
use rye_core::mode::Mode;
use rye_core::value::{Duration, Name, Time, Value};

use crate::counters::Counters;
use crate::people::People;
use crate::story::{self, Story};
use crate::world::World;
use frame::Frames;
use holding::Holdings;
use statement::Way;

/// Who starts every run.
pub const STARTER: &str = "tester";

/// What the site says to the run.
#[derive(Clone, Debug)]
pub struct Site {
    /// Assets that nothing may touch, each with the reason.
    pub protected: Vec<(Value, Name)>,
    /// One value per setting, in their order.
    pub settings: Vec<Value>,
    /// How long an undo that finds nobody is tried.
    pub undo_patience: Duration,
    /// How real the run is.
    pub mode: Mode,
}

/// How long every call of an adapter takes in this world.
pub const LATENCY: Duration = Duration(1_000);

/// One run.
#[derive(Debug)]
pub struct Interpreter<'p, 'w> {
    package: &'p Package,
    playbook: &'p hir::Playbook,
    site: &'w Site,
    world: &'w mut World,
    people: People,
    run: RunId,
    started: Time,
    now: Time,
    fuel: u64,
    frames: Frames,
    /// How deep in pure functions and conditions: there, an error only goes up.
    pure: usize,
    holdings: Holdings,
    /// In a dry mode: what was not really done, and counts as if it were.
    simulated: Vec<(Position, Act)>,
    /// The assets that were touched, by kind: what limits count.
    touched: BTreeMap<Name, BTreeSet<Value>>,
    /// How often a person was asked about a run that is held.
    holds: usize,
    over: bool,
    /// Whether something happens beside the run: a life ends.
    beside: bool,
    story: Story,
    counters: &'w mut Counters,
}

/// Why evaluating stops.
#[derive(Debug)]
enum Stop {
    /// An error that was not raised yet.
    Error(Error),
    /// In a condition: a query failed, so it doesn't hold.
    Unanswered,
    /// The attempt in the frame of this number recovers the error.
    Recover(usize, Error),
    /// The run is over.
    Over,
}

/// The values that have names in a body.
#[derive(Debug)]
struct Locals(Vec<Value>);

impl Locals {
    fn new(body: &hir::Body, arguments: Vec<Value>) -> Self {
        let mut values = arguments;
        values.resize(body.locals.len(), Value::None);
        Self(values)
    }

    fn get(&self, local: LocalId) -> Value {
        self.0.get(local.index()).cloned().unwrap_or(Value::None)
    }

    fn set(&mut self, local: LocalId, value: Value) {
        if let Some(place) = self.0.get_mut(local.index()) {
            *place = value;
        }
    }
}

impl<'p, 'w> Interpreter<'p, 'w> {
    /// A run of a package's first playbook that begins at `now`.
    ///
    /// # Panics
    /// Never: a package without a playbook gives nothing.
    pub fn new(
        package: &'p Package,
        site: &'w Site,
        world: &'w mut World,
        people: People,
        (run, now): (RunId, Time),
        counters: &'w mut Counters,
    ) -> Option<Self> {
        let playbook = package.playbooks.first()?;
        Some(Self {
            package,
            playbook,
            site,
            world,
            people,
            run,
            started: now,
            now,
            fuel: 0,
            frames: Frames::new(playbook.on_failure),
            pure: 0,
            holdings: Holdings::default(),
            simulated: Vec::new(),
            touched: BTreeMap::new(),
            holds: 0,
            over: false,
            beside: false,
            story: Story::default(),
            counters,
        })
    }

    /// Runs to the end, and what comes after it.
    pub fn run(mut self, input: Vec<Value>) -> Story {
        let playbook = self.playbook;
        let mut locals = Locals::new(&playbook.body, input);
        match self.block(&mut locals, &playbook.body.block) {
            Ok(_) => {
                self.pay(1);
                self.end("finished", "");
            }
            // Whatever stopped it has said how it ended.
            Err(_) => debug_assert!(self.over, "an error that nobody raised"),
        }
        self.aftermath();
        self.story.deliveries.sort();
        self.story.fuel = self.fuel;
        self.story
    }

    /// The value of a call of a function; an error in it is its caller's.
    fn call(&mut self, function: FunctionId, arguments: Vec<Value>) -> Result<Value, Stop> {
        let Some(function) = self.function(function) else { return Ok(Value::None) };
        let mut locals = Locals::new(&function.body, arguments);
        self.pure += 1;
        let way = self.block(&mut locals, &function.body.block);
        self.pure -= 1;
        match way {
            Ok(Way::Return(value)) => Ok(value),
            Ok(Way::On | Way::Give(_)) => Ok(Value::None),
            Err(stop) => Err(stop),
        }
    }

    fn function(&self, function: FunctionId) -> Option<&'p hir::Function> {
        self.package.functions.get(usize::try_from(function.0).ok()?)
    }

    fn setting(&self, setting: SettingId) -> Value {
        let at = usize::try_from(setting.0).unwrap_or(usize::MAX);
        self.site.settings.get(at).cloned().unwrap_or(Value::None)
    }

    fn tell_story(&mut self, line: String) {
        self.story.events.push(line);
    }

    /// Whether nothing is really done.
    fn is_dry(&self) -> bool {
        self.site.mode != Mode::Enforce
    }

    /// The run is over.
    fn end(&mut self, outcome: &'static str, text: &str) {
        self.over = true;
        self.reach(match outcome {
            "finished" => "end finished",
            "contained" => "end contained",
            "escalated" => "end escalated",
            "benign" => "end benign",
            "rolled_back" => "end rolled_back",
            "cancelled" => "end cancelled",
            _ => "end stuck",
        });
        self.tell_story(story::ended(outcome, text));
    }

    /// A construct, or what became of something, was reached.
    fn reach(&mut self, name: &'static str) {
        self.counters.reach(name);
    }

    /// Time passes in which the run does something. Who ends a life then and who does that
    /// are two, and nobody says which is first.
    fn pass(&mut self, span: Duration) {
        self.now = self.now.saturating_add(span);
        if !self.over && !self.beside && self.next_end().is_some_and(|(end, ..)| end <= self.now) {
            self.compare_no_more();
        }
    }

    fn compare_no_more(&mut self) {
        self.reach("only chance says what is first");
        self.story.unsure.get_or_insert(self.story.events.len());
    }

    /// Time passes in which nothing happens to the run but that lives end.
    fn linger(&mut self, span: Duration) {
        let until = self.now.saturating_add(span);
        while let Some((end, _, at)) = self.next_end().filter(|(end, ..)| *end <= until) {
            self.reach("a life ends on the way");
            self.now = self.now.max(end);
            self.beside = true;
            self.end_life(end, &at);
            self.beside = false;
        }
        if self.now > until {
            self.compare_no_more();
        }
        self.now = self.now.max(until);
    }

    /// The place of the next effect, unless the run's time is over: then a person ends it.
    fn next_effect(&mut self) -> Result<Position, Stop> {
        self.in_time()?;
        Ok(self.frames.next_effect())
    }

    /// When the deadline has passed nothing more begins.
    fn in_time(&mut self) -> Result<(), Stop> {
        let deadline = self.duration_of(self.playbook.deadline);
        if self.now.saturating_since(self.started) < deadline {
            return Ok(());
        }
        self.reach("the deadline passes");
        self.tell_story(story::held("Deadline"));
        let word = self.word(false, false);
        Err(self.end_by_person(word))
    }

    fn effect(&self, at: &Position) -> EffectId {
        at.effect_id(self.run)
    }

    /// Hands a call about the effect at `at` to the world.
    fn request(
        &mut self,
        purpose: &str,
        at: &Position,
        call: &Call,
        (attempt, timeout): (u8, Duration),
    ) -> Ending {
        let key = IdempotencyKey::of_act(self.run, self.effect(at));
        let request =
            Request { call: call.clone(), key, undoes: None, run: self.run, attempt, timeout };
        self.hand(purpose, &request)
    }

    fn hand(&mut self, purpose: &str, request: &Request) -> Ending {
        for (_, value) in request.call.arguments.iter() {
            match value {
                Value::Port(_) => self.reach("port handed on"),
                Value::Secret(_) => self.reach("secret handed on"),
                Value::Record { name, .. } if **name == *"Packet" => self.reach("bytes handed on"),
                _ => {}
            }
        }
        let ending = self.world.answer(request);
        let line = story::request(purpose, request, &ending);
        if self.over || purpose.starts_with("undo") {
            self.story.beside.push(line);
        } else if purpose != "tell" {
            self.story.requests.push(line);
        }
        self.pass(LATENCY);
        ending
    }
}
