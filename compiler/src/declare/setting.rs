//! Settings: what a site may choose, within a range.

use rye_core::ty::{Type, TypeId};
use rye_core::value::{Name, Value};
use rye_grammar::ast::{self, Constant, Literal, Spanned};
use rye_grammar::diagnostic::{Code, Diagnostic};

use crate::context::Context;
use crate::hir;
use crate::lower::literal;
use crate::types::ERROR;

impl Context<'_> {
    /// Checks a setting and puts its typed form into the table.
    pub(crate) fn settle_setting(&mut self, index: usize) {
        let Some(decl) = self.settings.get(index) else { return };
        let (module, item) = (decl.module, decl.item);
        let ty = self.resolve_type(module, &item.ty);
        let Some(setting) = self.setting(module, item, ty) else {
            self.leave_out(item.name.span);
            return;
        };
        if let Some(decl) = self.settings.get_mut(index) {
            decl.setting = Some(setting);
        }
    }

    fn setting(&mut self, module: usize, item: &ast::Setting, ty: TypeId) -> Option<hir::Setting> {
        let scalar = matches!(
            self.types.get(ty)?,
            Type::Bool
                | Type::Int
                | Type::Float
                | Type::Text { .. }
                | Type::Time
                | Type::Duration
                | Type::Ip
                | Type::Cidr
        );
        if !scalar {
            let message = format!("a setting is one plain value, not {}", self.show(ty));
            let diagnostic = Diagnostic::new(Code::BadRange, item.ty.span, message).help(
                "a setting is a `Bool`, `Int`, `Float`, `Text`, `Time`, `Duration`, `Ip` or \
                 `Cidr`; what is larger is a `const`",
            );
            self.report(diagnostic);
            return None;
        }
        let default = self.setting_value(&item.default, ty)?;
        let range = match &item.range {
            None => None,
            Some((low, high)) => {
                let bounds = (self.setting_value(low, ty)?, self.setting_value(high, ty)?);
                self.check_range(item, (low, high), ty, &default, &bounds)?;
                Some(bounds)
            }
        };
        let home = self.modules.get(module).map_or("", |module| module.name);
        let name = Name::from(format!("{home}.{}", item.name.text));
        Some(hir::Setting { name, ty, default, range, span: item.name.span })
    }

    fn check_range(
        &mut self,
        item: &ast::Setting,
        written: (&Spanned<Constant>, &Spanned<Constant>),
        ty: TypeId,
        default: &Value,
        (low, high): &(Value, Value),
    ) -> Option<()> {
        let (low_written, high_written) = written;
        let range = low_written.span.to(high_written.span);
        let diagnostic = if self.types.is_text(ty) || !self.types.is_ordered(ty) {
            let message = format!("{} has no range", self.show(ty));
            Diagnostic::new(Code::BadRange, range, message).help("leave `in …` out")
        } else if low > high {
            let message = format!("the range goes down, from `{low}` to `{high}`");
            Diagnostic::new(Code::BadRange, range, message).help("write the smaller value first")
        } else if default < low || default > high {
            let message = format!("`{default}` lies outside of `{low} .. {high}`");
            Diagnostic::new(Code::BadRange, item.default.span, message)
                .label(range, "what a site may set")
                .help("widen the range, or choose a default inside of it")
        } else {
            return Some(());
        };
        self.report(diagnostic);
        None
    }

    fn setting_value(&mut self, written: &Spanned<Constant>, ty: TypeId) -> Option<Value> {
        if written.node == Constant::Literal(Literal::None) {
            let message = "a setting always has a value";
            let diagnostic = Diagnostic::new(Code::BadRange, written.span, message)
                .help("write a value that switches off what the setting is for");
            self.report(diagnostic);
            return None;
        }
        let (value, found) = literal::constant(&self.types, &written.node)?;
        if self.types.same(ty, found) {
            return Some(value);
        }
        let (wanted, found_type) = (self.show(ty), self.show(found));
        let message = format!("the setting wants {wanted}, and this is {found_type}");
        let mut diagnostic = Diagnostic::new(Code::TypeMismatch, written.span, message);
        if ty == self.types.float && found == self.types.int {
            diagnostic = diagnostic.help(format!("write `{value}.0`"));
        }
        self.report(diagnostic);
        debug_assert!(ty != ERROR, "a setting of no type has no value");
        None
    }
}
