//! The store of files that were moved out of the way, on the machine itself. Each is
//! named by its SHA-256 and the effect that moved it, beside a record of how to put
//! it back.

mod record;

use std::fs::File;
use std::os::fd::OwnedFd;

use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags, RenameFlags, ResolveFlags};
use rustix::io::Errno;
use rye_core::adapter::Ending;
use rye_core::hex;
use rye_core::id::IdempotencyKey;
use sha2::{Digest, Sha256};

use super::call::Asked;
use super::ending::{conflict, not_found, not_sent, refused, rejected};
use super::machine::Inside;
use record::Record;

const FAILED: &str = "the file system did not take the change";

/// Where a file lies, or is to lie: an open folder without links on the way to it,
/// and a name in it.
#[derive(Debug)]
pub(super) struct Spot {
    folder: OwnedFd,
    name: String,
}

#[derive(Debug)]
pub(super) struct Store {
    folder: OwnedFd,
}

/// One file of the store, whether it is there or not.
#[derive(Debug)]
pub(super) struct Item<'a> {
    store: &'a Store,
    name: String,
}

impl Spot {
    pub(super) fn find(inside: &Inside<'_>, path: &str) -> Result<Self, Ending> {
        let (folder, name) = path.rsplit_once('/').unwrap_or_default();
        let folder = if folder.is_empty() { "/" } else { folder };
        let resolve =
            ResolveFlags::IN_ROOT | ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS;
        let flags = OFlags::DIRECTORY | OFlags::RDONLY | OFlags::CLOEXEC;
        let opened = rustix::fs::openat2(&inside.root, folder, flags, Mode::empty(), resolve);
        let folder = opened.map_err(no_file)?;
        Ok(Self { folder, name: name.to_owned() })
    }

    /// The regular file that lies there, for reading.
    pub(super) fn open(&self) -> Result<File, Ending> {
        open(&self.folder, &self.name).map_err(no_file).and_then(regular)
    }
}

impl Store {
    pub(super) fn find(inside: &Inside<'_>) -> Result<Option<Self>, Ending> {
        let path = inside.machine.config.quarantine.to_str().unwrap_or_default();
        match inside.open(path, OFlags::DIRECTORY | OFlags::RDONLY) {
            Ok(folder) => Ok(Some(Self { folder })),
            Err(Errno::NOENT) => Ok(None),
            Err(errno) => Err(refused(errno, FAILED)),
        }
    }

    /// The store, made if need be.
    pub(super) fn make(inside: &Inside<'_>) -> Result<Self, Ending> {
        if let Some(store) = Self::find(inside)? {
            return Ok(store);
        }
        let path = inside.machine.config.quarantine.to_str().unwrap_or_default();
        let mut made = String::new();
        for part in path.split('/').filter(|part| !part.is_empty()) {
            let at = if made.is_empty() { "/" } else { &made };
            let folder = inside.open(at, OFlags::DIRECTORY | OFlags::RDONLY);
            let folder = folder.map_err(|errno| refused(errno, FAILED))?;
            match rustix::fs::mkdirat(&folder, part, Mode::RWXU) {
                Ok(()) | Err(Errno::EXIST) => {}
                Err(errno) => return Err(refused(errno, FAILED)),
            }
            made = format!("{made}/{part}");
        }
        Self::find(inside)?.ok_or_else(|| not_sent(FAILED))
    }

    /// What the effect with this key has moved, or would move.
    pub(super) fn item(&self, hash: &[u8; 32], key: IdempotencyKey) -> Item<'_> {
        let (mark, _) = key.0.split_at(16);
        Item { store: self, name: format!("{}-{}", hex::encode(hash), hex::encode(mark)) }
    }

    /// Whether a file with this content that lay at `path` is kept.
    pub(super) fn keeps(&self, hash: &[u8; 32], path: &str) -> bool {
        let hash = hex::encode(hash);
        let Ok(entries) = Dir::read_from(&self.folder) else { return false };
        entries.flatten().any(|entry| {
            let name = entry.file_name().to_str().unwrap_or_default();
            if !name.starts_with(&hash) || name.contains('.') {
                return false;
            }
            let item = Item { store: self, name: name.to_owned() };
            item.record().is_some_and(|record| record.path == path)
        })
    }
}

impl Store {
    /// Removes a name, if it is there.
    fn remove(&self, name: &str) -> Result<(), Ending> {
        match rustix::fs::unlinkat(&self.folder, name, AtFlags::empty()) {
            Ok(()) | Err(Errno::NOENT) => Ok(()),
            Err(errno) => Err(refused(errno, FAILED)),
        }
    }
}

impl Item<'_> {
    fn record_name(&self) -> String {
        format!("{}.json", self.name)
    }

    fn record(&self) -> Option<Record> {
        Record::read(&self.store.folder, &self.record_name())
    }

    /// Whether the file is in the store.
    pub(super) fn is_kept(&self) -> bool {
        open(&self.store.folder, &self.name).is_ok()
    }

    fn open(&self) -> Result<File, Ending> {
        open(&self.store.folder, &self.name).map_err(no_file).and_then(regular)
    }

    pub(super) fn content_is(&self, hash: &[u8; 32]) -> Result<bool, Ending> {
        Ok(self::hash(&self.open()?, None)? == *hash)
    }

    /// Moves `file`, which lies at `spot`, into the store.
    pub(super) fn keep(
        &self,
        spot: &Spot,
        file: &File,
        path: &str,
        hash: &[u8; 32],
        asked: &Asked<'_>,
    ) -> Result<(), Ending> {
        let record = Record::of(file, path)?;
        record.write(&self.store.folder, &self.record_name())?;
        // An unchangeable file can't move: intruders make theirs so.
        record::loosen(file);
        let kept = match rename(&spot.folder, &spot.name, &self.store.folder, &self.name) {
            Err(Errno::XDEV) => self.keep_copy(spot, file, hash, asked),
            moved => moved.map_err(no_file),
        };
        if kept.is_err() {
            record.tighten(file);
            self.forget()?;
        }
        kept
    }

    /// The same across file systems: a copy, and then the file is removed.
    fn keep_copy(
        &self,
        spot: &Spot,
        file: &File,
        hash: &[u8; 32],
        asked: &Asked<'_>,
    ) -> Result<(), Ending> {
        let failed = |errno| refused(errno, FAILED);
        let original = rustix::fs::fstat(file).map_err(failed)?;
        if original.st_nlink > 1 {
            return Err(conflict(
                "the file has other names (hard links), and lies on another file system than \
                 the store",
            ));
        }
        let part = format!("{}.part", self.name);
        self.store.remove(&part)?;
        let copied = record::copy(file, &self.store.folder, &part)
            .and_then(|copied| Ok(self::hash(&copied, Some(asked))? == *hash));
        if !matches!(copied, Ok(true)) {
            self.store.remove(&part)?;
            copied?;
            return Err(conflict("the file was changed while it was moved"));
        }
        rename(&self.store.folder, &part, &self.store.folder, &self.name).map_err(failed)?;
        let there = spot.open().and_then(|there| rustix::fs::fstat(&there).map_err(failed));
        let is_same =
            there.is_ok_and(|it| (it.st_dev, it.st_ino) == (original.st_dev, original.st_ino));
        let removed = if is_same {
            rustix::fs::unlinkat(&spot.folder, &spot.name, AtFlags::empty()).map_err(failed)
        } else {
            Err(conflict("the file was replaced while it was moved"))
        };
        if removed.is_err() {
            self.store.remove(&self.name)?;
        }
        removed
    }

    /// Takes every right from the file, and makes it unchangeable where the file
    /// system can. Before, looks once more that it is what was to be moved.
    pub(super) fn seal(&self, hash: &[u8; 32]) -> Result<(), Ending> {
        let file = self.open()?;
        if self::hash(&file, None)? != *hash {
            return Err(conflict("the file was changed while it was moved"));
        }
        let failed = |errno| refused(errno, FAILED);
        let mode = rustix::fs::fstat(&file).map_err(failed)?.st_mode & 0o7777;
        // What is unchangeable already takes no mode.
        if mode != 0 {
            rustix::fs::fchmod(&file, Mode::empty()).map_err(failed)?;
        }
        record::fasten(&file);
        rustix::fs::fsync(&self.store.folder).map_err(failed)
    }

    /// Puts the file to `spot` as it was. What lies there now is never replaced.
    pub(super) fn put_back(&self, spot: &Spot) -> Result<(), Ending> {
        let file = self.open()?;
        let record = self
            .record()
            .ok_or_else(|| conflict("the store has lost the record of how to put the file back"))?;
        if rustix::fs::statat(&spot.folder, &spot.name, AtFlags::SYMLINK_NOFOLLOW).is_ok() {
            return Err(conflict("something else lies at the file's path now"));
        }
        record::loosen(&file);
        let moved = rename(&self.store.folder, &self.name, &spot.folder, &spot.name);
        match moved {
            Ok(()) => record.apply_mode(&file)?,
            Err(Errno::XDEV) => {
                let part = format!(".{}.rye", self.name);
                let _ = rustix::fs::unlinkat(&spot.folder, &part, AtFlags::empty());
                let copied = record::copy(&file, &spot.folder, &part)?;
                record.apply(&copied)?;
                let moved = rename(&spot.folder, &part, &spot.folder, &spot.name);
                moved.map_err(|errno| not_back(&file, errno))?;
                record.tighten(&copied);
                self.store.remove(&self.name)?;
            }
            Err(errno) => return Err(not_back(&file, errno)),
        }
        record.tighten(&file);
        rustix::fs::fsync(&spot.folder).map_err(|errno| refused(errno, FAILED))?;
        self.forget()
    }

    /// Removes the record.
    pub(super) fn forget(&self) -> Result<(), Ending> {
        self.store.remove(&self.record_name())
    }
}

/// Why the file stays in the store.
fn not_back(file: &File, errno: Errno) -> Ending {
    record::fasten(file);
    match errno {
        Errno::EXIST => conflict("something else lies at the file's path now"),
        errno => refused(errno, FAILED),
    }
}

/// The SHA-256 of a file, while somebody waits for it.
pub(super) fn hash(file: &File, asked: Option<&Asked<'_>>) -> Result<[u8; 32], Ending> {
    let mut hasher = Sha256::new();
    let mut chunk = vec![0; 64 << 10];
    let mut offset = 0;
    loop {
        let read = rustix::io::pread(file, &mut *chunk, offset)
            .map_err(|errno| refused(errno, "the file can't be read"))?;
        let Some(bytes) = chunk.get(..read).filter(|bytes| !bytes.is_empty()) else { break };
        hasher.update(bytes);
        offset = offset.saturating_add(u64::try_from(read).unwrap_or(u64::MAX));
        if asked.is_some_and(Asked::is_late) {
            return Err(not_sent("the file is too large to be read in time"));
        }
    }
    Ok(hasher.finalize().into())
}

fn open(folder: &OwnedFd, name: &str) -> Result<OwnedFd, Errno> {
    // A pipe or a device doesn't let us wait.
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY;
    rustix::fs::openat(folder, name, flags | OFlags::CLOEXEC, Mode::empty())
}

fn regular(file: OwnedFd) -> Result<File, Ending> {
    let stat = rustix::fs::fstat(&file).map_err(|errno| refused(errno, FAILED))?;
    if FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile {
        return Ok(file.into());
    }
    Err(rejected("only a regular file can be moved"))
}

fn no_file(errno: Errno) -> Ending {
    match errno {
        Errno::NOENT | Errno::NOTDIR => not_found("the machine has no such file"),
        Errno::LOOP => rejected("a symbolic link is on the way to the file; name its real path"),
        Errno::NXIO => rejected("only a regular file can be moved"),
        errno => refused(errno, "the file can't be opened"),
    }
}

fn rename(from: &OwnedFd, name: &str, to: &OwnedFd, as_name: &str) -> Result<(), Errno> {
    rustix::fs::renameat_with(from, name, to, as_name, RenameFlags::NOREPLACE)
}
