//! What is made of the elements of a list: comprehensions, aggregates, sorted lists.
//!
//! Each round costs one more than what is done in it; a list that is built costs its
//! length, its room and each element.

use std::cmp::Ordering;

use rye_compiler::hir::{Aggregate, Expr, ExprKind, LocalId, Op, Over, SortKey};
use rye_core::ty::Type;
use rye_core::value::{Duration, Finite, Value};

use super::compute::count;
use super::fuel::units;
use super::{Interpreter, Locals, Stop, operator};

impl<'p> Interpreter<'p, '_> {
    /// Goes through the elements that count; `round` says whether to go on.
    fn over(
        &mut self,
        locals: &mut Locals,
        over: &'p Over,
        list: &[Value],
        mut round: impl FnMut(&mut Self, &mut Locals) -> Result<bool, Stop>,
    ) -> Result<(), Stop> {
        self.pay(1);
        for element in list {
            locals.set(over.local, element.clone());
            let counts = match &over.condition {
                Some(condition) => self.holds(locals, condition)?,
                None => true,
            };
            if counts && !round(self, locals)? {
                return Ok(());
            }
            self.pay(1);
        }
        Ok(())
    }

    /// Whether one element that counts is `decisive`: then so is the whole.
    pub(super) fn search(
        &mut self,
        locals: &mut Locals,
        over: &'p Over,
        list: &[Value],
        decisive: bool,
        mut look: impl FnMut(&mut Self, &mut Locals) -> Result<bool, Stop>,
    ) -> Result<bool, Stop> {
        let mut found = !decisive;
        self.over(locals, over, list, |this, locals| {
            found = look(this, locals)?;
            Ok(found != decisive)
        })?;
        Ok(found)
    }

    /// What `element` is for each element that counts.
    pub(super) fn collect(
        &mut self,
        locals: &mut Locals,
        over: &'p Over,
        list: &[Value],
        element: &'p Expr,
    ) -> Result<Vec<Value>, Stop> {
        let mut found = Vec::new();
        self.pay(2);
        self.over(locals, over, list, |this, locals| {
            found.push(this.value(locals, element)?);
            this.pay(1);
            Ok(true)
        })?;
        self.pay(1);
        Ok(found)
    }

    pub(super) fn aggregate(
        &mut self,
        locals: &mut Locals,
        expr: &'p Expr,
        aggregate: Aggregate,
        over: &'p Over,
        element: &'p Expr,
    ) -> Result<Value, Stop> {
        let list = self.elements(locals, &over.list)?;
        match aggregate {
            Aggregate::Count if over.condition.is_none() => {
                self.pay(1);
                Ok(Value::Int(operator::int_of(list.len())))
            }
            Aggregate::Count => {
                let mut found = 0;
                self.over(locals, over, &list, |this, _| {
                    this.pay(1);
                    found += 1;
                    Ok(true)
                })?;
                Ok(Value::Int(found))
            }
            Aggregate::Any | Aggregate::All => {
                let decisive = aggregate == Aggregate::Any;
                let look = |this: &mut Self, locals: &mut Locals| this.truth(locals, element);
                Ok(Value::Bool(self.search(locals, over, &list, decisive, look)?))
            }
            Aggregate::Sum => self.sum(locals, expr, over, &list, element),
            Aggregate::Min => self.best(locals, over, &list, element, Ordering::Less),
            Aggregate::Max => self.best(locals, over, &list, element, Ordering::Greater),
            Aggregate::Counted => {
                let keys = self.collect(locals, over, &list, element)?;
                self.pay(1 + units(&Value::List(keys.clone().into())));
                Ok(operator::tally(keys))
            }
        }
    }

    fn sum(
        &mut self,
        locals: &mut Locals,
        expr: &'p Expr,
        over: &'p Over,
        list: &[Value],
        element: &'p Expr,
    ) -> Result<Value, Stop> {
        let types = &self.package.types;
        let (mut sum, op) = match types.get(expr.ty) {
            Some(Type::Float) => (Value::Float(Finite::default()), Op::AddFloat),
            Some(Type::Duration) => (Value::Duration(Duration::ZERO), Op::AddDuration),
            _ => (Value::Int(0), Op::AddInt),
        };
        self.over(locals, over, list, |this, locals| {
            let value = this.value(locals, element)?;
            this.pay(1);
            sum =
                operator::apply(types, op, expr.ty, &[sum.clone(), value]).map_err(Stop::Error)?;
            Ok(true)
        })?;
        Ok(sum)
    }

    /// The smallest or greatest; the first of equals.
    fn best(
        &mut self,
        locals: &mut Locals,
        over: &'p Over,
        list: &[Value],
        element: &'p Expr,
        better: Ordering,
    ) -> Result<Value, Stop> {
        let mut best = Value::None;
        self.over(locals, over, list, |this, locals| {
            let value = this.value(locals, element)?;
            this.pay(1);
            if best == Value::None {
                best = value;
            } else {
                this.pay(1 + units(&best) + units(&value));
                if value.cmp(&best) == better {
                    best = value;
                }
            }
            Ok(true)
        })?;
        Ok(best)
    }

    pub(super) fn sort(
        &mut self,
        locals: &mut Locals,
        local: LocalId,
        list: &[Value],
        key: &'p SortKey,
    ) -> Result<Vec<Value>, Stop> {
        let mut keys = Vec::with_capacity(list.len());
        if key.value.kind == ExprKind::Local(local) {
            // The elements are their own keys.
            keys.extend_from_slice(list);
        } else {
            self.pay(2 + 1);
            for element in list {
                locals.set(local, element.clone());
                keys.push(self.value(locals, &key.value)?);
                self.pay(1 + 1);
            }
            self.pay(1);
        }
        let size = |values: &[Value]| count(values.len()) + values.iter().map(units).sum::<u64>();
        self.pay(1 + size(list) + size(&keys));
        let mut both: Vec<(Value, Value)> = keys.into_iter().zip(list.iter().cloned()).collect();
        both.sort_by(|(a, _), (b, _)| if key.descending { b.cmp(a) } else { a.cmp(b) });
        Ok(both.into_iter().map(|(_, element)| element).collect())
    }
}
