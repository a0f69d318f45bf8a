use rye_core::digest::Digest;
use rye_core::id::{BootId, EffectId, KeyId, RunId};
use rye_core::value::Cidr;

use super::*;
use crate::entry::{Body, Entry, Said};
use crate::guardrail::Protected;
use crate::guardrail::tests::act;
use crate::run::Run;

const HOUR: Duration = Duration::from_secs(3_600);
const DAWN: Stamp =
    Stamp { wall: Time(1_767_225_600_000_000), boot: BootId([1; 16]), monotonic: Duration(0) };

fn hosts(most: u64) -> Quota {
    Quota { of: Counted::Assets("Host".into()), most, per: HOUR }
}

fn rate(name: &str, most: u64) -> Quota {
    Quota { of: Counted::Acts(name.into()), most, per: HOUR }
}

fn host(name: &str) -> Value {
    Value::asset("Host", Value::text(name))
}

fn later(minutes: u32) -> Stamp {
    let span = Duration::from_secs(minutes * 60);
    Stamp { wall: DAWN.wall.saturating_add(span), monotonic: span, ..DAWN }
}

/// The books of a store, with one run for each act.
struct Site {
    books: Books,
    acts: u8,
}

impl Site {
    fn new(quotas: &[Quota]) -> Self {
        Self { books: Books::new(quotas.to_vec()), acts: 0 }
    }

    /// The next act, if nothing refuses it.
    fn acts(&mut self, assets: &[Value], now: Stamp) -> Result<Vec<u64>, String> {
        self.acts += 1;
        self.tries(self.acts, assets, now)
    }

    fn tries(&mut self, effect: u8, assets: &[Value], now: Stamp) -> Result<Vec<u64>, String> {
        let by = Said { key: KeyId::default(), message: Digest::default() };
        let body = Body::RollbackStarted { of: RunId([1; 16]), effects: Vec::new(), by };
        let run = Run::begin(&Entry { at: now, run: RunId([effect; 16]), body }).unwrap();
        let (act, effect) = (act(assets), EffectId([effect; 16]));
        let measure = Measure {
            run: &run,
            effect,
            limits: &[],
            settings: &[],
            protected: &Protected::default(),
            maintenance: &[],
            books: Some(&self.books),
            now,
        };
        if let Some(refusal) = refuses(&act, &measure) {
            return Err(refusal.rule.to_string());
        }
        let holder = (run.id, effect);
        let counts = self.books.counts(Mode::Enforce, holder, &act, now);
        self.books.enter(Mode::Enforce, holder, &act, now);
        Ok(counts.iter().map(|count| count.after).collect())
    }
}

#[test]
fn a_host_more_waits_until_the_first_one_leaves_the_window() {
    let mut site = Site::new(&[hosts(2)]);
    assert_eq!(site.acts(&[host("a")], later(0)), Ok(vec![1]));
    assert_eq!(site.acts(&[host("b")], later(10)), Ok(vec![2]));
    assert_eq!(
        site.acts(&[host("c")], later(59)).unwrap_err(),
        "c would be number 3 of at most 2 of kind Host in 1h; \
         there is room again at 2026-01-01T01:00:00Z"
    );
    assert_eq!(site.acts(&[host("c")], later(60)), Ok(vec![2]), "`a` is gone");
    assert!(site.acts(&[host("a")], later(61)).is_err());
}

#[test]
fn the_same_host_counts_once_and_stays_as_long_as_it_is_touched() {
    let mut site = Site::new(&[hosts(1)]);
    for minute in (0..200).step_by(50) {
        assert_eq!(site.acts(&[host("a"), host("a")], later(minute)), Ok(vec![1]));
        assert!(site.acts(&[host("b")], later(minute)).is_err());
    }
    assert!(site.acts(&[host("b")], later(209)).is_err());
    assert!(site.acts(&[host("b")], later(210)).is_ok());
}

#[test]
fn a_block_counts_its_addresses_and_one_that_is_too_large_never_fits() {
    let block = |text: &str| Value::asset("Host", Value::Cidr(Cidr::parse(text).unwrap()));
    let mut site = Site::new(&[hosts(6)]);
    assert_eq!(site.acts(&[block("192.0.2.0/30")], later(0)), Ok(vec![4]));
    let refused = site.acts(&[block("192.0.2.8/30")], later(1)).unwrap_err();
    assert!(refused.contains("number 8 of at most 6"), "{refused}");
    assert_eq!(site.acts(&[block("192.0.2.8/31")], later(1)), Ok(vec![6]));
    for large in ["192.0.2.0/24", "::/0"] {
        let refused = site.acts(&[block(large)], later(600)).unwrap_err();
        assert!(refused.ends_with("there will never be room for it"), "{refused}");
    }
}

#[test]
fn one_effect_is_one_act_of_its_action_and_of_its_module() {
    let mut site = Site::new(&[rate("std.firewall", 3), rate("std.firewall.swap", 2)]);
    assert_eq!(site.tries(1, &[], later(0)), Ok(vec![1, 1]));
    assert_eq!(site.tries(1, &[], later(1)), Ok(vec![1, 1]), "again, and still one");
    assert_eq!(site.tries(2, &[], later(2)), Ok(vec![2, 2]));
    assert_eq!(
        site.tries(3, &[], later(3)).unwrap_err(),
        "`std.firewall.swap` would be number 3 of at most 2 of `std.firewall.swap` in 1h; \
         there is room again at 2026-01-01T01:01:00Z"
    );
    let mut others = Site::new(&[rate("std", 1), rate("std.firewall.sw", 1)]);
    for _ in 0..3 {
        assert_eq!(others.acts(&[], later(0)), Ok(vec![]));
    }
}

#[test]
fn no_clock_that_is_turned_makes_room() {
    let mut site = Site::new(&[hosts(1)]);
    site.acts(&[host("a")], later(0)).unwrap();
    let turned = Stamp { wall: later(600).wall, ..later(1) };
    assert!(site.acts(&[host("b")], turned).is_err(), "forward");
    let mut site = Site::new(&[hosts(1)]);
    site.acts(&[host("a")], Stamp { wall: later(6_000_000).wall, ..later(0) }).unwrap();
    assert!(site.acts(&[host("b")], later(59)).is_err());
    assert!(site.acts(&[host("b")], later(60)).is_ok(), "it was wrong, and no longer is");
}

#[test]
fn across_starts_of_the_machine_the_wall_clock_counts_and_the_time_since() {
    let other = |wall: u32, minutes: u32| Stamp {
        wall: later(wall).wall,
        boot: BootId([2; 16]),
        monotonic: Duration::from_secs(minutes * 60),
    };
    let mut site = Site::new(&[hosts(1)]);
    site.acts(&[host("a")], later(30)).unwrap();
    assert!(site.acts(&[host("b")], other(89, 1)).is_err());
    assert!(site.acts(&[host("b")], other(0, 59)).is_err(), "the wall clock was turned back");
    assert!(site.acts(&[host("b")], other(1, 60)).is_ok());
}

#[test]
fn books_forget_what_is_past() {
    let mut site = Site::new(&[hosts(1_000_000)]);
    for minute in 0..10_000 {
        site.acts = 0;
        site.acts(&[host(&minute.to_string())], later(minute)).unwrap();
    }
    let kept: usize = site.books.windows.values().map(|window| window.touched.len()).sum();
    assert!(kept < 512, "{kept}");
}
