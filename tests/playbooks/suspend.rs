//! `suspend_account`: nobody is suspended without a yes of somebody who may give it,
//! in time.

use rye_core::digest::Digest;
use rye_core::id::{KeyId, RunId};
use rye_core::value::{Duration, Name, Value};
use rye_engine::command::Purpose;
use rye_engine::engine::{Message, Verb};
use rye_engine::entry::{RunOutcome, Said};
use rye_engine::guardrail::{Guarded, Protected};
use rye_engine::question::{Vote, Voter};

use crate::machine::{Machine, machine};
use crate::story::{Odd, Spoken, Story};
use crate::{beginning, check_history, outcome, play_at, sample, site};

const NAME: &str = "suspend_account";
/// No file matters here.
const NO_FILE: &str = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";

/// Abuse case 13, for the names of a machine and of an account on it: under whatever
/// name it comes, nothing of a protected machine is touched.
#[test]
fn harm_critical_asset() {
    let listed = |kind| {
        let value = Value::text("web-1.example.net");
        (Guarded::Asset { kind: Name::from(kind), value }, Name::from("critical"))
    };
    for name in
        ["web-1.example.net", "WEB-1.Example.NET", "web-1.example.net.", "WEB-1.EXAMPLE.NET."]
    {
        let protected = Protected::new(vec![listed("Host"), listed("HostAccount")]);
        let mut sim = play_at(site(protected), NAME, machine(NO_FILE, 0));
        let input = sample(NAME).replace("web-1.example.net", name);
        sim.start(&beginning(NAME, 1, &input)).expect("the input fits");
        let asked = sim.engine().open_questions().map(|(.., state)| state.digest).next();
        let request = asked.expect("a question is open");
        let voter = Voter { owner: "bea".into(), roles: ["soc_lead".into()].into() };
        let verb = Verb::Vote { request, vote: Vote::Grant(vec![0]), voter };
        let by = Said { key: KeyId([5; 32]), message: Digest([9; 32]) };
        let message = Message { run: RunId([1; 16]), verb, by, owner: "bea".into() };
        sim.say(&message).expect("it is an answer");
        check_history(&sim);
        assert_eq!(outcome(&sim, 1), None, "{name}: held");
        let acts = sim.dispatches().iter().filter(|one| one.purpose == Purpose::Act);
        assert_eq!(acts.count(), 0, "{name}");
        assert_eq!(sim.world.sessions, 2, "{name}");
    }
}

/// What can become of a report.
pub(crate) fn stories() -> Vec<Story<Machine>> {
    let world = || machine(NO_FILE, 0);
    let story = |name, answers: &[Spoken], ends| Story {
        answers: answers.to_vec(),
        ..Story::new(name, NAME, world, ends)
    };
    let yes = |minutes: u32, owner, role| {
        let after = Duration::from_secs(minutes * 60);
        Spoken { after, owner, role, vote: Vote::Grant(vec![0]) }
    };
    let no = Spoken { vote: Vote::Deny(vec![0], "on call".into()), ..yes(2, "bea", "soc_lead") };
    let (contained, escalated) = (Some(RunOutcome::Contained), Some(RunOutcome::Escalated));
    let granted = [yes(2, "bea", "soc_lead")];
    let odd = |name, odd, ends| Story { odd: vec![odd], ..story(name, &granted, ends) };
    vec![
        story("granted", &granted, contained),
        story("granted by the other role", &[yes(59, "cy", "identity_admin")], contained),
        story("granted by whom it came to", &[yes(21, "dan", "ciso")], contained),
        story("too early for him", &[yes(2, "dan", "ciso")], escalated),
        story("denied", &[no], escalated),
        story("nobody answers", &[], escalated),
        story("too late", &[yes(61, "bea", "soc_lead")], escalated),
        story("by whoever started it", &[yes(2, "test", "soc_lead")], escalated),
        odd("not suspended", Odd::refused("std.host.account.expire"), None),
        odd("the answer is lost", Odd::lost("std.host.account.expire"), contained),
        odd("it lies", Odd::lie("std.host.account.expire"), None),
        odd("stuck", Odd::refused("std.host.account.restore"), contained),
        Story {
            protected: vec![("HostAccount", Value::text("deploy"))],
            ..story("protected", &granted, None)
        },
    ]
}
