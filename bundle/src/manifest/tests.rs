use proptest::prelude::*;

use super::*;
use crate::fixture;

fn refused(change: impl FnOnce(&mut Manifest)) -> String {
    let mut manifest = fixture::manifest();
    change(&mut manifest);
    // What the reader would refuse, the writer refuses with the same words.
    let flaw = manifest.encode().unwrap_err();
    let read = Manifest::decode(&encoding::write(&manifest)).unwrap_err();
    let item = |field: &str| field.split('[').next().unwrap_or_default().to_owned();
    assert_eq!(item(&read.field), item(&flaw.field));
    flaw.field
}

#[test]
fn the_example_round_trips() {
    let manifest = fixture::manifest();
    assert_eq!(Manifest::decode(&manifest.encode().unwrap()), Ok(manifest));
}

#[test]
fn the_first_fields_are_those_of_the_table() {
    let bytes = fixture::manifest().encode().unwrap();
    let expected = b"\x00\x01\x00\x00\x00\x13soc/contain_scanner\x00\x00\x00\x00\x00\x00\x00\x07\
        \x00\x00\x00\x051.2.0\x00\x00\x00\x00\x00\x00\x00\x05\
        \x00\x00\x00\x02\x00\x00\x00\x0aproduction";
    assert_eq!(&bytes[..expected.len()], expected);
}

#[test]
fn fields_must_fit_together() {
    assert_eq!(refused(|m| (m.version, m.rollback_floor) = (0, 0)), "bundle_version");
    assert_eq!(refused(|m| m.rollback_floor = 8), "rollback_floor");
    assert_eq!(refused(|m| m.audience.clear()), "audience");
    assert_eq!(refused(|m| m.audience.reverse()), "audience");
    assert_eq!(refused(|m| m.not_before = m.expires_at), "not_before");
    assert_eq!(refused(|m| m.created_at = m.expires_at), "created_at");
    assert_eq!(refused(|m| m.limits.fuel = 0), "limits.fuel");
    assert_eq!(refused(|m| m.limits.fuel = u64::MAX), "limits.fuel");
    assert_eq!(refused(|m| m.limits.memory_bytes = u64::MAX), "limits.memory_bytes");
    assert_eq!(refused(|m| m.entry_points.clear()), "entry_points");
    assert_eq!(refused(|m| m.entry_points.push(m.entry_points[0].clone())), "entry_points");
    assert_eq!(refused(|m| m.capabilities.reverse()), "capabilities");
}

#[test]
fn no_bound_is_missing_or_unknown() {
    let worst = |change: fn(&mut WorstCase)| refused(|m| change(&mut m.entry_points[0].worst_case));
    assert_eq!(worst(|w| w.fuel = u64::MAX), "entry_points[0].fuel");
    assert_eq!(worst(|w| w.waiting_micros = u64::MAX), "entry_points[0].waiting_micros");
    assert_eq!(worst(|w| w.queries = u64::MAX), "entry_points[0].queries");
    assert_eq!(worst(|w| w.uses[1] = u64::MAX), "entry_points[0].uses");
    assert_eq!(worst(|w| w.uses.truncate(2)), "entry_points[0].uses");
}

#[test]
fn lists_may_be_as_long_as_their_limits_and_no_longer() {
    let mut manifest = fixture::manifest();
    let environment = |n| EnvironmentId::new(&format!("e{n:03}")).unwrap();
    manifest.audience = (0..AUDIENCE_MAX).map(environment).collect();
    let entry = manifest.entry_points[0].clone();
    let entry_point = |n| EntryPoint {
        name: EntryPointName::new(&format!("p{n:03}")).unwrap(),
        worst_case: WorstCase { uses: vec![0; CAPABILITIES_MAX], ..entry.worst_case.clone() },
        ..entry.clone()
    };
    manifest.entry_points = (0..ENTRY_POINTS_MAX).map(entry_point).collect();
    let capability = manifest.capabilities[0].clone();
    let capability = |n| Capability {
        name: ActionName::new(&format!("c{n:03}")).unwrap(),
        ..capability.clone()
    };
    manifest.capabilities = (0..CAPABILITIES_MAX).map(capability).collect();
    assert_eq!(Manifest::decode(&manifest.encode().unwrap()), Ok(manifest.clone()));

    assert_eq!(refused(|m| m.audience = (0..=AUDIENCE_MAX).map(environment).collect()), "audience");
    let mut long = manifest.clone();
    long.entry_points = (0..=ENTRY_POINTS_MAX).map(entry_point).collect();
    assert_eq!(long.encode().unwrap_err().field, "entry_points");
    let mut long = manifest;
    long.capabilities = (0..=CAPABILITIES_MAX).map(capability).collect();
    assert_eq!(long.encode().unwrap_err().field, "capabilities");
}

#[test]
fn a_manifest_ends_where_it_ends() {
    let mut bytes = fixture::manifest().encode().unwrap();
    for length in 0..bytes.len() {
        assert!(Manifest::decode(&bytes[..length]).is_err(), "cut to {length}");
    }
    bytes.push(0);
    assert_eq!(Manifest::decode(&bytes).unwrap_err().field, "end of the manifest");
}

#[test]
fn kinds_round_trip() {
    for kind in CapabilityKind::ALL {
        assert_eq!(CapabilityKind::from_code(kind.code()), Some(kind));
    }
    assert_eq!(CapabilityKind::from_code(3), None);
}

#[test]
fn a_flaw_says_where_it_is() {
    let mut bytes = fixture::manifest().encode().unwrap();
    // The last byte is the impact of the last capability.
    *bytes.last_mut().unwrap() = 4;
    let flaw = Manifest::decode(&bytes).unwrap_err();
    assert_eq!(
        flaw.to_string(),
        format!("at byte {}, `capabilities[2].impact`: expected 0 to 3, found 4", bytes.len() - 1)
    );
}

/// Any manifest that can be written.
pub(crate) fn any_manifest() -> impl Strategy<Value = Manifest> {
    let names = prop::collection::btree_set("[a-z][a-z_]{0,8}(\\.[a-z]{1,5}){0,2}", 0..4);
    let entries = prop::collection::btree_set("[a-z][a-zA-Z0-9_]{0,10}", 1..4);
    let audience = prop::collection::btree_set("[a-z0-9][a-z0-9._-]{0,10}", 1..4);
    let numbers = (1..=u64::MAX, any::<u64>(), 1..u64::MAX, 1..u64::MAX, any::<[u64; 2]>());
    let small = any::<[u16; 6]>();
    ("[a-z0-9][a-z0-9._/-]{0,20}", names, entries, audience, numbers, small, any::<u64>()).prop_map(
        |(name, names, entries, audience, numbers, small, seed)| {
            let (version, floor, fuel, memory_bytes, times) = numbers;
            let expires_at = times[0].max(1);
            let code = |salt: u64| u8::try_from((seed ^ salt) % 3).unwrap();
            let uses: Vec<u64> = names.iter().zip(1..).map(|(_, n)| seed / n / 2).collect();
            Manifest {
                name: BundleName::new(&name).unwrap(),
                version,
                display_version: Label::new(&format!("v{seed}")).unwrap(),
                rollback_floor: floor % version,
                audience: audience.iter().map(|it| EnvironmentId::new(it).unwrap()).collect(),
                created_at: UnixSeconds(times[1] % expires_at),
                not_before: UnixSeconds(seed % expires_at),
                expires_at: UnixSeconds(expires_at),
                isa_version: small[0],
                language_edition: small[1],
                cost_table_version: small[2],
                min_daemon: DaemonVersion { major: small[3], minor: small[4], patch: small[5] },
                compiler_name: Label::new("ryec").unwrap(),
                compiler_version: Label::new("").unwrap(),
                source_digest: Digest([code(1); 32]),
                limits: Limits { fuel, memory_bytes },
                entry_points: entries
                    .iter()
                    .zip(0..)
                    .map(|(name, n)| EntryPoint {
                        name: EntryPointName::new(name).unwrap(),
                        input_schema: Digest([code(n); 32]),
                        max_mode: Mode::from_code(code(n + 5)).unwrap(),
                        impact: Impact::from_code(code(n + 6) + 1).unwrap(),
                        worst_case: WorstCase {
                            fuel: seed / 2,
                            waiting_micros: fuel - 1,
                            queries: n,
                            uses: uses.clone(),
                        },
                    })
                    .collect(),
                capabilities: names
                    .iter()
                    .zip(0..)
                    .map(|(name, n)| Capability {
                        name: ActionName::new(name).unwrap(),
                        kind: CapabilityKind::from_code(code(n)).unwrap(),
                        schema: Digest([code(n + 9); 32]),
                        impact: Impact::from_code(code(n + 7)).unwrap(),
                    })
                    .collect(),
            }
        },
    )
}

proptest! {
    #[test]
    fn what_is_written_is_read(manifest in any_manifest()) {
        prop_assert_eq!(Manifest::decode(&manifest.encode().unwrap()), Ok(manifest));
    }

    #[test]
    fn any_bytes_are_refused_or_written_back_alike(
        bytes in prop::collection::vec(any::<u8>(), 0..300),
    ) {
        if let Ok(manifest) = Manifest::decode(&bytes) {
            prop_assert_eq!(manifest.encode().unwrap(), bytes);
        }
    }
}
