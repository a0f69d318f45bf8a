//! The tags of fields. What stands under one may differ by the kind of its entry:
//! its type in the entry says what its bytes are.

use super::part::{Field, SomeField};

pub(super) const EFFECT: Field = Field(1);
pub(super) const POSITION: Field = Field(2);
pub(super) const ACTION: Field = Field(3);
pub(super) const ATTEMPT: Field = Field(4);
pub(super) const ENDING: Field = Field(5);
pub(super) const STANDS: Field = Field(6);
pub(super) const ERROR: Field = Field(7);
pub(super) const TIME: Field = Field(8);
pub(super) const CODE: Field = Field(9);
pub(super) const TEXT: Field = Field(10);
pub(super) const BUNDLE: Field = Field(11);
pub(super) const VERSION: Field = Field(12);
pub(super) const KEYS: Field = Field(13);
pub(super) const MODE: Field = Field(14);
pub(super) const STARTER: Field = Field(15);
pub(super) const DEADLINE: Field = Field(16);
pub(super) const OWNER: Field = Field(17);
pub(super) const FIRST_RUN: Field = Field(18);
pub(super) const FIRST_EFFECT: Field = Field(19);
pub(super) const WHY: Field = Field(20);
pub(super) const HOW: Field = Field(21);
pub(super) const FRAME: Field = Field(22);
pub(super) const MESSAGE: Field = Field(23);
pub(super) const ANSWERED: Field = Field(24);
pub(super) const FROM: Field = Field(25);
pub(super) const ENDING_ERROR: Field = Field(26);
pub(super) const STAGE: Field = Field(27);
pub(super) const FLOOR: Field = Field(28);
pub(super) const SAID: Field = Field(29);
pub(super) const WHERE: Field = Field(30);
pub(super) const NAMES: Field = Field(40);
pub(super) const EFFECTS: Field = Field(50);
pub(super) const SPAN: Field = Field(51);
pub(super) const KEY_OWNER: Field = Field(52);
pub(super) const ABOUT: Field = Field(60);
pub(super) const ABOUT_EFFECT: Field = Field(61);
pub(super) const COUNTS: SomeField = SomeField(64);
pub(super) const RUNS: Field = Field(67);
pub(super) const VOTER: Field = Field(70);
pub(super) const VERB: Field = Field(80);
