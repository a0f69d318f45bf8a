//! Writes the seeds of each target into `FOLDER/TARGET/`, and prints the targets:
//! what a fuzzer begins with.

use std::fs;
use std::io::{self, Write as _};
use std::path::PathBuf;

use rye_fuzz::TARGETS;

fn main() -> io::Result<()> {
    let usage = || io::Error::new(io::ErrorKind::InvalidInput, "usage: rye-fuzz FOLDER");
    let folder = std::env::args_os().nth(1).map(PathBuf::from).ok_or_else(usage)?;
    for target in TARGETS {
        let corpus = folder.join(target.name);
        fs::create_dir_all(&corpus)?;
        for (index, seed) in (target.seeds)().iter().enumerate() {
            fs::write(corpus.join(format!("seed-{index}")), seed)?;
        }
        writeln!(io::stdout(), "{}", target.name)?;
    }
    Ok(())
}
