//! Whole packages: modules that use each other, and what is said about many mistakes.
//! What single mistakes are told is in the golden files of the workspace's tests.

use rye_core::limit::DIAGNOSTICS_MAX;
use rye_core::ty::Type;
use rye_core::value::Value;
use rye_grammar::diagnostic::Code;

use crate::hir::{self, ExprKind, StmtKind};
use crate::{Checked, CompileError, Source, check, compile};

const WORLD: &str = "
asset Thing = Text exact
action act(to: Thing)
    affects to
    proof holds(to: to)
    undo free(to: to)
    timeout 10s
    retry 2 backoff 5s
action free(to: Thing)
    affects to
    undo none \"it was free\"
    timeout 3s
query holds(to: Thing) -> Bool
    timeout 1s
notice say(text: Text) to responders
";

/// A source with a world to act on and a playbook `p` with this body.
pub(crate) fn playbook(body: &str) -> String {
    format!(
        "{WORLD}\nplaybook p(to: Thing) {{\n severity low\n deadline 24h\n limit Thing 5\n \
         on failure hold\n{body}\n}}\n"
    )
}

fn check_files(files: &[(&str, &str)]) -> Checked {
    let sources: Vec<Source<'_>> =
        files.iter().map(|(module, text)| Source { module, path: module, text }).collect();
    check(&sources, &[])
}

/// The typed tree of one source that is right.
pub(crate) fn package(text: &str) -> hir::Package {
    let checked = check_files(&[("test", text)]);
    let errors: Vec<_> = checked.diagnostics.iter().filter(|one| one.is_error()).collect();
    assert!(errors.is_empty(), "{errors:?}\n{text}");
    checked.package.unwrap()
}

fn codes(files: &[(&str, &str)]) -> Vec<Code> {
    check_files(files).diagnostics.iter().map(|found| found.code).collect()
}

fn lines(lines: impl Iterator<Item = String>) -> String {
    lines.collect::<Vec<_>>().join("\n")
}

/// What the only function of a source returns.
fn returned(text: &str) -> hir::Expr {
    let mut package = package(text);
    let mut body = package.functions.remove(0).body.block;
    match body.statements.pop().unwrap().kind {
        StmtKind::Return(value) => value,
        other => panic!("{other:?}"),
    }
}

#[test]
fn modules_see_each_other_by_use() {
    let lists = "const internal: List<Cidr> = [10.0.0.0/8]\ntype Pair {\n a: Int\n b: Int\n}\n\
                 fn total(pair: Pair) -> Int {\n return pair.a + pair.b\n}";
    let user = "use net.lists as l\nfn f(a: Ip) -> Int {\n if a in l.internal {\n return 0\n }\n \
                return l.total(l.Pair(b: 2, a: 1))\n}";
    assert_eq!(codes(&[("net.lists", lists), ("user", user)]), []);
    assert_eq!(codes(&[("user", user), ("net.lists", lists)]), []);
    let without = user.replace("use net.lists as l\n", "");
    let found = codes(&[("net.lists", lists), ("user", &without)]);
    assert_eq!(found, [Code::UnknownName]);
    assert_eq!(codes(&[("same", ""), ("same", "")]), [Code::DeclaredTwice]);
}

#[test]
fn a_type_has_its_name_in_all_modules() {
    for (one, other) in [
        ("type T { a: Int }", "type T { b: Int }"),
        ("enum T { one }", "enum T { two }"),
        ("asset T = Ip", "asset T = Cidr"),
        ("asset T = Ip", "type T { b: Int }"),
    ] {
        let found = check_files(&[("a", one), ("b", other)]).diagnostics;
        let [found] = &found[..] else { panic!("{one}: {found:?}") };
        assert_eq!(found.code, Code::DeclaredTwice, "{one}");
        assert_ne!(found.labels[0].span.file, found.span.file, "both places are named");
    }
}

#[test]
fn what_is_left_out_without_a_word_is_no_code() {
    let mut checked = check_files(&[("test", &playbook("do act(to: to) for 1h"))]);
    assert_eq!((checked.left_out, compile(&checked).is_ok()), (None, true));
    checked.left_out = checked.package.as_ref().map(|package| package.playbooks[0].span);
    let error = compile(&checked).unwrap_err();
    let CompileError::LeftOut { place } = &error else { panic!("{error}") };
    assert_eq!(place, "test:17:10");
}

#[test]
fn lists_and_maps_are_as_wide_as_their_widest_element() {
    let package = package(
        "fn f(a: Int) -> Int {\n let l = [[[a]], [[1, 2], [a]]]\n \
         let m = [1: [a], 2: [a, 2, 3], 3: []]\n return length(l) + length(m)\n}",
    );
    // The `max` of each, from the outside in.
    let hir::Package { functions, types, .. } = &package;
    let sizes = |local: usize| {
        let mut ty = functions[0].body.locals[local].ty;
        core::iter::from_fn(move || match types.get(ty)? {
            Type::List { element: inner, max } | Type::Map { value: inner, max, .. } => {
                ty = *inner;
                Some(*max)
            }
            _ => None,
        })
    };
    assert!(sizes(1).eq([2, 2, 2]) && sizes(2).eq([3, 3]));
}

#[test]
fn imports_are_for_the_module_alone() {
    let files = [
        ("a", "const one: Int = 1"),
        ("b", "use a\nconst two: Int = a.one + 1"),
        ("c", "use b\nconst three: Int = b.a.one + 1"),
    ];
    assert_eq!(codes(&files), [Code::UnknownName]);
}

#[test]
fn what_another_file_declares_is_said_where_it_is_missed() {
    let shared = "type Lead { level: Int }\nsetting least: Int = 3 in 1 .. 9\n\
                  fn twice(n: Int) -> Int { return n + n }\n";
    for (used, name) in [
        ("fn f(lead: Lead) -> Int { return 1 }", "Lead"),
        ("fn f() -> Int { return least }", "least"),
        ("fn f() -> Int { return twice(1) }", "twice"),
    ] {
        let text = format!("use team.shared\n{used}\n");
        let checked = check_files(&[("team.shared", shared), ("main", &text)]);
        let help = format!("write `shared.{name}`");
        let said = format!("{:?}", checked.diagnostics);
        assert!(said.contains(&help), "{used}: {said}");
    }
}

#[test]
fn constants_are_values_before_anything_runs() {
    let text = "const minute: Duration = 60 * 1s\nconst pair: List<Duration> = [minute, -minute]\n\
                fn f() -> List<Duration> {\n return pair\n}";
    let value = returned(text).kind;
    let micros = |value: i64| Value::Duration(rye_core::value::Duration(value));
    assert_eq!(value, ExprKind::Constant(Value::list([micros(60_000_000), micros(-60_000_000)])));
    let too_large = "const a: Int = 9223372036854775807 + 1";
    assert_eq!(codes(&[("test", too_large)]), [Code::NotConstant]);
}

#[test]
fn conversions_are_nodes() {
    let some = returned("fn f(a: Int) -> Int? {\n return a\n}").kind;
    assert!(matches!(some, ExprKind::Some(_)), "{some:?}");
    let wide = returned("fn f(a: List<Int> max 5) -> List<Int> {\n return a\n}").kind;
    assert!(matches!(wide, ExprKind::Widen(_)), "{wide:?}");
    let wrapped = returned("asset A = Ip\nfn f(a: Ip) -> A {\n return A(a)\n}").kind;
    assert!(matches!(wrapped, ExprKind::Wrap(_)), "{wrapped:?}");
    let bare = returned("asset A = Ip\nfn f(a: A) -> Ip {\n return Ip(a)\n}").kind;
    assert!(matches!(bare, ExprKind::Unwrap(_)), "{bare:?}");
    let text = returned("fn f(a: Text max 5) -> Text {\n return a\n}").kind;
    assert!(matches!(text, ExprKind::Local(_)), "{text:?}");
}

#[test]
fn a_condition_takes_what_it_reads_as_parameters() {
    let body = "let least = 3\nensure length([x for x in [1, 2] if x > least]) == 0 and \
                ask holds(to: to) within 10s";
    let package = package(&playbook(body));
    let condition = package.functions.last().unwrap();
    let names: Vec<&str> = condition.body.locals.iter().map(|local| &*local.name).collect();
    assert_eq!((condition.body.parameters, names), (2, vec!["least", "to", "x"]));
}

#[test]
fn the_clauses_of_a_declaration_see_the_arguments() {
    let package = package(&playbook("do act(to: to) for 1h"));
    let statement = &package.playbooks[0].body.block.statements[0].kind;
    let StmtKind::Do(act) = statement else { panic!("{statement:?}") };
    let argument = act.arguments[0].local;
    let hir::Undo::Call { arguments, .. } = &act.undo else { panic!("{:?}", act.undo) };
    assert_eq!(arguments[0].kind, ExprKind::Local(argument));
    assert_eq!(act.proof[0].ask.arguments[0].kind, ExprKind::Local(argument));
}

#[test]
fn an_equal_mistake_is_told_once_with_all_its_places() {
    let text = "fn f(a: Int) -> Int {\n return b + b + a\n}";
    let found = check_files(&[("test", text)]).diagnostics;
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].labels.len(), 1);
}

#[test]
fn too_many_mistakes_are_cut_and_warnings_never_refuse() {
    let wrong = lines((0..150).map(|at| format!("const a{at}: Int = \"\"")));
    let found = codes(&[("test", &wrong)]);
    assert_eq!(found.len(), DIAGNOSTICS_MAX);
    assert_eq!(found.iter().filter(|code| **code == Code::TooManyMistakes).count(), 1);
    let lets = lines((0..150).map(|at| format!(" let a{at} = 1")));
    let idle = format!("fn f() -> Int {{\n{lets}\n return 1\n}}");
    let checked = check_files(&[("test", &idle)]);
    assert!(checked.package.is_some());
    assert_eq!(checked.diagnostics.len(), DIAGNOSTICS_MAX);
}

#[test]
fn types_that_would_be_huge_when_written_out_are_refused_at_once() {
    let fields = |of: usize| lines((0..200).map(|at| format!(" f{at}: T{of}")));
    let types = (1..15).map(|at| format!("type T{at} {{\n{}\n}}", fields(at - 1)));
    let text = format!("type T0 {{\n a: Int\n}}\n{}", lines(types));
    assert_eq!(codes(&[("test", &text)]), [Code::TooLarge]);
}

#[test]
fn what_could_not_be_read_is_not_missed_by_a_warning() {
    let found = codes(&[("test", &playbook("act(to: to) for 1h"))]);
    assert_eq!(found, [Code::Unexpected], "the limit is not called idle");
}
