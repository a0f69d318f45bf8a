//! What the machine wants of the world, with everything that is needed to prove
//! it and to take it back: read from registers at the yield.

use std::sync::Arc;

use rye_bytecode::instruction::Instruction;
use rye_bytecode::instruction::operand::{Action, ActionSite, Count, Register};
use rye_bytecode::module::{
    Amount, AskSite, Choosable, DoSite, LifeSite, ProofSite, Site, UndoSite,
};
use rye_core::action::Retry;
use rye_core::effect::{Act, Call, Effect, Life, Notice, Proof, Query, UndoPlan};
use rye_core::error::{Error, ErrorKind};
use rye_core::question::Approval;
use rye_core::ty::TypeId;
use rye_core::value::{Duration, Name, Time, Value};

use super::{Answer, Failure, Machine, State, Yield, signature};
use crate::export::{self, Stop};
use crate::heap::Memory;
use crate::program::{Program, Routine};
use crate::slot::{self, Pair};
use crate::stack;
use crate::trap::{Reason, Trap};

impl Machine {
    /// The yield of the instruction that was executed last; nothing if the machine
    /// goes on by itself.
    pub(super) fn meet_the_world(&mut self) -> Option<Yield> {
        match self.open_approved() {
            Ok(true) => return None,
            Ok(false) => {}
            Err(failure) => return Some(self.fail(failure)),
        }
        let program = Arc::clone(&self.program);
        let wanted = self.wanted(&program).and_then(|wanted| {
            let Wanted::Effect(effect) = &wanted else { return Ok(Some(wanted)) };
            Ok(self.counts_question(effect)?.then_some(wanted))
        });
        Some(match wanted {
            Ok(Some(Wanted::Effect(effect))) => match self.frames.next_effect() {
                Ok(position) => {
                    self.state = State::Asked(position.clone());
                    Yield::Effect { position, effect }
                }
                Err(trap) => self.stop(trap),
            },
            Ok(Some(Wanted::End(ended))) => ended,
            Ok(None) => {
                let nobody = Answer::Value(Value::list([]));
                match self.accept(nobody, &self.frames.innermost()) {
                    Ok(()) => return None,
                    Err(failure) => self.fail(failure),
                }
            }
            Err(failure) => self.fail(failure),
        })
    }

    /// Stops for what keeps an instruction from meeting the world.
    fn fail(&mut self, failure: Failure) -> Yield {
        match failure {
            Failure::Error(error) => match self.frames.next_effect() {
                Ok(at) => self.raise(error, at, None),
                Err(trap) => self.stop(trap),
            },
            Failure::Fault(fault) => Yield::Fault(fault),
        }
    }

    fn wanted(&mut self, program: &Program) -> Result<Wanted, Failure> {
        let (activation, routine) = stack::top(program, &self.calls)?;
        let op = activation.pc.checked_sub(1).ok_or(Trap::invariant("nothing was executed"))?;
        let (_, instruction) = routine.instruction_of(op)?;
        let memory = program.memory(&mut self.arena, self.memory);
        let live = self.registers.get(slot::size(activation.base)..).unwrap_or_default();
        let (settings, approval) = (&self.settings, self.frames.approval());
        let reader = Reader { program, memory: &memory, routine, live, settings };
        reader.wanted(instruction, approval)
    }
}

enum Wanted {
    Effect(Effect),
    End(Yield),
}

/// Reads registers of the function on top.
pub(super) struct Reader<'r> {
    pub(super) program: &'r Program,
    pub(super) memory: &'r Memory<'r>,
    pub(super) routine: Routine<'r>,
    pub(super) live: &'r [u64],
    pub(super) settings: &'r [u64],
}

impl Reader<'_> {
    fn wanted(
        &self,
        instruction: &Instruction,
        approval: Option<Approval>,
    ) -> Result<Wanted, Failure> {
        if let Some(site) = instruction.asked() {
            return Ok(Wanted::Effect(Effect::Ask(self.query(self.ask_site(site)?)?)));
        }
        let effect = match instruction {
            Instruction::Do { site, .. } => match self.site(*site)? {
                Site::Do(site) => Effect::Do(Box::new(Act { approval, ..self.act(site)? })),
                Site::Ask(_) | Site::Tell(_) => return Err(WRONG_SITE.into()),
            },
            Instruction::Tell { site } => match self.site(*site)? {
                Site::Tell(site) => Effect::Tell(self.notice(site)?),
                Site::Ask(_) | Site::Do(_) => return Err(WRONG_SITE.into()),
            },
            Instruction::Approve { question, .. } | Instruction::Choose { question, .. } => {
                self.question(*question)?
            }
            Instruction::Wait { a, max } => Effect::Wait(self.duration(*a, Some(*max))?),
            Instruction::StartWatch { a, max, .. } => Effect::Watch(self.duration(*a, Some(*max))?),
            Instruction::HoldUntil { a, .. } => Effect::Watch(self.duration(*a, None)?),
            Instruction::LookAgain { watch, every, .. } => {
                let every = self.duration(*every, None)?;
                Effect::Look { every, until: self.time(*watch)?, held: None }
            }
            Instruction::LookHeld { watch, held, every, .. } => {
                let every = self.duration(*every, None)?;
                Effect::Look { every, until: self.time(*watch)?, held: Some(self.time(*held)?) }
            }
            Instruction::Finish { outcome, text } => {
                let [text, _] = self.pair(*text)?;
                let text = Arc::from(self.memory.text(text)?);
                return Ok(Wanted::End(Yield::Ended { outcome: *outcome, text }));
            }
            _ => return Err(Trap::invariant("an instruction wants nothing of the world").into()),
        };
        Ok(Wanted::Effect(effect))
    }

    pub(super) fn pair(&self, register: Register) -> Result<Pair, Trap> {
        let first = usize::from(self.routine.slot(register)?);
        let width = self.memory.layouts.width(self.routine.ty(register)?);
        let word = |skip: usize| {
            let word = self.live.get(first.saturating_add(skip)).copied();
            word.ok_or(Trap::invariant("a register lies outside of its window"))
        };
        Ok(match width {
            0 => [0, 0],
            1 => [word(0)?, 0],
            _ => [word(0)?, word(1)?],
        })
    }

    fn time(&self, register: Register) -> Result<Time, Trap> {
        let [micros, _] = self.pair(register)?;
        Ok(Time(micros.cast_signed()))
    }

    /// A duration; longer than `max` microseconds is an error.
    pub(super) fn duration(
        &self,
        register: Register,
        max: Option<Count>,
    ) -> Result<Duration, Failure> {
        let [micros, _] = self.pair(register)?;
        let micros = micros.cast_signed();
        let longer = |max: Count| u64::try_from(micros).is_ok_and(|micros| micros > max.0);
        if max.is_some_and(longer) {
            return Err(Failure::Error(Reason::WaitTooLong.into()));
        }
        Ok(Duration(micros))
    }

    pub(super) fn site(&self, site: ActionSite) -> Result<&Site, Trap> {
        let site = self.program.module().sites.get(usize::from(site.0));
        site.ok_or(Trap::invariant("there is no such site"))
    }

    fn ask_site(&self, site: ActionSite) -> Result<&AskSite, Trap> {
        match self.site(site)? {
            Site::Ask(site) => Ok(site),
            Site::Do(_) | Site::Tell(_) => Err(WRONG_SITE),
        }
    }

    /// A value that leaves the machine as `ty`, for the argument called `name`.
    pub(super) fn value(
        &self,
        register: Register,
        ty: TypeId,
        name: &str,
    ) -> Result<Value, Failure> {
        self.exported(self.pair(register)?, ty, name)
    }

    /// Slots that leave the machine as `ty`.
    pub(super) fn exported(&self, pair: Pair, ty: TypeId, name: &str) -> Result<Value, Failure> {
        let types = &self.program.module().types;
        export::checked(self.memory, types, ty, pair).map_err(|stop| match stop {
            Stop::Trap(trap) => trap.into(),
            Stop::TooLong(long) => {
                let (path, max, found) = (long.path, long.max, long.found);
                let text = format!("`{name}{path}`: at most {max} bytes, found {found}");
                Failure::Error(Error::new(ErrorKind::Limit, text))
            }
        })
    }

    fn call(&self, action: Action, arguments: &[Register]) -> Result<Call, Failure> {
        let signature = signature(self.program, action)?;
        if signature.parameters.len() != arguments.len() {
            return Err(Trap::invariant("a call has another number of arguments").into());
        }
        let arguments = signature.parameters.iter().zip(arguments).map(|(parameter, register)| {
            let value = self.value(*register, parameter.ty, &parameter.name)?;
            Ok((Name::clone(&parameter.name), value))
        });
        let arguments = arguments.collect::<Result<Arc<[_]>, Failure>>()?;
        Ok(Call { action: Name::clone(&signature.name), arguments })
    }

    /// The time and the attempts of a call, as the site chose them.
    fn attempts(&self, site: &AskSite) -> Result<(Duration, Retry), Trap> {
        let attempts = self.amount(site.retry.attempts)?;
        let backoff = self.amount(site.retry.backoff)?;
        Ok((self.amount(site.timeout)?, Retry { attempts, backoff }))
    }

    fn amount<T: Choosable>(&self, amount: Amount<T>) -> Result<T, Trap> {
        let setting = match amount {
            Amount::Fixed(fixed) => return Ok(fixed),
            Amount::Setting(setting) => usize::from(setting.0),
        };
        let word = self.settings.get(setting).ok_or(Trap::invariant("a setting has no value"))?;
        T::from_number(word.cast_signed()).ok_or(Trap::invariant("a setting is out of its range"))
    }

    fn query(&self, site: &AskSite) -> Result<Query, Failure> {
        let call = self.call(site.action, &site.arguments)?;
        let (timeout, retry) = self.attempts(site)?;
        Ok(Query { call, timeout, retry })
    }

    fn notice(&self, site: &AskSite) -> Result<Notice, Failure> {
        let call = self.call(site.action, &site.arguments)?;
        let audience = signature(self.program, site.action)?.audience;
        let (timeout, retry) = self.attempts(site)?;
        Ok(Notice { call, audience, timeout, retry })
    }

    fn act(&self, site: &DoSite) -> Result<Act, Failure> {
        let declared = signature(self.program, site.call.action)?;
        let call = self.call(site.call.action, &site.call.arguments)?;
        let affected = |index: &u8| {
            let argument = call.arguments.get(usize::from(*index));
            argument.map(|(_, value)| value.clone())
        };
        let affects = declared.affects.iter().filter_map(affected).collect();
        let undo = match &site.undo {
            UndoSite::Call { action, arguments } => UndoPlan::Call {
                call: self.call(*action, arguments)?,
                timeout: signature(self.program, *action)?.timeout,
            },
            UndoSite::None => UndoPlan::None,
            UndoSite::Irreversible => UndoPlan::Irreversible,
        };
        let proof = site.proof.iter().map(|proof| self.proof(proof)).collect::<Result<_, _>>()?;
        let life = match site.life {
            LifeSite::Open => Life::Open,
            LifeSite::For(register) => Life::For(self.duration(register, None)?),
            LifeSite::UntilReleased => Life::UntilReleased,
        };
        let (timeout, retry) = self.attempts(&site.call)?;
        Ok(Act {
            simulated: self.value(site.simulated, declared.result, "simulated")?,
            affects,
            undo,
            proof,
            life,
            verified: site.verified.map(|within| self.amount(within)).transpose()?,
            timeout,
            retry,
            idempotent: declared.idempotent,
            impact: declared.impact,
            approval: None,
            call,
        })
    }

    fn proof(&self, site: &ProofSite) -> Result<Proof, Failure> {
        let result = signature(self.program, site.query.action)?.result;
        let expected = self.value(site.expected, result, "expected")?;
        Ok(Proof { query: self.query(&site.query)?, expected })
    }
}

pub(super) const WRONG_SITE: Trap = Trap::invariant("a site is of another verb");
