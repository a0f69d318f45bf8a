//! What several test targets, and the demonstration, share: real networks of
//! network namespaces, a real receiver of webhooks, a whole machine to act on, a whole
//! site with its programs, modules that must be refused.
//!
//! A part that can't be had makes the test fail and says how to get it. Only what an
//! ordinary user can't have at all is skipped for him, and said: see [`victim`].

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test whose surroundings can't be made must fail, and say why"
)]

pub mod campaign;
pub mod hostile;
pub mod interfaces;
pub mod modules;
pub mod namespace;
pub mod network;
pub mod receiver;
pub mod site;
pub mod toolchain;
pub mod transcript;
pub mod victim;
