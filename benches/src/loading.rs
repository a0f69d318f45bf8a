//! Loading a bundle: its signature beside a bare check of one, and all of it (signature,
//! decoding, proof, binding) beside another engine's validation of as many bytes.

use core::fmt::Write as _;
use std::fs;
use std::path::Path;

use ed25519_dalek::{Signer, SigningKey, VerifyingKey};
use rye_bundle::known::KnownVersions;
use rye_bundle::verify::Purpose;
use rye_core::value::Time;
use rye_runtime::clock::Clock;
use rye_runtime::loader::{Loader, Moment};

use crate::rye::functions;
use crate::site::Site;
use crate::table::{Comparison, Goal, RYE, Unit};
use crate::timing::{Contender, in_turns};

/// The files of a large package, the functions of each, and the branches of each of those:
/// about a megabyte of code.
const FILES: usize = 4;
const FUNCTIONS: usize = 250;
const BRANCHES: usize = 30;

/// So many small bundles take turns: what was found of the last ones is remembered.
const BUNDLES: usize = 64;

/// Validates code of some size.
pub trait Validator {
    /// How the table calls it.
    fn name(&self) -> &'static str;
    /// Makes code of about so many bytes.
    fn prepare(&mut self, bytes: usize);
    /// How many it has.
    fn bytes(&self) -> usize;
    /// Validates it.
    fn validate(&mut self);
}

/// Small and large.
pub fn compare(validators: &mut [Box<dyn Validator>]) -> Vec<Comparison> {
    let site = Site::prepare();
    vec![signature(&site), large(&site, validators)]
}

fn now() -> Time {
    Clock::new().expect("a clock").now().wall
}

/// A bundle and what loads it.
struct Load {
    loader: Loader,
    bytes: Vec<u8>,
    known: KnownVersions,
    now: Time,
}

impl Load {
    fn new(site: &Site, bundle: &Path) -> Self {
        Self::of(site, fs::read(bundle).expect("a bundle"))
    }

    fn of(site: &Site, bytes: Vec<u8>) -> Self {
        Self { loader: site.loader(), bytes, known: KnownVersions::default(), now: now() }
    }

    fn moment(&self) -> Moment<'_> {
        Moment { now: self.now, latest_seen: self.now, known: &self.known }
    }

    fn all(&self) {
        let loaded = self.loader.load(&self.bytes, self.moment(), Purpose::Load);
        drop(loaded.unwrap_or_else(|error| panic!("{error}")));
    }

    fn signature(&self) {
        let bundle = self.loader.authenticate(&self.bytes, self.moment(), Purpose::Load);
        drop(bundle.unwrap_or_else(|error| panic!("{error}")));
    }
}

fn signature(site: &Site) -> Comparison {
    let bundle = |number| {
        let file = site.bundle(&format!("small_{number}"), &functions(1));
        fs::read(file).expect("a bundle")
    };
    let bundles: Vec<Vec<u8>> = (0..BUNDLES).map(bundle).collect();
    let mut turns = bundles.iter().cycle();
    let mut next = || turns.next().expect("bundles without end").as_slice();
    let (key, bytes) = (SigningKey::from_bytes(&[7; 32]), next());
    let mut load = Load::of(site, bytes.to_vec());
    let signature = key.sign(bytes);
    let public = VerifyingKey::from(&key);
    let bare = || public.verify_strict(bytes, &signature).expect("a good signature");
    Comparison {
        what: format!("signature of a bundle of {} bytes", bytes.len()),
        unit: Unit::Nanoseconds,
        figures: in_turns(vec![
            Contender::new(RYE, || {
                load.bytes = next().to_vec();
                load.signature();
            }),
            Contender::new("a bare `verify_strict`", bare),
        ]),
        goals: vec![Goal::Times(1.2, "a bare `verify_strict`")],
    }
}

/// A module of many functions that branch a lot.
fn part(file: usize) -> (String, String) {
    let mut text = String::from("//! Code that branches.\n");
    for function in 0..FUNCTIONS {
        write!(text, "\nfn branch_{function}(x: Int) -> Int {{\n    var sum = {file}\n")
            .expect("a text");
        for branch in 0..BRANCHES {
            let line =
                format!("if x % {} == {branch} {{ set sum = wrapping_add(sum, x) }}", branch + 7);
            writeln!(text, "    {line}").expect("a text");
        }
        text.push_str("    return sum\n}\n");
    }
    (format!("part_{file}"), text)
}

/// The playbook that uses them all.
fn main() -> (String, String) {
    let mut text = String::from("//! A playbook of much code.\n\n");
    for file in 0..FILES {
        writeln!(text, "use part_{file}").expect("a text");
    }
    text.push_str(
        "\nplaybook large(x: Int) {\n    severity low\n    deadline 10m\n    on failure hold\n\n",
    );
    for (file, function) in (0..FILES).flat_map(|file| (0..FUNCTIONS).map(move |it| (file, it))) {
        let call = format!("part_{file}.branch_{function}(x)");
        writeln!(text, "    if {call} == 0 {{ finish benign }}").expect("a text");
    }
    text.push_str("}\n");
    (String::from("main"), text)
}

fn large(site: &Site, validators: &mut [Box<dyn Validator>]) -> Comparison {
    let files: Vec<(String, String)> = (0..FILES).map(part).chain([main()]).collect();
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (&**name, &**text)).collect();
    let load = Load::new(site, &site.package("large", &files));
    let length = load.bytes.len();
    // A loader keeps the last proof: each time a fresh one, which reads the trust root too.
    let mut contenders = vec![Contender::new(RYE, || Load::of(site, load.bytes.clone()).all())];
    for validator in validators {
        validator.prepare(length);
        let name = format!("{} of {} bytes", validator.name(), validator.bytes());
        contenders.push(Contender::new(name, move || validator.validate()));
    }
    Comparison {
        what: format!("bundle of {length} bytes, loaded"),
        unit: Unit::Nanoseconds,
        figures: in_turns(contenders),
        goals: vec![Goal::Value(20e6)],
    }
}
