//! Typed expressions.

use rye_bytecode::instruction::operand::Context;
use rye_core::action::Retry;
use rye_core::ty::TypeId;
use rye_core::value::{Duration, Name, Value};
use rye_grammar::span::Span;

use super::{ActionId, FunctionId, LocalId, SettingId};

/// An expression.
#[derive(Clone, Debug, PartialEq)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// The type of its value.
    pub ty: TypeId,
    /// Its text.
    pub span: Span,
}

/// What an expression is.
#[derive(Clone, Debug, PartialEq)]
pub enum ExprKind {
    /// A value that is known: a literal, a checked constant, a `const`. Of the
    /// expression's type; `none` is [`ExprKind::None`], except inside of values.
    Constant(Value),
    /// What a local holds.
    Local(LocalId),
    /// What the site gives a setting.
    Setting(SettingId),
    /// `run.id`, `run.started`, `run.starter`.
    Context(Context),
    /// A text with holes: piece, hole, piece, …, hole, piece.
    Template {
        /// One more than holes; `""` where nothing stands.
        pieces: Vec<Name>,
        /// Printed as a person would write them. Never a `Secret`.
        holes: Vec<Expr>,
    },
    /// A list of these.
    List(Vec<Expr>),
    /// A map of these; the last of equal keys counts.
    Map(Vec<(Expr, Expr)>),
    /// A record of these, in the order of the declaration. Source order may be
    /// another one: as expressions are pure, that only decides which of two errors
    /// is raised.
    Record(Vec<Expr>),
    /// An alternative of an enum, by its index.
    Variant {
        /// The alternative.
        variant: u8,
        /// What it carries.
        payload: Vec<Expr>,
    },
    /// A field of a record, or of an asset that is a record.
    Field {
        /// The record.
        base: Box<Expr>,
        /// The field's index in the declaration.
        field: u8,
    },
    /// The empty `T?`; the expression's type says of what.
    None,
    /// A value where there might be nothing.
    Some(Box<Expr>),
    /// The same list or map under a type with a larger `max` (at any depth).
    Widen(Box<Expr>),
    /// The asset that a value (not a text) names.
    Wrap(Box<Expr>),
    /// What names an asset.
    Unwrap(Box<Expr>),
    /// `e?`: the value, or the error `not_found`.
    Require(Box<Expr>),
    /// `e else d`: the value of a `T?`, or the fallback, evaluated only then.
    Default {
        /// A `T?`.
        value: Box<Expr>,
        /// A `T`.
        fallback: Box<Expr>,
    },
    /// `a and b`: `b` is evaluated only if `a` holds.
    And(Box<Expr>, Box<Expr>),
    /// `a or b`: `b` is evaluated only if `a` does not hold.
    Or(Box<Expr>, Box<Expr>),
    /// An operator or predeclared function.
    Apply {
        /// Which.
        op: Op,
        /// As many as it takes.
        args: Vec<Expr>,
    },
    /// A function of the package.
    Call {
        /// Which; of kind `Pure`.
        function: FunctionId,
        /// In the order of its parameters.
        args: Vec<Expr>,
    },
    /// `[element for x in list if condition]`
    Comprehension {
        /// Over what.
        over: Box<Over>,
        /// What is made of each element that counts.
        element: Box<Expr>,
    },
    /// `count(… for x in list if condition)` and the like.
    Aggregate {
        /// Which.
        aggregate: Aggregate,
        /// Over what.
        over: Box<Over>,
        /// What is looked at in each element that counts. For `count` nothing: it is
        /// the constant `true`.
        element: Box<Expr>,
    },
    /// `sorted x in list by …`: stable.
    Sorted {
        /// The element in the keys.
        local: LocalId,
        /// What is sorted.
        list: Box<Expr>,
        /// The first decides, the others among equals. Never empty.
        keys: Vec<SortKey>,
    },
    /// A query, only in the body of a condition. If it fails, the whole condition is
    /// `false` at this look.
    Ask(Box<Ask>),
}

/// `for x in list if condition`
#[derive(Clone, Debug, PartialEq)]
pub struct Over {
    /// The element.
    pub local: LocalId,
    /// Where the elements come from.
    pub list: Expr,
    /// Which of them count; all when missing.
    pub condition: Option<Expr>,
}

/// One key of `sorted`.
#[derive(Clone, Debug, PartialEq)]
pub struct SortKey {
    /// What is compared; of an ordered type.
    pub value: Expr,
    /// Whether the greatest comes first.
    pub descending: bool,
}

/// A query, or a notice, with its arguments.
#[derive(Clone, Debug, PartialEq)]
pub struct Ask {
    /// Which.
    pub action: ActionId,
    /// In the order of its parameters, of their types.
    pub arguments: Vec<Expr>,
    /// Per attempt.
    pub timeout: Amount<Duration>,
    /// How often.
    pub retry: Attempts,
}

/// A number or length of time in a clause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Amount<T> {
    /// Written out, or a constant.
    Fixed(T),
    /// What a site gives a setting that has a range.
    Setting {
        /// Which.
        id: SettingId,
        /// The lower end of its range.
        least: T,
        /// The upper end.
        most: T,
    },
}

/// How often something is attempted, with which pause before the second time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attempts {
    /// At most so often.
    pub attempts: Amount<u8>,
    /// Doubled before each further one.
    pub backoff: Amount<Duration>,
}

impl<T: Copy> Amount<T> {
    /// The least that it can be.
    pub fn least(self) -> T {
        match self {
            Self::Fixed(value) => value,
            Self::Setting { least, .. } => least,
        }
    }

    /// The most that it can be: what the worst case counts.
    pub fn most(self) -> T {
        match self {
            Self::Fixed(value) => value,
            Self::Setting { most, .. } => most,
        }
    }
}

impl Attempts {
    /// How long all attempts can take, with the pauses between them.
    pub fn worst_case(self, timeout: Amount<Duration>) -> Duration {
        let retry = Retry { attempts: self.attempts.most(), backoff: self.backoff.most() };
        retry.worst_case(timeout.most())
    }
}

impl From<Retry> for Attempts {
    fn from(Retry { attempts, backoff }: Retry) -> Self {
        Self { attempts: Amount::Fixed(attempts), backoff: Amount::Fixed(backoff) }
    }
}

/// What is made of many elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aggregate {
    /// How many: an `Int`.
    Count,
    /// Whether the element, a `Bool`, holds for one; looks no further then.
    Any,
    /// Whether it holds for all; looks no further than one for which it doesn't.
    All,
    /// The sum of `Int`, `Float` or `Duration`; zero of none.
    Sum,
    /// The smallest, a `T?`; the first of equals.
    Min,
    /// The greatest, a `T?`; the first of equals.
    Max,
    /// How often each: a `Map<T, Int>`.
    Counted,
}

/// An operator or predeclared function. Where an instruction has the same name, that is
/// what it does; the operands are those of the instruction, in its order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the instruction of the same name says what it does")]
pub enum Op {
    Not,
    Equal,
    /// Not [`Op::Equal`].
    NotEqual,
    Less,
    LessEqual,
    /// [`Op::Less`] with the operands exchanged.
    Greater,
    /// [`Op::LessEqual`] with the operands exchanged.
    GreaterEqual,
    /// The smaller of two values of one ordered type; the first of equals.
    Smaller,
    /// The larger of two values of one ordered type; the first of equals.
    Larger,
    AddInt,
    SubtractInt,
    MultiplyInt,
    DivideInt,
    RemainderInt,
    NegateInt,
    AbsoluteInt,
    XorInt,
    ShiftLeftInt,
    ShiftRightInt,
    WrappingAddInt,
    WrappingMultiplyInt,
    AddFloat,
    SubtractFloat,
    MultiplyFloat,
    DivideFloat,
    NegateFloat,
    AbsoluteFloat,
    FloatOfInt,
    IntOfFloat,
    RoundFloat,
    AddTime,
    SubtractTime,
    BetweenTime,
    AddDuration,
    SubtractDuration,
    ScaleDuration,
    DivideDuration,
    RatioDuration,
    NegateDuration,
    AbsoluteDuration,
    LengthText,
    LowerText,
    TrimText,
    SplitText,
    ContainsText,
    StartsWithText,
    EndsWithText,
    /// The type of the list says what is looked for.
    ExtractText,
    /// The type of the optional says what is read: `Ip`, `Cidr`, `Url`, `Domain`, `Email`,
    /// `Hash`, `Time`, or an asset that a text names.
    ParseText,
    InCidr,
    InCidrs,
    CoversCidr,
    Network,
    CidrAddress,
    CidrLength,
    UrlScheme,
    UrlHost,
    UrlPath,
    LengthList,
    GetList,
    InList,
    TakeList,
    DropList,
    DistinctList,
    FlatList,
    JoinList,
    LengthMap,
    GetMap,
    InMap,
    KeysOfMap,
    ValuesOfMap,
}
