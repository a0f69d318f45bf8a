//! The record: it proves itself, its index can be lost, and nothing runs that was not
//! signed for this place.

use std::fs;

use rye_tests::site::{Filter, Site};
use serde_json::Value as Json;

use super::shell::{self, claim, heading, tell};

pub(super) fn prove_it(site: &Site) -> Result<(), String> {
    heading("8. The record proves itself");
    let verified = site.ask_of(&site.store, &["journal", "verify"]);
    claim("the journal verifies", verified.status.success())?;
    let copy = site.folder.join("copy");
    shell::copy_folder(&site.store, &copy)?;
    let at = shell::flip_a_bit(&copy)?;
    tell(&format!("In a copy, one bit of byte {at} of the first segment is flipped."));
    let found = site.ask_of(&copy, &["--json", "journal", "verify"]);
    claim("the change is found", !found.status.success())?;
    let text = String::from_utf8_lossy(&found.stdout).into_owned();
    let first: Json =
        serde_json::from_str(text.lines().next().unwrap_or_default()).unwrap_or_default();
    let offset = first.get("offset").and_then(Json::as_u64);
    // The finding names the frame that holds the byte.
    let near = offset.is_some_and(|offset| offset <= at && at.abs_diff(offset) < 65_536);
    claim("and its place is named", near)
}

pub(super) fn lose_the_index(site: &Site) -> Result<(), String> {
    heading("   … and its database can be destroyed: it is no more than an index");
    let index = site.store.join("index");
    let aside = index.with_extension("set-aside");
    let runs = site.ask(&["runs"]);
    let spoilt = shell::spoil_files(&index)?;
    tell(&format!("All {spoilt} files of the database are overwritten with noise."));
    site.resume();
    claim("the next process sets them aside and makes others", index.exists() && aside.exists())?;
    claim("nothing was lost", site.ask(&["runs"]) == runs)?;
    let verified = site.ask_of(&site.store, &["journal", "verify"]);
    claim("the journal verifies", verified.status.success())
}

pub(super) fn refuse(site: &Site) -> Result<(), String> {
    heading("   … and nothing runs that was not signed for this place");
    let unsigned = site.folder.join("contain.unsigned");
    let foreign = site.folder.join("foreign.ryeb");
    site.sign(&unsigned, "stranger", &foreign);
    let altered = site.folder.join("altered.ryeb");
    let mut bytes = fs::read(site.bundle("contain")).map_err(|error| error.to_string())?;
    let middle = bytes.len() / 2;
    if let Some(byte) = bytes.get_mut(middle) {
        *byte ^= 1;
    }
    fs::write(&altered, bytes).map_err(|error| error.to_string())?;
    for (what, bundle) in
        [("unsigned", &unsigned), ("foreign-signed", &foreign), ("altered", &altered)]
    {
        let output = site.seen(&mut site.run_command(bundle, "enforce", Filter::Quick));
        claim(&format!("the {what} bundle is refused"), output.status.code() == Some(3))?;
    }
    claim("and the attacker was not touched", site.attacker_connects())
}
