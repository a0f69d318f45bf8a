//! What one signed object says otherwise than another, as the statements that are
//! gone and those that came: the one form in which the commands show a difference.

use std::collections::BTreeSet;

use serde_json::{Value, json};

/// What is said no longer, and what is said anew.
#[derive(Debug)]
pub(crate) struct Changes {
    gone: Vec<String>,
    new: Vec<String>,
}

impl Changes {
    /// What `after` states otherwise than `before`.
    pub(crate) fn between(before: &BTreeSet<String>, after: &BTreeSet<String>) -> Self {
        let only = |these: &BTreeSet<String>, those: &BTreeSet<String>| {
            these.difference(those).cloned().collect()
        };
        Self { gone: only(before, after), new: only(after, before) }
    }

    /// One line per statement; one when there is none.
    pub(crate) fn to_lines(&self) -> Vec<String> {
        let gone = self.gone.iter().map(|text| format!("- {text}"));
        let mut lines: Vec<String> =
            gone.chain(self.new.iter().map(|text| format!("+ {text}"))).collect();
        if lines.is_empty() {
            lines.push(String::from("  nothing else changes"));
        }
        lines
    }

    /// For programs.
    pub(crate) fn to_json(&self) -> Value {
        json!({ "gone": self.gone, "new": self.new })
    }
}
