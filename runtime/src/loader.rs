//! The bytes of a bundle → a program that may run here: verified signatures,
//! decoded, verified code, claims compared with what was proved, actions compared
//! with what the adapters carry out.
//!
//! The order of the steps is part of the contract (`docs/reference/bundle-format.md`);
//! the first that fails is the one that is told, and a refusal changes nothing.

pub(crate) mod proof;
mod refusal;

use core::cell::RefCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rye_bundle::archive::CONTAINER_BYTES_MAX;
use rye_bundle::known::KnownVersions;
use rye_bundle::manifest::Manifest;
use rye_bundle::name::BundleName;
use rye_bundle::payload::Section;
use rye_bundle::time::UnixSeconds;
use rye_bundle::trust::{AcceptedRoot, PinnedDigest, Trust};
use rye_bundle::verify::{Conditions, DaemonVersion, Proved, Purpose, Supported};
use rye_bundle::{Authorised, Bundle, Refusal, Verified};
use rye_bytecode::{Options, SectionKind};
use rye_core::digest::Digest;
use rye_core::id::KeyId;
use rye_core::impact::Impact;
use rye_core::limit::{RUN_FUEL_MAX, RUN_MEMORY_BYTES_MAX};
use rye_core::mode::Mode;
use rye_core::value::{Name, Time};
use rye_core::version;
use rye_engine::engine::Budget;
use rye_vm::Program;

use crate::config::{Site, SiteError};
use crate::file::{self, FileError, Writers};
use crate::offers::{self, Offers};

pub(crate) use refusal::file_code;
pub use refusal::{LoadError, LoadFault};

/// What the adapters of this process carry out: the digest of all that a caller
/// relies on, by the full name of each verb.
#[derive(Clone, Debug, Default)]
pub struct Registry(BTreeMap<Name, Digest>);

impl Registry {
    /// A registry of these verbs.
    pub fn new(verbs: impl IntoIterator<Item = (Name, Digest)>) -> Self {
        Self(verbs.into_iter().collect())
    }
}

/// Who is believed, and what can be run: what every load is measured by.
#[derive(Debug)]
pub struct Loader {
    trust: Trust,
    pinned_file: Vec<u8>,
    offers: Offers,
    registry: Registry,
    supported: Supported,
    last_proof: RefCell<Option<Proof>>,
}

/// What is known when a bundle comes.
#[derive(Clone, Copy, Debug)]
pub struct Moment<'a> {
    /// The time by the wall clock.
    pub now: Time,
    /// The latest that the journal has seen.
    pub latest_seen: Time,
    /// What was loaded before.
    pub known: &'a KnownVersions,
}

/// A bundle that may run here.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// What it is known by.
    pub digest: Digest,
    /// Its name.
    pub name: BundleName,
    /// Its version.
    pub version: u64,
    /// Versions of its name below it may never be loaded again.
    pub floor: u64,
    /// The keys that counted, ascending.
    pub signers: Vec<KeyId>,
    /// Its code.
    pub program: Arc<Program>,
    /// What one run of it may spend.
    pub budget: Budget,
    /// The whole file, to keep for as long as a run needs it.
    pub bytes: Vec<u8>,
    /// What is asked again before each act.
    pub(crate) bundle: Bundle<Authorised>,
    /// The most real mode of each playbook that its author allows.
    modes: BTreeMap<String, Mode>,
}

impl Loaded {
    /// The playbook called `name`: its index, and its most real mode.
    pub fn playbook(&self, name: &str) -> Option<(usize, Mode)> {
        let mut playbooks = self.program.module().playbooks.iter();
        let index = playbooks.position(|playbook| *playbook.name == *name)?;
        Some((index, self.modes.get(name).copied()?))
    }

    /// The names of its playbooks.
    pub fn playbooks(&self) -> impl Iterator<Item = &str> {
        self.modes.keys().map(String::as_str)
    }
}

/// Why there is no loader.
#[derive(Debug)]
pub enum TrustError {
    /// The trust root's file can't be read.
    File(FileError),
    /// The trust root is not believed.
    Refused {
        /// The file.
        path: PathBuf,
        /// Why.
        refusal: Refusal,
    },
    /// No trust root was named.
    Missing,
    /// The site file speaks of another installation.
    Site(SiteError),
}

impl core::fmt::Display for TrustError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::File(error) => write!(f, "{error}\n  help: {}", error.help()),
            Self::Refused { path, refusal } => {
                let (path, help) = (path.display(), refusal.explain().help);
                write!(f, "the trust root {path} is refused: {refusal}\n  help: {help}")
            }
            Self::Missing => write!(f, "no trust root is named\n  help: name one: `--trust FILE`"),
            Self::Site(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for TrustError {}

impl Loader {
    /// Believes the trust root among the offered files, or among those that the store
    /// keeps, that the site pins, if it is the one of the site's environment.
    ///
    /// # Errors
    /// When there is none, or a file can't be read.
    pub fn new(offers: Offers, site: &Site, registry: Registry) -> Result<Self, TrustError> {
        let (root, pinned_file) = pinned(&offers, site.trust_root)?;
        let theirs = root.root().environment();
        if *theirs != site.environment {
            let problem =
                format!("the trust root is that of `{theirs}`, not of `{}`", site.environment);
            let help =
                "name the environment that the trust root is for, or use the right trust root";
            return Err(TrustError::Site(site.mistake("environment", problem, help)));
        }
        let daemon = DaemonVersion::parse(env!("CARGO_PKG_VERSION"));
        let daemon = daemon.unwrap_or(DaemonVersion { major: 0, minor: 0, patch: 0 });
        let supported = Supported {
            isa_versions: version::ISA..=version::ISA,
            language_editions: version::LANGUAGE_EDITION..=version::LANGUAGE_EDITION,
            cost_table_versions: version::COST_TABLE..=version::COST_TABLE,
            daemon,
        };
        let trust = Trust::new(root);
        Ok(Self { trust, pinned_file, offers, registry, supported, last_proof: RefCell::default() })
    }

    /// Who is believed.
    pub fn trust(&self) -> &Trust {
        &self.trust
    }

    /// From now on somebody else is believed.
    pub(crate) fn believe(&mut self, trust: Trust) {
        self.trust = trust;
    }

    /// The file of the pinned trust root.
    pub(crate) fn pinned_file(&self) -> &[u8] {
        &self.pinned_file
    }

    /// The files that people named.
    pub(crate) fn offers(&self) -> &Offers {
        &self.offers
    }

    /// Step 0: reads the file at `path`, once; then as [`Loader::load`].
    ///
    /// # Errors
    /// The first refusal in the order of the steps.
    pub fn load_file(&self, path: &Path, moment: Moment<'_>) -> Result<Loaded, LoadError> {
        let bytes = file::read(path, CONTAINER_BYTES_MAX, Writers::NotEverybody);
        let bytes = bytes.map_err(|error| LoadError::early(LoadFault::File(error)))?;
        self.load(&bytes, moment, Purpose::Load)
    }

    /// Steps 1 to 15.
    ///
    /// # Errors
    /// The first refusal in the order of the steps.
    pub fn load(
        &self,
        bytes: &[u8],
        moment: Moment<'_>,
        purpose: Purpose,
    ) -> Result<Loaded, LoadError> {
        let bundle = self.authenticate(bytes, moment, purpose)?;
        let digest = bundle.digest();
        let refused = |fault| LoadError { digest: Some(digest), fault: Box::new(fault) };
        let (bundle, program) = self.admit_code(bundle).map_err(refused)?;
        let manifest = bundle.manifest();
        Ok(Loaded {
            digest,
            name: manifest.name.clone(),
            version: manifest.version,
            floor: manifest.rollback_floor,
            signers: bundle.signers().iter().map(|signer| signer.key_id).collect(),
            program,
            budget: budget(manifest),
            bytes: bytes.to_vec(),
            modes: modes(manifest),
            bundle,
        })
    }

    /// The bundle of runs that are over, whose code is needed no longer: steps 1 to 11,
    /// and 14 for what it admits.
    ///
    /// # Errors
    /// The first refusal in the order of the steps.
    pub(crate) fn admit(
        &self,
        bytes: &[u8],
        moment: Moment<'_>,
        digest: Digest,
    ) -> Result<Bundle<Authorised>, LoadError> {
        let bundle = self.authenticate(bytes, moment, Purpose::Resume(digest))?;
        let impact = bundle.manifest().impact();
        bundle.check_threshold(impact).map_err(|refusal| {
            let fault = Box::new(LoadFault::Refused(refusal));
            LoadError { digest: Some(digest), fault }
        })
    }

    /// Steps 1 to 11: whose bundle it is, and whether it may be believed here and now.
    ///
    /// # Errors
    /// The first refusal in the order of the steps.
    pub fn authenticate(
        &self,
        bytes: &[u8],
        moment: Moment<'_>,
        purpose: Purpose,
    ) -> Result<Bundle<Verified>, LoadError> {
        let bundle = rye_bundle::verify::open(bytes)
            .map_err(|refusal| LoadError::early(LoadFault::Refused(refusal)))?;
        let digest = bundle.digest();
        let refused = |fault| LoadError { digest: Some(digest), fault: Box::new(fault) };
        let kinds: Vec<u16> = SectionKind::ALL.iter().map(|kind| kind.code()).collect();
        let conditions = Conditions {
            now: UnixSeconds::from(moment.now),
            latest_seen: UnixSeconds::from(moment.latest_seen),
            supported: &self.supported,
            section_kinds: &kinds,
            known: moment.known,
            purpose,
        };
        let bundle = bundle.authenticate(&self.trust, &conditions);
        bundle.map_err(|refusal| refused(LoadFault::Refused(refusal)))
    }

    /// Steps 12 to 15: what the code is proved to do, against what it may.
    fn admit_code(
        &self,
        bundle: Bundle<Verified>,
    ) -> Result<(Bundle<Authorised>, Arc<Program>), LoadFault> {
        let proof = self.proof_of(&bundle)?;
        bundle.check_claims(&proof.proved).map_err(LoadFault::Refused)?;
        for (name, schema) in proof.verbs.iter() {
            match self.registry.0.get(name) {
                Some(bound) if bound == schema => {}
                Some(_) => return Err(LoadFault::Schema(name.clone())),
                None => return Err(LoadFault::Unbound(name.clone())),
            }
        }
        let worst = proof.proved.entry_points.iter().map(|entry| entry.impact).max();
        let bundle = bundle.check_threshold(worst.unwrap_or(Impact::Observe));
        let bundle = bundle.map_err(LoadFault::Refused)?;
        check_limits(bundle.manifest())?;
        Ok((bundle, proof.program.clone()))
    }

    /// Steps 12 and 13: decodes the code and proves it. The same payload has the same
    /// proof, so that of the last one is kept: runs of one playbook often come together.
    fn proof_of(&self, bundle: &Bundle<Verified>) -> Result<Proof, LoadFault> {
        let kept = self.last_proof.borrow().clone().filter(|proof| proof.digest == bundle.digest());
        if let Some(proof) = kept {
            return Ok(proof);
        }
        let section = |section: &Section| (section.kind, section.bytes.clone());
        let sections: Vec<_> = bundle.payload().sections.iter().map(section).collect();
        let module = rye_bytecode::decode(&sections).map_err(LoadFault::Decode)?;
        let module = rye_bytecode::verify(module, Options::default()).map_err(LoadFault::Verify)?;
        let facts = rye_bytecode::facts(&module);
        let verbs = facts.capabilities.iter().map(|it| (it.name.clone(), it.schema));
        let proof = Proof {
            digest: bundle.digest(),
            proved: Arc::new(proof::proved(&facts)?),
            verbs: verbs.collect(),
            program: Program::new(module),
        };
        self.last_proof.replace(Some(proof.clone()));
        Ok(proof)
    }
}

/// What was proved of the code of a payload.
#[derive(Clone, Debug)]
struct Proof {
    digest: Digest,
    proved: Arc<Proved>,
    /// The verbs that it uses, and what each was compiled against.
    verbs: Arc<[(Name, Digest)]>,
    program: Arc<Program>,
}

/// The pinned trust root, and its file.
fn pinned(offers: &Offers, pin: PinnedDigest) -> Result<(AcceptedRoot, Vec<u8>), TrustError> {
    let mut other = None;
    let kept = offers.kept.join(pin.digest().to_string());
    let files = offers.trust_roots.iter().chain(kept.exists().then_some(&kept));
    for path in files {
        let bytes = offers::read(path).map_err(TrustError::File)?;
        match AcceptedRoot::accept(&bytes, pin) {
            Ok(root) => return Ok((root, bytes)),
            Err(refusal) => {
                let is_another = matches!(refusal, Refusal::RootPin { .. });
                let refused = TrustError::Refused { path: path.clone(), refusal };
                if !is_another {
                    return Err(refused);
                }
                other = other.or(Some(refused));
            }
        }
    }
    Err(other.unwrap_or(TrustError::Missing))
}

/// What one run may spend here.
fn check_limits(manifest: &Manifest) -> Result<(), LoadFault> {
    let memory = u64::try_from(RUN_MEMORY_BYTES_MAX).unwrap_or(u64::MAX);
    for (field, claimed, most) in [
        ("limits.fuel", manifest.limits.fuel, RUN_FUEL_MAX),
        ("limits.memory_bytes", manifest.limits.memory_bytes, memory),
    ] {
        if claimed > most {
            return Err(LoadFault::Limit { field, claimed, most });
        }
    }
    Ok(())
}

/// What one run may spend: as the bundle says, which is no more than [`check_limits`]
/// allows.
fn budget(manifest: &Manifest) -> Budget {
    let memory = usize::try_from(manifest.limits.memory_bytes);
    Budget {
        fuel: manifest.limits.fuel.min(RUN_FUEL_MAX),
        memory: memory.unwrap_or(usize::MAX).min(RUN_MEMORY_BYTES_MAX),
    }
}

fn modes(manifest: &Manifest) -> BTreeMap<String, Mode> {
    let entry_points = manifest.entry_points.iter();
    entry_points.map(|entry| (entry.name.as_str().to_owned(), entry.max_mode)).collect()
}

#[cfg(test)]
mod tests;
