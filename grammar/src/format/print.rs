//! Lays runs of tokens out on lines.

mod flat;

use super::marks::{Braces, Break, COMPARISON, Marks, Role};
use super::source::{Gap, Source};
use super::tree::{Block, Element, Group, Run};
use super::{LEVEL, WIDTH};
use crate::token::Kind;

/// What was written so far.
#[derive(Debug)]
pub(crate) struct Printer<'p, 's> {
    source: &'p Source<'s>,
    marks: &'p Marks,
    /// Each line with its indentation; the last one is being written.
    lines: Vec<(usize, String)>,
}

impl<'p, 's> Printer<'p, 's> {
    pub(crate) fn new(source: &'p Source<'s>, marks: &'p Marks) -> Self {
        Self { source, marks, lines: Vec::new() }
    }

    /// A whole file.
    pub(crate) fn file(mut self, items: &[Run]) -> String {
        let mut before = None;
        for item in items {
            let Some(first) = item.first().map(Element::first) else { continue };
            let gap = self.gap_of_item(before, first);
            self.turn(&gap, 0, before.is_some());
            self.run(item, 0, 0);
            before = Some(first);
        }
        self.comments(self.source.gap(self.source.tokens().len()), 0, before.is_some());
        let mut text = String::new();
        for (indent, line) in self.lines.iter().skip_while(|(_, line)| line.is_empty()) {
            if !line.is_empty() {
                text.extend(std::iter::repeat_n(' ', *indent));
            }
            text.push_str(line);
            text.push('\n');
        }
        text
    }

    /// What stands before an item: a blank line unless both items are short and alike.
    fn gap_of_item(&self, before: Option<usize>, first: usize) -> Gap {
        let mut gap = self.source.gap(first).clone();
        let own_line = gap.comments.iter().position(|comment| !comment.trails);
        let Some(before) = before else {
            gap.blank |= gap.comments.last().is_some_and(|last| last.text.starts_with("//!"));
            return gap;
        };
        let alike = self.marks.get(before).role == Role::ShortItem
            && self.marks.get(first).role == Role::ShortItem
            && self.source.kind(before) == self.source.kind(first);
        match own_line.and_then(|at| gap.comments.get_mut(at)) {
            Some(comment) => comment.blank = true,
            None => gap.blank |= !alike,
        }
        gap
    }

    // ---- lines

    fn push(&mut self, text: &str) {
        if self.lines.is_empty() {
            self.lines.push((0, String::new()));
        }
        if let Some((_, line)) = self.lines.last_mut() {
            line.push_str(text);
        }
    }

    fn new_line(&mut self, indent: usize) {
        self.lines.push((indent, String::new()));
    }

    /// Where the next character would stand.
    fn column(&self) -> usize {
        self.lines.last().map_or(0, |(indent, line)| indent + line.chars().count())
    }

    fn indent(&self) -> usize {
        self.lines.last().map_or(0, |(indent, _)| *indent)
    }

    /// Whether a text and `tail` more characters fit on the line.
    fn fits(&self, text: &str, tail: usize) -> bool {
        self.column() + text.chars().count() + tail <= WIDTH
    }

    /// Writes what stands in a gap; true if that ended in a line of its own.
    fn comments(&mut self, gap: &Gap, indent: usize, mut blank_allowed: bool) -> bool {
        for comment in &gap.comments {
            if comment.trails {
                self.push(" ");
            } else {
                if comment.blank && blank_allowed {
                    self.new_line(0);
                }
                self.new_line(indent);
                blank_allowed = true;
            }
            self.push(&comment.text);
        }
        blank_allowed
    }

    /// Goes on in a new line behind what stands in a gap.
    fn turn(&mut self, gap: &Gap, indent: usize, blank_allowed: bool) {
        let blank_allowed = self.comments(gap, indent, blank_allowed);
        if gap.blank && blank_allowed {
            self.new_line(0);
        }
        self.new_line(indent);
    }

    /// Goes on in a new line inside of a statement.
    fn turn_at(&mut self, token: usize, indent: usize) {
        let gap = Gap { blank: false, ..self.source.gap(token).clone() };
        self.turn(&gap, indent, false);
    }

    // ---- runs

    /// An item, a statement, an arm, an argument; `tail` characters must fit behind it.
    fn run(&mut self, run: &[Element], indent: usize, tail: usize) {
        if self.on_one_line(run, tail) {
            return;
        }
        let mut rest = run;
        while !rest.is_empty() {
            let length = rest
                .iter()
                .position(|element| matches!(element, Element::Braces(_)))
                .unwrap_or(rest.len());
            let (head, behind) = rest.split_at(length);
            if let Some(first) = head.first().filter(|_| rest.len() < run.len()) {
                self.go_on(first.first(), indent);
            }
            self.head(head, indent, if behind.is_empty() { tail } else { " {".len() });
            rest = behind;
            if let Some((Element::Braces(block), behind)) = behind.split_first() {
                if self.indent() > indent {
                    self.turn_at(block.open, indent);
                } else {
                    self.go_on(block.open, indent);
                }
                self.block(block, indent);
                rest = behind;
            }
        }
    }

    /// On the same line, unless a comment stands before the token.
    fn go_on(&mut self, token: usize, indent: usize) {
        if self.source.gap(token).comments.is_empty() {
            self.push(" ");
        } else {
            self.turn_at(token, indent);
        }
    }

    /// Writes elements on this line, if they fit.
    fn on_one_line(&mut self, elements: &[Element], tail: usize) -> bool {
        match self.flat(elements).filter(|text| self.fits(text, tail)) {
            Some(text) => {
                self.push(&text);
                true
            }
            None => false,
        }
    }

    /// A part of a run without braces, broken before its clauses where it doesn't fit.
    fn head(&mut self, elements: &[Element], indent: usize, tail: usize) {
        if self.on_one_line(elements, tail) {
            return;
        }
        let mut clause_seen = false;
        let parts = self.split(elements, |breaks| match breaks {
            Break::Always | Break::Clause => {
                clause_seen = true;
                true
            }
            // Whichever clause comes first begins a line.
            Break::Late => !std::mem::replace(&mut clause_seen, true),
            Break::Over | Break::Operator(_) => false,
        });
        let last = parts.len().saturating_sub(1);
        for (index, part) in parts.into_iter().enumerate() {
            self.turn_into(part, index, indent + LEVEL);
            let tail = if index == last { tail } else { 0 };
            if self.on_one_line(part, tail) {
                continue;
            }
            for (index, part) in
                self.split(part, |breaks| breaks == Break::Late).into_iter().enumerate()
            {
                self.turn_into(part, index, indent + LEVEL);
                self.part(part, self.indent(), tail);
            }
        }
    }

    /// A line for each part but the first.
    fn turn_into(&mut self, part: &[Element], index: usize, indent: usize) {
        if let Some(first) = part.first().filter(|_| index > 0) {
            self.turn_at(first.first(), indent);
        }
    }

    /// A part of a run, broken at comments, operators or brackets where it doesn't fit.
    fn part(&mut self, elements: &[Element], indent: usize, tail: usize) {
        if self.on_one_line(elements, tail) {
            return;
        }
        let mut parts = self.split_at_comments(elements);
        let mut below = indent + LEVEL;
        if parts.len() < 2 {
            let has_groups = elements.iter().any(|element| self.breakable(element).is_some());
            let operators = elements.iter().skip(1).filter_map(|element| self.breaks(element));
            let loosest = operators
                .filter(|breaks| matches!(breaks, Break::Over | Break::Operator(_)))
                .filter(|breaks| !(has_groups && *breaks == COMPARISON))
                .min();
            parts = self.split(elements, |breaks| Some(breaks) == loosest);
            below = if loosest == Some(Break::Over) { indent } else { below };
        }
        if parts.len() < 2 {
            self.groups(elements, indent, tail);
            return;
        }
        for (index, part) in parts.into_iter().enumerate() {
            self.turn_into(part, index, below);
            self.part(part, self.indent(), tail);
        }
    }

    fn breaks(&self, element: &Element) -> Option<Break> {
        self.marks.get(element.first()).breaks
    }

    /// Elements, parted before those at which such a break is wanted.
    fn split<'e>(
        &self,
        elements: &'e [Element],
        mut wanted: impl FnMut(Break) -> bool,
    ) -> Vec<&'e [Element]> {
        split_before(elements, |element| self.breaks(element).is_some_and(&mut wanted))
    }

    fn split_at_comments<'e>(&self, elements: &'e [Element]) -> Vec<&'e [Element]> {
        split_before(elements, |element| !self.source.gap(element.first()).comments.is_empty())
    }

    // ---- brackets

    /// Elements without operators: one pair of brackets is broken if that is enough, else all.
    fn groups(&mut self, elements: &[Element], indent: usize, tail: usize) {
        let broken = self.groups_to_break(elements, indent, tail);
        let mut before = None;
        for (at, element) in elements.iter().enumerate() {
            if before.is_some_and(|before| self.blank_between(before, element.first())) {
                self.push(" ");
            }
            match self.breakable(element).filter(|_| broken.contains(&at)) {
                Some(group) => self.group(group, indent, tail),
                None => self.push(&self.flat_anyway(std::slice::from_ref(element))),
            }
            before = Some(element.last());
        }
    }

    fn groups_to_break(&self, elements: &[Element], indent: usize, tail: usize) -> Vec<usize> {
        let all: Vec<usize> =
            (0..elements.len()).filter(|at| self.group_at(elements, *at).is_some()).collect();
        let forced = |at: &usize| {
            elements.get(*at..=*at).is_some_and(|element| self.flat(element).is_none())
        };
        let commented: Vec<usize> = all.iter().copied().filter(forced).collect();
        if !commented.is_empty() {
            return commented;
        }
        let enough = |at: &usize| {
            let (before, behind) = elements.split_at(*at);
            let behind = behind.get(1..).unwrap_or(&[]);
            let opened = self.flat_anyway(before) + " (";
            let closed = self.flat_anyway(behind).chars().count() + " )".len();
            self.fits(&opened, 0) && indent + closed + tail <= WIDTH
        };
        all.iter().copied().rfind(enough).map_or(all, |one| vec![one])
    }

    fn group_at<'e>(&self, elements: &'e [Element], at: usize) -> Option<&'e Group> {
        elements.get(at).and_then(|element| self.breakable(element))
    }

    /// Brackets that hold something that gets shorter by breaking them.
    fn breakable<'e>(&self, element: &'e Element) -> Option<&'e Group> {
        let Element::Group(group) = element else { return None };
        let one_text = match group.items.as_slice() {
            [] => self.source.gap(group.close).comments.is_empty(),
            [item] => self.is_text(item) && self.flat(std::slice::from_ref(element)).is_some(),
            _ => false,
        };
        (!one_text).then_some(group)
    }

    /// Whether an item is a text, with or without a name before it.
    fn is_text(&self, item: &[Element]) -> bool {
        let value = match item {
            [value] => value,
            [_, Element::Token(colon), value] if self.source.kind(*colon) == Some(Kind::Colon) => {
                value
            }
            _ => return false,
        };
        match value {
            Element::Text { .. } => true,
            Element::Token(at) => self.source.kind(*at) == Some(Kind::Text),
            Element::Group(_) | Element::Braces(_) => false,
        }
    }

    /// Brackets with each item on a line; around a single item in brackets of its own, close.
    fn group(&mut self, group: &Group, indent: usize, tail: usize) {
        self.push(self.source.slice(group.open, group.open));
        if let [item] = group.items.as_slice()
            && self.hugs(group, item)
        {
            self.groups(item, indent, tail + 1);
        } else {
            let last = group.items.len().saturating_sub(1);
            for (index, item) in group.items.iter().enumerate() {
                let Some(first) = item.first() else { continue };
                self.turn(self.source.gap(first.first()), indent + LEVEL, index > 0);
                self.run(item, indent + LEVEL, 1);
                if index < last || self.marks.get(group.open).takes_comma() {
                    self.push(",");
                }
            }
            self.comments(self.source.gap(group.close), indent + LEVEL, last > 0);
            self.new_line(indent);
        }
        self.push(self.source.slice(group.close, group.close));
    }

    /// Whether a single item in brackets is broken in its own last brackets instead.
    fn hugs(&self, group: &Group, item: &[Element]) -> bool {
        let Some((last, before)) = item.split_last() else { return false };
        let quiet = |token| self.source.gap(token).comments.is_empty();
        self.breakable(last).is_some()
            && self.flat(before).is_some()
            && item.first().is_some_and(|first| quiet(first.first()))
            && quiet(last.first())
            && quiet(group.close)
            && item.iter().skip(1).all(|element| self.breaks(element).is_none())
    }

    // ---- braces

    /// Braces with each child on a line.
    fn block(&mut self, block: &Block, indent: usize) {
        self.push("{");
        let closing = self.source.gap(block.close);
        if block.children.is_empty() && closing.comments.is_empty() {
            self.push("}");
            return;
        }
        let commas = self.marks.get(block.open).braces == Some(Braces::Variants);
        for (index, child) in block.children.iter().enumerate() {
            let Some(first) = child.first() else { continue };
            self.turn(self.source.gap(first.first()), indent + LEVEL, index > 0);
            self.run(child, indent + LEVEL, usize::from(commas));
            if commas {
                self.push(",");
            }
        }
        self.comments(closing, indent + LEVEL, !block.children.is_empty());
        self.new_line(indent);
        self.push("}");
    }
}

/// Elements, parted before those that are wanted; never before the first one.
fn split_before(elements: &[Element], mut wanted: impl FnMut(&Element) -> bool) -> Vec<&[Element]> {
    elements.chunk_by(|_, next| !wanted(next)).collect()
}
