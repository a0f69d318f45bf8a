//! Histories that never happened: an auditor finds each of them.

use rye_core::effect::Act;
use rye_core::value::Name;

use super::questions::lead;
use super::*;
use crate::question::Vote;

/// What an auditor says of a history.
fn found(entries: &[Entry]) -> Option<String> {
    let mut audit = Audit::default();
    entries.iter().find_map(|entry| audit.check(entry))
}

/// A suspension and a block that people said yes to, then rolled back.
fn history() -> Vec<Entry> {
    let mut sim = town("hold", &questions::one());
    sim.enforce();
    sim.vote(Vote::Grant(vec![0]), lead("bea")).unwrap();
    sim.verb(rollback(20)).unwrap();
    assert!(!sim.is_blocked());
    let entries = sim.entries();
    assert_eq!(found(&entries), None);
    entries
}

/// Where the first entry stands that says this.
fn first(entries: &[Entry], is: fn(&Body) -> bool) -> usize {
    entries.iter().position(|entry| is(&entry.body)).unwrap()
}

fn is_intent(body: &Body) -> bool {
    matches!(body, Body::Intent { .. })
}

/// The history with these entries put in before the first one that says that.
fn with(before: fn(&Body) -> bool, body: Body, run: RunId) -> Option<String> {
    let mut entries = history();
    let place = first(&entries, before);
    let at = entries[place].at;
    entries.insert(place, Entry { at, run, body });
    found(&entries)
}

/// The history with its first entry that says this changed.
fn changed(is: fn(&Body) -> bool, change: fn(&mut Body)) -> Option<String> {
    let mut entries = history();
    let place = first(&entries, is);
    change(&mut entries[place].body);
    found(&entries)
}

/// The history with the first entry that says this twice.
fn twice(is: fn(&Body) -> bool) -> Option<String> {
    let mut entries = history();
    let place = first(&entries, is);
    entries.insert(place + 1, entries[place].clone());
    found(&entries)
}

fn act(body: &mut Body) -> Option<&mut Act> {
    match body {
        Body::Intent { act, .. } => Some(act),
        _ => None,
    }
}

#[test]
fn what_is_said_or_done_twice_is_found() {
    let says = |found: Option<String>, what: &str| assert_eq!(found.as_deref(), Some(what));
    let second = "a message counts a second time";
    says(twice(|body| matches!(body, Body::Voted { .. })), second);
    says(twice(|body| matches!(body, Body::RollbackStarted { .. })), second);
    says(twice(|body| matches!(body, Body::Started(_))), "the run begins a second time");
    says(twice(|body| matches!(body, Body::Requested { .. })), "a question is asked a second time");
    let decided = twice(|body| matches!(body, Body::Decided { .. }));
    says(decided, "a question is decided a second time");
    let again = "an outcome of an undo without an intent";
    says(twice(|body| matches!(body, Body::UndoOutcome { .. })), again);
    let mut entries = history();
    let undo = first(&entries, |body| matches!(body, Body::UndoIntent { .. }));
    entries.insert(undo + 2, entries[undo].clone());
    says(found(&entries), "what was taken back is taken back again");
}

#[test]
fn what_nobody_allowed_is_found() {
    let says = |found: Option<String>, what: &str| assert_eq!(found.as_deref(), Some(what));
    let by = Said { key: KeyId([5; 32]), message: Digest([200; 32]) };
    let halted = || Body::Halted { reason: "stop".into(), owner: "ann".into(), by };
    for run in [RunId::default(), RUN] {
        says(with(is_intent, halted(), run), "something begins while it is halted");
        let is_undo = |body: &Body| matches!(body, Body::UndoIntent { .. });
        says(with(is_undo, halted(), run), "something begins while it is halted");
    }
    let withdrawn = Body::BundleWithdrawn { bundle: BUNDLE, code: "E_REVOKED".into() };
    let unusable = "an act of a bundle that may be used no longer";
    says(with(is_intent, withdrawn, RunId::default()), unusable);
    let shadow = |body: &mut Body| {
        let Body::Started(start) = body else { return };
        start.mode = Mode::Shadow;
    };
    let looks = "a real act of a run that only looks";
    says(changed(|body| matches!(body, Body::Started(_)), shadow), looks);
    let own = |body: &mut Body| {
        let Body::Voted { owner, .. } = body else { return };
        *owner = "ann".into();
    };
    let voted = |body: &Body| matches!(body, Body::Voted { .. });
    says(changed(voted, own), "the starter of a run answers its question");
    let unasked = changed(is_intent, |body| {
        if let Some(approval) = act(body).and_then(|act| act.approval.as_mut()) {
            approval.request = EffectId([9; 16]);
        }
    });
    says(unasked, "an act behind a question that was not asked");
    let unlisted = changed(is_intent, |body| {
        if let Some(approval) = act(body).and_then(|act| act.approval.as_mut()) {
            approval.index = 7;
        }
    });
    says(unlisted, "an act that people did not say yes to");
    let mut entries = history();
    let vote = first(&entries, |body| matches!(body, Body::Voted { .. }));
    entries.remove(vote);
    says(found(&entries), "a yes for which too few people said yes");
}

#[test]
fn a_version_that_goes_back_is_found_unless_the_trust_root_lets_it() {
    let loaded = |version| {
        let (name, signers) = (Name::from("soc/contain"), Vec::new());
        let digest = Digest([u8::try_from(version).unwrap(); 32]);
        Body::BundleLoaded { digest, name, version, floor: 0, signers }
    };
    let reset = Body::TrustRootTaken {
        digest: Digest([1; 32]),
        version: 2,
        reset: vec![Name::from("soc/contain")],
    };
    let story = |bodies: Vec<Body>| {
        let (at, run) = (Stamp::default(), RunId::default());
        found(&bodies.into_iter().map(|body| Entry { at, run, body }).collect::<Vec<_>>())
    };
    assert_eq!(story(vec![loaded(7), loaded(7), loaded(8)]), None);
    let older = "an older version of a bundle after a newer one";
    assert_eq!(story(vec![loaded(8), loaded(7)]).as_deref(), Some(older));
    assert_eq!(story(vec![loaded(8), reset, loaded(7)]), None);
}
