//! A run that has used up what its bundle allows it, over a real journal.

use rye_engine::entry::Release;
use rye_engine::message::Order;

use super::*;
use crate::fixture::{OPERATOR, now};

impl Play {
    /// Offers the bundle anew, as one whose runs may compute so much.
    fn allow(&self, fuel: u64) {
        let mut offered = payload(CONTAIN);
        offered.manifest.version += fuel;
        offered.manifest.limits.fuel = fuel;
        self.folder.write("contain.ryeb", &signed(&offered, ALICE));
    }

    /// What operators were told so far.
    fn told(&self) -> usize {
        self.world.count("operators")
    }
}

/// Case 10: with each amount of fuel that is not enough the run is held, what it did
/// stands, operators are told, and one undo takes it back, by the process that saw it or
/// by the next one.
#[test]
fn exhaustion_keeps_containment() {
    let mut play = Play::new();
    play.operators = true;
    let mut shell = play.shell();
    let mut contained = 0;
    for fuel in 1.. {
        play.allow(fuel);
        let told = play.told();
        let run = play.play(&mut shell);
        if run.is_well() {
            break;
        }
        assert!(fuel < 1_000, "{run:?}");
        let State::Held { reason, .. } = &run.state else { panic!("fuel {fuel}: {run:?}") };
        assert!(reason.contains("the run's fuel is used up"), "{reason}");
        let stands = play.world.blocked().len();
        assert_eq!(
            (play.world.count("unblock"), run.standing.len()),
            (contained, stands),
            "{fuel}"
        );
        if fuel % 4 == 0 {
            drop(shell);
            shell = play.shell();
            shell.run(Until::All).unwrap();
            assert_eq!(play.world.blocked().len(), stands, "fuel {fuel}");
        }
        assert!(play.told() > told, "fuel {fuel}: nobody knows");
        contained += stands;
        let order = match fuel % 2 {
            0 => Order::Release(Release::Undo),
            _ => Order::Cancel { undo: true },
        };
        play.say(OPERATOR, run.run, order, now());
        assert_eq!(shell.run(Until::All).unwrap(), Rest::Reached);
        assert!(play.world.blocked().is_empty(), "fuel {fuel}\n{}", play.lines());
        assert_eq!(play.world.count("unblock"), contained, "fuel {fuel}");
    }
    assert!(contained > 1, "it was used up behind the block as well");
    drop(shell);
    audit(&play.store());
}
