//! The daemon's own machine, without a container between: only what the test itself
//! has started is touched, so this runs for everybody.

use std::process::{self, Command};

use rye_core::adapter::Ending;
use rye_core::error::ErrorKind;
use rye_core::value::{Hash, Value};
use rye_stdlib::host::{Host, HostConfig};

use crate::site::{Adapters, DONE, NAME, asset, host, refusal, request};

fn config() -> HostConfig {
    HostConfig { name: Some(NAME.to_owned()), ..HostConfig::default() }
}

/// The process with this number, as the adapter tells it.
fn found(adapters: &Adapters, pid: u32) -> Value {
    let arguments = vec![("host", host()), ("pid", Value::Int(pid.into()))];
    match adapters.invoke("process.at", &request("process.at", &arguments, 1)) {
        Ending::Done(details) => details.field("process").expect("a process").clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_process_of_ours_is_killed_and_the_daemon_and_the_first_one_never() {
    let adapters = Adapters::new(&config());
    let kill = |process| {
        adapters.invoke("process.kill", &request("process.kill", &vec![("process", process)], 1))
    };
    let mut child = Command::new("/bin/sleep").arg("600").spawn().expect("there is `sleep`");
    assert_eq!(kill(found(&adapters, child.id())), DONE);
    assert!(!child.wait().expect("our child").success());
    for pid in [1, process::id()] {
        assert_eq!(refusal(&kill(found(&adapters, pid))), ErrorKind::Denied, "{pid}");
    }
}

#[test]
fn the_program_of_the_daemon_never_moves() {
    let adapters = Adapters::new(&config());
    let program = std::env::current_exe().expect("this program has a path");
    let file = asset("HostFile", "path", program.to_str().expect("a path in UTF-8"));
    // Of another content: should the look at what runs fail, nothing moves all the same.
    let arguments = vec![("file", file), ("hash", Value::Hash(Hash::Sha256([7; 32])))];
    let ending = adapters.invoke("file.quarantine", &request("file.quarantine", &arguments, 1));
    assert_eq!(refusal(&ending), ErrorKind::Denied);
    assert!(program.exists());
}

#[test]
fn what_keeps_the_daemon_alive_is_protected_by_name_too() {
    let protected = Host::protected(&config()).expect("the config is good");
    let own = process::id().to_string();
    for (kind, name) in [("HostAccount", "root"), ("HostProcess", "1"), ("HostProcess", &own)] {
        let is_there =
            |(known, value, _): &(&str, Value, &str)| *known == kind && *value == Value::text(name);
        assert!(protected.iter().any(is_there), "{kind} {name}");
    }
}
