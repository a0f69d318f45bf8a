//! The site file: what one installation says about itself, to all runs.
//!
//! [`Site::load`] reads it; every option stands in [`option::OPTIONS`], from which
//! the reference page is made. What the tables of adapters mean is the adapters'
//! business: they are handed on as they are, with their places, so that a mistake
//! in them has its line too.

mod guards;
mod nearest;
pub mod option;
mod page;
mod read;
mod tree;
mod when;

use core::fmt;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use rye_bundle::name::EnvironmentId;
use rye_bundle::trust::PinnedDigest;
use rye_bytecode::setting::Written;
use rye_core::limit::SITE_FILE_BYTES_MAX;
use rye_core::mode::Mode;
use rye_core::value::{Duration, Name};
use rye_engine::guardrail::{Guarded, Maintenance, Quota};
use rye_engine::schedule::BusinessHours;
use serde::de::DeserializeOwned;

use crate::file::{self, FileError, Writers};

pub use guards::Names;
pub(crate) use nearest::nearest;
pub use page::reference_page;
pub(crate) use tree::join as path;

/// What one installation says.
#[derive(Clone, Debug)]
pub struct Site {
    /// Which installation it is: bundles must be meant for it.
    pub environment: EnvironmentId,
    /// The trust root that people agreed on.
    pub trust_root: PinnedDigest,
    /// How long an undo that finds nobody is tried.
    pub undo_patience: Duration,
    /// How long before the end of a life operators are told.
    pub life_notice: Duration,
    /// How old a person's message may be when it is read.
    pub message_age_max: Duration,
    /// The most real mode of each playbook; `shadow` for those that are not named.
    modes: BTreeMap<String, Mode>,
    /// What playbooks' settings are set to, by the settings' names.
    pub settings: BTreeMap<String, Written>,
    /// What nothing may touch, with the reasons.
    pub protected: Vec<(Guarded, Name)>,
    /// How much may be done, over all runs.
    pub quotas: Vec<Quota>,
    /// When people work on what, so that nothing else may.
    pub maintenance: Vec<Maintenance>,
    /// When people of the site work, if it says so.
    pub business_hours: Option<BusinessHours>,
    places: Places,
}

/// A place in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// From 1.
    pub line: usize,
    /// In characters, from 1.
    pub column: usize,
}

/// One thing that is wrong in a site file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// Where, if it is in the file at all.
    pub at: Option<Place>,
    /// The option, as a path; empty when it is none.
    pub option: String,
    /// What was expected and what was found.
    pub problem: String,
    /// What to do.
    pub help: String,
}

/// A site file that is not taken.
#[derive(Debug)]
pub enum SiteError {
    /// The file can't be read, or others could change it.
    File(FileError),
    /// What it says is wrong.
    Mistakes {
        /// The file.
        path: PathBuf,
        /// All that is wrong with it, in the order of the places.
        mistakes: Vec<Mistake>,
    },
}

impl Site {
    /// Reads the site file at `path`.
    ///
    /// # Errors
    /// When the file can't be trusted, or says something that it may not say: all
    /// mistakes at once.
    pub fn load(path: &Path) -> Result<Self, SiteError> {
        let bytes =
            file::read(path, SITE_FILE_BYTES_MAX, Writers::Owner).map_err(SiteError::File)?;
        let wrong = |mistakes| SiteError::Mistakes { path: path.to_owned(), mistakes };
        let text = String::from_utf8(bytes).map_err(|error| {
            let at = error.utf8_error().valid_up_to();
            let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
            wrong(vec![Mistake {
                at: Some(Place::of(&text, at)),
                option: String::new(),
                problem: String::from("expected text in UTF-8, found other bytes"),
                help: String::from("save the file as UTF-8"),
            }])
        })?;
        Self::parse(path, text)
    }

    /// The site that `text`, from the file at `path`, describes.
    ///
    /// # Errors
    /// All mistakes in it at once.
    pub fn parse(path: &Path, text: String) -> Result<Self, SiteError> {
        let wrong = |mistakes| SiteError::Mistakes { path: path.to_owned(), mistakes };
        read::site(path, text).map_err(wrong)
    }

    /// The most real mode that the site allows a playbook.
    pub fn mode_of(&self, playbook: &str) -> Mode {
        self.modes.get(playbook).copied().unwrap_or(Mode::Shadow)
    }

    /// Whether any playbook may be more than a record of what it would do.
    pub fn lets_any_act(&self) -> bool {
        self.modes.values().any(|mode| *mode != Mode::Shadow)
    }

    /// Reads the tables of all adapters as `T`.
    ///
    /// # Errors
    /// What `T` does not take, with its place.
    pub fn adapters<T: DeserializeOwned>(&self) -> Result<T, SiteError> {
        let tables = toml::de::Deserializer::from(read::adapters(&self.places.text));
        T::deserialize(tables).map_err(|error| {
            let place = error.span().map(|span| self.places.place(span.start));
            let option = error.span().and_then(|span| self.places.path_at(span.start));
            let option = option.unwrap_or_default();
            let (problem, help) = read::adapter_problem(error.message());
            self.wrong(Mistake { at: place, option, problem, help })
        })
    }

    /// What somebody else found wrong with `option`, a path such as
    /// `firewall.table`.
    pub fn mistake(
        &self,
        option: &str,
        problem: impl Into<String>,
        help: impl Into<String>,
    ) -> SiteError {
        let at = self.places.of(option);
        let (problem, help) = (problem.into(), help.into());
        self.wrong(Mistake { at, option: option.to_owned(), problem, help })
    }

    /// Where `option` stands.
    pub fn place_of(&self, option: &str) -> Option<Place> {
        self.places.of(option)
    }

    fn wrong(&self, mistake: Mistake) -> SiteError {
        SiteError::Mistakes { path: self.places.path.clone(), mistakes: vec![mistake] }
    }
}

/// Where each option stands.
#[derive(Clone, Debug)]
struct Places {
    path: PathBuf,
    text: String,
    /// By the options' paths: where the values begin and end, in bytes.
    spans: BTreeMap<String, core::ops::Range<usize>>,
}

impl Places {
    fn place(&self, byte: usize) -> Place {
        Place::of(&self.text, byte)
    }

    /// Where an option stands, or else the innermost table around it that does.
    fn of(&self, option: &str) -> Option<Place> {
        let mut path = option;
        loop {
            if let Some(span) = self.spans.get(path) {
                return Some(self.place(span.start));
            }
            (path, _) = path.rsplit_once('.')?;
        }
    }

    /// The innermost option whose value the byte is in.
    fn path_at(&self, byte: usize) -> Option<String> {
        let around = self.spans.iter().filter(|(_, span)| span.contains(&byte));
        around.min_by_key(|(_, span)| span.len()).map(|(path, _)| path.clone())
    }
}

impl Place {
    /// The place of a byte of `text`.
    fn of(text: &str, byte: usize) -> Self {
        let before = text.get(..text.floor_char_boundary(byte)).unwrap_or(text);
        let line = before.bytes().filter(|byte| *byte == b'\n').count().saturating_add(1);
        let last = before.rsplit('\n').next().unwrap_or_default();
        Self { line, column: last.chars().count().saturating_add(1) }
    }
}

impl fmt::Display for SiteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(error) => write!(f, "{error}\n  help: {}", error.help()),
            Self::Mistakes { path, mistakes } => {
                for (index, mistake) in mistakes.iter().enumerate() {
                    let separator = if index == 0 { "" } else { "\n" };
                    write!(f, "{separator}{}", path.display())?;
                    if let Some(Place { line, column }) = mistake.at {
                        write!(f, ":{line}:{column}")?;
                    }
                    if !mistake.option.is_empty() {
                        write!(f, ": `{}`", mistake.option)?;
                    }
                    write!(f, ": {}\n  help: {}", mistake.problem, mistake.help)?;
                }
                Ok(())
            }
        }
    }
}

impl core::error::Error for SiteError {}

#[cfg(test)]
mod tests;
