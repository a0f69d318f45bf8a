//! Types, as one table that the compiler writes, the verifier checks and the
//! machine, the journal and the adapters rely on.
//!
//! A type refers to others by index, and only to earlier ones: so types are
//! finite, and walking them needs no guard against circles.

pub mod class;
pub mod fit;
pub mod spelled;

use std::collections::BTreeMap;

use crate::error::ErrorKind;
use crate::question::{DECISION_TYPE_NAME, DENIED, EXPIRED};
use crate::value::Name;
use crate::wire::Writer;

/// The index of a type in its table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TypeId(pub u16);

/// What a value can be.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Type {
    /// No value: what an action without a result gives.
    Unit,
    /// `true` or `false`.
    Bool,
    /// A 64-bit integer.
    Int,
    /// A finite number.
    Float,
    /// A text; from outside it has at most so many bytes.
    Text {
        /// How many bytes.
        max: u32,
    },
    /// An instant.
    Time,
    /// A signed span of time.
    Duration,
    /// An address.
    Ip,
    /// A block of addresses.
    Cidr,
    /// A port.
    Port,
    /// A URL.
    Url,
    /// A domain.
    Domain,
    /// A mail address.
    Email,
    /// A file's hash.
    Hash,
    /// Bytes; from outside at most so many.
    Bytes {
        /// How many bytes.
        max: u32,
    },
    /// A reference that only an adapter resolves.
    Secret,
    /// The end of a wait: made and read by the instructions of waiting alone.
    Watch,
    /// What people decided: made by `approve`, read by `open.approved` alone.
    Approval,
    /// Something that can be acted on.
    Asset {
        /// The kind, such as `Host`.
        name: Name,
        /// How its value is brought into canonical form.
        form: AssetForm,
        /// What names it: `Text`, `Ip`, `Cidr`, `Email`, or a record of texts.
        of: TypeId,
    },
    /// Values under names.
    Record {
        /// The declared name.
        name: Name,
        /// In the order of the declaration.
        fields: Vec<Field>,
    },
    /// One of several alternatives.
    Enum {
        /// The declared name.
        name: Name,
        /// In the order of the declaration.
        variants: Vec<Variant>,
        /// Whether the last alternative stands for names that the declaration
        /// doesn't know (`else`).
        open: bool,
    },
    /// Values in order, at most so many.
    List {
        /// What it holds.
        element: TypeId,
        /// How many.
        max: u32,
    },
    /// Values by key, at most so many.
    Map {
        /// A scalar.
        key: TypeId,
        /// What it holds.
        value: TypeId,
        /// How many.
        max: u32,
    },
    /// A value or nothing; `inner` is never optional itself.
    Optional {
        /// The value, if there is one.
        inner: TypeId,
    },
    /// A list that is being built: not a value that a playbook can name.
    Builder {
        /// What the list will hold.
        element: TypeId,
    },
}

/// How the value of an asset is brought into canonical form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AssetForm {
    /// As a host or domain name: IDNA, lower case, no trailing dot.
    Name,
    /// A text without regard to case.
    Text,
    /// A text, letter by letter.
    Exact,
    /// A value whose type has a canonical form already.
    Value,
}

/// A field of a record.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Field {
    /// Its name.
    pub name: Name,
    /// What it holds.
    pub ty: TypeId,
}

/// An alternative of an enum.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Variant {
    /// Its name.
    pub name: Name,
    /// What it carries.
    pub payload: Vec<TypeId>,
}

/// The name of the predeclared enum of errors.
pub const ERROR_TYPE_NAME: &str = "Error";

/// The asset that stands for an effect, of `std.effects`: its text is the effect's id.
pub const HOLD_TYPE_NAME: &str = "Hold";

/// Types by index.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TypeTable {
    types: Vec<Type>,
}

impl TypeTable {
    /// A table of these types. Whether they are well formed is for the verifier.
    pub fn new(types: Vec<Type>) -> Self {
        Self { types }
    }

    /// The type at `id`.
    pub fn get(&self, id: TypeId) -> Option<&Type> {
        self.types.get(usize::from(id.0))
    }

    /// All types in order.
    pub fn types(&self) -> &[Type] {
        &self.types
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.types.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.types.is_empty()
    }

    /// How many 64-bit slots a value of the type takes in registers, records and
    /// lists: an optional has one for its presence and one for its value.
    pub fn slots(&self, id: TypeId) -> usize {
        match self.get(id) {
            Some(Type::Unit) | None => 0,
            Some(Type::Optional { .. }) => 2,
            Some(_) => 1,
        }
    }

    /// Whether a value of type `from` may stand where `to` is wanted: the same
    /// type, or one whose only difference is a smaller `max`.
    pub fn accepts(&self, to: TypeId, from: TypeId) -> bool {
        if to == from {
            return true;
        }
        match (self.get(to), self.get(from)) {
            // A text is checked against its `max` where it enters or leaves.
            (Some(Type::Text { .. }), Some(Type::Text { .. }))
            | (Some(Type::Bytes { .. }), Some(Type::Bytes { .. })) => true,
            (
                Some(Type::List { element: to, max: to_max }),
                Some(Type::List { element: from, max: from_max }),
            ) => from_max <= to_max && self.accepts(*to, *from),
            (
                Some(Type::Map { key: to_key, value: to, max: to_max }),
                Some(Type::Map { key: from_key, value: from, max: from_max }),
            ) => from_max <= to_max && self.accepts(*to_key, *from_key) && self.accepts(*to, *from),
            (Some(Type::Optional { inner: to }), Some(Type::Optional { inner: from })) => {
                self.accepts(*to, *from)
            }
            _ => false,
        }
    }

    /// Appends what `id` means, with every type that it is made of, and without
    /// indices: equal bytes are equal types, in whatever tables they stand.
    pub fn describe(&self, writer: &mut Writer, id: TypeId) {
        let Some(ty) = self.get(id) else { return };
        writer.u8(ty.tag());
        match ty {
            Type::Text { max } | Type::Bytes { max } => writer.u32(*max),
            Type::Asset { name, form, of } => {
                writer.text(name);
                writer.u8(form.code());
                self.describe(writer, *of);
            }
            Type::Record { name, fields } => {
                writer.text(name);
                writer.count(fields.len());
                for field in fields {
                    writer.text(&field.name);
                    self.describe(writer, field.ty);
                }
            }
            Type::Enum { name, variants, open } => {
                writer.text(name);
                writer.bool(*open);
                writer.count(variants.len());
                for variant in variants {
                    writer.text(&variant.name);
                    writer.count(variant.payload.len());
                    for payload in &variant.payload {
                        self.describe(writer, *payload);
                    }
                }
            }
            Type::List { element, max } => {
                writer.u32(*max);
                self.describe(writer, *element);
            }
            Type::Map { key, value, max } => {
                writer.u32(*max);
                self.describe(writer, *key);
                self.describe(writer, *value);
            }
            Type::Optional { inner } | Type::Builder { element: inner } => {
                self.describe(writer, *inner);
            }
            _ => {}
        }
    }

    /// The type as it is written in the language.
    pub fn display(&self, id: TypeId) -> String {
        match self.get(id) {
            None => String::from("?"),
            Some(
                Type::Asset { name, .. } | Type::Record { name, .. } | Type::Enum { name, .. },
            ) => name.to_string(),
            Some(Type::List { element, .. }) => format!("List<{}>", self.display(*element)),
            Some(Type::Map { key, value, .. }) => {
                format!("Map<{}, {}>", self.display(*key), self.display(*value))
            }
            Some(Type::Optional { inner }) => format!("{}?", self.display(*inner)),
            Some(Type::Builder { element }) => format!("Builder<{}>", self.display(*element)),
            Some(scalar) => String::from(scalar.word()),
        }
    }
}

impl AssetForm {
    /// The number that stands for the form in formats.
    pub fn code(self) -> u8 {
        match self {
            Self::Name => 0,
            Self::Text => 1,
            Self::Exact => 2,
            Self::Value => 3,
        }
    }

    /// The form with this code.
    pub fn from_code(code: u8) -> Option<Self> {
        [Self::Name, Self::Text, Self::Exact, Self::Value].get(usize::from(code)).copied()
    }
}

impl Type {
    /// The kinds of type that are one word.
    pub const PLAIN: [Self; 16] = [
        Self::Unit,
        Self::Bool,
        Self::Int,
        Self::Float,
        Self::Time,
        Self::Duration,
        Self::Ip,
        Self::Cidr,
        Self::Port,
        Self::Url,
        Self::Domain,
        Self::Email,
        Self::Hash,
        Self::Secret,
        Self::Watch,
        Self::Approval,
    ];

    /// The number that stands for the kind of type in formats.
    pub fn tag(&self) -> u8 {
        match self {
            Self::Unit => 0,
            Self::Bool => 1,
            Self::Int => 2,
            Self::Float => 3,
            Self::Text { .. } => 4,
            Self::Time => 5,
            Self::Duration => 6,
            Self::Ip => 7,
            Self::Cidr => 8,
            Self::Port => 9,
            Self::Url => 10,
            Self::Domain => 11,
            Self::Email => 12,
            Self::Hash => 13,
            Self::Bytes { .. } => 14,
            Self::Secret => 15,
            Self::Watch => 16,
            Self::Asset { .. } => 17,
            Self::Record { .. } => 18,
            Self::Enum { .. } => 19,
            Self::List { .. } => 20,
            Self::Map { .. } => 21,
            Self::Optional { .. } => 22,
            Self::Builder { .. } => 23,
            Self::Approval => 24,
        }
    }

    /// The word for the kind of type; for a scalar, its name in the language.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Unit => "Unit",
            Self::Bool => "Bool",
            Self::Int => "Int",
            Self::Float => "Float",
            Self::Text { .. } => "Text",
            Self::Time => "Time",
            Self::Duration => "Duration",
            Self::Ip => "Ip",
            Self::Cidr => "Cidr",
            Self::Port => "Port",
            Self::Url => "Url",
            Self::Domain => "Domain",
            Self::Email => "Email",
            Self::Hash => "Hash",
            Self::Bytes { .. } => "Bytes",
            Self::Secret => "Secret",
            Self::Watch => "Watch",
            Self::Approval => "Approval",
            Self::Asset { .. } => "asset",
            Self::Record { .. } => "record",
            Self::Enum { .. } => "enum",
            Self::List { .. } => "List",
            Self::Map { .. } => "Map",
            Self::Optional { .. } => "optional",
            Self::Builder { .. } => "Builder",
        }
    }

    /// The predeclared enum of errors, whose alternatives carry a `text`.
    pub fn error(text: TypeId) -> Self {
        let variant =
            |kind: &ErrorKind| Variant { name: Name::from(kind.word()), payload: vec![text] };
        Self::Enum {
            name: Name::from(ERROR_TYPE_NAME),
            variants: ErrorKind::ALL.iter().map(variant).collect(),
            open: false,
        }
    }

    /// The predeclared enum of what people decided who did not say yes; a `text` says
    /// why.
    pub fn decision(text: TypeId) -> Self {
        let variant = |name: &str, payload| Variant { name: Name::from(name), payload };
        Self::Enum {
            name: Name::from(DECISION_TYPE_NAME),
            variants: vec![variant(DENIED, vec![text]), variant(EXPIRED, Vec::new())],
            open: false,
        }
    }

    /// Whether a value is one word that means the same everywhere: no handle into
    /// an instance's memory.
    pub fn is_word(&self) -> bool {
        matches!(
            self,
            Self::Bool
                | Self::Int
                | Self::Float
                | Self::Time
                | Self::Duration
                | Self::Port
                | Self::Watch
                | Self::Approval
        )
    }
}

/// Builds a table in which every type stands once.
#[derive(Clone, Debug, Default)]
pub struct TypeInterner {
    table: TypeTable,
    ids: BTreeMap<Type, TypeId>,
}

impl TypeInterner {
    /// An empty table.
    pub fn new() -> Self {
        Self::default()
    }

    /// The index of `ty`, which is added if it isn't there; `None` when the table
    /// is full.
    pub fn intern(&mut self, ty: Type) -> Option<TypeId> {
        if let Some(id) = self.ids.get(&ty) {
            return Some(*id);
        }
        let id = TypeId(u16::try_from(self.table.len()).ok()?);
        self.table.types.push(ty.clone());
        self.ids.insert(ty, id);
        Some(id)
    }

    /// The table so far.
    pub fn table(&self) -> &TypeTable {
        &self.table
    }

    /// The table.
    pub fn into_table(self) -> TypeTable {
        self.table
    }
}
