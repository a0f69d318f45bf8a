//! The demonstration: a real attacker on a real network of two namespaces is
//! stopped by a signed playbook; the process is killed in the act; what was done
//! is taken back; and the record proves all of it. Each claim is observed, most
//! from the attacker's side, and the first that doesn't hold ends it.

mod act;
mod people;
mod record;
mod shell;

use std::process::Command;

use rye_tests::site::{Site, build_programs};

use crate::run::{say, step};
use shell::{heading, show, tell};

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
    act::look_first(&site)?;
    let run = act::stop_the_attacker(&site)?;
    act::take_it_back(&site, &run)?;
    act::die_in_the_act(&site)?;
    act::fail_and_undo(&site)?;
    act::fail_and_hold(&site)?;
    act::outlive_the_process(&site)?;
    people::a_build_server_is_not_enough(&site)?;
    people::somebody_else_says_yes(&site)?;
    people::release_a_false_positive(&site)?;
    record::prove_it(&site)?;
    record::lose_the_index(&site)?;
    record::refuse(&site)?;
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
