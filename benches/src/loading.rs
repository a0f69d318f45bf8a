//! Loading a bundle: its signature beside a bare check of one, and all of it (signature,
//! decoding, proof, binding) beside another engine's validation of as many bytes.

use std::fs;

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

/// How many bytes of code a large bundle has, about.
const LARGE: usize = 1 << 20;

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
    let site = Site::new();
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
    fn new(site: &Site, name: &str, source: &str) -> Self {
        let path = site.bundle(name, source);
        let bytes = fs::read(&path).expect("a bundle");
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
    let load = Load::new(site, "small", &functions(1));
    let key = SigningKey::from_bytes(&[7; 32]);
    let signature = key.sign(&load.bytes);
    let public = VerifyingKey::from(&key);
    let bare = || public.verify_strict(&load.bytes, &signature).expect("a good signature");
    Comparison {
        what: format!("signature of a bundle of {} bytes", load.bytes.len()),
        unit: Unit::Nanoseconds,
        figures: in_turns(vec![
            Contender::new(RYE, || load.signature()),
            Contender::new("a bare `verify_strict`", bare),
        ]),
        goals: vec![Goal::Times(1.2, "a bare `verify_strict`")],
    }
}

fn large(site: &Site, validators: &mut [Box<dyn Validator>]) -> Comparison {
    let few = Load::new(site, "few", &functions(100)).bytes.len();
    let many = Load::new(site, "many", &functions(200)).bytes.len();
    let load = Load::new(site, "large", &functions(LARGE * 100 / (many - few)));
    let length = load.bytes.len();
    let mut contenders = vec![Contender::new(RYE, || load.all())];
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
