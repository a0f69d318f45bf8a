//! One file per subcommand, named as the subcommand; `say` is all verbs that speak
//! to runs, `vote` what those of them show that answer a question, and `standing` who may.

pub(crate) mod contained;
pub(crate) mod journal;
pub(crate) mod replay;
pub(crate) mod requests;
pub(crate) mod runs;
pub(crate) mod say;
pub(crate) mod show;
mod standing;
pub(crate) mod vote;
