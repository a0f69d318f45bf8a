//! Questions to people: who is asked, and that the list of what a yes allows says
//! of each effect what its site will do.

use rye_core::action::{ActionSignature, Undo};
use rye_core::impact::Impact;
use rye_core::limit::{APPROVAL_BOXES_MAX, APPROVERS_MAX, LISTED_EFFECTS_MAX, QUESTION_ROLES_MAX};
use rye_core::question::DECISION_TYPE_NAME;
use rye_core::ty::{Type, TypeId};

use super::super::{Result, Used, VerifyCode, VerifyError};
use super::Typing;
use crate::instruction::operand::{self, Register};
use crate::module::question::{Listed, Question, Subject};
use crate::module::{DoSite, LifeSite, Site, UndoSite};

impl Typing<'_> {
    pub(super) fn approve(&self, question: operand::Question, used: &mut Used) -> Result<()> {
        let Some(question) = self.question(question, used)? else { return Ok(()) };
        let (listed, items) = match &question.subject {
            Subject::Effects { listed, .. } => (listed, None),
            Subject::Each { listed, items, max, .. } => {
                if !matches!(self.ty(*items), Some(Type::List { .. })) {
                    return Err(self.refuse(self.display(self.id(*items)), "a list of items"));
                }
                if *max == 0 || *max > APPROVAL_BOXES_MAX {
                    return Err(self.unapproved(format!("{max} boxes"), "1 to 100"));
                }
                (listed, Some(*items))
            }
            Subject::Choice(_) => {
                return Err(self.unapproved("an approval of a choice", "effects"));
            }
        };
        if listed.len() > LISTED_EFFECTS_MAX {
            return Err(self.unapproved(format!("{} effects", listed.len()), "at most 64"));
        }
        listed.iter().try_for_each(|one| self.listed(one, items.is_some()))?;
        let Some(auto) = question.auto() else { return Ok(()) };
        if !matches!(self.ty(auto), Some(Type::Bool)) {
            return Err(self.refuse(self.display(self.id(auto)), "`Bool`"));
        }
        let person = listed.iter().find_map(|one| {
            let action = self.action_of(one)?;
            needs_person(action).then_some(&action.name)
        });
        person.map_or(Ok(()), |name| {
            Err(self
                .unapproved(format!("`auto` before `{name}`"), "a person before such an action"))
        })
    }

    pub(super) fn choose(
        &self,
        to: Register,
        question: operand::Question,
        used: &mut Used,
    ) -> Result<()> {
        let Some(question) = self.question(question, used)? else { return Ok(()) };
        let Subject::Choice(of) = question.subject else {
            return Err(self.unapproved("a choice of effects", "an enum"));
        };
        let plain = match self.body.module.types.get(of) {
            Some(Type::Enum { variants, .. }) => variants.iter().all(|one| one.payload.is_empty()),
            _ => false,
        };
        if !plain {
            return Err(self.refuse(self.display(of), "an enum whose alternatives carry nothing"));
        }
        if question.count != 1 {
            return Err(self.unapproved(format!("{} who choose", question.count), "one"));
        }
        self.flows("a choice", self.id(to), of)
    }

    pub(super) fn open_approved(
        &self,
        decision: Register,
        question: operand::Question,
    ) -> Result<()> {
        match self.ty(decision) {
            Some(Type::Enum { name, .. }) if **name == *DECISION_TYPE_NAME => {}
            _ => return Err(self.refuse(self.display(self.id(decision)), "`Decision`")),
        }
        let question = self.body.module.questions.get(usize::from(question.0));
        match question.map(|question| &question.subject) {
            Some(Subject::Choice(_)) => Err(self.unapproved("a box of a choice", "an approval")),
            _ => Ok(()),
        }
    }

    /// What is asked by this instruction and by no other.
    fn question(&self, index: operand::Question, used: &mut Used) -> Result<Option<&Question>> {
        if let Some(used) = used.questions.get_mut(usize::from(index.0))
            && core::mem::replace(used, true)
        {
            return Err(self.unapproved("a question that is asked elsewhere too", "its own"));
        }
        let Some(question) = self.body.module.questions.get(usize::from(index.0)) else {
            return Ok(None);
        };
        if !matches!(self.ty(question.text), Some(Type::Text { .. })) {
            return Err(self.refuse(self.display(self.id(question.text)), "`Text`"));
        }
        self.time(question.within)?;
        if question.within_max.0 <= 0 {
            return Err(self.unapproved("no time to answer", "more than none"));
        }
        if question.count == 0 || question.count > APPROVERS_MAX {
            return Err(self.unapproved(format!("{} people", question.count), "1 to 16"));
        }
        self.roles(&question.roles)?;
        if let Some(escalation) = &question.escalation {
            self.roles(&escalation.roles)?;
            self.time(escalation.after)?;
        }
        Ok(Some(question))
    }

    fn time(&self, register: Register) -> Result<()> {
        match self.ty(register) {
            Some(Type::Duration) => Ok(()),
            _ => Err(self.refuse(self.display(self.id(register)), "`Duration`")),
        }
    }

    fn roles(&self, roles: &[u16]) -> Result<()> {
        let declared = self.body.module.roles.len();
        let known = roles.iter().all(|role| usize::from(*role) < declared);
        let ascends = roles.is_sorted_by(|first, second| first < second);
        if known && ascends && !roles.is_empty() && roles.len() <= QUESTION_ROLES_MAX {
            return Ok(());
        }
        let found = format!("the roles {roles:?} of {declared}");
        Err(self.unapproved(found, "1 to 16 declared roles, ascending"))
    }

    /// A listed effect says what its site will do; with boxes, each may have its own.
    fn listed(&self, one: &Listed, boxes: bool) -> Result<()> {
        let Some((site, action)) = self.site_of(one) else {
            return Err(self.unapproved("a listed site that does nothing", "sites of actions"));
        };
        if one.arguments.len() != action.parameters.len() {
            let found = format!("{} listed arguments of `{}`", one.arguments.len(), action.name);
            return Err(self.unapproved(found, &action.parameters.len().to_string()));
        }
        for (parameter, argument) in action.parameters.iter().zip(&one.arguments) {
            self.listed_value(parameter.ty, *argument, boxes)?;
        }
        match (&site.undo, &*one.undo) {
            (UndoSite::Call { action, arguments }, undo) if undo.len() == arguments.len() => {
                let action = self.body.module.actions.get(usize::from(action.0));
                let parameters = action.map(|action| action.parameters.iter());
                for (parameter, argument) in parameters.into_iter().flatten().zip(undo) {
                    if let Some(argument) = argument {
                        self.listed_value(parameter.ty, *argument, boxes)?;
                    }
                }
            }
            (UndoSite::None | UndoSite::Irreversible, []) => {}
            _ => return Err(self.unapproved("a listed undo of another form", "that of its site")),
        }
        match (site.life, one.life) {
            (LifeSite::For(_), Some(life)) if boxes => match self.ty(life) {
                Some(Type::List { element, .. })
                    if matches!(self.body.module.types.get(*element), Some(Type::Duration)) =>
                {
                    Ok(())
                }
                _ => self.time(life),
            },
            (LifeSite::For(_), Some(life)) => self.time(life),
            (LifeSite::Open | LifeSite::UntilReleased, None) => Ok(()),
            _ => Err(self.unapproved("a listed life of another form", "that of its site")),
        }
    }

    fn listed_value(&self, wanted: TypeId, register: Register, boxes: bool) -> Result<()> {
        let found = self.id(register);
        let own = match self.ty(register) {
            Some(Type::List { element, .. }) => boxes && self.accepts(wanted, *element),
            _ => false,
        };
        if own || self.accepts(wanted, found) {
            return Ok(());
        }
        Err(self.refuse(
            format!("a listed value of type {}", self.display(found)),
            self.display(wanted),
        ))
    }

    fn site_of(&self, one: &Listed) -> Option<(&DoSite, &ActionSignature)> {
        let Site::Do(site) = self.body.module.sites.get(usize::from(one.site.0))? else {
            return None;
        };
        Some((site, self.body.module.actions.get(usize::from(site.call.action.0))?))
    }

    fn action_of(&self, one: &Listed) -> Option<&ActionSignature> {
        self.site_of(one).map(|(_, action)| action)
    }

    fn unapproved(&self, found: impl Into<String>, allowed: &str) -> VerifyError {
        self.body.refuse(VerifyCode::Approval, self.at, found, allowed)
    }
}

/// Whether only a person may say yes to an action.
pub(in super::super) fn needs_person(action: &ActionSignature) -> bool {
    action.undo == Undo::Irreversible || action.impact == Impact::Destructive
}

const _: () = assert!(APPROVERS_MAX == 16 && QUESTION_ROLES_MAX == 16);
const _: () = assert!(APPROVAL_BOXES_MAX == 100 && LISTED_EFFECTS_MAX == 64);
