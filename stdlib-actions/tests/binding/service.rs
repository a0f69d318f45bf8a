//! The same questions to a real HTTPS service.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use rye_core::adapter::{Ending, Request};
use rye_core::error::ErrorKind;
use rye_core::value::Duration;
use rye_stdlib::binding::HttpConfig;
use rye_stdlib::{Bound, Config, ConfigError, HeaderConfig};
use rye_tests::receiver::{Authority, Behaviour, Receiver};
use serde_json::Value as Json;
use tempfile::TempDir;

use crate::site::{self, interface, invoke, request, ticket};

/// A service that does one thing, and a site that believes its authority.
pub(crate) struct Desk {
    receiver: Receiver,
    authority: Authority,
    folder: TempDir,
}

impl Desk {
    pub(crate) fn new(behaviour: Behaviour) -> Self {
        let authority = Authority::new();
        let receiver = Receiver::start(&authority, behaviour);
        Self { receiver, authority, folder: tempfile::tempdir().expect("a folder can be made") }
    }

    /// One that answers with this status and body.
    pub(crate) fn answers(status: &str, body: &str) -> Self {
        let length = body.len();
        let head = format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\n\r\n");
        Self::new(Behaviour::Answer(format!("{head}{body}").into()))
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        fs::write(&path, text).expect("a file can be written");
        fs::set_permissions(&path, Permissions::from_mode(0o600)).expect("rights can be set");
        path
    }

    pub(crate) fn url(&self) -> String {
        self.receiver.url("/rye")
    }

    pub(crate) fn port(&self) -> u16 {
        self.receiver.address().port()
    }

    /// How often somebody connected.
    pub(crate) fn connections(&self) -> usize {
        self.receiver.connections()
    }

    fn bind(&self, networks: &[&str]) -> Result<Bound, ConfigError> {
        self.bind_to(&self.url(), networks)
    }

    /// A site whose service is said to be there.
    pub(crate) fn bind_to(&self, url: &str, networks: &[&str]) -> Result<Bound, ConfigError> {
        let config = HttpConfig {
            interface: self.write("tickets.interface", interface()),
            url: url.to_owned(),
            ca_file: Some(self.write("ca.pem", self.authority.pem())),
            header: Some(HeaderConfig {
                name: String::from("Authorization"),
                value_file: self.write("token", &format!("Bearer {}\n", site::SECRET)),
            }),
            networks: networks.iter().map(|network| (*network).to_owned()).collect(),
        };
        let http = [(String::from("site.tickets"), config)].into();
        Bound::new(&Config { http, ..Config::default() })
    }

    pub(crate) fn ask(&self) -> Ending {
        self.ask_with(&request("a title"))
    }

    fn ask_with(&self, request: &Request) -> Ending {
        invoke(&self.bind(&["127.0.0.1"]).expect("the config is good"), request)
    }
}

fn key() -> String {
    "07".repeat(32)
}

#[test]
fn a_service_hears_what_a_program_hears_and_answers_the_same() {
    let value = r#"{"id":"T-1","title":"a title"}"#;
    let body = format!(r#"{{"protocol":1,"key":"{}","ending":"done","value":{value}}}"#, key());
    let desk = Desk::answers("200 OK", &body);
    assert_eq!(desk.ask(), Ending::Done(ticket("T-1", "a title")));
    let requests = desk.receiver.requests();
    let [request] = requests.as_slice() else { panic!("{requests:?}") };
    let request = String::from_utf8(request.clone()).expect("UTF-8");
    let (head, body) = request.split_once("\r\n\r\n").expect("a head and a body");
    let question: Json = serde_json::from_str(body).expect("JSON");
    assert_eq!(question.get("verb"), Some(&Json::from("site.tickets.open")));
    assert_eq!(question.get("secret"), None);
    for line in [
        format!("idempotency-key: {}", key()),
        format!("authorization: Bearer {}", site::SECRET),
        String::from("content-type: application/json"),
    ] {
        assert!(head.lines().any(|found| found == line), "{line}: {head}");
    }
}

#[test]
fn only_a_whole_answer_under_the_key_counts() {
    let answer = |body: &str| Desk::answers("200 OK", &body.replace("KEY", &key())).ask();
    let rejected = answer(r#"{"protocol":1,"key":"KEY","ending":"done","value":{"id":1}}"#);
    let Ending::Refused { error, perhaps: true } = rejected else { panic!("{rejected:?}") };
    assert!(error.kind == ErrorKind::Rejected && error.text.contains("`.id`"), "{error}");
    for body in ["", "{}", r#"{"protocol":1,"key":"00","ending":"not_sent","text":""}"#] {
        assert!(matches!(answer(body), Ending::Unknown(_)), "{body}");
    }
    let betrayed = format!(
        r#"{{"protocol":1,"key":"KEY","ending":"refused","kind":"denied","text":"bad {}"}}"#,
        site::SECRET
    );
    assert_eq!(answer(&betrayed), Ending::refused(ErrorKind::Denied, "bad (secret)"));
    for behaviour in [
        Behaviour::HangUp,
        Behaviour::Answer(b"nonsense\r\n\r\n".to_vec()),
        Behaviour::Answer(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{}".to_vec()),
        Behaviour::AnswerEndlessly(
            ("HTTP/1.1 200 OK\r\n\r\n".to_owned() + &"x".repeat(1 << 16)).into(),
        ),
    ] {
        let ending = Desk::new(behaviour.clone()).ask();
        assert!(matches!(ending, Ending::Unknown(_)), "{ending:?}");
    }
    let short = Request { timeout: Duration::from_secs(2), ..request("a title") };
    let silent = Desk::new(Behaviour::Silence).ask_with(&short);
    assert!(matches!(silent, Ending::Unknown(_)), "{silent:?}");
}

#[test]
fn a_status_says_what_it_says_and_no_redirect_is_followed() {
    let elsewhere = Desk::answers("200 OK", "{}");
    let location = format!("Location: {}\r\n", elsewhere.receiver.url("/"));
    let moved = Desk::new(Behaviour::status("307 Temporary Redirect", &location)).ask();
    assert!(matches!(moved, Ending::Refused { perhaps: false, .. }), "{moved:?}");
    assert_eq!(elsewhere.receiver.connections(), 0);
    let busy = Desk::answers("429 Too Many Requests", "").ask();
    assert!(matches!(busy, Ending::NotSent(_)), "{busy:?}");
    for status in ["503 Service Unavailable", "500 Internal Server Error", "204 No Content"] {
        let ending = Desk::answers(status, "").ask();
        assert!(matches!(ending, Ending::Unknown(_)), "{status}: {ending:?}");
    }
    let early = Desk::new(Behaviour::Refuse).ask();
    assert!(matches!(early, Ending::NotSent(_)), "before TLS: {early:?}");
}

#[test]
fn a_service_at_an_address_that_the_site_does_not_allow_is_never_connected_to() {
    let desk = Desk::answers("200 OK", "{}");
    for networks in [&[][..], &["10.0.0.0/8"]] {
        let bound = desk.bind(networks).expect("the config is good");
        let ending = invoke(&bound, &request("a title"));
        let Ending::Refused { error, perhaps: false } = ending else { panic!("{ending:?}") };
        assert_eq!(error.kind, ErrorKind::Denied);
    }
    assert_eq!(desk.receiver.connections(), 0);
    let error = desk.bind(&["10.0.0.1/8"]).expect_err("bits behind the prefix");
    assert_eq!(error.option, "http.\"site.tickets\".networks");
}
