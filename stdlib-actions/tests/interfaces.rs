//! The interface files and the adapters name the same verbs, and a configuration
//! binds those that it names.

#![expect(clippy::expect_used, reason = "a broken expectation fails the test")]

use std::collections::BTreeSet;

use rye_stdlib::firewall::Firewall;
use rye_stdlib::host::Host;
use rye_stdlib::notify::Notify;
use rye_stdlib::{Bound, Config, INTERFACES, SCHEMAS, firewall, notify};

/// The names that a source text declares with one of these words. An item begins
/// its line in every interface file.
fn declared(module: &str, words: &[&str]) -> BTreeSet<&'static str> {
    let (_, source) =
        INTERFACES.iter().find(|(name, _)| *name == module).expect("the module exists");
    let item = |line: &'static str| {
        let (word, rest) = line.split_once(' ')?;
        let end =
            rest.find(|character: char| !character.is_ascii_alphanumeric() && character != '_');
        words.contains(&word).then(|| rest.split_at(end.unwrap_or(rest.len())).0)
    };
    source.lines().filter_map(item).collect()
}

#[test]
fn every_declared_verb_is_carried_out_and_no_other() {
    let verbs: BTreeSet<_> = Firewall::verbs().collect();
    assert_eq!(declared(firewall::MODULE, &["action", "query", "notice"]), verbs);
    for (module, _) in INTERFACES.iter().filter(|(name, _)| name.starts_with("std.host.")) {
        let verbs: BTreeSet<_> = Host::verbs(module).collect();
        assert_eq!(declared(module, &["action", "query", "notice"]), verbs, "{module}");
    }
    let notices: BTreeSet<_> = Notify::notices().collect();
    assert_eq!(declared(notify::MODULE, &["action", "query", "notice"]), notices);
    let clock = BTreeSet::from(["business_hours", "maintenance", "now"]);
    assert_eq!(declared("std.clock", &["action", "query", "notice"]), clock);
}

#[test]
fn every_undo_and_proof_names_a_declared_verb() {
    for (module, source) in INTERFACES {
        let verbs = declared(module, &["action", "query", "notice"]);
        for line in source.lines().map(str::trim) {
            let target = line.strip_prefix("undo ").or_else(|| line.strip_prefix("proof "));
            let target = target.map(|target| target.trim_start_matches("not "));
            let Some((name, _)) = target.and_then(|target| target.split_once('(')) else {
                continue;
            };
            assert!(verbs.contains(name), "{module}: {line}");
        }
    }
}

#[test]
fn every_item_says_what_it_is() {
    for (module, source) in INTERFACES {
        assert!(source.starts_with("//! "), "{module}");
        let lines: Vec<_> = source.lines().collect();
        let words = ["action ", "query ", "notice ", "asset "];
        for [before, item] in lines.array_windows() {
            if words.iter().any(|word| item.starts_with(word)) {
                assert!(before.starts_with("/// "), "{module}: {item}");
            }
        }
    }
}

#[test]
fn a_configuration_binds_what_it_names_and_nothing_else() {
    let bound = |text: &str| {
        let config: Config = serde_json::from_str(text).map_err(|error| error.to_string())?;
        let bound = Bound::new(&config).map_err(|error| error.to_string())?;
        let bound_verbs = bound.schemas.keys().map(ToString::to_string).collect::<Vec<_>>();
        let modules: Vec<String> = bound.adapters.into_keys().collect();
        let expected: Vec<String> = SCHEMAS
            .iter()
            .map(|(name, _)| (*name).to_owned())
            .filter(|name| {
                ["std.clock.", "std.effects."].iter().any(|own| name.starts_with(own))
                    || modules.iter().any(|module| name.starts_with(module.as_str()))
            })
            .collect();
        assert_eq!(bound_verbs, expected);
        Ok::<_, String>(modules.join(", "))
    };
    assert_eq!(bound("{}").as_deref(), Ok(""));
    assert_eq!(bound(r#"{"firewall": {"namespace": "edge"}}"#).as_deref(), Ok("std.firewall"));
    let host: Vec<_> = ["account", "evidence", "file", "process", "service"]
        .iter()
        .map(|noun| format!("std.host.{noun}"))
        .collect();
    assert_eq!(bound(r#"{"host": {"name": "web-1"}}"#), Ok(host.join(", ")));
    let url = r#"{"url": "https://chat.example/"}"#;
    let notify = format!(r#"{{"notify": {{"destinations": {{"oncall": {url}}}}}}}"#);
    assert_eq!(bound(&notify).as_deref(), Ok("std.notify"));
    for (text, complaint) in [
        (r#"{"firewal": {}}"#, "firewal"),
        (r#"{"notify": {"destination": {}}}"#, "destination"),
        (r#"{"firewall": {"table": "a b"}}"#, "firewall.table"),
        (r#"{"host": {"pid_file": "/run/x.pid"}}"#, "host.name"),
        (r#"{"host": {"name": "a b"}}"#, "host.name"),
        (r#"{"host": {"name": "a", "evidence": "here"}}"#, "host.evidence"),
        (&notify.replace("oncall", "boss"), "the notices are `analysts`, `oncall`, `user`"),
        (&notify.replace("https:", "http:"), "only `https` is allowed"),
        (&notify.replace("url", "uri"), "uri"),
    ] {
        let error = bound(text).expect_err("it makes no sense");
        assert!(error.contains(complaint), "{error}");
    }
}
