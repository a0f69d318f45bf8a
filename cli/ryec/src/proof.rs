//! What the code of a bundle can do, proved again from its bytes and put in the
//! words of a manifest: what a loader compares, and what a builder writes.

use rye_bundle::Refusal;
use rye_bundle::error::Flaw;
use rye_bundle::manifest::{Capability, CapabilityKind, EntryPoint, Limits, Manifest, WorstCase};
use rye_bundle::name::{ActionName, EntryPointName, NameFlaw};
use rye_bundle::payload::Payload;
use rye_bundle::verify::{DaemonVersion, Proved, Supported};
use rye_bytecode::facts::{self, Facts};
use rye_bytecode::module::Module;
use rye_bytecode::{Options, Section, SectionKind, Verified};
use rye_core::action::Verb;
use rye_core::impact::Impact;
use rye_core::limit::{RUN_FUEL_MAX, RUN_MEMORY_BYTES_MAX};
use rye_core::mode::Mode;
use rye_core::version;

use crate::failure::Reason;

/// The kinds of section that this program knows, ascending.
pub(crate) fn section_kinds() -> Vec<u16> {
    SectionKind::ALL.iter().map(|kind| kind.code()).collect()
}

/// The versions of code that this program, and the daemon of its release, runs.
pub(crate) fn supported() -> Supported {
    Supported {
        isa_versions: version::ISA..=version::ISA,
        language_editions: version::LANGUAGE_EDITION..=version::LANGUAGE_EDITION,
        cost_table_versions: version::COST_TABLE..=version::COST_TABLE,
        daemon: DaemonVersion::parse(env!("CARGO_PKG_VERSION")).unwrap_or_default(),
    }
}

/// Step 12 of loading: decodes and verifies the code of a payload.
pub(crate) fn prove(payload: &Payload) -> Result<Proved, Reason> {
    facts(&verified(payload)?)
}

/// What proved code can do.
pub(crate) fn facts(code: &Verified<Module>) -> Result<Proved, Reason> {
    let proved = in_words_of_a_manifest(&facts::facts(code));
    proved.map_err(|flaw| Reason::from(&Refusal::CapabilityMismatch(flaw)))
}

/// The code of a payload, proved.
pub(crate) fn verified(payload: &Payload) -> Result<Verified<Module>, Reason> {
    let sections: Vec<Section> =
        payload.sections.iter().map(|section| (section.kind, section.bytes.clone())).collect();
    let unproved = |place: String, expected: String, found: String| Reason {
        code: "E_VERIFY",
        place,
        expected,
        found,
        help: String::from(
            "build the bundle again with the `ryec` of this release; if it is still refused, \
             somebody made it by other means: don't sign it",
        ),
    };
    let module = rye_bytecode::decode(&sections).map_err(|error| {
        let place = match SectionKind::from_code(error.section) {
            Some(kind) => format!("byte {} of the section `{}`", error.offset, kind.word()),
            None => format!("section {}", error.section),
        };
        unproved(place, String::from("what a compiler writes"), error.reason.to_owned())
    })?;
    rye_bytecode::verify(module, Options::default()).map_err(|error| {
        let mut place = format!("the code, rule {}", error.code);
        if let Some((_, name)) = &error.function {
            place = format!("{place}, function `{name}`");
        }
        if let Some(instruction) = error.instruction {
            place = format!("{place}, instruction {instruction}");
        }
        unproved(place, error.allowed, error.found)
    })
}

/// Step 15, as far as it is the same at every site: what one run may spend.
pub(crate) fn check_limits(manifest: &Manifest) -> Result<(), Reason> {
    let memory = u64::try_from(RUN_MEMORY_BYTES_MAX).unwrap_or(u64::MAX);
    let Limits { fuel, memory_bytes } = manifest.limits;
    for (field, claimed, most) in
        [("limits.fuel", fuel, RUN_FUEL_MAX), ("limits.memory_bytes", memory_bytes, memory)]
    {
        if claimed > most {
            return Err(Reason {
                code: "E_POLICY",
                place: format!("the manifest's `{field}`"),
                expected: format!("at most {most}"),
                found: claimed.to_string(),
                help: String::from("build the bundle with smaller limits"),
            });
        }
    }
    Ok(())
}

/// The worst class of what was proved.
pub(crate) fn impact(proved: &Proved) -> Impact {
    proved.entry_points.iter().map(|entry| entry.impact).max().unwrap_or(Impact::Observe)
}

/// Facts of code as a manifest states them. A name that fits into no manifest can
/// only be in code that no compiler wrote.
pub(crate) fn in_words_of_a_manifest(facts: &Facts) -> Result<Proved, Flaw> {
    let mut entry_points = Vec::with_capacity(facts.entry_points.len());
    for (index, entry) in facts.entry_points.iter().enumerate() {
        let bound = &entry.bound;
        entry_points.push(EntryPoint {
            name: EntryPointName::new(&entry.name)
                .map_err(|flaw| misnamed(format!("entry_points[{index}].name"), flaw))?,
            input_schema: entry.input_schema,
            // Code proves no mode: it is the author's wish, and never compared.
            max_mode: Mode::Enforce,
            impact: entry.impact,
            worst_case: WorstCase {
                fuel: bound.fuel,
                waiting_micros: bound.waiting_micros,
                queries: bound.queries,
                uses: bound.actions.clone(),
            },
        });
    }
    let mut capabilities = Vec::with_capacity(facts.capabilities.len());
    for (index, used) in facts.capabilities.iter().enumerate() {
        capabilities.push(Capability {
            name: ActionName::new(&used.name)
                .map_err(|flaw| misnamed(format!("capabilities[{index}].name"), flaw))?,
            kind: match used.verb {
                Verb::Action => CapabilityKind::Action,
                Verb::Query => CapabilityKind::Query,
                Verb::Notice => CapabilityKind::Notice,
            },
            schema: used.schema,
            impact: used.impact,
        });
    }
    Ok(Proved { entry_points, capabilities })
}

fn misnamed(field: String, flaw: NameFlaw) -> Flaw {
    Flaw { at_byte: None, field, expected: flaw.expected.to_owned(), found: flaw.found }
}
