//! What stands in texts: addresses, names, URLs, mail addresses, hashes; and the parts
//! of a URL.
//!
//! A candidate is a longest run of the characters that its kind can have. What it names,
//! in canonical form, the one parser of that kind says.

use std::net::IpAddr;

use rye_compiler::hir::Op;
use rye_core::limit::FOUND_URL_BYTES_MAX;
use rye_core::value::{Hash, net};

/// A run of characters, with those around it.
struct Word<'t> {
    before: Option<char>,
    text: &'t str,
    behind: Option<char>,
}

/// The longest runs of characters that belong together.
fn words(text: &str, belongs: impl Fn(char) -> bool) -> Vec<Word<'_>> {
    let mut found = Vec::new();
    let mut rest = text;
    let mut before = None;
    while let Some(first) = rest.chars().next() {
        let length: usize = rest.chars().take_while(|c| belongs(*c)).map(char::len_utf8).sum();
        let step = length.max(first.len_utf8());
        let (run, behind) = rest.split_at(step);
        if length > 0 {
            found.push(Word { before, text: run, behind: behind.chars().next() });
        }
        before = run.chars().next_back();
        rest = behind;
    }
    found
}

impl Word<'_> {
    /// Whether no longer word goes on around it.
    fn is_whole(&self) -> bool {
        let goes_on = |c: char| c.is_alphanumeric() || c == '_';
        !self.before.is_some_and(goes_on) && !self.behind.is_some_and(goes_on)
    }
}

/// Addresses; a port behind one of IPv4 and a full stop are no part of it.
pub(super) fn ips(text: &str) -> Vec<IpAddr> {
    let belongs = |c: char| c.is_ascii_hexdigit() || c == '.' || c == ':';
    let mut found = Vec::new();
    for word in words(text, belongs).iter().filter(|word| word.is_whole() && word.text.len() <= 45)
    {
        let spelled = word.text.trim_end_matches('.');
        let alone = net::parse_ip(spelled);
        if let Some(ip) = alone.or_else(|| net::parse_ip(spelled.trim_end_matches(':'))) {
            found.push(ip);
        } else {
            let parts = spelled.split(':').filter(|part| part.contains('.'));
            found.extend(parts.filter_map(net::parse_ip));
        }
    }
    found
}

/// Hashes: 32, 40 or 64 hexadecimal digits by themselves.
pub(super) fn hashes(text: &str) -> Vec<Hash> {
    let words = words(text, |c| c.is_ascii_hexdigit());
    words.iter().filter(|word| word.is_whole()).filter_map(|word| Hash::parse(word.text)).collect()
}

/// Names with a dot whose last part is a word.
pub(super) fn domains(text: &str) -> Vec<String> {
    let belongs = |c: char| c.is_ascii_alphanumeric() || c == '.' || c == '-';
    let mut found = Vec::new();
    for word in words(text, belongs).iter().filter(|word| word.is_whole()) {
        let name = word.text.trim_matches(['.', '-']);
        if name.len() <= 253 && ends_in_a_word(name) {
            found.extend(net::canonical_name(name));
        }
    }
    found
}

fn ends_in_a_word(name: &str) -> bool {
    let Some((_, last)) = name.rsplit_once('.') else { return false };
    let is_encoded = last.len() >= 4 && last.to_ascii_lowercase().starts_with("xn--");
    last.len() >= 2 && (is_encoded || last.chars().all(|c| c.is_ascii_alphabetic()))
}

/// Mail addresses: what stands around an `@`.
pub(super) fn emails(text: &str) -> Vec<String> {
    let belongs = |c: char| c.is_ascii_alphanumeric() || "@._%+-".contains(c);
    let mut found = Vec::new();
    for word in words(text, belongs) {
        let parts: Vec<&str> = word.text.split('@').collect();
        for (local, domain) in parts.iter().zip(parts.iter().skip(1)) {
            let local = local.trim_start_matches('.');
            let domain = domain.trim_end_matches(['.', '-']);
            if local.len() <= 64 && domain.len() <= 253 && ends_in_a_word(domain) {
                found.extend(net::canonical_email(&format!("{local}@{domain}")));
            }
        }
    }
    found
}

/// URLs: a scheme, `://`, and all up to what can't stand in one.
pub(super) fn urls(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(colon) = rest.find("://") {
        let (head, tail) = rest.split_at(colon);
        let ends = |c: char| c.is_whitespace() || c.is_control() || "\"<>`{}|\\^".contains(c);
        let (body, behind) = tail.split_at(tail.find(ends).unwrap_or(tail.len()));
        let scheme = scheme_at_end(head);
        let url = format!("{scheme}{body}");
        let url = url.trim_end_matches(['.', ',', ';', ':', '!', '?', ')', ']', '\'', '*']);
        if !scheme.is_empty() && url.len() <= FOUND_URL_BYTES_MAX {
            found.extend(net::canonical_url(url));
        }
        rest = behind;
    }
    found
}

/// The scheme that stands at the end of a text: at most 16 letters, the first of which
/// is a letter of the alphabet.
fn scheme_at_end(head: &str) -> &str {
    let can_stand = |c: &char| c.is_ascii_alphanumeric() || "+.-".contains(*c);
    let length = head.chars().rev().take_while(can_stand).take(16).count();
    let (_, run) = head.split_at(head.len().saturating_sub(length));
    run.trim_start_matches(|c: char| !c.is_ascii_alphabetic())
}

/// A part of a URL in canonical spelling.
pub(super) fn part_of_url(op: Op, url: &str) -> &str {
    let (scheme, rest) = url.split_once("://").unwrap_or((url, ""));
    let (authority, tail) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    match op {
        Op::UrlScheme => scheme,
        Op::UrlPath => tail.split(['?', '#']).next().unwrap_or_default(),
        _ => {
            let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
            match host.split_once(']') {
                Some((inner, _)) => host.get(..=inner.len()).unwrap_or(host),
                None => host.split(':').next().unwrap_or_default(),
            }
        }
    }
}
