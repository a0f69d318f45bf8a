//! The second interpreter, and the campaign that compares it with the compiler, the
//! machine and the engine.
//!
//! [`interpreter`] walks the compiler's typed tree and says what a run does. [`real`] lets
//! the product do the same run in the engine's simulated site. [`generator`] writes typed
//! programs, [`world`] and [`people`] are what both meet, [`story`] is what is compared,
//! and [`campaign`] does it for as many programs as are wanted.

#![expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "what breaks here fails a campaign, and overflows are checked in every profile"
)]

pub mod campaign;
pub mod chance;
pub mod counters;
pub mod generator;
pub mod interfaces;
pub mod interpreter;
pub mod people;
pub mod real;
pub mod story;
pub mod world;
