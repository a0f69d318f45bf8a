//! Words that other languages have, and what Rye has instead.

use super::expected::Expected;

/// Where a word of another language stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Where a statement could begin.
    Statement,
    /// Where an item could begin.
    Item,
    /// Anywhere.
    Any,
}

const WORDS: &[(&str, Place, &str)] = &[
    ("for", Place::Statement, "a loop is written `each x in xs max 50 { … }`"),
    ("foreach", Place::Statement, "a loop is written `each x in xs max 50 { … }`"),
    (
        "while",
        Place::Statement,
        "every loop has an end: `each i in 0..n max 50 { … }`, or `wait until … every … within …`",
    ),
    (
        "loop",
        Place::Statement,
        "every loop has an end: `each i in 0..n max 50 { … }`, or `wait until … every … within …`",
    ),
    ("try", Place::Statement, "write `attempt { … } recover error { … }`"),
    ("catch", Place::Any, "write `attempt { … } recover error { … }`"),
    ("except", Place::Any, "write `attempt { … } recover error { … }`"),
    ("throw", Place::Statement, "write `fail \"…\"`"),
    ("raise", Place::Statement, "write `fail \"…\"`"),
    ("switch", Place::Statement, "write `match value { … }`"),
    ("case", Place::Any, "an arm of `match` is a pattern and its block: `clean { … }`"),
    ("default", Place::Any, "the last arm of `match` is `else { … }`"),
    ("elif", Place::Any, "write `else if`"),
    ("elsif", Place::Any, "write `else if`"),
    ("then", Place::Any, "an `if` has no `then`: its block stands in braces, `if … { … }`"),
    ("sleep", Place::Statement, "write `wait 5m`"),
    ("const", Place::Statement, "a constant stands outside of blocks; in a block, write `let`"),
    ("mut", Place::Any, "a local that changes is written `var x = …`, in a `fn`"),
    ("print", Place::Statement, "people are told by a notice: `tell notify.analysts(text: \"…\")`"),
    ("log", Place::Statement, "people are told by a notice: `tell notify.analysts(text: \"…\")`"),
    ("def", Place::Item, "a function is declared with `fn`"),
    ("func", Place::Item, "a function is declared with `fn`"),
    ("function", Place::Item, "a function is declared with `fn`"),
    ("import", Place::Item, "write `use`"),
    ("include", Place::Item, "write `use`"),
    ("from", Place::Item, "write `use`"),
    ("struct", Place::Item, "a record is declared with `type Name { … }`"),
    ("class", Place::Item, "a record is declared with `type Name { … }`"),
    ("record", Place::Item, "a record is declared with `type Name { … }`"),
    ("let", Place::Item, "outside of blocks, write `const name: Type = …`"),
    ("var", Place::Item, "outside of blocks, write `const name: Type = …` or `setting …`"),
    ("do", Place::Item, "this stands outside of any `playbook` or `task`; is a `}` too early?"),
    ("stage", Place::Item, "this stands outside of any `playbook` or `task`; is a `}` too early?"),
    ("tell", Place::Item, "this stands outside of any `playbook` or `task`; is a `}` too early?"),
    ("finish", Place::Item, "this stands outside of any `playbook` or `task`; is a `}` too early?"),
    ("}", Place::Item, "there is no `{` that this could close"),
    ("*", Place::Item, "the values of a setting are written out, not computed"),
    ("+", Place::Item, "the values of a setting are written out, not computed"),
    ("-", Place::Item, "the values of a setting are written out, not computed"),
    ("/", Place::Item, "the values of a setting are written out, not computed"),
];

/// What Rye has instead of a word that stands where it can't.
pub(super) fn help(word: &str, expected: &Expected) -> Option<&'static str> {
    let fits = |place: Place| match place {
        Place::Statement => expected.wants_statement(),
        Place::Item => expected.wants_item(),
        Place::Any => true,
    };
    WORDS.iter().find(|row| row.0 == word && fits(row.1)).map(|row| row.2)
}
