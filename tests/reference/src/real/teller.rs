//! What a journal says, as a story.

use std::collections::{BTreeMap, BTreeSet};

use rye_core::effect::Position;
use rye_core::id::EffectId;
use rye_engine::entry::{Body, Entry, HoldReason, Then, Why};

use crate::people::Word;
use crate::story::{self, Story};

/// Reads a journal as a story.
#[derive(Debug, Default)]
pub(super) struct Teller {
    pub(super) story: Story,
    places: BTreeMap<EffectId, Position>,
    /// Which effects are let go of because their lives are over.
    lives: BTreeSet<EffectId>,
}

impl Teller {
    fn at(&self, effect: EffectId) -> Position {
        self.places.get(&effect).cloned().unwrap_or_default()
    }

    /// One more entry; `after` the end of the run only what is let go of counts.
    pub(super) fn tell(&mut self, entry: &Entry, after: bool) {
        if let Some((effect, place)) = placed(&entry.body) {
            self.places.insert(effect, place.clone());
        }
        if let Some(line) = self.delivery(&entry.body) {
            self.story.deliveries.push(line);
        } else if let Some(line) = self.undoing(&entry.body) {
            let beside = after || self.is_of_life(&entry.body);
            let to = if beside { &mut self.story.beside } else { &mut self.story.events };
            to.push(line);
            if matches!(entry.body, Body::Covered { .. }) {
                self.story.wait_here();
            }
        } else if !after {
            self.story.events.extend(self.event(&entry.body));
        }
    }

    /// Whether something is let go of because its life is over; what its undo comes to
    /// doesn't say so itself.
    fn is_of_life(&mut self, body: &Body) -> bool {
        let (Body::LetGo { effect, why, .. }
        | Body::Covered { effect, why, .. }
        | Body::UndoIntent { effect, why, .. }) = body
        else {
            return matches!(body, Body::UndoOutcome { effect, .. } if self.lives.contains(effect));
        };
        match why {
            Why::Life => self.lives.insert(*effect),
            _ => self.lives.remove(effect),
        };
        *why == Why::Life
    }

    fn delivery(&self, body: &Body) -> Option<String> {
        match body {
            Body::Delivered { effect, attempt, ending, last } => {
                Some(story::delivered(&self.at(*effect), *attempt, ending, *last))
            }
            _ => None,
        }
    }

    fn undoing(&self, body: &Body) -> Option<String> {
        let why = |why: &Why| format!("{why:?}").to_lowercase();
        Some(match body {
            Body::LetGo { effect, why: of, how, .. } => {
                story::let_go(&self.at(*effect), &why(of), &format!("{how:?}"))
            }
            Body::Covered { effect, why: of, by_effect, .. } => {
                story::waits(&self.at(*effect), &why(of), &self.at(*by_effect))
            }
            Body::UndoIntent { effect, why: of, first_effect, attempt, call, .. } => {
                let first = self.at(*first_effect);
                story::undo(&self.at(*effect), &why(of), &first, *attempt, call)
            }
            Body::UndoOutcome { effect, attempt, ending, result, .. } => {
                story::undo_outcome(&self.at(*effect), *attempt, ending, &format!("{result:?}"))
            }
            _ => return None,
        })
    }

    fn event(&self, body: &Body) -> Option<String> {
        Some(match body {
            Body::Asked { effect, call, attempts, answer, .. } => {
                story::asked(&self.at(*effect), call, *attempts, answer)
            }
            Body::Refused { effect, call, answer, .. } => {
                story::refused(&self.at(*effect), call, answer)
            }
            Body::AlreadySo { effect, act, joined, answer, .. } => {
                story::already_so(&self.at(*effect), act, *joined, answer)
            }
            Body::Simulated { effect, act, looked, answer, .. } => {
                let looked = looked.map(|looked| format!("{looked:?}"));
                story::simulated(&self.at(*effect), act, looked.as_deref(), answer)
            }
            Body::Intent { effect, act, .. } => story::intent(&self.at(*effect), act),
            Body::Attempted { effect, attempt } => story::attempted(&self.at(*effect), *attempt),
            Body::Outcome { effect, attempt, ending, stands, answer } => {
                story::outcome(&self.at(*effect), *attempt, ending, *stands, answer.as_ref())
            }
            Body::Probed { effect, verdict, stands, answer, .. } => {
                let verdict = format!("{verdict:?}");
                story::probed(&self.at(*effect), &verdict, *stands, answer.as_ref())
            }
            Body::Told { effect, notice, .. } => story::told(&self.at(*effect), notice),
            Body::Waited { effect, answer, .. } => story::waited(&self.at(*effect), answer),
            Body::Requested { effect, question, .. } => {
                story::requested(&self.at(*effect), question)
            }
            Body::Decided { effect, how, answer } => {
                story::decided(&self.at(*effect), &format!("{how:?}"), answer)
            }
            Body::Raised { error, at, undo, then } => {
                let then = match then {
                    Then::Recover => String::from("recover"),
                    Then::Hold(frame) => format!("hold {frame}"),
                    Then::End => String::from("end"),
                };
                story::raised(error, at, undo.as_ref(), &then)
            }
            Body::Benign { text } => format!("benign: {text:?}"),
            Body::Unwound => String::from("unwound"),
            Body::Held { reason: HoldReason::Error(error) } => {
                story::held(&format!("error {error}"))
            }
            Body::Held { reason: HoldReason::InDoubt(effect) } => {
                story::held(&format!("in doubt {}", self.at(*effect)))
            }
            Body::Held { reason } => story::held(&format!("{reason:?}")),
            Body::Released { how, .. } => story::person(&format!("{how:?}")),
            Body::Cancelled { undo, .. } => {
                story::person(&format!("{:?}", Word::Cancel { undo: *undo }))
            }
            Body::Settled { effect, done, .. } => {
                format!("{} settled {done}", self.at(*effect))
            }
            Body::Ended { outcome, text } => story::ended(outcome.word(), text),
            _ => return None,
        })
    }
}

/// The effect that an entry places.
fn placed(body: &Body) -> Option<(EffectId, &Position)> {
    match body {
        Body::Asked { effect, place, .. }
        | Body::Refused { effect, place, .. }
        | Body::Simulated { effect, place, .. }
        | Body::AlreadySo { effect, place, .. }
        | Body::Intent { effect, place, .. }
        | Body::Told { effect, place, .. }
        | Body::Waiting { effect, place, .. }
        | Body::Waited { effect, place, .. }
        | Body::Requested { effect, place, .. } => Some((*effect, &place.position)),
        _ => None,
    }
}
