//! What people say, from the inbox to the engine: who signed it, whether he may,
//! whether it is fresh, and not said before.

use std::collections::BTreeMap;

use rye_bundle::error::Refusal;
use rye_bundle::message::{VerifiedMessage, verify_message};
use rye_bundle::signature::{Signature, SignatureRecord};
use rye_bundle::time::UnixSeconds;
use rye_bundle::trust::Usage;
use rye_core::digest::Digest;
use rye_core::value::{Duration, Name, Time};
use rye_engine::engine::Message;
use rye_engine::entry::{Claim, Said};
use rye_engine::message::{Order, Signed, Statement};
use rye_engine::question::Voter;
use rye_engine::stamp::Stamp;
use rye_journal::inbox::Found;

use super::Shell;
use crate::store::StoreError;

/// How far ahead of ours the clock may be by which a message was made.
const AHEAD_MAX: Duration = Duration::from_secs(600);

/// A message as it was found.
struct Heard {
    /// When it was made, as it says: people are heard in that order.
    created_at: Time,
    /// Its file.
    file: Digest,
    /// What it is known by.
    digest: Digest,
    /// What it says of itself, for the record of a refusal.
    claim: Claim,
    /// What it says, or why it is refused.
    said: Result<Message, String>,
}

impl Shell {
    /// Hears all messages in the inbox. Those that wait for an answer in flight
    /// stay there and are heard again.
    ///
    /// # Errors
    /// When the inbox can't be read: whoever said stop would not be heard.
    pub(super) fn take_messages(&mut self, now: Stamp) -> Result<(), StoreError> {
        let listing = self.store.inbox.list().map_err(StoreError::Journal)?;
        for skipped in listing.skipped {
            if self.odd.insert(skipped.name.clone()) {
                tracing::warn!(name = skipped.name, why = %skipped.why, "no message");
            }
        }
        let mut heard: Vec<Heard> =
            listing.messages.into_iter().filter_map(|file| self.hear(file, now)).collect();
        heard.sort_by_key(|heard| (heard.created_at, heard.digest));
        for Heard { file, digest, claim, said, .. } in heard {
            if !self.engine.has_taken(digest) {
                let refused = match said {
                    Ok(message) => self.engine.say(&message, now).err(),
                    Err(reason) => Some(reason),
                };
                if let Some(reason) = refused {
                    self.engine.refuse(digest, claim, &reason, now);
                }
            }
            self.heard.insert(file, digest);
        }
        Ok(())
    }

    /// Takes those messages out of the inbox that the engine has taken. Called when
    /// all that it wrote is durable.
    pub(super) fn forget_messages(&mut self) {
        let heard = core::mem::take(&mut self.heard);
        let (taken, waiting) =
            heard.into_iter().partition(|(_, message)| self.engine.has_taken(*message));
        self.heard = waiting;
        let taken: BTreeMap<Digest, Digest> = taken;
        for file in taken.into_keys() {
            // If it stays, it is found to be taken next time.
            if let Err(error) = self.store.inbox.remove(file) {
                tracing::warn!(%error, "a message stays in the inbox");
            }
        }
    }

    /// The message in the file; none when there is nothing to read.
    fn hear(&mut self, file: Digest, now: Stamp) -> Option<Heard> {
        let bytes = match self.store.inbox.read(file) {
            Ok(Found::Message(bytes)) => bytes,
            Ok(Found::Nothing) => return None,
            Ok(Found::Unreadable(why)) => {
                if self.odd.insert(file.to_string()) {
                    tracing::warn!(%file, %why, "no message");
                }
                return None;
            }
            Err(error) => {
                tracing::error!(%error, "a message can't be read");
                return None;
            }
        };
        Some(match Signed::decode(&bytes) {
            Ok(signed) => {
                let created_at = Statement::decode(&signed.statement).map(|it| it.created_at);
                let created_at = created_at.unwrap_or_default();
                let verified = self.verify(&signed, now);
                // Who can't sign for a key must not use up what its owner says.
                let forged = matches!(verified, Err(Refusal::SignatureInvalid { .. }));
                let digest = if forged { file } else { signed.digest() };
                let said = match verified {
                    Ok(message) => self.judge(&signed, &message, now),
                    Err(refusal) => Err(refusal.to_string()),
                };
                Heard { created_at, file, digest, claim: signed.claim(), said }
            }
            Err(error) => {
                let said = Err(format!("it is no message: {error}"));
                let claim = Claim::default();
                Heard { created_at: Time::default(), file, digest: file, claim, said }
            }
        })
    }

    /// Who signed a statement, if they may say such a thing now.
    fn verify<'a>(&self, signed: &'a Signed, now: Stamp) -> Result<VerifiedMessage<'a>, Refusal> {
        let record = SignatureRecord { key_id: signed.key, signature: Signature(signed.signature) };
        let seconds = UnixSeconds::from(now.wall.max(self.store.latest_seen()));
        let statement = Statement::decode(&signed.statement);
        let usage = match statement.map(|statement| statement.order) {
            Ok(order) if order.is_of_approvers() => Usage::Approval,
            Ok(_) | Err(_) => Usage::Operator,
        };
        verify_message(self.loader.trust(), usage, seconds, &signed.statement, &record)
    }

    /// What a statement says, if it is understood and fresh.
    fn judge(
        &self,
        signed: &Signed,
        verified: &VerifiedMessage<'_>,
        now: Stamp,
    ) -> Result<Message, String> {
        let wall = now.wall.max(self.store.latest_seen());
        let statement = Statement::decode(verified.body())
            .map_err(|error| format!("its statement is not understood: {error}"))?;
        let age = wall.saturating_since(statement.created_at);
        let most = self.site.message_age_max;
        if age > most {
            return Err(format!("it is older than {most}: say it again"));
        }
        if age.0 < AHEAD_MAX.0.saturating_neg() {
            let ahead = "it comes from a clock that is more than 10m ahead: set the clocks right";
            return Err(String::from(ahead));
        }
        if statement.order == Order::Resume && !verified.owner().is_human() {
            return Err(String::from("a program may halt, and only people may resume"));
        }
        if matches!(statement.order, Order::Lift { .. }) && !verified.owner().is_human() {
            return Err(String::from("a quota is lifted by people, and never by a program"));
        }
        let by = Said { key: verified.key_id(), message: signed.digest() };
        Ok(statement.message(self.store.id(), by, self.voter(verified)))
    }

    /// Who answers for the key, and as what, at this moment.
    fn voter(&self, verified: &VerifiedMessage<'_>) -> Voter {
        let owner = verified.owner();
        let roles = self.loader.trust().root().people_roles().iter();
        let held = roles.filter(|(_, owners)| owners.contains(owner));
        Voter {
            owner: Name::from(owner.as_str()),
            roles: held.map(|(role, _)| Name::from(role.as_str())).collect(),
        }
    }
}
