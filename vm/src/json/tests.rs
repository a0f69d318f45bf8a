//! Input: what is refused and in which words; and, for random values of every
//! type, three ways to the same thing: JSON written by another library, values
//! imported, and what is printed.

use proptest::prelude::*;
use rye_bytecode::instruction::operand::Function;
use rye_core::value::{Duration, Finite, Hash, Name, Time, Value, json, net};

use super::scan::Scanner;
use crate::testing::*;
use crate::{Arguments, Evaluator, InputError, Stack};

/// What a parameter `a` of the type becomes.
fn read(ty: &str, input: &[u8]) -> Result<Value, InputError> {
    let program = program(&format!("function f \"f\" pure (a: {ty}) -> {ty} {{ return a }}"));
    let mut evaluator = Evaluator::new(program, 1 << 30, 1 << 24);
    let mut arguments = Arguments::default();
    evaluator.load_json(Function(0), &[Name::from("a")], input, &mut arguments)?;
    let computed = evaluator.call(Function(0), &arguments, &mut Stack::new()).expect("it returns");
    Ok(evaluator.value(computed).expect("computed here"))
}

fn refused(ty: &str, value: &str) -> String {
    let input = format!("{{\"a\": {value}}}");
    read(ty, input.as_bytes()).expect_err(value).to_string()
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table of one line per case")]
fn every_misfit_says_where_what_and_instead_of_what() {
    let cases = [
        (
            "int",
            "1.0",
            "`a`: expected an integer of 64 bits, found the number 1.0 (line 1, column 7)",
        ),
        (
            "int",
            "1e3",
            "`a`: expected an integer of 64 bits, found the number 1e3 (line 1, column 7)",
        ),
        (
            "int",
            "9223372036854775808",
            "`a`: expected an integer of 64 bits, found the number 9223372036854775808 (line 1, column 7)",
        ),
        ("int", "null", "`a`: expected an integer of 64 bits, found null (line 1, column 7)"),
        (
            "int",
            "\"1\"",
            "`a`: expected an integer of 64 bits, found the text \"1\" (line 1, column 7)",
        ),
        (
            "int",
            "01",
            "`a`: expected an integer of 64 bits, found the number 01 (line 1, column 7)",
        ),
        ("float", "1e999", "`a`: expected a number, found the number 1e999 (line 1, column 7)"),
        ("float", "NaN", "`a`: expected a number, found NaN (line 1, column 7)"),
        (
            "port",
            "65536",
            "`a`: expected a port (0 to 65535), found the number 65536 (line 1, column 7)",
        ),
        ("bool", "1", "`a`: expected true or false, found the number 1 (line 1, column 7)"),
        (
            "text",
            "[]",
            "`a`: expected a text of at most 65536 bytes, found a list (line 1, column 7)",
        ),
        (
            "time",
            "\"2026-01-01\"",
            "`a`: expected a time such as \"2026-03-01T09:30:00Z\", found the text \"2026-01-01\" (line 1, column 7)",
        ),
        (
            "duration",
            "\"15\"",
            "`a`: expected a duration such as \"15m\", found the text \"15\" (line 1, column 7)",
        ),
        (
            "ip",
            "\"10.0.0.1/8\"",
            "`a`: expected an address such as \"203.0.113.7\", found the text \"10.0.0.1/8\" (line 1, column 7)",
        ),
        (
            "cidr",
            "\"10.0.0.1/8\"",
            "`a`: expected a block such as \"10.0.0.0/8\" without bits behind its prefix, found the text \"10.0.0.1/8\" (line 1, column 7)",
        ),
        (
            "host",
            "\"a b\"",
            "`a`: expected the name of a Host, such as \"dc1.example.org\", found the text \"a b\" (line 1, column 7)",
        ),
        (
            "account",
            "\" \"",
            "`a`: expected a text that names a Account, found the text \" \" (line 1, column 7)",
        ),
        (
            "bytes",
            "\"ab\"",
            "`a`: expected at most 65536 bytes as a text in base64, found another text (line 1, column 7)",
        ),
        (
            "kind",
            "7",
            "`a`: expected one of Kind: \"user\", {\"service\": […]}, \"else\", found the number 7 (line 1, column 7)",
        ),
        (
            "kind",
            "\"service\"",
            "`a`: expected one of Kind: \"user\", {\"service\": […]}, \"else\", found the text \"service\" (line 1, column 7)",
        ),
        (
            "kind",
            "{\"service\": [\"x\"]}",
            "`a`: expected `,` and another value, found `]` (line 1, column 23)",
        ),
        (
            "kind",
            "{\"service\": [\"x\", 1, 2]}",
            "`a`: expected a list of 2 values, found `,` (line 1, column 26)",
        ),
        (
            "kind",
            "{\"service\": [\"x\", \"y\"]}",
            "`a.service[1]`: expected an integer of 64 bits, found the text \"y\" (line 1, column 25)",
        ),
        (
            "three",
            "[1, 2, 3, 4]",
            "`a`: expected a list of at most 3 elements, found more (line 1, column 7)",
        ),
        (
            "three",
            "[1, true]",
            "`a[1]`: expected an integer of 64 bits, found true (line 1, column 11)",
        ),
        ("three", "[1 2]", "`a`: expected `,` or `]`, found the number 2 (line 1, column 10)"),
        ("three", "[1,]", "`a[1]`: expected an integer of 64 bits, found `]` (line 1, column 10)"),
        (
            "three",
            "{}",
            "`a`: expected a list of at most 3 elements, found an object (line 1, column 7)",
        ),
        (
            "tally",
            "{\"x\": 1, \"x\": 2}",
            "`a`: expected each key once, found one of them twice (line 1, column 7)",
        ),
        (
            "tally",
            "{\"x\": null}",
            "`a.x`: expected an integer of 64 bits, found null (line 1, column 13)",
        ),
        (
            "ip_tally",
            "{\"x\": 1}",
            "`a`: expected a key: an address such as \"203.0.113.7\", found `x` (line 1, column 8)",
        ),
        ("login", "[]", "`a`: expected an object, found a list (line 1, column 7)"),
        (
            "login",
            "{\"user\": \"ann\", \"from\": \"::1\"}",
            "`a.tags`: expected a list of at most 1000 elements, found no such member (line 1, column 7)",
        ),
        (
            "login",
            "{\"user\": \"ann\", \"form\": \"::1\", \"tags\": []}",
            "`a.from`: expected an address such as \"203.0.113.7\", found no such member (line 1, column 7); there is a member `form`: rename it to `from`",
        ),
        (
            "login",
            "{\"user\": \"ann\", \"from\": \"::1\", \"tags\": [], \"user\": \"bob\"}",
            "`a.user`: expected each member once, found it a second time (line 1, column 50)",
        ),
        (
            "login",
            "{\"user\": \"ann\", \"from\": \"::1\", \"tags\": [1]}",
            "`a.tags[0]`: expected a text of at most 65536 bytes, found the number 1 (line 1, column 47)",
        ),
        (
            "login",
            "{\"x\": [1, {\"y\": tru}]}",
            "`a.x`: expected a value, found tru (line 1, column 23)",
        ),
        ("login", "{\"x\": 1.}", "`a.x`: expected a number, found `\"1.\"` (line 1, column 13)"),
        (
            "text",
            "\"\\x\"",
            "`a`: expected an escape of JSON, found another one (line 1, column 8)",
        ),
        (
            "text",
            "\"\\ud800\"",
            "`a`: expected an escape of JSON, found half a character (line 1, column 8)",
        ),
        (
            "text",
            "\"\\udc00\\ud800\"",
            "`a`: expected an escape of JSON, found half a character (line 1, column 8)",
        ),
        (
            "text",
            "\"\\u12\"",
            "`a`: expected an escape of JSON, found half a character (line 1, column 8)",
        ),
        (
            "text",
            "\"a\nb\"",
            "`a`: expected no control character in a text (`\\n` stands for a new line), found one (line 1, column 9)",
        ),
        ("text", "\"a", "`a`: expected a text with an end, found none (line 1, column 7)"),
    ];
    for (ty, value, expected) in cases {
        assert_eq!(refused(ty, value), expected, "{ty} {value}");
    }
}

#[test]
fn the_input_as_a_whole_is_one_object() {
    let cases: [(&[u8], &str); 8] = [
        (b"", "expected an object, found the end of the input (line 1, column 1)"),
        (b" []", "expected an object, found a list (line 1, column 2)"),
        (
            b"{\"a\": 1}\n}",
            "expected nothing behind the input's object, found `}` (line 2, column 1)",
        ),
        (b"{\"a\": 1", "expected `,` or `}`, found the end of the input (line 1, column 8)"),
        (b"{a: 1}", "expected the name of a member in quotes, found a (line 1, column 2)"),
        (b"{\"a\" 1}", "expected `:`, found the number 1 (line 1, column 6)"),
        (b"{}", "`a`: expected an integer of 64 bits, found no such member (line 1, column 1)"),
        (b"{\"a\": \"\xff\"}", "expected UTF-8, found other bytes (line 1, column 8)"),
    ];
    for (input, expected) in cases {
        assert_eq!(read("int", input).expect_err("wrong").to_string(), expected);
    }
    let long = vec![b' '; rye_core::limit::INPUT_BYTES_MAX + 1];
    let error = read("int", &long).expect_err("too long").to_string();
    assert_eq!(error, "expected an input of at most 262144 bytes, found 262145");
}

#[test]
fn what_is_not_asked_for_is_passed_over() {
    const LOGIN: &str = r#""user": "ann", "from": "192.0.2.1", "tags": []"#;
    let login = |before: &str| read("login", format!("{{\"a\": {{{before}{LOGIN}}}}}").as_bytes());
    let plain = login("");
    assert!(plain.is_ok());
    let odd = r#" "x" : [ {} , [ ] , { "y" : [ -1.5e+3 , "\u00e9\"" , null ] } ] , "x" : false , "#;
    assert_eq!(login(odd), plain);
    let nested = |depth: usize| format!("\"x\": {}{}, ", "[".repeat(depth), "]".repeat(depth));
    assert_eq!(login(&nested(128)), plain);
    let error = login(&nested(129)).expect_err("too deep").to_string();
    assert_eq!(
        error,
        "`a.x`: expected at most 128 levels of nesting, found more (line 1, column 141)"
    );
    assert!(login(&format!("\"x\": {}", "[{\"x\":".repeat(30_000))).is_err());
}

#[test]
fn a_parameter_that_the_playbook_does_not_have_is_refused() {
    let error = read("int_opt", b"{\"aa\": 1}").expect_err("unwanted").to_string();
    assert_eq!(
        error,
        "`aa`: expected one of the playbook's parameters, `a`, found another member \
         (line 1, column 2)"
    );
    let program = program("function f \"f\" pure (a: int_opt) -> int_opt { return a }");
    let mut evaluator = Evaluator::new(program, 1 << 30, 1 << 24);
    let names = [Name::from("address")];
    let error = evaluator
        .load_json(Function(0), &names, b"{\"adress\": 1}", &mut Arguments::default())
        .expect_err("misspelt");
    assert_eq!(error.help.as_deref(), Some("did you mean `address`?"));
}

#[test]
fn what_may_be_absent_may_be_null() {
    for input in ["{}", "{\"a\": null}"] {
        assert_eq!(read("int_opt", input.as_bytes()), Ok(Value::None), "{input}");
    }
    assert_eq!(read("int_opt", b"{\"a\": 0}"), Ok(int(0)));
}

#[test]
fn canonical_forms_are_made_on_entry() {
    let cases = [
        ("ip", "\"::ffff:10.0.0.1\"", ip("10.0.0.1")),
        ("host", "\"DC1.Example.\"", Value::asset("Host", text("dc1.example"))),
        ("account", "\"\\u0020Ann\"", Value::asset("Account", text("ann"))),
        ("address", "\"::1\"", Value::asset("Address", ip("::1"))),
        ("url", "\"HTTP://A.b\"", url("http://a.b/")),
        (
            "time",
            "\"2026-01-01T02:00:00+0200\"",
            Value::Time(Time::parse("2026-01-01T00:00:00Z").expect("a time")),
        ),
        ("float", "-0", float(0.0)),
        ("float", "12", float(12.0)),
        ("int", "-0", int(0)),
        ("text", "\"\\ud834\\udd1e\\/\\b\\f\\n\\r\\t\\\\\\\"\"", text("𝄞/\u{8}\u{c}\n\r\t\\\"")),
        ("kind", "\"robot\"", kind("else", &[])),
        ("kind", "{\"robot\": [{\"x\": [1, \"]}\"]}]}", kind("else", &[])),
        ("kind", "{\"user\": []}", kind("user", &[])),
    ];
    for (ty, value, expected) in cases {
        let input = format!("{{\"a\": {value}}}");
        assert_eq!(read(ty, input.as_bytes()), Ok(expected), "{ty} {value}");
    }
}

#[test]
fn a_member_may_be_spelt_with_escapes() {
    assert_eq!(read("int", br#"{"\u0061": 5}"#), Ok(int(5)));
}

fn kind(name: &str, payload: &[Value]) -> Value {
    Value::Variant { name: Name::from("Kind"), variant: Name::from(name), payload: payload.into() }
}

/// Random values of a type of the tests.
fn values(ty: &str) -> BoxedStrategy<Value> {
    let any_text = || "\\PC{0,12}|[a-z\"\\\\\n\u{1}é𝄞]{0,20}";
    let list = |element| prop::collection::vec(values(element), 0..5).prop_map(Value::list).boxed();
    let optional = |inner| prop_oneof![Just(Value::None), values(inner)].boxed();
    match ty {
        "bool" => any::<bool>().prop_map(Value::Bool).boxed(),
        "int" => prop_oneof![any::<i64>(), -2..3_i64].prop_map(int).boxed(),
        "float" => {
            any::<f64>().prop_filter_map("finite", Finite::new).prop_map(Value::Float).boxed()
        }
        "text" => any_text().prop_map(Value::text).boxed(),
        // As far as years have four digits.
        "time" => (-62_135_596_800_000_000..253_402_300_799_000_000_i64)
            .prop_map(|micros| Value::Time(Time(micros)))
            .boxed(),
        "duration" => any::<i64>().prop_map(|micros| Value::Duration(Duration(micros))).boxed(),
        "ip" => any::<std::net::IpAddr>().prop_map(|ip| Value::Ip(net::canonical_ip(ip))).boxed(),
        "cidr" => (any::<std::net::IpAddr>(), 0..129_u8)
            .prop_filter_map("a prefix", |(ip, length)| {
                rye_core::value::Cidr::around(net::canonical_ip(ip), length)
            })
            .prop_map(Value::Cidr)
            .boxed(),
        "port" => any::<u16>().prop_map(Value::Port).boxed(),
        "url" => "https?://[a-z]{1,8}\\.example/[a-z0-9/]{0,8}".prop_map(|text| url(&text)).boxed(),
        "domain" => "[a-z]{1,8}\\.[a-z]{2,5}".prop_map(|text| Value::Domain(text.into())).boxed(),
        "email" => {
            "[a-z.+]{1,8}@[a-z]{1,8}\\.org".prop_map(|text| Value::Email(text.into())).boxed()
        }
        "hash" => prop_oneof![
            any::<[u8; 16]>().prop_map(Hash::Md5),
            any::<[u8; 20]>().prop_map(Hash::Sha1),
            any::<[u8; 32]>().prop_map(Hash::Sha256),
        ]
        .prop_map(Value::Hash)
        .boxed(),
        "bytes" => prop::collection::vec(any::<u8>(), 0..9)
            .prop_map(|bytes| Value::Bytes(bytes.into()))
            .boxed(),
        "host" => "[a-z][a-z0-9]{0,5}".prop_map(|name| Value::asset("Host", text(&name))).boxed(),
        "account" => "[a-z]{1,6}".prop_map(|name| Value::asset("Account", text(&name))).boxed(),
        "address" => values("ip").prop_map(|ip| Value::asset("Address", ip)).boxed(),
        "login" => (values("account"), values("ip"), values("time_opt"), values("texts"))
            .prop_map(|(user, from, at, tags)| {
                let fields = [("user", user), ("from", from), ("at", at), ("tags", tags)];
                let fields = fields.map(|(name, value)| (Name::from(name), value));
                Value::Record { name: Name::from("Login"), fields: fields.into() }
            })
            .boxed(),
        "kind" => prop_oneof![
            Just(kind("user", &[])),
            Just(kind("else", &[])),
            (values("text"), values("int")).prop_map(|(text, int)| kind("service", &[text, int])),
        ]
        .boxed(),
        "ints" => list("int"),
        "texts" => list("text"),
        "ips" => list("ip"),
        "hashes" => list("hash"),
        "listlist" => list("ints"),
        "logins" => list("login"),
        "kinds" => list("kind"),
        "tally" => maps("text"),
        "ip_tally" => maps("ip"),
        "counts" => maps("int"),
        "int_opt" => optional("int"),
        "time_opt" => optional("time"),
        "cidr_opt" => optional("cidr"),
        other => panic!("no values of {other}"),
    }
}

fn maps(key: &str) -> BoxedStrategy<Value> {
    prop::collection::btree_map(values(key), values("int"), 0..5)
        .prop_map(|map| Value::Map(map.into_iter().collect()))
        .boxed()
}

const VISIBLE: [&str; 33] = [
    "bool", "int", "float", "text", "time", "duration", "ip", "cidr", "port", "url", "domain",
    "email", "hash", "bytes", "host", "account", "address", "login", "kind", "ints", "texts",
    "ips", "hashes", "listlist", "logins", "kinds", "tally", "ip_tally", "counts", "int_opt",
    "time_opt", "cidr_opt", "texts",
];

fn typed() -> impl Strategy<Value = (&'static str, Value)> {
    prop::sample::select(VISIBLE.to_vec())
        .prop_flat_map(|ty| values(ty).prop_map(move |value| (ty, value)))
}

/// What the reader of adapters' answers makes of the same: it shares no code with this
/// one but the spelling of scalars.
fn read_as_answer(ty: &str, value: &serde_json::Value) -> Option<Value> {
    let program = program(&format!("function f \"f\" pure (a: {ty}) -> {ty} {{ return a }}"));
    let module = program.module();
    let id = module.functions.first().and_then(|function| function.registers.first());
    json::from_json(&module.types, *id.expect("a parameter"), value).ok()
}

proptest! {
    #[test]
    fn answers_of_adapters_are_read_as_inputs_are(
        ty in prop::sample::select(VISIBLE.to_vec()),
        (_, other) in typed(),
        text in "[0-9a-z.:/@T-]{0,12}|-?[0-9]{1,20}(\\.[0-9]{1,3})?(s|m|h|d)?",
    ) {
        for value in [json::to_json(&other), serde_json::Value::from(text)] {
            let input = serde_json::json!({ "a": value }).to_string();
            let found = read(ty, input.as_bytes()).ok();
            prop_assert_eq!(read_as_answer(ty, &value), found, "{} {}", ty, value);
        }
    }

    #[test]
    fn what_another_library_writes_is_read_back((ty, value) in typed(), pretty: bool) {
        let inner = json::to_json(&value);
        let object = serde_json::json!({ "a": inner });
        let input = if pretty {
            serde_json::to_string_pretty(&object)
        } else {
            serde_json::to_string(&object)
        };
        prop_assert_eq!(read(ty, input.expect("it writes").as_bytes()), Ok(value));
    }

    #[test]
    fn what_is_imported_is_exported_again((ty, value) in typed()) {
        let text = format!("function f \"f\" pure (a: {ty}) -> {ty} {{ return a }}");
        prop_assert_eq!(call(&text, std::slice::from_ref(&value)).0, Ok(value));
    }

    #[test]
    fn a_hole_shows_what_people_read((ty, value) in typed()) {
        let constant = "constant pieces: texts = list [\"<\", \">\"]";
        let signature = format!("a: {ty} -> text");
        let found = with(constant, &signature, "template r, pieces, [a]", std::slice::from_ref(&value));
        prop_assert_eq!(found, Ok(text(&format!("<{value}>"))));
    }

    #[test]
    fn equality_and_order_are_those_of_values(
        (ty, a, b) in prop::sample::select(VISIBLE.to_vec())
            .prop_flat_map(|ty| (Just(ty), values(ty), values(ty)))
    ) {
        let equal = one(&format!("a: {ty}, b: {ty} -> bool"), "equal r, a, b", &[a.clone(), b.clone()]);
        prop_assert_eq!(equal, Ok(Value::Bool(a == b)));
        if ["int", "float", "text", "time", "duration", "ip", "cidr", "port", "url", "hash", "host"].contains(&ty) {
            let less = one(&format!("a: {ty}, b: {ty} -> bool"), "less r, a, b", &[a.clone(), b.clone()]);
            prop_assert_eq!(less, Ok(Value::Bool(a < b)));
        }
    }

    #[test]
    fn collections_are_those_of_the_standard_library(
        keys in prop_oneof![
            prop::collection::vec(prop::sample::select(vec!["a", "b", "c", ""]), 0..12)
                .prop_map(|keys| ("text", "texts", "tally", texts(&keys))),
            prop::collection::vec(-2..3_i64, 0..12)
                .prop_map(|keys| ("int", "ints", "counts", ints(&keys))),
            prop::collection::vec(prop::sample::select(vec!["10.0.0.1", "9.0.0.1", "::1", "fe80::1"]), 0..12)
                .prop_map(|keys| ("ip", "ips", "ip_tally", Value::list(keys.iter().map(|key| ip(key))))),
        ],
        descending: bool,
    ) {
        let (_, list, map, values) = keys;
        let Value::List(elements) = &values else { panic!("{values}") };
        let numbers: Vec<i64> = (0..).take(elements.len()).collect();

        let mut order = numbers.clone();
        let key = |index: &i64| elements[usize::try_from(*index).expect("small")].clone();
        order.sort_by(|a, b| if descending { key(b).cmp(&key(a)) } else { key(a).cmp(&key(b)) });
        let sort = format!("sort.list r, a, b, {}", u8::from(descending));
        let sorted = one(&format!("a: ints, b: {list} -> ints"), &sort, &[ints(&numbers), values.clone()]);
        prop_assert_eq!(sorted, Ok(ints(&order)));

        let mut seen = Vec::new();
        for element in elements.iter() {
            if !seen.contains(element) {
                seen.push(element.clone());
            }
        }
        let distinct = one(&format!("a: {list} -> {list}"), "distinct.list r, a", std::slice::from_ref(&values));
        prop_assert_eq!(distinct, Ok(Value::list(seen)));

        let mut counts = std::collections::BTreeMap::new();
        let mut last = std::collections::BTreeMap::new();
        for (index, element) in (0..).zip(elements.iter()) {
            *counts.entry(element.clone()).or_insert(0_i64) += 1;
            last.insert(element.clone(), index);
        }
        let as_map = |map: std::collections::BTreeMap<Value, i64>| {
            Value::Map(map.into_iter().map(|(key, count)| (key, int(count))).collect())
        };
        let tally = one(&format!("a: {list} -> {map}"), "tally r, a", std::slice::from_ref(&values));
        prop_assert_eq!(tally, Ok(as_map(counts)));
        let signature = format!("a: {list}, b: ints -> {map}");
        let built = one(&signature, "new.map r, a, b", &[values.clone(), ints(&numbers)]);
        prop_assert_eq!(built, Ok(as_map(last)));
    }

    #[test]
    fn any_text_is_passed_over_exactly_when_it_is_json(
        input in prop_oneof![
            "\\PC{0,24}",
            "[\\[\\]{}\",:0-9eE.\\\\+ tfnrualse-]{0,16}",
            "-?[0-9]{0,3}(\\.[0-9]{0,2})?([eE][+-]?[0-9]{0,2})?",
        ],
    ) {
        let mut scan = Scanner::new(&input);
        let skipped = scan.skip().is_ok() && scan.peek().is_none();
        let parsed = serde_json::from_str::<serde::de::IgnoredAny>(&input).is_ok();
        prop_assert_eq!(skipped, parsed, "{}", input);
    }

    #[test]
    fn any_bytes_are_read_or_refused(input: Vec<u8>, text in "[\\[\\]{}\",:a0-9]{0,30}") {
        let _ = read("login", &input);
        let _ = read("kinds", text.as_bytes());
        let _ = read("tally", format!("{{\"a\":{text}").as_bytes());
    }
}
