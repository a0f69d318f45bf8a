//! The machine on which the host's playbooks act: one account, one service, one file
//! and what runs from it, and the people who are told.

use std::collections::{BTreeMap, BTreeSet};

use rye_core::adapter::{Ending, Request};
use rye_core::error::ErrorKind;
use rye_core::value::{Hash, Value};
use rye_engine::sim::World;

use crate::story::Scene;

/// A machine, as the host's verbs see it.
#[derive(Debug)]
pub(crate) struct Machine {
    /// What runs from the file, by its number.
    pub(crate) running: BTreeSet<i64>,
    /// Processes that can't be killed.
    pub(crate) immortal: BTreeSet<i64>,
    /// How many processes the account has.
    pub(crate) sessions: i64,
    /// The SHA-256 of the file.
    pub(crate) content: Hash,
    /// What was done and stands: the call, by what the world shows of it.
    pub(crate) done: BTreeMap<&'static str, String>,
    /// What people were told.
    pub(crate) told: Vec<String>,
}

/// The SHA-256 of nothing in particular.
const ARCHIVE: &str = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";

/// A machine whose file has this content, and from which so many processes run.
pub(crate) fn machine(content: &str, processes: i64) -> Machine {
    Machine {
        running: (1..=processes).collect(),
        immortal: BTreeSet::new(),
        sessions: 2,
        content: hash(content),
        done: BTreeMap::new(),
        told: Vec::new(),
    }
}

/// What each verb that can be taken back makes so, and each undo and proof is about.
fn subject(verb: &str) -> Option<&'static str> {
    Some(match verb {
        "account.expire" | "account.restore" | "account.is_expired" => "expired",
        "account.freeze" | "account.thaw" | "account.is_frozen" => "frozen",
        "service.stop" | "service.restore" | "service.is_stopped" => "stopped",
        "file.quarantine" | "file.restore" | "file.is_quarantined" => "quarantined",
        _ => return None,
    })
}

impl Machine {
    /// Whether what the world shows under this name is so.
    pub(crate) fn is(&self, subject: &str) -> bool {
        self.done.contains_key(subject)
    }

    fn reversible(&mut self, subject: &'static str, verb: &str, request: &Request) -> Value {
        if verb.contains(".is_") {
            return Value::Bool(self.is(subject));
        }
        if request.undoes.is_some() {
            self.done.remove(subject);
        } else {
            self.done.insert(subject, request.call.to_string());
        }
        Value::None
    }
}

impl Scene for Machine {
    fn stands(&self) -> BTreeSet<String> {
        self.done.values().cloned().collect()
    }
}

impl World for Machine {
    fn invoke(&mut self, request: &Request) -> Ending {
        let argument = |name: &str| request.call.argument(name).cloned().unwrap_or(Value::None);
        let verb = request.call.action.strip_prefix("std.").unwrap_or_default();
        let verb = verb.strip_prefix("host.").unwrap_or(verb);
        if let Some(subject) = subject(verb) {
            let is_other = argument("hash") != Value::Hash(self.content);
            if verb == "file.quarantine" && is_other {
                return Ending::refused(ErrorKind::Conflict, "the file has another content");
            }
            return Ending::Done(self.reversible(subject, verb, request));
        }
        Ending::Done(match verb {
            "account.expiry" => Value::None,
            "account.processes" => Value::Int(self.sessions),
            "account.end_sessions" => Value::Int(core::mem::take(&mut self.sessions)),
            "service.units" => Value::list([record(
                "UnitState",
                &[
                    ("unit", Value::text("cache.service")),
                    ("active", Value::Bool(!self.is("stopped"))),
                    ("masked", Value::Bool(false)),
                ],
            )]),
            "process.running" => Value::list(self.running.iter().copied().map(details)),
            "process.is_running" => Value::Bool(self.running.contains(&pid(&argument("process")))),
            "process.kill" => {
                let pid = pid(&argument("process"));
                if self.immortal.contains(&pid) {
                    return Ending::refused(ErrorKind::Denied, "not permitted");
                }
                self.running.remove(&pid);
                Value::None
            }
            "evidence.collect" => record(
                "EvidenceArchive",
                &[
                    ("path", Value::text("/var/lib/rye/evidence/1.tar")),
                    ("digest", Value::Hash(hash(ARCHIVE))),
                    ("bytes", Value::Int(7)),
                    ("warnings", Value::list([])),
                ],
            ),
            notice if notice.starts_with("notify.") => {
                self.told.push(argument("text").to_string());
                Value::None
            }
            other => panic!("{other} is not declared for this machine"),
        })
    }
}

fn hash(hex: &str) -> Hash {
    Hash::parse(hex).expect("a digest")
}

fn record(name: &str, fields: &[(&str, Value)]) -> Value {
    let fields = fields.iter().map(|(name, value)| ((*name).into(), value.clone()));
    Value::Record { name: name.into(), fields: fields.collect() }
}

fn details(pid: i64) -> Value {
    let process = [
        ("host", Value::text("web-1.example.net")),
        ("pid", Value::text(pid.to_string())),
        ("started", Value::text("7")),
    ];
    let parts = [
        ("process", Value::asset("HostProcess", record("HostProcess", &process))),
        ("parent", Value::Int(1)),
        ("account", Value::text("www-data")),
        ("program", Value::text("/var/www/uploads/shell.php")),
        ("command", Value::text("shell.php")),
    ];
    record("ProcessDetails", &parts)
}

fn pid(value: &Value) -> i64 {
    let pid = value.bare().field("pid").map(ToString::to_string);
    pid.and_then(|pid| pid.parse().ok()).expect("a process has a number")
}
