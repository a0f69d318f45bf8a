//! `ryed resume`: all that is unfinished in a store.

use std::collections::BTreeSet;

use rye_runtime::shell::{Rest, Until};
use rye_runtime::summary::{RunSummary, State};

use super::Place;
use crate::exit::{Exit, Failure, of_run};
use crate::output::say;

pub(super) fn resume(place: &Place) -> Result<Exit, Failure> {
    let output = place.output();
    let mut shell = place.open(false)?;
    let over = |run: &RunSummary| matches!(run.state, State::Ended { .. });
    let before: BTreeSet<_> =
        shell.summaries().into_iter().filter(over).map(|run| run.run).collect();
    let rest = shell.run(Until::All)?;
    if rest == Rest::Stopped {
        say("stopped: `ryed resume` goes on");
    }
    // What was over before is told only if it still holds something.
    let mut runs = shell.summaries();
    runs.retain(|run| !before.contains(&run.run) || !run.standing.is_empty());
    output.summaries(&runs);
    let waits = |run: &RunSummary| matches!(run.state, State::Running { until: Some(_), .. });
    let moved = runs.iter().filter(|run| !before.contains(&run.run));
    let exits = moved.filter(|run| rest == Rest::Stopped || !waits(run)).map(of_run);
    Ok(exits.max().unwrap_or(Exit::Done))
}
