//! The site's guardrails over all runs: quotas, what lifts them, and maintenance.

use super::*;
use crate::guardrail::{Guarded, Guardrail, Maintenance};
use crate::run::What;
use crate::schedule::When;

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3_600);

fn addresses(most: u64) -> Quota {
    Quota { of: Counted::Assets("Address".into()), most, per: HOUR }
}

fn acts(name: &str, most: u64) -> Quota {
    Quota { of: Counted::Acts(name.into()), most, per: HOUR }
}

fn town_under(quotas: &[Quota], on_failure: &str, code: &str) -> Sim<Town> {
    town_of(Site { quotas: quotas.to_vec(), ..site() }, &source(on_failure, code))
}

fn blocking(quotas: &[Quota]) -> Sim<Town> {
    town_under(quotas, "hold", &body(&[BLOCK, CONTAINED]))
}

fn id(number: u8) -> RunId {
    RunId([number; 16])
}

impl Sim<Town> {
    /// The run of this number blocks the address of this number.
    fn alert(&mut self, number: u8, host: u8, mode: Mode) {
        let input = format!(r#"{{"address": "203.0.113.{host}"}}"#);
        let input = input.as_bytes().into();
        self.start(&Beginning { input, ..beginning(id(number), mode) }).unwrap();
        self.check();
    }

    fn many_alerts(&mut self, hosts: core::ops::Range<u8>) {
        hosts.for_each(|host| self.alert(host, host, Mode::Enforce));
    }

    /// What a guardrail says of the act of a run.
    fn refusal(&self, number: u8) -> Option<String> {
        self.run(id(number)).effects.values().find_map(|state| match &state.what {
            What::Refused { rule, .. } => Some(rule.to_string()),
            _ => None,
        })
    }

    fn holds(&self, number: u8) -> bool {
        matches!(self.run(id(number)).phase, Phase::Held { .. })
    }

    fn lift(&mut self, owner: &str, number: u8) -> Result<(), String> {
        let effect = self.run(id(number)).over_quota().unwrap_or(EffectId([0; 16]));
        self.verb_of(owner, id(number), Verb::Lift { effect })
    }

    fn intents(&self) -> usize {
        self.entries().iter().filter(|entry| matches!(entry.body, Body::Intent { .. })).count()
    }
}

#[test]
fn one_address_too_many_is_held_until_two_people_lift_the_quota() {
    let mut sim = blocking(&[addresses(2)]);
    sim.many_alerts(1..4);
    assert!(sim.refusal(3).unwrap().contains("number 3 of at most 2 of kind Address in 1h"));
    assert!(sim.holds(3) && sim.world.blocked.len() == 2);
    sim.lift("bob", 3).unwrap();
    assert!(sim.lift("bob", 3).unwrap_err().contains("one more is needed"));
    assert!(sim.lift("ann", 3).unwrap_err().contains("started the run"));
    assert_eq!(sim.world.blocked.len(), 2, "one is not enough");
    sim.lift("eve", 3).unwrap();
    assert_eq!((sim.world.blocked.len(), sim.world.count("block")), (3, 3));
    // It was for that one effect.
    sim.alert(4, 4, Mode::Enforce);
    assert!(sim.refusal(4).unwrap().contains("number 4 of at most 2"));
    let wrong = sim.verb_of("bob", id(3), Verb::Lift { effect: EffectId([1; 16]) }).unwrap_err();
    assert!(wrong.contains("not held by a quota"), "{wrong}");
    let wrong = sim.verb_of("bob", id(4), Verb::Lift { effect: EffectId([1; 16]) }).unwrap_err();
    assert!(wrong.contains("the effect that a quota refused is"), "{wrong}");
}

#[test]
fn nothing_but_a_quota_is_lifted() {
    let network = rye_core::value::Cidr::parse("203.0.113.0/24").unwrap();
    let protected = Protected::new(vec![(Guarded::Network(network), "ours".into())]);
    let code = body(&[BLOCK, CONTAINED]);
    let everything = Maintenance {
        name: "all of it".into(),
        when: vec![When::Every { period: HOUR, from: Duration::ZERO, span: HOUR }],
        what: Vec::new(),
    };
    let limited = body(&[SUSPEND, "constant user, bob\n", SUSPEND, CONTAINED]);
    for (site, code, guardrail) in [
        (Site { protected, ..site() }, &code, Guardrail::Protected),
        (Site { maintenance: vec![everything], ..site() }, &code, Guardrail::Maintenance),
        (site(), &limited, Guardrail::RunLimit),
    ] {
        let mut sim = town_of(site, &source("hold", code));
        sim.enforce();
        let refused = sim.run(RUN).effects.values().find_map(|state| state.refused);
        assert_eq!(refused, Some(guardrail));
        let effect = sim.run(RUN).failed.unwrap();
        let wrong = sim.verb_of("bob", RUN, Verb::Lift { effect }).unwrap_err();
        assert!(wrong.contains("nothing else can be lifted"), "{wrong}");
    }
}

#[test]
fn what_a_quota_refuses_undoes_nothing_and_a_playbook_may_recover() {
    let mut sim =
        town_under(&[acts("std.identity", 0)], "undo", &body(&[BLOCK, SUSPEND, CONTAINED]));
    sim.enforce();
    assert!(sim.is_held() && sim.is_blocked(), "a flood is no way to undo");
    let attempt = format!(
        "open.attempt failure, handler\n{SUSPEND}close.frame\njump after\n\
         handler:\nclose.frame\nafter:\n"
    );
    let code = body(&[BLOCK, &attempt, CONTAINED]);
    let mut sim = town_under(&[acts("std.identity", 0)], "hold", &code);
    sim.enforce();
    assert_eq!(sim.outcome(), Some(RunOutcome::Contained));
    assert!(sim.is_blocked() && !sim.is_suspended());
}

#[test]
fn a_held_run_that_continues_is_measured_again() {
    let mut sim = blocking(&[addresses(1)]);
    sim.many_alerts(1..3);
    for (span, holds) in [(MINUTE, true), (HOUR, false)] {
        sim.pass(span);
        sim.verb_to(id(2), Verb::Release(Release::Continue)).unwrap();
        assert_eq!(sim.holds(2), holds, "{span}");
    }
    assert!(sim.world.blocked.contains("203.0.113.2"));
}

#[test]
fn a_quota_that_is_lifted_leaves_every_other_guardrail() {
    let mut sim = blocking(&[addresses(0)]);
    sim.many_alerts(1..2);
    let network = rye_core::value::Cidr::parse("203.0.113.1/32").unwrap();
    let protected = Protected::new(vec![(Guarded::Network(network), "ours now".into())]);
    sim.engine.protect(protected);
    sim.lift("bob", 1).unwrap();
    sim.lift("eve", 1).unwrap();
    assert!(sim.refusal(1).unwrap().contains("protected") && sim.holds(1));
    assert_eq!(sim.world.count("block"), 0);
}

#[test]
fn attempts_undos_and_what_was_so_already_count_nothing() {
    let mut sim = blocking(&[addresses(1), acts("std.firewall", 1)]);
    for _ in 0..2 {
        sim.world.answers("block", Ending::NotSent("nobody there".into()), false);
    }
    sim.alert(1, 1, Mode::Enforce);
    assert_eq!(sim.world.count("block"), 3, "tried three times, and it is one act");
    // Another run finds it done: no act, no matter how full.
    sim.alert(2, 1, Mode::Enforce);
    assert!(!sim.holds(2));
    for (number, of) in [(20, 1), (21, 2)] {
        sim.verb_to(id(of), rollback(number)).unwrap();
    }
    assert!(sim.world.blocked.is_empty(), "no quota stops an undo");
    assert_eq!(sim.intents(), 1);
    sim.alert(3, 3, Mode::Enforce);
    assert!(sim.holds(3));
}

#[test]
fn a_dry_run_is_refused_as_a_real_one_and_takes_nothing_from_it() {
    let mut sim = blocking(&[addresses(1)]);
    for mode in [Mode::Shadow, Mode::Monitor] {
        let from = if mode == Mode::Shadow { 1 } else { 11 };
        sim.alert(from, from, mode);
        sim.alert(from + 1, from + 1, mode);
        assert!(!sim.holds(from) && sim.holds(from + 1), "{mode}");
    }
    sim.alert(21, 21, Mode::Enforce);
    assert!(!sim.holds(21));
    assert_eq!(sim.world.blocked.len(), 1);
}

#[test]
fn maintenance_holds_and_its_end_lets_go_on() {
    let now = blocking(&[]).now.wall;
    let when = When::Once { from: now, until: now.saturating_add(HOUR) };
    let maintenance = Maintenance {
        name: "new switches".into(),
        when: vec![when],
        what: vec!["std.firewall".into()],
    };
    let site = Site { maintenance: vec![maintenance], ..site() };
    let mut sim = town_of(site, &source("hold", &body(&[SUSPEND, BLOCK, CONTAINED])));
    sim.enforce();
    assert!(sim.is_held() && sim.is_suspended() && !sim.is_blocked());
    sim.verb(Verb::Release(Release::Continue)).unwrap();
    assert!(sim.is_held());
    sim.pass(HOUR);
    sim.verb(Verb::Release(Release::Continue)).unwrap();
    assert!(sim.is_blocked());
}

/// Abuse case 14, `blast_radius`: one alert a minute, while the process dies again and
/// again and the clock is turned.
#[test]
fn no_death_and_no_clock_lets_more_through() {
    let mut sim = blocking(&[addresses(10)]);
    for host in 1..=40 {
        sim.die_at([usize::from(host) % 9]);
        if host == 20 {
            sim.now.wall = sim.now.wall.saturating_add(Duration::from_secs(86_400));
        }
        sim.alert(host, host, Mode::Enforce);
        sim.pass(MINUTE);
    }
    assert_eq!((sim.world.blocked.len(), sim.intents()), (10, 10));
    assert_eq!((1..=40).filter(|host| sim.holds(*host)).count(), 30);
    // After an hour there is room again.
    sim.pass(HOUR);
    sim.many_alerts(41..43);
    assert!(!sim.holds(41) && !sim.holds(42));
}

#[test]
fn a_death_anywhere_while_a_quota_is_lifted_changes_nothing() {
    let mut deaths = 0;
    loop {
        let mut sim = blocking(&[addresses(1)]);
        sim.many_alerts(1..3);
        let before = sim.points().len();
        sim.die_at([deaths]);
        sim.lift("bob", 2).unwrap();
        sim.lift("eve", 2).unwrap();
        assert_eq!(sim.world.blocked.len(), 2, "death {deaths}");
        assert_eq!(sim.intents(), 2, "death {deaths}");
        // A lost answer costs a second call under the same key, and nothing else.
        let keys: BTreeSet<_> =
            sim.world.calls.iter().filter(|(verb, _)| verb == "block").collect();
        assert_eq!(keys.len(), 2, "death {deaths}");
        if deaths > sim.points().len() - before {
            break;
        }
        deaths += 1;
    }
    assert!(deaths > 8);
}

#[test]
fn an_intent_that_counts_wrong_or_passes_a_quota_is_found() {
    let mut sim = blocking(&[addresses(2)]);
    sim.many_alerts(1..3);
    let found = |change: &dyn Fn(&mut u64, &mut u64)| {
        let mut audit = Audit::default();
        let findings = sim.entries().into_iter().filter_map(|mut entry| {
            if let Body::Intent { counts, .. } = &mut entry.body {
                for count in counts {
                    change(&mut count.quota.most, &mut count.after);
                }
            }
            audit.check(&entry)
        });
        findings.collect::<Vec<_>>()
    };
    assert!(found(&|_, _| ()).is_empty());
    assert_eq!(found(&|_, after| *after = 1), ["the act counts as 1 of Address in 1h, and is 2"]);
    assert_eq!(found(&|most, _| *most = 1), ["act 2 of at most 1 of Address, which nobody lifted"]);
}
