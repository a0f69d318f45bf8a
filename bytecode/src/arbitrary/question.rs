//! Questions to people.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use super::{duration, id, registers};
use crate::instruction::operand::{ActionSite, Register};
use crate::module::question::{Escalation, Listed, Question, Subject};

pub(super) fn question() -> impl Strategy<Value = Question> {
    let escalation = (roles(), register()).prop_map(|(roles, after)| Escalation { roles, after });
    let head = (register(), any::<u8>(), roles(), register(), duration());
    (head, option::of(escalation), subject()).prop_map(
        |((text, count, roles, within, within_max), escalation, subject)| Question {
            text,
            count,
            roles,
            within,
            within_max,
            escalation,
            subject,
        },
    )
}

fn subject() -> impl Strategy<Value = Subject> {
    let auto = || option::of(register());
    prop_oneof![
        (auto(), vec(listed(), 0..3)).prop_map(|(auto, listed)| Subject::Effects { auto, listed }),
        (register(), any::<u32>(), auto(), vec(listed(), 0..3))
            .prop_map(|(items, max, auto, listed)| Subject::Each { items, max, auto, listed }),
        id().prop_map(Subject::Choice),
    ]
}

fn listed() -> impl Strategy<Value = Listed> {
    let undo = vec(option::of(register()), 0..3);
    (0..4_u16, registers(), undo, option::of(register())).prop_map(
        |(site, arguments, undo, life)| Listed {
            site: ActionSite(site),
            arguments,
            undo: undo.into(),
            life,
        },
    )
}

fn roles() -> impl Strategy<Value = Box<[u16]>> {
    vec(0..4_u16, 0..3).prop_map(Into::into)
}

fn register() -> impl Strategy<Value = Register> {
    (0..8_u8).prop_map(Register)
}
