//! What a bundle's signatures cover: the manifest and the sections of its
//! module. Sections are opaque here: their kinds and contents belong to the
//! bytecode.

use rye_core::digest::Digest;
use rye_core::limit::SECTIONS_MAX;
use rye_core::wire::Writer;

use crate::envelope::ObjectKind;
use crate::error::{Flaw, Refusal};
use crate::field::FieldReader;
use crate::manifest::Manifest;

/// A manifest and the sections that it speaks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payload {
    /// What the bundle says about itself.
    pub manifest: Manifest,
    /// The parts of the module, strictly ascending by kind.
    pub sections: Vec<Section>,
}

/// One part of a module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// What it is; the bytecode owns the numbers.
    pub kind: u16,
    /// What it says.
    pub bytes: Vec<u8>,
}

impl Payload {
    /// Reads a payload. Which kinds of section exist is not known here, see
    /// [`Payload::check_kinds`].
    ///
    /// # Errors
    /// [`Refusal::Manifest`], `SectionOrder` or `SectionLength`.
    pub fn decode(bytes: &[u8]) -> Result<Self, Refusal> {
        let mut reader = FieldReader::new(bytes);
        let length = reader.length("manifest_len").map_err(Refusal::Manifest)?;
        let manifest = reader.take("manifest", length).map_err(Refusal::Manifest)?;
        // Offsets are counted from the payload's first byte, 4 before the manifest's.
        let manifest = Manifest::decode(manifest).map_err(|mut flaw| {
            flaw.at_byte = flaw.at_byte.map(|at| at.saturating_add(4));
            Refusal::Manifest(flaw)
        })?;
        let table = read_table(&mut reader)?;
        let mut sections = Vec::with_capacity(table.len());
        for (kind, length) in table {
            let bytes = reader.take("section", length).map_err(Refusal::SectionLength)?.to_vec();
            sections.push(Section { kind, bytes });
        }
        reader.finish("end of the payload").map_err(Refusal::SectionLength)?;
        Ok(Self { manifest, sections })
    }

    /// The payload's bytes.
    ///
    /// # Errors
    /// When the manifest contradicts itself, or sections don't ascend or are too
    /// many: what can't be read isn't written.
    pub fn encode(&self) -> Result<Vec<u8>, Flaw> {
        let manifest = self.manifest.encode()?;
        let count = self.sections.len();
        let pairs = self.sections.iter().zip(self.sections.iter().skip(1));
        if count > SECTIONS_MAX || pairs.into_iter().any(|(a, b)| a.kind >= b.kind) {
            let expected = format_args!("at most {SECTIONS_MAX}, ascending by kind");
            return Err(Flaw::new("sections", expected, format_args!("{count}, or another order")));
        }
        let mut writer = Writer::new();
        writer.bytes(&manifest);
        writer.u16(u16::try_from(count).unwrap_or(u16::MAX));
        for section in &self.sections {
            writer.u16(section.kind);
            writer.count(section.bytes.len());
        }
        for section in &self.sections {
            writer.raw(&section.bytes);
        }
        Ok(writer.into_bytes())
    }

    /// Every section must be of a kind in `known`: what a reader doesn't know,
    /// it can't check.
    ///
    /// # Errors
    /// [`Refusal::SectionUnknown`].
    pub fn check_kinds(&self, known: &[u16]) -> Result<(), Refusal> {
        match self.sections.iter().find(|section| !known.contains(&section.kind)) {
            None => Ok(()),
            Some(section) => {
                let expected = format_args!("one of {known:?}");
                Err(Refusal::SectionUnknown(Flaw::new("section.kind", expected, section.kind)))
            }
        }
    }

    /// The bytes of the section of this kind.
    pub fn section(&self, kind: u16) -> Option<&[u8]> {
        self.sections.iter().find(|section| section.kind == kind).map(|it| it.bytes.as_slice())
    }
}

/// The digest that a bundle with these payload bytes is known by.
pub fn payload_digest(payload: &[u8]) -> Digest {
    ObjectKind::BUNDLE.digest(payload)
}

/// Kind and length of each section.
fn read_table(reader: &mut FieldReader<'_>) -> Result<Vec<(u16, usize)>, Refusal> {
    let at = reader.position();
    let count = reader.u16("n_sections").map_err(Refusal::SectionLength)?;
    if usize::from(count) > SECTIONS_MAX {
        let expected = format_args!("at most {SECTIONS_MAX}");
        let flaw = Flaw::new("n_sections", expected, count).at_byte(at);
        return Err(Refusal::SectionLength(flaw));
    }
    let mut table: Vec<(u16, usize)> = Vec::with_capacity(usize::from(count));
    for _ in 0..count {
        let at = reader.position();
        let kind = reader.u16("section.kind").map_err(Refusal::SectionLength)?;
        let length = reader.length("section.len").map_err(Refusal::SectionLength)?;
        if let Some((before, _)) = table.last()
            && *before >= kind
        {
            let flaw = Flaw::new("section.kind", format_args!("more than {before}"), kind);
            return Err(Refusal::SectionOrder(flaw.at_byte(at)));
        }
        table.push((kind, length));
    }
    Ok(table)
}

#[cfg(test)]
mod tests;
