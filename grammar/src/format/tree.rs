//! Tokens folded into what their brackets hold. Commas that only part a list are dropped
//! here; the printer sets its own.

use super::marks::{Braces, Marks, Role};
use super::source::Source;
use crate::token::Kind;

/// What stands side by side: the text of an item, a statement, an argument.
pub(crate) type Run = Vec<Element>;

/// One part of a run.
#[derive(Clone, Debug)]
pub(crate) enum Element {
    /// One token.
    Token(usize),
    /// A text with holes, from its first token to its last: never broken.
    Text {
        /// Its head.
        first: usize,
        /// Its tail.
        last: usize,
    },
    /// Parentheses or brackets.
    Group(Group),
    /// Braces.
    Braces(Block),
}

/// Parentheses or brackets and what they hold.
#[derive(Clone, Debug)]
pub(crate) struct Group {
    pub(crate) open: usize,
    pub(crate) close: usize,
    /// Parted by commas.
    pub(crate) items: Vec<Run>,
}

/// Braces and what they hold.
#[derive(Clone, Debug)]
pub(crate) struct Block {
    pub(crate) open: usize,
    pub(crate) close: usize,
    pub(crate) children: Vec<Run>,
}

impl Element {
    /// The number of its first token.
    pub(crate) fn first(&self) -> usize {
        match self {
            Self::Token(at) | Self::Text { first: at, .. } => *at,
            Self::Group(group) => group.open,
            Self::Braces(block) => block.open,
        }
    }

    /// The number of its last token.
    pub(crate) fn last(&self) -> usize {
        match self {
            Self::Token(at) | Self::Text { last: at, .. } => *at,
            Self::Group(group) => group.close,
            Self::Braces(block) => block.close,
        }
    }
}

/// The items of a source.
pub(crate) fn fold(source: &mut Source<'_>, marks: &Marks) -> Vec<Run> {
    Folder { source, marks, at: 0 }.children(false)
}

struct Folder<'f, 's> {
    source: &'f mut Source<'s>,
    marks: &'f Marks,
    at: usize,
}

impl Folder<'_, '_> {
    fn kind(&self) -> Option<Kind> {
        self.source.kind(self.at)
    }

    /// What stands up to the closing brace, a run for each child.
    fn children(&mut self, drop_commas: bool) -> Vec<Run> {
        let mut children: Vec<Run> = Vec::new();
        let mut types = 0_usize;
        while let Some(kind) = self.kind() {
            if kind == Kind::CloseBrace {
                break;
            }
            if kind == Kind::Comma && drop_commas && types == 0 {
                self.source.pass_on(self.at);
                self.at += 1;
                continue;
            }
            types = self.depth_of_types(types);
            if children.is_empty() || self.marks.get(self.at).is_child() {
                children.push(Run::new());
            }
            let element = self.element(kind);
            if let Some(child) = children.last_mut() {
                child.push(element);
            }
        }
        children
    }

    /// What stands up to the closing parenthesis or bracket, parted by commas.
    fn items(&mut self) -> Vec<Run> {
        let mut items: Vec<Run> = Vec::new();
        let mut item = Run::new();
        let mut types = 0_usize;
        while let Some(kind) = self.kind() {
            if matches!(kind, Kind::CloseParen | Kind::CloseBracket) {
                break;
            }
            if kind == Kind::Comma && types == 0 {
                self.source.pass_on(self.at);
                self.at += 1;
                items.push(std::mem::take(&mut item));
                continue;
            }
            types = self.depth_of_types(types);
            let element = self.element(kind);
            item.push(element);
        }
        if !item.is_empty() {
            items.push(item);
        }
        items
    }

    /// In how many lists of type arguments the next token stands.
    fn depth_of_types(&self, depth: usize) -> usize {
        match self.marks.get(self.at).role {
            Role::OpensTypes => depth + 1,
            Role::ClosesTypes => depth.saturating_sub(1),
            _ => depth,
        }
    }

    fn element(&mut self, kind: Kind) -> Element {
        let open = self.at;
        self.at += 1;
        match kind {
            Kind::OpenParen | Kind::OpenBracket => {
                let items = self.items();
                Element::Group(Group { open, close: self.close(), items })
            }
            Kind::OpenBrace => {
                let braces = self.marks.get(open).braces;
                let drop_commas = matches!(braces, Some(Braces::Fields | Braces::Variants));
                let children = self.children(drop_commas);
                Element::Braces(Block { open, close: self.close(), children })
            }
            Kind::TextHead => {
                let mut depth = 1_usize;
                while depth > 0 && self.at < self.source.tokens().len() {
                    depth = match self.kind() {
                        Some(Kind::TextHead) => depth + 1,
                        Some(Kind::TextTail) => depth - 1,
                        _ => depth,
                    };
                    self.at += 1;
                }
                Element::Text { first: open, last: self.at.saturating_sub(1) }
            }
            _ => Element::Token(open),
        }
    }

    fn close(&mut self) -> usize {
        self.at += 1;
        self.at.saturating_sub(1)
    }
}
