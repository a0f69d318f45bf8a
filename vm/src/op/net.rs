//! Addresses, blocks and the parts of URLs.

use rye_core::value::Cidr;

use crate::heap::Memory;
use crate::slot::{self, Span};
use crate::trap::{Reason, Trap};

/// Whether an IPv4 address lies in a block; none does in an IPv6 block.
#[inline]
fn contains_v4(block: u64, address: u64) -> bool {
    let differing = u64::from(slot::low(block) ^ slot::low(address));
    // What differs may only lie behind the prefix.
    let within = differing.wrapping_shr(32_u32.wrapping_sub(u32::from(slot::prefix(block))));
    // One test for both: a list of blocks is looked through block by block.
    within | u64::from(slot::is_v6(block)) == 0
}

/// Whether the block in a slot contains the address in another.
#[inline]
pub(crate) fn contains(memory: &Memory<'_>, block: u64, address: u64) -> Result<bool, Trap> {
    if !slot::is_v6(address) {
        return Ok(contains_v4(block, address));
    }
    if !slot::is_v6(block) {
        return Ok(false);
    }
    let length = u32::from(slot::prefix(block));
    let mask = u128::MAX.checked_shl(128_u32.saturating_sub(length)).unwrap_or(0);
    Ok(memory.v6(address)? & mask == memory.v6(block)?)
}

/// Whether any block of a list contains an address.
#[inline(never)]
pub(crate) fn any_contains(memory: &Memory<'_>, list: u64, address: u64) -> Result<bool, Trap> {
    let blocks = memory.list(list)?;
    if !slot::is_v6(address) {
        return Ok(blocks.iter().any(|block| contains_v4(*block, address)));
    }
    for block in blocks {
        if contains(memory, *block, address)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether the block `a` lies in the block `b`.
pub(crate) fn lies_in(memory: &Memory<'_>, a: u64, b: u64) -> Result<bool, Trap> {
    // The address of a block is that of its first member.
    let longer = slot::prefix(a) >= slot::prefix(b);
    Ok(longer && contains(memory, b, address(a))?)
}

/// The first address of a block.
pub(crate) fn address(block: u64) -> u64 {
    block & !(0xFF << 32)
}

/// The block of so many bits around an address.
pub(crate) fn network(memory: &mut Memory<'_>, address: u64, length: i64) -> Result<u64, Trap> {
    let too_long = Trap::Raise(Reason::PrefixLength);
    let length = u8::try_from(length).map_err(|_| too_long)?;
    if !slot::is_v6(address) && length <= 32 {
        let mask = u32::MAX.checked_shl(32_u32.saturating_sub(u32::from(length))).unwrap_or(0);
        return Ok(slot::of_v4(slot::low(address) & mask, length));
    }
    let block = Cidr::around(memory.ip(address)?, length).ok_or(too_long)?;
    memory.add_cidr(block)
}

/// A part of a URL, as a part of its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum UrlPart {
    /// Before the colon.
    Scheme,
    /// Between user and port; an IPv6 address keeps its brackets.
    Host,
    /// From the host's end to the query or fragment.
    Path,
}

/// A part of the URL in a slot, whose text is in canonical spelling.
pub(crate) fn url_part(memory: &Memory<'_>, url: u64, part: UrlPart) -> Result<u64, Trap> {
    let text = memory.text(url)?;
    let (start, end) = url_range(text, part);
    let from = |index: usize| u32::try_from(index).unwrap_or(u32::MAX);
    Ok(Span::of(url).part(from(start), from(end.saturating_sub(start))).slot())
}

fn url_range(text: &str, part: UrlPart) -> (usize, usize) {
    let scheme_end = text.find(':').unwrap_or(text.len());
    if part == UrlPart::Scheme {
        return (0, scheme_end);
    }
    let bytes = text.as_bytes();
    let first = |from: usize, wanted: &[u8]| {
        let rest = bytes.get(from..).unwrap_or_default();
        let found = rest.iter().position(|byte| wanted.contains(byte));
        from.saturating_add(found.unwrap_or(rest.len()))
    };
    let authority = scheme_end.saturating_add("://".len());
    let authority_end = first(authority, b"/?#");
    if part == UrlPart::Path {
        return (authority_end, first(authority_end, b"?#"));
    }
    let within = bytes.get(authority..authority_end).unwrap_or_default();
    let host = within.iter().rposition(|byte| *byte == b'@').map_or(0, |at| at.saturating_add(1));
    let start = authority.saturating_add(host);
    let bracket = bytes.get(start) == Some(&b'[');
    let end = if bracket { first(start, b"]").saturating_add(1) } else { first(start, b":/?#") };
    (start, end.min(authority_end))
}

#[cfg(test)]
mod tests {
    use super::{UrlPart, url_range};

    #[test]
    fn a_url_has_its_parts_wherever_they_end() {
        let cases = [
            ("https://example.org/a/b?c=d#e", "https", "example.org", "/a/b"),
            ("http://user:pw@[2001:db8::1]:8080/x", "http", "[2001:db8::1]", "/x"),
            ("ftp://host:21/", "ftp", "host", "/"),
            ("foo://host?q=a/b@c", "foo", "host", ""),
            ("foo://host", "foo", "host", ""),
        ];
        for (url, scheme, host, path) in cases {
            for (part, expected) in
                [(UrlPart::Scheme, scheme), (UrlPart::Host, host), (UrlPart::Path, path)]
            {
                let (start, end) = url_range(url, part);
                assert_eq!(url.get(start..end), Some(expected), "{part:?} of {url}");
            }
        }
    }
}
