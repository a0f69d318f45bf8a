//! What must hold after every history: wherever it stands still, and once more when a
//! shift has ended all that was left open.
//!
//! | invariant | where it is checked |
//! | --- | --- |
//! | nothing is done, undone or told without a durable word before it | `nothing_without_a_word_before` |
//! | the journal allows every act: mode, trust, approvals, distinct people, none of them the starter | `Audit` |
//! | nothing protected is touched | `nothing_protected_is_touched` |
//! | a message counts once; a version of a bundle never goes back | `Audit` |
//! | between a halt and its end nothing begins | `Audit` |
//! | what the run's limits count is what the journal says | `limits_count_what_is_written` |
//! | an effect is taken back once | `Audit` |
//! | no run that isn't over waits for nothing | `check_waits` |
//! | what stands is what a person is shown | `what_stands_is_shown` |
//! | a clock or a person that ends a life ends it | `lives_end` |
//! | the fold of the journal is the engine | `the_fold_is_the_engine` |

use std::collections::{BTreeMap, BTreeSet};

use rye_core::id::{IdempotencyKey, RunId};
use rye_core::value::{Duration, Name, Value};
use rye_engine::command::Purpose;
use rye_engine::engine::Engine;
use rye_engine::entry::{Body, Entry};
use rye_engine::guardrail::Protected;
use rye_engine::run::{ActState, ActStatus, EffectState, RecordState, Run};
use rye_engine::sim::{Sim, World};

use crate::story::{Play, Scene, Story};
use crate::{check_entries, check_waits, program, site};

/// All that must be true of what was written and done so far.
pub(crate) fn check<W: Scene>(sim: &Play<W>, story: &Story<W>) {
    stands_still(sim);
    let entries = sim.entries();
    check_entries(&entries);
    nothing_without_a_word_before(sim, &entries);
    nothing_protected_is_touched(sim, &story.protected);
    limits_count_what_is_written(sim, &entries, story.playbook);
    the_fold_is_the_engine(sim, &entries);
}

/// What must be true of the place where a history stands still.
pub(crate) fn stands_still<W: Scene>(sim: &Play<W>) {
    check_waits(sim);
    what_stands_is_shown(sim);
    lives_end(sim);
}

fn nothing_without_a_word_before<W: World>(sim: &Sim<W>, entries: &[Entry]) {
    for dispatch in sim.dispatches() {
        let announces = |Entry { run, body, .. }: &Entry| match (dispatch.purpose, body) {
            (Purpose::Act, Body::Intent { effect, .. })
            | (Purpose::Tell, Body::Told { effect, .. } | Body::Alerted { alert: effect, .. }) => {
                IdempotencyKey::of_act(*run, *effect) == dispatch.request.key
            }
            (Purpose::Undo, Body::UndoIntent { first_run, first_effect, .. }) => {
                IdempotencyKey::of_undo(*first_run, *first_effect) == dispatch.request.key
            }
            _ => false,
        };
        let is_change = matches!(dispatch.purpose, Purpose::Act | Purpose::Undo | Purpose::Tell);
        let is_announced = entries.iter().take(dispatch.durable).any(announces);
        assert!(!is_change || is_announced, "{dispatch:?}");
    }
}

fn nothing_protected_is_touched<W: World>(sim: &Sim<W>, protected: &[(&str, Value)]) {
    for dispatch in sim.dispatches().iter().filter(|dispatch| dispatch.purpose == Purpose::Act) {
        for (_, argument) in dispatch.request.call.arguments.iter() {
            let is_meant = |(kind, meant): &(&str, Value)| match argument {
                Value::Asset { kind: other, value } => **other == **kind && is_of(value, meant),
                _ => false,
            };
            assert!(!protected.iter().any(is_meant), "{}", dispatch.request.call);
        }
    }
}

/// Whether `meant` is what names an asset, or a part of it.
fn is_of(value: &Value, meant: &Value) -> bool {
    let is_part = matches!(value, Value::Record { fields, .. }
        if fields.iter().any(|(_, part)| part == meant));
    value == meant || is_part
}

fn limits_count_what_is_written<W: World>(sim: &Sim<W>, entries: &[Entry], playbook: &str) {
    let mut touched: BTreeMap<RunId, BTreeMap<Name, BTreeSet<Value>>> = BTreeMap::new();
    for Entry { run, body, .. } in entries {
        let (Body::Intent { act, .. } | Body::AlreadySo { act, .. }) = body else { continue };
        for asset in &act.affects {
            let Value::Asset { kind, value } = asset else { continue };
            let kinds = touched.entry(*run).or_default();
            kinds.entry(kind.clone()).or_default().insert((**value).clone());
        }
    }
    for (id, run) in sim.engine().runs() {
        let counted = touched.remove(id).unwrap_or_default();
        assert_eq!(run.touched(), counted, "{id}");
        let program = program(playbook);
        let settings = run.start().map(|start| start.settings.clone()).unwrap_or_default();
        let limits = program.module().playbooks.iter().flat_map(|playbook| &playbook.limits);
        for (kind, limit) in limits {
            let count = counted.get(kind).map_or(0, BTreeSet::len);
            let limit = limit.chosen(&settings).unwrap_or_default();
            assert!(u64::try_from(count).is_ok_and(|count| count <= limit), "{count} of {kind}");
        }
    }
}

fn records<W: World>(sim: &Sim<W>) -> impl Iterator<Item = (&EffectState, &ActState)> {
    sim.engine().runs().values().flat_map(Run::records).map(|(_, effect, act)| (effect, act))
}

fn what_stands_is_shown<W: Scene>(sim: &Play<W>) {
    let shown: BTreeSet<String> = records(sim).map(|(_, act)| act.act.call.to_string()).collect();
    let stands = sim.world.world.stands();
    assert!(stands.is_subset(&shown), "{stands:?} stands, {shown:?} is shown");
    let is_sure = |(effect, act): &(&EffectState, &ActState)| {
        let is_held = matches!(act.record, RecordState::Held { .. });
        let is_done = act.status == ActStatus::Done && effect.error().is_none();
        is_held && is_done && !act.doubted && act.undo.is_none()
    };
    for (_, act) in records(sim).filter(is_sure) {
        assert!(stands.contains(&act.act.call.to_string()), "{} does not stand", act.act.call);
    }
}

fn lives_end<W: World>(sim: &Sim<W>) {
    for run in sim.engine().runs().values().filter(|run| sim.engine().lives_wait(run).is_none()) {
        // One that is being taken back may have to be tried again.
        for (.., act) in run.records().filter(|(.., act)| act.undo.is_none()) {
            let is_over = sim.engine().life_left(act).is_some_and(|left| left <= Duration::ZERO);
            let is_ended =
                act.life_ended.is_some() && matches!(act.record, RecordState::Held { .. });
            assert!(!is_over && !is_ended, "{} outlives its time", act.act.call);
        }
    }
}

fn the_fold_is_the_engine<W: World>(sim: &Sim<W>, entries: &[Entry]) {
    let mut rebuilt = Engine::new(site(Protected::default()));
    for entry in entries {
        rebuilt.apply(entry);
    }
    assert_eq!(rebuilt.runs(), sim.engine().runs());
    assert_eq!(rebuilt.holdings(), sim.engine().holdings());
    assert_eq!(rebuilt.halts(), sim.engine().halts());
}
