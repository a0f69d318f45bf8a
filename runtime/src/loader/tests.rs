use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};

use rye_bundle::payload::Payload;
use rye_core::impact::Impact;

use super::*;
use crate::fixture::{ALICE, CONTAIN, Folder, MALLORY, at, now, payload, registry, signed};

/// What becomes of a bundle file with these bytes.
fn load(bytes: &[u8], known: &KnownVersions) -> Result<Loaded, LoadError> {
    let folder = Folder::new();
    let path = folder.write("x.ryeb", bytes);
    let moment = Moment { now: now(), latest_seen: now(), known };
    folder.loader(registry(&payload(CONTAIN))).load_file(&path, moment)
}

fn code(payload: &Payload, who: u8) -> &'static str {
    load(&signed(payload, who), &KnownVersions::new())
        .map_or_else(|error| error.code(), |_| "taken")
}

#[test]
fn a_good_bundle_is_loaded() {
    let bytes = signed(&payload(CONTAIN), ALICE);
    let loaded = load(&bytes, &KnownVersions::new()).unwrap();
    assert_eq!(loaded.name.as_str(), "soc/contain");
    assert_eq!((loaded.version, loaded.floor, loaded.signers.len()), (7, 5, 1));
    assert_eq!(loaded.playbook("contain"), Some((0, Mode::Enforce)));
    assert_eq!(loaded.playbook("another"), None);
    assert_eq!(loaded.bytes, bytes);
}

#[test]
fn what_is_not_signed_by_somebody_trusted_is_refused() {
    let payload = payload(CONTAIN);
    assert_eq!(code(&payload, MALLORY), "E_NO_TRUSTED_SIG");
    let unsigned = rye_bundle::sign::unsigned_bundle(&payload).unwrap();
    assert_eq!(load(&unsigned, &KnownVersions::new()).unwrap_err().code(), "E_SIG_COUNT");
    let mut altered = signed(&payload, ALICE);
    altered[400] ^= 1;
    assert_eq!(load(&altered, &KnownVersions::new()).unwrap_err().code(), "E_SIG_INVALID");
}

#[test]
fn every_bit_of_a_bundle_matters() {
    let folder = Folder::new();
    let good = signed(&payload(CONTAIN), ALICE);
    let loader = folder.loader(registry(&payload(CONTAIN)));
    let known = KnownVersions::new();
    let moment = Moment { now: now(), latest_seen: now(), known: &known };
    for byte in (0..good.len()).step_by(37) {
        let mut bytes = good.clone();
        bytes[byte] ^= 0x10;
        assert!(loader.load(&bytes, moment, Purpose::Load).is_err(), "byte {byte}");
    }
}

#[test]
fn a_manifest_that_says_less_than_the_code_does_is_refused() {
    let good = payload(CONTAIN);
    let with = |change: &dyn Fn(&mut Manifest)| {
        let mut payload = good.clone();
        change(&mut payload.manifest);
        code(&payload, ALICE)
    };
    assert_eq!(with(&|_| {}), "taken");
    assert_eq!(with(&|m| m.entry_points[0].worst_case.uses[0] = 0), "E_CAP_MISMATCH");
    assert_eq!(with(&|m| m.entry_points[0].worst_case.waiting_micros -= 1), "E_CAP_MISMATCH");
    assert_eq!(with(&|m| m.entry_points[0].impact = Impact::Observe), "E_IMPACT");
    assert_eq!(with(&|m| m.capabilities[0].impact = Impact::Observe), "E_CAP_MISMATCH");
    assert_eq!(with(&|m| m.limits.fuel = u64::MAX - 1), "E_POLICY");
    assert_eq!(with(&|m| m.audience = vec!["production".parse().unwrap()]), "E_AUDIENCE");
    assert_eq!(with(&|m| m.expires_at = at(-1)), "E_EXPIRED");
    assert_eq!(with(&|m| m.isa_version = 2), "E_ISA");
    assert_eq!(with(&|m| m.min_daemon.major = 9), "E_DAEMON_TOO_OLD");
}

#[test]
fn code_that_can_not_be_proved_is_refused_however_well_it_is_signed() {
    let mut cut = payload(CONTAIN);
    let code_section = cut.sections.iter_mut().find(|section| section.kind == 4).unwrap();
    code_section.bytes.pop();
    assert_eq!(code(&cut, ALICE), "E_VERIFY");
    let mut unproved = rye_bytecode::assemble(CONTAIN).unwrap();
    // The end of the playbook is gone, so control would fall out of the function.
    unproved.functions[0].code.pop();
    let mut payload = payload(CONTAIN);
    let section = |(kind, bytes)| Section { kind, bytes };
    payload.sections = rye_bytecode::encode(&unproved).unwrap().into_iter().map(section).collect();
    assert_eq!(code(&payload, ALICE), "E_VERIFY");
}

#[test]
fn actions_must_be_those_that_the_adapters_carry_out() {
    let folder = Folder::new();
    let payload = payload(CONTAIN);
    let bytes = signed(&payload, ALICE);
    let known = KnownVersions::new();
    let moment = Moment { now: now(), latest_seen: now(), known: &known };
    let said = |registry: Registry| {
        let error = folder.loader(registry).load(&bytes, moment, Purpose::Load).unwrap_err();
        assert!(error.is_incapable());
        format!("{error}; {}", error.help())
    };
    assert_eq!(
        said(Registry::default()),
        "E_ACTION_SCHEMA: `std.firewall.block`: expected an adapter that carries it out, found \
         none; bind `std.firewall` in the site file"
    );
    let mut other = registry(&payload);
    other.0.insert("std.firewall.block".into(), Digest([0; 32]));
    assert!(said(other).starts_with("E_ACTION_SCHEMA: `std.firewall.block`: the bundle was built"));
}

#[test]
fn older_versions_and_second_contents_of_one_are_refused() {
    let good = payload(CONTAIN);
    let bytes = signed(&good, ALICE);
    let digest = load(&bytes, &KnownVersions::new()).unwrap().digest;
    let known = |version, digest, floor| {
        let mut known = KnownVersions::new();
        known.record(good.manifest.name.clone(), version, digest, floor);
        known
    };
    let code = |known| load(&bytes, &known).map_or_else(|error| error.code(), |_| "taken");
    assert_eq!(code(known(7, digest, 5)), "taken");
    assert_eq!(code(known(8, Digest([1; 32]), 5)), "E_ROLLBACK");
    assert_eq!(code(known(8, Digest([1; 32]), 8)), "E_REVOKED");
    assert_eq!(code(known(7, Digest([1; 32]), 5)), "E_EQUIVOCATION");
}

#[test]
fn a_run_goes_on_with_its_own_bundle_whatever_was_loaded_since() {
    let folder = Folder::new();
    let payload = payload(CONTAIN);
    let bytes = signed(&payload, ALICE);
    let loader = folder.loader(registry(&payload));
    let mut known = KnownVersions::new();
    known.record(payload.manifest.name.clone(), 8, Digest([1; 32]), 6);
    let moment = Moment { now: now(), latest_seen: now(), known: &known };
    let digest = rye_bundle::verify::open(&bytes).unwrap().digest();
    assert!(loader.load(&bytes, moment, Purpose::Resume(digest)).is_ok());
    let other = loader.load(&bytes, moment, Purpose::Resume(Digest([9; 32]))).unwrap_err();
    assert_eq!((other.code(), other.is_incapable()), ("E_RUN_BUNDLE", false));
}

#[test]
fn the_file_is_a_plain_one_that_not_everybody_may_change() {
    let folder = Folder::new();
    let payload = payload(CONTAIN);
    let path = folder.write("x.ryeb", &signed(&payload, ALICE));
    let link = folder.path("link.ryeb");
    symlink(&path, &link).unwrap();
    let loader = folder.loader(registry(&payload));
    let known = KnownVersions::new();
    let moment = Moment { now: now(), latest_seen: now(), known: &known };
    let code = |path: &Path| loader.load_file(path, moment).unwrap_err().code();
    assert_eq!(code(&link), "E_PERM");
    assert_eq!(code(&folder.path("none")), "E_IO");
    fs::set_permissions(&path, Permissions::from_mode(0o666)).unwrap();
    assert_eq!(code(&path), "E_PERM");
}

#[test]
fn the_trust_root_is_the_pinned_one_of_this_environment() {
    let folder = Folder::new();
    let said = |site: &Site| {
        Loader::new(folder.offers(), site, Registry::default()).unwrap_err().to_string()
    };
    let digest = crate::fixture::trust_root().digest();
    let elsewhere = format!("environment = \"shop\"\ntrust_root_digest = \"{digest}\"\n");
    let elsewhere = Site::parse(Path::new("site.toml"), elsewhere).unwrap();
    assert!(said(&elsewhere).starts_with(
        "site.toml:1:15: `environment`: the trust root is that of `lab`, not of `shop`"
    ));
    let zero = "0".repeat(64);
    let other = format!("environment = \"lab\"\ntrust_root_digest = \"{zero}\"\n");
    let other = Site::parse(Path::new("site.toml"), other).unwrap();
    assert!(said(&other).contains("E_ROOT_PIN"), "{}", said(&other));
}
