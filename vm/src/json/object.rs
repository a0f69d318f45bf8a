//! Objects whose members are declared: parameters and records.

use rye_core::ty::{Field, Type, TypeId};

use super::error::Refused;
use super::escape::unescape;
use super::scan::Scanner;
use super::{Decoder, Outcome, Parameters, similar};
use crate::heap::Memory;
use crate::layout::Row;
use crate::named;
use crate::slot::Pair;
use crate::trap::Trap;

/// The members that an object must have.
pub(super) trait Members {
    /// Whether a member that nobody asked for is refused: what a person writes by
    /// hand, slips of the pen included. What other systems send has more than we read.
    const CLOSED: bool;

    fn count(&self) -> usize;
    fn member(&self, index: usize) -> Option<(&str, TypeId)>;
    /// Which members most likely come next, where `next` is declared behind the last one.
    fn likely(&self, next: usize) -> [usize; 2];
    /// The index of the member with this name.
    fn position(&self, name: &str) -> Option<usize>;
}

impl Members for Parameters<'_> {
    const CLOSED: bool = true;

    fn count(&self) -> usize {
        self.names.len()
    }

    #[inline]
    fn member(&self, index: usize) -> Option<(&str, TypeId)> {
        Some((self.names.get(index)?, self.row.places.get(index)?.ty))
    }

    #[inline]
    fn likely(&self, next: usize) -> [usize; 2] {
        [next, usize::MAX]
    }

    #[inline]
    fn position(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|known| **known == *name)
    }
}

/// The fields of a record.
pub(super) struct Fields<'a> {
    pub(super) declared: &'a [Field],
    pub(super) row: &'a Row,
}

impl Members for Fields<'_> {
    const CLOSED: bool = false;

    fn count(&self) -> usize {
        self.declared.len()
    }

    #[inline]
    fn member(&self, index: usize) -> Option<(&str, TypeId)> {
        self.declared.get(index).map(|field| (&*field.name, field.ty))
    }

    #[inline]
    fn likely(&self, next: usize) -> [usize; 2] {
        [next, self.row.by_name.get(next).copied().unwrap_or(usize::MAX)]
    }

    #[inline]
    fn position(&self, name: &str) -> Option<usize> {
        self.declared.iter().position(|field| *field.name == *name)
    }
}

/// Which members were seen.
#[derive(Default)]
struct Seen {
    bits: [u64; 4],
    count: usize,
}

impl Seen {
    fn place(index: usize) -> (usize, u64) {
        (index / 64 % 4, 1_u64.wrapping_shl(u32::try_from(index % 64).unwrap_or(0)))
    }

    /// Marks a member; whether it was marked before.
    fn mark(&mut self, index: usize) -> bool {
        let (word, bit) = Self::place(index);
        let Some(word) = self.bits.get_mut(word) else { return true };
        let before = *word & bit != 0;
        *word |= bit;
        self.count = self.count.wrapping_add(usize::from(!before));
        before
    }

    fn has(&self, index: usize) -> bool {
        let (word, bit) = Self::place(index);
        self.bits.get(word).is_some_and(|word| word & bit != 0)
    }
}

/// Where an index names no member, though it was found.
const NO_MEMBER: (&str, TypeId) = ("", TypeId(u16::MAX));

impl<'i> Decoder<'_, '_, '_, 'i> {
    /// An object whose members are given to `put`, by their index.
    pub(super) fn object<M: Members>(
        &mut self,
        members: &M,
        mut put: impl FnMut(&mut Memory<'_>, usize, Pair) -> Result<(), Trap>,
    ) -> Outcome<()> {
        if self.scan.peek() != Some(b'{') {
            return Err(self.scan.unexpected("an object"));
        }
        let start = self.scan;
        self.scan.take(b'{');
        let (mut seen, mut next) = (Seen::default(), 0);
        let mut more = !self.scan.take(b'}');
        while more {
            self.scan.peek();
            let at = self.scan.at();
            if let Some(index) = self.find(members, next)? {
                let (name, ty) = members.member(index).unwrap_or(NO_MEMBER);
                if seen.mark(index) {
                    let refused = Refused::new(at, "each member once", "it a second time");
                    return Err(refused.in_member(name));
                }
                let pair = self.pair(ty).map_err(|refused| refused.in_member(name))?;
                put(self.memory, index, pair).map_err(|trap| self.trapped(trap))?;
                next = index.wrapping_add(1);
            }
            more = self.scan.take(b',');
            if !more {
                self.scan.expect(b'}', "`,` or `}`")?;
            }
        }
        if seen.count == members.count() { Ok(()) } else { self.missing(members, &seen, start) }
    }

    /// Takes a key, and the index of the member that it names; one that nobody
    /// asked for is taken with its value, or refused.
    #[inline]
    fn find<M: Members>(&mut self, members: &M, next: usize) -> Outcome<Option<usize>> {
        for index in members.likely(next) {
            if members.member(index).is_some_and(|(name, _)| self.scan.take_key(name)) {
                return Ok(Some(index));
            }
        }
        self.look_up(members)
    }

    #[inline(never)]
    fn look_up<M: Members>(&mut self, members: &M) -> Outcome<Option<usize>> {
        let at = self.scan.at();
        let key = self.scan.key()?;
        let mut name = key.raw;
        if key.escaped {
            self.key.clear();
            unescape(key, &mut self.key)?;
            name = &self.key;
        }
        let found = members.position(name);
        if found.is_none() && M::CLOSED {
            return Err(unwanted(members, at, name));
        }
        if found.is_none() {
            self.scan.skip().map_err(|refused| refused.in_member(key.raw))?;
        }
        Ok(found)
    }

    /// Complains about the first member that is missing and may not be.
    #[inline(never)]
    fn missing<M: Members>(&mut self, members: &M, seen: &Seen, start: Scanner<'i>) -> Outcome<()> {
        for index in 0..members.count() {
            if seen.has(index) {
                continue;
            }
            let (name, ty) = members.member(index).unwrap_or(NO_MEMBER);
            // What may be absent is already 0, which is nothing.
            if matches!(self.types.get(ty), Some(Type::Optional { .. } | Type::Unit)) {
                continue;
            }
            let known = |key: &str| members.position(key).is_some();
            let help = similar::member(start, name, known)
                .map(|other| format!("there is a member `{other}`: rename it to `{name}`"));
            let refused =
                Refused::new(start.at(), named::example(self.types, ty), "no such member");
            return Err(refused.in_member(name).with_help(help));
        }
        Ok(())
    }
}

/// Of a member that nobody asked for, where that is an error.
#[cold]
fn unwanted<M: Members>(members: &M, at: usize, name: &str) -> Refused {
    let names = (0..members.count()).filter_map(|index| members.member(index));
    let names: Vec<&str> = names.map(|(name, _)| name).collect();
    let help = similar::name(name, names.iter().copied());
    let help = help.map(|near| format!("did you mean `{near}`?"));
    let expected = match names.as_slice() {
        [] => String::from("no member: the playbook has no parameters"),
        names => format!("one of the playbook's parameters, `{}`", names.join("`, `")),
    };
    Refused::new(at, expected, "another member").in_member(name).with_help(help)
}
