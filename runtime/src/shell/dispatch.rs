//! Calls of adapters: each on a thread that does nothing else meanwhile, waited for only
//! so long, its answer within limits. An adapter that hangs, fails or talks too much harms
//! nobody but its own call.

mod workers;

use std::collections::{BTreeMap, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};

use rye_core::adapter::{Adapter, Ending, Request};
use rye_core::canonical;
use rye_core::error::{Error, ErrorKind};
use rye_core::limit::{
    ADAPTER_TEXT_BYTES_MAX, ANSWER_BYTES_MAX, CALLS_IN_FLIGHT_MAX, VALUE_DEPTH_MAX,
};
use rye_core::value::{Duration, Value};
use rye_core::wire::Writer;
use rye_engine::command::{Command, Purpose, Ticket};
use rye_engine::stamp::Stamp;

use super::times::Times;
use super::{Event, is_awaited};
use crate::adapters::Adapters;
use workers::Workers;

/// How much longer than its time-out a call is waited for: an adapter that keeps
/// its time-outs knows more about how the attempt ended than nobody.
const GRACE: Duration = Duration::from_secs(2);

/// The calls of adapters.
#[derive(Debug)]
pub(super) struct Dispatch {
    adapters: Adapters,
    times: Times,
    workers: Workers,
    answers: Sender<Event>,
    /// Calls that are waited for: which call it is, and until when.
    under_way: BTreeMap<Ticket, (u64, Stamp, Duration)>,
    /// Commands for which there is no thread yet.
    waiting: VecDeque<Command>,
    /// Threads that have not answered, waited for or not.
    threads: usize,
    calls: u64,
    closed: bool,
}

impl Dispatch {
    pub(super) fn new(adapters: Adapters, times: Times, answers: Sender<Event>) -> Self {
        Self {
            adapters,
            times,
            workers: Workers::default(),
            answers,
            under_way: BTreeMap::new(),
            waiting: VecDeque::new(),
            threads: 0,
            calls: 0,
            closed: false,
        }
    }

    /// Lets an adapter carry out `command`.
    pub(super) fn begin(&mut self, command: Command, now: Stamp) {
        if self.closed {
            return;
        }
        if self.threads >= CALLS_IN_FLIGHT_MAX {
            self.waiting.push_back(command);
            return;
        }
        let Command { ticket, request, .. } = command;
        self.calls = self.calls.saturating_add(1);
        let call = self.calls;
        let patience = Duration(request.timeout.0.saturating_add(GRACE.0));
        self.under_way.insert(ticket, (call, now, patience));
        tracing::debug!(
            run = %ticket.run,
            effect = %ticket.effect,
            attempt = ticket.attempt,
            verb = %request.call.action,
            "dispatch"
        );
        self.threads = self.threads.saturating_add(1);
        let told = self.answers.clone();
        let answer = move |ending| {
            // Nobody listens only when the process is about to end.
            let _ = told.send(Event::Answered { ticket, call, ending });
        };
        if let Some(ending) = self.times.answer(&request.call, now.wall) {
            return answer(ending);
        }
        let Some(adapter) = self.adapters.of(&request.call.action) else {
            return answer(Ending::NotSent("no adapter is bound for this verb".into()));
        };
        let purpose = ticket.purpose;
        let work = {
            let answer = answer.clone();
            move || answer(bounded(purpose, invoke(&adapter, &request)))
        };
        if self.workers.begin(work).is_err() {
            answer(Ending::NotSent("there is no thread for the call".into()));
        }
    }

    /// A call is about to begin: what it needs of this process is to be awake by then.
    pub(super) fn rouse(&self) {
        self.workers.rouse();
    }

    /// Whether an answer may come at any moment.
    pub(super) fn is_under_way(&self) -> bool {
        !self.under_way.is_empty()
    }

    /// What comes of one attempt that nothing of the engine waits for.
    pub(super) fn attempt_once(&self, request: Request) -> Ending {
        let Some(adapter) = self.adapters.of(&request.call.action) else {
            return Ending::NotSent("no adapter is bound for this verb".into());
        };
        let (told, answer) = channel();
        let patience = Duration(request.timeout.0.saturating_add(GRACE.0));
        let work = move || {
            // Nobody listens if the answer took too long.
            let _ = told.send(bounded(Purpose::Tell, invoke(&adapter, &request)));
        };
        if self.workers.begin(work).is_err() {
            return Ending::NotSent("there is no thread for the call".into());
        }
        let answer = answer.recv_timeout(patience.to_std());
        answer.unwrap_or_else(|_| Ending::Unknown("no answer in time".into()))
    }

    /// Takes note that a call has answered; whether anybody waits for it still.
    pub(super) fn take(&mut self, ticket: Ticket, call: u64) -> bool {
        self.threads = self.threads.saturating_sub(1);
        tracing::debug!(run = %ticket.run, effect = %ticket.effect, "answer");
        let awaited = self.under_way.get(&ticket).is_some_and(|(awaited, ..)| *awaited == call);
        if awaited {
            self.under_way.remove(&ticket);
        } else {
            tracing::warn!(run = %ticket.run, effect = %ticket.effect, "an answer came too late");
        }
        awaited
    }

    /// Gives up the calls that have not answered in time.
    pub(super) fn overdue(&mut self, now: Stamp) -> Vec<Ticket> {
        while self.threads < CALLS_IN_FLIGHT_MAX
            && let Some(command) = self.waiting.pop_front()
        {
            self.begin(command, now);
        }
        let late =
            |(_, began, patience): &(u64, Stamp, Duration)| now.has_passed(*began, *patience);
        let overdue: Vec<Ticket> = self
            .under_way
            .iter()
            .filter(|(_, call)| late(call))
            .map(|(ticket, _)| *ticket)
            .collect();
        for ticket in &overdue {
            tracing::warn!(run = %ticket.run, effect = %ticket.effect, "no answer in time");
            self.under_way.remove(ticket);
        }
        overdue
    }

    /// After how long the next call is given up.
    pub(super) fn next_deadline(&self, now: Stamp) -> Option<Duration> {
        let left = |(_, began, patience): &(u64, Stamp, Duration)| {
            Duration(patience.0.saturating_sub(now.since(*began).0))
        };
        self.under_way.values().map(left).min()
    }

    /// Calls that are waited for, or wait for a thread.
    pub(super) fn tickets(&self) -> impl Iterator<Item = &Ticket> {
        self.under_way.keys().chain(self.waiting.iter().map(|command| &command.ticket))
    }

    /// Begins nothing any more.
    pub(super) fn close(&mut self) {
        self.closed = true;
        self.waiting.clear();
    }

    /// Whether an answer is worth waiting for.
    pub(super) fn awaits_answers(&self) -> bool {
        self.under_way.keys().any(|ticket| is_awaited(ticket.purpose))
    }
}

/// What the adapter answers, whatever it does.
fn invoke(adapter: &Arc<dyn Adapter>, request: &Request) -> Ending {
    // What it was in the middle of is its own; nothing of ours is left half done.
    let invoked = catch_unwind(AssertUnwindSafe(|| adapter.invoke(request)));
    invoked.unwrap_or_else(|_| Ending::Unknown("the adapter failed".into()))
}

/// The ending with its value and its texts within limits.
fn bounded(purpose: Purpose, ending: Ending) -> Ending {
    match ending {
        Ending::Done(value) if is_too_large(&value) => too_large(purpose, Ending::Done),
        Ending::AlreadySo(value) if is_too_large(&value) => too_large(purpose, Ending::AlreadySo),
        Ending::Refused { error, perhaps } => {
            let error = Error::new(error.kind, cut(&error.text));
            Ending::Refused { error, perhaps }
        }
        Ending::NotSent(text) => Ending::NotSent(cut(&text).into()),
        Ending::Unknown(text) => Ending::Unknown(cut(&text).into()),
        ending @ (Ending::Done(_) | Ending::AlreadySo(_)) => ending,
    }
}

/// An answer that nobody can use: a query has failed; an act was done, and what it
/// answered is lost; of undos and notices the answer is not used at all.
fn too_large(purpose: Purpose, done: impl FnOnce(Value) -> Ending) -> Ending {
    match purpose {
        Purpose::Undo | Purpose::Tell => done(Value::None),
        Purpose::Ask
        | Purpose::ProbeBefore
        | Purpose::Act
        | Purpose::ProbeDoubt
        | Purpose::ProbeVerify
        | Purpose::ProbeUndo
        | Purpose::ProbeUndone => {
            let text = format!("the answer has more than {ANSWER_BYTES_MAX} bytes");
            let error = Error::new(ErrorKind::Rejected, text);
            Ending::Refused { error, perhaps: purpose == Purpose::Act }
        }
    }
}

fn is_too_large(value: &Value) -> bool {
    if value.depth() > VALUE_DEPTH_MAX {
        return true;
    }
    let mut writer = Writer::new();
    canonical::write(&mut writer, value);
    writer.into_bytes().len() > ANSWER_BYTES_MAX
}

fn cut(text: &str) -> &str {
    text.get(..text.floor_char_boundary(ADAPTER_TEXT_BYTES_MAX)).unwrap_or(text)
}
