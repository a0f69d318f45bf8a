//! `std.host.evidence`: what a machine shows of itself, collected into one archive.
//!
//! Each part is collected by itself, in its own time. One that fails is missing, or
//! shorter, and the archive says so: evidence that is incomplete is worth more than
//! none.

mod archive;

use std::fmt::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use rye_core::adapter::Ending;
use rye_core::limit::{EVIDENCE_JOURNAL_LINES, EVIDENCE_WARNINGS_MAX};
use rye_core::value::{Hash, Name, Value};

use super::CarryOut;
use super::call::Asked;
use super::machine::{Inside, Machine};
use crate::program::{self, ProgramError};
use archive::Archive;

pub(super) const VERBS: &[(&str, CarryOut)] = &[("collect", collect)];

/// How long one program may take.
const PART_TIME: Duration = Duration::from_secs(15);

/// One part of an archive.
#[derive(Debug)]
struct Part {
    name: &'static str,
    content: Vec<u8>,
}

fn collect(machine: &Machine, asked: &Asked<'_>) -> Result<Ending, Ending> {
    let inside = machine.enter_for(asked, "host")?;
    let archive = Archive::of(machine, asked.request.key)?;
    if !archive.exists() {
        let mut warnings = Vec::new();
        let mut parts = vec![processes(&inside)?];
        for (name, program, arguments) in &programs(machine) {
            parts.extend(part(&inside, name, program, arguments, asked, &mut warnings));
        }
        warnings.truncate(EVIDENCE_WARNINGS_MAX);
        archive.write(&parts, &warnings)?;
    }
    let found = archive.read()?;
    let fields = [
        ("path", Value::text(found.path)),
        ("digest", Value::Hash(Hash::Sha256(found.digest))),
        ("bytes", Value::Int(found.bytes)),
        ("warnings", Value::list(found.warnings.iter().map(Value::text))),
    ];
    let fields = fields.into_iter().map(|(name, value)| (Name::from(name), value)).collect();
    Ok(Ending::Done(Value::Record { name: Name::from("EvidenceArchive"), fields }))
}

/// What is collected by which program: the part's name, the program, its arguments.
fn programs(machine: &Machine) -> [(&'static str, &Path, Vec<String>); 6] {
    let config = &machine.config;
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    [
        ("sockets.txt", &*config.ss, words(&["-Hanp"])),
        ("logins.txt", &*config.last, words(&["-F", "-w", "-n", "1000"])),
        ("sessions.txt", &*config.loginctl, words(&["list-sessions", "--no-legend"])),
        (
            "services.txt",
            &*config.systemctl,
            words(&["list-units", "--all", "--plain", "--no-legend", "--no-pager", "--full"]),
        ),
        ("packet_filter.json", &*config.nft, words(&["-j", "list", "ruleset"])),
        (
            "journal.json",
            &*config.journalctl,
            vec![
                String::from("--output=json"),
                String::from("--no-pager"),
                format!("--lines={EVIDENCE_JOURNAL_LINES}"),
            ],
        ),
    ]
}

/// What one program prints; what is wrong with it becomes a warning.
fn part(
    inside: &Inside<'_>,
    name: &'static str,
    program: &Path,
    arguments: &[String],
    asked: &Asked<'_>,
    warnings: &mut Vec<String>,
) -> Option<Part> {
    let mut warn = |what: &str| warnings.push(format!("{name}: {what}"));
    let Ok(mut command) = inside.command(program, "") else {
        warn(&format!("missing: the machine has no {}", program.display()));
        return None;
    };
    let now = Instant::now();
    let until = now.checked_add(PART_TIME).map_or(asked.deadline, |end| end.min(asked.deadline));
    match program::run(command.args(arguments), b"", until) {
        Ok(output) => {
            if !output.success {
                warn("perhaps incomplete: the program failed");
            }
            if let Some(line) = output.stderr.lines().find(|line| !line.trim().is_empty()) {
                let line: String = rye_core::visible::visible(line).chars().take(200).collect();
                warn(&format!("perhaps incomplete: {line}"));
            }
            Some(Part { name, content: output.stdout })
        }
        Err(error) => {
            warn(match error {
                ProgramError::NotStarted => "missing: the program could not be started",
                ProgramError::Timeout => "missing: the program did not end in time",
                ProgramError::Killed => "missing: the program was killed",
                ProgramError::TooMuch => "missing: the program printed too much",
            });
            None
        }
    }
}

/// Every process, one a line: number, parent, account, start, program, arguments.
fn processes(inside: &Inside<'_>) -> Result<Part, Ending> {
    let mut content = String::from("pid\tparent\taccount\tstarted\tprogram\tcommand\n");
    for process in inside.processes()? {
        let (pid, parent, started) = (process.pid, process.parent(), process.started());
        let account = process.uid().map(|uid| uid.to_string()).unwrap_or_default();
        let (program, command) = (process.program().unwrap_or_default(), process.command());
        let program = rye_core::visible::visible(&program);
        // Writing to a text does not fail.
        let _ = writeln!(content, "{pid}\t{parent}\t{account}\t{started}\t{program}\t{command}");
    }
    Ok(Part { name: "processes.txt", content: content.into_bytes() })
}
