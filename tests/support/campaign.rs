//! How long a campaign is, and by which chance: as usual in the gate, longer where a
//! task says so. The same seed gives the same campaign.

use std::io::Write;
use std::str::FromStr;
use std::thread;

/// Where a task writes how often something is tried.
pub const ROUNDS: &str = "RYE_ROUNDS";

/// Where a task writes the seed.
pub const SEED: &str = "RYE_SEED";

/// How often something is tried: so often in the gate, or as the task says.
pub fn rounds(usual: u64) -> u64 {
    said(ROUNDS).unwrap_or(usual)
}

/// By which chance: the usual one in the gate, or as the task says.
pub fn seed() -> u64 {
    said(SEED).unwrap_or(1)
}

/// A word of the environment that is set must be what it should be: a campaign that
/// silently has another size proves nothing.
fn said<T: FromStr>(name: &str) -> Option<T> {
    let word = std::env::var(name).ok()?;
    let Ok(number) = word.parse() else { panic!("{name}={word}: expected a number") };
    Some(number)
}

/// A generator of numbers (`SplitMix64`): all that is random in a campaign.
#[derive(Clone, Debug)]
pub struct Chance(u64);

impl Chance {
    /// The generator of a campaign, whose seed is said to whoever started it.
    pub fn of(campaign: &str) -> Self {
        let seed = seed();
        tell(&format!("{campaign}: {SEED}={seed}"));
        Self(seed)
    }

    /// A number below `limit`, which is not zero.
    pub fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)).checked_rem(limit).unwrap_or(0)
    }
}

/// Says that the test of this thread is skipped, and why.
pub fn skip(why: &str) {
    let thread = thread::current();
    let name = thread.name().unwrap_or("a test");
    tell(&format!("skipped: {name}: {why}; run `sudo cargo xtask ci`"));
}

/// Says something to whoever started the tests, where the harness can't swallow it.
pub fn tell(text: &str) {
    // Nothing depends on its being read.
    let _ = writeln!(std::io::stderr(), "{text}");
}
