//! What the entries of a journal must say in this order, whoever wrote them: an
//! auditor's check that knows nothing of machines and adapters.

use std::collections::{BTreeMap, BTreeSet};

use rye_core::effect::{Act, UndoPlan};
use rye_core::id::{EffectId, RunId};
use rye_core::impact::Impact;
use rye_core::question::{Question, Subject};
use rye_core::value::{Name, Value};

use crate::alert::Alerts;
use crate::entry::{Answer, Body, Entry, UndoResult};
use crate::question::{DecidedBy, Vote};

/// Follows a journal, entry by entry.
#[derive(Clone, Debug, Default)]
pub struct Audit {
    runs: BTreeMap<RunId, RunAudit>,
    alerts: Alerts,
}

/// What is known of one run.
#[derive(Clone, Debug, Default)]
struct RunAudit {
    /// Per act: the last attempt that an intent or entry announced, and whether
    /// its outcome is known.
    acts: BTreeMap<EffectId, (u8, bool)>,
    /// Per act: the last attempt at its undo, and whether its outcome is known.
    undos: BTreeMap<EffectId, (u8, bool)>,
    questions: BTreeMap<EffectId, QuestionAudit>,
    over: bool,
}

/// What is known of one question.
#[derive(Clone, Debug)]
struct QuestionAudit {
    question: Question,
    /// Per box, who said yes.
    yes: BTreeMap<u32, BTreeSet<Name>>,
    /// Boxes to which somebody said no.
    no: BTreeSet<u32>,
    /// The boxes that were granted, once it is decided.
    granted: Option<BTreeSet<u32>>,
}

impl Audit {
    /// What `entry` contradicts, if it contradicts what came before.
    pub fn check(&mut self, entry: &Entry) -> Option<String> {
        let untrue = self.alerts.contradicts(entry).map(String::from);
        self.alerts.apply(entry);
        self.of_runs(entry).or(untrue)
    }

    /// The entries of which operators were not told so far. The journal of a process
    /// that died may end with some.
    pub fn untold(&self) -> &[Entry] {
        self.alerts.owed()
    }

    fn of_runs(&mut self, entry: &Entry) -> Option<String> {
        if matches!(entry.body, Body::Started(_) | Body::RollbackStarted { .. }) {
            let again = self.runs.insert(entry.run, RunAudit::default()).is_some();
            return again.then(|| String::from("the run begins a second time"));
        }
        if entry.run.is_none() {
            return None;
        }
        let owner = match &entry.body {
            Body::LetGo { owner, .. }
            | Body::UndoIntent { owner, .. }
            | Body::UndoOutcome { owner, .. } => *owner,
            _ => entry.run,
        };
        if !self.runs.contains_key(&entry.run) {
            return Some(String::from("the run has not begun"));
        }
        let Some(run) = self.runs.get_mut(&owner) else {
            return Some(String::from("the run whose effect this is has not begun"));
        };
        run.check(&entry.body)
    }
}

impl RunAudit {
    fn check(&mut self, body: &Body) -> Option<String> {
        let says = |text: &str| Some(String::from(text));
        if self.over && begins_something(body) {
            return says("an effect begins after the run is over");
        }
        match body {
            Body::Intent { effect, act, .. } => {
                if let Some(unapproved) = self.unapproved(act) {
                    return says(unapproved);
                }
                self.acts.insert(*effect, (1, false));
                // What was undone before a person let it be tried again is past.
                self.undos.remove(effect);
                None
            }
            Body::AlreadySo { effect, .. } => {
                self.undos.remove(effect);
                None
            }
            Body::Attempted { effect, attempt } => match self.acts.get_mut(effect) {
                Some((last, known)) if *known && last.checked_add(1) == Some(*attempt) => {
                    (*last, *known) = (*attempt, false);
                    None
                }
                Some(_) => says("an attempt begins before the outcome of the one before"),
                None => says("an attempt without an intent"),
            },
            Body::Outcome { effect, attempt, .. } => match self.acts.get_mut(effect) {
                Some((last, known)) if !*known && last == attempt => {
                    *known = true;
                    None
                }
                Some(_) => says("an outcome of an attempt that was not under way"),
                None => says("an outcome without an intent"),
            },
            Body::Probed { effect, .. } | Body::Settled { effect, .. }
                if !self.acts.contains_key(effect) =>
            {
                says("a verdict about an effect without an intent")
            }
            Body::UndoIntent { effect, attempt, .. } => {
                let (last, known) = self.undos.get(effect).copied().unwrap_or((0, true));
                self.undos.insert(*effect, (*attempt, false));
                // A crash may leave an attempt without an outcome; the next one counts on.
                (last.checked_add(1) != Some(*attempt) && known)
                    .then(|| String::from("attempts at an undo are not counted one by one"))
            }
            Body::UndoOutcome { effect, attempt, result, .. } => match self.undos.get_mut(effect) {
                Some((last, known)) if !*known && last == attempt => {
                    *known = true;
                    if *result == UndoResult::Stuck {
                        // If somebody tries it anew, he counts anew.
                        self.undos.remove(effect);
                    }
                    None
                }
                _ => says("an outcome of an undo without an intent"),
            },
            Body::Requested { effect, question, .. } => {
                let (yes, no) = (BTreeMap::new(), BTreeSet::new());
                let question = (**question).clone();
                let asked = QuestionAudit { question, yes, no, granted: None };
                let again = self.questions.insert(*effect, asked).is_some();
                again.then(|| String::from("a question is asked a second time"))
            }
            Body::Voted { effect, owner, vote, .. } => match self.questions.get_mut(effect) {
                Some(asked) => {
                    asked.count(owner, vote);
                    None
                }
                None => says("an answer to a question that was not asked"),
            },
            Body::Decided { effect, how, answer } => match self.questions.get_mut(effect) {
                Some(asked) => asked.decide(*how, answer).map(String::from),
                None => says("a decision about a question that was not asked"),
            },
            Body::Escalated { effect } if !self.questions.contains_key(effect) => {
                says("others are asked what was not asked")
            }
            Body::Ended { .. } => {
                let twice = core::mem::replace(&mut self.over, true);
                twice.then(|| String::from("the run ends a second time"))
            }
            _ => None,
        }
    }
}

impl RunAudit {
    /// Why nobody may have done this, as far as people are concerned.
    fn unapproved(&self, act: &Act) -> Option<&'static str> {
        let Some(approval) = act.approval else {
            let reversible = act.undo != UndoPlan::Irreversible;
            let harmless = reversible && act.impact != Impact::Destructive;
            return (!harmless).then_some("an act that needs a person's yes has none");
        };
        let asked = self.questions.get(&approval.request)?;
        let granted = asked.granted.as_ref().is_some_and(|all| all.contains(&approval.index));
        let Subject::Approval { boxes, .. } = &asked.question.subject else {
            return Some("an act behind a choice");
        };
        let place = usize::try_from(approval.index).unwrap_or(usize::MAX);
        let listed = boxes.get(place).is_some_and(|one| one.effects.iter().any(|it| it.is(act)));
        (!granted || !listed).then_some("an act that people did not say yes to")
    }
}

impl QuestionAudit {
    fn count(&mut self, owner: &Name, vote: &Vote) {
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

    fn decide(&mut self, how: DecidedBy, answer: &Answer) -> Option<&'static str> {
        if self.granted.is_some() {
            return Some("a question is decided a second time");
        }
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
        let too_few = by_people && !granted.iter().all(enough);
        self.granted = Some(granted);
        too_few.then_some("a yes for which too few people said yes")
    }
}

/// Whether an entry begins an effect of the playbook. Undos, deliveries and
/// answers in flight go on after the end.
fn begins_something(body: &Body) -> bool {
    matches!(
        body,
        Body::Intent { .. }
            | Body::Attempted { .. }
            | Body::Asked { .. }
            | Body::Told { .. }
            | Body::Waiting { .. }
            | Body::Simulated { .. }
            | Body::Requested { .. }
    )
}
