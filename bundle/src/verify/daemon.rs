//! The version of the program that runs bundles.

use core::fmt;

/// Three numbers, compared from the left. Shown as `1.2.3`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct DaemonVersion {
    /// Changes with what older bundles may rely on.
    pub major: u16,
    /// Changes with what is added.
    pub minor: u16,
    /// Changes with what is mended.
    pub patch: u16,
}

impl DaemonVersion {
    /// The version that three decimal numbers joined by `.` name, such as `1.2.3`.
    pub fn parse(text: &str) -> Option<Self> {
        let mut numbers = text.split('.').map(|number| number.parse().ok());
        let version =
            Self { major: numbers.next()??, minor: numbers.next()??, patch: numbers.next()?? };
        numbers.next().is_none().then_some(version)
    }
}

impl fmt::Display for DaemonVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_numbers_and_nothing_else() {
        let version = DaemonVersion { major: 1, minor: 20, patch: 3 };
        assert_eq!(DaemonVersion::parse(&version.to_string()), Some(version));
        for text in ["", "1", "1.2", "1.2.3.4", "1.2.x", "1.2.65536", "1.2.3-rc"] {
            assert_eq!(DaemonVersion::parse(text), None, "{text}");
        }
    }
}
