//! What `ryed` can be told to do.

mod resume;
mod run;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use rye_core::mode::Mode;
use rye_runtime::offers::Offers;
use rye_runtime::shell::Shell;

use crate::exit::{Exit, Failure};
use crate::output::{self, Output};
use crate::{signal, site};

/// Runs signed playbooks.
#[derive(Debug, Parser)]
#[command(name = "ryed", version, about, long_about = None)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Runs one playbook of one bundle on one input, and waits until it is over or
    /// held.
    Run(Run),
    /// Goes on with what is unfinished: runs, lives that are over, what people said.
    Resume(Resume),
}

/// What every command needs.
#[derive(Debug, Args)]
struct Place {
    /// The folder that keeps the journal, the inbox and the bundles of runs.
    #[arg(long, value_name = "DIR")]
    store: PathBuf,
    /// The trust root, whose digest the site file pins; said again, those that followed it.
    #[arg(long, value_name = "ROOT", required = true)]
    trust: Vec<PathBuf>,
    /// The revocation list, where the trust root asks for one.
    #[arg(long, value_name = "LIST")]
    revocations: Option<PathBuf>,
    /// What this installation says about itself; see the configuration reference.
    #[arg(long, value_name = "FILE")]
    site: PathBuf,
    /// One JSON document on standard output, and nothing else there.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
struct Run {
    /// The signed bundle.
    bundle: PathBuf,
    /// The playbook in it.
    #[arg(long, value_name = "NAME")]
    playbook: String,
    /// The playbook's input, as JSON.
    #[arg(long, value_name = "FILE")]
    input: PathBuf,
    /// The most real mode that is wanted; the site and the bundle may allow less.
    #[arg(long, default_value = "shadow", value_parser = mode, value_name = "shadow|monitor|enforce")]
    mode: Mode,
    /// The same key is the same run, however often it is wanted.
    #[arg(long, value_name = "TEXT")]
    key: Option<String>,
    /// Who starts it, as the trust root calls him: he can't approve what it asks.
    #[arg(long, value_name = "OWNER")]
    starter: Option<String>,
    #[command(flatten)]
    place: Place,
}

#[derive(Debug, Args)]
struct Resume {
    #[command(flatten)]
    place: Place,
}

fn mode(word: &str) -> Result<Mode, String> {
    Mode::from_name(word).ok_or_else(|| String::from("expected `shadow`, `monitor` or `enforce`"))
}

/// Does what was told.
pub(crate) fn carry_out(arguments: Arguments) -> Exit {
    let (place, result) = match arguments.command {
        Command::Run(run) => (run.place.output(), run::run(&run)),
        Command::Resume(resume) => (resume.place.output(), resume::resume(&resume.place)),
    };
    result.unwrap_or_else(|failure| {
        place.failure(&failure);
        failure.exit
    })
}

impl Place {
    fn output(&self) -> Output {
        Output::new(self.json, &self.store)
    }

    /// The store with all that is needed to act on it; signals stop it from now on.
    fn open(&self, may_create: bool) -> Result<Shell, Failure> {
        let observe = Box::new(|line| output::line(&line));
        let offers = Offers {
            trust_roots: self.trust.clone(),
            revocations: self.revocations.clone(),
            kept: Offers::folder(&self.store),
        };
        let parts = site::parts(&self.site, offers, observe)?;
        if !parts.operators && parts.site.lets_any_act() {
            output::say(&format!(
                "nobody is told when a run is held, asks, or is stuck\n  help: write \
                 `[notify.destinations.operators]` with a `url` or a `syslog` into {}",
                self.site.display()
            ));
        }
        let shell = Shell::open(&self.store, may_create, parts)?;
        signal::stop_on_signals(shell.stopper())?;
        Ok(shell)
    }
}
