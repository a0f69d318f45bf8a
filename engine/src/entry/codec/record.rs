//! Parts that are spread over several fields and values, the same in every kind of
//! entry.

use std::sync::Arc;

use rye_core::adapter::Ending;
use rye_core::effect::{Act, Call, Notice};
use rye_core::error::Error;
use rye_core::value::Name;

use super::bytes::{Bytes, UNKNOWN_CODE};
use super::part::{Collector, Committed, Field, Part, Source};
use super::{EntryError, field, value};
use crate::entry::{Answer, Claim, HoldReason, Place, RunStart, Said};

/// The places of such a part; its type says which.
pub(super) struct Spread;

impl Part<Place> for Spread {
    fn write(&self, to: &mut Collector, part: &Place) {
        field::POSITION.write(to, &part.position);
        field::STAGE.write(to, &part.stage);
    }

    fn read(&self, from: &mut Source<'_>) -> Result<Place, EntryError> {
        Ok(Place { position: field::POSITION.read(from)?, stage: field::STAGE.read(from)? })
    }
}

impl Part<Said> for Spread {
    fn write(&self, to: &mut Collector, part: &Said) {
        field::KEYS.write(to, &part.key);
        field::MESSAGE.write(to, &part.message);
    }

    fn read(&self, from: &mut Source<'_>) -> Result<Said, EntryError> {
        Ok(Said { key: field::KEYS.read(from)?, message: field::MESSAGE.read(from)? })
    }
}

impl Part<Claim> for Spread {
    fn write(&self, to: &mut Collector, part: &Claim) {
        field::KEYS.write(to, &part.key);
        field::OWNER.write(to, &part.run);
        field::VERB.write(to, &part.verb);
    }

    fn read(&self, from: &mut Source<'_>) -> Result<Claim, EntryError> {
        Ok(Claim {
            key: field::KEYS.read(from)?,
            run: field::OWNER.read(from)?,
            verb: field::VERB.read(from)?,
        })
    }
}

impl Part<Call> for Spread {
    fn write(&self, to: &mut Collector, part: &Call) {
        write_named(to, value::CALL, part, part);
    }

    fn read(&self, from: &mut Source<'_>) -> Result<Call, EntryError> {
        read_named(from, value::CALL, |call| call)
    }
}

impl Part<Box<Act>> for Spread {
    fn write(&self, to: &mut Collector, part: &Box<Act>) {
        write_named(to, value::ACT, part, &part.call);
    }

    fn read(&self, from: &mut Source<'_>) -> Result<Box<Act>, EntryError> {
        read_named(from, value::ACT, |act: &Act| &act.call).map(Box::new)
    }
}

impl Part<Notice> for Spread {
    fn write(&self, to: &mut Collector, part: &Notice) {
        write_named(to, value::NOTICE, part, &part.call);
    }

    fn read(&self, from: &mut Source<'_>) -> Result<Notice, EntryError> {
        read_named(from, value::NOTICE, |notice: &Notice| &notice.call)
    }
}

/// The action's name stands in a field too, for those who read without values.
fn write_named(to: &mut Collector, at: Committed, part: &impl Bytes, call: &Call) {
    field::ACTION.write(to, &call.action);
    at.write(to, part);
}

/// What [`write_named`] wrote: the name must be that of the call.
fn read_named<T: Bytes>(
    from: &mut Source<'_>,
    at: Committed,
    call: fn(&T) -> &Call,
) -> Result<T, EntryError> {
    let part = at.read(from)?;
    let name: Name = field::ACTION.read(from)?;
    if name == call(&part).action {
        return Ok(part);
    }
    Err(field::ACTION.wrong("the name of the action differs from the call's"))
}

impl Part<Error> for Spread {
    fn write(&self, to: &mut Collector, part: &Error) {
        write_error(to, field::ERROR, value::ERROR, part);
    }

    fn read(&self, from: &mut Source<'_>) -> Result<Error, EntryError> {
        read_error(from, field::ERROR, value::ERROR)
    }
}

/// An error's kind is a field; its text may name what came from outside.
fn write_error(to: &mut Collector, kind: Field, text: Committed, error: &Error) {
    kind.write(to, &error.kind);
    text.write(to, &error.text);
}

fn read_error(from: &mut Source<'_>, kind: Field, text: Committed) -> Result<Error, EntryError> {
    Ok(Error { kind: kind.read(from)?, text: text.read(from)? })
}

impl Part<Answer> for Spread {
    fn write(&self, to: &mut Collector, part: &Answer) {
        match part {
            Ok(given) => value::ANSWER.write(to, given),
            Err(error) => self.write(to, error),
        }
    }

    fn read(&self, from: &mut Source<'_>) -> Result<Answer, EntryError> {
        if from.has(field::ERROR) {
            return self.read(from).map(Err);
        }
        value::ANSWER.read(from).map(Ok)
    }
}

impl Part<Option<Answer>> for Spread {
    fn write(&self, to: &mut Collector, part: &Option<Answer>) {
        field::ANSWERED.write(to, &part.is_some());
        if let Some(answer) = part {
            self.write(to, answer);
        }
    }

    fn read(&self, from: &mut Source<'_>) -> Result<Option<Answer>, EntryError> {
        let answered: bool = field::ANSWERED.read(from)?;
        answered.then(|| self.read(from)).transpose()
    }
}

impl Part<Ending> for Spread {
    fn write(&self, to: &mut Collector, part: &Ending) {
        let (code, perhaps) = match part {
            Ending::Done(_) => (0, false),
            Ending::AlreadySo(_) => (1, false),
            Ending::Refused { perhaps, .. } => (2, *perhaps),
            Ending::NotSent(_) => (3, false),
            Ending::Unknown(_) => (4, false),
        };
        field::ENDING.write(to, &(code, perhaps));
        match part {
            Ending::Done(given) | Ending::AlreadySo(given) => value::ENDING.write(to, given),
            Ending::Refused { error, .. } => {
                write_error(to, field::ENDING_ERROR, value::ENDING_TEXT, error);
            }
            Ending::NotSent(text) | Ending::Unknown(text) => value::ENDING_TEXT.write(to, text),
        }
    }

    fn read(&self, from: &mut Source<'_>) -> Result<Ending, EntryError> {
        let (code, perhaps): (u8, bool) = field::ENDING.read(from)?;
        Ok(match (code, perhaps) {
            (0, false) => Ending::Done(value::ENDING.read(from)?),
            (1, false) => Ending::AlreadySo(value::ENDING.read(from)?),
            (2, perhaps) => {
                let error = read_error(from, field::ENDING_ERROR, value::ENDING_TEXT)?;
                Ending::Refused { error, perhaps }
            }
            (3, false) => Ending::NotSent(value::ENDING_TEXT.read(from)?),
            (4, false) => Ending::Unknown(value::ENDING_TEXT.read(from)?),
            _ => return Err(field::ENDING.wrong(UNKNOWN_CODE)),
        })
    }
}

/// What was said, if something was; the field keeps that it was, also when the text is
/// erased.
impl Part<Option<Arc<str>>> for Spread {
    fn write(&self, to: &mut Collector, part: &Option<Arc<str>>) {
        if let Some(text) = part {
            field::SAID.write(to, &true);
            value::ENDING_TEXT.write(to, text);
        }
    }

    fn read(&self, from: &mut Source<'_>) -> Result<Option<Arc<str>>, EntryError> {
        match field::SAID.read(from)? {
            Some(true) => value::ENDING_TEXT.read(from).map(Some),
            Some(false) => Err(field::SAID.wrong("nothing was said")),
            None => Ok(None),
        }
    }
}

impl Part<HoldReason> for Spread {
    fn write(&self, to: &mut Collector, part: &HoldReason) {
        let code: u8 = match part {
            HoldReason::Error(_) => 0,
            HoldReason::InDoubt(_) => 1,
            HoldReason::Deadline => 2,
            HoldReason::Fault(_) => 3,
            HoldReason::Bundle(_) => 4,
        };
        field::CODE.write(to, &code);
        match part {
            HoldReason::Error(error) => self.write(to, error),
            HoldReason::InDoubt(effect) => field::EFFECT.write(to, effect),
            HoldReason::Deadline => {}
            HoldReason::Fault(text) | HoldReason::Bundle(text) => field::TEXT.write(to, text),
        }
    }

    fn read(&self, from: &mut Source<'_>) -> Result<HoldReason, EntryError> {
        let code: u8 = field::CODE.read(from)?;
        Ok(match code {
            0 => HoldReason::Error(self.read(from)?),
            1 => HoldReason::InDoubt(field::EFFECT.read(from)?),
            2 => HoldReason::Deadline,
            3 => HoldReason::Fault(field::TEXT.read(from)?),
            4 => HoldReason::Bundle(field::TEXT.read(from)?),
            _ => return Err(field::CODE.wrong(UNKNOWN_CODE)),
        })
    }
}

impl Part<Box<RunStart>> for Spread {
    fn write(&self, to: &mut Collector, part: &Box<RunStart>) {
        field::BUNDLE.write(to, &part.bundle);
        field::TEXT.write(to, &part.playbook);
        field::MODE.write(to, &part.mode);
        field::STARTER.write(to, &part.starter);
        field::DEADLINE.write(to, &part.deadline);
        value::SETTINGS.write(to, &part.settings);
        value::INPUT.write(to, &part.input);
    }

    fn read(&self, from: &mut Source<'_>) -> Result<Box<RunStart>, EntryError> {
        Ok(Box::new(RunStart {
            bundle: field::BUNDLE.read(from)?,
            playbook: field::TEXT.read(from)?,
            mode: field::MODE.read(from)?,
            starter: field::STARTER.read(from)?,
            deadline: field::DEADLINE.read(from)?,
            settings: value::SETTINGS.read(from)?,
            input: value::INPUT.read(from)?,
        }))
    }
}
