//! Lists, maps, comprehensions, aggregates and `sorted`.

use rye_core::ty::TypeId;
use rye_core::value::Value;
use rye_grammar::ast::{self, Over};
use rye_grammar::diagnostic::{Code, Diagnostic};
use rye_grammar::span::Span;

use super::Lower;
use crate::hir::{self, Aggregate, Expr, ExprKind, SortKey};
use crate::types::ERROR;

impl<'a> Lower<'_, 'a> {
    pub(crate) fn list(
        &mut self,
        items: &'a [ast::Expr],
        span: Span,
        want: Option<TypeId>,
    ) -> Expr {
        let want = want.map(|ty| self.cx.types.optional_of(ty).unwrap_or(ty));
        let wanted = want.and_then(|ty| self.cx.types.list_of(ty));
        if items.is_empty() {
            return self.empty(span, want);
        }
        let mut element = wanted.map(|(element, _)| element);
        let mut values = Vec::with_capacity(items.len());
        for item in items {
            let value = self.expr(item, element);
            element = self.widened(element, value.ty);
            values.push(value);
        }
        let element = element.unwrap_or(ERROR);
        let what = || String::from("an element of this list");
        let values: Vec<Expr> =
            values.into_iter().map(|value| self.coerce(value, element, what)).collect();
        if values.iter().any(|value| value.ty == ERROR) || !self.is_element(element, span) {
            return Self::poison(span);
        }
        let count = u64::try_from(values.len()).unwrap_or(u64::MAX);
        let ty = match (want, wanted) {
            (Some(ty), Some((wanted, max))) if count <= max && wanted == element => ty,
            _ => self.cx.types.list(element, count),
        };
        if let Some(constants) = constants(&values) {
            return Expr { kind: ExprKind::Constant(Value::list(constants)), ty, span };
        }
        Expr { kind: ExprKind::List(values), ty, span }
    }

    /// The type of the elements so far, with one more; that of the others where it doesn't
    /// fit to them.
    fn widened(&mut self, element: Option<TypeId>, found: TypeId) -> Option<TypeId> {
        match element {
            _ if found == ERROR => element,
            None => Some(found),
            Some(element) => Some(self.cx.types.wider(element, found).unwrap_or(element)),
        }
    }

    /// Whether lists and maps hold such values; a report if not.
    fn is_element(&mut self, ty: TypeId, span: Span) -> bool {
        if self.cx.types.optional_of(ty).is_none() {
            return true;
        }
        let message = "a list or map holds no values that may be missing";
        let diagnostic = Diagnostic::new(Code::PerhapsMissing, span, message)
            .help("give each a default with `else`, or leave out what is missing");
        self.report(diagnostic);
        false
    }

    fn empty(&mut self, span: Span, want: Option<TypeId>) -> Expr {
        match want {
            Some(ty) if self.cx.types.list_of(ty).is_some() => {
                Expr { kind: ExprKind::Constant(Value::list([])), ty, span }
            }
            Some(ty) if self.cx.types.map_of(ty).is_some() => {
                let empty = Value::Map(Vec::new().into());
                Expr { kind: ExprKind::Constant(empty), ty, span }
            }
            _ => {
                let message = "nothing says what this empty list could hold";
                let diagnostic = Diagnostic::new(Code::UnknownType, span, message)
                    .help("use it where a type is known: as an argument, or beside a list");
                self.report(diagnostic);
                Self::poison(span)
            }
        }
    }

    pub(crate) fn map(
        &mut self,
        entries: &'a [(ast::Expr, ast::Expr)],
        span: Span,
        want: Option<TypeId>,
    ) -> Expr {
        let wanted = want.and_then(|ty| self.cx.types.map_of(ty));
        let (mut key_type, mut value_type) = wanted.map(|(key, value, _)| (key, value)).unzip();
        let mut lowered = Vec::with_capacity(entries.len());
        for (key, value) in entries {
            let key = self.expr(key, key_type);
            let value = self.expr(value, value_type);
            key_type = self.widened(key_type, key.ty);
            value_type = self.widened(value_type, value.ty);
            lowered.push((key, value));
        }
        let (Some(key), Some(value)) = (key_type, value_type) else { return Self::poison(span) };
        let mut found = Vec::with_capacity(lowered.len());
        for (one, other) in lowered {
            let one = self.coerce(one, key, || String::from("a key of this map"));
            let other = self.coerce(other, value, || String::from("a value of this map"));
            found.push((one, other));
        }
        let failed = found.iter().any(|(key, value)| key.ty == ERROR || value.ty == ERROR);
        if failed || !self.is_element(value, span) || !self.is_key(key, span) {
            return Self::poison(span);
        }
        let count = u64::try_from(found.len()).unwrap_or(u64::MAX);
        let ty = match (want, wanted) {
            (Some(ty), Some((wanted_key, wanted_value, max)))
                if count <= max && (wanted_key, wanted_value) == (key, value) =>
            {
                ty
            }
            _ => self.cx.types.map(key, value, count),
        };
        Expr { kind: ExprKind::Map(found), ty, span }
    }

    fn is_key(&mut self, ty: TypeId, span: Span) -> bool {
        if self.cx.types.is_key(ty) {
            return true;
        }
        let shown = self.cx.show(ty);
        let message = format!("{shown} can't be the key of a map");
        self.report(Diagnostic::new(Code::BadType, span, message));
        false
    }

    /// `for x in list if condition`; the name is bound in the scope, and a loop open,
    /// from here on. Also the list's element and size.
    fn over(&mut self, over: &'a Over) -> Option<(hir::Over, TypeId, u64)> {
        let list = self.expr(&over.list, None);
        self.open_loop(over.span);
        let Some((element, max)) = self.cx.types.list_of(list.ty) else {
            self.not_a_list(&list, "`for … in`");
            self.bind(&over.name, ERROR);
            if let Some(condition) = &over.condition {
                let _ = self.expr(condition, None);
            }
            return None;
        };
        let local = self.bind(&over.name, element);
        let bool = self.cx.types.bool;
        let condition = match &over.condition {
            None => None,
            Some(condition) => {
                let condition = self.expr_of(condition, bool, || String::from("`if`"));
                if condition.ty == ERROR {
                    return None;
                }
                Some(condition)
            }
        };
        Some((hir::Over { local, list, condition }, element, max))
    }

    /// Reports something that is gone through and is no list.
    pub(crate) fn not_a_list(&mut self, value: &Expr, what: &str) {
        if value.ty == ERROR {
            return;
        }
        let (shown, text) = (self.cx.show(value.ty), self.cx.text(value.span));
        let message = format!("{what} goes through a list, and this is {shown}");
        let help = if self.cx.types.optional_of(value.ty).is_some() {
            Some(format!("it may be missing: write `({text} else [])`"))
        } else if self.cx.types.map_of(value.ty).is_some() {
            Some(format!("write `keys({text})` or `values({text})`"))
        } else {
            None
        };
        let mut diagnostic = Diagnostic::new(Code::TypeMismatch, value.span, message);
        if let Some(help) = help {
            diagnostic = diagnostic.help(help);
        }
        self.report(diagnostic);
    }

    pub(crate) fn comprehension(
        &mut self,
        written: &'a ast::Comprehension,
        span: Span,
        want: Option<TypeId>,
    ) -> Expr {
        let mark = self.scope.len();
        let over = self.over(&written.over);
        let wanted = want.and_then(|ty| self.cx.types.list_of(ty)).map(|(element, _)| element);
        let mut element = self.expr(&written.element, wanted);
        if let Some(wanted) = wanted {
            element = self.converted(element, wanted).unwrap_or_else(|element| element);
        }
        self.close_loop();
        self.scope.truncate(mark);
        let Some((over, _, max)) = over else { return Self::poison(span) };
        if element.ty == ERROR || !self.is_element(element.ty, element.span) {
            return Self::poison(span);
        }
        let ty = self.cx.types.list(element.ty, max);
        let kind = ExprKind::Comprehension { over: Box::new(over), element: Box::new(element) };
        Expr { kind, ty, span }
    }

    /// `count(… for x in list if …)` and its like.
    pub(crate) fn aggregate(
        &mut self,
        aggregate: Aggregate,
        written: &'a ast::Comprehension,
        span: Span,
    ) -> Expr {
        let mark = self.scope.len();
        let over = self.over(&written.over);
        let element = self.expr(&written.element, None);
        self.close_loop();
        self.scope.truncate(mark);
        let Some((over, _, max)) = over else { return Self::poison(span) };
        if element.ty == ERROR {
            return Self::poison(span);
        }
        self.aggregate_of(aggregate, over, element, max, span)
    }

    /// `sum(list)` and its like: over the elements themselves.
    pub(crate) fn aggregate_list(
        &mut self,
        aggregate: Aggregate,
        list: &'a ast::Expr,
        span: Span,
    ) -> Expr {
        let list = self.expr(list, None);
        let Some((element, max)) = self.cx.types.list_of(list.ty) else {
            self.not_a_list(&list, "this");
            return Self::poison(span);
        };
        let local = self.fresh("".into(), element, span);
        let over = hir::Over { local, list, condition: None };
        let element = Expr { kind: ExprKind::Local(local), ty: element, span };
        self.aggregate_of(aggregate, over, element, max, span)
    }

    fn aggregate_of(
        &mut self,
        aggregate: Aggregate,
        over: hir::Over,
        element: Expr,
        max: u64,
        span: Span,
    ) -> Expr {
        let types = &self.cx.types;
        let (bool, int) = (types.bool, types.int);
        let (element, ty) = match aggregate {
            Aggregate::Count => {
                let kind = ExprKind::Constant(Value::Bool(true));
                (Expr { kind, ty: bool, span: element.span }, int)
            }
            Aggregate::Any | Aggregate::All => {
                (self.coerce(element, bool, || String::from("this aggregate")), bool)
            }
            Aggregate::Sum => {
                let ty = element.ty;
                if ![types.int, types.float, types.duration].contains(&ty) {
                    let shown = self.cx.show(ty);
                    let message = format!("values of the type {shown} have no sum");
                    let help = "an `Int`, a `Float` and a `Duration` have one";
                    let diagnostic =
                        Diagnostic::new(Code::BadOperands, element.span, message).help(help);
                    self.report(diagnostic);
                    return Self::poison(span);
                }
                (element, ty)
            }
            Aggregate::Min | Aggregate::Max => {
                if !self.is_ordered(&element) {
                    return Self::poison(span);
                }
                let ty = self.cx.types.optional(element.ty);
                (element, ty)
            }
            Aggregate::Counted => {
                let key = element.ty;
                if !self.is_key(key, element.span) {
                    return Self::poison(span);
                }
                (element, self.cx.types.map(key, int, max))
            }
        };
        if element.ty == ERROR {
            return Self::poison(span);
        }
        let (over, element) = (Box::new(over), Box::new(element));
        Expr { kind: ExprKind::Aggregate { aggregate, over, element }, ty, span }
    }

    pub(crate) fn sorted(
        &mut self,
        name: &'a ast::Name,
        list: &'a ast::Expr,
        keys: &'a [ast::SortKey],
        span: Span,
    ) -> Expr {
        let list = self.expr(list, None);
        let element = self.cx.types.list_of(list.ty).map(|(element, _)| element);
        if element.is_none() {
            self.not_a_list(&list, "`sorted`");
        }
        let mark = self.scope.len();
        let local = self.bind(name, element.unwrap_or(ERROR));
        let mut failed = element.is_none();
        let mut found = Vec::with_capacity(keys.len());
        self.open_loop(name.span);
        for key in keys {
            let value = self.expr(&key.value, None);
            failed |= !self.is_ordered(&value);
            found.push(SortKey { value, descending: key.descending });
        }
        self.close_loop();
        self.scope.truncate(mark);
        if failed {
            return Self::poison(span);
        }
        let ty = list.ty;
        Expr { kind: ExprKind::Sorted { local, list: Box::new(list), keys: found }, ty, span }
    }
}

/// The values, if all are known.
fn constants(values: &[Expr]) -> Option<Vec<Value>> {
    values
        .iter()
        .map(|value| match &value.kind {
            ExprKind::Constant(value) => Some(value.clone()),
            _ => None,
        })
        .collect()
}
