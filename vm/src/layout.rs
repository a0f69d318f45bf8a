//! What the machine must know of each type: how its values lie in slots.
//!
//! An asset lies as what names it. Types refer only to earlier ones, so walking
//! a value by its type ends; what is nested deeper than values may be has no
//! layout, and no operation works on it.

use core::cmp::Ordering;

use rye_core::limit::VALUE_DEPTH_MAX;
use rye_core::ty::{Field, Type, TypeId, TypeTable};

use crate::trap::Trap;

/// How the words of a number compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// As signed integers.
    Signed,
    /// As the bits of floats.
    Float,
}

/// Where one of several values that lie together lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// Its type.
    pub(crate) ty: TypeId,
    /// Its first word.
    pub(crate) offset: u32,
    /// How many words.
    pub(crate) width: usize,
}

/// Values that lie together: the fields of a record, the payload of an
/// alternative.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Row {
    /// In the order of the declaration.
    pub(crate) places: Box<[Place]>,
    /// How many words all of them take.
    pub(crate) width: u32,
    /// Of fields, in the order of their names: which is the first, then for each the
    /// next one. Those who write members in order write them in this one.
    pub(crate) by_name: Box<[usize]>,
}

impl Row {
    /// With the names of its values.
    fn named(self, fields: &[Field]) -> Self {
        let mut order: Vec<usize> = (0..fields.len()).collect();
        order.sort_by_key(|index| fields.get(*index).map(|field| &field.name));
        let mut by_name = vec![usize::MAX; fields.len().saturating_add(1)];
        let mut last = 0;
        for index in order {
            if let Some(next) = by_name.get_mut(last) {
                *next = index;
            }
            last = index.saturating_add(1);
        }
        Self { by_name: by_name.into(), ..self }
    }
}

/// How values of a type lie in slots.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Layout {
    /// Not at all.
    Unit,
    /// As one word that is the value.
    Word(Order),
    /// As a span of the texts.
    Text,
    /// As a span of the bytes.
    Bytes,
    /// As a span of the bytes, of one of three lengths.
    Hash,
    /// As an address.
    Ip,
    /// As a block.
    Cidr,
    /// As a span of words.
    Record(Row),
    /// As the index of the alternative and a span of words.
    Enum {
        /// Per alternative.
        variants: Box<[Row]>,
        /// Per alternative, its place in the order of their names.
        ranks: Box<[u32]>,
    },
    /// As a span of as many words as it has elements.
    List(TypeId),
    /// As a span with as many keys, and as many values behind them.
    Map(TypeId, TypeId),
    /// As presence and value.
    Optional(TypeId),
    /// As a span: a word with the length so far, then the room.
    Builder(TypeId),
    /// Nested too deeply, or not in the table.
    None,
}

/// The layouts of all types of a program.
#[derive(Clone, Debug, Default)]
pub(crate) struct Layouts {
    rows: Vec<(Layout, Traits)>,
}

/// What follows from a layout.
#[derive(Clone, Copy, Debug, Default)]
struct Traits {
    depth: usize,
    /// Whether equal values have equal slots, and one slot.
    word: bool,
    /// Whether no slot of it reaches into an arena.
    flat: bool,
    /// Whether its size can cost fuel.
    sized: bool,
    /// How many slots.
    width: usize,
}

impl Layouts {
    /// The layouts of `types`.
    pub(crate) fn new(types: &TypeTable) -> Self {
        let mut layouts = Self::default();
        for ty in types.types() {
            let (layout, depth) = layouts.lay_out(ty);
            let deep = depth > VALUE_DEPTH_MAX;
            let layout = if deep { Layout::None } else { layout };
            let traits = layouts.traits(&layout, depth);
            layouts.rows.push((layout, traits));
        }
        layouts
    }

    /// The layout of a type.
    #[inline]
    pub(crate) fn get(&self, ty: TypeId) -> &Layout {
        self.rows.get(usize::from(ty.0)).map_or(&Layout::None, |(layout, _)| layout)
    }

    /// How many slots a value of the type takes.
    #[inline]
    pub(crate) fn width(&self, ty: TypeId) -> usize {
        self.of(ty).width
    }

    /// Whether equal values have equal slots, and one slot.
    pub(crate) fn is_word(&self, ty: TypeId) -> bool {
        self.of(ty).word
    }

    /// Whether a value holds no handle, so that what it was computed from can go.
    pub(crate) fn is_flat(&self, ty: TypeId) -> bool {
        self.of(ty).flat
    }

    /// Whether a value's size can cost fuel.
    pub(crate) fn is_sized(&self, ty: TypeId) -> bool {
        self.of(ty).sized
    }

    fn of(&self, ty: TypeId) -> Traits {
        self.rows.get(usize::from(ty.0)).map_or_else(Traits::default, |(_, traits)| *traits)
    }

    /// The element type of a list or builder.
    pub(crate) fn element(&self, ty: TypeId) -> Result<TypeId, Trap> {
        match self.get(ty) {
            Layout::List(element) | Layout::Builder(element) => Ok(*element),
            _ => Err(Trap::invariant("a list was expected")),
        }
    }

    /// The types of a map's keys and values.
    pub(crate) fn entry(&self, ty: TypeId) -> Result<(TypeId, TypeId), Trap> {
        match self.get(ty) {
            Layout::Map(key, value) => Ok((*key, *value)),
            _ => Err(Trap::invariant("a map was expected")),
        }
    }

    fn lay_out(&self, ty: &Type) -> (Layout, usize) {
        let deeper = |inner: &[TypeId]| {
            inner.iter().map(|id| self.of(*id).depth).max().unwrap_or(0).saturating_add(1)
        };
        match ty {
            Type::Unit => (Layout::Unit, 1),
            Type::Bool
            | Type::Int
            | Type::Time
            | Type::Duration
            | Type::Port
            | Type::Watch
            | Type::Approval => (Layout::Word(Order::Signed), 1),
            Type::Float => (Layout::Word(Order::Float), 1),
            Type::Text { .. } | Type::Url | Type::Domain | Type::Email | Type::Secret => {
                (Layout::Text, 1)
            }
            Type::Bytes { .. } => (Layout::Bytes, 1),
            Type::Hash => (Layout::Hash, 1),
            Type::Ip => (Layout::Ip, 1),
            Type::Cidr => (Layout::Cidr, 1),
            Type::Asset { of, .. } => (self.get(*of).clone(), deeper(&[*of])),
            Type::Record { fields, .. } => {
                let types: Vec<TypeId> = fields.iter().map(|field| field.ty).collect();
                (Layout::Record(self.row(&types).named(fields)), deeper(&types))
            }
            Type::Enum { variants, .. } => {
                let payloads: Vec<TypeId> =
                    variants.iter().flat_map(|variant| variant.payload.iter().copied()).collect();
                let rows = variants.iter().map(|variant| self.row(&variant.payload)).collect();
                let rank = |name: &str| variants.iter().filter(|other| *other.name < *name).count();
                let ranks = variants
                    .iter()
                    .map(|variant| u32::try_from(rank(&variant.name)).unwrap_or(u32::MAX))
                    .collect();
                (Layout::Enum { variants: rows, ranks }, deeper(&payloads))
            }
            Type::List { element, .. } if self.width(*element) == 1 => {
                (Layout::List(*element), deeper(&[*element]))
            }
            Type::Map { key, value, .. } if self.width(*key) == 1 && self.width(*value) == 1 => {
                (Layout::Map(*key, *value), deeper(&[*key, *value]))
            }
            Type::Builder { element } if self.width(*element) == 1 => {
                (Layout::Builder(*element), deeper(&[*element]))
            }
            // Lists of what takes no slot or two are no types of the language.
            Type::List { .. } | Type::Map { .. } | Type::Builder { .. } => (Layout::None, 1),
            // As values count it: what is optional is not nested for that.
            Type::Optional { inner } => (Layout::Optional(*inner), self.of(*inner).depth),
        }
    }

    /// How values of these types lie together.
    pub(crate) fn row(&self, types: &[TypeId]) -> Row {
        let mut offset = 0_u32;
        let mut places = Vec::with_capacity(types.len());
        for ty in types {
            let width = self.width(*ty);
            places.push(Place { ty: *ty, offset, width });
            offset = offset.saturating_add(u32::try_from(width).unwrap_or(u32::MAX));
        }
        Row { places: places.into(), width: offset, by_name: Box::default() }
    }

    fn traits(&self, layout: &Layout, depth: usize) -> Traits {
        let sized_row = |row: &Row| row.places.iter().any(|place| self.is_sized(place.ty));
        let (word, flat, sized, width) = match layout {
            Layout::Unit => (false, true, false, 0),
            Layout::Word(_) => (true, true, false, 1),
            Layout::Ip | Layout::Cidr => (true, false, false, 1),
            Layout::Text | Layout::Bytes | Layout::List(_) | Layout::Map(..) => {
                (false, false, true, 1)
            }
            Layout::Record(row) => (false, false, sized_row(row), 1),
            Layout::Enum { variants, .. } => {
                let plain = variants.iter().all(|row| row.width == 0);
                (plain, plain, variants.iter().any(sized_row), 1)
            }
            Layout::Optional(inner) => (false, self.is_flat(*inner), self.is_sized(*inner), 2),
            Layout::Hash | Layout::Builder(_) | Layout::None => (false, false, false, 1),
        };
        Traits { depth, word, flat, sized, width }
    }
}

/// How two words compare.
#[inline]
pub(crate) fn compare_words(order: Order, a: u64, b: u64) -> Ordering {
    match order {
        Order::Signed => a.cast_signed().cmp(&b.cast_signed()),
        Order::Float => f64::from_bits(a).total_cmp(&f64::from_bits(b)),
    }
}
