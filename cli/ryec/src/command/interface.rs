//! `ryec interface MODULE -o FILE`: a `.rye` interface of a site's own actions to the
//! file that the site's binding names, for a daemon that has no compiler.

use std::path::PathBuf;

use clap::Args;
use rye_compiler::Checked;
use rye_stdlib::binding::Interface;

use crate::failure::Failure;
use crate::file::{self, Readers};
use crate::{Exit, output, workspace};

/// How it is called.
#[derive(Args, Debug)]
pub(crate) struct Options {
    /// The module, as `use` names it: `site.tickets` is `site/tickets.rye` in the folder
    /// of interfaces.
    module: String,
    /// The folder with the interfaces of the site's own actions.
    #[arg(long, value_name = "FOLDER", default_value = "interfaces")]
    interfaces: PathBuf,
    /// Where the file goes, in the place of what is there [default: standard output]
    #[arg(short = 'o', long = "out", value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Writes the interface file, and says what is declared.
pub(crate) fn run(options: &Options) -> Exit {
    match interface(options) {
        Ok(interface) => {
            let text = interface.to_text();
            let Some(out) = &options.out else {
                output::result(&text);
                return Exit::Done;
            };
            if let Err(failure) = file::replace(out, text.as_bytes(), Readers::Everybody) {
                return output::failure(&failure, false);
            }
            let schemas = interface.schemas();
            let lines: Vec<String> =
                schemas.map(|(name, schema)| format!("{schema}  {name}")).collect();
            output::lines(&lines);
            Exit::Done
        }
        Err(failure) => output::failure(&failure, false),
    }
}

fn interface(options: &Options) -> Result<Interface, Failure> {
    let workspace = workspace::read_interfaces(&options.interfaces)?;
    let module = &options.module;
    if !workspace.interfaces().any(|known| known == module) {
        let known: Vec<&str> = workspace.interfaces().collect();
        let folder = options.interfaces.display();
        let help = match known.as_slice() {
            [] => String::from("the folder holds no `.rye` file"),
            known => format!("there are `{}`", known.join("`, `")),
        };
        return Err(Failure::call(format!("there is no interface `{module}` in `{folder}`"), help));
    }
    let checked = workspace.check_interface(module);
    let Checked { package: Some(package), .. } = &checked else {
        output::diagnostics(&checked.diagnostics, &workspace.openable(&checked));
        return Err(Failure::input("the interface has mistakes", "correct them first"));
    };
    let interface = Interface::new(module, &package.actions, &package.types);
    // What the daemon would refuse is refused here, where it can be corrected.
    Interface::parse(interface.to_text().as_bytes()).map_err(|error| {
        Failure::input(
            format!("`{module}` can't be bound: {error}"),
            "an interface declares actions, queries and notices of its own",
        )
    })
}
