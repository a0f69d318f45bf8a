//! Why a bundle is not loaded: a closed list, each with a stable code, what was
//! expected and found, and what to do.

use core::fmt;

use rye_bundle::Refusal;
use rye_bundle::name::NameFlaw;
use rye_bytecode::{DecodeError, VerifyError};
use rye_core::digest::Digest;
use rye_core::value::Name;

use crate::file::{FileError, FileFault};

/// A bundle that is not loaded.
#[derive(Debug)]
pub struct LoadError {
    /// Its payload's digest, if it could be read so far.
    pub digest: Option<Digest>,
    /// Why.
    pub fault: Box<LoadFault>,
}

/// Why a bundle is not loaded.
#[derive(Debug)]
pub enum LoadFault {
    /// Step 0: the file.
    File(FileError),
    /// Steps 1 to 11, 13 and 14: container, signatures, manifest, claims, owners.
    Refused(Refusal),
    /// Step 12: its sections are no module.
    Decode(DecodeError),
    /// Step 12: its code can't be proved.
    Verify(VerifyError),
    /// Step 13: a name in the code that no manifest can hold.
    Name(NameFlaw),
    /// Step 13: nobody here carries this verb out.
    Unbound(Name),
    /// Step 13: the adapter here carries out another verb of this name.
    Schema(Name),
    /// Step 15: a run may spend more than is allowed here.
    Limit {
        /// Which field of the manifest.
        field: &'static str,
        /// What it says.
        claimed: u64,
        /// What is allowed.
        most: u64,
    },
}

impl LoadError {
    /// A refusal before the payload's digest was known.
    pub(super) fn early(fault: LoadFault) -> Self {
        Self { digest: None, fault: Box::new(fault) }
    }

    /// The stable code of the reason.
    pub fn code(&self) -> &'static str {
        match &*self.fault {
            LoadFault::File(error) => file_code(error),
            LoadFault::Refused(refusal) => refusal.code(),
            LoadFault::Decode(_) | LoadFault::Verify(_) => "E_VERIFY",
            LoadFault::Name(_) => "E_CAP_MISMATCH",
            LoadFault::Unbound(_) | LoadFault::Schema(_) => "E_ACTION_SCHEMA",
            LoadFault::Limit { .. } => "E_POLICY",
        }
    }

    /// What to do about it.
    pub fn help(&self) -> String {
        let help = match &*self.fault {
            LoadFault::File(error) => return error.help(),
            LoadFault::Refused(refusal) => refusal.explain().help,
            LoadFault::Decode(_) | LoadFault::Verify(_) | LoadFault::Name(_) => {
                "build the bundle anew with the `ryec` of this release; if it is still refused, \
                 somebody made it by other means: don't sign it"
            }
            LoadFault::Unbound(name) => {
                return match name.rsplit_once('.') {
                    Some((module, _)) => format!("bind `{module}` in the site file"),
                    None => String::from("bind its module in the site file"),
                };
            }
            LoadFault::Schema(name) => {
                return match name.rsplit_once('.') {
                    Some((module, _)) if module.split('.').next() != Some("std") => format!(
                        "the interface was changed after the bundle or the site's interface file \
                         was made: write that file anew with `ryec interface {module}`, or build \
                         the bundle anew"
                    ),
                    _ => String::from(
                        "build the bundle anew against the interfaces of this release, and \
                         compare what changed with `ryec inspect`",
                    ),
                };
            }
            LoadFault::Limit { .. } => "build the bundle with smaller limits",
        };
        String::from(help)
    }

    /// Whether the reason lies with this process or its clock, and not with the
    /// bundle: set right, the bundle can be loaded, and its runs can go on.
    pub fn is_incapable(&self) -> bool {
        match &*self.fault {
            LoadFault::Decode(_)
            | LoadFault::Verify(_)
            | LoadFault::Name(_)
            | LoadFault::Unbound(_)
            | LoadFault::Schema(_)
            | LoadFault::Limit { .. }
            | LoadFault::Refused(
                Refusal::Isa { .. } | Refusal::DaemonTooOld { .. } | Refusal::Clock { .. },
            ) => true,
            LoadFault::File(_) | LoadFault::Refused(_) => false,
        }
    }
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let code = self.code();
        match &*self.fault {
            LoadFault::File(error) => write!(f, "{code}: {error}"),
            // Says its code itself.
            LoadFault::Refused(refusal) => refusal.fmt(f),
            LoadFault::Decode(error) => write!(f, "{code}: {error}"),
            LoadFault::Verify(error) => write!(f, "{code}: {error}"),
            LoadFault::Name(flaw) => write!(f, "{code}: {flaw}"),
            LoadFault::Unbound(name) => {
                write!(f, "{code}: `{name}`: expected an adapter that carries it out, found none")
            }
            LoadFault::Schema(name) => write!(
                f,
                "{code}: `{name}`: the bundle was built against another declaration than the \
                 adapter's"
            ),
            LoadFault::Limit { field, claimed, most } => {
                write!(f, "{code}: {field}: expected at most {most}, found {claimed}")
            }
        }
    }
}

impl core::error::Error for LoadError {}

/// The stable code for a file that is not read.
pub(crate) fn file_code(error: &FileError) -> &'static str {
    match error.fault {
        FileFault::Io(_) => "E_IO",
        FileFault::TooLong { .. } => "E_SIZE",
        FileFault::Link
        | FileFault::Folder
        | FileFault::NotAFile
        | FileFault::Writable { .. }
        | FileFault::Owner { .. } => "E_PERM",
    }
}
