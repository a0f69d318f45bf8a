//! What a bundle says about itself: name, version, for whom, until when, what
//! it may use and how much of it at worst.
//!
//! A claim here only ever narrows what a bundle may do: what its code does is
//! proved from the code, and compared.

use rye_core::digest::Digest;
use rye_core::impact::Impact;
use rye_core::limit::{AUDIENCE_MAX, CAPABILITIES_MAX, ENTRY_POINTS_MAX};
use rye_core::mode::Mode;

use crate::error::Flaw;
use crate::name::{ActionName, BundleName, EntryPointName, EnvironmentId, Label};
use crate::time::UnixSeconds;
use crate::verify::DaemonVersion;

mod encoding;

/// The version of the manifest's form that this crate reads and writes.
pub const FORMAT_VERSION: u16 = 1;

/// The manifest, field by field in the order of its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// What the bundle is called.
    pub name: BundleName,
    /// Counts up from 1; what anti-rollback compares.
    pub version: u64,
    /// The version as people call it; never compared.
    pub display_version: Label,
    /// Versions of this name below it may never be loaded again; at most `version`.
    pub rollback_floor: u64,
    /// The environments that it is meant for, ascending, 1 to 16.
    pub audience: Vec<EnvironmentId>,
    /// When it was built.
    pub created_at: UnixSeconds,
    /// From when on it may be loaded.
    pub not_before: UnixSeconds,
    /// From when on it may no longer be loaded.
    pub expires_at: UnixSeconds,
    /// The version of the instruction set.
    pub isa_version: u16,
    /// The edition of the language.
    pub language_edition: u16,
    /// The version of the table of fuel prices.
    pub cost_table_version: u16,
    /// The least daemon that can run it.
    pub min_daemon: DaemonVersion,
    /// What built it.
    pub compiler_name: Label,
    /// Which version of that.
    pub compiler_version: Label,
    /// Digest of the sources that it was built from, to compare a rebuild.
    pub source_digest: Digest,
    /// What one run may spend.
    pub limits: Limits,
    /// The playbooks that it offers, ascending by name.
    pub entry_points: Vec<EntryPoint>,
    /// What its code uses, ascending by name.
    pub capabilities: Vec<Capability>,
}

/// What one run of the bundle may spend in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Computing, in units of fuel.
    pub fuel: u64,
    /// Memory that is allocated, in bytes.
    pub memory_bytes: u64,
}

/// A playbook that can be run, and the worst that a run of it can do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryPoint {
    /// The playbook's name.
    pub name: EntryPointName,
    /// Digest of the shape of its input.
    pub input_schema: Digest,
    /// The most real mode that its author allows.
    pub max_mode: Mode,
    /// The worst class of what it does.
    pub impact: Impact,
    /// The most that a run of it can use.
    pub worst_case: WorstCase,
}

/// Upper bounds of one run. `u64::MAX` stands for "no bound is known" elsewhere,
/// so it never appears here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorstCase {
    /// Computing, in units of fuel.
    pub fuel: u64,
    /// Waiting for timers, people and answers, in microseconds.
    pub waiting_micros: u64,
    /// Queries asked.
    pub queries: u64,
    /// How often each capability of the manifest is used, in the manifest's order.
    pub uses: Vec<u64>,
}

/// What a capability does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CapabilityKind {
    /// Changes the world.
    Action,
    /// Reads it.
    Query,
    /// Tells somebody.
    Notice,
}

impl CapabilityKind {
    /// All kinds, in the order of their codes.
    pub const ALL: [Self; 3] = [Self::Action, Self::Query, Self::Notice];

    /// The number that stands for this kind in a manifest, 0 to 2.
    pub const fn code(self) -> u8 {
        match self {
            Self::Action => 0,
            Self::Query => 1,
            Self::Notice => 2,
        }
    }

    /// The kind with this code; `None` for a number that no kind has.
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }

    /// The word for this kind in listings.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Action => "action",
            Self::Query => "query",
            Self::Notice => "notice",
        }
    }
}

/// An action, query or notice that the code uses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Capability {
    /// Its full name.
    pub name: ActionName,
    /// What it does.
    pub kind: CapabilityKind,
    /// Digest of all that a caller relies on: parameters, result, undo.
    pub schema: Digest,
    /// How much it may hurt.
    pub impact: Impact,
}

impl Manifest {
    /// Reads a manifest.
    ///
    /// # Errors
    /// When the bytes are not exactly one manifest, or its fields contradict
    /// each other.
    pub fn decode(bytes: &[u8]) -> Result<Self, Flaw> {
        let manifest = encoding::read(bytes)?;
        manifest.check()?;
        Ok(manifest)
    }

    /// The manifest's bytes.
    ///
    /// # Errors
    /// When its fields contradict each other: what can't be read isn't written.
    pub fn encode(&self) -> Result<Vec<u8>, Flaw> {
        self.check()?;
        Ok(encoding::write(self))
    }

    /// The worst class that any entry point names; `Observe` if there is none.
    pub fn impact(&self) -> Impact {
        self.entry_points.iter().map(|entry| entry.impact).max().unwrap_or(Impact::Observe)
    }

    /// Seconds from the making to the expiry.
    pub fn lifetime_seconds(&self) -> u64 {
        self.expires_at.saturating_since(self.created_at)
    }

    /// The rules between fields, and the lengths of lists, for reader and writer.
    fn check(&self) -> Result<(), Flaw> {
        expect(self.version >= 1, "bundle_version", "1 or more", self.version)?;
        expect(
            self.rollback_floor <= self.version,
            "rollback_floor",
            format_args!("at most `bundle_version`, {}", self.version),
            self.rollback_floor,
        )?;
        check_list("audience", &self.audience, 1, AUDIENCE_MAX, |id| id)?;
        for (field, time) in [("not_before", self.not_before), ("created_at", self.created_at)] {
            expect(
                time < self.expires_at,
                field,
                format_args!("earlier than `expires_at`, {}", self.expires_at),
                time,
            )?;
        }
        check_bound("limits.fuel", self.limits.fuel, 1)?;
        check_bound("limits.memory_bytes", self.limits.memory_bytes, 1)?;
        check_list("entry_points", &self.entry_points, 1, ENTRY_POINTS_MAX, |entry| &entry.name)?;
        check_list("capabilities", &self.capabilities, 0, CAPABILITIES_MAX, |it| &it.name)?;
        for (index, entry) in self.entry_points.iter().enumerate() {
            entry
                .worst_case
                .check(self.capabilities.len())
                .map_err(|flaw| flaw.inside(&format!("entry_points[{index}]")))?;
        }
        Ok(())
    }
}

impl WorstCase {
    fn check(&self, capabilities: usize) -> Result<(), Flaw> {
        check_bound("fuel", self.fuel, 0)?;
        check_bound("waiting_micros", self.waiting_micros, 0)?;
        check_bound("queries", self.queries, 0)?;
        let expected = format_args!("one number per capability, {capabilities}");
        expect(self.uses.len() == capabilities, "uses", expected, self.uses.len())?;
        self.uses.iter().try_for_each(|uses| check_bound("uses", *uses, 0))
    }
}

fn expect(
    holds: bool,
    field: &str,
    expected: impl core::fmt::Display,
    found: impl core::fmt::Display,
) -> Result<(), Flaw> {
    if holds { Ok(()) } else { Err(Flaw::new(field, expected, found)) }
}

fn check_bound(field: &str, bound: u64, least: u64) -> Result<(), Flaw> {
    let expected = format_args!("{least} or more, and below {}, which stands for none", u64::MAX);
    expect((least..u64::MAX).contains(&bound), field, expected, bound)
}

fn check_list<T, K: Ord>(
    field: &str,
    items: &[T],
    least: usize,
    most: usize,
    key: impl Fn(&T) -> &K,
) -> Result<(), Flaw> {
    let count = items.len();
    expect((least..=most).contains(&count), field, format_args!("{least} to {most} items"), count)?;
    let ascends = items.iter().zip(items.iter().skip(1)).all(|(a, b)| key(a) < key(b));
    expect(ascends, field, "items that ascend, each once", "another order, or one twice")
}

#[cfg(test)]
pub(crate) mod tests;
