//! The keys that a description lists, read from their files.

use std::path::Path;

use rye_bundle::name::OwnerId;
use rye_bundle::signature::PublicKey;
use rye_bundle::time::UnixSeconds;
use rye_bundle::trust::{TrustedKey, Usage, Usages};
use toml::de::DeTable;

use crate::failure::Failure;
use crate::key;
use crate::toml_file::{Found, Walk, join, meant};

/// The keys of the file, under the names that it has for them.
#[derive(Default)]
pub(super) struct Keys {
    /// All that it names, in its order.
    pub(super) declared: Vec<String>,
    /// Those with which nothing is wrong.
    pub(super) sound: Vec<NamedKey>,
}

/// A key and the name that the file has for it.
pub(super) struct NamedKey {
    /// Its name.
    pub(super) name: String,
    /// The key.
    pub(super) key: TrustedKey,
}

/// The keys of the file, read from where `folder` is.
pub(super) fn keys(
    walk: &mut Walk<'_>,
    root: &DeTable<'_>,
    folder: &Path,
    times: (UnixSeconds, UnixSeconds),
) -> Keys {
    let mut keys = Keys::default();
    let help = "begin each key with a line such as `[keys.alice]`";
    let Some(found) = root.get("keys") else {
        walk.wrong("keys", "there are none", help);
        return keys;
    };
    let Some(table) = walk.table(found, "keys", help) else { return keys };
    for (name, found) in table {
        let path = join("keys", name.get_ref());
        keys.declared.push(name.get_ref().to_string());
        let Some(key) = trusted_key(walk, found, &path, folder, times) else { continue };
        if let Some(same) = keys.sound.iter().find(|other| other.key.public == key.public) {
            let problem = format!("it is the same key as `{}`", same.name);
            let help = "list each key once, with all its usages; each owner makes their own";
            walk.wrong(&join(&path, "file"), problem, help);
        }
        keys.sound.push(NamedKey { name: name.get_ref().to_string(), key });
    }
    keys
}

fn trusted_key(
    walk: &mut Walk<'_>,
    found: Found<'_, '_>,
    path: &str,
    folder: &Path,
    (issued_at, expires_at): (UnixSeconds, UnixSeconds),
) -> Option<TrustedKey> {
    const KNOWN: &[&str] = &["file", "owner", "usages", "not_before", "not_after"];
    let table = walk.table(found, path, "begin the key with a line such as `[keys.alice]`")?;
    walk.known_only(table, path, KNOWN);
    let public = public_key(walk, table, path, folder);
    let owner = walk.required(table, path, "owner", "\"alice@example.org\"");
    let owner = owner.and_then(|found| {
        let path = join(path, "owner");
        let help = "name a person, such as `alice@example.org`, or a program, such as `ci:build`";
        let text = walk.text(found, &path, help)?;
        walk.name(&path, OwnerId::new(text), help)
    });
    let usages = usages(walk, table, path);
    let not_before = walk.instant(table, path, "not_before").unwrap_or(issued_at);
    let not_after = walk.instant(table, path, "not_after").unwrap_or(expires_at);
    Some(TrustedKey { public: public?, owner: owner?, not_before, not_after, usages: usages? })
}

fn public_key(
    walk: &mut Walk<'_>,
    table: &DeTable<'_>,
    path: &str,
    folder: &Path,
) -> Option<PublicKey> {
    let found = walk.required(table, path, "file", "\"alice.key.pub\"")?;
    let path = join(path, "file");
    let file = walk.text(found, &path, "write `file = \"alice.key.pub\"`")?;
    match key::public(&folder.join(file)) {
        Ok(key) => Some(key),
        Err(Failure::Plain { what, help, .. }) => {
            walk.wrong(&path, what, help);
            None
        }
        Err(other) => {
            walk.wrong(&path, other.to_text(), "name the `.pub` file that `ryec keygen` wrote");
            None
        }
    }
}

fn usages(walk: &mut Walk<'_>, table: &DeTable<'_>, path: &str) -> Option<Usages> {
    let help = "write `usages = [\"bundle\"]`; `ryec trust template` lists them";
    let found = walk.required(table, path, "usages", "[\"bundle\"]")?;
    let words = walk.texts(found, &join(path, "usages"), help)?;
    let usages: Vec<Option<Usage>> =
        words.iter().map(|(path, word)| usage(walk, path, word)).collect();
    usages.into_iter().collect()
}

/// The usage that a word names.
pub(super) fn usage(walk: &mut Walk<'_>, path: &str, word: &str) -> Option<Usage> {
    let usage = Usage::from_name(word);
    if usage.is_none() {
        let known: Vec<&str> = Usage::ALL.iter().map(|usage| usage.name()).collect();
        let problem = format!("expected a usage, found `{}`", word.escape_debug());
        walk.wrong(path, problem, meant(word, &known));
    }
    usage
}
