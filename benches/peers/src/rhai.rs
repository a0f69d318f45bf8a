//! Rhai, with its limit on operations.

use core::any::Any;

use rhai::{AST, CallFnOptions, Dynamic, ImmutableString, Map, Scope};
use rye_benches::engine::{Engine, Mix};
use rye_benches::workload::{Alert, Block, Host};

const WORKLOADS: &str = include_str!("../programs/workloads.rhai");

/// Rhai and its compiled script.
pub struct Rhai {
    rhai: rhai::Engine,
    script: AST,
    alerts: Vec<Dynamic>,
    fleet: Dynamic,
}

impl Rhai {
    pub fn new() -> Self {
        let mut rhai = rhai::Engine::new();
        rhai.set_max_operations(u64::MAX / 2);
        let script = rhai.compile(WORKLOADS).unwrap();
        Self { rhai, script, alerts: vec![], fleet: Dynamic::UNIT }
    }

    fn call(&self, name: &str, this: Option<&mut Dynamic>, arguments: impl rhai::FuncArgs) -> Dynamic {
        let mut options = CallFnOptions::new().eval_ast(false);
        if let Some(this) = this {
            options = options.bind_this_ptr(this);
        }
        let mut scope = Scope::new();
        self.rhai
            .call_fn_with_options::<Dynamic>(options, &mut scope, &self.script, name, arguments)
            .unwrap()
    }

    /// Through its own reader of JSON, which wants an object at the top.
    fn value<T: serde::Serialize + ?Sized>(&self, value: &T) -> Dynamic {
        let text = format!("{{\"value\":{}}}", serde_json::to_string(value).unwrap());
        self.rhai.parse_json(text, true).unwrap().remove("value").unwrap()
    }

    fn greeting(&self, name: &str) -> ImmutableString {
        self.call("f", None, (name.to_string(),)).into_immutable_string().unwrap()
    }
}

impl Engine for Rhai {
    fn name(&self) -> &'static str {
        "rhai + limit"
    }

    fn load_alerts(&mut self, alerts: &[Alert]) -> bool {
        self.alerts = alerts.iter().map(|alert| self.value(alert)).collect();
        true
    }

    fn triage(&mut self, alert: usize, decision: &mut String) {
        let mut this = std::mem::take(&mut self.alerts[alert]);
        let text = self.call("triage", Some(&mut this), ());
        self.alerts[alert] = this;
        decision.push_str(&text.into_immutable_string().unwrap());
    }

    fn triage_json(&mut self, json: &str, decision: &mut String) -> bool {
        let mut this = Dynamic::from_map(self.rhai.parse_json(json, true).unwrap());
        let text = self.call("triage", Some(&mut this), ());
        decision.push_str(&text.into_immutable_string().unwrap());
        true
    }

    fn load_fleet(&mut self, hosts: &[Host], blocks: &[Block]) -> bool {
        let mut fleet = Map::new();
        fleet.insert("hosts".into(), self.value(hosts));
        fleet.insert("cidrs".into(), self.value(blocks));
        self.fleet = Dynamic::from_map(fleet);
        true
    }

    fn fleet(&mut self, networks: &mut Vec<u32>) {
        let mut this = std::mem::take(&mut self.fleet);
        let found = self.call("fleet", Some(&mut this), ()).into_array().unwrap();
        self.fleet = this;
        networks.extend(found.into_iter().map(|it| it.as_int().unwrap() as u32));
    }

    fn mix_kind(&self) -> Option<Mix> {
        Some(Mix::Narrow)
    }

    fn mix(&mut self, rounds: u64) -> u64 {
        self.call("mix", None, (rounds as i64,)).as_int().unwrap() as u64
    }

    fn greet(&mut self, name: &str) -> Option<usize> {
        Some(self.greeting(name).len())
    }

    fn instance(&mut self, name: &str) -> Option<Box<dyn Any>> {
        let mut scope = Scope::new();
        scope.push("greeting", self.greeting(name));
        Some(Box::new(scope))
    }

    fn source(&self, functions: usize) -> Option<Vec<u8>> {
        let function = WORKLOADS.split("// ---").next().unwrap();
        let named = |number: usize| function.replace("triage", &format!("triage_{number}"));
        Some((0..functions).map(named).collect::<String>().into_bytes())
    }

    fn compile(&mut self, source: &[u8]) {
        let text = core::str::from_utf8(source).unwrap();
        std::hint::black_box(self.rhai.compile(text).unwrap());
    }
}
