//! `ryec keygen -o PATH`: a pair of keys, the secret one for its owner alone.

use std::path::{Path, PathBuf};

use clap::Args;
use rye_bundle::key_file::{self, encrypted::write_encrypted_key};
use rye_bundle::signature::{PublicKey, SecretKey, SigningFault};
use rye_signer::PassphraseOptions;
use serde_json::json;

use crate::failure::Failure;
use crate::file::{self, Readers};
use crate::{Exit, output};

/// How it is called.
#[derive(Args, Debug)]
pub(crate) struct Options {
    /// Where the secret key goes; the public one goes beside it, with `.pub` behind the name.
    #[arg(short = 'o', long = "out", value_name = "PATH")]
    out: PathBuf,
    /// Don't encrypt the secret key: whoever reads its file can sign.
    #[arg(long, conflicts_with_all = ["passphrase_file", "passphrase_fd"])]
    plain: bool,
    #[command(flatten)]
    passphrase: PassphraseOptions,
    /// Replace keys that are there. Whatever the old key signs is then lost with it.
    #[arg(long)]
    force: bool,
    /// One JSON document on standard output, and nothing else.
    #[arg(long)]
    json: bool,
}

/// Makes a pair of keys.
pub(crate) fn run(options: &Options) -> Exit {
    let public_path = public_path(&options.out);
    match make(options, &public_path) {
        Ok(public) => {
            say(options, &public_path, &public);
            Exit::Done
        }
        Err(failure) => output::failure(&failure, options.json),
    }
}

fn make(options: &Options, public_path: &Path) -> Result<PublicKey, Failure> {
    if options.out.extension().is_some_and(|extension| extension == "pub") {
        return Err(Failure::call(
            format!("{} looks like the name of a public key", options.out.display()),
            "name the secret key; the public one goes beside it, with `.pub` behind the name",
        ));
    }
    for path in [&options.out, public_path].into_iter().filter(|_| !options.force) {
        // Before a passphrase is thought of.
        file::check_absent(path)?;
    }
    let no_key = |fault: SigningFault| {
        Failure::input(format!("no key can be made: {fault}"), "see what is wrong with the system")
    };
    let key = SecretKey::generate().map_err(no_key)?;
    let secret = if options.plain {
        key_file::write_secret_key(&key)
    } else {
        let passphrase = options.passphrase.choose(&options.out)?;
        write_encrypted_key(&key, &passphrase).map_err(no_key)?
    };
    let public = key_file::write_public_key(key.public());
    if options.force {
        file::replace(&options.out, secret.as_bytes(), Readers::Owner)?;
        file::replace(public_path, public.as_bytes(), Readers::Everybody)?;
    } else {
        // The public one first: if it is there already, no secret lies around.
        file::create(public_path, public.as_bytes(), Readers::Everybody)?;
        file::create(&options.out, secret.as_bytes(), Readers::Owner)
            .inspect_err(|_| file::remove(public_path))?;
    }
    Ok(*key.public())
}

fn say(options: &Options, public_path: &Path, public: &PublicKey) {
    let (secret, public_path) = (options.out.display(), public_path.display());
    let key_id = public.id();
    if options.json {
        output::document(&json!({
            "key_id": key_id.to_string(),
            "secret_key": secret.to_string(),
            "public_key": public_path.to_string(),
            "encrypted": !options.plain,
        }));
        return;
    }
    let form = if options.plain { "signs, and is not encrypted" } else { "signs" };
    output::lines(&[
        format!("key id  {key_id}"),
        format!("secret  {secret}  ({form}; stays with its owner, who keeps a copy elsewhere)"),
        format!("public  {public_path}  (goes to whoever makes the trust root)"),
    ]);
}

/// `PATH` → `PATH.pub`
fn public_path(secret: &Path) -> PathBuf {
    let mut name = secret.as_os_str().to_owned();
    name.push(".pub");
    PathBuf::from(name)
}
