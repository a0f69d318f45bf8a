//! Types: as declared, and as written.

use rye_core::limit::{
    BYTES_DEFAULT_BYTES_MAX, ELEMENTS_DEFAULT_MAX, ELEMENTS_MAX, MEMBERS_MAX, TEXT_BYTES_MAX,
    TYPE_PARTS_MAX, VALUE_DEPTH_MAX,
};
use rye_core::ty::{self, Type, TypeId};
use rye_core::value::Name;
use rye_grammar::ast;
use rye_grammar::diagnostic::{Code, Diagnostic};
use rye_grammar::span::Span;

use crate::context::{Context, Decl, State, TypeKind};
use crate::prelude;
use crate::types::ERROR;

impl<'a> Context<'a> {
    /// The type of a declaration; `ERROR` when it is wrong. `used` is where it is
    /// needed, for reports of circles.
    pub(crate) fn declared_type(&mut self, index: usize, used: Option<Span>) -> TypeId {
        let Some(decl) = self.type_decls.get_mut(index) else { return ERROR };
        let (module, kind) = (decl.module, decl.kind);
        match decl.state {
            State::Done(ty) => return ty,
            State::Failed => return ERROR,
            State::Waiting => decl.state = State::Working,
            State::Working => {
                let name = kind.name();
                let message = format!("the type `{}` contains itself", name.text);
                let diagnostic = Diagnostic::new(Code::Circle, used.unwrap_or(name.span), message)
                    .help("hold what names the other one (an id, an asset) instead of the value");
                self.report(diagnostic);
                return ERROR;
            }
        }
        let ty = match kind {
            TypeKind::Asset(asset) => self.asset(module, asset),
            TypeKind::Record(record) => self.record(module, &record.name, &record.fields),
            TypeKind::Enum(choice) => self.choice(module, choice),
        };
        self.check_size(kind.name().span);
        if let Some(decl) = self.type_decls.get_mut(index) {
            decl.state = if ty == ERROR { State::Failed } else { State::Done(ty) };
        }
        ty
    }

    /// Reports a type that is too large, if one was since the last time.
    pub(crate) fn check_size(&mut self, span: Span) {
        if !self.types.take_overflow() {
            return;
        }
        let message = "this needs a type that is too large";
        let diagnostic = Diagnostic::new(Code::TooLarge, span, message)
            .help("hold what names the other values (an id, an asset) instead of the values")
            .note(format!(
                "at most {VALUE_DEPTH_MAX} types stand inside each other, and one type is made \
                 of at most {TYPE_PARTS_MAX}"
            ));
        self.report(diagnostic);
    }

    fn asset(&mut self, module: usize, asset: &'a ast::Asset) -> TypeId {
        let name = Name::from(asset.name.text.as_str());
        match &asset.form {
            ast::AssetForm::Record(fields) => {
                for field in fields {
                    let ty = self.resolve_type(module, &field.ty);
                    if ty != ERROR && !self.types.is_text(ty) {
                        let message =
                            format!("a field of an asset is a `Text`, not {}", self.show(ty));
                        self.report(Diagnostic::new(Code::BadType, field.ty.span, message));
                        return ERROR;
                    }
                }
                let of = self.record(module, &asset.name, fields);
                if of == ERROR {
                    return ERROR;
                }
                self.types.intern(Type::Asset { name, form: ty::AssetForm::Value, of })
            }
            ast::AssetForm::Scalar { base, exact } => {
                let Some((form, of)) = self.asset_form(&asset.name, base.as_ref(), *exact) else {
                    return ERROR;
                };
                self.types.intern(Type::Asset { name, form, of })
            }
        }
    }

    fn asset_form(
        &mut self,
        name: &ast::Name,
        base: Option<&'a ast::Type>,
        exact: Option<Span>,
    ) -> Option<(ty::AssetForm, TypeId)> {
        let word = match base.map(|base| (&base.kind, base.span)) {
            // `asset Ticket` is `asset Ticket = Text`.
            None => Some("Text"),
            Some((ast::TypeKind::Error, _)) => return None,
            Some((ast::TypeKind::Named { path, args, max: None, optional: None }, _))
                if args.is_empty() =>
            {
                path.as_name().map(|name| name.text.as_str())
            }
            Some(_) => None,
        };
        let text = self.types.text;
        let found = match word {
            Some("Name") => Some((ty::AssetForm::Name, text)),
            Some("Text") if exact.is_some() => Some((ty::AssetForm::Exact, text)),
            Some("Text") => Some((ty::AssetForm::Text, text)),
            Some("Ip") => Some((ty::AssetForm::Value, self.types.ip)),
            Some("Cidr") => Some((ty::AssetForm::Value, self.types.cidr)),
            Some("Email") => Some((ty::AssetForm::Value, self.types.email)),
            Some("Domain") => Some((ty::AssetForm::Value, self.types.domain)),
            Some("Url") => Some((ty::AssetForm::Value, self.types.url)),
            Some("Hash") => Some((ty::AssetForm::Value, self.types.hash)),
            _ => None,
        };
        let span = base.map_or(name.span, |base| base.span);
        match (&found, exact) {
            (None, _) => {
                let message = format!("`{}` can't name an asset", self.text(span));
                let help = "an asset is named by a `Name` (of a host), a `Text`, an `Ip`, a \
                    `Cidr`, an `Email`, a `Domain`, a `Url` or a `Hash`, or has fields in braces";
                self.report(Diagnostic::new(Code::BadType, span, message).help(help));
            }
            (Some((form, _)), Some(exact)) if *form != ty::AssetForm::Exact => {
                let message = "only a `Text` can be `exact`";
                let help = "leave `exact` out: this form has one spelling anyway";
                self.report(Diagnostic::new(Code::BadType, exact, message).help(help));
            }
            _ => {}
        }
        found
    }

    fn record(&mut self, module: usize, name: &ast::Name, fields: &'a [ast::Field]) -> TypeId {
        if fields.len() > MEMBERS_MAX {
            let message = format!("`{}` has more than {MEMBERS_MAX} fields", name.text);
            self.report(Diagnostic::new(Code::TooLarge, name.span, message));
            return ERROR;
        }
        let mut found: Vec<ty::Field> = Vec::with_capacity(fields.len());
        let mut failed = false;
        for (index, field) in fields.iter().enumerate() {
            let ty = self.resolve_type(module, &field.ty);
            failed |= ty == ERROR;
            if let Some(first) =
                fields.iter().take(index).find(|one| one.name.text == field.name.text)
            {
                self.twice("field", &field.name, first.name.span);
                failed = true;
            }
            found.push(ty::Field { name: Name::from(field.name.text.as_str()), ty });
        }
        if failed {
            return ERROR;
        }
        self.types.intern(Type::Record { name: Name::from(name.text.as_str()), fields: found })
    }

    fn choice(&mut self, module: usize, choice: &'a ast::Enum) -> TypeId {
        let mut variants: Vec<ty::Variant> = Vec::with_capacity(choice.variants.len());
        let mut open = None;
        for variant in &choice.variants {
            if let Some(open) = open {
                let message = "the alternative `else` stands last";
                let diagnostic = Diagnostic::new(Code::BadType, open, message)
                    .help("move it behind the others: it takes what none of them is");
                self.report(diagnostic);
                return ERROR;
            }
            match &variant.kind {
                ast::VariantKind::Error => return ERROR,
                ast::VariantKind::Else => {
                    open = Some(variant.span);
                    variants.push(ty::Variant { name: Name::from("else"), payload: Vec::new() });
                }
                ast::VariantKind::Named { name, payload } => {
                    if payload.len() > MEMBERS_MAX {
                        let message =
                            format!("`{}` carries more than {MEMBERS_MAX} values", name.text);
                        self.report(Diagnostic::new(Code::TooLarge, name.span, message));
                        return ERROR;
                    }
                    let payload: Vec<TypeId> =
                        payload.iter().map(|ty| self.resolve_type(module, ty)).collect();
                    if payload.contains(&ERROR) {
                        return ERROR;
                    }
                    if variants.iter().any(|one| *one.name == *name.text) {
                        let first = choice.variants.first().map_or(name.span, |one| one.span);
                        self.twice("alternative", name, first);
                        return ERROR;
                    }
                    let name = Name::from(name.text.as_str());
                    variants.push(ty::Variant { name, payload });
                }
            }
        }
        if variants.is_empty() || variants.len() > MEMBERS_MAX {
            let name = &choice.name;
            let message = format!("`{}` needs 1 to {MEMBERS_MAX} alternatives", name.text);
            self.report(Diagnostic::new(Code::BadType, name.span, message));
            return ERROR;
        }
        let name = Name::from(choice.name.text.as_str());
        self.types.intern(Type::Enum { name, variants, open: open.is_some() })
    }

    /// The type that is written there; `ERROR` after a report.
    pub(crate) fn resolve_type(&mut self, module: usize, written: &'a ast::Type) -> TypeId {
        let ast::TypeKind::Named { path, args, max, optional } = &written.kind else {
            return ERROR;
        };
        let word = path.as_name().map(|name| name.text.as_str());
        let bare = match word {
            Some("List" | "Map") => self.container(module, path, args, max.as_ref(), written.span),
            _ => self.plain_type(module, path, args, max.as_ref()),
        };
        self.check_size(written.span);
        match optional {
            Some(mark) if self.types.optional_of(bare).is_some() => {
                let message = "something that may be missing can't be missing twice";
                self.report(Diagnostic::new(Code::BadType, *mark, message).help("drop one `?`"));
                ERROR
            }
            Some(_) => self.types.optional(bare),
            None => bare,
        }
    }

    fn plain_type(
        &mut self,
        module: usize,
        path: &ast::Path,
        args: &'a [ast::Type],
        max: Option<&ast::Count>,
    ) -> TypeId {
        let word = path.as_name().map_or("", |name| name.text.as_str());
        let declared = || !word.is_empty() && prelude::type_named(&self.types, word).is_some();
        let ty = if declared() {
            prelude::type_named(&self.types, word).unwrap_or(ERROR)
        } else {
            match self.resolve(module, path, "type") {
                Some(Decl::Type(index)) => self.declared_type(index, Some(path.span)),
                Some(Decl::Broken) | None => ERROR,
                Some(other) => {
                    let message = format!("`{}` is {}, not a type", path.dotted(), other.noun());
                    self.report(Diagnostic::new(Code::WrongKind, path.span, message));
                    ERROR
                }
            }
        };
        if ty == ERROR {
            return ERROR;
        }
        if let Some(first) = args.first() {
            let message = format!("{} takes no types in angle brackets", self.show(ty));
            self.report(Diagnostic::new(Code::BadType, first.span, message));
            return ERROR;
        }
        let Some(max) = max else { return ty };
        let (most, sized): (u32, fn(u32) -> Type) = match self.types.get(ty) {
            Some(Type::Text { .. }) => (TEXT_BYTES_MAX, |max| Type::Text { max }),
            Some(Type::Bytes { .. }) => (BYTES_DEFAULT_BYTES_MAX, |max| Type::Bytes { max }),
            _ => {
                let message = format!("{} has no `max`", self.show(ty));
                let help = "only `List`, `Map`, `Text` and `Bytes` have one";
                self.report(Diagnostic::new(Code::BadType, max.span, message).help(help));
                return ERROR;
            }
        };
        match self.size(module, max, most, "bytes") {
            Some(max) => self.types.intern(sized(max)),
            None => ERROR,
        }
    }

    fn container(
        &mut self,
        module: usize,
        path: &ast::Path,
        args: &'a [ast::Type],
        max: Option<&ast::Count>,
        span: Span,
    ) -> TypeId {
        let max = match max {
            Some(max) => match self.size(module, max, ELEMENTS_MAX, "elements") {
                Some(max) => u64::from(max),
                None => return ERROR,
            },
            None => u64::from(ELEMENTS_DEFAULT_MAX),
        };
        let is_list = path.as_name().is_some_and(|name| name.text == "List");
        match (is_list, args) {
            (true, [element]) => {
                let ty = self.element_type(module, element);
                self.types.list(ty, max)
            }
            (false, [key, value]) => {
                let key_type = self.resolve_type(module, key);
                if key_type != ERROR && !self.types.is_key(key_type) {
                    let message = format!("{} can't be the key of a map", self.show(key_type));
                    let help = "keys are `Bool`, `Int`, `Text`, times, durations, addresses and \
                        the like, or assets that one of those names";
                    self.report(Diagnostic::new(Code::BadType, key.span, message).help(help));
                    return ERROR;
                }
                let value = self.element_type(module, value);
                self.types.map(key_type, value, max)
            }
            _ => {
                let form = if is_list { "List<Ip>" } else { "Map<Text, Int>" };
                let message = format!("`{}` is written `{form}`", path.dotted());
                self.report(Diagnostic::new(Code::BadType, span, message));
                ERROR
            }
        }
    }

    /// The type of what a list or map holds: never optional.
    fn element_type(&mut self, module: usize, written: &'a ast::Type) -> TypeId {
        let ty = self.resolve_type(module, written);
        if self.types.optional_of(ty).is_some() {
            let message = "a list or map holds no values that may be missing";
            let diagnostic = Diagnostic::new(Code::BadType, written.span, message)
                .help("drop the `?`, and leave out what is missing");
            self.report(diagnostic);
            return ERROR;
        }
        ty
    }

    fn size(&mut self, module: usize, max: &ast::Count, most: u32, unit: &str) -> Option<u32> {
        match u32::try_from(self.fixed_count(module, max)?) {
            Ok(size) if size > 0 && size <= most => Some(size),
            _ => {
                let message = format!("`max` goes from 1 to {most} {unit}");
                self.report(Diagnostic::new(Code::TooLarge, max.span, message));
                None
            }
        }
    }
}
