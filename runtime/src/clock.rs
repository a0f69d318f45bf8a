//! The only reader of clocks: everybody else is told the time.
//!
//! A moment is read by two clocks at once: the wall's, which people and attackers
//! can turn, and one that counts from the machine's start, sleep included, which
//! nobody can.

use core::fmt;

use rustix::time::{ClockId, Timespec, clock_gettime};
use rye_core::id::BootId;
use rye_core::limit::CLOCK_BACKWARD_SECONDS_MAX;
use rye_core::value::{Duration, Time};
use rye_engine::stamp::Stamp;

/// Where Linux says which start of the machine this is.
const BOOT_ID: &str = "/proc/sys/kernel/random/boot_id";

/// The clocks of this machine.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    boot: BootId,
}

/// The machine doesn't say which start of it this is, so times of its clocks
/// could not be compared later.
#[derive(Debug)]
pub struct ClockError {
    reason: String,
}

impl fmt::Display for ClockError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{BOOT_ID} can't be used: {}; is /proc mounted?", self.reason)
    }
}

impl core::error::Error for ClockError {}

impl Clock {
    /// The clocks, once it is known which start of the machine this is.
    ///
    /// # Errors
    /// When the system doesn't say it.
    pub fn new() -> Result<Self, ClockError> {
        let text = std::fs::read_to_string(BOOT_ID)
            .map_err(|error| ClockError { reason: error.to_string() })?;
        let boot = BootId::from_hex(&text.trim().replace('-', ""));
        let boot = boot.ok_or_else(|| ClockError { reason: String::from("it is no UUID") })?;
        Ok(Self { boot })
    }

    /// Now.
    pub fn now(self) -> Stamp {
        Stamp {
            wall: Time(micros(clock_gettime(ClockId::Realtime))),
            boot: self.boot,
            monotonic: Duration(micros(clock_gettime(ClockId::Boottime))),
        }
    }
}

fn micros(time: Timespec) -> i64 {
    time.tv_sec.saturating_mul(1_000_000).saturating_add(time.tv_nsec / 1_000)
}

/// Whether the wall clock stands elsewhere than the time since `before` can
/// explain: within one start of the machine that time is known; across starts
/// nothing is, and any larger step is worth a look.
pub fn has_jumped(before: Stamp, now: Stamp) -> bool {
    let wall = now.wall.saturating_since(before.wall);
    let passed = if now.boot == before.boot {
        Duration(now.monotonic.0.saturating_sub(before.monotonic.0))
    } else {
        Duration::ZERO
    };
    let off = wall.0.saturating_sub(passed.0).unsigned_abs();
    off > CLOCK_BACKWARD_SECONDS_MAX.saturating_mul(1_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stamp(wall: i64, boot: u8, monotonic: i64) -> Stamp {
        let second = 1_000_000;
        Stamp {
            wall: Time(wall * second),
            boot: BootId([boot; 16]),
            monotonic: Duration(monotonic * second),
        }
    }

    #[test]
    fn time_passes_by_both_clocks() {
        let clock = Clock::new().unwrap();
        let (first, second) = (clock.now(), clock.now());
        assert_eq!(first.boot, second.boot);
        assert!(first.monotonic.0 > 0 && second.monotonic >= first.monotonic);
        assert!(first.wall > Time::parse("2025-01-01T00:00:00Z").unwrap());
    }

    #[test]
    fn within_one_start_a_jump_is_what_the_other_clock_does_not_show() {
        let before = stamp(10_000, 1, 50);
        assert!(!has_jumped(before, stamp(96_400, 1, 86_450)), "a day passed");
        assert!(has_jumped(before, stamp(96_400, 1, 60)), "turned forward");
        assert!(has_jumped(before, stamp(9_000, 1, 60)), "turned back");
        assert!(!has_jumped(before, stamp(9_900, 1, 60)), "set right");
    }

    #[test]
    fn across_starts_every_larger_step_is_one() {
        let before = stamp(10_000, 1, 50);
        assert!(!has_jumped(before, stamp(10_200, 2, 10)));
        assert!(has_jumped(before, stamp(10_400, 2, 10)));
        assert!(has_jumped(before, stamp(9_000, 2, 10)));
    }
}
