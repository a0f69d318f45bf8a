//! The Debian packages that tests and the demonstration need: installed where
//! that is allowed, named where it is not.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::process::Command;

use crate::run::{say, step};

/// A package, and a file of it that shows that it is there.
const PACKAGES: &[(&str, &str)] = &[
    ("dbus", "/usr/lib/systemd/system/dbus.service"),
    ("e2fsprogs", "/usr/sbin/mkfs.ext4"),
    ("git", "/usr/bin/git"),
    ("iproute2", "/usr/sbin/ip"),
    ("libcap2-bin", "/usr/sbin/setcap"),
    ("libpam-systemd", "/usr/share/pam-configs/systemd"),
    ("mount", "/usr/bin/mount"),
    ("nftables", "/usr/sbin/nft"),
    ("openssh-client", "/usr/bin/ssh"),
    ("openssh-server", "/usr/sbin/sshd"),
    ("passwd", "/usr/bin/chage"),
    ("procps", "/usr/bin/ps"),
    ("python3", "/usr/bin/python3"),
    ("rsyslog", "/usr/sbin/rsyslogd"),
    ("strace", "/usr/bin/strace"),
    ("systemd", "/usr/lib/systemd/systemd"),
    ("systemd-container", "/usr/bin/systemd-nspawn"),
    ("util-linux", "/usr/bin/unshare"),
];

/// Makes sure that every package is there.
///
/// # Errors
/// When one is missing and can't be installed: says by which command.
pub(crate) fn ensure() -> Result<(), String> {
    let missing: Vec<&str> =
        PACKAGES.iter().filter(|(_, file)| !is_there(file)).map(|(package, _)| *package).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let words = missing.join(" ");
    if !rustix::process::geteuid().is_root() {
        return Err(format!(
            "these packages are missing: {words}\n  help: sudo apt-get install {words}"
        ));
    }
    say(&format!("these packages are missing and will be installed: {words}"));
    step("package lists", Command::new("apt-get").args(["update", "-qq"]))?;
    let mut install = Command::new("apt-get");
    install.args(["install", "-y", "-qq", "--no-install-recommends"]).args(&missing);
    let _quiet = Quiet::begin()?;
    step("packages", install.env("DEBIAN_FRONTEND", "noninteractive"))
}

/// Where Debian's packages ask whether they may start a service.
const POLICY: &str = "/usr/sbin/policy-rc.d";

/// While it exists, an installed package starts no service: the tests want the
/// program of an SSH server, not a server on this machine.
struct Quiet {
    is_ours: bool,
}

impl Quiet {
    fn begin() -> Result<Self, String> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true).mode(0o755);
        match options.open(POLICY) {
            Ok(mut policy) => {
                let written = policy.write_all(b"#!/bin/sh\nexit 101\n");
                written.map_err(|error| format!("{POLICY}: {error}"))?;
                Ok(Self { is_ours: true })
            }
            // Somebody has a policy already.
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(Self { is_ours: false }),
            Err(error) => Err(format!("{POLICY}: {error}")),
        }
    }
}

impl Drop for Quiet {
    fn drop(&mut self) {
        if self.is_ours {
            // What can't be removed is found by whoever wonders why nothing starts.
            let _ = fs::remove_file(POLICY);
        }
    }
}

/// Whether a file is where Debian puts it, or where it was before `/usr` was merged.
fn is_there(file: &str) -> bool {
    Path::new(file).exists() || Path::new(file.trim_start_matches("/usr")).exists()
}
