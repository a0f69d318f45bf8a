//! What could have stood at the place of a mistake, in words.
//!
//! The generated parser gives the set of all terminals. People think in
//! expressions, statements and items, so whole groups get one word.

use crate::suggest;
use crate::token::{Class, Kind, TERMINALS};

/// Kinds that only an expression has at its beginning.
const EXPR_SIGNS: &[Kind] = &[
    Kind::OpenParen,
    Kind::OpenBracket,
    Kind::Minus,
    Kind::Int,
    Kind::Float,
    Kind::Duration,
    Kind::Time,
    Kind::Ip,
    Kind::Cidr,
    Kind::Text,
    Kind::TextHead,
    Kind::True,
    Kind::False,
    Kind::None,
    Kind::Not,
    Kind::Ask,
    Kind::Sorted,
    Kind::Name,
];

/// What goes on with an expression that could also have ended.
const OPERATORS: &[Kind] = &[
    Kind::Or,
    Kind::And,
    Kind::Not,
    Kind::Equal,
    Kind::NotEqual,
    Kind::Less,
    Kind::LessEqual,
    Kind::Greater,
    Kind::GreaterEqual,
    Kind::In,
    Kind::Else,
    Kind::Plus,
    Kind::Minus,
    Kind::Star,
    Kind::Slash,
    Kind::Percent,
    Kind::Question,
    Kind::Dot,
    Kind::OpenParen,
    Kind::OpenBracket,
];

/// What begins a statement.
const STATEMENTS: &[Kind] = &[
    Kind::Severity,
    Kind::Deadline,
    Kind::Limit,
    Kind::On,
    Kind::Let,
    Kind::Return,
    Kind::Give,
    Kind::Var,
    Kind::Set,
    Kind::If,
    Kind::Each,
    Kind::Match,
    Kind::Attempt,
    Kind::Approve,
    Kind::Do,
    Kind::Ask,
    Kind::Tell,
    Kind::Finish,
    Kind::Fail,
    Kind::Stage,
    Kind::Keep,
    Kind::Parallel,
    Kind::Wait,
    Kind::Ensure,
];

/// What begins a statement of a test.
const TEST_STATEMENTS: &[Kind] = &[
    Kind::Let,
    Kind::Set,
    Kind::Given,
    Kind::Feed,
    Kind::Run,
    Kind::Roll,
    Kind::Crash,
    Kind::Expect,
];

/// What stands right of `let` beside expressions.
const VALUES: &[Kind] =
    &[Kind::Approve, Kind::Attempt, Kind::Choose, Kind::Do, Kind::Each, Kind::If, Kind::Match];

/// Groups of clauses: a word that only this group has, and all its words.
const CLAUSES: &[(Kind, &[Kind])] = &[
    (
        Kind::Affects,
        &[
            Kind::Affects,
            Kind::Proof,
            Kind::Capture,
            Kind::Undo,
            Kind::Irreversible,
            Kind::Idempotent,
            Kind::Simulated,
            Kind::Impact,
            Kind::First,
            Kind::To,
            Kind::Timeout,
            Kind::Retry,
        ],
    ),
    (
        Kind::Verified,
        &[Kind::For, Kind::Until, Kind::Verified, Kind::As, Kind::Undo, Kind::Timeout, Kind::Retry],
    ),
    (Kind::Escalate, &[Kind::By, Kind::Within, Kind::Escalate, Kind::Auto]),
    (Kind::Where, &[Kind::Where, Kind::Group, Kind::When, Kind::Once]),
];

/// The terminals that could have stood there.
#[derive(Debug)]
pub(super) struct Expected {
    kinds: Vec<Kind>,
}

impl Expected {
    /// From the names that the generated parser has for its terminals.
    pub(super) fn new(terminals: &[String]) -> Self {
        let named = |terminal: &String| {
            TERMINALS.iter().find(|known| known.0 == terminal).map(|known| known.1)
        };
        let mut kinds: Vec<Kind> = terminals.iter().filter_map(named).collect();
        kinds.retain(|kind| *kind != Kind::Bad);
        kinds.sort_unstable();
        kinds.dedup();
        // Where a name can stand, every soft word can, and that helps nobody.
        if kinds.contains(&Kind::Name) {
            kinds.retain(|kind| !kind.is_soft());
        }
        // `else` is read in the place of `otherwise` only to say that it isn't right.
        if kinds.contains(&Kind::Otherwise) {
            kinds.retain(|kind| *kind != Kind::Else);
        }
        Self { kinds }
    }

    /// Whether this kind could have stood there.
    pub(super) fn has(&self, kind: Kind) -> bool {
        self.kinds.contains(&kind)
    }

    /// Whether nothing but these kinds could have stood there.
    pub(super) fn only(&self, kinds: &[Kind]) -> bool {
        self.kinds.iter().all(|kind| kinds.contains(kind))
    }

    pub(super) fn wants_expr(&self) -> bool {
        self.has(Kind::Int) && self.has(Kind::OpenParen) && self.has(Kind::Name)
    }

    /// Whether an expression could have gone on.
    pub(super) fn continues(&self) -> bool {
        self.has(Kind::Star) && self.has(Kind::Slash)
    }

    /// Whether a statement could begin here.
    pub(super) fn wants_statement(&self) -> bool {
        self.has(Kind::Tell)
    }

    /// Whether a statement of a test could begin here.
    pub(super) fn wants_test_statement(&self) -> bool {
        self.has(Kind::Expect)
    }

    /// Whether an item could begin here.
    pub(super) fn wants_item(&self) -> bool {
        self.has(Kind::Playbook)
    }

    /// Whether a name and nothing more general could stand here.
    pub(super) fn wants_name(&self) -> bool {
        self.has(Kind::Name) && !self.wants_expr()
    }

    /// Whether what came before could have ended here.
    pub(super) fn may_end_here(&self) -> bool {
        self.wants_statement() || self.wants_item() || self.has(Kind::CloseBrace)
    }

    /// Whether a round or square bracket could have been closed here.
    pub(super) fn may_close(&self) -> bool {
        self.has(Kind::CloseParen) || self.has(Kind::CloseBracket)
    }

    /// The word that was probably meant by a misspelt one.
    pub(super) fn nearest(&self, word: &str) -> Option<&'static str> {
        let is_word =
            |kind: &&Kind| matches!(kind.class(), Class::Reserved | Class::Item | Class::Clause);
        suggest::nearest(word, self.kinds.iter().filter(is_word).map(|kind| kind.spelling()))
    }

    /// The clauses that could have stood there, when [`Self::list`] only says "a clause".
    pub(super) fn clauses(&self) -> Option<String> {
        let group = CLAUSES.iter().find(|group| self.has(group.0))?;
        let words: Vec<&str> =
            group.1.iter().filter(|kind| self.has(**kind)).map(|kind| kind.name()).collect();
        Some(words.join(" "))
    }

    /// What could have stood there, behind a token of the kind `before`, as in
    /// "a name, a text or `,`".
    pub(super) fn list(&self, before: Option<Kind>) -> String {
        let mut list = List { kinds: self.kinds.clone(), words: Vec::new() };
        let wants_expr = self.wants_expr();
        list.group(wants_expr, "an expression", EXPR_SIGNS);
        list.drop(wants_expr && self.has(Kind::Choose), VALUES);
        list.group(self.continues(), "an operator", OPERATORS);
        // Every name in an argument could have been followed by these.
        list.drop(self.continues() && self.may_close(), &[Kind::Colon, Kind::For]);
        list.group(self.wants_statement(), "a statement", STATEMENTS);
        list.group(self.wants_test_statement(), "a statement of a test", TEST_STATEMENTS);
        let text = self.has(Kind::Text) && self.has(Kind::TextHead);
        list.group(text && !wants_expr, "a text", &[Kind::Text, Kind::TextHead]);
        let amount = self.has(Kind::OpenParen) && !wants_expr && !self.continues();
        let duration = amount && self.has(Kind::Duration);
        list.group(duration, "a duration", &[Kind::Duration, Kind::OpenParen]);
        let count = amount && self.has(Kind::Int);
        list.group(count, "a whole number", &[Kind::Int, Kind::OpenParen]);
        let ty = matches!(before, Some(Kind::Arrow | Kind::Colon)) && self.wants_name();
        list.group(ty, "a type", &[Kind::Name]);
        for (word, clauses) in CLAUSES {
            list.group(self.has(*word), "a clause", clauses);
        }
        list.group(self.has(Kind::TextTail), "`}`", &[Kind::TextMiddle, Kind::TextTail]);
        if self.wants_item() {
            list.kinds.retain(|kind| kind.class() != Class::Item);
        }
        list.words.extend(list.kinds.iter().map(|kind| kind.name()));
        if self.wants_item() {
            list.words.push("an item");
        }
        list.sentence()
    }
}

/// The words for what could have stood there, and the kinds that have none yet.
struct List {
    kinds: Vec<Kind>,
    words: Vec<&'static str>,
}

impl List {
    /// If `wanted`, says `word` for these kinds.
    fn group(&mut self, wanted: bool, word: &'static str, members: &[Kind]) {
        if wanted {
            self.drop(true, members);
            self.words.push(word);
        }
    }

    fn drop(&mut self, wanted: bool, members: &[Kind]) {
        if wanted {
            self.kinds.retain(|kind| !members.contains(kind));
        }
    }

    fn sentence(&self) -> String {
        match self.words.split_last() {
            None => "nothing more".to_owned(),
            Some((last, [])) => (*last).to_owned(),
            Some((last, others)) => format!("{} or {last}", others.join(", ")),
        }
    }
}
