//! `std.effects`: what a playbook finds of what runs hold, and what becomes of an
//! effect that it releases, whatever happens in between.

use super::*;
use crate::entry::Why;
use crate::run::LifeEnded;

const OTHER: RunId = RunId([9; 16]);
const RELEASE: RunId = RunId([3; 16]);
const BUNDLE_OF_RELEASES: Digest = Digest([2; 32]);

/// The playbooks of a bundle of its own, by their places in it.
const RELEASE_HOLD: usize = 0;
const RELEASE_OWN: usize = 1;
const ASK_RUN: usize = 2;
const ASK_ADDRESS: usize = 3;
const CLEAR: usize = 4;

const SOURCE: &str = r#"
type maybe_time Optional(time)
type hold asset "Hold" exact text
type held record "Held" {"hold": hold, "run": text, "playbook": text, "action": text, "on": text, "since": time, "until": maybe_time, "stuck": bool}
type list List(held) max 100
type released enum "Released" {"undone", "already_gone", "still_held"(int), "changed_since"}
constant nothing_held: list = list []
constant undone: released = variant "Released" "undone" ()
action of query "std.effects.of" ("run": text) -> list timeout 5s first 100
action on_address query "std.effects.on_address" ("address": address) -> list timeout 5s first 100
action release action "std.effects.release" ("hold": hold) -> released affects [0] undo none "it can be done again" impact disruptive timeout 1m
action block action "std.firewall.block" ("address": address) -> unit affects [0] undo "std.firewall.unblock" proved timeout 10s idempotent retry 4 backoff 1s
action is_blocked query "std.firewall.is_blocked" ("address": address) -> bool timeout 5s
action unblock action "std.firewall.unblock" ("address": address) -> unit affects [0] undo none "it takes back a block"
action clear action "std.policy.clear" ("address": address) -> unit affects [0] undo none "it can be done again" proved timeout 10s
site s_clear do clear(r0) timeout 10s undo none proof on_address(r0) timeout 5s == r2 simulated r1
site s_release do release(r0) timeout 1m undo none simulated r1
site s_block do block(r0) timeout 10s retry 4 backoff 1s undo unblock(r0) proof is_blocked(r0) timeout 5s == r2 simulated r1
site s_own do release(r3) timeout 1m undo none simulated r4
site s_of ask of(r0) timeout 5s
site s_on ask on_address(r0) timeout 5s
function release_hold "release_hold" playbook (target: hold) -> unit registers (simulated: released, found: released, text: text) {
    constant simulated, undone
    do found, s_release
    constant text, done
    finish contained, text
}
function release_own "release_own" playbook (address: address) -> unit registers (nothing: unit, yes: bool, target: hold, simulated: released, found: released, text: text) {
    constant yes, yes
    constant simulated, undone
    do nothing, s_block
    hold target
    do found, s_own
    constant text, done
    finish contained, text
}
function ask_run "ask_run" playbook (run: text) -> unit registers (found: list, text: text) {
    ask found, s_of
    constant text, done
    finish contained, text
}
function ask_address "ask_address" playbook (address: address) -> unit registers (found: list, text: text) {
    ask found, s_on
    constant text, done
    finish contained, text
}
function clear_address "clear_address" playbook (address: address) -> unit registers (nothing: unit, expected: list, text: text) {
    constant expected, nothing_held
    do nothing, s_clear
    constant text, done
    finish contained, text
}
playbook "release_hold" release_hold ("hold") severity high deadline 2h on_failure hold limit "Hold" 1
playbook "release_own" release_own ("address") severity high deadline 2h on_failure hold limit "Address" 1 limit "Hold" 1
playbook "ask_run" ask_run ("run") severity high deadline 2h on_failure hold
playbook "ask_address" ask_address ("address") severity high deadline 2h on_failure hold
playbook "clear_address" clear_address ("address") severity high deadline 2h on_failure hold limit "Address" 1
"#;

/// Runs of `code` hold something, and the bundle of releases is there.
fn holding(code: &[&str], runs: &[RunId]) -> Sim<Town> {
    let mut sim = town("hold", &body(code));
    let kept = |line: &&str| ["type ", "constant "].iter().any(|start| line.starts_with(start));
    let shared: Vec<&str> = SHARED.lines().filter(kept).collect();
    let module = rye_bytecode::assemble(&format!("{}\n{SOURCE}", shared.join("\n")));
    let module = module.unwrap_or_else(|error| panic!("{error}"));
    let verified = rye_bytecode::verify(module, Options::default());
    let verified = verified.unwrap_or_else(|error| panic!("{error}"));
    sim.add_program(BUNDLE_OF_RELEASES, Program::new(verified));
    for run in runs {
        sim.start(&beginning(*run, Mode::Enforce)).unwrap();
    }
    sim.check();
    sim
}

fn blocked() -> Sim<Town> {
    holding(&[BLOCK, CONTAINED], &[RUN])
}

fn suspended() -> Sim<Town> {
    holding(&[SUSPEND, CONTAINED], &[RUN])
}

/// A run of the bundle of releases.
fn playing(playbook: usize, number: u8, input: &str) -> Beginning {
    let input = input.as_bytes().into();
    let run = RunId([number; 16]);
    Beginning { run, bundle: BUNDLE_OF_RELEASES, playbook, input, ..beginning(run, Mode::Enforce) }
}

fn releasing(number: u8, effect: EffectId) -> Beginning {
    playing(RELEASE_HOLD, number, &format!("{{\"hold\": \"{effect}\"}}"))
}

impl Sim<Town> {
    /// What the last act of a run was answered: the alternative with what it carries, or
    /// the word of an error.
    fn answer_of(&self, run: RunId) -> String {
        let (_, state, _) = self.run(run).acts().last().unwrap();
        let (_, answer) = state.answered.as_ref().unwrap();
        match answer {
            Ok(Value::Variant { variant, payload, .. }) => {
                let carried: Vec<String> = payload.iter().map(Value::to_string).collect();
                format!("{variant}{}", carried.concat())
            }
            Ok(other) => other.to_string(),
            Err(error) => error.kind.to_string(),
        }
    }

    /// Releases the effect in a run of that number, and says what it was answered.
    fn release_in(&mut self, number: u8, effect: EffectId) -> String {
        self.start(&releasing(number, effect)).unwrap();
        self.check();
        self.answer_of(RunId([number; 16]))
    }

    /// What the query of a run was answered.
    fn found_by(
        &mut self,
        playbook: usize,
        number: u8,
        input: &str,
    ) -> Result<Vec<Value>, ErrorKind> {
        self.start(&playing(playbook, number, input)).unwrap();
        self.check();
        let answers = self.entries().into_iter().filter_map(|entry| match entry.body {
            Body::Asked { answer, .. } if entry.run == RunId([number; 16]) => Some(answer),
            _ => None,
        });
        match answers.last().unwrap() {
            Ok(Value::List(found)) => Ok(found.to_vec()),
            Ok(other) => panic!("{other}"),
            Err(error) => Err(error.kind),
        }
    }
}

#[test]
fn what_a_run_holds_is_taken_back_before_its_time() {
    for (code, verb) in [([BLOCK, CONTAINED], "unblock"), ([SUSPEND, CONTAINED], "restore")] {
        let mut sim = holding(&code, &[RUN]);
        let effect = sim.effect_of(if verb == "unblock" { ".block" } else { "suspend" });
        assert_eq!(sim.release_in(3, effect), "undone");
        assert!(!sim.is_blocked() && !sim.is_suspended());
        assert_eq!(sim.world.count(verb), 1);
        assert_eq!(sim.world.count("release"), 0, "no adapter is asked");
        // There is nothing left to end or to roll back.
        sim.pass(Duration::from_secs(7_200));
        assert!(sim.verb(rollback(20)).is_err());
        assert_eq!(sim.world.count(verb), 1);
    }
}

#[test]
fn what_is_gone_is_found_so_and_nothing_is_written_of_an_intent() {
    let mut sim = blocked();
    let effect = sim.effect_of(".block");
    assert_eq!(sim.release_in(3, effect), "undone");
    assert_eq!(sim.release_in(4, effect), "already_gone");
    let words: Vec<_> = sim.entries().iter().rev().take(3).map(|entry| entry.body.word()).collect();
    assert_eq!(words, ["run ended", "already so", "run started"]);
    assert_eq!(sim.world.count("unblock"), 1);
}

#[test]
fn others_that_hold_it_are_counted_and_the_last_release_undoes_it() {
    let third = RunId([10; 16]);
    let mut sim = holding(&[BLOCK, CONTAINED], &[RUN, OTHER, third]);
    let effect_in = |sim: &Sim<Town>, run| sim.run(run).acts().next().map(|(id, ..)| id).unwrap();
    for (number, run, word) in
        [(3, OTHER, "still_held2"), (4, RUN, "still_held1"), (5, third, "undone")]
    {
        let effect = effect_in(&sim, run);
        assert!(sim.is_blocked());
        assert_eq!(sim.release_in(number, effect), word);
    }
    assert!(!sim.is_blocked());
    assert_eq!(sim.world.count("unblock"), 1);
}

#[test]
fn what_others_changed_is_left_alone() {
    let mut sim = blocked();
    let effect = sim.effect_of(".block");
    sim.world.blocked.clear();
    assert_eq!(sim.release_in(3, effect), "changed_since");
    assert_eq!(sim.world.count("unblock"), 0);
}

#[test]
fn what_this_store_never_saw_and_what_nothing_takes_back_is_refused() {
    let mut sim = holding(&[END_SESSIONS, CONTAINED], &[RUN]);
    assert_eq!(sim.release_in(3, EffectId([1; 16])), "not_found");
    let effect = sim.effect_of("end_sessions");
    assert_eq!(sim.release_in(4, effect), "rejected");
    sim.start(&playing(RELEASE_HOLD, 5, r#"{"hold": "the block of yesterday"}"#)).unwrap();
    assert_eq!(sim.answer_of(RunId([5; 16])), "not_found");
}

#[test]
fn an_effect_of_ones_own_is_released_as_any_other() {
    let make = || holding(&[CONTAINED], &[]);
    let input = r#"{"address": "203.0.113.7"}"#;
    let mut alive = make();
    alive.start(&playing(RELEASE_OWN, 3, input)).unwrap();
    alive.check();
    let points = alive.points().len();
    for at in 0..points {
        let mut sim = make();
        sim.die_at([at]);
        sim.start(&playing(RELEASE_OWN, 3, input)).unwrap();
        sim.check();
        assert_eq!(sim.answer_of(RELEASE), "undone", "death {at}");
        assert!(!sim.is_blocked());
        assert_eq!(sim.run(RELEASE).records().count(), 0);
    }
}

#[test]
fn an_undo_that_fails_is_the_error_of_the_release_and_is_tried_again_by_the_next() {
    let mut sim = suspended();
    sim.world.answers("restore", Ending::refused(ErrorKind::Denied, "no"), false);
    let effect = sim.effect_of("suspend");
    let is_stuck = |sim: &Sim<Town>| {
        sim.run(RUN).records().any(|(.., act)| matches!(act.record, RecordState::Stuck { .. }))
    };
    assert_eq!(sim.release_in(3, effect), "denied");
    assert!(sim.is_suspended() && is_stuck(&sim));
    let found = sim.found_by(ASK_RUN, 20, &format!("{{\"run\": \"{RUN}\"}}")).unwrap();
    assert_eq!(
        found.iter().map(|held| held.field("stuck")).collect::<Vec<_>>(),
        [Some(&Value::Bool(true))]
    );
    assert_eq!(sim.release_in(4, effect), "undone");
    assert!(!sim.is_suspended() && !is_stuck(&sim));
}

#[test]
fn what_no_release_could_take_back_a_person_takes_back_in_his_own_name() {
    let mut sim = suspended();
    sim.world.answers("restore", Ending::refused(ErrorKind::Denied, "no"), false);
    let effect = sim.effect_of("suspend");
    assert_eq!(sim.release_in(3, effect), "denied");
    sim.verb(rollback(4)).unwrap();
    assert!(!sim.is_suspended());
    let entries = sim.entries();
    let undos = entries.iter().filter_map(|entry| match &entry.body {
        Body::UndoIntent { why, .. } => Some((entry.run, *why)),
        _ => None,
    });
    assert_eq!(undos.collect::<Vec<_>>(), [(RUN, Why::Release), (RunId([4; 16]), Why::Person)]);
}

#[test]
fn a_release_waits_for_its_time_and_the_undo_goes_on_without_it() {
    let mut sim = suspended();
    for _ in 0..8 {
        sim.world.answers("restore", Ending::NotSent("nobody there".into()), false);
    }
    let effect = sim.effect_of("suspend");
    assert_eq!(sim.release_in(3, effect), "timeout");
    assert!(sim.is_suspended());
    for _ in 0..8 {
        sim.pass(Duration::from_secs(120));
    }
    sim.check();
    assert!(!sim.is_suspended());
}

#[test]
fn a_release_of_what_is_being_undone_already_waits_for_that() {
    let mut sim = suspended();
    for _ in 0..3 {
        sim.world.answers("restore", Ending::NotSent("nobody there".into()), false);
    }
    let by = Said { key: KeyId([5; 32]), message: Digest([90; 32]) };
    let message = Message { run: RUN, verb: rollback(20), by, owner: "ann".into() };
    sim.engine.say(&message, sim.now).unwrap();
    assert!(sim.settle().is_ok() && sim.is_suspended());
    let effect = sim.effect_of("suspend");
    assert_eq!(sim.release_in(3, effect), "undone");
    assert!(!sim.is_suspended());
    assert!(sim.run(RunId([20; 16])).is_over());
}

/// What is erased of a run takes with it that it released something.
#[test]
fn a_run_is_not_erased_before_what_it_released_is_taken_back() {
    let mut sim = suspended();
    for _ in 0..8 {
        sim.world.answers("restore", Ending::NotSent("nobody there".into()), false);
    }
    let effect = sim.effect_of("suspend");
    assert_eq!(sim.release_in(3, effect), "timeout");
    sim.verb_to(RELEASE, Verb::Release(Release::Keep)).unwrap();
    let erase = || Verb::Erase { reason: "a person asked for it".into() };
    let refused = sim.verb_to(RELEASE, erase()).unwrap_err();
    assert!(refused.contains("not taken back yet"), "{refused}");
    for _ in 0..8 {
        sim.pass(Duration::from_secs(120));
    }
    assert!(!sim.is_suspended());
    sim.verb_to(RELEASE, erase()).unwrap();
}

#[test]
fn what_a_held_run_did_is_released_and_it_unwinds_the_rest() {
    let mut sim = holding(&[BLOCK, SUSPEND, END_SESSIONS, CONTAINED], &[]);
    sim.world.answers("end_sessions", Ending::refused(ErrorKind::Denied, ""), false);
    sim.enforce();
    assert!(sim.is_held());
    let effect = sim.effect_of(".block");
    assert_eq!(sim.release_in(3, effect), "undone");
    assert!(!sim.is_blocked() && sim.is_suspended() && sim.is_held());
    sim.release(Release::Undo);
    assert!(!sim.is_suspended());
    assert_eq!(sim.world.count("unblock"), 1);
}

#[test]
fn nothing_is_released_in_a_dry_mode() {
    let mut sim = blocked();
    let effect = sim.effect_of(".block");
    for (number, mode) in [(3, Mode::Shadow), (4, Mode::Monitor)] {
        sim.start(&Beginning { mode, ..releasing(number, effect) }).unwrap();
        sim.check();
        assert_eq!(sim.answer_of(RunId([number; 16])), "undone");
        assert!(sim.is_blocked());
        assert_eq!(sim.run(RUN).records().count(), 1);
        let ended: Vec<Option<LifeEnded>> =
            sim.run(RUN).records().map(|(.., act)| act.life_ended).collect();
        assert_eq!(ended, [None]);
    }
}

#[test]
fn what_a_withdrawn_bundle_did_is_released_by_one_that_is_believed() {
    let mut sim = blocked();
    sim.engine.withdraw(BUNDLE, "E_REVOKED", sim.now);
    let effect = sim.effect_of(".block");
    assert_eq!(sim.release_in(3, effect), "undone");
    assert!(!sim.is_blocked());
}

/// A release is answered this, wherever the process dies.
fn dies_anywhere(make: &dyn Fn() -> Sim<Town>, verb: &str, expected: &str) {
    let mut alive = make();
    let (effect, before) = (alive.effect_of(verb), alive.points().len());
    assert_eq!(alive.release_in(3, effect), expected);
    let points = alive.points().len() - before;
    assert!(points > 1, "nothing happens");
    for at in 0..points {
        let mut sim = make();
        sim.die_at([at]);
        let said = sim.release_in(3, effect);
        assert_eq!(said, expected, "death {at} of {points}");
        assert!(sim.world.count("unblock") <= 2 && sim.is_blocked() == alive.is_blocked());
    }
}

#[test]
fn a_death_anywhere_changes_no_answer() {
    let changed = || {
        let mut sim = blocked();
        sim.world.blocked.clear();
        sim
    };
    let stuck = || {
        let mut sim = suspended();
        // As often as a death lets it be tried again.
        for _ in 0..3 {
            sim.world.answers("restore", Ending::refused(ErrorKind::Denied, "no"), false);
        }
        sim
    };
    let two = || holding(&[BLOCK, CONTAINED], &[RUN, OTHER]);
    dies_anywhere(&blocked, ".block", "undone");
    dies_anywhere(&suspended, "suspend", "undone");
    dies_anywhere(&two, ".block", "still_held1");
    dies_anywhere(&changed, ".block", "changed_since");
    dies_anywhere(&stuck, "suspend", "denied");
}

/// Whoever is halted in the middle: while it is, nothing is begun; when it goes on, all
/// comes to the same end.
#[test]
fn a_halt_anywhere_only_delays_a_release() {
    let halt = || Verb::Halt { reason: "stop".into() };
    let say = |run| {
        let by = Said { key: KeyId([5; 32]), message: Digest([200; 32]) };
        Interruption::Say(Box::new(Message { run, verb: halt(), by, owner: "ann".into() }))
    };
    let mut alive = suspended();
    let (effect, before) = (alive.effect_of("suspend"), alive.points().len());
    assert_eq!(alive.release_in(3, effect), "undone");
    let points = alive.points().len() - before;
    for whom in [RUN, RELEASE, RunId::default()] {
        for (at, dies) in (0..points).flat_map(|at| [(at, false), (at, true)]) {
            let mut sim = suspended();
            sim.interrupt_at(at, say(whom));
            sim.die_at(dies.then_some(at + 1));
            match sim.start(&releasing(3, effect)) {
                Ok(()) => {}
                Err(StartError::Halted(_)) => continue,
                Err(error) => panic!("{error:?}"),
            }
            sim.check();
            if sim.engine().halts().of(whom).is_some() {
                sim.resume(whom);
            }
            sim.rest();
            sim.check();
            let said = sim.answer_of(RELEASE);
            // A halted run may let the release wait for longer than its time.
            let late = whom == RUN && said == "timeout";
            assert!(late || said == "undone", "{whom} at {at}: {said:?}\n{}", sim.history());
            assert!(!sim.is_suspended(), "{whom} at {at}");
        }
    }
}

/// Whatever becomes of the run that releases: what it began is carried through.
#[test]
fn a_release_whose_run_is_ended_goes_on() {
    let mut alive = suspended();
    let (effect, before) = (alive.effect_of("suspend"), alive.points().len());
    assert_eq!(alive.release_in(3, effect), "undone");
    let points = alive.points().len() - before;
    for (at, undo) in (0..points).flat_map(|at| [(at, false), (at, true)]) {
        for dies in [None, Some(at), Some(at + 1)] {
            let mut sim = suspended();
            let by = Said { key: KeyId([5; 32]), message: Digest([200; 32]) };
            let (run, verb) = (RELEASE, Verb::Cancel { undo });
            let message = Message { run, verb, by, owner: "ann".into() };
            sim.interrupt_at(at, Interruption::Say(Box::new(message)));
            sim.die_at(dies);
            sim.start(&releasing(3, effect)).unwrap();
            sim.check();
            let begun = sim
                .entries()
                .iter()
                .any(|entry| entry.run == RELEASE && matches!(entry.body, Body::Intent { .. }));
            assert_eq!(sim.is_suspended(), !begun, "{at} {undo} {dies:?}\n{}", sim.history());
            assert!(sim.run(RELEASE).is_over(), "{at}");
            assert_eq!(sim.run(RELEASE).records().count(), 0);
        }
    }
}

#[test]
fn queries_find_what_stands_and_can_be_taken_back() {
    let mut sim = holding(&[BLOCK, SUSPEND, END_SESSIONS, CONTAINED], &[RUN, OTHER]);
    let field = |held: &Value, name: &str| held.field(name).map(Value::to_string).unwrap();
    let found = sim.found_by(ASK_RUN, 20, &format!("{{\"run\": \"{RUN}\"}}")).unwrap();
    let shown: Vec<String> = found
        .iter()
        .map(|held| format!("{} {}", field(held, "action"), field(held, "on")))
        .collect();
    assert_eq!(shown, ["std.firewall.block 203.0.113.7", "std.identity.suspend ann"]);
    assert_eq!(field(&found[0], "hold"), sim.effect_of(".block").to_string());
    assert_eq!(
        (field(&found[0], "run"), field(&found[0], "playbook")),
        (RUN.to_string(), "contain".into())
    );
    assert!(matches!(found[0].field("until"), Some(Value::Time(_))));
    assert_eq!(found[1].field("until"), Some(&Value::None));
    let on = sim.found_by(ASK_ADDRESS, 21, r#"{"address": "203.0.113.7"}"#).unwrap();
    let mut runs: Vec<String> = on.iter().map(|held| field(held, "run")).collect();
    runs.sort();
    assert_eq!(runs, [RUN.to_string(), OTHER.to_string()]);
    assert_eq!(sim.found_by(ASK_ADDRESS, 22, r#"{"address": "203.0.113.8"}"#), Ok(Vec::new()));
    assert_eq!(sim.found_by(ASK_RUN, 23, r#"{"run": "yesterday"}"#), Err(ErrorKind::Rejected));
    let unknown = format!("{{\"run\": \"{}\"}}", RunId([77; 16]));
    assert_eq!(sim.found_by(ASK_RUN, 24, &unknown), Err(ErrorKind::NotFound));
    let effect = sim.effect_of(".block");
    assert_eq!(sim.release_in(3, effect), "still_held1");
    let left = sim.found_by(ASK_RUN, 25, &format!("{{\"run\": \"{RUN}\"}}")).unwrap();
    assert_eq!(left.len(), 1);
    assert_eq!(sim.world.count("of") + sim.world.count("on_address"), 0, "no adapter is asked");
}

#[test]
fn a_query_finds_one_more_than_it_answers() {
    let holders: Vec<RunId> = (1..=102).map(|number| RunId([number; 16])).collect();
    let mut sim = holding(&[BLOCK, CONTAINED], &holders);
    let found = sim.found_by(ASK_ADDRESS, 200, r#"{"address": "203.0.113.7"}"#).unwrap();
    assert_eq!(found.len(), 101, "the first 100, and one that says that there are more");
}

#[test]
fn an_audit_knows_who_may_let_go_for_a_release() {
    let mut sim = blocked();
    let effect = sim.effect_of(".block");
    assert_eq!(sim.release_in(3, effect), "undone");
    let without =
        |entry: &Entry| !(entry.run == RELEASE && matches!(entry.body, Body::Intent { .. }));
    let mut audit = Audit::default();
    let found =
        sim.entries().iter().filter(|entry| without(entry)).find_map(|entry| audit.check(entry));
    assert_eq!(found.as_deref(), Some("an effect is released that no playbook released"));
}

#[test]
fn what_runs_hold_proves_an_act_of_others() {
    let mut sim = blocked();
    for (number, input, clears) in [(40, "203.0.113.7", 1), (41, "203.0.113.8", 1)] {
        sim.start(&playing(CLEAR, number, &format!("{{\"address\": \"{input}\"}}"))).unwrap();
        let run = RunId([number; 16]);
        let ended = &sim.run(run).phase;
        let is_well = matches!(ended, Phase::Ended { outcome: RunOutcome::Contained, .. });
        assert!(is_well, "{}", sim.history());
        assert_eq!(sim.world.count("clear"), clears, "what is not held is clear already");
    }
    assert_eq!(sim.world.count("on_address"), 0, "the engine answers it");
}

#[test]
fn runs_that_asked_about_a_run_or_released_of_it_are_named() {
    let mut sim = holding(&[BLOCK, CONTAINED], &[RUN, OTHER]);
    sim.start(&playing(ASK_RUN, 50, &format!("{{\"run\": \"{RUN}\"}}"))).unwrap();
    sim.start(&playing(ASK_RUN, 51, &format!("{{\"run\": \"{OTHER}\"}}"))).unwrap();
    let effect = sim.effect_of(".block");
    sim.release_in(52, effect);
    let told = [RunId([50; 16]), RunId([52; 16])];
    assert_eq!(sim.engine().runs_that_tell_of(RUN), told);
    assert_eq!(sim.engine().runs_that_tell_of(OTHER), [RunId([51; 16])]);
}
