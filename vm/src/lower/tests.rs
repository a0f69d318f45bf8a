//! Lowering changes neither meaning nor price: random programs are executed in
//! both styles, and by a small tree interpreter that knows only the statements
//! and the prices, with any amount of fuel.

use proptest::prelude::*;
use rye_core::value::Value;

use super::Style;
use crate::op::Op;
use crate::testing::*;
use crate::{CallError, Program, Reason};

/// Registers: four parameters that change, and constants.
const NAMES: [&str; 7] = ["a", "b", "c", "d", "three", "far", "big"];
const CONSTANTS: [i64; 3] = [3, 33, 1 << 40];

#[derive(Clone, Debug)]
enum Statement {
    Compute { operation: usize, to: usize, a: usize, b: usize },
    If { comparison: usize, when: bool, a: usize, b: usize, then: Vec<Self>, other: Vec<Self> },
    Loop { high: usize, body: Vec<Self> },
    Call { to: usize, a: usize, b: usize },
}

const OPERATIONS: [&str; 9] = [
    "add.int",
    "subtract.int",
    "multiply.int",
    "divide.int",
    "xor.int",
    "shift_right.int",
    "wrapping_multiply.int",
    "wrapping_add.int",
    "remainder.int",
];
const COMPARISONS: [&str; 3] = ["equal", "less", "less_equal"];
const ROUNDS_MAX: u64 = 4;

fn compute(operation: usize, a: i64, b: i64) -> Result<i64, Reason> {
    let distance = |b: i64| u32::try_from(b).ok().filter(|b| *b < 64).ok_or(Reason::ShiftDistance);
    let divisor = if b == 0 { Err(Reason::DivisionByZero) } else { Ok(b) };
    match OPERATIONS[operation] {
        "add.int" => a.checked_add(b).ok_or(Reason::Overflow),
        "subtract.int" => a.checked_sub(b).ok_or(Reason::Overflow),
        "multiply.int" => a.checked_mul(b).ok_or(Reason::Overflow),
        "divide.int" => a.checked_div(divisor?).ok_or(Reason::Overflow),
        "remainder.int" => Ok(a.wrapping_rem(divisor?)),
        "xor.int" => Ok(a ^ b),
        "shift_right.int" => Ok((a.cast_unsigned() >> distance(b)?).cast_signed()),
        "wrapping_multiply.int" => Ok(a.wrapping_mul(b)),
        _ => Ok(a.wrapping_add(b)),
    }
}

/// The tree interpreter.
struct Interpreter {
    registers: [i64; 7],
    fuel: u64,
}

enum Stop {
    Fuel,
    Raise(Reason),
}

impl Interpreter {
    fn pay(&mut self, price: u64) -> Result<(), Stop> {
        let rest = self.fuel.checked_sub(price);
        self.fuel = rest.unwrap_or(0);
        rest.map(|_| ()).ok_or(Stop::Fuel)
    }

    fn all(&mut self, statements: &[Statement]) -> Result<(), Stop> {
        statements.iter().try_for_each(|statement| self.one(statement))
    }

    fn one(&mut self, statement: &Statement) -> Result<(), Stop> {
        match statement {
            Statement::Compute { operation, to, a, b } => {
                self.pay(1)?;
                let value = compute(*operation, self.registers[*a], self.registers[*b]);
                self.registers[*to] = value.map_err(Stop::Raise)?;
                Ok(())
            }
            Statement::If { comparison, when, a, b, then, other } => {
                self.pay(1)?;
                let (a, b) = (self.registers[*a], self.registers[*b]);
                let holds = [a == b, a < b, a <= b][*comparison];
                self.all(if holds == *when { then } else { other })
            }
            Statement::Loop { high, body } => {
                self.pay(1)?;
                let rounds = u64::try_from(self.registers[*high]).unwrap_or(0);
                if rounds > ROUNDS_MAX {
                    return Err(Stop::Raise(Reason::TooManyRounds));
                }
                for _ in 0..rounds {
                    self.all(body)?;
                    self.pay(1)?;
                }
                Ok(())
            }
            Statement::Call { to, a, b } => {
                self.pay(2)?;
                self.pay(2)?;
                let product = self.registers[*a].wrapping_mul(self.registers[*b]);
                self.registers[*to] = product.wrapping_add(self.registers[*a]);
                Ok(())
            }
        }
    }
}

/// Writes statements as assembler.
#[derive(Default)]
struct Writer {
    text: String,
    labels: usize,
    depth: usize,
}

impl Writer {
    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    fn label(&mut self) -> String {
        self.labels += 1;
        format!("l{}", self.labels)
    }

    fn all(&mut self, statements: &[Statement]) {
        for statement in statements {
            self.one(statement);
        }
    }

    fn one(&mut self, statement: &Statement) {
        let name = |register: &usize| NAMES[*register];
        match statement {
            Statement::Compute { operation, to, a, b } => {
                let operation = OPERATIONS[*operation];
                self.line(&format!("{operation} {}, {}, {}", name(to), name(a), name(b)));
            }
            Statement::If { comparison, when, a, b, then, other } => {
                let (no, end) = (self.label(), self.label());
                let jump = if *when { "jump.unless" } else { "jump.if" };
                self.line(&format!("{} flag, {}, {}", COMPARISONS[*comparison], name(a), name(b)));
                self.line(&format!("{jump} flag, {no}"));
                self.all(then);
                self.line(&format!("jump {end}"));
                self.line(&format!("{no}:"));
                self.all(other);
                self.line(&format!("{end}:"));
            }
            Statement::Loop { high, body } => {
                let (start, end, depth) = (self.label(), self.label(), self.depth);
                self.line(&format!("constant low{depth}, zero"));
                self.line(&format!("move high{depth}, {}", name(high)));
                self.line(&format!(
                    "range.start i{depth}, low{depth}, high{depth}, {ROUNDS_MAX}, {end}"
                ));
                self.line(&format!("{start}:"));
                self.depth += 1;
                // Constants in loops are what is loaded beforehand.
                self.line("constant three, k0 constant far, k1");
                self.all(body);
                self.depth -= 1;
                self.line(&format!("range.next i{depth}, high{depth}, {start}"));
                self.line(&format!("{end}:"));
            }
            Statement::Call { to, a, b } => {
                self.line(&format!("call {}, g, [{}, {}]", name(to), name(a), name(b)));
            }
        }
    }
}

fn program(statements: &[Statement]) -> String {
    let mut writer = Writer::default();
    writer.all(statements);
    let loops = (0..4).map(|i| format!(", low{i}: int, high{i}: int, i{i}: int"));
    let loops = loops.collect::<Vec<_>>().concat();
    format!(
        "constant zero: int = 0 constant k0: int = 3 constant k1: int = 33
         constant k2: int = 1099511627776
         function f \"f\" pure (a: int, b: int, c: int, d: int) -> ints
             registers (three: int, far: int, big: int, flag: bool, r: ints{loops}) {{
             constant three, k0 constant far, k1 constant big, k2
             {}
             new.list r, [a, b, c, d] return r }}
         function g \"g\" pure (a: int, b: int) -> int registers (product: int, r: int) {{
             wrapping_multiply.int product, a, b
             wrapping_add.int r, product, a
             return r }}",
        writer.text
    )
}

fn expected(statements: &[Statement], arguments: [i64; 4], fuel: u64) -> Went {
    let [a, b, c, d] = arguments;
    let [three, far, big] = CONSTANTS;
    let mut interpreter = Interpreter { registers: [a, b, c, d, three, far, big], fuel };
    let result = interpreter.all(statements).and_then(|()| {
        interpreter.pay(1)?;
        Ok(ints(&interpreter.registers[..4]))
    });
    let result = result.map_err(|stop| match stop {
        Stop::Fuel => OUT_OF_FUEL,
        Stop::Raise(reason) => CallError::Error(reason.into()),
    });
    (result, fuel - interpreter.fuel)
}

fn statements() -> impl Strategy<Value = Vec<Statement>> {
    let register = 0..NAMES.len();
    let variable = 0..4_usize;
    let compute = (0..OPERATIONS.len(), variable.clone(), register.clone(), register.clone())
        .prop_map(|(operation, to, a, b)| Statement::Compute { operation, to, a, b });
    let call = (variable, register.clone(), register.clone())
        .prop_map(|(to, a, b)| Statement::Call { to, a, b });
    let leaf = prop_oneof![6 => compute, 1 => call];
    let nested = leaf.prop_recursive(3, 24, 5, move |inner| {
        let block = || prop::collection::vec(inner.clone(), 0..4);
        let choice = (0..3_usize, any::<bool>(), 0..NAMES.len(), 0..NAMES.len(), block(), block())
            .prop_map(|(comparison, when, a, b, then, other)| Statement::If {
                comparison,
                when,
                a,
                b,
                then,
                other,
            });
        let repeat =
            (0..NAMES.len(), block()).prop_map(|(high, body)| Statement::Loop { high, body });
        prop_oneof![choice, repeat]
    });
    prop::collection::vec(nested, 0..8)
}

proptest! {
    #[test]
    fn both_styles_mean_what_the_statements_mean(
        statements in statements(),
        arguments in prop::array::uniform4(prop_oneof![-3..6_i64, any::<i64>()]),
    ) {
        let text = program(&statements);
        let values = arguments.map(Value::Int);
        let whole = expected(&statements, arguments, 1 << 30);
        for fuel in [1 << 30, whole.1, whole.1.saturating_sub(1), whole.1 / 2, 0] {
            let wanted = expected(&statements, arguments, fuel);
            for style in [Style::Fast, Style::Stepwise] {
                let found = call_in(style, &text, &values, fuel);
                prop_assert_eq!(&found, &wanted, "{:?} with fuel {}: {}", style, fuel, &text);
            }
        }
    }
}

fn operations(text: &str) -> Vec<Op> {
    Program::new(module(text)).codes[0].ops.clone()
}

#[test]
fn an_integer_loop_is_three_operations_a_round() {
    let ops = operations(
        "constant zero: int = 0 constant factor: int = 6364136223846793005
         constant addend: int = 1442695040888963407 constant distance: int = 33
         function mix \"mix\" pure (n: int, x: int) -> int
             registers (sum: int, low: int, i: int, f: int, c: int, k: int, s: int) {
             constant sum, zero constant low, zero
             range.start i, low, n, 1000000, end
         body:
             constant f, factor
             wrapping_multiply.int x, x, f
             constant c, addend
             wrapping_add.int x, x, c
             constant k, distance
             shift_right.int s, x, k
             xor.int sum, sum, s
             range.next i, n, body
         end:
             return sum }",
    );
    let start = ops.iter().position(|op| matches!(op, Op::RangeStart { .. })).expect("a loop");
    assert!(
        matches!(
            ops[start + 1..],
            [
                Op::WrappingMultiplyAdd { .. },
                Op::ShiftRightXor { .. },
                Op::RangeNext { cost: 5, .. },
                ..
            ]
        ),
        "{ops:?}"
    );
}

#[test]
fn a_block_that_costs_more_than_a_byte_holds_is_paid_in_full() {
    let body = "add.int a, a, b ".repeat(600);
    let text = format!("function f \"f\" pure (a: int, b: int) -> int {{ {body} return a }}");
    let (found, fuel) = call(&text, &[int(1), int(1)]);
    assert_eq!((found, fuel), (Ok(int(601)), 600));
}

#[test]
fn a_stop_in_mid_block_pays_for_what_ran() {
    let text = "function f \"f\" pure (a: int, b: int) -> int registers (r: int) {
        add.int r, a, a add.int r, a, a divide.int r, a, b add.int r, a, a return r }";
    let (found, fuel) = call(text, &[int(1), int(0)]);
    assert_eq!((found, fuel), (error(Reason::DivisionByZero), 3));
    // One short of the division, the division itself, and less.
    for (given, expected) in [(3, error(Reason::DivisionByZero)), (2, Err(OUT_OF_FUEL))] {
        for style in [Style::Fast, Style::Stepwise] {
            assert_eq!(call_in(style, text, &[int(1), int(0)], given), (expected.clone(), given));
        }
    }
}

#[test]
fn what_costs_by_length_is_paid_before_it_is_done() {
    let text = "function f \"f\" pure (a: texts, b: text) -> bool registers (r: bool, s: bool) {
        equal s, b, b in.list r, b, a return r }";
    let list = Value::list((0..10).map(|_| text_value(100)));
    // 1 + 2 + 2, then 1 + 2 + 10 + 20.
    let (found, fuel) = call(text, &[list.clone(), text_value(100)]);
    assert_eq!((found, fuel), (Ok(Value::Bool(true)), 38));
    let (found, fuel) = call_in(Style::Fast, text, &[list, text_value(100)], 37);
    assert_eq!((found, fuel), (Err(OUT_OF_FUEL), 37));
}

#[test]
fn a_text_costs_by_its_own_length() {
    let text = "function f \"f\" pure (b: text) -> text { lower.text b, b return b }";
    for (length, units) in [(0, 0), (1, 1), (64, 1), (65, 2), (129, 3)] {
        let (found, fuel) = call(text, &[text_value(length)]);
        assert_eq!((found, fuel), (Ok(text_value(length)), 1 + units), "{length} bytes");
    }
}

fn text_value(length: usize) -> Value {
    text(&"x".repeat(length))
}

#[test]
fn loops_over_lists_see_every_element_and_no_more_than_their_max() {
    let text = "constant zero: int = 0
        function f \"f\" pure (list: ints) -> int registers (sum: int, i: int, x: int) {
            constant sum, zero
            list.start i, list, 3, end
        body:
            at.list x, list, i
            add.int sum, sum, x
            list.next i, list, body
        end:
            return sum }";
    for (list, expected, price) in [
        (&[][..], Ok(int(0)), 1),
        (&[5], Ok(int(5)), 3),
        (&[5, 6, 7], Ok(int(18)), 7),
        (&[1, 2, 3, 4], error(Reason::TooManyRounds), 1),
    ] {
        assert_eq!(call(text, &[ints(list)]), (expected, price), "{list:?}");
    }
}

#[test]
fn alternatives_and_optionals_branch() {
    let text = "constant none: int = -1
        function f \"f\" pure (a: kind) -> int registers (name: text, count: int) {
            match.variant [name, count], a, 1, other
            return count
        other:
            match.variant [], a, 0, unknown
            constant count, none
            return count
        unknown:
            constant count, none
            add.int count, count, count
            return count }";
    let kind = |name: &str, payload: &[Value]| Value::Variant {
        name: "Kind".into(),
        variant: name.into(),
        payload: payload.into(),
    };
    let service = kind("service", &[crate::testing::text("x"), int(7)]);
    assert_eq!(call(text, &[service]), (Ok(int(7)), 1));
    assert_eq!(call(text, &[kind("user", &[])]), (Ok(int(-1)), 2));
    assert_eq!(call(text, &[kind("else", &[])]), (Ok(int(-2)), 3));

    let text = "constant none: int = -1
        function f \"f\" pure (a: int_opt) -> int registers (r: int) {
            match.some r, a, nothing
            return r
        nothing:
            constant r, none
            return r }";
    assert_eq!(call(text, &[int(7)]), (Ok(int(7)), 1));
    assert_eq!(call(text, &[Value::None]), (Ok(int(-1)), 1));
}

#[test]
fn a_call_that_gives_a_word_gives_its_memory_back() {
    let text = |result: &str| {
        format!(
            "constant pieces: texts = list [\"\", \"\"]
             function f \"f\" pure (a: int) -> int registers (r: int, t: {result}) {{
                 call t, g, [a] call t, g, [a] move r, a return r }}
             function g \"g\" pure (a: int) -> {result} registers (t: text, n: int, i: ip_opt) {{
                 template t, pieces, [a] length.text n, t {} }}",
            if result == "int" { "return n" } else { "return t" }
        )
    };
    for (result, used) in [("int", 0), ("text", 6)] {
        let mut evaluator = crate::Evaluator::new(Program::new(module(&text(result))), 100, 1000);
        let function = rye_bytecode::instruction::operand::Function(0);
        let arguments = evaluator.load(function, &[int(123)]).expect("an integer");
        evaluator.call(function, &arguments, &mut crate::Stack::new()).expect("a value");
        assert_eq!(evaluator.memory_used(), used, "{result}");
    }
}

#[test]
fn addresses_that_were_forgotten_are_found_again() {
    let text = "function f \"f\" pure (a: text, b: text) -> bool registers (r: bool, s: bool, x: ip_opt, y: ip_opt) {
            call r, g, [a] call r, g, [b]
            parse.text x, b parse.text y, b equal r, x, y return r }
        function g \"g\" pure (a: text) -> bool registers (x: ip_opt, r: bool) {
            parse.text x, a equal r, x, x return r }";
    let arguments = [crate::testing::text("2001:db8::1"), crate::testing::text("2001:db8::2")];
    assert_eq!(call(text, &arguments).0, Ok(Value::Bool(true)));
}

#[test]
fn memory_is_limited() {
    let text = "function f \"f\" pure (a: ints) -> ints registers (r: ints, s: ints) {
        join.list s, a, a join.list r, a, s return r }";
    for (limit, fits) in [(96, true), (95, false), (47, false)] {
        let mut evaluator = crate::Evaluator::new(Program::new(module(text)), 100, limit);
        let function = rye_bytecode::instruction::operand::Function(0);
        // 16 bytes, then 32, then 48.
        let arguments = evaluator.load(function, &[ints(&[1, 2])]).expect("a list");
        let went = evaluator.call(function, &arguments, &mut crate::Stack::new());
        let fault = CallError::Fault(crate::Fault::Memory);
        assert_eq!(went.map(|_| ()), if fits { Ok(()) } else { Err(fault) }, "{limit}");
    }
}

#[test]
fn a_comparison_with_a_constant_branches_as_any_other() {
    let holds = |comparison: &str, a: i64, b: i64| match comparison {
        "equal" => a == b,
        "less" => a < b,
        _ => a <= b,
    };
    for constant in [3, 0, -1, 32_767, -32_768, 32_768, 1 << 40] {
        for comparison in COMPARISONS {
            for (operands, swapped) in [("a, k", false), ("k, a", true)] {
                for (jump, wanted) in [("jump.unless", true), ("jump.if", false)] {
                    let text = format!(
                        "constant k: int = {constant} constant yes: int = 1 constant no: int = 0
                         function f \"f\" pure (a: int) -> int registers (k: int, c: bool, r: int) {{
                             constant k, k {comparison} c, {operands} {jump} c, other
                             constant r, yes return r
                         other: constant r, no return r }}"
                    );
                    for a in [constant - 1, constant, constant + 1, i64::MIN, i64::MAX] {
                        let (left, right) = if swapped { (constant, a) } else { (a, constant) };
                        let expected = i64::from(holds(comparison, left, right) == wanted);
                        let found = call(&text, &[int(a)]);
                        assert_eq!(found, (Ok(int(expected)), 1), "{a}: {text}");
                    }
                }
            }
        }
    }
}

#[test]
fn floats_branch_by_their_value() {
    let values = [-1.5, 0.0, 0.25, 2.0].map(float);
    for (a, b) in values.iter().flat_map(|a| values.iter().map(move |b| (a, b))) {
        for (comparison, holds) in [("less", a < b), ("less_equal", a <= b), ("equal", a == b)] {
            for (jump, wanted) in [("jump.unless", true), ("jump.if", false)] {
                let text = format!(
                    "constant yes: int = 1 constant no: int = 0
                     function f \"f\" pure (a: float, b: float) -> int registers (c: bool, r: int) {{
                         {comparison} c, a, b {jump} c, other
                         constant r, yes return r
                     other: constant r, no return r }}"
                );
                let expected = i64::from(holds == wanted);
                let found = call(&text, &[a.clone(), b.clone()]);
                assert_eq!(found, (Ok(int(expected)), 1), "{a} {b}: {text}");
            }
        }
    }
}

#[test]
fn a_label_between_two_instructions_keeps_them_apart() {
    // `a < b and b < c`, as a compiler writes it.
    let text = "constant yes: int = 1 constant no: int = 0
        function f \"f\" pure (a: int, b: int, c: int) -> int registers (flag: bool, r: int) {
            less flag, a, b
            jump.unless flag, decided
            less flag, b, c
        decided:
            jump.unless flag, other
            constant r, yes return r
        other:
            constant r, no return r }";
    for (a, b, c, expected) in [(1, 2, 3, 1), (2, 1, 3, 0), (1, 3, 2, 0), (3, 2, 1, 0)] {
        let (found, _) = call(text, &[int(a), int(b), int(c)]);
        assert_eq!(found, Ok(int(expected)), "{a} {b} {c}");
    }
}

#[test]
fn a_called_function_finds_nothing_of_others_in_its_registers() {
    let text = "function f \"f\" pure (a: int) -> int registers (r: int) { call r, g, [a] return r }
        function g \"g\" pure (a: int) -> int registers (unused: int, r: int) { move r, a return r }";
    let mut evaluator = crate::Evaluator::new(Program::new(module(text)), 100, 1000);
    let function = rye_bytecode::instruction::operand::Function(0);
    let arguments = evaluator.load(function, &[int(7)]).expect("an integer");
    let mut stack = crate::Stack::new();
    stack.slots.restore(&[99; 256], 0).expect("room");
    evaluator.call(function, &arguments, &mut stack).expect("a value");
    // Two slots of `f`, then `a`, `unused` and `r` of `g`; what is behind is nobody's.
    assert_eq!(stack.slots.live(6), [7, 7, 7, 0, 7, 99]);
}
