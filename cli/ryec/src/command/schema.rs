//! `ryec schema PATH`: what the input of a playbook looks like, as JSON Schema, for
//! editors and for programs that start runs.

use clap::Args;
use serde_json::Value;

use crate::failure::Failure;
use crate::workspace::{self, Place};
use crate::{Exit, json_schema, output};

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
    let playbook = options.playbook.as_deref();
    let compiled = workspace::compile(&workspace::read(&options.place)?, options.json)?;
    let module = &compiled.module;
    let names: Vec<&str> = module.playbooks.iter().map(|playbook| &*playbook.name).collect();
    let index = match (playbook, names.as_slice()) {
        (Some(wanted), names) => names.iter().position(|name| *name == wanted),
        (None, [_]) => Some(0),
        (None, _) => None,
    };
    let schema = index.and_then(|index| json_schema::of_input(module, index));
    schema.ok_or_else(|| {
        let what = match playbook {
            Some(wanted) => format!("there is no playbook `{wanted}`"),
            None => format!("there are {} playbooks", names.len()),
        };
        let help = if names.is_empty() {
            String::from("write a `playbook`")
        } else {
            format!("say which one: `--playbook {}`", names.join("`, `--playbook "))
        };
        Failure::call(what, help)
    })
}
