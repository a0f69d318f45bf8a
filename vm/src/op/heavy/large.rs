//! Heavy instructions that are more than a call of one function.

use rye_bytecode::instruction::operand::{Context, Register};
use rye_core::ty::Type;

use super::Work;
use crate::heap::Memory;
use crate::named;
use crate::op::{collection, extract, record};
use crate::slot::{self, Span};
use crate::trap::Trap;

impl<'e> Work<'_, 'e> {
    pub(super) fn extract(&mut self, to: Register, a: Register) -> Result<(), Trap> {
        let max = slot::size(self.max_of(to)?);
        let element = self.declared(self.element_of(to)?)?;
        let text = String::from(self.environment.memory.text(self.one(a)?)?);
        let memory = &mut self.environment.memory;
        let spelled = |memory: &mut Memory<'e>, found: Vec<String>| -> Result<Vec<u64>, Trap> {
            found.iter().take(max).map(|text| memory.add_text(text)).collect()
        };
        let words: Vec<u64> = match element {
            Type::Ip => extract::ips(&text)
                .into_iter()
                .take(max)
                .map(|ip| memory.add_ip(ip))
                .collect::<Result<_, _>>()?,
            Type::Hash => extract::hashes(&text)
                .iter()
                .take(max)
                .map(|hash| memory.add_blob(hash.as_bytes()))
                .collect::<Result<_, _>>()?,
            Type::Url => spelled(memory, extract::urls(&text))?,
            Type::Domain => spelled(memory, extract::domains(&text))?,
            Type::Email => spelled(memory, extract::emails(&text))?,
            _ => return Err(Trap::invariant("nothing of this type is found in texts")),
        };
        let list = memory.add_words(&words)?;
        self.set(to, list.slot())
    }

    pub(super) fn parse(&mut self, to: Register, a: Register) -> Result<(), Trap> {
        let Type::Optional { inner } = self.declared(self.routine.ty(to)?)? else {
            return Err(Trap::invariant("parsing gives an optional"));
        };
        let text = String::from(self.environment.memory.text(self.one(a)?)?);
        let types = &self.environment.program.module().types;
        let found = named::parse(&mut self.environment.memory, types, *inner, &text)?;
        self.set_pair(to, [slot::of_bool(found.is_some()), found.unwrap_or(0)])
    }

    pub(super) fn new_list(&mut self, to: Register, elements: &[Register]) -> Result<(), Trap> {
        self.element_of(to)?;
        let words =
            elements.iter().map(|register| self.one(*register)).collect::<Result<Vec<_>, _>>()?;
        collection::fits(words.len(), self.max_of(to)?)?;
        let span: Span = self.environment.memory.add_words(&words)?;
        self.set(to, span.slot())
    }

    pub(super) fn look_up(&self, map: Register, key: Register) -> Result<Option<u64>, Trap> {
        let memory = &self.environment.memory;
        let (ty, _) = memory.layouts.entry(self.routine.ty(map)?)?;
        collection::get_map(memory, ty, self.one(map)?, self.one(key)?)
    }

    pub(super) fn unpack(
        &mut self,
        payload: &[Register],
        a: Register,
        variant: u32,
    ) -> Result<(), Trap> {
        let slot = self.one(a)?;
        let layouts = self.environment.memory.layouts;
        let row = record::payload(layouts, self.routine.ty(a)?, variant)?;
        let words = slot::payload(slot, row.width).slot();
        for (register, place) in payload.iter().zip(&row.places) {
            let pair = self.environment.memory.pair(words, place.offset, place.width)?;
            self.set_pair(*register, pair)?;
        }
        Ok(())
    }

    pub(super) fn context(&mut self, to: Register, what: Context) -> Result<(), Trap> {
        let facts = self.environment.facts;
        let facts = facts.ok_or(Trap::invariant("there is no run to ask about"))?;
        let memory = &mut self.environment.memory;
        let value = match what {
            Context::RunId => memory.add_text(&facts.run.to_string())?,
            Context::Started => facts.started.0.cast_unsigned(),
            Context::Starter => memory.add_text(&facts.starter)?,
        };
        self.set(to, value)
    }

    pub(super) fn hold(&mut self, to: Register) -> Result<(), Trap> {
        let facts = self.environment.facts;
        let facts = facts.ok_or(Trap::invariant("there is no run that does anything"))?;
        let effect = self.environment.frames.last_effect()?.effect_id(facts.run);
        let value = self.environment.memory.add_text(&effect.to_string())?;
        self.set(to, value)
    }
}
