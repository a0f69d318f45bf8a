//! What an entry says, in one line for people: who watches a process and who reads a
//! journal read the same words. Texts come from alerts too: whoever shows a line makes
//! it visible first.

use std::sync::Arc;

use rye_core::adapter::Ending;
use rye_core::effect::Notice;
use rye_core::id::{EffectId, RunId};
use rye_core::question::{Question, Subject};
use rye_core::value::Value;

use crate::engine::Engine;
use crate::entry::{
    Answer, Body, Claim, Entry, LetGo, Release, RunStart, Then, UndoResult, Verdict, Why,
};
use crate::question::{DecidedBy, decision_words};

/// What an entry says; `engine` has taken it in.
pub fn of(engine: &Engine, entry: &Entry) -> String {
    let call = |effect: &EffectId| engine.call_of(entry.run, *effect);
    match &entry.body {
        Body::Started(start) => started(start),
        Body::Asked { call, answer, said, .. } => {
            let told = answer.as_ref().err().map(|error| &error.text);
            let said = said.as_ref().filter(|said| Some(*said) != told);
            format!("asked {call}: {}{}", self::answer(answer), because(said))
        }
        Body::Refused { call, rule, .. } => format!("not allowed: {call}: {rule}"),
        Body::Simulated { act, looked: Some(Verdict::Unclear), .. } => {
            format!("would do {}; the world gives no answer, so it may fail", act.call)
        }
        Body::Simulated { act, .. } => format!("would do {}", act.call),
        Body::AlreadySo { act, joined: true, .. } => {
            format!("already so, by another run: {}; held by both now", act.call)
        }
        Body::AlreadySo { act, joined: false, .. } => {
            format!("already so, by others: {}; nothing to take back", act.call)
        }
        Body::Intent { act, .. } => format!("doing {}", act.call),
        Body::Attempted { effect, attempt } => format!("attempt {attempt} at {}", call(effect)),
        Body::Outcome { effect, ending, .. } => {
            format!("{}: {ending}", call(effect))
        }
        Body::Probed { effect, verdict, said, .. } => {
            let shown = match verdict {
                Verdict::Stands => "the world shows it",
                Verdict::Gone => "the world doesn't show it",
                Verdict::Unclear => "the world gives no answer",
            };
            format!("{}: {shown}{}", call(effect), because(said.as_ref()))
        }
        Body::Told { notice, delivered: true, .. } => format!("telling {}", notice.call),
        Body::Told { notice, delivered: false, .. } => format!("would tell {}", notice.call),
        Body::Delivered { effect, ending: Ending::Done(_) | Ending::AlreadySo(_), .. } => {
            format!("delivered {}", call(effect))
        }
        Body::Delivered { effect, ending, last, .. } => {
            let next = if *last { "given up" } else { "tried again" };
            format!("not delivered, {next}: {}: {ending}", call(effect))
        }
        Body::Alerted { notice, delivered, .. } => alerted(notice, *delivered),
        Body::Waiting { until, .. } => format!("waiting until {until}"),
        body @ Body::Waited { .. } if body.is_not_checked() => {
            String::from("not checked: nothing is real in this mode")
        }
        Body::Waited { answer, .. } => format!("looked or waited: {}", self::answer(answer)),
        Body::Requested { effect, question, .. } => asked(engine, entry.run, *effect, question),
        Body::Voted { owner, vote, .. } => format!("{owner} said {vote}"),
        Body::Escalated { .. } => String::from("nobody answered so far: others are asked as well"),
        Body::Decided { how, answer, .. } => decided(*how, answer),
        Body::Raised { error, undo: Some(_), .. } => format!("failed, undoing: {error}"),
        Body::Raised { error, undo: None, then, .. } => format!("failed{}: {error}", next(then)),
        Body::Unwound => String::from("all that had to be undone was tried"),
        Body::Benign { text } => format!("a false alarm: {text}; undoing what was done"),
        Body::Held { reason } => format!("held: {}", engine.why_held(entry.run, reason)),
        Body::Released { how, .. } => format!("a person said: {}", released(*how)),
        Body::Cancelled { undo: true, .. } => String::from("a person said: cancel and undo"),
        Body::Cancelled { undo: false, .. } => String::from("a person said: cancel and keep"),
        Body::Settled { effect, answer: Ok(value), .. } if *value != Value::None => {
            format!("a person said: done: {}; the playbook is told {value}", call(effect))
        }
        Body::Settled { effect, done, .. } => {
            let said = if *done { "done" } else { "not done" };
            format!("a person said: {said}: {}", call(effect))
        }
        Body::LetGo { owner, effect, how, .. } => {
            let call = engine.call_of(*owner, *effect);
            let why = match how {
                LetGo::StillHeld => "another run holds it still",
                LetGo::ChangedByOthers => "others changed it since",
                LetGo::NothingToUndo => "nothing has to be undone",
            };
            format!("let go of {call}: {why}")
        }
        Body::Covered { owner, effect, by_run, by_effect, .. } => {
            let call = engine.call_of(*owner, *effect);
            let later = engine.call_of(*by_run, *by_effect);
            format!("taking back {call} waits: {later} came later and stands")
        }
        Body::UndoIntent { call, why, .. } => {
            format!("undoing, because {}: {call}", self::why(*why))
        }
        Body::UndoOutcome { owner, effect, ending, result, .. } => {
            let call = engine.call_of(*owner, *effect);
            format!("undo of {call}: {}", undone(ending, *result))
        }
        Body::RollbackStarted { of, effects, .. } if effects.is_empty() => {
            format!("a person said: roll back run {of}")
        }
        Body::RollbackStarted { of, effects, .. } => {
            let calls: Vec<_> = effects.iter().map(|it| engine.call_of(*of, *it)).collect();
            format!("a person said: roll back of run {of}: {}", calls.join(", "))
        }
        Body::Ended { outcome, text } if text.is_empty() => format!("over: {}", outcome.word()),
        Body::Ended { outcome, text } => format!("over: {}: {text}", outcome.word()),
        _ => order(engine, entry),
    }
}

/// What people said, beside what they answered.
fn order(engine: &Engine, entry: &Entry) -> String {
    let call = |effect: &EffectId| engine.call_of(entry.run, *effect);
    match &entry.body {
        Body::Halted { reason, owner, .. } => {
            let what = if entry.run.is_none() { "everything" } else { "the run" };
            format!("{owner} halted {what}: {reason}")
        }
        Body::Resumed { owner, lifted, .. } => said(owner, "resume", *lifted, "it goes on"),
        Body::Lifted { owner, enough, .. } => {
            said(owner, "lift the quota", *enough, "it is tried again")
        }
        Body::Renewed { effect, span, .. } => {
            format!("a person said: {span} more from now: {}", call(effect))
        }
        Body::Erasing { owner, reason, .. } => {
            format!("{owner} wants all that is known of it erased: {reason}")
        }
        Body::Erased => String::from("erased"),
        Body::LifeEnded { effect, .. } => format!("a person said: let go: {}", call(effect)),
        body => own(body),
    }
}

/// What one of two people said, and what follows if that was enough.
fn said(owner: &str, what: &str, enough: bool, then: &str) -> String {
    let so = if enough { then } else { "one more owner has to say so" };
    format!("{owner} said: {what}; {so}")
}

/// The entries of the store's own.
fn own(body: &Body) -> String {
    match body {
        Body::Genesis { environment, .. } => format!("the store of {environment} was made"),
        Body::Opened { version, dropped: 0 } => format!("opened by version {version}"),
        Body::Opened { dropped, .. } => {
            format!("{dropped} bytes of a write that was cut short were dropped")
        }
        Body::ClockAnomaly { from, to } => format!("the wall clock jumped from {from} to {to}"),
        Body::Bound { module, place } => format!("effects of {module} stand at {place}"),
        Body::BundleLoaded { name, version, digest, .. } => {
            format!("loaded bundle {name} version {version} ({digest})")
        }
        Body::BundleRejected { code, .. } => format!("refused a bundle: {code}"),
        Body::TrustRootTaken { version, digest, reset } => {
            let names: Vec<&str> = reset.iter().map(|name| &**name).collect();
            let reset = if names.is_empty() {
                String::new()
            } else {
                format!("; versions begin anew: {}", names.join(", "))
            };
            format!("believing trust root {version} ({digest}){reset}")
        }
        Body::TrustRootRefused { code, .. } => format!("refused a trust root: {code}"),
        Body::RevocationsTaken { version, digest } => {
            format!("believing revocation list {version} ({digest})")
        }
        Body::RevocationsRefused { code, .. } => format!("refused a revocation list: {code}"),
        Body::BundleWithdrawn { bundle, code } => {
            format!("ALARM: bundle {bundle} may be used no longer: {code}; its runs are held")
        }
        Body::BundleRestored { bundle } => format!("bundle {bundle} may be used again"),
        Body::Restricted { code: Some(code) } => {
            format!("ALARM: nothing is loaded anew, and nothing destructive is done: {code}")
        }
        Body::Restricted { code: None } => {
            String::from("bundles are loaded, and destructive actions are done again")
        }
        Body::MessageRefused { claim, reason, .. } => {
            format!("refused a message: {reason}{}", claimed(claim))
        }
        // Every other kind has its words above.
        other => String::from(other.word()),
    }
}

/// What a refused message says of itself.
fn claimed(claim: &Claim) -> String {
    let Some(key) = claim.key.map(|key| key.to_string()) else { return String::new() };
    let key = key.get(..12).unwrap_or(&key);
    match (&claim.verb, claim.run) {
        (Some(verb), Some(run)) if run.is_none() => {
            format!(" (`{verb}` for everything, key {key}…)")
        }
        (Some(verb), Some(run)) => format!(" (`{verb}` for run {run}, key {key}…)"),
        _ => format!(" (key {key}…)"),
    }
}

/// What operators are told by the engine itself.
fn alerted(notice: &Notice, goes_out: bool) -> String {
    let text = notice.call.argument("text").map(ToString::to_string).unwrap_or_default();
    let telling = if goes_out { "telling" } else { "would tell" };
    format!("{telling} the operators: {text}")
}

/// What follows an error of which nothing is undone.
fn next(then: &Then) -> &'static str {
    match then {
        Then::Recover => ", recovering",
        Then::Hold(_) => ", a person is asked",
        Then::End => "",
    }
}

/// What people are asked, and how they answer.
fn asked(engine: &Engine, run: RunId, effect: EffectId, question: &Question) -> String {
    let state = engine.runs().get(&run).and_then(|run| run.effects.get(&effect));
    let request = state.and_then(|state| state.question()).map(|state| state.digest.to_string());
    let request = request.unwrap_or_default();
    let request = request.get(..12).unwrap_or(&request);
    let roles = question.roles.join(", ");
    let wanted = match &question.subject {
        Subject::Approval { boxes, .. } => {
            let effects = boxes.iter().flat_map(|one| &one.effects);
            let calls: Vec<String> = effects.map(|effect| effect.call.to_string()).collect();
            format!("a yes allows {}", calls.join("; "))
        }
        Subject::Choice { values, .. } => format!("one of {}", values.join(", ")),
    };
    let (text, within) = (&question.text, question.within);
    format!("asking {roles} within {within}: {text} ({wanted}; request {request})")
}

fn decided(how: DecidedBy, answer: &Answer) -> String {
    let what = decision_words(answer);
    match how {
        DecidedBy::People => format!("decided: {what}"),
        DecidedBy::Time => format!("the time to answer is over: {what}"),
        DecidedBy::Condition => format!("decided by the playbook's own condition: {what}"),
        DecidedBy::Mode => format!("would ask; the mode waits for nobody: {what}"),
    }
}

fn started(start: &RunStart) -> String {
    let RunStart { playbook, mode, starter, .. } = start;
    format!("started {playbook} in {mode} mode, for {starter}")
}

fn answer(answer: &Answer) -> String {
    match answer {
        Ok(value) => value.to_string(),
        Err(error) => error.to_string(),
    }
}

fn undone(ending: &Ending, result: UndoResult) -> String {
    match result {
        UndoResult::Undone => String::from("undone"),
        UndoResult::Again => format!("tried again: {ending}"),
        UndoResult::Stuck => format!("STUCK: {ending}"),
        UndoResult::StillShown => {
            String::from("undone, but the world shows the effect still: something else causes it")
        }
        UndoResult::LeftAlone => String::from("left alone: changed by others"),
    }
}

/// What was said of it, behind everything else.
fn because(said: Option<&Arc<str>>) -> String {
    said.map(|said| format!(": {said}")).unwrap_or_default()
}

fn why(why: Why) -> &'static str {
    match why {
        Why::Failure => "something failed",
        Why::Life => "its time is over",
        Why::Benign => "it was a false alarm",
        Why::Person => "a person said so",
        Why::Release => "a playbook released it",
    }
}

fn released(how: Release) -> &'static str {
    match how {
        Release::Continue => "continue",
        Release::Undo => "undo",
        Release::Keep => "keep",
    }
}
