//! Who is believed now: a trust root, its successors one after the other, and the
//! list of what was revoked since. It only ever goes forward.

use rye_core::digest::Digest;
use rye_core::id::KeyId;
use rye_core::limit::{CLOCK_BACKWARD_SECONDS_MAX, REVOCATIONS_GRACE_SECONDS};

use super::TrustRoot;
use super::accept::{AcceptedRoot, PinnedDigest, counted_owners, root_owners, root_threshold};
use crate::archive::Archive;
use crate::envelope::ObjectKind;
use crate::error::{Flaw, Refusal};
use crate::revocation::Revocations;
use crate::signature::FoundToHold;
use crate::time::UnixSeconds;

/// A trust root that is believed, and what was revoked since.
#[derive(Clone, Debug)]
pub struct Trust {
    root: AcceptedRoot,
    list: Option<AcceptedList>,
    found_to_hold: FoundToHold,
}

/// A revocation list that was believed when it came.
#[derive(Clone, Debug)]
struct AcceptedList {
    list: Revocations,
    digest: Digest,
    archive: Archive,
    /// Whether those who signed it may do so still, under the root of now.
    is_vouched_for: bool,
}

/// What came of something that was offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// From now on it is believed.
    New,
    /// It was believed already.
    Known,
}

impl Trust {
    /// Believes a root; nothing is revoked.
    pub fn new(root: AcceptedRoot) -> Self {
        Self { root, list: None, found_to_hold: FoundToHold::default() }
    }

    /// Believes the pinned root among `files`, and then its successors among them,
    /// one after the other. What is older than the pinned one is passed over.
    ///
    /// # Errors
    /// The first file that is refused, and why.
    pub fn of_files(
        pin: PinnedDigest,
        files: &[Vec<u8>],
        now: UnixSeconds,
    ) -> Result<Self, (usize, Refusal)> {
        let mut left: Vec<(u64, usize, &Vec<u8>)> = Vec::new();
        let mut trust = None;
        let mut not_pinned = Refusal::SignatureCount { found: 0 };
        for (index, file) in files.iter().enumerate() {
            let archive = Archive::decode(file).map_err(|refusal| (index, refusal))?;
            match AcceptedRoot::accept(file, pin) {
                Ok(root) => trust = Some(Self::new(root)),
                Err(refusal @ Refusal::RootPin { .. }) if files.len() > 1 => {
                    let root = TrustRoot::decode(archive.payload());
                    left.push((root.map_err(|refusal| (index, refusal))?.version(), index, file));
                    not_pinned = refusal;
                }
                Err(refusal) => return Err((index, refusal)),
            }
        }
        let mut trust = trust.ok_or((0, not_pinned))?;
        left.retain(|(version, ..)| *version >= trust.root().version());
        left.sort_unstable();
        for (_, index, file) in left {
            trust.take_root(file, now).map_err(|refusal| (index, refusal))?;
        }
        Ok(trust)
    }

    /// The trust root.
    pub fn root(&self) -> &TrustRoot {
        self.root.root()
    }

    /// The trust root, with what it is known by.
    pub fn accepted(&self) -> &AcceptedRoot {
        &self.root
    }

    /// The signatures of bundles that were found to hold.
    pub(crate) fn found_to_hold(&self) -> &FoundToHold {
        &self.found_to_hold
    }

    /// The revocation list.
    pub fn revocations(&self) -> Option<&Revocations> {
        self.list.as_ref().map(|it| &it.list)
    }

    /// What the revocation list is known by.
    pub fn revocations_digest(&self) -> Option<Digest> {
        self.list.as_ref().map(|it| it.digest)
    }

    /// Whether a key counts for nothing.
    pub fn revokes_key(&self, key_id: KeyId) -> bool {
        self.revocations().is_some_and(|list| list.keys.contains_key(&key_id))
    }

    /// Takes the next version of the trust root: exactly one more than the present
    /// one, signed by enough owners of the root role of both.
    ///
    /// The keys of the present root are judged as of the moment when the next was
    /// issued, at the latest in its own last second, so that an expired root can be
    /// succeeded. A revoked key counts on neither side.
    ///
    /// # Errors
    /// A refusal of the container, then the first of [`Refusal::RootForm`],
    /// `RootKey`, `RootRollback`, `RootEquivocation`, `RootSkip`, `Clock`,
    /// `SignatureInvalid`, `RootPredecessor`, `RootThreshold`. Nothing changed.
    pub fn take_root(&mut self, bytes: &[u8], now: UnixSeconds) -> Result<Taken, Refusal> {
        let archive = Archive::decode(bytes)?;
        let digest = ObjectKind::TRUST_ROOT.digest(archive.payload());
        if digest == self.root.digest() {
            return Ok(Taken::Known);
        }
        let next = TrustRoot::decode(archive.payload())?;
        self.check_succession(&next, digest)?;
        check_issued(next.issued_at(), now)?;
        let present = self.root();
        let last = UnixSeconds(present.expires_at().0.saturating_sub(1));
        let at = next.issued_at().min(last);
        let have = root_owners(present, &archive, at, self.revocations())?;
        let need = root_threshold(present);
        if have < need {
            return Err(Refusal::RootPredecessor { version: present.version(), need, have });
        }
        self.root = AcceptedRoot::signed(next, digest, &archive, self.revocations())?;
        self.judge_list();
        Ok(Taken::New)
    }

    /// Takes a revocation list: a later version than the present one, signed by
    /// enough owners of the role that signs such lists. A key that the present list
    /// revokes doesn't count.
    ///
    /// # Errors
    /// A refusal of the container, then the first of [`Refusal::RevocationsForm`],
    /// `SignatureInvalid`, `RevocationsThreshold`, `Clock`, `RevocationsRollback`,
    /// `RevocationsEquivocation`. Nothing changed.
    pub fn take_revocations(&mut self, bytes: &[u8], now: UnixSeconds) -> Result<Taken, Refusal> {
        let archive = Archive::decode(bytes)?;
        let digest = ObjectKind::REVOCATIONS.digest(archive.payload());
        if self.revocations_digest() == Some(digest) {
            return Ok(Taken::Known);
        }
        let list = Revocations::decode(archive.payload())?;
        if list.environment != *self.root().environment() {
            let (expected, found) = (self.root().environment(), &list.environment);
            return Err(Refusal::RevocationsForm(Flaw::new("environment", expected, found)));
        }
        check_list_signers(self.root(), &list, &archive, self.revocations())?;
        check_issued(list.issued_at, now)?;
        if let Some(present) = self.revocations() {
            let (version, seen) = (list.version, present.version);
            if version < seen || list.issued_at < present.issued_at {
                return Err(Refusal::RevocationsRollback { version, seen });
            }
            if version == seen {
                return Err(Refusal::RevocationsEquivocation { version });
            }
        }
        self.list = Some(AcceptedList { list, digest, archive, is_vouched_for: true });
        Ok(Taken::New)
    }

    /// Recalls a list that was taken before, from where it was kept: what it revokes
    /// stays revoked, whoever may sign such lists now.
    ///
    /// # Errors
    /// A refusal of the container, or [`Refusal::RevocationsForm`].
    pub fn recall_revocations(&mut self, bytes: &[u8]) -> Result<(), Refusal> {
        let archive = Archive::decode(bytes)?;
        let digest = ObjectKind::REVOCATIONS.digest(archive.payload());
        let list = Revocations::decode(archive.payload())?;
        self.list = Some(AcceptedList { list, digest, archive, is_vouched_for: false });
        self.judge_list();
        Ok(())
    }

    /// The time that checks go by: never earlier than what is certainly past, so
    /// that turning the clock back revives nothing.
    ///
    /// # Errors
    /// [`Refusal::Clock`].
    pub fn check_clock(
        &self,
        now: UnixSeconds,
        latest_seen: UnixSeconds,
    ) -> Result<UnixSeconds, Refusal> {
        let past = latest_seen.max(self.root().issued_at());
        if now.saturating_add(CLOCK_BACKWARD_SECONDS_MAX) < past {
            return Err(Refusal::Clock { now, past });
        }
        Ok(now.max(past))
    }

    /// Whether all that is believed is in force: asked before anything is loaded that
    /// was not loaded before, and before each destructive act.
    ///
    /// # Errors
    /// [`Refusal::RootExpired`], or [`Refusal::Freshness`] when the root has a role
    /// that signs revocation lists, and there is none that is fresh.
    pub fn check_in_force(&self, now: UnixSeconds) -> Result<(), Refusal> {
        let root = self.root();
        if now >= root.expires_at() {
            return Err(Refusal::RootExpired { expires_at: root.expires_at(), now });
        }
        if root.revocation_role().is_none() {
            return Ok(());
        }
        let found = self.list.as_ref().map(|it| (it.list.next_update, it.is_vouched_for));
        let is_fresh = found.is_some_and(|(next_update, is_vouched_for)| {
            is_vouched_for && now < next_update.saturating_add(REVOCATIONS_GRACE_SECONDS)
        });
        if is_fresh {
            return Ok(());
        }
        Err(Refusal::Freshness { list: found, now })
    }

    /// Until when [`Trust::check_in_force`] says what it says now, as far as time
    /// alone goes.
    pub fn in_force_until(&self) -> UnixSeconds {
        let list = self.root().revocation_role().and(self.revocations());
        let fresh = list.map(|it| it.next_update.saturating_add(REVOCATIONS_GRACE_SECONDS));
        fresh.unwrap_or(self.root().expires_at()).min(self.root().expires_at())
    }

    fn check_succession(&self, next: &TrustRoot, digest: Digest) -> Result<(), Refusal> {
        let present = self.root();
        let (version, seen) = (next.version(), present.version());
        if next.environment() != present.environment() {
            let (expected, found) = (present.environment(), next.environment());
            return Err(Refusal::RootForm(Flaw::new("environment", expected, found)));
        }
        if version < seen {
            return Err(Refusal::RootRollback { version, seen });
        }
        if version == seen {
            let (known, found) = (self.root.digest(), digest);
            return Err(Refusal::RootEquivocation { version, known, found });
        }
        if version > seen.saturating_add(1) {
            return Err(Refusal::RootSkip { version, seen });
        }
        Ok(())
    }

    /// The root may let others sign lists than before.
    fn judge_list(&mut self) {
        let Some(mut accepted) = self.list.take() else { return };
        // What it revokes itself was no reason to refuse it when it came.
        let judged = check_list_signers(self.root(), &accepted.list, &accepted.archive, None);
        accepted.is_vouched_for = judged.is_ok();
        self.list = Some(accepted);
    }
}

fn check_list_signers(
    root: &TrustRoot,
    list: &Revocations,
    archive: &Archive,
    revoked: Option<&Revocations>,
) -> Result<(), Refusal> {
    let Some(role) = root.revocation_role() else {
        return Err(Refusal::RevocationsThreshold { need: None, have: 0 });
    };
    // A list may be older than the root: then its signers need only be those of now.
    let at = list.issued_at.max(root.issued_at());
    let have = counted_owners(root, role, ObjectKind::REVOCATIONS, archive, at, revoked)?;
    let need = usize::from(role.threshold);
    if have < need {
        return Err(Refusal::RevocationsThreshold { need: Some(need), have });
    }
    Ok(())
}

/// Nothing is made in the future.
fn check_issued(issued_at: UnixSeconds, now: UnixSeconds) -> Result<(), Refusal> {
    if now.saturating_add(CLOCK_BACKWARD_SECONDS_MAX) < issued_at {
        return Err(Refusal::Clock { now, past: issued_at });
    }
    Ok(())
}

#[cfg(test)]
mod tests;
