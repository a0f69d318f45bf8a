//! A victim: a whole machine with systemd, logins over SSH and a journal, in a
//! container whose root is a layer over this machine's own. What happens to it never
//! happens to this machine.
//!
//! An attacker reaches it over the wire of a [`Network`]. It needs the real root, a
//! control group and systemd-nspawn; an ordinary user can't have it, so
//! [`with_victim`] says for him that the test is skipped, where the harness can't
//! swallow it. It ends with the value that stands for it, and what a killed test
//! process has left is removed by the next.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{self, Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::thread;
use std::time::{Duration, Instant};

use crate::campaign::skip;
use crate::namespace::{is_root, lives, print_of};
use crate::network::{ATTACKER, Network, VICTIM};

/// How long is waited for what must come. Long: a busy machine is no failure.
const PATIENCE: Duration = Duration::from_mins(1);
/// Between two looks at something that is awaited.
const PAUSE: Duration = Duration::from_millis(20);

/// Makes the layer, in a mount namespace that ends with the container, and becomes
/// the container: the arguments are control group, work folder, network namespace
/// and name.
const BOOT: &str = r#"set -e
echo $$ > "$1/cgroup.procs"
mount -t tmpfs rye "$2"
mkdir "$2/upper" "$2/work" "$2/root"
mount -t overlay rye -o "lowerdir=/,upperdir=$2/upper,workdir=$2/work" "$2/root"
echo uninitialized > "$2/root/etc/machine-id"
export SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1
exec systemd-nspawn --register=no --keep-unit --boot --quiet --directory="$2/root" \
    --network-namespace-path="$3" --machine="$4" --console=pipe systemd.unit=basic.target
"#;

/// What the tests' logins need, and nothing else of what is installed here.
const SERVICES: [&str; 4] =
    ["dbus.service", "systemd-logind.service", "systemd-user-sessions.service", "ssh.service"];

/// Runs `test` on a victim that all tests of the process share while one needs it.
/// An ordinary user is told that it is skipped.
///
/// # Panics
/// When `test` does, or when the victim can't be made.
pub fn with_victim(test: impl FnOnce(&Victim)) {
    static SHARED: Mutex<Weak<Victim>> = Mutex::new(Weak::new());
    if !is_root() {
        return skip("only root can boot a victim");
    }
    let victim = {
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        shared.upgrade().unwrap_or_else(|| {
            let victim = Arc::new(Victim::boot());
            *shared = Arc::downgrade(&victim);
            victim
        })
    };
    test(&victim);
}

/// A machine of its own.
#[derive(Debug)]
pub struct Victim {
    network: Network,
    group: PathBuf,
    folder: PathBuf,
    container: Child,
    first: u32,
}

impl Victim {
    fn boot() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let groups = hierarchy();
        remove_leftovers(&groups);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("rye-{}-{count}-victim", process::id());
        let network = Network::two_hosts();
        let group = groups.join(&name);
        fs::create_dir(&group).expect("root can make a control group");
        let folder = std::env::temp_dir().join(&name);
        fs::create_dir(&folder).expect("a folder for the victim");
        let layer = folder.join("layer");
        fs::create_dir(&layer).expect("a folder for its root");
        let log = fs::File::create(folder.join("log")).expect("a log in our own folder");
        let container = Command::new("unshare")
            .args(["--mount", "--propagation=private", "/bin/sh", "-c", BOOT, "sh"])
            .args([&group, &layer, &network.victim.path()])
            .arg(&name)
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("a second descriptor"))
            .stderr(log)
            .spawn()
            .expect("`unshare` is installed: apt-get install util-linux");
        let mut victim = Self { network, group, folder, container, first: 0 };
        victim.await_boot();
        let start: Vec<&str> = ["start"].into_iter().chain(SERVICES).collect();
        victim.program("systemctl", &start);
        let pid = format!("{}\n", victim.first);
        fs::write(victim.pid_file(), pid).expect("a file in our own folder");
        let key = victim.key().display().to_string();
        print_of(Command::new("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-f", &key]));
        victim
    }

    fn await_boot(&mut self) {
        let until = Instant::now() + PATIENCE;
        loop {
            self.first = self.first_process().unwrap_or(0);
            if self.first != 0 {
                let state = self.command("systemctl", &["is-system-running"]).output();
                let state = state.map(|output| output.stdout).unwrap_or_default();
                if matches!(&*state, b"running\n" | b"degraded\n") {
                    return;
                }
            }
            let ended = self.container.try_wait().ok().flatten();
            if ended.is_some() || Instant::now() > until {
                let log = fs::read_to_string(self.folder.join("log")).unwrap_or_default();
                panic!(
                    "no victim could be booted ({ended:?}): {log}\n\
                     apt-get install systemd systemd-container dbus libpam-systemd openssh-server"
                );
            }
            thread::sleep(PAUSE);
        }
    }

    /// The number of the container's first process, once it is systemd.
    fn first_process(&self) -> Option<u32> {
        let id = self.container.id();
        let children = fs::read_to_string(format!("/proc/{id}/task/{id}/children")).ok()?;
        let first = children.split_ascii_whitespace().next_back()?;
        let name = fs::read_to_string(format!("/proc/{first}/comm")).ok()?;
        (name == "systemd\n").then(|| first.parse().ok()).flatten()
    }

    /// The file that holds the number of the machine's first process.
    pub fn pid_file(&self) -> PathBuf {
        self.folder.join("pid")
    }

    /// The machine's files, as root of this one sees them.
    pub fn root(&self) -> PathBuf {
        Path::new("/proc").join(self.first.to_string()).join("root")
    }

    /// What a program on the victim prints.
    ///
    /// # Panics
    /// When it is missing or not content.
    pub fn program(&self, program: &str, arguments: &[&str]) -> String {
        print_of(&mut self.command(program, arguments))
    }

    /// Whether a program on the victim is content.
    pub fn succeeds(&self, program: &str, arguments: &[&str]) -> bool {
        self.command(program, arguments).output().is_ok_and(|output| output.status.success())
    }

    /// What a script prints that root runs on the victim.
    ///
    /// # Panics
    /// When it ends with an error.
    pub fn script(&self, script: &str) -> String {
        self.program("/bin/sh", &["-ec", script])
    }

    fn command(&self, program: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new("nsenter");
        command.arg(format!("--target={}", self.first)).arg("--all").arg("--").arg(program);
        command.args(arguments).env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin").stdin(Stdio::null());
        command
    }

    /// Makes an account that logs in with the attacker's key.
    ///
    /// # Panics
    /// When it can't be made.
    pub fn add_account(&self, name: &str) {
        let key = fs::read_to_string(self.key().with_extension("pub")).expect("the public key");
        let key = key.trim();
        self.script(&format!(
            "useradd --create-home --shell /bin/sh {name}\n\
             install -d -m 700 -o {name} -g {name} /home/{name}/.ssh\n\
             echo '{key}' > /home/{name}/.ssh/authorized_keys\n\
             chown {name}: /home/{name}/.ssh/authorized_keys\n"
        ));
    }

    /// Whether the attacker's key opens a session for `account` now.
    ///
    /// # Panics
    /// When `ssh` can't be started.
    pub fn logs_in(&self, account: &str) -> bool {
        let output = self.ssh(account, "true").output().expect("`ssh` can be started");
        output.status.success()
    }

    /// A session of the attacker's, in which `command` runs.
    ///
    /// # Panics
    /// When he can't log in.
    pub fn session(&self, account: &str, command: &str) -> Session {
        let script = format!("echo in; {command}");
        let mut child = self
            .ssh(account, &script)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("`ssh` is installed: apt-get install openssh-client");
        let mut line = String::new();
        let mut print = BufReader::new(child.stdout.take().expect("its output is ours"));
        print.read_line(&mut line).expect("a session can be read from");
        assert_eq!(line, "in\n", "{account} logs in");
        Session { child }
    }

    fn ssh(&self, account: &str, command: &str) -> Command {
        let [from, ..] = ATTACKER;
        let [to, ..] = VICTIM;
        let mut ssh = Command::new("nsenter");
        ssh.arg(format!("--net={}", self.network.attacker.path().display())).args(["--", "ssh"]);
        ssh.args(["-F", "none", "-b", &from.to_string()]).arg("-i").arg(self.key());
        for option in [
            "BatchMode=yes",
            "ConnectTimeout=20",
            "LogLevel=ERROR",
            "StrictHostKeyChecking=no",
            "UserKnownHostsFile=/dev/null",
        ] {
            ssh.args(["-o", option]);
        }
        ssh.arg(format!("{account}@{to}")).arg(command).stdin(Stdio::null());
        ssh
    }

    fn key(&self) -> PathBuf {
        self.folder.join("key")
    }
}

impl Drop for Victim {
    fn drop(&mut self) {
        // During a panic there is nobody to tell; the next run removes what is left.
        kill_group(&self.group);
        let _ = self.container.wait();
        remove_group(&self.group);
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// The attacker's end of a session.
#[derive(Debug)]
pub struct Session {
    child: Child,
}

impl Session {
    /// Whether it is open now.
    pub fn is_open(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Whether it ends: waits long for a yes.
    pub fn ends(&mut self) -> bool {
        eventually(|| !self.is_open())
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // It has ended by itself in most tests.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Whether `holds` becomes true: waits long for a yes.
pub fn eventually(mut holds: impl FnMut() -> bool) -> bool {
    let until = Instant::now() + PATIENCE;
    while !holds() {
        if Instant::now() > until {
            return false;
        }
        thread::sleep(PAUSE);
    }
    true
}

/// Where this machine has mounted the control groups of version 2.
fn hierarchy() -> PathBuf {
    let mounts = fs::read_to_string("/proc/self/mountinfo").expect("/proc is mounted");
    let point = mounts.lines().find_map(|line| {
        let (mount, source) = line.split_once(" - ")?;
        source.starts_with("cgroup2 ").then(|| mount.split(' ').nth(4))?
    });
    point.map(PathBuf::from).expect("control groups of version 2 are mounted")
}

/// Ends the victims of test processes that no longer live.
fn remove_leftovers(groups: &Path) {
    for entry in fs::read_dir(groups).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let Some(id) = name.strip_prefix("rye-").and_then(|rest| rest.strip_suffix("-victim"))
        else {
            continue;
        };
        let process = id.split('-').next().and_then(|process| process.parse().ok());
        if process.is_some_and(|process| !lives(process)) {
            kill_group(&entry.path());
            remove_group(&entry.path());
            let _ = fs::remove_dir_all(std::env::temp_dir().join(&name));
        }
    }
}

fn kill_group(group: &Path) {
    let _ = fs::write(group.join("cgroup.kill"), "1");
}

/// Removes a control group and all in it, as soon as nothing runs there any more.
fn remove_group(group: &Path) {
    let until = Instant::now() + Duration::from_secs(5);
    while group.exists() && Instant::now() < until {
        for entry in fs::read_dir(group).into_iter().flatten().flatten() {
            if entry.path().is_dir() {
                remove_group_now(&entry.path());
            }
        }
        if fs::remove_dir(group).is_err() {
            thread::sleep(PAUSE);
        }
    }
}

fn remove_group_now(group: &Path) {
    for entry in fs::read_dir(group).into_iter().flatten().flatten() {
        if entry.path().is_dir() {
            remove_group_now(&entry.path());
        }
    }
    let _ = fs::remove_dir(group);
}
