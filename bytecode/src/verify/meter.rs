//! Verification has a budget too, in proportion to the size of the module, so
//! that no module is cheap to write and dear to verify.

use super::{Options, Result, VerifyCode, VerifyError};
use crate::module::Module;

/// What is left of the budget.
#[derive(Clone, Copy, Debug)]
pub(super) struct Meter {
    pub(super) left: u64,
}

impl Meter {
    pub(super) fn new(module: &Module, options: Options) -> Self {
        let instructions = module.functions.iter().map(|function| function.code.len());
        let instructions = instructions.fold(0_usize, usize::saturating_add);
        let size = u64::try_from(instructions).unwrap_or(u64::MAX);
        let left = size.saturating_mul(options.units_per_instruction);
        Self { left: left.saturating_add(options.units) }
    }

    /// Takes `units`, one for each step over an instruction, a block or an entry.
    pub(super) fn charge(&mut self, units: usize) -> Result<()> {
        let units = u64::try_from(units).unwrap_or(u64::MAX);
        self.left = self.left.checked_sub(units).ok_or_else(|| {
            let found = "a module whose proof takes more work than its size allows";
            VerifyError::new(VerifyCode::Budget, found, "simpler code")
        })?;
        Ok(())
    }
}
