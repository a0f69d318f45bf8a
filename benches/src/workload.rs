//! What the engines work on: alerts to be triaged, a fleet to be looked through. The
//! same at every run, on every machine.

use serde::{Deserialize, Serialize};

/// Something that was rolled out to where an alert came from.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Deployment {
    /// What was rolled out.
    pub name: String,
    /// How long ago, in seconds.
    pub age_s: i64,
}

/// An alert of W1.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Alert {
    /// From 0, harmless, to 1.
    pub risk_score: f64,
    /// How many heartbeats were missed.
    pub heartbeat_misses: i64,
    /// Whose alert it is.
    pub tenant: String,
    /// Whether people are working there.
    pub maintenance: bool,
    /// At most five.
    pub recent_deployments: Vec<Deployment>,
    /// What the alert is about.
    pub capsule: String,
}

/// A host of W2.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Host {
    /// Its name.
    pub name: String,
    /// Its IPv4 address.
    pub ip: u32,
    /// From 0 to 10.
    pub severity: i64,
    /// At most five.
    pub tags: Vec<String>,
}

/// A block of addresses of W2.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Block {
    /// Its first address.
    pub net: u32,
    /// The bits that all of its addresses share.
    pub mask: u32,
    /// How many these are.
    pub length: u8,
}

/// How many rounds W3 makes.
pub const MIX_ROUNDS: u64 = 1_000_000;

/// What W4 hands to a fresh instance, which puts `ok:` before it.
pub const GREETED: &str = "incident-2026-000042";

/// How many functions W5 compiles: about 1,000 lines.
pub const FUNCTIONS: usize = 33;

/// A sequence of numbers that looks like chance (splitmix64).
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: u32) -> u32 {
        u32::try_from(self.next() % u64::from(end)).unwrap_or_default()
    }
}

/// 64 alerts, in which every way through the decision occurs.
pub fn alerts() -> Vec<Alert> {
    let mut chance = Chance(1);
    (0..64)
        .map(|number| Alert {
            // Two decimals, so that text and number agree exactly.
            risk_score: f64::from(30 + chance.below(70)) / 100.0,
            heartbeat_misses: chance.below(7).into(),
            tenant: format!("tenant-{:02}", chance.below(20)),
            maintenance: chance.below(8) == 0,
            recent_deployments: (0..chance.below(6))
                .map(|service| Deployment {
                    name: format!("svc-{service}-{}", chance.below(100)),
                    age_s: chance.below(12_000).into(),
                })
                .collect(),
            capsule: format!("capsule-{number:04}"),
        })
        .collect()
}

/// 1,000 hosts in 60 networks of 256 addresses.
pub fn hosts() -> Vec<Host> {
    const TAGS: [&str; 6] = ["web", "prod", "db", "staging", "pci", "dev"];
    let mut chance = Chance(2);
    (0..1000)
        .map(|number| {
            let subnet = chance.below(60);
            let ip =
                (10 << 24) | ((subnet % 6) << 16) | ((subnet * 4) << 8) | (1 + chance.below(250));
            let severity = chance.below(11).into();
            let first = chance.below(6) as usize;
            let count = 1 + chance.below(5) as usize;
            let tags = TAGS.iter().cycle().skip(first).take(count);
            Host {
                name: format!("host-{number:04}"),
                ip,
                severity,
                tags: tags.map(ToString::to_string).collect(),
            }
        })
        .collect()
}

/// The blocks in which hosts are looked for.
pub fn blocks() -> Vec<Block> {
    [
        ([172, 16, 0], 12),
        ([192, 168, 0], 16),
        ([10, 200, 0], 16),
        ([10, 3, 0], 17),
        ([10, 0, 128], 17),
        ([10, 1, 0], 16),
        ([10, 4, 64], 18),
        ([10, 5, 0], 16),
    ]
    .map(|([a, b, c], length)| {
        let mask = u32::MAX << (32 - u32::from(length));
        Block { net: u32::from_be_bytes([a, b, c, 0]) & mask, mask, length }
    })
    .to_vec()
}
