//! How much may be done and when nothing may: `[blast_radius]`, `[rate]` and
//! `[maintenance]`.

use std::collections::BTreeSet;

use rye_core::limit::{QUOTA_MOST_MAX, QUOTA_SPAN_SECONDS_MAX};
use rye_core::value::{Duration, Name};
use rye_engine::guardrail::quota::Counted;
use rye_engine::guardrail::{Guarded, Maintenance, Quota};
use toml::de::DeTable;

use super::nearest::nearest;
use super::tree::{Found, Walk, join};
use super::{Site, SiteError, when};

const SECOND: Duration = Duration::from_secs(1);
const SPAN_MAX: Duration = Duration::from_secs(QUOTA_SPAN_SECONDS_MAX);

const QUOTA_HELP: &str = "write a number and a span, such as `\"10 per 1h\"`, or a list of such";
const WHAT_HELP: &str = "write a list of actions, modules and kinds: `[\"std.firewall\", \"std.host.isolate\", \"Host\"]`";

/// The quotas of `[blast_radius]` and `[rate]`.
pub(super) fn quotas(walk: &mut Walk<'_>, root: &DeTable<'_>) -> Vec<Quota> {
    let mut quotas = Vec::new();
    for (option, of) in [("blast_radius", counts_assets as fn(&str) -> _), ("rate", counts_acts)] {
        let Some(table) = walk.table(root, "", option) else { continue };
        for (name, found) in table {
            let path = join(option, name.get_ref());
            match of(name.get_ref()) {
                Ok(of) => {
                    let allowed = walk.texts(found, &path, QUOTA_HELP, quota);
                    quotas.extend(allowed.into_iter().map(|(most, per)| Quota {
                        of: of.clone(),
                        most,
                        per,
                    }));
                }
                Err((problem, help)) => {
                    walk.mistake(Some(name.span().start), &path, problem, help);
                }
            }
        }
    }
    quotas
}

type Wrong = (&'static str, &'static str);

fn counts_assets(name: &str) -> Result<Counted, Wrong> {
    if is_kind(name) {
        return Ok(Counted::Assets(Name::from(name)));
    }
    let help = "write a kind such as `Host`; what counts acts stands in `[rate]`";
    Err(("expected a kind of asset", help))
}

fn counts_acts(name: &str) -> Result<Counted, Wrong> {
    if is_action(name) {
        return Ok(Counted::Acts(Name::from(name)));
    }
    let help = "write one in quotes, such as `\"std.firewall.block\"` or `\"std.firewall\"`; \
                what counts assets stands in `[blast_radius]`";
    Err(("expected an action or a module of actions", help))
}

/// Kinds begin with a capital letter, as in the language.
fn is_kind(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_uppercase()) && !name.contains('.')
}

fn is_action(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_lowercase())
}

/// `10 per 1h`.
fn quota(text: &str) -> Result<(u64, Duration), String> {
    let form = || format!("expected `NUMBER per SPAN`, found `{}`", text.escape_debug());
    let (most, per) = text.split_once(" per ").ok_or_else(form)?;
    let most = most.trim().parse::<u64>().map_err(|_| form())?;
    let per = Duration::parse(per.trim()).ok_or_else(form)?;
    if most > QUOTA_MOST_MAX {
        return Err(format!("expected at most {QUOTA_MOST_MAX}, found {most}"));
    }
    if !(SECOND..=SPAN_MAX).contains(&per) {
        return Err(format!("expected a span of `{SECOND}` to `{SPAN_MAX}`, found `{per}`"));
    }
    Ok((most, per))
}

/// The tables of `[maintenance]`.
pub(super) fn maintenance(walk: &mut Walk<'_>, root: &DeTable<'_>) -> Vec<Maintenance> {
    let mut all = Vec::new();
    let Some(table) = walk.table(root, "", "maintenance") else { return all };
    for (name, found) in table {
        let path = join("maintenance", name.get_ref());
        let Some(table) = walk.as_table(found, &path) else { continue };
        walk.known_only_of(table, "maintenance.\"NAME\"", &path);
        let when = when::required(walk, table, Some(name.span().start), &path);
        let what = match table.get("what") {
            Some(found) => walk.texts(found, &join(&path, "what"), WHAT_HELP, what),
            None => Vec::new(),
        };
        all.push(Maintenance { name: Name::from(name.get_ref().as_ref()), when, what });
    }
    all
}

fn what(text: &str) -> Result<Name, String> {
    if is_kind(text) || is_action(text) {
        return Ok(Name::from(text));
    }
    let found = text.escape_debug();
    Err(format!("expected an action, a module of actions or a kind of asset, found `{found}`"))
}

/// What the rules of a site file may name.
#[derive(Clone, Debug, Default)]
pub struct Names<'a> {
    /// Every verb, by its full name.
    pub verbs: BTreeSet<&'a str>,
    /// Those of them that change something.
    pub actions: BTreeSet<&'a str>,
    /// The kinds of assets that they know.
    pub kinds: BTreeSet<&'a str>,
}

impl Site {
    /// Whether every action, module and kind that a rule names is one of `names`: a slip of
    /// the pen must not pass for a rule.
    ///
    /// # Errors
    /// The first that is none, with its place.
    pub fn check_names(&self, names: &Names<'_>) -> Result<(), SiteError> {
        let quotas = self.quotas.iter().map(|quota| match &quota.of {
            Counted::Acts(name) => (join("rate", name), name),
            Counted::Assets(kind) => (join("blast_radius", kind), kind),
        });
        let waiting = self.maintenance.iter().flat_map(|maintenance| {
            let path = join(&join("maintenance", &maintenance.name), "what");
            maintenance.what.iter().map(move |name| (path.clone(), name))
        });
        let protected = self.protected.iter().filter_map(|(guarded, _)| match guarded {
            Guarded::Asset { kind, .. } => Some((join("protected.assets", kind), kind)),
            Guarded::Network(_) => None,
        });
        let wrong = quotas.chain(waiting).chain(protected).find_map(|(option, name)| {
            let (problem, help) = names.problem(name)?;
            Some(self.mistake(&option, problem, help))
        });
        wrong.map_or(Ok(()), Err)
    }
}

impl Names<'_> {
    /// What is wrong with a name that a rule has, and what helps.
    fn problem(&self, name: &str) -> Option<(String, String)> {
        let modules = |names: &BTreeSet<&str>| -> BTreeSet<String> {
            let modules = names.iter().filter_map(|name| Some(name.rsplit_once('.')?.0.to_owned()));
            modules.collect()
        };
        let meant = |known: &mut dyn Iterator<Item = &str>, else_say: &str| {
            let meant = nearest(name, known).map(|meant| format!("did you mean `{meant}`?"));
            meant.unwrap_or_else(|| String::from(else_say))
        };
        if is_kind(name) {
            let kinds = &mut self.kinds.iter().copied();
            let is_known = self.kinds.contains(name);
            let help = "write a kind as the interfaces declare it, such as `Host`";
            return (!is_known).then(|| {
                (format!("no action knows the kind of asset `{name}`"), meant(kinds, help))
            });
        }
        let acting = modules(&self.actions);
        if self.actions.contains(name) || acting.contains(name) {
            return None;
        }
        if self.verbs.contains(name) || modules(&self.verbs).contains(name) {
            let problem = format!("`{name}` changes nothing, and rules are about what does");
            return Some((problem, String::from("name an action, or a module with one")));
        }
        let help = "write its full name, as `ryec interface` and the actions' page have it";
        let known = &mut self.actions.iter().copied().chain(acting.iter().map(String::as_str));
        Some((format!("there is no action and no module `{name}`"), meant(known, help)))
    }
}

impl Walk<'_> {
    /// The text, or each text of the list, that an option takes, as `read` reads it.
    pub(super) fn texts<T>(
        &mut self,
        found: Found<'_, '_>,
        path: &str,
        help: &str,
        read: fn(&str) -> Result<T, String>,
    ) -> Vec<T> {
        let all: Vec<Found<'_, '_>> = match found.get_ref().as_array() {
            Some(list) => list.iter().collect(),
            None => vec![found],
        };
        if all.is_empty() {
            self.wrong(
                found,
                path,
                "expected a text or a list of texts, found an empty list",
                help,
            );
        }
        let mut taken = Vec::new();
        for found in all {
            let Some(text) = self.text(found, path, help) else { continue };
            match read(text) {
                Ok(read) => taken.push(read),
                Err(problem) => self.wrong(found, path, problem, help),
            }
        }
        taken
    }
}
