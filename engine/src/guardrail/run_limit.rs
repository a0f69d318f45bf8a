//! How many different assets of each kind a run may touch. A block counts its
//! addresses; what was touched before counts once.

use rye_core::effect::Act;
use rye_core::value::{Name, Value};

use crate::run::Run;

/// Why `act` would pass a limit of `run`; `None` if it doesn't.
pub(super) fn refuses(act: &Act, run: &Run, limits: &[(Name, u64)]) -> Option<String> {
    act.affects.iter().find_map(|asset| {
        let Value::Asset { kind, value } = asset else { return None };
        let touched = run.touched.get(kind);
        if touched.is_some_and(|touched| touched.contains(&**value)) {
            return None;
        }
        let (_, limit) = limits.iter().find(|(limited, _)| limited == kind)?;
        let before = touched
            .into_iter()
            .flatten()
            .fold(0_u64, |sum, value| sum.saturating_add(weight(value)));
        let after = before.saturating_add(weight(value));
        (after > *limit)
            .then(|| format!("{asset} would be number {after} of at most {limit} of kind {kind}"))
    })
}

/// How many assets a value stands for.
fn weight(value: &Value) -> u64 {
    match value {
        Value::Cidr(cidr) => {
            let width: u32 = if cidr.address().is_ipv4() { 32 } else { 128 };
            let free = width.saturating_sub(u32::from(cidr.length()));
            1_u64.checked_shl(free).filter(|count| *count > 0).unwrap_or(u64::MAX)
        }
        _ => 1,
    }
}
