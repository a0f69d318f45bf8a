//! `ryec disasm FILE`: the code of a bundle as assembler, which says exactly what
//! will run. The code need not be provable: whoever is refused wants to see why.

use std::path::PathBuf;

use clap::Args;
use rye_bytecode::disassemble;

use crate::{Exit, opened, output};

/// How it is called.
#[derive(Args, Debug)]
pub(crate) struct Options {
    /// The bundle, signed or not.
    file: PathBuf,
    /// One JSON document on standard output, and nothing else.
    #[arg(long)]
    json: bool,
}

/// Prints the code of the bundle.
pub(crate) fn run(options: &Options) -> Exit {
    let code = opened::open(&options.file).map(|opened| disassemble(&opened.module));
    output::text_or_failure(code, options.json)
}
