//! The contract of notices to a log server, against a real rsyslog: what it keeps of
//! each, and what each way to fail is taken for.

#![expect(clippy::expect_used, reason = "a broken expectation fails the test")]

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Instant;

use rye_core::adapter::{Adapter, Ending, Request};
use rye_core::effect::Call;
use rye_core::error::ErrorKind;
use rye_core::id::{IdempotencyKey, RunId};
use rye_core::value::{Duration, Name, Value};
use rye_stdlib::notify::{DestinationConfig, Notify, NotifyConfig};
use rye_tests::hostile;
use tempfile::TempDir;

/// How long is waited for what must come. Long: a busy machine is no failure.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(30);

/// What rsyslog writes of each message: the parts that it found, one message a line.
/// Control characters would be escaped, so that a line is one message.
const CONFIG: &str = r#"
global(workDirectory="FOLDER" maxMessageSize="16k")
module(load="imtcp")
module(load="imudp")
input(type="imtcp" address="127.0.0.1" port="PORT")
input(type="imudp" address="127.0.0.1" port="PORT")
template(name="parts" type="string" string="%pri%|%app-name%|%msgid%|%structured-data%|%msg%\n")
action(type="omfile" file="FOLDER/messages" template="parts" asyncWriting="off" flushOnTXEnd="on")
"#;

/// A running rsyslog.
struct Rsyslog {
    folder: TempDir,
    process: Child,
    port: u16,
}

impl Drop for Rsyslog {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Rsyslog {
    fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let port = free_port();
        let config = CONFIG
            .replace("FOLDER", &folder.path().display().to_string())
            .replace("PORT", &port.to_string());
        fs::write(folder.path().join("rsyslog.conf"), config).expect("a file can be written");
        let process = Command::new("/usr/sbin/rsyslogd")
            .args(["-n", "-f"])
            .arg(folder.path().join("rsyslog.conf"))
            .arg("-i")
            .arg(folder.path().join("pid"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("rsyslog is installed: Debian's package is `rsyslog`");
        let server = Self { folder, process, port };
        server.until("it listens", || TcpStream::connect((Ipv4Addr::LOCALHOST, port)).ok());
        server
    }

    fn until<T>(&self, what: &str, mut look: impl FnMut() -> Option<T>) -> T {
        let end = Instant::now() + PATIENCE;
        loop {
            if let Some(found) = look() {
                return found;
            }
            assert!(Instant::now() < end, "{what}: {:?}", self.messages());
            thread::sleep(std::time::Duration::from_millis(10));
        }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("messages")
    }

    /// What it has kept so far.
    fn messages(&self) -> Vec<String> {
        let text = fs::read_to_string(self.path()).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    /// The messages, when there are so many.
    fn wait_for(&self, count: usize) -> Vec<String> {
        self.until("so many messages", || Some(self.messages()).filter(|it| it.len() >= count))
    }
}

/// A port that nobody has, for TCP and for UDP.
fn free_port() -> u16 {
    let tcp = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port is free");
    let port = tcp.local_addr().expect("it has an address").port();
    match UdpSocket::bind((Ipv4Addr::LOCALHOST, port)) {
        Ok(_) => port,
        Err(_) => free_port(),
    }
}

fn notify(syslog: &str, networks: &[&str]) -> Notify {
    let networks = networks.iter().map(|network| (*network).to_owned()).collect();
    let destination =
        DestinationConfig { syslog: Some(syslog.to_owned()), networks, ..Default::default() };
    let names =
        ["analysts", "oncall", "user"].map(|name| (String::from(name), destination.clone()));
    let destinations = BTreeMap::from(names);
    Notify::new(&NotifyConfig { destinations }).expect("the config is good")
}

fn request(notice: &str, user: &str, text: &str) -> Request {
    let user = (Name::from("user"), Value::asset("Account", Value::text(user)));
    let user = (notice == "user").then_some(user);
    let arguments = user.into_iter().chain([(Name::from("text"), Value::text(text))]);
    let action = Name::from(format!("std.notify.{notice}"));
    Request {
        call: Call { action, arguments: arguments.collect() },
        key: IdempotencyKey([7; 32]),
        undoes: None,
        run: RunId([1; 16]),
        attempt: 1,
        timeout: Duration::from_secs(30),
    }
}

#[test]
fn a_notice_arrives_with_all_its_parts() {
    let server = Rsyslog::start();
    let (run, key) = ("01".repeat(16), "07".repeat(32));
    for (count, transport) in (1..).zip(["tcp", "udp"]) {
        let adapter = notify(&format!("{transport}://127.0.0.1:{}", server.port), &["127.0.0.1"]);
        let told = adapter.invoke(&request("oncall", "", "blocked 203.0.113.7 — é"));
        assert_eq!(told, Ending::Done(Value::None));
        let expected = format!(
            "81|ryed|oncall|[rye@32473 run=\"{run}\" key=\"{key}\"]|blocked 203.0.113.7 — é"
        );
        assert_eq!(server.wait_for(count).last(), Some(&expected), "{transport}");
    }
}

/// Abuse case 12: no text forges a line or data.
#[test]
fn field_injection() {
    let server = Rsyslog::start();
    let adapter = notify(&format!("tcp://127.0.0.1:{}", server.port), &["127.0.0.0/8"]);
    for (count, text) in (1..).zip(hostile::TEXTS) {
        assert_eq!(adapter.invoke(&request("user", text, text)), Ending::Done(Value::None));
        let messages = server.wait_for(count);
        assert_eq!(messages.len(), count, "{messages:?}");
        let last = messages.last().expect("it arrived");
        assert!(last.starts_with("85|ryed|user|[rye@32473 run=\""), "{last}");
        let shown = rye_core::visible::visible(text);
        assert!(last.ends_with(&format!("|{shown}")), "{last}");
        assert!(!last.chars().any(rye_core::visible::is_hidden), "{last}");
        // One parameter, ended by its own quotation mark, holds all of it.
        let quoted = shown.replace('\\', "\\\\").replace('"', "\\\"").replace(']', "\\]");
        assert!(last.contains(&format!(" user=\"{quoted}\"]|")), "{last}");
    }
}

#[test]
fn each_way_to_fail_is_what_it_is() {
    let nobody = notify(&format!("tcp://127.0.0.1:{}", free_port()), &["127.0.0.1"]);
    let ending = nobody.invoke(&request("oncall", "", "x"));
    assert!(matches!(ending, Ending::NotSent(_)), "{ending:?}");

    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port is free");
    let address: SocketAddr = listener.local_addr().expect("it has an address");
    let denied = notify(&format!("tcp://{address}"), &[]).invoke(&request("oncall", "", "x"));
    let Ending::Refused { error, perhaps: false } = denied else { panic!("{denied:?}") };
    assert_eq!(error.kind, ErrorKind::Denied);

    // It reads, and never says that it came to the end.
    let silent = thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("somebody connects");
        let mut heard = Vec::new();
        // Until the sender gives up.
        let _ = stream.read_to_end(&mut heard);
        thread::sleep(std::time::Duration::from_secs(4));
        heard
    });
    let short = Request { timeout: Duration::from_secs(2), ..request("oncall", "", "x") };
    let ending = notify(&format!("tcp://{address}"), &["127.0.0.1"]).invoke(&short);
    assert!(matches!(ending, Ending::Unknown(_)), "{ending:?}");
    let heard = String::from_utf8(silent.join().expect("it ends")).expect("UTF-8");
    let (length, message) = heard.split_once(' ').expect("octet counting");
    assert_eq!(length.parse(), Ok(message.len()));
}
