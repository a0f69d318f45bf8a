//! The vocabulary of Rye: values, types, ids, limits, and the boundary between
//! the machine that decides and the world that is acted upon.
//!
//! Everything here is plain data that every other crate may use. It knows
//! nothing about source text, bytecode, disks, networks, clocks or async
//! runtimes.

pub mod action;
pub mod adapter;
pub mod asset;
pub mod base64;
pub mod canonical;
pub mod digest;
pub mod effect;
pub mod error;
pub mod hex;
pub mod id;
pub mod impact;
pub mod limit;
pub mod mode;
pub mod question;
pub mod ty;
pub mod value;
pub mod version;
pub mod visible;
pub mod wire;
