//! `ryec graph PATH`: a playbook as a flowchart, in the text that Mermaid draws.

use clap::Args;

use crate::failure::Failure;
use crate::workspace::{self, Place};
use crate::{Exit, code, flowchart, output};

/// How it is called.
#[derive(Args, Debug)]
pub(crate) struct Options {
    #[command(flatten)]
    place: Place,
    /// Which playbook; needed only where there are several.
    #[arg(long, value_name = "NAME")]
    playbook: Option<String>,
    /// One JSON document on standard output, and nothing else.
    #[arg(long)]
    json: bool,
}

/// Prints the flowchart of a playbook.
pub(crate) fn run(options: &Options) -> Exit {
    output::text_or_failure(graph(options), options.json)
}

fn graph(options: &Options) -> Result<String, Failure> {
    let typed = workspace::typed(&workspace::read(&options.place)?, options.json)?;
    let playbooks = &typed.package.playbooks;
    let names: Vec<&str> = playbooks.iter().map(|playbook| &*playbook.name).collect();
    let index = code::chosen(&names, options.playbook.as_deref())?;
    let chart = playbooks.get(index).map(|it| flowchart::of(&typed.package, &typed.sources, it));
    Ok(chart.unwrap_or_default())
}
