use proptest::prelude::*;

use super::*;
use crate::token::{Class, TERMINALS};

/// The tokens as `KIND text`, with the numbers of the codes that were reported behind them.
fn show(source: &str) -> String {
    let lexed = lex(FileId(0), source);
    let mut words: Vec<String> = lexed
        .tokens
        .iter()
        .map(|token| {
            let terminal = TERMINALS.iter().find(|known| known.1 == token.kind).unwrap().0;
            let text = source.get(offset_range(*token)).unwrap();
            match terminal.trim_matches('"') {
                spelling if spelling == text => text.to_owned(),
                terminal => format!("{terminal}<{text}>"),
            }
        })
        .collect();
    words.extend(lexed.diagnostics.iter().map(|found| format!("!{}", found.code)));
    words.join(" ")
}

fn offset_range(token: Token) -> core::ops::Range<usize> {
    Span::new(FileId(0), token.start, token.end).range()
}

#[track_caller]
fn check(source: &str, expected: &str) {
    assert_eq!(show(source), expected, "{source}");
}

#[test]
fn numbers_and_ranges() {
    check("1..2", "INT<1> .. INT<2>");
    check("0..n", "INT<0> .. NAME<n>");
    check("1.5..2.5", "FLOAT<1.5> .. FLOAT<2.5>");
    check("1.", "INT<1> .");
    check("5 m", "INT<5> NAME<m>");
    check("for24h", "NAME<for24h>");
    check("a-1", "NAME<a> - INT<1>");
    check("1-5m", "INT<1> - DURATION<5m>");
    check("-5m", "- DURATION<5m>");
    check("a<-1", "NAME<a> < - INT<1>");
    check("a>=-1", "NAME<a> >= - INT<1>");
    check("a->1", "NAME<a> -> INT<1>");
    check("1h", "DURATION<1h>");
    check("h.name", "NAME<h> . NAME<name>");
    check("[h.name for", "[ NAME<h> . NAME<name> for");
    check("h.5", "NAME<h> . INT<5>");
    check("a.0.0.0.0", "NAME<a> . IP<0.0.0.0>");
    check("1e-5", "BAD<1e> - INT<5> !E0003");
    check("List<Host>=", "NAME<List> < NAME<Host> >=");
}

#[test]
fn a_digit_led_word_is_one_literal_or_one_mistake() {
    for word in [
        "5max",
        "1h30m",
        "1.5h",
        "42world",
        "10.0.0.1in",
        "0x1f",
        "007",
        "1__0",
        "1.2.3",
        "10.0.0.1.5",
        "010.0.0.1",
        "1e5",
        "10.0.0.1/8",
        "10.0.0.0/33",
        "2026-03-01",
        "2026-3-1",
        "2026-03-01T09:30:00+02:00",
        "2001:db8::1",
        "00:1a:2b:3c:4d:5e",
        "fe80::1/10",
        "::1",
        "2001:db8::/32",
        "1_",
        "0b11",
        "00.5",
        "5w",
        "1.5e3",
        "2026-03-01T09:30:00Zulu",
    ] {
        let lexed = lex(FileId(0), word);
        assert_eq!(lexed.tokens.len(), 1, "{word}: {:?}", lexed.tokens);
        assert_eq!(lexed.tokens[0].kind, Kind::Bad, "{word}");
        assert_eq!(lexed.diagnostics.len(), 1, "{word}: {:?}", lexed.diagnostics);
    }
}

#[test]
fn addresses_blocks_and_division() {
    check("10.0.0.0/8", "CIDR<10.0.0.0/8>");
    check("10/2", "INT<10> / INT<2>");
    check("1.5/2", "FLOAT<1.5> / INT<2>");
    check("5m/2", "DURATION<5m> / INT<2>");
    check("10.0.0.0//8", "IP<10.0.0.0>");
    check("10.0.0.1/x", "IP<10.0.0.1> / NAME<x>");
    check("10.0.0.1:443", "IP<10.0.0.1> : INT<443>");
    check("x:10.0.0.1", "NAME<x> : IP<10.0.0.1>");
    check("x:fe80::1", "NAME<x> : BAD<fe80::1> !E0009");
    check("12:30", "INT<12> : INT<30>");
    check("a:b", "NAME<a> : NAME<b>");
}

#[test]
fn times() {
    check("2026-03-01T09:30:00Z", "TIME<2026-03-01T09:30:00Z>");
    check("2026-03-01T09:30:00Z-5m", "TIME<2026-03-01T09:30:00Z> - DURATION<5m>");
    check("2026-03-01T09:30:00Z..", "TIME<2026-03-01T09:30:00Z> ..");
    check("[2026-03-01T09:30:00Z: 1]", "[ TIME<2026-03-01T09:30:00Z> : INT<1> ]");
    check("10-3-1", "INT<10> - INT<3> - INT<1>");
}

#[test]
fn texts_and_holes() {
    check(r#""a""#, r#"TEXT<"a">"#);
    check(r#""{a}""#, r#"TEXT_HEAD<"{> NAME<a> TEXT_TAIL<}">"#);
    check(r#""{a} b {c}""#, r#"TEXT_HEAD<"{> NAME<a> TEXT_MIDDLE<} b {> NAME<c> TEXT_TAIL<}">"#);
    check(
        r#""{f("x {y}")}""#,
        r#"TEXT_HEAD<"{> NAME<f> ( TEXT_HEAD<"x {> NAME<y> TEXT_TAIL<}"> ) TEXT_TAIL<}">"#,
    );
    check(r#""\u{e9} \{""#, r#"TEXT<"\u{e9} \{">"#);
    check(r#"{ "a" }"#, r#"{ TEXT<"a"> }"#);
}

#[test]
fn a_broken_text_ends_with_its_line_and_costs_one_report() {
    check("\"{", "TEXT_HEAD<\"{> TEXT_TAIL<> !E0012");
    check("\"{a\nlet", "TEXT_HEAD<\"{> NAME<a> TEXT_TAIL<> let !E0012");
    check("\"{a\r\nlet", "TEXT_HEAD<\"{> NAME<a> TEXT_TAIL<> let !E0012");
    check("\"{}\"", "TEXT_HEAD<\"{> BAD<> TEXT_TAIL<}\"> !E0012");
    check("\"{ {", "TEXT_HEAD<\"{> BAD<{> TEXT_TAIL<> !E0012");
    check("\"a\nlet", "TEXT<\"a> let !E0010");
    check("\"a\\\nlet", "TEXT<\"a\\> let !E0010");
    check("\"{a} b\nlet", "TEXT_HEAD<\"{> NAME<a> TEXT_TAIL<} b> let !E0010");
    check("\"{f(\"x\nlet", "TEXT_HEAD<\"{> NAME<f> ( TEXT<\"x> TEXT_TAIL<> let !E0012");
    check("\"}\"", "TEXT<\"}\"> !E0012");
}

#[test]
fn words_are_names_after_a_dot_and_before_a_colon() {
    check("a.for", "NAME<a> . NAME<for>");
    check("match: x", "NAME<match> : NAME<x>");
    check("type: T", "NAME<type> : NAME<T>");
    check("[true: 1, none: 2]", "[ true : INT<1> , none : INT<2> ]");
    check("a.none", "NAME<a> . NAME<none>");
    check("0..max", "INT<0> .. max");
    check("_: x", "_ : NAME<x>");
}

#[test]
fn what_is_odd_is_reported_and_left_out_or_meant() {
    check("a && b || !c", "NAME<a> and<&&> NAME<b> or<||> not<!> NAME<c> !E0001 !E0001 !E0001");
    check("a;", "NAME<a> !E0001");
    check("caf\u{e9}", "NAME<caf\u{e9}> !E0001");
    check("\u{e9}t\u{e9}_1 b", "NAME<\u{e9}t\u{e9}_1> NAME<b> !E0001");
    check("a \u{2192} b", "NAME<a> NAME<b> !E0001");
    check("\u{feff}let", "let");
    check("let\u{feff}", "let !E0002");
    check("// \u{202e}", "!E0002");
    check("\"\u{2066}\"", "TEXT<\"\u{2066}\"> !E0002");
    check("a\rb", "NAME<a> NAME<b> !E0002");
    check("a\r\nb", "NAME<a> NAME<b>");
    check("a\0b", "NAME<a> NAME<b> !E0002");
}

#[test]
fn doc_comments_belong_to_what_follows() {
    let source = "//! The file.\n//! Two lines.\n\n/// First\n/// second\n// no doc\nuse a\n\
                  //// no doc\nuse b /// no doc\nuse c\n";
    let docs = lex(FileId(0), source).docs;
    let at = |needle: &str| {
        let start = position(source.find(needle).unwrap());
        docs.of(Span::new(FileId(0), start, start)).to_owned()
    };
    assert_eq!(docs.of_file(), "The file.\nTwo lines.");
    assert_eq!(at("use a"), "First\nsecond");
    assert_eq!(at("use b"), "");
    assert_eq!(at("use c"), "");
}

/// One of each kind of token that could touch another.
const NEIGHBOURS: [&str; 38] = [
    "h",
    "for",
    "limit",
    "true",
    "none",
    "_",
    "1",
    "1.5",
    "5m",
    "10.0.0.1",
    "10.0.0.0/8",
    "2026-03-01T09:30:00Z",
    "\"t\"",
    "\"{a}\"",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ",",
    ":",
    ".",
    "..",
    "->",
    "?",
    "=",
    "==",
    "!=",
    "<",
    "<=",
    ">",
    ">=",
    "+",
    "-",
    "*",
    "/",
    "%",
];

/// How two tokens read without a blank between them.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Reading {
    /// As with a blank.
    Same,
    /// As something else, and it is said.
    Reported,
    /// As one longer word or number.
    Grown,
    /// As longer signs, a comment, or a longer name and a rest.
    Otherwise,
}

#[test]
fn neighbours_without_a_blank_never_become_another_value_silently() {
    let mut counts: BTreeMap<Reading, usize> = BTreeMap::new();
    let mut otherwise = Vec::new();
    for left in NEIGHBOURS {
        for right in NEIGHBOURS {
            let joined = format!("{left}{right}");
            let apart = show(&format!("{left} {right}"));
            let found = lex(FileId(0), &joined);
            let reading = if show(&joined) == apart {
                Reading::Same
            } else if !found.diagnostics.is_empty() {
                Reading::Reported
            } else if let [token] = found.tokens.as_slice()
                && token.kind.class() != Class::Sign
                && crate::span::offset(token.end) == joined.len()
            {
                Reading::Grown
            } else {
                otherwise.push(joined);
                Reading::Otherwise
            };
            *counts.entry(reading).or_default() += 1;
        }
    }
    // Longer signs, a comment, and longer names before a dot and a number, which no rule takes.
    otherwise.sort_unstable();
    assert_eq!(
        otherwise,
        [
            "->", "->=", "..", "...", "//", "<=", "<==", "==", "===", ">=", ">==", "_1.5",
            "for1.5", "h1.5", "limit1.5", "none1.5", "true1.5",
        ]
    );
    let counts: Vec<(Reading, usize)> = counts.into_iter().collect();
    assert_eq!(
        counts,
        [
            (Reading::Same, 1275),
            (Reading::Reported, 96),
            (Reading::Grown, 56),
            (Reading::Otherwise, 17),
        ]
    );
}

proptest! {
    #[test]
    fn tokens_lie_in_order_inside_the_source(source in any::<String>()) {
        let lexed = lex(FileId(0), &source);
        let mut end = 0;
        for token in &lexed.tokens {
            prop_assert!(token.start >= end && token.end >= token.start);
            prop_assert!(source.get(offset_range(*token)).is_some());
            end = token.end;
        }
        for found in &lexed.diagnostics {
            prop_assert!(source.get(found.span.range()).is_some());
        }
    }

    #[test]
    fn what_looks_like_rye_is_cut_without_panic(
        source in r#"([a-z0-9_.:/"{}\\\n\r -]|\u{e9}|\u{202e}|//|")*"#
    ) {
        let lexed = lex(FileId(0), &source);
        let lexed_end = lexed.tokens.last().map_or(0, |token| crate::span::offset(token.end));
        prop_assert!(lexed_end <= source.len());
        prop_assert_eq!(lexed.lines, Lines::new(&source));
    }
}
