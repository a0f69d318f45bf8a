use std::process::{Command, Stdio};

use super::*;

fn proc() -> OwnedFd {
    let flags = OFlags::DIRECTORY | OFlags::CLOEXEC;
    rustix::fs::open("/proc", flags, Mode::empty()).unwrap()
}

#[test]
fn a_name_that_looks_like_the_rest_of_the_line_deceives_nobody() {
    let text = "7 (x) S 1 (y)) R 42 7 7 0 -1 4194304 0 0 0 0 9 9 0 0 20 0 3 0 5551 0 0";
    let stat = Stat::parse(text).unwrap();
    let expected = Stat { state: b'R', parent: 42, flags: 4_194_304, threads: 3, started: 5551 };
    assert_eq!(stat, expected);
    assert!(!stat.has_ended());
    let first_thread_gone = Stat { state: b'Z', ..stat };
    assert!(!first_thread_gone.has_ended());
    assert!(Stat { threads: 1, ..first_thread_gone }.has_ended());
    for broken in ["", "7 (x", "7 (x) R", "7 (x) R a b c"] {
        assert_eq!(Stat::parse(broken), None);
    }
}

#[test]
fn a_process_is_itself_until_it_ends_and_nobody_afterwards() {
    let mut child = Command::new("/bin/sleep").arg("60").stdin(Stdio::null()).spawn().unwrap();
    let pid = i32::try_from(child.id()).unwrap();
    let found = Running::open(&proc(), pid).unwrap().unwrap();
    assert!(found.is_running() && !found.is_kernel());
    assert_eq!(found.parent(), i64::from(std::process::id()));
    assert_eq!(found.uid(), Some(rustix::process::getuid().as_raw()));
    // The kernel wakes us a moment before it knows the arguments.
    while found.command().is_empty() {
        std::thread::yield_now();
    }
    assert_eq!(found.command(), "/bin/sleep 60");
    assert!(found.program().unwrap().ends_with("/sleep"));
    let again = Running::open(&proc(), pid).unwrap().unwrap();
    assert_eq!(again.started(), found.started());
    found.kill().unwrap();
    child.wait().unwrap();
    assert!(!found.is_running());
    assert_eq!(found.kill(), Ok(()));
    assert!(Running::open(&proc(), pid).unwrap().is_none());
}

#[test]
fn what_ended_and_was_not_waited_for_does_not_run() {
    let mut child = Command::new("/bin/sleep").arg("60").spawn().unwrap();
    let found = Running::open(&proc(), i32::try_from(child.id()).unwrap()).unwrap().unwrap();
    found.kill().unwrap();
    while found.is_running() {
        std::thread::yield_now();
    }
    assert!(all(&proc()).unwrap().iter().all(|process| process.pid != found.pid));
    child.wait().unwrap();
}
