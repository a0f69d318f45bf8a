//! Runs: what a playbook yields, how answers come in, where errors go, and that
//! all of it happens again when it is replayed.

use std::sync::Arc;

use rye_core::effect::{Effect, Life, UndoPlan};
use rye_core::error::{Error, ErrorKind};
use rye_core::id::RunId;
use rye_core::value::{Duration, Name, Time, Value};

use super::{AfterUnwind, Answer, Machine, Start, Yield};
use crate::testing::{cidr, int, ints, ip, module, program, text, texts};
use crate::{Fault, InputError, Program, Stack};

/// Actions and constants that the playbooks here use.
const ACTIONS: &str = r#"
constant no: bool = false
constant yes: bool = true
constant stage: text = "contain"
constant inner: text = "deeper"
constant done: text = "all is well"
constant life: duration = 1h
constant pause: duration = 5s
constant within: duration = 1m
type short Text max 5
action block action "std.firewall.block" ("address": address, "reason": short) -> unit affects [0] undo "std.firewall.unblock" proved timeout 10s retry 4 backoff 1s
action is_blocked query "std.firewall.is_blocked" ("address": address) -> bool timeout 5s
action unblock action "std.firewall.unblock" ("address": address) -> unit affects [0] undo none "it is gone" timeout 7s
action find query "std.fleet.find" ("name": text) -> three timeout 5s
action top query "std.fleet.top" () -> three timeout 5s first 2
action tell notice "std.notify.tell" ("text": text) -> unit undo none "" to others
site s_block do block(r0, r1) timeout 10s retry 4 backoff 1s undo unblock(r0) proof is_blocked(r0) timeout 5s == r2 simulated r3 for r4 verified 10s
site s_find ask find(r1) timeout 5s retry 2 backoff 1s
site s_is_blocked ask is_blocked(r0) timeout 5s
site s_top ask top()
site s_tell tell tell(r1)
"#;

/// The registers that the sites name.
const REGISTERS: &str = "(r0: address, r1: text) -> unit registers \
    (r2: bool, nothing: unit, life: duration, numbers: three, error: error, flag: bool, \
     watch: watch_type, every: duration, look: int, zero: int, i: int, high: int, low: int, hold: hold_type, \
     spare: text)";

fn playbook(on_failure: &str, body: &str) -> Arc<Program> {
    program(&format!(
        "type watch_type Watch type hold_type asset \"Hold\" exact text constant n0: int = 0 constant n2: int = 2 {ACTIONS}
         function main \"main\" playbook {REGISTERS} {{
             constant r2, yes constant life, life {body} }}
         playbook \"test\" main (\"address\", \"name\") severity low deadline 1h
             on_failure {on_failure} limit \"Address\" 5"
    ))
}

fn start(settings: Vec<Value>) -> Start {
    Start {
        run: RunId([7; 16]),
        started: Time(5),
        starter: Name::from("rule x"),
        settings,
        fuel: 10_000,
        memory: 10_000,
    }
}

const INPUT: &[u8] = br#"{"address": "10.0.0.1", "name": "ann"}"#;

/// A machine and everything that was said.
struct Run {
    machine: Machine,
    stack: Stack,
}

impl Run {
    fn of(program: &Arc<Program>) -> (Self, Yield) {
        let machine = Machine::start(Arc::clone(program), 0, INPUT, start(Vec::new()));
        let mut run = Self { machine: machine.expect("it starts"), stack: Stack::new() };
        let first = run.machine.run(&mut run.stack);
        (run, first)
    }

    fn answer(&mut self, answer: Answer) -> Yield {
        // Another machine may have used the stack in between.
        self.stack = Stack::new();
        self.machine.resume(answer, &mut self.stack)
    }

    fn value(&mut self, value: Value) -> Yield {
        self.answer(Answer::Value(value))
    }

    fn error(&mut self, kind: ErrorKind) -> Yield {
        self.answer(Answer::Error(Error::new(kind, "it is so")))
    }
}

/// A yield in one line.
fn show(yielded: &Yield) -> String {
    match yielded {
        Yield::Effect { position, effect } => {
            let effect = match effect {
                Effect::Question(question) => format!("question {}", question.text),
                Effect::Ask(query) => format!("ask {}", query.call),
                Effect::Do(act) => format!("do {}", act.call),
                Effect::Tell(notice) => format!("tell {}", notice.call),
                Effect::Wait(duration) => format!("wait {duration}"),
                Effect::Watch(duration) => format!("watch {duration}"),
                Effect::Look { every, until, held: None } => {
                    format!("look {every} until {}", until.0)
                }
                Effect::Look { every, until, held: Some(held) } => {
                    format!("look {every} until {} held until {}", until.0, held.0)
                }
            };
            format!("{position}: {effect}")
        }
        Yield::Raised { error, at, undo, then } => {
            let undo = undo.as_ref().map_or_else(|| String::from("-"), ToString::to_string);
            let then = match then {
                AfterUnwind::Recover => String::from("recover"),
                AfterUnwind::Hold(frame) => format!("hold {frame}"),
                AfterUnwind::End => String::from("end"),
            };
            format!("{error} at {at}: undo {undo}, {then}")
        }
        Yield::Ended { outcome, text } => format!("{} {text:?}", outcome.word()),
        Yield::Fault(fault) => format!("fault: {fault}"),
    }
}

#[test]
fn what_stands_for_an_act_is_the_id_of_the_place_before() {
    let acts = "do nothing, s_block hold hold unwrap.asset r1, hold tell s_tell";
    let again = format!("open.frame keep move r1, spare {acts} close.frame return nothing");
    let program = playbook("hold", &format!("move spare, r1 {acts} {again}"));
    let (mut run, first) = Run::of(&program);
    let mut wanted = first;
    for _ in 0..2 {
        let Yield::Effect { position, effect: Effect::Do(_) } = wanted else {
            panic!("{wanted:?}")
        };
        let told = run.value(Value::None);
        let Yield::Effect { effect: Effect::Tell(notice), .. } = told else { panic!("{told:?}") };
        let id = position.effect_id(RunId([7; 16])).to_string();
        assert_eq!(notice.call.argument("text"), Some(&text(&id)));
        wanted = run.value(Value::None);
    }
    assert_eq!(show(&wanted), "finished \"\"");
}

#[test]
fn an_act_carries_all_that_proves_it_and_takes_it_back() {
    let program = playbook("hold", "do nothing, s_block constant r1, done finish contained, r1");
    let (mut run, first) = Run::of(&program);
    let Yield::Effect { position, effect: Effect::Do(act) } = first else { panic!("{first:?}") };
    assert_eq!(position.to_string(), "effect.0");
    let address = Value::asset("Address", ip("10.0.0.1"));
    assert_eq!(act.call.action.as_ref(), "std.firewall.block");
    assert_eq!(act.call.argument("address"), Some(&address));
    assert_eq!(act.call.argument("reason"), Some(&text("ann")));
    assert_eq!(act.affects, std::slice::from_ref(&address));
    let UndoPlan::Call { call, timeout } = &act.undo else { panic!("{:?}", act.undo) };
    assert_eq!(call.to_string(), "std.firewall.unblock(address: 10.0.0.1)");
    assert_eq!(*timeout, Duration::from_secs(7));
    let [proof] = &*act.proof else { panic!("{:?}", act.proof) };
    assert_eq!(proof.query.call.to_string(), "std.firewall.is_blocked(address: 10.0.0.1)");
    assert_eq!(proof.expected, Value::Bool(true));
    assert_eq!((act.simulated, act.life), (Value::None, Life::For(Duration::from_secs(3600))));
    assert_eq!(
        (act.verified, act.timeout),
        (Some(Duration::from_secs(10)), Duration::from_secs(10))
    );
    assert_eq!((act.retry.attempts, act.idempotent), (4, false));
    assert_eq!(show(&run.value(Value::None)), "contained \"all is well\"");
    assert_eq!(
        show(&run.value(Value::None)),
        "fault: the machine contradicts itself: an answer comes that nobody waits for"
    );
}

#[test]
fn effects_are_numbered_in_their_frames() {
    let program = playbook(
        "hold",
        "ask numbers, s_find
         open.stage stage, inherit
             tell s_tell
             constant low, n0 constant high, n2
             range.start i, low, high, 2, end
         body:
             open.frame round wait every0, 60000000 close.frame
             range.next i, high, body
         end:
             ask flag, s_is_blocked
         close.frame
         open.stage inner, undo close.frame
         tell s_tell
         finish finished, r1"
            .replace("wait every0", "constant every, pause wait every")
            .as_str(),
    );
    let (mut run, first) = Run::of(&program);
    let mut seen = vec![show(&first)];
    for answer in
        [ints(&[1]), Value::None, Value::None, Value::None, Value::Bool(true), Value::None]
    {
        seen.push(show(&run.value(answer)));
    }
    assert_eq!(
        seen,
        [
            "effect.0: ask std.fleet.find(name: \"ann\")",
            "stage.1/effect.0: tell std.notify.tell(text: \"ann\")",
            "stage.1/round.1/effect.0: wait 5s",
            "stage.1/round.2/effect.0: wait 5s",
            "stage.1/effect.3: ask std.firewall.is_blocked(address: 10.0.0.1)",
            "effect.3: tell std.notify.tell(text: \"ann\")",
            "finished \"ann\"",
        ]
    );
}

#[test]
fn a_failure_in_an_attempt_is_undone_and_recovered() {
    let program = playbook(
        "hold",
        "open.stage stage, inherit
         open.attempt error, handler
             do nothing, s_block
             close.frame
             jump after
         handler:
             tell s_tell
             raise.again error
         after:
             close.frame
             finish contained, r1",
    );
    // `raise.again` leaves the recover frame open; what is behind it closes nothing.
    let (mut run, _) = Run::of(&program);
    assert_eq!(
        show(&run.error(ErrorKind::Denied)),
        "denied: it is so at stage.0/attempt.0/effect.0: undo stage.0/attempt.0, recover"
    );
    assert_eq!(
        show(&run.answer(Answer::Unwound)),
        "stage.0/recover.1/effect.0: tell std.notify.tell(text: \"ann\")"
    );
    // The recovered error, raised again, finds nobody and holds.
    assert_eq!(
        show(&run.value(Value::None)),
        "denied: it is so at stage.0/recover.1: undo -, hold playbook"
    );
    // A person lets it go: everything is undone.
    assert_eq!(
        show(&run.answer(Answer::Unwind)),
        "denied: it is so at stage.0/recover.1: undo playbook, end"
    );
    assert!(matches!(run.answer(Answer::Unwound), Yield::Fault(Fault::Invariant(_))));
}

#[test]
fn a_held_effect_may_be_repeated() {
    let program = playbook("hold", "do nothing, s_block finish contained, r1");
    let (mut run, _) = Run::of(&program);
    let held = "guardrail: it is so at effect.0: undo -, hold playbook";
    assert_eq!(show(&run.error(ErrorKind::Guardrail)), held);
    assert_eq!(show(&run.error(ErrorKind::Guardrail)), held);
    assert_eq!(show(&run.value(Value::None)), "contained \"ann\"");
    // Not when something inside was undone: it would go on from a state that is gone.
    let program = playbook(
        "hold",
        "open.stage stage, undo do nothing, s_block close.frame finish contained, r1",
    );
    let (mut run, _) = Run::of(&program);
    assert_eq!(
        show(&run.error(ErrorKind::Denied)),
        "denied: it is so at stage.0/effect.0: undo stage.0, hold playbook"
    );
    assert!(matches!(run.value(Value::None), Yield::Fault(Fault::Invariant(_))));
}

#[test]
fn errors_of_the_playbooks_own_hold_and_can_be_recovered() {
    let body = "wrap: tell s_tell constant every, life wait every, 1000 finish contained, r1";
    let (mut run, _) = Run::of(&playbook("undo", body));
    assert_eq!(
        show(&run.value(Value::None)),
        "limit: the wait is longer than its max at effect.1: undo -, hold playbook"
    );
    let body = "open.attempt error, handler constant every, life wait every, 1000 close.frame
         finish contained, r1 handler: tell s_tell close.frame finish escalated, r1";
    let (mut run, first) = Run::of(&playbook("undo", body));
    assert_eq!(
        show(&first),
        "limit: the wait is longer than its max at attempt.0/effect.0: undo attempt.0, recover"
    );
    assert_eq!(
        show(&run.answer(Answer::Unwound)),
        "recover.1/effect.0: tell std.notify.tell(text: \"ann\")"
    );
}

/// A playbook that asks about each address of a list whose elements come from another
/// one, then opens the box with this number.
fn asking(addresses: &str, number: &str) -> Arc<Program> {
    program(&format!(
        "{ACTIONS}
type approval_type Approval
type decision enum \"Decision\" {{\"denied\"(text), \"expired\"}}
type addresses List(address) max 5
role \"lead\" \"leads\"
site s do block(r0, r6) undo unblock(r0) proof is_blocked(r0) == r11 simulated r7 for r4
question q r1 by 1 of [0] within r5 max 10m each r2 max 5 list s(r3, r6) undo (r3) for r4
constant one: addresses = list [asset \"Address\" ip \"10.0.0.1\"]
constant none: addresses = list []
constant two: int = 2
constant zero: int = 0
constant why: short = \"why\"
function main \"main\" playbook (r0: address, r1: text) -> unit registers \
(items: addresses, own: addresses, life: duration, within: duration, short: short, nothing: unit, \
approval: approval_type, index: int, decision: decision, yes: bool) {{
    constant yes, yes constant items, one constant own, {addresses} constant life, life constant within, within
    constant short, why constant index, {number}
    approve approval, q
    open.approved decision, approval, index, q, end
    do nothing, s
    close.frame
end:
    return nothing
}}
playbook \"test\" main (\"address\", \"name\") severity low deadline 1h on_failure undo limit \"Address\" 5"
    ))
}

#[test]
fn what_no_verifier_can_say_of_a_question_is_an_error_of_the_playbook() {
    let (_, first) = Run::of(&asking("none", "zero"));
    assert_eq!(
        show(&first),
        "limit: the two lists have different lengths at effect.0: undo -, hold playbook"
    );
    let (mut run, _) = Run::of(&asking("one", "two"));
    assert_eq!(
        show(&run.value(Value::list([Value::None]))),
        "not_found: the question has no such box at effect.1: undo playbook, end"
    );
    let (mut run, _) = Run::of(&asking("one", "zero"));
    let done = run.value(Value::list([Value::None]));
    assert!(show(&done).contains("do std.firewall.block"), "{}", show(&done));
}

#[test]
fn a_playbook_can_fail_and_raise() {
    let (_, first) = Run::of(&playbook("undo", "open.stage stage, inherit fail r1"));
    assert_eq!(show(&first), "failed: ann at stage.0: undo playbook, end");
    let (_, first) = Run::of(&playbook("undo", "raise 10, r1"));
    assert_eq!(show(&first), "unverified: ann at playbook: undo playbook, end");
    let (_, first) = Run::of(&playbook("undo", "raise 6, r1"));
    assert_eq!(show(&first), "limit: ann at playbook: undo -, hold playbook");
}

#[test]
fn answers_are_checked_cut_and_replaced() {
    let body = "ask numbers, s_find length.list look, numbers tell s_tell finish contained, r1";
    let (mut run, _) = Run::of(&playbook("hold", body));
    assert_eq!(
        show(&run.value(texts(&["x"]))),
        "rejected: the answer does not fit: `[0]`: expected `Int`, found a text at effect.0: \
         undo -, hold playbook"
    );
    let (mut run, _) = Run::of(&playbook("hold", body));
    assert_eq!(
        show(&run.value(ints(&[1, 2, 3, 4]))),
        "rejected: the answer does not fit: expected at most 3 elements, found 4 at effect.0: \
         undo -, hold playbook"
    );
    // `first 2` cuts; the third element is never seen.
    let cut = "ask numbers, s_top length.list look, numbers constant high, n2
         equal flag, look, high jump.if flag, good
         finish escalated, r1 good: finish contained, r1";
    let (mut run, _) = Run::of(&playbook("hold", cut));
    assert_eq!(show(&run.value(ints(&[1, 2, 3, 4, 5]))), "contained \"ann\"");
    // Whether it was cut is asked with it; where the query fails nothing says so.
    let first = "ask.first numbers, flag, s_top jump.if flag, cut
         finish contained, r1 cut: finish escalated, r1";
    let or_else = "ask.first.else numbers, flag, s_top, failed jump.if flag, cut
         finish contained, r1 cut: finish escalated, r1 failed: tell s_tell finish contained, r1";
    for body in [first, or_else] {
        for (answered, ended) in [(&[1, 2][..], "contained"), (&[1, 2, 3], "escalated")] {
            let (mut run, _) = Run::of(&playbook("hold", body));
            assert_eq!(show(&run.value(ints(answered))), format!("{ended} \"ann\""));
        }
    }
    let (mut run, _) = Run::of(&playbook("hold", or_else));
    let failed = run.answer(Answer::Error(Error::new(ErrorKind::Timeout, "")));
    assert!(show(&failed).contains("tell"), "{}", show(&failed));
    // A query that fails, or answers nonsense, has its `else`.
    let other =
        "ask.else numbers, s_find, failed finish contained, r1 failed: finish escalated, r1";
    for (answer, expected) in [
        (Answer::Value(ints(&[1])), "contained \"ann\""),
        (Answer::Value(text("?")), "escalated \"ann\""),
        (Answer::Error(Error::new(ErrorKind::Timeout, "")), "escalated \"ann\""),
    ] {
        let (mut run, _) = Run::of(&playbook("hold", other));
        assert_eq!(show(&run.answer(answer)), expected);
    }
}

#[test]
fn what_leaves_is_no_longer_than_declared() {
    let program = playbook("undo", "do nothing, s_block finish contained, r1");
    let input = br#"{"address": "10.0.0.1", "name": "too long"}"#;
    let machine = Machine::start(program, 0, input, start(Vec::new()));
    let yielded = machine.expect("it starts").run(&mut Stack::new());
    assert_eq!(
        show(&yielded),
        "limit: `reason`: at most 5 bytes, found 8 at effect.0: undo -, hold playbook"
    );
}

#[test]
fn a_site_chooses_times_and_attempts() {
    let text = format!(
        "setting patience \"m.patience\": duration = 5s in 1s .. 10s
         setting tries \"m.tries\": int = 2 in 1 .. 4
         {ACTIONS}
         site chosen ask is_blocked(r0) timeout chosen patience retry chosen tries backoff chosen patience
         function main \"main\" playbook (r0: address) -> unit registers (r1: bool, nothing: unit) {{
             ask r1, chosen return nothing }}
         playbook \"test\" main (\"address\") severity low deadline 1h on_failure hold"
    );
    let settings = vec![Value::Duration(Duration::from_secs(3)), Value::Int(4)];
    let input = br#"{"address": "10.0.0.1"}"#;
    let machine = Machine::start(program(&text), 0, input, start(settings));
    match machine.expect("it starts").run(&mut Stack::new()) {
        Yield::Effect { effect: Effect::Ask(query), .. } => {
            assert_eq!(query.timeout, Duration::from_secs(3));
            assert_eq!((query.retry.attempts, query.retry.backoff), (4, Duration::from_secs(3)));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn watches_end_and_conditions_ask() {
    let text = format!(
        "type watch_type Watch {ACTIONS}
         constant n1: int = 1 constant n0: int = 0 constant n9: int = 9
         function main \"main\" playbook (r0: address, r1: text) -> unit registers
             (flag: bool, watch: watch_type, time: duration, look: int, one: int, i: int,
              low: int, high: int) {{
             constant one, n1 constant time, within start.watch watch, time, 60000000
             constant low, n0 constant high, n9
             range.start i, low, high, 9, late
         again:
             call flag, condition, [r0]
             jump.if flag, good
             constant time, pause look.again look, watch, time
             equal flag, look, one
             jump.unless flag, late
             range.next i, high, again
         late:
             finish escalated, r1
         good:
             finish contained, r1
         }}
         function condition \"is blocked\" condition (r0: address) -> bool registers (flag: bool) {{
             ask.else flag, s_is_blocked, not_yet
             return flag
         not_yet:
             constant flag, no
             return flag
         }}
         playbook \"test\" main (\"address\", \"name\") severity low deadline 1h on_failure hold"
    );
    let program = program(&text);
    let (mut run, first) = Run::of(&program);
    let mut seen = vec![show(&first)];
    seen.push(show(&run.value(Value::Time(Time(77)))));
    assert_eq!(run.machine.place().function.as_ref(), "is blocked");
    seen.push(show(&run.error(ErrorKind::Unavailable)));
    seen.push(show(&run.value(int(1))));
    seen.push(show(&run.value(Value::Bool(false))));
    seen.push(show(&run.value(int(0))));
    assert_eq!(
        seen,
        [
            "effect.0: watch 1m",
            "effect.1: ask std.firewall.is_blocked(address: 10.0.0.1)",
            "effect.2: look 5s until 77",
            "effect.3: ask std.firewall.is_blocked(address: 10.0.0.1)",
            "effect.4: look 5s until 77",
            "escalated \"ann\"",
        ]
    );
}

#[test]
fn the_run_and_its_settings_can_be_read() {
    let text = format!(
        "{ACTIONS}
         setting speed \"demo.speed\" : int = 5 in 1 .. 9
         constant pieces: texts = list [\"\", \" \", \" \", \" \", \"\"]
         function main \"main\" playbook (r0: address, r1: text) -> unit registers
             (id: text, at: time, by: text, speed: int) {{
             context id, id context at, started context by, starter setting speed, speed
             template r1, pieces, [id, at, by, speed]
             finish finished, r1
         }}
         playbook \"test\" main (\"address\", \"name\") severity low deadline 1h on_failure inherit"
    );
    let program = program(&text);
    let begin = |settings| Machine::start(Arc::clone(&program), 0, INPUT, start(settings));
    let yielded = begin(vec![int(7)]).expect("it starts").run(&mut Stack::new());
    let expected = format!("{} 1970-01-01T00:00:00.000005Z rule x 7", "07".repeat(16));
    assert_eq!(show(&yielded), format!("finished {expected:?}"));
    let refused = |settings| begin(settings).expect_err("it does not start").to_string();
    assert_eq!(
        refused(vec![int(10)]),
        "`setting demo.speed`: expected a value from 1 to 9, found 10"
    );
    assert_eq!(refused(Vec::new()), "expected 1 values of settings, found 0");
}

#[test]
fn a_fault_is_the_end() {
    let program = playbook("hold", "tell s_tell tell s_tell finish contained, r1");
    let mut settings = start(Vec::new());
    settings.fuel = 19;
    let mut stack = Stack::new();
    let mut machine = Machine::start(program, 0, INPUT, settings).expect("it starts");
    assert!(matches!(machine.run(&mut stack), Yield::Effect { .. }));
    assert_eq!(machine.fuel_used(), 10);
    let next = machine.resume(Answer::Value(Value::None), &mut stack);
    assert_eq!(next, Yield::Fault(Fault::Fuel));
    assert_eq!(machine.fuel_used(), 19);
    let next = machine.resume(Answer::Value(Value::None), &mut stack);
    assert!(matches!(next, Yield::Fault(Fault::Invariant(_))));
}

#[test]
fn answers_use_the_runs_memory() {
    let program = playbook("hold", "ask numbers, s_find ask numbers, s_find finish contained, r1");
    let mut settings = start(Vec::new());
    settings.memory = 3 + 24;
    let mut stack = Stack::new();
    let mut machine = Machine::start(program, 0, INPUT, settings).expect("it starts");
    machine.run(&mut stack);
    let again = machine.resume(Answer::Value(ints(&[1, 2, 3])), &mut stack);
    assert!(matches!(again, Yield::Effect { .. }));
    let fault = machine.resume(Answer::Value(ints(&[1])), &mut stack);
    assert_eq!(fault, Yield::Fault(Fault::Memory));
}

#[test]
fn a_place_names_stage_function_and_line() {
    let text = format!(
        "{ACTIONS}
         function main \"main\" playbook (r0: address, r1: text) -> unit {{
             open.stage stage, inherit
             open.stage inner, inherit
             tell s_tell
             close.frame close.frame
             finish finished, r1
         }}
         file \"a.rye\"
         lines {{ 0: 0 10, 2: 0 12, 3: 0 13 }}
         playbook \"test\" main (\"address\", \"name\") severity low deadline 1h on_failure hold"
    );
    let (run, _) = Run::of(&program(&text));
    let place = run.machine.place();
    assert_eq!(place.stages, [Name::from("contain"), Name::from("deeper")]);
    assert_eq!(place.function.as_ref(), "main");
    assert_eq!(place.line, Some((Name::from("a.rye"), 12)));
}

#[test]
fn the_same_answers_lead_to_the_same_run() {
    let program = playbook(
        "hold",
        "open.attempt error, handler
             ask numbers, s_find
             do nothing, s_block
             close.frame
             finish contained, r1
         handler:
             ask.else flag, s_is_blocked, failed
         failed:
             close.frame
             do nothing, s_block
             finish escalated, r1",
    );
    let answers = [
        Answer::Value(ints(&[3, 2, 1])),
        Answer::Error(Error::new(ErrorKind::Timeout, "late")),
        Answer::Unwound,
        Answer::Value(Value::Bool(true)),
        Answer::Error(Error::new(ErrorKind::Conflict, "")),
        Answer::Unwind,
    ];
    let once = || {
        let (mut run, first) = Run::of(&program);
        let mut seen = vec![(first, run.machine.fuel_used(), run.machine.memory_used())];
        for answer in answers.clone() {
            let yielded = run.answer(answer);
            seen.push((yielded, run.machine.fuel_used(), run.machine.memory_used()));
        }
        seen
    };
    let first = once();
    assert_eq!(first, once());
    assert_eq!(show(&first.last().expect("yields").0), "conflict at effect.2: undo playbook, end");
}

#[test]
fn an_input_that_does_not_fit_starts_nothing() {
    let program = playbook("hold", "finish contained, r1");
    let refused = |input: &[u8]| -> InputError {
        Machine::start(Arc::clone(&program), 0, input, start(Vec::new())).expect_err("it is wrong")
    };
    assert_eq!(
        refused(br#"{"address": "10.0.0.999", "name": "x"}"#).to_string(),
        "`address`: expected an address such as \"203.0.113.7\", found the text \"10.0.0.999\" \
         (line 1, column 13)"
    );
    let machine = Machine::start(program, 3, INPUT, start(Vec::new()));
    assert!(machine.is_err());
}

#[test]
fn a_machine_that_waits_is_small() {
    let program = playbook("hold", "tell s_tell finish contained, r1");
    let (run, _) = Run::of(&program);
    let owned = run.machine.registers.capacity() * 8
        + run.machine.calls.capacity() * size_of::<crate::stack::Activation>();
    assert!(size_of::<Machine>() + owned < 2_048, "{} {owned}", size_of::<Machine>());
}

#[test]
fn verified_modules_are_all_it_takes() {
    // Blocks stand for any value whose handle is told apart by its top bits.
    let verified = module("constant k: cidr = cidr \"::/0\"");
    let program = Program::new(verified);
    assert_eq!(program.module().constants[0].value, cidr("::/0"));
}

#[test]
fn an_error_in_a_called_condition_is_recovered_by_its_caller() {
    let text = format!(
        "{ACTIONS}
         function main \"main\" playbook (r0: address, r1: text) -> unit registers
             (flag: bool, error: error) {{
             open.attempt error, handler
             call flag, condition, [r0]
             close.frame
             finish contained, r1
         handler:
             tell s_tell
             close.frame
             finish escalated, r1
         }}
         function condition \"is blocked\" condition (r0: address) -> bool registers (flag: bool) {{
             ask flag, s_is_blocked
             return flag
         }}
         playbook \"test\" main (\"address\", \"name\") severity low deadline 1h on_failure hold"
    );
    let (mut run, first) = Run::of(&program(&text));
    let mut seen = vec![show(&first), show(&run.error(ErrorKind::Denied))];
    seen.push(show(&run.answer(Answer::Unwound)));
    assert_eq!(run.machine.place().function.as_ref(), "main");
    seen.push(show(&run.value(Value::None)));
    assert_eq!(
        seen,
        [
            "attempt.0/effect.0: ask std.firewall.is_blocked(address: 10.0.0.1)",
            "denied: it is so at attempt.0/effect.0: undo attempt.0, recover",
            "recover.1/effect.0: tell std.notify.tell(text: \"ann\")",
            "escalated \"ann\"",
        ]
    );
}
