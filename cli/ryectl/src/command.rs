//! One file per subcommand, named as the subcommand; `say` is all verbs that speak
//! to runs, `vote` those of them that answer a question. `preview` shows what they will
//! do, `confirm` asks whether that is meant, and `standing` knows who may.

mod confirm;
pub(crate) mod contained;
pub(crate) mod journal;
mod preview;
pub(crate) mod replay;
pub(crate) mod requests;
pub(crate) mod runs;
pub(crate) mod say;
pub(crate) mod show;
mod standing;
mod vote;
