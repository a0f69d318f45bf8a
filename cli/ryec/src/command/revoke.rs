//! `ryec revoke …`: the life of a revocation list, from the first, empty one to the
//! one that is made at night. One file per subcommand.

mod make;
mod show;
mod sign;

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use rye_bundle::archive::Archive;
use rye_bundle::name::Label;
use rye_bundle::revocation::Revocations;
use rye_bundle::time::UnixSeconds;

use rye_signer::KeyOptions;

use super::build::time;
use crate::failure::{Failure, Reason};
use crate::{Exit, file, output};

/// How it is called.
#[derive(Subcommand, Debug)]
pub(crate) enum Command {
    /// Make the first list of a trust root, which revokes nothing.
    New {
        /// The trust root, which says for which environment the list is.
        #[arg(long, value_name = "ROOT")]
        trust: PathBuf,
        #[command(flatten)]
        times: Times,
        /// Where the list goes.
        #[arg(short = 'o', long = "out", value_name = "LIST")]
        out: PathBuf,
        /// One JSON document on standard output, and nothing else.
        #[arg(long)]
        json: bool,
    },
    /// Make the next list: all that is revoked already, and what is said here.
    Next(Box<Next>),
    /// Sign a list as one of the owners of the role that signs such lists.
    Sign {
        /// The list; the signature is added to it.
        list: PathBuf,
        #[command(flatten)]
        key: KeyOptions,
        /// The trust root: then it is said who else has to sign.
        #[arg(long, value_name = "ROOT")]
        trust: Option<PathBuf>,
        /// One JSON document on standard output, and nothing else.
        #[arg(long)]
        json: bool,
    },
    /// Say what a list says, and who signed it.
    Show {
        /// The list.
        list: PathBuf,
        /// The trust root: then it is said whether the list would be believed.
        #[arg(long, value_name = "ROOT")]
        trust: Option<PathBuf>,
        /// One JSON document on standard output, and nothing else.
        #[arg(long)]
        json: bool,
    },
}

/// How the next list is made.
#[derive(Args, Debug)]
pub(crate) struct Next {
    /// The list before.
    list: PathBuf,
    /// Revoke a key: its id, or the file of its public half.
    #[arg(long = "revoke-key", value_name = "KEY")]
    keys: Vec<String>,
    /// Revoke a bundle: its digest, or its file.
    #[arg(long = "revoke-bundle", value_name = "BUNDLE")]
    bundles: Vec<String>,
    /// Revoke all versions of a bundle below one: `soc/block=4`.
    #[arg(long = "revoke-below", value_name = "NAME=VERSION")]
    below: Vec<String>,
    /// Revoke something no longer: a key id, a digest, or the name of a bundle.
    #[arg(long, value_name = "WHAT")]
    forget: Vec<String>,
    /// Why, for people; of all that this call revokes.
    #[arg(long, value_name = "TEXT", default_value = "")]
    reason: Label,
    #[command(flatten)]
    times: Times,
    /// Where the list goes; it may be the same file.
    #[arg(short = 'o', long = "out", value_name = "LIST")]
    out: PathBuf,
    /// One JSON document on standard output, and nothing else.
    #[arg(long)]
    json: bool,
}

/// When a list is made, and how long it holds.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct Times {
    /// When the list after this one is there at the latest.
    #[arg(long, value_name = "DURATION", default_value = "7d", value_parser = seconds)]
    next_update: u64,
    /// When it is made, as 2026-03-01T09:30:00Z [default: now]
    #[arg(long, value_name = "TIME", value_parser = time)]
    issued_at: Option<UnixSeconds>,
}

fn seconds(text: &str) -> Result<u64, String> {
    let duration = rye_core::value::Duration::parse(text).filter(|duration| duration.0 > 0);
    let duration = duration.ok_or("a duration is written `7d` or `12h`")?;
    Ok(duration.to_std().as_secs().max(1))
}

/// Does what is asked of revocation lists.
pub(crate) fn run(command: &Command) -> Exit {
    let (done, json) = match command {
        Command::New { trust, times, out, json } => (make::new(trust, *times, out, *json), *json),
        Command::Next(next) => (make::next(next), next.json),
        Command::Sign { list, key, trust, json } => {
            (sign::run(list, key, trust.as_deref(), *json), *json)
        }
        Command::Show { list, trust, json } => (show::run(list, trust.as_deref(), *json), *json),
    };
    match done {
        Ok(()) => Exit::Done,
        Err(failure) => output::failure(&failure, json),
    }
}

/// A revocation list that nobody has to believe yet, with its container and bytes.
struct Opened {
    bytes: Vec<u8>,
    archive: Archive,
    list: Revocations,
}

/// Reads the revocation list at `path`.
fn open(path: &Path) -> Result<Opened, Failure> {
    let unusable = |refusal| Failure::unusable(path, Reason::from(&refusal));
    let bytes = file::read_container(path)?;
    let archive = Archive::decode(&bytes).map_err(unusable)?;
    let list = Revocations::decode(archive.payload()).map_err(unusable)?;
    Ok(Opened { bytes, archive, list })
}
