//! Approvals: an act that stands behind a yes is one that people saw in that very
//! question, and what needs a person's yes has one.

use rye_core::effect::{Act, UndoPlan};
use rye_core::impact::Impact;
use rye_core::question::Subject;
use rye_core::value::Value;

use crate::run::{Run, What};

/// Why people did not say yes to this act, if they did not.
pub(super) fn refuses(act: &Act, run: &Run) -> Option<String> {
    let action = &act.call.action;
    let Some(approval) = act.approval else {
        let needs_person = act.undo == UndoPlan::Irreversible || act.impact == Impact::Destructive;
        return needs_person
            .then(|| format!("`{action}` needs a person's yes, and nobody was asked"));
    };
    let Some(state) = run.effects.get(&approval.request) else {
        return Some(format!("`{action}` stands behind a question that was never asked"));
    };
    let What::Question(question) = &state.what else {
        return Some(format!("`{action}` stands behind something that is no question"));
    };
    let place = usize::try_from(approval.index).unwrap_or(usize::MAX);
    let granted = match &state.answered {
        Some((_, Ok(Value::List(decisions)))) => decisions.get(place) == Some(&Value::None),
        _ => false,
    };
    if !granted {
        return Some(format!("`{action}` stands behind a question that was not answered with yes"));
    }
    let listed = match &question.question.subject {
        Subject::Approval { boxes, .. } => boxes.get(place).map(|one| &one.effects),
        Subject::Choice { .. } => None,
    };
    let is_listed = listed.is_some_and(|effects| effects.iter().any(|listed| listed.is(act)));
    (!is_listed).then(|| format!("{} is not what was approved", act.call))
}
