//! The types of one compilation: every one once, the common ones at hand, and
//! how messages write them.

use rye_core::limit::{
    BYTES_DEFAULT_BYTES_MAX, ELEMENTS_DEFAULT_MAX, ELEMENTS_MAX, TEXT_DEFAULT_BYTES_MAX,
    TYPE_PARTS_MAX, VALUE_DEPTH_MAX,
};
use rye_core::ty::{Type, TypeId, TypeInterner, TypeTable};

/// The type of what could not be typed. It is in no table: whatever has it was
/// reported already, and nothing more is said about it.
pub(crate) const ERROR: TypeId = TypeId(u16::MAX);

/// What is known of a type with all that it is made of; counted when it is made, because
/// written out it may be as large as a power of its declarations.
#[derive(Clone, Copy, Debug, Default)]
struct Facts {
    /// How many types stand inside each other; a scalar is 1.
    depth: usize,
    /// How many types there are when all are written out.
    parts: u32,
    /// Whether a `Secret` is in there.
    secret: bool,
}

/// The interner, with the ids of the types that every pass names.
#[derive(Debug)]
pub(crate) struct Types {
    interner: TypeInterner,
    /// Of each type in the table.
    facts: Vec<Facts>,
    /// Whether a type was too large, or found no room any more, and nobody reported it.
    overflowed: bool,
    pub(crate) unit: TypeId,
    pub(crate) bool: TypeId,
    pub(crate) int: TypeId,
    pub(crate) float: TypeId,
    pub(crate) text: TypeId,
    pub(crate) time: TypeId,
    pub(crate) duration: TypeId,
    pub(crate) ip: TypeId,
    pub(crate) cidr: TypeId,
    pub(crate) port: TypeId,
    pub(crate) url: TypeId,
    pub(crate) domain: TypeId,
    pub(crate) email: TypeId,
    pub(crate) hash: TypeId,
    pub(crate) bytes: TypeId,
    pub(crate) secret: TypeId,
    pub(crate) error: TypeId,
    pub(crate) decision: TypeId,
}

impl Types {
    pub(crate) fn new() -> Self {
        let mut types = Self {
            interner: TypeInterner::new(),
            facts: Vec::new(),
            overflowed: false,
            unit: ERROR,
            bool: ERROR,
            int: ERROR,
            float: ERROR,
            text: ERROR,
            time: ERROR,
            duration: ERROR,
            ip: ERROR,
            cidr: ERROR,
            port: ERROR,
            url: ERROR,
            domain: ERROR,
            email: ERROR,
            hash: ERROR,
            bytes: ERROR,
            secret: ERROR,
            error: ERROR,
            decision: ERROR,
        };
        types.unit = types.intern(Type::Unit);
        types.bool = types.intern(Type::Bool);
        types.int = types.intern(Type::Int);
        types.float = types.intern(Type::Float);
        types.text = types.intern(Type::Text { max: TEXT_DEFAULT_BYTES_MAX });
        types.time = types.intern(Type::Time);
        types.duration = types.intern(Type::Duration);
        types.ip = types.intern(Type::Ip);
        types.cidr = types.intern(Type::Cidr);
        types.port = types.intern(Type::Port);
        types.url = types.intern(Type::Url);
        types.domain = types.intern(Type::Domain);
        types.email = types.intern(Type::Email);
        types.hash = types.intern(Type::Hash);
        types.bytes = types.intern(Type::Bytes { max: BYTES_DEFAULT_BYTES_MAX });
        types.secret = types.intern(Type::Secret);
        types.error = types.intern(Type::error(types.text));
        types.decision = types.intern(Type::decision(types.text));
        types
    }

    /// The id of `ty`; `ERROR` when it is too large or the table is full, which
    /// [`Types::take_overflow`] then says.
    pub(crate) fn intern(&mut self, ty: Type) -> TypeId {
        let facts = self.facts_of(&ty);
        let fits = facts.depth <= VALUE_DEPTH_MAX && facts.parts <= TYPE_PARTS_MAX;
        let id = if fits { self.interner.intern(ty) } else { None };
        let Some(id) = id else {
            self.overflowed = true;
            return ERROR;
        };
        if self.facts.len() < self.interner.table().len() {
            self.facts.push(facts);
        }
        id
    }

    /// Whether a type was too large since the last time that somebody asked.
    pub(crate) fn take_overflow(&mut self) -> bool {
        core::mem::take(&mut self.overflowed)
    }

    fn facts_of(&self, ty: &Type) -> Facts {
        let secret = matches!(ty, Type::Secret);
        let mut facts = Facts { depth: 0, parts: 1, secret };
        let mut add = |id: TypeId| {
            let inner = self.facts.get(usize::from(id.0)).copied().unwrap_or_default();
            facts.depth = facts.depth.max(inner.depth);
            facts.parts = facts.parts.saturating_add(inner.parts);
            facts.secret |= inner.secret;
        };
        match ty {
            Type::Optional { inner: ty }
            | Type::List { element: ty, .. }
            | Type::Asset { of: ty, .. } => add(*ty),
            Type::Map { key, value, .. } => {
                add(*key);
                add(*value);
            }
            Type::Record { fields, .. } => fields.iter().for_each(|field| add(field.ty)),
            Type::Enum { variants, .. } => {
                variants.iter().flat_map(|one| &one.payload).for_each(|ty| add(*ty));
            }
            _ => {}
        }
        facts.depth = facts.depth.saturating_add(1);
        facts
    }

    /// `List<element> max max`; the largest list type there is, if `max` is beyond it.
    pub(crate) fn list(&mut self, element: TypeId, max: u64) -> TypeId {
        if element == ERROR {
            return ERROR;
        }
        let max = u32::try_from(max).unwrap_or(ELEMENTS_MAX).min(ELEMENTS_MAX);
        self.intern(Type::List { element, max })
    }

    /// `Map<key, value> max max`, with the same limit.
    pub(crate) fn map(&mut self, key: TypeId, value: TypeId, max: u64) -> TypeId {
        if key == ERROR || value == ERROR {
            return ERROR;
        }
        let max = u32::try_from(max).unwrap_or(ELEMENTS_MAX).min(ELEMENTS_MAX);
        self.intern(Type::Map { key, value, max })
    }

    /// `inner?`; an optional type itself stays what it is.
    pub(crate) fn optional(&mut self, inner: TypeId) -> TypeId {
        if inner == ERROR || self.optional_of(inner).is_some() {
            return inner;
        }
        self.intern(Type::Optional { inner })
    }

    pub(crate) fn get(&self, id: TypeId) -> Option<&Type> {
        self.interner.table().get(id)
    }

    pub(crate) fn table(&self) -> &TypeTable {
        self.interner.table()
    }

    pub(crate) fn into_table(self) -> TypeTable {
        self.interner.into_table()
    }

    /// The `T` of a `T?`.
    pub(crate) fn optional_of(&self, id: TypeId) -> Option<TypeId> {
        match self.get(id) {
            Some(Type::Optional { inner }) => Some(*inner),
            _ => None,
        }
    }

    /// The element and the size of a list.
    pub(crate) fn list_of(&self, id: TypeId) -> Option<(TypeId, u64)> {
        match self.get(id) {
            Some(Type::List { element, max }) => Some((*element, u64::from(*max))),
            _ => None,
        }
    }

    /// Key, value and size of a map.
    pub(crate) fn map_of(&self, id: TypeId) -> Option<(TypeId, TypeId, u64)> {
        match self.get(id) {
            Some(Type::Map { key, value, max }) => Some((*key, *value, u64::from(*max))),
            _ => None,
        }
    }

    /// What names an asset.
    pub(crate) fn asset_of(&self, id: TypeId) -> Option<TypeId> {
        match self.get(id) {
            Some(Type::Asset { of, .. }) => Some(*of),
            _ => None,
        }
    }

    pub(crate) fn is_text(&self, id: TypeId) -> bool {
        matches!(self.get(id), Some(Type::Text { .. }))
    }

    /// Whether code can't tell the two apart.
    pub(crate) fn same(&self, one: TypeId, other: TypeId) -> bool {
        one == other || (self.table().accepts(one, other) && self.table().accepts(other, one))
    }

    /// The smallest type that both values of `one` and of `other` can stand under; `None`
    /// if there is none, or it is too large.
    pub(crate) fn wider(&mut self, one: TypeId, other: TypeId) -> Option<TypeId> {
        if self.table().accepts(one, other) {
            return Some(one);
        }
        if self.table().accepts(other, one) {
            return Some(other);
        }
        let ty = match (self.get(one)?, self.get(other)?) {
            (
                &Type::List { element: one, max: one_max },
                &Type::List { element: other, max: other_max },
            ) => {
                let element = self.wider(one, other)?;
                self.intern(Type::List { element, max: one_max.max(other_max) })
            }
            (
                &Type::Map { key: one_key, value: one, max: one_max },
                &Type::Map { key: other_key, value: other, max: other_max },
            ) => {
                let key = self.wider(one_key, other_key)?;
                let value = self.wider(one, other)?;
                self.intern(Type::Map { key, value, max: one_max.max(other_max) })
            }
            _ => return None,
        };
        (ty != ERROR).then_some(ty)
    }

    /// Whether `<` and its like compare two of these.
    pub(crate) fn is_ordered(&self, id: TypeId) -> bool {
        matches!(
            self.get(id),
            Some(
                Type::Int
                    | Type::Float
                    | Type::Text { .. }
                    | Type::Time
                    | Type::Duration
                    | Type::Port
                    | Type::Ip
            )
        )
    }

    /// Whether a map can have such keys.
    pub(crate) fn is_key(&self, id: TypeId) -> bool {
        match self.get(id) {
            Some(
                Type::Bool
                | Type::Int
                | Type::Text { .. }
                | Type::Time
                | Type::Duration
                | Type::Ip
                | Type::Cidr
                | Type::Port
                | Type::Url
                | Type::Domain
                | Type::Email
                | Type::Hash,
            ) => true,
            Some(Type::Asset { of, .. }) => self.is_key(*of),
            _ => false,
        }
    }

    /// Whether a `Secret` is in there.
    pub(crate) fn has_secret(&self, id: TypeId) -> bool {
        self.facts.get(usize::from(id.0)).is_some_and(|facts| facts.secret)
    }

    /// The type as its author would write it: with its `max` where that isn't the usual one.
    pub(crate) fn display(&self, id: TypeId) -> String {
        match self.get(id) {
            Some(Type::List { element, max }) => {
                format!("List<{}>{}", self.display(*element), Self::bound(*max))
            }
            Some(Type::Map { key, value, max }) => {
                let (key, value) = (self.display(*key), self.display(*value));
                format!("Map<{key}, {value}>{}", Self::bound(*max))
            }
            Some(Type::Optional { inner }) => format!("{}?", self.display(*inner)),
            Some(Type::Unit) => String::from("nothing"),
            _ => self.table().display(id),
        }
    }

    fn bound(max: u32) -> String {
        if max == ELEMENTS_DEFAULT_MAX { String::new() } else { format!(" max {max}") }
    }
}
