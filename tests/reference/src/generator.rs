//! Typed programs from bytes: every construct of the language, in every place where it
//! may stand.
//!
//! A program is written from left to right; each choice takes a byte, its *gene*. When the
//! genes run out the simplest choice is made, so fewer genes make a smaller program: a
//! program that shows a difference is shrunk by leaving genes out.

/// Adds to a text what is formatted.
macro_rules! add {
    ($text:expr, $($written:tt)*) => {{
        use std::fmt::Write as _;
        // Nothing fails that writes into a text.
        let _ = write!($text, $($written)*);
    }};
}

mod container;
mod declaration;
mod effect;
mod expression;
mod literal;
mod number;
mod question;
mod statement;

use rye_core::mode::Mode;
use rye_core::value::{Name, Value};

use crate::interpreter::Site;

/// A type of the generated programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ty {
    Bool,
    Int,
    Float,
    Text,
    Time,
    Duration,
    Ip,
    Cidr,
    Port,
    Domain,
    Email,
    Url,
    Hash,
    Address,
    Account,
    Ticket,
    Item,
    Kind,
    Side,
    Use,
    /// What no source can make: it comes from outside, and has `Bytes` in it.
    Packet,
    /// The same, and nobody can look into it.
    Secret,
    Hold,
    Ints,
    Texts,
    Ips,
    Cidrs,
    Ports,
    Durations,
    Addresses,
    Items,
    Table,
    Counts,
    Services,
    MaybeInt,
    MaybeText,
    MaybeIp,
    MaybeItem,
}

impl Ty {
    /// As it is written.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Bool => "Bool",
            Self::Int => "Int",
            Self::Float => "Float",
            Self::Text => "Text",
            Self::Time => "Time",
            Self::Duration => "Duration",
            Self::Ip => "Ip",
            Self::Cidr => "Cidr",
            Self::Port => "Port",
            Self::Domain => "Domain",
            Self::Email => "Email",
            Self::Url => "Url",
            Self::Hash => "Hash",
            Self::Address => "Address",
            Self::Account => "Account",
            Self::Ticket => "Ticket",
            Self::Item => "Item",
            Self::Kind => "Kind",
            Self::Side => "Side",
            Self::Use => "Use",
            Self::Packet => "Packet",
            Self::Secret => "Secret",
            Self::Hold => "effects.Hold",
            Self::Ints => "List<Int>",
            Self::Texts => "List<Text>",
            Self::Ips => "List<Ip>",
            Self::Cidrs => "List<Cidr>",
            Self::Ports => "List<Port>",
            Self::Durations => "List<Duration>",
            Self::Addresses => "List<Address>",
            Self::Items => "List<Item>",
            Self::Table => "Map<Text, Int>",
            Self::Counts => "Map<Int, Int>",
            Self::Services => "Map<Port, Int>",
            Self::MaybeInt => "Int?",
            Self::MaybeText => "Text?",
            Self::MaybeIp => "Ip?",
            Self::MaybeItem => "Item?",
        }
    }

    /// What a list of this type holds.
    pub(crate) fn element(self) -> Option<Self> {
        Some(match self {
            Self::Ints => Self::Int,
            Self::Texts => Self::Text,
            Self::Ips => Self::Ip,
            Self::Cidrs => Self::Cidr,
            Self::Ports => Self::Port,
            Self::Durations => Self::Duration,
            Self::Addresses => Self::Address,
            Self::Items => Self::Item,
            _ => return None,
        })
    }

    /// The list that holds this type.
    pub(crate) fn list(self) -> Option<Self> {
        LISTS.iter().copied().find(|list| list.element() == Some(self))
    }

    /// What the keys of a map of this type are.
    pub(crate) fn key(self) -> Option<Self> {
        Some(match self {
            Self::Table => Self::Text,
            Self::Counts => Self::Int,
            Self::Services => Self::Port,
            _ => return None,
        })
    }

    /// Whether a source can make such a value.
    pub(crate) fn can_be_made(self) -> bool {
        !matches!(self, Self::Packet | Self::Secret)
    }

    /// What is there in an optional of this type.
    pub(crate) fn inner(self) -> Option<Self> {
        Some(match self {
            Self::MaybeInt => Self::Int,
            Self::MaybeText => Self::Text,
            Self::MaybeIp => Self::Ip,
            Self::MaybeItem => Self::Item,
            _ => return None,
        })
    }

    /// The optional of this type.
    pub(crate) fn maybe(self) -> Option<Self> {
        OPTIONALS.iter().copied().find(|optional| optional.inner() == Some(self))
    }
}

/// The lists.
pub(crate) const LISTS: [Ty; 8] =
    [Ty::Ints, Ty::Texts, Ty::Ips, Ty::Cidrs, Ty::Durations, Ty::Addresses, Ty::Items, Ty::Ports];
/// What may be missing.
pub(crate) const OPTIONALS: [Ty; 4] = [Ty::MaybeInt, Ty::MaybeText, Ty::MaybeIp, Ty::MaybeItem];
/// What can be compared by `<`.
pub(crate) const ORDERED: [Ty; 7] =
    [Ty::Int, Ty::Text, Ty::Float, Ty::Duration, Ty::Time, Ty::Ip, Ty::Port];
/// The maps.
pub(crate) const MAPS: [Ty; 3] = [Ty::Table, Ty::Counts, Ty::Services];
/// What names are given to.
pub(crate) const NAMED: [Ty; 28] = [
    Ty::Int,
    Ty::Text,
    Ty::Bool,
    Ty::Ints,
    Ty::Item,
    Ty::Items,
    Ty::Address,
    Ty::MaybeInt,
    Ty::Kind,
    Ty::Texts,
    Ty::Table,
    Ty::Float,
    Ty::Duration,
    Ty::Ip,
    Ty::Ips,
    Ty::Counts,
    Ty::Cidr,
    Ty::Ticket,
    Ty::Account,
    Ty::Time,
    Ty::MaybeText,
    Ty::MaybeIp,
    Ty::Durations,
    Ty::Hash,
    Ty::Port,
    Ty::Use,
    Ty::Ports,
    Ty::Services,
];

/// A generated program, with all that a run of it is started on.
#[derive(Clone, Debug)]
pub struct Generated {
    /// The one source.
    pub source: String,
    /// The input, as JSON.
    pub input: String,
    /// The values of the playbook's parameters.
    pub arguments: Vec<Value>,
    /// What the site says.
    pub site: Site,
}

impl Generated {
    /// A program with one parameter, a text of this value.
    pub fn of_text(source: String, text: &str) -> Self {
        let site = Site {
            protected: Vec::new(),
            settings: Vec::new(),
            undo_patience: rye_core::value::Duration::ZERO,
            mode: Mode::Enforce,
        };
        let input = format!("{{\"text\": \"{text}\"}}");
        Self { source, input, arguments: vec![Value::text(text)], site }
    }
}

/// The program that these genes describe.
pub fn generate(genes: &[u8]) -> Generated {
    let mut writer = Writer::new(genes);
    writer.program()
}

/// A name that can be read.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    pub(crate) name: String,
    pub(crate) ty: Ty,
    /// Whether it can be set.
    pub(crate) variable: bool,
}

/// A function or a task.
#[derive(Clone, Debug)]
pub(crate) struct Callable {
    pub(crate) name: String,
    pub(crate) parameters: Vec<(String, Ty)>,
    pub(crate) result: Option<Ty>,
}

/// What may stand at some place.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scope {
    pub(crate) names: Vec<Known>,
    /// How many constructs stand around.
    pub(crate) depth: usize,
    /// How many loops.
    pub(crate) loops: usize,
    /// How many frames.
    pub(crate) frames: usize,
    /// Of what type a `give` gives here.
    pub(crate) giving: Option<Ty>,
    /// Of what type a `return` returns here.
    pub(crate) returning: Option<Ty>,
    pub(crate) place: Place,
}

/// In what a statement stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Place {
    /// In a function: nothing meets the world.
    #[default]
    Function,
    Task,
    Playbook,
    /// A playbook that never meets the world.
    Pure,
    /// In the block of an `approve`: what is done is done with what is known outside.
    Approved,
}

/// Writes one program.
pub(crate) struct Writer<'g> {
    genes: &'g [u8],
    names: usize,
    functions: Vec<Callable>,
    tasks: Vec<Callable>,
    settings: Vec<(String, Ty, Value)>,
    /// How many statements that meet the world were written: a program has a size.
    effects: usize,
    long_waits: usize,
    uses_effects: bool,
    mode: Mode,
}

impl<'g> Writer<'g> {
    fn new(genes: &'g [u8]) -> Self {
        Self {
            genes,
            names: 0,
            functions: Vec::new(),
            tasks: Vec::new(),
            settings: Vec::new(),
            effects: 0,
            long_waits: 0,
            uses_effects: false,
            mode: Mode::Enforce,
        }
    }

    /// One of so many choices; the first when the genes have run out.
    pub(crate) fn pick(&mut self, choices: u8) -> u8 {
        let Some((first, rest)) = self.genes.split_first() else { return 0 };
        self.genes = rest;
        first.checked_rem(choices).unwrap_or(0)
    }

    /// One of these.
    pub(crate) fn one<T: Copy>(&mut self, all: &[T]) -> T {
        let count = u8::try_from(all.len()).unwrap_or(u8::MAX);
        all[usize::from(self.pick(count))]
    }

    pub(crate) fn name(&mut self, prefix: &str) -> String {
        self.names += 1;
        format!("{prefix}{}", self.names)
    }

    fn setting(&mut self, name: &str, ty: Ty, value: Value) {
        self.settings.push((String::from(name), ty, value));
    }

    fn site(&self) -> Site {
        let address = |last: u8| {
            let ip = std::net::Ipv4Addr::new(10, 0, 0, last);
            Value::asset("Address", Value::Ip(ip.into()))
        };
        Site {
            protected: vec![(address(9), Name::from("the gateway"))],
            settings: self.settings.iter().map(|(.., value)| value.clone()).collect(),
            undo_patience: rye_core::value::Duration::from_secs(20),
            mode: self.mode,
        }
    }
}

impl Scope {
    pub(crate) fn deeper(&self) -> Self {
        Self { depth: self.depth + 1, ..self.clone() }
    }

    pub(crate) fn with(&self, name: &str, ty: Ty) -> Self {
        let mut inner = self.deeper();
        inner.know(name, ty);
        inner
    }

    pub(crate) fn know(&mut self, name: &str, ty: Ty) {
        self.names.push(Known { name: String::from(name), ty, variable: false });
    }

    pub(crate) fn of_type(&self, ty: Ty) -> Vec<&str> {
        self.names.iter().filter(|known| known.ty == ty).map(|known| known.name.as_str()).collect()
    }
}
