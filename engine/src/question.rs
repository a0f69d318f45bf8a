//! A question to people while it is open: what was answered, by whom, and what
//! that decides.
//!
//! Answers are counted by owner, never by key. Of a box, the first no decides;
//! else as many different owners as the question wants must have said yes.

use core::fmt;
use std::collections::BTreeSet;
use std::sync::Arc;

use rye_core::digest::{APPROVAL_REQUEST, Digest};
use rye_core::id::{EffectId, RunId};
use rye_core::limit::REASON_BYTES_MAX;
use rye_core::question::{Decision, Question, Subject};
use rye_core::value::{Duration, Name, Value};
use rye_core::wire::Writer;

use crate::entry::{Answer, Body, Entry, RunStart, Said, write_question};
use crate::stamp::Stamp;

/// What one person answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Vote {
    /// Yes to these boxes, by their places in the question, ascending.
    Grant(Vec<u32>),
    /// No to these boxes, and why.
    Deny(Vec<u32>, Arc<str>),
    /// This value.
    Choose(Name),
}

/// As a person says it.
impl fmt::Display for Vote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let boxes = |boxes: &[u32]| {
            let boxes = boxes.iter().map(|index| index.saturating_add(1).to_string());
            boxes.collect::<Vec<_>>().join(", ")
        };
        match self {
            Self::Grant(granted) => write!(f, "yes to box {}", boxes(granted)),
            Self::Deny(denied, reason) => write!(f, "no to box {}: {reason}", boxes(denied)),
            Self::Choose(value) => write!(f, "{value}"),
        }
    }
}

/// Who answers: what the trust root says of him at this moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Voter {
    /// Who answers for the key.
    pub owner: Name,
    /// As what he may answer.
    pub roles: BTreeSet<Name>,
}

/// An answer that counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cast {
    /// When it was taken.
    pub at: Stamp,
    /// With which key, in which message.
    pub by: Said,
    /// Who answers for the key.
    pub owner: Name,
    /// What he said.
    pub vote: Vote,
}

/// What decided a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecidedBy {
    /// People.
    People,
    /// The end of the time to answer.
    Time,
    /// The playbook's own condition, `auto if`.
    Condition,
    /// The mode: nobody was waited for.
    Mode,
}

impl DecidedBy {
    /// All of them, in the order of their codes.
    pub const ALL: [Self; 4] = [Self::People, Self::Time, Self::Condition, Self::Mode];
}

/// A question as its entries tell it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuestionState {
    /// What was asked.
    pub question: Question,
    /// What answers are about: everything that was shown, in this run.
    pub digest: Digest,
    /// When it was asked.
    pub asked: Stamp,
    /// What was answered, in order.
    pub votes: Vec<Cast>,
    /// When others were asked as well.
    pub escalated: Option<Stamp>,
    /// What decided it, and when.
    pub decided: Option<(Stamp, DecidedBy)>,
}

impl QuestionState {
    /// A question that was just asked.
    pub(crate) fn new(question: Question, digest: Digest, asked: Stamp) -> Self {
        Self { question, digest, asked, votes: Vec::new(), escalated: None, decided: None }
    }

    pub(crate) fn apply(&mut self, entry: &Entry) {
        match &entry.body {
            Body::Voted { by, owner, vote, .. } => self.votes.push(Cast {
                at: entry.at,
                by: *by,
                owner: owner.clone(),
                vote: vote.clone(),
            }),
            Body::Escalated { .. } => self.escalated = Some(entry.at),
            Body::Decided { how, .. } => self.decided = Some((entry.at, *how)),
            _ => {}
        }
    }

    /// How many boxes it has; a choice has none.
    pub fn boxes(&self) -> usize {
        match &self.question.subject {
            Subject::Approval { boxes, .. } => boxes.len(),
            Subject::Choice { .. } => 0,
        }
    }

    /// Who may answer now.
    pub fn roles(&self, now: Stamp) -> BTreeSet<Name> {
        let mut roles: BTreeSet<Name> = self.question.roles.iter().cloned().collect();
        if let Some(escalation) = &self.question.escalation
            && (self.escalated.is_some() || now.has_passed(self.asked, escalation.after))
        {
            roles.extend(escalation.roles.iter().cloned());
        }
        roles
    }

    /// What people have decided about a box so far.
    pub fn decision(&self, index: u32) -> Option<Decision> {
        let mut granted = BTreeSet::new();
        for Cast { owner, vote, .. } in &self.votes {
            match vote {
                Vote::Deny(boxes, reason) if boxes.contains(&index) => {
                    return Some(Decision::Denied(reason.clone()));
                }
                Vote::Grant(boxes) if boxes.contains(&index) => {
                    granted.insert(owner);
                }
                Vote::Grant(_) | Vote::Deny(..) | Vote::Choose(_) => {}
            }
        }
        (granted.len() >= usize::from(self.question.count)).then_some(Decision::Granted)
    }

    /// Who said yes to a box, each once.
    pub fn granted_by(&self, index: u32) -> BTreeSet<&Name> {
        let said_yes =
            |cast: &&Cast| matches!(&cast.vote, Vote::Grant(boxes) if boxes.contains(&index));
        self.votes.iter().filter(said_yes).map(|cast| &cast.owner).collect()
    }

    /// What the machine is told, once people have decided all of it.
    pub(crate) fn answer(&self) -> Option<Answer> {
        match &self.question.subject {
            Subject::Approval { .. } => {
                let decided = self.places().map(|index| self.decision(index));
                let decisions: Option<Vec<Value>> =
                    decided.map(|decision| Some(decision?.value())).collect();
                decisions.map(|all| Ok(Value::list(all)))
            }
            Subject::Choice { of, .. } => self.votes.iter().find_map(|cast| match &cast.vote {
                Vote::Choose(value) => {
                    let (name, variant) = (of.clone(), value.clone());
                    Some(Ok(Value::Variant { name, variant, payload: Arc::new([]) }))
                }
                Vote::Grant(_) | Vote::Deny(..) => None,
            }),
        }
    }

    /// What the machine is told when nobody is waited for any more: what is open is
    /// this.
    pub(crate) fn answer_else(&self, open: &Decision) -> Answer {
        match &self.question.subject {
            Subject::Approval { .. } => {
                let decision = |index| self.decision(index).unwrap_or_else(|| open.clone());
                Ok(Value::list(self.places().map(|index| decision(index).value())))
            }
            Subject::Choice { .. } => Err(rye_core::error::Error::new(
                rye_core::error::ErrorKind::Expired,
                "nobody chose in time",
            )),
        }
    }

    fn places(&self) -> impl Iterator<Item = u32> + use<> {
        0..u32::try_from(self.boxes()).unwrap_or(u32::MAX)
    }

    /// Until when, from now on, nothing happens by itself.
    pub(crate) fn rest(&self, now: Stamp) -> Duration {
        let left = |span: Duration| Duration(span.0.saturating_sub(now.surely_since(self.asked).0));
        let end = left(self.question.within);
        let escalation = self.question.escalation.as_ref().filter(|_| self.escalated.is_none());
        let next = escalation.map_or(end, |escalation| left(escalation.after).min(end));
        next.max(Duration::ZERO)
    }

    /// Whether `vote` answers this question.
    ///
    /// # Errors
    /// Why it doesn't, for people.
    pub(crate) fn fits(&self, vote: &Vote, voter: &Voter) -> Result<(), String> {
        let boxes = match (vote, &self.question.subject) {
            (Vote::Choose(value), Subject::Choice { values, .. }) => {
                if values.contains(value) {
                    return Ok(());
                }
                let values = values.iter().map(|value| &**value).collect::<Vec<_>>().join(", ");
                return Err(format!("`{value}` is none of the values: {values}"));
            }
            (Vote::Grant(boxes) | Vote::Deny(boxes, _), Subject::Approval { .. }) => boxes,
            (Vote::Choose(_), Subject::Approval { .. }) => {
                return Err(String::from("it asks for a yes or a no: `approve` or `deny` it"));
            }
            (_, Subject::Choice { .. }) => {
                return Err(String::from("it asks for a value: `choose` one"));
            }
        };
        let inside =
            boxes.iter().all(|index| usize::try_from(*index).is_ok_and(|i| i < self.boxes()));
        if boxes.is_empty() || !inside || !boxes.is_sorted_by(|one, other| one < other) {
            return Err(format!("it has the boxes 1 to {}, each answered once", self.boxes()));
        }
        let denied = |index: &&u32| matches!(self.decision(**index), Some(Decision::Denied(_)));
        if let Some(index) = boxes.iter().find(denied) {
            return Err(format!("somebody said no to box {} already", index.saturating_add(1)));
        }
        if let Vote::Deny(_, reason) = vote {
            if reason.len() > REASON_BYTES_MAX {
                return Err(format!("the reason has more than {REASON_BYTES_MAX} bytes"));
            }
            // A no after a yes counts: it is the safe way to change one's mind.
            return Ok(());
        }
        let again = boxes.iter().find(|index| self.granted_by(**index).contains(&voter.owner));
        match again {
            Some(_) => Err(format!("{} said yes already: everybody counts once", voter.owner)),
            None => Ok(()),
        }
    }
}

/// What an answer is about: everything that was shown, in this run and no other.
pub(crate) fn request_digest(
    run: RunId,
    start: &RunStart,
    effect: EffectId,
    question: &Question,
    asked: Stamp,
) -> Digest {
    let mut writer = Writer::new();
    writer.raw(&run.0);
    writer.raw(&start.bundle.0);
    writer.text(&start.playbook);
    writer.u8(start.mode.code());
    writer.text(&start.starter);
    writer.raw(&effect.0);
    writer.i64(asked.wall.0);
    write_question(&mut writer, question);
    Digest::derive(APPROVAL_REQUEST, &[&writer.into_bytes()])
}

/// What was decided, for people: a word for each box, or the value that was chosen.
pub fn decision_words(answer: &Answer) -> String {
    match answer {
        Ok(Value::List(decisions)) => {
            let word = |decision: &Value| match decision {
                Value::None => String::from("granted"),
                other => other.to_string(),
            };
            decisions.iter().map(word).collect::<Vec<_>>().join(", ")
        }
        Ok(value) => value.to_string(),
        Err(error) => error.to_string(),
    }
}
