use std::fs;
use std::path::PathBuf;

use rye_core::value::{Cidr, Value};
use serde::Deserialize;

use super::*;

const DIGEST: &str = "2aa1137f9890a99db5b84fb9e41f296845930602918e97972eba953a4e70466d";

fn read(text: &str) -> Result<Site, Vec<Mistake>> {
    read::site(Path::new("site.toml"), text.to_owned())
}

/// A right file, with `more` behind what is required.
fn right(more: &str) -> String {
    format!("environment = \"lab\"\ntrust_root_digest = \"{DIGEST}\"\n{more}")
}

fn shown(mistakes: Vec<Mistake>) -> String {
    let path = PathBuf::from("site.toml");
    SiteError::Mistakes { path, mistakes }.to_string()
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/config/tests")
}

/// Each file in `tests/` has one mistake, or several, and beside it what is said.
#[test]
fn every_mistake_is_told_with_its_line_and_what_to_do() {
    let bless = std::env::var_os("BLESS").is_some();
    let mut wrong = Vec::new();
    let mut count = 0;
    for entry in fs::read_dir(folder()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "toml") {
            continue;
        }
        count += 1;
        let said = match read(&fs::read_to_string(&path).unwrap()) {
            Ok(site) => {
                site.adapters::<Tables>().map_or_else(|error| error.to_string(), |_| String::new())
            }
            Err(mistakes) => shown(mistakes),
        };
        assert!(!said.is_empty(), "{}: taken", path.display());
        let said = format!("{said}\n");
        let golden = path.with_extension("stderr");
        if bless {
            fs::write(&golden, &said).unwrap();
        }
        let expected = fs::read_to_string(&golden).unwrap_or_default();
        if said != expected {
            wrong.push(format!("--- {}\n{expected}+++\n{said}", path.display()));
        }
    }
    assert!(count >= 15, "only {count} files");
    assert!(wrong.is_empty(), "{}\n(BLESS=1 rewrites)", wrong.join("\n"));
}

#[test]
fn what_is_not_said_has_its_default() {
    let site = read(&right("")).unwrap();
    assert_eq!(site.environment.as_str(), "lab");
    assert_eq!(site.undo_patience, Duration::from_secs(15 * 60));
    assert_eq!(site.life_notice, Duration::from_secs(3_600));
    assert_eq!(site.message_age_max, Duration::from_secs(86_400));
    assert!(!site.lets_any_act());
    assert_eq!(site.mode_of("contain_scanner"), Mode::Shadow);
    assert!(site.settings.is_empty() && site.protected.is_empty());
    assert_eq!(site.adapters::<Tables>().unwrap(), Tables::default());
}

#[test]
fn what_is_said_holds() {
    let site = read(&right(
        "undo_patience = \"90s\"\n\
         [mode]\ncontain_scanner = \"enforce\"\n\
         [settings]\n\"a.b\" = \"1h\"\n\"b.c\" = 0x10\n\"b.d\" = 2.5\n\"b.e\" = true\n\
         [protected.networks]\n\"10.0.0.0/8\" = \"ours\"\n\"::ffff:192.0.2.1\" = \"the router\"\n\
         [protected.assets.Account]\n\"CEO\" = \"the chief\"\n\
         [firewall]\nnamespace = \"edge\"\n",
    ))
    .unwrap();
    assert_eq!(site.undo_patience, Duration::from_secs(90));
    assert_eq!(site.mode_of("contain_scanner"), Mode::Enforce);
    assert_eq!(site.mode_of("another"), Mode::Shadow);
    let settings: Vec<_> =
        site.settings.iter().map(|(name, value)| (name.as_str(), value)).collect();
    assert_eq!(
        settings,
        [
            ("a.b", &Written::Text("1h".into())),
            ("b.c", &Written::Int(16)),
            ("b.d", &Written::Float(2.5)),
            ("b.e", &Written::Bool(true)),
        ]
    );
    let network = |text: &str| Guarded::Network(Cidr::parse(text).unwrap());
    let account = |text: &str| Guarded::Asset { kind: "Account".into(), value: Value::text(text) };
    assert_eq!(
        site.protected,
        [
            (network("10.0.0.0/8"), "ours".into()),
            (network("192.0.2.1/32"), "the router".into()),
            (account("CEO"), "the chief".into()),
            (account("ceo"), "the chief".into()),
        ]
    );
    let tables = site.adapters::<Tables>().unwrap();
    assert_eq!(tables.firewall.unwrap().namespace.as_deref(), Some("edge"));
}

/// What an adapter might read.
#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Tables {
    firewall: Option<Firewall>,
    #[serde(default)]
    notify: Option<toml::Table>,
}

#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Firewall {
    namespace: Option<String>,
    table: Option<String>,
}

#[test]
fn what_somebody_else_finds_wrong_has_its_line() {
    let site = read(&right("[firewall]\nnamespace = \"a/b\"\n")).unwrap();
    let error = site.mistake("firewall.namespace", "not a name", "choose another").to_string();
    assert_eq!(error, "site.toml:4:13: `firewall.namespace`: not a name\n  help: choose another");
    let error = site.mistake("firewall.table", "missing", "write one").to_string();
    assert!(error.starts_with("site.toml:3:1: `firewall.table`"), "{error}");
}

#[test]
fn no_text_at_all_is_a_surprise() {
    use proptest::prelude::*;
    let words = prop_oneof![
        Just("environment = ".to_owned()),
        Just("[protected.networks]\n".to_owned()),
        Just("[mode]\n".to_owned()),
        Just("\"10.0.0.1/8\" = 3\n".to_owned()),
        Just("undo_patience = \"\u{e9}m\"\n".to_owned()),
        Just("[settings]\nx = [[]]\n".to_owned()),
        ".{0,12}",
    ];
    proptest!(|(text in proptest::collection::vec(words, 0..12))| {
        let text = text.concat();
        if let Err(mistakes) = read(&text) {
            prop_assert!(!mistakes.is_empty());
            let lines = text.lines().count() + 1;
            prop_assert!(mistakes.iter().filter_map(|m| m.at).all(|at| at.line <= lines));
        }
    });
}

#[test]
fn the_file_itself_must_be_in_the_right_hands() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("site.toml");
    fs::write(&path, right("")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o666)).unwrap();
    let error = Site::load(&path).unwrap_err().to_string();
    assert!(error.starts_with("others may change ") && error.contains("`chmod go-w "), "{error}");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    assert!(Site::load(&path).is_ok());
    fs::write(&path, b"environment = \"l\xffb\"").unwrap();
    let error = Site::load(&path).unwrap_err().to_string();
    assert!(error.contains("site.toml:1:17: expected text in UTF-8"), "{error}");
}

#[test]
fn the_reference_page_is_fresh() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/reference/configuration.md");
    if std::env::var_os("BLESS").is_some() {
        fs::write(&path, reference_page()).unwrap();
    }
    let page = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        page == reference_page(),
        "docs/reference/configuration.md is stale (BLESS=1 rewrites)"
    );
}

#[test]
fn the_example_of_the_reference_page_is_taken() {
    let page = reference_page();
    let example = page.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let site = read(example).unwrap_or_else(|mistakes| panic!("{}", shown(mistakes)));
    assert_eq!(site.mode_of("contain_scanner"), Mode::Enforce);
}

#[test]
fn every_default_in_the_table_is_one() {
    for row in option::OPTIONS {
        assert!(row.doc.ends_with('.'), "{}", row.path);
        assert!(!row.example.is_empty() && !row.takes.is_empty(), "{}", row.path);
    }
    for name in ["undo_patience", "life_notice", "message_age_max"] {
        let default = option::row(name).unwrap().default.trim_matches('"');
        assert!(Duration::parse(default).is_some(), "{name}");
    }
}

/// What is wrong with the names in these tables.
fn misnamed(tables: &str) -> Option<String> {
    let site = Site::parse(Path::new("site.toml"), right(tables)).unwrap();
    let names = Names {
        verbs: ["std.firewall.block", "std.firewall.is_blocked", "std.clock.now"].into(),
        actions: ["std.firewall.block"].into(),
        kinds: ["Address", "Host"].into(),
    };
    site.check_names(&names).err().map(|error| error.to_string())
}

#[test]
fn a_rule_about_nothing_is_a_mistake() {
    for right in [
        "[blast_radius]\nHost = \"1 per 1h\"",
        "[rate]\n\"std.firewall\" = \"1 per 1h\"\n\"std.firewall.block\" = \"1 per 1h\"",
        "[protected.assets.Address]\n\"192.0.2.1\" = \"ours\"",
    ] {
        assert_eq!(misnamed(right), None, "{right}");
    }
    for (wrong, place, problem, help) in [
        (
            "[blast_radius]\nHots = \"1 per 1h\"",
            "`blast_radius.Hots`",
            "no action knows the kind of asset `Hots`",
            "did you mean `Host`?",
        ),
        (
            "[protected.assets.Adress]\n\"192.0.2.1\" = \"ours\"",
            "`protected.assets.Adress`",
            "no action knows the kind of asset `Adress`",
            "did you mean `Address`?",
        ),
        (
            "[maintenance.x]\nwhen = \"daily 00:00-24:00\"\nwhat = [\"Router\"]",
            "`maintenance.x.what`",
            "no action knows the kind of asset `Router`",
            "write a kind as the interfaces declare it",
        ),
        (
            "[rate]\n\"std.firewall.is_blocked\" = \"1 per 1h\"",
            "`rate.\"std.firewall.is_blocked\"`",
            "`std.firewall.is_blocked` changes nothing, and rules are about what does",
            "name an action, or a module with one",
        ),
        (
            "[rate]\n\"std.clock\" = \"1 per 1h\"",
            "`rate.\"std.clock\"`",
            "`std.clock` changes nothing",
            "name an action, or a module with one",
        ),
    ] {
        let told = misnamed(wrong).unwrap();
        for part in [place, problem, help] {
            assert!(told.contains(part), "{part} in:\n{told}");
        }
    }
}
