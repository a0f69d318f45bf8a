//! Names and dots: locals and their fields, constants, settings, enums'
//! alternatives, what other modules declare, and the facts of the run.

use rye_bytecode::instruction::operand::Context as Fact;
use rye_core::ty::{Type, TypeId};
use rye_grammar::ast::{self, Arg, ExprKind as Written};
use rye_grammar::diagnostic::{Code, Diagnostic};
use rye_grammar::span::Span;
use rye_grammar::suggest;

use super::Lower;
use crate::context::Decl;
use crate::hir::{Expr, ExprKind, LocalId, Op, SettingId};
use crate::prelude;
use crate::types::ERROR;

impl<'a> Lower<'_, 'a> {
    /// What a bare name stands for.
    pub(crate) fn name(&mut self, name: &'a ast::Name) -> Expr {
        if let Some(local) = self.local(&name.text) {
            return self.read(local, name.span);
        }
        if let Some(decl) = self.cx.lookup(self.module, &name.text) {
            return self.declared(decl, &name.text, name.span);
        }
        self.unknown_value(name);
        Self::poison(name.span)
    }

    pub(crate) fn read(&mut self, local: LocalId, span: Span) -> Expr {
        if let Some(fact) = self.facts.get_mut(local.index()) {
            fact.read = true;
        }
        Expr { kind: ExprKind::Local(local), ty: self.local_type(local), span }
    }

    /// The value of something declared; a report if it is none.
    fn declared(&mut self, decl: Decl, name: &str, span: Span) -> Expr {
        match decl {
            Decl::Const(index) => match self.cx.constant(index, Some(span)) {
                Some((ty, value)) => Expr { kind: ExprKind::Constant(value), ty, span },
                None => Self::poison(span),
            },
            Decl::Setting(index) => {
                let setting = self.cx.settings.get(index).and_then(|decl| decl.setting.as_ref());
                match (setting.map(|setting| setting.ty), u32::try_from(index)) {
                    (Some(ty), Ok(id)) => Expr { kind: ExprKind::Setting(SettingId(id)), ty, span },
                    _ => Self::poison(span),
                }
            }
            Decl::Broken => Self::poison(span),
            other => {
                let message = format!("`{name}` is {}, and no value", other.noun());
                let mut diagnostic = Diagnostic::new(Code::WrongKind, span, message);
                diagnostic = match other {
                    Decl::Function(_) => diagnostic.help(format!("call it: `{name}(…)`")),
                    Decl::Task(_) => diagnostic.help(format!("do it: `let x = do {name}(…)`")),
                    Decl::Module(_) => diagnostic.help(format!("name something in it: `{name}.…`")),
                    _ => diagnostic,
                };
                self.report(diagnostic);
                Self::poison(span)
            }
        }
    }

    /// Reports the name before a dot that means nothing: a module that the file doesn't
    /// use, or anything.
    pub(crate) fn unknown_head(&mut self, head: &'a ast::Name) {
        let is_module = |known: &&str| known.rsplit('.').next() == Some(head.text.as_str());
        if self.cx.known.iter().any(is_module) && !self.cx.is_unreadable(self.module) {
            self.cx.unknown_module(self.module, head);
        } else {
            self.unknown_value(head);
        }
    }

    fn unknown_value(&mut self, name: &'a ast::Name) {
        if self.unreadable || self.cx.is_unreadable(self.module) {
            return;
        }
        let message = format!("there is nothing called `{}` here", name.text);
        let mut diagnostic = Diagnostic::new(Code::UnknownName, name.span, message);
        let locals = self.scope.iter().rev().map(|(name, _)| *name);
        let declared = self.cx.modules.get(self.module).into_iter();
        let names = locals.chain(declared.flat_map(|module| module.names.keys().copied()));
        if name.text == prelude::RUN {
            diagnostic = diagnostic.help("write `run.id`, `run.started` or `run.starter`");
        } else if let Some(own) = foreign_value(&name.text) {
            diagnostic = diagnostic.help(format!("write `{own}`"));
        } else if let Some(near) = suggest::nearest(&name.text, names) {
            diagnostic = diagnostic.help(format!("did you mean `{near}`?"));
        } else if let Some(home) = self.variant_home(&name.text) {
            diagnostic = diagnostic.help(format!("write `{home}.{}`", name.text));
        } else if let Some(help) = self.cx.elsewhere(self.module, &name.text) {
            diagnostic = diagnostic.help(help);
        }
        self.cx.report_once(diagnostic);
    }

    /// The enum of this module that has such an alternative.
    fn variant_home(&self, variant: &str) -> Option<String> {
        let types = self.cx.types.table().types();
        types.iter().find_map(|ty| match ty {
            Type::Enum { name, variants, .. } => {
                let has = variants.iter().any(|one| *one.name == *variant);
                has.then(|| name.to_string())
            }
            _ => None,
        })
    }

    /// What an expression means that is nothing but names, unless the first is a local.
    pub(crate) fn static_path(&mut self, expr: &'a ast::Expr) -> Option<Decl> {
        match &expr.kind {
            Written::Name(name) if self.local(&name.text).is_none() => {
                self.cx.lookup(self.module, &name.text)
            }
            Written::Field { base, name } => match self.static_path(base)? {
                Decl::Module(target) => {
                    let found = self.cx.lookup_in(target, &name.text);
                    if found.is_none() && !self.cx.is_unreadable(target) {
                        self.cx.unknown_in(target, name, "name");
                    }
                    Some(found.unwrap_or(Decl::Broken))
                }
                Decl::Broken => Some(Decl::Broken),
                _ => None,
            },
            _ => None,
        }
    }

    /// `base.name`, wherever it leads.
    pub(crate) fn field(
        &mut self,
        whole: &'a ast::Expr,
        base: &'a ast::Expr,
        name: &'a ast::Name,
    ) -> Expr {
        match self.static_path(base) {
            Some(Decl::Module(_)) => {
                return match self.static_path(whole) {
                    Some(decl) => {
                        let shown = self.cx.text(whole.span).to_owned();
                        self.declared(decl, &shown, whole.span)
                    }
                    None => Self::poison(whole.span),
                };
            }
            Some(Decl::Type(index)) => {
                let ty = self.cx.declared_type(index, Some(base.span));
                return self.variant(ty, name, None, whole.span);
            }
            Some(Decl::Broken) => return Self::poison(whole.span),
            _ => {}
        }
        if let Written::Name(head) = &base.kind
            && self.local(&head.text).is_none()
            && self.cx.lookup(self.module, &head.text).is_none()
        {
            if head.text == prelude::RUN {
                return self.run_fact(name, whole.span);
            }
            self.unknown_head(head);
            return Self::poison(whole.span);
        }
        if let Some(more) = self.more_of(base, name, whole.span) {
            return more;
        }
        let base = self.expr(base, None);
        self.field_of(base, name, whole.span)
    }

    fn run_fact(&mut self, name: &'a ast::Name, span: Span) -> Expr {
        let (fact, ty) = match name.text.as_str() {
            "id" => (Fact::RunId, self.cx.types.text),
            "started" => (Fact::Started, self.cx.types.time),
            "starter" => (Fact::Starter, self.cx.types.text),
            _ => {
                let message = format!("a run has no `{}`", name.text);
                let diagnostic = Diagnostic::new(Code::UnknownField, name.span, message)
                    .help("it has `id`, `started` and `starter`");
                self.report(diagnostic);
                return Self::poison(span);
            }
        };
        if !self.place.acts() {
            let message = "only a playbook sees its run";
            let diagnostic = Diagnostic::new(Code::EffectMisplaced, span, message)
                .help("pass what is needed as an argument");
            self.report(diagnostic);
            return Self::poison(span);
        }
        Expr { kind: ExprKind::Context(fact), ty, span }
    }

    /// `Verdict.clean`, and with what it carries `Verdict.suspicious("why")`.
    pub(crate) fn variant(
        &mut self,
        ty: TypeId,
        name: &'a ast::Name,
        carried: Option<&'a [Arg]>,
        span: Span,
    ) -> Expr {
        let Some(Type::Enum { variants, open, .. }) = self.cx.types.get(ty) else {
            if ty != ERROR {
                let shown = self.cx.show(ty);
                let message = format!("{shown} is a type, and has no value `{}`", name.text);
                self.report(Diagnostic::new(Code::WrongKind, span, message));
            }
            return Self::poison(span);
        };
        let known = variants.len().saturating_sub(usize::from(*open));
        let found = variants.iter().take(known).position(|one| *one.name == *name.text);
        let payload = found.and_then(|at| variants.get(at)).map(|one| one.payload.clone());
        let (Some(payload), Some(Ok(variant))) = (payload, found.map(u8::try_from)) else {
            let names: Vec<&str> = variants.iter().take(known).map(|one| &*one.name).collect();
            let near = suggest::nearest(&name.text, names.iter().copied());
            let help = match near {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("it has `{}`", names.join("`, `")),
            };
            let message = format!("{} has no alternative `{}`", self.cx.show(ty), name.text);
            let diagnostic = Diagnostic::new(Code::UnknownField, name.span, message).help(help);
            self.report(diagnostic);
            return Self::poison(span);
        };
        match self.carried(name, &payload, carried) {
            Some(payload) => Expr { kind: ExprKind::Variant { variant, payload }, ty, span },
            None => Self::poison(span),
        }
    }

    /// The values that an alternative is made with; `None` after a report.
    fn carried(
        &mut self,
        name: &'a ast::Name,
        payload: &[TypeId],
        written: Option<&'a [Arg]>,
    ) -> Option<Vec<Expr>> {
        let args = written.unwrap_or_default();
        let is_plain = payload.is_empty() == written.is_none();
        if is_plain && args.len() == payload.len() && args.iter().all(|arg| arg.name.is_none()) {
            let pairs = args.iter().zip(payload);
            let what = || format!("what `{}` carries", name.text);
            let values: Vec<Expr> =
                pairs.map(|(arg, ty)| self.expr_of(&arg.value, *ty, what)).collect();
            return values.iter().all(|value| value.ty != ERROR).then_some(values);
        }
        let carries = super::pattern::values(payload.len());
        let (code, rest) = if args.len() < payload.len() {
            (Code::MissingArgument, format!("and {} of them are given", args.len()))
        } else if payload.is_empty() {
            (Code::UnwantedArgument, String::from("and has no parentheses"))
        } else {
            (Code::UnwantedArgument, String::from("in order and without names"))
        };
        let types: Vec<String> = payload.iter().map(|ty| self.cx.types.display(*ty)).collect();
        let fix = if types.is_empty() {
            format!("write `{}` alone", name.text)
        } else {
            format!("write `{}(…)` around values of the types `{}`", name.text, types.join("`, `"))
        };
        let message = format!("`{}` carries {carries}, {rest}", name.text);
        self.report(Diagnostic::new(code, name.span, message).help(fix));
        None
    }

    /// The field of a value.
    fn field_of(&mut self, base: Expr, name: &'a ast::Name, span: Span) -> Expr {
        let types = &self.cx.types;
        let record = match types.get(base.ty) {
            None => return Self::poison(span),
            Some(Type::Asset { of, .. }) => *of,
            Some(_) => base.ty,
        };
        let builtin = |op: Op, ty: TypeId, base: Expr| {
            let value = if base.ty == record {
                base
            } else {
                // Of an asset, it is in what names it.
                let span = base.span;
                Expr { kind: ExprKind::Unwrap(Box::new(base)), ty: record, span }
            };
            Expr { kind: ExprKind::Apply { op, args: vec![value] }, ty, span }
        };
        match (types.get(record), name.text.as_str()) {
            (Some(Type::Record { fields, .. }), wanted) => {
                let found = fields.iter().position(|field| *field.name == *wanted);
                let ty = found.and_then(|at| fields.get(at)).map(|field| field.ty);
                if let (Some(ty), Some(Ok(field))) = (ty, found.map(u8::try_from)) {
                    let kind = ExprKind::Field { base: Box::new(base), field };
                    return Expr { kind, ty, span };
                }
            }
            (Some(Type::Url), "scheme") => return builtin(Op::UrlScheme, types.text, base),
            (Some(Type::Url), "host") => return builtin(Op::UrlHost, types.text, base),
            (Some(Type::Url), "path") => return builtin(Op::UrlPath, types.text, base),
            (Some(Type::Cidr), "address") => return builtin(Op::CidrAddress, types.ip, base),
            (Some(Type::Cidr), "length") => return builtin(Op::CidrLength, types.int, base),
            _ => {}
        }
        self.unknown_field(&base, name);
        Self::poison(span)
    }

    fn unknown_field(&mut self, base: &Expr, name: &'a ast::Name) {
        let types = &self.cx.types;
        let record = types.asset_of(base.ty).unwrap_or(base.ty);
        let shown = self.cx.show(base.ty);
        let message = format!("{shown} has no field `{}`", name.text);
        let mut diagnostic = Diagnostic::new(Code::UnknownField, name.span, message);
        let fields: Vec<&str> = match types.get(record) {
            Some(Type::Record { fields, .. }) => fields.iter().map(|field| &*field.name).collect(),
            Some(Type::Url) => vec!["scheme", "host", "path"],
            Some(Type::Cidr) => vec!["address", "length"],
            _ => Vec::new(),
        };
        let text = self.cx.text(base.span);
        if let Some(near) = suggest::nearest(&name.text, fields.iter().copied()) {
            diagnostic = diagnostic.help(format!("did you mean `{near}`?"));
        } else if let Some(help) = self.more_elsewhere(base, name) {
            diagnostic = diagnostic.help(help);
        } else if types.optional_of(base.ty).is_some() {
            let help = format!("it may be missing: write `{text}?.{}`, or test it", name.text);
            diagnostic = diagnostic.help(help);
        } else if !fields.is_empty() {
            diagnostic = diagnostic.help(format!("it has `{}`", fields.join("`, `")));
        }
        self.cx.report_once(diagnostic);
    }
}

/// What Rye has instead of a value that other languages have.
fn foreign_value(word: &str) -> Option<&'static str> {
    match word {
        "null" | "nil" | "None" | "NULL" | "undefined" => Some("none"),
        "True" | "TRUE" => Some("true"),
        "False" | "FALSE" => Some("false"),
        _ => None,
    }
}
