//! Telling the story, and what is done to copies of its files.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::thread;
use std::time::{Duration, Instant};

use crate::run::say;

/// A part of the story begins.
pub(crate) fn heading(text: &str) {
    say(&format!("\n\x1b[1m{text}\x1b[0m"));
}

/// Something to know.
pub(crate) fn tell(text: &str) {
    say(&format!("  {text}"));
}

/// A command, as a person would type it, and what it printed.
pub(crate) fn show(command: &str, output: &Output) {
    tell(&format!("\x1b[36m$ {command}\x1b[0m"));
    for stream in [&output.stdout, &output.stderr] {
        for line in String::from_utf8_lossy(stream).lines() {
            say(&format!("    {line}"));
        }
    }
}

/// Something that must be true, and was looked at.
///
/// # Errors
/// When it isn't.
pub(crate) fn claim(text: &str, holds: bool) -> Result<(), String> {
    if holds {
        tell(&format!("\x1b[32m✓\x1b[0m {text}"));
        return Ok(());
    }
    tell(&format!("\x1b[31m✗\x1b[0m {text}"));
    Err(format!("not observed: {text}"))
}

/// Copies a folder with all that is in it.
///
/// # Errors
/// When a file can't be read or written.
pub(crate) fn copy_folder(from: &Path, to: &Path) -> Result<(), String> {
    let told = |error: std::io::Error| format!("{}: {error}", from.display());
    fs::create_dir_all(to).map_err(told)?;
    for entry in fs::read_dir(from).map_err(told)? {
        let path = entry.map_err(told)?.path();
        let Some(name) = path.file_name() else { continue };
        if path.is_dir() {
            copy_folder(&path, &to.join(name))?;
        } else {
            fs::copy(&path, to.join(name)).map_err(told)?;
        }
    }
    Ok(())
}

/// Flips a bit in the middle of what the first segment of a store's journal says;
/// the offset of its byte.
///
/// # Errors
/// When there is no such segment, or it can't be written.
pub(crate) fn flip_a_bit(store: &Path) -> Result<u64, String> {
    let told = |error: std::io::Error| error.to_string();
    let mut segments: Vec<PathBuf> = fs::read_dir(store.join("journal"))
        .map_err(told)?
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .collect();
    segments.sort();
    let segment = segments.first().ok_or("the journal has no segment")?;
    let mut bytes = fs::read(segment).map_err(told)?;
    let end = bytes.iter().rposition(|byte| *byte != 0).unwrap_or_default();
    // A byte that says something: not one of the zeroes between groups.
    let says = |(at, byte): (usize, &u8)| (at >= end / 2 && *byte != 0).then_some(at);
    let at = bytes.iter().enumerate().find_map(says).ok_or("the journal is empty")?;
    if let Some(byte) = bytes.get_mut(at) {
        *byte ^= 1;
    }
    fs::write(segment, bytes).map_err(told)?;
    u64::try_from(at).map_err(|error| error.to_string())
}

/// Waits a minute for something to become true.
pub(crate) fn wait_for(is_so: impl Fn() -> bool) -> bool {
    let began = Instant::now();
    while began.elapsed() < Duration::from_mins(1) {
        if is_so() {
            return true;
        }
        thread::sleep(Duration::from_millis(50));
    }
    false
}

/// Overwrites every file of a folder and of those in it with noise of the same length;
/// how many there were.
///
/// # Errors
/// When one can't be read or written.
pub(crate) fn spoil_files(folder: &Path) -> Result<usize, String> {
    let told = |error: std::io::Error| format!("{}: {error}", folder.display());
    let mut count = 0;
    for entry in fs::read_dir(folder).map_err(told)? {
        let path = entry.map_err(told)?.path();
        if path.is_dir() {
            count += spoil_files(&path)?;
        } else {
            let length = fs::metadata(&path).map_err(told)?.len();
            let noise = (0..length).map(|at| (at.wrapping_mul(167) % 251) as u8);
            fs::write(&path, noise.collect::<Vec<_>>()).map_err(told)?;
            count += 1;
        }
    }
    Ok(count)
}
