//! `ryectl show RUN`: one run as a timeline that a person can read.

use std::path::Path;
use std::process::ExitCode;

use rye_engine::run::{Origin, Phase, Run};
use serde_json::json;

use crate::Done;
use crate::command::{contained, requests, runs};
use crate::output::{self, Output};
use crate::store::Store;
use crate::timeline::{self, Moment};

pub(crate) fn run(path: &Path, text: &str, output: &Output) -> Done {
    let store = Store::read(path)?;
    let run = store.run(text)?;
    let moments = timeline::of(run, store.entries_of(run.id));
    if output.is_json() {
        let timeline: Vec<_> = moments.iter().map(Moment::to_json).collect();
        let answers: Vec<_> =
            store.engine.may_answer(run.id).iter().map(|release| release.word()).collect();
        output::document(&json!({
            "run": runs::summary(run),
            "timeline": timeline,
            "may_answer": answers,
        }));
        return Ok(ExitCode::SUCCESS);
    }
    head(run);
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

fn head(run: &Run) {
    output::line(&format!("run     {}", run.id));
    output::line(&format!("what    {} ({})", runs::what(run), run.mode()));
    output::line(&format!("began   {}", run.began.wall));
    if let Origin::Playbook(start) = &run.origin {
        output::line(&format!("starter {}", start.starter));
        output::line(&format!("bundle  {}", start.bundle));
    }
    output::line(&format!("state   {}", runs::state(run)));
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
            output::line(&format!("    {}  {}", act.act.call, contained::until(act)));
            output::line(&format!("                effect {effect}"));
        }
    }
    for (asking, _, state) in store.engine.open_questions() {
        if asking.id == run.id {
            output::line("");
            requests::print((run, state));
        }
    }
    let Phase::Held { reason, since } = &run.phase else { return };
    output::line("");
    output::line(&format!("  held since {}: {}", since.wall, timeline::reason(reason)));
    output::line("  what may be answered:");
    let say = |words: String| {
        output::line(&format!("    ryectl --store {} --key KEY {words}", path.display()));
    };
    if let rye_engine::entry::HoldReason::InDoubt(effect) = reason {
        for verdict in ["done", "not-done"] {
            say(format!("settle {} {effect} {verdict}", run.id));
        }
    }
    for release in store.engine.may_answer(run.id) {
        say(format!("release {} {}", run.id, release.word()));
    }
    for fate in ["--undo", "--keep"] {
        say(format!("cancel {} {fate}", run.id));
    }
}
