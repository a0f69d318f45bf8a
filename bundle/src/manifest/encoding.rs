//! The manifest's bytes: fixed order, nothing optional, 64-bit and 32-bit
//! numbers big-endian, lists and texts behind 32-bit counts.

use rye_core::digest::Digest;
use rye_core::impact::Impact;
use rye_core::limit::{AUDIENCE_MAX, CAPABILITIES_MAX, ENTRY_POINTS_MAX};
use rye_core::mode::Mode;
use rye_core::wire::Writer;

use super::{Capability, CapabilityKind, EntryPoint, FORMAT_VERSION, Limits, Manifest, WorstCase};
use crate::error::Flaw;
use crate::field::FieldReader;
use crate::name::{ActionName, BundleName, EntryPointName, EnvironmentId, Label};
use crate::time::UnixSeconds;
use crate::verify::DaemonVersion;

/// Reads the fields; the rules between them are the caller's to check.
pub(super) fn read(bytes: &[u8]) -> Result<Manifest, Flaw> {
    let mut reader = FieldReader::new(bytes);
    let r = &mut reader;
    let format_version = r.u16("format_version")?;
    if format_version != FORMAT_VERSION {
        return Err(Flaw::new("format_version", FORMAT_VERSION, format_version).at_byte(0));
    }
    // The fields of a struct expression are evaluated in the order written.
    let manifest = Manifest {
        name: r.name("bundle_name", BundleName::BYTES_MAX, BundleName::new)?,
        version: r.u64("bundle_version")?,
        display_version: read_label(r, "display_version")?,
        rollback_floor: r.u64("rollback_floor")?,
        audience: r.ascending("audience", 1..=AUDIENCE_MAX, read_environment, Clone::clone)?,
        created_at: UnixSeconds(r.u64("created_at")?),
        not_before: UnixSeconds(r.u64("not_before")?),
        expires_at: UnixSeconds(r.u64("expires_at")?),
        isa_version: r.u16("isa_version")?,
        language_edition: r.u16("language_edition")?,
        cost_table_version: r.u16("cost_table_version")?,
        min_daemon: DaemonVersion {
            major: r.u16("min_daemon.major")?,
            minor: r.u16("min_daemon.minor")?,
            patch: r.u16("min_daemon.patch")?,
        },
        compiler_name: read_label(r, "compiler_name")?,
        compiler_version: read_label(r, "compiler_version")?,
        source_digest: Digest(r.array("source_digest")?),
        limits: Limits { fuel: r.u64("limits.fuel")?, memory_bytes: r.u64("limits.memory_bytes")? },
        entry_points: r.ascending(
            "entry_points",
            1..=ENTRY_POINTS_MAX,
            read_entry_point,
            |entry| entry.name.clone(),
        )?,
        capabilities: r.ascending("capabilities", 0..=CAPABILITIES_MAX, read_capability, |it| {
            it.name.clone()
        })?,
    };
    reader.finish("end of the manifest")?;
    Ok(manifest)
}

fn read_label(reader: &mut FieldReader<'_>, field: &'static str) -> Result<Label, Flaw> {
    reader.name(field, Label::BYTES_MAX, Label::new)
}

fn read_environment(reader: &mut FieldReader<'_>) -> Result<EnvironmentId, Flaw> {
    reader.name("id", EnvironmentId::BYTES_MAX, EnvironmentId::new)
}

fn read_impact(reader: &mut FieldReader<'_>) -> Result<Impact, Flaw> {
    reader.coded("impact", "0 to 3", Impact::from_code)
}

fn read_entry_point(reader: &mut FieldReader<'_>) -> Result<EntryPoint, Flaw> {
    Ok(EntryPoint {
        name: reader.name("name", EntryPointName::BYTES_MAX, EntryPointName::new)?,
        input_schema: Digest(reader.array("input_schema")?),
        max_mode: reader.coded("max_mode", "0 to 2", Mode::from_code)?,
        impact: read_impact(reader)?,
        worst_case: WorstCase {
            fuel: reader.u64("fuel")?,
            waiting_micros: reader.u64("waiting_micros")?,
            queries: reader.u64("queries")?,
            uses: read_uses(reader)?,
        },
    })
}

fn read_uses(reader: &mut FieldReader<'_>) -> Result<Vec<u64>, Flaw> {
    let count = reader.count("uses", 0..=CAPABILITIES_MAX)?;
    (0..count).map(|_| reader.u64("uses")).collect()
}

fn read_capability(reader: &mut FieldReader<'_>) -> Result<Capability, Flaw> {
    Ok(Capability {
        name: reader.name("name", ActionName::BYTES_MAX, ActionName::new)?,
        kind: reader.coded("kind", "0 to 2", CapabilityKind::from_code)?,
        schema: Digest(reader.array("schema")?),
        impact: read_impact(reader)?,
    })
}

/// Writes a manifest whose rules were checked.
pub(super) fn write(manifest: &Manifest) -> Vec<u8> {
    let mut w = Writer::new();
    w.u16(FORMAT_VERSION);
    w.text(manifest.name.as_str());
    w.u64(manifest.version);
    w.text(manifest.display_version.as_str());
    w.u64(manifest.rollback_floor);
    w.count(manifest.audience.len());
    for environment in &manifest.audience {
        w.text(environment.as_str());
    }
    w.u64(manifest.created_at.0);
    w.u64(manifest.not_before.0);
    w.u64(manifest.expires_at.0);
    w.u16(manifest.isa_version);
    w.u16(manifest.language_edition);
    w.u16(manifest.cost_table_version);
    w.u16(manifest.min_daemon.major);
    w.u16(manifest.min_daemon.minor);
    w.u16(manifest.min_daemon.patch);
    w.text(manifest.compiler_name.as_str());
    w.text(manifest.compiler_version.as_str());
    w.raw(&manifest.source_digest.0);
    w.u64(manifest.limits.fuel);
    w.u64(manifest.limits.memory_bytes);
    w.count(manifest.entry_points.len());
    for entry in &manifest.entry_points {
        write_entry_point(&mut w, entry);
    }
    w.count(manifest.capabilities.len());
    for capability in &manifest.capabilities {
        w.text(capability.name.as_str());
        w.u8(capability.kind.code());
        w.raw(&capability.schema.0);
        w.u8(capability.impact.code());
    }
    w.into_bytes()
}

fn write_entry_point(w: &mut Writer, entry: &EntryPoint) {
    w.text(entry.name.as_str());
    w.raw(&entry.input_schema.0);
    w.u8(entry.max_mode.code());
    w.u8(entry.impact.code());
    w.u64(entry.worst_case.fuel);
    w.u64(entry.worst_case.waiting_micros);
    w.u64(entry.worst_case.queries);
    w.count(entry.worst_case.uses.len());
    for uses in &entry.worst_case.uses {
        w.u64(*uses);
    }
}
