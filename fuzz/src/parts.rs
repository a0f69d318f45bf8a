//! Several byte strings in one: each behind its length, the last one open.

/// How many bytes say how long a part is.
const LENGTH: usize = 4;

/// The parts of `bytes`. A length that is too large takes what is there.
pub(crate) fn split(mut bytes: &[u8]) -> Vec<&[u8]> {
    let mut parts = Vec::new();
    while let Some((length, rest)) = bytes.split_first_chunk::<LENGTH>() {
        let length = usize::try_from(u32::from_be_bytes(*length)).unwrap_or(usize::MAX);
        let (part, behind) = rest.split_at(length.min(rest.len()));
        parts.push(part);
        bytes = behind;
    }
    parts
}

/// What [`split`] takes apart.
pub(crate) fn join<P: AsRef<[u8]>>(parts: impl IntoIterator<Item = P>) -> Vec<u8> {
    let mut bytes = Vec::new();
    for part in parts {
        let part = part.as_ref();
        let length = u32::try_from(part.len()).expect("a short part");
        bytes.extend(length.to_be_bytes());
        bytes.extend(part);
    }
    bytes
}
