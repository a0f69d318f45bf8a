//! `ryec sign FILE --key KEY -o BUNDLE`: adds a signature to a bundle, after a look
//! at what it says of itself and at what its code can do. `ryec cosign` looks at its
//! sources before.

use std::path::{Path, PathBuf};

use clap::Args;
use rye_bundle::Refusal;
use rye_bundle::archive::Archive;
use rye_bundle::manifest::Manifest;
use rye_bundle::name::EnvironmentId;
use rye_bundle::payload::{Payload, payload_digest};
use rye_bundle::revocation::Revocations;
use rye_bundle::sign;
use rye_bundle::trust::TrustRoot;
use rye_core::digest::Digest;
use rye_core::id::KeyId;
use rye_signer::KeyOptions;
use serde_json::json;

use crate::failure::{Failure, Reason};
use crate::{Exit, file, key, output, proof};

/// How it is called.
#[derive(Args, Debug)]
pub(crate) struct Options {
    /// The bundle, signed by others or by nobody yet.
    pub(super) file: PathBuf,
    #[command(flatten)]
    pub(super) key: KeyOptions,
    /// Where the signed bundle goes; it may be the same file.
    #[arg(short = 'o', long = "out", value_name = "BUNDLE")]
    pub(super) out: PathBuf,
    /// One JSON document on standard output, and nothing else.
    #[arg(long)]
    pub(super) json: bool,
}

/// A bundle that somebody may sign.
pub(super) struct Signable {
    pub(super) bytes: Vec<u8>,
    pub(super) payload: Payload,
}

/// What was signed.
pub(super) struct Signed {
    digest: Digest,
    manifest: Manifest,
    by: KeyId,
    signers: Vec<KeyId>,
}

/// Signs a bundle.
pub(crate) fn run(options: &Options) -> Exit {
    finish(options, open(&options.file).and_then(|signable| sign(options, &signable)))
}

/// Says what was signed, or why nothing was.
pub(super) fn finish(options: &Options, signed: Result<Signed, Failure>) -> Exit {
    match signed {
        Ok(signed) => {
            say(options, &signed);
            Exit::Done
        }
        Err(failure) => output::failure(&failure, options.json),
    }
}

/// The bundle in the file at `path`: nobody signs what no daemon would run.
pub(super) fn open(path: &Path) -> Result<Signable, Failure> {
    let unusable = |reason: Reason| Failure::unusable(path, reason);
    let refused = |refusal: Refusal| unusable(Reason::from(&refusal));
    let bytes = file::read_container(path)?;
    let archive = Archive::decode(&bytes).map_err(refused)?;
    if TrustRoot::decode(archive.payload()).is_ok() {
        let help = "`ryec trust sign ROOT --key KEY` signs it";
        return Err(Failure::call(format!("{} is a trust root", path.display()), help));
    }
    if Revocations::decode(archive.payload()).is_ok() {
        let help = "`ryec revoke sign LIST --key KEY` signs it";
        return Err(Failure::call(format!("{} is a revocation list", path.display()), help));
    }
    let payload = Payload::decode(archive.payload()).map_err(refused)?;
    payload.check_kinds(&proof::section_kinds()).map_err(refused)?;
    let proved = proof::prove(&payload).map_err(unusable)?;
    let (declared, proved) = (payload.manifest.impact(), proof::impact(&proved));
    if proved > declared {
        return Err(refused(Refusal::Impact { declared, proved }));
    }
    Ok(Signable { bytes, payload })
}

/// Signs, writes, and reads back what was written.
pub(super) fn sign(options: &Options, signable: &Signable) -> Result<Signed, Failure> {
    let key = options.key.signer()?;
    let signed = sign::sign_bundle(&signable.bytes, &*key)
        .map_err(|error| key::not_signed(&options.file, &error))?;
    file::write_container(&options.out, &signed)?;
    let written = file::read_container(&options.out)?;
    let refused = |refusal: Refusal| Failure::unusable(&options.out, Reason::from(&refusal));
    let written = Archive::decode(&written).map_err(refused)?;
    Ok(Signed {
        digest: payload_digest(written.payload()),
        manifest: signable.payload.manifest.clone(),
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
