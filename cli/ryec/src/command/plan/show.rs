//! A plan for people and for programs.

use rye_core::effect::{Act, Call, Life, UndoPlan};
use rye_core::question::{Question, Subject};
use rye_core::value::json::to_json;
use rye_core::value::{Name, Value};
use rye_engine::entry::{Body, Entry, Verdict};
use rye_engine::words;
use serde_json::{Value as Json, json};

use super::Plan;
use crate::failure::Failure;
use crate::supposed;

/// The plan, line by line.
pub(super) fn lines(plan: &Plan) -> Vec<String> {
    let mut lines = vec![format!("{} would do this; nothing is done now", plan.playbook)];
    let mut stage = String::new();
    for entry in plan.sim.entries() {
        let Some(text) = text(plan, &entry) else { continue };
        let place = entry.body.place().map(|place| place.stage.to_string()).unwrap_or_default();
        if place != stage && !place.is_empty() {
            lines.push(format!("  stage {place}"));
        }
        stage = place;
        let indent = if stage.is_empty() { "  " } else { "    " };
        lines.push(format!("{indent}{text}"));
        lines.extend(
            details(plan, &entry)
                .into_iter()
                .map(|(label, text)| format!("{indent}  {label:<8}  {text}")),
        );
    }
    lines
}

/// What happens, in one line; nothing of what is no step of a plan.
fn text(plan: &Plan, entry: &Entry) -> Option<String> {
    match &entry.body {
        // Whom a daemon would tell of a hold or a question is the site's to say.
        Body::Started(_) | Body::Decided { .. } | Body::Alerted { .. } => None,
        Body::Simulated { act, .. } => Some(format!("would do {}", act.call)),
        Body::AlreadySo { act, .. } => Some(format!("would not do {}", act.call)),
        Body::Requested { question, .. } => Some(format!("would ask: {}", question.text)),
        Body::Waited { .. } if !entry.body.is_not_checked() => None,
        _ => Some(words::of(plan.sim.engine(), entry)),
    }
}

/// What else is to be known of a step.
fn details(plan: &Plan, entry: &Entry) -> Vec<(&'static str, String)> {
    match &entry.body {
        Body::Simulated { act, looked, .. } => act_details(plan, act, *looked),
        Body::AlreadySo { .. } => {
            vec![("because", String::from("it is so already; nothing is to be undone"))]
        }
        Body::Requested { question, .. } => question_details(question),
        _ => Vec::new(),
    }
}

fn act_details(plan: &Plan, act: &Act, looked: Option<Verdict>) -> Vec<(&'static str, String)> {
    let mut details = Vec::new();
    if !act.affects.is_empty() {
        let touched: Vec<String> = act.affects.iter().map(touched).collect();
        details.push(("touches", touched.join(", ")));
    }
    if act.undo != UndoPlan::None {
        details.push(("stands", life(act.life)));
    }
    details.push(("undo", undo(&act.undo)));
    details.push(("impact", act.impact.to_string()));
    if let Some(text) = approval(plan, act) {
        details.push(("behind", text));
    }
    if looked == Some(Verdict::Unclear) {
        let queries = act.proof.iter().map(|proof| proof.query.call.to_string());
        let queries = queries.collect::<Vec<_>>().join(", ");
        details.push(("unless", format!("it is so already, which {queries} would say")));
    }
    details
}

/// An asset with its kind.
fn touched(asset: &Value) -> String {
    match asset {
        // A record says its kind itself.
        Value::Asset { value, .. } if matches!(**value, Value::Record { .. }) => asset.to_string(),
        Value::Asset { kind, .. } => format!("{kind} {asset}"),
        other => other.to_string(),
    }
}

fn life(life: Life) -> String {
    match life {
        Life::Open => String::from("until somebody takes it back"),
        Life::For(span) => format!("for {span}"),
        Life::UntilReleased => String::from("until a person releases it"),
    }
}

fn undo(undo: &UndoPlan) -> String {
    match undo {
        UndoPlan::Call { call, .. } => call.to_string(),
        UndoPlan::None => String::from("nothing has to be undone"),
        UndoPlan::Irreversible => String::from("IRREVERSIBLE"),
    }
}

/// Whose yes an act needs.
fn approval(plan: &Plan, act: &Act) -> Option<String> {
    let request = act.approval?.request;
    let run = plan.sim.engine().runs().get(&plan.run)?;
    let question = &run.effects.get(&request)?.question()?.question;
    Some(format!("the yes of {}", asked(question)))
}

fn asked(question: &Question) -> String {
    format!("{} of {}", question.count, names(&question.roles))
}

fn names(roles: &[Name]) -> String {
    roles.iter().map(|role| &**role).collect::<Vec<_>>().join(", ")
}

fn question_details(question: &Question) -> Vec<(&'static str, String)> {
    let mut details = vec![("asks", format!("{} within {}", asked(question), question.within))];
    if let Some(more) = &question.escalation {
        details.push(("then", format!("{} as well, after {}", names(&more.roles), more.after)));
    }
    match &question.subject {
        Subject::Approval { boxes, .. } => {
            for listed in boxes.iter().flat_map(|one| &one.effects) {
                details.push(("allows", listed.call.to_string()));
            }
            let said = if question.is_automatic() { "by itself" } else { "yes" };
            details.push(("supposed", format!("{said}; a no, or nobody, goes another way")));
        }
        Subject::Choice { values, .. } => {
            let values: Vec<&str> = values.iter().map(|value| &**value).collect();
            details.push(("choices", values.join(", ")));
            details.push(("supposed", String::from("nobody chooses")));
        }
    }
    details
}

/// What has to be answered for the plan to be whole, if anything has.
pub(super) fn incomplete(plan: &Plan) -> Option<Failure> {
    if plan.missing.is_empty() {
        return None;
    }
    let calls: Vec<String> = plan.missing.iter().map(ToString::to_string).collect();
    let what = format!("the plan was given no answer to {}", calls.join(", "));
    let lines: Vec<String> =
        plan.missing.iter().map(|call| supposed::line_for(&plan.code.module, call)).collect();
    let help = format!("put into the list of `--answers FILE`: {}", lines.join("; "));
    Some(Failure::input(what, help))
}

/// The same for programs.
pub(super) fn document(plan: &Plan) -> Json {
    let entries = plan.sim.entries();
    let steps: Vec<Json> = entries.iter().filter_map(|entry| step(plan, entry)).collect();
    let end = entries.iter().rev().find_map(|entry| match &entry.body {
        Body::Ended { outcome, text } => {
            Some(json!({ "outcome": outcome.word(), "text": &**text }))
        }
        _ => None,
    });
    json!({
        "playbook": &*plan.playbook,
        "complete": plan.missing.is_empty(),
        "missing": plan.missing.iter().map(call).collect::<Vec<_>>(),
        "steps": steps,
        "end": end,
    })
}

fn step(plan: &Plan, entry: &Entry) -> Option<Json> {
    let text = text(plan, entry)?;
    let stage = entry.body.place().map(|place| &*place.stage).unwrap_or_default();
    let mut step = json!({ "is": entry.body.word(), "stage": stage, "text": text });
    let more = match &entry.body {
        Body::Simulated { act, .. } => json!({
            "call": call(&act.call),
            "touches": act.affects.iter().map(to_json).collect::<Vec<_>>(),
            "stands_micros": if let Life::For(span) = act.life { Json::from(span.0) } else { Json::Null },
            "undo": match &act.undo {
                UndoPlan::Call { call: undo, .. } => call(undo),
                UndoPlan::None | UndoPlan::Irreversible => Json::Null,
            },
            "irreversible": act.undo == UndoPlan::Irreversible,
            "impact": act.impact.name(),
            "approval": approval(plan, act),
        }),
        Body::Requested { question, .. } => json!({
            "count": question.count,
            "roles": question.roles.iter().map(|role| &**role).collect::<Vec<_>>(),
            "within_micros": question.within.0,
        }),
        other => json!({ "call": other.call().map(call) }),
    };
    if let (Some(step), Json::Object(more)) = (step.as_object_mut(), more) {
        step.extend(more);
    }
    Some(step)
}

fn call(call: &Call) -> Json {
    let arguments = call.arguments.iter().map(|(name, value)| (name.to_string(), to_json(value)));
    json!({ "action": &*call.action, "arguments": arguments.collect::<serde_json::Map<_, _>>() })
}
