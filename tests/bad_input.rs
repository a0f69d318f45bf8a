//! Bad input, driven through the real programs: whatever stands where a source, a
//! bundle, a trust root, a site file, an input, a message or a journal is expected,
//! the answer is an error that says what and where, with the exit code that belongs
//! to it, in bounded time and memory, and never a panic.

#![expect(clippy::expect_used, reason = "a test that can't go on must fail, and say why")]

#[path = "bad_input/file.rs"]
mod file;
#[path = "bad_input/inbox.rs"]
mod inbox;
#[path = "bad_input/journal.rs"]
mod journal;
#[path = "bad_input/process.rs"]
mod process;

use rye_tests::site::Site;
use rye_tests::transcript::Told;

/// `ryed run` of the playbook that ships, but for what one test puts elsewhere.
const RUN: &str = "ryed run contain.ryeb --playbook contain_scanner --input alert.json \
                   --store store --trust trust.root --site site.toml --mode enforce";

const RESUME: &str = "ryed resume --store store --trust trust.root --site site.toml";

/// A site with the sample alert.
fn desk() -> Site {
    let site = Site::new(|_, _| {});
    site.write("alert.json", include_bytes!("../playbooks/contain_scanner/alert.json"));
    site
}

/// What a line answers within a minute and 2 GiB, with one of these exit codes.
fn survives(site: &Site, what: &str, line: &str, codes: &[i32]) -> Told {
    let told = site.shell(&format!("ulimit -v 2097152; timeout 60 {line}"));
    let what = format!("{what}: {line}");
    assert!(codes.contains(&told.code), "{what}: expected {codes:?}: {}", brief(&told));
    let said = [told.stdout.as_str(), told.stderr.as_str()].concat();
    assert!(!said.contains("panicked"), "{what}: {}", brief(&told));
    let escapes = |c: char| c.is_control() && c != '\n' && c != '\t';
    assert!(!said.contains(escapes), "{what}: moves the cursor: {}", brief(&told));
    assert!(said.len() < 1 << 20, "{what}: {} bytes were said", said.len());
    assert!(told.code == 0 || !said.is_empty(), "{what}: says nothing: {told:?}");
    told
}

fn brief(told: &Told) -> String {
    format!("{told:?}").chars().take(2_000).collect()
}

/// What belongs there is right, and does what it should.
fn fine(site: &Site, line: &str) -> Told {
    survives(site, "as it should be", line, &[0])
}

/// Bytes without sense, the same ones every time.
fn noise(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        (mixed >> 56) as u8
    };
    std::iter::repeat_with(&mut next).take(length).collect()
}

/// What somebody, or a broken disk, may put in the place of `good`.
fn variants(good: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut all = vec![
        (String::from("nothing"), Vec::new()),
        (String::from("zeroes"), vec![0; 4_096]),
        (String::from("a text"), b"hello\n".to_vec()),
        (String::from("no UTF-8"), vec![0xff; 300]),
        (String::from("noise"), noise(1, 5_000)),
        (String::from("twice"), [good, good].concat()),
        (String::from("one byte more"), [good, b"\0"].concat()),
        (String::from("an escape in front"), [b"\x1b[2J\x1b[31m".as_slice(), good].concat()),
    ];
    for part in 1..8_usize {
        let (before, behind) = good.split_at(good.len() * part / 8);
        let at = before.len();
        all.push((format!("cut to {at} bytes"), before.to_vec()));
        for (what, instead) in [
            ("flipped", behind.iter().take(1).map(|byte| byte ^ (1 << part)).collect()),
            ("and those behind it noise", noise(part as u64, 16.min(behind.len()))),
        ] {
            let rest = behind.iter().skip(instead.len()).copied();
            let bytes = before.iter().copied().chain(instead).chain(rest).collect();
            all.push((format!("byte {at} {what}"), bytes));
        }
    }
    all
}
