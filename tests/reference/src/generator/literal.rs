//! Literals and checked constants of a wanted type.

use super::{Scope, Ty, Writer};

impl Writer<'_> {
    pub(crate) fn literal(&mut self, scope: &Scope, ty: Ty) -> String {
        let small = self.pick(9);
        match ty {
            Ty::Bool => String::from(["true", "false"][usize::from(small % 2)]),
            Ty::Int => match small {
                8 => String::from("9_223_372_036_854_775_807"),
                7 => String::from("(-9_223_372_036_854_775_807 - 1)"),
                6 => String::from("-1"),
                5 => String::from("64"),
                _ => small.to_string(),
            },
            Ty::Float => String::from(
                [
                    "0.0",
                    "0.5",
                    "2.5",
                    "-2.5",
                    "1.0",
                    "900.0",
                    "0.1",
                    "100000000000000000000.0",
                    "-0.0",
                ][usize::from(small)],
            ),
            Ty::Text => self.text_literal(scope, small),
            Ty::Time => format!("2026-03-0{}T09:30:00Z", small + 1),
            Ty::Duration => String::from(
                ["0s", "250ms", "90s", "15m", "1h", "2h", "7d", "-30s", "1us"][usize::from(small)],
            ),
            Ty::Ip => match small {
                8 => String::from("Ip(\"2001:db8::1\")"),
                7 => String::from("Ip(\"::ffff:10.0.0.3\")"),
                _ => format!("10.0.0.{small}"),
            },
            Ty::Cidr => String::from(
                [
                    "10.0.0.0/8",
                    "10.0.0.0/30",
                    "192.0.2.0/24",
                    "0.0.0.0/0",
                    "10.0.0.4/32",
                    "Cidr(\"2001:db8::/32\")",
                    "10.0.0.0/24",
                    "10.0.0.8/29",
                    "10.0.0.0/16",
                ][usize::from(small)],
            ),
            Ty::Port => {
                let number = [0, 22, 25, 53, 80, 443, 1023, 8443, 65_535][usize::from(small)];
                format!("Port({number})")
            }
            Ty::Domain => format!("Domain(\"host{small}.Example.org\")"),
            Ty::Email => format!("Email(\"user{small}@EXAMPLE.org\")"),
            Ty::Url => String::from(
                [
                    "Url(\"https://a.example/x?y\")",
                    "Url(\"http://ann@b.example:8080/\")",
                    "Url(\"https://[2001:db8::1]:8443/p#q\")",
                ][usize::from(small % 3)],
            ),
            Ty::Hash => format!("Hash(\"d41d8cd98f00b204e9800998ecf8427{small}\")"),
            Ty::Address => format!("Address(10.0.0.{})", small + 1),
            Ty::Account => format!("Account(\"user{small}\")"),
            Ty::Ticket => format!("Ticket(\"t{}\")", small % 4),
            Ty::Item => format!(
                "Item(name: \"i{small}\", size: {small}, at: 10.0.0.{small}, tags: [\"a\"], kind: Kind.plain)"
            ),
            Ty::Kind => match small % 3 {
                0 => String::from("Kind.plain"),
                1 => format!("Kind.counted({small})"),
                _ => format!("Kind.named(\"k{small}\", {small})"),
            },
            Ty::Side => {
                String::from(["Side.left", "Side.right", "Side.middle"][usize::from(small % 3)])
            }
            Ty::Use => String::from(["Use.server", "Use.desktop"][usize::from(small % 2)]),
            Ty::Hold => String::from("effects.Hold(\"00000000000000000000000000000000\")"),
            Ty::Table => format!("[\"a\": {small}, \"b\": 2]"),
            Ty::Counts => format!("[{small}: 1, 3: 2]"),
            Ty::Services => format!("[Port({small}): 1, Port(443): 2]"),
            Ty::MaybeInt | Ty::MaybeText | Ty::MaybeIp | Ty::MaybeItem => {
                self.maybe_literal(scope, ty, small)
            }
            _ => self.list_literal(scope, ty, small),
        }
    }

    /// A name of something of this type, if there is one.
    pub(super) fn known(&mut self, scope: &Scope, ty: Ty) -> Option<String> {
        let names = scope.of_type(ty);
        let at = usize::from(self.pick(16));
        names.get(at.checked_rem(names.len())?).map(|name| String::from(*name))
    }

    pub(super) fn maybe_literal(&mut self, scope: &Scope, ty: Ty, small: u8) -> String {
        match ty {
            Ty::MaybeInt => format!("[1, 2, 3][{small}]"),
            Ty::MaybeText => format!("[\"x\", \"y\"][{}]", small % 4),
            Ty::MaybeIp => format!("Ip(\"10.0.0.{{{}}}\")", self.expr(scope, Ty::Int)),
            _ => format!("first({})", self.literal(scope, Ty::Items)),
        }
    }

    pub(super) fn list_literal(&mut self, scope: &Scope, ty: Ty, small: u8) -> String {
        let Some(element) = ty.element() else { return String::from("none") };
        let count = if small == 8 && scope.depth < 4 { 18 } else { 1 + small % 3 };
        let elements: Vec<String> =
            (0..count).map(|_| self.literal(&scope.deeper(), element)).collect();
        format!("[{}]", elements.join(", "))
    }

    pub(super) fn text_literal(&mut self, scope: &Scope, small: u8) -> String {
        let plain = [
            "",
            "a",
            "Grüße",
            " x ",
            "10.0.0.1, 10.0.0.2:80 and ann@example.org",
            "see https://a.example/x. d41d8cd98f00b204e9800998ecf8427e",
            "a,b,,c",
            "mail.example.org",
            "x-ray \\\"q\\\" \\{h\\} \\n",
        ];
        if scope.depth < 5 && self.pick(3) == 2 {
            let types = [
                Ty::Int,
                Ty::Text,
                Ty::Item,
                Ty::Kind,
                Ty::Ints,
                Ty::Table,
                Ty::MaybeInt,
                Ty::Float,
                Ty::Ip,
                Ty::Duration,
                Ty::Time,
                Ty::Hash,
                Ty::Address,
                Ty::Side,
                Ty::Url,
                Ty::Domain,
                Ty::Email,
                Ty::Cidr,
                Ty::MaybeItem,
                Ty::Port,
                Ty::Use,
                Ty::Services,
                Ty::Packet,
            ];
            let ty = self.one(&types);
            if !ty.can_be_made() {
                let Some(packet) = self.known(scope, ty) else { return String::from("\"\"") };
                let part = self.one(&["", ".raw", ".how", ".port"]);
                return format!("\"{{{packet}{part}}}\"");
            }
            let hole = self.expr(&scope.deeper(), ty);
            return format!("\"{} {{{hole}}}\"", plain[usize::from(small)]);
        }
        format!("\"{}\"", plain[usize::from(small)])
    }
}
