//! What operators are told, when, in which words, and how often.

use super::crash::{histories, scene};
use super::questions::{ASKED, approve, lead, yes};
use super::*;
use crate::alert::About;

const STORE: RunId = RunId([0; 16]);
const FAILS: &[&str] = &[BLOCK, SUSPEND, END_SESSIONS, CONTAINED];
const ALL: &str = "do nothing, s_all\n";

fn head(id: &str) -> &str {
    id.get(..12).unwrap_or(id)
}

fn refused() -> Ending {
    Ending::refused(ErrorKind::Denied, "not today")
}

impl Sim<Town> {
    /// What operators are told of, in order, and whether they are told.
    fn alerts(&self) -> Vec<(About, bool)> {
        let about = |entry: Entry| match entry.body {
            Body::Alerted { about, delivered, .. } => Some((about, delivered)),
            _ => None,
        };
        self.entries().into_iter().filter_map(about).collect()
    }

    fn alerted_of(&self) -> Vec<About> {
        self.alerts().into_iter().map(|(about, _)| about).collect()
    }

    /// What operators have read, repetitions left out.
    fn read(&self) -> Vec<&str> {
        let mut seen = BTreeSet::new();
        let first = self.world.alerted.iter().filter(|(_, key)| seen.insert(*key));
        first.map(|(text, _)| text.as_str()).collect()
    }

    /// What was written down was told, and nothing was told that was not.
    pub(super) fn check_alerts(&self) {
        let key = |entry: Entry| match entry.body {
            Body::Alerted { alert, delivered: true, .. } => {
                Some(IdempotencyKey::of_act(entry.run, alert))
            }
            _ => None,
        };
        let written: BTreeSet<_> = self.entries().into_iter().filter_map(key).collect();
        let read: BTreeSet<_> = self.world.alerted.iter().map(|(_, key)| *key).collect();
        assert_eq!(written, read, "{}", self.history());
    }

    fn last_read(&self) -> &str {
        self.read().last().copied().unwrap_or_default()
    }

    fn held(answers: &[(&str, Ending)]) -> Self {
        let mut sim = town("hold", &body(FAILS));
        for (verb, ending) in answers {
            sim.world.answers(verb, ending.clone(), false);
        }
        sim.world.answers("end_sessions", refused(), false);
        sim.enforce();
        sim
    }
}

#[test]
fn a_held_run_says_why_and_what_may_be_answered() {
    let sim = Sim::held(&[]);
    assert_eq!(
        sim.read(),
        ["HELD: run 070707070707 (contain) waits for a person at \
          std.identity.end_sessions(user: ann): denied: not today. Next: \
          `ryectl show 070707070707`, `ryectl release 070707070707 continue|undo|keep`."]
    );
}

#[test]
fn an_effect_in_doubt_says_how_it_is_settled() {
    let mut sim = town("hold", &body(&[END_SESSIONS, CONTAINED]));
    sim.world.answers("end_sessions", Ending::Unknown("lost".into()), true);
    sim.enforce();
    let effect = sim.effect_of("end_sessions").to_string();
    let settle = format!("`ryectl settle 070707070707 {} done|not-done`", head(&effect));
    assert!(sim.last_read().contains(&settle), "{}", sim.last_read());
    assert!(
        sim.last_read().contains("nobody knows whether it was done: std.identity.end_sessions")
    );
}

#[test]
fn a_question_says_who_may_answer_until_when_and_escalation_says_it_again() {
    let mut sim =
        town("hold", &body(&[ASKED, &approve("q_one", "do nothing, s_block\n"), CONTAINED]));
    sim.enforce();
    let asked = sim.last_read().to_owned();
    let start = "ASKED: run 070707070707 (contain) asks soc_lead until 2026-01-01T01:00:00Z: \
                 scanned us (a yes allows std.firewall.block(address: 203.0.113.7)). Next: \
                 `ryectl requests`, then `ryectl approve ";
    assert!(asked.starts_with(start), "{asked}");
    sim.pass(Duration::from_secs(301));
    let again = sim.last_read();
    assert!(again.contains("has no decision, and now asks ciso, soc_lead until"), "{again}");
    assert_eq!(sim.alerted_of(), [About::Asked, About::Escalated]);
}

#[test]
fn a_question_that_the_playbook_answers_itself_is_told_to_nobody() {
    let mut sim =
        town("hold", &body(&[ASKED, &approve("q_auto", "do nothing, s_block\n"), CONTAINED]));
    sim.enforce();
    assert!(sim.is_blocked() && sim.alerts().is_empty(), "{}", sim.history());
}

#[test]
fn an_undo_that_fails_for_good_is_told_at_once_and_at_the_end() {
    let mut sim = Sim::held(&[("restore", refused())]);
    sim.release(Release::Undo);
    assert_eq!(sim.outcome(), Some(RunOutcome::Stuck));
    assert_eq!(sim.alerted_of(), [About::Held, About::Stuck, About::OverStuck]);
    let [_, stuck, over] = sim.read()[..] else { panic!("{:?}", sim.read()) };
    let effect = sim.effect_of("suspend").to_string();
    assert_eq!(
        stuck,
        format!(
            "STUCK: what run 070707070707 (contain) did can't be taken back: \
             std.identity.suspend(user: ann): denied: not today. Next: mend the cause, then \
             `ryectl let-go 070707070707 {}`.",
            head(&effect)
        )
    );
    assert_eq!(
        over,
        "STUCK: run 070707070707 (contain) is over, and these stand: \
         std.identity.suspend(user: ann). Next: mend the cause, then `ryectl rollback 070707070707`."
    );
    // What it says to type does it.
    let effect = sim.effect_of("suspend");
    sim.verb(Verb::LetGo { effect }).unwrap();
    assert!(!sim.is_suspended());
}

#[test]
fn people_are_told_before_a_life_ends_once_and_again_when_it_was_renewed() {
    let mut sim = town("hold", &body(&[BLOCK, CONTAINED]));
    sim.enforce();
    assert!(sim.alerts().is_empty());
    // The sim's site tells ten minutes before.
    let wakeup = sim.engine().next_wakeup().unwrap();
    assert!(wakeup <= Duration::from_secs(3_000), "{wakeup}");
    sim.pass(wakeup);
    let effect = sim.effect_of("block");
    let id = effect.to_string();
    let ends = sim.last_read().to_owned();
    let expected = format!(
        "ENDS at 2026-01-01T01:00:00Z: run 070707070707 (contain) lets go of \
         std.firewall.block(address: 203.0.113.7). Next: `ryectl renew 070707070707 {0} --for 4h` \
         keeps it longer, `ryectl let-go 070707070707 {0}` ends it now.",
        head(&id)
    );
    assert_eq!(ends, expected);
    sim.pass(Duration::from_secs(60));
    assert_eq!(sim.alerted_of(), [About::LifeEnds], "once");
    sim.verb(Verb::Renew { effect, span: Duration::from_secs(7_200) }).unwrap();
    sim.pass(Duration::from_secs(6_500));
    assert_eq!(sim.alerted_of(), [About::LifeEnds], "not yet");
    sim.pass(Duration::from_secs(200));
    assert_eq!(sim.alerted_of(), [About::LifeEnds, About::LifeEnds]);
    sim.pass(Duration::from_secs(600));
    assert!(!sim.is_blocked());
    assert_eq!(sim.engine().next_wakeup(), None);
    assert_eq!(sim.alerted_of().len(), 2);
}

#[test]
fn a_life_that_was_never_longer_than_the_notice_ends_without_one() {
    let mut sim = town("hold", &body(&[BLOCK, CONTAINED]));
    sim.site.life_notice = Duration::from_secs(3_600);
    sim.recover();
    sim.enforce();
    sim.pass(Duration::from_secs(3_700));
    assert!(!sim.is_blocked());
    assert!(sim.alerts().is_empty());
}

#[test]
fn a_life_that_ended_while_nobody_was_there_ends_without_a_notice() {
    let mut sim = town("hold", &body(&[BLOCK, CONTAINED]));
    sim.enforce();
    sim.pass(Duration::from_secs(3_700));
    assert!(!sim.is_blocked() && sim.alerts().is_empty());
}

#[test]
fn a_life_that_no_clock_may_end_is_overdue_once() {
    for scope in [STORE, RUN] {
        let mut sim = town("hold", &body(&[BLOCK, CONTAINED]));
        sim.enforce();
        sim.halt(scope);
        sim.pass(Duration::from_secs(3_100));
        assert_eq!(sim.alerted_of(), [About::Halted], "it may be long before it ends");
        let wakeup = sim.engine().next_wakeup().unwrap();
        sim.pass(wakeup);
        sim.pass(Duration::from_secs(600));
        assert_eq!(sim.alerted_of(), [About::Halted, About::Overdue]);
        let overdue = sim.last_read();
        assert!(
            overdue.starts_with(
                "OVERDUE since 2026-01-01T01:00:00Z: run 070707070707 (contain) \
             holds std.firewall.block(address: 203.0.113.7), and no clock ends it: halted. Next: \
             `ryectl resume"
            ),
            "{overdue}"
        );
        assert!(sim.is_blocked());
        sim.resume(scope);
        assert!(!sim.is_blocked());
        assert_eq!(sim.alerted_of(), [About::Halted, About::Overdue, About::Resumed]);
    }
}

#[test]
fn a_halt_says_who_and_what_lifts_it() {
    let mut sim = Sim::held(&[]);
    sim.halt(STORE);
    assert!(sim.last_read().starts_with("HALTED: ann halted everything: wrong people."));
    assert!(sim.last_read().ends_with("each with `ryectl resume --all`."), "{}", sim.last_read());
    sim.halt(RUN);
    assert!(sim.last_read().contains("halted run 070707070707 (contain)"));
    assert!(sim.last_read().ends_with("each with `ryectl resume 070707070707`."));
    sim.resume(STORE);
    assert!(sim.last_read().starts_with("RESUMED: everything goes on; bob said"));
}

#[test]
fn trust_and_clocks_are_told_of_once() {
    let mut sim = Sim::held(&[]);
    sim.judge(|engine, now| engine.withdraw(BUNDLE, "E_REVOKED", now));
    sim.judge(|engine, now| engine.restrict(Some("E_EXPIRED"), now));
    sim.judge(|engine, now| engine.restrict(Some("E_EXPIRED"), now));
    sim.judge(|engine, now| engine.restrict(None, now));
    sim.judge(|engine, now| engine.restore(BUNDLE, now));
    let expected = [
        About::Held,
        About::Withdrawn,
        About::Held,
        About::Restricted,
        About::Unrestricted,
        About::Restored,
    ];
    assert_eq!(sim.alerted_of(), expected);
    assert!(sim.read()[1].starts_with("ALARM: the bundle 010101010101 (contain) may be used no"));
    // What the shell writes down itself is told of too, the same refusal once.
    let code = || rye_core::value::Name::from("E_EQUIVOCATION");
    for body in [
        Body::ClockAnomaly { from: Time(0), to: Time(9_000_000_000) },
        Body::TrustRootRefused { digest: None, code: code() },
        Body::TrustRootRefused { digest: None, code: code() },
    ] {
        let entry = Entry { at: sim.now, run: STORE, body };
        sim.journal.push((entry.at, entry.run, entry.body.encode()));
        sim.engine.apply(&entry);
    }
    sim.pass(Duration::from_secs(1));
    sim.check();
    assert_eq!(sim.alerted_of()[expected.len()..], [About::Clock, About::TrustRefused]);
    assert!(sim.last_read().starts_with("ALARM: a trust root that was offered is refused: E_EQUI"));
}

#[test]
fn shadow_tells_nobody_and_monitor_says_what_it_is() {
    for (mode, read) in [(Mode::Shadow, 0), (Mode::Monitor, 1)] {
        let mut sim =
            town("hold", &body(&[ASKED, &approve("q_one", "do nothing, s_block\n"), CONTAINED]));
        sim.start(&beginning(RUN, mode)).unwrap();
        assert_eq!(sim.alerted_of(), [About::Asked], "{mode}");
        assert_eq!(sim.read().len(), read, "{mode}");
        assert!(sim.read().iter().all(|text| text.starts_with("monitor: ASKED: ")));
    }
}

#[test]
fn without_operators_all_of_it_is_written_down_and_nothing_waits() {
    let mut sim = town("hold", &body(FAILS));
    sim.site.operators = false;
    sim.recover();
    sim.world.answers("end_sessions", refused(), false);
    sim.enforce();
    assert_eq!(sim.alerts(), [(About::Held, false)]);
    assert!(sim.read().is_empty());
    assert_eq!(sim.engine().next_notice(), None);
}

#[test]
fn a_notice_is_tried_again_by_the_next_process_and_never_in_the_way() {
    let mut sim = town("hold", &body(FAILS));
    sim.world.answers("end_sessions", refused(), false);
    for _ in 0..5 {
        sim.world.answers("operators", Ending::NotSent("nobody there".into()), false);
    }
    sim.engine.start(&beginning(RUN, Mode::Enforce), sim.now).unwrap();
    assert!(sim.settle().is_ok());
    assert!(sim.is_held() && sim.read().is_empty());
    sim.recover();
    sim.release(Release::Keep);
    assert_eq!(sim.outcome(), Some(RunOutcome::Escalated));
    assert_eq!(sim.read().len(), 1, "also of a run that is over");
    let deliveries = sim.entries();
    let deliveries = deliveries.iter().filter(|it| matches!(it.body, Body::Delivered { .. }));
    assert_eq!(deliveries.count(), 6);
}

#[test]
fn a_long_text_is_cut_and_what_to_type_is_not() {
    let mut sim = town("hold", &body(FAILS));
    let long = "é".repeat(4_000);
    sim.world.answers("end_sessions", Ending::refused(ErrorKind::Denied, &long), false);
    sim.enforce();
    let text = sim.last_read();
    assert!(text.len() < 1_300, "{} bytes", text.len());
    assert!(
        text.ends_with(
            "é…. Next: `ryectl show 070707070707`, \
         `ryectl release 070707070707 continue|undo|keep`."
        ),
        "{text}"
    );
}

/// Runs with every kind of cause, each to its end; whatever dies.
type Play = fn(&mut Sim<Town>);

fn plays() -> Vec<(&'static str, Sim<Town>, Play)> {
    let mut stuck = scene("hold", &body(FAILS), &[("end_sessions", refused(), false)]);
    // Whoever dies while it is refused asks again.
    (0..2).for_each(|_| stuck.world.answers("restore", refused(), false));
    let ask = body(&[ASKED, &approve("q_one", "do nothing, s_block\n"), CONTAINED]);
    let destructive = body(&[ASKED, BLOCK, &approve("q_all", ALL), CONTAINED]);
    vec![
        ("held and stuck", stuck, |sim| {
            sim.enforce();
            sim.release(Release::Undo);
        }),
        ("asked", town("hold", &ask), |sim| {
            sim.enforce();
            sim.pass(Duration::from_secs(301));
            sim.vote(yes(), lead("bea")).unwrap();
        }),
        ("lives", town("hold", &body(&[BLOCK, CONTAINED])), |sim| {
            sim.enforce();
            sim.pass(Duration::from_secs(3_100));
            sim.halt(RUN);
            sim.pass(Duration::from_secs(600));
            sim.resume(RUN);
        }),
        ("trust", town("hold", &destructive), |sim| {
            sim.judge(|engine, now| engine.restrict(Some("E_FRESHNESS"), now));
            sim.enforce();
            sim.vote(yes(), lead("bea")).unwrap();
            sim.judge(|engine, now| engine.withdraw(BUNDLE, "E_REVOKED", now));
            sim.judge(|engine, now| engine.restrict(None, now));
        }),
    ]
}

#[test]
fn whatever_dies_each_cause_is_written_once_and_told_at_least_once() {
    for index in 0..plays().len() {
        let (name, mut alive, play) = plays().swap_remove(index);
        play(&mut alive);
        let expected = alive.alerted_of();
        assert!(expected.len() >= 2, "{name}: {expected:?}");
        for at in 0..alive.points().len() {
            let (_, mut sim, play) = plays().swap_remove(index);
            sim.die_at([at]);
            play(&mut sim);
            sim.check();
            sim.check_alerts();
            assert_eq!(sim.alerted_of(), expected, "{name}: death {at}\n{}", sim.history());
            assert_eq!(sim.read().len(), expected.len(), "{name}: death {at}");
        }
    }
}

#[test]
fn after_a_death_anywhere_every_hold_was_told() {
    for (name, direction, code, odd) in histories() {
        let mut alive = scene(direction, &code, &odd);
        alive.enforce();
        for at in 0..alive.points().len() {
            let mut sim = scene(direction, &code, &odd);
            sim.die_at([at]);
            sim.enforce();
            let holds =
                sim.entries().iter().filter(|it| matches!(it.body, Body::Held { .. })).count();
            assert_eq!(sim.read().len(), holds, "{name}: death {at}\n{}", sim.history());
        }
    }
}

#[test]
fn an_auditor_misses_and_doubts_what_operators_were_told() {
    let entries = Sim::held(&[]).entries();
    let is_alert = |entry: &&Entry| matches!(entry.body, Body::Alerted { .. });
    let alert = entries.iter().find(is_alert).unwrap();
    let mut audit = Audit::default();
    for entry in entries.iter().filter(|entry| !is_alert(entry)) {
        assert_eq!(audit.check(entry), None);
    }
    assert!(matches!(audit.untold(), [Entry { body: Body::Held { .. }, .. }]));
    assert_eq!(audit.check(alert), None);
    let again = audit.check(alert).unwrap();
    assert_eq!(again, "people are told under one id a second time");
    let Body::Alerted { about, effect, notice, delivered, .. } = alert.body.clone() else { return };
    let alert = EffectId([1; 16]);
    let body = Body::Alerted { alert, about, effect, notice, delivered };
    let again = audit.check(&Entry { body, ..entries[0].clone() }).unwrap();
    assert_eq!(again, "people are told what did not happen, or a second time");
}
