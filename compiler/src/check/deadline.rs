//! The deadline covers the longest path.

use rye_core::value::Duration;
use rye_grammar::diagnostic::{Code, Diagnostic};

use crate::context::Context;
use crate::hir::{Amount, Playbook};
use crate::lower::Heads;

impl Context<'_> {
    /// Reports a worst case that can't be counted, and a deadline before its end.
    pub(crate) fn check_deadline(&mut self, playbook: &Playbook, heads: &Heads) {
        let bound = &playbook.bound;
        if bound.is_saturated() {
            let message =
                format!("the worst case of `{}` is too large to be counted", playbook.name);
            let diagnostic = Diagnostic::new(Code::Unbounded, playbook.span, message)
                .help("lower the `max` of its loops, or the times that it waits");
            self.report(diagnostic);
            return;
        }
        let Some((amount, span)) = heads.deadline else { return };
        let deadline = amount.least();
        if bound.waiting <= deadline {
            return;
        }
        let missing = Duration(bound.waiting.0.saturating_sub(deadline.0));
        let enough = rounded(bound.waiting);
        let (is, help) = match amount {
            Amount::Fixed(_) => ("is", format!("write `deadline {enough}`, or wait less")),
            Amount::Setting { .. } => {
                let help = format!("let the setting's range begin at {enough}, or wait less");
                ("can be set to", help)
            }
        };
        let message = format!(
            "the longest path waits {}, and the deadline {is} {deadline}: {missing} too early",
            bound.waiting
        );
        let diagnostic = Diagnostic::new(Code::DeadlineTooShort, span, message).help(help).note(
            "time-outs count with every attempt and the pauses between, loops with every round",
        );
        self.report(diagnostic);
    }
}

/// The next literal that is not shorter: whole minutes, or whole hours from three on.
fn rounded(length: Duration) -> Duration {
    const MINUTE: i64 = 60_000_000;
    let unit = if length.0 > 180 * MINUTE { 60 * MINUTE } else { MINUTE };
    let units = length.0.saturating_add(unit - 1) / unit;
    Duration(units.saturating_mul(unit))
}
