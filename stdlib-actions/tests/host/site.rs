//! A victim that is looked after by the adapters under test, and short words for what
//! is asked of them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use rye_compiler::hir::Package;
use rye_compiler::{Source, check};
use rye_core::adapter::{Adapter, Ending, Request};
use rye_core::effect::Call;
use rye_core::error::ErrorKind;
use rye_core::id::{IdempotencyKey, RunId};
use rye_core::ty::fit;
use rye_core::value::{Duration, Name, Value};
use rye_stdlib::INTERFACES;
use rye_stdlib::host::{Host, HostConfig};
use rye_tests::victim::Victim;

pub(crate) const DONE: Ending = Ending::Done(Value::None);
pub(crate) const ALREADY_SO: Ending = Ending::AlreadySo(Value::None);

/// What the victim is called.
pub(crate) const NAME: &str = "web-1";

pub(crate) type Arguments = Vec<(&'static str, Value)>;

/// A victim that is looked after by the adapters.
pub(crate) struct Site<'a> {
    pub(crate) victim: &'a Victim,
    adapters: Adapters,
}

/// The adapters of one machine.
pub(crate) struct Adapters(BTreeMap<&'static str, Box<dyn Adapter>>);

impl Adapters {
    pub(crate) fn new(config: &HostConfig) -> Self {
        Self(Host::adapters(config).expect("the config is good"))
    }

    pub(crate) fn invoke(&self, verb: &str, request: &Request) -> Ending {
        let (module, _) = verb.rsplit_once('.').expect("a module and a verb");
        let adapter = self.0.get(&*format!("std.host.{module}")).expect("a module");
        let ending = adapter.invoke(request);
        if let Ending::Done(value) | Ending::AlreadySo(value) = &ending {
            must_fit(verb, value);
        }
        ending
    }
}

impl<'a> Site<'a> {
    pub(crate) fn new(victim: &'a Victim) -> Self {
        Self::with(victim, |_| {})
    }

    pub(crate) fn with(victim: &'a Victim, change: impl FnOnce(&mut HostConfig)) -> Self {
        let mut config = HostConfig {
            name: Some(NAME.to_owned()),
            pid_file: Some(victim.pid_file()),
            ..HostConfig::default()
        };
        change(&mut config);
        Self { victim, adapters: Adapters::new(&config) }
    }

    /// Acts for the first time under `key`.
    pub(crate) fn act(&self, verb: &str, arguments: &Arguments, key: u8) -> Ending {
        self.adapters.invoke(verb, &request(verb, arguments, key))
    }

    /// Acts once more under `key`, because the answer was lost.
    pub(crate) fn again(&self, verb: &str, arguments: &Arguments, key: u8) -> Ending {
        self.adapters.invoke(verb, &Request { attempt: 2, ..request(verb, arguments, key) })
    }

    /// The undo of what was done under `key`.
    pub(crate) fn undo(&self, verb: &str, arguments: &Arguments, key: u8) -> Ending {
        let undoes = Some(IdempotencyKey([key; 32]));
        let request = request(verb, arguments, key.wrapping_add(100));
        self.adapters.invoke(verb, &Request { undoes, ..request })
    }

    pub(crate) fn ask(&self, verb: &str, arguments: &Arguments) -> Value {
        match self.adapters.invoke(verb, &request(verb, arguments, 250)) {
            Ending::Done(value) => value,
            other => panic!("{verb}: {other:?}"),
        }
    }

    pub(crate) fn says(&self, verb: &str, arguments: &Arguments) -> bool {
        self.ask(verb, arguments) == Value::Bool(true)
    }

    /// The path, on this machine, of a file of the victim's.
    pub(crate) fn at(&self, path: &str) -> PathBuf {
        self.victim.root().join(path.trim_start_matches('/'))
    }

    pub(crate) fn exists(&self, path: &str) -> bool {
        Path::new(&self.at(path)).symlink_metadata().is_ok()
    }
}

/// What is answered is of the type that the interface declares.
fn must_fit(verb: &str, value: &Value) {
    static INTERFACE: LazyLock<Package> = LazyLock::new(|| {
        let interface =
            |(module, text): &(&'static str, &'static str)| Source { module, path: module, text };
        let interfaces: Vec<Source<'_>> = INTERFACES.iter().map(interface).collect();
        let modules = INTERFACES.iter().filter(|(module, _)| module.starts_with("std.host."));
        let uses: String = modules.flat_map(|(module, _)| ["use ", module, "\n"]).collect();
        let all = Source { module: "all", path: "all.rye", text: &uses };
        check(&[all], &interfaces).package.expect("the interfaces are right")
    });
    let name = format!("std.host.{verb}");
    let action = INTERFACE.actions.iter().find(|action| *action.name == *name);
    let action = action.expect("the verb is declared");
    let fits = fit::fits(&INTERFACE.types, action.result, value);
    assert!(fits.is_ok(), "{verb} answers {value:?}");
}

pub(crate) fn request(verb: &str, arguments: &Arguments, key: u8) -> Request {
    let arguments = arguments.iter().map(|(name, value)| (Name::from(*name), value.clone()));
    Request {
        call: Call {
            action: Name::from(format!("std.host.{verb}")),
            arguments: arguments.collect(),
        },
        key: IdempotencyKey([key; 32]),
        undoes: None,
        run: RunId([1; 16]),
        attempt: 1,
        timeout: Duration::from_secs(60),
    }
}

/// An asset of the victim's that consists of `host` and another part.
pub(crate) fn asset(kind: &str, part: &str, text: &str) -> Value {
    parts(kind, &[("host", NAME), (part, text)])
}

pub(crate) fn parts(kind: &str, parts: &[(&str, &str)]) -> Value {
    let fields = parts.iter().map(|(name, text)| (Name::from(*name), Value::text(text))).collect();
    Value::asset(kind, Value::Record { name: Name::from(kind), fields })
}

pub(crate) fn host() -> Value {
    Value::asset("Host", Value::text(NAME))
}

/// Of what kind a refusal is.
pub(crate) fn refusal(ending: &Ending) -> ErrorKind {
    match ending {
        Ending::Refused { error, perhaps: false } => error.kind,
        other => panic!("{other:?}"),
    }
}
