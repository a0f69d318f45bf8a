//! `ryed run`: one run, from its bundle to its end.

use rye_runtime::shell::{Rest, Started, Until, Wanted};
use rye_runtime::summary::State;

use super::Run;
use crate::exit::{Exit, Failure, of_run};
use crate::output::say;

pub(super) fn run(run: &Run) -> Result<Exit, Failure> {
    let output = run.place.output();
    let mut shell = run.place.open(true)?;
    let wanted = Wanted {
        bundle: run.bundle.clone(),
        playbook: run.playbook.clone(),
        input: run.input.clone(),
        mode: run.mode,
        key: run.key.clone(),
        starter: String::from("ryed run"),
    };
    let Started { run: id, mode, before } = shell.start(&wanted)?;
    if before {
        say(&format!("this key is that of run {id}, which began before"));
    } else if mode < run.mode {
        say(&format!("in {mode} mode: the site or the bundle allows no more"));
    }
    let rest = shell.run(Until::Run(id))?;
    if rest == Rest::Stopped {
        say("stopped: `ryed resume` goes on");
    }
    let (own, others): (Vec<_>, Vec<_>) =
        shell.summaries().into_iter().partition(|run| run.run == id);
    let unfinished = others.iter().filter(|run| matches!(run.state, State::Running { .. })).count();
    if unfinished > 0 {
        say(&format!("unfinished runs beside this one: {unfinished}; `ryed resume` goes on"));
    }
    output.summaries(&own);
    Ok(own.first().map_or(Exit::NotWell, of_run))
}
