//! The tags of values: to these the journal only commits, and they can be erased.

use super::part::Committed;

pub(super) const INPUT: Committed = Committed(1);
pub(super) const SETTINGS: Committed = Committed(2);
pub(super) const CALL: Committed = Committed(3);
pub(super) const ACT: Committed = Committed(4);
pub(super) const NOTICE: Committed = Committed(5);
pub(super) const ANSWER: Committed = Committed(6);
pub(super) const ENDING: Committed = Committed(7);
pub(super) const TEXT: Committed = Committed(8);
pub(super) const RULE: Committed = Committed(9);
pub(super) const ERROR: Committed = Committed(10);
pub(super) const ENDING_TEXT: Committed = Committed(11);
pub(super) const QUESTION: Committed = Committed(70);
pub(super) const VOTE: Committed = Committed(71);
