//! How real a run is.

use core::fmt;

/// The three modes, from least to most real. A run's mode is the least of what
/// the caller, the site and the bundle allow, so the order carries meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mode {
    /// Real queries, no actions; notices and questions are only recorded.
    Shadow,
    /// Real queries, no actions; notices and questions are shown to responders.
    Monitor,
    /// Actions are dispatched.
    Enforce,
}

impl Mode {
    /// All modes, in the order of their codes.
    pub const ALL: [Self; 3] = [Self::Shadow, Self::Monitor, Self::Enforce];

    /// The number that stands for this mode in persistent formats, 0 to 2.
    pub const fn code(self) -> u8 {
        match self {
            Self::Shadow => 0,
            Self::Monitor => 1,
            Self::Enforce => 2,
        }
    }

    /// The mode with this code; `None` for a number that no mode has.
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.code() == code)
    }

    /// The word for this mode in options, configuration and listings.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Shadow => "shadow",
            Self::Monitor => "monitor",
            Self::Enforce => "enforce",
        }
    }

    /// The mode with this name; `None` for any other word.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.name() == name)
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_and_names_round_trip_from_least_to_most_real() {
        assert!(Mode::ALL.is_sorted());
        for (code, mode) in (0..).zip(Mode::ALL) {
            assert_eq!(mode.code(), code);
            assert_eq!(Mode::from_code(code), Some(mode));
            assert_eq!(Mode::from_name(mode.name()), Some(mode));
        }
        assert_eq!(Mode::from_code(3), None);
        assert_eq!(Mode::from_name("real"), None);
    }
}
