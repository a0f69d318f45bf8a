//! A deadline and a limit that the site chooses.

use super::*;

/// `contain` with a deadline and a limit of settings.
fn chosen() -> Sim<Town> {
    let source = source("hold", &body(&[BLOCK, CONTAINED]))
        .replace("deadline 2h", "deadline chosen time")
        .replace("limit \"Address\" 1", "limit \"Address\" chosen most");
    let settings = "setting time \"m.time\": duration = 2h in 1h .. 8h\n\
                    setting most \"m.most\": int = 1 in 0 .. 5\n";
    let source = source.replacen("function main", &format!("{settings}function main"), 1);
    town_of(site(), &source)
}

fn set(time: Duration, most: i64) -> Beginning {
    let settings = vec![Value::Duration(time), Value::Int(most)];
    Beginning { settings, ..beginning(RUN, Mode::Enforce) }
}

#[test]
fn a_run_has_the_deadline_that_its_site_chose() {
    let time = Duration::from_secs(5 * 3600);
    let mut sim = chosen();
    sim.start(&set(time, 1)).unwrap();
    assert_eq!(sim.run(RUN).deadline(), Some(time));
    assert_eq!(sim.outcome(), Some(RunOutcome::Contained));
}

#[test]
fn a_run_touches_no_more_than_its_site_chose() {
    let mut sim = chosen();
    sim.start(&set(Duration::from_secs(3600), 0)).unwrap();
    assert_eq!(sim.engine().waits_for(RUN), Some(WaitsFor::Person));
    assert_eq!(sim.world.count("block"), 0);
    let limited =
        |entry: &Entry| format!("{:?}", entry.body).contains("of at most 0 of kind Address");
    assert!(sim.entries().iter().any(limited), "{:?}", sim.entries());
}

#[test]
fn amounts_out_of_their_range_begin_nothing() {
    let hour = Duration::from_secs(3600);
    for settings in [set(Duration::from_secs(60), 1), set(hour, 6), beginning(RUN, Mode::Enforce)] {
        let mut sim = chosen();
        assert!(matches!(sim.start(&settings), Err(StartError::Input(_))));
        assert!(sim.entries().is_empty());
    }
}
