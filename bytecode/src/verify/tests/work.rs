//! The proof takes as much more work as there is more code, whatever the code is like:
//! counted in the steps that its budget is about, over families of hostile modules.

use core::fmt::Write as _;

use super::*;
use crate::encode;

/// What every family begins with.
const PRELUDE: &str = "type int Int type bool Bool type unit Unit type text Text max 9
    type ints List(int) max 255
    type error enum \"Error\" {\"denied\"(text), \"rejected\"(text), \"timeout\"(text),
        \"unavailable\"(text), \"conflict\"(text), \"not_found\"(text), \"limit\"(text),
        \"guardrail\"(text), \"expired\"(text), \"arithmetic\"(text), \"unverified\"(text),
        \"failed\"(text)}\n";

/// How many actions a module has that asks many.
const ACTIONS: usize = 64;

/// A family: its name, and the text of its module with so many parts.
type Family = (&'static str, fn(usize) -> String, usize);

/// Each with as many parts as take 64 KiB, or a sixteenth of the most instructions that a
/// function, or functions that a module may have: four doublings lead to 1 MiB, or to
/// that limit.
const FAMILIES: &[Family] = &[
    ("straight code", |parts| one(&"add.int n, n, n\n".repeat(parts)), 4_000),
    ("wide instructions", |parts| one(&"new.list l, [WIDE]\n".repeat(parts)), 250),
    (
        "a block for each branch",
        |parts| one(&each(parts, |at| format!("jump.if c, l{at}\nl{at}: add.int n, n, n\n"))),
        2_000,
    ),
    (
        "all branches to one end",
        |parts| one(&format!("{}e: add.int n, n, n\n", "jump.if c, e\n".repeat(parts))),
        4_000,
    ),
    (
        "attempts side by side",
        |parts| {
            one(&each(parts, |at| {
                format!(
                    "open.attempt f, h{at}\nadd.int n, n, n\nclose.frame\njump e{at}\nh{at}: close.frame\ne{at}: add.int n, n, n\n"
                )
            }))
        },
        600,
    ),
    ("loops in loops", |parts| one(&each(parts, nest)), 120),
    ("queries of many actions", queries, 4_000),
    ("calls of calls", calls, 64),
    (
        "functions side by side",
        |parts| {
            let code = "add.int n, n, n\n".repeat(1_000);
            let function = |at| {
                format!("function f{at} \"f{at}\" pure (n: int) -> int {{ {code} return n }}\n")
            };
            format!("{PRELUDE} {}", each(parts, function))
        },
        16,
    ),
];

#[test]
fn the_proof_takes_work_in_proportion_to_the_code() {
    for (name, make, parts) in FAMILIES {
        let mut before = None;
        for doubling in 0..5 {
            let module = text(&make(parts << doubling));
            let bytes: usize = encode(&module).unwrap().iter().map(|(_, bytes)| bytes.len()).sum();
            let budget = Meter::new(&module, Options { units_per_instruction: 0, units: u64::MAX });
            let mut meter = budget;
            if let Err(error) = check(&module, &mut meter) {
                panic!("{name}, {bytes} bytes: {error}");
            }
            let work = budget.left - meter.left;
            // At most 1.3 times as much for each byte of twice the code.
            if let Some((bytes_before, work_before)) = before {
                let (most, found) =
                    (13 * work_before * wide(bytes), 10 * work * wide(bytes_before));
                assert!(found <= most, "{name}: {work} steps for {bytes} bytes");
            }
            before = Some((bytes, work));
        }
    }
}

fn wide(number: usize) -> u64 {
    u64::try_from(number).unwrap()
}

fn each(parts: usize, part: impl Fn(usize) -> String) -> String {
    (0..parts).map(part).collect()
}

/// A module of one function with this code.
fn one(code: &str) -> String {
    let wide = vec!["n"; limit::OPERANDS_MAX].join(", ");
    let registers: String = (0..limit::LOOP_DEPTH_MAX).fold(String::new(), |mut text, at| {
        write!(text, "i{at}: int, ").unwrap();
        text
    });
    let code = code.replace("WIDE", &wide);
    format!(
        "{PRELUDE} function f \"f\" playbook (n: int, c: bool) -> unit
         registers ({registers} l: ints, f: error, u: unit) {{ {code} return u }}"
    )
}

/// Loops inside each other as deep as they may be.
fn nest(part: usize) -> String {
    let mut code = String::new();
    for at in 0..limit::LOOP_DEPTH_MAX {
        writeln!(code, "range.start i{at}, n, n, 1, m{part}x{at}\nl{part}x{at}: move c, c")
            .unwrap();
    }
    for at in (0..limit::LOOP_DEPTH_MAX).rev() {
        writeln!(code, "range.next i{at}, n, l{part}x{at}\nm{part}x{at}: move c, c").unwrap();
    }
    code
}

/// Queries of many actions, which the bound counts each for itself.
fn queries(parts: usize) -> String {
    let actions = each(ACTIONS, |at| {
        format!("action a{at} query \"a.q{at:03}\" () -> int timeout 1s\nsite s{at} ask a{at}()\n")
    });
    let code = each(parts, |at| format!("ask n, s{}\n", at % ACTIONS));
    format!("{PRELUDE} {actions} function c \"c\" condition (n: int) -> int {{ {code} return n }}")
}

/// Functions that each call the one before several times, in towers as high as they may be.
fn calls(parts: usize) -> String {
    let functions = each(parts, |at| {
        let code = match at % limit::CALL_DEPTH_MAX {
            0 => String::new(),
            _ => format!("call n, f{}, [n]\n", at - 1).repeat(16),
        };
        format!("function f{at} \"f{at}\" pure (n: int) -> int {{ {code} return n }}\n")
    });
    format!("{PRELUDE} {functions}")
}
