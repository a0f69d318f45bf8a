//! The loop around the engine: what happened goes in, what it wants is made
//! durable and then carried out.
//!
//! INVARIANT: a command that changes the world is carried out only after every
//! entry before it is durable; after an error of the journal none is.
//!
//! One thread owns everything; adapters have threads of their own and answer
//! through a channel. There is no timer thread: the loop waits for the next event,
//! at most until the engine or a call has something due.

mod belief;
mod dispatch;
mod inbox;
mod last_words;
mod open;
mod quiet;
mod start;
mod times;

use core::fmt;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};

use rye_core::adapter::Ending;
use rye_core::digest::Digest;
use rye_core::id::RunId;
use rye_core::value::Duration;
use rye_engine::command::{Purpose, Step, Ticket};
use rye_engine::engine::Engine;
use rye_engine::entry::{Body, Entry};
use rye_engine::stamp::Stamp;

use crate::clock::Clock;
use crate::config::Site;
use crate::loader::Loader;
use crate::protect::Watch;
use crate::store::{Store, StoreError, own};
use crate::summary::{self, RunSummary};
use crate::timeline::{self, Line};
use belief::Belief;
use dispatch::Dispatch;

pub use belief::BeliefError;
pub use open::{OpenError, Parts};
pub use start::{Ceiling, StartError, Started, Wanted};

/// Between two looks into the inbox.
const INBOX_PAUSE: Duration = Duration(200_000);

/// The loop never waits less, whatever is due: nothing can make it spin.
const PAUSE_MIN: Duration = Duration(5_000);

/// How long the loop looks for an answer before it sleeps, giving way to everybody else:
/// many a call takes less time than being woken.
const LOOKOUT: Duration = Duration(50);

/// How long a process that was told to stop waits for answers in flight.
const STOP_PATIENCE: Duration = Duration::from_secs(10);

/// How long notices are tried when all else is done.
const NOTICE_PATIENCE: Duration = Duration::from_secs(10);

/// What can happen.
#[derive(Debug)]
enum Event {
    /// An adapter answered.
    Answered {
        /// Which attempt.
        ticket: Ticket,
        /// Which call of an adapter it was.
        call: u64,
        /// How it ended.
        ending: Ending,
    },
    /// This process is to end.
    Stop,
    /// Time went by.
    Passed,
}

/// How another thread tells the loop to stop.
#[derive(Clone, Debug)]
pub struct Stopper(Sender<Event>);

impl Stopper {
    /// Takes no new effects any more, waits a little for answers, ends.
    pub fn stop(&self) {
        // If the loop is over already, there is nothing to stop.
        let _ = self.0.send(Event::Stop);
    }
}

/// What is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Until {
    /// This run is over or held.
    Run(RunId),
    /// All runs are over, held, or wait for a clock that is far off.
    All,
}

/// Why the loop ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rest {
    /// What was waited for came.
    Reached,
    /// Somebody stopped it.
    Stopped,
}

/// One store, being acted on.
pub struct Shell {
    engine: Engine,
    store: Store,
    loader: Loader,
    belief: Belief,
    site: Site,
    clock: Clock,
    watch: Watch,
    dispatch: Dispatch,
    events: Receiver<Event>,
    stopper: Stopper,
    observe: Box<dyn FnMut(Line)>,
    /// Messages that were heard and whose files are there still: the file, and what
    /// the message is known by.
    heard: BTreeMap<Digest, Digest>,
    /// Things in the inbox that were complained about.
    odd: BTreeSet<String>,
    looked: Option<Stamp>,
    /// The bundle that this process kept last, durably.
    kept: Option<Vec<u8>>,
    /// A run that was not quiet when it was looked at last.
    busy: Option<RunId>,
}

impl fmt::Debug for Shell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shell").field("store", &self.store).finish_non_exhaustive()
    }
}

impl Shell {
    /// How another thread tells this to stop.
    pub fn stopper(&self) -> Stopper {
        self.stopper.clone()
    }

    /// Goes on until what is waited for came; then tries notices for a while.
    ///
    /// # Errors
    /// When the journal fails: nothing was dispatched after that.
    pub fn run(&mut self, until: Until) -> Result<Rest, StoreError> {
        // What people said meanwhile comes first.
        self.looked = None;
        self.turn(Event::Passed)?;
        let mut reached: Option<Stamp> = None;
        loop {
            if self.is_reached(until) {
                let now = self.clock.now();
                let since = *reached.get_or_insert(now);
                if !self.has_notices(until) || now.has_passed(since, NOTICE_PATIENCE) {
                    return Ok(Rest::Reached);
                }
            }
            match self.wait() {
                Event::Stop => {
                    self.stop()?;
                    return Ok(Rest::Stopped);
                }
                event => self.turn(event)?,
            }
        }
    }

    /// Whether a key of the trust root is of this owner.
    pub fn is_owner(&self, owner: &str) -> bool {
        self.loader.trust().root().keys().any(|key| key.owner.as_str() == owner)
    }

    /// What became of all runs, the first that began first.
    pub fn summaries(&self) -> Vec<RunSummary> {
        summary::all(&self.engine, self.clock.now().wall)
    }

    /// What became of one run.
    pub fn summary(&self, run: RunId) -> Option<RunSummary> {
        summary::of(&self.engine, run, self.clock.now().wall)
    }

    /// Waits for the next event, at most until something is due.
    fn wait(&self) -> Event {
        let now = self.clock.now();
        while self.dispatch.is_under_way() && !self.clock.now().has_passed(now, LOOKOUT) {
            match self.events.try_recv() {
                Ok(event) => return event,
                Err(_) => std::thread::yield_now(),
            }
        }
        let due = [self.engine.next_wakeup(), self.dispatch.next_deadline(now)];
        let pause = due.into_iter().flatten().min().unwrap_or(INBOX_PAUSE);
        let pause = pause.clamp(PAUSE_MIN, INBOX_PAUSE);
        match self.events.recv_timeout(pause.to_std()) {
            Ok(event) => event,
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => Event::Passed,
        }
    }

    /// Takes in an event and all that wait behind it, and carries out what comes
    /// of them. All of it shares one flush.
    ///
    /// People are heard before any answer that lets something begin: once a halt is
    /// taken, nothing is dispatched any more.
    fn turn(&mut self, event: Event) -> Result<(), StoreError> {
        let now = self.clock.now();
        if self.watch.refresh(now) {
            self.engine.protect(self.watch.protected());
        }
        // Before any answer is taken: what it leads to is dispatched at once.
        let looks = self.looked.is_none_or(|looked| now.has_passed(looked, INBOX_PAUSE));
        if looks {
            self.look_at_trust(now)?;
        }
        self.recheck_trust(now);
        if looks || matches!(event, Event::Answered { .. }) {
            self.looked = Some(now);
            self.take_messages(now)?;
        }
        let mut next = Some(event);
        while let Some(event) = next {
            match event {
                Event::Answered { ticket, call, ending } => {
                    if self.dispatch.take(ticket, call) {
                        self.engine.complete(ticket, ending, now);
                    }
                }
                // It is the first thing that the next wait sees.
                Event::Stop => {
                    self.stopper.stop();
                    break;
                }
                Event::Passed => {}
            }
            next = self.events.try_recv().ok();
        }
        for ticket in self.dispatch.overdue(now) {
            let silence = Ending::Unknown("no answer in time".into());
            self.engine.complete(ticket, silence, now);
        }
        self.engine.tick(now);
        self.carry_out(now)
    }

    /// Makes durable what the engine wrote, and dispatches what it wants. Queries
    /// go out at once; what changes the world waits for the flush.
    fn carry_out(&mut self, now: Stamp) -> Result<(), StoreError> {
        let Step { entries, commands } = self.engine.take_step();
        let (later, at_once): (Vec<_>, Vec<_>) =
            commands.into_iter().partition(|command| command.durable_first);
        for command in at_once {
            self.dispatch.begin(command, now);
        }
        if later.len() == 1 {
            self.dispatch.rouse();
        }
        self.append(&entries)?;
        self.forget_messages();
        if entries.iter().any(|entry| matches!(entry.body, Body::Erasing { .. })) {
            self.erase(now)?;
        }
        for command in later {
            self.dispatch.begin(command, now);
        }
        Ok(())
    }

    /// Overwrites what people said is to be erased. What said so is durable: whatever
    /// interrupts this, the next process does it again.
    fn erase(&mut self, now: Stamp) -> Result<(), StoreError> {
        let unfinished = self.engine.erasures().unfinished();
        let unfinished: Vec<_> = unfinished.map(|(run, runs)| (run, runs.to_vec())).collect();
        for (run, runs) in unfinished {
            self.store.erase(&runs)?;
            self.engine.erased(run, now);
            let entries = self.engine.take_step().entries;
            self.append(&entries)?;
        }
        Ok(())
    }

    /// Writes down something of the store's own. The engine learns it as from the
    /// journal, and tells operators of it when it is called next.
    fn note(&mut self, body: Body, now: Stamp) -> Result<(), StoreError> {
        let entry = own(now, body);
        self.engine.apply(&entry);
        self.append(&[entry])
    }

    fn append(&mut self, entries: &[Entry]) -> Result<(), StoreError> {
        if !entries.is_empty() {
            if let Err(error) = self.store.append(entries) {
                self.last_words(&error);
                return Err(error);
            }
            for entry in entries {
                timeline::line(&self.engine, entry).into_iter().for_each(&mut self.observe);
            }
        }
        Ok(())
    }

    /// Takes no new effect. Waits for answers in flight and writes them down, up to
    /// the first entry that announces another dispatch: what is not dispatched must
    /// not be announced, or it would be in doubt.
    fn stop(&mut self) -> Result<(), StoreError> {
        let began = self.clock.now();
        self.dispatch.close();
        while self.dispatch.awaits_answers() {
            let now = self.clock.now();
            if now.has_passed(began, STOP_PATIENCE) {
                break;
            }
            match self.events.recv_timeout(INBOX_PAUSE.to_std()) {
                Ok(Event::Answered { ticket, call, ending }) => {
                    if self.dispatch.take(ticket, call) {
                        self.engine.complete(ticket, ending, now);
                        let mut entries = self.engine.take_step().entries;
                        let announced = entries.iter().position(announces);
                        entries.truncate(announced.unwrap_or(entries.len()));
                        self.append(&entries)?;
                    }
                }
                // Told twice, it doesn't wait.
                Ok(Event::Stop) => break,
                Ok(Event::Passed) | Err(_) => {}
            }
        }
        Ok(())
    }
}

/// Whether an entry says that something is about to be dispatched.
fn announces(entry: &Entry) -> bool {
    matches!(entry.body, Body::Intent { .. } | Body::Attempted { .. } | Body::UndoIntent { .. })
}

/// Whether the answer of a call is worth waiting for at the end: what informs
/// people is repeated anyway.
fn is_awaited(purpose: Purpose) -> bool {
    purpose != Purpose::Tell
}

#[cfg(test)]
mod tests;
