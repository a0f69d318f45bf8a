//! What each token is in its place, read from the tree: tokens alone don't say whether a
//! parenthesis belongs to a call, or which words begin a clause.

mod marker;

use crate::ast::File;
use crate::token::Token;

/// How readily a line is broken before a token.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Break {
    /// Always.
    Always,
    /// Where the clauses of a statement don't fit behind it.
    Clause,
    /// Where they don't even fit on a line of their own.
    Late,
    /// `for` and `if` of a comprehension: below what is made of each element.
    Over,
    /// An operator: the looser it binds, the lower the number.
    Operator(u8),
}

/// The level of comparisons: brackets beside one are broken first.
pub(crate) const COMPARISON: Break = Break::Operator(3);

/// What stands in a pair of braces.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Braces {
    /// Statements that are short enough for one line.
    Short,
    /// Statements, or the arms of a `match`: one a line.
    Long,
    /// Fields, parted by commas on one line and by nothing on several.
    Fields,
    /// The variants of an enum.
    Variants,
}

/// What a token does in its place.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(crate) enum Role {
    /// Nothing that its kind doesn't say.
    #[default]
    Plain,
    /// It begins an item, statement, arm, field or variant.
    Child,
    /// It begins an item that may stand close to others of its kind.
    ShortItem,
    /// It opens the list that belongs to the name before it.
    Arguments,
    /// It opens a comprehension in the place of arguments.
    Comprehension,
    /// It opens a list or map.
    List,
    /// It opens an index.
    Index,
    /// It opens the arguments of a type.
    OpensTypes,
    /// It closes them.
    ClosesTypes,
}

/// What one token is.
#[derive(Clone, Copy, Default, Debug)]
pub(crate) struct Mark {
    /// What it does.
    pub(crate) role: Role,
    /// How readily a line is broken before it.
    pub(crate) breaks: Option<Break>,
    /// What stands in the braces that it opens.
    pub(crate) braces: Option<Braces>,
}

impl Mark {
    /// Whether it begins a child of what is around it.
    pub(crate) fn is_child(self) -> bool {
        matches!(self.role, Role::Child | Role::ShortItem)
    }

    /// Whether it follows the token before it without a blank.
    pub(crate) fn is_tight(self) -> bool {
        match self.role {
            Role::Arguments
            | Role::Comprehension
            | Role::Index
            | Role::OpensTypes
            | Role::ClosesTypes => true,
            Role::Plain | Role::Child | Role::ShortItem | Role::List => false,
        }
    }

    /// Whether the last element of the list that it opens may be followed by a comma.
    pub(crate) fn takes_comma(self) -> bool {
        matches!(self.role, Role::Arguments | Role::List)
    }

    /// Whether it is an operator between two operands.
    pub(crate) fn is_operator(self) -> bool {
        matches!(self.breaks, Some(Break::Operator(_)))
    }
}

/// A mark for each token.
#[derive(Debug)]
pub(crate) struct Marks(Vec<Mark>);

impl Marks {
    pub(crate) fn of(tree: &File, tokens: &[Token]) -> Self {
        Self(marker::mark(tree, tokens))
    }

    pub(crate) fn get(&self, at: usize) -> Mark {
        self.0.get(at).copied().unwrap_or_default()
    }
}
