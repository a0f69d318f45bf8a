//! `ryec trust pin ROOT`: the line of the site file that makes a daemon believe.

use std::path::Path;

use rye_bundle::trust::{AcceptedRoot, PinnedDigest};
use serde_json::json;

use super::open;
use crate::failure::{Failure, Reason};
use crate::output;

/// A digest proves nothing about the file that it was just computed from.
const WARNING: &str = "warning: this digest was computed from this file, so it says nothing about \
                       who made it\nhelp: before you pin it, compare it by voice or in person with \
                       two owners of root keys";

pub(super) fn run(path: &Path, json: bool) -> Result<(), Failure> {
    let opened = open(path)?;
    let digest = opened.root.digest();
    AcceptedRoot::accept(&opened.bytes, PinnedDigest::new(digest))
        .map_err(|refusal| Failure::of_reason(path, Reason::from(&refusal)))?;
    if json {
        output::document(&json!({ "trust_root_digest": digest.to_string(), "warning": WARNING }));
        return Ok(());
    }
    output::result(&format!("trust_root_digest = \"{digest}\"\n"));
    output::complaint(WARNING);
    Ok(())
}
