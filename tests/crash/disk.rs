//! A system call of `ryed` on the files of its store fails: each in turn, with every
//! error that it can have. `strace` lets the call fail in the real program.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use rye_tests::campaign::{Chance, rounds};
use rye_tests::namespace::as_root;
use rye_tests::site::Site;

use crate::{ends_as_undisturbed, run_command};

/// The calls that change a store, with the errors that they are tried with.
const CALLS: &[(&str, &[&str])] = &[
    ("openat", &["EIO", "ENOSPC"]),
    ("mkdir", &["EIO", "ENOSPC"]),
    ("write", &["EIO", "ENOSPC"]),
    ("pwrite64", &["EIO", "ENOSPC"]),
    ("ftruncate", &["EIO"]),
    ("fsync", &["EIO", "ENOSPC"]),
    ("fdatasync", &["EIO", "ENOSPC"]),
    ("rename", &["EIO", "ENOSPC"]),
];

#[test]
fn a_run_whose_disk_fails_at_any_call_begins_nothing_new_and_comes_to_its_end() {
    as_root(|| {
        let site = Site::new(|_, _| {});
        let calls = traced(&site, "undisturbed", &[]);
        ends_as_undisturbed(&site, "undisturbed", "undisturbed");
        assert!(calls.iter().any(Call::is_program), "an act is seen when there is one");
        let mut faults = faults(&calls);
        assert!(faults.len() > 100, "{} calls that can fail", faults.len());
        let mut chance = Chance::of("disk");
        for round in 0..rounds(6) {
            if faults.is_empty() {
                break;
            }
            let left = u64::try_from(faults.len()).expect("a short list");
            let next = usize::try_from(chance.below(left)).expect("a short list");
            fail_and_resume(&site, round, &faults.swap_remove(next));
        }
    });
}

/// One call that fails.
struct Fault {
    call: &'static str,
    error: &'static str,
    /// Which of the calls of this name on the first thread, from 1.
    at: usize,
    /// What it does when it doesn't fail.
    line: String,
}

impl Fault {
    /// Whether what failed is made good before anything is begun: a reserve for which
    /// there was no room is tried again when the store is opened, and one that can't be
    /// opened then is made anew.
    fn is_made_good(&self) -> bool {
        let has_no_room =
            self.error == "ENOSPC" && self.line.contains("/journal/reserve.preparing");
        let is_not_opened = self.call == "openat" && self.line.contains("/journal/reserve\"");
        has_no_room || is_not_opened
    }
}

/// Every fault of a run, by what it called when nothing failed.
fn faults(calls: &[Call]) -> Vec<Fault> {
    let mut found = Vec::new();
    for (call, errors) in CALLS {
        let named = calls.iter().filter(|traced| traced.is_first && traced.is(call));
        let can_fail = |traced: &Call| traced.is_on_store() && !traced.text.contains(" = -1 ");
        for (line, at) in named.zip(1..).filter(|(traced, _)| can_fail(traced)) {
            let fault = |error| Fault { call, error, at, line: line.text.clone() };
            found.extend(errors.iter().map(|error| fault(*error)));
        }
    }
    found
}

fn fail_and_resume(site: &Site, round: u64, fault: &Fault) {
    let Fault { call, error, at, line } = fault;
    let what = format!("round {round}: {error} of `{call}` number {at}, {line}");
    let key = format!("disk-{round}");
    let inject = format!("inject={call}:error={error}:when={at}");
    let calls = traced(site, &key, &["-e", &inject]);
    let failed = calls.iter().position(|call| call.is_first && call.text.ends_with("(INJECTED)"));
    let (_, after) = calls.split_at(failed.unwrap_or_else(|| panic!("{what}: it did not fail")));
    let programs = after.iter().filter(|call| call.is_program()).count();
    // A query goes out beside the flush that fails; an act only after it.
    let begins_nothing = programs <= 1 || fault.is_made_good();
    assert!(begins_nothing, "{what}: {programs} programs were started after that");
    ends_as_undisturbed(site, &key, &what);
}

/// A line of `strace`.
struct Call {
    /// Whether the first thread made it: the one that writes the journal.
    is_first: bool,
    text: String,
}

impl Call {
    fn is(&self, name: &str) -> bool {
        self.text.strip_prefix(name).is_some_and(|rest| rest.starts_with('('))
    }

    /// Another program is started: all that acts on this site, and asks it, is one.
    fn is_program(&self) -> bool {
        !self.is_first && self.is("execve")
    }

    /// On what can't be made again from something else, as the index can, and is needed,
    /// as the number of the process beside its lock is not.
    fn is_on_store(&self) -> bool {
        let holds = |names: &[&str]| names.iter().any(|name| self.text.contains(name));
        holds(&["/store/", "/.store.creating", "/store\"", "/store>"])
            && !holds(&["/store/index", "/lock>"])
    }
}

/// What a run calls, on a store of its own.
fn traced(site: &Site, key: &str, options: &[&str]) -> Vec<Call> {
    // A store is left by the round before.
    let _ = fs::remove_dir_all(&site.store);
    let log = PathBuf::from(site.at("calls"));
    let names: Vec<&str> = CALLS.iter().map(|(name, _)| *name).collect();
    let plain = run_command(site, key);
    let mut strace = Command::new("strace");
    // The programs that it starts are seen to begin, and left alone.
    strace.args(["--follow-forks", "--detach-on=execve"]);
    strace.args(["--decode-fds=path", "--output"]).arg(&log);
    strace.args(["-e", &format!("trace=execve,{}", names.join(","))]).args(options);
    strace.arg(plain.get_program()).args(plain.get_args());
    strace.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    strace.status().expect("`strace` is installed: apt-get install strace");
    let text = fs::read_to_string(log).expect("strace writes down what it saw");
    let lines = text.lines().filter_map(|line| line.split_once(' '));
    let first = lines.clone().next().map(|(thread, _)| thread.to_owned());
    lines
        .map(|(thread, call)| Call {
            is_first: Some(thread) == first.as_deref(),
            text: call.trim().to_owned(),
        })
        .collect()
}
