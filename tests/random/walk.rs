//! What a program means: its value, found by walking it.

use super::{List, Number, Statement, Truth, VARIABLES, Verdict, Whole};

/// What leaves a block before its end.
enum Leave {
    Return(i64),
    Give(i64),
}

impl Whole {
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
