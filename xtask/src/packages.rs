//! The Debian packages that tests and the demonstration need: installed where
//! that is allowed, named where it is not.

use std::path::Path;
use std::process::Command;

use crate::run::{say, step};

/// A package, and a file of it that shows that it is there.
const PACKAGES: &[(&str, &str)] = &[
    ("dbus", "/usr/bin/dbus-daemon"),
    ("git", "/usr/bin/git"),
    ("iproute2", "/usr/sbin/ip"),
    ("libpam-systemd", "/usr/share/pam-configs/systemd"),
    ("nftables", "/usr/sbin/nft"),
    ("openssh-client", "/usr/bin/ssh"),
    ("openssh-server", "/usr/sbin/sshd"),
    ("passwd", "/usr/bin/chage"),
    ("procps", "/usr/bin/ps"),
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
    step("packages", install.env("DEBIAN_FRONTEND", "noninteractive"))
}

/// Whether a file is where Debian puts it, or where it was before `/usr` was merged.
fn is_there(file: &str) -> bool {
    Path::new(file).exists() || Path::new(file.trim_start_matches("/usr")).exists()
}
