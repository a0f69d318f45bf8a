//! What all passes over one package share: its modules, its declarations, its
//! types, and the complaints so far.
//!
//! Declarations are found by index. A type or constant is worked out when it is
//! first needed, and the mark of its state finds circles.

use std::collections::BTreeMap;

use rye_core::action::ActionSignature;
use rye_core::ty::TypeId;
use rye_core::value::{Name, Value};
use rye_grammar::ast;
use rye_grammar::diagnostic::{Code, Diagnostic, Label};
use rye_grammar::span::{FileId, SourceMap, Span};

use crate::hir;
use crate::resolve::Module;
use crate::types::Types;

/// What a name of a module stands for; the numbers are indices of the tables of
/// [`Context`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Decl {
    Module(usize),
    Type(usize),
    Const(usize),
    Setting(usize),
    Role(usize),
    Action(usize),
    Function(usize),
    /// Also in the table of functions.
    Task(usize),
    Playbook,
    /// Something that could not be read, or that this compiler doesn't know yet:
    /// reported where it is declared, and silent where it is used.
    Broken,
}

impl Decl {
    /// What messages call such a thing.
    pub(crate) fn noun(self) -> &'static str {
        match self {
            Self::Module(_) => "a module",
            Self::Type(_) => "a type",
            Self::Const(_) => "a constant",
            Self::Setting(_) => "a setting",
            Self::Role(_) => "a role",
            Self::Action(_) => "an action, query or notice",
            Self::Function(_) => "a function",
            Self::Task(_) => "a task",
            Self::Playbook => "a playbook",
            Self::Broken => "something that could not be read",
        }
    }
}

/// How far something is that is worked out when it is needed.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum State<T> {
    Waiting,
    /// Being worked out: who meets this is in a circle.
    Working,
    Done(T),
    /// Reported; nothing more is said.
    Failed,
}

/// A declared type.
#[derive(Debug)]
pub(crate) struct TypeDecl<'a> {
    pub(crate) module: usize,
    pub(crate) kind: TypeKind<'a>,
    pub(crate) state: State<TypeId>,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum TypeKind<'a> {
    Asset(&'a ast::Asset),
    Record(&'a ast::Record),
    Enum(&'a ast::Enum),
}

impl<'a> TypeKind<'a> {
    pub(crate) fn name(self) -> &'a ast::Name {
        match self {
            Self::Asset(asset) => &asset.name,
            Self::Record(record) => &record.name,
            Self::Enum(choice) => &choice.name,
        }
    }

    /// What messages call it.
    pub(crate) fn noun(self) -> &'static str {
        match self {
            Self::Asset(_) => "asset",
            Self::Record(_) => "type",
            Self::Enum(_) => "enum",
        }
    }
}

/// A constant.
#[derive(Debug)]
pub(crate) struct ConstDecl<'a> {
    pub(crate) module: usize,
    pub(crate) item: &'a ast::Const,
    pub(crate) state: State<(TypeId, Value)>,
}

/// A setting. One that failed has no type.
#[derive(Debug)]
pub(crate) struct SettingDecl<'a> {
    pub(crate) module: usize,
    pub(crate) item: &'a ast::Setting,
    pub(crate) setting: Option<hir::Setting>,
}

/// An action, query or notice.
#[derive(Debug)]
pub(crate) struct ActionDecl<'a> {
    pub(crate) module: usize,
    pub(crate) item: &'a ast::Signature,
    /// `std.firewall.block`
    pub(crate) name: Name,
    /// All that callers see. Wrong parts are replaced by harmless ones.
    pub(crate) signature: ActionSignature,
    /// The clauses that are worked into each call.
    pub(crate) clauses: Clauses<'a>,
}

/// The clauses of an action that are expressions.
#[derive(Clone, Debug, Default)]
pub(crate) struct Clauses<'a> {
    pub(crate) captures: Vec<&'a ast::Capture>,
    pub(crate) proof: Option<&'a ast::Expr>,
    /// The `undo ACTION(…)`, if that is what stands there.
    pub(crate) undo: Option<&'a ast::Call>,
    pub(crate) simulated: Option<&'a ast::Expr>,
}

/// A function or task.
#[derive(Debug)]
pub(crate) struct FunctionDecl<'a> {
    pub(crate) module: usize,
    pub(crate) item: Callable<'a>,
    pub(crate) parameters: Vec<(Name, TypeId)>,
    pub(crate) result: TypeId,
    /// Whom it calls, and where, in order.
    pub(crate) calls: Vec<(usize, Span)>,
}

/// What has parameters and a body, and is called.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Callable<'a> {
    Function(&'a ast::Function),
    Task(&'a ast::Task),
}

impl<'a> Callable<'a> {
    pub(crate) fn name(self) -> &'a ast::Name {
        match self {
            Self::Function(function) => &function.name,
            Self::Task(task) => &task.name,
        }
    }

    pub(crate) fn params(self) -> &'a [ast::Param] {
        match self {
            Self::Function(function) => &function.params,
            Self::Task(task) => &task.params,
        }
    }

    /// The type of its result as written; a task need not have one.
    pub(crate) fn result(self) -> Option<&'a ast::Type> {
        match self {
            Self::Function(function) => Some(&function.result),
            Self::Task(task) => task.result.as_ref(),
        }
    }

    pub(crate) fn body(self) -> &'a ast::Block {
        match self {
            Self::Function(function) => &function.body,
            Self::Task(task) => &task.body,
        }
    }
}

/// All of it. `'a` is the life of the trees.
#[derive(Debug)]
pub(crate) struct Context<'a> {
    pub(crate) sources: &'a SourceMap,
    pub(crate) modules: Vec<Module<'a>>,
    /// The names of all modules that can be used, for suggestions.
    pub(crate) known: Vec<&'a str>,
    /// The module whose types every module sees.
    pub(crate) prelude: Option<usize>,
    pub(crate) types: Types,
    pub(crate) type_decls: Vec<TypeDecl<'a>>,
    pub(crate) consts: Vec<ConstDecl<'a>>,
    pub(crate) settings: Vec<SettingDecl<'a>>,
    pub(crate) roles: Vec<&'a ast::Role>,
    /// Ascending by name.
    pub(crate) actions: Vec<ActionDecl<'a>>,
    pub(crate) functions: Vec<FunctionDecl<'a>>,
    pub(crate) playbooks: Vec<(usize, &'a ast::Playbook)>,
    /// The typed functions: as many as are declared, then the conditions.
    pub(crate) bodies: Vec<Option<hir::Function>>,
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// Where the first of several equal complaints stands in those.
    pub(crate) repeated: BTreeMap<(FileId, String), usize>,
    /// The first part of a source that is in no typed tree.
    pub(crate) left_out: Option<Span>,
}

/// Places that are shown of one mistake that stands at many.
const REPEATS_MAX: usize = 8;

impl Context<'_> {
    pub(crate) fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    /// Notes that a part of a source gets into no typed tree. Its mistake is reported by
    /// who finds it; that somebody did is what [`check`](crate::check()) looks at.
    pub(crate) fn leave_out(&mut self, span: Span) {
        self.left_out.get_or_insert(span);
    }

    /// Reports a mistake that may stand at many places of a file: one complaint shows
    /// them all.
    pub(crate) fn report_once(&mut self, diagnostic: Diagnostic) {
        let key = (diagnostic.span.file, diagnostic.message.clone());
        let earlier = self.repeated.get(&key).and_then(|at| self.diagnostics.get_mut(*at));
        // What is said silently is dropped again, so another one may stand there now.
        if let Some(earlier) = earlier.filter(|earlier| earlier.message == diagnostic.message) {
            if earlier.labels.len() < REPEATS_MAX && earlier.span != diagnostic.span {
                earlier
                    .labels
                    .push(Label { span: diagnostic.span, message: String::from("here too") });
            }
            return;
        }
        self.repeated.insert(key, self.diagnostics.len());
        self.report(diagnostic);
    }

    /// Reports something that the language has and this compiler doesn't know yet.
    pub(crate) fn not_yet(&mut self, span: Span, what: &str) {
        let message = format!("{what} is not known to this compiler yet");
        self.report(Diagnostic::new(Code::NotYet, span, message));
    }

    /// The source text of a span, for help lines.
    pub(crate) fn text(&self, span: Span) -> &str {
        self.sources.text(span)
    }

    /// The type in backticks.
    pub(crate) fn show(&self, ty: TypeId) -> String {
        format!("`{}`", self.types.display(ty))
    }
}
