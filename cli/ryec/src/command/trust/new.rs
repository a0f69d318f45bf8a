//! `ryec trust new FILE -o ROOT`: a description becomes a trust root to be signed.

use std::path::Path;

use rye_bundle::name::OwnerId;
use rye_bundle::trust::{TrustRoot, Usage};
use serde_json::json;

use super::diff::to_lines;
use super::open;
use super::sign::owners_of_root;
use crate::failure::{Failure, Reason};
use crate::file::{self, word};
use crate::{clock, output, trust_file};

pub(super) fn run(
    description: &Path,
    out: &Path,
    after: Option<&Path>,
    force: bool,
    json: bool,
) -> Result<(), Failure> {
    let root = trust_file::load(description, clock::now())?;
    let bytes = root
        .unsigned_file()
        .map_err(|refusal| Failure::unusable(description, Reason::from(&refusal)))?;
    let present = after.map(open).transpose()?.map(|opened| opened.root);
    if let Some(present) = &present {
        check_follows(description, present, &root)?;
    }
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
    if let Some(present) = &present {
        output::lines(&to_lines(present, &root));
    }
    let option = after.map_or_else(String::new, |after| format!(" --after {}", word(after)));
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
        format!("  and then signs:   ryec trust sign {}{option} --key KEY", word(out)),
    ]);
    if let Some(present) = &present {
        let need = present.signer_roles(Usage::Root).next().map_or(0, |role| role.threshold);
        let owners = owners_of_root(present);
        let owners: Vec<&str> = owners.iter().map(OwnerId::as_str).collect();
        output::lines(&[format!(
            "and {need} of those of version {}: {}",
            present.version(),
            owners.join(", ")
        )]);
    }
    Ok(())
}

/// A daemon takes nothing but the next version, for the same environment.
fn check_follows(path: &Path, present: &TrustRoot, root: &TrustRoot) -> Result<(), Failure> {
    let next = present.version().saturating_add(1);
    if root.version() != next {
        let what = format!(
            "{}: `version`: expected {next}, one more than the present one, found {}",
            path.display(),
            root.version()
        );
        return Err(Failure::input(what, format!("write `version = {next}`")));
    }
    if root.environment() != present.environment() {
        let what = format!(
            "{}: `environment`: expected `{}`, as before, found `{}`",
            path.display(),
            present.environment(),
            root.environment()
        );
        return Err(Failure::input(what, "another environment has a trust root of its own"));
    }
    Ok(())
}
