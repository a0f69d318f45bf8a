//! The site's quotas over the real journal, with restarts.

use rye_core::id::EffectId;
use rye_engine::audit::Audit;
use rye_engine::message::Order;
use rye_journal::{Journal, StoredEntry};

use super::*;
use crate::fixture::{BEA, CI, CY, OPERATOR, now};

/// A site on which at most ten addresses an hour may be blocked.
fn play() -> Play {
    let mut play = Play::new();
    play.site.push_str("[blast_radius]\nAddress = \"10 per 1h\"\n");
    play
}

impl Play {
    fn alert(&self, shell: &mut Shell, address: &str) -> RunSummary {
        self.folder.write("input.json", format!(r#"{{"address": "{address}"}}"#).as_bytes());
        self.play(shell)
    }

    /// What the entries of the journal say, as an auditor counts them.
    fn recount(&self) {
        audit(&self.store());
        let mut audit = Audit::default();
        let opened = Journal::open(&self.store(), None, &mut |stored: &StoredEntry| {
            let entry = crate::record::from_journal(stored).unwrap();
            assert_eq!(audit.check(&entry), None, "{entry:?}");
        });
        opened.unwrap();
    }
}

fn is_refused(run: &RunSummary) -> bool {
    match &run.state {
        State::Held { reason, answers, refused: true, .. } => {
            assert!(reason.contains("at most 10 of kind Address in 1h"), "{reason}");
            assert!(answers.contains(&format!("lift {}", run.run)), "{answers:?}");
            true
        }
        _ => false,
    }
}

/// Case 14: 40 alerts for 40 addresses in a burst, while the process starts again and
/// again; 40 ways to write one address; and one that two people let through.
#[test]
fn blast_radius() {
    let site = play();
    let mut shell = site.shell();
    let mut refused = Vec::new();
    for host in 1..=40 {
        if host % 7 == 0 {
            drop(shell);
            shell = site.shell();
        }
        let run = site.alert(&mut shell, &format!("203.0.113.{host}"));
        if is_refused(&run) {
            refused.push(run.run);
        } else {
            assert!(run.is_well(), "{run:?}");
        }
    }
    assert_eq!((site.world.blocked().len(), site.world.count("block")), (10, 10));
    assert_eq!(refused.len(), 30);
    // Whoever waits until the process is gone gains nothing.
    drop(shell);
    let mut shell = site.shell();
    shell.run(Until::All).unwrap();
    assert_eq!(site.world.blocked().len(), 10);

    let run = refused[0];
    let effect = shell.engine.runs()[&run].over_quota().unwrap();
    let lift = || Order::Lift { effect };
    for (who, why) in [(OPERATOR, "E_NO_TRUSTED_SIG"), (CI, "a quota is lifted by people")] {
        site.say(who, run, lift(), now());
        shell.run(Until::All).unwrap();
        assert!(site.lines().contains(why), "{}", site.lines());
    }
    site.say(BEA, run, Order::Lift { effect: EffectId([1; 16]) }, now());
    site.say(BEA, run, lift(), now());
    shell.run(Until::All).unwrap();
    drop(shell);
    let mut shell = site.shell();
    assert_eq!(site.world.blocked().len(), 10, "one is not enough");
    site.say(CY, run, lift(), now());
    shell.run(Until::All).unwrap();
    assert!(shell.summary(run).unwrap().is_well(), "{}", site.lines());
    assert_eq!((site.world.blocked().len(), site.world.count("block")), (11, 11));
    drop(shell);
    site.recount();
}

/// Case 14: one address, written in 40 ways.
#[test]
fn blast_radius_of_aliases() {
    let mut site = play();
    site.site = site.site.replace("10 per 1h", "1 per 1h");
    let mut shell = site.shell();
    for alias in 0..40 {
        // As many zeros as there are bits to say, and letters of both cases.
        let group = |bit: u32| if alias >> bit & 1 == 0 { "0" } else { "00" };
        let groups: Vec<&str> = (0..5).map(group).collect();
        let mapped = if alias < 32 { "ffff:cb00:7107" } else { "FFFF:CB00:7107" };
        let run = site.alert(&mut shell, &format!("{}:{mapped}", groups.join(":")));
        assert!(run.is_well(), "{run:?}");
    }
    assert_eq!((site.world.blocked().len(), site.world.count("block")), (1, 1));
    let run = site.alert(&mut shell, "203.0.113.8");
    assert!(matches!(run.state, State::Held { refused: true, .. }), "{run:?}");
    drop(shell);
    site.recount();
}

#[test]
fn what_is_set_up_anew_counts_what_was_done_before() {
    let mut site = Play::new();
    let mut shell = site.shell();
    for host in 1..=3 {
        assert!(site.alert(&mut shell, &format!("203.0.113.{host}")).is_well());
    }
    drop(shell);
    site.site.push_str("[rate]\n\"std.firewall\" = [\"3 per 1h\", \"100 per 1d\"]\n");
    let mut shell = site.shell();
    let run = site.alert(&mut shell, "203.0.113.4");
    let State::Held { reason, refused: true, .. } = &run.state else { panic!("{run:?}") };
    let expected = "`std.firewall.block` would be number 4 of at most 3 of `std.firewall` in 1h";
    assert!(reason.contains(expected), "{reason}");
    drop(shell);
    site.recount();
}
