use proptest::prelude::*;
use rye_core::action::{Audience, Parameter, Retry, Undo};
use rye_core::effect::Call;
use rye_core::id::{IdempotencyKey, RunId};
use rye_core::impact::Impact;
use rye_core::ty::Field;
use rye_core::value::{Duration, Name};

use super::*;

fn types() -> TypeTable {
    let field = |name: &str, ty| Field { name: Name::from(name), ty: TypeId(ty) };
    TypeTable::new(vec![
        Type::Unit,
        Type::Text { max: 64 },
        Type::Int,
        Type::Record { name: Name::from("Ticket"), fields: vec![field("id", 2), field("by", 1)] },
        Type::List { element: TypeId(2), max: 3 },
    ])
}

fn signature(verb: Verb, result: u16, first: Option<u32>) -> ActionSignature {
    ActionSignature {
        name: Name::from("site.tickets.open"),
        verb,
        parameters: vec![Parameter { name: Name::from("title"), ty: TypeId(1) }],
        result: TypeId(result),
        affects: Vec::new(),
        undo: Undo::None(Name::from("")),
        proved: false,
        idempotent: false,
        timeout: Duration::from_secs(10),
        retry: Retry::ONCE,
        impact: Impact::Reversible,
        first,
        audience: Audience::Responders,
    }
}

fn request(title: &str) -> Request {
    let arguments = [(Name::from("title"), Value::text(title))];
    Request {
        call: Call { action: Name::from("site.tickets.open"), arguments: arguments.into() },
        key: IdempotencyKey([7; 32]),
        undoes: None,
        run: RunId([1; 16]),
        attempt: 2,
        timeout: Duration::from_secs(10),
    }
}

fn asked(request: &Request, verb: &ActionSignature, answer: &str) -> Ending {
    let answer = answer.replace("KEY", &request.key.to_string());
    Question::new(verb, &types(), request).ending(answer.as_bytes(), Some("Bearer s3cret-t0ken"))
}

fn ending(answer: &str) -> Ending {
    asked(&request("x"), &signature(Verb::Action, 3, None), answer)
}

#[test]
fn a_question_says_all_that_an_adapter_needs() {
    let verb = signature(Verb::Action, 3, None);
    let types = types();
    let request = Request { undoes: Some(IdempotencyKey([9; 32])), ..request("a \"b\"\n") };
    let question = Question::new(&verb, &types, &request);
    let expected = format!(
        r#"{{"protocol":1,"verb":"site.tickets.open","schema":"{}","arguments":{{"title":"a \"b\"\n"}},"key":"{}","undoes":"{}","run":"{}","attempt":2,"timeout_micros":10000000,"secret":"s"}}"#,
        verb.schema_digest(&types),
        "07".repeat(32),
        "09".repeat(32),
        "01".repeat(16),
    );
    assert_eq!(core::str::from_utf8(&question.to_json(Some("s"))), Ok(expected.as_str()));
}

#[test]
fn every_ending_can_be_said() {
    let ticket =
        r#"{"protocol":1,"key":"KEY","ending":"done","value":{"id":3,"by":"ann","more":1}}"#;
    let fields = [(Name::from("id"), Value::Int(3)), (Name::from("by"), Value::text("ann"))];
    let value = Value::Record { name: Name::from("Ticket"), fields: fields.into() };
    assert_eq!(ending(ticket), Ending::Done(value.clone()));
    assert_eq!(ending(&ticket.replace("done", "already_so")), Ending::AlreadySo(value));
    let refused =
        r#"{"protocol":1,"key":"KEY","ending":"refused","kind":"conflict","text":"no\u001b"}"#;
    let error = Error::new(ErrorKind::Conflict, "no\\u{1b}");
    assert_eq!(ending(refused), Ending::Refused { error: error.clone(), perhaps: false });
    let perhaps = refused.replace("\"kind\"", "\"perhaps\":true,\"kind\"");
    assert_eq!(ending(&perhaps), Ending::Refused { error, perhaps: true });
    let not_sent = r#"{"protocol":1,"key":"KEY","ending":"not_sent","text":"busy"}"#;
    assert_eq!(ending(not_sent), Ending::NotSent("busy".into()));
    let nothing = asked(
        &request("x"),
        &signature(Verb::Action, 0, None),
        r#"{"protocol":1,"key":"KEY","ending":"done"}"#,
    );
    assert_eq!(nothing, Ending::Done(Value::None));
}

#[test]
fn what_makes_no_sense_is_an_end_that_nobody_knows() {
    for answer in [
        "",
        "{}",
        "null",
        r#"{"protocol":1,"key":"KEY","ending":"done","value":{"id":1,"id":2,"by":"a"}}"#,
        r#"{"protocol":1,"key":"KEY","ending":"done","ending":"refused","value":null}"#,
        r#"{"protocol":2,"key":"KEY","ending":"not_sent","text":""}"#,
        r#"{"protocol":1,"key":"0707","ending":"not_sent","text":""}"#,
        r#"{"protocol":1,"ending":"not_sent","text":""}"#,
        r#"{"protocol":1,"key":"KEY","ending":"undone"}"#,
        r#"{"protocol":1,"key":"KEY","ending":"refused","text":"no"}"#,
        r#"{"protocol":1,"key":"KEY","ending":"refused","kind":"guardrail","text":"no"}"#,
        r#"{"protocol":1,"key":"KEY","ending":"not_sent","text":"\ud800"}"#,
        r#"{"protocol":1,"key":"KEY","ending":"not_sent"} {}"#,
    ] {
        assert!(matches!(ending(answer), Ending::Unknown(_)), "{answer}: {:?}", ending(answer));
    }
}

#[test]
fn a_value_of_another_type_is_rejected_with_its_path_and_may_have_been_done() {
    let answer = r#"{"protocol":1,"key":"KEY","ending":"done","value":{"id":"3","by":"ann"}}"#;
    let text = "the adapter's answer does not fit: `.id`: expected an integer of 64 bits, found another text";
    let error = Error::new(ErrorKind::Rejected, text);
    for (verb, perhaps) in [(Verb::Action, true), (Verb::Query, false)] {
        let found = asked(&request("x"), &signature(verb, 3, None), answer);
        assert_eq!(found, Ending::Refused { error: error.clone(), perhaps });
    }
    // Nobody reads what an undo or a notice answers.
    let undo = Request { undoes: Some(IdempotencyKey([9; 32])), ..request("x") };
    assert_eq!(asked(&undo, &signature(Verb::Action, 3, None), answer), Ending::Done(Value::None));
    let notice = asked(&request("x"), &signature(Verb::Notice, 0, None), answer);
    assert_eq!(notice, Ending::Done(Value::None));
}

#[test]
fn a_list_that_the_caller_cuts_may_be_long() {
    let answer = r#"{"protocol":1,"key":"KEY","ending":"done","value":[1,2,3,4,5]}"#;
    let cut = asked(&request("x"), &signature(Verb::Query, 4, Some(2)), answer);
    assert_eq!(cut, Ending::Done(Value::list((1..=5).map(Value::Int))));
    let refused = asked(&request("x"), &signature(Verb::Query, 4, None), answer);
    assert!(matches!(refused, Ending::Refused { perhaps: false, .. }), "{refused:?}");
}

#[test]
fn no_secret_comes_back_and_no_text_is_long() {
    for said in ["Bearer s3cret-t0ken", "token s3cret-t0ken", "s3cret-t0kens3cret-t0ken"] {
        let answer = format!(
            r#"{{"protocol":1,"key":"KEY","ending":"refused","kind":"denied","text":"bad {said}"}}"#
        );
        let Ending::Refused { error, .. } = ending(&answer) else { panic!("{said}") };
        assert!(!error.text.contains("s3cret") && error.text.contains("(secret)"), "{error}");
    }
    for (cut, expected) in [("bad s3cret-t0k", "bad (secret)"), ("bad s3cret-", "bad s3cret-")] {
        assert_eq!(cleaned(cut, Some("s3cret-t0ken")), expected, "what was cut off");
    }
    let long = "é\\n".repeat(ADAPTER_TEXT_BYTES_MAX);
    let answer = format!(r#"{{"protocol":1,"key":"KEY","ending":"not_sent","text":"{long}"}}"#);
    let Ending::NotSent(text) = ending(&answer) else { panic!() };
    assert!(text.len() <= ADAPTER_TEXT_BYTES_MAX && !text.contains('\n'), "{}", text.len());
}

proptest! {
    #[test]
    fn no_answer_at_all_is_a_surprise(answer in ".{0,80}", bytes in any::<Vec<u8>>()) {
        let verb = signature(Verb::Action, 3, None);
        let (types, request) = (types(), request("x"));
        let question = Question::new(&verb, &types, &request);
        for answer in [answer.as_bytes(), bytes.as_slice()] {
            prop_assert!(matches!(question.ending(answer, None), Ending::Unknown(_)));
        }
    }

    #[test]
    fn any_text_arrives_as_it_is(title in "\\PC{0,40}|[\\x00-\\x1f\u{202e}\"\\\\]{0,8}") {
        let verb = signature(Verb::Action, 3, None);
        let (types, request) = (types(), request(&title));
        let question = Question::new(&verb, &types, &request).to_json(None);
        let read: Json = serde_json::from_slice(&question).unwrap();
        prop_assert_eq!(&read["arguments"]["title"], &Json::from(title));
    }
}
