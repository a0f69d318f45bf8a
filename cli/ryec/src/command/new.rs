//! `ryec new NAME`: a folder with a playbook that checks, a page about it and a
//! sample of its input, to be changed into what is wanted.

use std::fs;
use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use crate::failure::Failure;
use crate::file::{self, Readers};
use crate::{Exit, output};

/// The files: their names and texts, with `{{name}}` where the playbook's name stands.
const FILES: [(&str, &str); 4] = [
    ("rye.toml", include_str!("../../template/rye.toml")),
    ("{{name}}.rye", include_str!("../../template/playbook.rye")),
    ("README.md", include_str!("../../template/README.md")),
    ("input.json", include_str!("../../template/input.json")),
];

/// The longest name: it is a playbook's, which a manifest must be able to say.
const NAME_BYTES_MAX: usize = rye_bundle::name::EntryPointName::BYTES_MAX;

/// How it is called.
#[derive(Args, Debug)]
pub(crate) struct Options {
    /// What the playbook and its folder are called: `a-z`, `0-9` and `_`.
    name: String,
    /// Where the folder goes [default: here]
    #[arg(long = "in", value_name = "FOLDER")]
    folder: Option<PathBuf>,
    /// One JSON document on standard output, and nothing else.
    #[arg(long)]
    json: bool,
}

/// Makes the folder.
pub(crate) fn run(options: &Options) -> Exit {
    match make(options) {
        Ok(folder) if options.json => {
            let files = FILES.map(|(path, _)| path.replace("{{name}}", &options.name));
            let folder = folder.display().to_string();
            output::document(&json!({ "folder": folder, "files": files }));
            Exit::Done
        }
        Ok(folder) => {
            let word = file::word(&folder);
            output::lines(&[
                format!("made    {word}: a playbook that blocks an address for an hour"),
                format!("check   ryec check {word}"),
                format!("read    {word}/README.md"),
            ]);
            Exit::Done
        }
        Err(failure) => output::failure(&failure, options.json),
    }
}

/// Makes the folder and all its files; where it is.
fn make(options: &Options) -> Result<PathBuf, Failure> {
    let name = &options.name;
    let letters = name.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_'));
    let begins = name.bytes().next().is_some_and(|byte| byte.is_ascii_lowercase());
    if !letters || !begins || name.len() > NAME_BYTES_MAX {
        let what = format!("no playbook can be called `{name}`");
        let help = "use `a-z`, `0-9` and `_`, a letter first: `ryec new block_scanner`";
        return Err(Failure::call(what, help));
    }
    let folder = match &options.folder {
        Some(folder) => folder.join(name),
        None => PathBuf::from(name),
    };
    fs::create_dir(&folder).map_err(|error| {
        let what = format!("the folder {} can't be made: {error}", folder.display());
        Failure::call(what, "choose another name, or another place with `--in FOLDER`")
    })?;
    for (path, text) in FILES {
        let path = folder.join(path.replace("{{name}}", name));
        let text = text.replace("{{name}}", name);
        file::create(&path, text.as_bytes(), Readers::Everybody)?;
    }
    Ok(folder)
}
