//! Who made a bundle, whether they may, and until when: the container, its
//! signatures, the trust root. All of Rye's cryptography of keys is here, small
//! enough to be read in an afternoon; [`signature`] alone knows the library.
//!
//! Read [`archive`] (the bytes), [`envelope`] (what a signature covers),
//! [`trust`] (who is believed), [`revocation`] (who no longer), then [`verify`] (the order of the checks).
//! `docs/reference/bundle-format.md` has the formats byte by byte.
//!
//! What holds here:
//! - Verifying gives back a value that nothing else can make, never a truth value.
//! - Nothing of a payload is parsed before a trusted signature over it was found.
//! - Owners are counted, never signatures and never keys.
//! - Every reader takes any bytes, in bounded time and memory, and gives the one
//!   thing they mean or an error with its place; what it takes, its writer gives
//!   back bit by bit.
//! - A secret key is never printed, and wiped when dropped.
//!
//! It knows nothing about files, clocks, networks, or what the sections of a
//! bundle mean.

pub mod archive;
pub mod envelope;
pub mod error;
mod field;
pub mod key_file;
pub mod known;
pub mod manifest;
pub mod message;
pub mod name;
pub mod payload;
pub mod revocation;
pub mod sign;
pub mod signature;
pub mod time;
pub mod trust;
pub mod verify;

pub use error::Refusal;
pub use verify::{Authorised, Bundle, Unverified, Verified};

#[cfg(test)]
mod abuse;
#[cfg(test)]
mod fixture;
