//! What the entries about one question must say in this order.

use std::collections::{BTreeMap, BTreeSet};

use rye_core::effect::Act;
use rye_core::question::{Question, Subject};
use rye_core::value::{Name, Value};

use super::{Verdict, holds};
use crate::entry::Answer;
use crate::question::{DecidedBy, Vote};

/// What is known of one question.
#[derive(Clone, Debug)]
pub(super) struct QuestionAudit {
    question: Question,
    /// Per box, who said yes.
    yes: BTreeMap<u32, BTreeSet<Name>>,
    /// Boxes to which somebody said no.
    no: BTreeSet<u32>,
    /// The boxes that were granted, once it is decided.
    granted: Option<BTreeSet<u32>>,
}

impl QuestionAudit {
    /// A question that was just asked.
    pub(super) fn new(question: Question) -> Self {
        Self { question, yes: BTreeMap::new(), no: BTreeSet::new(), granted: None }
    }

    pub(super) fn count(&mut self, owner: &Name, vote: &Vote) {
        match vote {
            Vote::Grant(boxes) => {
                for index in boxes {
                    self.yes.entry(*index).or_default().insert(owner.clone());
                }
            }
            Vote::Deny(boxes, _) => self.no.extend(boxes),
            Vote::Choose(_) => {}
        }
    }

    pub(super) fn decide(&mut self, how: DecidedBy, answer: &Answer) -> Verdict {
        holds(self.granted.is_none(), "a question is decided a second time")?;
        let decisions = match answer {
            Ok(Value::List(decisions)) => decisions.as_ref(),
            _ => &[],
        };
        let granted = (0..).zip(decisions).filter(|(_, decision)| **decision == Value::None);
        let granted: BTreeSet<u32> = granted.map(|(index, _)| index).collect();
        let enough = |index: &u32| {
            let count = self.yes.get(index).map_or(0, BTreeSet::len);
            count >= usize::from(self.question.count) && !self.no.contains(index)
        };
        let by_people = matches!(how, DecidedBy::People | DecidedBy::Time);
        let is_enough = !by_people || granted.iter().all(enough);
        self.granted = Some(granted);
        holds(is_enough, "a yes for which too few people said yes")
    }

    /// Whether the box at `index` was granted, and lists this act.
    pub(super) fn allows(&self, index: u32, act: &Act) -> bool {
        let Subject::Approval { boxes, .. } = &self.question.subject else { return false };
        let place = usize::try_from(index).unwrap_or(usize::MAX);
        let is_listed = boxes.get(place).is_some_and(|one| one.effects.iter().any(|it| it.is(act)));
        is_listed && self.granted.as_ref().is_some_and(|granted| granted.contains(&index))
    }
}
