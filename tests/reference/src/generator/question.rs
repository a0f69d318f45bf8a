//! Questions to people: `approve`, `approve each`, `choose`.

use super::statement::Piece;
use super::{Place, Scope, Ty, Writer};

impl Writer<'_> {
    /// What a question says besides its text.
    fn asked(&mut self) -> String {
        let count = 1 + self.pick(2);
        let escalation = self.one(&["", "", " escalate to [chief] after 2m"]);
        let within = self.one(&["10m", "1h", "(answer)"]);
        format!("by {count} of [lead] within {within}{escalation}")
    }

    pub(super) fn choose(&mut self, scope: &mut Scope) -> Piece {
        let text = self.short_text(scope);
        let fallback = self.expr(scope, Ty::Side);
        let name = self.name("o");
        scope.know(&name, Ty::Side);
        let within = self.one(&["10m", "1h"]);
        Piece::of(format!(
            "let {name} = choose Side {text} by 1 of [lead, chief] within {within} else {fallback}"
        ))
    }

    pub(super) fn approve(&mut self, scope: &mut Scope) -> Piece {
        let text = self.short_text(scope);
        let clauses = self.asked();
        let auto = match self.pick(4) {
            3 => format!(" auto if {}", self.expr(scope, Ty::Bool)),
            _ => String::new(),
        };
        let decision = self.name("d");
        let giving = (self.pick(4) == 3).then_some(Ty::Int);
        let mut inner =
            Scope { place: Place::Approved, frames: scope.frames + 1, ..scope.deeper() };
        inner.giving = giving;
        let mut outer = scope.deeper();
        outer.giving = giving;
        let mut head = format!("approve {text} {clauses}");
        let each = giving.is_none() && self.pick(3) == 2;
        if each {
            let (list, item) = (self.expr(scope, Ty::Addresses), self.name("b"));
            let max = 2 + self.pick(3);
            head = format!("approve each {item} in take({list}, 3) max {max} {text} {clauses}");
            inner.know(&item, Ty::Address);
            outer.know(&item, Ty::Address);
            inner.loops += 1;
            outer.loops += 1;
        }
        let body = match giving {
            Some(ty) => self.approved(&inner, Some(ty)),
            None => self.approved(&inner, None),
        };
        let otherwise = match giving {
            Some(ty) => self.giving(&outer, ty),
            None => self.block(&outer),
        };
        let told = format!("{{\ntell note(text: \"{{{decision}}}\")\n");
        let otherwise = otherwise.text.replacen("{\n", &told, 1);
        let text = format!("{head}{auto} {} otherwise {decision} {otherwise}", body.text);
        match giving {
            Some(ty) => {
                let name = self.name("g");
                scope.know(&name, ty);
                Piece::of(format!("let {name} = {text}"))
            }
            None => Piece::of(text),
        }
    }

    /// The block of an `approve`: what it does is known before.
    fn approved(&mut self, scope: &Scope, giving: Option<Ty>) -> Piece {
        let mut scope = scope.deeper();
        let mut text = String::from("{\n");
        for _ in 0..=self.pick(2) {
            let piece = match self.pick(6) {
                0 => self.tell(&scope),
                1 => {
                    let condition = self.expr(&scope, Ty::Bool);
                    let act = self.act(&mut scope.deeper());
                    Piece::of(format!("if {condition} {{\n{}\n}}", act.text))
                }
                2 if scope.depth < 5 => {
                    let act = self.act(&mut scope.deeper());
                    let name = self.name("s");
                    Piece::of(format!("stage {name} {{\n{}\n}}", act.text))
                }
                _ => self.act(&mut scope),
            };
            text.push_str(&piece.text);
            text.push('\n');
        }
        if let Some(ty) = giving {
            add!(text, "give {}\n", self.argument(&scope, ty));
        }
        text.push('}');
        Piece { text, ends: giving.is_some() }
    }
}
