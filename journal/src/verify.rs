//! The auditor's verifier: everything recomputed from the bytes, every finding
//! with its place, nothing changed.
//!
//! Per entry: framing, decoding and encoding again, journal, number, link,
//! clock, values against commitments. What a finding hides it goes on behind,
//! as far as the bytes can be told apart. What entries mean is checked by a
//! function of the caller.

use core::ops::ControlFlow;
use std::path::Path;

use rye_core::id::JournalId;
use rye_core::limit::FINDINGS_MAX;

use crate::disk::{Disk, RealDisk};
use crate::error::JournalError;
use crate::examine::threads;
use crate::fault::{Fault, Position};
use crate::head::Head;
use crate::json::Object;
use crate::read::{PATIENCE, Reader, segment_folder};
use crate::scan::{Observer, Scan, ScanMode, segment_numbers};
use crate::stored::StoredEntry;
use crate::value::Content;

#[cfg(test)]
mod tests;

/// What the auditor knows from elsewhere.
#[derive(Clone, Debug, Default)]
pub struct Expectation {
    /// Ends of the chain that the journal had once. A change lies behind the last of
    /// them that is still right, and before the first that is not.
    pub heads: Vec<Head>,
    /// Which journal it is.
    pub journal: Option<JournalId>,
    /// The key of its checkpoints.
    pub checkpoint_key: Option<[u8; 32]>,
    /// Nobody writes it meanwhile: an end that is bad is not looked at again.
    pub at_rest: bool,
}

/// One thing that is wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Where.
    pub at: Position,
    /// What.
    pub fault: Fault,
}

impl Finding {
    /// The finding as one line of JSON, without the line's end.
    pub fn to_json(&self) -> String {
        let mut object = Object::new();
        object.number("code", u64::from(self.fault.code()));
        object.text("finding", self.fault.name());
        object.number("segment", self.at.segment);
        object.number("offset", self.at.offset);
        object.number("seq", self.at.seq);
        object.text("message", &self.fault.to_string());
        object.finish()
    }
}

impl core::fmt::Display for Finding {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{}: {}", self.at, self.fault)
    }
}

/// What a verification has come to.
#[derive(Clone, Debug)]
pub struct Report {
    /// How many entries were read.
    pub entries: u64,
    /// The end of the chain, unless damage hides it.
    pub head: Option<Head>,
    /// What is wrong, in the order of the journal; at most `FINDINGS_MAX`.
    pub findings: Vec<Finding>,
    /// How many more findings there were.
    pub more: u64,
}

impl Report {
    /// The exit code: that of the first finding, 0 when there is none.
    pub fn exit_code(&self) -> u8 {
        self.findings.first().map_or(0, |finding| finding.fault.code())
    }

    fn add(&mut self, at: Position, fault: Fault) {
        if self.findings.len() < FINDINGS_MAX {
            self.findings.push(Finding { at, fault });
        } else {
            self.more = self.more.saturating_add(1);
        }
    }
}

/// What a caller says about the meaning of an entry: a text when it
/// contradicts what came before.
pub type MeaningCheck<'a> = dyn FnMut(&StoredEntry<'_>) -> Option<String> + 'a;

/// Verifies the store at `store`, or a folder of segments. `meaning` sees every
/// entry that can be read, in order.
///
/// # Errors
/// When there is no journal, it has a version that isn't known, or reading fails.
pub fn verify(
    store: &Path,
    expectation: &Expectation,
    meaning: &mut MeaningCheck<'_>,
) -> Result<Report, JournalError> {
    let patience = if expectation.at_rest { 0 } else { PATIENCE };
    let mode = ScanMode { commitments: true, patience, threads: threads() };
    verify_on(&RealDisk, &segment_folder(store), mode, expectation, meaning)
}

/// [`verify`] on any disk, in any way: what is found is the same.
pub(crate) fn verify_on<D: Disk>(
    disk: &D,
    directory: &Path,
    mode: ScanMode,
    expectation: &Expectation,
    meaning: &mut MeaningCheck<'_>,
) -> Result<Report, JournalError> {
    let numbers = segment_numbers(disk, directory)?;
    let missing = || JournalError::NotAStore { path: directory.into() };
    let first = *numbers.first().ok_or_else(missing)?;
    let report = Report { entries: 0, head: None, findings: Vec::new(), more: 0 };
    let mut audit = Audit { report, expectation, meaning };
    let start = Position { segment: first, offset: 0, seq: 0 };
    if first != 0 {
        audit.report.add(start, Fault::SegmentMissing { number: 0 });
    }
    audit.origin(&Reader::on(disk.clone(), directory.to_owned()), start);
    let end = Scan::run(disk, directory, first, mode, &mut audit)?;
    let mut report = audit.report;
    let Some(end) = end else {
        return Ok(report);
    };
    report.head = end.head;
    let number = end.walk.header().number;
    let offset = end.torn.map_or(end.walk.at(), |bad| bad.offset);
    let size = end.head.map_or(0, |head| head.size);
    let at = Position { segment: number, offset, seq: size };
    let latest = expectation.heads.iter().max_by_key(|known| known.size);
    if let Some(&expected) = latest.filter(|known| known.size > size) {
        report.add(at, Fault::Shorter { expected, size });
    }
    if let Some(bad) = end.torn {
        let bytes = bad.end.saturating_sub(bad.offset);
        report.add(Position { offset: bad.fault_at, ..at }, Fault::Torn { bytes });
    }
    Ok(report)
}

struct Audit<'a, 'b> {
    report: Report,
    expectation: &'a Expectation,
    meaning: &'a mut MeaningCheck<'b>,
}

impl Audit<'_, '_> {
    /// Compares what the journal was born with; the scan reports a header that
    /// can't be read.
    fn origin<D: Disk>(&mut self, reader: &Reader<D>, at: Position) {
        let Ok(genesis) = reader.genesis() else { return };
        if let Some(expected) = self.expectation.journal.filter(|id| *id != genesis.journal) {
            self.report.add(at, Fault::Journal { expected, found: genesis.journal });
        }
        if self.expectation.checkpoint_key.is_some_and(|key| key != genesis.checkpoint_key) {
            self.report.add(at, Fault::Genesis);
        }
        let born = Head { size: 0, hash: genesis.digest() };
        self.compare(at, born);
    }

    /// Compares an end of the chain with what is known of it.
    fn compare(&mut self, at: Position, found: Head) {
        for &expected in self.expectation.heads.iter().filter(|known| known.size == found.size) {
            if expected.hash != found.hash {
                self.report.add(at, Fault::Fork { expected, found: found.hash });
            }
        }
    }
}

impl Observer for Audit<'_, '_> {
    fn entry(&mut self, at: Position, stored: &StoredEntry<'_>) -> ControlFlow<()> {
        self.report.entries = self.report.entries.saturating_add(1);
        let size = at.seq.saturating_add(1);
        self.compare(at, Head { size, hash: stored.hash });
        if stored.values.iter().any(|value| value.content == Content::Erased { wholly: false }) {
            self.report.add(at, Fault::Corrupt("an erased value still has bytes"));
        }
        if let Some(text) = (self.meaning)(stored) {
            self.report.add(at, Fault::Meaning(text));
        }
        ControlFlow::Continue(())
    }

    fn fault(&mut self, at: Position, fault: Fault) -> ControlFlow<()> {
        self.report.add(at, fault);
        ControlFlow::Continue(())
    }
}
