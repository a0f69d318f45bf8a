//! A desk in a folder of its own, with keys that are always the same ones, and a
//! record of what was typed and said there.

use std::fmt::Write;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use rye_bundle::archive::Archive;
use rye_bundle::key_file::{write_public_key, write_secret_key};
use rye_bundle::payload::Payload;
use rye_bundle::sign::{sign_bundle, unsigned_bundle};
use rye_bundle::signature::SecretKey;
use tempfile::TempDir;

const PLAYBOOK: &str = include_str!("playbook.rye");
const DESCRIPTION: &str = include_str!("trust.toml");

/// When bundles are built, and when they are looked at.
const BUILT: &str = "2026-02-01T00:00:00Z";
const LOOKED: &str = "2026-03-01T00:00:00Z";

/// Who has which key; the number fills the seed.
const KEYS: &[(&str, u8)] = &[
    ("alice", 1),
    ("alice-too", 2),
    ("build", 3),
    ("carol", 4),
    ("dora", 5),
    ("erin", 6),
    ("fred", 7),
    ("mallory", 66),
];

/// What a call gave back.
pub(crate) struct Said {
    pub(crate) exit: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

pub(crate) struct Desk {
    folder: TempDir,
    record: String,
    pin: String,
    /// Whether all times are given, so that they can stand in the record.
    timeless: bool,
}

impl Desk {
    /// With nothing but a playbook.
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let desk = Self { folder, record: String::new(), pin: String::new(), timeless: false };
        desk.write("playbook.rye", PLAYBOOK);
        desk.write("pass", "correct horse battery staple\n");
        desk.set_mode("pass", 0o600);
        desk
    }

    /// With everybody's keys, a description, and the trust root that it describes.
    pub(crate) fn furnished() -> Self {
        let mut desk = Self { timeless: true, ..Self::new() };
        for (name, seed) in KEYS {
            let key = key(*seed);
            desk.write(&format!("{name}.key"), &write_secret_key(&key));
            desk.set_mode(&format!("{name}.key"), 0o600);
            desk.write(&format!("{name}.key.pub"), &write_public_key(key.public()));
        }
        desk.write("trust.toml", DESCRIPTION);
        desk.issue();
        desk
    }

    /// Makes the trust root anew of its description.
    pub(crate) fn issue(&mut self) {
        self.quiet("trust new trust.toml -o root.ryer --force", 0);
        self.quiet("trust sign root.ryer --key dora.key", 0);
        self.quiet("trust sign root.ryer --key erin.key", 0);
        let line = self.quiet("trust pin root.ryer", 0);
        self.pin = line.split('"').nth(1).unwrap().into();
    }

    pub(crate) fn pin(&self) -> &str {
        &self.pin
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    pub(crate) fn mode(&self, name: &str) -> u32 {
        fs::metadata(self.path(name)).unwrap().permissions().mode()
    }

    pub(crate) fn set_mode(&self, name: &str, mode: u32) {
        fs::set_permissions(self.path(name), fs::Permissions::from_mode(mode)).unwrap();
    }

    /// The names of what lies on the desk.
    pub(crate) fn files(&self) -> Vec<String> {
        let entries = fs::read_dir(self.folder.path()).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    /// Calls the program; the words of `call` are separated by blanks.
    pub(crate) fn run(&self, call: &str) -> Said {
        let output = Command::new(env!("CARGO_BIN_EXE_ryec"))
            .args(call.split_whitespace())
            .current_dir(self.folder.path())
            .output()
            .unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        let exit = output.status.code().expect("an exit code");
        Said { exit, stdout: text(output.stdout), stderr: text(output.stderr) }
    }

    /// Lets a shell do what a page says, on a terminal of its own, where somebody types
    /// the same passphrase whenever one is asked for; it ends at the first thing that fails.
    pub(crate) fn shell(&self, block: &str) {
        let programs = Path::new(env!("CARGO_BIN_EXE_ryec")).parent().unwrap().to_owned();
        let path = std::env::var_os("PATH").unwrap_or_default();
        let folders = std::iter::once(programs).chain(std::env::split_paths(&path));
        self.write("block.sh", block);
        let typing = "yes 'correct horse' | head -n 64 | script -qec 'sh -e block.sh' /dev/null";
        let output = Command::new("sh")
            .args(["-c", typing])
            .env("PATH", std::env::join_paths(folders).unwrap())
            .current_dir(self.folder.path())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{block}\n{said}");
    }

    /// Calls the program and records it; what it printed as its result.
    pub(crate) fn ryec(&mut self, call: &str, exit: i32) -> String {
        self.recorded(call, call, exit)
    }

    /// Calls the program without a record.
    pub(crate) fn quiet(&self, call: &str, exit: i32) -> String {
        let said = self.run(call);
        assert_eq!(said.exit, exit, "ryec {call}\n{}{}", said.stdout, said.stderr);
        said.stdout
    }

    /// Builds the playbook as a bundle of this name.
    pub(crate) fn build(&self, name: &str, out: &str) {
        let call = format!("build playbook.rye -o {out} --name {name} --created-at {BUILT}");
        self.quiet(&format!("{call} --expires-in 90d"), 0);
    }

    /// Verifies a bundle under the desk's trust root, and records it.
    pub(crate) fn verify(&mut self, bundle: &str, options: &str, exit: i32) {
        let call = self.verify_call(bundle, options);
        let shown = format!("verify {bundle} {options}");
        self.recorded(&call, shown.trim_end(), exit);
    }

    pub(crate) fn quiet_verify(&self, bundle: &str, options: &str, exit: i32) -> String {
        self.quiet(&self.verify_call(bundle, options), exit)
    }

    fn verify_call(&self, bundle: &str, options: &str) -> String {
        let call = format!("verify {bundle} --trust root.ryer --pin {} {options}", self.pin);
        if options.contains("--as-of") { call } else { format!("{call} --as-of {LOOKED}") }
    }

    fn recorded(&mut self, call: &str, shown: &str, exit: i32) -> String {
        let said = self.run(call);
        let Said { stdout, stderr, .. } = &said;
        assert_eq!(said.exit, exit, "ryec {call}\n{stdout}{stderr}");
        let note = if exit == 0 { String::new() } else { format!("[exit {exit}]\n") };
        write!(self.record, "$ ryec {shown}\n{stdout}{stderr}{note}\n").unwrap();
        said.stdout
    }

    /// Compares the record with the golden file, and begins another.
    pub(crate) fn compare(&mut self, name: &str) {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/trust");
        let golden = folder.join(format!("{name}.txt"));
        let record = readable(&std::mem::take(&mut self.record), self.timeless);
        if std::env::var_os("BLESS").is_some() {
            fs::write(&golden, &record).unwrap();
        }
        let expected = fs::read_to_string(&golden).unwrap_or_default();
        assert!(record == expected, "{name}: BLESS=1 rewrites\n{record}\n--- {expected}");
    }
}

/// Says whose a key is, and hides what is of chance or of today.
fn readable(record: &str, timeless: bool) -> String {
    let mut text = record.to_owned();
    for (name, seed) in KEYS {
        text = text.replace(&key(*seed).public().id().to_string(), &format!("<key of {name}>"));
    }
    let part_of_a_word = |c: char| c.is_ascii_alphanumeric() || "-:".contains(c);
    let mut shown = String::new();
    for word in text.split_inclusive(|c| !part_of_a_word(c)) {
        let bare = word.trim_end_matches(|c| !part_of_a_word(c));
        let is_digest = bare.len() == 64 && bare.bytes().all(|it| it.is_ascii_hexdigit());
        let is_time = bare.len() == 20 && bare.starts_with("20") && bare.ends_with('Z');
        let hidden = match bare {
            _ if is_digest => "<digest>",
            _ if is_time && !timeless => "<time>",
            _ => bare,
        };
        shown.push_str(hidden);
        shown.push_str(&word[bare.len()..]);
    }
    shown
}

fn key(seed: u8) -> SecretKey {
    SecretKey::from_seed(&[seed; 32]).unwrap()
}

/// The unsigned bundle in `from`, changed, in `to`.
pub(crate) fn altered(from: &Path, to: &Path, alter: impl Fn(&mut Payload)) {
    let archive = Archive::decode(&fs::read(from).unwrap()).unwrap();
    let mut payload = Payload::decode(archive.payload()).unwrap();
    alter(&mut payload);
    fs::write(to, unsigned_bundle(&payload).unwrap()).unwrap();
}

/// The same, signed by Alice with a signer that doesn't look.
pub(crate) fn forged(from: &Path, to: &Path, alter: impl Fn(&mut Payload)) {
    altered(from, to, alter);
    fs::write(to, sign_bundle(&fs::read(to).unwrap(), &key(1)).unwrap()).unwrap();
}
