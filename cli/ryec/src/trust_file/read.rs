//! The text of a description → a trust root, or all that is wrong with it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use rye_bundle::error::Flaw;
use rye_bundle::name::{BundleName, EnvironmentId, OwnerId, RoleName};
use rye_bundle::time::UnixSeconds;
use rye_bundle::trust::{ImpactPolicy, Requirement, TrustRoot, TrustRootDraft};
use rye_core::impact::Impact;
use rye_core::value::Duration;
use toml::de::DeTable;

use super::key_list::keys;
use super::signer_role::signer_roles;
use crate::failure::Mistake;
use crate::toml_file::{Walk, join};

/// What may stand at the top of the file.
const TOP: &[&str] = &[
    "environment",
    "version",
    "issued_at",
    "expires_at",
    "expires_in",
    "keys",
    "signer_roles",
    "people",
    "impact_policy",
    "reset_counters",
];

/// The trust root that `text` describes; keys are read from where `folder` is.
pub(super) fn trust_root(
    text: &str,
    folder: &Path,
    now: UnixSeconds,
) -> Result<TrustRoot, Vec<Mistake>> {
    let (root, mut walk) = Walk::begin(text, TOP)?;
    let root = root.get_ref();
    let environment = environment(&mut walk, root);
    let version = version(&mut walk, root);
    let issued_at = walk.instant(root, "", "issued_at").unwrap_or(now);
    let expires_at = expiry(&mut walk, root, issued_at);
    let times = (issued_at, expires_at.unwrap_or(issued_at));
    let keys = keys(&mut walk, root, folder, times);
    let signer_roles = signer_roles(&mut walk, root, &keys);
    let people_roles = people(&mut walk, root);
    let impact_policy = impact_policy(&mut walk, root);
    let reset_counters = reset_counters(&mut walk, root);
    let (true, Some(environment), Some(version), Some(expires_at)) =
        (walk.is_fine(), environment, version, expires_at)
    else {
        return Err(walk.into_mistakes());
    };
    let draft = TrustRootDraft {
        version,
        issued_at,
        expires_at,
        environment,
        keys: keys.sound.into_iter().map(|named| named.key).collect(),
        signer_roles,
        people_roles,
        impact_policy,
        reset_counters,
    };
    draft.build().map_err(|flaw| {
        tell(&mut walk, &keys.declared, &flaw);
        walk.into_mistakes()
    })
}

fn environment(walk: &mut Walk<'_>, root: &DeTable<'_>) -> Option<EnvironmentId> {
    let help = "choose a short name, such as `environment = \"production\"`";
    let found = walk.required(root, "", "environment", "\"production\"")?;
    let text = walk.text(found, "environment", help)?;
    walk.name("environment", EnvironmentId::new(text), help)
}

fn version(walk: &mut Walk<'_>, root: &DeTable<'_>) -> Option<u64> {
    let found = walk.required(root, "", "version", "1")?;
    walk.number(found, "version", "write `version = 1`, and count up by one with each change")
}

/// When the trust root expires: one of the two ways to say it.
fn expiry(walk: &mut Walk<'_>, root: &DeTable<'_>, issued_at: UnixSeconds) -> Option<UnixSeconds> {
    let help = "write `expires_in = \"365d\"`, with `d`, `h`, `m` or `s` behind the number";
    match (root.get("expires_in"), root.get("expires_at")) {
        (Some(_), Some(_)) => {
            let problem = "`expires_at` says it too";
            walk.wrong("expires_in", problem, "keep one of the two");
            None
        }
        (None, Some(_)) => walk.instant(root, "", "expires_at"),
        (Some(found), None) => {
            let text = walk.text(found, "expires_in", help)?;
            let seconds = Duration::parse(text).map(|duration| duration.to_std().as_secs());
            match seconds {
                Some(seconds) if seconds > 0 => Some(issued_at.saturating_add(seconds)),
                _ => {
                    let found = text.escape_debug();
                    walk.wrong("expires_in", format!("expected a duration, found `{found}`"), help);
                    None
                }
            }
        }
        (None, None) => {
            walk.wrong("expires_in", "it is missing: nothing is believed for ever", help);
            None
        }
    }
}

fn people(walk: &mut Walk<'_>, root: &DeTable<'_>) -> BTreeMap<RoleName, BTreeSet<OwnerId>> {
    let help = "write `[people]`, and below it `soc_lead = [\"carol@example.org\"]`";
    let mut people = BTreeMap::new();
    let Some(found) = root.get("people") else { return people };
    let Some(table) = walk.table(found, "people", help) else { return people };
    for (name, found) in table {
        let path = join("people", name.get_ref());
        let role = walk.name(&path, RoleName::new(name.get_ref()), help);
        let Some(texts) = walk.texts(found, &path, help) else { continue };
        let owners: Vec<Option<OwnerId>> =
            texts.iter().map(|(path, text)| walk.name(path, OwnerId::new(text), help)).collect();
        let owners: Option<BTreeSet<OwnerId>> = owners.into_iter().collect();
        people.extend(role.zip(owners));
    }
    people
}

fn reset_counters(walk: &mut Walk<'_>, root: &DeTable<'_>) -> BTreeSet<BundleName> {
    let help = "list names of bundles: `reset_counters = [\"soc/block\"]`";
    let Some(found) = root.get("reset_counters") else { return BTreeSet::new() };
    let texts = walk.texts(found, "reset_counters", help).unwrap_or_default();
    texts.iter().filter_map(|(path, text)| walk.name(path, BundleName::new(text), help)).collect()
}

fn impact_policy(walk: &mut Walk<'_>, root: &DeTable<'_>) -> ImpactPolicy {
    let help = "write `[impact_policy]`, and below it `disruptive = { owners = 2, people = 1 }`";
    let mut policy = ImpactPolicy::default();
    let Some(found) = root.get("impact_policy") else { return policy };
    let Some(table) = walk.table(found, "impact_policy", help) else { return policy };
    walk.known_only(table, "impact_policy", &Impact::ALL.map(Impact::name));
    for impact in Impact::ALL {
        let Some(found) = table.get(impact.name()) else { continue };
        let path = join("impact_policy", impact.name());
        let Some(table) = walk.table(found, &path, help) else { continue };
        walk.known_only(table, &path, &["owners", "people"]);
        let mut number = |name: &str| {
            let found = walk.required(table, &path, name, "1")?;
            walk.number(found, &join(&path, name), help)
        };
        let (owners, people) = (number("owners"), number("people"));
        let (Some(owners), Some(humans)) = (owners, people) else { continue };
        let requirement = match impact {
            Impact::Observe => &mut policy.observe,
            Impact::Reversible => &mut policy.reversible,
            Impact::Disruptive => &mut policy.disruptive,
            Impact::Destructive => &mut policy.destructive,
        };
        *requirement = Requirement { owners, humans };
    }
    policy
}

/// Tells a flaw of the draft where the file has it, with the file's own names.
fn tell(walk: &mut Walk<'_>, keys: &[String], flaw: &Flaw) {
    let Flaw { field, expected, found, .. } = flaw;
    let mut path = field.replace(".scope.", ".");
    if let Some(rest) = path.strip_prefix("people_roles") {
        path = format!("people{rest}");
    }
    if let Some((index, rest)) = path.strip_prefix("keys[").and_then(|it| it.split_once(']')) {
        let name = index.parse().ok().and_then(|index: usize| keys.get(index));
        path = name.map_or_else(|| path.clone(), |name| join("keys", name) + rest);
    }
    walk.wrong(&path, format!("expected {expected}, found {found}"), help_for(field));
}

/// What to do about a rule between fields.
fn help_for(field: &str) -> &'static str {
    if field.ends_with(".usages") {
        "whoever writes what is done must not say yes to it with the same key: make two"
    } else if field == "signer_roles" {
        "write `[[signer_roles]]` with `usage = \"root\"` once, and with `revocation` at most once"
    } else if field.starts_with("people_roles") {
        "list owners of keys with `approval` among their usages; a program answers no questions"
    } else if field.starts_with("impact_policy") {
        "what does more harm never needs fewer; what interrupts work needs a person; what is left out \
         has its default"
    } else if field.ends_with("not_after") || field.ends_with("expires_at") {
        "write a later instant"
    } else {
        "`ryec trust template` shows a description that fits"
    }
}
