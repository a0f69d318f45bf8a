//! A TOML file that a person wrote, walked with a list of mistakes at hand: each look
//! at a value fits or leaves a mistake with its place, and the walk goes on.

use std::collections::BTreeMap;
use std::path::Path;

use rye_bundle::name::NameFlaw;
use rye_bundle::time::UnixSeconds;
use rye_core::limit::DIAGNOSTICS_MAX;
use rye_core::value::Time;
use rye_grammar::suggest::nearest;
use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

use crate::failure::{Failure, Mistake};
use crate::file;

/// A value in the file.
pub(crate) type Found<'a, 't> = &'a Spanned<DeValue<'t>>;

/// The text of the file at `path`, of at most `max` bytes.
pub(crate) fn text(path: &Path, max: usize) -> Result<String, Failure> {
    let bytes = file::read(path, max)?;
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let before = String::from_utf8_lossy(error.as_bytes().get(..at).unwrap_or_default());
        let mistake = Mistake {
            at: Some(place(&before, before.len())),
            option: String::new(),
            problem: String::from("expected text in UTF-8, found other bytes"),
            help: String::from("save the file as UTF-8"),
        };
        wrong(path, vec![mistake])
    })
}

/// The failure that a file has these mistakes.
pub(crate) fn wrong(path: &Path, mistakes: Vec<Mistake>) -> Failure {
    Failure::Mistakes { file: path.display().to_string(), mistakes }
}

/// The walk through a file.
#[derive(Debug)]
pub(crate) struct Walk<'t> {
    text: &'t str,
    mistakes: Vec<Mistake>,
    /// Where each value stands, by its path.
    places: BTreeMap<String, usize>,
}

impl<'t> Walk<'t> {
    /// What `text` says, and a walk through it in which nothing but `known` stands at
    /// the top; only the slips of a text that is no TOML.
    pub(crate) fn begin(
        text: &'t str,
        known: &[&str],
    ) -> Result<(Spanned<DeTable<'t>>, Self), Vec<Mistake>> {
        let (root, errors) = DeTable::parse_recoverable(text);
        let mut walk = Self { text, mistakes: Vec::new(), places: BTreeMap::new() };
        for error in &errors {
            let problem = error.message().trim().replace('\n', ", ");
            let help = "write `name = value`; texts stand in quotes, tables begin with `[name]`";
            walk.mistake(error.span().map(|span| span.start), "", problem, help);
        }
        // What the parser guessed in a file with slips would be reported as mistakes
        // that nobody made.
        if !errors.is_empty() {
            return Err(walk.into_mistakes());
        }
        walk.note(root.get_ref(), "");
        walk.known_only(root.get_ref(), "", known);
        Ok((root, walk))
    }

    /// Whether nothing was wrong so far.
    pub(crate) fn is_fine(&self) -> bool {
        self.mistakes.is_empty()
    }

    /// All that was wrong, in the order of the places; what is missing comes last.
    pub(crate) fn into_mistakes(mut self) -> Vec<Mistake> {
        self.mistakes.sort_by_key(|mistake| (mistake.at.is_none(), mistake.at));
        self.mistakes
    }

    /// Leaves a mistake at a byte, or at none.
    pub(crate) fn mistake(
        &mut self,
        at: Option<usize>,
        option: &str,
        problem: impl Into<String>,
        help: impl Into<String>,
    ) {
        if self.mistakes.len() < DIAGNOSTICS_MAX {
            let at = at.map(|byte| place(self.text, byte));
            let (problem, help) = (problem.into(), help.into());
            self.mistakes.push(Mistake { at, option: option.to_owned(), problem, help });
        }
    }

    /// What is wrong with `option`, wherever it or the nearest thing around it stands.
    pub(crate) fn wrong(
        &mut self,
        option: &str,
        problem: impl Into<String>,
        help: impl Into<String>,
    ) {
        let mut path = option;
        let at = loop {
            if let Some(at) = self.places.get(path) {
                break Some(*at);
            }
            match path.rfind(['.', '[']).and_then(|end| path.get(..end)) {
                Some(around) => path = around,
                None => break None,
            }
        };
        self.mistake(at, option, problem, help);
    }

    /// Remembers where everything in `table` stands.
    pub(crate) fn note(&mut self, table: &DeTable<'_>, prefix: &str) {
        for (name, found) in table {
            self.note_value(found, join(prefix, name.get_ref()), name.span().start);
        }
    }

    fn note_value(&mut self, found: Found<'_, '_>, path: String, name_at: usize) {
        match found.get_ref() {
            DeValue::Table(inner) => {
                self.note(inner, &path);
                self.places.insert(path, name_at);
            }
            DeValue::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    self.note_value(item, format!("{path}[{index}]"), item.span().start);
                }
                self.places.insert(path, found.span().start);
            }
            _ => {
                self.places.insert(path, found.span().start);
            }
        }
    }

    /// Refuses names in `table` that are not `known`.
    pub(crate) fn known_only(&mut self, table: &DeTable<'_>, prefix: &str, known: &[&str]) {
        for (name, _) in table {
            let word = name.get_ref().as_ref();
            if !known.contains(&word) {
                let path = join(prefix, word);
                let help = meant(word, known);
                self.mistake(Some(name.span().start), &path, "there is no such option", help);
            }
        }
    }

    /// The value of a name that must be there.
    pub(crate) fn required<'a, 'i>(
        &mut self,
        table: &'a DeTable<'i>,
        prefix: &str,
        name: &str,
        example: &str,
    ) -> Option<Found<'a, 'i>> {
        let found = table.get(name);
        if found.is_none() {
            let help = format!("write `{name} = {example}`, with your own value");
            self.wrong(&join(prefix, name), "it is missing", help);
        }
        found
    }

    /// A table.
    pub(crate) fn table<'a, 'i>(
        &mut self,
        found: Found<'a, 'i>,
        path: &str,
        help: &str,
    ) -> Option<&'a DeTable<'i>> {
        let table = found.get_ref().as_table();
        self.expect(table, found, path, "a table", help)
    }

    /// A list.
    pub(crate) fn list<'a, 'i>(
        &mut self,
        found: Found<'a, 'i>,
        path: &str,
        help: &str,
    ) -> Option<&'a DeArray<'i>> {
        let list = found.get_ref().as_array();
        self.expect(list, found, path, "a list", help)
    }

    /// A text.
    pub(crate) fn text<'a>(
        &mut self,
        found: Found<'a, '_>,
        path: &str,
        help: &str,
    ) -> Option<&'a str> {
        let text = found.get_ref().as_str();
        self.expect(text, found, path, "a text in quotes", help)
    }

    /// A list of texts, each with its path.
    pub(crate) fn texts<'a>(
        &mut self,
        found: Found<'a, '_>,
        path: &str,
        help: &str,
    ) -> Option<Vec<(String, &'a str)>> {
        let items = self.list(found, path, help)?.iter().enumerate();
        let texts: Vec<_> = items
            .map(|(index, item)| {
                let path = format!("{path}[{index}]");
                self.text(item, &path, help).map(|text| (path, text))
            })
            .collect();
        texts.into_iter().collect()
    }

    /// A whole number that `T` can hold.
    pub(crate) fn number<T: TryFrom<i64>>(
        &mut self,
        found: Found<'_, '_>,
        path: &str,
        help: &str,
    ) -> Option<T> {
        let number = found.get_ref().as_integer();
        let number = self.expect(number, found, path, "a whole number", help)?;
        let value = i64::from_str_radix(number.as_str(), number.radix()).ok();
        let value = value.and_then(|value| T::try_from(value).ok());
        if value.is_none() {
            self.wrong(path, format!("found {}, which is out of range", number.as_str()), help);
        }
        value
    }

    /// An instant, in quotes or as TOML writes dates; `None` also when it isn't there.
    pub(crate) fn instant(
        &mut self,
        table: &DeTable<'_>,
        prefix: &str,
        name: &str,
    ) -> Option<UnixSeconds> {
        let found = table.get(name)?;
        let (text, shown) = match found.get_ref() {
            DeValue::String(text) => (text.to_string(), format!("`{}`", text.escape_debug())),
            DeValue::Datetime(date) => (date.to_string(), format!("`{date}`")),
            other => (String::new(), kind(other).to_owned()),
        };
        let time = Time::parse(&text);
        if time.is_none() {
            let help = format!("write it with an offset: `{name} = \"2027-11-20T09:00:00Z\"`");
            self.wrong(&join(prefix, name), format!("expected an instant, found {shown}"), help);
        }
        time.map(UnixSeconds::from)
    }

    /// A name, if it has the form of its kind.
    pub(crate) fn name<T>(
        &mut self,
        path: &str,
        name: Result<T, NameFlaw>,
        help: &str,
    ) -> Option<T> {
        name.map_err(|flaw| self.wrong(path, flaw.to_string(), help)).ok()
    }

    fn expect<T>(
        &mut self,
        value: Option<T>,
        found: Found<'_, '_>,
        path: &str,
        expected: &str,
        help: &str,
    ) -> Option<T> {
        if value.is_none() {
            let problem = format!("expected {expected}, found {}", kind(found.get_ref()));
            self.wrong(path, problem, help);
        }
        value
    }
}

/// Line and column of a byte, from 1; columns are characters.
pub(crate) fn place(text: &str, byte: usize) -> (usize, usize) {
    let before = text.get(..text.floor_char_boundary(byte)).unwrap_or(text);
    let line = before.bytes().filter(|byte| *byte == b'\n').count().saturating_add(1);
    let last = before.rsplit('\n').next().unwrap_or_default();
    (line, last.chars().count().saturating_add(1))
}

/// What was probably meant by `word`, or else what is known.
pub(crate) fn meant(word: &str, known: &[&str]) -> String {
    match nearest(word, known.iter().copied()) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None if known.is_empty() => String::from("none is known"),
        None => format!("known: {}", known.join(", ")),
    }
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
fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number with a point",
        DeValue::Boolean(_) => "a truth value",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}
