//! When something was: by the wall clock, and by a clock that nobody can turn.

use rye_core::id::BootId;
use rye_core::value::{Duration, Time};

/// One moment, by both clocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Stamp {
    /// The wall clock: can be turned.
    pub wall: Time,
    /// Which start of the machine the monotonic clock counts from.
    pub boot: BootId,
    /// Since that start.
    pub monotonic: Duration,
}

impl Stamp {
    /// How long ago `earlier` was: by the clock that nobody can turn, within one
    /// boot; by the wall's across boots, but at least since this boot began.
    pub fn since(self, earlier: Self) -> Duration {
        if self.boot == earlier.boot {
            Duration(self.monotonic.0.saturating_sub(earlier.monotonic.0))
        } else {
            self.wall.saturating_since(earlier.wall).max(self.monotonic)
        }
    }

    /// How long ago `earlier` surely was: the lesser of both clocks within one
    /// boot, so that turning the wall clock forward frees nobody.
    pub fn surely_since(self, earlier: Self) -> Duration {
        self.since(earlier).min(self.wall.saturating_since(earlier.wall))
    }

    /// Whether `span` has passed since `earlier`.
    pub fn has_passed(self, earlier: Self, span: Duration) -> bool {
        self.since(earlier) >= span
    }
}
