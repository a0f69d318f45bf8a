//! `ryectl`: what operators and auditors ask of a store, and what they say to
//! its runs. It reads without a lock, also while `ryed` works, and it changes
//! nothing: what a person says goes into the inbox, signed.

mod command;
mod held;
mod output;
mod store;
mod timeline;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand, ValueEnum};

use output::{Failure, Output};
use rye_core::limit::RENEWAL_SECONDS_MAX;
use rye_core::value::Duration;
use rye_signer::{KeyName, PassphraseOptions};

/// As many digits of an id as name it: fewer are a slip of the hand.
const ID_DIGITS_MIN: usize = 4;

/// Looks at a store of runs, and speaks to them.
#[derive(Parser, Debug)]
#[command(name = "ryectl", version, arg_required_else_help = true)]
struct Cli {
    /// The folder of the store, which is always needed.
    // Clap can't require what may stand in both places.
    #[arg(long, value_name = "DIR", global = true)]
    store: Option<PathBuf>,
    /// One JSON document (or JSON lines) on standard output, and nothing else.
    #[arg(long, global = true)]
    json: bool,
    /// Your secret key, for what you say to runs: its file, or `exec:` and the whole path
    /// of a program that signs.
    #[arg(long, value_name = "KEY", global = true)]
    key: Option<KeyName>,
    #[command(flatten)]
    passphrase: PassphraseOptions,
    /// Sign what you say to runs without asking whether it is meant. A halt asks nothing.
    #[arg(long, global = true)]
    yes: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// All runs, the last one first.
    Runs,
    /// One run as a timeline: what it did, what stands, what may be answered.
    Show {
        /// The run's id, or enough of its beginning.
        #[arg(value_parser = beginning)]
        run: String,
    },
    /// Does one run again from the record with its bundle, and says whether its playbook
    /// wants the same; nothing is dispatched.
    Replay {
        /// The run's id, or enough of its beginning.
        #[arg(value_parser = beginning)]
        run: String,
    },
    /// What is held now and by whom, until when, and who is waited for: the list that
    /// a shift hands over.
    Contained,
    /// What people are asked now, and what a yes allows.
    Requests,
    /// Says yes to what people are asked.
    Approve {
        /// The request, or the run that asks: its id, or enough of its beginning.
        #[arg(value_parser = beginning)]
        request: String,
        /// A box of the question, counted from 1; all that are open where none is named.
        #[arg(long = "box", value_name = "N")]
        boxes: Vec<u32>,
    },
    /// Says no to what people are asked. One no decides.
    Deny {
        /// The request, or the run that asks: its id, or enough of its beginning.
        #[arg(value_parser = beginning)]
        request: String,
        /// A box of the question, counted from 1; all that are open where none is named.
        #[arg(long = "box", value_name = "N")]
        boxes: Vec<u32>,
        /// Why: the playbook and everybody who reads the record see it.
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
    /// Picks one of the values that people are asked for.
    Choose {
        /// The request, or the run that asks: its id, or enough of its beginning.
        #[arg(value_parser = beginning)]
        request: String,
        /// The value.
        value: String,
    },
    /// The journal itself.
    #[command(subcommand)]
    Journal(Journal),
    /// Ends a run.
    Cancel {
        /// The run's id, or enough of its beginning.
        #[arg(value_parser = beginning)]
        run: String,
        #[command(flatten)]
        fate: Fate,
    },
    /// Undoes what a run that is over still holds, by a run of its own.
    Rollback {
        /// The run's id, or enough of its beginning.
        #[arg(value_parser = beginning)]
        run: String,
        #[command(flatten)]
        part: Part,
    },
    /// Says whether an effect in doubt took place.
    Settle {
        /// The run's id, or enough of its beginning.
        #[arg(value_parser = beginning)]
        run: String,
        /// The effect's id, or enough of its beginning.
        #[arg(value_parser = beginning)]
        effect: String,
        /// What happened.
        verdict: Verdict,
    },
    /// Answers a run that waits for a person.
    Release {
        /// The run's id, or enough of its beginning.
        #[arg(value_parser = beginning)]
        run: String,
        /// What it is to do.
        how: How,
    },
    /// Stops a run, or everything, before the next act and the next undo; at once, without
    /// asking whether that is meant.
    Halt {
        #[command(flatten)]
        scope: Scope,
        /// Why: everybody reads it.
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
    /// Lets what was halted go on, once two different owners say so.
    Resume {
        #[command(flatten)]
        scope: Scope,
    },
    /// Lets what a quota of the site refused be done all the same, once two different
    /// owners say so.
    Lift {
        /// The run's id, or enough of its beginning.
        #[arg(value_parser = beginning)]
        run: String,
    },
    /// Lets an effect stand longer.
    Renew {
        /// The run's id, or enough of its beginning.
        #[arg(value_parser = beginning)]
        run: String,
        /// The effect's id, or enough of its beginning.
        #[arg(value_parser = beginning)]
        effect: String,
        /// How long from now on: `24h`.
        #[arg(long = "for", value_name = "SPAN", value_parser = span)]
        span: Duration,
    },
    /// Erases what the record contains of a run that is over: for good.
    Erase {
        /// The run's id, or enough of its beginning.
        #[arg(value_parser = beginning)]
        run: String,
        /// Why: everybody reads it, and it is kept. Name nobody in it.
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
    /// Ends an effect before its time. While another run holds the same, it stands.
    LetGo {
        /// The run's id, or enough of its beginning.
        #[arg(value_parser = beginning)]
        run: String,
        /// The effect's id, or enough of its beginning.
        #[arg(value_parser = beginning)]
        effect: String,
    },
}

/// The beginning of an id. One that is too short names whatever happens to be alone
/// with it, and none at all (a script's variable that nobody set) names everything.
fn beginning(text: &str) -> Result<String, String> {
    if text.len() < ID_DIGITS_MIN {
        return Err(format!("write at least {ID_DIGITS_MIN} digits of the id"));
    }
    Ok(text.to_owned())
}

/// How long an effect is renewed.
fn span(text: &str) -> Result<Duration, String> {
    let span = Duration::parse(text)
        .ok_or_else(|| String::from("write a number and a unit: 90s, 15m, 24h, 7d"))?;
    let most = Duration::from_secs(RENEWAL_SECONDS_MAX);
    if span <= Duration(0) || span > most {
        return Err(format!("write more than nothing and at most {most}; renew it again then"));
    }
    Ok(span)
}

/// What of a run is undone: all of it where nothing is named.
#[derive(Args, Debug)]
struct Part {
    /// Only this effect: its id, or enough of its beginning. May be said again.
    #[arg(long = "effect", value_name = "EFFECT", conflicts_with = "stage", value_parser = beginning)]
    effects: Vec<String>,
    /// Only what still stands of this stage.
    #[arg(long, value_name = "NAME")]
    stage: Option<String>,
}

/// What is halted or resumed.
#[derive(Args, Debug)]
#[group(required = true, multiple = false)]
struct Scope {
    /// The run's id, or enough of its beginning.
    #[arg(value_parser = beginning)]
    run: Option<String>,
    /// Everything in the store.
    #[arg(long)]
    all: bool,
}

#[derive(Subcommand, Debug)]
enum Journal {
    /// Recomputes everything and says what is wrong, and where.
    Verify {
        /// An end of the chain that you know from elsewhere: `SIZE:HASH`. The more of
        /// them, the narrower is the place of a change.
        #[arg(long = "head", value_name = "SIZE:HASH")]
        heads: Vec<String>,
    },
    /// The entries, one line each.
    Show {
        /// From this number on.
        #[arg(long, default_value_t = 0)]
        from: u64,
    },
    /// Every entry as a line of JSON, with the bytes that the hashes cover.
    Export {
        /// Leave out the values that entries only commit to.
        #[arg(long)]
        without_values: bool,
    },
}

/// What becomes of what a run did.
#[derive(Args, Debug)]
#[group(required = true, multiple = false)]
struct Fate {
    /// What it did is undone.
    #[arg(long)]
    undo: bool,
    /// What it did stays.
    #[arg(long)]
    keep: bool,
}

#[derive(ValueEnum, Clone, Copy, Debug)]
enum Verdict {
    /// It took place.
    Done,
    /// It did not.
    NotDone,
}

#[derive(ValueEnum, Clone, Copy, Debug)]
enum How {
    /// Try the failed effect again and go on.
    Continue,
    /// Undo what was done.
    Undo,
    /// Keep what was done and end.
    Keep,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let output = Output::new(cli.json);
    match run(&cli, &output) {
        Ok(code) => code,
        Err(failure) => output.fail(&failure),
    }
}

fn run(cli: &Cli, output: &Output) -> Done {
    let store = cli.store.as_deref().ok_or_else(|| {
        Failure::call("no store is named").help("name the folder of the store: `--store DIR`")
    })?;
    match &cli.command {
        Command::Runs => command::runs::run(store, output),
        Command::Show { run } => command::show::run(store, run, output),
        Command::Replay { run } => command::replay::run(store, run, output),
        Command::Contained => command::contained::run(store, output),
        Command::Requests => command::requests::run(store, output),
        Command::Journal(journal) => command::journal::run(store, journal, output),
        Command::Approve { .. }
        | Command::Deny { .. }
        | Command::Choose { .. }
        | Command::Cancel { .. }
        | Command::Rollback { .. }
        | Command::Settle { .. }
        | Command::Release { .. }
        | Command::Halt { .. }
        | Command::Resume { .. }
        | Command::Lift { .. }
        | Command::Renew { .. }
        | Command::LetGo { .. }
        | Command::Erase { .. } => command::say::run(store, cli, output),
    }
}

/// What every command gives: an exit code, or a failure to tell.
type Done = Result<ExitCode, Failure>;

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn what_every_command_takes_may_stand_before_it_and_behind_it() {
        Cli::command().debug_assert();
        for line in [
            "ryectl --store s --key k --json runs",
            "ryectl runs --store s --key k --json",
            "ryectl journal show --store s --key k --json",
            "ryectl journal --json --store s show --key k",
        ] {
            let cli = Cli::try_parse_from(line.split(' ')).map_err(|error| error.to_string());
            let cli = cli.unwrap();
            assert!(cli.store.is_some() && cli.key.is_some() && cli.json, "{line}");
        }
    }

    #[test]
    fn an_id_that_is_hardly_begun_names_nothing() {
        for text in ["", "4", "46f"] {
            assert_eq!(beginning(text), Err(String::from("write at least 4 digits of the id")));
        }
        assert_eq!(beginning("46f9"), Ok(String::from("46f9")));
    }

    #[test]
    fn an_effect_is_renewed_for_a_month_at_most() {
        assert_eq!(span("31d"), Ok(Duration::from_secs(RENEWAL_SECONDS_MAX)));
        for (text, words) in [("90d", "at most 31d"), ("0s", "more than nothing"), ("24", "a unit")]
        {
            assert!(span(text).is_err_and(|error| error.contains(words)), "{text}");
        }
    }
}
