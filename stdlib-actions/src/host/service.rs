//! `std.host.service`: stopping services so that nothing starts them again, and
//! holding them still.

use rye_core::adapter::Ending;
use rye_core::limit::SERVICE_UNITS_MAX;
use rye_core::value::{Name, Value};

use super::CarryOut;
use super::call::Asked;
use super::cgroup::Group;
use super::ending::{
    DONE, OWN, already, conflict, denied, in_the_act, not_found, not_sent, rejected, unknown,
};
use super::machine::{Inside, Machine};
use super::unit::{self, Unit};

pub(super) const VERBS: &[(&str, CarryOut)] = &[
    ("stop", stop),
    ("restore", restore),
    ("units", units),
    ("is_stopped", is_stopped),
    ("is_active", is_active),
    ("freeze", freeze),
    ("thaw", thaw),
    ("is_frozen", is_frozen),
];

/// The service that the call names, then the units that would start it.
fn found<'a>(machine: &'a Machine, asked: &Asked<'_>) -> Result<(Inside<'a>, Vec<Unit>), Ending> {
    let name = asked.part("service", "unit")?;
    unit::check_service(name)?;
    let inside = machine.enter_for(asked, "service")?;
    let mut found = unit::show(&inside, &[name], asked)?;
    let Some(service) = found.first().filter(|service| service.exists()) else {
        return Err(not_found("the machine has no such service"));
    };
    if service.name != name {
        return Err(rejected(
            "this is another name of a service; use its own, as systemd shows it",
        ));
    }
    let triggers: Vec<&str> = service.triggers.iter().map(String::as_str).collect();
    if triggers.len() >= SERVICE_UNITS_MAX {
        return Err(rejected("too many units would start this service"));
    }
    let triggers =
        if triggers.is_empty() { Vec::new() } else { unit::show(&inside, &triggers, asked)? };
    found.extend(triggers);
    Ok((inside, found))
}

/// Refuses what the machine or the daemon depends on.
fn may_be_touched(inside: &Inside<'_>, service: &Unit) -> Result<(), Ending> {
    let own = inside.machine.is_own() && unit::own().as_deref() == Some(service.name.as_str());
    if own || unit::is_vital(&service.name) { Err(denied(OWN)) } else { Ok(()) }
}

/// Whether the service is over and masked, and nothing waits that would start it.
fn are_stopped(units: &[Unit]) -> bool {
    units.first().is_some_and(Unit::is_masked) && units.iter().all(Unit::is_over)
}

fn stop(machine: &Machine, asked: &Asked<'_>) -> Result<Ending, Ending> {
    let (inside, units) = found(machine, asked)?;
    if are_stopped(&units) {
        return Ok(already(asked.request, Value::None));
    }
    if let Some(service) = units.first() {
        may_be_touched(&inside, service)?;
    }
    // What would start it goes first.
    for unit in units.iter().rev().filter(|unit| !unit.is_masked()) {
        unit::mask(&inside, &unit.name)?;
    }
    // From here on something was changed, and only the proof knows how much.
    let half_way = |_| unknown("the service was masked, and perhaps not stopped");
    unit::reload(&inside, asked).map_err(half_way)?;
    let names = units.iter().rev().map(|unit| unit.name.as_str());
    let arguments: Vec<&str> = ["stop", "--"].into_iter().chain(names).collect();
    let output = unit::systemctl(&inside, &arguments, asked)?.map_err(in_the_act)?;
    if output.success { Ok(DONE) } else { Err(half_way(DONE)) }
}

fn restore(machine: &Machine, asked: &Asked<'_>) -> Result<Ending, Ending> {
    asked.must_undo()?;
    let inside = machine.enter_for(asked, "service")?;
    let Value::List(units) = asked.value("units") else {
        return Err(rejected("`units` is no list"));
    };
    let mut was_ours = asked.request.attempt > 1;
    let mut to_start = Vec::new();
    for state in units.iter().rev() {
        let Some(Value::Text(unit)) = state
            .field("unit")
            .filter(|unit| matches!(unit, Value::Text(name) if unit::is_unit(name)))
        else {
            return Err(rejected("a unit has no name"));
        };
        if state.field("masked") == Some(&Value::Bool(true)) {
            continue;
        }
        was_ours |= unit::unmask(&inside, unit)?;
        if state.field("active") == Some(&Value::Bool(true)) {
            to_start.push(&**unit);
        }
    }
    if !was_ours {
        // It never took effect.
        return Ok(DONE);
    }
    unit::reload(&inside, asked)?;
    if to_start.is_empty() {
        return Ok(DONE);
    }
    let arguments = [&["start", "--"], to_start.as_slice()].concat();
    let output = unit::systemctl(&inside, &arguments, asked)?.map_err(in_the_act)?;
    if output.success { Ok(DONE) } else { Err(not_sent("systemd did not start what ran before")) }
}

fn units(machine: &Machine, asked: &Asked<'_>) -> Result<Ending, Ending> {
    let (_, units) = found(machine, asked)?;
    let state = |unit: &Unit| {
        let fields = [
            ("unit", Value::text(&unit.name)),
            ("active", Value::Bool(unit.is_active())),
            ("masked", Value::Bool(unit.is_masked())),
        ];
        Value::Record {
            name: Name::from("UnitState"),
            fields: fields.into_iter().map(|(name, value)| (Name::from(name), value)).collect(),
        }
    };
    Ok(Ending::Done(Value::list(units.iter().map(state))))
}

fn is_stopped(machine: &Machine, asked: &Asked<'_>) -> Result<Ending, Ending> {
    let (_, units) = found(machine, asked)?;
    Ok(Ending::Done(Value::Bool(are_stopped(&units))))
}

fn is_active(machine: &Machine, asked: &Asked<'_>) -> Result<Ending, Ending> {
    let (_, units) = found(machine, asked)?;
    Ok(Ending::Done(Value::Bool(units.first().is_some_and(Unit::is_active))))
}

/// The control group of the service; none while it doesn't run.
fn group(inside: &Inside<'_>, units: &[Unit]) -> Result<Option<Group>, Ending> {
    match units.first().map(|service| service.group.as_str()) {
        None | Some("" | "/") => Ok(None),
        Some(path) => Group::find(inside, path),
    }
}

fn freeze(machine: &Machine, asked: &Asked<'_>) -> Result<Ending, Ending> {
    let (inside, units) = found(machine, asked)?;
    if let Some(service) = units.first() {
        may_be_touched(&inside, service)?;
    }
    let Some(group) = group(&inside, &units)? else {
        return Err(conflict("the service does not run"));
    };
    group.freeze(asked)
}

fn thaw(machine: &Machine, asked: &Asked<'_>) -> Result<Ending, Ending> {
    asked.must_undo()?;
    let (inside, units) = found(machine, asked)?;
    group(&inside, &units)?.map_or(Ok(DONE), |group| group.thaw(asked))
}

fn is_frozen(machine: &Machine, asked: &Asked<'_>) -> Result<Ending, Ending> {
    let (inside, units) = found(machine, asked)?;
    Ok(Ending::Done(Value::Bool(group(&inside, &units)?.is_some_and(|group| group.is_frozen()))))
}
