//! An archive of evidence on the daemon's machine: a tar file that only the daemon's
//! user reads, with a list of its parts' digests.

use std::fs::{self, File};
use std::io::{self, Read};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::PathBuf;

use rye_core::adapter::Ending;
use rye_core::hex;
use rye_core::id::IdempotencyKey;
use sha2::{Digest, Sha256};
use tar::{Builder, Header};

use super::Part;
use crate::host::ending::{denied, not_sent};
use crate::host::machine::Machine;
use crate::host::store;

const MANIFEST: &str = "MANIFEST.sha256";
const WARNINGS: &str = "WARNINGS.txt";

const FAILED: &str = "the archive can't be written; see host.evidence";

#[derive(Debug)]
pub(super) struct Archive {
    path: PathBuf,
    folder: String,
}

/// What is known of a finished archive.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) path: String,
    pub(super) digest: [u8; 32],
    pub(super) bytes: i64,
    pub(super) warnings: Vec<String>,
}

impl Archive {
    /// The archive of the effect with this key. The folder is made if need be.
    pub(super) fn of(machine: &Machine, key: IdempotencyKey) -> Result<Self, Ending> {
        let folder = &machine.config.evidence;
        let (mark, _) = key.0.split_at(16);
        let name = format!("{}-{}", machine.name().replace(':', "_"), hex::encode(mark));
        if !folder.exists() {
            fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(failed)?;
        }
        let mode = fs::metadata(folder).map_err(failed)?.permissions().mode();
        if mode & 0o077 != 0 {
            return Err(denied("others may enter the folder for evidence; chmod go= it"));
        }
        Ok(Self { path: folder.join(format!("{name}.tar")), folder: name })
    }

    pub(super) fn exists(&self) -> bool {
        self.path.exists()
    }

    /// Writes all of it, so that it is whole or not there.
    pub(super) fn write(&self, parts: &[Part], warnings: &[String]) -> Result<(), Ending> {
        let part = self.path.with_extension("part");
        let mut options = fs::OpenOptions::new();
        options.write(true).create(true).truncate(true).mode(0o600);
        let file = options.open(&part).map_err(failed)?;
        self.fill(file, parts, warnings).map_err(failed)?;
        fs::rename(&part, &self.path).map_err(failed)?;
        let folder = self.path.parent().map_or_else(|| File::open("/"), File::open);
        folder.and_then(|folder| folder.sync_all()).map_err(failed)
    }

    fn fill(&self, file: File, parts: &[Part], warnings: &[String]) -> io::Result<()> {
        let mut builder = Builder::new(file);
        let mut manifest = String::new();
        let mut add = |name: &str, content: &[u8]| {
            let mut header = Header::new_gnu();
            header.set_size(u64::try_from(content.len()).unwrap_or(u64::MAX));
            header.set_mode(0o600);
            header.set_cksum();
            builder.append_data(&mut header, format!("{}/{name}", self.folder), content)
        };
        let warnings = warnings.join("\n");
        let warnings = (WARNINGS, warnings.as_bytes());
        let all = parts.iter().map(|part| (part.name, part.content.as_slice())).chain([warnings]);
        for (name, content) in all {
            add(name, content)?;
            // As `sha256sum --check` reads it.
            manifest.extend([&*hex::encode(&Sha256::digest(content)), "  ", name, "\n"]);
        }
        add(MANIFEST, manifest.as_bytes())?;
        builder.into_inner()?.sync_all()
    }

    pub(super) fn read(&self) -> Result<Found, Ending> {
        let file = File::open(&self.path).map_err(failed)?;
        let bytes = file.metadata().map_err(failed)?.len();
        let digest = store::hash(&file, None)?;
        let warnings = warnings(file).map_err(failed)?;
        Ok(Found {
            path: self.path.display().to_string(),
            digest,
            bytes: i64::try_from(bytes).unwrap_or(i64::MAX),
            warnings,
        })
    }
}

/// What an archive complains of.
fn warnings(file: File) -> io::Result<Vec<String>> {
    for entry in tar::Archive::new(file).entries()? {
        let mut entry = entry?;
        if entry.path()?.ends_with(WARNINGS) {
            let mut text = String::new();
            entry.read_to_string(&mut text)?;
            return Ok(text.lines().map(str::to_owned).collect());
        }
    }
    Ok(Vec::new())
}

fn failed(_: io::Error) -> Ending {
    not_sent(FAILED)
}
