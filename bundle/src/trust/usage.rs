//! What a key may be used for.

use core::fmt;

macro_rules! usages {
    ($($(#[$doc:meta])* $variant:ident = $bit:literal, $name:literal;)*) => {
        /// One use of a key. Bits are never renumbered and never reused.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Usage {
            $($(#[$doc])* $variant,)*
        }

        impl Usage {
            /// All usages, in the order of their bits.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The number of the usage's bit, which also stands for it alone.
            pub const fn bit(self) -> u8 {
                match self { $(Self::$variant => $bit,)* }
            }

            /// The word for it in listings and options.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }
        }
    };
}

usages! {
    /// Signs trust roots.
    Root = 0, "root";
    /// Signs bundles.
    Bundle = 1, "bundle";
    /// Signs a person's decisions.
    Approval = 2, "approval";
    /// Signs the journal's checkpoints.
    Checkpoint = 3, "checkpoint";
    /// Signs, outside of the daemon's host, that it saw a checkpoint.
    Witness = 4, "witness";
    /// Signs lists of revoked keys and bundles.
    Revocation = 5, "revocation";
    /// Opens a break-glass window.
    BreakGlass = 6, "break_glass";
    /// Signs events that start runs.
    Trigger = 7, "trigger";
    /// Signs an operator's messages: cancel, settle, release, roll back.
    Operator = 8, "operator";
}

impl Usage {
    /// The usage with this bit; `None` for a bit that stands for nothing.
    pub fn from_bit(bit: u8) -> Option<Self> {
        Self::ALL.iter().copied().find(|usage| usage.bit() == bit)
    }

    /// The usage with this name; `None` for any other word.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|usage| usage.name() == name)
    }
}

impl fmt::Display for Usage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A set of usages. Bits that stand for nothing can't be in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Usages(u16);

impl Usages {
    /// Whether a key with these usages may be used for `usage`.
    pub const fn contains(self, usage: Usage) -> bool {
        self.0 & mask(usage) != 0
    }

    /// Whether nothing is in it.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The usages in it, in the order of their bits.
    pub fn iter(self) -> impl Iterator<Item = Usage> {
        Usage::ALL.iter().copied().filter(move |usage| self.contains(*usage))
    }

    /// The bits: usage `u` is bit `u.bit()`, counted from the lowest.
    pub const fn bits(self) -> u16 {
        self.0
    }

    /// The set with these bits; `None` when one of them stands for nothing.
    pub fn from_bits(bits: u16) -> Option<Self> {
        let known = Usage::ALL.iter().fold(0, |known, usage| known | mask(*usage));
        (bits & !known == 0).then_some(Self(bits))
    }
}

impl FromIterator<Usage> for Usages {
    fn from_iter<I: IntoIterator<Item = Usage>>(usages: I) -> Self {
        Self(usages.into_iter().fold(0, |bits, usage| bits | mask(usage)))
    }
}

impl fmt::Display for Usages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.iter().map(Usage::name).collect();
        f.pad(&names.join(", "))
    }
}

const fn mask(usage: Usage) -> u16 {
    // Bits are numbered below 16 in the table above.
    1 << usage.bit()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_and_names_round_trip() {
        for (bit, usage) in (0..).zip(Usage::ALL) {
            assert_eq!(usage.bit(), bit);
            assert_eq!(Usage::from_bit(bit), Some(*usage));
            assert_eq!(Usage::from_name(usage.name()), Some(*usage));
        }
        assert_eq!(Usage::from_bit(9), None);
    }

    #[test]
    fn a_set_holds_what_was_put_in_and_no_unknown_bits() {
        let usages: Usages = [Usage::Operator, Usage::Root].into_iter().collect();
        assert_eq!(usages.to_string(), "root, operator");
        assert_eq!(Usages::from_bits(usages.bits()), Some(usages));
        assert_eq!(Usages::from_bits(1 << 9), None);
        assert!(!usages.contains(Usage::Bundle));
    }
}
