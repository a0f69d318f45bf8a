//! Group commit: many threads append, one thread writes, and all that came in
//! during one flush shares the next.
//!
//! There is no timer: a lone append is written at once, and under load the
//! flush itself is what gathers the next group.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use rye_core::limit::{COMMIT_QUEUE_BYTES_MAX, GROUP_BYTES_MAX, GROUP_ENTRIES_MAX};

use crate::append::{Durable, NewEntry, Prepared};
use crate::commit::Journal;
use crate::disk::{Disk, RealDisk};
use crate::error::{JournalError, io_error};

#[cfg(test)]
mod tests;

/// What became of an append.
pub type Answer = Result<Durable, JournalError>;

/// A thread that owns a journal, and the way to it. Dropping it waits until
/// all that was handed in is answered, and closes the journal.
#[derive(Debug)]
pub struct Committer<D: Disk = RealDisk> {
    queue: Arc<Queue>,
    thread: Option<JoinHandle<Journal<D>>>,
}

/// A way to append that any thread may have.
#[derive(Clone, Debug)]
pub struct Appender {
    queue: Arc<Queue>,
}

impl<D: Disk> Committer<D>
where
    D::File: Send,
{
    /// Starts a thread that commits to `journal`.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(journal: Journal<D>) -> Result<Self, JournalError> {
        let queue = Arc::new(Queue::default());
        let theirs = Arc::clone(&queue);
        let path = journal.directory().to_owned();
        let thread = std::thread::Builder::new()
            .name("journal".to_owned())
            .spawn(move || serve(journal, &theirs))
            .map_err(io_error("start the committer of", &path))?;
        Ok(Self { queue, thread: Some(thread) })
    }

    /// A way to append.
    pub fn appender(&self) -> Appender {
        Appender { queue: Arc::clone(&self.queue) }
    }

    /// Waits until all that was handed in is answered, and gives the journal
    /// back. `None` when the thread died, which it does not.
    pub fn stop(mut self) -> Option<Journal<D>> {
        self.queue.close();
        self.thread.take()?.join().ok()
    }
}

impl<D: Disk> Drop for Committer<D> {
    fn drop(&mut self) {
        self.queue.close();
        if let Some(thread) = self.thread.take() {
            // There is nobody left to tell.
            let _ = thread.join();
        }
    }
}

impl Appender {
    /// Appends `entries` and waits until they are durable.
    ///
    /// # Errors
    /// Those of [`Journal::append`], and when the committer has ended.
    pub fn append(&self, entries: Vec<NewEntry>) -> Answer {
        self.submit(entries)?.wait()
    }

    /// Hands `entries` in; the answer can be waited for later.
    ///
    /// # Errors
    /// When the entries fit no group, or the committer has ended.
    pub fn submit(&self, entries: Vec<NewEntry>) -> Result<Pending, JournalError> {
        let slot = Arc::new(Slot::default());
        let theirs = Arc::clone(&slot);
        self.submit_with(entries, move |answer| theirs.put(answer))?;
        Ok(Pending { slot })
    }

    /// Hands `entries` in; `answered` is called from the committer's thread and
    /// should be quick. Waits while too much is waiting already.
    ///
    /// # Errors
    /// When the entries fit no group, or the committer has ended.
    pub fn submit_with(
        &self,
        entries: Vec<NewEntry>,
        answered: impl FnOnce(Answer) + Send + 'static,
    ) -> Result<(), JournalError> {
        let prepared = Prepared::new(entries).map_err(JournalError::Refused)?;
        self.queue.push(Request { prepared, answered: Some(Box::new(answered)) })
    }
}

/// An append that has been handed in.
#[derive(Debug)]
pub struct Pending {
    slot: Arc<Slot>,
}

impl Pending {
    /// Waits for the answer.
    ///
    /// # Errors
    /// Those of [`Journal::append`].
    pub fn wait(self) -> Answer {
        let mut answer = lock(&self.slot.answer);
        loop {
            if let Some(answer) = answer.take() {
                return answer;
            }
            answer = self.slot.changed.wait(answer).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

#[derive(Debug, Default)]
struct Slot {
    answer: Mutex<Option<Answer>>,
    changed: Condvar,
}

impl Slot {
    fn put(&self, answer: Answer) {
        *lock(&self.answer) = Some(answer);
        self.changed.notify_one();
    }
}

struct Request {
    prepared: Prepared,
    answered: Option<Box<dyn FnOnce(Answer) + Send>>,
}

impl Request {
    fn answer(&mut self, answer: Answer) {
        if let Some(answered) = self.answered.take() {
            answered(answer);
        }
    }
}

impl Drop for Request {
    /// Nobody waits for ever: what is dropped unanswered was not committed.
    fn drop(&mut self) {
        self.answer(Err(JournalError::Stopped));
    }
}

/// What waits for the committer.
#[derive(Debug, Default)]
struct Queue {
    waiting: Mutex<Waiting>,
    /// Something came in, or the queue was closed.
    filled: Condvar,
    /// Something was taken out, or the queue was closed.
    drained: Condvar,
}

#[derive(Default)]
struct Waiting {
    requests: VecDeque<Request>,
    bytes: usize,
    closed: bool,
}

impl core::fmt::Debug for Waiting {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let requests = &self.requests.len();
        let mut shown = f.debug_struct("Waiting");
        shown.field("requests", requests).field("bytes", &self.bytes).finish_non_exhaustive()
    }
}

impl Queue {
    fn push(&self, request: Request) -> Result<(), JournalError> {
        let mut waiting = lock(&self.waiting);
        while waiting.bytes >= COMMIT_QUEUE_BYTES_MAX && !waiting.closed {
            waiting = self.drained.wait(waiting).unwrap_or_else(PoisonError::into_inner);
        }
        if waiting.closed {
            return Err(JournalError::Stopped);
        }
        waiting.bytes = waiting.bytes.saturating_add(request.prepared.framed_bytes);
        waiting.requests.push_back(request);
        self.filled.notify_one();
        Ok(())
    }

    fn close(&self) {
        lock(&self.waiting).closed = true;
        self.filled.notify_all();
        self.drained.notify_all();
    }

    /// Waits for requests and moves as many into `batch` as share a group.
    /// `false` when the queue is closed and empty.
    fn take(&self, batch: &mut Vec<Request>) -> bool {
        let mut waiting = lock(&self.waiting);
        while waiting.requests.is_empty() {
            if waiting.closed {
                return false;
            }
            waiting = self.filled.wait(waiting).unwrap_or_else(PoisonError::into_inner);
        }
        let full = waiting.bytes >= COMMIT_QUEUE_BYTES_MAX;
        let (mut entries, mut bytes) = (0_usize, 0_usize);
        while let Some(next) = waiting.requests.front() {
            entries = entries.saturating_add(next.prepared.entries.len());
            bytes = bytes.saturating_add(next.prepared.framed_bytes);
            let shares = entries <= GROUP_ENTRIES_MAX && bytes <= GROUP_BYTES_MAX;
            if !shares && !batch.is_empty() {
                break;
            }
            let Some(request) = waiting.requests.pop_front() else { break };
            waiting.bytes = waiting.bytes.saturating_sub(request.prepared.framed_bytes);
            batch.push(request);
        }
        drop(waiting);
        if full {
            self.drained.notify_all();
        }
        true
    }
}

/// Ends the queue with the thread that serves it, also when a caller's
/// function panics there.
struct Closing<'a>(&'a Queue);

impl Drop for Closing<'_> {
    fn drop(&mut self) {
        self.0.close();
        let left = core::mem::take(&mut lock(&self.0.waiting).requests);
        drop(left);
    }
}

/// The committer's thread.
fn serve<D: Disk>(mut journal: Journal<D>, queue: &Queue) -> Journal<D> {
    let _closing = Closing(queue);
    let mut batch = Vec::new();
    let mut answers = Vec::new();
    while queue.take(&mut batch) {
        commit(&mut journal, &batch, &mut answers);
        for (mut request, answer) in batch.drain(..).zip(answers.drain(..)) {
            request.answer(answer);
        }
    }
    journal
}

/// Commits a batch as one group. When there is no space for all of it, each
/// request is tried by itself: the small ones may use the reserve.
fn commit<D: Disk>(journal: &mut Journal<D>, batch: &[Request], answers: &mut Vec<Answer>) {
    match commit_as_one(journal, batch, answers) {
        Ok(()) => {}
        Err(JournalError::DiskFull) if batch.len() > 1 => {
            answers.clear();
            answers.extend(batch.iter().map(|request| journal.append_prepared(&request.prepared)));
        }
        Err(error) => {
            answers.clear();
            answers.extend(batch.iter().map(|_| Err(error.clone())));
        }
    }
}

fn commit_as_one<D: Disk>(
    journal: &mut Journal<D>,
    batch: &[Request],
    answers: &mut Vec<Answer>,
) -> Result<(), JournalError> {
    journal.unstage();
    let mut first_seq = journal.head().size;
    for request in batch {
        let head = journal.stage(&request.prepared)?;
        answers.push(Ok(Durable { first_seq, head, on_reserve: false }));
        first_seq = head.size;
    }
    journal.flush()?;
    let on_reserve = journal.on_reserve();
    for answer in answers.iter_mut().flatten() {
        answer.on_reserve = on_reserve;
    }
    Ok(())
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nothing in here panics while it holds the lock; if it did, the data is
    // still whole after every statement.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
