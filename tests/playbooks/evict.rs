//! `evict_intruder`: the intruder is held still, locked out and gone, or a person knows
//! how far it came.

use rye_core::value::Value;
use rye_engine::entry::RunOutcome;

use crate::machine::{Machine, machine};
use crate::story::{Odd, Story};
use crate::{beginning, check_history, outcome, play, sample};

const NAME: &str = "evict_intruder";
/// What was found.
const FOUND: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
/// What is there by now.
const OTHER: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

#[test]
fn the_intruder_is_off_the_machine() {
    let mut sim = play(NAME, machine(FOUND, 2));
    sim.start(&beginning(NAME, 1, &sample(NAME))).expect("the input fits");
    check_history(&sim);
    assert_eq!(outcome(&sim, 1), Some(RunOutcome::Contained));
    for subject in ["frozen", "expired", "stopped", "quarantined"] {
        assert!(sim.world.is(subject), "{subject}");
    }
    assert!(sim.world.running.is_empty() && sim.world.sessions == 0);
}

/// What can become of an intruder.
pub(crate) fn stories() -> Vec<Story<Machine>> {
    let story = |name, world, ends| Story::new(name, NAME, world, ends);
    let one: fn() -> Machine = || machine(FOUND, 1);
    let contained = Some(RunOutcome::Contained);
    let odd = |name, odd, ends| Story { odd: vec![odd], ..story(name, one, ends) };
    let no_service = sample(NAME).replace("\"cache.service\"", "null");
    vec![
        story("evicted", || machine(FOUND, 2), contained),
        Story { input: no_service, ..story("no service", one, contained) },
        story("another content", || machine(OTHER, 0), None),
        odd("not held still", Odd::refused("std.host.account.freeze"), contained),
        odd("not locked out", Odd::refused("std.host.account.expire"), None),
        odd("the answer is lost", Odd::lost("std.host.account.expire"), contained),
        odd("nobody is there", Odd::not_there("std.host.service.stop", 1), contained),
        odd("stuck", Odd::refused("std.host.account.thaw"), contained),
        Story {
            protected: vec![("HostAccount", Value::text("mallory"))],
            ..story("protected", one, None)
        },
        Story {
            protected: vec![("Host", Value::text("web-1"))],
            ..story("on a protected machine", one, None)
        },
    ]
}
