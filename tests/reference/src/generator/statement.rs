//! Statements that compute and decide, and the blocks that they stand in.

use super::{LISTS, NAMED, OPTIONALS, Place, Scope, Ty, Writer};

/// A piece of a program, and whether control never comes behind it.
pub(super) struct Piece {
    pub(super) text: String,
    pub(super) ends: bool,
}

impl Piece {
    pub(super) fn of(text: String) -> Self {
        Self { text, ends: false }
    }

    pub(super) fn last(text: String) -> Self {
        Self { text, ends: true }
    }
}

/// Names that a pattern gives.
type Names = Vec<(String, Ty)>;

/// Constructs inside each other.
const DEPTH_MAX: usize = 5;

impl Writer<'_> {
    /// A block in braces.
    pub(super) fn block(&mut self, scope: &Scope) -> Piece {
        let mut scope = scope.deeper();
        let most = if scope.depth >= DEPTH_MAX { 2 } else { 4 };
        let count = 1 + self.pick(most);
        self.statements(&mut scope, count.into(), None)
    }

    /// A block that gives a value, or leaves the form in another way.
    pub(super) fn giving(&mut self, scope: &Scope, ty: Ty) -> Piece {
        let mut scope = Scope { giving: Some(ty), ..scope.deeper() };
        let count = self.pick(3);
        self.statements(&mut scope, count.into(), Some("give"))
    }

    /// So many statements, and behind them one that gives or returns, if that is wanted.
    pub(super) fn statements(
        &mut self,
        scope: &mut Scope,
        count: usize,
        last: Option<&str>,
    ) -> Piece {
        let mut text = String::from("{\n");
        let (mut ends, known) = (false, scope.names.len());
        for _ in 0..count {
            let piece = self.statement(scope);
            text.push_str(&piece.text);
            text.push('\n');
            if piece.ends {
                ends = true;
                break;
            }
        }
        if !ends && acts(scope.place) {
            text.push_str(&Self::look(scope, known));
        }
        let wanted = if last == Some("give") { scope.giving } else { scope.returning };
        if let (false, Some(last), Some(ty)) = (ends, last, wanted) {
            add!(text, "{last} {}\n", self.argument(scope, ty));
            ends = true;
        }
        text.push('}');
        Piece { text, ends }
    }

    /// Tells what was named since there were so many names: what nobody sees, nobody can
    /// compare.
    fn look(scope: &Scope, known: usize) -> String {
        let shown = scope.names.iter().skip(known).filter(|known| known.ty != Ty::Secret);
        let named = shown.take(8);
        let holes: Vec<String> = named.map(|known| format!("{{{}}}", known.name)).collect();
        if holes.is_empty() {
            return String::new();
        }
        format!("tell see(text: \"{}\")\n", holes.join(" "))
    }

    fn statement(&mut self, scope: &mut Scope) -> Piece {
        if acts(scope.place) && self.effects < 40 && self.pick(5) > 1 {
            return self.acting(scope);
        }
        if scope.depth >= DEPTH_MAX {
            return match self.pick(3) {
                2 => self.leaving(scope),
                _ => self.naming(scope),
            };
        }
        match self.pick(14) {
            4 | 5 => self.branches(scope),
            6 => self.if_let(scope),
            7 => self.choice(scope),
            8 | 9 => self.each(scope),
            10 | 11 => self.form(scope),
            12 => self.leaving(scope),
            _ => self.naming(scope),
        }
    }

    /// `let`, `var`, `set`
    fn naming(&mut self, scope: &mut Scope) -> Piece {
        if scope.place == Place::Function {
            let variables: Vec<_> =
                scope.names.iter().filter(|known| known.variable).cloned().collect();
            match self.pick(4) {
                0 | 1 if !variables.is_empty() => {
                    let at = usize::from(self.pick(16)) % variables.len();
                    let value = self.expr(scope, variables[at].ty);
                    return Piece::of(format!("set {} = {value}", variables[at].name));
                }
                2 => {
                    let ty = self.one(&[Ty::Int, Ty::Text, Ty::Bool]);
                    let (name, value) = (self.name("v"), self.expr(scope, ty));
                    scope.know(&name, ty);
                    if let Some(known) = scope.names.last_mut() {
                        known.variable = true;
                    }
                    return Piece::of(format!("var {name} = {value}"));
                }
                _ => {}
            }
        }
        let ty = self.one(&NAMED);
        let value = self.expr(scope, ty);
        let name = self.name("n");
        scope.know(&name, ty);
        Piece::of(format!("let {name} = {value}"))
    }

    fn branches(&mut self, scope: &Scope) -> Piece {
        let condition = self.truth(scope);
        let first = self.block(scope);
        let mut text = format!("if {condition} {}", first.text);
        let mut ends = first.ends;
        if self.pick(3) == 2 {
            let (condition, block) = (self.expr(scope, Ty::Bool), self.block(scope));
            add!(text, " else if {condition} {}", block.text);
            ends &= block.ends;
        }
        if self.pick(2) == 1 {
            let block = self.block(scope);
            add!(text, " else {}", block.text);
            return Piece { text, ends: ends && block.ends };
        }
        Piece::of(text)
    }

    fn if_let(&mut self, scope: &Scope) -> Piece {
        let ty = self.one(&OPTIONALS);
        let value = self.expr(scope, ty);
        let name = self.name("p");
        let inner = scope.with(&name, ty.inner().unwrap_or(Ty::Int));
        let there = self.block(&inner);
        let missing = self.block(scope);
        let ends = there.ends && missing.ends;
        Piece {
            text: format!("if let {name} = {value} {} else {}", there.text, missing.text),
            ends,
        }
    }

    /// `match`, whose blocks `block` writes.
    fn choice(&mut self, scope: &Scope) -> Piece {
        self.arms(scope, Self::block)
    }

    fn arms(&mut self, scope: &Scope, mut block: impl FnMut(&mut Self, &Scope) -> Piece) -> Piece {
        let (ty, arms): (Ty, Vec<(String, Names)>) = match self.pick(8) {
            0 | 1 => {
                let names = [self.name("c"), self.name("c"), self.name("c")];
                let [a, b, c] = names.clone();
                let all = vec![
                    (String::from("plain"), Vec::new()),
                    (format!("counted({a})"), vec![(a, Ty::Int)]),
                    (format!("named({b}, {c})"), vec![(b, Ty::Text), (c, Ty::Int)]),
                ];
                (Ty::Kind, all)
            }
            2 => {
                let name = self.name("c");
                let all = vec![
                    (format!("named(_, {name})"), vec![(name, Ty::Int)]),
                    (String::from("plain or counted"), Vec::new()),
                ];
                (Ty::Kind, all)
            }
            3 => {
                let all = ["left or middle", "right"];
                (Ty::Side, all.iter().map(|arm| (String::from(*arm), Vec::new())).collect())
            }
            6 => {
                let all = ["server or desktop", "else"];
                (Ty::Use, all.iter().map(|arm| (String::from(*arm), Vec::new())).collect())
            }
            7 => {
                let all = ["desktop", "server", "else"];
                (Ty::Use, all.iter().map(|arm| (String::from(*arm), Vec::new())).collect())
            }
            4 => {
                let all = ["0 or 3", "7", "else"];
                (Ty::Int, all.iter().map(|arm| (String::from(*arm), Vec::new())).collect())
            }
            _ => {
                let all = ["\"a\" or \"ann\"", "\"Grüße\"", "else"];
                (Ty::Text, all.iter().map(|arm| (String::from(*arm), Vec::new())).collect())
            }
        };
        let seen = if ty == Ty::Use { self.known(scope, Ty::Packet) } else { None };
        let value = match seen {
            Some(packet) => format!("{packet}.how"),
            None => self.expr(scope, ty),
        };
        let mut text = format!("match {value} {{\n");
        let mut ends = true;
        for (pattern, names) in arms {
            let mut inner = scope.deeper();
            for (name, ty) in &names {
                inner.know(name, *ty);
            }
            let block = block(self, &inner);
            add!(text, "{pattern} {}\n", block.text);
            ends &= block.ends;
        }
        text.push('}');
        Piece { text, ends }
    }

    fn each(&mut self, scope: &Scope) -> Piece {
        if scope.loops >= 3 || scope.place == Place::Approved {
            return Piece::of(format!("let {} = {}", self.name("n"), self.expr(scope, Ty::Int)));
        }
        let (head, inner) = self.each_head(scope);
        let round = self.block(&inner);
        Piece::of(format!("{head} {}", round.text))
    }

    /// The head of an `each`, and the scope of a round.
    pub(super) fn each_head(&mut self, scope: &Scope) -> (String, Scope) {
        let name = self.name("i");
        let max = match self.pick(5) {
            4 => String::from("(rounds)"),
            most => (most + 2).to_string(),
        };
        let (over, ty) = if self.pick(3) == 0 {
            let (low, high) = match self.pick(4) {
                3 => (self.expr(scope, Ty::Int), self.expr(scope, Ty::Int)),
                high => (String::from("0"), (high + 1).to_string()),
            };
            (format!("{low} .. {high}"), Ty::Int)
        } else {
            let ty = self.one(&LISTS);
            let list = self.expr(scope, ty);
            let cut = self.pick(4) > 0;
            let list = if cut { format!("take({list}, 2)") } else { list };
            (list, ty.element().unwrap_or(Ty::Int))
        };
        let mut inner = scope.with(&name, ty);
        (inner.giving, inner.loops, inner.frames) = (None, scope.loops + 1, scope.frames + 1);
        (format!("each {name} in {over} max {max}"), inner)
    }

    /// A form in value position.
    fn form(&mut self, scope: &mut Scope) -> Piece {
        let ty =
            self.one(&[Ty::Int, Ty::Text, Ty::Bool, Ty::Kind, Ty::Address, Ty::MaybeInt, Ty::Item]);
        let name = self.name("g");
        let within = Scope { giving: Some(ty), ..scope.deeper() };
        let text = match self.pick(if acts(scope.place) { 4 } else { 3 }) {
            1 => self.arms(&within, |writer, scope| writer.giving(scope, ty)).text,
            2 if scope.loops < 3 && ty.list().is_some() && scope.place != Place::Approved => {
                let (head, inner) = self.each_head(scope);
                let inner = Scope { giving: Some(ty), ..inner };
                let round = self.giving(&inner, ty);
                scope.know(&name, ty.list().unwrap_or(Ty::Ints));
                return Piece::of(format!("let {name} = {head} {}", round.text));
            }
            3 if scope.frames < 10 => {
                let framed = Scope { frames: scope.frames + 1, ..within.clone() };
                let body = self.giving(&framed, ty);
                let recover = self.recover(&framed, Some(ty));
                format!("attempt {} {recover}", body.text)
            }
            _ => {
                let condition = self.truth(scope);
                let (a, b) = (self.giving(&within, ty), self.giving(&within, ty));
                format!("if {condition} {} else {}", a.text, b.text)
            }
        };
        scope.know(&name, ty);
        Piece::of(format!("let {name} = {text}"))
    }

    /// A statement behind which control does not come.
    fn leaving(&mut self, scope: &mut Scope) -> Piece {
        match (self.pick(4), scope.giving, scope.returning) {
            (0, Some(ty), _) => Piece::last(format!("give {}", self.argument(scope, ty))),
            (1, _, Some(ty)) => Piece::last(format!("return {}", self.argument(scope, ty))),
            (2, ..) => Piece::last(format!("fail {}", self.short_text(scope))),
            (3, ..) if matches!(scope.place, Place::Playbook | Place::Pure | Place::Approved) => {
                let word = self.one(&["contained", "escalated", "benign"]);
                Piece::last(format!("finish {word} {}", self.short_text(scope)))
            }
            _ => self.naming(scope),
        }
    }

    /// A text literal with a hole.
    pub(super) fn short_text(&mut self, scope: &Scope) -> String {
        let ty = self.one(&[Ty::Int, Ty::Text, Ty::Kind, Ty::MaybeInt]);
        format!("\"say {{{}}}\"", self.expr(scope, ty))
    }
}

/// Whether what stands there may meet the world.
fn acts(place: Place) -> bool {
    !matches!(place, Place::Function | Place::Pure)
}
