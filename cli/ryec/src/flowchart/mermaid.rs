//! Nodes, frames around them and lines between them, as Mermaid wants them written.

use std::fmt::{self, Write};

/// A node, or a frame around nodes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Place(usize);

/// What a node looks like.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Shape {
    /// A beginning or an end.
    End,
    /// Something that is done.
    Act,
    /// Something that is done and can't be undone.
    Irreversible,
    /// Something that is read.
    Query,
    /// Something that is told.
    Notice,
    /// A way is chosen.
    Choice,
    /// People are asked.
    Question,
    /// It goes round.
    Loop,
    /// Time passes.
    Wait,
    /// A part with a chart of its own.
    Task,
    /// What a failure leads to.
    Failure,
}

impl Shape {
    /// What stands around the text.
    fn brackets(self) -> (&'static str, &'static str) {
        match self {
            Self::End => ("([", "])"),
            Self::Act => ("[", "]"),
            Self::Irreversible => ("[\\", "/]"),
            Self::Query => ("[/", "/]"),
            Self::Notice => (">", "]"),
            Self::Choice => ("{", "}"),
            Self::Question | Self::Loop => ("{{", "}}"),
            Self::Wait => ("(", ")"),
            Self::Task => ("[[", "]]"),
            Self::Failure => ("[(", ")]"),
        }
    }
}

/// A line between two places.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Line {
    /// The usual way.
    Solid,
    /// The way of a failure.
    Dotted,
}

/// What is drawn, in order.
#[derive(Debug, Default)]
pub(super) struct Chart {
    places: usize,
    depth: usize,
    nodes: String,
    /// Behind all nodes: a node belongs to the frame in which it is named first.
    edges: String,
}

impl Chart {
    fn place(&mut self) -> Place {
        self.places += 1;
        Place(self.places)
    }

    pub(super) fn node(&mut self, shape: Shape, text: &str) -> Place {
        let place = self.place();
        let (open, close) = shape.brackets();
        self.line(&format!("{place}{open}\"{}\"{close}", escaped(text)));
        place
    }

    /// Begins a frame.
    pub(super) fn open(&mut self, title: &str) -> Place {
        let place = self.place();
        self.line(&format!("subgraph {place} [\"{}\"]", escaped(title)));
        self.depth += 1;
        place
    }

    /// Ends the frame that was begun last.
    pub(super) fn close(&mut self) {
        self.depth = self.depth.saturating_sub(1);
        self.line("end");
    }

    pub(super) fn edge(&mut self, from: Place, line: Line, text: &str, to: Place) {
        let arrow = match line {
            Line::Solid => "-->",
            Line::Dotted => "-.->",
        };
        let text = if text.is_empty() { String::new() } else { format!("|\"{}\"|", escaped(text)) };
        // Writing to a `String` does not fail.
        let _ = writeln!(self.edges, "    {from} {arrow}{text} {to}");
    }

    pub(super) fn to_text(&self) -> String {
        format!("flowchart TD\n{}{}", self.nodes, self.edges)
    }

    fn line(&mut self, text: &str) {
        self.nodes.extend(std::iter::repeat_n("    ", self.depth + 1));
        self.nodes.push_str(text);
        self.nodes.push('\n');
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "n{}", self.0)
    }
}

/// A text that stands for itself, whatever is in it; a line break is one.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\n' => escaped.push_str("<br>"),
            '"' | '#' | '<' | '>' | '&' | '`' | '\\' | '|' => {
                let _ = write!(escaped, "#{};", u32::from(character));
            }
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_ends_what_it_stands_in() {
        let text = escaped("\"] --> x[\"<b>`_a_`|#1;\nend");
        assert_eq!(text, "#34;] --#62; x[#34;#60;b#62;#96;_a_#96;#124;#35;1;<br>end");
    }
}
