//! Network namespaces that end with the value that stands for them.
//!
//! They need root. [`as_root`] gives a test a user namespace in which an ordinary
//! user is root.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::os::fd::AsFd;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{self, Command};
use std::sync::Once;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;

use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};

const FOLDER: &str = "/run/netns";

/// Set in the environment of a process that has mounts of its own.
const OWN_MOUNTS: &str = "RYE_TEST_OWN_MOUNTS";

/// Runs `test`, as root of a user namespace if need be. Called by a test function
/// with its whole body.
///
/// # Panics
/// When `test` does, or when an ordinary user may not make a user namespace.
pub fn as_root(test: impl FnOnce()) {
    if is_root() { test() } else { in_a_process_of_its_own(ORDINARY) }
}

/// Runs `test` as [`as_root`] does, in a process whose mounts nobody else sees and
/// that are gone with it.
///
/// # Panics
/// When `test` does, or when no such process can be had.
pub fn as_root_with_own_mounts(test: impl FnOnce()) {
    if std::env::var_os(OWN_MOUNTS).is_some() {
        return test();
    }
    in_a_process_of_its_own(if is_root() { &["--mount", "/bin/sh", "-c", EXEC] } else { ORDINARY });
}

const EXEC: &str = r#"exec "$0" "$@""#;

/// What `unshare` is told for an ordinary user. `/run` belongs to the real root,
/// and `ip netns` wants to write there.
const ORDINARY: &[&str] = &[
    "--user",
    "--map-root-user",
    "--net",
    "--mount",
    "/bin/sh",
    "-c",
    r#"mount -t tmpfs tmpfs /run && exec "$0" "$@""#,
];

pub(crate) fn is_root() -> bool {
    std::fs::metadata("/proc/self").expect("/proc is mounted").uid() == 0
}

/// Whether this is the root of the machine itself, who may mount what he likes.
///
/// # Panics
/// When the system doesn't say who is whom here.
pub fn is_real_root() -> bool {
    let map = std::fs::read_to_string("/proc/self/uid_map").expect("/proc is mounted");
    let everybody = u32::MAX.to_string();
    is_root() && map.split_whitespace().eq(["0", "0", &everybody])
}

/// Runs the test of this thread again, alone, in a process that `unshare` makes.
fn in_a_process_of_its_own(unshare: &[&str]) {
    let program = std::env::current_exe().expect("this program has a path");
    let thread = thread::current();
    let name = thread.name().expect("the test harness names a test's thread after it");
    let output = Command::new("unshare")
        .args(unshare)
        .arg(program)
        .args(["--exact", name, "--nocapture"])
        .env(OWN_MOUNTS, "1")
        .output()
        .expect("`unshare` is installed: apt-get install util-linux");
    let print = [output.stdout, output.stderr].concat();
    let print = String::from_utf8_lossy(&print);
    // A name under which the harness knows no test would be a silent success.
    assert!(output.status.success() && print.contains(" 1 passed;"), "{print}");
}

/// A network namespace with its loopback device up.
#[derive(Debug)]
pub struct Namespace {
    name: String,
}

impl Namespace {
    /// An empty namespace with a unique name that contains `label`.
    ///
    /// # Panics
    /// When it can't be made.
    pub fn new(label: &str) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        static LEFTOVERS: Once = Once::new();
        LEFTOVERS.call_once(remove_leftovers);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("rye-{}-{count}-{label}", process::id());
        ip(["netns", "add", &name]);
        let namespace = Self { name };
        ip(["-n", &namespace.name, "link", "set", "lo", "up"]);
        namespace
    }

    /// Its name in `/run/netns`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Runs `job` on a thread of its own in the namespace. Sockets that it makes
    /// belong to the namespace, wherever they are used afterwards.
    ///
    /// # Panics
    /// When `job` does.
    pub fn run<T: Send>(&self, job: impl FnOnce() -> T + Send) -> T {
        let file = File::open(self.path()).expect("the namespace exists");
        let inside = || {
            move_into_link_name_space(file.as_fd(), Some(LinkNameSpaceType::Network))
                .expect("root may enter a namespace");
            job()
        };
        thread::scope(|scope| scope.spawn(inside).join())
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    }

    /// Runs a program in the namespace, and gives what it prints.
    ///
    /// # Panics
    /// When it is missing or not content.
    pub fn program<I: AsRef<OsStr>>(
        &self,
        program: &str,
        arguments: impl IntoIterator<Item = I>,
    ) -> String {
        let mut net = OsString::from("--net=");
        net.push(self.path());
        print_of(Command::new("nsenter").arg(net).arg("--").arg(program).args(arguments))
    }

    /// Configures the namespace's network with `ip`.
    ///
    /// # Panics
    /// When `ip` is missing or not content.
    pub fn ip<'a>(&'a self, arguments: impl IntoIterator<Item = &'a str>) {
        ip(["-n", &self.name].into_iter().chain(arguments));
    }

    pub(crate) fn path(&self) -> PathBuf {
        Path::new(FOLDER).join(&self.name)
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        // During a panic there is nobody to tell; the next run removes what is left.
        let _ = Command::new("ip").args(["netns", "delete", &self.name]).output();
    }
}

/// Whether a process runs: one that was killed may wait long to be waited for.
pub(crate) fn lives(process: u32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat"));
    stat.is_ok_and(|stat| stat.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with('Z')))
}

/// Removes the namespaces of test processes that no longer live.
fn remove_leftovers() {
    for entry in std::fs::read_dir(FOLDER).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let Some(name) = name.to_str() else { continue };
        let mut parts = name.split('-');
        let ours = parts.next() == Some("rye");
        let Some(Ok(process)) = parts.next().map(str::parse::<u32>) else { continue };
        if ours && !lives(process) {
            let _ = Command::new("ip").args(["netns", "delete", name]).output();
        }
    }
}

/// Runs `ip`, which must be content.
///
/// # Panics
/// When `ip` is missing or not content.
pub fn ip<'a>(arguments: impl IntoIterator<Item = &'a str>) {
    print_of(Command::new("ip").args(arguments));
}

pub(crate) fn print_of(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| {
        panic!("{command:?}: {error}; apt-get install iproute2 nftables openssh-client util-linux")
    });
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {stderr}");
    String::from_utf8(output.stdout).expect("programs print UTF-8")
}
