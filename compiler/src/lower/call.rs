//! Calls in expressions: who is called, and with what.

use rye_core::ty::TypeId;
use rye_core::value::Name;
use rye_grammar::ast::{self, Arg, Args, ExprKind as Written};
use rye_grammar::diagnostic::{Code, Diagnostic};
use rye_grammar::span::Span;
use rye_grammar::suggest;

use super::{Lower, Place};
use crate::context::Decl;
use crate::hir::{Expr, ExprKind, FunctionId};
use crate::prelude;
use crate::types::ERROR;

/// How arguments find their parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Passing {
    /// By name, in any order; what may be missing may be left out.
    Named,
    /// By position, then by name; all of them.
    Positional,
}

impl<'a> Lower<'_, 'a> {
    pub(crate) fn call(
        &mut self,
        callee: &'a ast::Expr,
        args: &'a Args,
        span: Span,
        want: Option<TypeId>,
    ) -> Expr {
        let _ = want;
        if let Written::Field { base, name } = &callee.kind
            && let Some(Decl::Type(index)) = self.static_path(base)
        {
            let ty = self.cx.declared_type(index, Some(base.span));
            let Args::List(args) = args else {
                self.not_an_aggregate(callee);
                return Self::poison(span);
            };
            return self.variant(ty, name, Some(args), span);
        }
        match self.static_path(callee) {
            Some(decl) => self.call_declared(decl, callee, args, span),
            None => match &callee.kind {
                Written::Name(name) => self.call_predeclared(name, args, span),
                Written::Field { base, .. } if self.is_foreign(base) => Self::poison(span),
                Written::Error => Self::poison(span),
                _ => {
                    let message = "this is a value, and can't be called";
                    self.report(Diagnostic::new(Code::WrongKind, callee.span, message));
                    self.touch(args);
                    Self::poison(span)
                }
            },
        }
    }

    /// Reports a module that the file doesn't use; whether the expression is one.
    fn is_foreign(&mut self, base: &'a ast::Expr) -> bool {
        let Written::Name(head) = &base.kind else { return false };
        if self.local(&head.text).is_some() {
            return false;
        }
        self.unknown_head(head);
        true
    }

    /// Looks at arguments that nobody takes, for what is wrong in them.
    fn touch(&mut self, args: &'a Args) {
        if let Args::List(args) = args {
            for arg in args {
                if !matches!(arg.value.kind, Written::List(_) | Written::Literal(_)) {
                    let _ = self.expr(&arg.value, None);
                }
            }
        }
    }

    fn call_declared(
        &mut self,
        decl: Decl,
        callee: &'a ast::Expr,
        args: &'a Args,
        span: Span,
    ) -> Expr {
        match decl {
            Decl::Function(index) => self.call_function(index, callee, args, span),
            Decl::Type(index) => {
                let ty = self.cx.declared_type(index, Some(callee.span));
                self.construct(ty, callee, args, span)
            }
            Decl::Action(index) => {
                let verb = self.cx.actions.get(index).map(|decl| decl.item.verb);
                let text = self.cx.text(callee.span).to_owned();
                let (noun, word) = match verb {
                    Some(ast::Verb::Query) => ("a query", "ask"),
                    Some(ast::Verb::Notice) => ("a notice", "tell"),
                    _ => ("an action", "do"),
                };
                let message = format!("`{text}` is {noun}, and no function");
                let code = match self.place {
                    Place::Playbook | Place::Task(_) => Code::WrongVerb,
                    _ => Code::EffectMisplaced,
                };
                let help = match (code, word) {
                    (Code::EffectMisplaced, _) => {
                        String::from("do that in the playbook, and pass what it answers")
                    }
                    (_, "ask") if self.asking => format!("write `ask {text}(…)`"),
                    (_, "ask") => format!("give the answer a name first: `let x = ask {text}(…)`"),
                    _ => format!("write `{word} {text}(…)` as a statement"),
                };
                self.report(Diagnostic::new(code, callee.span, message).help(help));
                self.touch(args);
                Self::poison(span)
            }
            Decl::Task(_) => {
                let text = self.cx.text(callee.span).to_owned();
                let message = format!("`{text}` is a task, and no function");
                let (code, help) = if self.place.acts() {
                    let help = format!("give what it returns a name first: `let x = do {text}(…)`");
                    (Code::WrongVerb, help)
                } else {
                    let help = "do it in the playbook, and pass what it returns";
                    (Code::EffectMisplaced, String::from(help))
                };
                self.report(Diagnostic::new(code, callee.span, message).help(help));
                self.touch(args);
                Self::poison(span)
            }
            Decl::Broken => {
                self.touch(args);
                Self::poison(span)
            }
            other => {
                let text = self.cx.text(callee.span);
                let message = format!("`{text}` is {}, and can't be called", other.noun());
                self.report(Diagnostic::new(Code::WrongKind, callee.span, message));
                self.touch(args);
                Self::poison(span)
            }
        }
    }

    fn call_function(
        &mut self,
        index: usize,
        callee: &'a ast::Expr,
        args: &'a Args,
        span: Span,
    ) -> Expr {
        let Some(decl) = self.cx.functions.get(index) else { return Self::poison(span) };
        let (parameters, result) = (decl.parameters.clone(), decl.result);
        self.note_call(index, callee.span);
        let Args::List(args) = args else {
            self.not_an_aggregate(callee);
            return Self::poison(span);
        };
        let passed = self.arguments(callee.span, &parameters, args, Passing::Positional, span);
        let (Some(args), Ok(id)) = (passed, u32::try_from(index)) else {
            return Self::poison(span);
        };
        if result == ERROR {
            return Self::poison(span);
        }
        Expr { kind: ExprKind::Call { function: FunctionId(id), args }, ty: result, span }
    }

    /// Notes whom the body calls, for the search for circles.
    pub(crate) fn note_call(&mut self, callee: usize, span: Span) {
        let own = self.place.callable().and_then(|index| self.cx.functions.get_mut(index));
        if let Some(own) = own {
            own.calls.push((callee, span));
        }
    }

    pub(crate) fn not_an_aggregate(&mut self, callee: &ast::Expr) {
        let text = self.cx.text(callee.span);
        let names: Vec<&str> = prelude::AGGREGATES.iter().map(|(name, _)| *name).collect();
        let message = format!("`{text}` takes no `… for … in …`");
        let diagnostic = Diagnostic::new(Code::UnwantedArgument, callee.span, message)
            .help("put the comprehension into brackets: `[… for … in …]`")
            .note(format!("only `{}` take one bare", names.join("`, `")));
        self.report(diagnostic);
    }

    fn call_predeclared(&mut self, name: &'a ast::Name, args: &'a Args, span: Span) -> Expr {
        if let Some(aggregate) = prelude::aggregate(&name.text) {
            return match args {
                Args::Over(written) => self.aggregate(aggregate, written, span),
                Args::List(args) => {
                    if let [Arg { name: None, value, .. }] = args.as_slice() {
                        return self.aggregate_list(aggregate, value, span);
                    }
                    let message = format!("`{0}` is written `{0}(x for x in list)`", name.text);
                    self.report(Diagnostic::new(Code::MissingArgument, span, message));
                    Self::poison(span)
                }
            };
        }
        if let Some((params, builtin)) = prelude::function(&name.text) {
            return self.builtin(name, params, builtin, args, span);
        }
        if let Some(ty) = prelude::type_named(&self.cx.types, &name.text) {
            return self.convert(ty, name, args, span);
        }
        if !self.cx.is_unreadable(self.module) {
            self.unknown_function(name);
        }
        self.touch(args);
        Self::poison(span)
    }

    fn unknown_function(&mut self, name: &'a ast::Name) {
        if self.local(&name.text).is_some() {
            let message = format!("`{}` is a value, and can't be called", name.text);
            self.report(Diagnostic::new(Code::WrongKind, name.span, message));
            return;
        }
        let message = format!("there is no function `{}`", name.text);
        let mut diagnostic = Diagnostic::new(Code::UnknownName, name.span, message);
        let mut names: Vec<&str> = prelude::callable_names().collect();
        if let Some(module) = self.cx.modules.get(self.module) {
            names.extend(module.names.keys());
        }
        if let Some(near) = suggest::nearest(&name.text, names) {
            diagnostic = diagnostic.help(format!("did you mean `{near}`?"));
        } else if let Some(help) = self.cx.elsewhere(self.module, &name.text) {
            diagnostic = diagnostic.help(help);
        }
        self.cx.report_once(diagnostic);
    }

    /// The arguments in the order of the parameters, each of its type; `None` after a
    /// report.
    pub(crate) fn arguments(
        &mut self,
        callee: Span,
        parameters: &[(Name, TypeId)],
        args: &'a [Arg],
        passing: Passing,
        span: Span,
    ) -> Option<Vec<Expr>> {
        let mut found: Vec<Option<Expr>> = vec![None; parameters.len()];
        let mut failed = false;
        for (position, arg) in args.iter().enumerate() {
            let slot = self.slot(callee, parameters, position, arg, passing);
            let Some(slot) = slot else {
                failed = true;
                // What stands there is still looked at, unless it needs a type.
                if !matches!(arg.value.kind, Written::List(_) | Written::Literal(_)) {
                    let _ = self.expr(&arg.value, None);
                }
                continue;
            };
            let Some((name, ty)) = parameters.get(slot) else { continue };
            let value = self.expr_of(&arg.value, *ty, || format!("`{name}`"));
            failed |= value.ty == ERROR;
            if let Some(place @ None) = found.get_mut(slot) {
                *place = Some(value);
                continue;
            }
            let message = format!("`{name}` is passed twice");
            let diagnostic =
                Diagnostic::new(Code::UnwantedArgument, arg.span, message).help("drop one of them");
            self.report(diagnostic);
            failed = true;
        }
        let missing: Vec<&str> = parameters
            .iter()
            .zip(&found)
            .filter(|((_, ty), value)| value.is_none() && !self.is_omissible(*ty, passing))
            .map(|((name, _), _)| &**name)
            .collect();
        if !missing.is_empty() && !failed {
            let (verb, list) =
                (if missing.len() == 1 { "is" } else { "are" }, missing.join("`, `"));
            let message = format!("`{list}` {verb} missing");
            let fix: Vec<String> = missing
                .iter()
                .filter_map(|name| parameters.iter().find(|(one, _)| **one == **name))
                .map(|(name, ty)| format!("{name}: {}", self.cx.types.display(*ty)))
                .collect();
            let close = Span::new(span.file, span.end.saturating_sub(1), span.end);
            let diagnostic = Diagnostic::new(Code::MissingArgument, close, message)
                .label(
                    callee,
                    format!(
                        "`{}` needs {}",
                        self.cx.text(callee),
                        if missing.len() == 1 { "it" } else { "them" }
                    ),
                )
                .help(format!("add `{}`", fix.join("`, `")));
            self.report(diagnostic);
            return None;
        }
        if failed {
            return None;
        }
        let values = parameters
            .iter()
            .zip(found)
            .map(|((_, ty), value)| value.unwrap_or(Expr { kind: ExprKind::None, ty: *ty, span }));
        Some(values.collect())
    }

    fn is_omissible(&self, ty: TypeId, passing: Passing) -> bool {
        passing == Passing::Named && (ty == ERROR || self.cx.types.optional_of(ty).is_some())
    }

    /// Which parameter an argument is for; `None` after a report.
    fn slot(
        &mut self,
        callee: Span,
        parameters: &[(Name, TypeId)],
        position: usize,
        arg: &'a Arg,
        passing: Passing,
    ) -> Option<usize> {
        let text = self.cx.text(callee).to_owned();
        let Some(name) = &arg.name else {
            if passing == Passing::Positional && position < parameters.len() {
                return Some(position);
            }
            let diagnostic = if passing == Passing::Positional {
                let wanted = count(parameters.len());
                let message = format!("`{text}` takes {wanted}");
                Diagnostic::new(Code::UnwantedArgument, arg.span, message).help("drop this one")
            } else {
                let message = format!("the arguments of `{text}` have names");
                let value = self.cx.text(arg.value.span);
                let fix = parameters.get(position).map_or_else(
                    || String::from("drop it"),
                    |(name, _)| format!("write `{name}: {value}`"),
                );
                Diagnostic::new(Code::UnwantedArgument, arg.span, message).help(fix)
            };
            self.report(diagnostic);
            return None;
        };
        let found = parameters.iter().position(|(one, _)| **one == *name.text);
        if found.is_none() {
            let message = format!("`{text}` has no parameter `{}`", name.text);
            let names: Vec<&str> = parameters.iter().map(|(name, _)| &**name).collect();
            let near = suggest::nearest(&name.text, names.iter().copied());
            let help = match near {
                _ if CLAUSES.contains(&name.text.as_str()) => {
                    format!("`{}` is a clause: it stands behind the parentheses", name.text)
                }
                Some(near) => format!("did you mean `{near}`?"),
                None if names.is_empty() => String::from("it takes none"),
                None => format!("it has `{}`", names.join("`, `")),
            };
            let diagnostic = Diagnostic::new(Code::UnwantedArgument, name.span, message).help(help);
            self.report(diagnostic);
        }
        found
    }
}

/// Clauses of a call, which are easily taken for arguments.
const CLAUSES: [&str; 5] = ["for", "verified", "timeout", "retry", "undo"];

/// `no arguments`, `one argument`, `3 arguments`.
pub(crate) fn count(number: usize) -> String {
    match number {
        0 => String::from("no arguments"),
        1 => String::from("one argument"),
        _ => format!("{number} arguments"),
    }
}
