//! The shipped playbook `evict_intruder` on a real machine: an intruder with an open
//! session, a program and a service that keeps it alive loses all of it, and a rollback
//! gives the account's owner back what was his.

#![expect(clippy::expect_used, reason = "a test that can't go on must fail, and say why")]

use rye_tests::site::Site;
use rye_tests::victim::{Victim, eventually, with_victim};

const SOURCE: &str = include_str!("../playbooks/evict_intruder/evict_intruder.rye");
const RUN: &str = "ryed run evict.ryeb --playbook evict_intruder --input finding.json \
                   --store store --trust trust.root --site site.toml";

/// Puts the intruder on the victim, and what a sensor finds of him into the site.
fn intrude(site: &Site, victim: &Victim) {
    victim.add_account("mallory");
    victim.script(
        "mkdir /opt/cache; cp /usr/bin/sleep /opt/cache/kworker\n\
         printf '[Service]\\nExecStart=/opt/cache/kworker 600\\nRestart=always\\n' \
         > /etc/systemd/system/cache.service\n\
         systemctl daemon-reload; systemctl start cache.service",
    );
    let sha256 = victim.script("sha256sum /opt/cache/kworker");
    let (sha256, _) = sha256.split_once(' ').expect("a digest");
    let finding = format!(
        r#"{{"finding": {{"host": "web-1", "user": "mallory", "unit": "cache.service",
            "program": "/opt/cache/kworker", "sha256": "{sha256}"}}}}"#
    );
    site.write("finding.json", finding);
}

/// Adds the victim to the site file.
fn configure(site: &Site, victim: &Victim) {
    let text = std::fs::read_to_string(site.at("site.toml")).expect("the site file");
    let text = text.replace("[mode]", "[mode]\nevict_intruder = \"enforce\"");
    let host = format!(
        "\n[host]\nname = \"web-1\"\npid_file = \"{}\"\nevidence = \"{}\"\n\
         \n[protected.assets.HostAccount]\n\"ann\" = \"she is on call\"\n",
        victim.pid_file().display(),
        site.at("evidence"),
    );
    site.write("site.toml", format!("{text}{host}"));
}

fn build(site: &Site) {
    site.write("evict_intruder.rye", SOURCE);
    site.fine(
        "ryec build evict_intruder.rye -o built --name demo/evict --audience demo \
         && ryec sign built --key author -o once \
         && ryec sign once --key reviewer -o evict.ryeb",
    );
}

#[test]
fn an_intruder_is_evicted_and_a_rollback_gives_back_what_was_taken() {
    with_victim(|victim| {
        let site = Site::new(|_, _| {});
        build(&site);
        configure(&site, victim);
        intrude(&site, victim);
        let mut session = victim.session("mallory", "sleep 600");

        site.fine(&format!("{RUN} --mode shadow"));
        assert!(session.is_open() && victim.logs_in("mallory"), "shadow mode does nothing");

        let told = site.fine(&format!("{RUN} --mode enforce --key finding-1"));
        assert!(told.stdout.contains("over: contained: mallory is off web-1"), "{told:?}");
        assert!(session.ends());
        assert!(!victim.logs_in("mallory"));
        assert!(!victim.succeeds("pgrep", &["-f", "^/opt/cache/kworker"]));
        assert!(!victim.succeeds("systemctl", &["start", "cache.service"]));
        assert!(!victim.succeeds("test", &["-e", "/opt/cache/kworker"]));
        let notices = site.notices().concat();
        assert!(notices.contains("Evidence of web-1: "), "{notices}");

        let id = told.stdout.split([' ', ':']).nth(1).expect("a run").to_owned();
        site.fine(&format!("ryectl --store store --key operator rollback {id} --yes"));
        site.fine("ryed resume --store store --trust trust.root --site site.toml");
        assert!(victim.logs_in("mallory"));
        assert!(eventually(|| victim.succeeds("systemctl", &["is-active", "cache.service"])));
        assert!(victim.succeeds("pgrep", &["-f", "^/opt/cache/kworker"]));
        site.fine("ryectl --store store journal verify");
    });
}

#[test]
fn what_is_protected_stays_and_a_person_is_asked() {
    with_victim(|victim| {
        let site = Site::new(|_, _| {});
        build(&site);
        configure(&site, victim);
        victim.add_account("ann");
        for (user, reason) in [
            ("ann", "protected (she is on call)"),
            ("root", "protected (the account that administers the machine)"),
        ] {
            site.write(
                "finding.json",
                format!(
                    r#"{{"finding": {{"host": "web-1", "user": "{user}",
                        "program": "/opt/none", "sha256": "{}"}}}}"#,
                    "0".repeat(64)
                ),
            );
            let told = site.shell(&format!("{RUN} --mode enforce --key {user}"));
            assert!(told.stdout.contains("held"), "{told:?}");
            assert!(told.stderr.contains(reason), "{told:?}");
        }
        assert!(victim.logs_in("ann"));
    });
}
