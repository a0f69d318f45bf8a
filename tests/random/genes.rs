//! What is random: programs made from a list of genes.

use super::{List, Number, Statement, Truth, VARIABLES, Verdict, Whole, ends};

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
