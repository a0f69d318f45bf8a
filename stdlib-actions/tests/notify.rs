//! The contract of notices, against a real receiver behind real TLS: what arrives
//! byte for byte, and what each way to fail is taken for.

#![expect(clippy::expect_used, clippy::panic, reason = "a broken expectation fails the test")]

use std::collections::BTreeMap;
use std::fs::{self, Permissions};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;

use rye_core::adapter::{Adapter, Ending, Request};
use rye_core::effect::Call;
use rye_core::error::ErrorKind;
use rye_core::id::{IdempotencyKey, RunId};
use rye_core::value::{Duration, Name, Value};
use rye_core::visible::visible;
use rye_stdlib::HeaderConfig;
use rye_stdlib::notify::{DestinationConfig, Notify, NotifyConfig};
use rye_tests::hostile;
use rye_tests::namespace::{Namespace, as_root};
use rye_tests::receiver::{Authority, Behaviour, Receiver};
use serde_json::Value as Json;
use tempfile::TempDir;

/// A receiver, and the adapter of a site that believes its authority.
struct Site {
    receiver: Receiver,
    notify: Notify,
    _folder: TempDir,
}

impl Site {
    fn new(behaviour: Behaviour) -> Self {
        let authority = Authority::new();
        let receiver = Receiver::start(&authority, behaviour);
        let folder = tempfile::tempdir().expect("a folder can be made");
        let url = receiver.url("/hooks/rye?room=soc");
        let destination = destination(&folder, url, authority.pem());
        Self { receiver, notify: notify(destination), _folder: folder }
    }

    fn tell(&self, text: &str) -> Ending {
        self.notify.invoke(&request("analysts", text))
    }
}

fn write(folder: &TempDir, name: &str, content: &str) -> PathBuf {
    let path = folder.path().join(name);
    fs::write(&path, content).expect("a file can be written");
    fs::set_permissions(&path, Permissions::from_mode(0o600)).expect("rights can be set");
    path
}

fn destination(folder: &TempDir, url: String, authority: &str) -> DestinationConfig {
    DestinationConfig {
        url: Some(url),
        syslog: None,
        ca_file: Some(write(folder, "ca.pem", authority)),
        header: Some(HeaderConfig {
            name: String::from("Authorization"),
            value_file: write(folder, "token", "Bearer 5ecret\n"),
        }),
        networks: vec![String::from("127.0.0.0/8"), String::from("::1")],
    }
}

fn notify(destination: DestinationConfig) -> Notify {
    let destinations = BTreeMap::from([(String::from("analysts"), destination)]);
    Notify::new(&NotifyConfig { destinations }).expect("the config is good")
}

fn request(notice: &str, text: &str) -> Request {
    let arguments: Arc<[(Name, Value)]> = Arc::from([
        (Name::from("user"), Value::asset("Account", Value::text("ann"))),
        (Name::from("text"), Value::text(text)),
    ]);
    let action = Name::from(format!("std.notify.{notice}"));
    Request {
        call: Call { action, arguments },
        key: IdempotencyKey([7; 32]),
        undoes: None,
        run: RunId([1; 16]),
        attempt: 1,
        timeout: Duration::from_secs(30),
    }
}

fn refused(ending: &Ending) -> ErrorKind {
    let Ending::Refused { error, perhaps: false } = ending else { panic!("{ending:?}") };
    error.kind
}

#[test]
fn a_notice_arrives_byte_for_byte_with_its_key_and_its_header() {
    let site = Site::new(Behaviour::status("204 No Content", ""));
    assert_eq!(site.tell("blocked 203.0.113.7"), Ending::Done(Value::None));
    let requests = site.receiver.requests();
    let [request] = requests.as_slice() else { panic!("{requests:?}") };
    let request = String::from_utf8(request.clone()).expect("UTF-8");
    let (head, body) = request.split_once("\r\n\r\n").expect("a head and a body");
    let key = "07".repeat(32);
    let run = "01".repeat(16);
    let expected = format!(
        r#"{{"notice":"analysts","text":"blocked 203.0.113.7","user":"ann","run":"{run}","key":"{key}"}}"#
    );
    assert_eq!(body, expected);
    let mut lines: Vec<_> = head.lines().collect();
    assert_eq!(lines.remove(0), "POST /hooks/rye?room=soc HTTP/1.1");
    lines.sort_unstable();
    let expected = [
        String::from("accept: */*"),
        String::from("authorization: Bearer 5ecret"),
        format!("content-length: {}", body.len()),
        String::from("content-type: application/json"),
        format!("host: {}", site.receiver.address()),
        format!("idempotency-key: {key}"),
        String::from("user-agent: rye"),
    ];
    assert_eq!(lines, expected);
}

/// Abuse case 12: a text arrives as one line, without anything hidden, as one value.
#[test]
fn field_injection() {
    let site = Site::new(Behaviour::status("200 OK", ""));
    for text in hostile::TEXTS {
        assert_eq!(site.tell(text), Ending::Done(Value::None), "{text:?}");
    }
    let requests = site.receiver.requests();
    assert_eq!(requests.len(), hostile::TEXTS.len());
    for (request, text) in requests.iter().zip(hostile::TEXTS) {
        let request = str::from_utf8(request).expect("UTF-8");
        let (head, body) = request.split_once("\r\n\r\n").expect("a head and a body");
        assert!(!head.to_lowercase().contains("x-evil"), "{head}");
        let body: Json = serde_json::from_str(body).expect("one document");
        assert_eq!(body["text"], visible(text).as_ref(), "{body}");
    }
}

#[test]
fn an_answer_says_what_became_of_it() {
    for (status, kind) in [
        ("401 Unauthorized", ErrorKind::Denied),
        ("403 Forbidden", ErrorKind::Denied),
        ("404 Not Found", ErrorKind::NotFound),
        ("409 Conflict", ErrorKind::Conflict),
        ("400 Bad Request", ErrorKind::Rejected),
        ("413 Content Too Large", ErrorKind::Rejected),
    ] {
        let site = Site::new(Behaviour::status(status, ""));
        assert_eq!(refused(&site.tell("x")), kind, "{status}");
    }
    for status in ["429 Too Many Requests", "503 Service Unavailable"] {
        let ending = Site::new(Behaviour::status(status, "Retry-After: 1\r\n")).tell("x");
        assert!(matches!(ending, Ending::NotSent(_)), "{status}: {ending:?}");
    }
    for status in ["500 Internal Server Error", "502 Bad Gateway", "504 Gateway Timeout"] {
        let ending = Site::new(Behaviour::status(status, "")).tell("x");
        assert!(matches!(ending, Ending::Unknown(_)), "{status}: {ending:?}");
    }
}

#[test]
fn a_redirect_is_not_followed() {
    let authority = Authority::new();
    let elsewhere = Receiver::start(&authority, Behaviour::status("200 OK", ""));
    for status in
        ["301 Moved Permanently", "302 Found", "307 Temporary Redirect", "308 Permanent Redirect"]
    {
        let location = format!("Location: {}\r\n", elsewhere.url("/"));
        let site = Site::new(Behaviour::status(status, &location));
        assert_eq!(refused(&site.tell("x")), ErrorKind::Rejected, "{status}");
        assert_eq!(site.receiver.requests().len(), 1, "{status}");
    }
    assert_eq!(elsewhere.requests(), Vec::<Vec<u8>>::new());
}

#[test]
fn who_is_not_believed_hears_nothing() {
    let receiver = Receiver::start(&Authority::new(), Behaviour::status("200 OK", ""));
    let folder = tempfile::tempdir().expect("a folder can be made");
    let stranger = Authority::new();
    let believes = |destination| {
        let ending = notify(destination).invoke(&request("analysts", "x"));
        assert!(matches!(&ending, Ending::NotSent(text) if text.contains("ca_file")), "{ending:?}");
    };
    believes(destination(&folder, receiver.url("/"), stranger.pem()));
    // The public authorities do not vouch for it either.
    let networks = vec![String::from("127.0.0.1")];
    let public = DestinationConfig { url: Some(receiver.url("/")), networks, ..Default::default() };
    believes(public);
    assert_eq!(receiver.requests(), Vec::<Vec<u8>>::new());
}

#[test]
fn an_address_that_the_site_does_not_allow_is_never_connected_to() {
    let authority = Authority::new();
    let receiver = Receiver::start(&authority, Behaviour::status("200 OK", ""));
    let folder = tempfile::tempdir().expect("a folder can be made");
    let by_name = receiver.url("/").replace("127.0.0.1", "localhost");
    for (url, networks) in
        [(receiver.url("/"), vec![]), (by_name, vec![]), (receiver.url("/"), vec!["10.0.0.0/8"])]
    {
        let networks = networks.into_iter().map(String::from).collect();
        let denied = DestinationConfig { networks, ..destination(&folder, url, authority.pem()) };
        let ending = notify(denied).invoke(&request("analysts", "x"));
        assert_eq!(refused(&ending), ErrorKind::Denied, "{ending:?}");
    }
    assert_eq!(receiver.connections(), 0);
}

#[test]
fn a_name_that_the_certificate_does_not_carry_is_not_believed() {
    let authority = Authority::new();
    let receiver = Receiver::start(&authority, Behaviour::status("200 OK", ""));
    let folder = tempfile::tempdir().expect("a folder can be made");
    let url = receiver.url("/").replace("127.0.0.1", "localhost");
    let ending =
        notify(destination(&folder, url, authority.pem())).invoke(&request("analysts", "x"));
    assert!(matches!(ending, Ending::NotSent(_)), "{ending:?}");
    assert_eq!(receiver.requests(), Vec::<Vec<u8>>::new());
}

#[test]
fn nobody_there_is_not_sent() {
    let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port is free");
    let address = free.local_addr().expect("it has an address");
    drop(free);
    let folder = tempfile::tempdir().expect("a folder can be made");
    let authority = Authority::new();
    let tell = |url| {
        let destination = destination(&folder, url, authority.pem());
        let ending = notify(destination).invoke(&request("analysts", "x"));
        assert!(matches!(ending, Ending::NotSent(_)), "{ending:?}");
    };
    tell(format!("https://{address}/"));
    // Where nobody could be asked for the name.
    as_root(|| Namespace::new("alone").run(|| tell(String::from("https://nobody.invalid/"))));
    let ending = Site::new(Behaviour::Refuse).tell("x");
    assert!(matches!(ending, Ending::NotSent(_)), "before TLS: {ending:?}");
}

#[test]
fn an_end_without_an_answer_is_unknown() {
    let site = Site::new(Behaviour::HangUp);
    let ending = site.tell("x");
    assert!(matches!(ending, Ending::Unknown(_)), "{ending:?}");
    assert_eq!(site.receiver.requests().len(), 1, "not repeated behind our back");
    let ending = Site::new(Behaviour::Answer(b"nonsense\r\n\r\n".to_vec())).tell("x");
    assert!(matches!(ending, Ending::Unknown(_)), "{ending:?}");
}

#[test]
fn time_is_limited_before_and_after_sending() {
    let short = Request { timeout: Duration::from_secs(3), ..request("analysts", "x") };
    let deaf = Site::new(Behaviour::Deaf).notify.invoke(&short);
    assert!(matches!(deaf, Ending::NotSent(_)), "{deaf:?}");
    let silent = Site::new(Behaviour::Silence).notify.invoke(&short);
    assert!(matches!(silent, Ending::Unknown(_)), "{silent:?}");
}

#[test]
fn an_answer_that_never_ends_is_cut() {
    let body = "HTTP/1.1 200 OK\r\n\r\n".to_owned() + &"x".repeat(1 << 16);
    let ending = Site::new(Behaviour::AnswerEndlessly(body.into())).tell("x");
    assert_eq!(ending, Ending::Done(Value::None));
    let head = "HTTP/1.1 200 OK\r\n".to_owned() + &"X-Long: y\r\n".repeat(1 << 12);
    let ending = Site::new(Behaviour::AnswerEndlessly(head.into())).tell("x");
    assert!(matches!(ending, Ending::Unknown(_)), "{ending:?}");
}

#[test]
fn without_a_destination_there_is_nothing_to_find() {
    let site = Site::new(Behaviour::status("200 OK", ""));
    assert_eq!(refused(&site.notify.invoke(&request("oncall", "x"))), ErrorKind::NotFound);
    assert_eq!(
        refused(&site.notify.invoke(&request("https://evil.example", "x"))),
        ErrorKind::Rejected
    );
    assert_eq!(site.receiver.requests(), Vec::<Vec<u8>>::new());
}

#[test]
fn no_secret_is_ever_shown() {
    let authority = Authority::new();
    let folder = tempfile::tempdir().expect("a folder can be made");
    let config =
        destination(&folder, String::from("https://chat.example/T0P5ECRET"), authority.pem());
    let config =
        NotifyConfig { destinations: BTreeMap::from([(String::from("analysts"), config)]) };
    let notify = Notify::new(&config).expect("the config is good");
    let shown = format!("{config:?} {config:#?} {notify:?} {notify:#?}");
    assert!(!shown.contains("5ECRET") && !shown.contains("5ecret"), "{shown}");
}

#[test]
fn a_proxy_of_the_environment_is_not_used() {
    let status = Command::new(std::env::current_exe().expect("this program has a path"))
        .args(["--exact", "a_notice_arrives_byte_for_byte_with_its_key_and_its_header"])
        .envs(["HTTPS_PROXY", "https_proxy", "ALL_PROXY"].map(|name| (name, "http://127.0.0.1:9")))
        .status();
    assert!(status.expect("this program can be started").success());
}
