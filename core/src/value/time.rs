//! UTC instants and signed durations, both whole microseconds in 64 bits.

use core::fmt;

use jiff::Timestamp;

/// An instant, in microseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Time(pub i64);

/// A signed span, in microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Duration(pub i64);

/// The units of duration literals, largest first: spelling and microseconds.
pub const UNITS: &[(&str, i64)] = &[
    ("d", 86_400_000_000),
    ("h", 3_600_000_000),
    ("m", 60_000_000),
    ("s", 1_000_000),
    ("ms", 1_000),
    ("us", 1),
];

impl Time {
    /// The instant that a text in RFC 3339 names. An offset (`+02:00`, also
    /// `+0200`) is converted, digits beyond microseconds are dropped; a text
    /// without an offset is no instant.
    pub fn parse(text: &str) -> Option<Self> {
        text.parse::<Timestamp>().ok().map(|timestamp| Self(timestamp.as_microsecond()))
    }

    /// The instant `duration` later; `None` when 64 bits can't hold it.
    pub fn checked_add(self, duration: Duration) -> Option<Self> {
        self.0.checked_add(duration.0).map(Self)
    }

    /// The instant `duration` later, or the last one that 64 bits can hold.
    pub fn saturating_add(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(duration.0))
    }

    /// From `earlier` to this; `None` when 64 bits can't hold it.
    pub fn checked_since(self, earlier: Self) -> Option<Duration> {
        self.0.checked_sub(earlier.0).map(Duration)
    }

    /// From `earlier` to this, at most what 64 bits can hold.
    pub fn saturating_since(self, earlier: Self) -> Duration {
        Duration(self.0.saturating_sub(earlier.0))
    }
}

impl Duration {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// Whole seconds.
    pub const fn from_secs(seconds: u32) -> Self {
        // 2^32 seconds are far below 2^63 microseconds.
        Self(seconds as i64 * 1_000_000)
    }

    /// The duration that a literal such as `15m` names: digits and one unit.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let (number, unit) = text.split_at_checked(digits)?;
        let (_, micros) = UNITS.iter().find(|(spelling, _)| *spelling == unit)?;
        number.parse::<i64>().ok()?.checked_mul(*micros).map(Self)
    }

    /// As the standard library counts it; negative spans are nothing.
    pub fn to_std(self) -> core::time::Duration {
        core::time::Duration::from_micros(u64::try_from(self.0).unwrap_or(0))
    }
}

/// RFC 3339 in UTC, with as many digits below the second as it needs.
impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match Timestamp::from_microsecond(self.0) {
            Ok(timestamp) => timestamp.fmt(f),
            // Beyond the years that RFC 3339 can write.
            Err(_) => write!(f, "{}us since 1970", self.0),
        }
    }
}

/// Largest unit first, as a person writes it: `1h30m`, `-250ms`, `0s`.
impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.0.unsigned_abs();
        if rest == 0 {
            return f.write_str("0s");
        }
        if self.0 < 0 {
            f.write_str("-")?;
        }
        for (unit, micros) in UNITS {
            let micros = micros.unsigned_abs();
            let (count, remainder) = (rest / micros, rest % micros);
            if count > 0 {
                write!(f, "{count}{unit}")?;
            }
            rest = remainder;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_read_with_every_offset_form() {
        let utc = Time::parse("2026-01-01T00:00:00.018Z");
        assert_eq!(utc.map(|time| time.to_string()).as_deref(), Some("2026-01-01T00:00:00.018Z"));
        assert_eq!(Time::parse("2026-01-01T00:00:00.018000+0000"), utc);
        assert_eq!(Time::parse("2026-01-01T02:00:00.018+02:00"), utc);
        assert_eq!(Time::parse("2026-01-01T00:00:00"), None);
        assert_eq!(Time::parse("2026-13-01T00:00:00Z"), None);
    }

    #[test]
    fn durations_read_as_a_person_writes_them() {
        for (micros, text) in
            [(0, "0s"), (5_400_000_000, "1h30m"), (-250_000, "-250ms"), (1, "1us")]
        {
            assert_eq!(Duration(micros).to_string(), text);
        }
        assert_eq!(Duration::parse("90s"), Some(Duration(90_000_000)));
        assert_eq!(Duration::parse("9999999999d"), None);
        assert_eq!(Duration::parse("90"), None);
        assert!(Duration(i64::MIN).to_string().starts_with('-'));
    }
}
