//! `ryec sign FILE --key KEY -o BUNDLE`: adds a signature to a bundle, after a look
//! at what it says of itself and at what its code can do.

use std::path::PathBuf;

use clap::Args;
use rye_bundle::Refusal;
use rye_bundle::archive::Archive;
use rye_bundle::manifest::Manifest;
use rye_bundle::name::EnvironmentId;
use rye_bundle::payload::{Payload, payload_digest};
use rye_bundle::sign::{self, SignError};
use rye_bundle::trust::TrustRoot;
use rye_core::digest::Digest;
use rye_core::id::KeyId;
use serde_json::json;

use crate::failure::{Failure, Reason};
use crate::{Exit, file, key, output, proof};

/// How it is called.
#[derive(Args, Debug)]
pub(crate) struct Options {
    /// The bundle, signed by others or by nobody yet.
    file: PathBuf,
    /// Your secret key.
    #[arg(long, value_name = "KEY")]
    key: PathBuf,
    /// Where the signed bundle goes; it may be the same file.
    #[arg(short = 'o', long = "out", value_name = "BUNDLE")]
    out: PathBuf,
    /// One JSON document on standard output, and nothing else.
    #[arg(long)]
    json: bool,
}

/// What was signed.
struct Signed {
    digest: Digest,
    manifest: Manifest,
    by: KeyId,
    signers: Vec<KeyId>,
}

/// Signs a bundle.
pub(crate) fn run(options: &Options) -> Exit {
    match sign(options) {
        Ok(signed) => {
            say(options, &signed);
            Exit::Done
        }
        Err(failure) => output::failure(&failure, options.json),
    }
}

fn sign(options: &Options) -> Result<Signed, Failure> {
    let unusable = |reason: Reason| Failure::unusable(&options.file, reason);
    let refused = |refusal: Refusal| unusable(Reason::from(&refusal));
    let bytes = file::read_container(&options.file)?;
    let archive = Archive::decode(&bytes).map_err(refused)?;
    if TrustRoot::decode(archive.payload()).is_ok() {
        let help = "`ryec trust sign ROOT --key KEY` signs it";
        return Err(Failure::call(format!("{} is a trust root", options.file.display()), help));
    }
    let payload = Payload::decode(archive.payload()).map_err(refused)?;
    // Nobody signs what no daemon would run.
    payload.check_kinds(&proof::section_kinds()).map_err(refused)?;
    let proved = proof::prove(&payload).map_err(unusable)?;
    let (declared, proved) = (payload.manifest.impact(), proof::impact(&proved));
    if proved > declared {
        return Err(refused(Refusal::Impact { declared, proved }));
    }
    let key = key::secret(&options.key)?;
    let signed = sign::sign_bundle(&bytes, &key).map_err(|error| match error {
        SignError::Refused(refusal) => refused(refusal),
        SignError::NoRootSigner(_) | SignError::Fault(_) => Failure::input(
            format!("{} can't be signed: {error}", options.file.display()),
            "sign on another machine, and don't trust this one",
        ),
    })?;
    file::write_container(&options.out, &signed)?;
    let written = Archive::decode(&signed).map_err(refused)?;
    Ok(Signed {
        digest: payload_digest(written.payload()),
        manifest: payload.manifest,
        by: key.public().id(),
        signers: written.signatures().iter().map(|record| record.key_id).collect(),
    })
}

fn say(options: &Options, signed: &Signed) {
    let Signed { digest, manifest, by, signers } = signed;
    let out = options.out.display();
    if options.json {
        output::document(&json!({
            "bundle": out.to_string(),
            "digest": digest.to_string(),
            "name": manifest.name.as_str(),
            "version": manifest.version,
            "impact": manifest.impact().name(),
            "key_id": by.to_string(),
            "signatures": signers.iter().map(ToString::to_string).collect::<Vec<_>>(),
        }));
        return;
    }
    let audience: Vec<&str> = manifest.audience.iter().map(EnvironmentId::as_str).collect();
    let mut lines = vec![
        format!("signed {out} with key {by}"),
        format!("  digest      {digest}"),
        format!("  bundle      {} version {}", manifest.name, manifest.version),
        format!("  for         {}, until {}", audience.join(", "), manifest.expires_at),
        format!("  impact      {} at worst", manifest.impact()),
    ];
    lines.extend(signers.iter().map(|signer| format!("  signature   {signer}")));
    output::lines(&lines);
}
