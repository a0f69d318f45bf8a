//! `sorted x in list by …`: a list of keys, then one stable sort by it; with several
//! keys the last one first, so that the first one decides in the end.

use rye_bytecode::instruction::Instruction as I;
use rye_bytecode::instruction::operand::{Count, Register};
use rye_core::ty::Type;

use super::body::Body;
use super::collection::Elements;
use crate::hir::{Expr, ExprKind, LocalId, SortKey};

impl Body<'_, '_> {
    pub(super) fn sorted(
        &mut self,
        expr: &Expr,
        local: LocalId,
        list: &Expr,
        keys: &[SortKey],
        want: Option<Register>,
    ) -> Register {
        let to = self.destination(want, expr);
        let elements = Elements { local, ty: list.ty, condition: None, span: list.span };
        self.scope(|body| {
            let mut from = body.value(list);
            for (before, key) in keys.iter().enumerate().rev() {
                let sorted = if before == 0 { to } else { body.destination(None, expr) };
                body.scope(|body| body.sort(elements, from, key, sorted));
                from = sorted;
            }
        });
        to
    }

    fn sort(&mut self, elements: Elements<'_>, from: Register, key: &SortKey, to: Register) {
        let span = key.value.span;
        let keys = if key.value.kind == ExprKind::Local(elements.local) {
            // The elements are their own keys.
            from
        } else {
            let (list, element) = (self.tables.ty(elements.ty), self.tables.ty(key.value.ty));
            let (_, max) = self.tables.list(list);
            let keys = self.take_plain(Type::List { element, max });
            self.collect(elements, from, &key.value, keys);
            keys
        };
        let descending = Count(u64::from(key.descending));
        self.emit(I::SortList { to, a: from, keys, descending }, span);
    }
}
