//! What the settings of a planned run are supposed to be: checked as in a site file, with
//! the same words.

use rye_bytecode::module::{Module, Setting};
use rye_bytecode::setting::{self, Written};
use rye_core::value::Value;
use rye_grammar::suggest::nearest;

use crate::failure::Failure;

/// A setting that is set: `guard.worth_a_block=5`.
#[derive(Clone, Debug)]
pub(super) struct Choice {
    name: String,
    written: Written,
}

/// A setting that is set, as it stands on the command line. A text needs quotes only where
/// it looks like a number or a truth value.
pub(super) fn choice(text: &str) -> Result<Choice, String> {
    let (name, value) = text.split_once('=').ok_or("write a name, `=` and a value")?;
    let (name, value) = (name.trim().to_owned(), value.trim());
    let quoted = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    let written = match (quoted, value) {
        (Some(text), _) => Written::Text(text.to_owned()),
        (None, "true" | "false") => Written::Bool(value == "true"),
        (None, _) => match (value.replace('_', "").parse(), value.parse()) {
            (Ok(number), _) => Written::Int(number),
            (_, Ok(number)) => Written::Float(number),
            _ => Written::Text(value.to_owned()),
        },
    };
    Ok(Choice { name, written })
}

/// One value per setting of the module: the last that was chosen, or else the default.
pub(super) fn values(module: &Module, choices: &[Choice]) -> Result<Vec<Value>, Failure> {
    if let Some(stranger) = choices.iter().find(|choice| !is_declared(module, &choice.name)) {
        let known = || module.settings.iter().map(|setting| &*setting.name);
        let help = match nearest(&stranger.name, known()) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None if module.settings.is_empty() => String::from("it has none: leave `--set` out"),
            None => format!("it has: {}", known().collect::<Vec<_>>().join(", ")),
        };
        let what = format!("`--set {}`: the package has no such setting", stranger.name);
        return Err(Failure::input(what, help));
    }
    let value = |declared: &Setting| {
        let chosen = choices.iter().rev().find(|choice| *choice.name == *declared.name);
        chosen.map_or(Ok(declared.default.clone()), |choice| {
            setting::value(module, declared, &choice.written).map_err(|(problem, help)| {
                Failure::input(format!("`--set {}`: {problem}", choice.name), help)
            })
        })
    };
    module.settings.iter().map(value).collect()
}

fn is_declared(module: &Module, name: &str) -> bool {
    module.settings.iter().any(|setting| *setting.name == *name)
}
