//! `ryec trust …`: the life of a trust root, from the description that people write
//! to the digest that they pin. One file per subcommand.

mod diff;
mod new;
mod pin;
mod show;
mod sign;
mod template;

use std::path::{Path, PathBuf};

use clap::Subcommand;
use rye_bundle::archive::Archive;
use rye_bundle::payload::Payload;
use rye_bundle::trust::TrustRoot;
use rye_signer::KeyOptions;

use crate::failure::{Failure, Reason};
use crate::{Exit, file, output};

/// How it is called.
#[derive(Subcommand, Debug)]
pub(crate) enum Command {
    /// Print a description of a trust root, with comments, to be filled in.
    Template {
        /// One JSON document on standard output, and nothing else.
        #[arg(long)]
        json: bool,
    },
    /// Make a trust root of a description; its owners then sign it.
    New {
        /// The description, in TOML.
        file: PathBuf,
        /// Where the trust root goes.
        #[arg(short = 'o', long = "out", value_name = "ROOT")]
        out: PathBuf,
        /// The trust root that it is to follow: then it is said what changes.
        #[arg(long, value_name = "ROOT")]
        after: Option<PathBuf>,
        /// Replace a trust root that is there, with its signatures.
        #[arg(long)]
        force: bool,
        /// One JSON document on standard output, and nothing else.
        #[arg(long)]
        json: bool,
    },
    /// Sign a trust root as one of the owners of its root keys.
    Sign {
        /// The trust root; the signature is added to it.
        root: PathBuf,
        #[command(flatten)]
        key: KeyOptions,
        /// The trust root that it is to follow: its owners have to sign too.
        #[arg(long, value_name = "ROOT")]
        after: Option<PathBuf>,
        /// One JSON document on standard output, and nothing else.
        #[arg(long)]
        json: bool,
    },
    /// Say what a trust root says, and who signed it.
    Show {
        /// The trust root.
        root: PathBuf,
        /// One JSON document on standard output, and nothing else.
        #[arg(long)]
        json: bool,
    },
    /// Say what another trust root changes.
    Diff {
        /// The trust root that is believed.
        before: PathBuf,
        /// The one that is to follow.
        after: PathBuf,
        /// One JSON document on standard output, and nothing else.
        #[arg(long)]
        json: bool,
    },
    /// Print the line of the site file that makes a daemon believe a trust root.
    Pin {
        /// The trust root, signed by enough owners.
        root: PathBuf,
        /// One JSON document on standard output, and nothing else.
        #[arg(long)]
        json: bool,
    },
}

/// Does what is asked of trust roots.
pub(crate) fn run(command: &Command) -> Exit {
    let (done, json) = match command {
        Command::Template { json } => {
            template::run(*json);
            return Exit::Done;
        }
        Command::New { file, out, after, force, json } => {
            (new::run(file, out, after.as_deref(), *force, *json), *json)
        }
        Command::Sign { root, key, after, json } => {
            (sign::run(root, key, after.as_deref(), *json), *json)
        }
        Command::Diff { before, after, json } => (diff::run(before, after, *json), *json),
        Command::Show { root, json } => (show::run(root, *json), *json),
        Command::Pin { root, json } => (pin::run(root, *json), *json),
    };
    match done {
        Ok(()) => Exit::Done,
        Err(failure) => output::failure(&failure, json),
    }
}

/// A trust root that nobody has to believe yet, with its container and its bytes.
pub(super) struct Opened {
    pub(super) bytes: Vec<u8>,
    archive: Archive,
    pub(super) root: TrustRoot,
}

/// Reads the trust root at `path`.
pub(super) fn open(path: &Path) -> Result<Opened, Failure> {
    let unusable = |refusal| Failure::unusable(path, Reason::from(&refusal));
    let bytes = file::read_container(path)?;
    let archive = Archive::decode(&bytes).map_err(unusable)?;
    if Payload::decode(archive.payload()).is_ok() {
        let help = "name the trust root; bundles are for `ryec sign`, `inspect` and `verify`";
        return Err(Failure::call(format!("{} is a bundle", path.display()), help));
    }
    let root = TrustRoot::decode(archive.payload()).map_err(unusable)?;
    Ok(Opened { bytes, archive, root })
}
