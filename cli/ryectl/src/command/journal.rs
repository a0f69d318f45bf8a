//! `ryectl journal …`: the record itself.

mod show;

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::process::ExitCode;

use rye_core::digest::Digest;
use rye_engine::audit::Audit;
use rye_engine::entry;
use rye_journal::export::{ExportValues, export};
use rye_journal::verify::{Expectation, Finding, verify};
use rye_journal::{Fault, Head, Position};
use serde_json::json;

use crate::output::{self, Failure, Output};
use crate::store;
use crate::{Done, Journal};

pub(crate) fn run(path: &Path, journal: &Journal, output: &Output) -> Done {
    match journal {
        Journal::Verify { heads } => verified(path, heads, output),
        Journal::Show { from } => show::run(path, *from, output),
        Journal::Export { without_values } => exported(path, *without_values),
    }
}

/// Exit codes are those of the format's page: 0, or that of the first finding.
fn verified(path: &Path, heads: &[String], output: &Output) -> Done {
    let heads = heads.iter().map(|head| parse_head(head)).collect::<Result<_, _>>()?;
    let expectation = Expectation { heads, ..Expectation::default() };
    let mut audit = Audit::default();
    // The first entry of each run that can't be followed.
    let mut lost = BTreeMap::new();
    let mut report = verify(path, &expectation, &mut |stored| match store::meaning(stored) {
        Ok(entry) => audit.check(&entry),
        // What was erased can't be followed, and is no contradiction.
        Err(entry::EntryError::Missing(_)) if stored.is_erased() => {
            lost.entry(stored.entry.run).or_insert(stored.entry.seq);
            audit.lose(stored.entry.run);
            None
        }
        Err(error) => Some(error.to_string()),
    })
    .map_err(|error| Failure::journal(&error))?;
    report.findings.extend(audit.unexplained().map(|run| {
        let seq = lost.get(&run).copied().unwrap_or_default();
        let text = format!("values of run {run} are erased, and nobody said that they should be");
        Finding { at: Position { segment: 0, offset: 0, seq }, fault: Fault::Meaning(text) }
    }));
    for finding in &report.findings {
        output::line(&if output.is_json() { finding.to_json() } else { finding.to_string() });
    }
    let end = report.head.map(|head| format!("{}:{}", head.size, head.hash));
    if output.is_json() {
        output::document(&json!({
            "entries": report.entries,
            "head": end,
            "compared": expectation.heads.len(),
            "findings": report.findings.len(),
            "more": report.more,
            "ok": report.findings.is_empty(),
        }));
    } else if report.findings.is_empty() {
        let compared = match expectation.heads.len() {
            0 => "",
            _ => ", compared with what you know",
        };
        let end = end.unwrap_or_default();
        output::line(&format!("ok: {} entries, head {end}{compared}", report.entries));
    } else if report.more > 0 {
        output::line(&format!("and {} more", report.more));
    }
    Ok(ExitCode::from(report.exit_code()))
}

fn parse_head(text: &str) -> Result<Head, Failure> {
    let parsed = text.split_once(':').and_then(|(size, hash)| {
        Some(Head { size: size.parse().ok()?, hash: Digest::from_hex(hash)? })
    });
    parsed.ok_or_else(|| {
        Failure::call(format!("`{text}` is no end of a chain"))
            .help("write it as `journal verify` prints it: SIZE:HASH")
    })
}

fn exported(path: &Path, without_values: bool) -> Done {
    let reader = store::open(path)?;
    let values = if without_values { ExportValues::Withheld } else { ExportValues::Included };
    export(&reader, 0, values, &entry::kind_word, &mut io::stdout().lock())
        .map_err(|error| Failure::journal(&error))?;
    Ok(ExitCode::SUCCESS)
}
