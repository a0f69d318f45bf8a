//! `ryec schema PATH`: what the input of a playbook looks like, as JSON Schema, for
//! editors and for programs that start runs.

use clap::Args;
use serde_json::Value;

use crate::failure::Failure;
use crate::workspace::{self, Place};
use crate::{Exit, code, json_schema, output};

/// How it is called.
#[derive(Args, Debug)]
pub(crate) struct Options {
    #[command(flatten)]
    place: Place,
    /// Whose input; needed only where there are several playbooks.
    #[arg(long, value_name = "NAME")]
    playbook: Option<String>,
    /// One JSON document on standard output, and nothing else: also when it fails.
    #[arg(long)]
    json: bool,
}

/// Prints the schema of a playbook's input.
pub(crate) fn run(options: &Options) -> Exit {
    match schema(options) {
        Ok(schema) => {
            output::result(&format!("{schema:#}\n"));
            Exit::Done
        }
        Err(failure) => output::failure(&failure, options.json),
    }
}

fn schema(options: &Options) -> Result<Value, Failure> {
    let compiled = workspace::compile(&workspace::read(&options.place)?, options.json)?;
    let index = code::playbook(&compiled.module, options.playbook.as_deref())?;
    json_schema::of_input(&compiled.module, index).ok_or_else(|| {
        Failure::input("the input has no shape", "send the sources with your report")
    })
}
