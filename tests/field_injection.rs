//! Texts of alerts that mean something to a shell, a template or a terminal, through the
//! real programs: they are acted on, told, written down and shown, and are text each time.

use std::fs;

use rye_tests::hostile;
use rye_tests::namespace::as_root;
use rye_tests::site::Site;
use rye_tests::transcript::Told;
use serde_json::json;

/// Everything that a run can do with a text.
const REPEAT: &str = "\
//! For the tests: says what it was told wherever it can.

use std.firewall
use std.notify

playbook repeat(address: Address, what: Text) {
    severity high
    deadline 5m
    limit Address 1
    on failure hold

    do firewall.block(address: address, reason: what) for 1h verified within 5s
    tell notify.analysts(text: what)
    attempt {
        fail \"{what} could not be reached\"
    } recover problem {
        finish contained \"{what}: {problem}\"
    }
}
";

const RUN: &str = "ryed run repeat.ryeb --playbook repeat --input alert.json --store store \
                   --trust trust.root --site repeat.toml --mode enforce";

/// Whether a terminal, or a reader, would take it for anything but text.
fn is_hidden(c: char) -> bool {
    let turns = ['\u{200e}', '\u{200f}', '\u{2028}', '\u{2029}', '\u{feff}'];
    let bidi = ('\u{202a}'..='\u{202e}').contains(&c) || ('\u{2066}'..='\u{2069}').contains(&c);
    c.is_control() && c != '\n' || bidi || turns.contains(&c)
}

/// What a program says is text, and nothing else.
fn is_text(line: &str, told: &Told) {
    for said in [&told.stdout, &told.stderr] {
        let found = said.chars().find(|c| is_hidden(*c));
        assert_eq!(found, None, "{line}: {said:?}");
    }
}

/// Abuse case 12.
#[test]
fn field_injection() {
    as_root(|| {
        let site = Site::new(|_, _| {});
        fs::create_dir(site.at("repeat")).expect("a folder of our own");
        site.write("repeat/repeat.rye", REPEAT);
        site.build("repeat", &site.at("repeat/repeat.rye"));
        let text = fs::read_to_string(site.at("site.toml")).expect("the site file");
        site.write("repeat.toml", text.replace("[mode]\n", "[mode]\nrepeat = \"enforce\"\n"));
        for (host, what) in (1..).zip(hostile::TEXTS) {
            let alert = json!({ "address": format!("203.0.113.{host}"), "what": what });
            site.write("alert.json", alert.to_string());
            let told = site.shell(RUN);
            assert!(told.code == 0 || told.code == 1, "{what:?}: {told:?}");
            is_text(what, &told);
            let blocked = site.blocks();
            assert!(told.code == 1 || blocked == host, "{what:?}: {blocked} of {host}");
        }
        // What is no alert at all is refused in as plain words.
        for what in ["\"\\ud800\"", "\"\u{1b}[2J\"", &format!("{:?}", "A".repeat(1 << 20))] {
            let alert = format!("{{\"address\": \"203.0.113.99\", \"what\": {what}}}");
            site.write("alert.json", alert);
            let told = site.shell(RUN);
            assert_ne!(told.code, 0, "{told:?}");
            is_text("what is no alert", &told);
        }
        let mut asked = vec![
            String::from("runs"),
            String::from("contained"),
            String::from("journal show"),
            String::from("journal verify"),
        ];
        let runs = site.ask(&["runs"]);
        asked.extend(runs.lines().filter_map(|line| Some(format!("show {}", line.get(..32)?))));
        assert!(asked.len() > hostile::TEXTS.len(), "{runs}");
        for words in asked {
            let line = format!("ryectl --store store {words}");
            let told = site.fine(&line);
            is_text(&line, &told);
        }
    });
}
