//! The subcommands, one file each, named as the subcommand.

pub(crate) mod build;
pub(crate) mod check;
pub(crate) mod cosign;
pub(crate) mod disasm;
pub(crate) mod doc;
pub(crate) mod explain;
pub(crate) mod export;
pub(crate) mod fmt;
pub(crate) mod graph;
pub(crate) mod inspect;
pub(crate) mod interface;
pub(crate) mod keygen;
pub(crate) mod new;
pub(crate) mod plan;
pub(crate) mod revoke;
pub(crate) mod schema;
pub(crate) mod sign;
pub(crate) mod trust;
pub(crate) mod verify;
