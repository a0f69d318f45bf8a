//! The text of a site file → [`Site`], or all that is wrong with it.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::path::Path;

use rye_bundle::name::EnvironmentId;
use rye_bundle::trust::PinnedDigest;
use rye_bytecode::setting::Written;
use rye_core::asset;
use rye_core::digest::Digest;
use rye_core::mode::Mode;
use rye_core::ty::AssetForm;
use rye_core::value::net::{CidrError, canonical_email};
use rye_core::value::{Cidr, Duration, Name, Value};
use rye_engine::guardrail::Guarded;
use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use super::nearest::nearest;
use super::tree::{Found, Walk, join, kind};
use super::{Mistake, Places, Site, guards, when};

/// The tables that belong to adapters.
const ADAPTERS: &[&str] = &["firewall", "host", "http", "notify", "process"];

const MINUTE: Duration = Duration::from_secs(60);
const MONTH: Duration = Duration::from_secs(30 * 86_400);
const SECOND: Duration = Duration::from_secs(1);

/// The site that `text`, from the file at `path`, describes.
pub(super) fn site(path: &Path, text: String) -> Result<Site, Vec<Mistake>> {
    let (root, errors) = DeTable::parse_recoverable(&text);
    let root = root.get_ref();
    let mut walk = Walk::new(&text);
    for error in &errors {
        let problem = error.message().trim().replace('\n', ", ");
        let help = "write `name = value`; texts stand in quotes, tables begin with `[name]`";
        walk.mistake(error.span().map(|span| span.start), "", problem, help);
    }
    // What the parser guessed in a file with slips would be reported as mistakes
    // that nobody made.
    if !errors.is_empty() {
        return Err(walk.mistakes);
    }
    walk.note(root, "");
    walk.known_only(root, "");
    let environment = environment(&mut walk, root);
    let trust_root = trust_root(&mut walk, root);
    let undo_patience = walk.duration(root, "undo_patience", (SECOND, MONTH));
    let life_notice = walk.duration(root, "life_notice", (SECOND, MONTH));
    let message_age_max = walk.duration(root, "message_age_max", (MINUTE, MONTH));
    let modes = modes(&mut walk, root);
    let settings = settings(&mut walk, root);
    let protected = protected(&mut walk, root);
    let quotas = guards::quotas(&mut walk, root);
    let maintenance = guards::maintenance(&mut walk, root);
    let business_hours = when::business_hours(&mut walk, root);
    let Walk { mut mistakes, spans, .. } = walk;
    mistakes.sort_by_key(|mistake| (mistake.at.is_none(), mistake.at));
    let (Some(environment), Some(trust_root), true) =
        (environment, trust_root, mistakes.is_empty())
    else {
        return Err(mistakes);
    };
    Ok(Site {
        environment,
        trust_root,
        undo_patience,
        life_notice,
        message_age_max,
        modes,
        settings,
        protected,
        quotas,
        maintenance,
        business_hours,
        places: Places { path: path.to_owned(), text, spans },
    })
}

fn environment(walk: &mut Walk<'_>, root: &DeTable<'_>) -> Option<EnvironmentId> {
    let (found, text) = walk.required(root, "environment")?;
    match EnvironmentId::new(text) {
        Ok(environment) => Some(environment),
        Err(flaw) => {
            let help = "choose a short name such as `production`";
            walk.wrong(found, "environment", flaw.to_string(), help);
            None
        }
    }
}

fn trust_root(walk: &mut Walk<'_>, root: &DeTable<'_>) -> Option<PinnedDigest> {
    let (found, text) = walk.required(root, "trust_root_digest")?;
    let digest = Digest::from_hex(text);
    if digest.is_none() {
        let count = text.chars().count();
        let problem = format!("expected 64 hexadecimal digits, found {count} characters");
        let help = "copy the digest that `ryec trust` prints, after comparing it by voice";
        walk.wrong(found, "trust_root_digest", problem, help);
    }
    digest.map(PinnedDigest::new)
}

fn modes(walk: &mut Walk<'_>, root: &DeTable<'_>) -> BTreeMap<String, Mode> {
    let mut modes = BTreeMap::new();
    let help = "write `shadow`, `monitor` or `enforce`, in quotes";
    let Some(table) = walk.table(root, "", "mode") else { return modes };
    for (name, found) in table {
        let path = join("mode", name.get_ref());
        let Some(text) = walk.text(found, &path, help) else { continue };
        if let Some(mode) = Mode::from_name(text) {
            modes.insert(name.get_ref().to_string(), mode);
        } else {
            let problem = format!("expected a mode, found `{}`", text.escape_debug());
            let meant = nearest(text, Mode::ALL.iter().map(|mode| mode.name()));
            let help = meant.map_or(help.to_owned(), |meant| format!("did you mean `{meant}`?"));
            walk.wrong(found, &path, problem, help);
        }
    }
    modes
}

const SETTING_HELP: &str = "a setting's full name stands in quotes: `\"module.name\" = …`";

fn settings(walk: &mut Walk<'_>, root: &DeTable<'_>) -> BTreeMap<String, Written> {
    let mut settings = BTreeMap::new();
    let Some(table) = walk.table(root, "", "settings") else { return settings };
    for (name, found) in table {
        let setting = match found.get_ref() {
            DeValue::Boolean(value) => Some(Written::Bool(*value)),
            DeValue::Integer(value) => {
                i64::from_str_radix(value.as_str(), value.radix()).ok().map(Written::Int)
            }
            DeValue::Float(value) => value.as_str().parse().ok().map(Written::Float),
            DeValue::String(text) => Some(Written::Text(text.to_string())),
            DeValue::Datetime(_) | DeValue::Array(_) | DeValue::Table(_) => None,
        };
        let name = name.get_ref();
        let path = join("settings", name);
        match (setting, found.get_ref()) {
            // Else a default would hold, and nobody would say so.
            (Some(_), _) if !name.contains('.') => {
                let problem = "expected a module's name, a dot and the setting's, found no dot";
                walk.wrong(found, &path, problem, SETTING_HELP);
            }
            (Some(setting), _) => {
                settings.insert(name.to_string(), setting);
            }
            (None, DeValue::Table(_)) => {
                walk.wrong(found, &path, "expected a value, found a table", SETTING_HELP);
            }
            (None, DeValue::Integer(_)) => {
                let problem = "expected an integer of 64 bits, found a larger one";
                walk.wrong(found, &path, problem, "write a smaller number");
            }
            (None, other) => {
                let problem = format!("expected one value, found {}", kind(other));
                walk.wrong(found, &path, problem, "write instants and durations in quotes");
            }
        }
    }
    settings
}

fn protected(walk: &mut Walk<'_>, root: &DeTable<'_>) -> Vec<(Guarded, Name)> {
    let mut protected = Vec::new();
    let Some(table) = walk.table(root, "", "protected") else { return protected };
    walk.known_only(table, "protected");
    if let Some(networks) = walk.table(table, "protected", "networks") {
        for (name, found) in networks {
            let path = join("protected.networks", name.get_ref());
            let reason = reason(walk, found, &path);
            let network = network(walk, name, &path);
            protected.extend(network.map(Guarded::Network).zip(reason));
        }
    }
    if let Some(kinds) = walk.table(table, "protected", "assets") {
        for (kind, found) in kinds {
            let path = join("protected.assets", kind.get_ref());
            let Some(assets) = walk.as_table(found, &path) else { continue };
            for (name, found) in assets {
                let path = join(&path, name.get_ref());
                let Some(reason) = reason(walk, found, &path) else { continue };
                let values = forms(name.get_ref());
                if values.is_empty() {
                    let at = Some(name.span().start);
                    walk.mistake(at, &path, "expected a name, found nothing", "name the asset");
                }
                protected.extend(values.into_iter().map(|value| {
                    let kind = Name::from(kind.get_ref().as_ref());
                    (Guarded::Asset { kind, value }, reason.clone())
                }));
            }
        }
    }
    protected
}

/// Why something is protected: people read it when it stops an action.
fn reason(walk: &mut Walk<'_>, found: Found<'_, '_>, path: &str) -> Option<Name> {
    let help = "write the reason as a text: people read it when it stops an action";
    let text = walk.text(found, path, help)?;
    if text.trim().is_empty() {
        walk.wrong(found, path, "expected a reason, found an empty text", help);
        return None;
    }
    Some(Name::from(text.trim()))
}

fn network(walk: &mut Walk<'_>, name: &Spanned<DeString<'_>>, path: &str) -> Option<Cidr> {
    let text = name.get_ref().as_ref();
    if let Ok(ip) = text.parse::<IpAddr>() {
        return Some(Cidr::single(ip.to_canonical()));
    }
    let (problem, help) = match Cidr::parse(text) {
        Ok(network) => return Some(network),
        Err(CidrError::HostBits(meant)) => (
            String::from("bits behind the prefix are set"),
            format!("write `\"{meant}\"` for the network, or the address alone for one"),
        ),
        Err(CidrError::Length) => (
            String::from("the prefix is longer than the address"),
            String::from("at most 32 for IPv4, 128 for IPv6"),
        ),
        Err(CidrError::Form) => (
            String::from("expected an address or a network"),
            String::from("write it in quotes, such as `\"10.0.0.0/8\"` or `\"2001:db8::1\"`"),
        ),
    };
    walk.mistake(Some(name.span().start), path, problem, help);
    None
}

/// Every canonical value that `text` can stand for. Which one a kind of asset has
/// is only known with a bundle; no two kinds are one, so all of them are guarded.
fn forms(text: &str) -> BTreeSet<Value> {
    let named = [AssetForm::Name, AssetForm::Text, AssetForm::Exact];
    let mut values: BTreeSet<Value> =
        named.iter().filter_map(|form| asset::canonical(*form, Value::text(text))).collect();
    if let Ok(ip) = text.parse::<IpAddr>() {
        values.insert(Value::Ip(ip.to_canonical()));
    }
    values.extend(Cidr::parse(text).ok().map(Value::Cidr));
    values.extend(canonical_email(text).map(|email| Value::Email(email.into())));
    values
}

/// The tables of adapters in `text`, which was read before.
pub(super) fn adapters(text: &str) -> Spanned<DeTable<'_>> {
    let (root, _) = DeTable::parse_recoverable(text);
    let span = root.span();
    let tables = root.into_inner().into_iter();
    let theirs = tables.filter(|(name, _)| ADAPTERS.contains(&name.get_ref().as_ref()));
    Spanned::new(span, theirs.collect())
}

/// A reader's complaint about an adapter's table, as a problem and what helps.
pub(super) fn adapter_problem(message: &str) -> (String, String) {
    let message = message.trim().replace('\n', ", ");
    let help = match message.split_once(", expected ") {
        Some((unknown, expected)) if unknown.starts_with("unknown field") => {
            let words: Vec<&str> = unknown.split('`').collect();
            let word = words.get(1).copied().unwrap_or_default();
            let known = expected.split('`').skip(1).step_by(2);
            let meant = nearest(word, known);
            meant.map_or_else(
                || format!("known here: {}", expected.trim_start_matches("one of ")),
                |meant| format!("did you mean `{meant}`?"),
            )
        }
        _ => String::from("see the configuration reference for what this option takes"),
    };
    (message, help)
}
