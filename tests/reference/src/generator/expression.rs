//! Expressions of a wanted type.

use super::{LISTS, ORDERED, Place, Scope, Ty, Writer};

/// Beyond this depth only names and literals stand.
pub(super) const DEPTH_MAX: usize = 7;

impl Writer<'_> {
    /// An expression of the type `ty`, closed in itself.
    pub(crate) fn expr(&mut self, scope: &Scope, ty: Ty) -> String {
        let scope = scope.deeper();
        let choice = if scope.depth >= DEPTH_MAX { self.pick(2) } else { self.pick(6) };
        if choice < 2 {
            let names = scope.of_type(ty);
            let at = usize::from(self.pick(16));
            return match names.len() {
                0 => self.literal(&scope, ty),
                _ if choice == 0 || at % 4 > 0 => String::from(names[at % names.len()]),
                _ => self.literal(&scope, ty),
            };
        }
        if choice == 2
            && let Some(call) = self.call(&scope, ty)
        {
            return call;
        }
        if choice == 3
            && let Some(taken) = self.taken(&scope, ty)
        {
            return taken;
        }
        self.operation(&scope, ty)
    }

    /// A call of a function that gives the type.
    fn call(&mut self, scope: &Scope, ty: Ty) -> Option<String> {
        let fitting: Vec<_> =
            self.functions.iter().filter(|function| function.result == Some(ty)).cloned().collect();
        if fitting.is_empty() {
            return None;
        }
        let function = &fitting[usize::from(self.pick(16)) % fitting.len()];
        let arguments: Vec<String> =
            function.parameters.iter().map(|(_, ty)| self.argument(scope, *ty)).collect();
        Some(format!("{}({})", function.name, arguments.join(", ")))
    }

    /// A value for a parameter: of lists only so many elements as any may have.
    pub(crate) fn argument(&mut self, scope: &Scope, ty: Ty) -> String {
        if !ty.can_be_made() {
            return self.known(scope, ty).unwrap_or_default();
        }
        let value = self.expr(scope, ty);
        if ty.element().is_some() { format!("take({value}, 6)") } else { value }
    }

    /// A value that stands in something else.
    fn taken(&mut self, scope: &Scope, ty: Ty) -> Option<String> {
        if let Some(maybe) = ty.maybe()
            && self.pick(3) > 0
        {
            let value = self.expr(scope, maybe);
            return Some(match self.pick(3) {
                0 => format!("({value})?"),
                _ => format!("({value} else {})", self.expr(scope, ty)),
            });
        }
        match (self.pick(3), ty.list()) {
            (0, Some(list)) => {
                let (list, at) = (self.expr(scope, list), self.expr(scope, Ty::Int));
                Some(format!("({list}[{at}] else {})", self.literal(scope, ty)))
            }
            (1, Some(list)) => Some(format!("(first({})?)", self.expr(scope, list))),
            _ => {
                if let (Ty::Port | Ty::Use, Some(packet)) = (ty, self.known(scope, Ty::Packet)) {
                    let field = if ty == Ty::Port { "port" } else { "how" };
                    return Some(format!("{packet}.{field}"));
                }
                let (record, field) = match ty {
                    Ty::Text => (Ty::Item, "name"),
                    Ty::Int => (Ty::Item, "size"),
                    Ty::Ip => (Ty::Item, "at"),
                    Ty::Texts => (Ty::Item, "tags"),
                    Ty::MaybeInt => (Ty::Item, "mark"),
                    Ty::Kind => (Ty::Item, "kind"),
                    _ => return None,
                };
                Some(format!("({}).{field}", self.expr(scope, record)))
            }
        }
    }

    pub(super) fn two(&mut self, scope: &Scope, ty: Ty) -> (String, String) {
        (self.expr(scope, ty), self.expr(scope, ty))
    }

    fn operation(&mut self, scope: &Scope, ty: Ty) -> String {
        match ty {
            Ty::Bool => self.truth(scope),
            Ty::Int => self.number(scope),
            Ty::Float => self.float(scope),
            Ty::Text => self.text(scope),
            Ty::Time if scope.place != Place::Function && self.pick(3) == 2 => {
                String::from("run.started")
            }
            Ty::Time if self.pick(4) == 3 => {
                let text = self.expr(scope, Ty::Int);
                format!(
                    "(Time(\"2026-03-01T10:00:00+0{{{text}}}:00\") else {})",
                    self.literal(scope, ty)
                )
            }
            Ty::Time => {
                let (time, duration) = (self.expr(scope, Ty::Time), self.expr(scope, Ty::Duration));
                format!("({time} {} {duration})", self.one(&["+", "-"]))
            }
            Ty::Duration => self.duration(scope),
            Ty::Cidr if self.pick(3) == 2 => {
                let text = self.expr(scope, Ty::Int);
                format!("(Cidr(\"10.0.0.0/{{{text}}}\") else {})", self.literal(scope, ty))
            }
            Ty::Domain | Ty::Email | Ty::Url | Ty::Hash => {
                let text = self.expr(scope, Ty::Text);
                format!("({}(\"{{{text}}}\") else {})", ty.name(), self.literal(scope, ty))
            }
            Ty::Cidr => {
                let (ip, bits) = (self.expr(scope, Ty::Ip), self.expr(scope, Ty::Int));
                format!("network({ip}, {bits})")
            }
            Ty::Ip => match self.pick(3) {
                0 => format!("({}).address", self.expr(scope, Ty::Cidr)),
                1 => format!("Ip({})", self.expr(scope, Ty::Address)),
                _ => {
                    let (a, b) = self.two(scope, Ty::Ip);
                    format!("{}({a}, {b})", self.one(&["smaller", "larger"]))
                }
            },
            Ty::Port => {
                let (a, b) = self.two(scope, Ty::Port);
                format!("{}({a}, {b})", self.one(&["smaller", "larger"]))
            }
            Ty::Address => format!("Address({})", self.expr(scope, Ty::Ip)),
            Ty::Account | Ty::Ticket => {
                let text = self.expr(scope, Ty::Text);
                format!("({}(\"n{{{text}}}\") else {})", ty.name(), self.literal(scope, ty))
            }
            Ty::Item => {
                let (name, size) = (self.expr(scope, Ty::Text), self.expr(scope, Ty::Int));
                let (at, kind) = (self.expr(scope, Ty::Ip), self.expr(scope, Ty::Kind));
                let tags = self.expr(scope, Ty::Texts);
                let mark = if self.pick(2) == 0 {
                    String::new()
                } else {
                    format!(", mark: {}", self.expr(scope, Ty::MaybeInt))
                };
                format!(
                    "Item(kind: {kind}, name: {name}, size: {size}, at: {at}, tags: take({tags}, 4){mark})"
                )
            }
            Ty::Kind => match self.pick(2) {
                0 => format!("Kind.counted({})", self.expr(scope, Ty::Int)),
                _ => format!(
                    "Kind.named({}, {})",
                    self.expr(scope, Ty::Text),
                    self.expr(scope, Ty::Int)
                ),
            },
            Ty::Table | Ty::Counts | Ty::Services => self.map(scope, ty),
            Ty::MaybeInt | Ty::MaybeText | Ty::MaybeIp | Ty::MaybeItem => self.maybe(scope, ty),
            _ if ty.element().is_some() => self.list(scope, ty),
            _ => self.literal(scope, ty),
        }
    }

    pub(crate) fn truth(&mut self, scope: &Scope) -> String {
        match self.pick(12) {
            0 | 1 => {
                let ty = self.one(&ORDERED);
                let (a, b) = self.two(scope, ty);
                format!("({a} {} {b})", self.one(&["<", "<=", ">", ">="]))
            }
            2 | 3 => {
                let ty = self.one(&[
                    Ty::Int,
                    Ty::Text,
                    Ty::Item,
                    Ty::Kind,
                    Ty::Ints,
                    Ty::Side,
                    Ty::MaybeInt,
                    Ty::Table,
                    Ty::Hash,
                    Ty::Address,
                    Ty::Bool,
                    Ty::Port,
                    Ty::Use,
                    Ty::Packet,
                ]);
                if !ty.can_be_made() {
                    let (a, b) = (self.known(scope, ty), self.known(scope, ty));
                    let (Some(a), Some(b)) = (a, b) else { return String::from("true") };
                    let part = self.one(&["", ".raw"]);
                    return format!("({a}{part} {} {b}{part})", self.one(&["==", "!="]));
                }
                let (a, b) = self.two(scope, ty);
                format!("({a} {} {b})", self.one(&["==", "!="]))
            }
            4 => {
                let (a, b) = self.two(scope, Ty::Bool);
                format!("({a} {} {b})", self.one(&["and", "or"]))
            }
            5 => format!("(not {})", self.expr(scope, Ty::Bool)),
            6 => {
                let ty = self.one(&super::OPTIONALS);
                format!("({} {} none)", self.expr(scope, ty), self.one(&["==", "!="]))
            }
            7 => {
                let word = self.one(&["in", "not in"]);
                match self.pick(7) {
                    5 => format!(
                        "({} {word} {})",
                        self.expr(scope, Ty::Port),
                        self.expr(scope, Ty::Ports)
                    ),
                    6 => format!(
                        "({} {word} {})",
                        self.expr(scope, Ty::Port),
                        self.expr(scope, Ty::Services)
                    ),
                    0 => format!(
                        "({} {word} {})",
                        self.expr(scope, Ty::Ip),
                        self.expr(scope, Ty::Cidr)
                    ),
                    1 => format!(
                        "({} {word} {})",
                        self.expr(scope, Ty::Ip),
                        self.expr(scope, Ty::Cidrs)
                    ),
                    2 => format!(
                        "({} {word} {})",
                        self.expr(scope, Ty::Cidr),
                        self.expr(scope, Ty::Cidr)
                    ),
                    3 => format!(
                        "({} {word} {})",
                        self.expr(scope, Ty::Int),
                        self.expr(scope, Ty::Ints)
                    ),
                    _ => format!(
                        "({} {word} {})",
                        self.expr(scope, Ty::Text),
                        self.expr(scope, Ty::Table)
                    ),
                }
            }
            8 => {
                let (a, b) = self.two(scope, Ty::Text);
                format!("{}({a}, {b})", self.one(&["contains", "starts_with", "ends_with"]))
            }
            _ => {
                let word = self.one(&["any", "all"]);
                let (source, inner) = self.source(scope);
                format!("{word}({} {source})", self.expr(&inner, Ty::Bool))
            }
        }
    }

    /// `for x in list if condition`, and the scope in which `x` is known.
    pub(super) fn source(&mut self, scope: &Scope) -> (String, Scope) {
        let ty = self.one(&LISTS);
        let list = self.expr(scope, ty);
        let name = self.name("e");
        let mut inner = scope.with(&name, ty.element().unwrap_or(Ty::Int));
        inner.loops += 1;
        if inner.loops > 3 {
            inner.depth = DEPTH_MAX;
        }
        let condition = if self.pick(3) == 2 {
            format!(" if {}", self.expr(&inner, Ty::Bool))
        } else {
            String::new()
        };
        (format!("for {name} in {list}{condition}"), inner)
    }

    fn text(&mut self, scope: &Scope) -> String {
        match self.pick(7) {
            0 => self.text_literal(scope, 1),
            5 => {
                let text = self.expr(scope, Ty::Text);
                let name = self.one(&["urls_in", "domains_in", "emails_in", "hashes_in", "ips_in"]);
                format!("\"{{{name}({text})}}\"")
            }
            6 if scope.place != Place::Function => {
                String::from(self.one(&["run.id", "run.starter"]))
            }
            1 => format!("{}({})", self.one(&["lower", "trim"]), self.expr(scope, Ty::Text)),
            2 => {
                let url = self.expr(scope, Ty::Url);
                format!("({url}).{}", self.one(&["scheme", "host", "path"]))
            }
            3 => {
                let (a, b) = self.two(scope, Ty::Text);
                format!("{}({a}, {b})", self.one(&["smaller", "larger"]))
            }
            _ => {
                let (a, b) = self.two(scope, Ty::Text);
                format!("\"{{{a}}}-{{{b}}}\"")
            }
        }
    }
}
