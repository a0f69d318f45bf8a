//! How many different assets of each kind a run may touch. A block counts its
//! addresses; what was touched before counts once.

use rye_bytecode::module::Amount;
use rye_core::effect::Act;
use rye_core::value::{Name, Value};

use super::weight;
use crate::run::Run;

/// Why `act` would pass a limit of `run`, which has these settings; `None` if it doesn't.
pub(super) fn refuses(
    act: &Act,
    run: &Run,
    limits: &[(Name, Amount<u64>)],
    settings: &[Value],
) -> Option<String> {
    let mut touched = run.touched();
    act.affects.iter().find_map(|asset| {
        let Value::Asset { kind, value } = asset else { return None };
        let touched = touched.entry(kind.clone()).or_default();
        if !touched.insert((**value).clone()) {
            return None;
        }
        let (_, limit) = limits.iter().find(|(limited, _)| limited == kind)?;
        // Settings were checked at the start: a limit that they don't tell allows nothing.
        let limit = limit.chosen(settings).unwrap_or(0);
        let after = touched.iter().fold(0_u64, |sum, value| sum.saturating_add(weight(value)));
        (after > limit)
            .then(|| format!("{asset} would be number {after} of at most {limit} of kind {kind}"))
    })
}

#[cfg(test)]
mod tests {
    use rye_bytecode::instruction::operand::Setting;
    use rye_core::digest::Digest;
    use rye_core::id::{KeyId, RunId};
    use rye_core::value::Cidr;

    use super::*;
    use crate::entry::{Body, Entry, Said};
    use crate::guardrail::tests::act;
    use crate::stamp::Stamp;

    fn refuses(limit: i64, affects: &[Value]) -> bool {
        let by = Said { key: KeyId::default(), message: Digest::default() };
        let body = Body::RollbackStarted { of: RunId([1; 16]), effects: Vec::new(), by };
        let run = Run::begin(&Entry { at: Stamp::default(), run: RunId([2; 16]), body }).unwrap();
        let limits = [("Account".into(), Amount::Setting(Setting(0)))];
        super::refuses(&act(affects), &run, &limits, &[Value::Int(limit)]).is_some()
    }

    #[test]
    fn all_that_one_act_touches_counts() {
        let account = |name: &str| Value::asset("Account", Value::text(name));
        let two = [account("ann"), account("bob")];
        assert!(refuses(1, &two) && !refuses(2, &two));
        assert!(!refuses(1, &[account("ann"), account("ann")]), "the same one counts once");
    }

    #[test]
    fn a_block_counts_its_addresses() {
        let block = Value::asset("Account", Value::Cidr(Cidr::parse("192.0.2.0/30").unwrap()));
        assert!(refuses(3, std::slice::from_ref(&block)) && !refuses(4, &[block]));
    }
}
