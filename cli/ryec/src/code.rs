//! Proved code, from wherever the caller has it: sources, which are compiled, or a bundle,
//! signed or not, whose code is proved again.

use std::path::PathBuf;

use clap::Args;
use rye_bytecode::Verified;
use rye_bytecode::module::Module;
use rye_core::digest::Digest;

use crate::failure::Failure;
use crate::workspace::{self, Place};
use crate::{file, opened, proof};

/// Where the code is, as the caller says it.
#[derive(Args, Clone, Debug)]
pub(crate) struct Origin {
    /// A bundle, a `.rye` file, or a folder with all its `.rye` files.
    pub(crate) path: PathBuf,
    /// A folder with interfaces of the site's own actions, besides the folder
    /// `interfaces` beside the sources and those that `rye.toml` names.
    #[arg(long, value_name = "FOLDER")]
    pub(crate) interfaces: Option<PathBuf>,
}

/// Code, and what it is known by.
#[derive(Clone, Debug)]
pub(crate) struct Code {
    /// That of the bundle, or of the sources.
    pub(crate) digest: Digest,
    pub(crate) module: Verified<Module>,
}

/// The code at a place. Diagnostics are printed, unless the output is for programs.
pub(crate) fn load(origin: &Origin, quiet: bool) -> Result<Code, Failure> {
    let path = &origin.path;
    if path.is_file() && file::begins_as_container(path)? {
        let opened = opened::open(path)?;
        let module =
            proof::verified(&opened.payload).map_err(|reason| Failure::unusable(path, reason))?;
        return Ok(Code { digest: opened.digest, module });
    }
    let place = Place { path: path.clone(), interfaces: origin.interfaces.clone() };
    let compiled = workspace::compile(&workspace::read(&place)?, quiet)?;
    Ok(Code { digest: compiled.source_digest, module: compiled.module })
}

/// The index of the playbook that is meant; of the only one, if none is named.
pub(crate) fn playbook(module: &Module, wanted: Option<&str>) -> Result<usize, Failure> {
    let names: Vec<&str> = module.playbooks.iter().map(|playbook| &*playbook.name).collect();
    chosen(&names, wanted)
}

/// As [`playbook`], of playbooks with these names.
pub(crate) fn chosen(names: &[&str], wanted: Option<&str>) -> Result<usize, Failure> {
    let index = match (wanted, names) {
        (Some(wanted), names) => names.iter().position(|name| *name == wanted),
        (None, [_]) => Some(0),
        (None, _) => None,
    };
    index.ok_or_else(|| {
        let what = match wanted {
            Some(wanted) => format!("there is no playbook `{wanted}`"),
            None => format!("there are {} playbooks", names.len()),
        };
        let help = if names.is_empty() {
            String::from("write a `playbook`")
        } else {
            format!("say which one: `--playbook {}`", names.join("`, `--playbook "))
        };
        Failure::call(what, help)
    })
}
