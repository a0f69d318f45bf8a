//! `ryectl show RUN`: one run as a timeline that a person can read.

use std::path::Path;
use std::process::ExitCode;

use rye_engine::run::{Origin, Phase, Run};
use serde_json::json;

use crate::Done;
use crate::command::{requests, runs};
use crate::held;
use crate::output::{self, Output};
use crate::store::{self, Store, now};
use crate::timeline::{self, Moment};

pub(crate) fn run(path: &Path, text: &str, output: &Output) -> Done {
    let store = Store::read(path)?;
    let run = store.run(text)?;
    let moments = timeline::of(&store, run);
    if output.is_json() {
        let timeline: Vec<_> = moments.iter().map(Moment::to_json).collect();
        output::document(&json!({
            "run": runs::summary(&store, run),
            "timeline": timeline,
            "may_answer": held::answers(&store, run),
        }));
        return Ok(ExitCode::SUCCESS);
    }
    head(&store, run);
    let mut stage = "";
    for moment in &moments {
        if *moment.stage != *stage {
            stage = &moment.stage;
            output::line(&format!("  {}", if stage.is_empty() { "(playbook)" } else { stage }));
        }
        output::line(&format!("    {:>10}  {}", moment.offset(run.began), moment.text));
        for detail in &moment.details {
            output::line(&format!("                {detail}"));
        }
    }
    foot(path, &store, run);
    Ok(ExitCode::SUCCESS)
}

fn head(store: &Store, run: &Run) {
    output::line(&format!("run     {}", run.id));
    output::line(&format!("what    {} ({})", runs::what(run), run.mode()));
    output::line(&format!("began   {}", run.began.wall));
    if let Origin::Playbook(start) = &run.origin {
        output::line(&format!("starter {}", start.starter));
        output::line(&format!("bundle  {}", start.bundle));
    }
    output::line(&format!("state   {}", runs::state(store, run)));
    if let Phase::Ended { text, .. } = &run.phase
        && !text.is_empty()
    {
        output::line(&format!("says    {text}"));
    }
    output::line("");
}

fn foot(path: &Path, store: &Store, run: &Run) {
    let held: Vec<_> = run.records().collect();
    if !held.is_empty() {
        output::line("");
        output::line("  held now");
        for (effect, _, act) in held {
            let now = now();
            let end = held::end(store, run, act, now, store::is_anybody_there(path));
            output::line(&format!("    {}  {}", act.act.call, end.text(act, now)));
            output::line(&format!("                effect {effect}"));
        }
    }
    for (_, state) in store.engine.open_questions_of(run.id) {
        output::line("");
        requests::print(store, (run, state));
    }
    let Phase::Held { reason, since } = &run.phase else { return };
    output::line("");
    output::line(&format!(
        "  held since {}: {}",
        since.wall,
        store.engine.why_held(run.id, reason)
    ));
    output::line("  what may be answered:");
    for answer in held::answers(store, run) {
        output::line(&format!("    ryectl --store {} --key KEY {answer}", path.display()));
    }
}
