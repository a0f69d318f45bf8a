use rye_core::value::Duration;

use crate::tests::{package, playbook};

/// The worst case of a playbook with this body: per action how often, in the order of
/// their names, seconds of waiting, queries.
fn worst(body: &str) -> (Vec<u64>, i64, u64) {
    let package = package(&playbook(body));
    let bound = &package.playbooks[0].bound;
    let counts = (0..package.actions.len()).map(|index| {
        let found = bound.actions.iter().find(|(action, _)| action.0 as usize == index);
        found.map_or(0, |(_, count)| *count)
    });
    (counts.collect(), bound.waiting.0 / 1_000_000, bound.queries)
}

// The actions of the tests, by name: `act` (10 s, twice with 5 s between, a proof of 1 s
// that is `holds`), `free` (3 s), `holds` (1 s), `say`.
const ACT: i64 = 10 + 5 + 10 + 1;

#[test]
fn one_after_the_other_adds_up() {
    assert_eq!(worst("do act(to: to)\ndo act(to: to)"), (vec![2, 0, 2, 0], 2 * ACT, 2));
    assert_eq!(worst("do act(to: to) verified within 7s"), (vec![1, 0, 1, 0], ACT + 7, 1));
    assert_eq!(worst("wait 20s\ntell say(text: \"x\")"), (vec![0, 0, 0, 1], 20, 0));
}

#[test]
fn of_two_branches_each_number_counts_the_larger() {
    let body = "if run.id == \"\" { do act(to: to) } else { do free(to: to) wait 60s }";
    assert_eq!(worst(body), (vec![1, 1, 1, 0], 63, 1));
}

#[test]
fn a_path_that_ends_the_run_is_not_added_to_what_follows() {
    let body = "if run.id == \"\" { wait 50s finish contained }\nwait 40s";
    assert_eq!(worst(body).1, 50);
    let body = "wait 5s\nif run.id == \"\" { wait 50s finish contained }\nwait 40s";
    assert_eq!(worst(body).1, 55);
}

#[test]
fn a_handler_comes_behind_the_whole_attempt() {
    let body = "attempt { wait 10s finish contained } recover e { wait 3s fail \"{e}\" }";
    assert_eq!(worst(body).1, 13);
    let body = "attempt { wait 10s } recover e { tell say(text: \"{e}\") wait 3s }\nwait 1s";
    assert_eq!(worst(body).1, 14);
}

#[test]
fn a_loop_counts_every_round_that_its_list_has_room_for() {
    let body = "each i in 0..9 max 7 { do free(to: to) }";
    assert_eq!(worst(body), (vec![0, 7, 0, 0], 21, 0));
    let body = "each i in [1, 2] max 7 { tell say(text: \"{i}\") }";
    assert_eq!(worst(body).0, [0, 0, 0, 2]);
}

#[test]
fn an_ensure_looks_once_more_than_it_pauses() {
    let body = "ensure ask holds(to: to) every 2s within 10s";
    assert_eq!(worst(body), (vec![0, 0, 6, 0], 10 + 6, 6));
    // A tenth of the time, but at least a second.
    assert_eq!(worst("ensure ask holds(to: to) within 5s").2, 6);
    assert_eq!(worst("ensure ask holds(to: to) within 100s").2, 11);
}

#[test]
fn a_wait_that_must_hold_looks_where_it_may_have_held_too() {
    let body = "wait until ask holds(to: to) every 2s within 10s";
    assert_eq!(worst(body), (vec![0, 0, 6, 0], 10 + 6, 6));
    let body = "wait until ask holds(to: to) every 2s for 3s within 10s otherwise { wait 7s }";
    assert_eq!(worst(body), (vec![0, 0, 10, 0], 10 + 10 + 7, 10));
}

#[test]
fn what_is_given_goes_on_behind_the_form() {
    let body = "let x = if run.id == \"\" { wait 5s give 1 } else { wait 9s finish contained }\n\
                wait 3s\nfail \"{x}\"";
    assert_eq!(worst(body).1, 9);
    let body = "let x = attempt { wait 5s give 1 } recover e { wait 2s give 2 }\nwait 3s\n\
                fail \"{x}\"";
    assert_eq!(worst(body).1, 10);
    let body = "let xs = each i in 0..9 max 7 { if i == 1 { give 0 } wait 2s give 1 }\n\
                fail \"{xs}\"";
    assert_eq!(worst(body).1, 14);
}

#[test]
fn a_wait_for_a_setting_counts_its_longest() {
    let source = format!("setting pause: Duration = 1s in 1s .. 9s\n{}", playbook("wait (pause)"));
    assert_eq!(package(&source).playbooks[0].bound.waiting, Duration::from_secs(9));
}
