//! `ryec`: what authors and their CI use. It checks, builds and signs, and never
//! holds a credential of an adapter.
//!
//! Here the arguments are read and the exit code is chosen: 0 done, 1 the input is
//! wrong, 2 the call is wrong, 3 it is not trusted. What a command does is in
//! `command`, what it prints goes through `output`, what it reads through `workspace`,
//! `source_files` and `file`.

mod amount;
mod change;
mod clock;
mod code;
mod command;
mod difference;
mod failure;
mod file;
mod flowchart;
mod json_schema;
mod key;
mod manifest;
mod opened;
mod output;
mod package;
mod page;
mod proof;
mod source_files;
mod supposed;
mod toml_file;
mod trust_file;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use workspace::Place;

/// Checks, builds and signs Rye playbooks.
#[derive(Debug, Parser)]
#[command(name = "ryec", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Check names, types, effects and bounds; say the worst case of each playbook.
    Check {
        #[command(flatten)]
        place: Place,
        /// One JSON document on standard output, and nothing else.
        #[arg(long)]
        json: bool,
    },
    /// Write sources in the one style.
    Fmt(command::fmt::Options),
    /// Explain a diagnostic: `ryec explain E0301`.
    Explain {
        /// The code, as diagnostics show it.
        code: String,
        /// One JSON document on standard output, and nothing else.
        #[arg(long)]
        json: bool,
    },
    /// Turn sources into a bundle, which nobody has signed yet.
    Build(command::build::Options),
    /// Say what a bundle may touch and what it does at worst, proved from its code.
    Inspect(command::inspect::Options),
    /// Say what a playbook would do on an input, and what would undo it; do nothing.
    Plan(command::plan::Options),
    /// Draw a playbook as a flowchart, in the text that Mermaid takes.
    Graph(command::graph::Options),
    /// Write a page about a package, in Markdown.
    Doc(command::doc::Options),
    /// Print the code of a bundle as assembler.
    Disasm(command::disasm::Options),
    /// Print what the input of a playbook looks like, as JSON Schema.
    Schema(command::schema::Options),
    /// Write down what a site's own actions look like, for the daemon that binds them.
    Interface(command::interface::Options),
    /// Make a folder with a playbook to begin with.
    New(command::new::Options),
    /// Make a pair of keys: one that signs, and one to be trusted.
    Keygen(command::keygen::Options),
    /// Make, sign, read and pin a trust root: who is believed, for what, until when.
    #[command(subcommand)]
    Trust(command::trust::Command),
    /// Make, sign and read the list of what is revoked: keys, bundles, versions.
    #[command(subcommand)]
    Revoke(command::revoke::Command),
    /// Sign a bundle.
    Sign(command::sign::Options),
    /// Build a bundle again from its sources, and sign it if every byte is the same.
    Cosign(command::cosign::Options),
    /// Print what was signed in a form that other tools verify.
    Export(command::export::Options),
    /// Say whether a daemon would load a bundle, and if not, why.
    Verify(command::verify::Options),
}

/// How a command ends; the number is the exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Exit {
    /// It did what it was asked.
    Done = 0,
    /// What it was given is wrong.
    Input = 1,
    /// It was called wrongly.
    Call = 2,
    /// It is not trusted.
    Refused = 3,
}

fn main() -> ExitCode {
    let exit = match Cli::parse().command {
        Command::Check { place, json } => command::check::run(&place, json),
        Command::Fmt(options) => command::fmt::run(&options),
        Command::Explain { code, json } => command::explain::run(&code, json),
        Command::Build(options) => command::build::run(&options),
        Command::Inspect(options) => command::inspect::run(&options),
        Command::Plan(options) => command::plan::run(&options),
        Command::Graph(options) => command::graph::run(&options),
        Command::Doc(options) => command::doc::run(&options),
        Command::Disasm(options) => command::disasm::run(&options),
        Command::Schema(options) => command::schema::run(&options),
        Command::Interface(options) => command::interface::run(&options),
        Command::New(options) => command::new::run(&options),
        Command::Keygen(options) => command::keygen::run(&options),
        Command::Trust(command) => command::trust::run(&command),
        Command::Revoke(command) => command::revoke::run(&command),
        Command::Sign(options) => command::sign::run(&options),
        Command::Cosign(options) => command::cosign::run(&options),
        Command::Export(options) => command::export::run(&options),
        Command::Verify(options) => command::verify::run(&options),
    };
    ExitCode::from(exit as u8)
}
