//! The rules between the fields of a trust root, for whoever writes one and for
//! whoever reads one.

use core::fmt::Display;
use std::collections::{BTreeMap, BTreeSet};

use rye_core::id::KeyId;
use rye_core::impact::Impact;
use rye_core::limit::{RESET_COUNTERS_MAX, TRUST_KEYS_MAX, TRUST_ROLES_MAX};

use super::{SignerRole, TrustRootDraft, TrustedKey, Usage};
use crate::error::Flaw;
use crate::name::OwnerId;

type Keys<'a> = BTreeMap<KeyId, &'a TrustedKey>;

pub(super) fn check(draft: &TrustRootDraft) -> Result<(), Flaw> {
    expect(draft.version >= 1, "version", "1 or more", draft.version)?;
    expect(
        draft.issued_at < draft.expires_at,
        "expires_at",
        format_args!("later than `issued_at`, {}", draft.issued_at),
        draft.expires_at,
    )?;
    let keys = check_keys(&draft.keys)?;
    check_signer_roles(&draft.signer_roles, &keys)?;
    check_people(draft)?;
    check_count("reset_counters", draft.reset_counters.len(), 0, RESET_COUNTERS_MAX)?;
    check_policy(draft)
}

fn check_keys(list: &[TrustedKey]) -> Result<Keys<'_>, Flaw> {
    check_count("keys", list.len(), 1, TRUST_KEYS_MAX)?;
    let mut keys = Keys::new();
    for (index, key) in list.iter().enumerate() {
        let place = format!("keys[{index}]");
        check_key(key).map_err(|flaw| flaw.inside(&place))?;
        if keys.insert(key.public.id(), key).is_some() {
            return Err(Flaw::new(place, "each key once", key.public.id()));
        }
    }
    Ok(keys)
}

fn check_key(key: &TrustedKey) -> Result<(), Flaw> {
    expect(
        key.not_before < key.not_after,
        "not_after",
        format_args!("later than `not_before`, {}", key.not_before),
        key.not_after,
    )?;
    expect(!key.usages.is_empty(), "usages", "at least one", "none")?;
    // Whoever writes what is done must not be able to say yes to it with the same key.
    let both = key.usages.contains(Usage::Approval) && key.usages.contains(Usage::Bundle);
    expect(!both, "usages", "not both `bundle` and `approval`", key.usages)
}

fn check_signer_roles(roles: &[SignerRole], keys: &Keys<'_>) -> Result<(), Flaw> {
    check_count("signer_roles", roles.len(), 1, TRUST_ROLES_MAX)?;
    let mut seen = BTreeSet::new();
    for (index, role) in roles.iter().enumerate() {
        let place = format!("signer_roles[{index}]");
        check_signer_role(role, keys).map_err(|flaw| flaw.inside(&place))?;
        expect(seen.insert(role), &place, "each role once", "one that stands twice")?;
    }
    let of_root = roles.iter().filter(|role| role.usage == Usage::Root).count();
    expect(of_root == 1, "signer_roles", "exactly one with the usage `root`", of_root)?;
    let of_lists = roles.iter().filter(|role| role.usage == Usage::Revocation).count();
    let expected = "at most one with the usage `revocation`";
    expect(of_lists <= 1, "signer_roles", expected, of_lists)
}

fn check_signer_role(role: &SignerRole, keys: &Keys<'_>) -> Result<(), Flaw> {
    let needs_scope = role.usage == Usage::Bundle;
    let expected = format_args!("a scope for the usage `bundle` and for no other");
    let found = format_args!("the usage `{}`", role.usage);
    expect(role.scope.is_some() == needs_scope, "scope", expected, found)?;
    if let Some(scope) = &role.scope {
        check_count("scope.prefixes", scope.prefixes.len(), 1, TRUST_ROLES_MAX)?;
    }
    check_count("keys", role.keys.len(), 1, TRUST_KEYS_MAX)?;
    let mut owners: BTreeSet<&OwnerId> = BTreeSet::new();
    for key_id in &role.keys {
        let Some(key) = keys.get(key_id) else {
            return Err(Flaw::new("keys", "keys of this trust root", key_id));
        };
        if !key.usages.contains(role.usage) {
            let expected = format_args!("keys with the usage `{}`", role.usage);
            let found = format_args!("{key_id}, which has {}", key.usages);
            return Err(Flaw::new("keys", expected, found));
        }
        owners.insert(&key.owner);
    }
    let reachable = (1..=owners.len()).contains(&usize::from(role.threshold));
    let expected = format_args!("1 to {}, the number of distinct owners", owners.len());
    expect(reachable, "threshold", expected, role.threshold)
}

fn check_people(draft: &TrustRootDraft) -> Result<(), Flaw> {
    check_count("people_roles", draft.people_roles.len(), 0, TRUST_ROLES_MAX)?;
    for (role, owners) in &draft.people_roles {
        let place = format!("people_roles.{role}");
        check_count(&place, owners.len(), 1, TRUST_KEYS_MAX)?;
        for owner in owners {
            expect(owner.is_human(), &place, "people", format_args!("the program `{owner}`"))?;
            let can_answer = draft
                .keys
                .iter()
                .any(|key| key.owner == *owner && key.usages.contains(Usage::Approval));
            let expected = "owners of a key with the usage `approval`";
            expect(can_answer, &place, expected, format_args!("`{owner}`, who has none"))?;
        }
    }
    Ok(())
}

/// What is worse never needs fewer: else a bundle would gain by doing more harm. And
/// no program may bring in alone what interrupts the work of people.
fn check_policy(draft: &TrustRootDraft) -> Result<(), Flaw> {
    let mut before = super::Requirement { owners: 1, humans: 0 };
    for impact in Impact::ALL {
        let need = draft.impact_policy.requirement(impact);
        let place = format!("impact_policy.{impact}");
        before.humans = before.humans.max(u8::from(impact >= Impact::Disruptive));
        let owners = format_args!("{} or more owners", before.owners);
        expect(need.owners >= before.owners, &place, owners, need.owners)?;
        let humans = format_args!("{} to {} people", before.humans, need.owners);
        expect((before.humans..=need.owners).contains(&need.humans), &place, humans, need.humans)?;
        before = need;
    }
    Ok(())
}

fn check_count(field: &str, count: usize, least: usize, most: usize) -> Result<(), Flaw> {
    expect((least..=most).contains(&count), field, format_args!("{least} to {most} items"), count)
}

fn expect(
    holds: bool,
    field: &str,
    expected: impl Display,
    found: impl Display,
) -> Result<(), Flaw> {
    if holds { Ok(()) } else { Err(Flaw::new(field, expected, found)) }
}
