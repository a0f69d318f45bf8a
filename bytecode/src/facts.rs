//! What a proved module says of itself: the facts that a manifest claims and a
//! loader compares, computed in one place so that both mean the same.

use std::collections::{BTreeMap, BTreeSet};

use rye_core::action::Verb;
use rye_core::digest::{Digest, INPUT_SCHEMA};
use rye_core::impact::Impact;
use rye_core::value::Name;
use rye_core::wire::Writer;

use crate::bound::Bound;
use crate::instruction::Instruction;
use crate::module::{Module, Playbook};
use crate::verify::Verified;

/// A playbook that can be run, and the worst that a run of it can do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryPoint {
    /// Its index in [`Module::playbooks`].
    pub playbook: usize,
    /// Its name.
    pub name: Name,
    /// Digest of the names and types of its parameters.
    pub input_schema: Digest,
    /// The worst class of the actions that it can call.
    pub impact: Impact,
    /// Its worst case; actions in the order of [`Facts::capabilities`].
    pub bound: Bound,
}

/// An action, query or notice that the code uses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Capability {
    /// Its full name.
    pub name: Name,
    /// How it meets the world.
    pub verb: Verb,
    /// Digest of all that a caller relies on.
    pub schema: Digest,
    /// How much it may hurt.
    pub impact: Impact,
}

/// All facts of a module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// Ascending by name.
    pub entry_points: Vec<EntryPoint>,
    /// Ascending by name, as [`Module::actions`].
    pub capabilities: Vec<Capability>,
}

/// The facts of a module.
pub fn facts(module: &Verified<Module>) -> Facts {
    let capability = |action: &rye_core::action::ActionSignature| Capability {
        name: action.name.clone(),
        verb: action.verb,
        schema: action.schema_digest(&module.types),
        impact: action.impact,
    };
    let playbooks = module.playbooks.iter().zip(module.bounds()).enumerate();
    let entry_point = |(index, (playbook, bound)): (usize, (&Playbook, &Bound))| EntryPoint {
        playbook: index,
        name: playbook.name.clone(),
        input_schema: input_schema(module, playbook),
        impact: impact(module, bound),
        bound: bound.clone(),
    };
    let mut entry_points: Vec<EntryPoint> = playbooks.map(entry_point).collect();
    entry_points.sort_by(|a, b| a.name.cmp(&b.name));
    let capabilities = module.actions.iter().map(capability).collect();
    Facts { entry_points, capabilities }
}

/// Whose yes an action stands behind in a playbook.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Approvals {
    /// The questions in [`Module::questions`], ascending: where it is done behind a yes.
    pub questions: BTreeSet<usize>,
    /// Whether it is done somewhere without one.
    pub without: bool,
}

/// The actions that a playbook and its tasks can do, by their index in
/// [`Module::actions`], with whose yes each stands behind.
pub fn approvals(module: &Verified<Module>, playbook: &Playbook) -> BTreeMap<usize, Approvals> {
    let mut found: BTreeMap<usize, Approvals> = BTreeMap::new();
    let mut reached = BTreeSet::new();
    let mut next = vec![usize::from(playbook.function.0)];
    while let Some(index) = next.pop() {
        if !reached.insert(index) {
            continue;
        }
        for act in module.acts(index) {
            let approvals = found.entry(act.action).or_default();
            approvals.without |= act.question.is_none();
            approvals.questions.extend(act.question);
        }
        let code = module.functions.get(index).map_or(&[][..], |function| &function.code);
        next.extend(code.iter().filter_map(|instruction| match instruction {
            Instruction::Call { function, .. } => Some(usize::from(function.0)),
            _ => None,
        }));
    }
    found
}

/// Digest of all that somebody who starts the playbook must agree on.
fn input_schema(module: &Module, playbook: &Playbook) -> Digest {
    let function = module.functions.get(usize::from(playbook.function.0));
    let types = function.map_or(&[][..], |function| &function.registers);
    let mut writer = Writer::new();
    writer.count(playbook.parameters.len());
    for (name, ty) in playbook.parameters.iter().zip(types) {
        writer.text(name);
        module.types.describe(&mut writer, *ty);
    }
    Digest::derive(INPUT_SCHEMA, &[&writer.into_bytes()])
}

fn impact(module: &Module, bound: &Bound) -> Impact {
    let called = module.actions.iter().zip(&bound.actions).filter(|(_, times)| **times > 0);
    called.map(|(action, _)| action.impact).max().unwrap_or(Impact::Observe)
}
