use super::*;
use crate::lexer::lex;

/// The kinds of brackets after balancing, and the lines of the `{` that were reported.
fn check(source: &str, brackets: &str, reported: &[u32]) {
    let lines = Lines::new(source);
    let balanced = balance(FileId(0), &lines, lex(FileId(0), source).tokens);
    let found: String = balanced
        .tokens
        .iter()
        .map(|token| match token.kind {
            Kind::OpenBrace => '{',
            Kind::CloseBrace if token.start == token.end => '+',
            Kind::CloseBrace => '}',
            _ => '.',
        })
        .collect();
    assert_eq!(found.replace('.', ""), brackets, "{source}");
    let found: Vec<u32> =
        balanced.diagnostics.iter().map(|diagnostic| lines.line(diagnostic.span.start)).collect();
    assert_eq!(found, reported, "{source}");
}

#[test]
fn what_is_balanced_stays() {
    check("fn f() { keep { } }\n", "{{}}", &[]);
    check("fn f() {\n}\nfn g() {\n}\n", "{}{}", &[]);
    check("", "", &[]);
}

#[test]
fn a_brace_is_put_in_where_the_indentation_ends() {
    check("fn f() {\n    keep {\n        a\n    b\n}\n", "{{+}", &[2]);
    check("fn f() {\n    keep {\n        a\n}\n", "{{+}", &[2]);
    check("fn f() {\n    keep {\n        a\n    }\n", "{{}+", &[1]);
    check("fn f() {\n    a\nfn g() {\n}\n", "{+{}", &[1]);
    check("fn f() {\n    keep {\n        keep {\n            a\n    }\n}\n", "{{{+}}", &[3]);
}

#[test]
fn an_item_word_in_an_expression_begins_no_item() {
    check("enum E {\nrule,\ntype,\n}\n", "{}", &[]);
    check("fn f() {\n    let a = b +\ntype\n    c\n}\n", "{}", &[]);
}

#[test]
fn brackets_are_cut_off_where_they_nest_too_deep() {
    let at = |levels: usize| {
        let source = "(".repeat(levels);
        let lines = Lines::new(&source);
        balance(FileId(0), &lines, lex(FileId(0), &source).tokens)
    };
    let most = at(NESTING_DEPTH_MAX);
    assert_eq!((most.tokens.len(), most.cut_at), (NESTING_DEPTH_MAX, None));
    let more = at(NESTING_DEPTH_MAX + 1);
    assert_eq!(more.tokens.len(), NESTING_DEPTH_MAX);
    assert_eq!(more.cut_at.map(crate::span::offset), Some(NESTING_DEPTH_MAX));
    assert_eq!(more.diagnostics.len(), 1);
}

#[test]
fn types_nest_and_comparisons_do_not() {
    let cut_at = |source: &str| {
        let lines = Lines::new(source);
        balance(FileId(0), &lines, lex(FileId(0), source).tokens).cut_at
    };
    assert!(cut_at(&"Map<Text max 5?, ".repeat(NESTING_DEPTH_MAX + 1)).is_some());
    assert!(cut_at(&"Map<K, List<V>> ".repeat(NESTING_DEPTH_MAX + 1)).is_none());
    assert!(cut_at(&"a < b or ".repeat(NESTING_DEPTH_MAX + 1)).is_none());
    assert!(cut_at(&"x: a < b, ".repeat(NESTING_DEPTH_MAX + 1)).is_none());
}
