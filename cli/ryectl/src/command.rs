//! One file per subcommand, named as the subcommand; `say` is all four verbs
//! that speak to a run.

pub(crate) mod contained;
pub(crate) mod journal;
pub(crate) mod runs;
pub(crate) mod say;
pub(crate) mod show;
