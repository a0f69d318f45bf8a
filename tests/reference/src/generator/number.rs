//! Operations that give a number or a length of time.

use super::{LISTS, MAPS, Scope, Ty, Writer};

impl Writer<'_> {
    pub(super) fn number(&mut self, scope: &Scope) -> String {
        match self.pick(14) {
            0 | 1 => {
                let (a, b) = self.two(scope, Ty::Int);
                format!("({a} {} {b})", self.one(&["+", "-", "*", "/", "%"]))
            }
            2 => {
                let name = self.one(&[
                    "xor",
                    "shift_left",
                    "shift_right",
                    "wrapping_add",
                    "wrapping_mul",
                    "smaller",
                    "larger",
                ]);
                let a = self.expr(scope, Ty::Int);
                // Most distances can't be shifted by.
                let small = name.starts_with("shift") && self.pick(4) > 0;
                let b =
                    if small { self.literal(scope, Ty::Int) } else { self.expr(scope, Ty::Int) };
                format!("{name}({a}, {b})")
            }
            3 => format!("abs({})", self.expr(scope, Ty::Int)),
            4 => format!("(-{})", self.expr(scope, Ty::Int)),
            5 => format!("{}({})", self.one(&["int", "round"]), self.expr(scope, Ty::Float)),
            6 => {
                let ty = self.one(&[
                    Ty::Text,
                    Ty::Ints,
                    Ty::Items,
                    Ty::Table,
                    Ty::Texts,
                    Ty::Counts,
                    Ty::Services,
                ]);
                format!("length({})", self.expr(scope, ty))
            }
            7 => {
                let ty = self.one(&MAPS);
                let map = self.expr(scope, ty);
                let key = self.expr(scope, ty.key().unwrap_or(Ty::Int));
                format!("({map}[{key}] else {})", self.literal(scope, Ty::Int))
            }
            8 => format!("({}).length", self.expr(scope, Ty::Cidr)),
            9 => {
                let ty = self.one(&LISTS);
                format!("count({})", self.expr(scope, ty))
            }
            10 => {
                let (source, inner) = self.source(scope);
                format!("count({} {source})", inner.names.last().map_or("x", |known| &known.name))
            }
            11 => {
                let (source, inner) = self.source(scope);
                format!("sum({} {source})", self.expr(&inner, Ty::Int))
            }
            _ => {
                let (source, inner) = self.source(scope);
                let word = self.one(&["min", "max"]);
                let value = self.expr(&inner, Ty::Int);
                format!("({word}({value} {source}) else {})", self.literal(scope, Ty::Int))
            }
        }
    }

    pub(super) fn float(&mut self, scope: &Scope) -> String {
        match self.pick(7) {
            0 => {
                let (a, b) = self.two(scope, Ty::Float);
                format!("({a} {} {b})", self.one(&["+", "-", "*", "/"]))
            }
            1 => format!("float({})", self.expr(scope, Ty::Int)),
            2 => {
                let (a, b) = self.two(scope, Ty::Duration);
                format!("({a} / {b})")
            }
            3 => format!("abs({})", self.expr(scope, Ty::Float)),
            4 => format!("(-{})", self.expr(scope, Ty::Float)),
            5 => {
                let (source, inner) = self.source(scope);
                format!("sum({} {source})", self.expr(&inner, Ty::Float))
            }
            _ => {
                let (a, b) = self.two(scope, Ty::Float);
                format!("{}({a}, {b})", self.one(&["smaller", "larger"]))
            }
        }
    }

    pub(super) fn duration(&mut self, scope: &Scope) -> String {
        match self.pick(7) {
            0 => {
                let (a, b) = self.two(scope, Ty::Duration);
                format!("({a} {} {b})", self.one(&["+", "-"]))
            }
            1 => {
                let (a, n) = (self.expr(scope, Ty::Duration), self.expr(scope, Ty::Int));
                format!("({a} {} {n})", self.one(&["*", "/"]))
            }
            2 => {
                let (a, b) = self.two(scope, Ty::Time);
                format!("({a} - {b})")
            }
            3 => format!("abs({})", self.expr(scope, Ty::Duration)),
            4 => format!("(-{})", self.expr(scope, Ty::Duration)),
            5 => {
                let (source, inner) = self.source(scope);
                format!("sum({} {source})", self.expr(&inner, Ty::Duration))
            }
            _ => {
                let (a, b) = self.two(scope, Ty::Duration);
                format!("{}({a}, {b})", self.one(&["smaller", "larger"]))
            }
        }
    }
}
