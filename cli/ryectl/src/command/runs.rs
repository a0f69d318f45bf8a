//! `ryectl runs`: all runs, the last one first.

use std::path::Path;
use std::process::ExitCode;

use rye_core::mode::Mode;
use rye_engine::run::{Origin, Phase, Run};
use serde_json::json;

use crate::Done;
use crate::output::{self, Output};
use crate::store::Store;

pub(crate) fn run(path: &Path, output: &Output) -> Done {
    let store = Store::read(path)?;
    let mut runs: Vec<&Run> = store.engine.runs().values().collect();
    runs.sort_by_key(|run| std::cmp::Reverse((run.began.wall, run.id)));
    if output.is_json() {
        let list: Vec<_> = runs.iter().map(|run| summary(&store, run)).collect();
        output::document(&json!({ "runs": list }));
        return Ok(ExitCode::SUCCESS);
    }
    if runs.is_empty() {
        output::line("no run yet");
    }
    for run in runs {
        output::line(&format!(
            "{}  {}  {:8}  {:20}  {}",
            run.id,
            run.began.wall,
            run.mode(),
            what(run),
            state(&store, run)
        ));
    }
    Ok(ExitCode::SUCCESS)
}

/// What a run executes.
pub(crate) fn what(run: &Run) -> String {
    match &run.origin {
        Origin::Playbook(start) => start.playbook.to_string(),
        Origin::Rollback { of, .. } => format!("rollback of {of}"),
    }
}

/// Where a run stands, in a few words.
pub(crate) fn state(store: &Store, run: &Run) -> String {
    let halt = store.engine.halts().over(run.id).filter(|_| !run.is_over());
    let halted = if halt.is_some() { "HALTED, " } else { "" };
    let holds = if run.holds_anything() { ", holds something" } else { "" };
    match &run.phase {
        Phase::Running if is_asking(store, run) => format!("{halted}asks people{holds}"),
        Phase::Running => format!("{halted}running{holds}"),
        Phase::Unwinding(_) => format!("{halted}unwinding"),
        Phase::Held { reason, .. } => {
            format!("{halted}held: {}", store.engine.why_held(run.id, reason))
        }
        Phase::Ended { outcome, .. } => format!("{}{holds}", outcome.word()),
    }
}

/// Whether the run waits for people to answer a question.
fn is_asking(store: &Store, run: &Run) -> bool {
    run.mode() == Mode::Enforce && store.engine.open_questions_of(run.id).next().is_some()
}

/// A run for a program.
pub(crate) fn summary(store: &Store, run: &Run) -> serde_json::Value {
    let (phase, detail) = match &run.phase {
        Phase::Running => ("running", String::new()),
        Phase::Unwinding(_) => ("unwinding", String::new()),
        Phase::Held { reason, .. } => ("held", store.engine.why_held(run.id, reason)),
        Phase::Ended { outcome, text, .. } => (outcome.word(), text.to_string()),
    };
    json!({
        "run": run.id.to_string(),
        "what": what(run),
        "mode": run.mode().to_string(),
        "began": run.began.wall.to_string(),
        "updated": run.updated.wall.to_string(),
        "state": phase,
        "detail": detail,
        "halted": store.engine.halts().over(run.id).is_some() && !run.is_over(),
        "over": run.is_over(),
        "holds": run.records().count(),
    })
}
