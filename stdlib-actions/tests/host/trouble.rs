//! Machines that are not there, are others, or lack what is needed.

use std::path::PathBuf;
use std::process;

use rye_core::adapter::Ending;
use rye_core::error::ErrorKind;
use rye_core::value::Value;
use rye_stdlib::host::HostConfig;
use rye_tests::victim::with_victim;

use crate::site::{Arguments, NAME, Site, asset, parts, refusal};

fn calls() -> Vec<(&'static str, Arguments)> {
    let hash = Value::Hash(rye_core::value::Hash::Sha256([7; 32]));
    vec![
        ("account.expire", vec![("account", asset("HostAccount", "name", "mallory"))]),
        ("service.stop", vec![("service", asset("HostService", "unit", "ssh.service"))]),
        ("file.quarantine", vec![("file", asset("HostFile", "path", "/opt/x")), ("hash", hash)]),
        ("evidence.collect", vec![("host", Value::asset("Host", Value::text(NAME)))]),
    ]
}

#[test]
fn a_call_for_another_machine_is_refused() {
    with_victim(|victim| {
        let site = Site::with(victim, |config| config.name = Some(String::from("web-2")));
        for (verb, arguments) in calls() {
            assert_eq!(refusal(&site.act(verb, &arguments, 1)), ErrorKind::NotFound, "{verb}");
        }
    });
}

#[test]
fn a_container_that_does_not_run_is_awaited_and_another_process_is_no_container() {
    with_victim(|victim| {
        let folder = tempfile::tempdir().expect("a folder");
        let pid_file = folder.path().join("pid");
        let site = Site::with(victim, |config| config.pid_file = Some(pid_file.clone()));
        let is_awaited = || {
            calls()
                .iter()
                .all(|(verb, arguments)| matches!(site.act(verb, arguments, 1), Ending::NotSent(_)))
        };
        assert!(is_awaited(), "there is no file");
        for text in ["", "x", "4000000\n", "-1"] {
            std::fs::write(&pid_file, text).expect("our own file");
            assert!(is_awaited(), "{text:?}");
        }
        std::fs::write(&pid_file, process::id().to_string()).expect("our own file");
        for (verb, arguments) in calls() {
            assert_eq!(refusal(&site.act(verb, &arguments, 1)), ErrorKind::Rejected, "{verb}");
        }
    });
}

#[test]
fn a_machine_that_lacks_a_program_says_so_and_nothing_happens() {
    with_victim(|victim| {
        let missing = |config: &mut HostConfig| {
            config.chage = PathBuf::from("/nowhere/chage");
            config.systemctl = PathBuf::from("/nowhere/systemctl");
        };
        let site = Site::with(victim, missing);
        victim.add_account("carol");
        for (verb, arguments) in [
            ("account.expire", vec![("account", asset("HostAccount", "name", "carol"))]),
            ("service.stop", vec![("service", asset("HostService", "unit", "ssh.service"))]),
        ] {
            let Ending::Refused { error, perhaps: false } = site.act(verb, &arguments, 1) else {
                panic!("{verb}")
            };
            assert_eq!(error.kind, ErrorKind::Rejected);
            assert!(error.text.starts_with("unsupported here"), "{}", error.text);
        }
        assert!(victim.logs_in("carol"));
    });
}

#[test]
fn an_undo_as_an_action_of_its_own_is_refused() {
    with_victim(|victim| {
        let site = Site::new(victim);
        for (verb, arguments) in [
            ("account.restore", vec![("account", asset("HostAccount", "name", "daemon"))]),
            ("account.thaw", vec![("account", asset("HostAccount", "name", "daemon"))]),
            ("service.restore", vec![("service", asset("HostService", "unit", "ssh.service"))]),
            ("service.thaw", vec![("service", asset("HostService", "unit", "ssh.service"))]),
            ("file.restore", vec![("file", asset("HostFile", "path", "/opt/x"))]),
        ] {
            assert_eq!(refusal(&site.act(verb, &arguments, 1)), ErrorKind::Rejected, "{verb}");
        }
        let unknown = vec![("process", parts("HostProcess", &[("host", NAME)]))];
        assert_eq!(refusal(&site.act("process.kill", &unknown, 1)), ErrorKind::Rejected);
        assert_eq!(refusal(&site.act("process.revive", &unknown, 1)), ErrorKind::Rejected);
    });
}
