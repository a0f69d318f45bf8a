//! Addresses that nobody may block: the run holds, nothing is done, and each
//! answer that is shown works.

use rye_tests::namespace::as_root;
use rye_tests::site::Site;
use rye_tests::transcript::{Told, Transcript};

use crate::{RESUME, RUN, desk, edit};

/// Runs the playbook on an address that is protected; what `ryed` says.
fn held(site: &Site, terminal: &mut Transcript<'_>, address: &str, why: &str) -> Told {
    edit(site, "keep_out/input.json", "203.0.113.7", address);
    let told = terminal.run(RUN);
    assert_eq!(told.code, 3);
    let reason = format!("{address} is protected ({why})");
    assert!(told.stdout.contains(&format!("guardrail: {reason}")), "{told:?}");
    assert!(!told.stderr.contains(" doing "), "nothing was dispatched: {told:?}");
    assert_eq!(site.blocks(), 0);
    told
}

/// The answers that are shown, as they are to be typed.
fn answers(told: &Told) -> Vec<String> {
    let lines = told.stdout.lines().map(str::trim);
    lines.filter(|line| line.starts_with("ryectl ")).map(str::to_owned).collect()
}

/// Gives the answer that ends with `word`, with the operator's key, and goes on.
fn answer(terminal: &mut Transcript<'_>, told: &Told, word: &str) -> Told {
    let answers = answers(told);
    let line = answers.iter().find(|line| line.ends_with(word)).expect("an answer");
    let line = format!("{} --yes", line.replace("--key KEY", "--key operator"));
    assert_eq!(terminal.run(&line).code, 0);
    terminal.run(RESUME)
}

#[test]
fn the_gateway() {
    as_root(|| {
        let site = desk();
        let mut terminal = Transcript::new(&site, "The gateway is protected: nobody is cut off.");
        let why = format!("a gateway of wire in the namespace {}", site.victim());
        let told = held(&site, &mut terminal, "198.51.100.1", &why);
        terminal.run("ryectl --store store runs");
        let told = answer(&mut terminal, &told, "continue");
        assert_eq!(told.code, 3, "it is protected still");
        let told = answer(&mut terminal, &told, "keep");
        assert!(told.stdout.contains("over: escalated"), "{told:?}");
        assert_eq!((told.code, site.blocks()), (0, 0));
        terminal.check("mistakes/protected_gateway.txt");
    });
}

#[test]
fn an_address_of_the_sites_list() {
    as_root(|| {
        let site = desk();
        let mut terminal = Transcript::new(&site, "An address that the site file protects.");
        let list = "[protected.networks]\n\"203.0.113.8\" = \"our partner\"\n\n[mode]";
        edit(&site, "site.toml", "[mode]", list);
        held(&site, &mut terminal, "203.0.113.8", "our partner");
        let run = crate::run_id(&site);
        let shown = terminal.run(&format!("ryectl --store store show {run}"));
        let told = answer(&mut terminal, &shown, "undo");
        assert!(told.stdout.contains("over: rolled_back"), "{told:?}");
        assert_eq!((told.code, site.blocks()), (4, 0));
        terminal.check("mistakes/protected_address.txt");
    });
}

#[test]
fn an_address_inside_a_protected_network() {
    as_root(|| {
        let site = desk();
        let mut terminal = Transcript::new(&site, "An address inside a network that is protected.");
        let list = "[protected.networks]\n\"203.0.113.0/25\" = \"our other site\"\n\n[mode]";
        edit(&site, "site.toml", "[mode]", list);
        let told = held(&site, &mut terminal, "203.0.113.8", "our other site");
        assert!(site.bystander_connects());
        terminal.note("it is not ours any more: the line goes, and the run goes on");
        edit(&site, "site.toml", "\"203.0.113.0/25\" = \"our other site\"\n", "");
        let told = answer(&mut terminal, &told, "continue");
        assert!(told.stdout.contains("over: contained"), "{told:?}");
        assert_eq!((told.code, site.blocks()), (0, 1));
        assert!(site.is_cut_off(rye_tests::network::ATTACKER[1]));
        terminal.check("mistakes/protected_network.txt");
    });
}
