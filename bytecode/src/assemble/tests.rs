use super::assemble;
use crate::disassemble;

const EXAMPLE: &str = include_str!("tests/contain.ryasm");

#[test]
fn a_module_survives_its_text() {
    let module = assemble(EXAMPLE).unwrap();
    assert_eq!(module.functions.len(), 2);
    let text = disassemble(&module);
    assert_eq!(assemble(&text).unwrap(), module, "{text}");
    assert_eq!(disassemble(&assemble(&text).unwrap()), text);
}

#[test]
fn mistakes_are_named_with_their_line() {
    let cases = [
        ("type int Int\n\ntyp x Int", "line 3: `typ` begins no definition"),
        ("type t Foo", "line 1: `Foo` is no type"),
        ("type t Text", "line 1: expected `max`, found the end of the text"),
        ("type t List(u) max 3", "line 1: `u` is not defined"),
        ("type t Int\ntype t Bool", "line 2: this name is defined twice"),
        ("constant c: #0 = nope", "line 1: `nope` begins no value"),
        ("constant c: #0 = \"x", "line 1: a text doesn't end on its line"),
        ("constant c: #0 = \"\\q\"", "line 1: a text has an unknown escape"),
        ("constant c: #0 = 99999999999999999999", "line 1: `99999999999999999999` is no number"),
        ("constant c: #0 = map [2: 1, 1: 1]", "line 1: the keys of a map do not ascend"),
        ("constant c: #0 = ip \"10.0.0\"", "line 1: \"10.0.0\" is not an address"),
        ("function f \"f\" pure () -> #0 { nop }", "line 1: `nop` is no instruction"),
        (
            "function f \"f\" pure () -> #0 {\n jump x }",
            "line 2: the label `x` is not in this function",
        ),
        ("function f \"f\" pure () -> #0 {\n return }", "line 2: expected a register, found `}`"),
        ("function f \"f\" pure () -> #0 { a: a: }", "line 1: a label's name stands twice"),
        ("function f \"f\" pure (r1: #0) -> #0 { }", "line 1: `r1` has another number"),
        ("§", "line 1: `\\u{a7}` begins no word of assembler"),
    ];
    for (text, expected) in cases {
        let error = assemble(text).unwrap_err().to_string();
        assert!(error.starts_with(expected), "{text}: {error}");
    }
}
