//! The words of each refusal.

use core::fmt::Display;

use rye_core::id::KeyId;
use rye_core::limit::BUNDLE_LIFETIME_SECONDS_MAX;

use super::{Explanation, Flaw, Refusal};
use crate::verify::Standing;

impl Refusal {
    /// What a person is told: place, expected, found, and what to do.
    #[expect(clippy::too_many_lines, reason = "a flat table of texts, one row per reason")]
    pub fn explain(&self) -> Explanation {
        match self {
            Self::Size { found, max } => explanation(
                "the file",
                format_args!("at most {max} bytes"),
                format_args!("{found} bytes"),
                "nothing that Rye writes is that large: is this the right file?",
            ),
            Self::Magic(flaw) => {
                of_flaw(flaw, "is this a file that `ryec build` or `ryec trust` wrote?")
            }
            Self::ContainerVersion(flaw) => {
                of_flaw(flaw, "another version of Rye wrote this file: update this program")
            }
            Self::Flags(flaw) | Self::Length(flaw) | Self::Trailing(flaw) => of_flaw(
                flaw,
                "the file is damaged or was cut: copy it again from where it was made",
            ),
            Self::SignatureCount { found: 0 } => explanation(
                "the signatures",
                "1 to 16",
                "none",
                "sign it: `ryec sign FILE --key KEY -o BUNDLE`",
            ),
            Self::SignatureCount { found } => explanation(
                "the signatures",
                "1 to 16",
                found,
                "more than 16 owners never have to sign: sign the unsigned file again",
            ),
            Self::SignatureOrder(flaw) => {
                of_flaw(flaw, "sign with `ryec sign`, which keeps one signature per key, in order")
            }
            Self::RootPin { pinned, found } => explanation(
                "the trust root",
                format_args!("the pinned digest {pinned}"),
                found,
                "compare with those who made the trust root; pin a digest only as they tell it",
            ),
            Self::RootForm(flaw) => of_flaw(flaw, "make the trust root again with `ryec trust`"),
            Self::RootKey { index, flaw } => explanation(
                format_args!("keys[{index}].public_key of the trust root"),
                "an ordinary Ed25519 public key",
                flaw,
                "make keys with `ryec keygen`; treat this one as an attack until you know better",
            ),
            Self::RootThreshold { need, have } => explanation(
                "the signatures of the trust root",
                format_args!("{need} distinct owners of its root role"),
                have,
                "let the other holders of root keys sign it too",
            ),
            Self::RootPredecessor { version, need, have } => explanation(
                "the signatures of the trust root",
                format_args!("{need} distinct owners of the root role of version {version}"),
                have,
                "a successor is signed by owners of both versions: let those of the old one sign",
            ),
            Self::RootSkip { version, seen } => explanation(
                "the trust root's `version`",
                format_args!("{}, one more than the one that is believed", seen.saturating_add(1)),
                version,
                "name the versions between with `--trust` too; each is signed by the one before",
            ),
            Self::RootRollback { version, seen } => explanation(
                "the trust root's `version`",
                format_args!("{seen} or more, which is believed already"),
                version,
                "an old file, or somebody's attempt: use the newest trust root",
            ),
            Self::RootEquivocation { version, known, found } => explanation(
                format_args!("version {version} of the trust root"),
                format_args!("the one that is believed, {known}"),
                found,
                "two trust roots carry one version: find out who signed the second",
            ),
            Self::RevocationsForm(flaw) => {
                of_flaw(flaw, "make the revocation list again with `ryec revoke`")
            }
            Self::RevocationsThreshold { need: Some(need), have } => explanation(
                "the signatures of the revocation list",
                format_args!("{need} distinct owners of the role that signs such lists"),
                have,
                "let the other owners sign it: `ryec revoke sign LIST --key KEY`",
            ),
            Self::RevocationsThreshold { need: None, .. } => explanation(
                "the signatures of the revocation list",
                "a signer role with the usage `revocation` in the trust root",
                "none",
                "add such a role to the trust root's next version",
            ),
            Self::RevocationsRollback { version, seen } => explanation(
                "the version of the revocation list",
                format_args!("more than {seen}, and not made before it"),
                version,
                "an old file, or somebody's attempt: use the newest list",
            ),
            Self::RevocationsEquivocation { version } => explanation(
                format_args!("version {version} of the revocation list"),
                "the one that is believed already",
                "another",
                "two lists carry one version: find out who signed the second, then count up",
            ),
            Self::Freshness { list: None, now } => explanation(
                "the revocation list",
                format_args!("one that is fresh, now, {now}"),
                "none",
                "name it with `--revocations`; `ryec revoke new` makes the first, an empty one",
            ),
            Self::Freshness { list: Some((_, false)), now } => explanation(
                "the signatures of the revocation list",
                format_args!("enough owners who may sign such lists now, {now}"),
                "owners who may do so no longer",
                "let those who sign lists under this trust root sign the next one",
            ),
            Self::Freshness { list: Some((next_update, true)), now } => explanation(
                "the revocation list's `next_update`",
                format_args!("at most 24 hours before now, {now}"),
                next_update,
                "make and sign the next one: `ryec revoke next`; if it was made, who keeps it back?",
            ),
            Self::RootExpired { expires_at, now } => explanation(
                "the trust root's `expires_at`",
                format_args!("later than now, {now}"),
                expires_at,
                "make and sign the next version of the trust root",
            ),
            Self::Clock { now, past } => explanation(
                "the clock",
                format_args!("{past} or later, which is certainly past"),
                now,
                "set the clock; nothing is loaded while it may be wrong",
            ),
            Self::SignatureInvalid { key_id, owner } => explanation(
                format_args!("the signature of `{owner}` (key {key_id})"),
                "a signature over exactly this payload",
                "one that doesn't verify",
                "altered after signing, or signed as something else: ask its signer for the file",
            ),
            Self::NoTrustedSignature { standings } => explanation(
                "the signatures",
                "at least one that the trust root lets count",
                list_standings(standings),
                "let a signer of the trust root sign it; or is it another trust root's?",
            ),
            Self::Audience { audience, environment } => explanation(
                "the manifest's `audience`",
                format_args!("`{environment}` among them"),
                join(audience.iter().map(|id| format!("`{id}`"))),
                "build the bundle for this environment, or load it where it belongs",
            ),
            Self::Delegation { key_id, owner, name } => explanation(
                format_args!("the signature of `{owner}` (key {key_id})"),
                format_args!("a signer whose role covers `{name}`"),
                "no role with a prefix of that name",
                "see the trust root's roles; a prefix is a whole name, or a path ending in `/`",
            ),
            Self::Threshold { impact, need, have, milder: 0 } => explanation(
                format_args!("the signatures of a {impact} bundle"),
                format_args!("{} distinct owners, {} of them people", need.owners, need.humans),
                format_args!("{} owners, {} of them people", have.owners, have.humans),
                "let another owner sign it: `ryec sign BUNDLE --key KEY -o BUNDLE`",
            ),
            Self::Threshold { impact, need, have, milder } => explanation(
                format_args!("the signatures of a {impact} bundle"),
                format_args!("{} distinct owners, {} of them people", need.owners, need.humans),
                format_args!(
                    "{} owners, {} of them people; {milder} more whose roles allow less",
                    have.owners, have.humans
                ),
                "let owners sign whose role allows it, or raise their role's `max_impact` in the \
                 trust root's next version",
            ),
            Self::Manifest(flaw) | Self::SectionLength(flaw) | Self::SectionOrder(flaw) => {
                of_flaw(flaw, "build the bundle again with `ryec build`")
            }
            Self::SectionUnknown(flaw) => of_flaw(
                flaw,
                "a newer compiler wrote this bundle: update this program, or build with the older",
            ),
            Self::CapabilityMismatch(flaw) => {
                of_flaw(flaw, "the manifest doesn't belong to this code: build the bundle again")
            }
            Self::NotYetValid { not_before, now } => explanation(
                "the manifest's `not_before`",
                format_args!("now, {now}, or earlier"),
                not_before,
                "load it when its time has come",
            ),
            Self::Expired { expires_at, now } => explanation(
                "the manifest's `expires_at`",
                format_args!("later than now, {now}"),
                expires_at,
                "build it again with a later expiry, and have it signed",
            ),
            Self::Lifetime { seconds } => explanation(
                "the manifest's time from `created_at` to `expires_at`",
                format_args!("at most {BUNDLE_LIFETIME_SECONDS_MAX} s, which is 400 days"),
                format_args!("{seconds} s"),
                "build it with an earlier expiry",
            ),
            Self::Isa { field, found, lowest, highest } => explanation(
                format_args!("the manifest's `{field}`"),
                format_args!("{lowest} to {highest}"),
                found,
                "build it again with the compiler that belongs to this daemon",
            ),
            Self::DaemonTooOld { need, have } => explanation(
                "the manifest's `min_daemon`",
                format_args!("{have} or less, the running version"),
                need,
                "update the daemon",
            ),
            Self::Revoked { name, version, floor } => explanation(
                format_args!("the version of `{name}`"),
                format_args!("{floor} or more; what is older was taken back"),
                version,
                "load a later version; `ryec revoke show` says what the revocation list has",
            ),
            Self::RevokedBundle { digest, reason } => explanation(
                format_args!("the bundle {digest}"),
                "one that the revocation list doesn't name",
                match reason.as_str() {
                    "" => String::from("a revoked one"),
                    reason => format!("a revoked one: {reason}"),
                },
                "load a later version; runs of this one are held, and undone when a person says so",
            ),
            Self::Equivocation { name, version, known, found } => explanation(
                format_args!("version {version} of `{name}`"),
                format_args!("the bundle {known} that is known by it"),
                found,
                "two bundles carry one version: find out who signed the second, then count up",
            ),
            Self::Rollback { name, version, highest } => explanation(
                format_args!("the version of `{name}`"),
                format_args!("{highest} or more, which was loaded before"),
                version,
                "to go back, build the older source with a higher version",
            ),
            Self::RunBundle { expected, found } => explanation(
                "the bundle of the run",
                format_args!("{expected}, with which it began"),
                found,
                "put the bundle back that the run began with",
            ),
            Self::Impact { declared, proved } => explanation(
                "the impact in the manifest",
                format_args!("{proved} or worse, which the code reaches"),
                declared,
                "the manifest doesn't belong to this code: build the bundle again",
            ),
        }
    }
}

fn explanation(
    place: impl Display,
    expected: impl Display,
    found: impl Display,
    help: &'static str,
) -> Explanation {
    Explanation {
        place: place.to_string(),
        expected: expected.to_string(),
        found: found.to_string(),
        help,
    }
}

fn of_flaw(flaw: &Flaw, help: &'static str) -> Explanation {
    let Flaw { at_byte, field, expected, found } = flaw;
    match at_byte {
        Some(at) => explanation(format_args!("`{field}` at byte {at}"), expected, found, help),
        None => explanation(format_args!("`{field}`"), expected, found, help),
    }
}

fn list_standings(standings: &[(KeyId, Standing)]) -> String {
    join(standings.iter().map(|(key_id, standing)| format!("key {key_id}: {standing}")))
}

fn join(texts: impl Iterator<Item = String>) -> String {
    texts.collect::<Vec<_>>().join(", ")
}
