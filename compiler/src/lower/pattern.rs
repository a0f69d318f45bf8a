//! Patterns of `match`, and whether they cover everything.

use rye_core::ty::{Type, TypeId};
use rye_core::value::Value;
use rye_grammar::ast::{self, ArmHead, Binding, Constant, Literal, PatternKind};
use rye_grammar::diagnostic::{Code, Diagnostic};
use rye_grammar::span::Span;
use rye_grammar::suggest;

use super::{Lower, literal};
use crate::hir::{Expr, Pattern};
use crate::types::{ERROR, Types};

/// What helps where a value is matched that may be missing.
const TEST_FIRST: &str = "test what may be missing with `if let`, and match what is there";

/// What the arms so far cover.
#[derive(Debug)]
pub(crate) enum Covered {
    /// Alternatives of an enum by index; whether there are unknown ones besides.
    Variants { seen: Vec<bool>, open: bool },
    /// `false`, `true`.
    Bools([bool; 2]),
    /// Some values of a type that has too many.
    Values(Vec<Value>),
}

impl Covered {
    pub(crate) fn new(types: &Types, ty: TypeId) -> Self {
        match types.get(ty) {
            Some(Type::Enum { variants, open, .. }) => {
                let known = variants.len().saturating_sub(usize::from(*open));
                Self::Variants { seen: vec![false; known], open: *open }
            }
            Some(Type::Bool) => Self::Bools([false; 2]),
            _ => Self::Values(Vec::new()),
        }
    }

    fn is_everything(&self) -> bool {
        match self {
            Self::Variants { seen, open } => !open && seen.iter().all(|seen| *seen),
            Self::Bools(seen) => seen.iter().all(|seen| *seen),
            Self::Values(_) => false,
        }
    }
}

/// The head of an arm.
#[derive(Debug)]
pub(crate) enum Head {
    Patterns(Vec<Pattern>),
    /// `else`, `_`
    Rest,
    /// Reported.
    Failed,
}

impl<'a> Lower<'_, 'a> {
    /// The head of an arm; what it binds is in the scope from here on.
    pub(crate) fn arm_head(
        &mut self,
        arm: &'a ast::Arm,
        ty: TypeId,
        covered: &mut Covered,
        closed: bool,
    ) -> Head {
        let patterns = match &arm.head {
            ArmHead::Error => {
                self.unreadable = true;
                return Head::Failed;
            }
            ArmHead::Else => &[][..],
            ArmHead::Patterns(patterns) => patterns,
        };
        let first = patterns.first().map_or(arm.span, |pattern| pattern.span);
        let span = if patterns.is_empty() { super::stmt::keyword(arm.span, 4) } else { first };
        if closed || (covered.is_everything() && patterns.is_empty()) {
            let message = "the arms before this one cover everything";
            let diagnostic =
                Diagnostic::new(Code::Unreachable, span, message).help("drop this arm");
            self.report(diagnostic);
            return Head::Failed;
        }
        if patterns.is_empty() || matches!(patterns, [one] if one.kind == PatternKind::Any) {
            return Head::Rest;
        }
        let alone = patterns.len() == 1;
        let mut found = Vec::with_capacity(patterns.len());
        for pattern in patterns {
            match self.pattern(pattern, ty, covered, alone) {
                Some(pattern) => found.push(pattern),
                None => return Head::Failed,
            }
        }
        Head::Patterns(found)
    }

    fn pattern(
        &mut self,
        pattern: &'a ast::Pattern,
        ty: TypeId,
        covered: &mut Covered,
        alone: bool,
    ) -> Option<Pattern> {
        match &pattern.kind {
            PatternKind::Error => None,
            PatternKind::Any => {
                let message = "`_` fits everything, and stands alone";
                let diagnostic = Diagnostic::new(Code::BadPattern, pattern.span, message)
                    .help("write `else` as the last arm");
                self.report(diagnostic);
                None
            }
            PatternKind::Variant { path, bindings } => {
                self.variant_pattern(path, bindings.as_deref(), pattern.span, ty, covered, alone)
            }
            PatternKind::Constant(Constant::Literal(Literal::None)) => {
                self.none_pattern(pattern.span, ty);
                None
            }
            PatternKind::Constant(constant) => {
                let (value, found) = literal::constant(&self.cx.types, constant)?;
                if ty == ERROR {
                    return None;
                }
                if !self.cx.types.same(ty, found) {
                    let (wanted, found) = (self.cx.show(ty), self.cx.show(found));
                    let message = format!("this is {found}, and what is looked at is {wanted}");
                    let mut diagnostic = Diagnostic::new(Code::BadPattern, pattern.span, message);
                    if self.cx.types.optional_of(ty).is_some() {
                        diagnostic = diagnostic.help(TEST_FIRST);
                    }
                    self.report(diagnostic);
                    return None;
                }
                let again = match (&mut *covered, &value) {
                    (Covered::Bools(seen), Value::Bool(value)) => seen
                        .get_mut(usize::from(*value))
                        .is_some_and(|seen| core::mem::replace(seen, true)),
                    (Covered::Values(seen), value) => {
                        let again = seen.contains(value);
                        seen.push(value.clone());
                        again
                    }
                    _ => false,
                };
                if again {
                    self.again(pattern.span);
                    return None;
                }
                Some(Pattern::Constant(value))
            }
        }
    }

    /// Reports `none` as a pattern: what may be missing is tested before it is matched.
    fn none_pattern(&mut self, span: Span, ty: TypeId) {
        if ty == ERROR {
            return;
        }
        let diagnostic = if self.cx.types.optional_of(ty).is_some() {
            let message = "`match` looks at a value that is there, and `none` is no pattern";
            Diagnostic::new(Code::BadPattern, span, message).help(TEST_FIRST)
        } else {
            let message = format!("{} is never missing, so `none` fits nothing", self.cx.show(ty));
            Diagnostic::new(Code::BadPattern, span, message).help("drop this arm")
        };
        self.report(diagnostic);
    }

    fn again(&mut self, span: Span) {
        let message = "an arm before this one takes it already";
        self.report(Diagnostic::new(Code::Unreachable, span, message).help("drop it"));
    }

    fn variant_pattern(
        &mut self,
        path: &'a ast::Path,
        bindings: Option<&'a [Binding]>,
        span: Span,
        ty: TypeId,
        covered: &mut Covered,
        alone: bool,
    ) -> Option<Pattern> {
        let name = path.names.last()?;
        let Some(Type::Enum { name: enum_name, variants, open }) = self.cx.types.get(ty) else {
            for binding in bindings.unwrap_or_default() {
                if let Binding::Name(name) = binding {
                    self.bind(name, ERROR);
                }
            }
            self.no_variants(path, ty);
            return None;
        };
        let known = variants.len().saturating_sub(usize::from(*open));
        let owner = path.names.iter().rev().nth(1);
        let foreign = owner.filter(|owner| *owner.text != **enum_name);
        let found = variants.iter().take(known).position(|one| *one.name == *name.text);
        let (Some(index), None) = (found, foreign) else {
            let names: Vec<&str> = variants.iter().take(known).map(|one| &*one.name).collect();
            let near = suggest::nearest(&name.text, names.iter().copied());
            let help = match near {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("it has `{}`", names.join("`, `")),
            };
            let message = format!("{} has no alternative `{}`", self.cx.show(ty), path.dotted());
            self.report(Diagnostic::new(Code::BadPattern, span, message).help(help));
            for binding in bindings.unwrap_or_default() {
                if let Binding::Name(name) = binding {
                    self.bind(name, ERROR);
                }
            }
            return None;
        };
        let payload = variants.get(index).map(|one| one.payload.clone()).unwrap_or_default();
        if let Covered::Variants { seen, .. } = covered
            && seen.get_mut(index).is_some_and(|seen| core::mem::replace(seen, true))
        {
            self.again(span);
            return None;
        }
        let bindings = self.bindings(name, bindings, &payload, span, alone)?;
        Some(Pattern::Variant { variant: u8::try_from(index).ok()?, bindings })
    }

    fn no_variants(&mut self, path: &ast::Path, ty: TypeId) {
        if ty == ERROR {
            return;
        }
        let shown = self.cx.show(ty);
        let message = format!("{shown} has no alternatives, so `{}` fits nothing", path.dotted());
        let mut diagnostic = Diagnostic::new(Code::BadPattern, path.span, message);
        diagnostic = if self.cx.types.optional_of(ty).is_some() {
            diagnostic.help(TEST_FIRST)
        } else {
            diagnostic.help("compare with values that are written out, or use `if`")
        };
        self.report(diagnostic);
    }

    /// The locals of what an alternative carries; without parentheses, none.
    fn bindings(
        &mut self,
        name: &ast::Name,
        bindings: Option<&'a [Binding]>,
        payload: &[TypeId],
        span: Span,
        alone: bool,
    ) -> Option<Vec<Option<crate::hir::LocalId>>> {
        let Some(bindings) = bindings else { return Some(vec![None; payload.len()]) };
        if bindings.len() != payload.len() {
            let message = format!("`{}` carries {}", name.text, values(payload.len()));
            let diagnostic = Diagnostic::new(Code::BadPattern, span, message)
                .help("name each of them, or write `_` for one that isn't needed");
            self.report(diagnostic);
        }
        let mut found = Vec::with_capacity(payload.len());
        for (index, binding) in bindings.iter().enumerate() {
            let ty = payload.get(index).copied().unwrap_or(ERROR);
            match binding {
                Binding::Ignored(_) => found.push(None),
                Binding::Name(name) => {
                    if !alone {
                        let message = "an arm of several alternatives names nothing in them";
                        let diagnostic = Diagnostic::new(Code::BadPattern, name.span, message)
                            .help("write `_`, or an arm of its own");
                        self.report(diagnostic);
                        self.bind(name, ERROR);
                        return None;
                    }
                    found.push(Some(self.bind(name, ty)));
                }
            }
        }
        (bindings.len() == payload.len()).then_some(found)
    }

    /// Whether the arms take every value; a report if not.
    pub(crate) fn is_covered(&mut self, covered: &Covered, value: &Expr, span: Span) -> bool {
        if covered.is_everything() {
            return true;
        }
        let shown = self.cx.show(value.ty);
        let (message, help) = match covered {
            Covered::Variants { seen, open } => {
                let missing: Vec<String> = match self.cx.types.get(value.ty) {
                    Some(Type::Enum { variants, .. }) => variants
                        .iter()
                        .zip(seen)
                        .filter(|(_, seen)| !**seen)
                        .map(|(one, _)| one.name.to_string())
                        .collect(),
                    _ => Vec::new(),
                };
                if missing.is_empty() && *open {
                    let message = format!("{shown} may be something unknown, and no arm takes it");
                    (message, String::from("add `else { … }`"))
                } else {
                    let some: Vec<&str> = missing.iter().map(String::as_str).take(5).collect();
                    let more = if missing.len() > some.len() { " and more" } else { "" };
                    let message = format!("no arm takes `{}`{more}", some.join("`, `"));
                    let arm = format!("add `{} {{ … }}`, or `else {{ … }}`", some.join(" or "));
                    (message, arm)
                }
            }
            Covered::Bools(seen) => {
                let missing = if seen.first() == Some(&true) { "true" } else { "false" };
                (format!("no arm takes `{missing}`"), format!("add `{missing} {{ … }}`"))
            }
            Covered::Values(_) => {
                let message = format!("{shown} has more values than these arms take");
                (message, String::from("add `else { … }`"))
            }
        };
        self.report(Diagnostic::new(Code::NotExhaustive, span, message).help(help));
        false
    }
}

/// `no values`, `one value`, `3 values`: what an alternative carries.
pub(crate) fn values(number: usize) -> String {
    super::call::count(number).replace("argument", "value")
}
