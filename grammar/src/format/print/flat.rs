//! What elements look like on one line, where they may stand on one.

use super::Printer;
use crate::format::marks::{Braces, Break, Role};
use crate::format::tree::{Block, Element, Group};
use crate::token::Kind;

impl Printer<'_, '_> {
    /// The elements on one line; nothing if a comment or a rule of the style forbids it.
    pub(super) fn flat(&self, elements: &[Element]) -> Option<String> {
        let mut text = String::new();
        self.write_flat(&mut text, elements, false).then_some(text)
    }

    /// The elements on one line, whatever forbids it.
    pub(super) fn flat_anyway(&self, elements: &[Element]) -> String {
        let mut text = String::new();
        self.write_flat(&mut text, elements, true);
        text
    }

    fn write_flat(&self, text: &mut String, elements: &[Element], anyway: bool) -> bool {
        let mut before = None;
        for element in elements {
            if let Some(before) = before {
                let first = element.first();
                let allowed = self.source.gap(first).comments.is_empty()
                    && self.marks.get(first).breaks != Some(Break::Always);
                if !allowed && !anyway {
                    return false;
                }
                if self.blank_between(before, first) {
                    text.push(' ');
                }
            }
            let written = match element {
                Element::Token(at) => {
                    text.push_str(self.source.slice(*at, *at));
                    true
                }
                Element::Text { first, last } => {
                    self.write_text(text, *first, *last);
                    true
                }
                Element::Group(group) => self.write_group(text, group, anyway),
                Element::Braces(block) => self.write_block(text, block),
            };
            if !written {
                return false;
            }
            before = Some(element.last());
        }
        true
    }

    /// A text with its holes.
    fn write_text(&self, text: &mut String, first: usize, last: usize) {
        for at in first..=last {
            if at > first && self.blank_between(at - 1, at) {
                text.push(' ');
            }
            text.push_str(self.source.slice(at, at));
        }
    }

    fn write_group(&self, text: &mut String, group: &Group, anyway: bool) -> bool {
        text.push_str(self.source.slice(group.open, group.open));
        for (index, item) in group.items.iter().enumerate() {
            text.push_str(if index > 0 { ", " } else { "" });
            let quiet = item.first().is_none_or(|first| self.quiet(first.first()));
            if !(quiet || anyway) || !self.write_flat(text, item, anyway) {
                return false;
            }
        }
        text.push_str(self.source.slice(group.close, group.close));
        anyway || self.quiet(group.close)
    }

    /// Braces stand on one line where the author put them on one, with one statement at most.
    fn write_block(&self, text: &mut String, block: &Block) -> bool {
        let braces = self.marks.get(block.open).braces;
        let fields = matches!(braces, Some(Braces::Fields | Braces::Variants));
        let one_line = (block.open + 1..=block.close).all(|at| !self.source.gap(at).breaks);
        if block.children.is_empty() {
            text.push_str("{}");
            return self.quiet(block.close);
        }
        if !one_line || braces == Some(Braces::Long) || (block.children.len() > 1 && !fields) {
            return false;
        }
        text.push_str("{ ");
        for (index, child) in block.children.iter().enumerate() {
            text.push_str(if index > 0 { ", " } else { "" });
            let simple = child.iter().all(|element| !matches!(element, Element::Braces(_)));
            if !simple || !self.write_flat(text, child, false) {
                return false;
            }
        }
        text.push_str(" }");
        true
    }

    /// Whether no comment stands before a token.
    fn quiet(&self, token: usize) -> bool {
        self.source.gap(token).comments.is_empty()
    }

    /// Whether a blank parts two tokens that follow each other on a line.
    pub(super) fn blank_between(&self, before: usize, next: usize) -> bool {
        let (Some(left), Some(right)) = (self.source.kind(before), self.source.kind(next)) else {
            return false;
        };
        let sign = left == Kind::Minus && !self.marks.get(before).is_operator();
        let number = matches!(
            left,
            Kind::Int | Kind::Float | Kind::Duration | Kind::Time | Kind::Ip | Kind::Cidr
        );
        let close_right = match right {
            Kind::Comma
            | Kind::Colon
            | Kind::Question
            | Kind::CloseParen
            | Kind::CloseBracket
            | Kind::TextMiddle
            | Kind::TextTail => true,
            // A dot behind a number would be read as a part of it.
            Kind::Dot => !number,
            _ => self.marks.get(next).is_tight(),
        };
        let close_left = matches!(
            left,
            Kind::OpenParen | Kind::OpenBracket | Kind::Dot | Kind::TextHead | Kind::TextMiddle
        ) || self.marks.get(before).role == Role::OpensTypes;
        !(close_right || close_left || sign)
    }
}
