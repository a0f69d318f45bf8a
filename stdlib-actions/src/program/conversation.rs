//! Writes to a child and reads from it at once, in one thread, without ever waiting
//! for a pipe that nobody serves.

use std::io::{ErrorKind, Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::process::{Child, ChildStderr, ChildStdin, ChildStdout};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::{Errno, ioctl_fionbio};
use rustix::process::{Pid, PidfdFlags, pidfd_open};
use rye_core::limit::PROGRAM_COMPLAINT_BYTES_MAX;

use super::{ProgramError, end};

/// How much is read at once.
const CHUNK_BYTES: usize = 64 << 10;

/// A child that is talked to.
pub(super) struct Conversation<'a> {
    child: &'a Child,
    /// Becomes readable when the child ends; gone when it did.
    running: Option<OwnedFd>,
    stdin: Option<ChildStdin>,
    /// What was not written yet.
    input: &'a [u8],
    stdout: Pipe<ChildStdout>,
    stdout_bytes_max: usize,
    stderr: Pipe<ChildStderr>,
}

/// What a child said.
pub(super) struct Heard {
    pub(super) stdout: Vec<u8>,
    pub(super) stderr: Vec<u8>,
    /// Whether it came to its end.
    pub(super) ended: Result<(), ProgramError>,
}

impl<'a> Conversation<'a> {
    /// Makes the child's pipes ready.
    pub(super) fn begin(
        child: &'a mut Child,
        input: &'a [u8],
        stdout_bytes_max: usize,
    ) -> Result<Self, ProgramError> {
        let (stdin, stdout, stderr) =
            (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
        let pid = pid.ok_or(ProgramError::Killed)?;
        let ready = || {
            let pipes = [
                stdin.as_ref().map(AsFd::as_fd),
                stdout.as_ref().map(AsFd::as_fd),
                stderr.as_ref().map(AsFd::as_fd),
            ];
            pipes.into_iter().flatten().try_for_each(|pipe| ioctl_fionbio(pipe, true))?;
            pidfd_open(pid, PidfdFlags::empty())
        };
        let running = Some(ready().map_err(|_| ProgramError::Killed)?);
        let (stdout, stderr) = (Pipe::new(stdout), Pipe::new(stderr));
        Ok(Self { child, running, stdin, input, stdout, stdout_bytes_max, stderr })
    }

    /// Listens until the child has ended and all that it said was read, or until it must
    /// be killed.
    pub(super) fn hold(mut self, deadline: Instant) -> Heard {
        let ended = self.listen(deadline);
        Heard { stdout: self.stdout.bytes, stderr: self.stderr.bytes, ended }
    }

    fn listen(&mut self, deadline: Instant) -> Result<(), ProgramError> {
        while self.running.is_some() || self.stdout.is_open() || self.stderr.is_open() {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(ProgramError::Timeout);
            }
            let [ended, writable, said, complained] = self.wait(left)?;
            if ended {
                // What it started may hold its pipes open.
                end(self.child);
                self.running = None;
                self.stdin = None;
            }
            if writable {
                self.write();
            }
            if said {
                self.stdout.read(self.stdout_bytes_max.saturating_add(1));
            }
            if complained {
                self.stderr.read(PROGRAM_COMPLAINT_BYTES_MAX);
            }
            if self.stdout.bytes.len() > self.stdout_bytes_max {
                return Err(ProgramError::TooMuch);
            }
        }
        Ok(())
    }

    /// Which of child, stdin, stdout and stderr have something for us.
    fn wait(&self, timeout: Duration) -> Result<[bool; 4], ProgramError> {
        let watched = [
            self.running.as_ref().map(|child| (child.as_fd(), PollFlags::IN)),
            self.stdin.as_ref().map(|stdin| (stdin.as_fd(), PollFlags::OUT)),
            self.stdout.pipe.as_ref().map(|stdout| (stdout.as_fd(), PollFlags::IN)),
            self.stderr.pipe.as_ref().map(|stderr| (stderr.as_fd(), PollFlags::IN)),
        ];
        let mut polled: Vec<PollFd<'_>> = watched
            .iter()
            .flatten()
            .map(|(fd, flags)| PollFd::from_borrowed_fd(*fd, *flags))
            .collect();
        let timeout = Timespec::try_from(timeout).ok();
        match poll(&mut polled, timeout.as_ref()) {
            Ok(_) | Err(Errno::INTR) => {}
            Err(_) => return Err(ProgramError::Killed),
        }
        let mut ready = polled.iter().map(|fd| !fd.revents().is_empty());
        Ok(watched.map(|fd| fd.is_some() && ready.next().unwrap_or(false)))
    }

    fn write(&mut self) {
        let Some(stdin) = &mut self.stdin else { return };
        match stdin.write(self.input) {
            Ok(count) => self.input = self.input.get(count..).unwrap_or_default(),
            Err(error) if is_passing(error.kind()) => {}
            // A program that ends without reading all makes the rest unwritable: its
            // exit code tells why.
            Err(_) => self.input = &[],
        }
        if self.input.is_empty() {
            self.stdin = None;
        }
    }
}

/// What a pipe has brought so far.
struct Pipe<R> {
    /// Gone when it was closed at the other end.
    pipe: Option<R>,
    bytes: Vec<u8>,
}

impl<R: Read> Pipe<R> {
    fn new(pipe: Option<R>) -> Self {
        Self { pipe, bytes: Vec::new() }
    }

    fn is_open(&self) -> bool {
        self.pipe.is_some()
    }

    /// Reads what there is, and keeps it up to `bytes_max` in all.
    fn read(&mut self, bytes_max: usize) {
        let Some(pipe) = &mut self.pipe else { return };
        let mut chunk = vec![0; CHUNK_BYTES];
        match pipe.read(&mut chunk) {
            Ok(0) => self.pipe = None,
            Ok(count) => {
                let kept = count.min(bytes_max.saturating_sub(self.bytes.len()));
                self.bytes.extend(chunk.into_iter().take(kept));
            }
            Err(error) if is_passing(error.kind()) => {}
            // What was read before an error is what the program said.
            Err(_) => self.pipe = None,
        }
    }
}

fn is_passing(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::WouldBlock | ErrorKind::Interrupted)
}
