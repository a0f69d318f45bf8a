//! Runs that set one thing to one state after the other, and let go in any order.

use rye_core::error::Error;

use super::*;
use crate::entry::LetGo;

/// Which playbook sets what.
const SHADOW: u8 = 31;
const MONITOR: u8 = 32;

fn step(mode: &str, site: &str) -> String {
    format!("ask before, s_mode\nconstant mode, {mode}\ndo nothing, {site}\n")
}

/// A site with a playbook for each body, under bundles of these numbers.
fn site_of(playbooks: &[(u8, String)]) -> Sim<Town> {
    let mut sim = Sim::new(site(), Town::default());
    for (number, code) in playbooks {
        let module = rye_bytecode::assemble(&source("undo", code)).unwrap();
        let verified = rye_bytecode::verify(module, Options::default()).unwrap();
        sim.add_program(Digest([*number; 32]), Program::new(verified));
    }
    sim
}

fn setters(site: &str) -> Sim<Town> {
    let sets = |mode| body(&[&step(mode, site), CONTAINED]);
    site_of(&[(SHADOW, sets("shadow")), (MONITOR, sets("monitor"))])
}

/// Run 1 sets it to `shadow`, and run 2 to `monitor` after it.
fn two() -> Sim<Town> {
    let mut sim = setters("s_set");
    sim.sets(1, SHADOW);
    sim.sets(2, MONITOR);
    assert_eq!(sim.world.mode, "monitor");
    sim
}

fn id(run: u8) -> RunId {
    RunId([run; 16])
}

impl Sim<Town> {
    fn sets(&mut self, run: u8, bundle: u8) {
        let of = Beginning { bundle: Digest([bundle; 32]), ..beginning(id(run), Mode::Enforce) };
        self.start(&of).unwrap();
        self.check_any();
    }

    fn act_of(&self, run: u8) -> EffectId {
        self.run(id(run)).acts().next().map(|(effect, ..)| effect).unwrap()
    }

    fn let_go(&mut self, run: u8) -> Result<(), String> {
        let effect = self.act_of(run);
        self.says(id(run), Verb::LetGo { effect })
    }

    fn says(&mut self, run: RunId, verb: Verb) -> Result<(), String> {
        let number = u8::try_from(self.entries().len()).unwrap();
        let by = Said { key: KeyId([5; 32]), message: Digest([number; 32]) };
        let said = self.say(&Message { run, verb, by, owner: "ann".into() });
        self.check_any();
        said
    }

    /// For which run's effect that of `run` waits.
    fn waits(&self, run: u8) -> Option<RunId> {
        let (.., act) = self.run(id(run)).acts().next().unwrap();
        self.engine().covered_by(act).map(|(by, _)| by)
    }

    fn is_free(&self) -> bool {
        self.world.mode.is_empty() && !self.engine().runs().values().any(Run::holds_anything)
    }
}

#[test]
fn an_earlier_effect_waits_for_a_later_one_and_follows_it_at_once() {
    let mut sim = two();
    sim.let_go(1).unwrap();
    assert_eq!((sim.world.mode.as_str(), sim.waits(1)), ("monitor", Some(id(2))));
    let refused = sim.let_go(1).unwrap_err();
    assert!(refused.contains(&format!("effect {} of run {}", sim.act_of(2), id(2))), "{refused}");
    let refused = sim.says(id(1), rollback(20)).unwrap_err();
    assert!(refused.contains("let go of that one"), "{refused}");
    sim.let_go(2).unwrap();
    assert!(sim.is_free(), "{}", sim.history());
    assert_eq!(sim.world.count("set_mode"), 4);
}

#[test]
fn effects_that_let_go_in_their_order_wait_for_nothing() {
    let mut sim = two();
    sim.let_go(2).unwrap();
    assert_eq!(sim.world.mode, "shadow");
    sim.let_go(1).unwrap();
    assert!(sim.is_free());
    assert!(!sim.entries().iter().any(|entry| matches!(entry.body, Body::Covered { .. })));
}

/// Whatever is set, and joined, and let go in whatever order: the world is as the last
/// wants it that wants anything, and in the end as it was.
#[test]
fn what_is_let_go_in_any_order_ends_as_it_was() {
    let mut orders = vec![vec![]];
    for run in 1..=4_u8 {
        orders = orders
            .iter()
            .flat_map(|order: &Vec<u8>| {
                (0..=order.len()).map(move |at| {
                    let mut longer = order.clone();
                    longer.insert(at, run);
                    longer
                })
            })
            .collect();
    }
    let modes = |number: u8| (0..4).map(move |run| number >> run & 1 == 1);
    for (number, order) in (0..16).flat_map(|number| orders.iter().map(move |it| (number, it))) {
        let sets: Vec<bool> = modes(number).collect();
        let mut sim = setters("s_set");
        for (run, monitors) in (1..).zip(&sets) {
            sim.sets(run, if *monitors { MONITOR } else { SHADOW });
        }
        let mut left: Vec<u8> = (1..=4).collect();
        for run in order {
            sim.let_go(*run).unwrap();
            left.retain(|other| other != run);
            let last = left.last().map(|run| sets[usize::from(*run) - 1]);
            let wanted = last.map_or("", |monitors| if monitors { "monitor" } else { "shadow" });
            assert_eq!(sim.world.mode, wanted, "{sets:?} {order:?}:\n{}", sim.history());
        }
        assert!(sim.is_free(), "{sets:?} {order:?}:\n{}", sim.history());
    }
}

#[test]
fn two_steps_of_one_run_are_taken_back_in_any_order() {
    let code = body(&[&step("shadow", "s_set"), &step("monitor", "s_set"), CONTAINED]);
    let mut sim = site_of(&[(SHADOW, code)]);
    sim.sets(1, SHADOW);
    sim.let_go(1).unwrap();
    assert_eq!((sim.world.mode.as_str(), sim.waits(1)), ("monitor", Some(id(1))));
    sim.says(id(1), rollback(20)).unwrap();
    assert!(sim.is_free(), "{}", sim.history());
}

#[test]
fn a_life_that_ends_under_a_later_effect_ends_with_it() {
    let mut sim = setters("s_set_hour");
    sim.sets(1, SHADOW);
    sim.pass(Duration::from_secs(1_800));
    sim.sets(2, MONITOR);
    sim.pass(Duration::from_secs(2_000));
    sim.check_any();
    assert_eq!((sim.world.mode.as_str(), sim.waits(1)), ("monitor", Some(id(2))));
    sim.pass(Duration::from_secs(1_700));
    sim.check_any();
    assert!(sim.is_free(), "{}", sim.history());
}

#[test]
fn no_clock_ends_what_waited_if_its_bundle_was_withdrawn_meanwhile() {
    let mut sim = setters("s_set_hour");
    sim.sets(1, SHADOW);
    sim.pass(Duration::from_secs(1_800));
    sim.sets(2, MONITOR);
    sim.pass(Duration::from_secs(2_000));
    sim.judge(|engine, now| engine.withdraw(Digest([SHADOW; 32]), "E_REVOKED", now));
    sim.let_go(2).unwrap();
    assert_eq!(sim.world.mode, "shadow");
    sim.let_go(1).unwrap();
    assert!(sim.is_free(), "{}", sim.history());
}

#[test]
fn a_run_that_fails_under_a_later_effect_ends_and_its_effect_waits() {
    let fails = body(&[&step("shadow", "s_set"), "wait hour, 3600000000\n", "fail text\n"]);
    let sets = body(&[&step("monitor", "s_set"), CONTAINED]);
    let mut sim = site_of(&[(SHADOW, fails), (MONITOR, sets)]);
    let of = Beginning { bundle: Digest([SHADOW; 32]), ..beginning(id(1), Mode::Enforce) };
    sim.engine.start(&of, sim.now).unwrap();
    assert!(sim.settle().is_ok());
    sim.sets(2, MONITOR);
    assert!(matches!(sim.run(id(1)).phase, Phase::Ended { outcome: RunOutcome::RolledBack, .. }));
    assert_eq!((sim.world.mode.as_str(), sim.waits(1)), ("monitor", Some(id(2))));
    sim.says(id(2), rollback(20)).unwrap();
    assert!(sim.is_free(), "{}", sim.history());
}

#[test]
fn an_earlier_effect_waits_while_the_later_ones_undo_is_stuck() {
    let mut sim = two();
    sim.world.answers("set_mode", Ending::refused(ErrorKind::Denied, "no"), false);
    sim.let_go(2).unwrap();
    sim.let_go(1).unwrap();
    assert_eq!((sim.world.mode.as_str(), sim.waits(1)), ("monitor", Some(id(2))));
    sim.let_go(2).unwrap();
    assert!(sim.is_free(), "{}", sim.history());
}

#[test]
fn what_others_changed_meanwhile_is_left_alone_by_both() {
    let mut sim = two();
    sim.let_go(1).unwrap();
    sim.world.mode = String::from("theirs");
    let effect = sim.act_of(2);
    let by = Said { key: KeyId([5; 32]), message: Digest([99; 32]) };
    let verb = Verb::LetGo { effect };
    sim.say(&Message { run: id(2), verb, by, owner: "ann".into() }).unwrap();
    assert_eq!(sim.world.mode, "theirs");
    assert!(!sim.engine().runs().values().any(Run::holds_anything));
}

#[test]
fn what_waited_waits_on_while_its_run_is_halted() {
    for halted in [1, 2] {
        let mut sim = two();
        sim.let_go(1).unwrap();
        sim.halt(id(halted));
        sim.let_go(2).unwrap();
        let wanted = if halted == 1 { "shadow" } else { "monitor" };
        assert_eq!(sim.world.mode, wanted);
        sim.resume(id(halted));
        assert!(sim.is_free(), "{halted}:\n{}", sim.history());
    }
}

#[test]
fn a_later_effect_of_a_held_run_is_waited_for() {
    let sets = body(&[&step("shadow", "s_set"), CONTAINED]);
    let holds = body(&[
        "open.stage contain, hold\n",
        &step("monitor", "s_set"),
        END_SESSIONS,
        "close.frame\n",
        CONTAINED,
    ]);
    for (verb, is_free) in [
        (Verb::Release(Release::Undo), true),
        (Verb::Cancel { undo: true }, true),
        (Verb::Cancel { undo: false }, false),
    ] {
        let mut sim = site_of(&[(SHADOW, sets.clone()), (MONITOR, holds.clone())]);
        sim.sets(1, SHADOW);
        sim.world.answers("end_sessions", Ending::refused(ErrorKind::Denied, ""), false);
        sim.sets(2, MONITOR);
        sim.let_go(1).unwrap();
        assert_eq!(sim.waits(1), Some(id(2)));
        sim.says(id(2), verb.clone()).unwrap();
        assert_eq!(sim.is_free(), is_free, "{verb:?}:\n{}", sim.history());
        if !is_free {
            sim.let_go(2).unwrap();
            assert!(sim.is_free());
        }
    }
}

/// Two effects of one action on one thing that do not hide each other.
#[test]
fn effects_that_stand_beside_each_other_wait_for_nobody() {
    let tags = |mode| body(&[&format!("constant mode, {mode}\ndo nothing, s_tag\n"), CONTAINED]);
    let mut sim = site_of(&[(SHADOW, tags("shadow")), (MONITOR, tags("monitor"))]);
    sim.sets(1, SHADOW);
    sim.sets(2, MONITOR);
    sim.let_go(1).unwrap();
    assert_eq!(sim.world.tags, BTreeSet::from(["monitor".into()]));
    sim.let_go(2).unwrap();
    assert!(sim.world.tags.is_empty());
}

/// Somebody lets go of the earlier effect at every point at which the later one comes or
/// goes, while its answers are lost, refused or late, and the process dies.
#[test]
fn at_every_point_of_the_later_effect_the_earlier_one_is_not_forgotten() {
    let half = Error::new(ErrorKind::Denied, "half-way");
    let odd = [
        None,
        Some((Ending::Unknown("lost".into()), true)),
        Some((Ending::Unknown("lost".into()), false)),
        Some((Ending::refused(ErrorKind::Denied, "no"), false)),
        Some((Ending::Refused { error: half, perhaps: true }, true)),
        Some((Ending::NotSent("nobody".into()), false)),
    ];
    let (mut waited, mut all) = (0, 0);
    for (odd, at) in odd.iter().flat_map(|odd| (0..16).map(move |at| (odd, at))) {
        for death in [None, Some(at), Some(at + 2), Some(at + 5)] {
            let mut sim = setters("s_set");
            sim.sets(1, SHADOW);
            if let Some((ending, takes_effect)) = odd.clone() {
                sim.world.answers("set_mode", ending, takes_effect);
            }
            sim.interrupt_at(at, Interruption::Say(Box::new(sim.words(1))));
            sim.die_at(death);
            let later =
                Beginning { bundle: Digest([MONITOR; 32]), ..beginning(id(2), Mode::Enforce) };
            sim.start(&later).unwrap();
            // It looks again after a second what came of the later one.
            sim.pass(Duration::from_secs(2));
            // Who read how it was before the earlier effect was gone brings that back.
            if sim.is_undone_before_the_later_begins() {
                continue;
            }
            sim.check_any();
            waited += usize::from(sim.waits(1).is_some());
            if sim.run(id(2)).holds_anything() {
                sim.says(id(2), rollback(20)).unwrap();
            }
            // It may have been let go of already.
            let _ = sim.let_go(1);
            assert!(sim.is_free(), "{odd:?} at {at}, death {death:?}:\n{}", sim.history());
            all += 1;
        }
    }
    assert!(waited > 50 && all > 100, "{waited} of {all}");
}

impl Sim<Town> {
    fn words(&self, run: u8) -> Message {
        let by = Said { key: KeyId([6; 32]), message: Digest([200; 32]) };
        let verb = Verb::LetGo { effect: self.act_of(run) };
        Message { run: id(run), verb, by, owner: "bob".into() }
    }

    /// Whether an attempt of the later one, or none, comes after the undo of the earlier.
    fn is_undone_before_the_later_begins(&self) -> bool {
        let entries = self.entries();
        let undone = entries.iter().position(|it| matches!(it.body, Body::UndoIntent { .. }));
        let begins = entries.iter().rposition(|it| {
            it.run == id(2) && matches!(it.body, Body::Intent { .. } | Body::Attempted { .. })
        });
        undone.is_some_and(|undone| begins.is_none_or(|begins| undone < begins))
    }
}

#[test]
fn an_auditor_finds_what_is_forgotten_and_what_waits_for_nothing() {
    let mut sim = two();
    sim.let_go(1).unwrap();
    let told = |change: &dyn Fn(&mut Body)| {
        let mut audit = Audit::default();
        let mut said = sim.entries().into_iter().filter_map(|mut entry| {
            change(&mut entry.body);
            audit.check(&entry)
        });
        said.next()
    };
    assert_eq!(told(&|_| ()), None);
    let forgets = told(&|body| {
        if let Body::Covered { owner, effect, why, .. } = *body {
            *body = Body::LetGo { owner, effect, why, how: LetGo::ChangedByOthers };
        }
    });
    assert_eq!(forgets.as_deref(), Some("an effect is forgotten under a later one of ours"));
    let waits = told(&|body| {
        if let Body::Covered { by_run, by_effect, owner, effect, .. } = body {
            (*by_run, *by_effect) = (*owner, *effect);
        }
    });
    assert_eq!(waits.as_deref(), Some("an effect waits for one that did not come later"));
}
