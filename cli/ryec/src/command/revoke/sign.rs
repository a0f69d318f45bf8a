//! `ryec revoke sign LIST --key KEY`: an owner puts their name to it.

use std::path::Path;

use rye_bundle::Refusal;
use rye_bundle::sign::sign_revocations;
use rye_signer::KeyOptions;
use serde_json::json;

use super::open;
use super::show::judge;
use crate::failure::{Failure, Reason};
use crate::file::{self, word};
use crate::{key, output};

pub(super) fn run(
    path: &Path,
    key: &KeyOptions,
    root: Option<&Path>,
    json: bool,
) -> Result<(), Failure> {
    let opened = open(path)?;
    let key = key.signer()?;
    let bytes = sign_revocations(&opened.bytes, &*key).map_err(|it| key::not_signed(path, &it))?;
    let key_id = key.public().id();
    let missing = match root {
        None => None,
        Some(root) => match judge(&bytes, root)? {
            None => Some(0),
            Some(Refusal::RevocationsThreshold { need: Some(need), have }) => {
                Some(need.saturating_sub(have))
            }
            Some(refusal) => return Err(Failure::of_reason(path, Reason::from(&refusal))),
        },
    };
    file::write_container(path, &bytes)?;
    if json {
        output::document(&json!({
            "list": path.display().to_string(),
            "digest": opened.list.digest().to_string(),
            "version": opened.list.version,
            "key_id": key_id.to_string(),
            "signers_missing": missing,
        }));
        return Ok(());
    }
    let next = match missing {
        None => format!("see who has to sign: ryec revoke show {} --trust ROOT", word(path)),
        Some(0) => format!("enough owners signed; next: `ryed … --revocations {}`", word(path)),
        Some(count) => format!("next: {count} more must sign"),
    };
    output::lines(&[
        format!("signed {} with key {key_id}", path.display()),
        format!("  digest  {}", opened.list.digest()),
        next,
    ]);
    Ok(())
}
