//! Statements that meet the world, frames, waits, and questions to people.

use super::statement::Piece;
use super::{Place, Scope, Ty, Writer};

/// Parameters by name.
type Parameters = &'static [(&'static str, Ty)];

/// An action: its name, its parameters, what it answers, and which clauses it takes.
struct Act {
    name: &'static str,
    parameters: Parameters,
    answer: Option<Ty>,
    undo: bool,
    proof: bool,
    retry: bool,
}

const ACTS: &[Act] = &[
    Act {
        name: "block",
        parameters: &[("address", Ty::Address), ("reason", Ty::Text)],
        answer: None,
        undo: true,
        proof: true,
        retry: true,
    },
    Act {
        name: "suspend",
        parameters: &[("account", Ty::Account)],
        answer: None,
        undo: true,
        proof: false,
        retry: false,
    },
    Act {
        name: "scale",
        parameters: &[("ticket", Ty::Ticket), ("count", Ty::Int)],
        answer: None,
        undo: true,
        proof: true,
        retry: true,
    },
    Act {
        name: "open_case",
        parameters: &[("ticket", Ty::Ticket), ("item", Ty::Item)],
        answer: Some(Ty::Int),
        undo: true,
        proof: false,
        retry: true,
    },
    Act {
        name: "isolate",
        parameters: &[("account", Ty::Account)],
        answer: Some(Ty::Text),
        undo: true,
        proof: true,
        retry: true,
    },
    Act {
        name: "revoke",
        parameters: &[("account", Ty::Account), ("kind", Ty::Kind)],
        answer: Some(Ty::Int),
        undo: false,
        proof: false,
        retry: true,
    },
    Act {
        name: "enter",
        parameters: &[("account", Ty::Account), ("secret", Ty::Secret), ("port", Ty::Port)],
        answer: None,
        undo: false,
        proof: false,
        retry: false,
    },
    Act {
        name: "watch",
        parameters: &[("address", Ty::Address), ("packet", Ty::Packet), ("ports", Ty::Ports)],
        answer: Some(Ty::Use),
        undo: true,
        proof: false,
        retry: true,
    },
    Act {
        name: "purge",
        parameters: &[("address", Ty::Address), ("names", Ty::Texts)],
        answer: None,
        undo: false,
        proof: false,
        retry: false,
    },
];

const ERASE: Act = Act {
    name: "erase",
    parameters: &[("ticket", Ty::Ticket)],
    answer: None,
    undo: false,
    proof: false,
    retry: false,
};

/// A query: its name, its parameters, what it answers, and a value that can stand for it.
const QUERIES: &[(&str, Parameters, Ty)] = &[
    ("flows", &[("address", Ty::Address)], Ty::Int),
    ("is_blocked", &[("address", Ty::Address)], Ty::Bool),
    ("scale_of", &[("ticket", Ty::Ticket)], Ty::Int),
    ("name_of", &[("ip", Ty::Ip)], Ty::MaybeText),
    ("items", &[("tags", Ty::Texts), ("most", Ty::MaybeInt)], Ty::Items),
    ("now", &[], Ty::Time),
    ("packet", &[("address", Ty::Address)], Ty::Packet),
    ("secret_of", &[("account", Ty::Account)], Ty::Secret),
];

impl Writer<'_> {
    /// A statement that meets the world.
    pub(super) fn acting(&mut self, scope: &mut Scope) -> Piece {
        self.effects += 1;
        let nests = scope.depth < 5 && scope.frames < 10;
        match self.pick(if nests { 24 } else { 10 }) {
            4 | 5 => self.ask(scope),
            6 => self.tell(scope),
            7 => self.wait(scope),
            8 if scope.place != Place::Approved => self.task_call(scope),
            9 if scope.place != Place::Approved => self.choose(scope),
            10..=12 => self.stage(scope),
            13..=16 => self.attempt(scope),
            17 | 18 => self.keep(scope),
            19 => self.watch(scope),
            20 => self.release(scope),
            21..=23 if scope.place != Place::Approved && scope.loops < 2 => self.approve(scope),
            _ => self.act(scope),
        }
    }

    /// Arguments by name, in an order that is not always that of the declaration.
    fn arguments(&mut self, scope: &Scope, parameters: &[(&str, Ty)]) -> String {
        let mut written: Vec<String> = parameters
            .iter()
            .map(|(name, ty)| format!("{name}: {}", self.argument(scope, *ty)))
            .collect();
        if self.pick(4) == 3 {
            written.reverse();
        }
        written.join(", ")
    }

    /// What is known where what is done must be known already.
    fn outside(scope: &Scope) -> Scope {
        let mut outside = scope.clone();
        if scope.place == Place::Approved {
            outside.names.retain(|known| !known.name.starts_with("inside"));
        }
        outside
    }

    pub(super) fn act(&mut self, scope: &mut Scope) -> Piece {
        let approved = scope.place == Place::Approved;
        let mut outside = Self::outside(scope);
        let act = match self.pick(10) {
            9 if approved => &ERASE,
            at => &ACTS[usize::from(at) % ACTS.len()],
        };
        let mut before = String::new();
        if act.name == "enter" && outside.of_type(Ty::Secret).is_empty() && !approved {
            let (name, account) = (self.name("a"), self.expr(&outside, Ty::Account));
            before = format!("let {name} = ask secret_of(account: {account})\n");
            scope.know(&name, Ty::Secret);
            outside.know(&name, Ty::Secret);
        }
        let is_known = |ty: Ty| ty.can_be_made() || !outside.of_type(ty).is_empty();
        let act = if act.parameters.iter().all(|(_, ty)| is_known(*ty)) { act } else { &ACTS[0] };
        let mut text = match (act.name, self.pick(6)) {
            ("block", 5) => {
                let address = self.expr(&outside, Ty::Address);
                let reason = self.expr(&outside, Ty::Text);
                format!(
                    "do block(address: {address}, reason: {reason}) undo unblock(address: {address})"
                )
            }
            _ => format!("do {}({})", act.name, self.arguments(&outside, act.parameters)),
        };
        if act.undo {
            match self.pick(6) {
                0 => text.push_str(" for 30d"),
                1 => text.push_str(" for (life)"),
                2 => {
                    let span = self.expr(&outside, Ty::Duration);
                    add!(text, " for larger(20d, smaller(40d, {span}))");
                }
                3 => text.push_str(" until released"),
                _ => {}
            }
        }
        if act.proof {
            match self.pick(5) {
                3 => text.push_str(" verified within 3s"),
                4 => text.push_str(" verified within (patience)"),
                _ => {}
            }
        }
        if self.pick(5) == 4 {
            text.push_str(" timeout 2s");
        }
        if act.retry && self.pick(4) == 3 {
            text.push_str(" retry 2 backoff 500ms");
        }
        let hold = act.undo && self.pick(4) == 3;
        let hold = hold.then(|| self.local(scope, "h"));
        if let Some(hold) = &hold {
            self.uses_effects = true;
            add!(text, " as {hold}");
        }
        let answer = act.answer.filter(|_| self.pick(2) == 1);
        if let Some(ty) = answer {
            let name = self.local(scope, "r");
            text = format!("let {name} = {text}");
            scope.know(&name, ty);
        }
        if let Some(hold) = hold {
            scope.know(&hold, Ty::Hold);
        }
        Piece::of(format!("{before}{text}"))
    }

    /// A name; in the block of an `approve` it can be told from those outside.
    fn local(&mut self, scope: &Scope, prefix: &str) -> String {
        let inside = if scope.place == Place::Approved { "inside_" } else { "" };
        self.name(&format!("{inside}{prefix}"))
    }

    fn query(&mut self, scope: &Scope) -> (String, Ty) {
        let at = usize::from(self.pick(16)) % QUERIES.len();
        let (name, parameters, ty) = QUERIES[at];
        (format!("ask {name}({})", self.arguments(scope, parameters)), ty)
    }

    fn ask(&mut self, scope: &mut Scope) -> Piece {
        let (mut text, ty) = self.query(scope);
        if self.pick(4) == 3 {
            text.push_str(" timeout 1s");
        }
        match self.pick(6) {
            4 => text.push_str(" retry 2 backoff 1s"),
            5 => text.push_str(" retry (tries) backoff 500ms"),
            _ => {}
        }
        let mut given = ty;
        match (self.pick(4), ty.maybe()) {
            (1, _) if ty.can_be_made() => add!(text, " else {}", self.argument(scope, ty)),
            (2, Some(maybe)) => {
                text.push_str(" else none");
                given = maybe;
            }
            _ => {}
        }
        if self.pick(5) == 4 {
            return Piece::of(text);
        }
        let name = self.local(scope, "a");
        scope.know(&name, given);
        let more = if ty == Ty::Items && self.pick(2) == 1 {
            format!("\ntell note(text: \"{{{name}.more}}\")")
        } else {
            String::new()
        };
        Piece::of(format!("let {name} = {text}{more}"))
    }

    pub(super) fn tell(&mut self, scope: &Scope) -> Piece {
        let text = self.short_text(scope);
        if self.pick(2) == 0 {
            return Piece::of(format!("tell note(text: {text})"));
        }
        let level = self.expr(scope, Ty::Int);
        let items = self.argument(scope, Ty::Items);
        Piece::of(format!("tell page(level: {level}, text: {text}, items: {items})"))
    }

    fn wait(&mut self, scope: &Scope) -> Piece {
        let mut span = self.one(&["5s", "1m", "(pause)", "10m", "799h", "799h"]);
        if span == "799h" {
            // Lives end meanwhile; more of it would be longer than the deadline.
            let has_room = self.long_waits < 3 && scope.loops == 0 && scope.place != Place::Task;
            self.long_waits += usize::from(has_room);
            span = if has_room { span } else { "2m" };
        }
        Piece::of(format!("wait {span}"))
    }

    fn stage(&mut self, scope: &mut Scope) -> Piece {
        let life = self.one(&["", "", " for 25d", " for (life)"]);
        let direction = self.one(&["", "", "on failure undo\n", "on failure hold\n"]);
        let mut inner = Scope { frames: scope.frames + 1, ..scope.deeper() };
        let before = inner.names.len();
        let count = 1 + self.pick(4);
        let block = self.statements(&mut inner, count.into(), None);
        // What a stage names can be seen behind it.
        if !block.ends {
            scope.names.extend(inner.names.drain(before..));
        }
        let body = block.text.replacen("{\n", &format!("{{\n{direction}"), 1);
        let name = self.name("s");
        Piece { text: format!("stage {name}{life} {body}"), ends: block.ends }
    }

    fn attempt(&mut self, scope: &Scope) -> Piece {
        let inner = Scope { frames: scope.frames + 1, ..scope.deeper() };
        let body = self.block(&inner);
        let recover = self.recover(&inner, None);
        Piece::of(format!("attempt {} {recover}", body.text))
    }

    /// `recover`, whose block gives a value if one is wanted.
    pub(super) fn recover(&mut self, scope: &Scope, giving: Option<Ty>) -> String {
        let error = self.name("x");
        let looks = self.pick(3);
        let block = match giving {
            Some(ty) => self.giving(scope, ty),
            None => self.block(scope),
        };
        let look = match looks {
            0 => format!("tell note(text: \"{{{error}}}\")\n"),
            1 => {
                let name = self.name("t");
                format!(
                    "match {error} {{\ntimeout({name}) {{ tell note(text: {name}) }}\n\
                     denied or rejected or guardrail {{ tell note(text: \"no\") }}\n\
                     arithmetic or limit or not_found {{ tell note(text: \"data\") }}\n\
                     else {{ tell note(text: \"other {{{error}}}\") }}\n}}\n"
                )
            }
            _ => String::new(),
        };
        format!("recover {error} {}", block.text.replacen("{\n", &format!("{{\n{look}"), 1))
    }

    fn keep(&mut self, scope: &Scope) -> Piece {
        let inner = Scope { frames: scope.frames + 1, ..scope.deeper() };
        let block = self.block(&inner);
        Piece { text: format!("keep {}", block.text), ends: block.ends }
    }

    /// `ensure`, `wait until`
    fn watch(&mut self, scope: &Scope) -> Piece {
        let condition = self.condition(scope);
        match self.pick(5) {
            0 => Piece::of(format!("ensure {condition} within 20s")),
            1 => Piece::of(format!("ensure {condition} every 3s within (patience)")),
            2 => Piece::of(format!("wait until {condition} every 5s within 30s")),
            3 => {
                let otherwise = self.block(scope);
                let text = format!(
                    "wait until {condition} every 7s within 30s otherwise {}",
                    otherwise.text
                );
                Piece::of(text)
            }
            _ => {
                let held = self.one(&["10s", "30s", "12s"]);
                let text = format!("wait until {condition} every 4s for {held} within 30s");
                let otherwise = self.block(scope);
                Piece::of(format!("{text} otherwise {}", otherwise.text))
            }
        }
    }

    fn condition(&mut self, scope: &Scope) -> String {
        let address = self.expr(scope, Ty::Address);
        match self.pick(6) {
            0 => format!("ask flows(address: {address}) == 0"),
            1 => format!("not ask is_blocked(address: {address})"),
            2 => {
                let number = self.expr(scope, Ty::Int);
                format!(
                    "ask flows(address: {address}) <= {number} or {}",
                    self.expr(scope, Ty::Bool)
                )
            }
            3 => format!("ask is_blocked(address: {address}) and {}", self.expr(scope, Ty::Bool)),
            4 => {
                let ticket = self.expr(scope, Ty::Ticket);
                format!("ask flows(address: {address}) < ask scale_of(ticket: {ticket})")
            }
            _ => self.truth(scope),
        }
    }

    fn task_call(&mut self, scope: &mut Scope) -> Piece {
        let tasks = self.tasks.clone();
        if tasks.is_empty() {
            return self.act(scope);
        }
        let task = &tasks[usize::from(self.pick(16)) % tasks.len()];
        let parameters: Vec<_> =
            task.parameters.iter().map(|(name, ty)| (name.as_str(), *ty)).collect();
        let text = format!("do {}({})", task.name, self.arguments(scope, &parameters));
        match task.result {
            Some(ty) if self.pick(2) == 1 => {
                let name = self.name("k");
                scope.know(&name, ty);
                Piece::of(format!("let {name} = {text}"))
            }
            _ => Piece::of(text),
        }
    }

    fn release(&mut self, scope: &mut Scope) -> Piece {
        if scope.place == Place::Approved {
            return self.act(scope);
        }
        self.uses_effects = true;
        if self.pick(3) == 2 && scope.loops < 3 {
            let address = self.expr(scope, Ty::Address);
            let (found, one, became) = (self.name("u"), self.name("w"), self.name("l"));
            return Piece::of(format!(
                "let {found} = ask effects.on_address(address: {address})\n\
                 each {one} in take({found}, 2) max 2 {{\n\
                 let {became} = do effects.release(hold: {one}.hold)\n\
                 tell note(text: \"{{{one}.action}} {{{became}}}\")\n}}"
            ));
        }
        let hold = self.expr(scope, Ty::Hold);
        let name = self.name("l");
        let text = format!("let {name} = do effects.release(hold: {hold})");
        Piece::of(format!("{text}\ntell note(text: \"{{{name}}}\")"))
    }
}
