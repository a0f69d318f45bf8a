//! `ryectl requests`: what people are asked, and all that a yes allows.

use std::path::Path;
use std::process::ExitCode;

use rye_core::effect::Life;
use rye_core::question::{ApprovalBox, Listed, Subject};
use rye_core::value::Time;
use rye_engine::effects;
use rye_engine::question::QuestionState;
use rye_engine::run::Run;
use rye_engine::stamp::Stamp;
use serde_json::{Value as Json, json};

use crate::Done;
use crate::command::runs;
use crate::output::{self, Failure, Output};
use crate::store::Store;
use crate::timeline::head;

/// A question that may be answered, and the run that asks it.
pub(crate) type Open<'a> = (&'a Run, &'a QuestionState);

pub(crate) fn run(path: &Path, output: &Output) -> Done {
    let store = Store::read(path)?;
    let open = open(&store);
    if output.is_json() {
        let list: Vec<Json> = open.iter().map(|open| to_json(&store, *open)).collect();
        output::document(&json!({ "requests": list }));
        return Ok(ExitCode::SUCCESS);
    }
    if open.is_empty() {
        output::line("nobody is asked anything");
    }
    for question in open {
        print(&store, question);
        output::line("");
    }
    Ok(ExitCode::SUCCESS)
}

/// The questions that may be answered, first those that end first.
pub(crate) fn open(store: &Store) -> Vec<Open<'_>> {
    let open = store.engine.open_questions().map(|(run, _, state)| (run, state));
    let mut open: Vec<_> = open.filter(|(_, state)| end(state) > crate::store::now()).collect();
    open.sort_by_key(|(run, state)| (end(state), run.id));
    open
}

/// How a question is answered, as arguments of `ryectl`.
pub(crate) fn answers(state: &QuestionState) -> Vec<String> {
    let request = state.digest.to_string();
    let request = head(&request);
    match &state.question.subject {
        Subject::Approval { .. } => {
            vec![format!("approve {request}"), format!("deny {request} --reason TEXT")]
        }
        Subject::Choice { .. } => vec![format!("choose {request} VALUE")],
    }
}

/// The question whose request, or the only one whose run, begins with `text`.
pub(crate) fn find<'a>(store: &'a Store, text: &str) -> Result<Open<'a>, Failure> {
    let text = text.to_lowercase();
    let all = open(store);
    let named = |name: &dyn Fn(&Open<'a>) -> String| -> Vec<Open<'a>> {
        all.iter().filter(|open| name(open).starts_with(&text)).copied().collect()
    };
    let by_request = named(&|(_, state)| state.digest.to_string());
    let found =
        if by_request.is_empty() { named(&|(run, _)| run.id.to_string()) } else { by_request };
    let help = "`ryectl requests` lists what people are asked";
    match found.as_slice() {
        [one] => Ok(*one),
        [] => Err(Failure::input(format!("nobody is asked anything by `{text}`")).help(help)),
        _ => Err(Failure::input(format!("more than one question begins with `{text}`")).help(help)),
    }
}

/// Until when an answer is waited for, by the wall clock.
pub(crate) fn end(state: &QuestionState) -> Time {
    state.asked.wall.saturating_add(state.question.within)
}

/// Who may answer now.
pub(crate) fn roles(state: &QuestionState) -> String {
    let now = Stamp { wall: crate::store::now(), ..Stamp::default() };
    state.roles(now).iter().map(|role| &**role).collect::<Vec<_>>().join(", ")
}

/// Shows all that an approver has to know.
pub(crate) fn print(store: &Store, open: Open<'_>) {
    for line in lines(store, open) {
        output::line(&line);
    }
}

/// The same, line by line.
pub(crate) fn lines(store: &Store, (run, state): Open<'_>) -> Vec<String> {
    let question = &state.question;
    let starter = run.start().map_or("", |start| &start.starter);
    let mut lines = vec![
        format!("request   {}", state.digest),
        format!("question  {}", question.text),
        format!(
            "run       {} {}, {} mode, started by {starter}",
            run.id,
            runs::what(run),
            run.mode()
        ),
        format!("asked     {}, until {}", state.asked.wall, end(state)),
        format!("may say   {} of {}; any no decides", question.count, roles(state)),
    ];
    match &question.subject {
        Subject::Approval { boxes, .. } => {
            for (number, one) in (1_u32..).zip(boxes) {
                lines.extend(show_box(store, state, number, one));
            }
        }
        Subject::Choice { of, values } => {
            lines.push(format!("choose    a {of}: {}", values.join(", ")));
        }
    }
    lines
}

fn show_box(store: &Store, state: &QuestionState, number: u32, one: &ApprovalBox) -> Vec<String> {
    let item = one.item.as_ref().map(|item| format!(": {item}")).unwrap_or_default();
    let index = number.saturating_sub(1);
    let so_far = if let Some(decision) = state.decision(index) {
        format!(" ({})", decision.word())
    } else {
        let yes: Vec<&str> = state.granted_by(index).into_iter().map(|name| &**name).collect();
        if yes.is_empty() { String::new() } else { format!(" (yes so far: {})", yes.join(", ")) }
    };
    let mut lines = vec![format!("box {number}{item}{so_far}: a yes allows")];
    for effect in &one.effects {
        lines.push(format!("    {}", effect.call));
        lines.push(format!("        {}", about(effect)));
        lines.extend(releases(store, effect).map(|what| format!("        {what}")));
    }
    lines
}

/// What it touches, how much it may hurt, how long it stands, how it is taken back.
fn about(effect: &Listed) -> String {
    let targets: Vec<String> = effect
        .affects
        .iter()
        .map(|target| match target {
            rye_core::value::Value::Asset { kind, value } => format!("{kind} {value}"),
            other => other.to_string(),
        })
        .collect();
    let life = match effect.life {
        Life::Open => String::from("stands until somebody takes it back"),
        Life::For(span) => format!("stands for {span}"),
        Life::UntilReleased => String::from("stands until a person releases it"),
    };
    let impact = effect.impact.name();
    format!("on {}; {impact}; {life}; {}", targets.join(", "), effect.undo)
}

/// What a release takes back: nobody knows an effect by its id.
fn releases(store: &Store, effect: &Listed) -> Option<String> {
    let released = effects::released(&effect.call)?;
    let Some((owner, _)) = store.engine.holder_of(released) else {
        return Some(String::from("takes back nothing: this store has no such effect"));
    };
    let run = store.engine.runs().get(&owner)?;
    let act = run.effects.get(&released)?.act()?;
    let (what, on) = (&act.act.call.action, effects::on(act));
    let gone = if act.record.stands() { "" } else { ", which stands no more" };
    Some(format!("takes back {what} on {on} of run {owner} {}{gone}", runs::what(run)))
}

fn to_json(store: &Store, (run, state): Open<'_>) -> Json {
    let question = &state.question;
    let subject = match &question.subject {
        Subject::Approval { boxes, .. } => {
            let boxes: Vec<Json> =
                (0..).zip(boxes).map(|(at, one)| box_json(store, state, at, one)).collect();
            json!({ "boxes": boxes })
        }
        Subject::Choice { of, values } => {
            let values: Vec<&str> = values.iter().map(|value| &**value).collect();
            json!({ "choice": { "of": &**of, "values": values } })
        }
    };
    json!({
        "request": state.digest.to_string(),
        "run": run.id.to_string(),
        "what": runs::what(run),
        "mode": run.mode().to_string(),
        "question": &*question.text,
        "count": question.count,
        "roles": roles(state),
        "asked": state.asked.wall.to_string(),
        "until": end(state).to_string(),
        "subject": subject,
    })
}

fn box_json(store: &Store, state: &QuestionState, index: u32, one: &ApprovalBox) -> Json {
    let effects: Vec<Json> = one
        .effects
        .iter()
        .map(|effect| {
            let releases = releases(store, effect);
            json!({ "do": effect.call.to_string(), "about": about(effect), "releases": releases })
        })
        .collect();
    json!({
        "box": index.saturating_add(1),
        "item": one.item.as_ref().map(ToString::to_string),
        "effects": effects,
        "decision": state.decision(index).map(|decision| decision.word()),
        "yes": state.granted_by(index).iter().map(|name| &***name).collect::<Vec<_>>(),
    })
}
