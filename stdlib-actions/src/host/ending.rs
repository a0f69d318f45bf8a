//! How attempts end on a machine, in fixed words: what this machine can't do is
//! told apart from what the world refuses.

use std::sync::Arc;

use rustix::io::Errno;
use rye_core::adapter::{Ending, Request};
use rye_core::error::ErrorKind;
use rye_core::value::Value;

use crate::program::ProgramError;

pub(super) const DONE: Ending = Ending::Done(Value::None);

/// Why an undo as an action of its own is refused.
pub(super) const ONLY_UNDOES: &str =
    "this only takes back what an effect did; release the effect instead";

/// What is never touched, whatever a playbook says.
pub(super) const OWN: &str = "the machine or the daemon itself depends on it: it is never touched";

pub(super) fn rejected(text: &str) -> Ending {
    Ending::refused(ErrorKind::Rejected, text)
}

pub(super) fn denied(text: &str) -> Ending {
    Ending::refused(ErrorKind::Denied, text)
}

pub(super) fn conflict(text: &str) -> Ending {
    Ending::refused(ErrorKind::Conflict, text)
}

pub(super) fn not_found(text: &str) -> Ending {
    Ending::refused(ErrorKind::NotFound, text)
}

/// There was surely no effect, and it may be tried again.
pub(super) fn not_sent(text: &str) -> Ending {
    Ending::NotSent(Arc::from(text))
}

pub(super) fn unknown(text: &str) -> Ending {
    Ending::Unknown(Arc::from(text))
}

/// The world is as it was to become, before anything was done: it was this very
/// effect only if there was an attempt before.
pub(super) fn already(request: &Request, value: Value) -> Ending {
    if request.attempt > 1 { Ending::Done(value) } else { Ending::AlreadySo(value) }
}

/// What the kernel's refusal means where nothing was changed; `otherwise` says what
/// was tried.
pub(super) fn refused(errno: Errno, otherwise: &str) -> Ending {
    match errno {
        Errno::PERM | Errno::ACCESS => {
            denied("the daemon may not do this; run it as root, and not in a sandbox")
        }
        Errno::ROFS => conflict("the file system can only be read"),
        Errno::NOSYS => rejected("unsupported here: the kernel is older than Linux 5.6"),
        _ => not_sent(otherwise),
    }
}

/// What it means that a program gave no answer, where it was to change nothing yet.
pub(super) fn before_the_act(error: ProgramError) -> Ending {
    match error {
        ProgramError::TooMuch => rejected("a program's answer is too large"),
        ProgramError::NotStarted => not_sent("a program could not be started"),
        ProgramError::Timeout | ProgramError::Killed => {
            not_sent("a program did not answer in time")
        }
    }
}

/// What it means that a program gave no answer, where it was to change something.
pub(super) fn in_the_act(error: ProgramError) -> Ending {
    match error {
        ProgramError::NotStarted => not_sent("a program could not be started"),
        _ => unknown("a program did not answer in time"),
    }
}
