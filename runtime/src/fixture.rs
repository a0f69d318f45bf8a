//! A small site for tests: its people, its trust root, its bundles, all of it real.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use rye_bundle::manifest::{Limits, Manifest};
use rye_bundle::name::{BundleName, EnvironmentId, Label, OwnerId};
use rye_bundle::payload::{Payload, Section};
use rye_bundle::revocation::Revocations;
use rye_bundle::sign::{sign_bundle, sign_revocations, sign_trust_root, unsigned_bundle};
use rye_bundle::signature::SecretKey;
use rye_bundle::time::UnixSeconds;
use rye_bundle::trust::{
    BundleScope, ImpactPolicy, SignerRole, TrustRoot, TrustRootDraft, TrustedKey, Usage,
};
use rye_bundle::verify::DaemonVersion;
use rye_bytecode::Options;
use rye_bytecode::facts;
use rye_core::digest::Digest;
use rye_core::impact::Impact;
use rye_core::limit::{RUN_FUEL_MAX, RUN_MEMORY_BYTES_MAX};
use rye_core::mode::Mode;
use rye_core::value::Time;

use crate::clock::Clock;
use crate::config::Site;
use crate::loader::{Loader, Registry, proof};
use crate::offers::Offers;

pub(crate) const ALICE: u8 = 1;
pub(crate) const ROOT: u8 = 2;
pub(crate) const OPERATOR: u8 = 3;
pub(crate) const LISTS: u8 = 4;
pub(crate) const CI: u8 = 5;
pub(crate) const DEPUTY: u8 = 6;
pub(crate) const BEA: u8 = 7;
pub(crate) const CY: u8 = 8;
pub(crate) const BOB: u8 = 9;
pub(crate) const MALLORY: u8 = 66;

/// A playbook that blocks an address and tells the analysts.
pub(crate) const CONTAIN: &str = include_str!("fixture/contain.ryasm");

pub(crate) fn secret(who: u8) -> SecretKey {
    SecretKey::from_seed(&[who; 32]).unwrap()
}

pub(crate) fn now() -> Time {
    Clock::new().unwrap().now().wall
}

/// So many days from the start of the tests: the same for all of them.
pub(crate) fn at(days: i64) -> UnixSeconds {
    static BEGAN: LazyLock<UnixSeconds> = LazyLock::new(|| UnixSeconds::from(now()));
    UnixSeconds(BEGAN.0.checked_add_signed(days * 86_400).unwrap())
}

pub(crate) fn trusted(who: u8, name: &str, usages: &[Usage]) -> TrustedKey {
    TrustedKey {
        public: *secret(who).public(),
        owner: OwnerId::new(name).unwrap(),
        not_before: at(-30),
        not_after: at(300),
        usages: usages.iter().copied().collect(),
    }
}

pub(crate) fn trust_root() -> TrustRoot {
    trust_draft().build().unwrap()
}

/// A trust root that lets Lisa sign revocation lists, and so asks for one.
pub(crate) fn list_draft() -> TrustRootDraft {
    let mut draft = trust_draft();
    draft.signer_roles.push(SignerRole {
        usage: Usage::Revocation,
        scope: None,
        threshold: 1,
        keys: BTreeSet::from([secret(LISTS).public().id()]),
    });
    draft
}

/// A file with a trust root, signed by whoever it says.
pub(crate) fn root_file(root: &TrustRoot) -> Vec<u8> {
    sign_trust_root(&root.unsigned_file().unwrap(), &secret(ROOT)).unwrap()
}

/// A file with a revocation list that revokes nothing.
pub(crate) fn revocations(version: u64) -> Revocations {
    Revocations {
        version,
        issued_at: at(-3),
        next_update: at(4),
        environment: EnvironmentId::new("lab").unwrap(),
        keys: BTreeMap::new(),
        bundles: BTreeMap::new(),
        versions: BTreeMap::new(),
    }
}

pub(crate) fn list_file(list: &Revocations) -> Vec<u8> {
    sign_revocations(&list.unsigned_file().unwrap(), &secret(LISTS)).unwrap()
}

pub(crate) fn trust_draft() -> TrustRootDraft {
    let role = |usage, scope, who| SignerRole {
        usage,
        scope,
        threshold: 1,
        keys: BTreeSet::from([secret(who).public().id()]),
    };
    let scope = BundleScope {
        max_impact: Impact::Destructive,
        prefixes: BTreeSet::from(["".parse().unwrap()]),
    };
    TrustRootDraft {
        version: 1,
        issued_at: at(-20),
        expires_at: at(200),
        environment: EnvironmentId::new("lab").unwrap(),
        keys: vec![
            trusted(ALICE, "alice", &[Usage::Bundle]),
            trusted(ROOT, "root", &[Usage::Root]),
            trusted(OPERATOR, "olga", &[Usage::Operator]),
            trusted(LISTS, "lisa", &[Usage::Revocation]),
            trusted(DEPUTY, "dan", &[Usage::Operator]),
            trusted(CI, "ci:watch", &[Usage::Operator, Usage::Approval]),
            trusted(BEA, "bea", &[Usage::Approval]),
            trusted(CY, "cy", &[Usage::Approval]),
        ],
        signer_roles: vec![role(Usage::Root, None, ROOT), role(Usage::Bundle, Some(scope), ALICE)],
        people_roles: BTreeMap::new(),
        impact_policy: ImpactPolicy::default(),
        reset_counters: BTreeSet::new(),
    }
}

/// The payload of a bundle with the module that `assembler` describes.
pub(crate) fn payload(assembler: &str) -> Payload {
    let module = rye_bytecode::assemble(assembler).unwrap_or_else(|error| panic!("{error}"));
    let sections = rye_bytecode::encode(&module).unwrap();
    let module =
        rye_bytecode::verify(module, Options::default()).unwrap_or_else(|error| panic!("{error}"));
    let mut proved = proof::proved(&facts(&module)).unwrap();
    for entry in &mut proved.entry_points {
        entry.max_mode = Mode::Enforce;
    }
    let manifest = Manifest {
        name: BundleName::new("soc/contain").unwrap(),
        version: 7,
        display_version: Label::new("1.0.0").unwrap(),
        rollback_floor: 5,
        audience: vec![EnvironmentId::new("lab").unwrap()],
        created_at: at(-2),
        not_before: at(-2),
        expires_at: at(90),
        isa_version: 1,
        language_edition: 1,
        cost_table_version: 1,
        min_daemon: DaemonVersion { major: 0, minor: 1, patch: 0 },
        compiler_name: Label::new("ryec").unwrap(),
        compiler_version: Label::new("0.1.0").unwrap(),
        source_digest: Digest([3; 32]),
        limits: Limits {
            fuel: RUN_FUEL_MAX,
            memory_bytes: u64::try_from(RUN_MEMORY_BYTES_MAX).unwrap(),
        },
        entry_points: proved.entry_points,
        capabilities: proved.capabilities,
    };
    let section = |(kind, bytes)| Section { kind, bytes };
    Payload { manifest, sections: sections.into_iter().map(section).collect() }
}

pub(crate) fn signed(payload: &Payload, who: u8) -> Vec<u8> {
    sign_bundle(&unsigned_bundle(payload).unwrap(), &secret(who)).unwrap()
}

/// A registry that knows what `payload` uses.
pub(crate) fn registry(payload: &Payload) -> Registry {
    let capabilities = payload.manifest.capabilities.iter();
    Registry::new(capabilities.map(|it| (it.name.as_str().into(), it.schema)))
}

/// A folder with a trust root, a site file and what else a test puts there.
pub(crate) struct Folder(tempfile::TempDir);

impl Folder {
    pub(crate) fn new() -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        folder.write("root.ryer", &root_file(&trust_root()));
        folder
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, bytes).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
        path
    }

    /// The site, with `more` behind what is required.
    pub(crate) fn site(more: &str) -> Site {
        Self::site_of(&trust_root(), more)
    }

    /// The site that pins another trust root.
    pub(crate) fn site_of(root: &TrustRoot, more: &str) -> Site {
        let digest = root.digest();
        let text = format!("environment = \"lab\"\ntrust_root_digest = \"{digest}\"\n{more}");
        Site::parse(Path::new("site.toml"), text).unwrap_or_else(|error| panic!("{error}"))
    }

    pub(crate) fn offers(&self) -> Offers {
        let kept = Offers::folder(&self.path("store"));
        Offers { trust_roots: vec![self.path("root.ryer")], revocations: None, kept }
    }

    pub(crate) fn loader(&self, registry: Registry) -> Loader {
        Loader::new(self.offers(), &Self::site(""), registry)
            .unwrap_or_else(|error| panic!("{error}"))
    }
}
