use super::*;

fn bundle(text: &str) -> BundleName {
    BundleName::new(text).unwrap()
}

#[test]
fn forms_accept_and_refuse() {
    for text in ["a", "0", "soc/contain_scanner", "a.b-c_d/e"] {
        assert!(BundleName::new(text).is_ok(), "{text}");
    }
    for text in ["", "-a", "/a", "A", "ä", "a b", "a\n"] {
        assert!(BundleName::new(text).is_err(), "{text:?}");
    }
    assert!(EnvironmentId::new("prod-eu.1").is_ok());
    assert!(EnvironmentId::new("prod/eu").is_err());
    for text in ["alice", "alice@example.org", "ci:main"] {
        assert!(OwnerId::new(text).is_ok(), "{text}");
    }
    for text in ["", "Alice", "ci:", "ci:ci:x", "a:b"] {
        assert!(OwnerId::new(text).is_err(), "{text:?}");
    }
    assert!(ActionName::new("std.firewall.block").is_ok());
    for text in ["", ".", "std.", "std..block", "1a", "std.bl-ock"] {
        assert!(ActionName::new(text).is_err(), "{text:?}");
    }
    assert!(RoleName::new("soc_lead").is_ok());
    assert!(RoleName::new("_x").is_err());
    assert!(Label::new("").is_ok());
    assert!(Label::new("tab\t").is_err());
}

#[test]
fn a_name_may_be_as_long_as_its_limit_and_no_longer() {
    assert!(BundleName::new(&"a".repeat(128)).is_ok());
    assert!(BundleName::new(&"a".repeat(129)).is_err());
    assert!(Label::new(&"a".repeat(64)).is_ok());
    assert!(Label::new(&"a".repeat(65)).is_err());
    assert!(ActionName::new(&"a".repeat(128)).is_ok());
    assert!(ActionName::new(&"a".repeat(129)).is_err());
}

#[test]
fn a_prefix_ends_at_a_slash() {
    let covers = |prefix: &str, name: &str| NamePrefix::new(prefix).unwrap().covers(&bundle(name));
    assert!(covers("", "anything/at/all"));
    assert!(covers("soc/", "soc/contain_scanner"));
    assert!(covers("soc/contain_scanner", "soc/contain_scanner"));
    assert!(!covers("soc", "soc/contain_scanner"));
    assert!(!covers("soc/", "soc-lab/contain_scanner"));
    assert!(!covers("soc/contain", "soc/contain_scanner"));
}

#[test]
fn only_owners_that_begin_with_ci_are_programs() {
    assert!(OwnerId::new("alice").unwrap().is_human());
    assert!(OwnerId::new("cillian").unwrap().is_human());
    assert!(!OwnerId::new("ci:main").unwrap().is_human());
}

#[test]
fn a_quoted_text_is_short_and_printable() {
    assert_eq!(quote("a\u{1b}[2J"), "`a\\u{1b}[2J`");
    assert!(quote(&"x".repeat(10_000)).chars().count() < 90);
}
