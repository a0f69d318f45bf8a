//! `ryec plan PATH --input FILE`: what a playbook would do on this input, what would undo
//! it, and whom it would ask; without a site, a key or a network.
//!
//! The code runs in the engine's shadow mode against a world that knows nothing but the
//! answers that the caller supposes. A query that nobody answers fails as `unavailable`,
//! as it could in earnest, and the plan says so.

mod settings;
mod show;

use std::path::PathBuf;

use clap::Args;
use rye_core::adapter::{Ending, Request};
use rye_core::effect::Call;
use rye_core::error::ErrorKind;
use rye_core::id::RunId;
use rye_core::limit::INPUT_BYTES_MAX;
use rye_core::mode::Mode;
use rye_core::value::{Name, Time, Value};
use rye_engine::command::Purpose;
use rye_engine::engine::{Beginning, Site, StartError};
use rye_engine::sim::Sim;
use rye_vm::Program;

use crate::code::{self, Code, Origin};
use crate::failure::Failure;
use crate::supposed::Supposed;
use crate::{Exit, clock, file, output};
use settings::{Choice, choice};

/// What is asked for the time, which a plan always knows.
const CLOCK: &str = "std.clock.now";

/// What a query is told that nobody answers.
const UNANSWERED: &str = "the plan was given no answer";

/// How it is called.
#[derive(Args, Debug)]
pub(crate) struct Options {
    #[command(flatten)]
    origin: Origin,
    /// The input: a JSON object with one member per parameter.
    #[arg(long, value_name = "FILE")]
    input: PathBuf,
    /// Which playbook; needed only where there are several.
    #[arg(long, value_name = "NAME")]
    playbook: Option<String>,
    /// What queries are supposed to answer: a JSON list of
    /// `{"given": "std.firewall.is_blocked", "with": {…}, "returns": …}`, or `"fails": "timeout"`.
    #[arg(long, value_name = "FILE")]
    answers: Option<PathBuf>,
    /// What a setting is set to, as a site would: `guard.worth_a_block=5`; may be said again.
    #[arg(long, value_name = "NAME=VALUE", value_parser = choice)]
    set: Vec<Choice>,
    /// When it runs [default: now]
    #[arg(long, value_name = "TIME", value_parser = time)]
    now: Option<Time>,
    /// One JSON document on standard output, and nothing else.
    #[arg(long)]
    json: bool,
}

fn time(text: &str) -> Result<Time, String> {
    Time::parse(text).ok_or_else(|| String::from("write it as 2026-03-01T09:30:00Z"))
}

/// Says what would be done.
pub(crate) fn run(options: &Options) -> Exit {
    match plan(options) {
        Ok(plan) => {
            if options.json {
                output::document(&show::document(&plan));
            } else {
                output::lines(&show::lines(&plan));
                if let Some(failure) = show::incomplete(&plan) {
                    output::complaint(&failure.to_text());
                }
            }
            if plan.missing.is_empty() { Exit::Done } else { Exit::Input }
        }
        Err(failure) => output::failure(&failure, options.json),
    }
}

/// A run that was only thought.
#[derive(Debug)]
struct Plan {
    code: Code,
    playbook: Name,
    run: RunId,
    sim: Sim<World>,
    /// What was asked of the world and not answered, each call once.
    missing: Vec<Call>,
}

/// The world as it is supposed to be.
#[derive(Debug)]
struct World {
    supposed: Supposed,
    now: Time,
}

impl rye_engine::sim::World for World {
    fn invoke(&mut self, request: &Request) -> Ending {
        match self.supposed.answer(&request.call) {
            Some(ending) => ending.clone(),
            None if *request.call.action == *CLOCK => Ending::Done(Value::Time(self.now)),
            None => Ending::refused(ErrorKind::Unavailable, UNANSWERED),
        }
    }
}

fn plan(options: &Options) -> Result<Plan, Failure> {
    let code = code::load(&options.origin, options.json)?;
    let index = code::playbook(&code.module, options.playbook.as_deref())?;
    let playbook = code.module.playbooks.get(index).map(|playbook| playbook.name.clone());
    let supposed = match &options.answers {
        Some(path) => Supposed::read(path, &code.module)?,
        None => Supposed::default(),
    };
    let input = file::read(&options.input, INPUT_BYTES_MAX)?;
    let now = options.now.unwrap_or_else(wall);
    let mut sim = Sim::new(Site::default(), World { supposed, now });
    sim.set_clock(now);
    sim.add_program(code.digest, Program::new(code.module.clone()));
    let run = RunId([0xff; 16]);
    let beginning = Beginning {
        run,
        bundle: code.digest,
        playbook: index,
        mode: Mode::Shadow,
        starter: Name::from("ryec plan"),
        settings: settings::values(&code.module, &options.set)?,
        input: input.into(),
    };
    sim.start(&beginning).map_err(|error| refused(options, error))?;
    let missing = missing(&sim);
    Ok(Plan { code, playbook: playbook.unwrap_or_else(|| Name::from("")), run, sim, missing })
}

/// Now, by the wall clock.
fn wall() -> Time {
    Time(i64::try_from(clock::now().0.saturating_mul(1_000_000)).unwrap_or(i64::MAX))
}

/// Why the run could not begin.
fn refused(options: &Options, error: StartError) -> Failure {
    let input = options.input.display();
    match error {
        StartError::Input(error) => {
            let help = error.help.clone().unwrap_or_else(|| {
                format!(
                    "`ryec schema {}` says what it looks like",
                    file::word(&options.origin.path)
                )
            });
            Failure::input(format!("{input}: {error}"), help)
        }
        other => Failure::input(format!("it can't begin: {other:?}"), "send it with your report"),
    }
}

/// The queries of the playbook that nobody answered. What an act would have been proved by
/// is not among them: nothing depends on that while nothing is done.
fn missing(sim: &Sim<World>) -> Vec<Call> {
    let mut missing: Vec<Call> = Vec::new();
    for dispatch in sim.dispatches() {
        let unanswered = matches!(
            &dispatch.ending,
            Ending::Refused { error, .. } if *error.text == *UNANSWERED
        );
        let call = &dispatch.request.call;
        if dispatch.purpose == Purpose::Ask && unanswered && !missing.contains(call) {
            missing.push(call.clone());
        }
    }
    missing
}
