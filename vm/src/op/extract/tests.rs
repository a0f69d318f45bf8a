use super::*;

fn ip_texts(text: &str) -> Vec<String> {
    ips(text).iter().map(ToString::to_string).collect()
}

#[test]
fn addresses_are_found_in_prose_and_logs() {
    let cases: [(&str, &[&str]); 8] = [
        ("10.0.0.1", &["10.0.0.1"]),
        ("src=10.0.0.1:443 dst=10.0.0.2.", &["10.0.0.1", "10.0.0.2"]),
        ("(2001:db8::1)", &["2001:db8::1"]),
        ("::ffff:192.0.2.1", &["192.0.2.1"]),
        ("version 1.2.3.4a", &[]),
        ("x10.0.0.1 10.0.0.1_", &[]),
        ("10.0.0.1/8", &["10.0.0.1"]),
        ("12:34:56", &[]),
    ];
    for (text, expected) in cases {
        assert_eq!(ip_texts(text), expected, "{text}");
    }
}

#[test]
fn urls_end_where_prose_goes_on() {
    let cases: [(&str, &[&str]); 5] = [
        ("(see http://a.b/c).", &["http://a.b/c"]),
        ("<https://a.b/?q=1>", &["https://a.b/?q=1"]),
        ("http://a.b/,http://c.d/", &["http://a.b/,http://c.d/"]),
        ("://nothing and //a.b", &[]),
        ("1http://a.b/ ftp://x.y", &["http://a.b/", "ftp://x.y/"]),
    ];
    for (text, expected) in cases {
        assert_eq!(urls(text), expected, "{text}");
    }
}

#[test]
fn domains_and_mail_addresses_have_a_top_level() {
    assert_eq!(domains("a.b.example, -x.org- 1.2.3.4 3.14 localhost"), ["a.b.example", "x.org"]);
    assert_eq!(domains("https://Evil.Example/x.php"), ["evil.example", "x.php"]);
    assert_eq!(emails("a@b.org;c@d.e.org, e@localhost @x.org x@"), ["a@b.org", "c@d.e.org"]);
}

#[test]
fn hashes_stand_alone_and_have_a_length() {
    let md5 = "0123456789abcdef".repeat(2);
    assert_eq!(hashes(&format!("{md5} {md5}0 x{md5} {md5}_")).len(), 1);
    assert_eq!(hashes(&format!("sha1:{}", "0123456789".repeat(4))).len(), 1);
}

#[test]
fn nothing_is_found_in_walls_of_one_character() {
    for character in ["@", ".", ":", "://", "a@", "1.", "-", "f"] {
        let wall = character.repeat(65_536 / character.len());
        ips(&wall);
        urls(&wall);
        domains(&wall);
        emails(&wall);
        hashes(&wall);
    }
}
