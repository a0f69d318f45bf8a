//! Step 13: the manifest against what was proved from the code.

use super::Proved;
use crate::error::{Flaw, Refusal};
use crate::manifest::{Capability, EntryPoint, Manifest};

pub(super) fn check(manifest: &Manifest, proved: &Proved) -> Result<(), Refusal> {
    check_capabilities(&manifest.capabilities, &proved.capabilities)
        .and_then(|()| check_entry_points(&manifest.entry_points, &proved.entry_points))
        .map_err(Refusal::CapabilityMismatch)?;
    for (declared, proved) in manifest.entry_points.iter().zip(&proved.entry_points) {
        if proved.impact > declared.impact {
            let (declared, proved) = (declared.impact, proved.impact);
            return Err(Refusal::Impact { declared, proved });
        }
    }
    Ok(())
}

/// Declared and used must be the same, so that what people read is what runs.
fn check_capabilities(declared: &[Capability], proved: &[Capability]) -> Result<(), Flaw> {
    same_length("capabilities", declared.len(), proved.len())?;
    for (index, (declared, proved)) in declared.iter().zip(proved).enumerate() {
        if declared != proved {
            return Err(Flaw::new(
                format_args!("capabilities[{index}]"),
                describe(proved),
                describe(declared),
            ));
        }
    }
    Ok(())
}

fn describe(capability: &Capability) -> String {
    let Capability { name, kind, schema, impact } = capability;
    format!("{} `{name}`, {impact}, schema {schema}, as the code uses it", kind.name())
}

/// An impact may be declared worse than it is; bounds must be those proved.
fn check_entry_points(declared: &[EntryPoint], proved: &[EntryPoint]) -> Result<(), Flaw> {
    same_length("entry_points", declared.len(), proved.len())?;
    for (index, (declared, proved)) in declared.iter().zip(proved).enumerate() {
        let place = |field: &str| format!("entry_points[{index}].{field}");
        if declared.name != proved.name {
            return Err(Flaw::new(place("name"), &proved.name, &declared.name));
        }
        if declared.input_schema != proved.input_schema {
            let (expected, found) = (proved.input_schema, declared.input_schema);
            return Err(Flaw::new(place("input_schema"), expected, found));
        }
        let (claim, bound) = (&declared.worst_case, &proved.worst_case);
        for (field, claim, bound) in [
            ("fuel", claim.fuel, bound.fuel),
            ("waiting_micros", claim.waiting_micros, bound.waiting_micros),
            ("queries", claim.queries, bound.queries),
        ] {
            if claim != bound {
                return Err(Flaw::new(place(field), bound, claim));
            }
        }
        if claim.uses != bound.uses {
            let (expected, found) = (format!("{:?}", bound.uses), format!("{:?}", claim.uses));
            return Err(Flaw::new(place("uses"), expected, found));
        }
    }
    Ok(())
}

fn same_length(field: &str, declared: usize, proved: usize) -> Result<(), Flaw> {
    if declared == proved {
        return Ok(());
    }
    Err(Flaw::new(field, format_args!("{proved}, as many as the code has"), declared))
}
