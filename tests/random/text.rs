//! How a program is written.

use std::fmt::{self, Display, Write};

use super::{
    ALTERNATIVES, List, Number, Statement, Truth, VARIABLES, VERDICT, Verdict, Whole, ends,
};

impl Display for Whole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("use std.notify\n")?;
        f.write_str(VERDICT)?;
        f.write_str("fn compute(a: Int, b: Int, xs: List<Int> max 8) -> Int {\n")?;
        for (at, name) in VARIABLES.iter().enumerate() {
            writeln!(f, "var {name} = {at}")?;
        }
        block(f, &self.0)?;
        if !ends(&self.0) {
            f.write_str("return xor(xor(u, v), w)\n")?;
        }
        f.write_str("}\nplaybook report(a: Int, b: Int, xs: List<Int> max 8) {\n")?;
        f.write_str("severity low\ndeadline 1h\non failure hold\n")?;
        f.write_str("tell notify.analysts(text: \"{compute(a, b, xs)}\")\n}\n")
    }
}

fn block(f: &mut impl Write, statements: &[Statement]) -> fmt::Result {
    for (at, statement) in statements.iter().enumerate() {
        // Nothing may stand behind a statement that never ends normally.
        if ends(&statements[..at]) {
            break;
        }
        statement_text(f, statement)?;
    }
    Ok(())
}

fn braces(f: &mut impl Write, statements: &[Statement]) -> fmt::Result {
    f.write_str("{\n")?;
    block(f, statements)?;
    f.write_str("}\n")
}

fn statement_text(f: &mut impl Write, statement: &Statement) -> fmt::Result {
    match statement {
        Statement::Let(name, value) => writeln!(f, "let {name} = {value}"),
        Statement::Set(name, value) => writeln!(f, "set {name} = {value}"),
        Statement::If(branches, otherwise) => {
            for (at, (condition, block)) in branches.iter().enumerate() {
                write!(f, "{}if {condition} ", if at == 0 { "" } else { "else " })?;
                braces(f, block)?;
            }
            f.write_str("else ")?;
            braces(f, otherwise)
        }
        Statement::IfLet(name, list, block) => {
            write!(f, "if let {name} = first({list}) ")?;
            braces(f, block)
        }
        Statement::Range(name, rounds, block) => {
            write!(f, "each {name} in 0..{rounds} max 10 ")?;
            braces(f, block)
        }
        Statement::Each(name, list, block) => {
            write!(f, "each {name} in {list} max 100 ")?;
            braces(f, block)
        }
        Statement::Match(value, arms, otherwise) => {
            writeln!(f, "match {value} {{")?;
            for (arm, block) in arms {
                write!(f, "{arm} ")?;
                braces(f, block)?;
            }
            f.write_str("else ")?;
            braces(f, otherwise)?;
            f.write_str("}\n")
        }
        Statement::LetIf(name, condition, [then, otherwise]) => {
            write!(f, "let {name} = if {condition} ")?;
            braces(f, then)?;
            f.write_str("else ")?;
            braces(f, otherwise)
        }
        Statement::LetMatch(name, Verdict { carried }, arms) => {
            let values: Vec<String> = carried.iter().map(|(_, of)| of.to_string()).collect();
            let made = match values.as_slice() {
                [] => String::new(),
                values => format!("({})", values.join(", ")),
            };
            writeln!(f, "let {name} = match Verdict.{}{made} {{", ALTERNATIVES[carried.len()])?;
            for (count, (alternative, arm)) in ALTERNATIVES.iter().zip(arms).enumerate() {
                let bindings = match count {
                    0 => String::new(),
                    _ if count == carried.len() => {
                        let names = carried.iter().map(|(name, _)| name.as_str());
                        format!("({})", names.collect::<Vec<_>>().join(", "))
                    }
                    _ => format!("({})", vec!["_"; count].join(", ")),
                };
                write!(f, "{alternative}{bindings} ")?;
                braces(f, arm)?;
            }
            f.write_str("}\n")
        }
        Statement::LetEach { name, element, list, round } => {
            write!(f, "let {name}_all = each {element} in {list} max 1000 ")?;
            braces(f, round)?;
            writeln!(f, "let {name} = sum({element} % 1000 for {element} in {name}_all)")
        }
        Statement::Give(value) => writeln!(f, "give {value}"),
        Statement::Return(value) => writeln!(f, "return {value}"),
    }
}

impl Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Literal(value) => write!(f, "{value}"),
            Self::Name(name) => f.write_str(name),
            Self::Two(name, both) => write!(f, "{name}({}, {})", both[0], both[1]),
            Self::Count(list, name, condition) => {
                write!(f, "count({name} for {name} in {list} if {condition})")
            }
            Self::Sum(list, name, of) => write!(f, "sum({of} % 1000 for {name} in {list})"),
            Self::Best { largest, list, name, key, otherwise } => {
                let word = if *largest { "max" } else { "min" };
                write!(f, "({word}({key} for {name} in {list}) else {otherwise})")
            }
            Self::At(list, at, otherwise) => {
                write!(f, "(take({list}, 1000)[{at}] else {otherwise})")
            }
        }
    }
}

impl Display for Truth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Literal(value) => write!(f, "{value}"),
            Self::Two(operator, both) => write!(f, "({} {operator} {})", both[0], both[1]),
            Self::And(both) => write!(f, "({} and {})", both[0], both[1]),
            Self::Or(both) => write!(f, "({} or {})", both[0], both[1]),
            Self::Not(inner) => write!(f, "(not {inner})"),
            Self::Any(list, name, inner) => write!(f, "any({inner} for {name} in {list})"),
            Self::All(list, name, inner) => write!(f, "all({inner} for {name} in {list})"),
            Self::In(number, list) => write!(f, "({number} in {list})"),
        }
    }
}

impl Display for List {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Input => f.write_str("xs"),
            Self::Literal(numbers) => {
                let numbers: Vec<String> = numbers.iter().map(ToString::to_string).collect();
                write!(f, "[{}]", numbers.join(", "))
            }
            Self::Made { list, name, condition, element } => {
                write!(f, "[{element} for {name} in {list} if {condition}]")
            }
            Self::Sorted { list, name, keys } => {
                let key = |(key, descending): &(Number, bool)| {
                    format!("{key}{}", if *descending { " desc" } else { "" })
                };
                let keys: Vec<String> = keys.iter().map(key).collect();
                write!(f, "(sorted {name} in {list} by {})", keys.join(" then "))
            }
            Self::Take(list, count) => write!(f, "take({list}, {count})"),
            Self::Drop(list, count) => write!(f, "drop({list}, {count})"),
        }
    }
}
