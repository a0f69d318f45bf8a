//! The simulated site: a shell around the engine with a journal in memory, a
//! clock that jumps, a world that is a function, and deaths at will.
//!
//! It keeps every promise of the real shell: entries are durable before a
//! command that needs it, answers come back by ticket, and after a death there
//! is nothing but the journal. Entries go through their byte form each time.

use std::collections::BTreeMap;
use std::sync::Arc;

use rye_core::adapter::{Ending, Request};
use rye_core::digest::Digest;
use rye_core::id::RunId;
use rye_core::value::{Duration, Time};
use rye_vm::Program;

use crate::command::{Command, Purpose, Step};
use crate::engine::{Beginning, Budget, Engine, Message, Site, StartError, WaitsFor};
use crate::entry::{Body, Draft, Entry};
use crate::stamp::Stamp;

/// The world: carries out requests, and remembers what it likes.
pub trait World {
    /// Carries out one request.
    fn invoke(&mut self, request: &Request) -> Ending;

    /// What somebody does who sees an entry once it is durable, if anything.
    fn see(&mut self, _entry: &Body) -> Option<Interruption> {
        None
    }
}

impl<F: FnMut(&Request) -> Ending> World for F {
    fn invoke(&mut self, request: &Request) -> Ending {
        self(request)
    }
}

/// A place at which the process can die.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Point {
    /// Entries are about to be made durable.
    BeforeFlush,
    /// Entries are durable, and nobody knows yet.
    AfterFlush,
    /// An adapter is about to be called.
    BeforeCall,
    /// An adapter did what it was called for, and nobody knows yet.
    AfterCall,
}

/// Something that happens in the middle of everything else.
#[derive(Clone, Debug)]
pub enum Interruption {
    /// A person says something. What makes no sense is refused.
    Say(Box<Message>),
    /// Time passes.
    Pass(Duration),
}

/// A request that an adapter was handed, and how that ended.
#[derive(Clone, Debug)]
pub struct Dispatch {
    /// What for.
    pub purpose: Purpose,
    /// What the adapter was handed.
    pub request: Request,
    /// How it ended, whether or not anybody lived to hear it.
    pub ending: Ending,
    /// How many entries were durable when it began.
    pub durable: usize,
}

/// A simulated site.
#[derive(Debug)]
pub struct Sim<W> {
    site: Site,
    programs: BTreeMap<Digest, Arc<Program>>,
    budget: Budget,
    journal: Vec<(Stamp, RunId, Draft)>,
    engine: Engine,
    /// The world.
    pub world: W,
    now: Stamp,
    points: Vec<Point>,
    dispatches: Vec<Dispatch>,
    deaths: Vec<usize>,
    interruptions: Vec<(usize, Interruption)>,
    /// Messages that the journal may not have yet.
    inbox: Vec<Message>,
    passed: usize,
    /// How long nobody is there after a death.
    pub downtime: Duration,
}

/// The process died.
struct Died;

impl<W: World> Sim<W> {
    /// A site with an empty journal, at a fixed time.
    pub fn new(site: Site, world: W) -> Self {
        let now = Stamp { wall: Time(1_767_225_600_000_000), ..Stamp::default() };
        Self {
            engine: Engine::new(site.clone()),
            site,
            programs: BTreeMap::new(),
            budget: Budget::MOST,
            journal: Vec::new(),
            world,
            now,
            points: Vec::new(),
            dispatches: Vec::new(),
            deaths: Vec::new(),
            interruptions: Vec::new(),
            inbox: Vec::new(),
            passed: 0,
            downtime: Duration::from_secs(1),
        }
    }

    /// It is that time now, before anything has happened.
    pub fn set_clock(&mut self, wall: Time) {
        self.now.wall = wall;
    }

    /// Makes a bundle's program available.
    pub fn add_program(&mut self, bundle: Digest, program: Arc<Program>) {
        self.programs.insert(bundle, program.clone());
        self.engine.add_program(bundle, program, self.budget);
    }

    /// Each run may spend so much, before any has begun.
    pub fn set_budget(&mut self, budget: Budget) {
        self.budget = budget;
        for (bundle, program) in &self.programs {
            self.engine.add_program(*bundle, program.clone(), budget);
        }
    }

    /// The process dies at these points, counted from now on.
    pub fn die_at(&mut self, deaths: impl IntoIterator<Item = usize>) {
        self.deaths = deaths.into_iter().map(|at| at.saturating_add(self.passed)).collect();
    }

    /// This happens at that point, counted from now on.
    pub fn interrupt_at(&mut self, at: usize, interruption: Interruption) {
        self.interruptions.push((at.saturating_add(self.passed), interruption));
    }

    /// The points that were passed so far.
    pub fn points(&self) -> &[Point] {
        &self.points
    }

    /// What adapters were handed so far, in order.
    pub fn dispatches(&self) -> &[Dispatch] {
        &self.dispatches
    }

    /// What the journal says.
    pub fn entries(&self) -> Vec<Entry> {
        let decode = |(at, run, draft): &(Stamp, RunId, Draft)| {
            Body::decode(draft).ok().map(|body| Entry { at: *at, run: *run, body })
        };
        self.journal.iter().filter_map(decode).collect()
    }

    /// The engine.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Begins a run and goes on until everything waits for a person or is over.
    ///
    /// # Errors
    /// As [`Engine::start`].
    pub fn start(&mut self, beginning: &Beginning) -> Result<(), StartError> {
        self.engine.start(beginning, self.now)?;
        while self.settle().is_err() {
            self.recover();
            // The caller was not answered, so it says it again; the id makes it one run.
            self.engine.start(beginning, self.now)?;
        }
        self.rest();
        Ok(())
    }

    /// A person says something; then as [`Sim::start`].
    ///
    /// # Errors
    /// As [`Engine::say`].
    pub fn say(&mut self, message: &Message) -> Result<(), String> {
        self.engine.say(message, self.now)?;
        // The message lies in the inbox until the journal has it.
        while self.settle().is_err() {
            self.recover();
            self.engine.say(message, self.now)?;
        }
        self.rest();
        Ok(())
    }

    /// Trust says something; then as [`Sim::start`].
    pub fn judge(&mut self, judgement: impl Fn(&mut Engine, Stamp)) {
        judgement(&mut self.engine, self.now);
        self.engine.tick(self.now);
        while self.settle().is_err() {
            self.recover();
            judgement(&mut self.engine, self.now);
            self.engine.tick(self.now);
        }
        self.rest();
    }

    /// Time passes; then as [`Sim::start`].
    pub fn pass(&mut self, span: Duration) {
        self.forward(span);
        self.engine.tick(self.now);
        self.rest();
    }

    /// Goes on, dying where that was asked for, until nothing happens by itself
    /// before the end of the next life.
    pub fn rest(&mut self) {
        let mut passed = None;
        loop {
            if self.settle().is_err() {
                self.recover();
                continue;
            }
            let waiting = |run: &RunId| match self.engine.waits_for(*run) {
                Some(WaitsFor::Clock(rest)) => Some(rest),
                _ => None,
            };
            let ids: Vec<RunId> = self.engine.runs().keys().copied().collect();
            let clock = ids.iter().filter_map(waiting).min();
            let notices = self.engine.next_notice();
            let Some(pause) = [clock, notices].into_iter().flatten().min() else { return };
            // What is due before that, such as the end of a life, happens at its own time.
            let wakeup = self.engine.next_wakeup().unwrap_or(pause);
            let is_new = passed.replace(self.passed) != Some(self.passed);
            debug_assert!(is_new || wakeup > Duration::ZERO, "the engine is woken for nothing");
            self.forward(pause.min(wakeup));
            self.engine.tick(self.now);
        }
    }

    fn forward(&mut self, span: Duration) {
        self.now.wall = self.now.wall.saturating_add(span);
        self.now.monotonic = Duration(self.now.monotonic.0.saturating_add(span.0));
    }

    /// Carries out what the engine wants until it wants nothing.
    fn settle(&mut self) -> Result<(), Died> {
        loop {
            let Step { entries, commands } = self.engine.take_step();
            if entries.is_empty() && commands.is_empty() {
                return Ok(());
            }
            if !entries.is_empty() {
                self.point(Point::BeforeFlush)?;
                let drafts = entries.iter().map(|entry| (entry.at, entry.run, entry.body.encode()));
                self.journal.extend(drafts);
                for entry in &entries {
                    if let Some(interruption) = self.world.see(&entry.body) {
                        self.interrupt(interruption);
                    }
                }
                self.point(Point::AfterFlush)?;
            }
            for Command { ticket, request, .. } in commands {
                self.point(Point::BeforeCall)?;
                let ending = self.world.invoke(&request);
                self.dispatches.push(Dispatch {
                    purpose: ticket.purpose,
                    request,
                    ending: ending.clone(),
                    durable: self.journal.len(),
                });
                self.point(Point::AfterCall)?;
                self.forward(Duration(1_000));
                self.engine.complete(ticket, ending, self.now);
            }
        }
    }

    fn point(&mut self, point: Point) -> Result<(), Died> {
        self.points.push(point);
        let at = self.passed;
        self.passed = at.saturating_add(1);
        for (_, interruption) in
            self.interruptions.extract_if(.., |(when, _)| *when == at).collect::<Vec<_>>()
        {
            self.interrupt(interruption);
        }
        if self.deaths.contains(&at) { Err(Died) } else { Ok(()) }
    }

    fn interrupt(&mut self, interruption: Interruption) {
        match interruption {
            Interruption::Say(message) => {
                if self.engine.say(&message, self.now).is_ok() {
                    self.inbox.push(*message);
                }
            }
            Interruption::Pass(span) => {
                self.forward(span);
                self.engine.tick(self.now);
            }
        }
    }

    /// A new process over the same journal.
    fn recover(&mut self) {
        self.engine = Engine::new(self.site.clone());
        for (bundle, program) in &self.programs {
            self.engine.add_program(*bundle, program.clone(), self.budget);
        }
        for entry in self.entries() {
            self.engine.apply(&entry);
        }
        self.forward(self.downtime);
        // What people said comes first, and what the journal has is said once.
        for message in core::mem::take(&mut self.inbox) {
            self.interrupt(Interruption::Say(Box::new(message)));
        }
        self.engine.tick(self.now);
    }
}

#[cfg(test)]
mod tests;
