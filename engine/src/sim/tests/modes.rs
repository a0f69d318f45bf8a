//! The dry modes: what they ask, tell, and never do.

use super::*;

#[test]
fn a_dry_run_asks_and_does_nothing() {
    for mode in [Mode::Shadow, Mode::Monitor] {
        let mut sim = town("hold", &body(&[BLOCK, SUSPEND, TELL, CONTAINED]));
        sim.start(&beginning(RUN, mode)).unwrap();
        sim.check();
        assert_eq!(sim.outcome(), Some(RunOutcome::Contained));
        assert!(!sim.is_blocked() && !sim.is_suspended());
        assert_eq!(sim.world.count("is_blocked"), 1, "the world is really asked");
        assert_eq!(sim.run(RUN).records().count(), 0);
    }
}

#[test]
fn shadow_tells_nobody_and_monitor_says_what_it_is() {
    for (mode, told) in [(Mode::Shadow, vec![]), (Mode::Monitor, vec!["monitor: scanned us"])] {
        let mut sim = town("hold", &body(&[TELL, CONTAINED]));
        sim.start(&beginning(RUN, mode)).unwrap();
        assert_eq!(sim.world.told, told);
    }
}

#[test]
fn a_simulated_effect_shows_as_if_it_stood() {
    let code =
        body(&[BLOCK, "ask found, s_ask\njump.if found, good\nfail text\ngood:\n", CONTAINED]);
    for mode in [Mode::Shadow, Mode::Enforce] {
        let mut sim = town("hold", &code);
        sim.start(&beginning(RUN, mode)).unwrap();
        assert_eq!(sim.outcome(), Some(RunOutcome::Contained), "{mode}");
    }
}

#[test]
fn a_dry_run_does_not_wait() {
    let mut sim = town("hold", &body(&["wait hour, 3600000000\n", CONTAINED]));
    let before = sim.now;
    sim.start(&beginning(RUN, Mode::Shadow)).unwrap();
    assert!(!sim.now.has_passed(before, Duration::from_secs(60)));
}

#[test]
fn a_dry_run_meets_the_guardrails_too() {
    let network = rye_core::value::Cidr::parse("203.0.113.7/32").unwrap();
    let protected =
        Protected::new(vec![(crate::guardrail::Guarded::Network(network), "a resolver".into())]);
    let mut sim = town_with("hold", &body(&[BLOCK, CONTAINED]), protected);
    sim.start(&beginning(RUN, Mode::Shadow)).unwrap();
    assert!(sim.is_held());
}
