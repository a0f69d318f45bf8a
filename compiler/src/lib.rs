//! Trees to typed trees to bytecode, or diagnostics.
//!
//! Pure: sources come in as texts, and nothing here reads a file, a clock or a
//! signature, or knows what carries an action out.
//!
//! The way of a source: `rye_grammar` parses it; [`resolve`] puts every name of
//! every module into its place; [`declare`] and [`interface`] work out types,
//! constants, settings and signatures; [`lower`] makes typed trees of bodies;
//! [`check`](mod@check) looks at what those do; [`bound`] counts their worst case;
//! [`codegen`] makes a module of them, which [`compiled`] proves before it is handed out.

pub mod bound;
mod check;
pub mod codegen;
pub mod compiled;
mod context;
mod declare;
pub mod hir;
mod interface;
mod lower;
mod prelude;
mod resolve;
mod types;

use std::collections::BTreeMap;

use rye_bytecode::module::Role;
use rye_core::limit::DIAGNOSTICS_MAX;
use rye_core::value::Name;
use rye_grammar::Parsed;
use rye_grammar::ast::ItemKind;
use rye_grammar::diagnostic::{Code, Diagnostic};
use rye_grammar::span::{FileId, SourceMap, Span};

pub use compiled::{CompileError, Compiled, compile};

use context::Context;
use resolve::Module;
use types::Types;

/// One source file of a package, or one interface.
#[derive(Clone, Copy, Debug)]
pub struct Source<'s> {
    /// The name that `use` knows it by: `std.firewall`. Names are declared in it.
    pub module: &'s str,
    /// How messages call the file.
    pub path: &'s str,
    /// What stands in it.
    pub text: &'s str,
}

/// What was found in a package, and all that is wrong with it.
#[derive(Clone, Debug)]
pub struct Checked {
    /// The typed tree; only of a package without errors.
    pub package: Option<hir::Package>,
    /// In the order of the files and of the source; at most `DIAGNOSTICS_MAX`, the
    /// last of which then says that there are more.
    pub diagnostics: Vec<Diagnostic>,
    /// The first part of the sources that is in no typed tree, although no error is
    /// reported: a mistake in the compiler. There is no package then.
    pub left_out: Option<Span>,
    /// The files that the spans are in: the sources in order, then the interfaces
    /// that they use.
    pub sources: SourceMap,
}

/// Checks a package: names, types, effects, undo, bounds. Of `interfaces` only what
/// the sources `use` is looked at.
pub fn check(sources: &[Source<'_>], interfaces: &[Source<'_>]) -> Checked {
    let mut map = SourceMap::new();
    let mut files: Vec<(&str, Parsed)> = Vec::new();
    let mut wanted: Vec<String> = vec![String::from(prelude::MODULE)];
    let mut next = 0_usize;
    for source in sources {
        load(source, &mut map, &mut files, &mut wanted);
    }
    while let Some(name) = wanted.get(next).cloned() {
        next = next.saturating_add(1);
        let loaded = files.iter().any(|(module, _)| *module == name);
        let found = interfaces.iter().find(|interface| interface.module == name);
        if let (false, Some(interface)) = (loaded, found) {
            load(interface, &mut map, &mut files, &mut wanted);
        }
    }
    let mut diagnostics: Vec<Diagnostic> = Vec::new();
    for (_, parsed) in &mut files {
        diagnostics.append(&mut parsed.diagnostics);
    }
    let known = sources.iter().chain(interfaces).map(|source| source.module).collect();
    let (package, diagnostics, left_out) = analyse(&map, &files, known, diagnostics);
    Checked { package, diagnostics, left_out, sources: map }
}

/// Parses a source and notes which modules it uses.
fn load<'s>(
    source: &Source<'s>,
    map: &mut SourceMap,
    files: &mut Vec<(&'s str, Parsed)>,
    wanted: &mut Vec<String>,
) {
    let file = map.add(source.path, source.text);
    let mut parsed = rye_grammar::parse(file, source.text);
    if files.iter().any(|(module, _)| *module == source.module) {
        let message = format!("there are two modules called `{}`", source.module);
        let start = Span::new(file, 0, 0);
        let diagnostic = Diagnostic::new(Code::DeclaredTwice, start, message)
            .help("rename one of the files: a module is called as its file");
        parsed.diagnostics.push(diagnostic);
    }
    for item in &parsed.tree.items {
        if let ItemKind::Use(import) = &item.kind {
            wanted.push(import.path.dotted());
        }
    }
    files.push((source.module, parsed));
}

/// All passes over parsed files: what [`Checked`] holds besides the sources.
fn analyse<'a>(
    map: &'a SourceMap,
    files: &'a [(&'a str, Parsed)],
    known: Vec<&'a str>,
    diagnostics: Vec<Diagnostic>,
) -> (Option<hir::Package>, Vec<Diagnostic>, Option<Span>) {
    let modules: Vec<Module<'a>> = files
        .iter()
        .map(|(name, parsed)| Module {
            name,
            tree: &parsed.tree,
            names: BTreeMap::new(),
            unreadable: false,
        })
        .collect();
    let prelude = modules.iter().position(|module| module.name == prelude::MODULE);
    let mut cx = Context {
        sources: map,
        modules,
        known,
        prelude,
        types: Types::new(),
        type_decls: Vec::new(),
        consts: Vec::new(),
        settings: Vec::new(),
        roles: Vec::new(),
        actions: Vec::new(),
        functions: Vec::new(),
        playbooks: Vec::new(),
        bodies: Vec::new(),
        diagnostics,
        repeated: BTreeMap::new(),
        left_out: None,
    };
    cx.declare();
    cx.settle();
    cx.settle_signatures();
    for index in 0..cx.actions.len() {
        lower::check_signature(&mut cx, index);
    }
    let playbooks = bodies(&mut cx);
    // Every place that makes types asks already; nothing may be lost all the same.
    cx.check_size(Span::default());
    let diagnostics = in_order(core::mem::take(&mut cx.diagnostics));
    if diagnostics.iter().any(Diagnostic::is_error) {
        return (None, diagnostics, None);
    }
    // Code that lacks a part, and nobody knows of it, is worse than no code.
    match (cx.left_out, package(cx, playbooks)) {
        (None, Some(package)) => (Some(package), diagnostics, None),
        (left_out, _) => (None, diagnostics, Some(left_out.unwrap_or_default())),
    }
}

/// The typed bodies of functions, into the context, and of playbooks.
fn bodies(cx: &mut Context<'_>) -> Vec<hir::Playbook> {
    cx.bodies.resize_with(cx.functions.len(), || None);
    for index in 0..cx.functions.len() {
        let body = lower::Lower::function(cx, index);
        if let (None, Some(decl)) = (&body, cx.functions.get(index)) {
            cx.leave_out(decl.item.name().span);
        }
        if let Some(place) = cx.bodies.get_mut(index) {
            *place = body;
        }
    }
    if !cx.check_recursion() {
        return Vec::new();
    }
    cx.warn_tasks();
    let mut playbooks = Vec::with_capacity(cx.playbooks.len());
    for index in 0..cx.playbooks.len() {
        let Some((module, item)) = cx.playbooks.get(index).copied() else { continue };
        let Some((mut playbook, heads)) = lower::playbook(cx, module, item) else {
            cx.leave_out(item.name.span);
            continue;
        };
        playbook.bound = bound::of(cx, &playbook);
        cx.check_playbook(&playbook, &heads);
        playbooks.push(playbook);
    }
    playbooks
}

fn package(cx: Context<'_>, playbooks: Vec<hir::Playbook>) -> Option<hir::Package> {
    let settings: Option<Vec<hir::Setting>> =
        cx.settings.into_iter().map(|decl| decl.setting).collect();
    let roles = cx.roles.iter().map(|role| Role {
        name: Name::from(role.name.text.as_str()),
        description: Name::from(role.purpose.node.as_str()),
    });
    Some(hir::Package {
        settings: settings?,
        roles: roles.collect(),
        actions: cx.actions.into_iter().map(|decl| decl.signature).collect(),
        functions: cx.bodies.into_iter().collect::<Option<Vec<hir::Function>>>()?,
        playbooks,
        types: cx.types.into_table(),
    })
}

/// The diagnostics as people read them: by file and place, and not more than help.
/// Errors come before warnings where there are too many.
fn in_order(mut diagnostics: Vec<Diagnostic>) -> Vec<Diagnostic> {
    if diagnostics.len() > DIAGNOSTICS_MAX {
        diagnostics.sort_by_key(|diagnostic| (!diagnostic.is_error(), place(diagnostic)));
        let errors = diagnostics.iter().filter(|diagnostic| diagnostic.is_error()).count();
        diagnostics.truncate(DIAGNOSTICS_MAX);
        if errors > DIAGNOSTICS_MAX {
            let more = errors.saturating_sub(DIAGNOSTICS_MAX.saturating_sub(1));
            let span = diagnostics.pop().map_or_else(Span::default, |last| last.span);
            let message = format!("{more} more mistakes are not shown");
            let diagnostic = Diagnostic::new(Code::TooManyMistakes, span, message)
                .help("correct the first ones: others often follow from them");
            diagnostics.push(diagnostic);
        }
    }
    diagnostics.sort_by_key(place);
    diagnostics
}

fn place(diagnostic: &Diagnostic) -> (FileId, u32) {
    (diagnostic.span.file, diagnostic.span.start)
}

#[cfg(test)]
mod tests;
