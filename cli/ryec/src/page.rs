//! A package as a page for people, in Markdown: its playbooks with what starts them, what
//! they can do at worst, whom they ask and which way they go; then its types, settings
//! and roles. What the sources say about a thing in doc comments stands with it.

use std::fmt::{self, Write};

use rye_compiler::hir::{Package, Playbook, Question, Setting, StmtKind};
use rye_core::action::{ActionSignature, Undo, Verb};
use rye_core::value::Name;
use rye_grammar::ast::{Docs, Field, Item, ItemKind, Type, Variant, VariantKind};
use rye_grammar::span::{FileId, SourceMap, Span};

use crate::command::check;
use crate::flowchart;
use crate::workspace::Typed;

/// The page of a package that is called `title`.
pub(crate) fn of(title: &str, typed: &Typed) -> String {
    let files = (0..typed.own).filter_map(|at| File::read(&typed.sources, at));
    let page = Page { package: &typed.package, sources: &typed.sources, files: files.collect() };
    let mut text = String::new();
    // Writing to a `String` does not fail.
    let _ = page.write(&mut text, title);
    text
}

/// A source of the package, read for what it says beside its code.
struct File {
    items: Vec<Item>,
    docs: Docs,
}

impl File {
    fn read(sources: &SourceMap, at: u32) -> Option<Self> {
        let parsed = rye_grammar::parse(FileId(at), sources.get(FileId(at))?.text());
        Some(Self { items: parsed.tree.items, docs: parsed.tree.docs })
    }
}

struct Page<'p> {
    package: &'p Package,
    sources: &'p SourceMap,
    files: Vec<File>,
}

impl Page<'_> {
    fn write(&self, text: &mut String, title: &str) -> fmt::Result {
        writeln!(text, "# {title}")?;
        for file in &self.files {
            paragraph(text, file.docs.of_file())?;
        }
        for playbook in &self.package.playbooks {
            self.playbook(text, playbook)?;
        }
        self.types(text)?;
        self.settings(text)?;
        self.roles(text)
    }

    fn items(&self) -> impl Iterator<Item = (&Item, &Docs)> {
        self.files.iter().flat_map(|file| file.items.iter().map(|item| (item, &file.docs)))
    }

    fn docs_at(&self, wanted: impl Fn(&Item) -> bool) -> &str {
        self.items().find(|(item, _)| wanted(item)).map_or("", |(item, docs)| docs.of(item.span))
    }

    fn source(&self, span: Span) -> &str {
        self.sources.text(span)
    }

    // ---- playbooks

    fn playbook(&self, text: &mut String, playbook: &Playbook) -> fmt::Result {
        let called = |item: &Item| match &item.kind {
            ItemKind::Playbook(declared) => *declared.name.text == *playbook.name,
            _ => false,
        };
        writeln!(text, "\n## Playbook {}", playbook.name)?;
        paragraph(text, self.docs_at(called))?;
        let count = usize::try_from(playbook.body.parameters).unwrap_or(0);
        let parameters = playbook.body.locals.iter().take(count);
        let rows: Vec<[String; 2]> = parameters
            .map(|local| [code(&local.name), code(&self.package.types.display(local.ty))])
            .collect();
        table(text, ["input", "is"], &rows)?;
        writeln!(text, "\n```text\n{}```", check::described(self.package, playbook))?;
        self.acts(text, playbook)?;
        self.questions(text, playbook)?;
        let chart = flowchart::of(self.package, self.sources, playbook);
        writeln!(text, "\n```mermaid\n{chart}```")
    }

    /// What it may do to the world, and what takes that back.
    fn acts(&self, text: &mut String, playbook: &Playbook) -> fmt::Result {
        let acts = check::calls(self.package, playbook).into_iter();
        let acts = acts.filter(|(action, _)| action.verb == Verb::Action);
        let rows: Vec<[String; 4]> = acts
            .map(|(action, most)| {
                let name = code(&action.name);
                [name, most.to_string(), action.impact.to_string(), undo(action)]
            })
            .collect();
        table(text, ["it may do", "at most", "impact", "taken back by"], &rows)
    }

    /// Whom it asks what.
    fn questions(&self, text: &mut String, playbook: &Playbook) -> fmt::Result {
        let mut rows: Vec<[String; 4]> = Vec::new();
        playbook.body.block.walk(&mut |stmt| {
            let question = match &stmt.kind {
                StmtKind::Approve(approve) => &approve.question,
                StmtKind::Choose(choose) => &choose.question,
                _ => return,
            };
            rows.push(self.question(question));
        });
        table(text, ["it asks", "of", "within", "then"], &rows)
    }

    fn question(&self, question: &Question) -> [String; 4] {
        let said = self.source(question.text.span).trim_matches('"').to_owned();
        let of = format!("{} of {}", question.count, self.names(&question.roles));
        let then = question.escalation.as_ref().map_or_else(String::new, |more| {
            let after = self.source(more.after.value.span);
            format!("{} as well, after {after}", self.names(&more.roles))
        });
        [said, of, self.source(question.within.value.span).to_owned(), then]
    }

    fn names(&self, roles: &[u16]) -> String {
        let role = |at: &u16| self.package.roles.get(usize::from(*at));
        roles.iter().filter_map(role).map(|role| code(&role.name)).collect::<Vec<_>>().join(", ")
    }

    // ---- what playbooks share

    fn types(&self, text: &mut String) -> fmt::Result {
        for (item, docs) in self.items() {
            let (name, head, rows) = match &item.kind {
                ItemKind::Record(record) => {
                    (&record.name, ["field", "is", ""], self.fields(&record.fields, docs))
                }
                ItemKind::Enum(declared) => {
                    let rows = declared.variants.iter();
                    let rows = rows.map(|it| self.variant(it, docs)).collect();
                    (&declared.name, ["value", "carries", ""], rows)
                }
                _ => continue,
            };
            writeln!(text, "\n## Type {}", name.text)?;
            paragraph(text, docs.of(item.span))?;
            table(text, head, &rows)?;
        }
        Ok(())
    }

    fn fields(&self, fields: &[Field], docs: &Docs) -> Vec<[String; 3]> {
        let row = |field: &Field| {
            let Field { name, ty: Type { span, .. }, .. } = field;
            [code(&name.text), code(self.source(*span)), one_line(docs.of(field.span))]
        };
        fields.iter().map(row).collect()
    }

    fn variant(&self, variant: &Variant, docs: &Docs) -> [String; 3] {
        let (name, carried) = match &variant.kind {
            VariantKind::Named { name, payload } => {
                let types = payload.iter().map(|ty| code(self.source(ty.span)));
                (code(&name.text), types.collect::<Vec<_>>().join(", "))
            }
            VariantKind::Else => (code("else"), String::from("whatever isn't known")),
            VariantKind::Error => (String::new(), String::new()),
        };
        [name, carried, one_line(docs.of(variant.span))]
    }

    fn settings(&self, text: &mut String) -> fmt::Result {
        let row = |setting: &Setting| {
            let range = match &setting.range {
                Some((low, high)) => format!("{low} .. {high}"),
                None => String::from("any"),
            };
            let docs = self.docs_at(|item| declares(item, &setting.name));
            let (name, default) = (code(&setting.name), setting.default.to_string());
            [name, code(&self.package.types.display(setting.ty)), default, range, one_line(docs)]
        };
        let rows: Vec<[String; 5]> = self.package.settings.iter().map(row).collect();
        if !rows.is_empty() {
            writeln!(text, "\n## Settings")?;
        }
        table(text, ["a site may set", "is", "default", "range", ""], &rows)
    }

    fn roles(&self, text: &mut String) -> fmt::Result {
        let roles = self.package.roles.iter();
        let rows: Vec<[String; 2]> =
            roles.map(|role| [code(&role.name), role.description.to_string()]).collect();
        if !rows.is_empty() {
            writeln!(text, "\n## Roles")?;
        }
        table(text, ["it may ask", "who"], &rows)
    }
}

/// Whether an item declares the setting of that full name.
fn declares(item: &Item, name: &Name) -> bool {
    match &item.kind {
        ItemKind::Setting(declared) => name.rsplit('.').next() == Some(&declared.name.text),
        _ => false,
    }
}

fn undo(action: &ActionSignature) -> String {
    match &action.undo {
        Undo::Action(name) => code(name),
        Undo::None(reason) => format!("nothing: {reason}"),
        Undo::Irreversible => String::from("**nothing: irreversible**"),
    }
}

// ---- Markdown

fn paragraph(text: &mut String, said: &str) -> fmt::Result {
    if said.is_empty() { Ok(()) } else { writeln!(text, "\n{said}") }
}

fn code(text: &str) -> String {
    format!("`{text}`")
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A table, if it has rows.
fn table<const N: usize>(text: &mut String, head: [&str; N], rows: &[[String; N]]) -> fmt::Result {
    if rows.is_empty() {
        return Ok(());
    }
    writeln!(text, "\n| {} |\n|{}", head.join(" | "), " --- |".repeat(N))?;
    for row in rows {
        let cells = row.each_ref().map(|cell| one_line(cell).replace('|', "\\|"));
        writeln!(text, "| {} |", cells.join(" | "))?;
    }
    Ok(())
}
