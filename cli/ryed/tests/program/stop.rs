//! Signals, and a run that waits longer than its process lives.

use std::io::{BufRead, BufReader, Read};
use std::process::Stdio;

use rustix::process::{Pid, Signal, kill_process};
use rye_engine::message::Order;

use crate::site::{Site, done};

#[test]
fn a_signal_ends_the_process_and_resume_goes_on_with_the_run() {
    let site = Site::new("[mode]\nrest = \"enforce\"\n[firewall]\n");
    let mut command = site.run("rest", "203.0.113.7", &["--mode", "enforce"]);
    let mut child =
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    let mut lines = BufReader::new(child.stderr.take().expect("a pipe")).lines();
    let waits = |line: std::io::Result<String>| line.expect("text").contains("waiting until");
    assert!(lines.any(waits));
    kill_process(Pid::from_child(&child), Signal::TERM).expect("it lives");
    let rest: Vec<String> = lines.map(|line| line.expect("text")).collect();
    let status = child.wait().expect("it ends");
    assert_eq!(status.code(), Some(4), "{rest:?}");
    assert!(rest.iter().any(|line| line.contains("stopped: `ryed resume` goes on")), "{rest:?}");
    let mut stdout = String::new();
    child.stdout.take().expect("a pipe").read_to_string(&mut stdout).expect("text");
    assert!(stdout.contains("unfinished: waits until 20"), "{stdout}");

    let (code, stdout, stderr) = done(&mut site.ryed(&["resume"]));
    assert_eq!(code, Some(0), "{stderr}");
    assert!(stdout.contains("unfinished: waits until 20"), "{stdout}");

    let run = stdout.split([' ', ':']).nth(1).expect("an id");
    site.say(run, Order::Cancel { undo: false });
    let (code, stdout, stderr) = done(&mut site.ryed(&["resume"]));
    assert_eq!(code, Some(4), "{stderr}");
    assert!(stdout.contains("over: cancelled"), "{stdout}");
    let (code, stdout, _) = done(&mut site.ryed(&["resume"]));
    assert_eq!((code, stdout.as_str()), (Some(0), "nothing to do\n"));
}
