//! What the engine itself tells a site's operators: which entries people are told of,
//! those of which nobody was told yet, and the notices with their deliveries. A fold
//! over entries, like all else.

use std::collections::{BTreeMap, BTreeSet};

use rye_core::digest::Digest;
use rye_core::id::{EffectId, RunId};
use rye_core::value::Name;

use crate::entry::{Body, Entry, RunOutcome, UndoResult};
use crate::holding::Holder;
use crate::run::NoticeState;

/// What people are told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum About {
    /// A run waits for a person.
    Held,
    /// People are asked.
    Asked,
    /// Others are asked as well.
    Escalated,
    /// An undo failed for good.
    Stuck,
    /// A run is over, and something of it could not be taken back.
    OverStuck,
    /// The life of an effect ends soon.
    LifeEnds,
    /// The life of an effect is over, and no clock may end it.
    Overdue,
    /// Somebody halted a run, or all.
    Halted,
    /// What was halted goes on.
    Resumed,
    /// A bundle may be used no longer.
    Withdrawn,
    /// A bundle may be used again.
    Restored,
    /// Nothing destructive is done any more.
    Restricted,
    /// Destructive actions are done again.
    Unrestricted,
    /// A trust root or a revocation list that was offered was refused.
    TrustRefused,
    /// The wall clock jumped.
    Clock,
}

impl About {
    /// All of them, in the order of their codes.
    pub const ALL: [Self; 15] = [
        Self::Held,
        Self::Asked,
        Self::Escalated,
        Self::Stuck,
        Self::OverStuck,
        Self::LifeEnds,
        Self::Overdue,
        Self::Halted,
        Self::Resumed,
        Self::Withdrawn,
        Self::Restored,
        Self::Restricted,
        Self::Unrestricted,
        Self::TrustRefused,
        Self::Clock,
    ];

    /// What people are told of when an entry says this; lives end without an entry.
    pub fn of(body: &Body) -> Option<Self> {
        Some(match body {
            Body::Held { .. } => Self::Held,
            Body::Requested { question, .. } if !question.is_automatic() => Self::Asked,
            Body::Escalated { .. } => Self::Escalated,
            Body::UndoOutcome { result: UndoResult::Stuck, .. } => Self::Stuck,
            Body::Ended { outcome: RunOutcome::Stuck, .. } => Self::OverStuck,
            Body::Halted { .. } => Self::Halted,
            Body::Resumed { lifted: true, .. } => Self::Resumed,
            Body::BundleWithdrawn { .. } => Self::Withdrawn,
            Body::BundleRestored { .. } => Self::Restored,
            Body::Restricted { code: Some(_) } => Self::Restricted,
            Body::Restricted { code: None } => Self::Unrestricted,
            Body::TrustRootRefused { .. } | Body::RevocationsRefused { .. } => Self::TrustRefused,
            Body::ClockAnomaly { .. } => Self::Clock,
            _ => return None,
        })
    }

    /// Whether a clock makes people be told of it, and no entry.
    pub fn is_of_clock(self) -> bool {
        matches!(self, Self::LifeEnds | Self::Overdue)
    }
}

/// What people were told, and what they must be told still.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Alerts {
    /// The entries of which nobody was told, in order.
    owed: Vec<Entry>,
    /// What trust refused already: a file that lies there for weeks is told of once.
    refused: BTreeSet<(Option<Digest>, Name)>,
    notices: BTreeMap<Holder, NoticeState>,
    /// Lives of whose end people were told.
    lives: BTreeSet<(Holder, About)>,
}

impl Alerts {
    /// Folds an entry of the journal.
    pub fn apply(&mut self, entry: &Entry) {
        match &entry.body {
            Body::Alerted { alert, about, effect, notice, delivered } => {
                if let Some(cause) = self.cause_of(entry.run, *about) {
                    self.owed.remove(cause);
                }
                if let Some(effect) = effect.filter(|_| about.is_of_clock()) {
                    self.lives.insert(((entry.run, effect), *about));
                }
                let notice = NoticeState::new(notice.clone(), *delivered);
                self.notices.insert((entry.run, *alert), notice);
            }
            Body::Delivered { effect, .. } => {
                if let Some(notice) = self.notices.get_mut(&(entry.run, *effect)) {
                    notice.apply(entry);
                }
            }
            // A new life begins.
            Body::Renewed { effect, .. } | Body::Intent { effect, .. } => {
                for about in [About::LifeEnds, About::Overdue] {
                    self.lives.remove(&((entry.run, *effect), about));
                }
            }
            Body::TrustRootRefused { digest, code } | Body::RevocationsRefused { digest, code }
                if !self.refused.insert((*digest, code.clone())) => {}
            body if About::of(body).is_some() => self.owed.push(entry.clone()),
            _ => {}
        }
    }

    /// The entries of which nobody was told yet, in order.
    pub fn owed(&self) -> &[Entry] {
        &self.owed
    }

    /// The notices about a run, or, for the id that stands for none, about the store.
    pub fn of(&self, run: RunId) -> impl Iterator<Item = (EffectId, &NoticeState)> {
        let (first, last) = (EffectId::default(), EffectId([u8::MAX; 16]));
        self.notices.range((run, first)..=(run, last)).map(|((_, alert), notice)| (*alert, notice))
    }

    /// The notice of this id.
    pub fn get(&self, run: RunId, alert: EffectId) -> Option<&NoticeState> {
        self.notices.get(&(run, alert))
    }

    /// Whether people were told of the end of this life.
    pub fn has_told(&self, holder: Holder, about: About) -> bool {
        self.lives.contains(&(holder, about))
    }

    /// What speaks against telling people so now, if something does.
    pub(crate) fn contradicts(&self, entry: &Entry) -> Option<&'static str> {
        let Body::Alerted { alert, about, effect, .. } = &entry.body else { return None };
        let is_owed = match effect {
            Some(effect) if about.is_of_clock() => !self.has_told((entry.run, *effect), *about),
            _ => self.cause_of(entry.run, *about).is_some(),
        };
        match self.get(entry.run, *alert) {
            Some(_) => Some("people are told under one id a second time"),
            None if !is_owed => Some("people are told what did not happen, or a second time"),
            None => None,
        }
    }

    fn cause_of(&self, run: RunId, about: About) -> Option<usize> {
        self.owed.iter().position(|it| it.run == run && About::of(&it.body) == Some(about))
    }
}
