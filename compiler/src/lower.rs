//! Trees to typed trees: one body at a time, in one pass that gives every
//! expression its type and every name its index.
//!
//! What is wrong is reported once; the expression in its place has the type
//! [`ERROR`], about which nobody says anything more.

mod amount;
mod approve;
mod build;
mod builtin;
mod call;
mod coerce;
mod collection;
mod condition;
mod effect;
mod expr;
mod first;
mod fold;
mod form;
mod frame;
mod give;
mod head;
pub(crate) mod literal;
mod operator;
mod path;
mod pattern;
mod question;
mod signature;
mod stmt;
mod task;

pub(crate) use fold::fold;
pub(crate) use head::{Heads, playbook};
pub(crate) use signature::check as check_signature;

use rye_bytecode::module::FunctionKind;
use rye_core::ty::TypeId;
use rye_core::value::Name;
use rye_grammar::ast;
use rye_grammar::diagnostic::{Code, Diagnostic};
use rye_grammar::span::Span;

use crate::context::{Callable, Context};
use crate::hir::{self, LocalId};
use crate::types::ERROR;

/// What is being lowered, which decides what may stand in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// The value of a `const`.
    Constant,
    /// The body of a `fn`.
    Function(usize),
    /// The body of a playbook.
    Playbook,
    /// The body of a task.
    Task(usize),
    /// A clause of a signature.
    Clause,
}

impl Place {
    /// Whether what stands there meets the world.
    fn acts(self) -> bool {
        matches!(self, Self::Playbook | Self::Task(_))
    }

    /// The function or task whose body it is.
    fn callable(self) -> Option<usize> {
        match self {
            Self::Function(index) | Self::Task(index) => Some(index),
            Self::Constant | Self::Playbook | Self::Clause => None,
        }
    }
}

/// Who gets what a statement answers or gives.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Receiver<'a> {
    /// Nobody: it stands alone.
    Nobody,
    /// The name left of it.
    Name(&'a ast::Name),
    /// A local that the source has no name for.
    Hidden,
}

/// What the compiler remembers of a local while its body is lowered.
#[derive(Clone, Copy, Debug, Default)]
struct Fact {
    read: bool,
    /// Whether it must be read: a `let` or `var`.
    expected: bool,
}

/// One body on its way.
#[derive(Debug)]
pub(crate) struct Lower<'c, 'a> {
    cx: &'c mut Context<'a>,
    module: usize,
    place: Place,
    /// What a `return` gives.
    result: TypeId,
    locals: Vec<hir::Local>,
    facts: Vec<Fact>,
    /// The answers that may be cut.
    firsts: Vec<first::FirstAnswer>,
    /// The names that can be seen, the nearest last.
    scope: Vec<(&'a str, LocalId)>,
    /// Whether an `ask` may stand in the expression: in a condition.
    asking: bool,
    /// Who takes a `give`, the nearest last.
    takers: Vec<give::Taker<'a>>,
    /// How many loops stand around.
    loops: usize,
    /// How many compensation frames stand around, without the playbook's.
    frames: usize,
    /// What the stages around say.
    stages: Vec<frame::StageFacts>,
    /// The `approve` around, whose block this is.
    approving: Option<approve::Approving>,
    /// Whether the body meets the world, and where first.
    effect: Option<Span>,
    /// Whether a part of the body is left out, because it could not be read or typed:
    /// it may have returned, or declared what is unknown now.
    unreadable: bool,
}

impl<'c, 'a> Lower<'c, 'a> {
    /// An empty body in `module`.
    pub(crate) fn new(cx: &'c mut Context<'a>, module: usize, place: Place) -> Self {
        Self {
            cx,
            module,
            place,
            result: ERROR,
            locals: Vec::new(),
            facts: Vec::new(),
            firsts: Vec::new(),
            scope: Vec::new(),
            asking: false,
            takers: Vec::new(),
            loops: 0,
            frames: 0,
            stages: Vec::new(),
            approving: None,
            effect: None,
            unreadable: false,
        }
    }

    /// The body of a function or task.
    pub(crate) fn function(cx: &'c mut Context<'a>, index: usize) -> Option<hir::Function> {
        let decl = cx.functions.get(index)?;
        let (module, item, result) = (decl.module, decl.item, decl.result);
        let parameters = decl.parameters.clone();
        let before = cx.diagnostics.len();
        let (kind, place) = match item {
            Callable::Function(_) => (FunctionKind::Pure, Place::Function(index)),
            Callable::Task(_) => (FunctionKind::Task, Place::Task(index)),
        };
        let mut lower = Self::new(cx, module, place);
        lower.result = result;
        lower.bind_parameters(item.params(), &parameters);
        let block = lower.block(item.body());
        // A statement with a mistake is left out, and may have been the one that returns.
        if !block.diverges && item.result().is_some() && result != ERROR && !lower.is_broken(before)
        {
            lower.never_returns(item, result);
        }
        lower.warn_unread(before);
        let Lower { cx, locals, .. } = lower;
        let count = parameters.len();
        let home = cx.modules.get(module).map_or("", |module| module.name);
        let body = hir::Body { locals, parameters: u32::try_from(count).ok()?, block };
        let name = Name::from(format!("{home}.{}", item.name().text));
        let span = item.name().span;
        Some(hir::Function { name, kind, result, body, span })
    }

    /// Reports a body that may end without a value.
    fn never_returns(&mut self, item: Callable<'a>, result: TypeId) {
        let (name, body) = (item.name(), item.body().span);
        let message = format!("`{}` may end without a value", name.text);
        let end = Span::new(body.file, body.end.saturating_sub(1), body.end);
        let wanted = self.cx.show(result);
        let diagnostic = Diagnostic::new(Code::MissingReturn, end, message)
            .label(name.span, format!("it gives {wanted}"))
            .help("add a `return` on every path");
        self.report(diagnostic);
    }

    fn bind_parameters(&mut self, params: &'a [ast::Param], types: &[(Name, TypeId)]) {
        for (param, (name, ty)) in params.iter().zip(types) {
            let local = self.fresh(name.clone(), *ty, param.name.span);
            self.scope.push((&param.name.text, local));
        }
    }

    /// A local that no name in the source means.
    fn fresh(&mut self, name: Name, ty: TypeId, span: Span) -> LocalId {
        let id = LocalId(u32::try_from(self.locals.len()).unwrap_or(u32::MAX));
        self.locals.push(hir::Local { name, ty, variable: false, span });
        self.facts.push(Fact::default());
        id
    }

    /// A local that the source names. A name means one thing at a time: taking one
    /// that can be seen is reported.
    fn bind(&mut self, name: &'a ast::Name, ty: TypeId) -> LocalId {
        let earlier = self.scope.iter().rev().find(|(seen, _)| *seen == name.text);
        if let Some(first) = earlier.and_then(|(_, id)| self.locals.get(id.index())) {
            let message = format!("`{}` already stands for something here", name.text);
            let diagnostic = Diagnostic::new(Code::NameTaken, name.span, message)
                .label(first.span, "declared here")
                .help("choose another name");
            self.cx.report(diagnostic);
        }
        let id = self.fresh(Name::from(name.text.as_str()), ty, name.span);
        self.scope.push((&name.text, id));
        id
    }

    /// As [`Lower::bind`], for a name that somebody should read.
    fn bind_read(&mut self, name: &'a ast::Name, ty: TypeId) -> LocalId {
        let id = self.bind(name, ty);
        if let Some(fact) = self.facts.get_mut(id.index()) {
            fact.expected = true;
        }
        id
    }

    /// The local of who gets a value of this type; none if nobody does.
    fn receive(&mut self, receiver: Receiver<'a>, ty: TypeId, span: Span) -> Option<LocalId> {
        match receiver {
            Receiver::Nobody => None,
            Receiver::Name(name) => Some(self.bind_read(name, ty)),
            Receiver::Hidden => Some(self.fresh(Name::from(""), ty, span)),
        }
    }

    /// The local of that name.
    fn local(&self, name: &str) -> Option<LocalId> {
        self.scope.iter().rev().find(|(seen, _)| *seen == name).map(|(_, id)| *id)
    }

    fn local_type(&self, id: LocalId) -> TypeId {
        self.locals.get(id.index()).map_or(ERROR, |local| local.ty)
    }

    /// Whether a part of the body was reported, after so many diagnostics.
    pub(crate) fn is_broken(&self, before: usize) -> bool {
        let mut reported = self.cx.diagnostics.iter().skip(before);
        self.unreadable || reported.any(Diagnostic::is_error)
    }

    /// Warns of names that nobody reads, unless the body has errors: then they may be
    /// read where the mistake is.
    fn warn_unread(&mut self, before: usize) {
        if self.is_broken(before) {
            return;
        }
        for (local, fact) in self.locals.iter().zip(&self.facts) {
            if fact.expected && !fact.read {
                let message = format!("`{}` is never read", local.name);
                let diagnostic = Diagnostic::new(Code::UnusedName, local.span, message)
                    .help("use it, or drop it: a `do` and an `ask` stand without `let` too");
                self.cx.diagnostics.push(diagnostic);
            }
        }
        self.warn_cuts_unseen();
    }

    fn is_read(&self, id: LocalId) -> bool {
        self.facts.get(id.index()).is_some_and(|fact| fact.read)
    }

    fn report(&mut self, diagnostic: Diagnostic) {
        self.cx.report(diagnostic);
    }

    /// What stands where nothing sensible could be read.
    fn poison(span: Span) -> hir::Expr {
        hir::Expr { kind: hir::ExprKind::None, ty: ERROR, span }
    }
}
