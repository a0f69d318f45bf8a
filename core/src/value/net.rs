//! Addresses, blocks, domains, URLs and mail addresses, each in one canonical
//! form, so that an alias can't pass a list that names the thing otherwise.

use core::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A block of addresses: no bit is set behind the prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cidr {
    address: IpAddr,
    length: u8,
}

/// Why a text or a pair is no block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CidrError {
    /// Not `ADDRESS/LENGTH`.
    Form,
    /// The prefix is longer than the address.
    Length,
    /// Bits behind the prefix are set; the block that was probably meant.
    HostBits(Cidr),
}

impl Cidr {
    /// The block of `length` leading bits of `address`.
    ///
    /// # Errors
    /// [`CidrError::Length`] and [`CidrError::HostBits`].
    pub fn new(address: IpAddr, length: u8) -> Result<Self, CidrError> {
        let (address, length) = unmapped(address, length);
        let block = Self::around(address, length).ok_or(CidrError::Length)?;
        if block.address == address { Ok(block) } else { Err(CidrError::HostBits(block)) }
    }

    /// The block of `length` bits that `address` lies in; `None` when the prefix
    /// is longer than the address.
    pub fn around(address: IpAddr, length: u8) -> Option<Self> {
        let (address, length) = unmapped(address, length);
        let address = match address {
            IpAddr::V4(v4) => {
                let mask = mask(length, 32)?;
                IpAddr::V4(Ipv4Addr::from_bits(v4.to_bits() & u32::try_from(mask).ok()?))
            }
            IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & mask(length, 128)?)),
        };
        Some(Self { address, length })
    }

    /// The block that `ADDRESS/LENGTH` names.
    ///
    /// # Errors
    /// Every [`CidrError`].
    pub fn parse(text: &str) -> Result<Self, CidrError> {
        let (address, length) = text.split_once('/').ok_or(CidrError::Form)?;
        let digits = length.bytes().all(|byte| byte.is_ascii_digit());
        let leading_zero = length.len() > 1 && length.starts_with('0');
        if !digits || leading_zero {
            return Err(CidrError::Form);
        }
        let address = address.parse().map_err(|_| CidrError::Form)?;
        Self::new(address, length.parse().map_err(|_| CidrError::Length)?)
    }

    /// The first address.
    pub fn address(self) -> IpAddr {
        self.address
    }

    /// How many leading bits all its addresses share.
    pub fn length(self) -> u8 {
        self.length
    }

    /// Whether `ip` lies in the block. An address of the other family does not.
    pub fn contains(self, ip: IpAddr) -> bool {
        Self::around(ip, self.length).is_some_and(|block| block == self)
    }

    /// Whether every address of `other` lies in the block.
    pub fn covers(self, other: Self) -> bool {
        other.length >= self.length && self.contains(other.address)
    }

    /// Whether any address lies in both.
    pub fn overlaps(self, other: Self) -> bool {
        self.covers(other) || other.covers(self)
    }

    /// The block of exactly one address.
    pub fn single(ip: IpAddr) -> Self {
        Self { address: ip, length: if ip.is_ipv4() { 32 } else { 128 } }
    }

    /// Whether the block is exactly one address.
    pub fn is_single(self) -> bool {
        self == Self::single(self.address)
    }
}

/// The IPv4 form of a block of IPv4-mapped IPv6 addresses, any other as it is.
fn unmapped(address: IpAddr, length: u8) -> (IpAddr, u8) {
    match (address.to_canonical(), length.checked_sub(96)) {
        (IpAddr::V4(v4), Some(rest)) if address.is_ipv6() => (IpAddr::V4(v4), rest),
        _ => (address, length),
    }
}

/// `length` leading ones of `width` bits.
fn mask(length: u8, width: u8) -> Option<u128> {
    let rest = u32::from(width.checked_sub(length)?);
    let ones = u128::MAX >> (128_u32.saturating_sub(u32::from(width)));
    Some(ones & u128::MAX.checked_shl(rest).unwrap_or(0))
}

impl fmt::Display for Cidr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.length)
    }
}

/// `ip`, or its IPv4 form when it is an IPv4-mapped IPv6 address.
pub fn canonical_ip(ip: IpAddr) -> IpAddr {
    ip.to_canonical()
}

/// The address that a text names. Octal, short and decimal forms of IPv4 and
/// zone ids of IPv6 are no addresses.
pub fn parse_ip(text: &str) -> Option<IpAddr> {
    text.parse().ok().map(canonical_ip)
}

/// A host or domain name in canonical form: IDNA to ASCII, lower case, no
/// trailing dot. `None` when it is no such name.
pub fn canonical_name(text: &str) -> Option<String> {
    let text = text.strip_suffix('.').unwrap_or(text);
    let ascii = idna::domain_to_ascii_strict(text).ok()?;
    let fits = !ascii.is_empty() && ascii.len() <= 253;
    // A name that reads as an address would be two things at once.
    (fits && parse_ip(&ascii).is_none()).then_some(ascii)
}

/// A URL in canonical spelling, if it has a scheme and a host.
pub fn canonical_url(text: &str) -> Option<String> {
    let url = url::Url::parse(text).ok()?;
    url.has_host().then(|| url.to_string())
}

/// A mail address with its domain in canonical form.
pub fn canonical_email(text: &str) -> Option<String> {
    let (local, domain) = text.rsplit_once('@')?;
    let plain = |byte: u8| byte.is_ascii_graphic() && !b"@\"(),:;<>[\\]".contains(&byte);
    let fits = !local.is_empty() && local.len() <= 64 && local.bytes().all(plain);
    if !fits {
        return None;
    }
    canonical_name(domain).map(|domain| format!("{local}@{domain}"))
}

#[cfg(test)]
mod tests;
