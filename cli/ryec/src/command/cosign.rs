//! `ryec cosign BUNDLE --source PATH --key KEY -o BUNDLE`: builds the bundle again from
//! its sources and signs it if every byte is the same. So the second signature says
//! that the code is what was reviewed, whatever machine the first came from.

use std::path::PathBuf;

use clap::Args;
use rye_bundle::manifest::Manifest;
use rye_bundle::payload::Payload;
use rye_bytecode::SectionKind;
use rye_core::mode::Mode;

use super::{build, sign};
use crate::Exit;
use crate::failure::Failure;
use crate::manifest::Labels;
use crate::workspace::{self, Place};

/// How it is called.
#[derive(Args, Debug)]
#[group(skip)]
pub(crate) struct Options {
    /// The sources: a `.rye` file, or a folder with all its `.rye` files.
    #[arg(long, value_name = "PATH")]
    source: PathBuf,
    /// A folder with interfaces of the site's own actions, as `ryec build` was told.
    #[arg(long, value_name = "FOLDER")]
    interfaces: Option<PathBuf>,
    #[command(flatten)]
    sign: sign::Options,
}

/// Cosigns a bundle.
pub(crate) fn run(options: &Options) -> Exit {
    let sign = &options.sign;
    let signed = sign::open(&sign.file).and_then(|signable| {
        compare(options, &signable.payload)?;
        sign::sign(sign, &signable)
    });
    sign::finish(sign, signed)
}

/// That the sources make this bundle.
fn compare(options: &Options, payload: &Payload) -> Result<(), Failure> {
    let (path, interfaces) = (options.source.clone(), options.interfaces.clone());
    let workspace = workspace::read(&Place { path, interfaces })?;
    let rebuilt = build::payload(&workspace, &labels(&payload.manifest), options.sign.json)?;
    let differences = differences(payload, &rebuilt);
    if differences.is_empty() {
        return Ok(());
    }
    let what = format!(
        "{} is not what {} makes: {}",
        options.sign.file.display(),
        options.source.display(),
        differences.join("; ")
    );
    Err(Failure::refused(
        what,
        "check out the sources that it was built from, with the same `ryec`; if they are the \
         right ones, somebody changed the bundle: don't sign it",
    ))
}

/// What its builder said of a bundle. A mode that isn't the same for all playbooks was
/// not said by `ryec build`, and shows as a difference.
fn labels(manifest: &Manifest) -> Labels {
    let modes = manifest.entry_points.iter().map(|entry| entry.max_mode);
    Labels {
        name: manifest.name.clone(),
        version: manifest.version,
        display_version: manifest.display_version.clone(),
        rollback_floor: manifest.rollback_floor,
        audience: manifest.audience.clone(),
        created_at: manifest.created_at,
        not_before: manifest.not_before,
        expires_at: manifest.expires_at,
        max_mode: modes.max().unwrap_or(Mode::Enforce),
    }
}

/// In what two bundles differ, the likeliest reason first.
fn differences(bundle: &Payload, rebuilt: &Payload) -> Vec<String> {
    let (found, expected) = (&bundle.manifest, &rebuilt.manifest);
    let mut differences = Vec::new();
    let compilers =
        [found, expected].map(|it| format!("{} {}", it.compiler_name, it.compiler_version));
    if let [theirs, ours] = &compilers
        && theirs != ours
    {
        differences.push(format!("it was built by {theirs}, this is {ours}"));
    }
    if found.source_digest != expected.source_digest {
        let (theirs, ours) = (found.source_digest, expected.source_digest);
        differences.push(format!("its sources have the digest {theirs}, these have {ours}"));
    }
    for section in &bundle.sections {
        let word = SectionKind::from_code(section.kind).map_or("unknown", SectionKind::word);
        match rebuilt.section(section.kind) {
            Some(bytes) if *bytes == *section.bytes => {}
            Some(_) => differences.push(format!("the section `{word}` is another")),
            None => differences.push(format!("it has a section `{word}` more")),
        }
    }
    let missing = rebuilt.sections.iter().filter(|it| bundle.section(it.kind).is_none());
    differences.extend(missing.map(|section| {
        let word = SectionKind::from_code(section.kind).map_or("unknown", SectionKind::word);
        format!("it has no section `{word}`")
    }));
    if differences.is_empty() && bundle.manifest != rebuilt.manifest {
        differences.push(String::from("its manifest says something else of the same code"));
    }
    differences
}
