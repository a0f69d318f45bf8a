//! A small part of the language: what is random, how it is written, what it means.

use std::fmt::{self, Display, Write};

/// Where choices come from; when they run out, the simplest is chosen.
struct Genes<'g> {
    left: &'g [u8],
    /// How many names were made.
    names: usize,
}

/// What can be read at some place.
#[derive(Clone, Default)]
struct Scope {
    numbers: Vec<String>,
    /// Variables, which can be set too.
    variables: Vec<String>,
    /// Whether a `give` may stand here.
    giving: bool,
    /// How many loops stand around: the language allows eight.
    loops: usize,
    /// How many constructs stand around.
    depth: usize,
}

enum Number {
    Literal(i64),
    Name(String),
    Two(&'static str, Box<[Self; 2]>),
    Count(List, String, Truth),
    Sum(List, String, Box<Number>),
    Best { largest: bool, list: List, name: String, key: Box<Number>, otherwise: Box<Number> },
    At(List, i64, Box<Number>),
}

enum Truth {
    Literal(bool),
    Two(&'static str, Box<[Number; 2]>),
    And(Box<[Self; 2]>),
    Or(Box<[Self; 2]>),
    Not(Box<Self>),
    Any(List, String, Box<Truth>),
    All(List, String, Box<Truth>),
    In(Box<Number>, List),
}

enum List {
    Input,
    Literal(Vec<Number>),
    Made { list: Box<List>, name: String, condition: Box<Truth>, element: Box<Number> },
    Sorted { list: Box<List>, name: String, keys: Vec<(Number, bool)> },
    Take(Box<List>, i64),
    Drop(Box<List>, i64),
}

enum Statement {
    Let(String, Number),
    Set(String, Number),
    If(Vec<(Truth, Vec<Statement>)>, Vec<Statement>),
    IfLet(String, List, Vec<Statement>),
    Range(String, i64, Vec<Statement>),
    Each(String, List, Vec<Statement>),
    Match(Number, Vec<(i64, Vec<Statement>)>, Vec<Statement>),
    /// `let n = if …`; both blocks give or return.
    LetIf(String, Truth, [Vec<Statement>; 2]),
    /// `let n = match …`, over the alternatives of [`VERDICT`].
    LetMatch(String, Verdict, [Vec<Statement>; 3]),
    /// `let l = each …`, and `let n` the sum of the list.
    LetEach {
        name: String,
        element: String,
        list: List,
        round: Vec<Statement>,
    },
    Give(Number),
    Return(Number),
}

/// An alternative that carries up to two numbers, whose names in its arm these are.
struct Verdict {
    carried: Vec<(String, Number)>,
}

/// What leaves a block before its end.
enum Leave {
    Return(i64),
    Give(i64),
}

/// The alternatives of [`VERDICT`], by how many numbers they carry.
const ALTERNATIVES: [&str; 3] = ["none_at_all", "one", "both"];

/// The enum of every program.
const VERDICT: &str = "enum Verdict { none_at_all, one(Int), both(Int, Int) }\n";

/// A whole program.
pub(crate) struct Whole(Vec<Statement>);

/// The variables of every program.
const VARIABLES: [&str; 3] = ["u", "v", "w"];

impl Genes<'_> {
    fn pick(&mut self, choices: u8) -> u8 {
        let Some((first, rest)) = self.left.split_first() else { return 0 };
        self.left = rest;
        first % choices
    }

    fn name(&mut self, prefix: &str) -> String {
        self.names += 1;
        format!("{prefix}{}", self.names)
    }

    fn literal(&mut self) -> i64 {
        i64::from(self.pick(9)) - 2
    }

    fn number(&mut self, scope: &Scope) -> Number {
        let scope = scope.deeper();
        let looping = scope.loops < 4 && scope.depth < 8;
        match self.pick(if scope.depth >= 8 {
            2
        } else if looping {
            8
        } else {
            4
        }) {
            0 => {
                let at = usize::from(self.pick(16)) % scope.numbers.len();
                Number::Name(scope.numbers[at].clone())
            }
            1 => Number::Literal(self.literal()),
            2 | 3 => {
                let names = ["wrapping_add", "wrapping_mul", "xor", "larger", "smaller"];
                let name = names[usize::from(self.pick(5))];
                Number::Two(name, Box::new([self.number(&scope), self.number(&scope)]))
            }
            4 => {
                let (list, name, inner) = self.looped(&scope);
                Number::Count(list, name, self.truth(&inner))
            }
            5 => {
                let (list, name, inner) = self.looped(&scope);
                Number::Sum(list, name, Box::new(self.number(&inner)))
            }
            6 => {
                let largest = self.pick(2) == 1;
                let (list, name, inner) = self.looped(&scope);
                let key = Box::new(self.number(&inner));
                Number::Best { largest, list, name, key, otherwise: Box::new(self.number(&scope)) }
            }
            _ => {
                let (list, at) = (self.list(&scope), self.literal());
                Number::At(list, at, Box::new(self.number(&scope)))
            }
        }
    }

    fn looped(&mut self, scope: &Scope) -> (List, String, Scope) {
        let (list, name) = (self.list(scope), self.name("e"));
        let inner = scope.looped(&name);
        (list, name, inner)
    }

    fn truth(&mut self, scope: &Scope) -> Truth {
        let scope = scope.deeper();
        let looping = scope.loops < 4 && scope.depth < 8;
        match self.pick(if scope.depth >= 8 {
            2
        } else if looping {
            8
        } else {
            5
        }) {
            0 => Truth::Literal(self.pick(2) == 1),
            1 => {
                let operators = ["<", "<=", ">", ">=", "==", "!="];
                let operator = operators[usize::from(self.pick(6))];
                Truth::Two(operator, Box::new([self.number(&scope), self.number(&scope)]))
            }
            2 => Truth::And(Box::new([self.truth(&scope), self.truth(&scope)])),
            3 => Truth::Or(Box::new([self.truth(&scope), self.truth(&scope)])),
            4 => Truth::Not(Box::new(self.truth(&scope))),
            5 => {
                let (list, name, inner) = self.looped(&scope);
                Truth::Any(list, name, Box::new(self.truth(&inner)))
            }
            6 => {
                let (list, name, inner) = self.looped(&scope);
                Truth::All(list, name, Box::new(self.truth(&inner)))
            }
            _ => Truth::In(Box::new(self.number(&scope)), self.list(&scope)),
        }
    }

    fn list(&mut self, scope: &Scope) -> List {
        let scope = scope.deeper();
        match self.pick(if scope.loops >= 4 || scope.depth >= 8 { 1 } else { 6 }) {
            0 => List::Input,
            1 => {
                let long = self.pick(8) == 7;
                let count = if long { 20 } else { 1 + self.pick(3) };
                List::Literal((0..count).map(|_| self.number(&scope)).collect())
            }
            2 => {
                let (list, name, inner) = self.looped(&scope);
                let condition = Box::new(self.truth(&inner));
                List::Made {
                    list: Box::new(list),
                    name,
                    condition,
                    element: Box::new(self.number(&inner)),
                }
            }
            3 => {
                let (list, name, inner) = self.looped(&scope);
                let count = 1 + self.pick(3);
                let keys = (0..count).map(|_| (self.number(&inner), self.pick(2) == 1)).collect();
                List::Sorted { list: Box::new(list), name, keys }
            }
            4 => List::Take(Box::new(self.list(&scope)), self.literal()),
            _ => List::Drop(Box::new(self.list(&scope)), self.literal()),
        }
    }

    fn block(&mut self, scope: &Scope) -> Vec<Statement> {
        let mut scope = scope.deeper();
        let count = if scope.depth > 5 { 1 } else { self.pick(4) };
        let mut block = Vec::new();
        for _ in 0..count {
            let statement = self.statement(&mut scope);
            let last = matches!(statement, Statement::Return(_) | Statement::Give(_));
            block.push(statement);
            if last {
                break;
            }
        }
        block
    }

    /// A block that gives a value on a path at least.
    fn giving(&mut self, scope: &Scope) -> Vec<Statement> {
        let mut scope = Scope { giving: true, ..scope.deeper() };
        let mut block = match self.pick(3) {
            0 => self.block(&scope),
            _ => Vec::new(),
        };
        if ends(&block) {
            block.clear();
        }
        for statement in &block {
            scope.numbers.extend(statement.name());
        }
        block.push(Statement::Give(self.number(&scope)));
        block
    }

    fn verdict(&mut self, scope: &Scope) -> Verdict {
        let count = self.pick(3);
        let carried = |genes: &mut Self| (genes.name("c"), genes.number(scope));
        Verdict { carried: (0..count).map(|_| carried(self)).collect() }
    }

    fn statement(&mut self, scope: &mut Scope) -> Statement {
        match self.pick(if scope.depth > 5 { 3 } else { 12 }) {
            0 | 1 => {
                let variable = scope.variables[usize::from(self.pick(3))].clone();
                Statement::Set(variable, self.number(scope))
            }
            2 => {
                let (name, value) = (self.name("n"), self.number(scope));
                scope.numbers.push(name.clone());
                Statement::Let(name, value)
            }
            3 | 4 => {
                let count = 1 + self.pick(2);
                let branches = (0..count).map(|_| (self.truth(scope), self.block(scope))).collect();
                Statement::If(branches, self.block(scope))
            }
            5 => {
                let (list, name) = (self.list(scope), self.name("s"));
                let mut inner = scope.clone();
                inner.numbers.push(name.clone());
                Statement::IfLet(name, list, self.block(&inner))
            }
            6 => {
                let (rounds, name) = (self.literal(), self.name("i"));
                Statement::Range(name.clone(), rounds, self.block(&scope.looped(&name)))
            }
            7 => {
                let (list, name, inner) = self.looped(scope);
                Statement::Each(name, list, self.block(&inner))
            }
            8 => {
                let condition = self.truth(scope);
                let blocks = [self.giving(scope), self.giving(scope)];
                let name = self.name("n");
                scope.numbers.push(name.clone());
                Statement::LetIf(name, condition, blocks)
            }
            9 => {
                let verdict = self.verdict(scope);
                let blocks = [0, 1, 2].map(|count| {
                    let mut inner = scope.clone();
                    if verdict.carried.len() == count {
                        let names = verdict.carried.iter().map(|(name, _)| name.clone());
                        inner.numbers.extend(names);
                    }
                    self.giving(&inner)
                });
                let name = self.name("n");
                scope.numbers.push(name.clone());
                Statement::LetMatch(name, verdict, blocks)
            }
            10 => {
                let (list, element, inner) = self.looped(scope);
                let round = self.giving(&inner);
                let name = self.name("n");
                scope.numbers.push(name.clone());
                Statement::LetEach { name, element, list, round }
            }
            _ => match self.pick(3) {
                1 if scope.giving => Statement::Give(self.number(scope)),
                0 => {
                    let value = self.number(scope);
                    let arms = [-1, 0, 3].map(|arm| (arm, self.block(scope)));
                    Statement::Match(value, arms.into(), self.block(scope))
                }
                _ => Statement::Return(self.number(scope)),
            },
        }
    }
}

impl Statement {
    /// What can be read behind it because of it.
    fn name(&self) -> Option<String> {
        match self {
            Self::Let(name, _)
            | Self::LetIf(name, ..)
            | Self::LetMatch(name, ..)
            | Self::LetEach { name, .. } => Some(name.clone()),
            _ => None,
        }
    }
}

impl Scope {
    fn deeper(&self) -> Self {
        Self { depth: self.depth + 1, ..self.clone() }
    }

    fn looped(&self, name: &str) -> Self {
        let mut inner = Self { loops: self.loops + 1, giving: false, ..self.clone() };
        inner.numbers.push(name.to_owned());
        inner
    }
}

impl Whole {
    /// The program that these genes describe.
    pub(crate) fn new(genes: &[u8]) -> Self {
        let mut genes = Genes { left: genes, names: 0 };
        let mut scope = Scope::default();
        scope.numbers.extend(["a", "b"].map(String::from));
        scope.numbers.extend(VARIABLES.map(String::from));
        scope.variables.extend(VARIABLES.map(String::from));
        let mut block = Vec::new();
        while !genes.left.is_empty() && !matches!(block.last(), Some(Statement::Return(_))) {
            block.push(genes.statement(&mut scope));
        }
        Self(block)
    }

    /// What it comes to.
    pub(crate) fn walk(&self, a: i64, b: i64, xs: &[i64]) -> i64 {
        let mut names = vec![(String::from("a"), a), (String::from("b"), b)];
        names.extend((0..).zip(VARIABLES).map(|(at, name)| (name.to_owned(), at)));
        let mut walk = Walk { names, xs };
        match walk.block(&self.0) {
            Some(Leave::Return(value) | Leave::Give(value)) => value,
            None => walk.read("u") ^ walk.read("v") ^ walk.read("w"),
        }
    }
}

struct Walk<'x> {
    names: Vec<(String, i64)>,
    xs: &'x [i64],
}

impl Walk<'_> {
    fn read(&self, name: &str) -> i64 {
        self.names.iter().rev().find(|(known, _)| known == name).expect("a name").1
    }

    /// What `inside` gives while `name` is `value`.
    fn with<T>(&mut self, name: &str, value: i64, inside: impl FnOnce(&mut Self) -> T) -> T {
        self.names.push((name.to_owned(), value));
        let result = inside(self);
        self.names.pop();
        result
    }

    /// The value that the block returns or gives, if it does.
    fn block(&mut self, block: &[Statement]) -> Option<Leave> {
        let count = self.names.len();
        let result = block.iter().find_map(|statement| self.statement(statement));
        self.names.truncate(count);
        result
    }

    /// Names what a block gives; a value that it returns goes on outwards.
    fn given(&mut self, name: &str, block: &[Statement]) -> Option<Leave> {
        match self.block(block) {
            Some(Leave::Give(value)) => {
                self.names.push((name.to_owned(), value));
                None
            }
            other => other,
        }
    }

    fn statement(&mut self, statement: &Statement) -> Option<Leave> {
        match statement {
            Statement::Let(name, value) => {
                let value = self.number(value);
                self.names.push((name.clone(), value));
                None
            }
            Statement::Set(name, value) => {
                let value = self.number(value);
                self.names.iter_mut().rev().find(|(known, _)| known == name).expect("a name").1 =
                    value;
                None
            }
            Statement::If(branches, otherwise) => {
                for (condition, block) in branches {
                    if self.truth(condition) {
                        return self.block(block);
                    }
                }
                self.block(otherwise)
            }
            Statement::IfLet(name, list, block) => {
                let first = *self.list(list).first()?;
                self.with(name, first, |walk| walk.block(block))
            }
            Statement::Range(name, rounds, block) => {
                (0..*rounds).find_map(|at| self.with(name, at, |walk| walk.block(block)))
            }
            Statement::Each(name, list, block) => {
                let list = self.list(list);
                list.into_iter()
                    .find_map(|element| self.with(name, element, |walk| walk.block(block)))
            }
            Statement::Match(value, arms, otherwise) => {
                let value = self.number(value);
                let arm = arms.iter().find(|(arm, _)| *arm == value);
                self.block(arm.map_or(otherwise, |(_, block)| block))
            }
            Statement::LetIf(name, condition, [then, otherwise]) => {
                let block = if self.truth(condition) { then } else { otherwise };
                self.given(name, block)
            }
            Statement::LetMatch(name, Verdict { carried }, arms) => {
                let count = self.names.len();
                let values: Vec<i64> = carried.iter().map(|(_, of)| self.number(of)).collect();
                let names = carried.iter().map(|(name, _)| name.clone());
                self.names.extend(names.zip(values));
                let left = self.block(&arms[carried.len()]);
                self.names.truncate(count);
                match left {
                    Some(Leave::Give(value)) => {
                        self.names.push((name.clone(), value));
                        None
                    }
                    other => other,
                }
            }
            Statement::LetEach { name, element, list, round } => {
                let mut sum = 0;
                for value in self.list(list) {
                    match self.with(element, value, |walk| walk.block(round)) {
                        Some(Leave::Give(value)) => sum += value % 1000,
                        other => return other,
                    }
                }
                self.names.push((name.clone(), sum));
                None
            }
            Statement::Give(value) => Some(Leave::Give(self.number(value))),
            Statement::Return(value) => Some(Leave::Return(self.number(value))),
        }
    }

    fn map(&mut self, list: &List, name: &str, of: &Number) -> Vec<(i64, i64)> {
        let list = self.list(list);
        list.into_iter()
            .map(|element| (element, self.with(name, element, |walk| walk.number(of))))
            .collect()
    }

    fn holds(&mut self, list: &List, name: &str, condition: &Truth) -> Vec<(i64, bool)> {
        let list = self.list(list);
        list.into_iter()
            .map(|element| (element, self.with(name, element, |walk| walk.truth(condition))))
            .collect()
    }

    fn number(&mut self, number: &Number) -> i64 {
        match number {
            Number::Literal(value) => *value,
            Number::Name(name) => self.read(name),
            Number::Two(name, both) => {
                let [a, b] = [self.number(&both[0]), self.number(&both[1])];
                match *name {
                    "wrapping_add" => a.wrapping_add(b),
                    "wrapping_mul" => a.wrapping_mul(b),
                    "xor" => a ^ b,
                    "larger" => a.max(b),
                    _ => a.min(b),
                }
            }
            Number::Count(list, name, condition) => {
                let holds = self.holds(list, name, condition);
                i64::try_from(holds.iter().filter(|(_, holds)| *holds).count()).expect("few")
            }
            Number::Sum(list, name, of) => {
                self.map(list, name, of).iter().map(|(_, value)| value % 1000).sum()
            }
            Number::Best { largest, list, name, key, otherwise } => {
                let values = self.map(list, name, key);
                let values = values.iter().map(|(_, value)| *value);
                let best = if *largest { values.max() } else { values.min() };
                best.unwrap_or_else(|| self.number(otherwise))
            }
            Number::At(list, at, otherwise) => {
                let list = self.list(list);
                let found = usize::try_from(*at).ok().and_then(|at| list.get(at));
                found.copied().unwrap_or_else(|| self.number(otherwise))
            }
        }
    }

    fn truth(&mut self, truth: &Truth) -> bool {
        match truth {
            Truth::Literal(value) => *value,
            Truth::Two(operator, both) => {
                let [a, b] = [self.number(&both[0]), self.number(&both[1])];
                match *operator {
                    "<" => a < b,
                    "<=" => a <= b,
                    ">" => a > b,
                    ">=" => a >= b,
                    "==" => a == b,
                    _ => a != b,
                }
            }
            Truth::And(both) => self.truth(&both[0]) && self.truth(&both[1]),
            Truth::Or(both) => self.truth(&both[0]) || self.truth(&both[1]),
            Truth::Not(inner) => !self.truth(inner),
            Truth::Any(list, name, inner) => {
                self.holds(list, name, inner).iter().any(|(_, it)| *it)
            }
            Truth::All(list, name, inner) => {
                self.holds(list, name, inner).iter().all(|(_, it)| *it)
            }
            Truth::In(number, list) => {
                let number = self.number(number);
                self.list(list).contains(&number)
            }
        }
    }

    fn list(&mut self, list: &List) -> Vec<i64> {
        match list {
            List::Input => self.xs.to_vec(),
            List::Literal(numbers) => numbers.iter().map(|number| self.number(number)).collect(),
            List::Made { list, name, condition, element } => {
                let list = self.holds(list, name, condition);
                list.into_iter()
                    .filter(|(_, holds)| *holds)
                    .map(|(value, _)| self.with(name, value, |walk| walk.number(element)))
                    .collect()
            }
            List::Sorted { list, name, keys } => {
                let list = self.list(list);
                let mut keyed: Vec<(Vec<i64>, i64)> = Vec::new();
                for element in list {
                    let key =
                        |walk: &mut Self| keys.iter().map(|(key, _)| walk.number(key)).collect();
                    keyed.push((self.with(name, element, key), element));
                }
                keyed.sort_by(|(a, _), (b, _)| {
                    let mut orders = a.iter().zip(b).zip(keys).map(|((a, b), (_, descending))| {
                        if *descending { b.cmp(a) } else { a.cmp(b) }
                    });
                    orders.find(|order| order.is_ne()).unwrap_or(std::cmp::Ordering::Equal)
                });
                keyed.into_iter().map(|(_, element)| element).collect()
            }
            List::Take(list, count) => {
                let count = usize::try_from(*count).unwrap_or(0);
                self.list(list).into_iter().take(count).collect()
            }
            List::Drop(list, count) => {
                let count = usize::try_from(*count).unwrap_or(0);
                self.list(list).into_iter().skip(count).collect()
            }
        }
    }
}

impl Display for Whole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("use std.notify\n")?;
        f.write_str(VERDICT)?;
        f.write_str("fn compute(a: Int, b: Int, xs: List<Int> max 8) -> Int {\n")?;
        for (at, name) in VARIABLES.iter().enumerate() {
            writeln!(f, "var {name} = {at}")?;
        }
        block(f, &self.0)?;
        if !ends(&self.0) {
            f.write_str("return xor(xor(u, v), w)\n")?;
        }
        f.write_str("}\nplaybook report(a: Int, b: Int, xs: List<Int> max 8) {\n")?;
        f.write_str("severity low\ndeadline 1h\non failure hold\n")?;
        f.write_str("tell notify.analysts(text: \"{compute(a, b, xs)}\")\n}\n")
    }
}

/// Whether control never comes behind the block.
fn ends(block: &[Statement]) -> bool {
    block.iter().any(|statement| match statement {
        Statement::Return(_) | Statement::Give(_) => true,
        Statement::If(branches, otherwise) => {
            branches.iter().all(|(_, block)| ends(block)) && ends(otherwise)
        }
        Statement::Match(_, arms, otherwise) => {
            arms.iter().all(|(_, block)| ends(block)) && ends(otherwise)
        }
        _ => false,
    })
}

fn block(f: &mut impl Write, statements: &[Statement]) -> fmt::Result {
    for (at, statement) in statements.iter().enumerate() {
        // Nothing may stand behind a statement that never ends normally.
        if ends(&statements[..at]) {
            break;
        }
        statement_text(f, statement)?;
    }
    Ok(())
}

fn braces(f: &mut impl Write, statements: &[Statement]) -> fmt::Result {
    f.write_str("{\n")?;
    block(f, statements)?;
    f.write_str("}\n")
}

fn statement_text(f: &mut impl Write, statement: &Statement) -> fmt::Result {
    match statement {
        Statement::Let(name, value) => writeln!(f, "let {name} = {value}"),
        Statement::Set(name, value) => writeln!(f, "set {name} = {value}"),
        Statement::If(branches, otherwise) => {
            for (at, (condition, block)) in branches.iter().enumerate() {
                write!(f, "{}if {condition} ", if at == 0 { "" } else { "else " })?;
                braces(f, block)?;
            }
            f.write_str("else ")?;
            braces(f, otherwise)
        }
        Statement::IfLet(name, list, block) => {
            write!(f, "if let {name} = first({list}) ")?;
            braces(f, block)
        }
        Statement::Range(name, rounds, block) => {
            write!(f, "each {name} in 0..{rounds} max 10 ")?;
            braces(f, block)
        }
        Statement::Each(name, list, block) => {
            write!(f, "each {name} in {list} max 100 ")?;
            braces(f, block)
        }
        Statement::Match(value, arms, otherwise) => {
            writeln!(f, "match {value} {{")?;
            for (arm, block) in arms {
                write!(f, "{arm} ")?;
                braces(f, block)?;
            }
            f.write_str("else ")?;
            braces(f, otherwise)?;
            f.write_str("}\n")
        }
        Statement::LetIf(name, condition, [then, otherwise]) => {
            write!(f, "let {name} = if {condition} ")?;
            braces(f, then)?;
            f.write_str("else ")?;
            braces(f, otherwise)
        }
        Statement::LetMatch(name, Verdict { carried }, arms) => {
            let values: Vec<String> = carried.iter().map(|(_, of)| of.to_string()).collect();
            let made = match values.as_slice() {
                [] => String::new(),
                values => format!("({})", values.join(", ")),
            };
            writeln!(f, "let {name} = match Verdict.{}{made} {{", ALTERNATIVES[carried.len()])?;
            for (count, (alternative, arm)) in ALTERNATIVES.iter().zip(arms).enumerate() {
                let bindings = match count {
                    0 => String::new(),
                    _ if count == carried.len() => {
                        let names = carried.iter().map(|(name, _)| name.as_str());
                        format!("({})", names.collect::<Vec<_>>().join(", "))
                    }
                    _ => format!("({})", vec!["_"; count].join(", ")),
                };
                write!(f, "{alternative}{bindings} ")?;
                braces(f, arm)?;
            }
            f.write_str("}\n")
        }
        Statement::LetEach { name, element, list, round } => {
            write!(f, "let {name}_all = each {element} in {list} max 1000 ")?;
            braces(f, round)?;
            writeln!(f, "let {name} = sum({element} % 1000 for {element} in {name}_all)")
        }
        Statement::Give(value) => writeln!(f, "give {value}"),
        Statement::Return(value) => writeln!(f, "return {value}"),
    }
}

impl Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Literal(value) => write!(f, "{value}"),
            Self::Name(name) => f.write_str(name),
            Self::Two(name, both) => write!(f, "{name}({}, {})", both[0], both[1]),
            Self::Count(list, name, condition) => {
                write!(f, "count({name} for {name} in {list} if {condition})")
            }
            Self::Sum(list, name, of) => write!(f, "sum({of} % 1000 for {name} in {list})"),
            Self::Best { largest, list, name, key, otherwise } => {
                let word = if *largest { "max" } else { "min" };
                write!(f, "({word}({key} for {name} in {list}) else {otherwise})")
            }
            Self::At(list, at, otherwise) => {
                write!(f, "(take({list}, 1000)[{at}] else {otherwise})")
            }
        }
    }
}

impl Display for Truth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Literal(value) => write!(f, "{value}"),
            Self::Two(operator, both) => write!(f, "({} {operator} {})", both[0], both[1]),
            Self::And(both) => write!(f, "({} and {})", both[0], both[1]),
            Self::Or(both) => write!(f, "({} or {})", both[0], both[1]),
            Self::Not(inner) => write!(f, "(not {inner})"),
            Self::Any(list, name, inner) => write!(f, "any({inner} for {name} in {list})"),
            Self::All(list, name, inner) => write!(f, "all({inner} for {name} in {list})"),
            Self::In(number, list) => write!(f, "({number} in {list})"),
        }
    }
}

impl Display for List {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Input => f.write_str("xs"),
            Self::Literal(numbers) => {
                let numbers: Vec<String> = numbers.iter().map(ToString::to_string).collect();
                write!(f, "[{}]", numbers.join(", "))
            }
            Self::Made { list, name, condition, element } => {
                write!(f, "[{element} for {name} in {list} if {condition}]")
            }
            Self::Sorted { list, name, keys } => {
                let key = |(key, descending): &(Number, bool)| {
                    format!("{key}{}", if *descending { " desc" } else { "" })
                };
                let keys: Vec<String> = keys.iter().map(key).collect();
                write!(f, "(sorted {name} in {list} by {})", keys.join(" then "))
            }
            Self::Take(list, count) => write!(f, "take({list}, {count})"),
            Self::Drop(list, count) => write!(f, "drop({list}, {count})"),
        }
    }
}
