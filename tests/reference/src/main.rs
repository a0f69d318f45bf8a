//! The campaign as a program: `cargo xtask differential`.

#![expect(clippy::print_stdout, reason = "people read what came of it")]

use std::fs;
use std::io;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use rye_reference::campaign::{Deaths, Difference, Options, run};

/// Two threads, as many programs as take some minutes.
const PROGRAMS: u64 = 100_000;
const THREADS: usize = 2;

/// Writes a difference down below the folder in which the campaign was started.
fn written(difference: &Difference, seed: u64) -> io::Result<PathBuf> {
    let folder = PathBuf::from("target/differential");
    fs::create_dir_all(&folder)?;
    let path = folder.join(format!("{seed}-{}.txt", difference.number));
    fs::write(&path, &difference.text)?;
    Ok(path)
}

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let number = |name: &str| {
        let at = words.iter().position(|word| word == name)?;
        words.get(at + 1)?.replace('_', "").parse::<u64>().ok()
    };
    let says = |name: &str| words.iter().any(|word| word == name);
    let minutes = number("--minutes");
    let options = Options {
        programs: number("--programs").unwrap_or(if minutes.is_some() {
            u64::MAX
        } else {
            PROGRAMS
        }),
        first: number("--first").unwrap_or(0),
        seed: number("--seed").unwrap_or(1),
        time: minutes.map(|minutes| Duration::from_secs(60 * minutes)),
        threads: THREADS,
        shrinks: !says("--as-found"),
        deaths: if says("--deaths") { Deaths::Everywhere } else { Deaths::Some },
    };
    std::panic::set_hook(Box::new(|_| {}));
    let began = Instant::now();
    let report = run(&options);
    let seconds = began.elapsed().as_secs();
    let rate = report.programs.checked_div(seconds.max(1)).unwrap_or(0);
    println!("{}", report.counters);
    println!(
        "{} programs, {} runs, {} deaths, {} refused, in {seconds} s: {rate} programs/s",
        report.programs, report.runs, report.deaths, report.refused
    );
    if let Some(refusal) = report.refusal {
        println!("the first that was refused:\n{refusal}");
    }
    match report.difference {
        Some(difference) => {
            println!("program {} differs:\n{}", difference.number, difference.text);
            match written(&difference, options.seed) {
                Ok(path) => println!("written to {}", path.display()),
                Err(error) => println!("not written: {error}"),
            }
            ExitCode::FAILURE
        }
        None => ExitCode::SUCCESS,
    }
}
