//! Bytecode: bytes are the one encoding of a module or none; what the verifier
//! accepts runs without contradicting the machine.

use std::sync::{Arc, OnceLock};

use rye_bytecode::module::Module;
use rye_bytecode::{Options, Section, SectionKind, assemble, decode, disassemble, encode, verify};
use rye_core::effect::Effect;
use rye_core::error::{Error, ErrorKind};
use rye_core::id::RunId;
use rye_core::limit::{RUN_FUEL_MAX, RUN_MEMORY_BYTES_MAX};
use rye_core::question::{Decision, Subject};
use rye_core::value::{Name, Time, Value};
use rye_vm::{Answer, Fault, Machine, Program, Stack, Start, Yield};

use crate::{parts, source};

/// Yields after which a run that goes on is left alone.
const YIELDS_MAX: usize = 200;

/// One part per kind of section that there is; an empty one is none. The sources of
/// ours, as such parts.
pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let sections = |index| encode(&source::ours(index).module).expect("a module of ours");
    [0, 1].into_iter().map(|index| join(&sections(index))).collect()
}

fn join(sections: &[Section]) -> Vec<u8> {
    let of_kind = |kind: &SectionKind| {
        let found = sections.iter().find(|(found, _)| *found == kind.code());
        found.map_or(&[][..], |(_, bytes)| bytes)
    };
    parts::join(SectionKind::ALL.iter().map(of_kind))
}

fn sections(bytes: &[u8]) -> Vec<Section> {
    let parts = parts::split(bytes);
    let kinds = SectionKind::ALL.iter().map(|kind| kind.code());
    kinds
        .zip(parts)
        .filter(|(_, part)| !part.is_empty())
        .map(|(kind, part)| (kind, part.to_vec()))
        .collect()
}

pub(crate) fn check(bytes: &[u8]) -> bool {
    let sections = sections(bytes);
    let Ok(module) = decode(&sections) else { return false };
    let encoded = encode(&module).expect("what can be read can be written");
    assert_eq!(encoded, sections, "a module has one encoding");
    if verify(module.clone(), Options::default()).is_ok() {
        let text = disassemble(&module);
        let again = assemble(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
        assert_eq!(again, Module { debug: again.debug.clone(), ..module }, "{text}");
    }
    true
}

pub(crate) fn check_run(bytes: &[u8]) -> bool {
    let Ok(module) = decode(&sections(bytes)) else { return false };
    runs(module, &[b"{}", INPUT], bytes).is_some()
}

/// How many runs of its playbooks on these inputs began, if the verifier accepts the
/// module; the world answers as the bytes want it to.
///
/// Panics when a run contradicts what was proved.
pub fn runs(module: Module, inputs: &[&[u8]], world: &[u8]) -> Option<usize> {
    let module = verify(module, Options::default()).ok()?;
    let bounds: Vec<u64> = module.bounds().iter().map(|bound| bound.fuel).collect();
    let program = Program::new(module);
    let mut began = 0;
    for (playbook, bound) in bounds.into_iter().enumerate() {
        for input in inputs {
            let machine = Machine::start(program.clone(), playbook, input, start(&program));
            if let Ok(machine) = machine {
                run(machine, world, bound);
                began += 1;
            }
        }
    }
    Some(began)
}

/// Runs to the end, or for so long; the world answers as the bytes want it to.
fn run(mut machine: Machine, bytes: &[u8], bound: u64) {
    let mut stack = Stack::new();
    let mut chance = bytes.iter().copied().cycle();
    let mut wanted = machine.run(&mut stack);
    for _ in 0..YIELDS_MAX {
        let answer = match &wanted {
            Yield::Effect { effect, .. } => answer(effect, chance.next().unwrap_or(0)),
            Yield::Raised { then: rye_vm::AfterUnwind::Recover, .. } => Answer::Unwound,
            Yield::Raised { then: rye_vm::AfterUnwind::Hold(_), .. } => Answer::Unwind,
            Yield::Fault(Fault::Invariant(place)) => {
                panic!("the machine contradicts itself: {place}")
            }
            Yield::Raised { .. } | Yield::Ended { .. } | Yield::Fault(_) => break,
        };
        wanted = machine.resume(answer, &mut stack);
    }
    let used = machine.fuel_used();
    assert!(used <= bound, "{used} of fuel were used, at most {bound} were proved");
}

fn answer(effect: &Effect, chance: u8) -> Answer {
    let value = match effect {
        Effect::Watch(_) => Value::Time(Time(0)),
        Effect::Look { .. } => Value::Int(i64::from(chance % 3)),
        Effect::Do(act) => act.simulated.clone(),
        Effect::Question(question) => decided(&question.subject, chance),
        Effect::Ask(_) => [Value::None, Value::Bool(true), Value::Int(7), Value::text("x")]
            .into_iter()
            .cycle()
            .nth(usize::from(chance))
            .unwrap_or(Value::None),
        _ => Value::None,
    };
    let kind = ErrorKind::ALL.iter().copied().cycle().nth(usize::from(chance));
    match kind {
        Some(kind) if chance % 5 == 4 => Answer::Error(Error::new(kind, "by chance")),
        _ => Answer::Value(value),
    }
}

/// What people decide: each box for itself, or one of the values.
fn decided(subject: &Subject, chance: u8) -> Value {
    let decisions = [Decision::Granted, Decision::Denied("by chance".into()), Decision::Expired];
    let from = usize::from(chance);
    match subject {
        Subject::Approval { boxes, .. } => {
            let decisions = decisions.iter().cycle().skip(from % decisions.len());
            Value::list(decisions.take(boxes.len()).map(Decision::value))
        }
        Subject::Choice { of, values } => {
            let variant = values.iter().cycle().nth(from).expect("a value to choose").clone();
            Value::Variant { name: of.clone(), variant, payload: [].into() }
        }
    }
}

fn start(program: &Program) -> Start {
    let settings = program.module().settings.iter().map(|setting| setting.default.clone());
    Start {
        run: RunId([7; 16]),
        started: Time(0),
        starter: Name::from("chance"),
        settings: settings.collect(),
        fuel: RUN_FUEL_MAX,
        memory: RUN_MEMORY_BYTES_MAX,
    }
}

/// An input that the playbook that ships takes.
const INPUT: &[u8] = include_bytes!("../../playbooks/contain_scanner/alert.json");

pub(crate) fn input_seeds() -> Vec<Vec<u8>> {
    vec![INPUT.to_vec()]
}

pub(crate) fn check_input(bytes: &[u8]) -> bool {
    let program: Arc<Program> = shipped();
    Machine::start(program.clone(), 0, bytes, start(&program)).is_ok()
}

fn shipped() -> Arc<Program> {
    static PROGRAM: OnceLock<Arc<Program>> = OnceLock::new();
    PROGRAM.get_or_init(|| Program::new(source::ours(0).module)).clone()
}
