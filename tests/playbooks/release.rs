//! `release_false_positive`: what an earlier run holds is taken back effect by effect, as
//! people say, and they are told what became of each.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rye_compiler::{Source, check};
use rye_core::adapter::{Ending, Request};
use rye_core::digest::Digest;
use rye_core::error::ErrorKind;
use rye_core::id::{KeyId, RunId};
use rye_core::mode::Mode;
use rye_core::value::{Duration, Value};
use rye_engine::engine::{Beginning, Message, Verb};
use rye_engine::entry::{RunOutcome, Said};
use rye_engine::question::{Vote, Voter};
use rye_engine::sim::{Sim, World};
use rye_vm::Program;

use crate::scanner;
use crate::story::{Odd, Play, Spoken, Story};
use crate::{beginning, check_history, end, outcome, play, program};

const NAME: &str = "release_false_positive";
const BUNDLE_OF_CONTAINMENT: Digest = Digest([2; 32]);

/// Blocks three addresses, as the run that reacted to nothing.
const CONTAINMENT: &str = r#"
use std.firewall

playbook contain_all(addresses: List<Address> max 20) {
    severity high
    deadline 1h
    limit Address 20
    on failure hold

    each address in addresses max 20 {
        do firewall.block(address: address, reason: "scan") for 4h
    }
    finish contained "cut off"
}
"#;

const ADDRESSES: [&str; 3] = ["203.0.113.7", "203.0.113.8", "203.0.113.9"];

/// The edge: what is blocked, what can't be taken back, and what people were told.
#[derive(Debug, Default)]
struct Edge {
    blocked: BTreeSet<String>,
    stuck: BTreeMap<String, Ending>,
    told: Vec<String>,
    unblocks: usize,
}

impl World for Edge {
    fn invoke(&mut self, request: &Request) -> Ending {
        let first = request.call.arguments.first().map(|(_, value)| value.to_string());
        let first = first.unwrap_or_default();
        match &*request.call.action {
            "std.firewall.block" => {
                self.blocked.insert(first);
            }
            "std.firewall.unblock" => {
                self.unblocks += 1;
                if let Some(ending) = self.stuck.get(&first) {
                    return ending.clone();
                }
                self.blocked.remove(&first);
            }
            "std.firewall.is_blocked" => {
                return Ending::Done(Value::Bool(self.blocked.contains(&first)));
            }
            "std.firewall.end_flows" => return Ending::Done(Value::Int(3)),
            "std.notify.analysts" | "std.notify.oncall" => self.told.push(first),
            // What the engine itself tells those who keep the site going.
            "std.notify.operators" => {}
            other => panic!("{other} is not declared for this playbook"),
        }
        Ending::Done(Value::None)
    }
}

fn containment() -> Arc<Program> {
    let interfaces: Vec<Source<'_>> = rye_stdlib::INTERFACES
        .iter()
        .map(|(module, text)| Source { module, path: module, text })
        .collect();
    let source = Source { module: "contain_all", path: "contain_all", text: CONTAINMENT };
    let compiled = rye_compiler::compile(&check(&[source], &interfaces));
    Program::new(compiled.unwrap_or_else(|error| panic!("{error}")).module)
}

fn containing(number: u8, addresses: &[&str]) -> Beginning {
    let input = format!("{{\"addresses\": {addresses:?}}}");
    Beginning {
        run: RunId([number; 16]),
        bundle: BUNDLE_OF_CONTAINMENT,
        playbook: 0,
        mode: Mode::Enforce,
        starter: "detector".into(),
        settings: Vec::new(),
        input: input.as_bytes().into(),
    }
}

/// A site where a first run has blocked the three addresses, and a second the last of them
/// as well.
fn site() -> Sim<Edge> {
    let mut sim = play(NAME, Edge::default());
    sim.add_program(BUNDLE_OF_CONTAINMENT, containment());
    sim.start(&containing(1, &ADDRESSES)).expect("the addresses fit");
    sim.start(&containing(2, &ADDRESSES[2..])).expect("the address fits");
    assert_eq!(sim.world.blocked.len(), 3);
    sim
}

fn finding(run: &str) -> Beginning {
    let input = format!("{{\"finding\": {{\"run\": {run:?}, \"reason\": \"our own test\"}}}}");
    beginning(NAME, 3, &input)
}

fn of_first() -> Beginning {
    finding(&RunId([1; 16]).to_string())
}

/// The shift lead answers what people are asked.
fn vote(sim: &mut Sim<Edge>, number: u8, vote: Vote) {
    let request = sim.engine().open_questions().next().map(|(.., state)| state.digest);
    let voter = Voter { owner: "olga".into(), roles: BTreeSet::from(["soc_lead".into()]) };
    let verb = Verb::Vote { request: request.expect("people are asked"), vote, voter };
    let by = Said { key: KeyId([5; 32]), message: Digest([number; 32]) };
    let message = Message { run: RunId([3; 16]), verb, by, owner: "olga".into() };
    sim.say(&message).expect("the answer is taken");
}

/// The shift lead says yes to these boxes of three, and no to the others.
fn answer(sim: &mut Sim<Edge>, yes: &[u32]) {
    let no: Vec<u32> = (0..3).filter(|index| !yes.contains(index)).collect();
    if !yes.is_empty() {
        vote(sim, 50, Vote::Grant(yes.to_vec()));
    }
    if !no.is_empty() {
        vote(sim, 51, Vote::Deny(no, "it is none".into()));
    }
}

/// How the run ended, what is blocked, and what people were told.
fn seen(sim: &Sim<Edge>) -> (Option<(RunOutcome, String)>, Vec<String>, BTreeSet<String>) {
    check_history(sim);
    let told = sim.world.told.iter().cloned().collect();
    (end(sim, 3), sim.world.blocked.iter().cloned().collect(), told)
}

/// What can become of what an earlier run did.
pub(crate) fn stories() -> Vec<Story<scanner::Edge>> {
    fn contained(sim: &mut Play<scanner::Edge>) {
        sim.add_program(BUNDLE_OF_CONTAINMENT, containment());
        sim.start(&containing(9, &ADDRESSES)).expect("the addresses fit");
    }
    fn contained_twice(sim: &mut Play<scanner::Edge>) {
        contained(sim);
        sim.start(&containing(8, &ADDRESSES[1..])).expect("the addresses fit");
    }
    let story = |name, answers: &[(&[u32], bool)], ends| {
        let spoken = |(boxes, is_yes): &(&[u32], bool)| {
            let no = || Vote::Deny(boxes.to_vec(), "it is none".into());
            let vote = if *is_yes { Vote::Grant(boxes.to_vec()) } else { no() };
            Spoken { after: Duration::from_secs(60), owner: "olga", role: "soc_lead", vote }
        };
        let run = RunId([9; 16]);
        Story {
            input: format!("{{\"finding\": {{\"run\": \"{run}\", \"reason\": \"our own test\"}}}}"),
            before: contained,
            answers: answers.iter().map(spoken).collect(),
            ..Story::new(name, NAME, scanner::Edge::default, Some(ends))
        }
    };
    let all: [(&[u32], bool); 1] = [(&[0, 1, 2], true)];
    let odd = |name, odd, ends| Story { odd: vec![odd], ..story(name, &all, ends) };
    let (benign, kept) = (RunOutcome::Benign, RunOutcome::Contained);
    vec![
        story("all are released", &all, benign),
        story("one is released", &[(&[1], true), (&[0, 2], false)], kept),
        story("none is released", &[(&[0, 1, 2], false)], kept),
        story("nobody answers", &[], kept),
        Story { before: contained_twice, ..story("others hold it too", &all, benign) },
        odd("stuck", Odd::refused("std.firewall.unblock"), RunOutcome::Escalated),
        odd("nobody is there at first", Odd::not_there("std.firewall.unblock", 2), benign),
        odd("the answer is lost", Odd::lost("std.firewall.unblock"), benign),
    ]
}

#[test]
fn every_effect_is_released_that_a_person_said_yes_to() {
    for (yes, ended, blocked) in [
        (vec![0, 1, 2], (RunOutcome::Benign, "the run holds nothing any more"), vec![2]),
        (vec![1], (RunOutcome::Contained, "2 of 3 effects stand still"), vec![0, 2]),
        (vec![], (RunOutcome::Contained, "3 of 3 effects stand still"), vec![0, 1, 2]),
    ] {
        let mut sim = site();
        sim.start(&of_first()).expect("the finding fits");
        assert_eq!(sim.world.blocked.len(), 3, "nothing happens before somebody answers");
        answer(&mut sim, &yes);
        let (found, still, told) = seen(&sim);
        assert_eq!(found, Some((ended.0, String::from(ended.1))));
        let expected: Vec<&str> = blocked.iter().map(|index| ADDRESSES[*index]).collect();
        assert_eq!(still, expected);
        let kept = told.iter().filter(|text| text.ends_with("stays: denied(it is none).")).count();
        assert_eq!(kept, 3 - yes.len(), "{told:?}");
        assert_eq!(told.len(), 3, "people are told of each: {told:?}");
    }
}

#[test]
fn what_others_hold_stands_and_what_others_changed_is_not_touched() {
    let mut sim = site();
    sim.world.blocked.remove(ADDRESSES[0]);
    sim.start(&of_first()).expect("the finding fits");
    answer(&mut sim, &[0, 1, 2]);
    let (_, blocked, told) = seen(&sim);
    assert_eq!(blocked, [ADDRESSES[2]]);
    for end in [
        "203.0.113.7 was changed by others since, and was not touched.",
        "203.0.113.8 was taken back.",
        "203.0.113.9 stands: 1 others hold it still.",
    ] {
        assert!(told.iter().any(|text| text.ends_with(end)), "{end}: {told:?}");
    }
    assert_eq!(sim.world.unblocks, 1);
    // The other run's life ends it.
    sim.pass(Duration::from_secs(4 * 3_600));
    assert!(sim.world.blocked.is_empty());
}

#[test]
fn what_can_not_be_taken_back_wakes_somebody_and_stops_nothing_else() {
    let mut sim = site();
    let refused = Ending::refused(ErrorKind::Denied, "not permitted");
    sim.world.stuck.insert(ADDRESSES[0].into(), refused);
    sim.start(&of_first()).expect("the finding fits");
    answer(&mut sim, &[0, 1, 2]);
    let (found, blocked, told) = seen(&sim);
    let said = String::from("1 of 3 effects could not be taken back");
    assert_eq!(found, Some((RunOutcome::Escalated, said)));
    assert_eq!(blocked, [ADDRESSES[0], ADDRESSES[2]]);
    assert!(told.iter().any(|text| text.contains("could NOT be taken back: denied")), "{told:?}");
}

#[test]
fn an_effect_that_ended_while_people_thought_is_gone_already() {
    let mut sim = site();
    sim.pass(Duration::from_secs(4 * 3_600 - 1_800));
    sim.start(&of_first()).expect("the finding fits");
    sim.pass(Duration::from_secs(1_900));
    assert!(sim.world.blocked.is_empty());
    answer(&mut sim, &[0, 1, 2]);
    let (found, _, told) = seen(&sim);
    assert_eq!(found.map(|(outcome, _)| outcome), Some(RunOutcome::Benign));
    let gone = told.iter().filter(|text| text.ends_with("was gone already.")).count();
    assert_eq!(gone, 3, "{told:?}");
    assert_eq!(sim.world.unblocks, 3);
}

#[test]
fn nobody_is_asked_about_a_run_that_holds_nothing() {
    let mut sim = play(NAME, Edge::default());
    sim.add_program(BUNDLE_OF_CONTAINMENT, containment());
    sim.start(&containing(1, &[])).expect("no address fits");
    sim.start(&of_first()).expect("the finding fits");
    assert_eq!(outcome(&sim, 3), Some(RunOutcome::Benign));
    assert_eq!(sim.world.told.len(), 1);
}

#[test]
fn a_run_that_this_store_does_not_know_holds_the_release() {
    for run in ["09090909090909090909090909090909", "last night's"] {
        let mut sim = site();
        sim.start(&finding(run)).expect("the finding fits");
        assert_eq!(outcome(&sim, 3), None);
        check_history(&sim);
        assert_eq!(sim.world.blocked.len(), 3);
    }
}

#[test]
fn without_an_answer_everything_stays_and_is_told() {
    let mut sim = site();
    sim.start(&of_first()).expect("the finding fits");
    sim.pass(Duration::from_secs(3_700));
    let (found, blocked, told) = seen(&sim);
    assert_eq!(found.map(|(outcome, _)| outcome), Some(RunOutcome::Contained));
    assert_eq!((blocked.len(), told.len()), (3, 3));
    assert!(told.iter().all(|text| text.ends_with("stays: expired.")), "{told:?}");
}

#[test]
fn the_block_of_contain_scanner_is_released() {
    const SCANNER: Digest = Digest([4; 32]);
    let mut sim = play(NAME, Edge::default());
    sim.add_program(SCANNER, program("contain_scanner"));
    let first = beginning("contain_scanner", 1, &crate::sample("contain_scanner"));
    sim.start(&Beginning { bundle: SCANNER, ..first }).expect("the alert fits");
    assert_eq!(sim.world.blocked.len(), 1);
    sim.start(&of_first()).expect("the finding fits");
    vote(&mut sim, 50, Vote::Grant(vec![0]));
    check_history(&sim);
    assert_eq!(outcome(&sim, 3), Some(RunOutcome::Benign));
    assert!(sim.world.blocked.is_empty());
}

/// The process dies at every single point, before people are asked and after.
#[test]
fn a_death_anywhere_comes_to_the_same_end() {
    let mut alive = site();
    let begun = alive.points().len();
    alive.start(&of_first()).expect("the finding fits");
    let asked = alive.points().len() - begun;
    answer(&mut alive, &[0, 2]);
    let answered = alive.points().len() - begun - asked;
    assert!(asked > 1 && answered > 8, "nothing happens");
    let expected = seen(&alive);
    for at in 0..asked {
        let mut sim = site();
        sim.die_at([at]);
        sim.start(&of_first()).expect("the finding fits");
        answer(&mut sim, &[0, 2]);
        assert_eq!(seen(&sim), expected, "death {at} before the answer");
    }
    for at in 0..answered {
        let mut sim = site();
        sim.start(&of_first()).expect("the finding fits");
        sim.die_at([at]);
        answer(&mut sim, &[0, 2]);
        assert_eq!(seen(&sim), expected, "death {at} of {answered} after the answer");
        assert!(sim.world.unblocks <= 2, "an undo whose answer was lost is tried once more");
    }
}
