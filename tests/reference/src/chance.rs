//! Chance that repeats itself: numbers that follow from a seed and from what they are
//! asked for, in whatever order they are asked.

/// A source of numbers.
#[derive(Clone, Copy, Debug)]
pub struct Chance(u64);

impl Chance {
    /// The source for this seed and these words.
    pub fn new(seed: u64, words: &[&[u8]]) -> Self {
        let mut chance = Self(seed);
        for word in words {
            for byte in *word {
                chance.0 = (chance.0 ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01B3);
            }
            chance.0 = mixed(chance.0);
        }
        chance
    }

    /// The next number.
    pub fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        mixed(self.0)
    }

    /// A number below `end`, which is not 0.
    pub fn below(&mut self, end: u64) -> u64 {
        self.number().checked_rem(end).unwrap_or(0)
    }

    /// One of these, if there is one.
    pub fn one_of<'t, T>(&mut self, all: &'t [T]) -> Option<&'t T> {
        let count = u64::try_from(all.len()).ok().filter(|count| *count > 0)?;
        all.get(usize::try_from(self.below(count)).ok()?)
    }

    /// So many bytes.
    pub fn bytes(&mut self, count: usize) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(count.saturating_add(8));
        while bytes.len() < count {
            bytes.extend(self.number().to_be_bytes());
        }
        bytes.truncate(count);
        bytes
    }
}

/// A number of which each bit depends on each of `value`.
fn mixed(value: u64) -> u64 {
    let value = (value ^ (value >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    value ^ (value >> 31)
}
