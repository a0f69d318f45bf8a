//! `quarantine_file`: the file is away and nothing runs from it, also when parts of it
//! fail.

use rye_core::value::Value;
use rye_engine::entry::RunOutcome;
use rye_engine::sim::Sim;

use crate::machine::{Machine, machine};
use crate::story::{Odd, Story};
use crate::{beginning, check_history, outcome, play, sample};

const NAME: &str = "quarantine_file";
/// What was found.
const FOUND: &str = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
/// What is there by now.
const OTHER: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

fn played(world: Machine) -> Sim<Machine> {
    let mut sim = play(NAME, world);
    sim.start(&beginning(NAME, 1, &sample(NAME))).expect("the input fits");
    check_history(&sim);
    sim
}

#[test]
fn the_file_is_away_and_what_ran_is_killed() {
    let sim = played(machine(FOUND, 2));
    assert_eq!(outcome(&sim, 1), Some(RunOutcome::Contained));
    assert!(sim.world.is("quarantined") && sim.world.running.is_empty());
}

#[test]
fn what_can_not_be_killed_is_told_and_the_file_stays_away() {
    let mut world = machine(FOUND, 2);
    world.immortal.insert(1);
    let sim = played(world);
    assert_eq!(outcome(&sim, 1), Some(RunOutcome::Contained));
    assert!(sim.world.is("quarantined"));
    assert!(sim.world.told.iter().any(|text| text.contains("still runs")), "{:?}", sim.world.told);
}

#[test]
fn another_content_and_too_many_processes_wait_for_a_person() {
    for (content, processes) in [(OTHER, 0), (FOUND, 6)] {
        let sim = played(machine(content, processes));
        assert_eq!(outcome(&sim, 1), None, "held");
        assert_eq!(sim.world.is("quarantined"), content == FOUND);
        assert_eq!(i64::try_from(sim.world.running.len()), Ok(processes));
    }
}

/// What can become of a file.
pub(crate) fn stories() -> Vec<Story<Machine>> {
    let story = |name, world, ends| Story::new(name, NAME, world, ends);
    let one: fn() -> Machine = || machine(FOUND, 1);
    let contained = Some(RunOutcome::Contained);
    let odd = |name, odd, ends| Story { odd: vec![odd], ..story(name, one, ends) };
    let path = Value::text("/var/www/uploads/shell.php");
    vec![
        story("in quarantine", || machine(FOUND, 2), contained),
        story("another content", || machine(OTHER, 0), None),
        story("too many processes", || machine(FOUND, 6), None),
        odd("it still runs", Odd::refused("std.host.process.kill"), contained),
        odd("no evidence", Odd::refused("std.host.evidence.collect"), contained),
        odd("the answer is lost", Odd::lost("std.host.file.quarantine"), contained),
        odd("nobody is there", Odd::not_there("std.host.file.quarantine", 1), contained),
        odd("it lies", Odd::lie("std.host.file.quarantine"), None),
        odd("stuck", Odd::refused("std.host.file.restore"), contained),
        Story { protected: vec![("HostFile", path)], ..story("protected", one, None) },
        Story {
            protected: vec![("Host", Value::text("web-1.example.net"))],
            ..story("on a protected machine", one, None)
        },
    ]
}
