//! The tables of the module, filled with what bodies refer to when they first do.

use std::collections::BTreeMap;

use rye_bytecode::instruction::operand::{self, ActionSite};
use rye_bytecode::module::question::{Question, Subject};
use rye_bytecode::module::{self, AskSite, Constant, Module, Site, UndoSite};
use rye_core::action::ActionSignature;
use rye_core::limit::{ELEMENTS_DEFAULT_MAX, TEXT_BYTES_MAX};
use rye_core::ty::{Field, Type, TypeId, TypeInterner, Variant};
use rye_core::value::{Name, Value};
use rye_grammar::span::{FileId, SourceMap, Span};

use crate::hir::{ActionId, Function, FunctionId, Package, Setting};

/// What stands where a table is full. A module with one is reported as too large.
const NOWHERE: u16 = u16::MAX;

/// The tables so far.
#[derive(Debug)]
pub(super) struct Tables<'a> {
    package: &'a Package,
    sources: &'a SourceMap,
    types: TypeInterner,
    /// Per type of the package, the type of the module.
    type_ids: Vec<Option<TypeId>>,
    constants: Vec<Constant>,
    constant_ids: BTreeMap<(TypeId, Value), u16>,
    /// Their actions are those of the package until the module is put together:
    /// which index an action has is only known when all that are used are.
    sites: Vec<Site>,
    questions: Vec<Question>,
    /// Per function of the package, the function of the module.
    function_ids: BTreeMap<FunctionId, u16>,
    /// The functions in the order of the module, behind its playbooks.
    functions: Vec<FunctionId>,
    /// How many of them were handed out by [`Tables::next_function`].
    generated: usize,
    files: Vec<FileId>,
}

impl<'a> Tables<'a> {
    pub(super) fn new(package: &'a Package, sources: &'a SourceMap) -> Self {
        Self {
            package,
            sources,
            types: TypeInterner::new(),
            type_ids: vec![None; package.types.len()],
            constants: Vec::new(),
            constant_ids: BTreeMap::new(),
            sites: Vec::new(),
            questions: Vec::new(),
            function_ids: BTreeMap::new(),
            functions: Vec::new(),
            generated: 0,
            files: Vec::new(),
        }
    }

    /// The module's type for one of the package.
    pub(super) fn ty(&mut self, id: TypeId) -> TypeId {
        let at = usize::from(id.0);
        if let Some(known) = self.type_ids.get(at).copied().flatten() {
            return known;
        }
        let Some(ty) = self.package.types.get(id) else { return TypeId(NOWHERE) };
        let ty = self.convert(ty);
        let new = self.intern(ty);
        if let Some(slot) = self.type_ids.get_mut(at) {
            *slot = Some(new);
        }
        new
    }

    /// The same type with the module's types in it.
    fn convert(&mut self, ty: &Type) -> Type {
        match ty {
            Type::Asset { name, form, of } => {
                Type::Asset { name: name.clone(), form: *form, of: self.ty(*of) }
            }
            Type::Record { name, fields } => {
                let convert =
                    |field: &Field| Field { name: field.name.clone(), ty: self.ty(field.ty) };
                Type::Record { name: name.clone(), fields: fields.iter().map(convert).collect() }
            }
            Type::Enum { name, variants, open } => {
                let convert = |variant: &Variant| Variant {
                    name: variant.name.clone(),
                    payload: variant.payload.iter().map(|ty| self.ty(*ty)).collect(),
                };
                let variants = variants.iter().map(convert).collect();
                Type::Enum { name: name.clone(), variants, open: *open }
            }
            Type::List { element, max } => Type::List { element: self.ty(*element), max: *max },
            Type::Map { key, value, max } => {
                Type::Map { key: self.ty(*key), value: self.ty(*value), max: *max }
            }
            Type::Optional { inner } => Type::Optional { inner: self.ty(*inner) },
            Type::Builder { element } => Type::Builder { element: self.ty(*element) },
            scalar => scalar.clone(),
        }
    }

    /// A type of the module that the package needs not have.
    pub(super) fn intern(&mut self, ty: Type) -> TypeId {
        self.types.intern(ty).unwrap_or(TypeId(NOWHERE))
    }

    /// How many slots of the machine a register of the type takes.
    pub(super) fn slots(&self, ty: TypeId) -> usize {
        self.types.table().slots(ty)
    }

    /// What a type of the module is.
    pub(super) fn get(&self, ty: TypeId) -> Option<&Type> {
        self.types.table().get(ty)
    }

    /// Whether its values are numbers to the machine; those of `Unit` are nothing.
    pub(super) fn is_word(&self, ty: TypeId) -> bool {
        self.get(ty).is_some_and(|ty| ty.is_word() || matches!(ty, Type::Unit))
    }

    /// Whether it is the type without values.
    pub(super) fn is_unit(&self, ty: TypeId) -> bool {
        matches!(self.types.table().get(ty), Some(Type::Unit))
    }

    /// Element and size of a list of the module.
    pub(super) fn list(&self, ty: TypeId) -> (TypeId, u32) {
        match self.types.table().get(ty) {
            Some(Type::List { element, max }) => (*element, *max),
            _ => (TypeId(NOWHERE), 0),
        }
    }

    /// Key and value of a map of the module.
    pub(super) fn map(&self, ty: TypeId) -> (TypeId, TypeId) {
        match self.types.table().get(ty) {
            Some(Type::Map { key, value, .. }) => (*key, *value),
            _ => (TypeId(NOWHERE), TypeId(NOWHERE)),
        }
    }

    /// What an alternative of an enum of the module carries.
    pub(super) fn payload(&self, ty: TypeId, variant: u8) -> Vec<TypeId> {
        match self.types.table().get(ty) {
            Some(Type::Enum { variants, .. }) => {
                let variant = variants.get(usize::from(variant));
                variant.map(|variant| variant.payload.clone()).unwrap_or_default()
            }
            _ => Vec::new(),
        }
    }

    /// A constant of a type of the module.
    pub(super) fn constant(&mut self, ty: TypeId, value: Value) -> operand::Constant {
        if let Some(known) = self.constant_ids.get(&(ty, value.clone())) {
            return operand::Constant(*known);
        }
        let id = index(self.constants.len());
        self.constant_ids.insert((ty, value.clone()), id);
        self.constants.push(Constant { ty, value });
        operand::Constant(id)
    }

    /// The pieces of a text with holes.
    pub(super) fn pieces(&mut self, pieces: &[Name]) -> operand::Constant {
        let element = self.intern(Type::Text { max: TEXT_BYTES_MAX });
        let ty = self.intern(Type::List { element, max: ELEMENTS_DEFAULT_MAX });
        let pieces = pieces.iter().map(|piece| Value::Text(piece.clone()));
        self.constant(ty, Value::list(pieces))
    }

    /// A place for a site, whose actions are those of the package.
    pub(super) fn site(&mut self, site: Site) -> ActionSite {
        let id = index(self.sites.len());
        self.sites.push(site);
        ActionSite(id)
    }

    /// A place for a question, whose listed sites are not known yet.
    pub(super) fn question(&mut self, question: Question) -> operand::Question {
        let id = index(self.questions.len());
        self.questions.push(question);
        operand::Question(id)
    }

    /// Says which sites a question lists, in its order.
    pub(super) fn list_sites(&mut self, question: operand::Question, sites: &[ActionSite]) {
        let Some(question) = self.questions.get_mut(usize::from(question.0)) else { return };
        let (Subject::Effects { listed, .. } | Subject::Each { listed, .. }) =
            &mut question.subject
        else {
            return;
        };
        for (one, site) in listed.iter_mut().zip(sites) {
            one.site = *site;
        }
    }

    /// How many sites and questions there are.
    pub(super) fn calls(&self) -> (usize, usize) {
        (self.sites.len(), self.questions.len())
    }

    /// Forgets the sites and questions behind the first of each.
    pub(super) fn forget_calls(&mut self, (sites, questions): (usize, usize)) {
        self.sites.truncate(sites);
        self.questions.truncate(questions);
    }

    /// How a site names an action until the module is put together.
    pub(super) fn action(id: ActionId) -> operand::Action {
        operand::Action(u16::try_from(id.0).unwrap_or(NOWHERE))
    }

    /// What the package declares of an action.
    pub(super) fn signature(&self, id: ActionId) -> Option<&'a ActionSignature> {
        self.package.actions.get(usize::try_from(id.0).ok()?)
    }

    /// The module's function for one of the package, which from now on is needed.
    pub(super) fn function(&mut self, id: FunctionId) -> operand::Function {
        if let Some(known) = self.function_ids.get(&id) {
            return operand::Function(*known);
        }
        let before = self.package.playbooks.len().saturating_add(self.functions.len());
        let index = index(before);
        self.function_ids.insert(id, index);
        self.functions.push(id);
        operand::Function(index)
    }

    /// The module's type of what a function of the package gives.
    pub(super) fn result(&mut self, id: FunctionId) -> TypeId {
        let function = usize::try_from(id.0).ok().and_then(|at| self.package.functions.get(at));
        match function {
            Some(function) => self.ty(function.result),
            None => self.intern(Type::Unit),
        }
    }

    /// The next function that was needed and not yet handed out, in the order of the module.
    pub(super) fn next_function(&mut self) -> Option<&'a Function> {
        let id = *self.functions.get(self.generated)?;
        self.generated = self.generated.saturating_add(1);
        self.package.functions.get(usize::try_from(id.0).ok()?)
    }

    /// File and line of the first character of a span.
    pub(super) fn line(&mut self, span: Span) -> Option<(u16, u32)> {
        let line = self.sources.line(span)?;
        let known = self.files.iter().position(|file| *file == span.file);
        let file = known.unwrap_or_else(|| {
            self.files.push(span.file);
            self.files.len().saturating_sub(1)
        });
        Some((u16::try_from(file).ok()?, line))
    }

    /// The module without its functions and playbooks.
    pub(super) fn into_module(mut self) -> Module {
        let mut used = vec![false; self.package.actions.len()];
        for site in &mut self.sites {
            each_action(site, &mut |action| {
                if let Some(used) = used.get_mut(usize::from(action.0)) {
                    *used = true;
                }
            });
        }
        let mut indices = vec![NOWHERE; used.len()];
        let mut actions = Vec::new();
        let all = self.package.actions.iter().zip(used).zip(&mut indices);
        for ((action, _), slot) in all.filter(|((_, used), _)| *used) {
            *slot = index(actions.len());
            actions.push(action.clone());
        }
        for action in &mut actions {
            for parameter in &mut action.parameters {
                parameter.ty = self.ty(parameter.ty);
            }
            action.result = self.ty(action.result);
        }
        for site in &mut self.sites {
            each_action(site, &mut |action| {
                action.0 = indices.get(usize::from(action.0)).copied().unwrap_or(NOWHERE);
            });
        }
        let settings = self.settings();
        let name = |file: &FileId| self.sources.get(*file).map_or("", |file| file.name());
        let files = self.files.iter().map(|file| Name::from(name(file))).collect();
        Module {
            types: self.types.into_table(),
            constants: self.constants,
            settings,
            roles: self.package.roles.clone(),
            actions,
            sites: self.sites,
            questions: self.questions,
            debug: module::Debug { files, lines: Vec::new() },
            ..Module::default()
        }
    }

    /// All settings of the package: a site may set one that no code reads any more.
    fn settings(&mut self) -> Vec<module::Setting> {
        let package = self.package;
        let convert = |setting: &Setting| module::Setting {
            name: setting.name.clone(),
            ty: self.ty(setting.ty),
            default: setting.default.clone(),
            range: setting.range.clone(),
        };
        package.settings.iter().map(convert).collect()
    }
}

/// A length as the index of what comes next.
fn index(length: usize) -> u16 {
    u16::try_from(length).unwrap_or(NOWHERE)
}

/// Hands every action that a site names to `visit`.
fn each_action(site: &mut Site, visit: &mut impl FnMut(&mut operand::Action)) {
    let (call, rest): (&mut AskSite, _) = match site {
        Site::Ask(call) | Site::Tell(call) => (call, None),
        Site::Do(site) => (&mut site.call, Some((&mut site.undo, &mut site.proof))),
    };
    visit(&mut call.action);
    if let Some((undo, proof)) = rest {
        if let UndoSite::Call { action, .. } = undo {
            visit(action);
        }
        for proof in proof {
            visit(&mut proof.query.action);
        }
    }
}
