//! Names to declarations: the scope of each module, what it imports, and what
//! stands in a name's place when there is no such name.

use std::collections::BTreeMap;

use rye_core::ty::TypeId;
use rye_core::value::Name;
use rye_grammar::ast::{self, ItemKind};
use rye_grammar::diagnostic::{Code, Diagnostic};
use rye_grammar::span::Span;

use crate::context::{
    ActionDecl, Callable, Clauses, ConstDecl, Context, Decl, FunctionDecl, SettingDecl, State,
    TypeDecl, TypeKind,
};
use crate::types::ERROR;
use rye_grammar::suggest;

use crate::{interface, prelude};

/// One module: a source file with its names.
#[derive(Debug)]
pub(crate) struct Module<'a> {
    /// `std.firewall`
    pub(crate) name: &'a str,
    pub(crate) tree: &'a ast::File,
    /// Everything that the module declares or imports, and where.
    pub(crate) names: BTreeMap<&'a str, (Decl, Span)>,
    /// Whether an item's name could not be read: then any unknown name may be its.
    pub(crate) unreadable: bool,
}

impl<'a> Context<'a> {
    /// Fills the tables of declarations and the modules' scopes.
    pub(crate) fn declare(&mut self) {
        let mut signatures: Vec<(String, usize, &'a ast::Signature)> = Vec::new();
        // The standard assets come first, so that nobody else can have their names.
        let prelude = self.prelude;
        let others = (0..self.modules.len()).filter(|index| Some(*index) != prelude);
        for index in prelude.into_iter().chain(others) {
            let Some((tree, name)) = self.modules.get(index).map(|one| (one.tree, one.name)) else {
                continue;
            };
            for item in &tree.items {
                if let ItemKind::Signature(signature) = &item.kind {
                    let full = format!("{name}.{}", signature.name.text);
                    signatures.push((full, index, signature));
                } else {
                    self.declare_item(index, item);
                }
            }
        }
        // A stable sort: of two with one name, the first in the source stays the first.
        signatures.sort_by(|(one, ..), (other, ..)| one.cmp(other));
        for (name, module, item) in signatures {
            let decl = Decl::Action(self.actions.len());
            if self.add(module, &item.name, decl) {
                let name = Name::from(name);
                let signature = interface::empty(&name, item.verb);
                let clauses = Clauses::default();
                self.actions.push(ActionDecl { module, item, name, signature, clauses });
            }
        }
    }

    fn declare_item(&mut self, module: usize, item: &'a ast::Item) {
        match &item.kind {
            ItemKind::Use(import) => self.import(module, import),
            ItemKind::Asset(asset) => self.declare_type(module, TypeKind::Asset(asset)),
            ItemKind::Record(record) => self.declare_type(module, TypeKind::Record(record)),
            ItemKind::Enum(choice) => self.declare_type(module, TypeKind::Enum(choice)),
            ItemKind::Role(role) => {
                if self.add_own(module, &role.name, Decl::Role(self.roles.len())) {
                    self.roles.push(role);
                }
            }
            ItemKind::Const(item) => {
                if self.add_own(module, &item.name, Decl::Const(self.consts.len())) {
                    self.consts.push(ConstDecl { module, item, state: State::Waiting });
                }
            }
            ItemKind::Setting(item) => {
                if self.add_own(module, &item.name, Decl::Setting(self.settings.len())) {
                    self.settings.push(SettingDecl { module, item, setting: None });
                }
            }
            ItemKind::Function(item) => {
                let decl = Decl::Function(self.functions.len());
                self.declare_callable(module, Callable::Function(item), decl);
            }
            ItemKind::Task(item) => {
                let decl = Decl::Task(self.functions.len());
                self.declare_callable(module, Callable::Task(item), decl);
            }
            ItemKind::Playbook(item) => {
                if self.add_own(module, &item.name, Decl::Playbook) {
                    self.declare_playbook(module, item);
                }
            }
            ItemKind::Rule(rule) => self.not_yet(rule.name.span, "a `rule`"),
            ItemKind::Test(_) => {
                let word = Span::new(item.span.file, item.span.start, item.span.start + 4);
                self.not_yet(word, "a `test`");
            }
            ItemKind::Error(broken) => match &broken.name {
                Some(name) => {
                    if let Some(module) = self.modules.get_mut(module) {
                        module.names.entry(&name.text).or_insert((Decl::Broken, name.span));
                    }
                }
                None => {
                    if let Some(module) = self.modules.get_mut(module) {
                        module.unreadable = true;
                    }
                }
            },
            ItemKind::Signature(_) => {}
        }
    }

    fn declare_callable(&mut self, module: usize, item: Callable<'a>, decl: Decl) {
        if self.add_own(module, item.name(), decl) {
            self.functions.push(FunctionDecl {
                module,
                item,
                parameters: Vec::new(),
                result: ERROR,
                calls: Vec::new(),
            });
        }
    }

    fn declare_type(&mut self, module: usize, kind: TypeKind<'a>) {
        let name = kind.name();
        if !self.add_own(module, name, Decl::Type(self.type_decls.len())) {
            return;
        }
        // One name is one type in the code. Limits and protected lists know assets by it too.
        let same = self.type_decls.iter().find(|decl| decl.kind.name().text == name.text);
        if let Some(first) = same.map(|decl| decl.kind.name().span) {
            let what = kind.noun();
            let message = format!("the {what} `{}` is declared in another module too", name.text);
            let diagnostic = Diagnostic::new(Code::DeclaredTwice, name.span, message)
                .label(first, "declared here first")
                .help("declare it in one module, and `use` that module in the other")
                .help("or give one of them another name");
            self.report(diagnostic);
        }
        self.type_decls.push(TypeDecl { module, kind, state: State::Waiting });
    }

    fn declare_playbook(&mut self, module: usize, item: &'a ast::Playbook) {
        let same = self.playbooks.iter().find(|(_, first)| first.name.text == item.name.text);
        if let Some(first) = same.map(|(_, first)| first.name.span) {
            let name = &item.name;
            let message = format!("the playbook `{}` is in another module too", name.text);
            let diagnostic = Diagnostic::new(Code::DeclaredTwice, name.span, message)
                .label(first, "declared here first")
                .help("give one of them another name: it is how a run is asked for");
            self.report(diagnostic);
        }
        self.playbooks.push((module, item));
    }

    /// As [`Context::add`], for a name that the language must not have already.
    fn add_own(&mut self, module: usize, name: &'a ast::Name, decl: Decl) -> bool {
        let standard = self
            .prelude
            .filter(|prelude| *prelude != module)
            .and_then(|prelude| self.modules.get(prelude)?.names.get(name.text.as_str()).copied());
        let diagnostic = if prelude::is_taken(&name.text) {
            let message = format!("`{}` already has a meaning in every file", name.text);
            Diagnostic::new(Code::NameTaken, name.span, message)
                .help("choose another name: the language itself has this one")
        } else if let Some((_, span)) = standard {
            let message = format!("`{}` is one of the standard assets", name.text);
            Diagnostic::new(Code::NameTaken, name.span, message).label(span, "declared here").help(
                "leave this declaration out, as the standard one is known in every file, or \
                     name it otherwise",
            )
        } else {
            return self.add(module, name, decl);
        };
        self.report(diagnostic);
        false
    }

    /// Makes `name` mean `decl` in the module; no, and a report, if it means something already.
    fn add(&mut self, module: usize, name: &'a ast::Name, decl: Decl) -> bool {
        let Some(names) = self.modules.get_mut(module).map(|module| &mut module.names) else {
            return false;
        };
        let Some((_, first)) = names.get(name.text.as_str()).copied() else {
            names.insert(&name.text, (decl, name.span));
            return true;
        };
        let message = format!("`{}` is declared twice", name.text);
        let diagnostic = Diagnostic::new(Code::DeclaredTwice, name.span, message)
            .label(first, "declared here first")
            .help("give one of them another name, or drop one");
        self.report(diagnostic);
        false
    }

    fn import(&mut self, module: usize, import: &'a ast::Use) {
        let path = import.path.dotted();
        let Some(name) = import.alias.as_ref().or(import.path.names.last()) else { return };
        if let Some(target) = self.modules.iter().position(|module| module.name == path) {
            self.add(module, name, Decl::Module(target));
            return;
        }
        let message = format!("there is no module `{path}`");
        let mut diagnostic = Diagnostic::new(Code::UnknownModule, import.path.span, message);
        if let Some(near) = suggest::nearest(&path, self.known.iter().copied()) {
            diagnostic = diagnostic.help(format!("did you mean `{near}`?"));
        } else {
            let known = self.known.join("`, `");
            diagnostic = diagnostic.help(format!("the modules that are there: `{known}`"));
        }
        self.report(diagnostic);
        self.add(module, name, Decl::Broken);
    }

    /// What `name` means in a module: what it declares or imports, else a standard asset.
    pub(crate) fn lookup(&self, module: usize, name: &str) -> Option<Decl> {
        let own = self.modules.get(module)?.names.get(name);
        let found = own.or_else(|| {
            let prelude = self.modules.get(self.prelude?)?;
            prelude.names.get(name).filter(|(decl, _)| matches!(decl, Decl::Type(_)))
        });
        found.map(|(decl, _)| *decl)
    }

    /// The type `name` of the module `of`, if `module` imports that.
    pub(crate) fn type_of_module(&mut self, module: usize, of: &str, name: &str) -> Option<TypeId> {
        let imports = self.modules.get(module)?.names.values().find_map(|(decl, _)| match decl {
            Decl::Module(target) if self.modules.get(*target)?.name == of => Some(*target),
            _ => None,
        });
        match self.lookup_in(imports?, name)? {
            Decl::Type(index) => Some(self.declared_type(index, None)),
            _ => None,
        }
    }

    /// What `name` means inside of another module, for who imports that.
    pub(crate) fn lookup_in(&self, module: usize, name: &str) -> Option<Decl> {
        let (decl, _) = self.modules.get(module)?.names.get(name)?;
        // Imports are for the module alone.
        (!matches!(decl, Decl::Module(_))).then_some(*decl)
    }

    /// Whether an unknown name in that module may be one that could not be read.
    pub(crate) fn is_unreadable(&self, module: usize) -> bool {
        self.modules.get(module).is_some_and(|module| module.unreadable)
    }

    /// What a path means, or a report. `what` says what is wanted ("type", "action").
    pub(crate) fn resolve(&mut self, module: usize, path: &ast::Path, what: &str) -> Option<Decl> {
        match path.names.as_slice() {
            [name] => {
                let found = self.lookup(module, &name.text);
                if found.is_none() && !self.is_unreadable(module) {
                    self.unknown(module, name, what);
                }
                found
            }
            [head, name] => {
                let target = match self.lookup(module, &head.text) {
                    Some(Decl::Module(target)) => target,
                    Some(Decl::Broken) => return Some(Decl::Broken),
                    _ if self.is_unreadable(module) => return Some(Decl::Broken),
                    _ => {
                        self.unknown_module(module, head);
                        return Some(Decl::Broken);
                    }
                };
                let found = self.lookup_in(target, &name.text);
                if found.is_none() && !self.is_unreadable(target) {
                    self.unknown_in(target, name, what);
                }
                found.or(Some(Decl::Broken))
            }
            _ => {
                let message = format!("there is no {what} `{}`", path.dotted());
                let diagnostic = Diagnostic::new(Code::UnknownName, path.span, message)
                    .help("write the module's name, a dot, and the name in it");
                self.report(diagnostic);
                Some(Decl::Broken)
            }
        }
    }

    /// Reports that the module has no such name, with the nearest of its own.
    pub(crate) fn unknown(&mut self, module: usize, name: &ast::Name, what: &str) {
        let mut candidates: Vec<&str> = Vec::new();
        if let Some(module) = self.modules.get(module) {
            candidates.extend(module.names.keys());
        }
        if what == "type" {
            candidates.extend(prelude::TYPE_NAMES);
            if let Some(prelude) = self.prelude.and_then(|prelude| self.modules.get(prelude)) {
                candidates.extend(prelude.names.keys());
            }
        }
        let near = suggest::nearest(&name.text, candidates).map(str::to_owned);
        let message = format!("there is no {what} `{}`", name.text);
        let mut diagnostic = Diagnostic::new(Code::UnknownName, name.span, message);
        if let Some(near) = near {
            diagnostic = diagnostic.help(format!("did you mean `{near}`?"));
        } else if let Some(help) = self.elsewhere(module, &name.text) {
            diagnostic = diagnostic.help(help);
        } else if what == "role" {
            let help = format!("declare it above: `role {} \"what they do\"`", name.text);
            diagnostic = diagnostic.help(help);
        }
        self.report_once(diagnostic);
    }

    /// How `name`, or what is nearest to it, is written where another module declares it;
    /// those that `module` uses come first.
    pub(crate) fn elsewhere(&self, module: usize, name: &str) -> Option<String> {
        let used: Vec<(&str, usize)> = self.uses(module).collect();
        let has = |target: usize| self.lookup_in(target, name).is_some();
        if let Some((alias, _)) = used.iter().find(|(_, target)| has(*target)) {
            return Some(format!("write `{alias}.{name}`"));
        }
        if let Some(home) = (0..self.modules.len()).find(|target| has(*target)) {
            let home = self.modules.get(home)?.name;
            let alias = home.rsplit('.').next().unwrap_or(home);
            return Some(format!("write `{alias}.{name}`, and `use {home}` on top"));
        }
        used.iter().find_map(|(alias, target)| {
            let names = self.modules.get(*target)?.names.keys().copied();
            let near =
                suggest::nearest(name, names.filter(|it| self.lookup_in(*target, it).is_some()));
            near.map(|near| format!("did you mean `{alias}.{near}`?"))
        })
    }

    /// The modules that `module` uses, as it calls them.
    fn uses(&self, module: usize) -> impl Iterator<Item = (&'a str, usize)> + '_ {
        let names = self.modules.get(module).into_iter().flat_map(|module| &module.names);
        names.filter_map(|(name, (decl, _))| match decl {
            Decl::Module(target) => Some((*name, *target)),
            _ => None,
        })
    }

    pub(crate) fn unknown_module(&mut self, module: usize, head: &ast::Name) {
        let message = format!("`{}` is no module that this file uses", head.text);
        let mut diagnostic = Diagnostic::new(Code::UnknownName, head.span, message);
        let ends = |known: &str| known.rsplit('.').next() == Some(head.text.as_str());
        let is_meant = |target: usize| self.modules.get(target).is_some_and(|it| ends(it.name));
        if let Some((alias, _)) = self.uses(module).find(|(_, target)| is_meant(*target)) {
            diagnostic = diagnostic.help(format!("this file calls it `{alias}`"));
        } else if let Some(known) = self.known.iter().find(|known| ends(known)) {
            diagnostic = diagnostic.help(format!("add `use {known}` on top of the file"));
        }
        self.report_once(diagnostic);
    }

    pub(crate) fn unknown_in(&mut self, target: usize, name: &ast::Name, what: &str) {
        let Some(module) = self.modules.get(target) else { return };
        let near = suggest::nearest(&name.text, module.names.keys().copied());
        let message = format!("the module `{}` has no {what} `{}`", module.name, name.text);
        let mut diagnostic = Diagnostic::new(Code::UnknownName, name.span, message);
        if let Some(near) = near {
            diagnostic = diagnostic.help(format!("did you mean `{near}`?"));
        } else if !module.names.is_empty() {
            let names: Vec<&str> = module.names.keys().copied().take(12).collect();
            diagnostic = diagnostic.help(format!("it has `{}`", names.join("`, `")));
        }
        self.report_once(diagnostic);
    }
}
