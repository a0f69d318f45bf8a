//! From the signed bundle to the attacker's side of the wire, and back.

use std::net::IpAddr;

use rye_engine::message::Order;
use rye_journal::verify::{Expectation, verify};
use rye_tests::namespace::as_root;
use rye_tests::network::{ATTACKER, Network, VICTIM};

use crate::site::{Site, done};

/// The id of the one run that a document tells of.
fn run_of(document: &str) -> String {
    let json: serde_json::Value = serde_json::from_str(document).expect("one document");
    json["runs"][0]["run"].as_str().expect("an id").to_owned()
}

#[test]
fn an_attacker_is_cut_off_until_a_person_takes_it_back() {
    as_root(|| {
        let network = Network::two_hosts();
        let listener = network.listen();
        let attacker: IpAddr = ATTACKER[0];
        let name = network.victim.name();
        let site = Site::new(&format!(
            "[mode]\ncut_off = \"enforce\"\n[firewall]\nnamespace = \"{name}\"\n"
        ));
        let address = attacker.to_string();

        let (code, stdout, stderr) = done(&mut site.run("cut_off", &address, &[]));
        assert_eq!(code, Some(0), "{stderr}");
        assert!(stderr.contains("would do std.firewall.block"), "{stderr}");
        assert!(stdout.contains("cut_off, shadow mode"), "{stdout}");
        assert!(network.can_connect(attacker, &listener), "shadow mode touches nothing");

        let enforce = ["--mode", "enforce", "--key", "alert 1", "--json"];
        let (code, stdout, stderr) = done(&mut site.run("cut_off", &address, &enforce));
        assert_eq!(code, Some(0), "{stderr}");
        let run = run_of(&stdout);
        assert!(network.is_cut_off(attacker, &listener), "{stderr}");

        let (code, again, stderr) = done(&mut site.run("cut_off", &address, &enforce));
        assert_eq!((code, run_of(&again)), (Some(0), run.clone()), "{stderr}");
        assert!(!stderr.contains("doing std.firewall.block"), "one key is one run: {stderr}");

        site.say(&run, Order::Rollback { effects: Vec::new() });
        let (code, stdout, stderr) = done(&mut site.ryed(&["resume"]));
        assert_eq!(code, Some(0), "{stderr}");
        assert!(stdout.contains(&format!("rollback of run {run}")), "{stdout}");
        assert!(network.can_connect(attacker, &listener), "it was taken back: {stderr}");

        let report = verify(&site.store(), &Expectation::default(), &mut |_| None);
        assert!(report.expect("a journal").findings.is_empty());
    });
}

#[test]
fn the_victims_own_address_and_its_neighbours_are_protected() {
    as_root(|| {
        let network = Network::two_hosts();
        let name = network.victim.name();
        let more = format!(
            "[mode]\ncut_off = \"enforce\"\n[firewall]\nnamespace = \"{name}\"\n\
             [protected.networks]\n\"{}\" = \"our partner\"\n",
            ATTACKER[0]
        );
        let site = Site::new(&more);
        for (address, reason) in [
            (VICTIM[0].to_string(), format!("an address of this machine in the namespace {name}")),
            (ATTACKER[0].to_string(), String::from("our partner")),
            (String::from("127.0.0.1"), String::from("loopback: this machine itself")),
        ] {
            let mut command = site.run("cut_off", &address, &["--mode", "enforce"]);
            let (code, stdout, stderr) = done(&mut command);
            assert_eq!(code, Some(3), "{address}: {stderr}");
            assert!(stdout.contains(&format!("{address} is protected ({reason})")), "{stdout}");
            assert!(stdout.contains("a person may answer:"), "{stdout}");
            assert!(!stderr.contains("doing"), "{stderr}");
        }
    });
}
