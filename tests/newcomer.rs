//! Somebody who knows the README and `docs/` alone writes a second playbook over the
//! firewall actions, with what they say: several addresses with a limit, a network to
//! which a person says yes, an attempt that fails; and takes it from the first check to
//! the rollback, on the network of the demonstration.

#![expect(clippy::expect_used, reason = "a test that can't go on must fail, and say why")]

use std::net::IpAddr;
use std::thread;
use std::time::{Duration, Instant};

use rye_tests::namespace::as_root;
use rye_tests::network::ATTACKER;
use rye_tests::site::Site;
use rye_tests::transcript::{Told, told};
use serde_json::Value as Json;

const SOURCE: &str = include_str!("newcomer/evict.rye");
const INPUT: &str = include_str!("newcomer/botnet.json");
const RUN: &str = "ryed run evict.ryeb --playbook evict --input botnet.json --store store \
                   --trust trust.root --site site.toml";

/// Builds the bundle, and has two owners sign it.
fn build(site: &Site, version: u8) {
    site.fine(&format!(
        "ryec build evict.rye -o built --name demo/evict --audience demo --version {version}"
    ));
    site.fine(
        "ryec sign built --key author -o once && ryec sign once --key reviewer -o evict.ryeb",
    );
}

/// Lets the signers sign what hits many at once: the next version of the trust root,
/// pinned in the place of the last one.
fn allow_networks(site: &Site) {
    let draft = std::fs::read_to_string(site.at("trust.toml")).expect("the description");
    let draft = draft
        .replace("version = 1", "version = 2")
        .replace("max_impact = \"disruptive\"", "max_impact = \"destructive\"");
    site.believe(&draft);
}

/// Sees from the attacker's side that these of his addresses are cut off, and that
/// the others get through.
fn cut_off(site: &Site, addresses: &[IpAddr]) {
    for from in ATTACKER {
        let is_cut_off = addresses.contains(&from);
        let seen = if is_cut_off { site.is_cut_off(from) } else { site.connects(from) };
        assert!(seen, "{from}: expected cut off: {is_cut_off}");
    }
}

/// Runs for real; whoever is asked meanwhile says yes.
fn run_and_say_yes(site: &Site, more: &str) -> Told {
    let run = site.shell_begin(&format!("{RUN} --mode enforce {more}"));
    let began = Instant::now();
    let request = loop {
        let told = site.shell("ryectl --store store --json requests").stdout;
        let open: Json = serde_json::from_str(&told).unwrap_or_default();
        if let Some(request) = open.pointer("/requests/0/request").and_then(Json::as_str) {
            break request.to_owned();
        }
        assert!(began.elapsed() < Duration::from_mins(1), "nobody is asked: {told}");
        thread::sleep(Duration::from_millis(50));
    };
    site.fine(&format!("ryectl --store store --key lead approve {request} --yes"));
    let told = told(&run.wait_with_output().expect("our own child"));
    assert_eq!(told.code, 0, "{told:?}");
    told
}

#[test]
fn a_second_playbook_goes_from_the_first_check_to_the_rollback() {
    as_root(|| {
        let site = Site::new(|_, _| {});
        site.write("evict.rye", SOURCE);
        site.write("botnet.json", INPUT);
        let checked = site.fine("ryec check evict.rye").stdout;
        assert!(checked.contains("may touch   2 × Address, 256 × Network"), "{checked}");
        for line in
            ["action std.firewall.block               3 times", "waits 14m55s, asks 4 times"]
        {
            assert!(checked.contains(line), "{line}: {checked}");
        }
        build(&site, 1);

        let told = site.shell(RUN);
        assert_eq!(told.code, 3, "{told:?}");
        assert!(told.stderr.contains("E_THRESHOLD"), "a network is beyond them: {told:?}");
        assert!(told.help().contains("raise their role's `max_impact`"), "{told:?}");
        allow_networks(&site);

        let told = site.fine(RUN);
        let would = told.stderr.matches("would do std.firewall.block").count();
        assert_eq!(would, 3, "two addresses and a network: {told:?}");
        assert!(told.stderr.contains("198.51.100.1 is protected (a gateway of wire"), "{told:?}");
        assert_eq!(site.blocks(), 0, "shadow mode does nothing");
        cut_off(&site, &[]);

        let text = std::fs::read_to_string(site.at("site.toml")).expect("the site file");
        site.write("site.toml", text.replace("[mode]", "[mode]\nevict = \"enforce\""));
        let told = run_and_say_yes(&site, "--key botnet-1");
        assert!(told.stdout.contains("over: contained: the Example Gang is out"), "{told:?}");
        let [host, _, _, host6, _, headquarters] = ATTACKER;
        cut_off(&site, &[host, host6, headquarters]);
        let notices = site.notices().concat();
        assert!(notices.contains("198.51.100.1 of the Example Gang stays: guardrail"), "{notices}");
        assert!(notices.contains("0 connections were ended"), "{notices}");

        let held = site.fine("ryectl --store store contained").stdout;
        for what in ["203.0.113.7", "2001:db8:bad::7", "2001:db8:600d::/120"] {
            assert!(held.contains(what), "{what}: {held}");
        }
        let id = told.stdout.split([' ', ':']).nth(1).expect("a run").to_owned();
        let shown = site.fine(&format!("ryectl --store store show {id}")).stdout;
        for stage in ["hosts", "headquarters", "held now"] {
            assert!(shown.contains(&format!("  {stage}\n")), "{stage}: {shown}");
        }
        site.fine(&format!("ryectl --store store --key operator rollback {id} --yes"));
        let told = site.fine("ryed resume --store store --trust trust.root --site site.toml");
        assert!(told.stdout.contains(&format!("rollback of run {id}")), "{told:?}");
        assert_eq!(site.blocks(), 0, "{told:?}");
        cut_off(&site, &[]);
        site.fine("ryectl --store store journal verify");
    });
}

/// More hosts than the playbook's limit allows: the third one is refused, and its
/// `attempt` says so.
#[test]
fn a_limit_that_is_reached_leaves_what_was_done() {
    as_root(|| {
        let site = Site::new(|_, _| {});
        site.write("evict.rye", SOURCE);
        site.write("botnet.json", INPUT.replace("198.51.100.1", "203.0.113.8"));
        build(&site, 1);
        allow_networks(&site);
        let text = std::fs::read_to_string(site.at("site.toml")).expect("the site file");
        site.write("site.toml", text.replace("[mode]", "[mode]\nevict = \"enforce\""));
        run_and_say_yes(&site, "");
        let [first, second, .., headquarters] = ATTACKER;
        cut_off(&site, &[first, second, headquarters]);
        assert!(site.notices().concat().contains("2001:db8:bad::7 of the Example Gang stays"));
    });
}
