//! `ryectl contained`: what is held now, by whom and until when, what lets it go
//! sooner or later, which runs wait for a person, and what people are asked. The list
//! that a shift hands over.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::ExitCode;

use rye_core::value::{Name, Time};
use rye_engine::entry::{Body, Why};
use rye_engine::halt::RESUMERS;
use rye_engine::run::{LIFTERS, Origin, Phase, RecordState, Run};
use serde_json::{Value as Json, json};

use crate::Done;
use crate::command::{requests, runs};
use crate::held::{self, End, Held, Hold, second};
use crate::output::{self, Output};
use crate::store::{self, Store, now};
use crate::timeline::head;

pub(crate) fn run(path: &Path, output: &Output) -> Done {
    let store = Store::read(path)?;
    let (now, is_acted_on) = (now(), store::is_anybody_there(path));
    let all = held::all(&store, now, is_acted_on);
    if output.is_json() {
        output::document(&document(&store, &all, now));
        return Ok(ExitCode::SUCCESS);
    }
    let say = format!("ryectl --store {} --key KEY", path.display());
    halts(&store, &say);
    things(&all, &say, now);
    waiting(&store, &say);
    asked(&store, &say);
    jumps(&store);
    Ok(ExitCode::SUCCESS)
}

/// What is halted, before all else.
fn halts(store: &Store, say: &str) {
    for (run, halt) in store.engine.halts().iter() {
        let (what, whose) = match store.engine.runs().get(run) {
            Some(run) => (format!("{}, run {}", runs::what(run), short(run)), short(run)),
            None => (String::from("everything"), String::from("--all")),
        };
        output::line(&format!(
            "HALTED since {} by {}: {what}: {}",
            second(halt.since.wall),
            halt.owner,
            halt.reason
        ));
        output::line("  nothing is done, nothing is undone, and no clock ends what it holds");
        output::line(&format!(
            "  {RESUMERS} owners let it go on{}:",
            said_so(Some(&halt.resumers))
        ));
        output::line(&format!("    {say} resume {whose}"));
        output::line("");
    }
}

/// Who said so already.
pub(crate) fn said_so(owners: Option<&BTreeSet<Name>>) -> String {
    let names: Vec<&str> = owners.into_iter().flatten().map(|owner| &**owner).collect();
    if names.is_empty() { String::new() } else { format!(" ({} said so)", names.join(", ")) }
}

fn things(all: &[Held<'_>], say: &str, now: Time) {
    output::line(&match all.len() {
        0 => String::from("HELD: nothing"),
        1 => String::from("HELD: 1 thing"),
        count => format!("HELD: {count} things"),
    });
    for Held { holds } in all {
        let Some(first) = holds.first() else { continue };
        output::line("");
        output::line(&first.act.act.call.to_string());
        if holds.len() > 1 {
            let count = holds.len();
            output::line(&format!("  {count} runs hold it: it stands until the last one lets go"));
        }
        for hold in holds {
            thing(hold, say, now);
        }
    }
}

fn thing(hold: &Hold<'_>, say: &str, now: Time) {
    let Hold { run, effect, act, end } = hold;
    output::line(&format!("  {}", end.text(act, now)));
    if let Some(since) = act.record.since() {
        output::line(&format!("    since   {}", second(since.wall)));
    }
    output::line(&format!("    by      {}, run {}, {}", runs::what(run), short(run), state(run)));
    output::line(&format!("    started by {} at {}", starter(run), second(run.began.wall)));
    let (run, effect) = (short(run), effect.to_string());
    let effect = head(&effect);
    // What waits for a later effect goes with that one.
    let (run, effect) = match act.record {
        RecordState::Covered { by, .. } if matches!(end, End::Covered { .. }) => {
            (head(&by.0.to_string()).to_owned(), head(&by.1.to_string()).to_owned())
        }
        _ => (run, effect.to_owned()),
    };
    output::line(&format!("    sooner  {say} let-go {run} {effect}"));
    if act.life().is_some() {
        output::line(&format!("    longer  {say} renew {run} {effect} --for 24h"));
    }
}

/// The runs that wait for a person, with what he may answer.
fn waiting(store: &Store, say: &str) {
    let held = runs_held(store);
    if held.is_empty() {
        return;
    }
    output::line("");
    output::line(&match held.len() {
        1 => String::from("WAITING FOR A PERSON: 1 run"),
        count => format!("WAITING FOR A PERSON: {count} runs"),
    });
    for run in held {
        let Phase::Held { reason, since } = &run.phase else { continue };
        output::line("");
        output::line(&format!("{}, run {}", runs::what(run), short(run)));
        let reason = store.engine.why_held(run.id, reason);
        output::line(&format!("  held since {}: {reason}", second(since.wall)));
        output::line(&format!("  started by {} at {}", starter(run), second(run.began.wall)));
        if let Some(effect) = run.over_quota() {
            let said = run.lifts.get(&effect).map(|lift| &lift.owners);
            output::line(&format!("  {LIFTERS} owners lift the quota{}:", said_so(said)));
        }
        for answer in held::answers(store, run) {
            output::line(&format!("    {say} {answer}"));
        }
    }
}

/// What people are asked, with the commands that answer it.
fn asked(store: &Store, say: &str) {
    let open = requests::open(store);
    if open.is_empty() {
        return;
    }
    output::line("");
    output::line(&match open.len() {
        1 => String::from("PEOPLE ARE ASKED: 1 question"),
        count => format!("PEOPLE ARE ASKED: {count} questions"),
    });
    for (run, state) in open {
        output::line("");
        output::line(&format!("{}, run {}", runs::what(run), short(run)));
        output::line(&format!("  {}", state.question.text));
        let (roles, until) = (requests::roles(state), second(requests::end(state)));
        output::line(&format!("  {} of {roles} may answer, until {until}", state.question.count));
        output::line(&format!("  started by {} at {}", starter(run), second(run.began.wall)));
        for answer in requests::answers(state) {
            output::line(&format!("    {say} {answer}"));
        }
    }
}

/// Jumps of the wall clock after which something was taken back because its time
/// was over: perhaps it was not.
fn jumps(store: &Store) {
    for (from, to, released) in released_after_jumps(store) {
        output::line("");
        output::line(&format!(
            "THE CLOCK JUMPED from {} to {}; since then the clock ended:",
            second(from),
            second(to)
        ));
        for call in released {
            output::line(&format!("  {call}"));
        }
    }
}

/// Each jump, with the calls that a clock took back since, up to the next one.
fn released_after_jumps(store: &Store) -> Vec<(Time, Time, Vec<String>)> {
    let mut jumps: Vec<(Time, Time, Vec<String>)> = Vec::new();
    for (_, entry) in &store.entries {
        match &entry.body {
            Body::ClockAnomaly { from, to } => jumps.push((*from, *to, Vec::new())),
            Body::UndoIntent { owner, effect, why: Why::Life, attempt: 1, .. } => {
                let run = store.engine.runs().get(owner);
                let act = run.and_then(|run| run.effects.get(effect)?.act());
                if let (Some((.., released)), Some(act)) = (jumps.last_mut(), act) {
                    released.push(act.act.call.to_string());
                }
            }
            _ => {}
        }
    }
    jumps.retain(|(from, to, released)| to > from && !released.is_empty());
    jumps
}

fn runs_held(store: &Store) -> Vec<&Run> {
    let mut held: Vec<(Time, &Run)> = Vec::new();
    for run in store.engine.runs().values() {
        if let Phase::Held { since, .. } = &run.phase {
            held.push((since.wall, run));
        }
    }
    held.sort_by_key(|(since, run)| (*since, run.id));
    held.into_iter().map(|(_, run)| run).collect()
}

/// Where a run stands, in a word or two.
fn state(run: &Run) -> &'static str {
    match &run.phase {
        Phase::Running => "still running",
        Phase::Unwinding(_) => "unwinding",
        Phase::Held { .. } => "held",
        Phase::Ended { outcome, .. } => outcome.word(),
    }
}

fn starter(run: &Run) -> String {
    match &run.origin {
        Origin::Playbook(start) => start.starter.to_string(),
        Origin::Rollback { by, .. } => format!("key {}…", head(&by.key.to_string())),
    }
}

/// Enough of a run's id to say it.
fn short(run: &Run) -> String {
    head(&run.id.to_string()).to_owned()
}

fn document(store: &Store, all: &[Held<'_>], now: Time) -> Json {
    let halts = store.engine.halts().iter().map(|(run, halt)| {
        json!({
            "run": Some(run).filter(|run| !run.is_none()).map(ToString::to_string),
            "since": halt.since.wall.to_string(),
            "owner": &*halt.owner,
            "reason": &*halt.reason,
            "resumers": halt.resumers.iter().map(|owner| &**owner).collect::<Vec<_>>(),
        })
    });
    let waiting = runs_held(store).into_iter().map(|run| {
        let reason = match &run.phase {
            Phase::Held { reason, since } => {
                (store.engine.why_held(run.id, reason), since.wall.to_string())
            }
            _ => Default::default(),
        };
        json!({
            "run": run.id.to_string(),
            "playbook": runs::what(run),
            "starter": starter(run),
            "reason": reason.0,
            "since": reason.1,
            "answers": held::answers(store, run),
        })
    });
    let asked = requests::open(store).into_iter().map(|(run, state)| {
        json!({
            "run": run.id.to_string(),
            "playbook": runs::what(run),
            "starter": starter(run),
            "request": state.digest.to_string(),
            "question": &*state.question.text,
            "until": requests::end(state).to_string(),
            "answers": requests::answers(state),
        })
    });
    let jumps = released_after_jumps(store).into_iter().map(|(from, to, released)| {
        json!({ "from": from.to_string(), "to": to.to_string(), "released": released })
    });
    json!({
        "now": now.to_string(),
        "halts": halts.collect::<Vec<_>>(),
        "contained": all.iter().map(|held| thing_document(held, now)).collect::<Vec<_>>(),
        "waiting": waiting.collect::<Vec<_>>(),
        "asked": asked.collect::<Vec<_>>(),
        "clock_jumps": jumps.collect::<Vec<_>>(),
    })
}

fn thing_document(held: &Held<'_>, now: Time) -> Json {
    let first = held.holds.first().map(|hold| &hold.act.act);
    let holder = |Hold { run, effect, act, end }: &Hold<'_>| {
        let since = act.record.since().map(|since| since.wall.to_string());
        let until = act.life().map(|(since, span)| since.wall.saturating_add(span).to_string());
        json!({
            "run": run.id.to_string(),
            "effect": effect.to_string(),
            "playbook": runs::what(run),
            "starter": starter(run),
            "began": run.began.wall.to_string(),
            "state": state(run),
            "since": since,
            "until": until,
            "ends": end.word(),
            "says": end.text(act, now),
        })
    };
    json!({
        "action": first.map(|act| act.call.action.to_string()),
        "call": first.map(|act| act.call.to_string()),
        "assets": first
            .map(|act| act.affects.iter().map(ToString::to_string).collect::<Vec<_>>()),
        "holders": held.holds.iter().map(holder).collect::<Vec<_>>(),
    })
}
