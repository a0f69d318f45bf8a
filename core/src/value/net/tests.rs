use super::*;

fn cidr(text: &str) -> Cidr {
    Cidr::parse(text).unwrap_or_else(|error| panic!("{text}: {error:?}"))
}

#[test]
fn a_block_contains_its_addresses_and_nothing_else() {
    let block = cidr("10.0.0.0/8");
    assert!(block.contains("10.255.0.1".parse().unwrap()));
    assert!(!block.contains("11.0.0.0".parse().unwrap()));
    assert!(!block.contains("::ffff:0:0".parse().unwrap()));
    assert!(cidr("0.0.0.0/0").contains("255.255.255.255".parse().unwrap()));
    assert!(cidr("::/0").contains("ffff::1".parse().unwrap()));
    assert!(cidr("2001:db8::/64").contains("2001:db8::1".parse().unwrap()));
}

#[test]
fn blocks_cover_and_overlap() {
    assert!(cidr("10.0.0.0/8").covers(cidr("10.1.0.0/16")));
    assert!(!cidr("10.1.0.0/16").covers(cidr("10.0.0.0/8")));
    assert!(cidr("10.1.0.0/16").overlaps(cidr("10.0.0.0/8")));
    assert!(!cidr("10.1.0.0/16").overlaps(cidr("10.2.0.0/16")));
    assert!(Cidr::single("10.0.0.1".parse().unwrap()).is_single());
}

#[test]
fn a_text_that_is_no_block_says_why() {
    assert_eq!(Cidr::parse("10.0.0.1/8"), Err(CidrError::HostBits(cidr("10.0.0.0/8"))));
    assert_eq!(Cidr::parse("10.0.0.0/33"), Err(CidrError::Length));
    assert_eq!(Cidr::parse("10.0.0.0/300"), Err(CidrError::Length));
    for text in ["10.0.0.0", "10.0.0/8", "010.0.0.0/8", "10.0.0.0/08", "10.0.0.0/+8", "/8", ""] {
        assert_eq!(Cidr::parse(text), Err(CidrError::Form), "{text}");
    }
}

#[test]
fn every_alias_of_a_name_is_one_name() {
    for alias in ["dc1.example", "DC1.Example.", "dc1.example."] {
        assert_eq!(canonical_name(alias).as_deref(), Some("dc1.example"), "{alias}");
    }
    assert_eq!(canonical_name("bücher.example").as_deref(), Some("xn--bcher-kva.example"));
    for bad in ["", ".", "a..b", "10.0.0.1", "a b", "-a", "a\u{202e}b"] {
        assert_eq!(canonical_name(bad), None, "{bad}");
    }
}

#[test]
fn every_alias_of_an_address_is_one_address() {
    let v4 = parse_ip("10.0.0.1");
    assert_eq!(parse_ip("::ffff:10.0.0.1"), v4);
    assert_eq!(parse_ip("::ffff:a00:1"), v4);
    for bad in ["010.0.0.1", "10.1", "0x0a000001", "167772161", "fe80::1%eth0", " 10.0.0.1"] {
        assert_eq!(parse_ip(bad), None, "{bad}");
    }
}

#[test]
fn mail_addresses_and_urls() {
    assert_eq!(canonical_email("Ann@EXAMPLE.org").as_deref(), Some("Ann@example.org"));
    assert_eq!(canonical_email("a@b@c"), None);
    assert_eq!(canonical_email("\"x y\"@example.org"), None);
    assert_eq!(canonical_url("HTTPS://Example.org").as_deref(), Some("https://example.org/"));
    assert_eq!(canonical_url("mailto:ann@example.org"), None);
}

#[test]
fn a_block_of_mapped_addresses_is_its_ipv4_form() {
    assert_eq!(cidr("::ffff:10.0.0.0/104"), cidr("10.0.0.0/8"));
    assert!(cidr("::/0").address().is_ipv6());
}
