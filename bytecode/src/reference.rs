//! The reference of instructions, as text for the documentation.

use core::fmt::Write as _;

use crate::instruction::operand::Kind;
use crate::instruction::{Class, Cost, Flow, Row, Shape, TABLE};
use crate::verify::VerifyCode;

/// The page `docs/reference/instructions.md`.
pub fn instructions() -> String {
    let mut page = String::from(HEAD);
    page.push_str("| number | instruction | goes | fuel | class | what it does |\n");
    page.push_str("| --- | --- | --- | --- | --- | --- |\n");
    for row in TABLE {
        // Writing to a `String` doesn't fail.
        let _ = writeln!(
            page,
            "| {} | `{}{}` | {} | {} | {} | {} |",
            row.number,
            row.mnemonic,
            operands(row),
            flow(row.flow),
            cost(row.cost),
            class(row.class),
            row.doc
        );
    }
    page.push_str(RULES);
    for (code, rule) in VerifyCode::ALL {
        let _ = writeln!(page, "| `{code}` | {rule} |");
    }
    page
}

const HEAD: &str = "\
# Instructions

Generated from the instruction table; `cargo xtask codegen` writes this page.

A function is code over registers that each have one type for the whole body. An instruction's
operands stand in the order of encoding and of assembler: first what is written, then what is read.
`name: Type` is a register of that type, `name: Type*` several; `T`, `K` and `V` are any type, the
same wherever they stand in one row; `any` has a rule of its own. Other operands are named by what
they are: a `constant`, a `label`, a `count`.

Where control goes: to the next instruction unless the table says otherwise. `branch`: to the next or
to the label. `open`: to the next, and to the label after a failure.

Fuel: a number, or a number and the *length* of the first value that is read, or a number and the
*size* of all values that are read. The length of a list or map is the count of its elements, that of
a text, bytes, URL, domain or mail address the count of its begun 64 bytes, any other is 0. The size
is the length with the sizes of all that a value contains.

Classes: `pure` computes; `raises` may raise an error that a playbook can recover; `frame` opens or
closes a compensation frame; `reads` and `acts` meet the world; `ends` ends the run.

A number is never used again, and meaning and price of an instruction never change under its number.

";

const RULES: &str = "
## What the verifier refuses

| code | the rule |
| --- | --- |
";

fn operands(row: &Row) -> String {
    let mut text = String::new();
    for (index, operand) in row.operands.iter().enumerate() {
        let separator = if index == 0 { " " } else { ", " };
        let several = if operand.kind == Kind::Registers { "*" } else { "" };
        let _ = match operand.kind {
            Kind::Register | Kind::Registers => {
                write!(text, "{separator}{}: {}{several}", operand.name, shape(operand.shape))
            }
            kind => write!(text, "{separator}{}: {}", operand.name, number(kind)),
        };
    }
    text
}

fn number(kind: Kind) -> &'static str {
    match kind {
        Kind::Register | Kind::Registers => "register",
        Kind::Label => "label",
        Kind::Constant => "constant",
        Kind::Setting => "setting",
        Kind::Function => "function",
        Kind::ActionSite => "site",
        Kind::Question => "question",
        Kind::Field => "field",
        Kind::Variant => "alternative",
        Kind::Count => "count",
        Kind::Context => "fact",
        Kind::FrameKind => "frame",
        Kind::OnFailure => "direction",
        Kind::Outcome => "outcome",
    }
}

fn shape(shape: Shape) -> String {
    String::from(match shape {
        Shape::Any | Shape::Nothing => "any",
        Shape::ListT => "List(T)",
        Shape::ListK => "List(K)",
        Shape::ListV => "List(V)",
        Shape::ListListT => "List(List(T))",
        Shape::ListCidr => "List(Cidr)",
        Shape::ListText => "List(Text)",
        Shape::MapKV => "Map(K, V)",
        Shape::MapKInt => "Map(K, Int)",
        Shape::OptionalT => "Optional(T)",
        Shape::OptionalV => "Optional(V)",
        Shape::BuilderT => "Builder(T)",
        // A type's or variable's own name.
        plain @ (Shape::Bool
        | Shape::Int
        | Shape::Float
        | Shape::Text
        | Shape::Time
        | Shape::Duration
        | Shape::Ip
        | Shape::Cidr
        | Shape::Url
        | Shape::Domain
        | Shape::Email
        | Shape::Hash
        | Shape::Watch
        | Shape::Approval
        | Shape::Error
        | Shape::T
        | Shape::K
        | Shape::V) => return format!("{plain:?}"),
    })
}

fn flow(flow: Flow) -> &'static str {
    match flow {
        Flow::Next => "next",
        Flow::Jump => "label",
        Flow::Branch => "branch",
        Flow::Open => "open",
        Flow::End => "nowhere",
    }
}

fn cost(cost: Cost) -> String {
    match cost {
        Cost::Fixed(price) => price.to_string(),
        Cost::Length(price) => format!("{price} + length"),
        Cost::Size(price) => format!("{price} + size"),
    }
}

fn class(class: Class) -> &'static str {
    match class {
        Class::Pure => "pure",
        Class::Raises => "raises",
        Class::Frame => "frame",
        Class::Reads => "reads",
        Class::Acts => "acts",
        Class::Ends => "ends",
    }
}
