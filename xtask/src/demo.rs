//! The demonstration: a real attacker on a real network of two namespaces is
//! stopped by a signed playbook; the process is killed in the act; what was done
//! is taken back; and the record proves all of it. Each claim is observed, most
//! from the attacker's side, and the first that doesn't hold ends it.

mod shell;

use std::fs;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use rye_tests::site::{Filter, Site, build_programs};
use serde_json::Value as Json;

use crate::run::{say, step};
use shell::{claim, heading, show, tell};

/// Runs the demonstration.
///
/// # Errors
/// The first thing that was not as it should be.
pub(crate) fn run() -> Result<(), String> {
    crate::packages::ensure()?;
    say("Building the programs…");
    build_programs();
    if !rustix::process::geteuid().is_root() {
        return in_a_namespace_of_its_own();
    }
    heading("0. A network, keys, a trust root, signed playbooks");
    tell("Two network namespaces: an attacker (203.0.113.7) and a victim with a web server.");
    let site = Site::new(show);
    look_first(&site)?;
    let run = stop_the_attacker(&site)?;
    take_it_back(&site, &run)?;
    die_in_the_act(&site)?;
    fail_and_undo(&site)?;
    fail_and_hold(&site)?;
    prove_it(&site)?;
    refuse(&site)?;
    heading("All of that was observed.");
    Ok(())
}

/// An ordinary user becomes root of a user namespace with a network of its own.
fn in_a_namespace_of_its_own() -> Result<(), String> {
    say("You are not root: the demonstration moves into a namespace of its own.");
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    // `/run` belongs to the real root, and `ip netns` wants to write there; the
    // receiver of notices listens on loopback.
    let script = r#"mount -t tmpfs tmpfs /run && ip link set lo up && exec "$0" demo"#;
    let mut unshare = Command::new("unshare");
    unshare
        .args(["--user", "--map-root-user", "--net", "--mount", "/bin/sh", "-c", script])
        .arg(program);
    step("namespace", &mut unshare)
}

fn look_first(site: &Site) -> Result<(), String> {
    heading("1. Shadow: what would be done, without doing it");
    tell("The alert is Suricata's; the playbook is in playbooks/contain_scanner.");
    let ended = site.run("contain", "shadow");
    claim("the run ended as the playbook says", ended.outcome == "contained")?;
    let shown = site.ask(&["show", &ended.run]);
    claim("it shows the block that it would do", shown.contains("would do  std.firewall.block"))?;
    claim("the attacker can still connect", site.attacker_connects())
}

fn stop_the_attacker(site: &Site) -> Result<String, String> {
    heading("2. Enforce: the attacker is cut off");
    claim("before: the attacker connects", site.attacker_connects())?;
    let mut open = site.attacker_opens();
    let ended = site.run("contain", "enforce");
    claim("the run ended as the playbook says", ended.outcome == "contained")?;
    claim("after: the attacker's attempt stays without an answer", site.attacker_is_cut_off())?;
    claim("his open connection is dead too", open.is_cut_off())?;
    claim("somebody else connects as before", site.bystander_connects())?;
    let told = site.notices().iter().any(|notice| notice.contains("203.0.113.7 is blocked"));
    claim("the analysts were told", told)?;
    site.ask(&["show", &ended.run]);
    let held = site.ask(&["contained"]);
    claim("the block is on the list of what is held", held.contains("203.0.113.7"))?;
    Ok(ended.run)
}

fn take_it_back(site: &Site, run: &str) -> Result<(), String> {
    heading("   … and an operator takes it back");
    site.say(&["rollback", run]);
    claim("the attacker connects again", site.attacker_connects())
}

fn die_in_the_act(site: &Site) -> Result<(), String> {
    heading("3. SIGKILL between intent and outcome, then resume");
    tell("The packet filter's program is slow now: it answers three seconds after it has acted.");
    let mut ryed = site.run_slowly();
    let blocked = wait_for(|| site.blocks() == 1 && site.attacker_is_cut_off());
    let killed = ryed.kill().and_then(|()| ryed.wait());
    killed.map_err(|error| error.to_string())?;
    claim("the block came", blocked)?;
    tell("The attacker is cut off, and `ryed` is dead: nobody took the answer.");
    let entries = site.ask(&["journal", "show"]);
    let last = entries.lines().last().unwrap_or_default();
    claim("the intent is the last thing on the disk", last.ends_with("intent"))?;
    let resumed = site.resume();
    let ended = resumed.iter().find(|run| run.outcome == "contained");
    claim("the run went on to its end", ended.is_some())?;
    claim("the block is there exactly once", site.blocks() == 1)?;
    claim("the attacker is cut off", site.attacker_is_cut_off())?;
    let run = ended.map(|ended| ended.run.clone()).unwrap_or_default();
    site.ask(&["show", &run]);
    site.say(&["rollback", &run]);
    claim("and can be let in again", site.attacker_connects())
}

/// Waits a minute for something to become true.
fn wait_for(is_so: impl Fn() -> bool) -> bool {
    let began = Instant::now();
    while began.elapsed() < Duration::from_mins(1) {
        if is_so() {
            return true;
        }
        thread::sleep(Duration::from_millis(50));
    }
    false
}

fn fail_and_undo(site: &Site) -> Result<(), String> {
    heading("4. A step fails under `on failure undo`");
    let ended = site.run("undo", "enforce");
    claim("the run was rolled back", ended.outcome == "rolled_back")?;
    claim("the attacker connects: everything was undone", site.attacker_connects())?;
    claim("no block of ours is left in the packet filter", site.blocks() == 0)?;
    site.ask(&["show", &ended.run]);
    Ok(())
}

fn fail_and_hold(site: &Site) -> Result<(), String> {
    heading("   … and the same under `on failure hold`");
    let ended = site.run("hold", "enforce");
    claim("the run is held", ended.outcome == "held")?;
    claim("the attacker stays cut off", site.attacker_is_cut_off())?;
    site.ask(&["show", &ended.run]);
    tell("A person decides: undo.");
    site.say(&["release", &ended.run, "undo"]);
    claim("the attacker connects again", site.attacker_connects())
}

fn prove_it(site: &Site) -> Result<(), String> {
    heading("5. The record proves itself");
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

fn refuse(site: &Site) -> Result<(), String> {
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
