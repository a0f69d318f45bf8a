//! How much an action may hurt: what decides how many signers a bundle needs
//! and who must say yes.

use core::fmt;

/// The four classes, from harmless to worst. The order is that of harm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Impact {
    /// Reads only.
    Observe,
    /// Can be undone by the same adapter and interrupts no legitimate work.
    Reversible,
    /// Interrupts work: a host isolated, an account disabled, a process ended.
    Disruptive,
    /// Can't be undone, or hits many at once.
    Destructive,
}

impl Impact {
    /// All classes, in the order of their codes.
    pub const ALL: [Self; 4] =
        [Self::Observe, Self::Reversible, Self::Disruptive, Self::Destructive];

    /// The number that stands for this class in persistent formats, 0 to 3.
    pub const fn code(self) -> u8 {
        match self {
            Self::Observe => 0,
            Self::Reversible => 1,
            Self::Disruptive => 2,
            Self::Destructive => 3,
        }
    }

    /// The class with this code; `None` for a number that no class has.
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|impact| impact.code() == code)
    }

    /// The word for this class in source, diagnostics and listings.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Observe => "observe",
            Self::Reversible => "reversible",
            Self::Disruptive => "disruptive",
            Self::Destructive => "destructive",
        }
    }

    /// The class with this name; `None` for any other word.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|impact| impact.name() == name)
    }
}

impl fmt::Display for Impact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_and_names_round_trip_in_order_of_harm() {
        assert!(Impact::ALL.is_sorted());
        for (code, impact) in (0..).zip(Impact::ALL) {
            assert_eq!(impact.code(), code);
            assert_eq!(Impact::from_code(code), Some(impact));
            assert_eq!(Impact::from_name(impact.name()), Some(impact));
        }
        assert_eq!(Impact::from_code(4), None);
        assert_eq!(Impact::from_name("Observe"), None);
    }
}
