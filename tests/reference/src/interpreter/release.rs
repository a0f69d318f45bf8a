//! `effects.release`: an effect is taken back before its time.

use rye_core::adapter::Ending;
use rye_core::effect::{Act, Call, Position};
use rye_core::error::{Error, ErrorKind};
use rye_core::ty::HOLD_TYPE_NAME;
use rye_core::value::{Name, Value};

use super::Interpreter;
use super::act::Failed;
use super::holding::{Record, State};
use crate::story::{self, Answer};

/// Whether an act takes back another one.
pub(super) fn is_release(act: &Act) -> bool {
    *act.call.action == *"std.effects.release"
}

impl Interpreter<'_, '_> {
    /// The effect that an act releases, if it is one of this run.
    fn released(&self, act: &Act) -> Option<&Record> {
        let Some(Value::Text(id)) = act.call.argument("hold").map(Value::bare) else { return None };
        let is_meant = |record: &&Record| *self.effect(&record.at).to_string() == **id;
        self.holdings.records().iter().find(is_meant)
    }

    /// What a release answers that has nothing to do.
    pub(super) fn already_released(&self, act: &Act) -> Option<Value> {
        let record = self.released(act).filter(|_| is_release(act) && !self.is_dry())?;
        (record.is_reversible() && !record.stands()).then(|| released("already_gone", &[]))
    }

    /// Lets go of what is released, and answers what became of it.
    pub(super) fn release(&mut self, at: &Position, act: &Act) -> Result<Value, Failed> {
        self.reach("release");
        let found = self.released(act).map(|record| (record.at.clone(), record.is_reversible()));
        let ending = match found {
            None => Ending::refused(ErrorKind::NotFound, "this store has no effect of that id"),
            Some((_, false)) => {
                Ending::refused(ErrorKind::Rejected, "nothing takes that effect back")
            }
            Some((target, true)) => {
                self.let_go(&target, "release");
                self.became(&target)
            }
        };
        let answer: Answer = match &ending {
            Ending::Done(value) | Ending::AlreadySo(value) => Ok(value.clone()),
            Ending::Refused { error, .. } => Err(error.clone()),
            Ending::NotSent(text) | Ending::Unknown(text) => {
                Err(Error::new(ErrorKind::Timeout, text))
            }
        };
        self.tell_story(story::outcome(at, 1, &ending, false, Some(&answer)));
        answer.map_err(Failed::Error)
    }

    /// What `effects.on_address` answers: what of this run acts on the asset.
    pub(super) fn held_on(&self, call: &Call) -> Option<Answer> {
        if *call.action != *"std.effects.on_address" {
            return None;
        }
        let (_, asset) = call.arguments.first()?;
        let mut records: Vec<&Record> = self.holdings.records().iter().collect();
        records.retain(|record| {
            record.stands() && record.is_reversible() && record.act.affects.contains(asset)
        });
        records.sort_by(|a, b| a.at.cmp(&b.at));
        Some(Ok(Value::list(records.into_iter().map(|record| self.held(record)))))
    }

    fn held(&self, record: &Record) -> Value {
        let hold = Value::text(self.effect(&record.at).to_string());
        let on: Vec<String> = record.act.affects.iter().map(Value::to_string).collect();
        let fields = [
            ("hold", Value::asset(HOLD_TYPE_NAME, hold)),
            ("run", Value::text(self.run.to_string())),
            ("playbook", Value::text(&self.playbook.name)),
            ("action", Value::text(&record.act.call.action)),
            ("on", Value::text(on.join(", "))),
            ("since", Value::Time(record.since)),
            ("until", record.ends().map_or(Value::None, Value::Time)),
            ("stuck", Value::Bool(record.state == State::Stuck)),
        ];
        let fields = fields.into_iter().map(|(name, value)| (Name::from(name), value));
        Value::Record { name: Name::from("Held"), fields: fields.collect() }
    }

    fn became(&self, target: &Position) -> Ending {
        let Some(record) = self.holdings.get(target) else {
            return Ending::Done(released("already_gone", &[]));
        };
        Ending::Done(match record.state {
            State::Undone => released("undone", &[]),
            State::Changed => released("changed_since", &[]),
            State::StillHeld => {
                let others = i64::try_from(self.holdings.with(&record.at).count());
                released("still_held", &[Value::Int(others.unwrap_or(i64::MAX))])
            }
            State::Nothing | State::NothingToUndo => released("already_gone", &[]),
            State::Waiting => {
                let text = "it is not taken back yet; that goes on by itself";
                return Ending::refused(ErrorKind::Timeout, text);
            }
            State::Held | State::Stuck => return failed(record.undo_ending.as_ref()),
        })
    }
}

/// A release fails as the undo did.
fn failed(ending: Option<&Ending>) -> Ending {
    match ending {
        Some(Ending::Refused { error, .. }) => {
            Ending::Refused { error: error.clone(), perhaps: false }
        }
        Some(Ending::NotSent(text)) => Ending::refused(ErrorKind::Unavailable, text),
        Some(Ending::Unknown(_)) => {
            Ending::refused(ErrorKind::Timeout, "nobody knows whether it was taken back")
        }
        _ => Ending::refused(ErrorKind::Conflict, "its undo failed"),
    }
}

fn released(variant: &str, payload: &[Value]) -> Value {
    Value::Variant {
        name: Name::from("Released"),
        variant: Name::from(variant),
        payload: payload.into(),
    }
}
