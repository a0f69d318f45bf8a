//! What `ryec` prints; nothing else here does. Results go to standard output, what
//! is wrong goes to standard error.

use std::io::{self, IsTerminal, Write};

use rye_core::visible::visible;
use rye_grammar::diagnostic::Diagnostic;
use rye_grammar::diagnostic::render::{self, Colour};
use rye_grammar::span::SourceMap;

use crate::Exit;
use crate::failure::Failure;

/// Prints a result as it is.
pub(crate) fn result(text: &str) {
    // A reader that closed the pipe has read enough.
    let _ = io::stdout().lock().write_all(text.as_bytes());
}

/// Prints a result that is a text: as it is, or as the member `text` of a document.
pub(crate) fn text(text: &str, as_json: bool) {
    if as_json {
        document(&serde_json::json!({ "text": text }));
    } else {
        result(text);
    }
}

/// Prints a result that is a text, or why there is none; how the command ends.
pub(crate) fn text_or_failure(made: Result<String, Failure>, as_json: bool) -> Exit {
    match made {
        Ok(made) => {
            text(&made, as_json);
            Exit::Done
        }
        Err(why) => failure(&why, as_json),
    }
}

/// Prints what is wrong with the call, and a line break.
pub(crate) fn complaint(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Prints diagnostics, in colour if a person looks.
pub(crate) fn diagnostics(diagnostics: &[Diagnostic], sources: &SourceMap) {
    let mut stderr = io::stderr().lock();
    let colour = if stderr.is_terminal() { Colour::Ansi } else { Colour::Plain };
    let text = render::to_text(diagnostics, sources, colour);
    let _ = stderr.write_all(text.as_bytes());
}

/// Prints a document, for programs.
pub(crate) fn document(document: &serde_json::Value) {
    result(&format!("{document}\n"));
}

/// Prints why nothing was done; how the command ends.
pub(crate) fn failure(failure: &Failure, as_json: bool) -> Exit {
    if as_json {
        document(&failure.to_json());
    } else {
        complaint(&failure.to_text());
    }
    failure.exit()
}

/// Prints lines for people. What came from outside is shown with its control
/// characters escaped, so that no file can write to a terminal.
pub(crate) fn lines(lines: &[String]) {
    let mut text = String::new();
    for line in lines {
        text.push_str(&visible(line));
        text.push('\n');
    }
    result(&text);
}
