//! Types: only earlier ones inside, no optional of an optional, none in lists and
//! maps, scalars as keys, assets over what has a canonical form, each type once.

use std::collections::BTreeSet;

use rye_core::limit::{
    ELEMENTS_MAX, TEXT_BYTES_MAX, TYPE_PARTS_MAX, VALUE_BYTES_MAX, VALUE_DEPTH_MAX,
};
use rye_core::question::DECISION_TYPE_NAME;
use rye_core::ty::class::TypeClasses;
use rye_core::ty::{AssetForm, ERROR_TYPE_NAME, Type, TypeId, TypeTable};

use super::super::{Result, VerifyCode, VerifyError};
use super::{form, name};
use crate::module::Module;

/// Whether the type is `Unit`.
pub(super) fn is_unit(types: &TypeTable, ty: TypeId) -> bool {
    matches!(types.get(ty), Some(Type::Unit))
}

/// Whether values of the type are the machine's own: they stand in registers and
/// nowhere else.
pub(in super::super) fn is_own(types: &TypeTable, ty: TypeId) -> bool {
    matches!(
        types.get(ty),
        Some(Type::Unit | Type::Watch | Type::Approval | Type::Builder { .. }) | None
    )
}

pub(super) fn check(module: &Module, classes: &TypeClasses) -> Result<()> {
    let types = &module.types;
    let mut seen = BTreeSet::new();
    let (mut names, mut kinds) = (BTreeSet::new(), BTreeSet::new());
    for (index, ty) in types.types().iter().enumerate() {
        let id = TypeId(u16::try_from(index).unwrap_or(u16::MAX));
        Inside { types, classes, id }.check(ty)?;
        if !seen.insert(ty) {
            let found = format!("type {index} `{}` again", types.display(id));
            return Err(VerifyError::new(VerifyCode::Duplicate, found, "each type once"));
        }
        if let Type::Asset { name, .. } | Type::Record { name, .. } | Type::Enum { name, .. } = ty {
            name::check("type", name)?;
            if matches!(ty, Type::Asset { .. }) {
                name::once(&mut kinds, "asset", name)?;
            }
            // The record that names an asset may be called as the asset.
            if !is_named_by_own(types, ty) {
                name::once(&mut names, "type", name)?;
            }
        }
    }
    Ok(())
}

/// Whether it is an asset over a record of its own name.
fn is_named_by_own(types: &TypeTable, ty: &Type) -> bool {
    let Type::Asset { name, of, .. } = ty else { return false };
    matches!(types.get(*of), Some(Type::Record { name: record, .. }) if record == name)
}

/// One type among those before it.
struct Inside<'a> {
    types: &'a TypeTable,
    classes: &'a TypeClasses,
    id: TypeId,
}

impl Inside<'_> {
    fn check(&self, ty: &Type) -> Result<()> {
        match ty {
            Type::Text { max } => self.at_most(*max, TEXT_BYTES_MAX, "bytes")?,
            Type::Bytes { max } => {
                let max_bytes = u32::try_from(VALUE_BYTES_MAX).unwrap_or(u32::MAX);
                self.at_most(*max, max_bytes, "bytes")?;
            }
            Type::Asset { form, of, .. } => self.asset(*form, *of)?,
            Type::Record { fields, .. } => {
                self.few(fields.len(), "fields")?;
                let mut names = BTreeSet::new();
                for field in fields {
                    name::check("field", &field.name)?;
                    name::once(&mut names, "field", &field.name)?;
                    self.value(field.ty)?;
                }
            }
            Type::Enum { name, variants, open } => {
                self.few(variants.len(), "alternatives")?;
                let mut names = BTreeSet::new();
                for variant in variants {
                    name::check("alternative", &variant.name)?;
                    name::once(&mut names, "alternative", &variant.name)?;
                    variant.payload.iter().try_for_each(|ty| self.value(*ty))?;
                }
                self.enumeration(name, ty, *open)?;
            }
            Type::List { element, max } => {
                self.at_most(*max, ELEMENTS_MAX, "elements")?;
                self.element(*element)?;
            }
            Type::Map { key, value, max } => {
                self.at_most(*max, ELEMENTS_MAX, "entries")?;
                self.value(*key)?;
                if !self.classes.is_scalar(*key) {
                    return self.form("a key that is no scalar", "a scalar");
                }
                self.element(*value)?;
            }
            Type::Optional { inner } | Type::Builder { element: inner } => self.element(*inner)?,
            Type::Unit
            | Type::Bool
            | Type::Int
            | Type::Float
            | Type::Time
            | Type::Duration
            | Type::Ip
            | Type::Cidr
            | Type::Port
            | Type::Url
            | Type::Domain
            | Type::Email
            | Type::Hash
            | Type::Secret
            | Type::Watch
            | Type::Approval => {}
        }
        let depth_max = u32::try_from(VALUE_DEPTH_MAX).unwrap_or(u32::MAX);
        self.at_most(self.classes.depth(self.id), depth_max, "levels")?;
        self.at_most(self.classes.parts(self.id), TYPE_PARTS_MAX, "types inside")
    }

    fn form(&self, found: &str, allowed: &str) -> Result<()> {
        form(format!("type {} with {found}", self.id.0), allowed)
    }

    fn at_most(&self, found: u32, max: u32, unit: &str) -> Result<()> {
        if found <= max {
            return Ok(());
        }
        let found = format!("type {} with {found} {unit}", self.id.0);
        Err(VerifyError::new(VerifyCode::Limit, found, format!("at most {max}")))
    }

    /// So many that a byte can name each.
    fn few(&self, found: usize, unit: &str) -> Result<()> {
        self.at_most(u32::try_from(found).unwrap_or(u32::MAX), 1 << 8, unit)
    }

    /// An earlier type whose values stand in other values.
    fn value(&self, ty: TypeId) -> Result<()> {
        if ty >= self.id {
            let found = format!("type {} inside type {}", ty.0, self.id.0);
            return Err(VerifyError::new(VerifyCode::Bounds, found, "an earlier type"));
        }
        if is_own(self.types, ty) {
            return self.form("a part that is the machine's own", "values");
        }
        Ok(())
    }

    /// The same, and not optional.
    fn element(&self, ty: TypeId) -> Result<()> {
        self.value(ty)?;
        match self.types.get(ty) {
            Some(Type::Optional { .. }) => {
                self.form("an optional inside", "no optional in optionals, lists and maps")
            }
            _ => Ok(()),
        }
    }

    fn asset(&self, form: AssetForm, of: TypeId) -> Result<()> {
        self.value(of)?;
        let is_text = |ty: TypeId| matches!(self.types.get(ty), Some(Type::Text { .. }));
        let fits = match form {
            AssetForm::Name | AssetForm::Text | AssetForm::Exact => is_text(of),
            AssetForm::Value => match self.types.get(of) {
                Some(
                    Type::Ip | Type::Cidr | Type::Url | Type::Domain | Type::Email | Type::Hash,
                ) => true,
                Some(Type::Record { fields, .. }) => {
                    !fields.is_empty() && fields.iter().all(|field| is_text(field.ty))
                }
                _ => false,
            },
        };
        if fits {
            return Ok(());
        }
        let allowed = "a text in form `name`, `text` or `exact`; \
                       `Ip`, `Cidr`, `Url`, `Domain`, `Email`, `Hash` or a record of texts \
                       in form `value`";
        self.form(&format!("an asset over `{}`", self.types.display(of)), allowed)
    }

    fn enumeration(&self, name: &str, ty: &Type, open: bool) -> Result<()> {
        let Type::Enum { variants, .. } = ty else { return Ok(()) };
        let Some(last) = variants.last() else {
            return self.form("no alternative", "at least one");
        };
        if open && !last.payload.is_empty() {
            let found = format!("a value in `{}`, which stands for the unknown", last.name);
            return self.form(&found, "no value there");
        }
        let text = variants.first().and_then(|variant| variant.payload.first());
        let is_error = |text: &TypeId| {
            matches!(self.types.get(*text), Some(Type::Text { .. })) && *ty == Type::error(*text)
        };
        if name == ERROR_TYPE_NAME && !text.is_some_and(is_error) {
            return self.form("the name of the predeclared errors", "exactly those");
        }
        let is_decision = |text: &TypeId| {
            matches!(self.types.get(*text), Some(Type::Text { .. })) && *ty == Type::decision(*text)
        };
        if name == DECISION_TYPE_NAME && !text.is_some_and(is_decision) {
            return self.form("the name of the predeclared decisions", "exactly those");
        }
        Ok(())
    }
}
