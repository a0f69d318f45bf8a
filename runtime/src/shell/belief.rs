//! Who is believed while runs are under way: from the pinned trust root along those
//! that the journal says were taken, then what people offer now. What comes of it for
//! bundles and destructive acts is said to the engine before anything is dispatched.

use core::fmt;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use rye_bundle::archive::Archive;
use rye_bundle::envelope::ObjectKind;
use rye_bundle::time::UnixSeconds;
use rye_bundle::trust::{Taken, Trust, TrustRoot};
use rye_bundle::{Authorised, Bundle, Refusal};
use rye_core::digest::Digest;
use rye_core::value::Name;
use rye_engine::entry::{Body, Entry};
use rye_engine::stamp::Stamp;

use super::Shell;
use crate::offers::{self, Seen};
use crate::store::{StoreError, own};
use crate::timeline::Line;

/// How much that was refused is told by one process: whoever can write the files
/// must not fill the journal.
const REFUSED_MAX: usize = 64;

/// What is known of trust beside who is believed.
#[derive(Debug, Default)]
pub(super) struct Belief {
    /// The files that were looked at.
    seen: Seen,
    /// What was refused already: nothing is told twice.
    refused: Vec<(Option<Digest>, &'static str)>,
    /// The bundles of runs, and until when they may be used if nobody says otherwise;
    /// `None` when it has to be asked.
    bundles: BTreeMap<Digest, (Bundle<Authorised>, Option<UnixSeconds>)>,
    /// Why nothing destructive may be done, as it was told last.
    restricted: Option<&'static str>,
}

/// Why nobody is believed.
#[derive(Debug)]
pub enum BeliefError {
    /// A trust root or list that was taken before is refused now.
    Refused {
        /// What it is.
        what: String,
        /// Why.
        refusal: Refusal,
    },
    /// A trust root or list that was taken before is not there.
    Missing {
        /// What it is.
        what: String,
        /// By what it is known.
        digest: Digest,
    },
}

impl fmt::Display for BeliefError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused { what, refusal } => {
                write!(f, "{what} is refused: {refusal}\n  help: {}", refusal.explain().help)
            }
            Self::Missing { what, digest } => write!(
                f,
                "{what}, which this store has taken, is missing ({digest})\n  help: put the file \
                 back into the folder `trust` of the store, under that name"
            ),
        }
    }
}

impl core::error::Error for BeliefError {}

/// A trust root or a revocation list.
#[derive(Clone, Copy)]
enum Sort {
    TrustRoot,
    Revocations,
}

impl Shell {
    /// Goes from the pinned trust root to where the journal was, and recalls what was
    /// revoked. A pin beyond all that was taken is people's word, and is followed.
    pub(super) fn recall_belief(&mut self, now: Stamp) -> Result<(), super::OpenError> {
        let wall = UnixSeconds::from(now.wall.max(self.store.latest_seen()));
        let taken = self.store.trust_roots().clone();
        let accepted = self.loader.trust().accepted();
        let (pinned, digest) = (accepted.root().version(), accepted.digest());
        let mut trust = self.loader.trust().clone();
        match (taken.last_key_value(), taken.get(&pinned)) {
            (Some((last, _)), Some(known)) if pinned <= *last && *known != digest => {
                let refusal =
                    Refusal::RootEquivocation { version: pinned, known: *known, found: digest };
                return Err(refused("the pinned trust root", refusal).into());
            }
            (Some((last, _)), None) if pinned < *last => {
                let refusal = Refusal::RootRollback { version: pinned, seen: *last };
                return Err(refused("the pinned trust root", refusal).into());
            }
            (_, Some(_)) => {}
            (last, None) => {
                let bytes = self.loader.pinned_file().to_vec();
                let entry = self.keep_belief(&trust, &bytes, Sort::TrustRoot, now)?;
                // That a new store begins with what is pinned is no news to anybody.
                match last {
                    None => self.store.append(&[entry])?,
                    Some(_) => self.append(&[entry])?,
                }
            }
        }
        for (version, digest) in taken.range(pinned.saturating_add(1)..) {
            let what = format!("trust root {version}");
            let bytes = self.kept(&what, *digest)?;
            trust.take_root(&bytes, wall).map_err(|refusal| refused(&what, refusal))?;
        }
        if let Some(digest) = self.store.revocations() {
            let what = "the revocation list";
            let bytes = self.kept(what, digest)?;
            trust.recall_revocations(&bytes).map_err(|refusal| refused(what, refusal))?;
        }
        self.loader.believe(trust);
        Ok(())
    }

    fn kept(&self, what: &str, digest: Digest) -> Result<Vec<u8>, super::OpenError> {
        let kept = self.store.trust.get(digest).map_err(StoreError::Journal)?;
        kept.ok_or_else(|| BeliefError::Missing { what: what.to_owned(), digest }.into())
    }

    /// Takes what people offer, if it is another than before, and finds out what that
    /// means for the bundles of runs. To be called before anything is dispatched.
    pub(super) fn look_at_trust(&mut self, now: Stamp) -> Result<(), StoreError> {
        let offers = self.loader.offers();
        let paths = offers.trust_roots.iter().chain(&offers.revocations);
        if self.belief.seen.changed(paths) {
            let (roots, list) = (offers.trust_roots.clone(), offers.revocations.clone());
            self.take_roots(&roots, now)?;
            if let Some(path) = list {
                self.take(&path, Sort::Revocations, now)?;
            }
        }
        Ok(())
    }

    /// Says to the engine which bundles may be used no longer, and whether anything
    /// destructive may be done.
    pub(super) fn recheck_trust(&mut self, now: Stamp) {
        let trust = self.loader.trust();
        let seconds = UnixSeconds::from(now.wall);
        let clock = trust.check_clock(seconds, UnixSeconds::from(self.store.latest_seen()));
        let refusal = match clock {
            Ok(seconds) => trust.check_in_force(seconds).err(),
            Err(refusal) => Some(refusal),
        };
        let code = refusal.as_ref().map(Refusal::code);
        let why = refusal.filter(|_| self.belief.restricted != code);
        self.belief.restricted = code;
        self.engine.restrict(code, now);
        let seconds = UnixSeconds::from(now.wall.max(self.store.latest_seen()));
        for (digest, (bundle, until)) in &mut self.belief.bundles {
            if until.is_some_and(|until| seconds < until) {
                continue;
            }
            match bundle.recheck(trust, seconds) {
                Ok(end) => {
                    *until = Some(end);
                    self.engine.restore(*digest, now);
                }
                Err(refusal) => {
                    // Only people can change that.
                    *until = Some(UnixSeconds(u64::MAX));
                    tracing::error!(bundle = %digest, %refusal, "a bundle is withdrawn");
                    self.engine.withdraw(*digest, refusal.code(), now);
                }
            }
        }
        if let Some(refusal) = why {
            self.tell_why(&refusal, now);
        }
    }

    /// From now on asks before each turn whether a bundle may be used still.
    pub(super) fn watch_bundle(&mut self, bundle: Bundle<Authorised>) {
        self.belief.bundles.insert(bundle.digest(), (bundle, None));
    }

    /// Takes the trust roots among the files, the one with the least version first.
    fn take_roots(&mut self, paths: &[PathBuf], now: Stamp) -> Result<(), StoreError> {
        let version = |path: &PathBuf| {
            let file = offers::read(path).ok()?;
            let archive = Archive::decode(&file).ok()?;
            TrustRoot::decode(archive.payload()).ok().map(|root| root.version())
        };
        let mut ordered: Vec<_> = paths.iter().map(|path| (version(path), path)).collect();
        ordered.sort();
        ordered.into_iter().try_for_each(|(_, path)| self.take(path, Sort::TrustRoot, now))
    }

    /// Takes the file at `path`, or writes down why not; what was believed before is
    /// believed on then.
    fn take(&mut self, path: &Path, sort: Sort, now: Stamp) -> Result<(), StoreError> {
        let bytes = match offers::read(path) {
            Ok(bytes) => bytes,
            Err(error) => {
                tracing::error!(%error, "what is offered can't be read");
                let code = crate::loader::file_code(&error);
                return self.note_refused(None, code, sort, now);
            }
        };
        let kind = match sort {
            Sort::TrustRoot => ObjectKind::TRUST_ROOT,
            Sort::Revocations => ObjectKind::REVOCATIONS,
        };
        let digest = Archive::decode(&bytes).ok().map(|archive| kind.digest(archive.payload()));
        let known = self.store.trust_roots().values().any(|known| Some(*known) == digest);
        if known {
            return Ok(());
        }
        let seconds = UnixSeconds::from(now.wall.max(self.store.latest_seen()));
        let mut trust = self.loader.trust().clone();
        let taken = match sort {
            Sort::TrustRoot => trust.take_root(&bytes, seconds),
            Sort::Revocations => trust.take_revocations(&bytes, seconds),
        };
        match taken {
            Ok(Taken::Known) => Ok(()),
            Ok(Taken::New) => {
                let entry = self.keep_belief(&trust, &bytes, sort, now)?;
                self.append(&[entry])?;
                self.loader.believe(trust);
                self.belief.bundles.values_mut().for_each(|(_, until)| *until = None);
                Ok(())
            }
            Err(refusal) => {
                tracing::error!(%refusal, path = %path.display(), "what is offered is refused");
                if self.is_news(digest, refusal.code()) {
                    self.tell_why(&refusal, now);
                }
                self.note_refused(digest, refusal.code(), sort, now)
            }
        }
    }

    /// Says to whoever watches what the journal has only the code of: what was expected,
    /// what was found, and what helps.
    fn tell_why(&mut self, refusal: &Refusal, now: Stamp) {
        let (text, help) = (refusal.to_string(), Some(refusal.explain().help));
        (self.observe)(Line { at: now.wall, run: None, text, help });
    }

    /// Keeps what is to be believed; the entry that says so, to be written before it is.
    fn keep_belief(
        &mut self,
        trust: &Trust,
        bytes: &[u8],
        sort: Sort,
        now: Stamp,
    ) -> Result<Entry, StoreError> {
        let root = trust.root();
        let body = match (sort, trust.revocations()) {
            (Sort::Revocations, Some(list)) => {
                Body::RevocationsTaken { digest: list.digest(), version: list.version }
            }
            _ => Body::TrustRootTaken {
                digest: trust.accepted().digest(),
                version: root.version(),
                reset: root.reset_counters().iter().map(|it| Name::from(it.as_str())).collect(),
            },
        };
        if let Body::RevocationsTaken { digest, .. } | Body::TrustRootTaken { digest, .. } = &body {
            self.store.trust.put(*digest, bytes).map_err(StoreError::Journal)?;
        }
        Ok(own(now, body))
    }

    /// Whether this was not refused before for the same.
    fn is_news(&self, digest: Option<Digest>, code: &'static str) -> bool {
        let refused = &self.belief.refused;
        !refused.contains(&(digest, code)) && refused.len() < REFUSED_MAX
    }

    fn note_refused(
        &mut self,
        digest: Option<Digest>,
        code: &'static str,
        sort: Sort,
        now: Stamp,
    ) -> Result<(), StoreError> {
        if !self.is_news(digest, code) {
            return Ok(());
        }
        self.belief.refused.push((digest, code));
        let code = Name::from(code);
        let body = match sort {
            Sort::TrustRoot => Body::TrustRootRefused { digest, code },
            Sort::Revocations => Body::RevocationsRefused { digest, code },
        };
        self.note(body, now)
    }
}

fn refused(what: &str, refusal: Refusal) -> BeliefError {
    BeliefError::Refused { what: what.to_owned(), refusal }
}
