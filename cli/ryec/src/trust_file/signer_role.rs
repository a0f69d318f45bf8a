//! The signer roles that a description lists, with keys by the names of that file.

use std::collections::BTreeSet;

use rye_bundle::name::NamePrefix;
use rye_bundle::trust::{BundleScope, SignerRole, Usage};
use rye_core::id::KeyId;
use rye_core::impact::Impact;
use toml::de::DeTable;

use super::key_list::{Keys, usage};
use crate::toml_file::{Walk, join, meant};

/// The signer roles of the file.
pub(super) fn signer_roles(
    walk: &mut Walk<'_>,
    root: &DeTable<'_>,
    keys: &Keys,
) -> Vec<SignerRole> {
    let help = "begin each role with a line `[[signer_roles]]`";
    let Some(found) = root.get("signer_roles") else {
        walk.wrong("signer_roles", "there are none: nobody could sign anything", help);
        return Vec::new();
    };
    let Some(list) = walk.list(found, "signer_roles", help) else { return Vec::new() };
    let roles = list.iter().enumerate();
    roles
        .filter_map(|(index, found)| {
            let path = format!("signer_roles[{index}]");
            let table = walk.table(found, &path, help)?;
            signer_role(walk, table, &path, keys)
        })
        .collect()
}

fn signer_role(
    walk: &mut Walk<'_>,
    table: &DeTable<'_>,
    path: &str,
    keys: &Keys,
) -> Option<SignerRole> {
    const KNOWN: &[&str] = &["usage", "prefixes", "max_impact", "keys", "threshold"];
    walk.known_only(table, path, KNOWN);
    let wanted = walk.required(table, path, "usage", "\"bundle\"").and_then(|found| {
        let path = join(path, "usage");
        let word = walk.text(found, &path, "write `usage = \"bundle\"`")?;
        usage(walk, &path, word)
    });
    let scope = match wanted {
        Some(Usage::Bundle) => bundle_scope(walk, table, path).map(Some),
        Some(other) => {
            for name in
                ["prefixes", "max_impact"].into_iter().filter(|name| table.contains_key(*name))
            {
                let problem = format!("it means nothing for the usage `{other}`");
                walk.wrong(&join(path, name), problem, "take it out: it is for bundles");
            }
            Some(None)
        }
        None => None,
    };
    let members = members(walk, table, path, wanted, keys);
    let threshold = walk.required(table, path, "threshold", "1").and_then(|found| {
        walk.number(found, &join(path, "threshold"), "write how many owners must sign, 1 or more")
    });
    let role = SignerRole { usage: wanted?, scope: scope?, threshold: threshold?, keys: members? };
    check_threshold(walk, path, &role, keys);
    Some(role)
}

fn bundle_scope(walk: &mut Walk<'_>, table: &DeTable<'_>, path: &str) -> Option<BundleScope> {
    let help = "write `prefixes = [\"soc/\"]` for bundles called soc/…, `[\"\"]` for all";
    let prefixes = walk.required(table, path, "prefixes", "[\"soc/\"]").and_then(|found| {
        let texts = walk.texts(found, &join(path, "prefixes"), help)?;
        let prefixes: Vec<Option<NamePrefix>> =
            texts.iter().map(|(path, text)| walk.name(path, NamePrefix::new(text), help)).collect();
        prefixes.into_iter().collect()
    });
    let max_impact = walk.required(table, path, "max_impact", "\"reversible\"").and_then(|found| {
        let path = join(path, "max_impact");
        let word = walk.text(found, &path, "write `max_impact = \"reversible\"`")?;
        let impact = Impact::from_name(word);
        if impact.is_none() {
            let problem = format!("expected an impact, found `{}`", word.escape_debug());
            walk.wrong(&path, problem, meant(word, &Impact::ALL.map(Impact::name)));
        }
        impact
    });
    Some(BundleScope { max_impact: max_impact?, prefixes: prefixes? })
}

/// The keys of a role, which must have its usage.
fn members(
    walk: &mut Walk<'_>,
    table: &DeTable<'_>,
    path: &str,
    wanted: Option<Usage>,
    keys: &Keys,
) -> Option<BTreeSet<KeyId>> {
    let help = "list names of this file's keys: `keys = [\"alice\"]`";
    let found = walk.required(table, path, "keys", "[\"alice\"]")?;
    let names = walk.texts(found, &join(path, "keys"), help)?;
    let members: Vec<Option<KeyId>> =
        names.iter().map(|(path, name)| member(walk, path, name, wanted, keys)).collect();
    members.into_iter().collect()
}

/// The key called `name`; none also if it is unsound, which was told at its place.
fn member(
    walk: &mut Walk<'_>,
    path: &str,
    name: &str,
    wanted: Option<Usage>,
    keys: &Keys,
) -> Option<KeyId> {
    if !keys.declared.iter().any(|declared| declared == name) {
        let known: Vec<&str> = keys.declared.iter().map(String::as_str).collect();
        let problem = format!("there is no `[{}]`", join("keys", name));
        walk.wrong(path, problem, meant(name, &known));
    }
    let key = &keys.sound.iter().find(|key| key.name == name)?.key;
    if let Some(wanted) = wanted.filter(|wanted| !key.usages.contains(*wanted)) {
        let key_at = join("keys", name);
        let problem = format!("`{name}` has the usages {}, and not `{wanted}`", key.usages);
        let help = format!("write `{wanted}` into the usages of `[{key_at}]`, or take another key");
        walk.wrong(path, problem, help);
    }
    Some(key.public.id())
}

/// A threshold that can be reached, said with the owners' names.
fn check_threshold(walk: &mut Walk<'_>, path: &str, role: &SignerRole, keys: &Keys) {
    let owners: BTreeSet<&str> = keys
        .sound
        .iter()
        .filter(|named| role.keys.contains(&named.key.public.id()))
        .map(|named| named.key.owner.as_str())
        .collect();
    if !(1..=owners.len()).contains(&usize::from(role.threshold)) && !owners.is_empty() {
        let found = role.threshold;
        let owners: Vec<&str> = owners.into_iter().collect();
        let problem =
            format!("expected 1 to {}, the number of distinct owners, found {found}", owners.len());
        let help = format!("its owners are {}: two keys of one owner are one", owners.join(", "));
        walk.wrong(&join(path, "threshold"), problem, help);
    }
}
