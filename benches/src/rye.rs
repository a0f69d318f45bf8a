//! Rye as an engine: sources of the workloads as an author would write them, compiled,
//! verified, and called through the evaluator, always metered.

use core::any::Any;
use core::fmt::Write as _;
use std::net::Ipv4Addr;
use std::sync::Arc;

use rye_bytecode::Verified;
use rye_bytecode::instruction::operand::Function;
use rye_bytecode::module::Module;
use rye_compiler::Source;
use rye_core::limit::{RUN_FUEL_MAX, RUN_MEMORY_BYTES_MAX};
use rye_core::value::{Name, Value};
use rye_vm::{Arguments, Evaluator, Program, Stack};
use serde_json::json;

use crate::engine::{Engine, Mix};
use crate::workload::{Alert, Block, Host};

/// W1, and one function of W5.
pub const TRIAGE: &str = include_str!("../workloads/triage.rye");
const FLEET: &str = include_str!("../workloads/fleet.rye");
const MIX: &str = include_str!("../workloads/mix.rye");
const GREET: &str = include_str!("../workloads/greet.rye");

/// Compiles a package of one file; proved, as a loader would prove it.
///
/// # Panics
/// When it doesn't compile.
pub fn compiled(text: &str, interfaces: &[Source<'_>]) -> Arc<Program> {
    Program::new(verified(text, interfaces))
}

/// The module of a package of one file.
///
/// # Panics
/// When it doesn't compile.
pub fn verified(text: &str, interfaces: &[Source<'_>]) -> Verified<Module> {
    let sources = [Source { module: "bench", path: "bench.rye", text }];
    let checked = rye_compiler::check(&sources, interfaces);
    match rye_compiler::compile(&checked) {
        Ok(compiled) => compiled.module,
        Err(error) => panic!("{error}: {:?}\n{text}", checked.diagnostics),
    }
}

/// A source of W5: the triage function so many times, none equal to another, and a
/// playbook that uses them all: what nobody uses would not be compiled.
///
/// # Panics
/// Never: the source has its function.
pub fn functions(count: usize) -> String {
    let (types, rest) = TRIAGE.split_once("fn triage").expect("the function");
    let (function, head) = rest.split_once("playbook triaged").expect("the playbook");
    let (head, _) = head.split_once("    finish").expect("its end");
    let mut text = String::from(types);
    let mut uses = String::new();
    for number in 0..count {
        write!(text, "fn triage_{number}{function}").expect("a text");
        writeln!(uses, "    if triage_{number}(alert) == \"none\" {{ finish benign }}")
            .expect("a text");
    }
    text + "playbook triaged" + head + &uses + "}\n"
}

/// A function that can be called again and again: its memory is given back each time.
#[derive(Debug)]
struct Callable {
    evaluator: Evaluator,
    function: Function,
    names: Vec<Name>,
    arguments: Vec<Arguments>,
}

impl Callable {
    fn new(source: &str, name: &str, parameters: &[&str]) -> Self {
        let program = compiled(source, &[]);
        let function = function(&program, name);
        let evaluator = Evaluator::new(program, RUN_FUEL_MAX, RUN_MEMORY_BYTES_MAX);
        let names = parameters.iter().map(|name| Name::from(*name)).collect();
        Self { evaluator, function, names, arguments: Vec::new() }
    }

    /// Loads arguments in the place of those that were loaded last.
    fn reload(&mut self, arguments: &str) {
        let place = self.arguments.pop().unwrap_or_default();
        self.load_into(place, arguments);
    }

    /// Loads arguments behind those that are loaded.
    fn load(&mut self, arguments: &str) {
        self.load_into(Arguments::default(), arguments);
    }

    fn load_into(&mut self, mut loaded: Arguments, arguments: &str) {
        self.evaluator
            .load_json(self.function, &self.names, arguments.as_bytes(), &mut loaded)
            .unwrap_or_else(|error| panic!("{error}"));
        self.arguments.push(loaded);
    }

    /// Calls with arguments that were loaded.
    fn call(
        &mut self,
        loaded: usize,
        stack: &mut Stack,
        read: impl FnOnce(&mut Evaluator, rye_vm::Computed),
    ) {
        let checkpoint = self.evaluator.checkpoint();
        let arguments = self.arguments.get(loaded).expect("loaded");
        self.evaluator.refuel(RUN_FUEL_MAX);
        match self.evaluator.call(self.function, arguments, stack) {
            Ok(computed) => read(&mut self.evaluator, computed),
            Err(error) => panic!("{error:?}"),
        }
        self.evaluator.forget_since(checkpoint);
    }
}

fn function(program: &Program, name: &str) -> Function {
    let functions = &program.module().functions;
    let index = functions.iter().position(|function| function.name.ends_with(name));
    let index = index.and_then(|index| u16::try_from(index).ok());
    Function(index.unwrap_or_else(|| panic!("there is no function `{name}`")))
}

/// Rye, with fuel and a limit of memory, which can't be turned off.
#[derive(Debug)]
pub struct Rye {
    stack: Stack,
    triage: Callable,
    triage_json: Callable,
    fleet: Callable,
    mix: Callable,
    greet: Arc<Program>,
    greet_function: Function,
}

impl Default for Rye {
    fn default() -> Self {
        let greet = compiled(GREET, &[]);
        let triage = || Callable::new(TRIAGE, "triage", &["alert"]);
        Self {
            stack: Stack::new(),
            triage: triage(),
            triage_json: triage(),
            fleet: Callable::new(FLEET, "fleet", &["machines", "blocks"]),
            mix: Callable::new(MIX, "mix", &["rounds"]),
            greet_function: function(&greet, "greet"),
            greet,
        }
    }
}

impl Rye {
    fn fresh(&mut self, name: &str) -> (Evaluator, usize) {
        let mut evaluator = Evaluator::new(self.greet.clone(), RUN_FUEL_MAX, RUN_MEMORY_BYTES_MAX);
        let arguments = evaluator
            .load(self.greet_function, &[Value::Text(name.into())])
            .unwrap_or_else(|error| panic!("{error}"));
        let mut length = 0;
        match evaluator.call(self.greet_function, &arguments, &mut self.stack) {
            Ok(computed) => evaluator.text(computed, |text| length = text.len()),
            Err(error) => panic!("{error:?}"),
        };
        (evaluator, length)
    }
}

impl Engine for Rye {
    fn name(&self) -> &'static str {
        "Rye"
    }

    fn load_alerts(&mut self, alerts: &[Alert]) -> bool {
        self.triage.arguments.clear();
        for alert in alerts {
            self.triage.load(&json!({ "alert": alert }).to_string());
        }
        true
    }

    fn triage(&mut self, alert: usize, decision: &mut String) {
        self.triage.call(alert, &mut self.stack, |evaluator, computed| {
            evaluator.text(computed, |text| decision.push_str(text));
        });
    }

    fn alert_json(&self, alert: &Alert) -> String {
        json!({ "alert": alert }).to_string()
    }

    fn triage_json(&mut self, json: &str, decision: &mut String) -> bool {
        let triage = &mut self.triage_json;
        let checkpoint = triage.evaluator.checkpoint();
        triage.reload(json);
        triage.call(0, &mut self.stack, |evaluator, computed| {
            evaluator.text(computed, |text| decision.push_str(text));
        });
        triage.evaluator.forget_since(checkpoint);
        true
    }

    fn load_fleet(&mut self, hosts: &[Host], blocks: &[Block]) -> bool {
        let machine = |host: &Host| {
            let ip = Ipv4Addr::from(host.ip).to_string();
            json!({ "name": host.name, "ip": ip, "severity": host.severity, "tags": host.tags })
        };
        let machines: Vec<_> = hosts.iter().map(machine).collect();
        let blocks =
            blocks.iter().map(|block| format!("{}/{}", Ipv4Addr::from(block.net), block.length));
        let blocks: Vec<String> = blocks.collect();
        self.fleet.arguments.clear();
        self.fleet.load(&json!({ "machines": machines, "blocks": blocks }).to_string());
        true
    }

    fn fleet(&mut self, networks: &mut Vec<u32>) {
        self.fleet.call(0, &mut self.stack, |evaluator, computed| {
            let Ok(Value::List(found)) = evaluator.value(computed) else { panic!("no list") };
            for network in found.iter() {
                let Value::Cidr(block) = network else { panic!("no block: {network}") };
                let std::net::IpAddr::V4(address) = block.address() else { panic!("{block}") };
                networks.push(address.into());
            }
        });
    }

    fn mix_kind(&self) -> Option<Mix> {
        Some(Mix::Wide)
    }

    fn mix(&mut self, rounds: u64) -> u64 {
        self.mix.reload(&json!({ "rounds": rounds }).to_string());
        let mut sum = 0;
        self.mix.call(0, &mut self.stack, |evaluator, computed| {
            let Ok(Value::Int(found)) = evaluator.value(computed) else { panic!("no number") };
            sum = found.cast_unsigned();
        });
        sum
    }

    fn greet(&mut self, name: &str) -> Option<usize> {
        Some(self.fresh(name).1)
    }

    fn instance(&mut self, name: &str) -> Option<Box<dyn Any>> {
        Some(Box::new(self.fresh(name).0))
    }

    fn source(&self, count: usize) -> Option<Vec<u8>> {
        Some(functions(count).into_bytes())
    }

    fn compile(&mut self, source: &[u8]) {
        drop(verified(core::str::from_utf8(source).expect("a source"), &[]));
    }
}
