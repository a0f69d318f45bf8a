//! Behind whose yes the acts of a playbook stand, as the verifier proved it.

use std::collections::BTreeSet;

use rye_bytecode::Verified;
use rye_bytecode::facts::{self, Approvals};
use rye_bytecode::module::question::Question;
use rye_bytecode::module::{Module, Playbook};
use rye_core::value::Name;
use serde_json::{Value, json};

/// Whose yes an action stands behind.
pub(super) struct Yes(Approvals);

/// The actions that a playbook can do, with whose yes each stands behind.
pub(super) fn approvals<'m>(
    module: &'m Verified<Module>,
    playbook: &Playbook,
) -> impl Iterator<Item = (&'m Name, Yes)> {
    let found = facts::approvals(module, playbook).into_iter();
    found.filter_map(|(action, yes)| Some((&module.actions.get(action)?.name, Yes(yes))))
}

impl Yes {
    /// Whether it is done somewhere without anybody's yes.
    pub(super) fn is_without(&self) -> bool {
        self.0.without
    }

    fn questions<'m>(&self, module: &'m Module) -> impl Iterator<Item = &'m Question> {
        self.0.questions.iter().filter_map(|at| module.questions.get(*at))
    }

    /// Each yes that it can stand behind, and whether it needs none.
    pub(super) fn words(&self, module: &Module) -> impl Iterator<Item = String> {
        let behind = self.questions(module).map(|question| yes_words(module, question));
        let without = self.0.without.then(|| String::from("without anybody's yes"));
        behind.chain(without).collect::<BTreeSet<_>>().into_iter()
    }

    /// The same, where it stands behind any.
    pub(super) fn words_of_approved(&self, module: &Module) -> impl Iterator<Item = String> {
        let stands = !self.0.questions.is_empty();
        self.words(module).filter(move |_| stands)
    }

    /// The same for programs.
    pub(super) fn document(&self, module: &Module) -> Value {
        let one = |question: &Question| {
            let more = question.escalation.as_ref();
            json!({
                "count": question.count,
                "roles": role_names(module, &question.roles),
                "then": more.map(|more| role_names(module, &more.roles)).unwrap_or_default(),
                "auto": question.auto().is_some(),
            })
        };
        self.questions(module).map(one).collect()
    }
}

/// Whose yes a question wants.
fn yes_words(module: &Module, question: &Question) -> String {
    let roles = role_names(module, &question.roles).join(", ");
    let mut words = format!("behind the yes of {} of {roles}", question.count);
    if let Some(more) = &question.escalation {
        words = format!("{words}; later {} as well", role_names(module, &more.roles).join(", "));
    }
    if question.auto().is_some() {
        words.push_str("; or by the playbook's own condition");
    }
    words
}

fn role_names<'m>(module: &'m Module, roles: &[u16]) -> Vec<&'m str> {
    let role = |at: &u16| module.roles.get(usize::from(*at));
    roles.iter().filter_map(role).map(|role| &*role.name).collect()
}
