//! The least that anything durable costs: a file that is zero ahead, a block per group,
//! a flush. And whoever else keeps entries, behind the same trait.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

/// The blocks of a disk.
const BLOCK: usize = 4096;

/// How far a file is filled with zeroes ahead.
const STEP: usize = 4 << 20;

/// Keeps entries.
pub trait Store: Send {
    /// Appends entries; when this returns, none of them can be lost.
    fn append(&mut self, entries: &[Vec<u8>]);
}

/// A store that can be opened in a folder.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    /// How a table calls it.
    pub name: &'static str,
    /// Opens a fresh one.
    pub open: fn(&Path) -> Box<dyn Store>,
}

/// The bare file.
pub const BARE: Kind = Kind { name: "a bare file", open: |folder| Box::new(Bare::new(folder)) };

/// A bare file.
#[derive(Debug)]
pub struct Bare {
    file: File,
    at: usize,
    zeroed: usize,
    buffer: Vec<u8>,
}

impl Bare {
    /// A fresh one in a folder.
    pub fn new(folder: &Path) -> Self {
        let file = File::create(folder.join("bare")).expect("a file");
        Self { file, at: 0, zeroed: 0, buffer: Vec::new() }
    }

    fn write(&self, bytes: &[u8], at: usize) {
        self.file.write_all_at(bytes, at as u64).expect("room on the disk");
    }
}

impl Store for Bare {
    fn append(&mut self, entries: &[Vec<u8>]) {
        self.buffer.clear();
        self.buffer.extend(entries.iter().flatten());
        self.buffer.resize(self.buffer.len().next_multiple_of(BLOCK), 0);
        let end = self.at + self.buffer.len();
        if end > self.zeroed {
            self.write(&vec![0; STEP], self.zeroed);
            self.zeroed += STEP;
            self.file.sync_all().expect("a disk");
        }
        self.write(&self.buffer, self.at);
        self.file.sync_data().expect("a disk");
        self.at = end;
    }
}

/// An entry, and who waits until it is durable.
type Waiting = (Vec<u8>, SyncSender<()>);

/// Entries per second when so many threads append through one, which commits together
/// whatever waits.
pub fn grouped(store: &mut dyn Store, writers: usize, entry: &[u8], duration: Duration) -> f64 {
    let (hand_in, waiting) = sync_channel::<Waiting>(writers);
    thread::scope(|scope| {
        scope.spawn(move || commit(store, &waiting));
        let writer = || {
            let (hand_in, (done, is_done)) = (hand_in.clone(), sync_channel(1));
            move || {
                hand_in.send((entry.to_vec(), done.clone())).expect("a committer");
                is_done.recv().expect("an answer");
            }
        };
        let per_second = appends_per_second(writers, duration, writer);
        // Whoever commits ends when nobody can hand in any more.
        drop(hand_in);
        per_second
    })
}

/// How often in a second so many threads append, each with what `writer` gives it.
pub fn appends_per_second<W: FnMut()>(
    writers: usize,
    duration: Duration,
    writer: impl Fn() -> W + Sync,
) -> f64 {
    let began = Instant::now();
    let write = || {
        let mut append = writer();
        let mut count = 0_usize;
        while began.elapsed() < duration {
            append();
            count += 1;
        }
        count
    };
    let count: usize = thread::scope(|scope| {
        let writers: Vec<_> = (0..writers).map(|_| scope.spawn(write)).collect();
        writers.into_iter().map(|writer| writer.join().expect("a count")).sum()
    });
    count as f64 / began.elapsed().as_secs_f64()
}

fn commit(store: &mut dyn Store, waiting: &Receiver<Waiting>) {
    while let Ok(first) = waiting.recv() {
        let (entries, told): (Vec<_>, Vec<_>) =
            core::iter::once(first).chain(waiting.try_iter()).unzip();
        store.append(&entries);
        for done in told {
            // A writer that is gone needs no answer.
            let _ = done.send(());
        }
    }
}
