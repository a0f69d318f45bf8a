//! The program itself, as people and scripts meet it: real bundles, a real packet
//! filter between two hosts, exit codes, what is printed where.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a broken expectation fails the test"
)]

mod contain;
mod refuse;
mod site;
mod stop;
