//! Lifting a quota: people let one effect of one held run pass it. All other guardrails
//! are asked again before it is done.

use std::collections::BTreeSet;

use rye_core::id::EffectId;

use super::people::is_enough;
use super::{Engine, Message};
use crate::entry::Body;
use crate::run::LIFTERS;

impl Engine {
    pub(super) fn lift(&mut self, message: &Message, effect: EffectId) -> Result<(), String> {
        let (id, owner) = (message.run, &message.owner);
        let run = self.runs.get(&id).ok_or_else(|| format!("there is no run {id}"))?;
        match run.over_quota() {
            Some(refused) if refused == effect => {}
            Some(refused) => return Err(format!("the effect that a quota refused is {refused}")),
            None => {
                return Err(String::from(
                    "the run is not held by a quota; nothing else can be lifted",
                ));
            }
        }
        if run.start().is_some_and(|start| start.starter == *owner) {
            return Err(format!("{owner} started the run, and nobody lifts a quota for that"));
        }
        let nobody = BTreeSet::new();
        let said = run.lifts.get(&effect).map_or(&nobody, |lift| &lift.owners);
        let enough = is_enough(said, owner, LIFTERS)?;
        if enough {
            self.live.entry(id).or_default().drop_machine();
        }
        let (owner, by) = (owner.clone(), message.by);
        self.emit(id, Body::Lifted { effect, owner, enough, by });
        Ok(())
    }
}
