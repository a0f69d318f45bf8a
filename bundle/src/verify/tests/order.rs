//! The first check that fails is the one that is reported.

use super::*;

/// A change that makes one step fail, in the order of the steps.
type Spoil = fn(&mut Manifest, &mut Conditions<'_>, &mut TrustRootDraft);

const STEPS: &[(&str, Spoil)] = &[
    ("E_CLOCK", |_, c, _| c.latest_seen = UnixSeconds(NOW.0 + 301)),
    ("E_ROOT_EXPIRED", |_, _, d| d.expires_at = NOW),
    ("E_NO_TRUSTED_SIG", |_, _, d| {
        d.keys
            .iter_mut()
            .filter(|key| key.public.id() == id(ALICE))
            .for_each(|k| k.not_after = NOW);
    }),
    ("E_SECTION_UNKNOWN", |_, c, _| c.section_kinds = &[1, 4]),
    ("E_AUDIENCE", |_, _, d| d.environment = "elsewhere".parse().unwrap()),
    ("E_DELEGATION", |m, _, _| m.name = name("nobody/may")),
    ("E_NOT_YET_VALID", |m, _, _| m.not_before = at(1)),
    ("E_LIFETIME", |m, _, _| m.expires_at = at(1_000)),
    ("E_ISA", |m, _, _| m.isa_version = 9),
    ("E_DAEMON_TOO_OLD", |m, _, _| m.min_daemon.major = 9),
    ("E_RUN_BUNDLE", |_, c, _| c.purpose = Purpose::Resume(Digest([0; 32]))),
];

fn code(spoils: &[Spoil]) -> &'static str {
    let (mut manifest, mut draft) = (manifest(), draft());
    let (supported, known) = (supported(), KnownVersions::new());
    let mut conditions = conditions(&supported, &known);
    for spoil in spoils {
        spoil(&mut manifest, &mut conditions, &mut draft);
    }
    let bundle = open(&signed_manifest(manifest, &[ALICE])).unwrap();
    match bundle.authenticate(&accepted(draft), &conditions) {
        Ok(_) => "loaded",
        Err(refusal) => refusal.code(),
    }
}

#[test]
fn each_step_fails_alone() {
    assert_eq!(code(&[]), "loaded");
    for (expected, spoil) in STEPS {
        assert_eq!(code(&[*spoil]), *expected);
    }
}

#[test]
fn of_two_the_earlier_is_reported() {
    for (index, (expected, earlier)) in STEPS.iter().enumerate() {
        for (also, later) in &STEPS[index..] {
            // Whoever goes on with a run asks for no root that is in force.
            if (*expected, *also) == ("E_ROOT_EXPIRED", "E_RUN_BUNDLE") {
                continue;
            }
            assert_eq!(code(&[*later, *earlier]), *expected);
        }
    }
}
