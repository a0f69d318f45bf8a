//! What the bytecode verifier proved, in the manifest's words.

use rye_bundle::manifest::{Capability, CapabilityKind, EntryPoint, WorstCase};
use rye_bundle::name::{ActionName, EntryPointName};
use rye_bundle::verify::Proved;
use rye_bytecode::facts::{self, Facts};
use rye_core::action::Verb;
use rye_core::mode::Mode;

use super::LoadFault;

/// The facts of a module as a manifest would claim them.
pub(crate) fn proved(facts: &Facts) -> Result<Proved, LoadFault> {
    let entry_points = facts.entry_points.iter().map(entry_point).collect::<Result<_, _>>()?;
    let capabilities = facts.capabilities.iter().map(capability).collect::<Result<_, _>>()?;
    Ok(Proved { entry_points, capabilities })
}

fn entry_point(entry: &facts::EntryPoint) -> Result<EntryPoint, LoadFault> {
    let bound = &entry.bound;
    Ok(EntryPoint {
        name: EntryPointName::new(&entry.name).map_err(LoadFault::Name)?,
        input_schema: entry.input_schema,
        // Not compared: no code can prove what its author wishes.
        max_mode: Mode::Shadow,
        impact: entry.impact,
        worst_case: WorstCase {
            fuel: bound.fuel,
            waiting_micros: bound.waiting_micros,
            queries: bound.queries,
            uses: bound.actions.clone(),
        },
    })
}

fn capability(capability: &facts::Capability) -> Result<Capability, LoadFault> {
    Ok(Capability {
        name: ActionName::new(&capability.name).map_err(LoadFault::Name)?,
        kind: match capability.verb {
            Verb::Action => CapabilityKind::Action,
            Verb::Query => CapabilityKind::Query,
            Verb::Notice => CapabilityKind::Notice,
        },
        schema: capability.schema,
        impact: capability.impact,
    })
}
