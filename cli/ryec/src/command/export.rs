//! `ryec export --dsse FILE`: what was signed, as a DSSE envelope in JSON, so that
//! tools that know nothing of Rye can verify the same signatures.

use std::path::PathBuf;

use clap::Args;
use rye_bundle::archive::Archive;
use rye_bundle::envelope::ObjectKind;
use rye_bundle::payload::Payload;
use rye_bundle::revocation::Revocations;
use rye_bundle::trust::TrustRoot;
use rye_core::base64;
use serde_json::{Value, json};

use crate::failure::{Failure, Reason};
use crate::{Exit, file, output};

/// How it is called.
#[derive(Args, Debug)]
pub(crate) struct Options {
    /// A bundle, a trust root or a revocation list.
    file: PathBuf,
    /// As a DSSE envelope, the only form there is.
    #[arg(long, required = true)]
    dsse: bool,
    /// It is JSON with and without this.
    #[arg(long)]
    json: bool,
}

/// Prints the envelope.
pub(crate) fn run(options: &Options) -> Exit {
    match envelope(options) {
        Ok(envelope) => {
            output::document(&envelope);
            Exit::Done
        }
        Err(failure) => output::failure(&failure, options.json),
    }
}

fn envelope(options: &Options) -> Result<Value, Failure> {
    let path = &options.file;
    let unusable = |refusal| Failure::unusable(path, Reason::from(&refusal));
    let bytes = file::read_container(path)?;
    let archive = Archive::decode(&bytes).map_err(unusable)?;
    let payload = archive.payload();
    let kind = if TrustRoot::decode(payload).is_ok() {
        ObjectKind::TRUST_ROOT
    } else if Revocations::decode(payload).is_ok() {
        ObjectKind::REVOCATIONS
    } else {
        Payload::decode(payload).map_err(unusable)?;
        ObjectKind::BUNDLE
    };
    let signatures: Vec<Value> = archive
        .signatures()
        .iter()
        .map(|record| {
            let signature = base64::encode(&record.signature.0);
            json!({ "keyid": record.key_id.to_string(), "sig": signature })
        })
        .collect();
    if signatures.is_empty() {
        let help = "sign it first: an envelope carries at least one signature";
        return Err(Failure::input(format!("nobody has signed {}", path.display()), help));
    }
    Ok(json!({
        "payloadType": kind.payload_type().name(),
        "payload": base64::encode(&kind.statement(payload)),
        "signatures": signatures,
    }))
}
