//! Questions to people: read from registers when they are asked, and the frames
//! that their answers open.

use std::sync::Arc;

use rye_bytecode::instruction::Instruction;
use rye_bytecode::instruction::operand::{self, Register};
use rye_bytecode::module::question::{self, Listed, Subject};
use rye_bytecode::module::{LifeSite, Site, UndoSite};
use rye_core::canonical;
use rye_core::effect::{Effect, Life, Position};
use rye_core::id::EffectId;
use rye_core::limit::{
    ACTION_NAME_BYTES_MAX, QUESTION_BYTES_MAX, RUN_QUESTIONS_MAX, TEXT_DEFAULT_BYTES_MAX,
};
use rye_core::question::{
    self as core_question, Approval, ApprovalBox, Escalation, ListedUndo, Question,
};
use rye_core::ty::{Type, TypeId};
use rye_core::value::{Name, Value};

use super::effect::{Reader, WRONG_SITE};
use super::{Failure, Machine, signature};
use crate::import::{self, Refusal};
use crate::slot::{self, Pair};
use crate::stack;
use crate::trap::{Reason, Trap};

/// What people answered to one question.
#[derive(Clone, Debug)]
pub(super) struct Answered {
    /// The question's effect.
    request: EffectId,
    /// Per box, nothing for a yes, or the decision.
    decisions: Arc<[Value]>,
}

impl Machine {
    /// Counts a question before it is asked. Whether it has anything to ask: without
    /// boxes it is answered at once.
    pub(super) fn counts_question(&mut self, effect: &Effect) -> Result<bool, Failure> {
        let Effect::Question(question) = effect else { return Ok(true) };
        if self.questions >= RUN_QUESTIONS_MAX {
            return Err(Failure::Error(Reason::TooManyQuestions.into()));
        }
        self.questions = self.questions.saturating_add(1);
        let core_question::Subject::Approval { boxes, .. } = &question.subject else {
            return Ok(true);
        };
        Ok(!boxes.is_empty())
    }

    /// Keeps what people answered; the register is its place.
    pub(super) fn answered(
        &mut self,
        to: Register,
        at: &Position,
        answer: Value,
    ) -> Result<(), Failure> {
        let Value::List(decisions) = answer else {
            return Err(Trap::invariant("an approval is answered by no list").into());
        };
        let place = u64::try_from(self.answers.len()).unwrap_or(u64::MAX);
        let request = at.effect_id(self.facts.run);
        self.answers.push(Answered { request, decisions });
        self.put(to, [place, 0])
    }

    /// The slots of the value that a person chose.
    pub(super) fn chosen(
        &mut self,
        question: operand::Question,
        value: &Value,
    ) -> Result<Pair, Failure> {
        let program = Arc::clone(&self.program);
        let asked = program.module().questions.get(usize::from(question.0));
        let Some(Subject::Choice(of)) = asked.map(|asked| &asked.subject) else {
            return Err(Trap::invariant("a choice is among no enum").into());
        };
        let mut memory = program.memory(&mut self.arena, self.memory);
        let value = import::value(&mut memory, &program.module().types, *of, value);
        Ok(value.map_err(|refusal| match refusal {
            Refusal::Misfit(_) => Trap::invariant("a choice is none of its enum"),
            Refusal::Fault(fault) => Trap::Fault(fault),
        })?)
    }

    /// Opens the frame of a box that people said yes to, or goes to the label.
    pub(super) fn open_approved(&mut self) -> Result<bool, Failure> {
        let program = Arc::clone(&self.program);
        let (activation, routine) = stack::top(&program, &self.calls)?;
        let op = activation.pc.checked_sub(1).ok_or(Trap::invariant("nothing was executed"))?;
        let (_, instruction) = routine.instruction_of(op)?;
        let Instruction::OpenApproved { decision, approval, index, label, .. } = instruction else {
            return Ok(false);
        };
        let memory = program.memory(&mut self.arena, self.memory);
        let live = self.registers.get(slot::size(activation.base)..).unwrap_or_default();
        let settings = &self.settings;
        let reader = Reader { program: &program, memory: &memory, routine, live, settings };
        let ([answer, _], [index, _]) = (reader.pair(*approval)?, reader.pair(*index)?);
        let place = usize::try_from(answer).ok();
        let answer = place.and_then(|place| self.answers.get(place)).cloned();
        let answer = answer.ok_or(Trap::invariant("an approval is no answer"))?;
        let found = usize::try_from(index).ok().and_then(|index| answer.decisions.get(index));
        let found = found.ok_or(Trap::Raise(Reason::NoBox))?;
        if *found == Value::None {
            let index = u32::try_from(index).unwrap_or(u32::MAX);
            self.frames.open_approved(Approval { request: answer.request, index })?;
            return Ok(true);
        }
        let ty = routine.ty(*decision)?;
        let mut memory = program.memory(&mut self.arena, self.memory);
        let value = import::value(&mut memory, &program.module().types, ty, found);
        let value = value.map_err(|refusal| match refusal {
            Refusal::Misfit(_) => Trap::invariant("a decision is none"),
            Refusal::Fault(fault) => Trap::Fault(fault),
        })?;
        self.put(*decision, value)?;
        self.jump(*label)?;
        Ok(true)
    }
}

impl Reader<'_> {
    pub(super) fn question(&self, index: operand::Question) -> Result<Effect, Failure> {
        let asked = self.program.module().questions.get(usize::from(index.0));
        let asked = asked.ok_or(Trap::invariant("there is no such question"))?;
        let max = operand::Count(u64::try_from(asked.within_max.0).unwrap_or(0));
        let within = self.duration(asked.within, Some(max))?;
        let escalation = match &asked.escalation {
            Some(escalation) => Some(Escalation {
                roles: self.roles(&escalation.roles)?,
                after: self.duration(escalation.after, None)?,
            }),
            None => None,
        };
        Ok(Effect::Question(Box::new(Question {
            text: self.shown(asked.text)?,
            count: asked.count,
            roles: self.roles(&asked.roles)?,
            within,
            escalation,
            subject: self.subject(asked)?,
        })))
    }

    /// What people read, which has the size of an ordinary text.
    fn shown(&self, text: Register) -> Result<Arc<str>, Failure> {
        let [text, _] = self.pair(text)?;
        let text = self.memory.text(text)?;
        if text.len() > slot::size(TEXT_DEFAULT_BYTES_MAX) {
            return Err(Failure::Error(Reason::QuestionTooLong.into()));
        }
        Ok(Arc::from(text))
    }

    fn roles(&self, roles: &[u16]) -> Result<Vec<Name>, Trap> {
        let name = |index: &u16| {
            let role = self.program.module().roles.get(usize::from(*index));
            role.map(|role| Name::clone(&role.name)).ok_or(Trap::invariant("there is no such role"))
        };
        roles.iter().map(name).collect()
    }

    fn subject(&self, asked: &question::Question) -> Result<core_question::Subject, Failure> {
        let (items, listed) = match &asked.subject {
            Subject::Effects { listed, .. } => (None, listed),
            Subject::Each { items, max, listed, .. } => {
                let items = self.elements(*items, None)?;
                if items.len() > slot::size(*max) {
                    return Err(Failure::Error(Reason::TooManyRounds.into()));
                }
                (Some(items), listed)
            }
            Subject::Choice(of) => return Ok(self.choice(*of)?),
        };
        let boxes = items.as_ref().map_or(1, Vec::len);
        let boxes = (0..boxes).map(|index| {
            let effects = listed.iter().map(|one| self.listed(one, index));
            let item = items.as_ref().and_then(|items| items.get(index)).cloned();
            Ok(ApprovalBox { item, effects: effects.collect::<Result<_, Failure>>()? })
        });
        let boxes = boxes.collect::<Result<Vec<_>, Failure>>()?;
        if boxes.iter().map(shown_bytes).fold(0, usize::saturating_add) > QUESTION_BYTES_MAX {
            return Err(Failure::Error(Reason::QuestionTooLarge.into()));
        }
        let auto = match asked.auto() {
            Some(auto) => self.pair(auto)?[0] != 0,
            None => false,
        };
        Ok(core_question::Subject::Approval { boxes, auto })
    }

    fn choice(&self, of: TypeId) -> Result<core_question::Subject, Trap> {
        match self.program.module().types.get(of) {
            Some(Type::Enum { name, variants, .. }) => Ok(core_question::Subject::Choice {
                of: Name::clone(name),
                values: variants.iter().map(|variant| Name::clone(&variant.name)).collect(),
            }),
            _ => Err(Trap::invariant("a choice is among no enum")),
        }
    }

    /// A listed effect as the box with this index allows it.
    fn listed(&self, one: &Listed, index: usize) -> Result<core_question::Listed, Failure> {
        let Site::Do(site) = self.site(one.site)? else { return Err(WRONG_SITE.into()) };
        let declared = signature(self.program, site.call.action)?;
        let mut arguments = Vec::with_capacity(one.arguments.len());
        for (parameter, register) in declared.parameters.iter().zip(&one.arguments) {
            let value = self.own(*register, parameter.ty, &parameter.name, index)?;
            arguments.push((Name::clone(&parameter.name), value));
        }
        let affected =
            |at: &u8| arguments.get(usize::from(*at)).map(|(_, value): &(_, Value)| value.clone());
        let affects = declared.affects.iter().filter_map(affected).collect();
        let undo = match &site.undo {
            UndoSite::Call { action, .. } => self.listed_undo(*action, &one.undo, index)?,
            UndoSite::None => ListedUndo::None,
            UndoSite::Irreversible => ListedUndo::Irreversible,
        };
        let life = match (site.life, one.life) {
            (LifeSite::For(_), Some(life)) => self.life(life, index)?,
            (LifeSite::UntilReleased, _) => Life::UntilReleased,
            _ => Life::Open,
        };
        let call = rye_core::effect::Call {
            action: Name::clone(&declared.name),
            arguments: arguments.into(),
        };
        Ok(core_question::Listed { call, affects, undo, life, impact: declared.impact })
    }

    fn listed_undo(
        &self,
        action: operand::Action,
        known: &[Option<Register>],
        index: usize,
    ) -> Result<ListedUndo, Failure> {
        let undo = signature(self.program, action)?;
        let mut arguments = Vec::with_capacity(known.len());
        for (parameter, register) in undo.parameters.iter().zip(known) {
            let value = match register {
                Some(register) => {
                    Some(self.own(*register, parameter.ty, &parameter.name, index)?)
                }
                None => None,
            };
            arguments.push((Name::clone(&parameter.name), value));
        }
        Ok(ListedUndo::Call { action: Name::clone(&undo.name), arguments })
    }

    fn life(&self, life: Register, index: usize) -> Result<Life, Failure> {
        if matches!(self.type_of(life)?, Type::Duration) {
            return Ok(Life::For(self.duration(life, None)?));
        }
        match self.elements(life, None)?.get(index) {
            Some(Value::Duration(life)) => Ok(Life::For(*life)),
            _ => Err(SHORT_LIST.into()),
        }
    }

    /// What a box has in a register: the value, or its element of a list of such.
    fn own(
        &self,
        register: Register,
        wanted: TypeId,
        name: &str,
        index: usize,
    ) -> Result<Value, Failure> {
        let types = &self.program.module().types;
        if types.accepts(wanted, self.routine.ty(register)?) {
            return self.value(register, wanted, name);
        }
        let found = self.elements(register, Some((wanted, name)))?;
        found.get(index).cloned().ok_or(SHORT_LIST.into())
    }

    /// The elements of a list, each as a value that leaves the machine as its own type
    /// or as the one that is wanted.
    fn elements(
        &self,
        list: Register,
        wanted: Option<(TypeId, &str)>,
    ) -> Result<Vec<Value>, Failure> {
        let Type::List { element, .. } = self.type_of(list)? else {
            return Err(Trap::invariant("a list was expected").into());
        };
        let [span, _] = self.pair(list)?;
        let words = self.memory.words(slot::Span::of(span))?;
        let (ty, name) = wanted.unwrap_or((*element, "item"));
        words.iter().map(|word| self.exported([*word, 0], ty, name)).collect()
    }

    fn type_of(&self, register: Register) -> Result<&Type, Trap> {
        let ty = self.routine.ty(register)?;
        self.program.module().types.get(ty).ok_or(Trap::invariant("a register has no type"))
    }
}

/// How much a box shows.
fn shown_bytes(one: &ApprovalBox) -> usize {
    let values = one.effects.iter().flat_map(|effect| {
        let undo = match &effect.undo {
            ListedUndo::Call { arguments, .. } => arguments.as_slice(),
            ListedUndo::None | ListedUndo::Irreversible => &[],
        };
        let undo = undo.iter().filter_map(|(_, value)| value.as_ref());
        effect.call.arguments.iter().map(|(_, value)| value).chain(&effect.affects).chain(undo)
    });
    let bytes = |value: &Value| canonical::encode(value).len().saturating_add(NAME_BYTES);
    let names = one.effects.len().saturating_add(1).saturating_mul(NAME_BYTES);
    values.chain(&one.item).map(bytes).fold(names, usize::saturating_add)
}

/// What a name in a question takes at most.
const NAME_BYTES: usize = ACTION_NAME_BYTES_MAX + 8;

/// How long a list is, no verifier can say.
const SHORT_LIST: Trap = Trap::Raise(Reason::UnequalLists);
