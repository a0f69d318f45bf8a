//! Whether a key may say something, as the trust that the store believes has it. It is
//! asked where nobody is there to refuse: a message that can only be refused later is a
//! word that somebody relies on.

use std::path::Path;

use rye_bundle::message::verify_message;
use rye_bundle::signature::SignatureRecord;
use rye_bundle::time::UnixSeconds;
use rye_bundle::trust::{AcceptedRoot, PinnedDigest, Trust, TrustedKey, Usage};
use rye_core::id::KeyId;
use rye_core::value::{Name, Time};
use rye_engine::entry::Body;
use rye_engine::message::Order;
use rye_journal::blob::Blobs;
use rye_journal::store::trust_folder;

use crate::output::Failure;
use crate::store::Store;
use crate::timeline::head;

/// Who would take a message, and what they would look at.
pub(super) struct Judge {
    trust: Trust,
    usage: Usage,
    /// One of these roles is needed; none where the usage is enough.
    roles: Vec<Name>,
}

impl Judge {
    /// Whoever judges `order` next; `None` where the store keeps no trust yet.
    pub(super) fn of(path: &Path, store: &Store, order: &Order) -> Option<Self> {
        let usage = if order.is_of_approvers() { Usage::Approval } else { Usage::Operator };
        let roles = match order {
            Order::Vote { request, .. } => {
                let mut open = store.engine.open_questions();
                let asked = open.find(|(.., state)| state.digest == *request);
                let question = asked.map(|(.., state)| &state.question);
                // Who is asked later may have come to be asked when it is taken.
                let later = question.and_then(|question| question.escalation.as_ref());
                let roles = question.into_iter().flat_map(|question| &question.roles);
                roles.chain(later.into_iter().flat_map(|later| &later.roles)).cloned().collect()
            }
            _ => Vec::new(),
        };
        let trust = believed(path, store)?;
        Some(Self { trust, usage, roles })
    }

    /// Who answers for a key.
    pub(super) fn owner_of(&self, key: KeyId) -> Option<&str> {
        self.trust.root().key(key).map(|key| key.owner.as_str())
    }

    /// That the message will not be refused for who signed it.
    pub(super) fn check(
        &self,
        now: Time,
        statement: &[u8],
        record: &SignatureRecord,
    ) -> Result<(), Failure> {
        let now = UnixSeconds::from(now);
        let told = verify_message(&self.trust, self.usage, now, statement, record);
        let verified = told.map_err(|refusal| self.refused(now, &refusal.to_string()))?;
        let key = self.trust.root().key(verified.key_id());
        match key.filter(|key| !self.has_role(key)) {
            None => Ok(()),
            Some(key) => {
                let roles = self.roles.join("`, `");
                Err(self.refused(now, &format!("{} has none of the roles `{roles}`", key.owner)))
            }
        }
    }

    fn refused(&self, now: UnixSeconds, why: &str) -> Failure {
        let root = self.trust.root();
        let is_good = |key: &&TrustedKey| {
            let id = key.public.id();
            let is_valid = key.not_before <= now && now < key.not_after;
            is_valid && key.usages.contains(self.usage) && !self.trust.revokes_key(id)
        };
        let keys = root.keys().filter(is_good).filter(|key| self.has_role(key));
        let mut keys: Vec<String> = keys
            .map(|key| format!("{} (key {}…)", key.owner, head(&key.public.id().to_string())))
            .collect();
        keys.sort_unstable();
        let who = if keys.is_empty() { String::from("nobody") } else { keys.join(", ") };
        Failure::refused(format!("nothing was stored: {why}")).help(format!(
            "by trust root {} this can be said by {who}; a newer trust root is taken by \
             `ryed resume`",
            root.version()
        ))
    }

    fn has_role(&self, key: &TrustedKey) -> bool {
        let held = self.trust.root().people_roles().iter();
        let mut held = held.filter(|(_, owners)| owners.contains(&key.owner));
        self.roles.is_empty()
            || held.any(|(role, _)| self.roles.iter().any(|wanted| **wanted == *role.as_str()))
    }
}

/// The trust root and the list of revocations that the store believed last.
fn believed(path: &Path, store: &Store) -> Option<Trust> {
    let bodies = || store.entries.iter().rev().map(|(_, entry)| &entry.body);
    let root = bodies().find_map(|body| match body {
        Body::TrustRootTaken { digest, .. } => Some(*digest),
        _ => None,
    })?;
    let list = bodies().find_map(|body| match body {
        Body::RevocationsTaken { digest, .. } => Some(*digest),
        _ => None,
    });
    let kept = Blobs::at(&trust_folder(path));
    // What can't be read is whoever acts next to complain of.
    let bytes = kept.get(root).ok()??;
    let mut trust = Trust::new(AcceptedRoot::accept(&bytes, PinnedDigest::new(root)).ok()?);
    if let Some(list) = list {
        trust.recall_revocations(&kept.get(list).ok()??).ok()?;
    }
    Some(trust)
}
