//! A parsed TOML file, walked with a list of mistakes at hand: each look at a
//! value either fits or leaves a mistake with its place, and the walk goes on.

use std::collections::BTreeMap;
use std::ops::Range;

use rye_core::limit::DIAGNOSTICS_MAX;
use rye_core::value::Duration;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::nearest::nearest;
use super::option::{REQUIRED, names, row};
use super::{Mistake, Place};

/// A value in the file.
pub(super) type Found<'a, 't> = &'a Spanned<DeValue<'t>>;

/// The walk through a file.
pub(super) struct Walk<'t> {
    text: &'t str,
    pub(super) mistakes: Vec<Mistake>,
    /// Where the values of all options stand, by their paths.
    pub(super) spans: BTreeMap<String, Range<usize>>,
}

impl<'t> Walk<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { text, mistakes: Vec::new(), spans: BTreeMap::new() }
    }

    /// Leaves a mistake at a byte, or at none.
    pub(super) fn mistake(
        &mut self,
        at: Option<usize>,
        option: &str,
        problem: impl Into<String>,
        help: impl Into<String>,
    ) {
        if self.mistakes.len() < DIAGNOSTICS_MAX {
            let at = at.map(|byte| Place::of(self.text, byte));
            let (problem, help) = (problem.into(), help.into());
            self.mistakes.push(Mistake { at, option: option.to_owned(), problem, help });
        }
    }

    /// What is wrong with the value of `option`.
    pub(super) fn wrong(
        &mut self,
        found: Found<'_, '_>,
        option: &str,
        problem: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.mistake(Some(found.span().start), option, problem, help);
    }

    /// Remembers where everything in `table` stands.
    pub(super) fn note(&mut self, table: &DeTable<'_>, prefix: &str) {
        for (name, found) in table {
            let path = join(prefix, name.get_ref());
            self.spans.insert(path.clone(), found.span());
            if let Some(inner) = found.get_ref().as_table() {
                self.note(inner, &path);
            }
        }
    }

    /// Refuses names in `table` that the table of options doesn't have there.
    pub(super) fn known_only(&mut self, table: &DeTable<'_>, prefix: &str) {
        self.known_only_of(table, prefix, prefix);
    }

    /// The same for a table whose name the site chose: `rows` is its path in the table
    /// of options, `prefix` the one in the file.
    pub(super) fn known_only_of(&mut self, table: &DeTable<'_>, rows: &str, prefix: &str) {
        let known = names(rows);
        for (name, _) in table {
            let word = name.get_ref().as_ref();
            if known.contains(&word) {
                continue;
            }
            let help = match nearest(word, known.iter().copied()) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => format!("known here: {}", known.join(", ")),
            };
            let path = join(prefix, word);
            self.mistake(Some(name.span().start), &path, "there is no such option", help);
        }
    }

    /// The table under `name`; none if it isn't there or is something else.
    pub(super) fn table<'a, 'i>(
        &mut self,
        table: &'a DeTable<'i>,
        prefix: &str,
        name: &str,
    ) -> Option<&'a DeTable<'i>> {
        let found = table.get(name)?;
        let path = join(prefix, name);
        self.as_table(found, &path)
    }

    /// The value of `path` as a table.
    pub(super) fn as_table<'a, 'i>(
        &mut self,
        found: Found<'a, 'i>,
        path: &str,
    ) -> Option<&'a DeTable<'i>> {
        let table = found.get_ref().as_table();
        if table.is_none() {
            let problem = format!("expected a table, found {}", kind(found.get_ref()));
            self.wrong(found, path, problem, format!("write `[{path}]` on a line of its own"));
        }
        table
    }

    /// The text of `path`.
    pub(super) fn text<'a>(
        &mut self,
        found: Found<'a, '_>,
        path: &str,
        help: &str,
    ) -> Option<&'a str> {
        let text = found.get_ref().as_str();
        if text.is_none() {
            let problem = format!("expected a text, found {}", kind(found.get_ref()));
            self.wrong(found, path, problem, help);
        }
        text
    }

    /// The text of a top-level option that must be there.
    pub(super) fn required<'a, 'i>(
        &mut self,
        root: &'a DeTable<'i>,
        name: &str,
    ) -> Option<(Found<'a, 'i>, &'a str)> {
        let example = row(name).map_or("", |row| row.example);
        let help = format!("write `{name} = {example}`, with your own value");
        match root.get(name) {
            Some(found) => Some((found, self.text(found, name, &help)?)),
            // Whoever misspelt it is told so already.
            None if is_misspelt(root, name) => None,
            None => {
                self.mistake(None, name, "this option is required, and it is missing", help);
                None
            }
        }
    }

    /// A top-level duration within a range; its default stands in the table.
    pub(super) fn duration(
        &mut self,
        root: &DeTable<'_>,
        name: &str,
        (least, most): (Duration, Duration),
    ) -> Duration {
        let default = row(name).map(|row| row.default).filter(|default| *default != REQUIRED);
        let default = default.and_then(|text| Duration::parse(text.trim_matches('"')));
        let default = default.unwrap_or(least);
        let help = format!(
            "write a text such as `{name} = \"{default}\"`, with `s`, `m`, `h` or `d` behind the number"
        );
        let Some(found) = root.get(name) else { return default };
        let Some(text) = self.text(found, name, &help) else { return default };
        match Duration::parse(text) {
            Some(duration) if (least..=most).contains(&duration) => duration,
            Some(_) => {
                let problem = format!("expected `{least}` to `{most}`, found `{text}`");
                self.wrong(found, name, problem, help);
                default
            }
            None => {
                let problem = format!("expected a duration, found `{}`", text.escape_debug());
                self.wrong(found, name, problem, help);
                default
            }
        }
    }
}

/// Whether a name in the file was probably meant to be `name`.
fn is_misspelt(root: &DeTable<'_>, name: &str) -> bool {
    root.iter().any(|(word, _)| nearest(word.get_ref(), names("").into_iter()) == Some(name))
}

/// A path one step longer; a name that is no bare key is quoted.
pub(crate) fn join(prefix: &str, name: &str) -> String {
    let bare = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    let name = if !name.is_empty() && name.chars().all(bare) {
        name.to_owned()
    } else {
        format!("\"{}\"", name.escape_debug())
    };
    if prefix.is_empty() { name } else { format!("{prefix}.{name}") }
}

/// What a value is, for people.
pub(super) fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) => "an integer",
        DeValue::Float(_) => "a number with a point",
        DeValue::Boolean(_) => "a truth value",
        DeValue::Datetime(_) => "a date without quotes",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}
