//! The answers that a plan supposes: a file of them, in the words of the language.
//!
//! ```json
//! [
//!   { "given": "std.firewall.is_blocked", "returns": false },
//!   { "given": "std.host.process.running", "with": { "file": { "host": "web-3" } }, "fails": "timeout" }
//! ]
//! ```
//!
//! The most exact line wins: the one with the most arguments; of equals, the first.

use std::path::Path;

use rye_bytecode::module::Module;
use rye_core::action::{ActionSignature, Verb};
use rye_core::adapter::Ending;
use rye_core::effect::Call;
use rye_core::error::{Error, ErrorKind};
use rye_core::limit::INPUT_BYTES_MAX;
use rye_core::ty::TypeId;
use rye_core::ty::spelled;
use rye_core::value::{Name, Value, json::from_json};
use serde_json::{Map, Value as Json};

use crate::failure::Failure;
use crate::file;

/// What the world is supposed to answer.
#[derive(Clone, Debug, Default)]
pub(crate) struct Supposed(Vec<Line>);

#[derive(Clone, Debug)]
struct Line {
    query: Name,
    with: Vec<(Name, Value)>,
    ending: Ending,
}

impl Supposed {
    /// The answers in the file at `path`, for the queries that `module` can ask.
    ///
    /// # Errors
    /// The first line that is wrong.
    pub(crate) fn read(path: &Path, module: &Module) -> Result<Self, Failure> {
        let bytes = file::read(path, INPUT_BYTES_MAX)?;
        let help =
            "write a list: `[{ \"given\": \"std.firewall.is_blocked\", \"returns\": false }]`";
        let wrong =
            |problem: String| Failure::input(format!("{}: {problem}", path.display()), help);
        let lines: Vec<Json> =
            serde_json::from_slice(&bytes).map_err(|error| wrong(error.to_string()))?;
        let lines = lines.iter().enumerate().map(|(index, line)| {
            Line::read(line, module)
                .map_err(|problem| wrong(format!("answer {}: {problem}", index + 1)))
        });
        Ok(Self(lines.collect::<Result<_, _>>()?))
    }

    /// What is answered to a call, if something is.
    pub(crate) fn answer(&self, call: &Call) -> Option<&Ending> {
        let fits = |line: &&Line| {
            let mut with = line.with.iter();
            line.query == call.action
                && with.all(|(name, value)| call.argument(name) == Some(value))
        };
        // Of equals the last of the reversed lines is the first of the file.
        let line = self.0.iter().rev().filter(fits).max_by_key(|line| line.with.len());
        line.map(|line| &line.ending)
    }
}

impl Line {
    fn read(line: &Json, module: &Module) -> Result<Self, String> {
        let line = line.as_object().ok_or("expected an object with `given`")?;
        if let Some(other) =
            line.keys().find(|key| !["given", "with", "returns", "fails"].contains(&key.as_str()))
        {
            return Err(format!("`{other}` says nothing here"));
        }
        let name =
            line.get("given").and_then(Json::as_str).ok_or("it doesn't say what is `given`")?;
        let query = query(module, name)?;
        let with = match line.get("with") {
            None => Vec::new(),
            Some(with) => arguments(module, query, with)?,
        };
        let ending = ending(module, query, line)?;
        Ok(Self { query: query.name.clone(), with, ending })
    }
}

/// The query of that name that the code can ask.
fn query<'m>(module: &'m Module, name: &str) -> Result<&'m ActionSignature, String> {
    let queries = || module.actions.iter().filter(|action| action.verb == Verb::Query);
    queries().find(|action| *action.name == *name).ok_or_else(|| {
        let known: Vec<&str> = queries().map(|action| &*action.name).collect();
        format!("`{name}` is no query that is asked here: those are {}", known.join(", "))
    })
}

fn arguments(
    module: &Module,
    query: &ActionSignature,
    with: &Json,
) -> Result<Vec<(Name, Value)>, String> {
    let with = with.as_object().ok_or("`with` is no object of arguments")?;
    let mut arguments = Vec::with_capacity(with.len());
    for (name, value) in with {
        let parameter = query.parameters.iter().find(|parameter| *parameter.name == **name);
        let parameter =
            parameter.ok_or_else(|| format!("`{}` has no parameter `{name}`", query.name))?;
        let value = decoded(module, parameter.ty, value)
            .map_err(|problem| format!("`with.{name}`: {problem}"))?;
        arguments.push((parameter.name.clone(), value));
    }
    Ok(arguments)
}

fn ending(
    module: &Module,
    query: &ActionSignature,
    line: &Map<String, Json>,
) -> Result<Ending, String> {
    match (line.get("returns"), line.get("fails")) {
        (Some(value), None) => decoded(module, query.result, value)
            .map(Ending::Done)
            .map_err(|problem| format!("`returns`: {problem}")),
        (None, Some(kind)) => {
            let kind = kind
                .as_str()
                .and_then(|word| ErrorKind::ALL.iter().find(|kind| kind.word() == word));
            let kind = kind.ok_or("`fails` names no error: write `unavailable`, `timeout`, …")?;
            Ok(Ending::Refused { error: Error::new(*kind, "supposed"), perhaps: false })
        }
        _ => Err(String::from("it says neither or both of `returns` and `fails`")),
    }
}

fn decoded(module: &Module, ty: TypeId, json: &Json) -> Result<Value, String> {
    from_json(&module.types, ty, json).map_err(|misfit| misfit.to_string())
}

/// A line that answers a call, for who has to write one.
pub(crate) fn line_for(module: &Module, call: &Call) -> String {
    let action = module.actions.iter().find(|action| action.name == call.action);
    let example = action.map(|action| spelled::example(&module.types, action.result));
    let example = example.unwrap_or_default();
    format!("{{ \"given\": \"{}\", \"returns\": … }} with {example}", call.action)
}
