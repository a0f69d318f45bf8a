//! Instants in signed objects: whole seconds, because people set them.

use core::fmt;

use rye_core::value::Time;

/// Seconds since 1970-01-01T00:00:00Z. Shown as RFC 3339 in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct UnixSeconds(pub u64);

impl UnixSeconds {
    /// The instant `seconds` later, or the last one there is.
    pub fn saturating_add(self, seconds: u64) -> Self {
        Self(self.0.saturating_add(seconds))
    }

    /// Seconds from `earlier` to this; 0 when `earlier` is later.
    pub fn saturating_since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}

/// Rounds down; what lies before 1970 becomes 1970.
impl From<Time> for UnixSeconds {
    fn from(time: Time) -> Self {
        Self(u64::try_from(time.0.div_euclid(1_000_000)).unwrap_or(0))
    }
}

impl fmt::Display for UnixSeconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match i64::try_from(self.0).ok().and_then(|seconds| seconds.checked_mul(1_000_000)) {
            Some(micros) => Time(micros).fmt(f),
            // Beyond what RFC 3339 can write.
            None => write!(f, "{}s since 1970", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_dates_and_survives_any_number() {
        assert_eq!(UnixSeconds(1_763_629_200).to_string(), "2025-11-20T09:00:00Z");
        assert_eq!(UnixSeconds(u64::MAX).to_string(), "18446744073709551615s since 1970");
    }

    #[test]
    fn a_time_is_rounded_down() {
        assert_eq!(UnixSeconds::from(Time(1_999_999)), UnixSeconds(1));
        assert_eq!(UnixSeconds::from(Time(-1)), UnixSeconds(0));
    }
}
