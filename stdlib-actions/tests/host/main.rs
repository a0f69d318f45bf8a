//! The contract of the verbs of `std.host`, on a real machine with systemd and SSH:
//! twice is once, an undo twice or of nothing is safe, and the proof tells the truth.
//! Seen from the attacker's side wherever it can be.

#![expect(clippy::expect_used, clippy::panic, reason = "a broken expectation fails the test")]

mod account;
mod evidence;
mod file;
mod own;
mod process;
mod service;
mod site;
mod trouble;
