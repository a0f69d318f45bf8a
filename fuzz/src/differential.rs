//! Programs: the bytes are the genes of one, and what happens in its world. The product
//! and the second interpreter tell the same story of it.

use rye_reference::campaign::{Deaths, Judged, genes, judge};

/// How many bytes say what the world is like; the others are genes.
const WORLD: usize = 8;
/// As long as a program of the campaign.
const GENES_MAX: usize = 720;
/// The programs to begin with.
const SEEDS: u64 = 12;

pub(crate) fn check(bytes: &[u8]) -> bool {
    let Some((world, genes)) = bytes.split_first_chunk::<WORLD>() else { return false };
    let genes = genes.get(..GENES_MAX).unwrap_or(genes);
    match judge(genes, u64::from_be_bytes(*world), Deaths::Some) {
        Judged::Same { .. } => true,
        Judged::Refused(_) => false,
        Judged::Differs(text) => panic!("{text}"),
    }
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    (0..SEEDS).map(|number| [&number.to_be_bytes()[..], &genes(1, number)].concat()).collect()
}
