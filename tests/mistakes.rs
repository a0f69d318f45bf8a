//! The mistakes that people make with a first playbook, made with the real programs
//! on a real site. What the programs say is kept in `mistakes/NAME.txt`, and its
//! first help line is the fix: each test does what that line says, no more, and
//! sees that it leads out.
//!
//! `BLESS=1 cargo test -p rye-tests --test mistakes` rewrites the golden files.
//! Read them before they are committed: they must help a tired person at three in
//! the morning.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test that can't go on must fail, and say why"
)]

#[path = "mistakes/binding.rs"]
mod binding;
#[path = "mistakes/machine.rs"]
mod machine;
#[path = "mistakes/protected.rs"]
mod protected;
#[path = "mistakes/trust.rs"]
mod trust;
#[path = "mistakes/writing.rs"]
mod writing;

use std::fs;

use rye_tests::site::Site;

/// Runs the playbook that `ryec new keep_out` makes.
const RUN: &str = "ryed run keep_out.ryeb --playbook keep_out --input keep_out/input.json \
                   --store store --trust trust.root --site site.toml --mode enforce";

/// Goes on with what isn't over.
const RESUME: &str = "ryed resume --store store --trust trust.root --site site.toml";

/// A site with a first playbook, `keep_out`, built, signed and allowed to act.
fn desk() -> Site {
    let site = Site::new(|_, _| {});
    site.fine("ryec new keep_out");
    bundle(&site, "");
    edit(&site, "site.toml", "[mode]\n", "[mode]\nkeep_out = \"enforce\"\n");
    site
}

/// Builds and signs the playbook, with more options for `ryec build`.
fn bundle(site: &Site, options: &str) {
    site.fine(&format!(
        "ryec build keep_out -o built --name demo/keep_out --audience demo {options}"
    ));
    site.fine("ryec sign built --key author -o keep_out.ryeb");
}

/// What a command answers that must be content.
/// Changes one place of a file.
fn edit(site: &Site, file: &str, from: &str, to: &str) {
    let text = fs::read_to_string(site.at(file)).expect("one of the site's files");
    assert_eq!(text.matches(from).count(), 1, "{file}: `{from}`");
    site.write(file, text.replace(from, to));
}

/// The id of the only run.
fn run_id(site: &Site) -> String {
    let runs = site.fine("ryectl --store store --json runs").stdout;
    let ids: Vec<&str> = runs.split("\"run\":\"").skip(1).collect();
    assert_eq!(ids.len(), 1, "{runs}");
    ids.concat().split('"').next().expect("an id").to_owned()
}
