//! How a file was before it was moved: where it lay, whose it was, its mode, flags,
//! times and extended attributes.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Write};
use std::os::fd::OwnedFd;

use rustix::fs::{Gid, IFlags, Mode, OFlags, Timespec, Timestamps, Uid, XattrFlags};
use rye_core::adapter::Ending;
use rye_core::hex;
use serde::{Deserialize, Serialize};

use super::FAILED;
use crate::host::ending::{conflict, not_sent, refused};
use crate::host::machine::read;

/// The largest set of names of attributes, and the largest value, that Linux takes.
const ATTRIBUTE_BYTES_MAX: usize = 64 << 10;

/// Flags that keep a file from being moved.
const STUBBORN: IFlags = IFlags::IMMUTABLE.union(IFlags::APPEND);

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Record {
    pub(super) path: String,
    mode: u32,
    uid: u32,
    gid: u32,
    modified_seconds: i64,
    modified_nanos: i64,
    /// Those of [`STUBBORN`] that it had.
    flags: u32,
    /// Values in hexadecimal digits.
    attributes: BTreeMap<String, String>,
}

impl Record {
    pub(super) fn of(file: &File, path: &str) -> Result<Self, Ending> {
        let stat = rustix::fs::fstat(file).map_err(|errno| refused(errno, FAILED))?;
        let flags = rustix::fs::ioctl_getflags(file).map_or(0, |flags| (flags & STUBBORN).bits());
        Ok(Self {
            path: path.to_owned(),
            mode: stat.st_mode & 0o7777,
            uid: stat.st_uid,
            gid: stat.st_gid,
            modified_seconds: stat.st_mtime,
            modified_nanos: i64::try_from(stat.st_mtime_nsec).unwrap_or(0),
            flags,
            attributes: attributes(file),
        })
    }

    pub(super) fn read(folder: &OwnedFd, name: &str) -> Option<Self> {
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let file = rustix::fs::openat(folder, name, flags, Mode::empty()).ok()?;
        serde_json::from_str(&read(file)?).ok()
    }

    /// Writes the record so that it is whole or not there.
    pub(super) fn write(&self, folder: &OwnedFd, name: &str) -> Result<(), Ending> {
        let failed = |_| not_sent(FAILED);
        let part = format!("{name}.part");
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::TRUNC | OFlags::NOFOLLOW;
        let mode = Mode::RUSR | Mode::WUSR;
        let file = rustix::fs::openat(folder, &part, flags | OFlags::CLOEXEC, mode)
            .map_err(|errno| refused(errno, FAILED))?;
        let mut file = File::from(file);
        let text = serde_json::to_vec(self).map_err(|_| not_sent(FAILED))?;
        file.write_all(&text).and_then(|()| file.sync_all()).map_err(failed)?;
        rustix::fs::renameat(folder, &part, folder, name)
            .and_then(|()| rustix::fs::fsync(folder))
            .map_err(|errno| refused(errno, FAILED))
    }

    /// Gives the file the flags that it had.
    pub(super) fn tighten(&self, file: &File) {
        let had = IFlags::from_bits_retain(self.flags);
        if let (false, Ok(flags)) = (had.is_empty(), rustix::fs::ioctl_getflags(file)) {
            let _ = rustix::fs::ioctl_setflags(file, flags | had);
        }
    }

    pub(super) fn apply_mode(&self, file: &File) -> Result<(), Ending> {
        rustix::fs::fchmod(file, Mode::from_raw_mode(self.mode))
            .map_err(|errno| refused(errno, FAILED))
    }

    /// Makes a copy what the file was. The owner comes first: it takes away rights
    /// that mode and attributes give again.
    pub(super) fn apply(&self, file: &File) -> Result<(), Ending> {
        let failed = |errno| refused(errno, FAILED);
        let (uid, gid) = (Uid::from_raw(self.uid), Gid::from_raw(self.gid));
        rustix::fs::fchown(file, Some(uid), Some(gid)).map_err(failed)?;
        for (name, value) in &self.attributes {
            let value = hex::decode(value).unwrap_or_default();
            let set = rustix::fs::fsetxattr(file, name.as_str(), &value, XattrFlags::empty());
            set.map_err(|_| {
                conflict("the file system at the file's path takes no such attributes")
            })?;
        }
        self.apply_mode(file)?;
        let modified = Timespec { tv_sec: self.modified_seconds, tv_nsec: self.modified_nanos };
        let times = Timestamps { last_access: modified, last_modification: modified };
        rustix::fs::futimens(file, &times).map_err(failed)
    }
}

/// Lets a file be moved and changed.
pub(super) fn loosen(file: &File) {
    if let Ok(flags) = rustix::fs::ioctl_getflags(file)
        && flags.intersects(STUBBORN)
    {
        // Where it stays as it is, what is to be done next fails and says so.
        let _ = rustix::fs::ioctl_setflags(file, flags - STUBBORN);
    }
}

/// Makes a file unchangeable where the file system can.
pub(super) fn fasten(file: &File) {
    if let Ok(flags) = rustix::fs::ioctl_getflags(file) {
        let _ = rustix::fs::ioctl_setflags(file, flags | IFlags::IMMUTABLE);
    }
}

/// A copy of all of `file` under a new name that nobody may read yet.
pub(super) fn copy(file: &File, folder: &OwnedFd, name: &str) -> Result<File, Ending> {
    let flags = OFlags::RDWR | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let target = rustix::fs::openat(folder, name, flags, Mode::empty())
        .map_err(|errno| refused(errno, FAILED))?;
    let mut target = File::from(target);
    let mut source = file;
    io::Seek::rewind(&mut source)
        .and_then(|()| io::copy(&mut source, &mut target))
        .and_then(|_| target.sync_all())
        .map_err(|_| not_sent(FAILED))?;
    Ok(target)
}

fn attributes(file: &File) -> BTreeMap<String, String> {
    let mut names = vec![0; ATTRIBUTE_BYTES_MAX];
    let length = rustix::fs::flistxattr(file, &mut *names).unwrap_or(0);
    let names = names.get(..length).unwrap_or_default();
    let value = |name: &str| {
        let mut value = vec![0; ATTRIBUTE_BYTES_MAX];
        let length = rustix::fs::fgetxattr(file, name, &mut *value).ok()?;
        Some(hex::encode(value.get(..length)?))
    };
    let names = names.split(|byte| *byte == 0).filter_map(|name| std::str::from_utf8(name).ok());
    let names = names.filter(|name| !name.is_empty());
    names.filter_map(|name| Some((name.to_owned(), value(name)?))).collect()
}
