//! Steps 3 and 7 to 11: whether a bundle that is what it says it is may be
//! loaded here and now.

use core::ops::RangeInclusive;

use rye_core::digest::Digest;
use rye_core::limit::BUNDLE_LIFETIME_SECONDS_MAX;

use super::{Conditions, Purpose, Supported};
use crate::error::Refusal;
use crate::manifest::Manifest;
use crate::time::UnixSeconds;
use crate::trust::{Trust, TrustRoot};

/// Step 3: the time that the rest of the check goes by, and whether those who are
/// believed are in force. What was loaded before may be used under a trust root that
/// has expired, so that a forgotten date doesn't switch off all response.
pub(super) fn check_in_force(
    trust: &Trust,
    digest: Digest,
    conditions: &Conditions<'_>,
) -> Result<UnixSeconds, Refusal> {
    let now = trust.check_clock(conditions.now, conditions.latest_seen)?;
    let is_new = match conditions.purpose {
        Purpose::Load => !conditions.known.has_loaded(digest),
        Purpose::Resume(_) => false,
    };
    if is_new {
        trust.check_in_force(now)?;
    }
    Ok(now)
}

/// Step 10: whether somebody took the bundle back.
pub(super) fn check_revoked(
    manifest: &Manifest,
    digest: Digest,
    trust: &Trust,
) -> Result<(), Refusal> {
    let list = trust.revocations();
    let refusal = list.and_then(|it| it.refusal_of(&manifest.name, manifest.version, digest));
    refusal.map_or(Ok(()), Err)
}

pub(super) fn check_audience(manifest: &Manifest, root: &TrustRoot) -> Result<(), Refusal> {
    if manifest.audience.contains(root.environment()) {
        return Ok(());
    }
    Err(Refusal::Audience {
        audience: manifest.audience.clone(),
        environment: root.environment().clone(),
    })
}

pub(super) fn check_times(manifest: &Manifest, now: UnixSeconds) -> Result<(), Refusal> {
    let Manifest { not_before, expires_at, .. } = *manifest;
    if now < not_before {
        return Err(Refusal::NotYetValid { not_before, now });
    }
    if now >= expires_at {
        return Err(Refusal::Expired { expires_at, now });
    }
    let seconds = manifest.lifetime_seconds();
    if seconds > BUNDLE_LIFETIME_SECONDS_MAX {
        return Err(Refusal::Lifetime { seconds });
    }
    Ok(())
}

pub(super) fn check_supported(manifest: &Manifest, supported: &Supported) -> Result<(), Refusal> {
    check_range("isa_version", manifest.isa_version, &supported.isa_versions)?;
    check_range("language_edition", manifest.language_edition, &supported.language_editions)?;
    check_range("cost_table_version", manifest.cost_table_version, &supported.cost_table_versions)?;
    let (need, have) = (manifest.min_daemon, supported.daemon);
    if need > have {
        return Err(Refusal::DaemonTooOld { need, have });
    }
    Ok(())
}

fn check_range(
    field: &'static str,
    found: u16,
    supported: &RangeInclusive<u16>,
) -> Result<(), Refusal> {
    if supported.contains(&found) {
        return Ok(());
    }
    let (lowest, highest) = (*supported.start(), *supported.end());
    Err(Refusal::Isa { field, found, lowest, highest })
}

/// The floor holds for every purpose; which version came before only matters for
/// what is loaded anew.
pub(super) fn check_history(
    manifest: &Manifest,
    digest: Digest,
    conditions: &Conditions<'_>,
) -> Result<(), Refusal> {
    let version = manifest.version;
    let name = || manifest.name.clone();
    let known = conditions.known.get(&manifest.name);
    if let Some(known) = known
        && version < known.floor
    {
        return Err(Refusal::Revoked { name: name(), version, floor: known.floor });
    }
    match (conditions.purpose, known) {
        (Purpose::Resume(expected), _) if expected != digest => {
            Err(Refusal::RunBundle { expected, found: digest })
        }
        (Purpose::Load, Some(known)) if version < known.highest => {
            Err(Refusal::Rollback { name: name(), version, highest: known.highest })
        }
        (Purpose::Load, Some(known)) if version == known.highest && digest != known.digest => {
            let known = known.digest;
            Err(Refusal::Equivocation { name: name(), version, known, found: digest })
        }
        (Purpose::Load | Purpose::Resume(_), _) => Ok(()),
    }
}
