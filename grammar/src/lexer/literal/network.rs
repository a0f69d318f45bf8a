//! IPv4 addresses and blocks, and what has colons and can't stand bare.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::Problem;
use crate::diagnostic::Code;

/// Four numbers from 0 to 255 without leading zeros.
pub(super) fn address(word: &str) -> Result<Ipv4Addr, Problem> {
    let mut octets = [0_u8; 4];
    for (octet, part) in octets.iter_mut().zip(word.split('.')) {
        let digits = part.bytes().all(|byte| byte.is_ascii_digit());
        let problem = Problem::new(Code::BadAddress, format!("`{word}` is no address"));
        if !digits {
            return Err(problem.help("an address has four numbers from 0 to 255: `10.0.0.1`"));
        }
        if part.len() > 1 && part.starts_with('0') {
            let plain = part.trim_start_matches('0');
            let number = if plain.is_empty() { "0" } else { plain };
            return Err(problem.help(format!(
                "write `{number}` for `{part}`: some programs read a leading zero as octal"
            )));
        }
        let Ok(number) = part.parse() else {
            return Err(problem.help(format!("`{part}` is greater than 255")));
        };
        *octet = number;
    }
    Ok(Ipv4Addr::from(octets))
}

/// A block: its first address and the length of its prefix.
pub(super) fn block(word: &str) -> Result<(Ipv4Addr, u8), Problem> {
    let (network, length) = word.split_once('/').unwrap_or((word, ""));
    let problem = || Problem::new(Code::BadBlock, format!("`{word}` is no address block"));
    if network.matches('.').count() != 3 {
        return Err(problem().help("a block is an address and a prefix length: `10.0.0.0/8`"));
    }
    let address = address(network)?;
    let plain = length.len() <= 2 && length.bytes().all(|byte| byte.is_ascii_digit());
    let leading_zero = length.len() > 1 && length.starts_with('0');
    let prefix = length.parse().ok().filter(|prefix: &u8| plain && !leading_zero && *prefix <= 32);
    let Some(prefix) = prefix else {
        return Err(problem().help("the prefix length is a number from 0 to 32"));
    };
    let mask = u32::MAX.checked_shl(32 - u32::from(prefix)).unwrap_or(0);
    let first = Ipv4Addr::from(address.to_bits() & mask);
    if first != address {
        return Err(Problem::new(
            Code::BadBlock,
            format!("`{word}` has bits set behind its prefix"),
        )
        .help(format!("write `{first}/{prefix}` for the block, or `{address}` for the address")));
    }
    Ok((address, prefix))
}

/// What has colons: an IPv6 or hardware address, a time of day, a misplaced path.
pub(super) fn bare(word: &str) -> Problem {
    let groups: Vec<&str> = word.split(':').collect();
    let (network, prefix) = word.split_once('/').unwrap_or((word, ""));
    if network.parse::<Ipv6Addr>().is_ok() {
        let (kind, what) = if prefix.is_empty() { ("Ip", "address") } else { ("Cidr", "block") };
        return Problem::new(Code::BareAddress, format!("the {what} `{word}` can't stand bare"))
            .help(format!("write `{kind}(\"{word}\")`"));
    }
    let all = |length: usize| {
        groups.iter().all(|g| g.len() == length && g.bytes().all(|byte| byte.is_ascii_hexdigit()))
    };
    if groups.len() == 6 && all(2) {
        return Problem::new(
            Code::BareAddress,
            format!("the hardware address `{word}` can't stand bare"),
        )
        .help(format!("write it as a text: `\"{word}\"`"));
    }
    if groups.len() == 3 && all(2) {
        return Problem::new(Code::BadTime, format!("`{word}` is no time"))
            .help("a time is written `2026-03-01T09:30:00Z`");
    }
    if let Some(name) = word.strip_prefix("::")
        && name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
    {
        return Problem::new(Code::BadWord, format!("`{word}` can't be read"))
            .help(format!("names are joined by a dot: `.{name}`"));
    }
    Problem::new(Code::BadWord, format!("`{word}` can't be read"))
        .help("an IPv6 address is written `Ip(\"2001:db8::1\")`; other texts stand in quotes")
}
