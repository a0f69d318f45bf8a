//! `suspend_account`: nobody is suspended without a yes of somebody who may give it,
//! in time.

use rye_core::value::{Duration, Value};
use rye_engine::entry::RunOutcome;
use rye_engine::question::Vote;

use crate::machine::{Machine, machine};
use crate::story::{Odd, Spoken, Story};

const NAME: &str = "suspend_account";

/// What can become of a report.
pub(crate) fn stories() -> Vec<Story<Machine>> {
    // No file matters here.
    let world = || machine("2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824", 0);
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
