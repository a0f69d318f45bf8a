//! Why something signed is refused: one variant per reason, each with a code
//! that never changes, the place, what was expected, what was found, and what
//! to do next.

use core::fmt::{self, Display};

use rye_core::digest::Digest;
use rye_core::id::KeyId;
use rye_core::impact::Impact;

use crate::name::{BundleName, EnvironmentId, Label, OwnerId};
use crate::signature::KeyFlaw;
use crate::time::UnixSeconds;
use crate::trust::Requirement;
use crate::verify::{DaemonVersion, Standing};

mod explain;

/// What is wrong at one place of a signed object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flaw {
    /// The offset of the wrong byte in the container or the payload; `None`
    /// where the fields are sound one by one but don't fit together.
    pub at_byte: Option<usize>,
    /// The field, such as `entry_points[2].name`.
    pub field: String,
    /// What would have been right.
    pub expected: String,
    /// What was there.
    pub found: String,
}

impl Flaw {
    pub(crate) fn new(field: impl Display, expected: impl Display, found: impl Display) -> Self {
        Self {
            at_byte: None,
            field: field.to_string(),
            expected: expected.to_string(),
            found: found.to_string(),
        }
    }

    pub(crate) fn at_byte(mut self, at: usize) -> Self {
        self.at_byte = Some(at);
        self
    }

    /// The same flaw, seen from the object that the field is part of.
    pub(crate) fn inside(mut self, parent: &str) -> Self {
        self.field = format!("{parent}.{}", self.field);
        self
    }
}

impl Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(at) = self.at_byte {
            write!(f, "at byte {at}, ")?;
        }
        write!(f, "`{}`: expected {}, found {}", self.field, self.expected, self.found)
    }
}

impl core::error::Error for Flaw {}

/// How many distinct owners signed, and how many of them are people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct OwnerCount {
    /// Distinct owners, people and programs.
    pub owners: usize,
    /// Distinct owners that are people.
    pub humans: usize,
}

/// Why a bundle, a trust root or a message is refused. The order is that of the
/// checks: the first that fails is the one that is reported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// More bytes than any such object may have.
    Size {
        /// Bytes found.
        found: usize,
        /// Bytes allowed.
        max: usize,
    },
    /// The first four bytes are not those of the container.
    Magic(Flaw),
    /// A container of another version.
    ContainerVersion(Flaw),
    /// Flags or reserved bytes that are not zero.
    Flags(Flaw),
    /// The container ends early, or its payload has a length that is not allowed.
    Length(Flaw),
    /// Bytes after the end.
    Trailing(Flaw),
    /// No signature, or too many.
    SignatureCount {
        /// Signatures found.
        found: usize,
    },
    /// Signatures that don't ascend by key id, or two by one key.
    SignatureOrder(Flaw),
    /// The bytes are not those that were pinned.
    RootPin {
        /// The digest that the caller trusts.
        pinned: Digest,
        /// The digest of what was found.
        found: Digest,
    },
    /// The payload of a trust root is malformed or contradicts itself.
    RootForm(Flaw),
    /// A public key in a trust root that must not be trusted.
    RootKey {
        /// Where in the list of keys, from 0.
        index: usize,
        /// What is wrong with it.
        flaw: KeyFlaw,
    },
    /// Too few owners signed the trust root.
    RootThreshold {
        /// Distinct owners that the root role asks for.
        need: usize,
        /// Distinct owners whose signatures count.
        have: usize,
    },
    /// Too few owners of the root before signed its successor.
    RootPredecessor {
        /// The version of the root before.
        version: u64,
        /// Distinct owners that its root role asks for.
        need: usize,
        /// Distinct owners whose signatures count.
        have: usize,
    },
    /// A version of the trust root was left out.
    RootSkip {
        /// The version found.
        version: u64,
        /// The version that is believed.
        seen: u64,
    },
    /// An older trust root than the one that is believed.
    RootRollback {
        /// The version found.
        version: u64,
        /// The version that is believed.
        seen: u64,
    },
    /// Another trust root of the same version is believed.
    RootEquivocation {
        /// The version.
        version: u64,
        /// The digest of the one that is believed.
        known: Digest,
        /// The digest of what was found.
        found: Digest,
    },
    /// A revocation list that is malformed, contradicts itself, or is for another place.
    RevocationsForm(Flaw),
    /// Too few owners signed the revocation list.
    RevocationsThreshold {
        /// Distinct owners that its role asks for; `None` when no role signs such lists.
        need: Option<usize>,
        /// Distinct owners whose signatures count.
        have: usize,
    },
    /// An older revocation list than the one that is believed.
    RevocationsRollback {
        /// The version found.
        version: u64,
        /// The version that is believed.
        seen: u64,
    },
    /// Another revocation list of the same version is believed.
    RevocationsEquivocation {
        /// The version.
        version: u64,
    },
    /// There is no revocation list, or it is too old.
    Freshness {
        /// When the next one should have come, and whether those who signed this one
        /// may do so still; `None` when there is none.
        list: Option<(UnixSeconds, bool)>,
        /// The fixed time of this check.
        now: UnixSeconds,
    },
    /// The clock is behind what is known to have happened.
    Clock {
        /// What the clock says.
        now: UnixSeconds,
        /// An instant that is certainly past.
        past: UnixSeconds,
    },
    /// The trust root's time is over.
    RootExpired {
        /// When it ended.
        expires_at: UnixSeconds,
        /// The fixed time of this check.
        now: UnixSeconds,
    },
    /// A signature of a trusted key over something else.
    SignatureInvalid {
        /// Whose signature it claims to be.
        key_id: KeyId,
        /// Who answers for that key.
        owner: OwnerId,
    },
    /// Not one signature counts.
    NoTrustedSignature {
        /// Each signature's key, and why it doesn't count.
        standings: Vec<(KeyId, Standing)>,
    },
    /// The manifest is malformed or contradicts itself.
    Manifest(Flaw),
    /// A section that ends early, or bytes after the last.
    SectionLength(Flaw),
    /// Sections that don't ascend by kind.
    SectionOrder(Flaw),
    /// A section of a kind that this reader doesn't know.
    SectionUnknown(Flaw),
    /// The bundle is meant for other environments.
    Audience {
        /// Whom it is meant for.
        audience: Vec<EnvironmentId>,
        /// Where it is to be loaded.
        environment: EnvironmentId,
    },
    /// A signer who has no role for bundles of this name.
    Delegation {
        /// The signer's key.
        key_id: KeyId,
        /// Who answers for it.
        owner: OwnerId,
        /// The bundle's name.
        name: BundleName,
    },
    /// The bundle's time has not begun.
    NotYetValid {
        /// When it begins.
        not_before: UnixSeconds,
        /// The fixed time of this check.
        now: UnixSeconds,
    },
    /// The bundle's time is over.
    Expired {
        /// When it ended.
        expires_at: UnixSeconds,
        /// The fixed time of this check.
        now: UnixSeconds,
    },
    /// The bundle would be valid for too long.
    Lifetime {
        /// Seconds from its making to its expiry.
        seconds: u64,
    },
    /// A version of the instructions, the language or the prices that is not
    /// supported here.
    Isa {
        /// Which of the three.
        field: &'static str,
        /// The bundle's version.
        found: u16,
        /// The lowest that is supported.
        lowest: u16,
        /// The highest that is supported.
        highest: u16,
    },
    /// The bundle needs a newer daemon.
    DaemonTooOld {
        /// The least version that it needs.
        need: DaemonVersion,
        /// The running version.
        have: DaemonVersion,
    },
    /// The bundle itself was revoked.
    RevokedBundle {
        /// Its digest.
        digest: Digest,
        /// Why, as those who did it say.
        reason: Label,
    },
    /// The version lies below a floor, set by a later bundle of that name or by the
    /// revocation list.
    Revoked {
        /// The bundle's name.
        name: BundleName,
        /// Its version.
        version: u64,
        /// The lowest version that may still be loaded.
        floor: u64,
    },
    /// Another bundle of the same name and version is known.
    Equivocation {
        /// The name.
        name: BundleName,
        /// The version.
        version: u64,
        /// The digest that is known.
        known: Digest,
        /// The digest of this one.
        found: Digest,
    },
    /// An older version than one that was loaded.
    Rollback {
        /// The bundle's name.
        name: BundleName,
        /// Its version.
        version: u64,
        /// The highest version that was loaded.
        highest: u64,
    },
    /// Not the bundle that the run began with.
    RunBundle {
        /// The digest in the run's first entry.
        expected: Digest,
        /// The digest of this one.
        found: Digest,
    },
    /// The manifest claims other actions, queries or notices than the code uses.
    CapabilityMismatch(Flaw),
    /// The code can do worse than the manifest admits.
    Impact {
        /// The worst class that the manifest names.
        declared: Impact,
        /// The worst class that the code reaches.
        proved: Impact,
    },
    /// Too few distinct owners signed for what the bundle can do.
    Threshold {
        /// The worst that the code reaches.
        impact: Impact,
        /// What the trust root asks for.
        need: Requirement,
        /// What the signatures amount to.
        have: OwnerCount,
        /// How many more owners signed whose roles speak for milder bundles alone.
        milder: usize,
    },
}

/// Place, expectation, finding and advice: what a person is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// Where: a field, a byte, the name of a check.
    pub place: String,
    /// What would have been accepted.
    pub expected: String,
    /// What was there.
    pub found: String,
    /// What to do next.
    pub help: &'static str,
}

impl Refusal {
    /// The stable code of the reason.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Size { .. } => "E_SIZE",
            Self::Magic(_) => "E_MAGIC",
            Self::ContainerVersion(_) => "E_CONTAINER_VERSION",
            Self::Flags(_) => "E_FLAGS",
            Self::Length(_) => "E_LENGTH",
            Self::Trailing(_) => "E_TRAILING",
            Self::SignatureCount { .. } => "E_SIG_COUNT",
            Self::SignatureOrder(_) => "E_SIG_ORDER",
            Self::RootPin { .. } => "E_ROOT_PIN",
            Self::RootForm(_) => "E_ROOT_FORM",
            Self::RootKey { flaw, .. } => flaw.code(),
            Self::RootThreshold { .. } => "E_ROOT_THRESHOLD",
            Self::RootPredecessor { .. } => "E_ROOT_PREDECESSOR",
            Self::RootSkip { .. } => "E_ROOT_SKIP",
            Self::RootRollback { .. } => "E_ROOT_ROLLBACK",
            Self::RootEquivocation { .. } => "E_ROOT_EQUIVOCATION",
            Self::RevocationsForm(_) => "E_REVOCATIONS_FORM",
            Self::RevocationsThreshold { .. } => "E_REVOCATIONS_THRESHOLD",
            Self::RevocationsRollback { .. } => "E_REVOCATIONS_ROLLBACK",
            Self::RevocationsEquivocation { .. } => "E_REVOCATIONS_EQUIVOCATION",
            Self::Freshness { .. } => "E_FRESHNESS",
            Self::Clock { .. } => "E_CLOCK",
            Self::RootExpired { .. } => "E_ROOT_EXPIRED",
            Self::SignatureInvalid { .. } => "E_SIG_INVALID",
            Self::NoTrustedSignature { .. } => "E_NO_TRUSTED_SIG",
            Self::Manifest(_) => "E_MANIFEST",
            Self::SectionLength(_) => "E_SECTION_LENGTH",
            Self::SectionOrder(_) => "E_SECTION_ORDER",
            Self::SectionUnknown(_) => "E_SECTION_UNKNOWN",
            Self::Audience { .. } => "E_AUDIENCE",
            Self::Delegation { .. } => "E_DELEGATION",
            Self::NotYetValid { .. } => "E_NOT_YET_VALID",
            Self::Expired { .. } => "E_EXPIRED",
            Self::Lifetime { .. } => "E_LIFETIME",
            Self::Isa { .. } => "E_ISA",
            Self::DaemonTooOld { .. } => "E_DAEMON_TOO_OLD",
            Self::Revoked { .. } | Self::RevokedBundle { .. } => "E_REVOKED",
            Self::Equivocation { .. } => "E_EQUIVOCATION",
            Self::Rollback { .. } => "E_ROLLBACK",
            Self::RunBundle { .. } => "E_RUN_BUNDLE",
            Self::CapabilityMismatch(_) => "E_CAP_MISMATCH",
            Self::Impact { .. } => "E_IMPACT",
            Self::Threshold { .. } => "E_THRESHOLD",
        }
    }
}

/// The code and one line: place, expected, found. The help line stands apart,
/// in [`Refusal::explain`].
impl Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Explanation { place, expected, found, .. } = self.explain();
        write!(f, "{}: {place}: expected {expected}, found {found}", self.code())
    }
}

impl core::error::Error for Refusal {}
