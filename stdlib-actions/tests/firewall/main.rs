//! The contract of the firewall's verbs, against a real packet filter: twice is
//! once, an undo twice or of nothing is safe, what others did stays, and the proof
//! tells the truth. Seen from the attacker's side wherever it can be.

#![expect(clippy::expect_used, clippy::panic, reason = "a broken expectation fails the test")]

mod block;
mod flow;
mod model;
mod others;
mod site;
mod trouble;
