//! `ryec build PATH -o FILE`: sources to a bundle that nobody has signed yet.
//!
//! The same sources, options and `--created-at` give the same bytes, wherever they
//! lie.

use std::path::PathBuf;

use clap::Args;
use rye_bundle::name::{BundleName, EnvironmentId, Label};
use rye_bundle::payload::{Payload, Section, payload_digest};
use rye_bundle::sign::unsigned_bundle;
use rye_bundle::time::UnixSeconds;
use rye_core::limit::BUNDLE_LIFETIME_SECONDS_MAX;
use rye_core::mode::Mode;
use rye_core::value::{Duration, Time};
use serde_json::json;

use crate::failure::{Failure, Reason};
use crate::manifest::{Labels, manifest};
use crate::package::Package;
use crate::workspace::{self, Place, Workspace};
use crate::{Exit, clock, file, output};

/// How it is called.
#[derive(Args, Debug)]
pub(crate) struct Options {
    #[command(flatten)]
    place: Place,
    /// Where the bundle goes.
    #[arg(short = 'o', long = "out", value_name = "FILE")]
    out: PathBuf,
    /// What the bundle is called: `a-z 0-9 . _ / -` [default: as `rye.toml` says, or the name
    /// of the file or folder]
    #[arg(long)]
    name: Option<BundleName>,
    /// Counts up from 1. A daemon that has loaded a version takes none below it [default: as
    /// `rye.toml` says, or 1]
    #[arg(long, value_name = "N")]
    version: Option<u64>,
    /// The version as people call it, such as `1.4.0` [default: as `rye.toml` says, or the number]
    #[arg(long, value_name = "TEXT")]
    display_version: Option<Label>,
    /// Versions below this one may never be loaded again.
    #[arg(long, value_name = "N", default_value_t = 0)]
    rollback_floor: u64,
    /// The environments that it is meant for, separated by commas.
    #[arg(long, value_name = "NAME", value_delimiter = ',', default_value = "production")]
    audience: Vec<EnvironmentId>,
    /// When it was built, as 2026-03-01T09:30:00Z, for builds that can be repeated [default: now]
    #[arg(long, value_name = "TIME", value_parser = time)]
    created_at: Option<UnixSeconds>,
    /// From when on it may be loaded [default: when it was built]
    #[arg(long, value_name = "TIME", value_parser = time)]
    not_before: Option<UnixSeconds>,
    /// How long it may be loaded, from when it was built.
    #[arg(long, value_name = "DURATION", default_value = "90d", value_parser = seconds)]
    expires_in: u64,
    /// The most real mode that its playbooks may run in: shadow, monitor, enforce.
    #[arg(long, value_name = "MODE", default_value = "enforce", value_parser = mode)]
    max_mode: Mode,
    /// One JSON document on standard output, and nothing else.
    #[arg(long)]
    json: bool,
}

/// Builds the bundle.
pub(crate) fn run(options: &Options) -> Exit {
    match build(options) {
        Ok(payload) => {
            say(options, &payload);
            Exit::Done
        }
        Err(failure) => output::failure(&failure, options.json),
    }
}

fn build(options: &Options) -> Result<Payload, Failure> {
    let workspace = workspace::read(&options.place)?;
    let labels = labels(options, workspace.package())?;
    let payload = payload(&workspace, &labels, options.json)?;
    let bundle = unsigned_bundle(&payload)
        .map_err(|refusal| Failure::unusable(&options.out, Reason::from(&refusal)))?;
    file::write_container(&options.out, &bundle)?;
    Ok(payload)
}

/// What sources are as a bundle: a function of them and of what their builder says, and
/// of nothing else.
pub(super) fn payload(
    workspace: &Workspace,
    labels: &Labels,
    quiet: bool,
) -> Result<Payload, Failure> {
    let compiled = workspace::compile(workspace, quiet)?;
    if compiled.module.playbooks.is_empty() {
        let help = "write a `playbook`: functions and types alone can't be run";
        return Err(Failure::input("the sources have no playbook", help));
    }
    let facts = rye_bytecode::facts(&compiled.module);
    let manifest = manifest(&facts, compiled.source_digest, labels)?;
    let sections = rye_bytecode::encode(&compiled.module).map_err(|error| {
        Failure::input(format!("the code has no encoding: {error}"), "report this as a mistake")
    })?;
    let sections = sections.into_iter().map(|(kind, bytes)| Section { kind, bytes }).collect();
    Ok(Payload { manifest, sections })
}

/// What the bundle says about itself, with the defaults that the call leaves out.
fn labels(options: &Options, package: Option<&Package>) -> Result<Labels, Failure> {
    let version = options.version.or(package.map(|package| package.version)).unwrap_or(1);
    let created_at = options.created_at.unwrap_or_else(clock::now);
    let mut audience = options.audience.clone();
    audience.sort();
    audience.dedup();
    // What `rye.toml` calls its version is not what another number is called.
    let own = package.filter(|package| package.version == version);
    let called = || own.and_then(|package| package.display_version.clone());
    let display_version = match options.display_version.clone().or_else(called) {
        Some(called) => called,
        None => Label::new(&version.to_string())
            .map_err(|flaw| Failure::call(format!("the version: {flaw}"), "a shorter number"))?,
    };
    let name = options.name.clone().or_else(|| package.map(|package| package.name.clone()));
    Ok(Labels {
        name: name.map_or_else(|| default_name(options), Ok)?,
        version,
        display_version,
        rollback_floor: options.rollback_floor,
        audience,
        created_at,
        not_before: options.not_before.unwrap_or(created_at),
        expires_at: created_at.saturating_add(options.expires_in),
        max_mode: options.max_mode,
    })
}

/// The name of the file without its ending, or of the folder.
fn default_name(options: &Options) -> Result<BundleName, Failure> {
    let whole = options.place.path.canonicalize().unwrap_or_else(|_| options.place.path.clone());
    let name = whole.file_stem().and_then(|name| name.to_str()).unwrap_or_default();
    BundleName::new(&name.to_ascii_lowercase()).map_err(|flaw| {
        let what = format!("a bundle can't be called like that path: {flaw}");
        Failure::call(what, "say how: `--name contain_scanner`")
    })
}

fn say(options: &Options, payload: &Payload) {
    let manifest = &payload.manifest;
    // It was encoded just now.
    let digest = payload_digest(&payload.encode().unwrap_or_default());
    let path = file::word(&options.out);
    if options.json {
        output::document(&json!({
            "file": options.out.display().to_string(),
            "name": manifest.name.as_str(),
            "version": manifest.version,
            "digest": digest.to_string(),
            "expires_at": manifest.expires_at.to_string(),
        }));
        return;
    }
    let audience: Vec<&str> = manifest.audience.iter().map(EnvironmentId::as_str).collect();
    output::lines(&[
        format!("bundle   {}, version {}", manifest.name, manifest.version),
        format!("digest   {digest}"),
        format!("for      {}, until {}", audience.join(", "), manifest.expires_at),
        format!("file     {path}  (nobody has signed it yet)"),
        format!("look     ryec inspect {path}"),
        format!("sign     ryec sign {path} --key KEY -o BUNDLE"),
    ]);
}

pub(crate) fn time(text: &str) -> Result<UnixSeconds, String> {
    let time = Time::parse(text).ok_or("a time is written `2026-03-01T09:30:00Z`")?;
    Ok(UnixSeconds::from(time))
}

fn seconds(text: &str) -> Result<u64, String> {
    let duration = Duration::parse(text).filter(|duration| duration.0 > 0);
    let duration = duration.ok_or("a duration is written `90d` or `12h`")?;
    let seconds = duration.to_std().as_secs().max(1);
    if seconds > BUNDLE_LIFETIME_SECONDS_MAX {
        let days = BUNDLE_LIFETIME_SECONDS_MAX / 86_400;
        return Err(format!("no daemon loads a bundle that lives for more than {days}d"));
    }
    Ok(seconds)
}

fn mode(text: &str) -> Result<Mode, String> {
    Mode::from_name(text).ok_or_else(|| String::from("one of `shadow`, `monitor`, `enforce`"))
}
