//! The shell around the engine: clocks, files, the journal, people's messages,
//! adapters.
//!
//! Read [`shell`] first: the loop. Then the way of a bundle ([`loader`]) and of a
//! site's word ([`config`], [`settings`], [`protect`]).
//!
//! It knows nothing about source text and can't compile; it knows no adapter, they
//! are handed to it ([`adapters`]). Only [`clock`] reads a clock. Nothing here
//! prints: what happens is handed on as [`timeline`] and [`summary`].

pub mod adapters;
pub mod clock;
pub mod config;
pub mod file;
pub mod loader;
pub mod offers;
pub mod protect;
mod record;
pub mod settings;
pub mod shell;
pub mod store;
pub mod summary;
pub mod timeline;

#[cfg(test)]
mod fixture;
