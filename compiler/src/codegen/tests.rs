//! What golden code and random programs don't reach: the sizes of the machine, and
//! that the largest bodies that fit are generated.

use core::fmt::Write as _;

use rye_bytecode::{Options, verify};

use super::*;
use crate::{Source, check};

/// The proved module, or what is too large.
fn generated(text: &str) -> Result<Module, Vec<Diagnostic>> {
    let checked = check(&[Source { module: "large", path: "large.rye", text }], &[]);
    let package = checked.package.unwrap_or_else(|| panic!("{:?}\n{text}", checked.diagnostics));
    let module = generate(&package, &checked.sources)?;
    Ok((*verify(module, Options::default()).unwrap()).clone())
}

fn playbook(body: &str) -> String {
    format!("playbook large(n: Int) {{\nseverity low\ndeadline 1h\n{body}\n}}\n")
}

/// `count` values with names, and one that needs them all.
fn names(count: usize, value: impl Fn(usize) -> String) -> (String, String) {
    let mut lets = String::new();
    for at in 0..count {
        writeln!(lets, "let x{at} = {}", value(at)).unwrap();
    }
    let all: Vec<String> = (0..count).map(|at| format!("x{at}")).collect();
    (lets, format!("[{}]", all.join(", ")))
}

#[test]
fn too_many_values_at_a_time_name_the_largest_stage() {
    let (small, _) = names(3, |at| format!("n + {at}"));
    let (large, sum) = names(300, |at| format!("n * {at}"));
    let large = large.replace("let x", "let y");
    let sum = sum.replace('x', "y");
    let body = format!(
        "stage little {{\n{small}}}\nstage much {{\n{large}}}\nfinish contained \"{{{sum}}}\""
    );
    let diagnostics = generated(&playbook(&body)).unwrap_err();
    let [one] = diagnostics.as_slice() else { panic!("{diagnostics:?}") };
    assert_eq!(one.code, Code::BodyTooLarge);
    assert!(one.message.contains("more values at a time"), "{}", one.message);
    let label = &one.labels[0];
    assert!(label.message.contains("the largest stage"), "{label:?}");
    // `stage much` is the 8th line; its span begins there.
    let start = playbook(&body).find("stage much").unwrap();
    assert_eq!(usize::try_from(label.span.start).unwrap(), start);
}

#[test]
fn constants_do_without_registers_of_their_own_where_room_is_short() {
    let (lets, sum) = names(150, |at| format!("n * {at}"));
    let mut more = String::new();
    for at in 1000..1150 {
        writeln!(more, "if n < {at} {{ finish escalated }}").unwrap();
    }
    let text = playbook(&format!("{lets}{more}finish contained \"{{{sum}}}\""));
    let module = generated(&text).unwrap();
    let registers = module.functions[0].registers.len();
    assert!((150..200).contains(&registers), "{registers}");
}

#[test]
fn values_whose_block_has_ended_make_room() {
    let mut body = String::new();
    for _ in 0..10 {
        let (lets, sum) = names(60, |at| format!("n * {at}"));
        writeln!(body, "if n > 0 {{\n{lets}finish contained \"{{{sum}}}\"\n}}").unwrap();
    }
    let module = generated(&playbook(&body)).unwrap();
    // 60 numbers, their 60 factors, and little else.
    assert!(module.functions[0].registers.len() < 140);
}

#[test]
fn lists_and_maps_longer_than_a_function_has_registers_are_built() {
    let numbers: Vec<String> = (0..400).map(|at| format!("n + {at}")).collect();
    let entries: Vec<String> = (0..400).map(|at| format!("\"k{at}\": n + {at}")).collect();
    let body = format!(
        "let numbers = [{}]\nlet map = [{}]\nfinish contained \"{{numbers}} {{map}}\"",
        numbers.join(", "),
        entries.join(", ")
    );
    assert!(generated(&playbook(&body)).is_ok());
}

#[test]
fn only_what_is_called_is_in_the_module() {
    let text = format!(
        "fn used(n: Int) -> Int {{ return inner(n) }}\n\
         fn inner(n: Int) -> Int {{ return n }}\n\
         fn unused(n: Int) -> Int {{ return n }}\n\
         type Unused {{ x: Int }}\n{}",
        playbook("finish contained \"{used(n)} {used(n)}\"")
    );
    let module = generated(&text).unwrap();
    let names: Vec<&str> = module.functions.iter().map(|function| &*function.name).collect();
    assert_eq!(names, ["large", "large.used", "large.inner"]);
    assert!(!module.types.types().iter().any(|ty| format!("{ty:?}").contains("Unused")));
}

#[test]
fn a_loop_whose_round_never_ends_normally_is_proved() {
    let text = format!(
        "fn first_above(xs: List<Int>, n: Int) -> Int {{\n\
         each x in xs max 1000 {{\nif x > n {{ return x }} else {{ return n }}\n}}\nreturn 0\n}}\n{}",
        playbook("finish contained \"{first_above([n, 2], n)}\"")
    );
    assert!(generated(&text).is_ok());
}

#[test]
fn each_question_of_a_body_has_an_answer_of_its_own() {
    let ask = |n: &str| {
        format!(
            "approve \"{n}?\" by 1 of [lead] within 1m {{ fail \"yes\" }} otherwise d{n} {{\n\
             if n > 1 {{ fail \"{{d{n}}}\" }}\n}}\n"
        )
    };
    let body = format!("{}if n > 0 {{\n{}}}\n{}", ask("1"), ask("2"), ask("3"));
    let text = format!("role lead \"leads\"\n{}", playbook(&format!("on failure hold\n{body}")));
    assert_eq!(generated(&text).unwrap().questions.len(), 3);
}

#[test]
fn what_the_last_of_several_patterns_loads_is_not_there_when_the_first_one_fits() {
    let text = playbook("match n {\n0 or 3 { finish contained \"{n + 3}\" }\nelse { }\n}");
    assert!(generated(&text).is_ok());
}

#[test]
fn constants_have_room_up_to_their_limit() {
    let text = |count: usize| {
        let long = "x".repeat(4000);
        let lets = (0..count).fold(String::new(), |text, at| {
            format!("{text}if n == {at} {{ finish contained \"{at}{long}\" }}\n")
        });
        playbook(&lets)
    };
    assert!(generated(&text(200)).is_ok());
    // One source file holds no more than a module's constants, so it takes two.
    let checked = check(
        &[
            Source { module: "one", path: "one.rye", text: &text(200).replace("large", "one") },
            Source { module: "two", path: "two.rye", text: &text(200).replace('x', "y") },
        ],
        &[],
    );
    let diagnostics = generate(&checked.package.unwrap(), &checked.sources).unwrap_err();
    assert!(diagnostics[0].message.contains("bytes of constants"), "{diagnostics:?}");
}
