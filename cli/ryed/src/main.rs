//! `ryed`: runs what was signed. It can't compile, and holds no key that could
//! sign.
//!
//! Arguments in, exit code out: 0 done, 1 an input is wrong, 2 the call is wrong,
//! 3 refused (trust, guardrail), 4 a run ended otherwise than well, is held, or the
//! store failed.

mod command;
mod exit;
mod output;
mod signal;
mod site;

use std::process::ExitCode;

use clap::Parser;
use tracing_subscriber::EnvFilter;

fn main() -> ExitCode {
    let arguments = command::Arguments::parse();
    // What is logged is for those who look for a fault; off unless asked for.
    if let Ok(filter) = EnvFilter::try_from_env("RYE_LOG") {
        let log = tracing_subscriber::fmt().with_env_filter(filter).with_ansi(false);
        log.with_writer(std::io::stderr).init();
    }
    command::carry_out(arguments).into()
}
