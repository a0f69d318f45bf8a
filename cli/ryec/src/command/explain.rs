//! `ryec explain CODE`: the page about a diagnostic.

use crate::failure::Failure;
use crate::{Exit, output};

/// Prints the page of a code.
pub(crate) fn run(code: &str, json: bool) -> Exit {
    let Some(page) = rye_grammar::diagnostic::explain(code) else {
        let what = format!("there is no diagnostic `{code}`");
        let help = "codes look like `E0301`: `ryec check` shows them in brackets";
        return output::failure(&Failure::call(what, help), json);
    };
    output::text(page, json);
    Exit::Done
}
