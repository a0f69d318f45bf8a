//! The site's guardrails with the programs as they are: a quota holds the run that
//! passes it, two people let it through, and maintenance makes others wait.

#![expect(clippy::expect_used, reason = "a test that can't go on must fail, and say why")]

use rye_tests::namespace::as_root;
use rye_tests::site::Site;
use rye_tests::transcript::Told;

const BLOCK_ONE: &str = "\
//! For the tests: blocks one address for an hour.

use std.firewall

playbook block_one(address: Address) {
    severity high
    deadline 5m
    limit Address 1
    on failure hold

    stage contain {
        do firewall.block(address: address, reason: \"it scans\") for 1h verified within 5s
    }
    finish contained \"blocked\"
}
";

const RESUME: &str = "ryed resume --store store --trust trust.root --site site.toml";

/// The demonstration's site, with people who approve and a playbook that blocks.
fn site() -> Site {
    let site = Site::with_people(|_, _| {});
    let text = std::fs::read_to_string(site.at("site.toml")).expect("the site file");
    site.write("plain.toml", text.replace("[mode]", "[mode]\nblock_one = \"enforce\""));
    std::fs::create_dir(site.at("one")).expect("a folder of our own");
    site.write("one/block_one.rye", BLOCK_ONE);
    site.build("one", &site.at("one/block_one.rye"));
    site
}

/// The site file, with `more` behind it.
fn configure(site: &Site, more: &str) {
    let plain = std::fs::read_to_string(site.at("plain.toml")).expect("the site file");
    site.write("site.toml", format!("{plain}\n{more}\n"));
}

/// One alert, handled as an alert is.
fn alert(site: &Site, host: u8) -> Told {
    site.write("alert.json", format!(r#"{{"address": "203.0.113.{host}"}}"#));
    site.shell(&format!(
        "ryed run one.ryeb --playbook block_one --input alert.json --key alert-{host} \
         --starter olga@example.org --mode enforce --store store --trust trust.root --site site.toml"
    ))
}

fn lift(site: &Site, key: &str, run: &str) -> Told {
    let told = site.shell(&format!("ryectl --store store --key {key} lift {run} --yes"));
    let resumed = site.shell(RESUME);
    assert!(resumed.code == 0 || resumed.code == 3, "{resumed:?}");
    told
}

/// The run that waits, as `contained` names it.
fn held(site: &Site) -> (String, String) {
    let text = site.fine("ryectl --store store contained").stdout;
    let run = text.split("--key KEY lift ").nth(1).and_then(|rest| rest.split_whitespace().next());
    (run.expect("a run that may be lifted").to_owned(), text)
}

#[test]
fn a_third_address_waits_for_two_people() {
    as_root(|| {
        let site = site();
        configure(&site, "[blast_radius]\nAddress = \"2 per 1h\"");
        for host in [7, 8] {
            assert_eq!(alert(&site, host).code, 0);
        }
        let told = alert(&site, 9);
        assert_eq!((told.code, site.blocks()), (3, 2), "{told:?}");
        let said = "203.0.113.9 would be number 3 of at most 2 of kind Address in 1h; \
                    there is room again at ";
        assert!(told.stdout.contains(said) || told.stderr.contains(said), "{told:?}");
        let (run, text) = held(&site);
        assert!(text.contains("2 owners lift the quota:"), "{text}");

        let wrong = lift(&site, "operator", &run);
        assert_ne!(wrong.code, 0, "it is refused although nobody is there: {wrong:?}");
        assert!(wrong.stderr.contains("has not the usage `approval`"), "{wrong:?}");
        lift(&site, "bea", &run);
        lift(&site, "bea_at_home", &run);
        assert_eq!(site.blocks(), 2, "the same person twice is one");
        let (_, text) = held(&site);
        assert!(text.contains("2 owners lift the quota (bea@example.org said so):"), "{text}");
        lift(&site, "cy", &run);
        assert_eq!(site.blocks(), 3);

        let text = site.fine(&format!("ryectl --store store show {run}")).stdout;
        for line in [
            "lift  wanted by bea@example.org; one more owner is needed",
            "lift  by cy@example.org: no quota stops it",
            "number 3 of at most 2 of kind Address in 1h",
        ] {
            assert!(text.contains(line), "{line}\n{text}");
        }
        site.fine("ryectl --store store journal verify");
        let over = site.shell(&format!("ryectl --store store --key dan lift {run} --yes"));
        assert_eq!(over.code, 1, "{over:?}");
    });
}

#[test]
fn maintenance_makes_an_alert_wait_and_a_slip_of_the_pen_is_told() {
    as_root(|| {
        let site = site();
        let always = "[maintenance.\"new switches\"]\nwhen = \"daily 00:00-24:00\"\n";
        configure(&site, &format!("{always}what = [\"std.firewal\"]"));
        let told = alert(&site, 7);
        assert_eq!(told.code, 1, "{told:?}");
        assert!(told.stderr.contains("there is no action and no module `std.firewal`"), "{told:?}");
        assert!(told.stderr.contains("help: did you mean `std.firewall`?"), "{told:?}");

        configure(&site, &format!("{always}what = [\"std.firewall\"]"));
        let told = alert(&site, 7);
        assert_eq!((told.code, site.blocks()), (3, 0), "{told:?}");
        let text = site.fine("ryectl --store store contained").stdout;
        assert!(text.contains("has to wait for the end of maintenance (new switches)"), "{text}");
        assert!(!text.contains(" lift "), "{text}");
        let run = text.split(" release ").nth(1).and_then(|rest| rest.split(' ').next());
        let run = run.expect("it may be released").to_owned();
        let told = site.shell(&format!("ryectl --store store --key bea lift {run} --yes"));
        assert_eq!(told.code, 1, "{told:?}");
        assert!(told.stderr.contains("is not held by a quota"), "{told:?}");

        configure(&site, "");
        site.fine(&format!("ryectl --store store --key operator release {run} continue --yes"));
        site.fine(RESUME);
        assert_eq!(site.blocks(), 1);
    });
}
