//! Threads for calls of adapters. A thread that has nothing to do waits a while for the
//! next call: starting one takes longer than many a call. One that an adapter never
//! comes back from is lost to that call alone.
//!
//! Waking a thread takes as long as many a call, too. So one can be woken ahead of a
//! call, while the disk is still at work; it then keeps looking for it, for a moment.

use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::yield_now;
use std::time::{Duration, Instant};

/// What a thread does.
type Work = Box<dyn FnOnce() + Send>;

/// How long a thread waits for the next call.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long a thread that was woken ahead looks for its call, giving way to everybody
/// else: a flush takes less on most disks.
const LOOKOUT: Duration = Duration::from_micros(500);

/// The threads. Those that wait end with this.
#[derive(Debug, Default)]
pub(super) struct Workers(Arc<Desk>);

/// Where work waits for threads, and threads for work.
#[derive(Debug, Default)]
struct Desk {
    state: Mutex<State>,
    came: Condvar,
}

#[derive(Default)]
struct State {
    work: VecDeque<Work>,
    /// Threads that wait, and that no work was put down for.
    idle: usize,
    /// Whether one of them is to look out for work that is about to come.
    roused: bool,
    /// Whether one of them does.
    looks_out: bool,
    closed: bool,
}

impl core::fmt::Debug for State {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("State").field("idle", &self.idle).finish_non_exhaustive()
    }
}

impl Workers {
    /// Lets a thread do `work`: at once, whatever the others are at.
    ///
    /// # Errors
    /// When the system gives no thread; nothing is done then.
    pub(super) fn begin(&self, work: impl FnOnce() + Send + 'static) -> io::Result<()> {
        let mut state = self.0.lock();
        if state.idle > 0 {
            state.idle = state.idle.saturating_sub(1);
            state.work.push_back(Box::new(work));
            let is_seen = core::mem::take(&mut state.looks_out);
            drop(state);
            // Whoever looks out finds it by itself.
            if !is_seen {
                self.0.came.notify_one();
            }
            return Ok(());
        }
        drop(state);
        let desk = Arc::clone(&self.0);
        let serve = move || {
            work();
            while let Some(work) = desk.next() {
                work();
            }
        };
        std::thread::Builder::new().name(String::from("adapter")).spawn(serve).map(drop)
    }

    /// Wakes a thread ahead of work that begins in a moment, if one waits.
    pub(super) fn rouse(&self) {
        let mut state = self.0.lock();
        if state.idle > 0 && !state.looks_out {
            state.roused = true;
            drop(state);
            self.0.came.notify_one();
        }
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        self.0.lock().closed = true;
        self.0.came.notify_all();
    }
}

impl Desk {
    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing that panics is done under the lock.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next work; none when there was none for long, or there will be none.
    fn next(&self) -> Option<Work> {
        let mut state = self.lock();
        state.idle = state.idle.saturating_add(1);
        loop {
            if let Some(work) = state.work.pop_front() {
                return Some(work);
            }
            if state.closed {
                return None;
            }
            if core::mem::take(&mut state.roused) {
                state.looks_out = true;
                drop(state);
                state = self.look_out();
                state.looks_out = false;
                continue;
            }
            let waited = self.came.wait_timeout(state, PATIENCE);
            let (woken, timed_out) = waited.unwrap_or_else(PoisonError::into_inner);
            state = woken;
            if timed_out.timed_out() && state.work.is_empty() {
                state.idle = state.idle.saturating_sub(1);
                return None;
            }
        }
    }

    /// Looks for work without sleeping, for a moment.
    fn look_out(&self) -> MutexGuard<'_, State> {
        let began = Instant::now();
        loop {
            let state = self.lock();
            if !state.work.is_empty() || state.closed || began.elapsed() > LOOKOUT {
                return state;
            }
            drop(state);
            yield_now();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{RecvTimeoutError, channel};

    use super::*;

    #[test]
    fn work_begins_at_once_however_many_threads_are_stuck() {
        let workers = Workers::default();
        let (open, door) = channel::<()>();
        let door = Arc::new(Mutex::new(door));
        let (told, heard) = channel();
        for number in 0..20 {
            let (told, door) = (told.clone(), Arc::clone(&door));
            let work = move || {
                told.send(number).unwrap();
                // Each waits until the test is over.
                let _ = door.lock().unwrap().recv();
            };
            workers.begin(work).unwrap();
        }
        let mut begun: Vec<i32> = heard.iter().take(20).collect();
        begun.sort_unstable();
        assert_eq!(begun, (0..20).collect::<Vec<_>>());
        drop(open);
    }

    #[test]
    fn a_thread_that_is_done_serves_again() {
        let workers = Workers::default();
        let (told, heard) = channel();
        let mut threads = std::collections::BTreeSet::new();
        for _ in 0..100 {
            let told = told.clone();
            workers
                .begin(move || told.send(format!("{:?}", std::thread::current().id())).unwrap())
                .unwrap();
            threads.insert(heard.recv().unwrap());
            while workers.0.lock().idle == 0 {
                yield_now();
            }
        }
        assert_eq!(threads.len(), 1, "{threads:?}");
    }

    #[test]
    fn a_thread_that_was_roused_serves_as_before_whether_work_comes_or_not() {
        let workers = Workers::default();
        let (told, heard) = channel();
        workers.rouse();
        for number in 0..100 {
            let told = told.clone();
            workers.begin(move || told.send(number).unwrap()).unwrap();
            assert_eq!(heard.recv(), Ok(number));
            while workers.0.lock().idle == 0 {
                yield_now();
            }
            workers.rouse();
            if number % 10 == 0 {
                while workers.0.lock().roused || workers.0.lock().looks_out {
                    yield_now();
                }
            }
        }
    }

    #[test]
    fn threads_that_wait_end_with_their_workers() {
        let workers = Workers::default();
        let (told, heard) = channel::<()>();
        workers.begin(|| ()).unwrap();
        while workers.0.lock().idle == 0 {
            yield_now();
        }
        // The sender lives as long as the thread's work, which is dropped unserved.
        workers.begin(move || drop(told)).unwrap();
        drop(workers);
        assert_eq!(heard.recv_timeout(Duration::from_mins(1)), Err(RecvTimeoutError::Disconnected));
    }
}
