//! What to do about a mistake, where the place and the neighbours tell.

use super::expected::Expected;
use super::foreign;
use super::report::Reader;
use crate::token::{Class, Kind, Token};

/// Signs that compare.
const COMPARISONS: &[Kind] = &[
    Kind::Equal,
    Kind::NotEqual,
    Kind::Less,
    Kind::LessEqual,
    Kind::Greater,
    Kind::GreaterEqual,
    Kind::In,
];

/// Clauses at the head of a playbook.
const HEADS: &[Kind] = &[Kind::Severity, Kind::Deadline, Kind::Limit, Kind::On];

/// The help line for the token at the index `at`, if one is known.
pub(super) fn help(reader: Reader<'_>, at: usize, expected: &Expected) -> Option<String> {
    let token = reader.token(at)?;
    let word = reader.text(token);
    let before = reader.before(at).map(|token| token.kind);
    let next = reader.token(at + 1).map(|token| token.kind);
    if let Some(help) = foreign::help(word, expected) {
        return Some(help.to_owned());
    }
    of_sign(token.kind, expected)
        .map(str::to_owned)
        .or_else(|| of_question(token, word, before, next, expected))
        .or_else(|| of_missing_sign(token, word, expected))
        .or_else(|| of_place(token.kind, before, expected).map(str::to_owned))
        .or_else(|| of_word(token.kind, word, next, expected))
        .or_else(|| {
            expected.clauses().map(|words| format!("the clauses that can stand here: {words}"))
        })
}

/// For a sign that has another meaning here, or none.
fn of_sign(found: Kind, expected: &Expected) -> Option<&'static str> {
    match found {
        Kind::Assign if expected.may_close() => Some("an argument is written `name: value`"),
        Kind::Assign if expected.continues() => Some("`==` compares two values"),
        Kind::Assign if expected.has(Kind::Duration) || expected.has(Kind::Int) => {
            Some("leave the `=` out: a clause is a word and its value")
        }
        Kind::Colon if expected.only(&[Kind::Assign]) => {
            Some("leave the type out: a `let` has the type of its value")
        }
        comparison if COMPARISONS.contains(&comparison) && expected.has(Kind::And) => {
            Some("comparisons don't chain: write `a < b and b < c`")
        }
        _ => None,
    }
}

/// For a part of a question to people: whom, how many of them, how long.
fn of_question(
    token: Token,
    word: &str,
    before: Option<Kind>,
    next: Option<Kind>,
    expected: &Expected,
) -> Option<String> {
    let help = match (before?, token.kind) {
        (Kind::Approve, _) if expected.has(Kind::Text) => {
            "the question comes first: `approve \"…\" by 1 of [role] within 15m { … }`"
        }
        (Kind::By, Kind::Name) => {
            return Some(format!("say how many, and of which roles: `by 1 of [{word}]`"));
        }
        (Kind::By, Kind::OpenBracket) => "say how many, and of which roles: `by 1 of […]`",
        (_, Kind::Name) if expected.only(&[Kind::OpenBracket]) => {
            return Some(format!("roles stand in brackets: `[{word}]`"));
        }
        (_, Kind::OpenParen) if expected.only(&[Kind::OpenBracket]) => {
            "roles stand in brackets: `[…]`"
        }
        (Kind::OpenBracket, Kind::Text) if expected.has(Kind::CloseBracket) => {
            "a role is a name, without quotes: `[soc_lead]`"
        }
        (Kind::Escalate, _) => "write `escalate to [role] after 5m`",
        (Kind::Otherwise, Kind::OpenBrace) => {
            "the decision gets a name there: `otherwise decision { … }`"
        }
        (_, Kind::Else) if expected.only(&[Kind::Otherwise]) => {
            "what happens without a yes is written `otherwise decision { … }`"
        }
        _ if expected.has(Kind::Escalate) && next == Some(Kind::Duration) => {
            "how long people have is written `within 15m`"
        }
        _ => return None,
    };
    Some(help.to_owned())
}

/// For a comma, unit or parenthesis that is missing before what was found.
fn of_missing_sign(token: Token, word: &str, expected: &Expected) -> Option<String> {
    let is_value = token.kind.is_word() && token.kind.class() != Class::Reserved
        || token.kind.class() == Class::Value;
    if is_value && expected.has(Kind::Comma) && !expected.has(Kind::Greater) {
        return Some(format!("write a comma before `{word}`"));
    }
    if token.kind == Kind::Int && expected.has(Kind::Duration) {
        return Some(format!("a duration has a unit: `{word}s`, `{word}m`, `{word}h`"));
    }
    let amount = expected.has(Kind::Duration) || expected.has(Kind::Int);
    if token.kind == Kind::Name && amount && expected.has(Kind::OpenParen) {
        return Some(format!("a setting or constant stands in parentheses: `({word})`"));
    }
    None
}

/// For a part that is missing, told by what could have stood there.
fn of_place(found: Kind, before: Option<Kind>, expected: &Expected) -> Option<&'static str> {
    if before == Some(Kind::Return) && expected.wants_expr() {
        return Some("a `return` without a value is the last statement of its block");
    }
    if expected.wants_test_statement() && found.class() == Class::Reserved {
        return Some("a test says what is `given`, `run`s a playbook, and says what it `expect`s");
    }
    if expected.only(&[Kind::OpenParen, Kind::Dot]) {
        return Some("parentheses stand here also when there is nothing in them: `()`");
    }
    if expected.only(&[Kind::Colon]) {
        return Some("a field or parameter is written `name: Type`");
    }
    if before == Some(Kind::Test) {
        return Some("a test begins with what it shows: `test \"…\" { … }`");
    }
    if expected.only(&[Kind::Arrow]) {
        return Some("the type of the result is missing: `-> Bool`");
    }
    if expected.only(&[Kind::OpenBrace]) && HEADS.contains(&found) {
        return Some(
            "`severity`, `deadline`, `limit` and `on failure` stand inside the braces, at the top",
        );
    }
    if expected.only(&[Kind::OpenBrace]) && found.class() == Class::Reserved {
        return Some("a block stands in braces: `{ … }`");
    }
    None
}

/// For a word that can't stand here.
fn of_word(found: Kind, word: &str, next: Option<Kind>, expected: &Expected) -> Option<String> {
    if expected.wants_name() {
        return (found.class() == Class::Reserved)
            .then(|| format!("`{word}` is a word of the language and can't be a name here"));
    }
    if found != Kind::Name {
        return None;
    }
    if let Some(meant) = expected.nearest(word) {
        return Some(format!("did you mean `{meant}`?"));
    }
    if !expected.wants_statement() {
        return None;
    }
    Some(match next {
        Some(Kind::Assign) => format!("a value gets its name with `let {word} = …`"),
        Some(Kind::OpenParen | Kind::Dot) => {
            "an action is called with `do`, a query with `ask`, a notice with `tell`".to_owned()
        }
        _ => "a statement begins with a word like `do`, `ask`, `tell`, `let`, `if`".to_owned(),
    })
}
