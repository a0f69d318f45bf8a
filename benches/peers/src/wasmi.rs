//! wasmi, with fuel and without. The programs are written by hand: they work on bytes
//! in linear memory, into which the host lays what a workload needs.

use core::any::Any;

use rye_benches::engine::{Engine, Mix};
use rye_benches::loading::Validator;
use rye_benches::workload::{Alert, Block, Host};
use wasmi::{CompilationMode, Config, Instance, Memory, Module, Store, TypedFunc};

const WORKLOADS: &str = include_str!("../programs/guest.wat");
const GREET: &str = include_str!("../programs/greet.wat");

/// Where a program writes its answer.
const ANSWER: usize = 1024;
/// Where the greeting takes its argument.
const ARGUMENT: usize = 4096;
/// Where what a workload needs may begin.
const INPUT: usize = 16_384;

/// One configuration of wasmi.
pub struct Wasmi {
    fuel: bool,
    engine: wasmi::Engine,
    greet: Module,
    store: Store<()>,
    memory: Memory,
    triage: TypedFunc<i32, i32>,
    fleet: TypedFunc<(i32, i32, i32, i32), i32>,
    mix: TypedFunc<i64, i64>,
    alerts: Vec<u32>,
    input: (i32, i32, i32, i32),
    scratch: Vec<u8>,
}

fn engine(fuel: bool) -> wasmi::Engine {
    let mut config = Config::default();
    config.consume_fuel(fuel).compilation_mode(CompilationMode::Eager);
    wasmi::Engine::new(&config)
}

impl Wasmi {
    pub fn new(fuel: bool) -> Self {
        let engine = engine(fuel);
        let module = |text| Module::new(&engine, wat::parse_str(text).unwrap()).unwrap();
        let (workloads, greet) = (module(WORKLOADS), module(GREET));
        let mut store = Store::new(&engine, ());
        if fuel {
            store.set_fuel(u64::MAX).unwrap();
        }
        let instance = Instance::new(&mut store, &workloads, &[]).unwrap();
        let memory = instance.get_memory(&store, "memory").unwrap();
        memory.grow(&mut store, 12).unwrap();
        Self {
            fuel,
            greet,
            memory,
            triage: instance.get_typed_func(&store, "triage").unwrap(),
            fleet: instance.get_typed_func(&store, "fleet").unwrap(),
            mix: instance.get_typed_func(&store, "mix").unwrap(),
            engine,
            store,
            alerts: vec![],
            input: (0, 0, 0, 0),
            scratch: vec![],
        }
    }

    fn refuel(&mut self) {
        if self.fuel {
            self.store.set_fuel(1 << 40).unwrap();
        }
    }

    fn decide(&mut self, alert: u32, decision: &mut String) {
        self.refuel();
        let length = self.triage.call(&mut self.store, alert as i32).unwrap() as usize;
        let bytes = &self.memory.data(&self.store)[ANSWER..ANSWER + length];
        decision.push_str(core::str::from_utf8(bytes).unwrap());
    }

    fn fresh(&self, name: &str) -> (Store<()>, usize) {
        let mut store = Store::new(&self.engine, ());
        if self.fuel {
            store.set_fuel(100_000).unwrap();
        }
        let instance = Instance::new(&mut store, &self.greet, &[]).unwrap();
        let memory = instance.get_memory(&store, "memory").unwrap();
        memory.write(&mut store, ARGUMENT, name.as_bytes()).unwrap();
        let greet = instance.get_typed_func::<(i32, i32), i32>(&store, "f").unwrap();
        let length = greet.call(&mut store, (ARGUMENT as i32, name.len() as i32)).unwrap() as usize;
        assert_eq!(&memory.data(&store)[ANSWER..ANSWER + 3], b"ok:");
        (store, length)
    }
}

impl Engine for Wasmi {
    fn name(&self) -> &'static str {
        if self.fuel { "wasmi 2.0 + fuel" } else { "wasmi 2.0" }
    }

    fn load_alerts(&mut self, alerts: &[Alert]) -> bool {
        let mut bytes = vec![];
        self.alerts = alerts.iter().map(|alert| lay_alert(&mut bytes, alert)).collect();
        self.memory.write(&mut self.store, INPUT, &bytes).unwrap();
        true
    }

    fn triage(&mut self, alert: usize, decision: &mut String) {
        self.decide(self.alerts[alert], decision);
    }

    fn triage_json(&mut self, json: &str, decision: &mut String) -> bool {
        let alert: Alert = serde_json::from_str(json).unwrap();
        self.scratch.clear();
        let at = lay_alert(&mut self.scratch, &alert);
        self.memory.write(&mut self.store, INPUT, &self.scratch).unwrap();
        self.decide(at, decision);
        true
    }

    fn load_fleet(&mut self, hosts: &[Host], blocks: &[Block]) -> bool {
        let mut bytes = vec![];
        let (at, nets) = lay_fleet(&mut bytes, hosts, blocks);
        self.memory.write(&mut self.store, INPUT, &bytes).unwrap();
        self.input = (at as i32, hosts.len() as i32, nets as i32, blocks.len() as i32);
        true
    }

    fn fleet(&mut self, networks: &mut Vec<u32>) {
        self.refuel();
        let count = self.fleet.call(&mut self.store, self.input).unwrap() as usize;
        let bytes = &self.memory.data(&self.store)[ANSWER..ANSWER + 4 * count];
        networks.extend(bytes.chunks_exact(4).map(|it| u32::from_le_bytes(it.try_into().unwrap())));
    }

    fn mix_kind(&self) -> Option<Mix> {
        Some(Mix::Wide)
    }

    fn mix(&mut self, rounds: u64) -> u64 {
        self.refuel();
        self.mix.call(&mut self.store, rounds as i64).unwrap() as u64
    }

    fn greet(&mut self, name: &str) -> Option<usize> {
        Some(self.fresh(name).1)
    }

    fn instance(&mut self, name: &str) -> Option<Box<dyn Any>> {
        Some(Box::new(self.fresh(name).0))
    }
}

fn put(bytes: &mut [u8], at: usize, value: &[u8]) {
    bytes[at..at + value.len()].copy_from_slice(value);
}

fn lay_text(bytes: &mut Vec<u8>, at: usize, text: &str) {
    let address = (INPUT + bytes.len()) as u32;
    bytes.extend_from_slice(text.as_bytes());
    put(bytes, at, &address.to_le_bytes());
    put(bytes, at + 4, &(text.len() as u32).to_le_bytes());
}

/// Makes room for `length` bytes; where it begins.
fn room(bytes: &mut Vec<u8>, length: usize) -> usize {
    let at = bytes.len().next_multiple_of(8);
    bytes.resize(at + length, 0);
    at
}

/// Lays an alert behind `bytes`, the first of which lies at [`INPUT`]; its address.
fn lay_alert(bytes: &mut Vec<u8>, alert: &Alert) -> u32 {
    let at = room(bytes, 48);
    let deployments = room(bytes, 16 * alert.recent_deployments.len());
    put(bytes, at, &alert.risk_score.to_le_bytes());
    put(bytes, at + 8, &alert.heartbeat_misses.to_le_bytes());
    lay_text(bytes, at + 16, &alert.tenant);
    put(bytes, at + 24, &u32::from(alert.maintenance).to_le_bytes());
    put(bytes, at + 28, &(alert.recent_deployments.len() as u32).to_le_bytes());
    put(bytes, at + 32, &((INPUT + deployments) as u32).to_le_bytes());
    lay_text(bytes, at + 36, &alert.capsule);
    for (index, deployment) in alert.recent_deployments.iter().enumerate() {
        lay_text(bytes, deployments + 16 * index, &deployment.name);
        put(bytes, deployments + 16 * index + 8, &deployment.age_s.to_le_bytes());
    }
    (INPUT + at) as u32
}

/// Lays a fleet; the addresses of the hosts and of the blocks.
fn lay_fleet(bytes: &mut Vec<u8>, hosts: &[Host], blocks: &[Block]) -> (u32, u32) {
    let at = room(bytes, 16 * hosts.len());
    let nets = bytes.len();
    for block in blocks {
        bytes.extend_from_slice(&block.net.to_le_bytes());
        bytes.extend_from_slice(&block.mask.to_le_bytes());
    }
    for (index, host) in hosts.iter().enumerate() {
        let place = at + 16 * index;
        let tags = room(bytes, 8 * host.tags.len());
        put(bytes, place, &host.ip.to_le_bytes());
        put(bytes, place + 4, &(host.severity as u32).to_le_bytes());
        put(bytes, place + 8, &(host.tags.len() as u32).to_le_bytes());
        put(bytes, place + 12, &((INPUT + tags) as u32).to_le_bytes());
        for (index, tag) in host.tags.iter().enumerate() {
            lay_text(bytes, tags + 8 * index, tag);
        }
    }
    ((INPUT + at) as u32, (INPUT + nets) as u32)
}

/// wasmi's validation of a module of some size: the triage function again and again.
#[derive(Default)]
pub struct Validation {
    module: Vec<u8>,
}

impl Validator for Validation {
    fn name(&self) -> &'static str {
        "wasmi 2.0, validation"
    }

    fn prepare(&mut self, bytes: usize) {
        let function = WORKLOADS.split(";;TRIAGE").nth(1).unwrap().split(";;END").next().unwrap();
        let put = WORKLOADS.split("(func $put").nth(1).unwrap().split(";;").next().unwrap();
        let program = |count: usize| {
            let named = |number: usize| {
                let name = format!("$triage_{number} (export \"triage_{number}\")");
                function.replace("$triage (export \"triage\")", &name)
            };
            let functions: String = (0..count).map(named).collect();
            let text = format!("(module (memory (export \"memory\") 4) (func $put{put}{functions})");
            wat::parse_str(text).unwrap()
        };
        let (few, many) = (program(10).len(), program(110).len());
        self.module = program(bytes * 100 / (many - few));
    }

    fn bytes(&self) -> usize {
        self.module.len()
    }

    fn validate(&mut self) {
        Module::validate(&engine(true), &self.module).unwrap();
    }
}
