use proptest::prelude::*;

use super::*;
use crate::ast::{
    AssetForm, BinaryOp, DoClause, Expr, ExprKind, Form, Init, ItemKind, Literal, Piece, StmtKind,
    UnaryOp,
};

const PLAYBOOK: &str = include_str!("../../../tests/ui/pass/impossible_travel.rye");
const INTERFACE: &str = include_str!("../../../tests/ui/pass/interface.rye");
const EVERYTHING: &str = include_str!("../../../tests/ui/pass/every_construct.rye");

fn read(source: &str) -> Parsed {
    parse(FileId(0), source)
}

fn codes(parsed: &Parsed) -> Vec<&'static str> {
    parsed.diagnostics.iter().map(|found| found.code.number()).collect()
}

/// The expression of `const x: T = …`.
fn constant(text: &str) -> Expr {
    let parsed = read(&format!("const x: T = {text}"));
    assert_eq!(parsed.diagnostics, [], "{text}");
    match parsed.tree.items.into_iter().next().unwrap().kind {
        ItemKind::Const(constant) => constant.value,
        other => panic!("{text}: {other:?}"),
    }
}

/// The expression with all its parentheses.
fn show(expr: &Expr) -> String {
    match &expr.kind {
        ExprKind::Name(name) => name.text.to_string(),
        ExprKind::Literal(Literal::Int(number)) => number.to_string(),
        ExprKind::Literal(Literal::Duration(micros)) => format!("{micros}us"),
        ExprKind::Literal(Literal::Bool(value)) => value.to_string(),
        ExprKind::Binary { left, op, right } => {
            let op = match op.node {
                BinaryOp::Or => "or",
                BinaryOp::And => "and",
                BinaryOp::Equal => "==",
                BinaryOp::Less => "<",
                BinaryOp::In => "in",
                BinaryOp::NotIn => "not in",
                BinaryOp::Add => "+",
                BinaryOp::Subtract => "-",
                BinaryOp::Multiply => "*",
                BinaryOp::Divide => "/",
                other => panic!("{other:?}"),
            };
            format!("({} {op} {})", show(left), show(right))
        }
        ExprKind::Unary { op, operand } => match op.node {
            UnaryOp::Negate => format!("(-{})", show(operand)),
            UnaryOp::Not => format!("(not {})", show(operand)),
        },
        ExprKind::Else { value, fallback } => {
            format!("({} else {})", show(value), show(fallback))
        }
        ExprKind::Field { base, name } => format!("{}.{}", show(base), name.text),
        ExprKind::Index { base, index } => format!("{}[{}]", show(base), show(index)),
        ExprKind::Require(value) => format!("{}?", show(value)),
        ExprKind::Call { callee, .. } => format!("{}()", show(callee)),
        ExprKind::Ask(call) => format!("(ask {})", call.path.dotted()),
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn groups(text: &str, shown: &str) {
    assert_eq!(show(&constant(text)), shown, "{text}");
}

#[test]
fn each_operator_binds_tighter_than_the_one_before() {
    groups("a or b and not c == d", "(a or (b and (not (c == d))))");
    groups("a == b else c + d * -e()", "(a == (b else (c + (d * (-e())))))");
    groups("a or b or c", "((a or b) or c)");
    groups("a - b - c", "((a - b) - c)");
    groups("a / b * c", "((a / b) * c)");
    groups("a else b else c", "(a else (b else c))");
    groups("(a else b) else c", "((a else b) else c)");
    groups("not a in b", "(not (a in b))");
    groups("a not in b", "(a not in b)");
    groups("not not a", "(not (not a))");
    groups("- -a", "(-(-a))");
    groups("-a.b?", "(-a.b?)");
    groups("a.b[c]?.d()", "a.b[c]?.d()");
    groups("ask q() else a < b", "(((ask q) else a) < b)");
}

#[test]
fn a_minus_is_part_of_a_number() {
    groups("-5", "-5");
    groups("a -5", "(a - 5)");
    groups("a - -5", "(a - -5)");
    groups("-(5)", "-5");
    groups("-5m", "-300000000us");
    groups("-9223372036854775808", "-9223372036854775808");
    groups("a - -9_223_372_036_854_775_808", "(a - -9223372036854775808)");
    for text in ["9223372036854775808", "a - 9223372036854775808", "- -9223372036854775808"] {
        let parsed = read(&format!("const x: Int = {text}"));
        let expected: &[&str] = if text.starts_with("- -") { &[] } else { &["E0004"] };
        assert_eq!(codes(&parsed), expected, "{text}");
    }
    groups("- -9223372036854775808", "(--9223372036854775808)");
    let span = constant("-5").span;
    assert_eq!((span.start, span.end), (13, 15), "the minus is in the span");
}

#[test]
fn texts_have_decoded_pieces() {
    let ExprKind::Text(text) = constant(r#""a\n{b}{c}\u{e9}""#).kind else { panic!() };
    let pieces: Vec<String> = text
        .pieces
        .iter()
        .map(|piece| match piece {
            Piece::Literal(part) => format!("{:?}", part.node),
            Piece::Hole(value) => show(value),
        })
        .collect();
    assert_eq!(pieces, ["\"a\\n\"", "b", "c", "\"é\""]);
    let ExprKind::Text(empty) = constant("\"\"").kind else { panic!() };
    assert_eq!((empty.pieces.as_slice(), empty.as_plain()), (&[][..], Some("")));
}

/// The statements of a playbook's body.
fn statements(body: &str) -> Vec<StmtKind> {
    let parsed = read(&format!("playbook p() {{ {body} }}"));
    assert_eq!(parsed.diagnostics, [], "{body}");
    match parsed.tree.items.into_iter().next().unwrap().kind {
        ItemKind::Playbook(playbook) => {
            playbook.body.statements.into_iter().map(|stmt| *stmt.kind).collect()
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_ask_right_of_let_has_one_shape() {
    for (body, fallback) in [
        ("let a = ask q()", false),
        ("let a = ask q() else b", true),
        ("let a = ask q() timeout 5s", false),
        ("let a = ask q() timeout 5s else b", true),
    ] {
        let [StmtKind::Let(declared)] = &statements(body)[..] else { panic!("{body}") };
        let Init::Form(form) = &declared.init else { panic!("{body}") };
        let Form::Ask(ask) = &form.node else { panic!("{body}") };
        assert_eq!(ask.fallback.is_some(), fallback, "{body}");
    }
    let [StmtKind::Let(declared)] = &statements("let a = ask q() + 1")[..] else { panic!() };
    assert!(matches!(declared.init, Init::Expr(_)));
}

#[test]
fn else_if_is_flat() {
    let body = "if a { } else if let b = c { } else if d { } else { }";
    let [StmtKind::Form(form)] = &statements(body)[..] else { panic!() };
    let Form::If(found) = &**form else { panic!() };
    assert_eq!(found.branches.len(), 3);
    assert!(found.otherwise.is_some());
}

#[test]
fn clauses_keep_their_order_and_their_doubles() {
    let body = "do a.b() timeout 1s for 5m timeout 2s as x";
    let [StmtKind::Form(form)] = &statements(body)[..] else { panic!() };
    let Form::Do(done) = &**form else { panic!() };
    let words: Vec<&str> = done
        .clauses
        .iter()
        .map(|clause| match clause.node {
            DoClause::Call(_) => "call",
            DoClause::For(_) => "for",
            DoClause::As(_) => "as",
            _ => "other",
        })
        .collect();
    assert_eq!(words, ["call", "for", "call", "as"]);
}

#[test]
fn a_bare_return_is_a_statement() {
    let [StmtKind::Keep(block)] = &statements("keep { return }")[..] else { panic!() };
    assert!(matches!(*block.statements[0].kind, StmtKind::Return(None)));
}

#[test]
fn docs_stand_before_items_fields_and_variants() {
    let source = "//! File.\n/// A type.\ntype T {\n    /// A field.\n    a: Int\n}\n";
    let parsed = read(source);
    let item = &parsed.tree.items[0];
    assert_eq!(parsed.tree.docs.of(item.span), "A type.");
    let ItemKind::Record(record) = &item.kind else { panic!() };
    assert_eq!(parsed.tree.docs.of(record.fields[0].span), "A field.");
    assert_eq!(parsed.tree.docs.of_file(), "File.");
}

/// The kinds of a file's items, broken ones with their name.
fn items(parsed: &Parsed) -> Vec<String> {
    parsed
        .tree
        .items
        .iter()
        .map(|item| match &item.kind {
            ItemKind::Use(found) => format!("use {}", found.path.dotted()),
            ItemKind::Asset(found) => {
                let fields =
                    if let AssetForm::Record(fields) = &found.form { fields.len() } else { 0 };
                format!("asset {} {fields}", found.name.text)
            }
            ItemKind::Record(found) => {
                let names: Vec<&str> = found.fields.iter().map(|f| f.name.text.as_str()).collect();
                format!("type {} {}", found.name.text, names.join(" "))
            }
            ItemKind::Playbook(found) => {
                format!("playbook {} {}", found.name.text, found.body.statements.len())
            }
            ItemKind::Function(found) => format!("fn {}", found.name.text),
            ItemKind::Error(error) => {
                let name = error.name.as_ref().map_or("?", |name| name.text.as_str());
                format!("broken {name}")
            }
            other => format!("{other:?}").chars().take_while(|c| c.is_alphabetic()).collect(),
        })
        .collect()
}

#[test]
fn what_is_broken_leaves_the_rest_whole() {
    for (source, expected) in [
        ("playbok p() { keep { } }\nfn f() -> A { }", &["broken ?", "fn f"][..]),
        ("playbook p(a) { keep { } }\nfn f() -> A { }", &["broken p", "fn f"]),
        ("fn f(a: Int) { }\nuse b", &["broken f", "use b"]),
        ("type T { a Int b: Text }\nuse b", &["type T a Int b", "use b"]),
        ("playbook p() { tell ) keep { } }\nuse b", &["playbook p 2", "use b"]),
        ("playbook p() { if ( { keep { } } keep { } }\nuse b", &["playbook p 2", "use b"]),
        ("playbook p() { let a = ) keep { } }\nuse b", &["playbook p 2", "use b"]),
        ("playbook p() {\n    keep { }\nuse b", &["playbook p 1", "use b"]),
        ("action a(x: T)\n    affcts x\nuse b", &["broken a", "use b"]),
    ] {
        let parsed = read(source);
        assert_eq!(items(&parsed), expected, "{source}");
        assert_eq!(parsed.diagnostics.len(), 1, "{source}: {:?}", parsed.diagnostics);
    }
}

#[test]
fn a_broken_value_keeps_its_name() {
    let parsed = read("playbook p() { let a = )\n tell b() }");
    let ItemKind::Playbook(playbook) = &parsed.tree.items[0].kind else { panic!() };
    let StmtKind::Let(declared) = &*playbook.body.statements[0].kind else { panic!() };
    assert_eq!(declared.name.text, "a");
    let Init::Expr(value) = &declared.init else { panic!() };
    assert!(matches!(value.kind, ExprKind::Error));
}

/// The depth of the deepest expression or block.
fn depth(parsed: &Parsed) -> usize {
    use crate::ast::visit::{Visitor, walk_item};
    struct Deepest(usize);
    impl Visitor for Deepest {
        fn block(&mut self, block: &crate::ast::Block) {
            self.0 = self.0.max(block.depth);
            crate::ast::visit::walk_block(self, block);
        }
        fn expr(&mut self, expr: &Expr) {
            self.0 = self.0.max(expr.depth);
            crate::ast::visit::walk_expr(self, expr);
        }
        fn ty(&mut self, ty: &crate::ast::Type) {
            self.0 = self.0.max(ty.depth);
            crate::ast::visit::walk_type(self, ty);
        }
    }
    let mut deepest = Deepest(0);
    parsed.tree.items.iter().for_each(|item| walk_item(&mut deepest, item));
    deepest.0
}

/// A source with so many levels.
type Shape = Box<dyn Fn(usize) -> String>;

#[test]
fn nesting_is_limited_in_every_direction() {
    use rye_core::limit::NESTING_DEPTH_MAX as MAX;
    let value = |text: String| format!("const x: T = {text}");
    let body = |text: String| format!("playbook p() {{ {text} }}");
    let shapes: [(&str, Shape); 16] = [
        ("lists", Box::new(move |n| value("[".repeat(n) + &"]".repeat(n)))),
        ("parentheses", Box::new(move |n| value("(".repeat(n) + "a" + &")".repeat(n)))),
        ("calls", Box::new(move |n| value("f(".repeat(n) + "a" + &")".repeat(n)))),
        ("minuses", Box::new(move |n| value("-".repeat(n) + "a"))),
        ("nots", Box::new(move |n| value("not ".repeat(n) + "a"))),
        ("sums", Box::new(move |n| value("a + ".repeat(n) + "a"))),
        ("ors", Box::new(move |n| value("a or ".repeat(n) + "a"))),
        ("fallbacks", Box::new(move |n| value("a else ".repeat(n) + "a"))),
        ("fields", Box::new(move |n| value("a".to_owned() + &".a".repeat(n)))),
        ("questions", Box::new(move |n| value("a".to_owned() + &"?".repeat(n)))),
        ("holes", Box::new(move |n| value("\"{".repeat(n) + "a" + &"}\"".repeat(n)))),
        ("blocks", Box::new(move |n| body("keep { ".repeat(n) + &"} ".repeat(n)))),
        ("ifs", Box::new(move |n| body("if a { ".repeat(n) + &"} ".repeat(n)))),
        (
            "values",
            Box::new(move |n| {
                body("let a = ".to_owned() + &"if b { give ".repeat(n) + "1 " + &"} ".repeat(n))
            }),
        ),
        (
            "types",
            Box::new(move |n| format!("type T {{ a: {}A{} }}", "List<".repeat(n), " >".repeat(n))),
        ),
        (
            "maps",
            Box::new(move |n| {
                format!("type T {{ a: {}A{} }}", "Map<K, ".repeat(n), " >".repeat(n))
            }),
        ),
    ];
    for (name, shape) in shapes {
        for levels in [1, 10, MAX / 2] {
            assert_eq!(codes(&read(&shape(levels))), [""; 0], "{levels} {name}");
        }
        for levels in [MAX + 2, 10 * MAX, 20_000] {
            let parsed = read(&shape(levels));
            assert_eq!(codes(&parsed), ["E0103"], "{levels} {name}");
            assert!(depth(&parsed) <= MAX, "{levels} {name}");
        }
    }
}

#[test]
fn long_lists_are_not_deep() {
    let many = |one: &str, n: usize| one.repeat(n);
    for source in [
        format!("playbook p() {{ if a {{ }} {} }}", many("else if b { } ", 5_000)),
        format!("const x: T = [{}]", many("1, ", 20_000)),
        format!("const x: T = \"{}\"", many("{a} ", 10_000)),
        format!("playbook p() {{ {} }}", many("keep { } ", 10_000)),
        format!("enum E {{ {} }}", many("v, ", 20_000)),
    ] {
        assert_eq!(read(&source).diagnostics, []);
    }
}

#[test]
fn a_source_at_the_limit_is_read_and_one_past_it_is_not() {
    let comment = "// ".to_owned() + &"x".repeat(SOURCE_BYTES_MAX - 3);
    assert_eq!(codes(&read(&comment)), [""; 0]);
    assert_eq!(codes(&read(&(comment + "x"))), ["E0104"]);
}

#[test]
fn so_many_mistakes_are_shown_and_no_more() {
    let lines = |n: usize| "const x: Int = 1x\n".repeat(n);
    assert_eq!(codes(&read(&lines(DIAGNOSTICS_MAX))).len(), DIAGNOSTICS_MAX);
    assert_eq!(codes(&read(&lines(DIAGNOSTICS_MAX))).last(), Some(&"E0013"));
    let parsed = read(&lines(DIAGNOSTICS_MAX + 1));
    assert_eq!(parsed.diagnostics.len(), DIAGNOSTICS_MAX);
    assert_eq!(codes(&parsed).last(), Some(&"E0105"));
    let garbage = read(&"playbook ) stage ( \n".repeat(20_000));
    assert_eq!(garbage.diagnostics.len(), DIAGNOSTICS_MAX);
}

/// Every span that the tree or a diagnostic mentions lies inside the source, on characters.
fn check_spans(source: &str, parsed: &Parsed) {
    let shown = format!("{parsed:?}");
    for part in shown.split("0:").skip(1) {
        let Some((start, rest)) = part.split_once("..") else { continue };
        let end: String = rest.chars().take_while(char::is_ascii_digit).collect();
        if let (Ok(start), Ok(end)) = (start.parse::<usize>(), end.parse::<usize>()) {
            assert!(source.get(start..end).is_some(), "{start}..{end} of {}", source.len());
        }
    }
}

/// What the mutants of a source did.
#[derive(Debug, Default)]
struct Tally {
    invalid: usize,
    one_report: usize,
    four_reports: usize,
    lost_items: usize,
}

fn mutate(source: &str, tally: &mut Tally) {
    let tokens = lexer::lex(FileId(0), source).tokens;
    let whole = read(source).tree.items.len();
    for token in tokens {
        let range = Span::new(FileId(0), token.start, token.end).range();
        let (before, rest) = source.split_at(range.start);
        let (text, after) = rest.split_at(range.len());
        for replacement in ["", &format!("{text} {text}"), ")", "}", "{", "word"] {
            let mutant = format!("{before}{replacement} {after}");
            let parsed = read(&mutant);
            if parsed.diagnostics.is_empty() {
                continue;
            }
            tally.invalid += 1;
            tally.one_report += usize::from(parsed.diagnostics.len() == 1);
            tally.four_reports += usize::from(parsed.diagnostics.len() >= 4);
            let good = |item: &&Item| !matches!(item.kind, ItemKind::Error(_));
            let kept = parsed.tree.items.iter().filter(good).count();
            tally.lost_items += usize::from(kept + 1 < whole);
        }
    }
}

#[test]
fn one_mistake_makes_one_report_and_loses_one_item() {
    let mut tally = Tally::default();
    for source in [PLAYBOOK, INTERFACE, EVERYTHING] {
        mutate(source, &mut tally);
    }
    eprintln!("{tally:?}");
    assert!(tally.invalid > 5_000, "{tally:?}");
    assert!(tally.one_report * 100 >= tally.invalid * 86, "{tally:?}");
    assert!(tally.four_reports * 1_000 <= tally.invalid * 2, "{tally:?}");
    assert!(tally.lost_items * 1_000 <= tally.invalid * 3, "{tally:?}");
}

proptest! {
    #[test]
    fn any_text_gives_a_tree(source in any::<String>()) {
        check_spans(&source, &read(&source));
    }

    #[test]
    fn any_bytes_give_a_tree(bytes in prop::collection::vec(any::<u8>(), 0..512)) {
        let source = String::from_utf8_lossy(&bytes);
        check_spans(&source, &read(&source));
    }

    #[test]
    fn any_words_of_the_language_give_a_tree(
        words in prop::collection::vec(prop::sample::select(words()), 0..120)
    ) {
        let source = words.join(" ");
        check_spans(&source, &read(&source));
    }

    #[test]
    fn a_cut_source_gives_a_tree(at in 0..EVERYTHING.len(), end in 0..EVERYTHING.len()) {
        let source = EVERYTHING.get(at.min(end)..at.max(end)).unwrap_or("");
        check_spans(source, &read(source));
    }
}

/// Spellings of all tokens, and some that are wrong.
fn words() -> Vec<&'static str> {
    let spelled = crate::token::TERMINALS.iter().filter(|(name, _)| name.starts_with('"'));
    let mut words: Vec<&str> = spelled.map(|(_, kind)| kind.spelling()).collect();
    words.extend(["name", "x:", "5", "1.5", "5m", "10.0.0.1", "10.0.0.0/8", "\"t\"", "\"{", "}\""]);
    words.extend(["\n", "\n", "\n    ", "1x", "é", "// c\n", "2026-03-01T09:30:00Z", "\u{202e}"]);
    words
}
