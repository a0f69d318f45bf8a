//! What is refused: with which code, and what the first help line says.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;

use crate::site::{STRANGER, Site, bundle, done, shown};

const FIREWALL: &str = "[firewall]\n";

/// Exit code, and what is said, of a run in shadow mode.
fn said(site: &Site, playbook: &str, input: &str) -> (Option<i32>, String) {
    let mut command = site.run(playbook, "203.0.113.7", &[]);
    site.write("input.json", input.as_bytes());
    let (code, stdout, stderr) = done(&mut command);
    assert!(stdout.is_empty(), "{stdout}");
    (code, stderr.replace(&shown(&site.path("")), ""))
}

const RIGHT: &str = "{\"address\": \"203.0.113.7\"}";

#[test]
fn a_bundle_of_a_stranger_or_an_altered_one_is_refused() {
    let site = Site::new(FIREWALL);
    site.write("cut_off.ryeb", &bundle(STRANGER));
    let (code, text) = said(&site, "cut_off", RIGHT);
    assert_eq!(code, Some(3));
    assert!(text.contains("cut_off.ryeb is refused: E_NO_TRUSTED_SIG"), "{text}");
    let mut altered = bundle(crate::site::AUTHOR);
    altered[500] ^= 1;
    site.write("cut_off.ryeb", &altered);
    let (code, text) = said(&site, "cut_off", RIGHT);
    assert_eq!(code, Some(3));
    assert!(text.contains("E_SIG_INVALID") && text.contains("  help: "), "{text}");
}

#[test]
fn an_adapter_that_is_not_bound_is_told_before_anything_runs() {
    let site = Site::new("");
    let (code, text) = said(&site, "cut_off", RIGHT);
    assert_eq!(code, Some(3));
    assert!(text.contains("help: bind `std.firewall` in the site file"), "{text}");
}

#[test]
fn an_input_that_does_not_fit_is_told_with_its_field() {
    let site = Site::new(FIREWALL);
    let (code, text) = said(&site, "cut_off", "{\"address\": \"203.0.113\"}");
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("input.json: `address`: expected"), "{text}");
    let (code, text) = said(&site, "cut_off", "{\"adress\": 1}");
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("adress"), "{text}");
    let (code, text) = said(&site, "cut_off", "not json");
    assert_eq!(code, Some(1), "{text}");
}

#[test]
fn a_wrong_call_is_told_as_one() {
    let site = Site::new(FIREWALL);
    let (code, text) = said(&site, "cutoff", RIGHT);
    assert_eq!(code, Some(2));
    assert!(text.contains("help: it has `cut_off`, `rest`"), "{text}");
    let (code, _, stderr) = done(&mut site.run("rest", "203.0.113.7", &["--mode", "real"]));
    assert_eq!(code, Some(2), "{stderr}");
    let empty = Site::new(FIREWALL);
    let (code, _, stderr) = done(&mut empty.ryed(&["resume"]));
    assert_eq!(code, Some(2), "{stderr}");
    assert!(stderr.contains("there is no store at"), "{stderr}");
}

#[test]
fn a_site_file_with_mistakes_is_told_with_all_of_them() {
    let site = Site::new("[firewall]\nnamespace = \"a/b\"\n");
    let (code, text) = said(&site, "cut_off", RIGHT);
    assert_eq!(code, Some(1));
    assert!(text.contains("site.toml:4:13: `firewall.namespace`"), "{text}");
    site.configure("[mod]\nundo_patience = 1\n[firewall]\ntabel = \"x\"\n");
    let (code, text) = said(&site, "cut_off", RIGHT);
    assert_eq!(code, Some(1));
    assert!(
        text.contains("site.toml:3:2: `mod`") && text.contains("did you mean `mode`?"),
        "{text}"
    );
    site.configure("[firewall]\ntabel = \"x\"\n");
    let (_, text) = said(&site, "cut_off", RIGHT);
    assert!(text.contains("help: did you mean `table`?"), "{text}");
    site.configure(FIREWALL);
    fs::set_permissions(site.path("site.toml"), Permissions::from_mode(0o666)).expect("chmod");
    let (code, text) = said(&site, "cut_off", RIGHT);
    assert_eq!(code, Some(1));
    assert!(text.contains("help: `chmod go-w site.toml`"), "{text}");
}

#[test]
fn another_trust_root_than_the_pinned_one_is_refused() {
    let site = Site::new(FIREWALL);
    let zero = "0".repeat(64);
    let text = format!("environment = \"lab\"\ntrust_root_digest = \"{zero}\"\n");
    site.write("site.toml", text.as_bytes());
    let (code, text) = said(&site, "cut_off", RIGHT);
    assert_eq!(code, Some(3));
    assert!(text.contains("E_ROOT_PIN"), "{text}");
}

#[test]
fn a_program_gets_one_document_also_when_nothing_ran() {
    let site = Site::new(FIREWALL);
    let (code, stdout, _) = done(&mut site.run("nothing", "203.0.113.7", &["--json"]));
    assert_eq!(code, Some(2));
    let json: serde_json::Value = serde_json::from_str(&stdout).expect("one document");
    assert_eq!(json["exit"], 2);
    assert!(json["error"].as_str().expect("a text").contains("no playbook `nothing`"));
}

#[test]
fn what_the_revocation_list_takes_back_is_not_loaded() {
    let site = Site::with_lists(FIREWALL);
    let (code, text) = said(&site, "cut_off", RIGHT);
    assert_eq!(code, Some(3));
    assert!(text.contains("E_FRESHNESS") && text.contains("ALARM"), "{text}");
    let with_list = |list: &[u8]| {
        site.write("revoked.ryel", list);
        let mut command = site.run("cut_off", "203.0.113.7", &[]);
        let (code, _, stderr) = done(command.arg("--revocations").arg(site.path("revoked.ryel")));
        (code, stderr)
    };
    assert_eq!(with_list(&site.revocations(1, false)).0, Some(0));
    let (code, text) = with_list(&site.revocations(2, true));
    assert_eq!(code, Some(3));
    assert!(text.contains("E_REVOKED") && text.contains("a test"), "{text}");
    // Another list of that version, an older one, none: what was taken back stays so.
    for list in [site.revocations(2, false), site.revocations(1, false), b"RYEB".to_vec()] {
        let (code, text) = with_list(&list);
        assert_eq!(code, Some(3));
        assert!(text.contains("refused a revocation list: E_"), "{text}");
        assert!(text.contains("E_REVOKED"), "{text}");
    }
    let (code, text) = said(&site, "cut_off", RIGHT);
    assert_eq!(code, Some(3));
    assert!(text.contains("E_REVOKED"), "{text}");
}

#[test]
fn a_site_that_acts_and_tells_nobody_hears_of_it() {
    let acts = "[mode]\ncut_off = \"monitor\"\n";
    let operators = "[notify.destinations.operators]\nsyslog = \"udp://127.0.0.1:514\"\n\
                     networks = [\"127.0.0.1\"]\n";
    let site = Site::new(acts);
    let hears = || said(&site, "cut_off", RIGHT).1.contains("nobody is told when a run is held");
    assert!(hears());
    site.configure(&format!("{acts}{operators}"));
    assert!(!hears());
    site.configure("");
    assert!(!hears(), "in shadow mode nobody would be told anything");
}
