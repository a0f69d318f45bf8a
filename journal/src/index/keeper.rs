//! The thread that owns an index's table: it opens it, compares it with the
//! segments, brings it level, adds what is committed, and answers look-ups.
//!
//! Databases panic and hang over damaged files. All their calls are made here,
//! so that nobody else waits for them: a table that fails is set aside and made
//! afresh; if that fails too, look-ups read the segments until the next start.

use core::convert::Infallible;
use std::any::Any;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;

use super::shared::{Answer, Group, Question, Shared, Work};
use super::table::{Table, TableError};
use super::{IndexEvent, content};
use crate::disk::Disk;
use crate::error::JournalError;
use crate::read::Reader;

/// How much the thread gives way to others, of 19 at most.
const NICENESS: i32 = 10;

/// Why the work on a table ends.
#[derive(Debug)]
pub(super) enum End {
    /// Something else is wanted of the thread.
    Interrupted,
    /// The table is broken, or says otherwise than the segments.
    Unsound(String),
    /// The table still has what has been erased from the segments.
    Erased,
    /// Nothing is wrong with the table, but it can't be kept.
    GivenUp(String),
}

impl End {
    /// A table that says otherwise than the segments.
    pub(super) fn different(why: &str) -> Self {
        Self::Unsound(why.to_owned())
    }
}

impl From<TableError> for End {
    fn from(error: TableError) -> Self {
        if error.full { Self::GivenUp(error.text) } else { Self::Unsound(error.text) }
    }
}

impl From<JournalError> for End {
    fn from(error: JournalError) -> Self {
        Self::GivenUp(error.to_string())
    }
}

/// What the thread works with.
pub(super) struct Keeper<D: Disk> {
    pub(super) reader: Reader<D>,
    pub(super) shared: Arc<Shared>,
}

impl<D: Disk> Keeper<D> {
    pub(super) fn start<T: Table>(self) -> io::Result<JoinHandle<()>> {
        std::thread::Builder::new().name("index".to_owned()).spawn(move || self.run::<T>())
    }

    fn folder(&self) -> &Path {
        &self.shared.keeping.folder
    }

    fn run<T: Table>(&self) {
        // Whoever commits goes first. A system that refuses only makes that slower.
        let _ = rustix::process::setpriority_process(Some(rustix::thread::gettid()), NICENESS);
        let mut failed_before = false;
        while !self.shared.is_stopped() {
            let end = catch_unwind(AssertUnwindSafe(|| self.keep::<T>()))
                .unwrap_or_else(|panic| End::Unsound(panic_text(panic.as_ref())));
            self.shared.fall_behind();
            let failed = matches!(end, End::Unsound(_));
            let goes_on = match end {
                End::Interrupted => self.start_afresh(),
                End::Erased => remove(self.folder()).map_err(|error| error.to_string()),
                End::Unsound(why) if !failed_before => self.shared.set_aside(&why),
                End::Unsound(why) | End::GivenUp(why) => Err(why),
            };
            failed_before = failed;
            if let Err(why) = goes_on {
                self.shared.report(&IndexEvent::GivenUp { why });
                break;
            }
        }
        self.shared.ended();
    }

    /// Removes all that there is of the index, if somebody wants that.
    fn start_afresh(&self) -> Result<(), String> {
        let Some(answer) = self.shared.take_rebuild() else { return Ok(()) };
        let removed = remove_all(self.folder());
        let failed = removed.as_ref().err().map(ToString::to_string);
        // Whoever asked may have lost patience.
        let _ = answer.send(removed);
        failed.map_or(Ok(()), Err)
    }

    /// Works on one table until that ends.
    fn keep<T: Table>(&self) -> End {
        let Err(end) = T::open(self.folder()).map_err(End::from).and_then(|mut table| {
            let size = self.check(&table)?;
            self.follow(&mut table, size)
        });
        end
    }

    /// Compares the table with the segments, as soon as those have been walked.
    /// Returns how many entries it has.
    fn check(&self, table: &impl Table) -> Result<u64, End> {
        let last = content::last(table)?;
        self.shared.opened(last);
        let (journal, durable) = self.shared.wait_until_begun().ok_or(End::Interrupted)?;
        if last.is_some_and(|last| last.journal != journal) {
            return Err(End::different("it is the index of another journal"));
        }
        content::compare(table, &self.reader, durable, &|| self.shared.go_on())
    }

    /// Adds what is committed to a table that has the first `size` entries, and
    /// answers.
    fn follow(&self, table: &mut impl Table, mut size: u64) -> Result<Infallible, End> {
        loop {
            let durable = self.shared.collect();
            content::fill(table, &self.reader, size..durable, &|| self.shared.go_on())?;
            size = durable;
            if self.shared.become_ready() {
                self.shared.report(&IndexEvent::Level { entries: size });
            }
            loop {
                match self.shared.next_work() {
                    Work::Answer(asked, tail) => {
                        // Whoever asked may have lost patience.
                        let _ = asked.answer.send(answer(table, &tail, asked.question)?);
                    }
                    Work::Add(groups) => {
                        content::add_groups(table, &groups)?;
                        size = groups.last().map_or(size, Group::next_seq);
                        self.shared.added(size);
                    }
                    Work::CatchUp => break,
                    Work::Interrupted => return Err(End::Interrupted),
                }
            }
        }
    }
}

fn answer(table: &impl Table, tail: &[Group], question: Question) -> Result<Answer, End> {
    Ok(match question {
        Question::Get(seq) => Answer::Entry(match content::get_in_tail(tail, seq)? {
            None => content::get(table, seq)?,
            found => found,
        }),
        Question::Run { run, from } => Answer::Page(content::page(table, tail, run, from)?),
    })
}

/// Where an index is set aside.
fn aside(folder: &Path) -> PathBuf {
    folder.with_extension("set-aside")
}

/// Moves an index that can't be used out of the way, in place of the one before.
pub(super) fn set_aside(folder: &Path) -> io::Result<PathBuf> {
    let to = aside(folder);
    remove(&to)?;
    std::fs::rename(folder, &to)?;
    Ok(to)
}

/// Removes an index, and the one that was set aside.
pub(super) fn remove_all(folder: &Path) -> io::Result<()> {
    remove(folder)?;
    remove(&aside(folder))
}

/// Removes whatever stands at `path`.
fn remove(path: &Path) -> io::Result<()> {
    let removed = match std::fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_dir() => std::fs::remove_dir_all(path),
        Ok(_) => std::fs::remove_file(path),
        Err(error) => Err(error),
    };
    match removed {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        result => result,
    }
}

fn panic_text(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    format!("its database panicked: {}", text.unwrap_or("it doesn't say why"))
}
