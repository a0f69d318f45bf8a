use rye_compiler::{Source, check};
use serde_json::Value as Json;

use super::*;

/// Every kind of type and of clause.
const TICKETS: &str = r#"
use std.firewall

/// How soon somebody must look at it.
enum Priority { low, high(Int), else }

/// A ticket as it stands.
type Ticket { id: Text by: Account? seen: List<Ip> max 3 notes: Map<Text, Bytes> max 2 }

asset Queue = Text exact
asset Desk = Name

action open(queue: Queue, title: Text max 200, priority: Priority) -> Ticket
    affects queue
    proof is_open(queue: queue)
    undo close(queue: queue)
    simulated Ticket(id: "", by: none, seen: [], notes: [])
    timeout 10s
    idempotent
    retry 4 backoff 1s

action close(queue: Queue)
    affects queue
    undo none "it can be opened again"
    timeout 5s

action burn(desk: Desk)
    affects desk
    irreversible
    timeout 60s

query is_open(queue: Queue) -> Bool
    timeout 5s

query all(since: Time) -> List<Ticket> max 50
    first 10
    timeout 5s

notice page(text: Text) to others
"#;

fn interface() -> Interface {
    let tickets = Source { module: "site.tickets", path: "tickets.rye", text: TICKETS };
    let standard =
        crate::INTERFACES.iter().map(|(module, text)| Source { module, path: module, text });
    let interfaces: Vec<Source<'_>> = standard.chain([tickets]).collect();
    let all = Source { module: "all", path: "all.rye", text: "use site.tickets" };
    let checked = check(&[all], &interfaces);
    let package = checked.package.unwrap_or_else(|| panic!("{:#?}", checked.diagnostics));
    let interface = Interface::new("site.tickets", &package.actions, &package.types);
    for action in package.actions.iter().filter(|action| action.name.starts_with("site.")) {
        let own = interface.verb(&action.name).unwrap();
        let digests = [own.schema_digest(interface.types()), action.schema_digest(&package.types)];
        assert_eq!(digests[0], digests[1], "{}", action.name);
    }
    interface
}

#[test]
fn what_is_written_is_read_again_and_declares_the_same() {
    let interface = interface();
    let text = interface.to_text();
    assert_eq!(Interface::parse(text.as_bytes()), Ok(interface.clone()), "{text}");
    let names: Vec<_> = interface.verbs().map(|verb| verb.name.to_string()).collect();
    let expected = ["all", "burn", "close", "is_open", "open", "page"];
    assert_eq!(names, expected.map(|name| format!("site.tickets.{name}")));
    assert!(text.lines().all(|line| line.len() < 500), "{text}");
}

#[test]
fn what_was_changed_by_hand_is_seen() {
    let text = interface().to_text();
    let broken = |from: &str, to: &str| {
        assert!(text.contains(from), "{from}: {text}");
        Interface::parse(text.replacen(from, to, 1).as_bytes()).unwrap_err().to_string()
    };
    for (from, to, said) in [
        ("\"interface\": 1", "\"interface\": 2", "expected version 1"),
        ("\"site.tickets\"", "\"std.tickets\"", "Rye's own"),
        ("\"site.tickets\"", "\"site..tickets\"", "no module's name"),
        ("{\"text\":{\"max\":200}}", "{\"text\":{\"max\":201}}", "has the digest"),
        ("\"idempotent\":true", "\"idempotent\":false", "has the digest"),
        ("\"timeout_micros\":10000000", "\"timeout_micros\":1", "has the digest"),
        ("{\"plain\":\"Bool\"}", "{\"plain\":\"Watch\"}", "unknown kind"),
        ("{\"plain\":\"Bool\"}", "{\"plain\":\"Boole\"}", "unknown kind"),
        ("{\"plain\":\"Bool\"}", "{\"optional\":{\"inner\":60}}", "refers to a later one"),
        ("\"verb\":\"query\"", "\"verb\":\"quest\"", "no kind of verb"),
        ("\"name\":\"close\"", "\"name\":\"burn\"", "has the digest"),
        ("\"result\":", "\"results\":", "unknown field"),
        ("\"types\": [", "\"types\": [[", "expected value at line 4"),
    ] {
        let error = broken(from, to);
        assert!(error.contains(said), "{to}: {error}");
    }
}

#[test]
fn no_change_of_a_number_in_it_goes_unseen() {
    let interface = interface();
    let json: Json = serde_json::from_str(&interface.to_text()).unwrap();
    let verbs = json.pointer("/verbs").and_then(Json::as_array).unwrap().len();
    for verb in 0..verbs {
        for field in ["result", "attempts", "backoff_micros", "timeout_micros", "first"] {
            let mut json = json.clone();
            let place = json.pointer_mut(&format!("/verbs/{verb}/{field}")).unwrap();
            *place = Json::from(place.as_i64().unwrap_or(0) ^ 1);
            let parsed = Interface::parse(json.to_string().as_bytes());
            assert!(parsed.is_err(), "{verb} {field}");
        }
    }
}
