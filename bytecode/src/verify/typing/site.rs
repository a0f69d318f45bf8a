//! Calls of the world: verb, arguments, answers, and all that stands beside them.

use rye_core::action::{ActionSignature, Verb};
use rye_core::ty::{Type, TypeId};

use super::super::{Result, Used, VerifyCode, effect, structure};
use super::Typing;
use crate::instruction::operand::{Action, ActionSite, Register};
use crate::module::{AskSite, DoSite, LifeSite, Site, UndoSite};

impl Typing<'_> {
    pub(super) fn ask(&self, to: Register, site: ActionSite, used: &mut Used) -> Result<()> {
        self.asked(to, site, used).map(|_| ())
    }

    /// Whether there was more is a question about a query that cuts alone.
    pub(super) fn ask_first(&self, to: Register, site: ActionSite, used: &mut Used) -> Result<()> {
        let query = self.asked(to, site, used)?;
        if query.first.is_some() {
            return Ok(());
        }
        let found = format!("`{}`, whose answer is never cut", query.name);
        Err(self.capability(&found, "a query with a `first`"))
    }

    /// The query whose answer goes to `to`.
    fn asked(&self, to: Register, site: ActionSite, used: &mut Used) -> Result<&ActionSignature> {
        let Some(Site::Ask(site)) = self.site(site, used) else {
            return Err(self.capability("a site of another verb", "a query's"));
        };
        let query = self.attempts(Verb::Query, site)?;
        self.flows("an answer", self.id(to), query.result)?;
        Ok(query)
    }

    pub(super) fn act(&self, to: Register, site: ActionSite, used: &mut Used) -> Result<()> {
        let Some(Site::Do(site)) = self.site(site, used) else {
            return Err(self.capability("a site of another verb", "an action's"));
        };
        let action = self.attempts(Verb::Action, &site.call)?;
        self.flows("an answer", self.id(to), action.result)?;
        self.flows("what is simulated", action.result, self.id(site.simulated))?;
        self.beside(site)?;
        effect::act(self.body, self.at, site)
    }

    pub(super) fn tell(&self, site: ActionSite, used: &mut Used) -> Result<()> {
        match self.site(site, used) {
            Some(Site::Tell(site)) => self.attempts(Verb::Notice, site).map(|_| ()),
            _ => Err(self.capability("a site of another verb", "a notice's")),
        }
    }

    /// Undo, proofs and life of an act.
    fn beside(&self, site: &DoSite) -> Result<()> {
        if let UndoSite::Call { action, arguments } = &site.undo {
            self.arguments(Verb::Action, *action, arguments)?;
        }
        for proof in &site.proof {
            let result = self.query(&proof.query)?;
            self.meets("what a proof expects", result, self.id(proof.expected))?;
            self.visible_answer(result)?;
        }
        match site.life {
            LifeSite::For(life) if !matches!(self.ty(life), Some(Type::Duration)) => {
                Err(self.refuse(format!("a life of {}", self.display(self.id(life))), "`Duration`"))
            }
            _ => Ok(()),
        }
    }

    fn visible_answer(&self, result: TypeId) -> Result<()> {
        if self.body.classes.is_visible(result) {
            return Ok(());
        }
        let found = format!("a proof by {}", self.display(result));
        Err(self.body.refuse(VerifyCode::Secret, self.at, found, "an answer that may be seen"))
    }

    fn site(&self, site: ActionSite, used: &mut Used) -> Option<&Site> {
        let index = usize::from(site.0);
        if let Some(used) = used.sites.get_mut(index) {
            *used = true;
        }
        self.body.module.sites.get(index)
    }

    fn query(&self, site: &AskSite) -> Result<TypeId> {
        self.attempts(Verb::Query, site).map(|query| query.result)
    }

    /// A call with its time and its attempts.
    fn attempts(&self, verb: Verb, site: &AskSite) -> Result<&ActionSignature> {
        let action = self.arguments(verb, site.action, &site.arguments)?;
        let Some(ends) = self.body.module.attempts(site) else {
            let found = format!("`{}` with a setting without a range", action.name);
            let allowed = "settings with a range, of `Duration`, and of `Int` up to 255";
            return Err(self.body.refuse(VerifyCode::Retry, self.at, found, allowed));
        };
        for (timeout, retry) in ends {
            structure::attempts(&action.name, timeout, retry)
                .map_err(|error| self.body.at(self.at, error))?;
        }
        Ok(action)
    }

    /// A call of `verb` with as many arguments as there are parameters, of their types.
    fn arguments(
        &self,
        verb: Verb,
        action: Action,
        arguments: &[Register],
    ) -> Result<&ActionSignature> {
        let action = self.body.module.actions.get(usize::from(action.0));
        let Some(action) = action.filter(|action| action.verb == verb) else {
            let found = action.map_or("nothing", |action| action.verb.word());
            return Err(self.capability(&format!("a call of `{found}`"), verb.word()));
        };
        if arguments.len() != action.parameters.len() {
            let found = format!("{} arguments of `{}`", arguments.len(), action.name);
            return Err(self.capability(&found, &action.parameters.len().to_string()));
        }
        for (parameter, argument) in action.parameters.iter().zip(arguments) {
            let ty = self.id(*argument);
            if !self.accepts(parameter.ty, ty) {
                let (name, action, ty) = (&parameter.name, &action.name, self.display(ty));
                let found = format!("`{name}` of `{action}` of type {ty}");
                return Err(self.refuse(found, self.display(parameter.ty)));
            }
        }
        Ok(action)
    }

    fn capability(&self, found: &str, allowed: &str) -> super::super::VerifyError {
        self.body.refuse(VerifyCode::Capability, self.at, found, allowed)
    }
}
