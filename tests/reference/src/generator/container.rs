//! Operations that give a list, a map, or what may be missing.

use super::expression::DEPTH_MAX;
use super::{ORDERED, Scope, Ty, Writer};

impl Writer<'_> {
    pub(super) fn map(&mut self, scope: &Scope, ty: Ty) -> String {
        let key = ty.key().unwrap_or(Ty::Int);
        if self.pick(2) == 0 {
            let (source, inner) = self.source(scope);
            return format!("counted({} {source})", self.expr(&inner, key));
        }
        let count = if self.pick(9) == 8 { 18 } else { 2 };
        let entries: Vec<String> = (0..count)
            .map(|_| format!("{}: {}", self.expr(scope, key), self.expr(scope, Ty::Int)))
            .collect();
        format!("[{}]", entries.join(", "))
    }

    pub(super) fn maybe(&mut self, scope: &Scope, ty: Ty) -> String {
        let Some(inner) = ty.inner() else { return String::from("none") };
        match (self.pick(4), inner, inner.list()) {
            (0, _, Some(list)) => format!("first({})", self.expr(scope, list)),
            (1, _, Some(list)) => {
                format!("({})[{}]", self.expr(scope, list), self.expr(scope, Ty::Int))
            }
            (2, Ty::Int | Ty::Text | Ty::Ip, _) => {
                let (source, within) = self.source(scope);
                let word = self.one(&["min", "max"]);
                format!("{word}({} {source})", self.expr(&within, inner))
            }
            (3, Ty::Ip, _) => format!("Ip(\"{{{}}}\")", self.expr(scope, Ty::Text)),
            (3, Ty::Int, _) => {
                format!("({})[{}]", self.expr(scope, Ty::Table), self.expr(scope, Ty::Text))
            }
            _ => self.maybe_literal(scope, ty, 1),
        }
    }

    pub(super) fn list(&mut self, scope: &Scope, ty: Ty) -> String {
        let element = ty.element().unwrap_or(Ty::Int);
        match self.pick(11) {
            0 => {
                let count = 1 + self.pick(3);
                let elements: Vec<String> = (0..count).map(|_| self.expr(scope, element)).collect();
                format!("[{}]", elements.join(", "))
            }
            1 | 2 => {
                let (source, inner) = self.source(scope);
                format!("[{} {source}]", self.expr(&inner, element))
            }
            3 | 4 => {
                let word = self.one(&["take", "drop"]);
                format!("{word}({}, {})", self.expr(scope, ty), self.expr(scope, Ty::Int))
            }
            5 => format!("distinct({})", self.expr(scope, ty)),
            6 => {
                let (a, b) = self.two(scope, ty);
                format!("(take({a}, 9) + take({b}, 9))")
            }
            7 => {
                let (a, b) = self.two(scope, ty);
                format!("flat([take({a}, 5), take({b}, 5)])")
            }
            8 | 9 => self.sorted(scope, ty, element),
            _ => match ty {
                Ty::Texts if self.pick(2) == 0 => format!("keys({})", self.expr(scope, Ty::Table)),
                Ty::Texts => {
                    let (a, b) = self.two(scope, Ty::Text);
                    format!("split({a}, {b})")
                }
                Ty::Ints => {
                    let word = self.one(&["keys", "values"]);
                    format!("{word}({})", self.expr(scope, Ty::Counts))
                }
                Ty::Ports => format!("keys({})", self.expr(scope, Ty::Services)),
                Ty::Ips => format!("ips_in({})", self.expr(scope, Ty::Text)),
                _ => self.list_literal(scope, ty, 2),
            },
        }
    }

    fn sorted(&mut self, scope: &Scope, ty: Ty, element: Ty) -> String {
        let list = self.expr(scope, ty);
        let name = self.name("s");
        let mut inner = scope.with(&name, element);
        inner.loops += 1;
        if inner.loops > 3 {
            inner.depth = DEPTH_MAX;
        }
        let count = 1 + self.pick(2);
        let keys: Vec<String> = (0..count)
            .map(|_| {
                let by = self.one(&ORDERED);
                let key = if element == by && self.pick(2) == 0 {
                    name.clone()
                } else {
                    self.expr(&inner, by)
                };
                format!("{key}{}", self.one(&["", " desc"]))
            })
            .collect();
        format!("(sorted {name} in {list} by {})", keys.join(" then "))
    }
}
