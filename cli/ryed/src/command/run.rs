//! `ryed run`: one run, from its bundle to its end.

use rye_core::mode::Mode;
use rye_runtime::shell::{Ceiling, Rest, Shell, Started, Until, Wanted};
use rye_runtime::summary::State;

use super::Run;
use crate::exit::{Exit, Failure, of_run};
use crate::output::say;

/// Who starts the run: an owner of a key, or nobody that the trust root knows.
fn starter(shell: &Shell, named: Option<&str>) -> Result<String, Failure> {
    match named {
        None => Ok(String::from("ryed run")),
        Some(owner) if shell.is_owner(owner) => Ok(owner.to_owned()),
        Some(owner) => Err(Failure::call(&format!(
            "`--starter {owner}`: no key of the trust root is of this owner"
        ))),
    }
}

pub(super) fn run(run: &Run) -> Result<Exit, Failure> {
    let output = run.place.output();
    let mut shell = run.place.open(true)?;
    let wanted = Wanted {
        bundle: run.bundle.clone(),
        playbook: run.playbook.clone(),
        input: run.input.clone(),
        mode: run.mode,
        key: run.key.clone(),
        starter: starter(&shell, run.starter.as_deref())?,
    };
    let Started { run: id, mode, ceiling, before } = shell.start(&wanted)?;
    if before {
        say(&format!("this key is that of run {id}, which began before"));
    }
    if let Some(ceiling) = ceiling {
        say(&less_real(run, mode, ceiling));
    }
    let rest = shell.run(Until::Run(id))?;
    if rest == Rest::Stopped {
        say("stopped: `ryed resume` goes on");
    }
    if run.mode == Mode::Shadow {
        say("in shadow mode nothing is really done; `--mode enforce` acts");
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

/// Why a run is less real than was wanted, and what to do about it.
fn less_real(run: &Run, mode: Mode, ceiling: Ceiling) -> String {
    let Run { playbook, mode: wanted, place, .. } = run;
    match ceiling {
        Ceiling::Site => format!(
            "in {mode} mode, not in {wanted}: the site file allows `{playbook}` no more than that\n  \
             help: write `{playbook} = \"{wanted}\"` below `[mode]` in {}",
            place.site.display()
        ),
        Ceiling::Bundle => format!(
            "in {mode} mode, not in {wanted}: the bundle allows `{playbook}` no more than that\n  \
             help: build it with `--max-mode {wanted}`, and have it signed again"
        ),
    }
}
