//! What the committer, the index's thread and those who look up share: how far
//! the segments are, the groups that the index does not have yet, the questions.
//!
//! The committer never waits here. When the groups in memory become too many,
//! they are no longer collected; the index's thread then reads the segments
//! until it is level again, and look-ups do so too.

use std::collections::VecDeque;
use std::io;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rye_core::id::{JournalId, RunId};
use rye_core::limit::GROUP_BYTES_MAX;

use super::content::{Last, Page};
use super::keeper::set_aside;
use super::{IndexEvent, Keeping};
use crate::stored::{Framed, OwnedEntry, entries};

/// A committed group.
#[derive(Clone, Debug)]
pub(super) struct Group {
    first_seq: u64,
    next_seq: u64,
    frames: Arc<[u8]>,
}

impl Group {
    /// Its entries with their numbers.
    pub(super) fn entries(&self) -> impl Iterator<Item = (u64, Framed<'_>)> {
        (self.first_seq..).zip(entries(&self.frames))
    }

    pub(super) fn next_seq(&self) -> u64 {
        self.next_seq
    }
}

/// What is asked of an index.
#[derive(Clone, Copy, Debug)]
pub(super) enum Question {
    Get(u64),
    Run { run: RunId, from: u64 },
}

/// What an index answers.
#[derive(Debug)]
pub(super) enum Answer {
    Entry(Option<OwnedEntry>),
    Page(Page),
}

/// A question, and where its answer goes.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) question: Question,
    pub(super) answer: Sender<Answer>,
}

/// What the index's thread does next.
#[derive(Debug)]
pub(super) enum Work {
    /// Answers, from the table and the groups that come behind it.
    Answer(Asked, Vec<Group>),
    /// Adds groups to the table.
    Add(Vec<Group>),
    /// Becomes level again by reading the segments.
    CatchUp,
    /// Something else is wanted of it.
    Interrupted,
}

/// Told whether nothing is left of what an index held.
pub(super) type Removed = Sender<io::Result<()>>;

/// How long groups are gathered before they are added. To wake the thread for each
/// would cost the committer more than handing it over does.
const GATHERING: Duration = Duration::from_millis(5);

/// What an index ends with; nothing when it is empty.
#[derive(Clone, Copy, Debug)]
pub(super) struct Opened(pub(super) Option<Last>);

/// The meeting place.
pub(super) struct Shared {
    state: Mutex<State>,
    changed: Condvar,
    pub(super) keeping: Keeping,
}

/// How far table and tail are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Level {
    /// Entries are missing, and what is committed is not collected.
    #[default]
    Behind,
    /// What is committed is collected; the table does not have all that is before.
    Collecting,
    /// Together they hold every entry.
    Ready,
}

#[derive(Debug, Default)]
struct State {
    opened: Option<Opened>,
    /// The journal that the segments are of, once they have been walked.
    journal: Option<JournalId>,
    /// How many entries are durable.
    durable: u64,
    level: Level,
    /// Groups behind the table, in order and without a gap.
    tail: VecDeque<Group>,
    tail_bytes: usize,
    /// When the first of them came.
    tail_since: Option<Instant>,
    questions: VecDeque<Asked>,
    rebuild: Option<Removed>,
    /// When the thread began what it is at, unless it waits for something to do.
    busy_since: Option<Instant>,
    stop: bool,
    /// Whether the thread was given up.
    hung: bool,
    ended: bool,
    /// How many questions were taken to be answered.
    #[cfg(test)]
    answered: u64,
}

impl State {
    fn is_interrupted(&self) -> bool {
        self.stop || self.rebuild.is_some()
    }

    fn fall_behind(&mut self) {
        self.level = Level::Behind;
        self.tail.clear();
        (self.tail_bytes, self.tail_since) = (0, None);
        self.questions.clear();
    }

    fn work(&mut self) -> Option<Work> {
        if self.is_interrupted() {
            return Some(Work::Interrupted);
        }
        if let Some(asked) = self.questions.pop_front() {
            #[cfg(test)]
            {
                self.answered += 1;
            }
            return Some(Work::Answer(asked, self.tail.iter().cloned().collect()));
        }
        if self.gathering().is_some_and(|rest| rest.is_zero()) {
            return Some(Work::Add(self.first_groups()));
        }
        (self.level == Level::Behind && self.tail.is_empty()).then_some(Work::CatchUp)
    }

    /// How much longer the groups that wait are gathered, if any do.
    fn gathering(&self) -> Option<Duration> {
        let enough = self.tail_bytes >= GROUP_BYTES_MAX || self.level == Level::Behind;
        let rest = |since: Instant| GATHERING.saturating_sub(since.elapsed());
        self.tail_since.map(|since| if enough { Duration::ZERO } else { rest(since) })
    }

    /// As many of the groups that wait as are added at once.
    fn first_groups(&self) -> Vec<Group> {
        let mut bytes = 0_usize;
        let together = self.tail.iter().take_while(|group| {
            let before = bytes;
            bytes = bytes.saturating_add(group.frames.len());
            before == 0 || bytes <= GROUP_BYTES_MAX
        });
        together.cloned().collect()
    }
}

impl Shared {
    pub(super) fn new(keeping: Keeping) -> Self {
        Self { state: Mutex::default(), changed: Condvar::new(), keeping }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing in here panics while it holds the lock; if it did, the state is
        // still whole after every statement.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until `done` gives something, at most as long as patience lasts.
    fn wait<T>(&self, mut done: impl FnMut(&mut State) -> Option<T>) -> Option<T> {
        let mut found = None;
        let patience = self.keeping.patience;
        let waited = self.changed.wait_timeout_while(self.state(), patience, |state| {
            found = done(state);
            found.is_none()
        });
        drop(waited);
        found
    }

    /// Waits until `done` gives something to do.
    fn wait_for_work<T>(&self, mut done: impl FnMut(&mut State) -> Option<T>) -> T {
        let mut state = self.state();
        loop {
            if let Some(found) = done(&mut state) {
                state.busy_since = Some(Instant::now());
                return found;
            }
            state.busy_since = None;
            state = match state.gathering() {
                None => self.changed.wait(state).unwrap_or_else(PoisonError::into_inner),
                Some(rest) => {
                    let waited = self.changed.wait_timeout(state, rest);
                    waited.unwrap_or_else(PoisonError::into_inner).0
                }
            };
        }
    }

    fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let changed = change(&mut self.state());
        self.changed.notify_all();
        changed
    }

    pub(super) fn report(&self, event: &IndexEvent) {
        (self.keeping.report)(event);
    }

    /// Moves the index out of the way, in place of what was moved there before, and
    /// says so.
    pub(super) fn set_aside(&self, why: &str) -> Result<(), String> {
        let to = set_aside(&self.keeping.folder).map_err(|error| format!("{why}; and {error}"))?;
        self.report(&IndexEvent::SetAside { why: why.to_owned(), to });
        Ok(())
    }

    /// Expects nothing more of a thread that hangs. `false` when it was abandoned before.
    pub(super) fn abandon(&self) -> bool {
        self.change(|state| {
            state.fall_behind();
            state.stop = true;
            !core::mem::replace(&mut state.hung, true)
        })
    }

    /// Gives up a thread that hangs. The next opening makes the index afresh.
    pub(super) fn give_up(&self) {
        if self.abandon() {
            let mut why = "its database does not answer".to_owned();
            if let Ok(to) = set_aside(&self.keeping.folder) {
                why = format!("{why}, and it was moved to {}", to.display());
            }
            self.report(&IndexEvent::GivenUp { why });
        }
    }

    /// Whether the thread has been at one thing for longer than anybody waits.
    fn hangs(&self, state: &State) -> bool {
        let busy_since = state.busy_since.filter(|_| !state.stop);
        busy_since.is_some_and(|since| since.elapsed() > self.keeping.patience)
    }
}

/// The side of whoever opens the store, and of the committer.
impl Shared {
    /// What the index ends with; `None` when it does not open in time.
    pub(super) fn wait_until_open(&self) -> Option<Opened> {
        self.wait(|state| if state.ended { Some(Opened(None)) } else { state.opened })
    }

    /// The segments are those of `journal`, and `durable` entries are in them.
    pub(super) fn begin(&self, journal: JournalId, durable: u64) {
        self.change(|state| (state.journal, state.durable) = (Some(journal), durable));
    }

    /// A group has become durable.
    pub(super) fn committed(&self, frames: &[u8], first_seq: u64, next_seq: u64) {
        let mut state = self.state();
        state.durable = next_seq;
        let bytes = state.tail_bytes.saturating_add(frames.len());
        let wakes = match state.level {
            Level::Behind => false,
            _ if bytes > self.keeping.tail_bytes_max => {
                // Those that wait are added all the same: they come without a gap.
                state.level = Level::Behind;
                true
            }
            Level::Collecting | Level::Ready => {
                state.tail.push_back(Group { first_seq, next_seq, frames: frames.into() });
                state.tail_bytes = bytes;
                state.tail_since.get_or_insert_with(Instant::now);
                state.tail.len() == 1 || bytes >= GROUP_BYTES_MAX
            }
        };
        let hangs = self.hangs(&state);
        drop(state);
        if wakes {
            self.changed.notify_all();
        }
        if hangs {
            self.give_up();
        }
    }

    /// Asks the thread to end.
    pub(super) fn stop(&self) {
        self.change(|state| {
            state.fall_behind();
            state.stop = true;
        });
    }

    /// Whether the thread has ended, after waiting for it, unless it was given up.
    pub(super) fn wait_until_ended(&self) -> bool {
        let ended = self.wait(|state| (state.ended || state.hung).then_some(state.ended));
        ended.unwrap_or_default()
    }

    /// Asks for the index to be made afresh; `None` when its thread has ended.
    pub(super) fn rebuild(&self) -> Option<Receiver<io::Result<()>>> {
        let (removed, receiver) = channel();
        let runs = self.change(|state| {
            state.fall_behind();
            state.rebuild = (!state.ended).then_some(removed);
            !state.ended
        });
        runs.then_some(receiver)
    }
}

/// The side of those who look up.
impl Shared {
    /// Asks; `None` when the index is not level.
    pub(super) fn ask(&self, question: Question) -> Option<Receiver<Answer>> {
        let (answer, receiver) = channel();
        let (ready, hangs) = self.change(|state| {
            let ready = state.level == Level::Ready && !state.stop;
            if ready {
                state.questions.push_back(Asked { question, answer });
            }
            (ready, self.hangs(state))
        });
        if hangs {
            self.give_up();
        }
        ready.then_some(receiver)
    }

    #[cfg(test)]
    pub(super) fn is_level(&self) -> bool {
        let state = self.state();
        state.level == Level::Ready && state.tail.is_empty()
    }

    #[cfg(test)]
    pub(super) fn answered(&self) -> u64 {
        self.state().answered
    }
}

/// The side of the index's thread.
impl Shared {
    pub(super) fn opened(&self, last: Option<Last>) {
        self.change(|state| state.opened = Some(Opened(last)));
    }

    /// Waits for the segments to be walked: their journal, and how many entries
    /// are durable. `None` when something else is wanted.
    pub(super) fn wait_until_begun(&self) -> Option<(JournalId, u64)> {
        self.wait_for_work(|state| match state.journal {
            _ if state.is_interrupted() => Some(None),
            Some(journal) => Some(Some((journal, state.durable))),
            None => None,
        })
    }

    /// Says that the thread gets on; whether something else is wanted of it.
    pub(super) fn go_on(&self) -> bool {
        let mut state = self.state();
        state.busy_since = Some(Instant::now());
        !state.is_interrupted()
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.state().stop
    }

    /// Who wants the index to be made afresh, if anybody does.
    pub(super) fn take_rebuild(&self) -> Option<Removed> {
        self.state().rebuild.take()
    }

    /// Begins to collect what is committed from now on; returns how many entries
    /// are durable, which are not collected.
    pub(super) fn collect(&self) -> u64 {
        self.change(|state| {
            state.fall_behind();
            state.level = Level::Collecting;
            state.durable
        })
    }

    /// Says that the table has all that is not collected. `false` when that became
    /// too much meanwhile.
    pub(super) fn become_ready(&self) -> bool {
        self.change(|state| {
            let collected = state.level == Level::Collecting;
            if collected && !state.is_interrupted() {
                state.level = Level::Ready;
            }
            collected
        })
    }

    /// Says that look-ups can't be answered any more.
    pub(super) fn fall_behind(&self) {
        self.change(State::fall_behind);
    }

    /// Waits for something to do. Questions come first: what they ask for may be
    /// in the groups that wait.
    pub(super) fn next_work(&self) -> Work {
        self.wait_for_work(State::work)
    }

    /// The first of the groups that waited are in the table, up to number `next_seq`.
    pub(super) fn added(&self, next_seq: u64) {
        let mut state = self.state();
        while let Some(group) = state.tail.front().filter(|group| group.next_seq <= next_seq) {
            state.tail_bytes = state.tail_bytes.saturating_sub(group.frames.len());
            state.tail.pop_front();
        }
        state.tail_since = (!state.tail.is_empty()).then(Instant::now);
    }

    pub(super) fn ended(&self) {
        self.change(|state| {
            state.fall_behind();
            (state.rebuild, state.busy_since) = (None, None);
            state.ended = true;
        });
    }
}
