//! What runs, and killing it.

use rye_core::error::ErrorKind;
use rye_core::value::Value;
use rye_tests::victim::{eventually, with_victim};

use crate::site::{ALREADY_SO, Arguments, DONE, NAME, Site, asset, host, parts, refusal};

/// Starts a program on the victim that goes on by itself, and gives its number.
fn start(site: &Site<'_>, program: &str) -> i64 {
    let script = format!("setsid {program} 600 >/dev/null 2>&1 </dev/null & echo $!");
    let pid = site.victim.script(&script).trim().parse().expect("a number");
    // It is a shell first.
    let name = program.rsplit('/').next().expect("a name");
    let runs = || matches!(details(site, pid).field("program"), Some(Value::Text(path)) if path.ends_with(name));
    assert!(eventually(runs), "{program} was started");
    pid
}

fn details(site: &Site<'_>, pid: i64) -> Value {
    site.ask("process.at", &vec![("host", host()), ("pid", Value::Int(pid))])
}

fn process(details: &Value) -> Arguments {
    vec![("process", details.field("process").expect("a process").clone())]
}

#[test]
fn the_process_that_was_found_is_killed_and_no_other() {
    with_victim(|victim| {
        let site = Site::new(victim);
        let (pid, beside) = (start(&site, "sleep"), start(&site, "sleep"));
        let found = details(&site, pid);
        assert_eq!(found.field("program"), Some(&Value::text("/usr/bin/sleep")));
        assert_eq!(found.field("command"), Some(&Value::text("sleep 600")));
        assert_eq!(found.field("account"), Some(&Value::text("root")));
        let found = process(&found);
        assert!(site.says("process.is_running", &found));

        assert_eq!(site.act("process.kill", &found, 1), DONE);
        assert!(!site.says("process.is_running", &found));
        assert_eq!(site.again("process.kill", &found, 1), DONE);
        assert_eq!(site.act("process.kill", &found, 2), ALREADY_SO);
        assert!(site.says("process.is_running", &process(&details(&site, beside))));

        // The number is another process's now.
        let reused = [("host", NAME), ("pid", &beside.to_string()), ("started", "0-1")];
        let reused = vec![("process", parts("HostProcess", &reused))];
        assert!(!site.says("process.is_running", &reused));
        assert_eq!(site.act("process.kill", &reused, 3), ALREADY_SO);
        assert!(victim.succeeds("kill", &["-0", &beside.to_string()]), "it lives");
        site.act("process.kill", &process(&details(&site, beside)), 4);
    });
}

#[test]
fn processes_are_found_by_their_program_also_when_it_was_deleted() {
    with_victim(|victim| {
        let site = Site::new(victim);
        victim.script("cp /usr/bin/sleep /var/tmp/miner");
        let pids = [start(&site, "/var/tmp/miner"), start(&site, "/var/tmp/miner")];
        victim.script("rm /var/tmp/miner");
        let miner = vec![("file", asset("HostFile", "path", "/var/tmp/miner"))];
        let Value::List(found) = site.ask("process.running", &miner) else { panic!("no list") };
        let numbers: Vec<_> = found.iter().map(process).collect();
        assert_eq!(numbers, pids.map(|pid| process(&details(&site, pid))));
        for (key, process) in numbers.iter().enumerate() {
            let key = u8::try_from(key).expect("few");
            assert_eq!(site.act("process.kill", process, key), DONE);
        }
        assert_eq!(site.ask("process.running", &miner), Value::list([]));
    });
}

#[test]
fn the_first_process_is_never_killed_and_what_is_no_process_is_refused() {
    with_victim(|victim| {
        let site = Site::new(victim);
        let first = process(&details(&site, 1));
        assert_eq!(refusal(&site.act("process.kill", &first, 1)), ErrorKind::Denied);
        assert!(site.says("process.is_running", &first));
        for pid in ["", "-1", "0", "+1", "01", "1 ", "4294967297"] {
            let process = [("host", NAME), ("pid", pid), ("started", "x")];
            let process = vec![("process", parts("HostProcess", &process))];
            let ending = site.act("process.kill", &process, 1);
            assert_eq!(refusal(&ending), ErrorKind::Rejected, "{pid:?}");
        }
        let nobody = vec![("host", host()), ("pid", Value::Int(4_000_000))];
        assert_eq!(refusal(&site.act("process.at", &nobody, 1)), ErrorKind::NotFound);
    });
}
