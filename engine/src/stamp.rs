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
    /// How long ago `earlier` surely was: the lesser of both clocks within one
    /// boot, so that turning the wall clock forward frees nobody.
    pub fn surely_since(self, earlier: Self) -> Duration {
        let wall = self.wall.saturating_since(earlier.wall);
        if self.boot == earlier.boot {
            wall.min(Duration(self.monotonic.0.saturating_sub(earlier.monotonic.0)))
        } else {
            wall
        }
    }

    /// Whether `span` has surely passed since `earlier`.
    pub fn has_passed(self, earlier: Self, span: Duration) -> bool {
        self.surely_since(earlier) >= span
    }
}
