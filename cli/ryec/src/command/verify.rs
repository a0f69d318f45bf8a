//! `ryec verify BUNDLE --trust ROOT --pin DIGEST`: whether a daemon would load a
//! bundle. The steps are the loader's, in its order, with its codes; what only a
//! daemon knows (what it loaded before, its adapters) is not looked at, and said.

use std::path::{Path, PathBuf};

use clap::Args;
use rye_bundle::known::KnownVersions;
use rye_bundle::name::EnvironmentId;
use rye_bundle::time::UnixSeconds;
use rye_bundle::trust::{PinnedDigest, Trust};
use rye_bundle::verify::{self, Conditions, Purpose};
use rye_bundle::{Authorised, Bundle, Refusal};
use rye_core::digest::Digest;
use rye_core::value::Time;
use serde_json::{Value, json};

use crate::failure::{Failure, Reason};
use crate::{Exit, clock, file, output, proof};

/// How it is called.
#[derive(Args, Debug)]
pub(crate) struct Options {
    /// The bundle.
    bundle: PathBuf,
    /// The trust root that is pinned; said again, each of those that followed it.
    #[arg(long, value_name = "ROOT", required = true)]
    trust: Vec<PathBuf>,
    /// The revocation list, where the trust root asks for one.
    #[arg(long, value_name = "LIST")]
    revocations: Option<PathBuf>,
    /// The digest of the trust root that people agreed on, as the site file has it.
    #[arg(long, value_name = "DIGEST")]
    pin: Option<String>,
    /// The environment that the trust root must be for, as the site file has it.
    #[arg(long, value_name = "ID")]
    environment: Option<String>,
    /// As if it were that time, such as `2026-11-20T09:00:00Z`; else now.
    #[arg(long, value_name = "TIME")]
    as_of: Option<String>,
    /// One JSON document on standard output, and nothing else.
    #[arg(long)]
    json: bool,
}

/// A bundle that a daemon would load.
struct Loadable {
    bundle: Bundle<Authorised>,
    trust: Trust,
    now: UnixSeconds,
}

/// Verifies a bundle.
pub(crate) fn run(options: &Options) -> Exit {
    match verify(options) {
        Ok(loadable) => {
            if options.json {
                output::document(&loadable.to_json());
            } else {
                output::lines(&loadable.to_lines());
            }
            Exit::Done
        }
        Err(failure) => output::failure(&failure, options.json),
    }
}

fn verify(options: &Options) -> Result<Loadable, Failure> {
    let pin = pin(options)?;
    let environment = environment(options)?;
    let now = as_of(options)?;
    let mut trust = trust(options, pin, now)?;
    check_environment(options, &trust, environment.as_ref())?;
    if let Some(path) = &options.revocations {
        let list = file::read_container(path)?;
        trust
            .take_revocations(&list, now)
            .map_err(|refusal| Failure::of_reason(path, Reason::from(&refusal)))?;
    }
    let bytes = file::read_container(&options.bundle)?;
    let bundle =
        load(&bytes, &trust, now).map_err(|reason| Failure::of_reason(&options.bundle, reason))?;
    Ok(Loadable { bundle, trust, now })
}

/// The last trust root of the chain that begins with the pinned one.
fn trust(options: &Options, pin: PinnedDigest, now: UnixSeconds) -> Result<Trust, Failure> {
    let files: Result<Vec<Vec<u8>>, Failure> =
        options.trust.iter().map(|path| file::read_container(path)).collect();
    Trust::of_files(pin, &files?, now).map_err(|(index, refusal)| {
        let path = options.trust.get(index).map_or(Path::new(""), PathBuf::as_path);
        Failure::of_reason(path, Reason::from(&refusal))
    })
}

/// Steps 1 to 15, as far as they are the same at every site.
fn load(bytes: &[u8], trust: &Trust, now: UnixSeconds) -> Result<Bundle<Authorised>, Reason> {
    let refused = |refusal: Refusal| Reason::from(&refusal);
    let bundle = verify::open(bytes).map_err(refused)?;
    let conditions = Conditions {
        now,
        latest_seen: UnixSeconds::default(),
        supported: &proof::supported(),
        section_kinds: &proof::section_kinds(),
        known: &KnownVersions::new(),
        purpose: Purpose::Load,
    };
    let bundle = bundle.authenticate(trust, &conditions).map_err(refused)?;
    let proved = proof::prove(bundle.payload())?;
    bundle.check_claims(&proved).map_err(refused)?;
    proof::check_limits(bundle.manifest())?;
    bundle.check_threshold(proof::impact(&proved)).map_err(refused)
}

fn pin(options: &Options) -> Result<PinnedDigest, Failure> {
    let help = "copy `trust_root_digest` from the site file, or ask those who made the trust \
                root: `ryec trust pin ROOT` shows it to them";
    let text = options.pin.as_deref().ok_or_else(|| {
        Failure::call(
            "`--pin DIGEST` is missing: without it any trust root could be slipped in",
            help,
        )
    })?;
    let digest = Digest::from_hex(text).ok_or_else(|| {
        let count = text.chars().count();
        let what = format!("`--pin`: expected 64 hexadecimal digits, found {count} characters");
        Failure::call(what, help)
    })?;
    Ok(PinnedDigest::new(digest))
}

fn environment(options: &Options) -> Result<Option<EnvironmentId>, Failure> {
    let Some(text) = &options.environment else { return Ok(None) };
    let environment = EnvironmentId::new(text).map_err(|flaw| {
        let help = "write it as in the site file, such as `production`";
        Failure::call(format!("`--environment`: {flaw}"), help)
    })?;
    Ok(Some(environment))
}

fn as_of(options: &Options) -> Result<UnixSeconds, Failure> {
    let Some(text) = &options.as_of else { return Ok(clock::now()) };
    let time = Time::parse(text).ok_or_else(|| {
        let what = format!("`--as-of`: expected an instant, found `{text}`");
        Failure::call(what, "write it with an offset, such as `2026-11-20T09:00:00Z`")
    })?;
    Ok(UnixSeconds::from(time))
}

/// What a daemon asks when it starts: is the trust root that of its environment?
fn check_environment(
    options: &Options,
    trust: &Trust,
    wanted: Option<&EnvironmentId>,
) -> Result<(), Failure> {
    let found = trust.root().environment();
    match wanted {
        Some(wanted) if wanted != found => Err(Failure::refused(
            format!(
                "{} is the trust root of `{found}`, not of `{wanted}`",
                options
                    .trust
                    .iter()
                    .map(|path| path.display().to_string())
                    .collect::<Vec<_>>()
                    .join(", ")
            ),
            "name the trust root of that environment, and its digest",
        )),
        _ => Ok(()),
    }
}

impl Loadable {
    fn to_lines(&self) -> Vec<String> {
        let Self { bundle, trust, now } = self;
        let manifest = bundle.manifest();
        let environment = trust.root().environment();
        let mut lines = vec![
            format!("a daemon of `{environment}` may load it"),
            format!("  digest    {}", bundle.digest()),
            format!("  bundle    {} version {}", manifest.name, manifest.version),
            format!("  valid     from {} until {}", manifest.not_before, manifest.expires_at),
            format!("  looked    as of {now}"),
            format!("  impact    {} at worst, proved from its code", bundle.impact()),
        ];
        let signers = bundle.signers().iter();
        lines.extend(
            signers.map(|it| format!("  signed    by {} with key {}", it.owner, it.key_id)),
        );
        lines.push(String::from(
            "not looked at: what the daemon loaded before, its adapters and its site file",
        ));
        lines
    }

    fn to_json(&self) -> Value {
        let Self { bundle, trust, now } = self;
        let manifest = bundle.manifest();
        let signers: Vec<Value> = bundle
            .signers()
            .iter()
            .map(|it| json!({ "owner": it.owner.as_str(), "key_id": it.key_id.to_string() }))
            .collect();
        json!({
            "ok": true,
            "digest": bundle.digest().to_string(),
            "name": manifest.name.as_str(),
            "version": manifest.version,
            "environment": trust.root().environment().as_str(),
            "not_before": manifest.not_before.to_string(),
            "expires_at": manifest.expires_at.to_string(),
            "as_of": now.to_string(),
            "impact": bundle.impact().name(),
            "trust_root_version": trust.root().version(),
            "revocations_version": trust.revocations().map(|list| list.version),
            "signers": signers,
        })
    }
}
