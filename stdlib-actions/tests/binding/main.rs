//! The contract of a site's own adapters, against real programs and a real HTTPS
//! service: what they are told, and what each way to answer, or not to, is taken for.

#![expect(clippy::expect_used, clippy::panic, reason = "a broken expectation fails the test")]

mod service;
mod site;
mod ssrf;

use std::fs;
use std::path::Path;

use rye_core::adapter::{Ending, Request};
use rye_core::error::ErrorKind;
use rye_core::id::IdempotencyKey;
use rye_core::value::{Duration, Value};
use rye_tests::hostile;
use serde_json::Value as Json;

use site::{Site, request, ticket, ticket_id};

fn is_unknown(behaviour: &str) {
    let ending = Site::new().ask(behaviour);
    assert!(matches!(ending, Ending::Unknown(_)), "{behaviour}: {ending:?}");
}

#[test]
fn every_ending_that_a_program_says_is_the_ending() {
    let site = Site::new();
    assert_eq!(site.ask("does it"), Ending::Done(ticket("T-1", "a title")));
    assert_eq!(site.ask("already so"), Ending::AlreadySo(ticket("T-0", "")));
    assert_eq!(site.ask("refuses"), Ending::refused(ErrorKind::Conflict, "it is closed"));
    let Ending::Refused { error, perhaps: true } = site.ask("refuses half-way") else { panic!() };
    assert_eq!((error.kind, &*error.text), (ErrorKind::Denied, "no\\nmore"));
    assert_eq!(site.ask("did not send"), Ending::NotSent("the desk is closed".into()));
}

/// Abuse case 20.
#[test]
fn lying_or_hanging_adapter() {
    for behaviour in [
        "dies unasked",
        "leaves the question",
        "dies",
        "dies after the answer",
        "is killed",
        "floods",
        "no UTF-8",
        "half an answer",
        "two answers",
        "no length",
        "another key",
    ] {
        is_unknown(behaviour);
    }
}

#[test]
fn time_is_limited_and_whatever_a_program_started_ends_with_it() {
    let site = Site::new();
    let short = Request { timeout: Duration::from_secs(2), ..request("a title") };
    for behaviour in ["hangs", "hangs after the answer", "hides somebody"] {
        let ending = site.ask_with(behaviour, &short);
        assert!(matches!(ending, Ending::Unknown(_)), "{behaviour}: {ending:?}");
    }
    let left = site.ask("leaves somebody behind");
    assert_eq!(left, Ending::Done(ticket("T-1", "a title")), "it does not wait for him");
}

#[test]
fn a_program_that_does_not_run_was_not_asked() {
    let site = Site::new();
    for text in ["#!/nowhere/python\n", "no program at all"] {
        let ending = site.ask_program(text);
        assert!(matches!(ending, Ending::NotSent(_)), "{text}: {ending:?}");
    }
}

#[test]
fn a_program_that_others_may_change_is_not_started() {
    let site = Site::new();
    let program = site.write("program", "#!/bin/true\n", 0o755);
    let bound = site.bind_with("program", &program).expect("it is guarded");
    site.write("program", "#!/bin/true\n", 0o757);
    let ending = site::invoke(&bound, &request("a title"));
    let Ending::NotSent(text) = ending else { panic!("{ending:?}") };
    assert!(text.contains("others may change"), "{text}");
    let error = site.bind_with("program", &program).expect_err("it is not guarded");
    assert_eq!(error.option, "process.\"site.tickets\".program");
}

#[test]
fn what_does_not_fit_is_rejected_with_its_path_and_never_trusted() {
    let site = Site::new();
    for (behaviour, path) in [("another type", "`.id`"), ("a long text", "`.title`")] {
        let Ending::Refused { error, perhaps: true } = site.ask(behaviour) else { panic!() };
        assert_eq!(error.kind, ErrorKind::Rejected);
        assert!(error.text.contains(path), "{error}");
    }
    let wrong = Request { call: site::call("open", &[("title", Value::Int(1))]), ..request("x") };
    let Ending::Refused { error, perhaps: false } = site.ask_with("records", &wrong) else {
        panic!()
    };
    assert!(error.text.contains("`title` does not fit"), "{error}");
    let missing = Request { call: site::call("open", &[]), ..request("x") };
    assert!(matches!(site.ask_with("records", &missing), Ending::Refused { perhaps: false, .. }));
    let unknown = Request { call: site::call("burn", &[]), ..request("x") };
    assert!(matches!(site.ask_with("records", &unknown), Ending::Refused { perhaps: false, .. }));
    assert_eq!(site.record(), Vec::<Json>::new(), "nobody was asked");
}

#[test]
fn a_program_sees_nothing_of_ours_but_the_question_and_its_arguments() {
    let seen = Site::new().ask("tells its surroundings");
    let Ending::Done(value) = seen else { panic!("{seen:?}") };
    let seen: Json = serde_json::from_str(&ticket_id(&value)).expect("JSON");
    let environment = seen.get(0).and_then(Json::as_object).expect("the environment");
    // Python itself sets this one where there is no other.
    let names: Vec<_> = environment.keys().filter(|name| *name != "LC_CTYPE").collect();
    assert!(names.is_empty(), "{names:?}");
    assert_eq!(seen.get(1), Some(&Json::from("/")));
}

#[test]
fn the_same_effect_has_the_same_key_and_an_undo_names_its_act() {
    let site = Site::new();
    let act = request("a title");
    site.ask_with("records", &act);
    site.ask_with("records", &Request { attempt: 2, ..act.clone() });
    let key = IdempotencyKey([8; 32]);
    let call = site::call("close", &[("title", Value::text("a title"))]);
    site.ask_with("records", &Request { call, key, undoes: Some(act.key), attempt: 1, ..act });
    let record = site.record();
    let member = |index: usize, name: &str| record[index][name].clone();
    assert_eq!(record.len(), 3);
    assert_eq!(member(0, "key"), member(1, "key"));
    assert_eq!((member(0, "attempt"), member(1, "attempt")), (Json::from(1), Json::from(2)));
    assert_eq!((member(0, "undoes"), member(2, "undoes")), (Json::Null, member(0, "key")));
    assert_ne!(member(2, "key"), member(0, "key"));
    assert_eq!(member(2, "verb"), Json::from("site.tickets.close"));
    assert_eq!(member(0, "schema").as_str().map(str::len), Some(64));
    assert_eq!(member(0, "timeout_micros"), Json::from(30_000_000));
}

/// Abuse case 12.
#[test]
fn field_injection() {
    let site = Site::new();
    let long = "A".repeat(4096);
    for text in hostile::TEXTS.iter().copied().chain([long.as_str()]) {
        let ending = site.ask_with("records", &request(text));
        assert_eq!(ending, Ending::Done(ticket("T-1", text)), "{text:?}");
        let record = site.record();
        let last = record.last().expect("it was asked");
        assert_eq!(last["arguments"], serde_json::json!({ "title": text }));
    }
    let longer = site.ask_with("records", &request(&"A".repeat(4097)));
    assert!(matches!(longer, Ending::Refused { perhaps: false, .. }), "{longer:?}");
}

#[test]
fn complaints_do_not_disturb_and_a_secret_is_never_said_again() {
    let site = Site::new();
    assert_eq!(site.ask("floods its complaints"), Ending::Done(ticket("T-1", "a title")));
    let (ending, log) = site.ask_and_listen("betrays");
    let Ending::Refused { error, .. } = ending else { panic!("{ending:?}") };
    assert_eq!(&*error.text, "bad token (secret)");
    assert!(log.contains("the token is (secret) \\u{1b}[31m"), "{log}");
    assert!(!log.contains(site::SECRET) && !log.contains('\u{1b}'), "{log}");
}

/// Abuse case 20: the secret is in what it answers, or cut in what it complains of.
#[test]
fn lying_or_hanging_adapter_that_betrays_its_secret() {
    let site = Site::new();
    let (ending, log) = site.ask_and_listen("answers its secret");
    let Ending::Refused { error, perhaps: true } = ending else { panic!("{ending:?}") };
    assert_eq!((error.kind, log.as_str()), (ErrorKind::Rejected, ""), "{error}");
    let most = |length: usize| site::SECRET.get(..length).expect("it is ASCII");
    assert!(!error.text.contains(most(8)), "{error}");
    let (ending, log) = site.ask_and_listen("betrays where it is cut");
    let Ending::Unknown(text) = ending else { panic!("{ending:?}") };
    assert!(text.ends_with("x(secret)"), "{text}");
    assert!(!text.contains(most(8)) && !log.contains(most(8)), "{text} {log}");
}

#[test]
fn what_a_site_file_says_wrong_is_told() {
    let site = Site::new();
    let file = |name: &str, text: &str| site.write(name, text, 0o600);
    let interface = fs::read_to_string(site.interface()).expect("it is there");
    let other = file("other.interface", &site::interface_of("site.desk"));
    let broken = file("broken.interface", &interface.replace("\"attempts\":1", "\"attempts\":2"));
    let empty = file("empty", "\n");
    let bound = |name: &str, path: &Path| site.bind_with(name, path).map(drop);
    for (option, path, problem) in [
        ("interface", other.as_path(), "declares `site.desk`, not `site.tickets`"),
        ("interface", &broken, "has the digest"),
        ("interface", Path::new("relative"), "not an absolute path"),
        ("interface", Path::new("/nowhere"), "can't be used"),
        ("program", Path::new("adapter.py"), "not an absolute path"),
        ("program", Path::new("/nowhere"), "can't be used"),
        ("secret_file", &empty, "holds no text"),
    ] {
        let error = bound(option, path).expect_err("it makes no sense");
        assert_eq!(error.option, format!("process.\"site.tickets\".{option}"));
        assert!(error.problem.contains(problem), "{error}");
        assert!(!error.help.is_empty());
    }
}
