//! Erasing with the real programs: afterwards no file of the store contains what the run
//! was about, the record verifies, and the store goes on.

#![expect(clippy::expect_used, reason = "a test that can't go on must fail, and say why")]

use std::fs;
use std::path::Path;

use rye_tests::namespace::as_root;
use rye_tests::site::Site;

/// What the run is about: in its input, its arguments, its texts and its notices. The
/// hospital's name stands for a person's.
const SECRET: &str = "saint-elsewhere.example";

const ABOUT_HER: &str = "\
//! For the tests: everything that a run writes down contains what it is about.

use std.firewall
use std.notify

playbook about_her(address: Ip, who: Text) {
    severity high
    deadline 5m
    limit Address 2
    on failure hold

    do firewall.block(address: Address(address), reason: who) for 1h verified within 5s
    tell notify.analysts(text: \"{who} is blocked\")
    attempt {
        fail \"{who} could not be reached\"
    } recover problem {
        finish contained \"{who}: {problem}\"
    }
}
";

const RUN: &str = "ryed run her.ryeb --playbook about_her --input her.json --store store \
                   --trust trust.root --site her.toml --mode enforce";
const RESUME: &str = "ryed resume --store store --trust trust.root --site her.toml";

/// The files below `folder` that contain the secret.
fn found_in(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(found_in(&path));
        } else {
            let bytes = fs::read(&path).expect("a file");
            if bytes.windows(SECRET.len()).any(|window| window == SECRET.as_bytes()) {
                found.push(path.display().to_string());
            }
        }
    }
    found
}

/// Abuse case 26, `pii_erase`.
#[test]
fn pii_erase() {
    as_root(|| {
        let site = Site::new(|_, _| {});
        fs::create_dir(site.at("her")).expect("a folder of our own");
        site.write("her/about_her.rye", ABOUT_HER);
        site.build("her", &site.at("her/about_her.rye"));
        site.write("her.json", format!("{{\"address\": \"203.0.113.7\", \"who\": \"{SECRET}\"}}"));
        let text = fs::read_to_string(site.at("site.toml")).expect("the site file");
        site.write("her.toml", text.replace("[mode]\n", "[mode]\nabout_her = \"enforce\"\n"));
        let fine = |line: &str| {
            let told = site.shell(line);
            assert_eq!(told.code, 0, "{line}: {told:?}");
            told.stdout
        };
        let told = fine(RUN);
        let run = told.split("run ").nth(1).and_then(|rest| rest.get(..32)).expect("a run");
        fine(RUN);
        assert!(found_in(&site.store).len() >= 2, "segment and index");
        let erase =
            format!("ryectl --store store --key operator erase {run} --reason \"asked for\" --yes");
        fine(&erase);
        let told = site.shell(RESUME);
        assert!(told.stderr.contains("still holds something"), "{told:?}");
        assert_eq!(site.blocks(), 1, "nothing was touched");

        let runs = fine("ryectl --store store runs");
        let all: Vec<&str> = runs.lines().filter_map(|line| line.get(..32)).collect();
        let replayed = fine(&format!("ryectl --store store replay {run}"));
        assert!(replayed.starts_with("the run replays to the same end: "), "{replayed}");
        for run in &all {
            fine(&format!("ryectl --store store --key operator --yes rollback {run}"));
        }
        fine(RESUME);
        assert_eq!(site.blocks(), 0);
        let verified = fine("ryectl --store store journal verify");
        let head = verified.trim().rsplit(' ').next().unwrap_or_default().to_owned();
        for run in &all {
            fine(&format!(
                "ryectl --store store --key operator erase {run} --reason \"she wants it\" --yes"
            ));
        }
        fine(RESUME);
        assert_eq!(found_in(&site.store), Vec::<String>::new());
        // Every entry is still the one that it was.
        fine(&format!("ryectl --store store journal verify --head {head}"));
        fine("cp -a store backup");
        assert_eq!(found_in(Path::new(&site.at("backup"))), Vec::<String>::new());
        fine("ryectl --store backup journal verify");
        assert!(!fine("ryectl --store store journal export").contains(SECRET));
        let shown = fine("ryectl --store store journal show");
        let started = shown.lines().find(|line| line.contains(" run started "));
        assert!(started.is_some_and(|line| line.ends_with("  its values are erased")), "{shown}");
        assert!(!shown.contains(SECRET), "{shown}");
        let told = site.shell(&format!("ryectl --store store show {run}"));
        assert!(told.code != 0 && told.stderr.contains("she wants it"), "{told:?}");
        let told = site.shell(&format!("ryectl --store store replay {run}"));
        assert!(told.code == 1 && told.stderr.contains("was erased"), "{told:?}");
        let known = fine("ryectl --store store --json runs");
        assert!(known.contains("\"runs\":[]"), "none is known any more: {known}");

        let told = fine(RUN);
        assert!(told.contains("about_her"), "the store goes on: {told}");
        assert_eq!(site.blocks(), 1);
        fine("ryectl --store store journal verify");
    });
}
