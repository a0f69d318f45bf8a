//! Lua 5.4, with a limit on its work and without.

use core::any::Any;
use core::fmt::Write as _;
use std::cell::Cell;
use std::rc::Rc;

use mlua::chunk::ChunkMode;
use mlua::debug::HookTriggers;
use mlua::{Function, Lua, LuaOptions, LuaSerdeExt, LuaString, StdLib, Table, VmState};
use rye_benches::engine::{Engine, Mix};
use rye_benches::workload::{Alert, Block, Host};

const TRIAGE: &str = include_str!("../programs/triage.lua");
const FLEET: &str = include_str!("../programs/fleet.lua");
const GREET: &str = "function f(s) return 'ok:' .. s end";
const MIX: &str = "function mix(n)
  local x, acc = 42, 0
  for _ = 1, n do
    x = x * 6364136223846793005 + 1442695040888963407
    acc = acc ~ (x >> 33)
  end
  return acc
end";

/// A state with what the workloads need, limited as an embedder limits it: a hook each
/// thousand instructions.
fn fresh(limited: bool) -> Lua {
    let libraries = StdLib::TABLE | StdLib::STRING | StdLib::MATH;
    let lua = Lua::new_with(libraries, LuaOptions::default()).unwrap();
    if limited {
        let left = Rc::new(Cell::new(u64::MAX));
        lua.set_hook(HookTriggers::new().every_nth_instruction(1000), move |_, _| {
            left.set(left.get() - 1000);
            if left.get() == 0 {
                return Err(mlua::Error::runtime("out of budget"));
            }
            Ok(VmState::Continue)
        })
        .unwrap();
    }
    lua
}

/// One configuration of Lua.
pub struct Lua54 {
    limited: bool,
    lua: Lua,
    triage: Function,
    fleet: Function,
    mix: Function,
    alerts: Vec<Table>,
    input: Option<(Table, Table)>,
    greet: Vec<u8>,
}

impl Lua54 {
    pub fn new(limited: bool) -> Self {
        let lua = fresh(limited);
        for program in [TRIAGE, FLEET, MIX] {
            lua.load(program).exec().unwrap();
        }
        let globals = lua.globals();
        let greet = lua.load(GREET).into_function().unwrap().dump(true);
        Self {
            limited,
            triage: globals.get("triage").unwrap(),
            fleet: globals.get("fleet").unwrap(),
            mix: globals.get("mix").unwrap(),
            lua,
            alerts: vec![],
            input: None,
            greet,
        }
    }

    fn table<T: serde::Serialize + ?Sized>(&self, value: &T) -> Table {
        self.lua.to_value(value).unwrap().as_table().unwrap().clone()
    }

    fn decide(&self, alert: &Table, decision: &mut String) {
        let text: LuaString = self.triage.call(alert).unwrap();
        decision.push_str(&text.to_str().unwrap());
    }

    fn fresh(&self, name: &str) -> (Lua, usize) {
        let lua = fresh(self.limited);
        lua.load(&self.greet[..]).set_mode(ChunkMode::Binary).exec().unwrap();
        let greet: Function = lua.globals().get("f").unwrap();
        let text: LuaString = greet.call(name).unwrap();
        let length = text.as_bytes().len();
        drop((greet, text));
        (lua, length)
    }
}

impl Engine for Lua54 {
    fn name(&self) -> &'static str {
        if self.limited { "Lua 5.4 + limit" } else { "Lua 5.4" }
    }

    fn load_alerts(&mut self, alerts: &[Alert]) -> bool {
        self.alerts = alerts.iter().map(|alert| self.table(alert)).collect();
        true
    }

    fn triage(&mut self, alert: usize, decision: &mut String) {
        self.decide(&self.alerts[alert], decision);
    }

    fn triage_json(&mut self, json: &str, decision: &mut String) -> bool {
        let alert: Alert = serde_json::from_str(json).unwrap();
        self.decide(&self.table(&alert), decision);
        true
    }

    fn load_fleet(&mut self, hosts: &[Host], blocks: &[Block]) -> bool {
        self.input = Some((self.table(hosts), self.table(blocks)));
        true
    }

    fn fleet(&mut self, networks: &mut Vec<u32>) {
        let (hosts, blocks) = self.input.as_ref().unwrap();
        let found: Table = self.fleet.call((hosts, blocks)).unwrap();
        networks.extend(found.sequence_values::<u32>().map(Result::unwrap));
    }

    fn mix_kind(&self) -> Option<Mix> {
        Some(Mix::Wide)
    }

    fn mix(&mut self, rounds: u64) -> u64 {
        self.mix.call::<i64>(rounds as i64).unwrap() as u64
    }

    fn greet(&mut self, name: &str) -> Option<usize> {
        Some(self.fresh(name).1)
    }

    fn instance(&mut self, name: &str) -> Option<Box<dyn Any>> {
        Some(Box::new(self.fresh(name).0))
    }

    fn source(&self, functions: usize) -> Option<Vec<u8>> {
        let mut text = String::new();
        for number in 0..functions {
            writeln!(text, "{}", TRIAGE.replace("triage", &format!("triage_{number}"))).unwrap();
        }
        Some(text.into_bytes())
    }

    fn compile(&mut self, source: &[u8]) {
        std::hint::black_box(self.lua.load(source).set_name("source").into_function().unwrap());
    }
}
