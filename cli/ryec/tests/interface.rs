//! The interfaces of a site's own actions, found by the program itself: beside the
//! sources, or where the caller says; and written down for the daemon.

#![expect(clippy::unwrap_used, reason = "a broken expectation fails the test")]

#[path = "support/program.rs"]
mod program;

use std::fs;
use std::path::Path;

use rye_stdlib::binding::Interface;

const DESK: &str = "
/// Opens a ticket.
action open(title: Text) -> Int
    undo close(title: title)
    simulated 0
    timeout 5s

/// Closes it.
action close(title: Text)
    undo none \"it can be opened again\"
    timeout 5s
";

const PLAYBOOK: &str = "
use site.desk

playbook report(title: Text) {
    severity low
    deadline 1m
    on failure hold

    do desk.open(title: title)
}
";

use program::{complaint, well};

fn write(folder: &Path, name: &str, text: &str) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// A folder with a package that has an interface beside it.
fn package() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "report/report.rye", PLAYBOOK);
    write(folder.path(), "report/interfaces/site/desk.rye", DESK);
    folder
}

#[test]
fn interfaces_are_found_beside_the_sources() {
    let folder = package();
    let folder = folder.path();
    for place in ["report", "report/report.rye"] {
        assert!(well(folder, &["check", place]).contains("site.desk.open"), "{place}");
        assert!(well(folder, &["schema", place]).contains("input of report"), "{place}");
    }
    let build = ["build", "report", "-o", "one", "--audience", "lab"];
    well(folder, &build);
    assert!(well(folder, &["inspect", "one"]).contains("site.desk.open"));
}

#[test]
fn interfaces_are_found_where_the_caller_says() {
    let folder = package();
    let folder = folder.path();
    fs::rename(folder.join("report/interfaces"), folder.join("elsewhere")).unwrap();
    assert!(complaint(folder, &["check", "report"], 1).contains("E0204"));
    let check = ["check", "report", "--interfaces", "elsewhere"];
    assert!(well(folder, &check).contains("site.desk.open"));
    let missing = complaint(folder, &["check", "report", "--interfaces", "nowhere"], 2);
    assert!(missing.contains("there is no folder `nowhere`"), "{missing}");
}

#[test]
fn a_mistake_in_an_interface_is_shown_in_its_file() {
    let folder = package();
    let folder = folder.path();
    write(folder, "report/interfaces/site/desk.rye", &DESK.replace("undo close", "undo shut"));
    let shown = complaint(folder, &["check", "report"], 1);
    assert!(shown.contains("report/interfaces/site/desk.rye:4:"), "{shown}");
    let shown =
        complaint(folder, &["interface", "site.desk", "--interfaces", "report/interfaces"], 1);
    assert!(shown.contains("report/interfaces/site/desk.rye:4:"), "{shown}");
}

#[test]
fn an_interface_is_written_down_with_what_bundles_are_built_against() {
    let folder = package();
    let folder = folder.path().join("report");
    let text = well(&folder, &["interface", "site.desk"]);
    let interface = Interface::parse(text.as_bytes()).unwrap();
    let said = well(&folder, &["interface", "site.desk", "-o", "desk.interface"]);
    assert_eq!(fs::read_to_string(folder.join("desk.interface")).unwrap(), text);
    let lines: Vec<String> =
        interface.schemas().map(|(name, schema)| format!("{schema}  {name}")).collect();
    assert_eq!(said.lines().collect::<Vec<_>>(), lines);
    // The same declaration gives the same bytes, also in the place of the old ones.
    well(&folder, &["interface", "site.desk", "-o", "desk.interface"]);
    assert_eq!(fs::read_to_string(folder.join("desk.interface")).unwrap(), text);
}

#[test]
fn what_is_no_interface_is_not_written_down() {
    let folder = package();
    let folder = folder.path().join("report");
    let unknown = complaint(&folder, &["interface", "site.desc"], 2);
    assert!(unknown.contains("no interface `site.desc`"), "{unknown}");
    assert!(unknown.contains("there are `site.desk`"), "{unknown}");
    write(&folder, "interfaces/site/nothing.rye", "type Ticket { id: Int }\n");
    let nothing = complaint(&folder, &["interface", "site.nothing"], 1);
    assert!(nothing.contains("expected 1 to 256 verbs, found 0"), "{nothing}");
}

#[test]
fn the_standard_names_are_taken_and_no_name_means_two_things() {
    let folder = package();
    let folder = folder.path();
    write(folder, "report/interfaces/std/firewall.rye", DESK);
    let taken = complaint(folder, &["check", "report"], 1);
    assert!(taken.contains("modules that begin with `std` are Rye's own"), "{taken}");
    fs::remove_dir_all(folder.join("report/interfaces/std")).unwrap();
    write(folder, "report/std/firewall.rye", DESK);
    let taken = complaint(folder, &["check", "report"], 1);
    assert!(taken.contains("modules that begin with `std` are Rye's own"), "{taken}");
    fs::remove_dir_all(folder.join("report/std")).unwrap();
    write(folder, "report/site/desk.rye", DESK);
    let both = complaint(folder, &["check", "report"], 1);
    assert!(both.contains("is the module `site.desk`, and so is"), "{both}");
}
