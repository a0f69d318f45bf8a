//! What can be done with the values of a type, for a whole table at once.
//!
//! One pass from the first type to the last, so it is linear however often types
//! are shared; a type that refers to itself or to a later one is of no class.

use super::{Type, TypeId, TypeTable};

/// The classes of all types of a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TypeClasses {
    classes: Vec<Class>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Class {
    scalar: bool,
    visible: bool,
    depth: u32,
    parts: u32,
}

/// What is said of a type that doesn't exist (yet).
const UNKNOWN: Class = Class { scalar: false, visible: false, depth: u32::MAX, parts: u32::MAX };

impl TypeClasses {
    /// The classes of all types of `types`.
    pub fn new(types: &TypeTable) -> Self {
        let mut classes = Self { classes: Vec::with_capacity(types.len()) };
        for ty in types.types() {
            let class = classes.classify(ty);
            classes.classes.push(class);
        }
        classes
    }

    /// Whether values of the type are one simple thing with an order: what can be
    /// compared by `<`, sorted by, and be the key of a map.
    pub fn is_scalar(&self, id: TypeId) -> bool {
        self.class(id).scalar
    }

    /// Whether values of the type can be compared by `==` and printed: nothing in
    /// them is a secret or the machine's own.
    pub fn is_visible(&self, id: TypeId) -> bool {
        self.class(id).visible
    }

    /// How deeply types are nested in this one; a scalar is 1.
    pub fn depth(&self, id: TypeId) -> u32 {
        self.class(id).depth
    }

    /// How many types it is made of when all are written out, this one included.
    pub fn parts(&self, id: TypeId) -> u32 {
        self.class(id).parts
    }

    fn class(&self, id: TypeId) -> Class {
        self.classes.get(usize::from(id.0)).copied().unwrap_or(UNKNOWN)
    }

    fn classify(&self, ty: &Type) -> Class {
        let scalar = Class { scalar: true, visible: true, depth: 1, parts: 1 };
        match ty {
            Type::Bool
            | Type::Int
            | Type::Float
            | Type::Text { .. }
            | Type::Time
            | Type::Duration
            | Type::Ip
            | Type::Cidr
            | Type::Port
            | Type::Url
            | Type::Domain
            | Type::Email
            | Type::Hash => scalar,
            Type::Bytes { .. } => Class { scalar: false, ..scalar },
            Type::Unit | Type::Secret | Type::Watch | Type::Approval => {
                Class { scalar: false, visible: false, ..scalar }
            }
            Type::Asset { of, .. } => {
                Class { scalar: self.is_scalar(*of), ..self.compound([*of].into_iter()) }
            }
            Type::Record { fields, .. } => self.compound(fields.iter().map(|field| field.ty)),
            Type::Enum { variants, .. } => {
                self.compound(variants.iter().flat_map(|variant| variant.payload.iter().copied()))
            }
            Type::List { element, .. } => self.compound([*element].into_iter()),
            Type::Map { key, value, .. } => self.compound([*key, *value].into_iter()),
            Type::Optional { inner } => self.compound([*inner].into_iter()),
            Type::Builder { element } => {
                Class { visible: false, ..self.compound([*element].into_iter()) }
            }
        }
    }

    fn compound(&self, inner: impl Iterator<Item = TypeId>) -> Class {
        let empty = Class { scalar: false, visible: true, depth: 0, parts: 0 };
        let all = inner.map(|id| self.class(id)).fold(empty, |all, class| Class {
            scalar: false,
            visible: all.visible && class.visible,
            depth: all.depth.max(class.depth),
            parts: all.parts.saturating_add(class.parts),
        });
        Class { depth: all.depth.saturating_add(1), parts: all.parts.saturating_add(1), ..all }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ty::{AssetForm, Field};
    use crate::value::Name;

    #[test]
    fn classes_follow_from_what_a_type_contains() {
        let record = |fields: &[u16]| Type::Record {
            name: Name::from("R"),
            fields: fields
                .iter()
                .map(|ty| Field { name: Name::from("f"), ty: TypeId(*ty) })
                .collect(),
        };
        let asset =
            |of| Type::Asset { name: Name::from("A"), form: AssetForm::Value, of: TypeId(of) };
        let types = TypeTable::new(vec![
            Type::Ip,
            asset(0),
            record(&[0, 1]),
            asset(2),
            Type::Secret,
            record(&[2, 4]),
            record(&[6]),
        ]);
        let classes = TypeClasses::new(&types);
        let ids = || (0..7).map(TypeId);
        let scalar: Vec<_> = ids().map(|id| classes.is_scalar(id)).collect();
        assert_eq!(scalar, [true, true, false, false, false, false, false]);
        let visible: Vec<_> = ids().map(|id| classes.is_visible(id)).collect();
        assert_eq!(visible, [true, true, true, true, false, false, false]);
        assert_eq!(classes.depth(TypeId(3)), 4);
        assert_eq!(classes.parts(TypeId(5)), 1 + 4 + 1);
        assert_eq!(classes.parts(TypeId(6)), u32::MAX, "a type of itself");
    }
}
