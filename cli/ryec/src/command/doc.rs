//! `ryec doc PATH`: a package as a page for people, in Markdown.

use clap::Args;

use crate::failure::Failure;
use crate::workspace::{self, Place};
use crate::{Exit, output, page};

/// How it is called.
#[derive(Args, Debug)]
pub(crate) struct Options {
    #[command(flatten)]
    place: Place,
    /// One JSON document on standard output, and nothing else.
    #[arg(long)]
    json: bool,
}

/// Prints the page of a package.
pub(crate) fn run(options: &Options) -> Exit {
    output::text_or_failure(doc(options), options.json)
}

fn doc(options: &Options) -> Result<String, Failure> {
    let workspace = workspace::read(&options.place)?;
    let typed = workspace::typed(&workspace, options.json)?;
    Ok(page::of(&workspace.title(), &typed))
}
