//! The token table: kind, spelling, name in messages, class.
//!
//! The lexer's kinds, the parser's terminals, the words in messages and the
//! list of keywords come out of this one table; a test compares it with the
//! `extern` block and the soft words of the grammar, which can't be generated.

use logos::Logos;

/// What a kind of token is good for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Class {
    /// A word that is never a name, except after `.` and before `:`.
    Reserved,
    /// A word that begins an item, and is a name elsewhere.
    Item,
    /// A word that begins or joins a clause, and is a name elsewhere.
    Clause,
    /// Brackets, operators, separators.
    Sign,
    /// Names, literals, pieces of texts.
    Value,
    /// What the parser never sees.
    Trivia,
}

macro_rules! tokens {
    (
        reserved { $($reserved:ident $reserved_word:literal,)* }
        item { $($item:ident $item_word:literal,)* }
        clause { $($clause:ident $clause_word:literal,)* }
        sign { $($sign:ident $sign_text:literal,)* }
        value { $($(#[$value_pattern:meta])? $value:ident $terminal:literal $value_name:literal,)* }
        trivia { $(#[$trivia_pattern:meta] $trivia:ident,)* }
    ) => {
        /// The kind of a token; its text is a slice of the source.
        #[derive(Logos, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
        #[logos(skip r"[ \t]+")]
        pub(crate) enum Kind {
            $(#[token($reserved_word)] $reserved,)*
            $(#[token($item_word)] $item,)*
            $(#[token($clause_word)] $clause,)*
            $(#[token($sign_text)] $sign,)*
            $($(#[$value_pattern])? $value,)*
            $(#[$trivia_pattern] $trivia,)*
        }

        impl Kind {
            /// What the kind is good for.
            pub(crate) fn class(self) -> Class {
                match self {
                    $(Self::$reserved)|* => Class::Reserved,
                    $(Self::$item)|* => Class::Item,
                    $(Self::$clause)|* => Class::Clause,
                    $(Self::$sign)|* => Class::Sign,
                    $(Self::$value)|* => Class::Value,
                    $(Self::$trivia)|* => Class::Trivia,
                }
            }

            /// What messages call it.
            pub(crate) fn name(self) -> &'static str {
                match self {
                    $(Self::$reserved => concat!("`", $reserved_word, "`"),)*
                    $(Self::$item => concat!("`", $item_word, "`"),)*
                    $(Self::$clause => concat!("`", $clause_word, "`"),)*
                    $(Self::$sign => concat!("`", $sign_text, "`"),)*
                    $(Self::$value => $value_name,)*
                    $(Self::$trivia => "",)*
                }
            }
        }

        /// The kinds that the parser sees, with the names that it has for them.
        pub(crate) const TERMINALS: &[(&str, Kind)] = &[
            $((concat!("\"", $reserved_word, "\""), Kind::$reserved),)*
            $((concat!("\"", $item_word, "\""), Kind::$item),)*
            $((concat!("\"", $clause_word, "\""), Kind::$clause),)*
            $((concat!("\"", $sign_text, "\""), Kind::$sign),)*
            $(($terminal, Kind::$value),)*
        ];
    };
}

tokens! {
    reserved {
        And "and", Approval "approval", Approve "approve", Ask "ask", Attempt "attempt",
        Choose "choose", Do "do", Each "each", Else "else", Ensure "ensure", Fail "fail",
        False "false", Finish "finish", For "for", Give "give", If "if", In "in", Keep "keep",
        Let "let", Match "match", None "none", Not "not", Or "or", Parallel "parallel",
        Return "return", Set "set", Sorted "sorted", Stage "stage", Tell "tell", True "true",
        Until "until", Var "var", Wait "wait", Any "_",
    }
    item {
        Action "action", Asset "asset", Const "const", Enum "enum", Fn "fn", Notice "notice",
        Playbook "playbook", Query "query", Role "role", Rule "rule", Setting "setting",
        Task "task", Test "test", Type "type", Use "use",
    }
    clause {
        Affects "affects", After "after", As "as", Asked "asked", At "at", Auto "auto",
        Back "back", Backoff "backoff", Before "before", By "by", Capture "capture",
        Crash "crash", Deadline "deadline", Denies "denies", Desc "desc", Done "done",
        Effect "effect", Escalate "escalate", Every "every", Exact "exact", Expect "expect",
        Fails "fails", Failure "failure", Feed "feed", First "first", Given "given",
        Grants "grants", Group "group", Idempotent "idempotent", Impact "impact",
        Irreversible "irreversible", Limit "limit", Max "max", Newest "newest", Now "now",
        Of "of", On "on", Once "once", Otherwise "otherwise", Outcome "outcome", Per "per",
        Proof "proof", Recover "recover", Released "released", Retry "retry",
        Returns "returns", Roll "roll", Run "run", Severity "severity", Simulated "simulated",
        Start "start", Started "started", Then "then", Timeout "timeout", To "to", Told "told",
        Undo "undo", Undone "undone", Verified "verified", Waiting "waiting", When "when",
        Where "where", With "with", Within "within",
    }
    sign {
        Comma ",", OpenParen "(", CloseParen ")", OpenBracket "[", CloseBracket "]",
        OpenBrace "{", CloseBrace "}", Colon ":", Dot ".", DotDot "..", Arrow "->", Question "?",
        Assign "=", Equal "==", NotEqual "!=", Less "<", LessEqual "<=", Greater ">",
        GreaterEqual ">=", Plus "+", Minus "-", Star "*", Slash "/", Percent "%",
    }
    value {
        #[regex("[A-Za-z_][A-Za-z0-9_]*", priority = 1)]
        Name "NAME" "a name",
        Int "INT" "a whole number",
        Float "FLOAT" "a number",
        Duration "DURATION" "a duration",
        Time "TIME" "a time",
        Ip "IP" "an address",
        Cidr "CIDR" "an address block",
        Text "TEXT" "a text",
        TextHead "TEXT_HEAD" "a text with holes",
        TextMiddle "TEXT_MIDDLE" "`}`",
        TextTail "TEXT_TAIL" "`}`",
        Bad "BAD" "",
    }
    trivia {
        // A word that begins with a digit: wide, so that it is one literal or one mistake.
        // Two dots or more may be followed by a prefix length.
        #[regex(r"[0-9][0-9A-Za-z_]*(\.[0-9A-Za-z_]+)*")]
        Digits,
        #[regex(r"[0-9][0-9A-Za-z_]*(\.[0-9A-Za-z_]+){2,}/[0-9][0-9A-Za-z_]*(\.[0-9A-Za-z_]+)*")]
        DigitsWithPrefix,
        #[regex(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}[0-9A-Za-z_]*([.:][0-9A-Za-z_]+)*([+-][0-9]{2}:[0-9]{2})?")]
        Date,
        // Groups of hexadecimal digits with at least two colons, or two colons in a row: no
        // valid source has them.
        #[regex(r"([0-9A-Fa-f]{1,4}:([0-9A-Fa-f]{1,4})?:|::)[0-9A-Za-z_.:]*(/[0-9]+)?")]
        Colons,
        #[regex(r"//[^\n]*", allow_greedy = true)]
        Comment,
        #[regex(r"\r?\n")]
        LineBreak,
        #[token("\"")]
        Quote,
        // What other languages write; each is explained.
        #[regex(r"&&|\|\||!|;|=>|=<|\+=|-=|\*=|/=|/\*|'|`|#|@|\$|\^|~|\\|&|\|")]
        Foreign,
    }
}

impl Kind {
    /// Whether it is a word that stands for itself only in some places.
    pub(crate) fn is_soft(self) -> bool {
        matches!(self.class(), Class::Item | Class::Clause)
    }

    /// The word or sign itself; what messages call it for a value.
    pub(crate) fn spelling(self) -> &'static str {
        self.name().trim_matches('`')
    }

    /// The kind of a text that is one word.
    pub(crate) fn of_word(text: &str) -> Option<Self> {
        let mut cutter = Self::lexer(text);
        let kind = cutter.next()?.ok()?;
        (cutter.slice() == text && kind.is_word()).then_some(kind)
    }

    /// Whether the text of the token is a word that could be a name.
    pub(crate) fn is_word(self) -> bool {
        match self.class() {
            Class::Reserved => self != Self::Any,
            Class::Item | Class::Clause => true,
            Class::Sign | Class::Value | Class::Trivia => self == Self::Name,
        }
    }
}

/// A token and where it stands, in bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Token {
    /// Which kind.
    pub(crate) kind: Kind,
    /// Offset of its first byte.
    pub(crate) start: u32,
    /// Offset behind its last byte.
    pub(crate) end: u32,
}

#[cfg(test)]
mod tests;
