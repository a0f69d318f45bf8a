mod work;

use rye_core::limit;
use rye_core::ty::{Type, TypeId, TypeTable};
use rye_core::value::{Name, Value};

use super::*;
use crate::assemble;
use crate::instruction::Instruction;
use crate::instruction::operand::{Constant, Register};
use crate::module::{self, FunctionKind, Role as Person, Setting};

fn judge(module: Module) -> core::result::Result<(), (VerifyCode, String)> {
    let judged = verify(module, Options::default());
    judged.map(|_| ()).map_err(|error| (error.code, error.to_string()))
}

fn text(text: &str) -> Module {
    assemble(text).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn the_example_is_proved_with_its_bound() {
    let module = text(include_str!("../assemble/tests/contain.ryasm"));
    let verified = verify(module, Options::default()).unwrap_or_else(|error| panic!("{error}"));
    let bound = &verified.bounds()[0];
    assert_eq!(bound.queries, 1);
    assert_eq!(bound.actions, [1, 1, 0]);
    // The act's four attempts with their waits, its proof, and the time to show.
    assert_eq!(bound.waiting_micros, (4 * 10 + 1 + 2 + 4 + 5 + 10) * 1_000_000);
    // Stage, attempt, act and close; the handler behind all of that; close and finish.
    assert_eq!((bound.fuel, bound.fuel_saturated), (1 + 1 + 10 + 1 + 1 + 1 + 1, false));
    assert_eq!(crate::bound(&verified, 0), Some(bound));
    assert_eq!(crate::bound(&verified, 1), None);
}

/// A function that gives its parameter, with more code in front.
fn function(registers: usize, code: Vec<Instruction>) -> Function {
    let mut code = code;
    code.push(Instruction::Return { value: Register(0) });
    Function {
        name: Name::from("f"),
        kind: FunctionKind::Pure,
        parameters: 1,
        result: TypeId(0),
        registers: vec![TypeId(0); registers],
        code,
    }
}

fn with(fill: impl FnOnce(&mut Module)) -> Module {
    let types = TypeTable::new(vec![
        Type::Int,
        Type::List { element: TypeId(0), max: 1_000 },
        Type::Text { max: limit::TEXT_BYTES_MAX },
        Type::Optional { inner: TypeId(0) },
        Type::Unit,
    ]);
    let mut module = Module { types, ..Module::default() };
    fill(&mut module);
    module
}

/// At its limit a module is accepted, one past it not, for the limit's reason.
#[track_caller]
fn limited(max: usize, code: VerifyCode, make: impl Fn(usize) -> Module) {
    assert_eq!(judge(make(max)), Ok(()));
    assert_eq!(judge(make(max + 1)).unwrap_err().0, code);
}

#[test]
fn tables_have_limits() {
    use VerifyCode::Limit;
    limited(limit::FUNCTIONS_MAX, Limit, |count| {
        with(|module| module.functions = vec![function(1, vec![]); count])
    });
    limited(limit::INSTRUCTIONS_MAX, Limit, |count| {
        let step = Instruction::Move { to: Register(0), from: Register(0) };
        with(|module| module.functions = vec![function(1, vec![step; count - 1])])
    });
    limited(limit::TYPES_MAX, Limit, |count| {
        let list = |max: usize| Type::List { element: TypeId(0), max: u32::try_from(max).unwrap() };
        let types = [Type::Int].into_iter().chain((1..count).map(list)).collect();
        Module { types: TypeTable::new(types), ..Module::default() }
    });
    limited(limit::REGISTERS_MAX, Limit, |count| {
        with(|module| module.functions = vec![function(count, vec![])])
    });
    limited(limit::SETTINGS_MAX, Limit, |count| {
        let setting = |index| Setting {
            name: Name::from(format!("s{index}")),
            ty: TypeId(0),
            default: Value::Int(1),
            range: None,
        };
        with(|module| module.settings = (0..count).map(setting).collect())
    });
    limited(limit::TRUST_ROLES_MAX, Limit, |count| {
        let role = |index| Person {
            name: Name::from(format!("r{index}")),
            description: Name::from("leads"),
        };
        with(|module| module.roles = (0..count).map(role).collect())
    });
    limited(limit::OPERANDS_MAX, Limit, |count| {
        let elements = vec![Register(0); count].into();
        let mut f = function(1, vec![Instruction::NewList { to: Register(1), elements }]);
        f.registers.push(TypeId(1));
        with(|module| module.functions = vec![f])
    });
    limited(limit::ACTION_NAME_BYTES_MAX, Limit, |count| {
        let mut f = function(1, vec![]);
        f.name = Name::from("n".repeat(count));
        with(|module| module.functions = vec![f])
    });
}

/// A module that asks as many people of as many roles about as many effects, or about
/// as many boxes of each where it is about a list.
fn asking(people: usize, roles: usize, effects: usize, boxes: Option<usize>) -> Module {
    let lines = |count: usize, line: &dyn Fn(usize) -> String| -> String {
        (0..count).map(|at| line(at) + "\n").collect()
    };
    let declared = lines(roles, &|at| format!("role \"role{at:02}\" \"leads\""));
    let sites = lines(effects, &|at| {
        format!("site s{at} do block(r0) undo unblock(r0) simulated r5 for r2")
    });
    let done = lines(effects, &|at| format!("    do nothing, s{at}"));
    let asked: Vec<String> = (0..roles).map(|at| at.to_string()).collect();
    let asked = asked.join(", ");
    let listed: Vec<String> =
        (0..effects).map(|at| format!("list s{at}(r0) undo (r0) for r2")).collect();
    let listed = listed.join(" ");
    let subject = boxes.map_or("effects".into(), |boxes| format!("each r6 max {boxes}"));
    text(&format!(
        "type unit Unit
type int Int
type text Text max 4096
type ip Ip
type duration Duration
type approval Approval
type decision enum \"Decision\" {{\"denied\"(text), \"expired\"}}
type address asset \"Address\" value ip
type ints List(int) max 10
{declared}action block action \"fw.block\" (\"address\": address) -> unit affects [0] undo \"fw.unblock\"
action unblock action \"fw.unblock\" (\"address\": address) -> unit affects [0]
{sites}question q r1 by {people} of [{asked}] within r2 max 1h {subject} {listed}
function main \"main\" playbook (address: address) -> unit registers (text: text, life: duration, \
approval: approval, zero: int, nothing: unit, items: ints, decision: decision) {{
    constant text, hello
    constant life, minute
    constant zero, zero
    constant items, none
    approve approval, q
    open.approved decision, approval, zero, q, refused
{done}    close.frame
refused:
    return nothing
}}
constant hello: text = \"hello\"
constant minute: duration = 1m
constant zero: int = 0
constant none: ints = list []
playbook \"main\" main (\"address\") severity high deadline 2h on_failure hold limit \"Address\" 1
"
    ))
}

#[test]
fn questions_have_limits() {
    use VerifyCode::Approval;
    limited(usize::from(limit::APPROVERS_MAX), Approval, |people| asking(people, 1, 1, None));
    limited(limit::QUESTION_ROLES_MAX, Approval, |roles| asking(1, roles, 1, None));
    limited(limit::LISTED_EFFECTS_MAX, Approval, |effects| asking(1, 1, effects, None));
    let boxes_max = usize::try_from(limit::APPROVAL_BOXES_MAX).unwrap();
    limited(boxes_max, Approval, |boxes| asking(1, 1, 1, Some(boxes)));
    for none in [asking(0, 1, 1, None), asking(1, 0, 1, None), asking(1, 1, 1, Some(0))] {
        assert_eq!(judge(none).unwrap_err().0, Approval);
    }
}

#[test]
fn optionals_take_two_slots_and_units_none() {
    let with_registers = |ty, count| {
        let mut f = function(1, vec![]);
        f.registers.extend(vec![TypeId(ty); count]);
        judge(with(|module| module.functions = vec![f]))
    };
    assert_eq!(with_registers(3, 127), Ok(()));
    assert_eq!(with_registers(3, 128).unwrap_err().0, VerifyCode::Limit);
    assert_eq!(with_registers(4, 255), Ok(()));
    assert_eq!(with_registers(4, 256).unwrap_err().0, VerifyCode::Limit);
}

#[test]
fn constants_have_a_limit_in_bytes() {
    let long = || module::Constant {
        ty: TypeId(2),
        // A tag and a length stand in front of the text.
        value: Value::text("x".repeat((64 << 10) - 5)),
    };
    let most = limit::CONSTANTS_BYTES_MAX / (64 << 10);
    assert_eq!(judge(with(|module| module.constants = vec![long(); most])), Ok(()));
    let more = |module: &mut Module| {
        module.constants = vec![long(); most];
        module.constants.push(module::Constant { ty: TypeId(0), value: Value::Int(1) });
    };
    assert_eq!(judge(with(more)).unwrap_err().0, VerifyCode::Limit);
}

#[test]
fn actions_and_playbooks_have_limits() {
    let asks = |count: usize| {
        let each = |what: &dyn Fn(usize) -> String| (0..count).map(what).collect::<String>();
        let actions = each(&|index| {
            format!("action a{index} query \"a.q{index:03}\" () -> int timeout 1s\n")
        });
        let sites = each(&|index| format!("site s{index} ask a{index}()\n"));
        let code = each(&|index| format!("ask x, s{index}\n"));
        text(&format!(
            "type int Int type unit Unit\n {actions} {sites}
             function c \"c\" condition (x: int) -> int {{ {code} return x }}"
        ))
    };
    limited(limit::CAPABILITIES_MAX, VerifyCode::Limit, asks);
    limited(limit::ENTRY_POINTS_MAX, VerifyCode::Limit, |count| {
        let playbooks = (0..count).map(|index| {
            format!("playbook \"p{index}\" f () severity low deadline 1h on_failure inherit\n")
        });
        let playbooks: String = playbooks.collect();
        text(&format!(
            "type unit Unit
             function f \"f\" playbook () -> unit registers (n: unit) {{ return n }} {playbooks}"
        ))
    });
}

#[test]
fn the_proof_has_a_budget() {
    let module = || text(include_str!("../assemble/tests/contain.ryasm"));
    let options = Options { units_per_instruction: 1, units: 10 };
    assert_eq!(verify(module(), options).unwrap_err().code, VerifyCode::Budget);
    // What is enough for the example is in proportion to its size.
    assert!(verify(module(), Options { units_per_instruction: 10, units: 10 }).is_ok());
}

#[test]
fn handlers_far_behind_many_attempts_exhaust_the_budget() {
    let count = 5_000;
    let attempts = (0..count).map(|index| format!("open.attempt e, h{index}\nclose.frame\n"));
    let handlers = (0..count).map(|index| format!("h{index}: close.frame\nreturn u\n"));
    let code: String = attempts.chain(["return u\n".to_owned()]).chain(handlers).collect();
    let kinds = rye_core::error::ErrorKind::ALL.iter().map(|kind| format!("\"{kind}\"(text)"));
    let kinds = kinds.collect::<Vec<_>>().join(", ");
    let module = text(&format!(
        "type unit Unit type text Text max 9 type error enum \"Error\" {{{kinds}}}
         function f \"f\" playbook () -> unit registers (u: unit, e: error) {{ {code} }}"
    ));
    assert_eq!(judge(module).unwrap_err().0, VerifyCode::Budget);
}

#[test]
fn no_other_enum_has_the_name_of_the_errors() {
    let own = text("type text Text max 9 type e enum \"Error\" {\"a\"(text)}");
    assert_eq!(judge(own).unwrap_err().0, VerifyCode::Form);
}

#[test]
fn a_refusal_names_its_place() {
    let mut f = function(2, vec![]);
    f.registers[1] = TypeId(2);
    f.code[0] = Instruction::Constant { to: Register(1), constant: Constant(0) };
    f.code.push(Instruction::Return { value: Register(1) });
    let constant = module::Constant { ty: TypeId(2), value: Value::text("t") };
    let module = with(|module| {
        module.functions = vec![f];
        module.constants = vec![constant];
    });
    let error = verify(module, Options::default()).unwrap_err();
    assert_eq!(error.function, Some((0, Name::from("f"))));
    assert_eq!(error.instruction, Some(1));
    assert_eq!(
        error.to_string(),
        "V_TYPE in function 0 `f`, instruction 1: found a result of type `Text`; allowed: `Int`"
    );
}
