//! Numbers that can't go wrong unnoticed: floats that are always finite.

use core::cmp::Ordering;
use core::fmt;

/// A finite float. `-0.0` is `0.0`, so that equal numbers have equal bits.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub struct Finite(f64);

impl Finite {
    /// `value`, or `None` for NaN and the infinities.
    pub fn new(value: f64) -> Option<Self> {
        // Adding zero turns `-0.0` into `0.0` and changes nothing else.
        value.is_finite().then_some(Self(value + 0.0))
    }

    /// The number.
    pub fn get(self) -> f64 {
        self.0
    }
}

impl Eq for Finite {}

impl PartialOrd for Finite {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Finite {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.total_cmp(&other.0)
    }
}

/// The shortest decimal that reads back as the same number, always with a point.
impl fmt::Display for Finite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        if self.0.fract() == 0.0 { f.write_str(".0") } else { Ok(()) }
    }
}
