use std::collections::BTreeSet;

use super::*;

const GRAMMAR: &str = include_str!("../rye.lalrpop");

/// The lines between a line that ends with `from` and the next that is `to`, without blanks.
fn section(from: &str, to: &str) -> Vec<&'static str> {
    GRAMMAR
        .lines()
        .map(str::trim)
        .skip_while(|line| !line.ends_with(from))
        .skip(1)
        .take_while(|line| *line != to)
        .collect()
}

#[test]
fn the_extern_block_of_the_grammar_is_this_table() {
    let written = section("enum Kind {", "}");
    let table: Vec<String> = TERMINALS
        .iter()
        .map(|(terminal, kind)| {
            let name =
                if terminal.starts_with('"') { terminal } else { terminal.trim_matches('"') };
            format!("{name} => Kind::{kind:?},")
        })
        .collect();
    let written: BTreeSet<&str> = written.into_iter().collect();
    let table: BTreeSet<&str> = table.iter().map(String::as_str).collect();
    assert_eq!(written, table);
}

#[test]
fn a_name_is_name_or_any_soft_word() {
    let written: BTreeSet<String> = section("Word: () = {", "};")
        .join(" ")
        .split(',')
        .map(|part| part.trim().trim_end_matches(" => ()").trim_matches('"').to_owned())
        .filter(|word| !word.is_empty() && word != "NAME")
        .collect();
    let soft: BTreeSet<String> = TERMINALS
        .iter()
        .filter(|(_, kind)| kind.is_soft())
        .map(|(_, kind)| kind.spelling().to_owned())
        .collect();
    assert_eq!(written, soft);
}

#[test]
fn every_word_is_cut_as_its_kind() {
    for (terminal, kind) in TERMINALS {
        if kind.class() != Class::Value {
            let spelling = terminal.trim_matches('"');
            let mut cutter = Kind::lexer(spelling);
            assert_eq!(cutter.next(), Some(Ok(*kind)), "{spelling}");
            assert_eq!(cutter.slice(), spelling);
            assert_eq!(kind.spelling(), spelling);
        }
    }
}

#[test]
fn a_kind_is_one_byte() {
    assert_eq!(size_of::<Kind>(), 1);
}
