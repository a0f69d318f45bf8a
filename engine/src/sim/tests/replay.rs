//! Runs that are done again from their entries: as they were, and with an entry that says
//! something else. That every other history is the same again is in `check_any`.

use rye_core::effect::Life;

use super::*;
use crate::engine::Difference;
use crate::entry::Place;

/// A block, a suspension that fails, and what is told of it.
fn history() -> Sim<Town> {
    let mut sim = town("hold", &body(&[BLOCK, SUSPEND, TELL, CONTAINED]));
    sim.world.answers("suspend", Ending::refused(ErrorKind::Denied, "no"), false);
    sim.enforce();
    sim.release(Release::Continue);
    assert_eq!(sim.outcome(), Some(RunOutcome::Contained));
    sim
}

/// The word of the entry at which the replay of a changed history differs, and how.
fn found(change: impl Fn(&mut Body) -> bool) -> Option<(&'static str, Difference)> {
    let sim = history();
    let mut entries = sim.entries();
    let changed = entries.iter_mut().any(|entry| change(&mut entry.body));
    assert!(changed, "nothing was changed");
    sim.replayed(RUN, &entries)
        .err()
        .map(|(at, difference)| (entries.get(at).map_or("", |entry| entry.body.word()), difference))
}

fn place(body: &mut Body) -> Option<&mut Place> {
    match body {
        Body::Intent { place, .. } => Some(place),
        _ => None,
    }
}

#[test]
fn a_run_is_the_same_again_and_all_that_it_wanted_was_compared() {
    let sim = history();
    let words: Vec<_> = sim.entries().iter().map(|entry| entry.body.word()).collect();
    // Two intents of the suspension, one of the block, the failure, the notice, the end.
    let telling = ["intent", "raised", "told", "run ended"];
    let wanted = words.iter().filter(|word| telling.contains(word)).count();
    assert_eq!((sim.replayed(RUN, &sim.entries()), wanted), (Ok(6), 6), "{words:?}");
}

#[test]
fn an_act_that_is_written_down_otherwise_is_found_where_it_stands() {
    let (word, difference) = found(|body| match body {
        Body::Intent { act, .. } => {
            act.life = Life::UntilReleased;
            true
        }
        _ => false,
    })
    .unwrap();
    assert_eq!(word, "intent");
    assert!(difference.machine.starts_with("does std.firewall.block("), "{difference:?}");
    let (word, _) =
        found(|body| place(body).is_some_and(|place| place.position.0.pop().is_some())).unwrap();
    assert_eq!(word, "intent");
}

#[test]
fn an_answer_that_is_written_down_otherwise_leads_elsewhere() {
    let (word, difference) = found(|body| match body {
        Body::Outcome { answer: answer @ Some(Ok(_)), .. } => {
            *answer = Some(Err(rye_core::error::Error::new(ErrorKind::Denied, "no")));
            true
        }
        _ => false,
    })
    .unwrap();
    assert_eq!(word, "intent", "{difference:?}");
    assert!(difference.machine.starts_with("fails with denied: no"), "{difference:?}");
}

#[test]
fn an_end_that_is_written_down_otherwise_is_found() {
    let (word, difference) = found(|body| match body {
        Body::Ended { outcome, .. } => {
            *outcome = RunOutcome::Escalated;
            true
        }
        _ => false,
    })
    .unwrap();
    assert_eq!((word, &*difference.machine), ("run ended", "ends contained: cut off"));
}
