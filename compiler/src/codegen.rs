//! Typed tree → bytecode.
//!
//! A playbook or function becomes one function of the module; [`body`] makes it,
//! with [`register`], [`pin`] and [`buffer`] as its tools and a file per kind of
//! construct. [`table`] gathers what bodies refer to, in the order in which they
//! first do, so the same tree always gives the same module.
//!
//! The code is built to be fast when it is executed as it stands: values are
//! computed right into the register that wants them, comparisons feed jumps, a
//! constant has a register of its own and is loaded in front of the outermost loop
//! that uses it.
//!
//! It decides nothing about the language: whatever could be wrong with a package
//! was found before. What is left are the sizes of the machine.

mod body;
mod branch;
mod buffer;
mod collection;
mod effect;
mod expr;
mod give;
mod layout;
mod lifetime;
mod mention;
mod operator;
mod pin;
mod question;
mod register;
mod sorted;
mod stmt;
mod table;
mod watch;

use rye_bytecode::instruction::operand;
use rye_bytecode::module::{Module, Playbook};
use rye_core::canonical;
use rye_core::limit::{
    CAPABILITIES_MAX, CONSTANTS_BYTES_MAX, ENTRY_POINTS_MAX, FUNCTIONS_MAX, QUESTIONS_MAX,
    SETTINGS_MAX, SITES_MAX, TRUST_ROLES_MAX, TYPES_MAX,
};
use rye_grammar::diagnostic::{Code, Diagnostic};
use rye_grammar::span::SourceMap;

use crate::hir::{self, Package};
use body::Source;
use table::Tables;

/// The module that `package` means.
///
/// # Errors
/// What is too large for the machine.
pub fn generate(package: &Package, sources: &SourceMap) -> Result<Module, Vec<Diagnostic>> {
    let mut tables = Tables::new(package, sources);
    let mut diagnostics = Vec::new();
    let mut functions = Vec::new();
    let mut lines = Vec::new();
    let mut add =
        |tables: &mut Tables<'_>, source: &Source<'_>| match body::generate(tables, source) {
            Ok((function, line)) => {
                functions.push(function);
                lines.push(line);
            }
            Err(diagnostic) => diagnostics.push(*diagnostic),
        };
    for playbook in &package.playbooks {
        add(&mut tables, &Source::of_playbook(playbook));
    }
    // The functions that the playbooks call, then those that these call, and so on.
    while let Some(function) = tables.next_function() {
        add(&mut tables, &Source::of_function(function));
    }
    if diagnostics.is_empty() {
        let mut module = tables.into_module();
        module.functions = functions;
        module.debug.lines = lines;
        module.playbooks = playbooks(package);
        diagnostics.extend(sizes(package, &module));
        if diagnostics.is_empty() {
            return Ok(module);
        }
    }
    Err(diagnostics)
}

fn playbooks(package: &Package) -> Vec<Playbook> {
    let convert = |(index, playbook): (u16, &hir::Playbook)| {
        let parameters = usize::try_from(playbook.body.parameters).unwrap_or(usize::MAX);
        let parameters = playbook.body.locals.iter().take(parameters);
        let limits = playbook.limits.iter();
        Playbook {
            name: playbook.name.clone(),
            function: operand::Function(index),
            parameters: parameters.map(|local| local.name.clone()).collect(),
            severity: playbook.severity,
            deadline: effect::amount(playbook.deadline),
            on_failure: playbook.on_failure,
            limits: limits.map(|(kind, most)| (kind.clone(), effect::amount(*most))).collect(),
        }
    };
    (0..=u16::MAX).zip(&package.playbooks).map(convert).collect()
}

/// What the module has too many of.
fn sizes(package: &Package, module: &Module) -> Vec<Diagnostic> {
    let Some(first) = package.playbooks.first() else { return Vec::new() };
    let bytes = module.constants.iter().map(|constant| canonical::encode(&constant.value).len());
    let counts = [
        ("types", module.types.len(), TYPES_MAX),
        ("roles", module.roles.len(), TRUST_ROLES_MAX),
        ("bytes of constants", bytes.sum(), CONSTANTS_BYTES_MAX),
        ("settings", module.settings.len(), SETTINGS_MAX),
        ("actions, queries and notices", module.actions.len(), CAPABILITIES_MAX),
        ("calls of actions, queries and notices", module.sites.len(), SITES_MAX),
        ("questions to people", module.questions.len(), QUESTIONS_MAX),
        ("functions and playbooks", module.functions.len(), FUNCTIONS_MAX),
        ("playbooks", module.playbooks.len(), ENTRY_POINTS_MAX),
        ("constants", module.constants.len(), usize::from(u16::MAX)),
    ];
    let too_many = counts.into_iter().filter(|(_, found, max)| found > max);
    let report = |(what, found, max): (&str, usize, usize)| {
        let message = format!("the package has {found} {what}, and may have {max}");
        Diagnostic::new(Code::TooLarge, first.span, message).help("split it into several bundles")
    };
    too_many.map(report).collect()
}

#[cfg(test)]
mod tests;
