use super::*;
use crate::diagnostic::Code;
use crate::span::FileId;

fn sources() -> (SourceMap, FileId, FileId) {
    let mut sources = SourceMap::new();
    let first = sources.add("a.rye", "let é = 1\nlet b = 2\n");
    let second = sources.add("b.rye", "fn f\n");
    (sources, first, second)
}

fn example(first: FileId, second: FileId) -> Diagnostic {
    Diagnostic::new(Code::Unexpected, Span::new(first, 15, 16), "expected a, found `b`")
        .label(Span::new(first, 4, 6), "not \"here\"")
        .label(Span::new(second, 3, 4), "there")
        .help("write it")
        .note("it is so")
}

#[test]
fn text_shows_every_file_help_and_note() {
    let (sources, first, second) = sources();
    let text = to_text(&[example(first, second)], &sources, Colour::Plain);
    assert_eq!(
        text,
        "\
error[E0101]: expected a, found `b`
 --> a.rye:2:5
  |
1 | let é = 1
  |     - not \"here\"
2 | let b = 2
  |     ^
  |
 ::: b.rye:1:4
  |
1 | fn f
  |    - there
  |
  = note: it is so
  = help: write it
"
    );
    assert!(to_text(&[example(first, second)], &sources, Colour::Ansi).contains("\u{1b}["));
    assert_eq!(to_text(&[], &sources, Colour::Plain), "");
}

#[test]
fn json_is_one_line_with_all_of_it() {
    let (sources, first, second) = sources();
    assert_eq!(
        to_json(&example(first, second), &sources),
        concat!(
            r#"{"code":"E0101","severity":"error","file":"a.rye","line":2,"column":5,"#,
            r#""end":{"line":2,"column":6},"message":"expected a, found `b`","labels":[{"#,
            r#""file":"a.rye","line":1,"column":5,"end":{"line":1,"column":6},"#,
            r#""message":"not \"here\""},{"file":"b.rye","line":1,"column":4,"#,
            r#""end":{"line":1,"column":5},"message":"there"}],"help":["write it"],"#,
            r#""notes":["it is so"]}"#
        )
    );
}

#[test]
fn spans_outside_of_their_file_are_harmless() {
    let (sources, first, _) = sources();
    for span in [
        Span::new(first, 5, 6),
        Span::new(first, 900, 999),
        Span::new(FileId(9), 0, 1),
        Span::new(first, 20, 20),
    ] {
        let found = Diagnostic::new(Code::Unexpected, span, "m");
        assert!(to_text(core::slice::from_ref(&found), &sources, Colour::Plain).contains("E0101"));
        assert!(to_json(&found, &sources).contains("E0101"));
    }
}

#[test]
fn what_is_said_of_a_line_without_an_end_can_be_read() {
    let mut sources = SourceMap::new();
    let file = sources.add("a.rye", "x".repeat(1 << 20));
    let whole = Diagnostic::new(Code::Unexpected, Span::new(file, 0, 1 << 20), "m");
    let apart = Diagnostic::new(Code::Unexpected, Span::new(file, 0, 1), "m")
        .label(Span::new(file, 1 << 19, 1 << 20), "there");
    for diagnostic in [whole, apart] {
        let text = to_text(&[diagnostic], &sources, Colour::Plain);
        assert!(text.len() < 2_000, "{} bytes", text.len());
        assert!(text.contains(" --> a.rye:1:1"), "{text}");
    }
}
