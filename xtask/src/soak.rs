//! What chance decides and anybody can play, for as long as there is time: one campaign
//! after the other, over and over, each time by the next seed.

use std::time::{Duration, Instant};

use rye_tests::campaign::{ROUNDS, SEED};

use crate::run::{cargo, say, step};
use crate::{crash, differential, verifier};

/// Without a word it goes on for so many minutes.
const MINUTES: u64 = 60;

/// How much each campaign plays before it is the next one's turn.
const PROGRAMS: &str = "10000";
const MODULES: &str = "100000";
const STORIES: &str = "5000";
const DEATHS: &str = "200";

/// Goes on for as many minutes as the first word says, from the seed on that the second
/// word is. What has begun is played to its end.
///
/// # Errors
/// The first thing that is not as it should be.
pub(crate) fn run(words: &[String]) -> Result<(), String> {
    let number = |at: usize, usual: u64| match words.get(at) {
        Some(word) => word.parse().map_err(|_| format!("`{word}` is no number")),
        None => Ok(usual),
    };
    let (minutes, first) = (number(0, MINUTES)?, number(1, 1)?);
    let (began, time) = (Instant::now(), Duration::from_secs(60 * minutes));
    let campaigns = [programs, modules, stories, deaths];
    for seed in first.. {
        for campaign in campaigns {
            if began.elapsed() >= time {
                return Ok(());
            }
            say(&format!("\nseed {seed}"));
            campaign(&seed.to_string())?;
        }
    }
    Ok(())
}

fn programs(seed: &str) -> Result<(), String> {
    differential::run(&["--programs", PROGRAMS, "--seed", seed].map(String::from))
}

fn modules(seed: &str) -> Result<(), String> {
    verifier::run(&[MODULES, seed].map(String::from))
}

/// Those of the engine's simulator.
fn stories(seed: &str) -> Result<(), String> {
    let mut test = cargo();
    test.args(["test", "--release", "--locked", "--package", "rye-engine", "--lib"]);
    test.args(["sim::tests::random", "--", "--nocapture"]);
    step("stories", test.env(ROUNDS, STORIES).env(SEED, seed))
}

fn deaths(seed: &str) -> Result<(), String> {
    crash::deaths(DEATHS, seed)
}
