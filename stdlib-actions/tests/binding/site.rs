//! A site with a ticket desk of its own: its interface, its program, its record.

use std::fs::{self, Permissions};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use rye_compiler::{Source, check};
use rye_core::adapter::{Ending, Request};
use rye_core::effect::Call;
use rye_core::id::{IdempotencyKey, RunId};
use rye_core::value::{Duration, Name, Value};
use rye_stdlib::binding::{Interface, ProcessConfig};
use rye_stdlib::{Bound, Config, ConfigError, INTERFACES};
use serde_json::Value as Json;
use tempfile::TempDir;
use tracing_subscriber::fmt::MakeWriter;

/// What the program is handed.
pub(crate) const SECRET: &str = "c4n4ry-5ecret";

const MODULE: &str = "site.tickets";

/// What the site declares.
const TICKETS: &str = "
/// A ticket at the desk.
type Ticket { id: Text title: Text }

/// Opens a ticket.
action open(title: Text) -> Ticket
    undo close(title: title)
    simulated Ticket(id: \"\", title: \"\")
    timeout 30s

/// Closes it again.
action close(title: Text)
    undo none \"it can be opened again\"
    timeout 30s
";

/// The text of the interface file.
pub(crate) fn interface() -> &'static str {
    static TEXT: OnceLock<String> = OnceLock::new();
    TEXT.get_or_init(|| interface_of(MODULE))
}

/// The same, had the module this name.
pub(crate) fn interface_of(module: &str) -> String {
    let standard = INTERFACES.iter().map(|(module, text)| Source { module, path: module, text });
    let tickets = Source { module, path: "tickets.rye", text: TICKETS };
    let interfaces: Vec<Source<'_>> = standard.chain([tickets]).collect();
    let text = format!("use {module}");
    let checked = check(&[Source { module: "all", path: "all.rye", text: &text }], &interfaces);
    let package = checked.package.unwrap_or_else(|| panic!("{:#?}", checked.diagnostics));
    Interface::new(module, &package.actions, &package.types).to_text()
}

/// The site's program, in the language that most of them are written in.
const PROGRAM: &str = include_str!("adapter.py");

/// A folder with all that the site file names.
pub(crate) struct Site {
    folder: TempDir,
}

impl Site {
    pub(crate) fn new() -> Self {
        let site = Self { folder: tempfile::tempdir().expect("a folder can be made") };
        site.write("tickets.interface", interface(), 0o644);
        site.write("token", SECRET, 0o600);
        site
    }

    pub(crate) fn write(&self, name: &str, text: &str, mode: u32) -> PathBuf {
        let path = self.folder.path().join(name);
        fs::write(&path, text).expect("a file can be written");
        fs::set_permissions(&path, Permissions::from_mode(mode)).expect("rights can be set");
        path
    }

    pub(crate) fn interface(&self) -> PathBuf {
        self.folder.path().join("tickets.interface")
    }

    fn config(&self, behaviour: &str) -> ProcessConfig {
        ProcessConfig {
            interface: self.interface(),
            program: PathBuf::from("/usr/bin/python3"),
            arguments: vec![
                self.write("adapter.py", PROGRAM, 0o644).display().to_string(),
                behaviour.to_owned(),
                self.folder.path().join("record").display().to_string(),
            ],
            secret_file: Some(self.folder.path().join("token")),
        }
    }

    /// The site's adapters, with a program that behaves so.
    pub(crate) fn bind(&self, behaviour: &str) -> Result<Bound, ConfigError> {
        bind(self.config(behaviour))
    }

    /// The same with another path for one option.
    pub(crate) fn bind_with(&self, option: &str, path: &Path) -> Result<Bound, ConfigError> {
        let mut config = self.config("does it");
        match option {
            "interface" => path.clone_into(&mut config.interface),
            "program" => path.clone_into(&mut config.program),
            _ => config.secret_file = Some(path.to_owned()),
        }
        bind(config)
    }

    pub(crate) fn ask(&self, behaviour: &str) -> Ending {
        self.ask_with(behaviour, &request("a title"))
    }

    pub(crate) fn ask_with(&self, behaviour: &str, request: &Request) -> Ending {
        invoke(&self.bind(behaviour).expect("the config is good"), request)
    }

    /// What a program of this text does.
    pub(crate) fn ask_program(&self, text: &str) -> Ending {
        let program = self.write("program", text, 0o755);
        let bound = bind(ProcessConfig { program, ..self.config("does it") });
        invoke(&bound.expect("the config is good"), &request("a title"))
    }

    /// The answer, and what stands in the log then.
    pub(crate) fn ask_and_listen(&self, behaviour: &str) -> (Ending, String) {
        let log = Log::default();
        let subscriber =
            tracing_subscriber::fmt().with_writer(log.clone()).with_ansi(false).finish();
        let ending = tracing::subscriber::with_default(subscriber, || self.ask(behaviour));
        let bytes = log.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        (ending, String::from_utf8(bytes).expect("UTF-8"))
    }

    /// All questions that were recorded.
    pub(crate) fn record(&self) -> Vec<Json> {
        let record = fs::read_to_string(self.folder.path().join("record")).unwrap_or_default();
        record.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
    }
}

fn bind(config: ProcessConfig) -> Result<Bound, ConfigError> {
    let process = [(String::from(MODULE), config)].into();
    Bound::new(&Config { process, ..Config::default() })
}

pub(crate) fn invoke(bound: &Bound, request: &Request) -> Ending {
    bound.adapters.get(MODULE).expect("it is bound").invoke(request)
}

/// Where a log is heard.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

pub(crate) fn call(verb: &str, arguments: &[(&str, Value)]) -> Call {
    let arguments = arguments.iter().map(|(name, value)| (Name::from(*name), value.clone()));
    Call { action: Name::from(format!("{MODULE}.{verb}")), arguments: arguments.collect() }
}

pub(crate) fn request(title: &str) -> Request {
    Request {
        call: call("open", &[("title", Value::text(title))]),
        key: IdempotencyKey([7; 32]),
        undoes: None,
        run: RunId([1; 16]),
        attempt: 1,
        timeout: Duration::from_secs(30),
    }
}

pub(crate) fn ticket(id: &str, title: &str) -> Value {
    let fields = [(Name::from("id"), Value::text(id)), (Name::from("title"), Value::text(title))];
    Value::Record { name: Name::from("Ticket"), fields: fields.into() }
}

pub(crate) fn ticket_id(ticket: &Value) -> String {
    ticket.field("id").map(ToString::to_string).unwrap_or_default()
}
