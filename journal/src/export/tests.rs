use std::path::PathBuf;

use super::*;
use crate::entry::{Entry, entry_hash};
use crate::testing::{JOURNAL, genesis, journal_of};

fn lines(values: ExportValues) -> Vec<String> {
    let (disk, size) = journal_of(3);
    let reader = Reader::on(disk, PathBuf::from(JOURNAL));
    let mut out = Vec::new();
    let name_of = |kind| (kind == 0).then_some("genesis");
    assert_eq!(export(&reader, 0, values, &name_of, &mut out).unwrap(), size);
    String::from_utf8(out).unwrap().lines().map(str::to_owned).collect()
}

/// The text of `"name":"…"` in a line.
fn field<'a>(line: &'a str, name: &str) -> &'a str {
    let (_, rest) = line.split_once(&format!("\"{name}\":\"")).unwrap();
    rest.split_once('"').unwrap().0
}

#[test]
fn a_line_says_everything_taken_apart() {
    let line = &lines(ExportValues::Withheld)[0];
    let entry = field(line, "entry");
    let hash = entry_hash(&rye_core::hex::decode(entry).unwrap());
    assert_eq!(
        *line,
        format!(
            "{{\"seq\":0,\"hash\":\"{hash}\",\"prev\":\"{}\",\"kind\":0,\"name\":\"genesis\",\
             \"journal\":\"6120736d616c6c206a6f75726e616c21\",\
             \"wall_unix_ns\":\"1700000000000000000\",\
             \"boot\":\"07070707070707070707070707070707\",\"mono_ns\":\"0\",\
             \"body\":[{{\"tag\":1,\"bytes\":\"0000000000000000\"}},\
             {{\"tag\":9,\"bytes\":\"736f6d657468696e67\"}}],\"values\":[],\"entry\":\"{entry}\"}}",
            genesis().digest()
        )
    );
}

#[test]
fn hashes_and_links_can_be_recomputed_from_an_export() {
    let mut prev = None;
    for line in lines(ExportValues::Included) {
        let bytes = rye_core::hex::decode(field(&line, "entry")).unwrap();
        let hash = entry_hash(&bytes).to_string();
        assert_eq!(field(&line, "hash"), hash);
        assert!(prev.is_none_or(|prev| prev == field(&line, "prev")));
        Entry::decode(&bytes).unwrap();
        prev = Some(hash);
    }
}

#[test]
fn values_can_be_withheld() {
    assert!(lines(ExportValues::Included)[2].contains("\"salt\":\"0202"));
    assert!(lines(ExportValues::Withheld).iter().all(|line| !line.contains("salt")));
}
