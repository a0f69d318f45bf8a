//! Finding addresses, URLs, domains, mail addresses and hashes in a text.
//!
//! Each finder cuts the text into words of the characters that its kind can
//! have, and asks the one parser of that kind. So it is linear: a character
//! belongs to at most one word, a word is parsed at most once, and words longer
//! than the kind allows are passed over. What is found comes in the order of the
//! text, duplicates included, each in canonical form.

use rye_core::limit::FOUND_URL_BYTES_MAX;
use rye_core::value::{Hash, net};

/// The longest scheme.
const SCHEME_BYTES_MAX: usize = 16;
/// The longest spelling of an address.
const IP_BYTES_MAX: usize = 45;
/// The longest name of a domain.
const DOMAIN_BYTES_MAX: usize = 253;

/// The runs of bytes that `belongs` accepts, with where they begin.
fn runs(text: &str, belongs: fn(u8) -> bool) -> impl Iterator<Item = (usize, &str)> {
    text.split(move |c: char| !u8::try_from(c).is_ok_and(|byte| byte.is_ascii() && belongs(byte)))
        .map(move |run| (run.as_ptr().addr().saturating_sub(text.as_ptr().addr()), run))
        .filter(|(_, run)| !run.is_empty())
}

/// Whether the characters around a run are no part of a longer word.
fn stands_alone(text: &str, start: usize, run: &str) -> bool {
    let wordy = |c: char| c.is_alphanumeric() || c == '_';
    let end = start.saturating_add(run.len());
    let before = text.get(..start).and_then(|text| text.chars().next_back());
    let behind = text.get(end..).and_then(|text| text.chars().next());
    !before.is_some_and(wordy) && !behind.is_some_and(wordy)
}

/// Addresses, in any spelling that is one; a port behind an IPv4 address and a
/// full stop behind any are no part of it.
pub(crate) fn ips(text: &str) -> Vec<std::net::IpAddr> {
    let belongs = |byte: u8| byte.is_ascii_hexdigit() || byte == b'.' || byte == b':';
    let mut found = Vec::new();
    for (start, run) in runs(text, belongs) {
        if run.len() > IP_BYTES_MAX || !stands_alone(text, start, run) {
            continue;
        }
        let word = run.trim_end_matches('.');
        let whole = net::parse_ip(word).or_else(|| net::parse_ip(word.trim_end_matches(':')));
        match whole {
            Some(ip) => found.push(ip),
            // `10.0.0.1:8080`, `addr:10.0.0.1`
            None => found.extend(
                word.split(':').filter(|part| part.contains('.')).filter_map(net::parse_ip),
            ),
        }
    }
    found
}

/// Hashes: 32, 40 or 64 hexadecimal digits by themselves.
pub(crate) fn hashes(text: &str) -> Vec<Hash> {
    runs(text, |byte| byte.is_ascii_hexdigit())
        .filter(|(start, run)| matches!(run.len(), 32 | 40 | 64) && stands_alone(text, *start, run))
        .filter_map(|(_, run)| Hash::parse(run))
        .collect()
}

/// Names with at least one dot, whose last part is a word: not an address, not a
/// number.
pub(crate) fn domains(text: &str) -> Vec<String> {
    let belongs = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'.' || byte == b'-';
    runs(text, belongs)
        .map(|(start, run)| (start, run, run.trim_matches(['.', '-'])))
        .filter(|(start, run, name)| {
            name.len() <= DOMAIN_BYTES_MAX && stands_alone(text, *start, run) && has_top_level(name)
        })
        .filter_map(|(_, _, name)| net::canonical_name(name))
        .collect()
}

fn has_top_level(name: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(_, top)| {
        let punycode = top.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("xn--"));
        top.len() >= 2 && (punycode || top.bytes().all(|byte| byte.is_ascii_alphabetic()))
    })
}

/// Mail addresses: what stands around an `@`, if its domain has a dot.
pub(crate) fn emails(text: &str) -> Vec<String> {
    let belongs = |byte: u8| byte.is_ascii_alphanumeric() || b"@._%+-".contains(&byte);
    let mut found = Vec::new();
    for (_, run) in runs(text, belongs) {
        let mut parts = run.split('@');
        let mut local = parts.next().unwrap_or_default();
        for part in parts {
            let name = part.trim_end_matches(['.', '-']);
            let local_part = local.trim_start_matches('.');
            if name.len() <= DOMAIN_BYTES_MAX && local_part.len() <= 64 && has_top_level(name) {
                found.extend(net::canonical_email(&format!("{local_part}@{name}")));
            }
            local = part;
        }
    }
    found
}

/// URLs: a scheme, `://`, and all up to white space, a quote, a bracket or the
/// like; punctuation at the end is no part of it.
pub(crate) fn urls(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut from = 0_usize;
    while let Some(colon) = text.get(from..).and_then(|rest| rest.find("://")) {
        let colon = from.saturating_add(colon);
        let start = scheme_start(text.as_bytes(), from, colon);
        let rest = text.get(colon..).unwrap_or_default();
        let length = rest.find(ends_url).unwrap_or(rest.len());
        let end = colon.saturating_add(length);
        let url = text.get(start..end).unwrap_or_default();
        let url = url.trim_end_matches(['.', ',', ';', ':', '!', '?', ')', ']', '\'', '*']);
        if start < colon && url.len() <= FOUND_URL_BYTES_MAX {
            found.extend(net::canonical_url(url));
        }
        from = end.max(colon.saturating_add("://".len()));
    }
    found
}

fn ends_url(c: char) -> bool {
    c.is_whitespace() || c.is_control() || "\"<>`{}|\\^".contains(c)
}

/// Where the scheme that ends at `colon` begins; `colon` itself if there is none.
fn scheme_start(bytes: &[u8], from: usize, colon: usize) -> usize {
    let before = bytes.get(from..colon).unwrap_or_default();
    let scheme = |byte: &&u8| byte.is_ascii_alphanumeric() || b"+.-".contains(byte);
    let length = before.iter().rev().take_while(scheme).take(SCHEME_BYTES_MAX).count();
    let start = colon.saturating_sub(length);
    // A scheme begins with a letter: `1.http` is `http` behind something else.
    let run = bytes.get(start..colon).unwrap_or_default();
    let skip = run.iter().position(u8::is_ascii_alphabetic).unwrap_or(length);
    start.saturating_add(skip)
}

#[cfg(test)]
mod tests;
