//! `ryec trust new FILE -o ROOT`: a description becomes a trust root to be signed.

use std::path::Path;

use rye_bundle::name::OwnerId;
use rye_bundle::trust::Usage;
use serde_json::json;

use super::sign::owners_of_root;
use crate::failure::{Failure, Reason};
use crate::file::{self, word};
use crate::{clock, output, trust_file};

pub(super) fn run(description: &Path, out: &Path, force: bool, json: bool) -> Result<(), Failure> {
    let root = trust_file::load(description, clock::now())?;
    let bytes = root
        .unsigned_file()
        .map_err(|refusal| Failure::unusable(description, Reason::from(&refusal)))?;
    if !force && out.symlink_metadata().is_ok() {
        return Err(Failure::call(
            format!("{} exists already", out.display()),
            "name another file, or replace it, with its signatures, with `--force`",
        ));
    }
    file::write_container(out, &bytes)?;
    let digest = root.digest();
    let need = root.signer_roles(Usage::Root).next().map_or(0, |role| role.threshold);
    let owners = owners_of_root(&root);
    let owners: Vec<&str> = owners.iter().map(OwnerId::as_str).collect();
    if json {
        output::document(&json!({
            "root": out.display().to_string(),
            "digest": digest.to_string(),
            "environment": root.environment().as_str(),
            "version": root.version(),
            "expires_at": root.expires_at().to_string(),
            "signers_needed": need,
            "may_sign": owners,
        }));
        return Ok(());
    }
    output::lines(&[
        format!(
            "trust root {} of {} in {}, until {}",
            root.version(),
            root.environment(),
            out.display(),
            root.expires_at()
        ),
        format!("  digest  {digest}"),
        format!("next: {need} of these owners sign it: {}", owners.join(", ")),
        format!("  each reads it:    ryec trust show {}", word(out)),
        format!("  and then signs:   ryec trust sign {} --key KEY", word(out)),
    ]);
    Ok(())
}
