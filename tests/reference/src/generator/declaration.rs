//! Whole programs: the declarations, the functions and tasks, the playbook, and what a
//! run of it is started on.

use std::sync::Arc;

use rye_core::mode::Mode;
use rye_core::value::{Duration, Name, Value};

use crate::world;

use super::{Callable, Generated, NAMED, Place, Scope, Ty, Writer};

/// What every program declares.
const TYPES: &str = "role lead \"leads the shift\"
role chief \"answers for it\"
asset Ticket = Text
enum Kind { plain, counted(Int), named(Text, Int) }
enum Side { left, right, middle }
enum Use { server, desktop, else }
type Packet { port: Port raw: Bytes max 20 how: Use }
type Item { name: Text size: Int at: Ip tags: List<Text> max 4 mark: Int? kind: Kind }
const base: Int = 3 * 2
const nets: List<Cidr> = [10.0.0.0/30, 192.0.2.0/24]
";

/// Verbs by their names, and which others each needs.
const VERBS: &[(&str, &str, &[&str])] = &[
    (
        "block",
        "action block(address: Address, reason: Text) affects address \
         proof is_blocked(address: address) undo unblock(address: address) \
         timeout 5s idempotent retry 3 backoff 1s",
        &["is_blocked", "unblock"],
    ),
    (
        "unblock",
        "action unblock(address: Address) affects address undo none \"it is one\" timeout 5s",
        &[],
    ),
    (
        "suspend",
        "action suspend(account: Account) affects account undo restore(account: account) \
         timeout 5s",
        &["restore"],
    ),
    (
        "restore",
        "action restore(account: Account) affects account undo none \"it is one\" timeout 7s",
        &[],
    ),
    (
        "scale",
        "action scale(ticket: Ticket, count: Int) affects ticket \
         capture was = scale_of(ticket: ticket) proof scale_of(ticket: ticket) == count \
         undo scale(ticket: ticket, count: was) timeout 5s retry 2 backoff 1s",
        &["scale_of"],
    ),
    (
        "open_case",
        "action open_case(ticket: Ticket, item: Item) -> Int affects ticket \
         undo close_case(ticket: ticket) simulated 7 idempotent timeout 5s retry 3 backoff 1s",
        &["close_case"],
    ),
    (
        "close_case",
        "action close_case(ticket: Ticket) affects ticket undo none \"it is one\" timeout 5s",
        &[],
    ),
    (
        "isolate",
        "action isolate(account: Account) -> Text affects account \
         proof is_isolated(account: account) undo join(account: account) \
         simulated \"none yet\" timeout 5s",
        &["is_isolated", "join"],
    ),
    (
        "join",
        "action join(account: Account) affects account undo none \"it is one\" timeout 5s",
        &[],
    ),
    (
        "revoke",
        "action revoke(account: Account, kind: Kind) -> Int affects account \
         undo none \"they ask anew\" simulated 0 idempotent timeout 5s retry 2 backoff 1s",
        &[],
    ),
    (
        "purge",
        "action purge(address: Address, names: List<Text> max 6) affects address \
         undo none \"nobody misses it\" timeout 5s",
        &[],
    ),
    (
        "enter",
        "action enter(account: Account, secret: Secret, port: Port) affects account \
         undo none \"nobody is let in by it\" timeout 5s",
        &[],
    ),
    (
        "watch",
        "action watch(address: Address, packet: Packet, ports: List<Port> max 6) -> Use \
         affects address undo unwatch(address: address) simulated Use.desktop idempotent \
         timeout 5s retry 2 backoff 1s",
        &["unwatch"],
    ),
    (
        "unwatch",
        "action unwatch(address: Address) affects address undo none \"it is one\" timeout 5s",
        &[],
    ),
    ("erase", "action erase(ticket: Ticket) affects ticket irreversible timeout 5s", &[]),
    ("flows", "query flows(address: Address) -> Int timeout 5s retry 2 backoff 1s", &[]),
    ("is_blocked", "query is_blocked(address: Address) -> Bool timeout 5s retry 2 backoff 1s", &[]),
    ("is_isolated", "query is_isolated(account: Account) -> Bool timeout 5s", &[]),
    ("scale_of", "query scale_of(ticket: Ticket) -> Int timeout 5s", &[]),
    ("name_of", "query name_of(ip: Ip) -> Text? timeout 5s", &[]),
    (
        "items",
        "query items(tags: List<Text> max 6, most: Int?) -> List<Item> first 3 timeout 5s",
        &[],
    ),
    ("now", "query now() -> Time timeout 5s", &[]),
    ("packet", "query packet(address: Address) -> Packet timeout 5s retry 2 backoff 1s", &[]),
    ("secret_of", "query secret_of(account: Account) -> Secret timeout 5s", &[]),
    ("see", "notice see(text: Text max 65_536) to responders", &[]),
    ("note", "notice note(text: Text max 200) to responders", &[]),
    ("page", "notice page(text: Text, level: Int, items: List<Item> max 6) to others", &[]),
];

impl Writer<'_> {
    /// The whole program.
    pub(super) fn program(&mut self) -> Generated {
        self.settings();
        let mut body = String::new();
        for _ in 0..self.pick(3) {
            body.push_str(&self.function());
        }
        for _ in 0..self.pick(3) {
            body.push_str(&self.task());
        }
        let (parameters, input, arguments) = self.parameters();
        let is_pure = self.pick(16) == 15;
        let mut scope = self.scope(if is_pure { Place::Pure } else { Place::Playbook });
        for (name, ty) in &parameters {
            scope.know(name, *ty);
        }
        let direction = self.one(&["hold", "undo"]);
        let limits = [5, 1, 2, 3].map(|least| least + u64::from(self.pick(4)));
        let count = 1 + self.pick(8);
        let block = self.statements(&mut scope, count.into(), None);
        let code = block.text.trim_start_matches("{\n");
        let written: Vec<_> =
            parameters.iter().map(|(name, ty)| format!("{name}: {}", limited(*ty))).collect();
        let mut head = format!(
            "playbook main({}) {{\nseverity high\ndeadline 300d\nlimit Address {}\nlimit Account {}\n\
             limit Ticket (tickets)\n",
            written.join(", "),
            limits[0],
            limits[1]
        );
        if self.uses_effects {
            add!(head, "limit effects.Hold {}\n", limits[2]);
        }
        if !is_pure {
            add!(head, "on failure {direction}\n");
        }
        add!(body, "{head}{code}\n");
        let source = self.with_declarations(&body);
        Generated { source, input, arguments, site: self.site() }
    }

    fn settings(&mut self) {
        self.mode = match self.pick(10) {
            8 => Mode::Monitor,
            9 => Mode::Shadow,
            _ => Mode::Enforce,
        };
        let duration = |seconds: u32| Value::Duration(Duration::from_secs(seconds));
        let rounds = Value::Int(i64::from(self.pick(4)) + 1);
        let tries = Value::Int(i64::from(self.pick(3)) + 1);
        let tickets = Value::Int(i64::from(self.pick(4)) + 1);
        let pause = duration(10 + 60 * u32::from(self.pick(3)));
        let patience = duration(2 + u32::from(self.pick(9)));
        let life = duration(86_400 * (20 + u32::from(self.pick(10))));
        self.setting("rounds: Int = 2 in 1 .. 4", Ty::Int, rounds);
        self.setting("tries: Int = 2 in 1 .. 3", Ty::Int, tries);
        self.setting("tickets: Int = 2 in 1 .. 4", Ty::Int, tickets);
        self.setting("pause: Duration = 1m in 5s .. 10m", Ty::Duration, pause);
        self.setting("patience: Duration = 5s in 2s .. 10s", Ty::Duration, patience);
        let answer = duration(600 + 60 * u32::from(self.pick(3)));
        self.setting("answer: Duration = 15m in 10m .. 1h", Ty::Duration, answer);
        self.setting("life: Duration = 20d in 20d .. 40d", Ty::Duration, life);
    }

    /// What is known everywhere: constants and settings.
    fn scope(&self, place: Place) -> Scope {
        let mut scope = Scope { place, ..Scope::default() };
        scope.know("base", Ty::Int);
        scope.know("nets", Ty::Cidrs);
        for (declaration, ty, _) in &self.settings {
            scope.know(declaration.split(':').next().unwrap_or_default(), *ty);
        }
        scope
    }

    fn signature(&mut self) -> (Vec<(String, Ty)>, Scope) {
        let mut scope = self.scope(Place::Function);
        let count = self.pick(4);
        let mut parameters = Vec::new();
        for _ in 0..count {
            let (name, ty) = (self.name("q"), self.one(&NAMED));
            scope.know(&name, ty);
            parameters.push((name, ty));
        }
        (parameters, scope)
    }

    fn function(&mut self) -> String {
        let (parameters, mut scope) = self.signature();
        let result = self.one(&[
            Ty::Int,
            Ty::Text,
            Ty::Bool,
            Ty::Item,
            Ty::Kind,
            Ty::Ints,
            Ty::Address,
            Ty::MaybeInt,
        ]);
        scope.returning = Some(result);
        let count = 1 + self.pick(4);
        let block = self.statements(&mut scope, count.into(), Some("return"));
        let name = self.name("fun");
        let text = declared("fn", &name, &parameters, Some(result), &block.text);
        self.functions.push(Callable { name, parameters, result: Some(result) });
        text
    }

    fn task(&mut self) -> String {
        let (parameters, scope) = self.signature();
        let mut scope = Scope { place: Place::Task, ..scope };
        let result = match self.pick(2) {
            0 => None,
            _ => Some(self.one(&[Ty::Int, Ty::Text, Ty::Address, Ty::MaybeInt])),
        };
        scope.returning = result;
        let count = 1 + self.pick(3);
        let block = self.statements(&mut scope, count.into(), result.map(|_| "return"));
        let name = self.name("task");
        let text = declared("task", &name, &parameters, result, &block.text);
        self.tasks.push(Callable { name, parameters, result });
        text
    }

    /// The playbook's parameters, the input as JSON, and its values.
    fn parameters(&mut self) -> (Vec<(String, Ty)>, String, Vec<Value>) {
        let small = |writer: &mut Self| i64::from(writer.pick(9));
        let (number, name, size) = (small(self), small(self), small(self));
        let missing = self.pick(3) == 0;
        let text =
            ["ann", "10.0.0.3", "", "Grüße a@b.example"][usize::try_from(name % 4).unwrap_or(0)];
        let items: Vec<i64> = (0..i64::from(self.pick(5))).map(|at| (at * 5 + size) % 7).collect();
        let address = std::net::Ipv4Addr::new(10, 0, 0, self.pick(12));
        let json: Vec<String> = items.iter().map(|size| item_json(*size)).collect();
        let perhaps = if missing { String::from("null") } else { size.to_string() };
        let input = format!(
            "{{\"number\": {}, \"name\": \"{text}\", \"found\": [{}], \"address\": \"{address}\", \
             \"perhaps\": {perhaps}, \"seen\": {}}}",
            number - 2,
            json.join(", "),
            packet_json(size)
        );
        let arguments = vec![
            Value::Int(number - 2),
            Value::text(text),
            Value::list(items.iter().map(|size| item(*size))),
            Value::asset("Address", Value::Ip(address.into())),
            if missing { Value::None } else { Value::Int(size) },
            packet(size),
        ];
        let types = [
            ("number", Ty::Int),
            ("name", Ty::Text),
            ("found", Ty::Items),
            ("address", Ty::Address),
            ("perhaps", Ty::MaybeInt),
            ("seen", Ty::Packet),
        ];
        let parameters = types.iter().map(|(name, ty)| (String::from(*name), *ty)).collect();
        (parameters, input, arguments)
    }

    fn with_declarations(&self, body: &str) -> String {
        let mut source = String::new();
        if self.uses_effects {
            source.push_str("use std.effects\n");
        }
        source.push_str(TYPES);
        for (setting, ..) in &self.settings {
            add!(source, "setting {setting}\n");
        }
        let mut needed: Vec<&str> = Vec::new();
        for (name, _, others) in VERBS {
            if body.contains(&format!(" {name}(")) {
                needed.push(name);
                needed.extend_from_slice(others);
            }
        }
        for (name, text, _) in VERBS {
            if needed.contains(name) {
                source.push_str(text);
                source.push('\n');
            }
        }
        source.push_str(body);
        source
    }
}

/// A type as a parameter has it.
fn limited(ty: Ty) -> String {
    match ty.element() {
        Some(_) => format!("{} max 5", ty.name()),
        None => String::from(ty.name()),
    }
}

fn declared(
    word: &str,
    name: &str,
    parameters: &[(String, Ty)],
    result: Option<Ty>,
    block: &str,
) -> String {
    let written: Vec<_> =
        parameters.iter().map(|(name, ty)| format!("{name}: {}", ty.name())).collect();
    let result = result.map_or_else(String::new, |ty| format!(" -> {}", ty.name()));
    format!("{word} {name}({}){result} {block}\n", written.join(", "))
}

/// An `Item` of an input.
fn item(size: i64) -> Value {
    let kind = if size % 2 == 0 {
        ("plain", Vec::new())
    } else {
        ("named", vec![Value::text("in"), Value::Int(size)])
    };
    let variant = Value::Variant {
        name: Name::from("Kind"),
        variant: Name::from(kind.0),
        payload: kind.1.into(),
    };
    let ip = std::net::Ipv4Addr::new(10, 0, 0, u8::try_from(size).unwrap_or(0));
    let fields: Arc<[(Name, Value)]> = [
        (Name::from("name"), Value::text(format!("in {size}"))),
        (Name::from("size"), Value::Int(size)),
        (Name::from("at"), Value::Ip(ip.into())),
        (Name::from("tags"), Value::list((0..size % 3).map(|_| Value::text("t")))),
        (Name::from("mark"), if size > 3 { Value::Int(size) } else { Value::None }),
        (Name::from("kind"), variant),
    ]
    .into();
    Value::Record { name: Name::from("Item"), fields }
}

fn item_json(size: i64) -> String {
    let kind = if size % 2 == 0 {
        String::from("\"plain\"")
    } else {
        format!("{{\"named\": [\"in\", {size}]}}")
    };
    let tags: Vec<&str> = (0..size % 3).map(|_| "\"t\"").collect();
    let mark = if size > 3 { format!(", \"mark\": {size}") } else { String::new() };
    format!(
        "{{\"name\": \"in {size}\", \"size\": {size}, \"at\": \"10.0.0.{size}\", \
         \"tags\": [{}]{mark}, \"kind\": {kind}}}",
        tags.join(", ")
    )
}

/// A `Packet` of an input: who knows no such use reads `else`.
fn packet(size: i64) -> Value {
    let how = ["server", "desktop", "else"][usize::try_from(size % 3).unwrap_or(0)];
    let number = u16::try_from(size).unwrap_or(0);
    world::packet(number * 8_191, &vec![0xAB; usize::from(number % 4) * 2], how)
}

fn packet_json(size: i64) -> String {
    let how = ["\"server\"", "\"desktop\"", "{\"robot\": [1, null]}"];
    let raw = ["", "q6s=", "q6urqw==", "q6urq6ur"][usize::try_from(size % 4).unwrap_or(0)];
    let how = how[usize::try_from(size % 3).unwrap_or(0)];
    format!("{{\"port\": {}, \"raw\": \"{raw}\", \"how\": {how}}}", size * 8_191)
}
