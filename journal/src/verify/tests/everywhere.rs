//! Every way to remove, exchange, insert and cut off entries of a small journal, written
//! anew with right checksums: each is found, where the first entry stands that is not
//! the right one.

use super::*;

/// An entry, with the group that it stands in.
type Placed = (usize, (Vec<u8>, Vec<(u16, [u8; 32], Vec<u8>)>));

fn flat(groups: &[Forged]) -> Vec<Placed> {
    let placed = |(number, group): (usize, &Forged)| {
        group.iter().map(move |entry| (number, entry.clone())).collect::<Vec<_>>()
    };
    groups.iter().enumerate().flat_map(placed).collect()
}

/// The groups again, without those that have no entry any more.
fn grouped(entries: &[Placed]) -> Vec<Forged> {
    let same = entries.chunk_by(|(one, _), (other, _)| one == other);
    same.map(|group| group.iter().map(|(_, entry)| entry.clone()).collect()).collect()
}

/// Each change of the entries, but those that change nothing.
fn changes(whole: &[Placed]) -> Vec<(String, Vec<Placed>)> {
    let mut all = Vec::new();
    for one in 0..whole.len() {
        let mut removed = whole.to_vec();
        removed.remove(one);
        all.push((format!("entry {one} removed"), removed));
        all.push((format!("cut before entry {one}"), whole[..one].to_vec()));
        for other in one + 1..whole.len() {
            let mut exchanged = whole.to_vec();
            exchanged[one].1 = whole[other].1.clone();
            exchanged[other].1 = whole[one].1.clone();
            all.push((format!("entries {one} and {other} exchanged"), exchanged));
        }
        for place in 0..whole.len() {
            let mut inserted = whole.to_vec();
            inserted.insert(place, (whole[place].0, whole[one].1.clone()));
            all.push((format!("entry {one} inserted at {place}"), inserted));
        }
    }
    all
}

fn seq((_, (entry, _)): &Placed) -> u64 {
    Entry::decode(entry).unwrap().seq
}

#[test]
fn every_removal_exchange_insertion_and_cut_is_found_where_it_is() {
    let (disk, size) = journal_of(5);
    let known = Expectation { heads: Vec::from_iter(check(&disk).head), ..Expectation::default() };
    let bytes = disk.bytes(&segment(0));
    let whole = flat(&take_apart(&bytes));
    assert_eq!(whole.iter().map(seq).collect::<Vec<_>>(), (0..size).collect::<Vec<_>>());
    let all = changes(&whole);
    assert_eq!(all.len(), 9 + 9 + 9 * 8 / 2 + 9 * 9);
    for (what, changed) in all {
        disk.set_bytes(&segment(0), &put_together(&bytes, &grouped(&changed)));
        let report = audit(&disk, &known);
        let what = format!("{what}: {:?}", report.findings);
        let is_right = |at: &u64| changed.get(narrow(*at)).map(seq) == Some(*at);
        let right = wide((0..size).take_while(is_right).count());
        let first = report.findings.first().unwrap_or_else(|| panic!("{what}"));
        match first.fault {
            Fault::Shorter { size, .. } => assert_eq!(size, right, "{what}"),
            _ => assert_eq!(first.at.seq, right, "{what}"),
        }
    }
}
