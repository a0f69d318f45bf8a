//! `ryectl contained`: what is held now, by whom, and until when. The list that
//! a shift hands over.

use std::path::Path;
use std::process::ExitCode;

use rye_core::effect::Life;
use rye_engine::run::{ActState, RecordState};
use serde_json::json;

use crate::Done;
use crate::command::runs;
use crate::output::{self, Output};
use crate::store::Store;

pub(crate) fn run(path: &Path, output: &Output) -> Done {
    let store = Store::read(path)?;
    let mut list = Vec::new();
    for holding in store.engine.holdings().iter().map(|(_, holding)| holding) {
        for (run, effect) in &holding.holders {
            let Some(run) = store.engine.runs().get(run) else { continue };
            let Some(act) = run.effects.get(effect).and_then(|state| state.act()) else { continue };
            list.push((run, effect, act));
        }
    }
    if output.is_json() {
        let list: Vec<_> = list
            .iter()
            .map(|(run, effect, act)| {
                json!({
                    "run": run.id.to_string(),
                    "effect": effect.to_string(),
                    "playbook": runs::what(run),
                    "act": act.act.call.to_string(),
                    "assets": act.act.affects.iter().map(ToString::to_string).collect::<Vec<_>>(),
                    "since": since(act),
                    "until": until(act),
                    "stuck": matches!(act.record, RecordState::Stuck { .. }),
                })
            })
            .collect();
        output::document(&json!({ "contained": list }));
        return Ok(ExitCode::SUCCESS);
    }
    if list.is_empty() {
        output::line("nothing is held");
    }
    for (run, effect, act) in list {
        output::line(&format!("{}  {}", act.act.call, until(act)));
        output::line(&format!(
            "    since {}  by {} ({}), {}  effect {effect}",
            since(act).unwrap_or_else(|| String::from("the intent")),
            runs::what(run),
            run.id,
            runs::state(run),
        ));
    }
    Ok(ExitCode::SUCCESS)
}

fn since(act: &ActState) -> Option<String> {
    match &act.record {
        RecordState::Held { since } => Some(since.wall.to_string()),
        RecordState::Stuck { at, .. } => Some(at.wall.to_string()),
        _ => None,
    }
}

/// Until when an effect stands, in words.
pub(crate) fn until(act: &ActState) -> String {
    match (&act.record, act.act.life) {
        (RecordState::Stuck { .. }, _) => String::from("STUCK: its undo failed for good"),
        (RecordState::Held { since }, Life::For(span)) => {
            format!("until {} ({span})", since.wall.saturating_add(span))
        }
        (RecordState::Held { .. }, Life::UntilReleased) => String::from("until it is released"),
        (RecordState::Held { .. }, Life::Open) => String::from("until it is rolled back"),
        _ => String::from("no longer"),
    }
}
