//! Sources with one token changed: each is refused with a report, or becomes bytecode
//! that is proved, with the worst case that the compiler counted. Nothing in between, and
//! nothing panics.

#[path = "worst_case.rs"]
mod worst_case;

use std::fs;
use std::path::Path;

use rye_compiler::{CompileError, Source, check, compile};
use rye_grammar::diagnostic::Diagnostic;
use rye_stdlib::INTERFACES;

/// Every so manieth of all mutants is tried: a number that shares no factor with the 23
/// of one token, so that each kind has its turn.
const STRIDE: usize = 24;

/// The places of words and signs.
fn tokens(text: &str) -> Vec<(usize, usize)> {
    let mut found: Vec<(usize, usize)> = Vec::new();
    let mut in_word = false;
    for (at, letter) in text.char_indices() {
        let end = at + letter.len_utf8();
        let joins = letter.is_alphanumeric() || letter == '_';
        match found.last_mut() {
            Some((_, last)) if joins && in_word && *last == at => *last = end,
            _ if letter.is_whitespace() => {}
            _ => found.push((at, end)),
        }
        in_word = joins;
    }
    found
}

/// One token dropped, doubled, exchanged with the next, or replaced by each of these.
const WORDS: &[&str] = &[
    "5", "1h", "\"x\"", "none", "address", "Address", "Int", "if", "do", "ask", "let", "(", ")",
    "{", "}", "?", ".", "in", "-", "[",
];

fn mutant(text: &str, tokens: &[(usize, usize)], at: usize, kind: usize) -> Option<String> {
    let (start, end) = *tokens.get(at)?;
    let (token, before, after) = (text.get(start..end)?, text.get(..start)?, text.get(end..)?);
    Some(match kind {
        0 => format!("{before}{after}"),
        1 => format!("{before}{token} {token}{after}"),
        2 => {
            let (next, behind) = *tokens.get(at + 1)?;
            let (between, other) = (text.get(end..next)?, text.get(next..behind)?);
            format!("{before}{other}{between}{token}{}", text.get(behind..)?)
        }
        _ => format!("{before} {} {after}", WORDS.get(kind - 3)?),
    })
}

#[test]
fn a_changed_token_is_refused_or_proved() {
    let interfaces: Vec<Source<'_>> =
        INTERFACES.iter().map(|(module, text)| Source { module, path: module, text }).collect();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let files = ["ui/right/everything.rye", "../stdlib-actions/interface/firewall.rye"];
    let (mut refused, mut proved) = (0, 0);
    for file in files {
        let text = fs::read_to_string(root.join(file)).unwrap();
        let tokens = tokens(&text);
        let kinds = WORDS.len() + 3;
        for number in (0..tokens.len() * kinds).step_by(STRIDE) {
            let Some(mutant) = mutant(&text, &tokens, number / kinds, number % kinds) else {
                continue;
            };
            let source = Source { module: "mutant", path: "mutant.rye", text: &mutant };
            let checked = check(&[source], &interfaces);
            match compile(&checked) {
                Ok(compiled) => {
                    let package = checked.package.as_ref().unwrap();
                    worst_case::assert_both_agree(&mutant, package, &compiled.module);
                    proved += 1;
                }
                Err(CompileError::Diagnostics(found)) => {
                    assert!(found.iter().any(Diagnostic::is_error), "refused silently:\n{mutant}");
                    refused += 1;
                }
                Err(error) => panic!("{error}\n{mutant}"),
            }
        }
    }
    // Both ends were seen, or the mutants are not what they should be.
    assert!(refused > 500 && proved > 50, "{refused} refused, {proved} proved");
}
