//! What bundles were loaded before: a fold over the journal, against which
//! rollback and equivocation are noticed.
//!
//! It is changed only by what the journal says was loaded, after every check
//! has passed, so a bundle that is refused late can't move it.

use std::collections::BTreeMap;

use rye_core::digest::Digest;

use crate::name::BundleName;

/// What is known of one name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KnownVersion {
    /// The highest version that was loaded.
    pub highest: u64,
    /// The digest of that version.
    pub digest: Digest,
    /// The highest floor that any loaded version set.
    pub floor: u64,
}

/// What is known of each name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KnownVersions(BTreeMap<BundleName, KnownVersion>);

impl KnownVersions {
    /// Nothing was loaded yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes in that a bundle was loaded. Numbers only ever rise.
    pub fn record(&mut self, name: BundleName, version: u64, digest: Digest, floor: u64) {
        let known = self.0.entry(name).or_insert(KnownVersion { highest: version, digest, floor });
        if version > known.highest {
            known.highest = version;
            known.digest = digest;
        }
        known.floor = known.floor.max(floor);
    }

    /// What is known of a name.
    pub fn get(&self, name: &BundleName) -> Option<&KnownVersion> {
        self.0.get(name)
    }

    /// Whether the bundle of this digest is the highest version of its name.
    pub fn has_loaded(&self, digest: Digest) -> bool {
        self.0.values().any(|known| known.digest == digest)
    }

    /// Takes in that the versions of a name begin anew.
    pub fn forget(&mut self, name: &BundleName) {
        self.0.remove(name);
    }

    /// All names with what is known of them, ascending.
    pub fn iter(&self) -> impl Iterator<Item = (&BundleName, &KnownVersion)> {
        self.0.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_only_rise() {
        let name = BundleName::new("soc/block").unwrap();
        let (a, b) = (Digest([1; 32]), Digest([2; 32]));
        let mut known = KnownVersions::new();
        known.record(name.clone(), 7, a, 5);
        known.record(name.clone(), 6, b, 6);
        known.record(name.clone(), 7, b, 1);
        assert_eq!(known.get(&name), Some(&KnownVersion { highest: 7, digest: a, floor: 6 }));
        known.record(name.clone(), 8, b, 0);
        assert_eq!(known.get(&name), Some(&KnownVersion { highest: 8, digest: b, floor: 6 }));
        assert_eq!(known.iter().count(), 1);
    }
}
