//! The saga as a pure state machine: journal entries in, commands out.
//!
//! It owns what a run must never lose: intents and outcomes, doubt, retries,
//! compensation records, holdings, timers, holds. A shell (the daemon, the
//! simulator, a fuzzer) appends its entries, carries out its commands and tells
//! it what happened. It knows no clock, no disk, no thread and no chance: what
//! it does follows from what it is told.

pub mod alert;
pub mod audit;
pub mod command;
pub mod effects;
pub mod engine;
pub mod entry;
pub mod erasure;
pub mod guardrail;
pub mod halt;
pub mod holding;
pub mod message;
pub mod question;
pub mod run;
pub mod schedule;
pub mod sim;
pub mod stamp;
pub mod words;
