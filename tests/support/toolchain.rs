//! What the Rust toolchain says of this machine.

use std::process::Command;

/// The platform that programs are built for here, such as `x86_64-unknown-linux-gnu`.
///
/// # Panics
/// When `rustc` can't be asked.
pub fn platform() -> String {
    let output = Command::new("rustc").arg("-vV").output().expect("rustc");
    let text = String::from_utf8(output.stdout).expect("rustc prints UTF-8");
    let host = text.lines().find_map(|line| line.strip_prefix("host: "));
    host.expect("rustc says for which platform it is").to_owned()
}
