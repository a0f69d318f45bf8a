//! The bound against a second way to it: programs are made as trees, and what they
//! can ask at worst is counted on the tree.

use core::fmt::Write as _;

use proptest::prelude::*;

use crate::{Options, assemble, verify};

/// A statement of a made-up program.
#[derive(Clone, Debug)]
enum Tree {
    Ask,
    If(Vec<Tree>, Vec<Tree>),
    /// At most so many rounds.
    Loop(u64, Vec<Tree>),
    /// Leaves the innermost loop, perhaps.
    Break,
    /// Ends the run, perhaps.
    Finish,
    Attempt(Vec<Tree>, Vec<Tree>),
}

fn tree(leaves: Vec<Tree>) -> impl Strategy<Value = Vec<Tree>> {
    let leaf = prop::sample::select(leaves);
    let inner = leaf.prop_recursive(3, 24, 4, |inner| {
        let body = || prop::collection::vec(inner.clone(), 0..4);
        prop_oneof![
            (body(), body()).prop_map(|(yes, no)| Tree::If(yes, no)),
            (1..4_u64, body()).prop_map(|(rounds, body)| Tree::Loop(rounds, body)),
            (body(), body()).prop_map(|(body, handler)| Tree::Attempt(body, handler)),
        ]
    });
    prop::collection::vec(inner, 0..5)
}

/// Writes the code of a tree; labels are numbered.
fn emit(code: &mut String, labels: &mut u32, depth: usize, out: Option<u32>, body: &[Tree]) {
    for statement in body {
        *labels += 3;
        let label = *labels;
        match statement {
            Tree::Ask => code.push_str("ask x, s\n"),
            Tree::If(yes, no) => {
                writeln!(code, "jump.if c, l{label}").unwrap();
                emit(code, labels, depth, out, no);
                writeln!(code, "jump m{label}\nl{label}: move c, c").unwrap();
                emit(code, labels, depth, out, yes);
                writeln!(code, "m{label}: move c, c").unwrap();
            }
            Tree::Loop(rounds, body) => {
                writeln!(
                    code,
                    "range.start i{depth}, n, n, {rounds}, m{label}\nl{label}: move c, c"
                )
                .unwrap();
                // A break leads where the loop's own end does.
                emit(code, labels, depth + 1, Some(label), body);
                writeln!(code, "range.next i{depth}, n, l{label}\nm{label}: move c, c").unwrap();
            }
            Tree::Break => {
                if let Some(out) = out {
                    writeln!(code, "jump.if c, m{out}").unwrap();
                }
            }
            Tree::Finish => {
                writeln!(code, "jump.if c, l{label}\nfinish benign, t\nl{label}: move c, c")
                    .unwrap();
            }
            Tree::Attempt(body, handler) => {
                writeln!(code, "open.attempt e, l{label}").unwrap();
                // Leaving a loop out of a frame is not allowed.
                emit(code, labels, depth, None, body);
                writeln!(code, "close.frame\njump m{label}\nl{label}: move c, c").unwrap();
                emit(code, labels, depth, None, handler);
                writeln!(code, "close.frame\nm{label}: move c, c").unwrap();
            }
        }
    }
}

/// The most queries on the ways through, to an end or an error, and to a break.
#[derive(Clone, Copy)]
struct Ways {
    through: u64,
    anywhere: u64,
    broken: Option<u64>,
}

fn count(body: &[Tree], in_loop: bool) -> Ways {
    let mut ways = Ways { through: 0, anywhere: 0, broken: None };
    for statement in body {
        let next = match statement {
            Tree::Ask => Ways { through: 1, anywhere: 1, broken: None },
            Tree::If(yes, no) => {
                let (yes, no) = (count(yes, in_loop), count(no, in_loop));
                Ways {
                    through: yes.through.max(no.through),
                    anywhere: yes.anywhere.max(no.anywhere),
                    broken: yes.broken.max(no.broken),
                }
            }
            Tree::Loop(rounds, body) => {
                let round = count(body, true);
                let before_last = (rounds - 1) * round.through;
                let last = round.broken.unwrap_or(0).max(round.through);
                Ways {
                    through: before_last + last,
                    anywhere: before_last + round.anywhere,
                    broken: None,
                }
            }
            Tree::Break => Ways { through: 0, anywhere: 0, broken: in_loop.then_some(0) },
            Tree::Finish => Ways { through: 0, anywhere: 0, broken: None },
            Tree::Attempt(body, handler) => {
                let (body, handler) = (count(body, false), count(handler, false));
                Ways {
                    through: body.through.max(body.anywhere + handler.through),
                    anywhere: body.anywhere + handler.anywhere,
                    broken: None,
                }
            }
        };
        ways.anywhere = ways.anywhere.max(ways.through + next.anywhere);
        ways.broken = ways.broken.max(next.broken.map(|broken| ways.through + broken));
        ways.through += next.through;
    }
    ways.anywhere = ways.anywhere.max(ways.through);
    ways
}

fn proved(body: &[Tree]) -> u64 {
    let mut code = String::new();
    emit(&mut code, &mut 0, 0, None, body);
    let loops = "i0: int, i1: int, i2: int, i3: int, i4: int, i5: int, i6: int, i7: int";
    // A program that never asks still needs somebody who does.
    let text = format!(
        "type int Int type bool Bool type unit Unit type text Text max 9
         type error enum \"Error\" {{\"denied\"(text), \"rejected\"(text), \"timeout\"(text),
             \"unavailable\"(text), \"conflict\"(text), \"not_found\"(text), \"limit\"(text),
             \"guardrail\"(text), \"expired\"(text), \"arithmetic\"(text), \"unverified\"(text),
             \"failed\"(text)}}
         action q query \"a.q\" () -> int timeout 1us
         site s ask q() timeout 1us
         function asks \"asks\" condition (x: int) -> int {{ ask x, s\n return x }}
         function f \"f\" playbook (n: int, c: bool, t: text, x: int) -> unit
             registers (u: unit, e: error, {loops}) {{ {code} return u }}
         playbook \"p\" f (\"n\", \"c\", \"t\", \"x\") severity low deadline 1d on_failure inherit"
    );
    let module = assemble(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    let verified = verify(module, Options::default())
        .unwrap_or_else(|error| panic!("{error}\n{body:?}\n{code}"));
    assert_eq!(verified.bounds()[0].actions, [verified.bounds()[0].queries]);
    verified.bounds()[0].queries
}

proptest! {
    #[test]
    fn no_way_through_a_program_asks_more_than_is_proved(
        body in tree(vec![Tree::Ask, Tree::Ask, Tree::Break, Tree::Finish]),
    ) {
        prop_assert!(proved(&body) >= count(&body, false).anywhere, "{:?}", body);
    }

    #[test]
    fn what_is_proved_is_reached_where_nothing_leaves_early(body in tree(vec![Tree::Ask])) {
        prop_assert_eq!(proved(&body), count(&body, false).anywhere, "{:?}", body);
    }
}
