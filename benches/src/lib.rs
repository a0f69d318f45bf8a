//! What benches measure, and how: workloads with the answers that are right, a trait
//! for whoever can do them, timing in turns, and the table that compares.
//!
//! The workloads of a machine are W1 to W5 ([`engine::Engine`]); [`rye`] does them with
//! Rye, [`plain`] in plain Rust, which is the limit. What is made durable is compared
//! with a bare file ([`journal`], [`runs`]). The peers themselves are built apart, in
//! `peers/`, so that nothing else ever builds them.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::missing_panics_doc,
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "a bench that can't be set up must stop and say why; figures are rounded anyway"
)]

pub mod bare;
pub mod compiler;
pub mod engine;
pub mod journal;
pub mod loading;
pub mod machine;
pub mod memory;
pub mod plain;
pub mod runs;
pub mod rye;
pub mod site;
pub mod table;
pub mod timing;
pub mod workload;
