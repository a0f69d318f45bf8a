//! Erasing what is known of a run: only when nobody needs it any more, and then the run
//! is as if it had never been.

use super::*;

/// Says that all that is known of [`RUN`] is to be erased. Afterwards the world remembers
/// calls of a run that nobody knows any more.
fn erase(sim: &mut Sim<Town>, number: u8) -> Result<(), String> {
    let by = Said { key: KeyId([5; 32]), message: Digest([number; 32]) };
    let verb = Verb::Erase { reason: "the law".into() };
    sim.say(&Message { run: RUN, verb, by, owner: "ann".into() })
}

#[test]
fn a_run_is_erased_when_it_is_over_and_holds_nothing() {
    let mut sim = town("hold", &body(&[BLOCK, END_SESSIONS, CONTAINED]));
    sim.world.answers("end_sessions", Ending::refused(ErrorKind::Denied, ""), false);
    sim.enforce();
    let why = erase(&mut sim, 201).unwrap_err();
    assert!(why.contains("is not over; `cancel` ends it"), "{why}");
    sim.release(Release::Keep);
    let why = erase(&mut sim, 202).unwrap_err();
    assert!(why.contains("still holds something"), "{why}");
    let rollback = RunId([77; 16]);
    sim.verb_of("ann", RUN, Verb::Rollback { as_run: rollback, effects: Vec::new() }).unwrap();
    assert!(!sim.is_blocked());
    erase(&mut sim, 203).unwrap();
    assert!(sim.engine().runs().is_empty(), "its rollback is forgotten too");
    let erasure = sim.engine().erasures().of(rollback).unwrap();
    assert_eq!((&*erasure.owner, &*erasure.reason, erasure.done), ("ann", "the law", false));
    let why = erase(&mut sim, 204).unwrap_err();
    assert!(why.contains("was erased"), "{why}");
    assert_eq!(sim.engine().erasures().unfinished().count(), 1);
    let now = sim.now;
    sim.engine.erased(RUN, now);
    sim.rest();
    assert_eq!(sim.engine().erasures().unfinished().count(), 0);
}

#[test]
fn what_others_need_for_their_undo_is_not_erased() {
    let mut sim = town("hold", &body(&[BLOCK, CONTAINED]));
    sim.enforce();
    let other = RunId([9; 16]);
    sim.start(&beginning(other, Mode::Enforce)).unwrap();
    let rollback = Verb::Rollback { as_run: RunId([77; 16]), effects: Vec::new() };
    sim.verb_of("ann", RUN, rollback).unwrap();
    assert!(sim.is_blocked(), "the other run holds it");
    let why = erase(&mut sim, 205).unwrap_err();
    assert!(why.contains("undoing that needs its record"), "{why}");
    let rollback = Verb::Rollback { as_run: RunId([78; 16]), effects: Vec::new() };
    sim.verb_of("ann", other, rollback).unwrap();
    assert!(!sim.is_blocked());
    erase(&mut sim, 206).unwrap();
    assert!(sim.engine().runs().contains_key(&other), "and nothing else is forgotten");
}

/// The engine of who opens the journal after the values of a run were overwritten.
fn reopened(sim: &Sim<Town>, erased: RunId) -> Engine {
    let mut engine = Engine::new(sim.site.clone());
    for (bundle, program) in &sim.programs {
        engine.add_program(*bundle, program.clone(), Budget::MOST);
    }
    for entry in sim.entries() {
        let is_lost = entry.run == erased && !matches!(entry.body, Body::Erasing { .. });
        if !is_lost {
            engine.apply(&entry);
        }
    }
    engine
}

#[test]
fn what_an_erased_run_did_counts_on_until_its_span_is_over() {
    let of = [Counted::Assets("Address".into()), Counted::Acts("std.identity".into())];
    let per = Duration::from_secs(3_600);
    let quotas = of.map(|of| Quota { of, most: 1, per }).to_vec();
    let two = Quota {
        of: Counted::Acts("std.identity".into()),
        most: 9,
        per: Duration::from_secs(7_200),
    };
    let site = Site { quotas: [quotas, vec![two]].concat(), ..site() };
    let acts = "open.stage contain, inherit\ndo nothing, s_block\nclose.frame\n";
    let mut sim = town_of(site, &source("hold", &body(&[acts, END_SESSIONS, CONTAINED])));
    sim.enforce();
    sim.verb(rollback(20)).unwrap();
    let books = sim.engine().books().clone();
    erase(&mut sim, 201).unwrap();
    sim.world.blocked.clear();
    assert_eq!(*sim.engine().books(), books);
    for (passed, is_held) in [(0, true), (3_700, false)] {
        sim.engine = reopened(&sim, RUN);
        sim.forward(Duration::from_secs(passed));
        let other = RunId([90 + u8::from(is_held); 16]);
        let mut start = beginning(other, Mode::Enforce);
        start.input = br#"{"address": "203.0.113.99"}"#.as_slice().into();
        sim.start(&start).unwrap();
        let held = matches!(sim.run(other).phase, Phase::Held { .. });
        assert_eq!(held, is_held, "{}", sim.history());
        if is_held {
            let refused = sim.run(other).effects.values().find_map(|it| it.refused);
            assert_eq!(refused, Some(crate::guardrail::Guardrail::BlastRadius));
        }
    }
}
