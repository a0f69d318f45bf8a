//! What a bundle says about itself: what its builder names, and what was proved of
//! its code. A pure function: the time comes in as an argument.

use rye_bundle::error::Flaw;
use rye_bundle::manifest::{EntryPoint, Limits, Manifest};
use rye_bundle::name::{BundleName, EnvironmentId, Label};
use rye_bundle::time::UnixSeconds;
use rye_bundle::verify::{DaemonVersion, Proved};
use rye_bytecode::Facts;
use rye_core::digest::Digest;
use rye_core::limit::RUN_MEMORY_BYTES_MAX;
use rye_core::mode::Mode;
use rye_core::version;

use crate::failure::Failure;
use crate::proof::in_words_of_a_manifest;

/// What the builder says of a bundle.
#[derive(Clone, Debug)]
pub(crate) struct Labels {
    /// What it is called.
    pub(crate) name: BundleName,
    /// Counts up from 1.
    pub(crate) version: u64,
    /// The version as people call it.
    pub(crate) display_version: Label,
    /// Versions below may never be loaded again.
    pub(crate) rollback_floor: u64,
    /// The environments that it is meant for, ascending.
    pub(crate) audience: Vec<EnvironmentId>,
    /// When it was built.
    pub(crate) created_at: UnixSeconds,
    /// From when on it may be loaded.
    pub(crate) not_before: UnixSeconds,
    /// From when on it may no longer be loaded.
    pub(crate) expires_at: UnixSeconds,
    /// The most real mode that its author allows.
    pub(crate) max_mode: Mode,
}

/// The manifest of code with these facts.
///
/// # Errors
/// When a playbook or action has a name that no bundle can say.
pub(crate) fn manifest(
    facts: &Facts,
    source_digest: Digest,
    labels: &Labels,
) -> Result<Manifest, Failure> {
    let Proved { entry_points, capabilities } = in_words_of_a_manifest(facts).map_err(|flaw| {
        let Flaw { field, expected, found, .. } = flaw;
        let what = format!("no manifest can say the name of `{field}`: {found}");
        Failure::input(what, format!("give it a name of {expected}"))
    })?;
    let with_mode = |entry| EntryPoint { max_mode: labels.max_mode, ..entry };
    let fuel = facts.entry_points.iter().map(|entry| entry.bound.fuel).max().unwrap_or(0);
    Ok(Manifest {
        name: labels.name.clone(),
        version: labels.version,
        display_version: labels.display_version.clone(),
        rollback_floor: labels.rollback_floor,
        audience: labels.audience.clone(),
        created_at: labels.created_at,
        not_before: labels.not_before,
        expires_at: labels.expires_at,
        isa_version: version::ISA,
        language_edition: version::LANGUAGE_EDITION,
        cost_table_version: version::COST_TABLE,
        min_daemon: DaemonVersion::parse(env!("CARGO_PKG_VERSION")).unwrap_or_default(),
        compiler_name: label(env!("CARGO_PKG_NAME"))?,
        compiler_version: label(env!("CARGO_PKG_VERSION"))?,
        source_digest,
        limits: Limits {
            fuel: fuel.max(1),
            memory_bytes: u64::try_from(RUN_MEMORY_BYTES_MAX).unwrap_or(u64::MAX),
        },
        entry_points: entry_points.into_iter().map(with_mode).collect(),
        capabilities,
    })
}

fn label(text: &str) -> Result<Label, Failure> {
    Label::new(text).map_err(|flaw| {
        Failure::input(format!("the version of this program: {flaw}"), "report this as a mistake")
    })
}
