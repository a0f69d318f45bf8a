use rye_bundle::key_file::write_public_key;
use rye_bundle::signature::SecretKey;
use rye_bundle::trust::{ImpactPolicy, Usage};

use super::*;

const NOW: UnixSeconds = UnixSeconds(1_800_000_000);

/// The template with the keys that it names.
fn load_template(template: &str) -> Result<TrustRoot, Failure> {
    let folder = tempfile::tempdir().unwrap();
    for name in ["alice", "build", "carol", "dora", "erin"] {
        let key = SecretKey::generate().unwrap();
        let path = folder.path().join(format!("{name}.key.pub"));
        std::fs::write(path, write_public_key(key.public())).unwrap();
    }
    let path = folder.path().join("trust.toml");
    std::fs::write(&path, template).unwrap();
    load(&path, NOW)
}

#[test]
fn the_template_is_a_sound_description() {
    let root = load_template(TEMPLATE).unwrap();
    assert_eq!(root.issued_at(), NOW);
    assert_eq!(root.expires_at(), NOW.saturating_add(365 * 86_400));
    assert_eq!(*root.impact_policy(), ImpactPolicy::default());
    assert_eq!(root.signer_roles(Usage::Root).count(), 1);
    for usage in Usage::ALL {
        assert!(TEMPLATE.contains(&format!("#   {usage} ")), "the template is silent on `{usage}`");
    }
}

#[test]
fn what_the_template_has_in_comments_can_be_said() {
    let mut said = TEMPLATE.replace("# issued_at", "issued_at");
    said = said.replace("# not_before", "not_before").replace("# not_after", "not_after");
    said = said.replace("expires_in = \"365d\"             # or expires_at", "expires_at");
    let root = load_template(&said).unwrap();
    assert_eq!(root.issued_at().to_string(), "2026-11-20T09:00:00Z");
    assert_eq!(root.expires_at().to_string(), "2027-11-20T09:00:00Z");
}
