//! `ryec fmt PATH…`: sources in the one style, or which of them are not.

use std::io;
use std::path::{Path, PathBuf};

use clap::Args;
use rye_grammar::diagnostic::{Diagnostic, render};
use rye_grammar::format::format;
use rye_grammar::span::SourceMap;
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::source_files::{self, Nested};
use crate::{Exit, difference, file, output};

/// What stands for standard input.
const STANDARD_INPUT: &str = "-";

/// How it is called.
#[derive(Args, Debug)]
pub(crate) struct Options {
    /// `.rye` files, folders with all their `.rye` files, or `-`: then standard input
    /// goes to standard output.
    #[arg(default_value = ".")]
    paths: Vec<PathBuf>,
    /// Write nothing; say which files differ from the style, and where. Exit code 1 if one does.
    #[arg(long)]
    check: bool,
    /// One JSON document on standard output, and nothing else.
    #[arg(long)]
    json: bool,
}

/// Formats the sources.
pub(crate) fn run(options: &Options) -> Exit {
    match read(&options.paths).and_then(|sources| Formatted::all(sources, options)) {
        Ok(formatted) => formatted.told(options),
        Err(failure) => output::failure(&failure, options.json),
    }
}

/// A source and where it came from; no path if from standard input.
struct Source {
    name: String,
    path: Option<PathBuf>,
    text: String,
}

fn read(paths: &[PathBuf]) -> Result<Vec<Source>, Failure> {
    let piped = paths.iter().any(|path| path.as_os_str() == STANDARD_INPUT);
    if piped && paths.len() > 1 {
        return Err(Failure::call("`-` stands beside other paths", "name it alone"));
    }
    if piped {
        let name = String::from("standard input");
        let text = source_files::text(&name, io::stdin().lock())?;
        return Ok(vec![Source { name, path: None, text }]);
    }
    let mut found = Vec::new();
    for path in paths {
        found.extend(files(path)?);
    }
    found
        .into_iter()
        .map(|path| {
            let text = source_files::read(&path)?;
            Ok(Source { name: path.display().to_string(), path: Some(path), text })
        })
        .collect()
}

/// The sources at a path.
fn files(path: &Path) -> Result<Vec<PathBuf>, Failure> {
    let help = "name a `.rye` file, or a folder that holds some";
    let shown = path.display();
    if path.is_dir() {
        let found = source_files::below(path, &[], Nested::Entered)?;
        if found.is_empty() {
            return Err(Failure::call(format!("`{shown}` holds no `.rye` file"), help));
        }
        // `.` says nothing in the name of a file.
        let short = |path: PathBuf| path.strip_prefix(".").map(Path::to_owned).unwrap_or(path);
        return Ok(found.into_iter().map(short).collect());
    }
    if !path.exists() {
        return Err(Failure::call(format!("there is no file `{shown}`"), help));
    }
    if path.extension().is_none_or(|ending| ending != "rye") || !path.is_file() {
        return Err(Failure::call(format!("`{shown}` is no `.rye` file"), help));
    }
    Ok(vec![path.to_owned()])
}

/// What became of the sources.
#[derive(Default)]
struct Formatted {
    seen: usize,
    /// Their names.
    changed: Vec<String>,
    /// Where they change, for people.
    differences: Vec<String>,
    /// Why some can't be read.
    diagnostics: Vec<Diagnostic>,
    sources: SourceMap,
    is_piped: bool,
    /// What standard input becomes, if it can be read.
    piped: Option<String>,
}

impl Formatted {
    /// Formats all of them, and writes those that change unless they are only checked.
    fn all(sources: Vec<Source>, options: &Options) -> Result<Self, Failure> {
        let mut formatted = Self::default();
        for source in sources {
            formatted.take(&source, options)?;
        }
        Ok(formatted)
    }

    fn take(&mut self, source: &Source, options: &Options) -> Result<(), Failure> {
        self.seen += 1;
        self.is_piped = source.path.is_none();
        let id = self.sources.add(&source.name, &source.text);
        let text = match format(id, &source.text) {
            Ok(text) => text,
            Err(diagnostics) => {
                self.diagnostics.extend(diagnostics);
                return Ok(());
            }
        };
        if text != source.text {
            self.changed.push(source.name.clone());
            if options.check {
                self.differences.extend(difference::lines(&source.name, &source.text, &text));
            } else if let Some(path) = &source.path {
                file::rewrite(path, text.as_bytes())?;
            }
        }
        self.piped = self.is_piped.then_some(text);
        Ok(())
    }

    fn told(&self, options: &Options) -> Exit {
        let exit = if !self.diagnostics.is_empty() || (options.check && !self.changed.is_empty()) {
            Exit::Input
        } else {
            Exit::Done
        };
        if options.json {
            output::document(&self.document(exit));
            return exit;
        }
        output::diagnostics(&self.diagnostics, &self.sources);
        if options.check {
            self.tell_differences();
        } else if self.is_piped {
            output::result(self.piped.as_deref().unwrap_or_default());
        } else {
            self.tell_changes();
        }
        exit
    }

    fn tell_differences(&self) {
        output::lines(&self.differences);
        let changed = self.changed.len();
        if changed > 0 {
            let verb = if changed == 1 { "is" } else { "are" };
            let what = format!("{} {verb} not in the style", self.counted());
            let help = "`ryec fmt` with the same paths writes them anew";
            output::complaint(&Failure::input(what, help).to_text());
        }
    }

    fn tell_changes(&self) {
        let changed = self.changed.iter().map(|name| format!("formatted  {name}"));
        let mut lines: Vec<String> = changed.collect();
        lines.push(format!("{} changed", self.counted()));
        output::lines(&lines);
    }

    /// How many change, of how many.
    fn counted(&self) -> String {
        let noun = if self.seen == 1 { "file" } else { "files" };
        format!("{} of {} {noun}", self.changed.len(), self.seen)
    }

    fn document(&self, exit: Exit) -> Value {
        let diagnostics: Vec<Value> = self
            .diagnostics
            .iter()
            .filter_map(|one| serde_json::from_str(&render::to_json(one, &self.sources)).ok())
            .collect();
        json!({
            "ok": exit == Exit::Done,
            "files": self.seen,
            "changed": self.changed,
            "diagnostics": diagnostics,
            "text": self.piped,
        })
    }
}
