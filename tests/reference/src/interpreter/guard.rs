//! Guardrails: what says no to an act.

use rye_compiler::hir::Amount;
use rye_core::effect::{Act, Position};
use rye_core::error::{Error, ErrorKind};
use rye_core::value::Value;

use super::Interpreter;
use super::act::Failed;
use crate::story;

impl Interpreter<'_, '_> {
    /// Asks all of them.
    pub(super) fn guard(&mut self, at: &Position, act: &Act) -> Result<(), Failed> {
        let Some(text) = self.protects(act).or_else(|| self.exceeds(act)) else { return Ok(()) };
        let error = Error::new(ErrorKind::Guardrail, text);
        let answer = Err(error.clone());
        self.tell_story(story::refused(at, &act.call, &answer));
        Err(Failed::Error(error))
    }

    fn protects(&self, act: &Act) -> Option<String> {
        act.affects.iter().find_map(|asset| {
            let (_, reason) = self.site.protected.iter().find(|(known, _)| known == asset)?;
            Some(format!("{asset} is protected ({reason})"))
        })
    }

    /// Whether the run would touch more assets of a kind than it may.
    fn exceeds(&self, act: &Act) -> Option<String> {
        let mut touched = self.touched.clone();
        act.affects.iter().find_map(|asset| {
            let Value::Asset { kind, value } = asset else { return None };
            let touched = touched.entry(kind.clone()).or_default();
            if !touched.insert((**value).clone()) {
                return None;
            }
            let (_, limit) = self.playbook.limits.iter().find(|(limited, _)| limited == kind)?;
            let limit = self.number_of(*limit);
            let after = touched.iter().map(weight).fold(0, u64::saturating_add);
            (after > limit).then(|| {
                format!("{asset} would be number {after} of at most {limit} of kind {kind}")
            })
        })
    }

    fn number_of(&self, amount: Amount<u64>) -> u64 {
        match amount {
            Amount::Fixed(number) => number,
            Amount::Setting { id, least, .. } => match self.setting(id) {
                Value::Int(number) => u64::try_from(number).unwrap_or(least),
                _ => least,
            },
        }
    }

    /// Limits count what an act touches, once.
    pub(super) fn touch(&mut self, act: &Act) {
        for asset in &act.affects {
            if let Value::Asset { kind, value } = asset {
                self.touched.entry(kind.clone()).or_default().insert((**value).clone());
            }
        }
    }
}

/// How many assets a value stands for.
fn weight(value: &Value) -> u64 {
    let Value::Cidr(block) = value else { return 1 };
    let width = if block.address().is_ipv4() { 32 } else { 128 };
    let free = width - u32::from(block.length());
    1_u64.checked_shl(free).unwrap_or(u64::MAX)
}
