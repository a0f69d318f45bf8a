//! The words of `std.effects`: the verbs that the engine itself carries out, and what
//! they are asked and answer. As `stdlib-actions/interface/effects.rye` declares them.

use std::sync::Arc;

use rye_core::asset::host_of;
use rye_core::effect::Call;
use rye_core::id::EffectId;
use rye_core::limit::TEXT_DEFAULT_BYTES_MAX;
use rye_core::ty::HOLD_TYPE_NAME;
use rye_core::value::{Name, Value};

use crate::run::{ActState, RecordState, Run};

const MODULE: &str = "std.effects";

const RELEASE: &str = "std.effects.release";

/// How many effects a query finds at most: one more than its `first`, so that the
/// playbook learns that there are more.
pub(crate) const FOUND_MAX: usize = 101;

/// What a query asks about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum About<'a> {
    /// What the run that this text names holds.
    Run(&'a str),
    /// What acts on this asset.
    Asset(&'a Value),
}

/// What became of an effect that was released.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Released {
    /// It was taken back.
    Undone,
    /// It was not there any more.
    AlreadyGone,
    /// So many others hold it still.
    StillHeld(usize),
    /// The world is not as it was left.
    ChangedSince,
}

/// The effect that a call releases; `None` if it is no release, or names none.
pub fn released(call: &Call) -> Option<EffectId> {
    match call.argument("hold")?.bare() {
        Value::Text(id) if is_release(call) => EffectId::from_hex(id),
        _ => None,
    }
}

pub(crate) fn is_release(call: &Call) -> bool {
    *call.action == *RELEASE
}

/// What a query of this module asks about; `None` for any other.
pub(crate) fn about(call: &Call) -> Option<About<'_>> {
    let (module, verb) = call.action.rsplit_once('.')?;
    let (_, argument) = call.arguments.first().filter(|_| module == MODULE)?;
    match (verb, argument) {
        ("of", Value::Text(run)) => Some(About::Run(run)),
        _ => Some(About::Asset(argument)),
    }
}

/// Whether an act changes `asset`: it itself, or, if it is a machine, something of it.
pub(crate) fn acts_on(act: &ActState, asset: &Value) -> bool {
    let is_of = |affected: &Value| match asset {
        Value::Asset { kind, value } if **kind == *"Host" => {
            host_of(affected).as_ref() == Some(value)
        }
        _ => false,
    };
    act.act.affects.iter().any(|affected| affected == asset || is_of(affected))
}

/// An effect that stands, as a query answers it.
pub(crate) fn held(
    run: &Run,
    effect: EffectId,
    since: rye_core::value::Time,
    act: &ActState,
) -> Value {
    let text = |text: &str| {
        let end = text.floor_char_boundary(usize::try_from(TEXT_DEFAULT_BYTES_MAX).unwrap_or(0));
        Value::text(text.get(..end).unwrap_or(text))
    };
    let until = act.life().map(|(since, span)| Value::Time(since.wall.saturating_add(span)));
    let fields = [
        ("hold", Value::asset(HOLD_TYPE_NAME, Value::text(effect.to_string()))),
        ("run", Value::text(run.id.to_string())),
        ("playbook", text(run.start().map_or("", |start| &start.playbook))),
        ("action", text(&act.act.call.action)),
        ("on", text(&on(act))),
        ("since", Value::Time(since)),
        ("until", until.unwrap_or(Value::None)),
        ("stuck", Value::Bool(matches!(act.record, RecordState::Stuck { .. }))),
    ];
    let fields = fields.into_iter().map(|(name, value)| (Name::from(name), value)).collect();
    Value::Record { name: "Held".into(), fields }
}

/// What an act changes, for people.
pub fn on(act: &ActState) -> String {
    let affects: Vec<String> = act.act.affects.iter().map(Value::to_string).collect();
    affects.join(", ")
}

impl Released {
    /// As a release answers it.
    pub(crate) fn value(self) -> Value {
        let (variant, payload): (&str, Vec<Value>) = match self {
            Self::Undone => ("undone", Vec::new()),
            Self::AlreadyGone => ("already_gone", Vec::new()),
            Self::StillHeld(others) => {
                ("still_held", vec![Value::Int(i64::try_from(others).unwrap_or(i64::MAX))])
            }
            Self::ChangedSince => ("changed_since", Vec::new()),
        };
        let payload: Arc<[Value]> = payload.into();
        Value::Variant { name: "Released".into(), variant: variant.into(), payload }
    }
}
