//! Questions to people: what they are shown, what they decide, and what runs then.

use rye_compiler::hir::{self, Approve, Block, Choose, Do, Life as LifeOf, StmtKind, Undo};
use rye_core::effect::{Life, Position};
use rye_core::error::{Error, ErrorKind};
use rye_core::limit::TEXT_DEFAULT_BYTES_MAX;
use rye_core::question::{
    Approval, ApprovalBox, Decision, Escalation, Listed, ListedUndo, Question, Subject,
};
use rye_core::ty::{Type, TypeId};
use rye_core::value::{Duration, Name, Value};

use super::clock::{Unwanted, Wanted};
use super::frame::Scope;
use super::operator;
use super::raise::decision_value;
use super::statement::Way;
use super::{Interpreter, Locals, Stop};
use crate::story;

impl<'p> Interpreter<'p, '_> {
    /// `approve`, `approve each`
    pub(super) fn approve(
        &mut self,
        locals: &mut Locals,
        approve: &'p Approve,
    ) -> Result<Way, Stop> {
        for (local, value) in &approve.before {
            let value = self.value(locals, value)?;
            locals.set(*local, value);
        }
        let asked = self.approval_question(locals, approve);
        self.pay_unless_stopped(&asked, 10);
        let items =
            approve.each.as_ref().map(|each| operator::list(&locals.get(each.list)).to_vec());
        // Nobody is asked about nothing.
        let (at, decisions) = if items.as_ref().is_some_and(Vec::is_empty) && asked.is_ok() {
            (self.frames.innermost(), Vec::new())
        } else {
            let (at, question) = self.begun(asked)?;
            let boxes = items.as_ref().map_or(1, Vec::len);
            let decisions = self.decide(&at, &question, boxes)?;
            (at, decisions)
        };
        if approve.each.is_some() {
            self.pay(1);
        }
        for (place, decision) in decisions.iter().enumerate() {
            if let (Some(each), Some(items)) = (&approve.each, &items) {
                locals.set(each.index, Value::Int(operator::int_of(place)));
                locals.set(each.item, items.get(place).cloned().unwrap_or(Value::None));
            }
            let way = self.one_box(locals, approve, (&at, place), decision)?;
            if !matches!(way, Way::On) {
                return Ok(way);
            }
            if approve.each.is_some() {
                self.pay(1);
            }
        }
        Ok(Way::On)
    }

    fn one_box(
        &mut self,
        locals: &mut Locals,
        approve: &'p Approve,
        (question, place): (&Position, usize),
        decision: &Decision,
    ) -> Result<Way, Stop> {
        self.reach(match decision {
            Decision::Granted => "decided granted",
            Decision::Denied(_) => "decided denied",
            Decision::Expired => "decided expired",
        });
        if *decision == Decision::Granted {
            let index = u32::try_from(place).unwrap_or(u32::MAX);
            let approval = Approval { request: self.effect(question), index };
            return self.framed(locals, Scope::Approved(approval), &approve.body);
        }
        self.pay(1);
        locals.set(approve.decision, decision_value(decision));
        self.block(locals, &approve.otherwise)
    }

    /// Asks people, and waits for what they decide about each box.
    fn decide(
        &mut self,
        at: &Position,
        question: &Question,
        boxes: usize,
    ) -> Result<Vec<Decision>, Stop> {
        self.tell_story(story::requested(at, question));
        let effect = self.effect(at);
        let (how, decisions): (_, Vec<Decision>) = if self.is_dry() {
            ("Mode", vec![Decision::Granted; boxes])
        } else if question.is_automatic() {
            ("Condition", vec![Decision::Granted; boxes])
        } else {
            self.cancelled_at(at)?;
            let said: Vec<_> = (0..boxes).map(|place| self.people.decides(effect, place)).collect();
            let all = said.iter().all(Option::is_some);
            if !all {
                self.pass(question.within);
            }
            let decided = |said: Option<Decision>| said.unwrap_or(Decision::Expired);
            (if all { "People" } else { "Time" }, said.into_iter().map(decided).collect())
        };
        let answer = Ok(Value::list(decisions.iter().map(decision_value)));
        self.tell_story(story::decided(at, how, &answer));
        Ok(decisions)
    }

    /// `choose`
    pub(super) fn choose(&mut self, locals: &mut Locals, choose: &'p Choose) -> Result<(), Stop> {
        let (name, values) = match self.package.types.get(choose.of) {
            Some(Type::Enum { name, variants, .. }) => {
                (name.clone(), variants.iter().map(|variant| variant.name.clone()).collect())
            }
            _ => (Name::from(""), Vec::new()),
        };
        let subject = Subject::Choice { of: name.clone(), values };
        let asked = self
            .question(locals, &choose.question)
            .map(|question| Question { subject, ..question });
        self.pay_unless_stopped(&asked, 10);
        let (at, question) = self.begun(asked)?;
        self.tell_story(story::requested(&at, &question));
        if !self.is_dry() {
            self.cancelled_at(&at)?;
        }
        let Subject::Choice { values, .. } = &question.subject else { return Ok(()) };
        let chosen = self.people.chooses(self.effect(&at), values.len());
        let chosen = chosen.filter(|_| !self.is_dry()).and_then(|chosen| values.get(chosen));
        let value = if let Some(variant) = chosen {
            let (variant, payload) = (variant.clone(), [].into());
            let value = Value::Variant { name, variant, payload };
            self.tell_story(story::decided(&at, "People", &Ok(value.clone())));
            value
        } else {
            self.reach("nobody chooses");
            self.pass(question.within);
            let late = Error::new(ErrorKind::Expired, "nobody chose in time");
            let how = if self.is_dry() { "Mode" } else { "Time" };
            self.tell_story(story::decided(&at, how, &Err(late)));
            self.value(locals, &choose.fallback)?
        };
        locals.set(choose.local, value);
        Ok(())
    }

    /// What every question has; what it is about is filled in by who asks.
    fn question(&mut self, locals: &mut Locals, asked: &'p hir::Question) -> Wanted<Question> {
        let stop = Unwanted::Stop;
        let text = self.value(locals, &asked.text).map_err(stop)?;
        let duration = |value: Value| match value {
            Value::Duration(duration) => duration,
            _ => Duration::ZERO,
        };
        let within = duration(self.value(locals, &asked.within.value).map_err(stop)?);
        let escalation = match &asked.escalation {
            Some(escalation) => Some(Escalation {
                roles: self.roles(&escalation.roles),
                after: duration(self.value(locals, &escalation.after.value).map_err(stop)?),
            }),
            None => None,
        };
        let text = match text {
            Value::Text(text) => text,
            other => other.to_string().into(),
        };
        if text.len() > usize::try_from(TEXT_DEFAULT_BYTES_MAX).unwrap_or(usize::MAX) {
            let error = Error::new(ErrorKind::Limit, "the question is longer than people read");
            return Err(Unwanted::Error(error));
        }
        Ok(Question {
            text,
            count: asked.count,
            roles: self.roles(&asked.roles),
            within,
            escalation,
            subject: Subject::Approval { boxes: Vec::new(), auto: false },
        })
    }

    fn roles(&self, roles: &[u16]) -> Vec<Name> {
        let name =
            |role: &u16| self.package.roles.get(usize::from(*role)).map(|role| role.name.clone());
        roles.iter().filter_map(name).collect()
    }

    fn approval_question(&mut self, locals: &mut Locals, approve: &'p Approve) -> Wanted<Question> {
        let auto = match &approve.auto {
            Some(auto) => self.value(locals, auto).map_err(Unwanted::Stop)? == Value::Bool(true),
            None => false,
        };
        let question = self.question(locals, &approve.question)?;
        let mut acts = Vec::new();
        listed_acts(&approve.body, &mut acts);
        let items = match &approve.each {
            None => vec![None],
            Some(each) => {
                let items = operator::list(&locals.get(each.list)).to_vec();
                if items.len() > usize::try_from(each.max).unwrap_or(usize::MAX) {
                    let text = "the loop has more rounds than its max";
                    return Err(Unwanted::Error(Error::new(ErrorKind::Limit, text)));
                }
                items.into_iter().map(Some).collect()
            }
        };
        let mut boxes = Vec::new();
        for (place, item) in items.into_iter().enumerate() {
            let effects = approve.listed.iter().zip(&acts);
            let effects = effects.map(|(listed, act)| self.listed(locals, listed, act, place));
            let effects = effects.collect::<Result<_, Error>>().map_err(Unwanted::Error)?;
            boxes.push(ApprovalBox { item, effects });
        }
        Ok(Question { subject: Subject::Approval { boxes, auto }, ..question })
    }

    /// What a yes to the box at `place` allows of one effect.
    fn listed(
        &self,
        locals: &Locals,
        listed: &hir::Listed,
        act: &Do,
        place: usize,
    ) -> Result<Listed, Error> {
        let signature = self.action(act.action);
        let mut arguments = Vec::new();
        for (parameter, local) in signature.parameters.iter().zip(&listed.arguments) {
            let value = self.own(locals.get(*local), parameter.ty, place);
            self.may_leave(parameter.ty, &value, &parameter.name)?;
            arguments.push((parameter.name.clone(), value));
        }
        let affected = |at: &u8| arguments.get(usize::from(*at)).map(|(_, value)| value.clone());
        let affects = signature.affects.iter().filter_map(affected).collect();
        let undo = match &act.undo {
            Undo::None => ListedUndo::None,
            Undo::Irreversible => ListedUndo::Irreversible,
            Undo::Call { action, .. } => {
                let undo = self.action(*action);
                let mut arguments = Vec::new();
                for (parameter, local) in undo.parameters.iter().zip(&listed.undo) {
                    let value = match local {
                        Some(local) => {
                            let value = self.own(locals.get(*local), parameter.ty, place);
                            self.may_leave(parameter.ty, &value, &parameter.name)?;
                            Some(value)
                        }
                        None => None,
                    };
                    arguments.push((parameter.name.clone(), value));
                }
                ListedUndo::Call { action: undo.name.clone(), arguments }
            }
        };
        let life = match (&act.life, listed.life.map(|life| locals.get(life))) {
            (LifeOf::UntilReleased, _) => Life::UntilReleased,
            (LifeOf::For(_), Some(Value::Duration(life))) => Life::For(life),
            (LifeOf::For(_), Some(Value::List(lives))) => match lives.get(place) {
                Some(Value::Duration(life)) => Life::For(*life),
                _ => Life::Open,
            },
            _ => Life::Open,
        };
        let call =
            rye_core::effect::Call { action: signature.name.clone(), arguments: arguments.into() };
        Ok(Listed { call, affects, undo, life, impact: signature.impact })
    }

    /// What a box has in a local: the value, or its element of a list of such.
    fn own(&self, value: Value, wanted: TypeId, place: usize) -> Value {
        let wants_list = matches!(self.package.types.get(wanted), Some(Type::List { .. }));
        match &value {
            Value::List(values) if !wants_list => values.get(place).cloned().unwrap_or(Value::None),
            Value::List(values)
                if values.first().is_some_and(|first| matches!(first, Value::List(_))) =>
            {
                values.get(place).cloned().unwrap_or(Value::None)
            }
            _ => value,
        }
    }
}

/// The acts of a block that its question lists, in the order in which they stand.
fn listed_acts<'p>(block: &'p Block, found: &mut Vec<&'p Do>) {
    block.walk(&mut |statement| {
        if let StmtKind::Do(act) = &statement.kind
            && act.listed.is_some()
        {
            found.push(act);
        }
    });
}
