//! What stands in the place of a journal.

use std::fs;

use rye_tests::namespace::as_root;
use rye_tests::site::Site;

use crate::{RESUME, RUN, desk, fine, noise, survives};

const SEGMENT: &str = "bad/journal/00000000000000000000.segment";
const NEXT: &str = "bad/journal/00000000000000000001.segment";

/// The findings that `journal verify` knows.
const FINDINGS: &[i32] = &[10, 11, 12, 17, 18, 19];

/// What is found of a journal whose end is cut off: of whole groups nothing.
const CUT: &[i32] = &[0, 10, 11, 12, 17, 19];

/// What is found of it by somebody who knows its end.
const CUT_FOR_WHO_KNOWS: &[i32] = &[10, 11, 12, 14, 17, 19];

/// Lets all programs look at the store `bad`. What is wrong with it is found, and
/// nothing is done on it.
fn look(site: &Site, what: &str, run: &str, found: &[i32]) {
    let verify = survives(site, what, "ryectl --store bad journal verify", found);
    survives(site, what, "ryectl --store bad --json journal verify", &[verify.code]);
    let is_sound = matches!(verify.code, 0 | 19);
    // The run itself may have been cut off.
    let readers = if is_sound { &[0, 1][..] } else { &[0, 1, 2, 4][..] };
    for words in ["runs", "contained", "journal show", "journal export", &format!("show {run}")] {
        survives(site, what, &format!("ryectl --store bad {words}"), readers);
    }
    let before = content(site);
    let resume = RESUME.replace("--store store", "--store bad");
    let told = survives(site, what, &resume, if is_sound { &[0, 3, 4] } else { &[1, 2, 4] });
    if !is_sound {
        assert!(before == content(site), "{what}: changed");
        assert!(told.stderr.contains("help: "), "{what}: {told:?}");
    }
}

/// The bytes of the segment, if it is a file that can be read at once.
fn content(site: &Site) -> Option<Vec<u8>> {
    let path = site.at(SEGMENT);
    let found = fs::symlink_metadata(&path).ok()?;
    (found.is_file() && found.len() < 1 << 26).then(|| fs::read(&path).ok()).flatten()
}

/// A store in which a run was rolled back, and its run's id.
fn used_store(site: &Site) -> String {
    fine(site, RUN);
    let runs = fine(site, "ryectl --store store --json runs").stdout;
    let run = runs.split("\"run\":\"").nth(1).and_then(|it| it.split('"').next()).expect("an id");
    fine(site, &format!("ryectl --store store --key operator rollback {run} --yes"));
    fine(site, RESUME);
    assert_eq!(site.blocks(), 0);
    run.to_owned()
}

fn copy(site: &Site) {
    fine(site, "sh -c 'rm -rf bad; cp -r store bad'");
}

#[test]
fn any_flipped_or_missing_byte_of_a_journal_is_found() {
    as_root(|| {
        let site = desk();
        let run = used_store(&site);
        copy(&site);
        look(&site, "a copy", &run, &[0]);
        copy(&site);
        let verified = fine(&site, "ryectl --store store journal verify").stdout;
        let head = verified.trim().rsplit(' ').next().expect("a head");
        let good = fs::read(site.at(SEGMENT)).expect("a segment");
        let end = good.iter().rposition(|byte| *byte != 0).expect("entries");
        let says: Vec<usize> = (0..=end).filter(|at| good[*at] != 0).collect();
        for part in 0..12 {
            copy(&site);
            let at = says[says.len() * part / 12];
            let mut bytes = good.clone();
            bytes[at] ^= 1 << (part % 8);
            fs::write(site.at(SEGMENT), bytes).expect("our own file");
            look(&site, &format!("byte {at} flipped"), &run, FINDINGS);
        }
        for part in 0..8 {
            copy(&site);
            let length = end * part / 8;
            fs::write(site.at(SEGMENT), &good[..length]).expect("our own file");
            // That whole groups are missing at the end, only a known head can tell.
            let what = format!("cut to {length} bytes");
            let verify = format!("ryectl --store bad journal verify --head {head}");
            survives(&site, &what, &verify, CUT_FOR_WHO_KNOWS);
            look(&site, &what, &run, CUT);
            let mut bytes = good.clone();
            let some = noise(part as u64, 4_096);
            bytes[length..length + 4_096].copy_from_slice(&some);
            copy(&site);
            fs::write(site.at(SEGMENT), bytes).expect("our own file");
            look(&site, &format!("noise from byte {length} on"), &run, FINDINGS);
        }
    });
}

#[test]
fn what_is_no_segment_or_a_foreign_one_is_found() {
    as_root(|| {
        let site = desk();
        let run = used_store(&site);
        let other = RUN.replace("--store store", "--store other").replace("enforce", "shadow");
        fine(&site, &other);
        for (what, change, found) in [
            ("an empty segment", format!(": > {SEGMENT}"), FINDINGS),
            ("an empty segment behind", format!(": > {NEXT}"), FINDINGS),
            ("zeroes behind", format!("truncate -s 4M {NEXT}"), FINDINGS),
            ("a giant", format!("truncate -s 64G {SEGMENT}"), FINDINGS),
            ("a folder as segment", format!("rm {SEGMENT}; mkdir {SEGMENT}"), &[4, 10, 12]),
            ("a pipe as segment", format!("rm {SEGMENT}; mkfifo {SEGMENT}"), &[4, 10, 12]),
            ("a link to nowhere", format!("rm {SEGMENT}; ln -s x {SEGMENT}"), &[2]),
            ("a device", format!("rm {SEGMENT}; ln -s /dev/zero {SEGMENT}"), &[4, 10, 12]),
            (
                "a foreign segment behind",
                format!("cp {} {NEXT}", SEGMENT.replace("bad", "other")),
                FINDINGS,
            ),
            ("itself again", format!("cp {SEGMENT} {NEXT}"), FINDINGS),
            ("a gap", format!("mv {SEGMENT} {NEXT}"), FINDINGS),
        ] {
            copy(&site);
            fine(&site, &format!("sh -c '{change}'"));
            look(&site, what, &run, found);
        }
        for (what, change) in [
            ("no segment", format!("rm {SEGMENT}")),
            ("a file as journal", String::from("rm -r bad/journal; : > bad/journal")),
            ("no journal", String::from("rm -r bad/journal")),
        ] {
            copy(&site);
            fine(&site, &format!("sh -c '{change}'"));
            look(&site, what, &run, &[2]);
        }
        for (what, change) in [
            ("other files", "touch bad/journal/x.segment bad/journal/1.segment bad/x"),
            ("a folder as reserve", "rm bad/journal/reserve; mkdir bad/journal/reserve"),
            ("no inbox", "rm -r bad/inbox"),
            ("no bundles", "rm -r bad/bundles"),
            ("no lock", "rm bad/lock"),
            ("noise in the lock", "head -c 1000 /dev/urandom > bad/lock"),
        ] {
            copy(&site);
            fine(&site, &format!("sh -c '{change}'"));
            fine(&site, "ryectl --store bad journal verify");
            fine(&site, "ryectl --store bad runs");
            survives(&site, what, &RESUME.replace("--store store", "--store bad"), &[0, 4]);
        }
    });
}
