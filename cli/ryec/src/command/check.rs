//! `ryec check PATH`: what is wrong with the sources, or what their playbooks can
//! do at worst.

use rye_bytecode::instruction::operand::OnFailure;
use rye_compiler::hir::{Package, Playbook};
use rye_compiler::{Checked, CompileError, compile};
use rye_core::action::ActionSignature;
use rye_core::value::Duration;
use rye_grammar::diagnostic::{Diagnostic, render};
use rye_grammar::span::SourceMap;
use serde_json::{Value, json};
use std::fmt::Write;

use crate::failure::Failure;
use crate::workspace::{self, Place, Workspace};
use crate::{Exit, amount, output};

/// Checks the sources at a place.
pub(crate) fn run(place: &Place, as_json: bool) -> Exit {
    let found = workspace::read(place).and_then(|workspace| Found::new(&workspace));
    let found = match found {
        Ok(found) => found,
        Err(failure) => return output::failure(&failure, as_json),
    };
    if as_json {
        output::document(&found.document());
    } else {
        output::diagnostics(&found.diagnostics, &found.sources);
        if let Some(package) = &found.package {
            output::result(&summary(package));
        }
    }
    if found.package.is_some() { Exit::Done } else { Exit::Input }
}

/// What a check found.
struct Found {
    /// The typed tree, if the sources become a module.
    package: Option<Package>,
    diagnostics: Vec<Diagnostic>,
    sources: SourceMap,
}

impl Found {
    fn new(workspace: &Workspace) -> Result<Self, Failure> {
        let checked = workspace.check();
        let sources = workspace.openable(&checked);
        match compile(&checked) {
            Ok(_) => {
                let Checked { package, diagnostics, .. } = checked;
                Ok(Self { package, diagnostics, sources })
            }
            Err(CompileError::Diagnostics(diagnostics)) => {
                Ok(Self { package: None, diagnostics, sources })
            }
            Err(error @ (CompileError::LeftOut { .. } | CompileError::Unproved(_))) => {
                Err(Failure::input(error.to_string(), "send the sources with your report"))
            }
        }
    }

    /// All of it, for programs.
    fn document(&self) -> Value {
        let diagnostics: Vec<Value> = self
            .diagnostics
            .iter()
            .filter_map(|one| serde_json::from_str(&render::to_json(one, &self.sources)).ok())
            .collect();
        let playbooks: Vec<Value> = self
            .package
            .iter()
            .flat_map(|package| package.playbooks.iter().map(|playbook| object(package, playbook)))
            .collect();
        json!({
            "ok": self.package.is_some(),
            "diagnostics": diagnostics,
            "playbooks": playbooks,
        })
    }
}

/// What the playbooks can do at worst, for people.
fn summary(package: &Package) -> String {
    let mut text = String::new();
    for (index, playbook) in package.playbooks.iter().enumerate() {
        if index > 0 {
            text.push('\n');
        }
        text.push_str(&described(package, playbook));
    }
    if package.playbooks.is_empty() {
        text.push_str("no playbooks, no mistakes\n");
    }
    text
}

/// What a playbook can do at worst, for people.
pub(crate) fn described(package: &Package, playbook: &Playbook) -> String {
    let mut text = String::new();
    // Writing to a `String` does not fail.
    let _ = describe(&mut text, package, playbook);
    text
}

fn describe(text: &mut String, package: &Package, playbook: &Playbook) -> std::fmt::Result {
    let bound = &playbook.bound;
    writeln!(text, "{}", playbook.name)?;
    writeln!(text, "  severity    {}", playbook.severity.word())?;
    let deadline = amount::shown(playbook.deadline.least(), playbook.deadline.most());
    writeln!(text, "  deadline    {deadline}")?;
    if playbook.on_failure != OnFailure::Inherit {
        writeln!(text, "  on failure  {}", playbook.on_failure.word())?;
    }
    let limits = playbook.limits.iter();
    let limits: Vec<String> = limits
        .map(|(kind, most)| format!("{} × {kind}", amount::shown(most.least(), most.most())))
        .collect();
    if !limits.is_empty() {
        writeln!(text, "  may touch   {}", limits.join(", "))?;
    }
    writeln!(text, "  at worst    waits {}, asks {}", bound.waiting, times(bound.queries))?;
    let calls = calls(package, playbook);
    let width = calls.iter().map(|(signature, _)| signature.name.len()).max().unwrap_or(0);
    for (signature, count) in calls {
        let verb = signature.verb.word();
        let (name, count) = (&*signature.name, times(count));
        writeln!(text, "              {verb:<6} {name:<width$}  {count}")?;
    }
    Ok(())
}

fn times(count: u64) -> String {
    match count {
        0 => String::from("never"),
        1 => String::from("once"),
        2 => String::from("twice"),
        _ => format!("{count} times"),
    }
}

/// What a playbook can call, and how often.
pub(crate) fn calls<'p>(
    package: &'p Package,
    playbook: &Playbook,
) -> Vec<(&'p ActionSignature, u64)> {
    let signature = |at: u32| usize::try_from(at).ok().and_then(|at| package.actions.get(at));
    let calls = playbook.bound.actions.iter();
    calls.filter_map(|(action, count)| Some((signature(action.0)?, *count))).collect()
}

fn object(package: &Package, playbook: &Playbook) -> Value {
    let micros = |duration: Duration| json!(duration.0);
    let calls: Vec<Value> = calls(package, playbook)
        .into_iter()
        .map(|(signature, count)| {
            json!({ "verb": signature.verb.word(), "name": &*signature.name, "most": count })
        })
        .collect();
    let limits = playbook.limits.iter();
    let limits: serde_json::Map<String, Value> = limits
        .map(|(kind, most)| (kind.to_string(), amount::object(most.least(), most.most())))
        .collect();
    let deadline = playbook.deadline;
    json!({
        "name": &*playbook.name,
        "severity": playbook.severity.word(),
        "deadline_micros": amount::object(deadline.least().0, deadline.most().0),
        "on_failure": playbook.on_failure.word(),
        "limits": limits,
        "worst_case": {
            "waiting_micros": micros(playbook.bound.waiting),
            "queries": playbook.bound.queries,
            "calls": calls,
        },
    })
}
