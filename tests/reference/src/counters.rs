//! How often each construct and each kind of error was reached.

use std::collections::BTreeMap;
use std::fmt;

use rye_compiler::hir::Op;

/// Counts by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    by_name: BTreeMap<&'static str, u64>,
    by_op: BTreeMap<u8, (Op, u64)>,
}

impl Counters {
    /// It was reached once more.
    pub fn reach(&mut self, name: &'static str) {
        *self.by_name.entry(name).or_default() += 1;
    }

    /// An operator or predeclared function was reached once more.
    pub fn reach_op(&mut self, op: Op) {
        self.by_op.entry(op as u8).or_insert((op, 0)).1 += 1;
    }

    /// Which operators and functions were reached.
    pub fn ops(&self) -> usize {
        self.by_op.len()
    }

    /// How often it was reached.
    pub fn of(&self, name: &str) -> u64 {
        self.by_name.get(name).copied().unwrap_or(0)
    }

    /// Adds the counts of another one.
    pub fn add(&mut self, other: &Self) {
        for (name, count) in &other.by_name {
            *self.by_name.entry(name).or_default() += count;
        }
        for (number, (op, count)) in &other.by_op {
            self.by_op.entry(*number).or_insert((*op, 0)).1 += count;
        }
    }
}

/// One name to a line.
impl fmt::Display for Counters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, count) in &self.by_name {
            writeln!(f, "{count:>12}  {name}")?;
        }
        for (op, count) in self.by_op.values() {
            writeln!(f, "{count:>12}  {op:?}")?;
        }
        Ok(())
    }
}
