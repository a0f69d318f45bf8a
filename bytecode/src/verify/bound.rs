//! The worst case, proved from the code alone: a longest path through each
//! function's graph, functions behind those that they call.
//!
//! All numbers are maxima over paths, each for itself. A loop counts as its most
//! expensive way through the body, as often as it may go round, on every way out
//! of it; a handler counts behind the most expensive way through its attempt. The
//! numbers are computed a few at a time, so memory does not grow with the number of
//! actions.

mod cost;
mod path;

use rye_core::limit::RUN_FUEL_MAX;
use rye_core::value::Duration;

use super::frame::Frames;
use super::meter::Meter;
use super::{Body, Result, VerifyCode, VerifyError};
use crate::bound::Bound;
use crate::flow::Graph;
use crate::instruction::Instruction;
use crate::instruction::operand::ActionSite;
use crate::module::{Module, Site};
use cost::Units;

/// How many actions are counted together.
const GROUP: usize = 16;

/// What a function can cost at worst.
#[derive(Clone, Debug, Default)]
struct Summary {
    fuel: u64,
    waiting_micros: u64,
    queries: u64,
    /// Calls of actions, queries and notices, by their indices, ascending.
    calls: Vec<(usize, u64)>,
}

impl Summary {
    fn calls_of(&self, action: usize) -> u64 {
        let found = self.calls.binary_search_by_key(&action, |(index, _)| *index);
        found.ok().and_then(|at| self.calls.get(at)).map_or(0, |(_, count)| *count)
    }
}

/// The worst cases of all functions so far.
pub(super) struct Worst<'a> {
    module: &'a Module,
    units: Units,
    functions: Vec<Summary>,
}

impl<'a> Worst<'a> {
    pub(super) fn new(module: &'a Module) -> Self {
        let functions = vec![Summary::default(); module.functions.len()];
        Self { module, units: Units::new(&module.types), functions }
    }

    /// Adds a function, all that it calls being there.
    pub(super) fn function(
        &mut self,
        body: &Body<'_>,
        graph: &Graph,
        frames: &Frames,
        meter: &mut Meter,
    ) -> Result<()> {
        let code = &body.function.code;
        let step = code.len().saturating_add(graph.blocks.len());
        meter.charge(step)?;
        let [fuel, waiting_micros, queries] = path::longest(body, graph, frames, |instruction| {
            let [waiting, queries] = self.waiting(instruction);
            [self.fuel(body, instruction), waiting, queries]
        });
        let used = self.used(code);
        let mut calls = Vec::with_capacity(used.len());
        for group in used.chunks(GROUP) {
            meter.charge(step)?;
            let counts = path::longest(body, graph, frames, |instruction| {
                let mut counts = [0; GROUP];
                self.calls(instruction, |action, count| {
                    let lane = group.iter().position(|index| *index == action);
                    if let Some(lane) = lane.and_then(|lane| counts.get_mut(lane)) {
                        *lane = count.saturating_add(*lane);
                    }
                });
                counts
            });
            calls.extend(group.iter().copied().zip(counts));
        }
        if let Some(summary) = self.functions.get_mut(body.index) {
            *summary = Summary { fuel, waiting_micros, queries, calls };
        }
        Ok(())
    }

    /// The indices of all that a function can call, ascending.
    fn used(&self, code: &[Instruction]) -> Vec<usize> {
        let mut used = Vec::new();
        for instruction in code {
            self.calls(instruction, |action, _| used.push(action));
        }
        used.sort_unstable();
        used.dedup();
        used
    }

    fn callee(&self, instruction: &Instruction) -> Option<&Summary> {
        match instruction {
            Instruction::Call { function, .. } => self.functions.get(usize::from(function.0)),
            _ => None,
        }
    }

    fn site(&self, instruction: &Instruction) -> Option<&Site> {
        let ActionSite(site) = match instruction {
            Instruction::Do { site, .. } | Instruction::Tell { site } => *site,
            other => other.asked()?,
        };
        self.module.sites.get(usize::from(site))
    }

    fn fuel(&self, body: &Body<'_>, instruction: &Instruction) -> u64 {
        let called = self.callee(instruction).map_or(0, |summary| summary.fuel);
        self.units.fuel(body, instruction).saturating_add(called)
    }

    /// How long an instruction can wait, and how many queries it asks.
    fn waiting(&self, instruction: &Instruction) -> [u64; 2] {
        if let Some(summary) = self.callee(instruction) {
            return [summary.waiting_micros, summary.queries];
        }
        match instruction {
            Instruction::Wait { max, .. } | Instruction::StartWatch { max, .. } => [max.0, 0],
            Instruction::Approve { question, .. } | Instruction::Choose { question, .. } => {
                let question = self.module.questions.get(usize::from(question.0));
                [question.map_or(0, |question| cost::micros(question.within_max)), 0]
            }
            _ => self.site(instruction).map_or([0, 0], |site| cost::waiting(self.module, site)),
        }
    }

    /// Hands all that an instruction calls to `visit`, with how often.
    fn calls(&self, instruction: &Instruction, mut visit: impl FnMut(usize, u64)) {
        if let Some(summary) = self.callee(instruction) {
            summary.calls.iter().for_each(|(action, count)| visit(*action, *count));
        }
        let Some(site) = self.site(instruction) else { return };
        visit(site.call().action.0.into(), 1);
        if let Site::Do(site) = site {
            site.proof.iter().for_each(|proof| visit(proof.query.action.0.into(), 1));
        }
    }

    /// The bounds of all playbooks, each within its deadline.
    pub(super) fn playbooks(&self) -> Result<Vec<Bound>> {
        self.module
            .playbooks
            .iter()
            .map(|playbook| {
                let worst = self.functions.get(usize::from(playbook.function.0));
                let Some(summary) = worst else { return Ok(Bound::default()) };
                let actions: Vec<_> =
                    (0..self.module.actions.len()).map(|action| summary.calls_of(action)).collect();
                let counts = [summary.waiting_micros, summary.queries];
                if counts.iter().chain(&actions).any(|count| *count == u64::MAX) {
                    let found =
                        format!("a playbook `{}` that is too large to bound", playbook.name);
                    return Err(VerifyError::new(
                        VerifyCode::Bound,
                        found,
                        "smaller loops and waits",
                    ));
                }
                let deadline = self.module.range(playbook.deadline);
                let deadline = deadline.map_or(Duration::ZERO, |(least, _)| least);
                if summary.waiting_micros > u64::try_from(deadline.0).unwrap_or(0) {
                    let waiting = i64::try_from(summary.waiting_micros).unwrap_or(i64::MAX);
                    let waiting = Duration(waiting);
                    let found = format!("up to {waiting} of waiting in `{}`", playbook.name);
                    let allowed = format!("its deadline, {deadline}");
                    return Err(VerifyError::new(VerifyCode::Bound, found, allowed));
                }
                Ok(Bound {
                    fuel: summary.fuel.min(RUN_FUEL_MAX),
                    fuel_saturated: summary.fuel > RUN_FUEL_MAX,
                    waiting_micros: summary.waiting_micros,
                    queries: summary.queries,
                    actions,
                })
            })
            .collect()
    }
}

#[cfg(test)]
mod tests;
