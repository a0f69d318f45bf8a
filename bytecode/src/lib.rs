//! The format that both sides of the trust boundary share: the compiler writes
//! it, the daemon reads it and believes nothing that it has not proved.

pub mod instruction;
pub mod module;
