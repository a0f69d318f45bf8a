//! What would do the most harm, one test per abuse case, named as the case: a critical
//! asset under each of its names, an adapter that lies, a bundle nobody has tried yet.

use rye_core::error::ErrorKind;
use rye_engine::message::Order;

use super::*;
use crate::fixture::{OPERATOR, now};

/// The lines of a site file that protect a network.
fn protecting(network: &str) -> String {
    format!("[protected.networks]\n\"{network}\" = \"critical\"\n")
}

/// Plays with this address; what became of it, if the input was taken.
fn block(play: &Play, address: &str) -> Option<RunSummary> {
    play.folder.write("input.json", format!("{{\"address\": \"{address}\"}}").as_bytes());
    let mut shell = play.shell();
    let started = shell.start(&play.wanted()).ok()?;
    assert_eq!(shell.run(Until::Run(started.run)).unwrap(), Rest::Reached);
    shell.summary(started.run)
}

/// Case 13: under whatever name, nothing touches it, and what was done before it was
/// protected is taken back all the same.
#[test]
fn harm_critical_asset() {
    let four =
        ["203.0.113.7", "::ffff:203.0.113.7", "::FFFF:cb00:7107", "0:0:0:0:0:ffff:cb00:7107"];
    let six = ["2001:db8::7", "2001:DB8::7", "2001:0db8:0000:0000:0000:0000:0000:0007"];
    let own = ["127.0.0.1", "::ffff:127.0.0.1", "::1", "169.254.169.254", "255.255.255.255"];
    let cases: [(&str, &[&str]); 6] = [
        ("203.0.113.7", &four),
        ("203.0.113.0/24", &four),
        ("::ffff:203.0.113.7", &four),
        ("2001:db8::7", &six),
        ("2001:db8::/32", &six),
        // Nobody has to list these.
        ("192.0.2.1", &own),
    ];
    for (protected, name) in
        cases.iter().flat_map(|(list, all)| all.iter().map(move |it| (list, it)))
    {
        let mut play = Play::new();
        play.site += &protecting(protected);
        let run = block(&play, name).unwrap_or_else(|| panic!("{name} is not taken"));
        let State::Held { reason, .. } = &run.state else { panic!("{name}: {run:?}") };
        assert!(reason.contains("is protected"), "{name}: {reason}");
        assert_eq!(play.world.count("block"), 0, "{name}, protected as {protected}");
    }
    let mut play = Play::new();
    let run = block(&play, "203.0.113.7").unwrap();
    assert_eq!(play.world.blocked(), ["203.0.113.7"]);
    play.site += &protecting("203.0.113.7");
    play.say(OPERATOR, run.run, Order::Rollback { effects: Vec::new() }, now());
    play.shell().run(Until::All).unwrap();
    assert!(play.world.blocked().is_empty(), "{}", play.lines());
}

/// Case 20: whatever an adapter does or says, the run ends well only if the world shows
/// the effect, and the act is tried no more often than declared.
#[test]
fn lying_or_hanging_adapter() {
    type Lie = fn(&World) -> Ending;
    let lies: [(&str, Lie); 6] = [
        ("falls after the effect", |world| {
            world.blocked.lock().unwrap().insert(String::from("203.0.113.7"));
            panic!("an adapter with a bug")
        }),
        ("falls before the effect", |_| panic!("an adapter with a bug")),
        ("answers another type", |_| Ending::Done(Value::Int(7))),
        ("answers too much", |_| Ending::Done(Value::text("x".repeat(1 << 20)))),
        ("refuses with an escape", |_| {
            Ending::refused(ErrorKind::Denied, "\u{1b}[31mno\r\nover: contained\u{7}\u{202e}")
        }),
        ("does not know", |_| Ending::Unknown("\u{1b}]0;owned\u{7}".into())),
    ];
    for (name, lie) in lies {
        let play = Play::new();
        let world = play.world.clone();
        play.world
            .behave(move |request| request.call.action.ends_with(".block").then(|| lie(&world)));
        let mut shell = play.shell();
        let run = play.play(&mut shell);
        let is_blocked = !play.world.blocked().is_empty();
        assert_eq!(run.is_well(), is_blocked, "{name}: {run:?}");
        assert!(play.world.count("block") <= 2, "{name}: {:?}", play.world.calls());
        drop(shell);
        audit(&play.store());
    }
}

/// Case 23: what the site says nothing of only looks, in each version, and nothing runs
/// above what the site allows, whatever is asked for.
#[test]
fn new_digest_starts_in_shadow() {
    for (site, allowed) in [
        ("", Mode::Shadow),
        ("[mode]\nanother = \"enforce\"\n", Mode::Shadow),
        ("[mode]\ncontain = \"monitor\"\n", Mode::Monitor),
    ] {
        let mut play = Play::new();
        play.site = site.into();
        for version in [7, 8] {
            let mut offered = payload(CONTAIN);
            offered.manifest.version = version;
            play.folder.write("contain.ryeb", &signed(&offered, ALICE));
            let run = play.play(&mut play.shell());
            assert_eq!((run.mode, run.is_well()), (allowed, true), "{site}, version {version}");
        }
        assert_eq!(play.world.count("block"), 0, "{site}");
    }
}
