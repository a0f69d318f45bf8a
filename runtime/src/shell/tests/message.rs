//! What people say.

use rye_bundle::message::sign_message;
use rye_core::id::{EffectId, KeyId};
use rye_core::value::{Duration, Time};
use rye_engine::entry::Release;
use rye_engine::message::{Order, Signed, Statement};
use rye_journal::inbox::Inbox;
use rye_journal::store::inbox_folder;

use super::*;
use crate::fixture::{CI, DEPUTY, MALLORY, OPERATOR, now, secret};

impl Play {
    fn inbox(&self) -> Inbox {
        Inbox::at(&inbox_folder(&self.store()))
    }

    pub(super) fn say(&self, who: u8, run: RunId, order: Order, created_at: Time) -> Vec<u8> {
        let statement = Statement { run, order, created_at }.encode();
        let record = sign_message(&secret(who), &statement).unwrap();
        let signed = Signed { key: record.key_id, signature: record.signature.0, statement };
        self.inbox().put(&signed.encode()).unwrap();
        signed.encode()
    }

    /// A run that is held because its block was refused.
    fn held(&self) -> (Shell, RunId) {
        self.world.behave(|request| {
            let refused = Ending::refused(rye_core::error::ErrorKind::Denied, "no");
            request.call.action.ends_with(".block").then_some(refused)
        });
        let mut shell = self.shell();
        let run = self.play(&mut shell);
        assert!(matches!(run.state, State::Held { .. }), "{run:?}");
        self.world.behave(|_| None);
        (shell, run.run)
    }
}

#[test]
fn a_person_lets_a_held_run_go_on() {
    let play = Play::new();
    let (mut shell, run) = play.held();
    play.say(OPERATOR, run, Order::Release(Release::Continue), now());
    assert_eq!(shell.run(Until::All).unwrap(), Rest::Reached);
    assert!(shell.summary(run).unwrap().is_well(), "{}", play.lines());
    assert_eq!(play.world.blocked(), ["203.0.113.7"]);
    assert!(play.inbox().list().unwrap().messages.is_empty());
    assert!(play.lines().contains("a person said: continue"));
}

#[test]
fn a_message_twice_is_one_also_after_a_restart() {
    let play = Play::new();
    let (mut shell, run) = play.held();
    let bytes = play.say(OPERATOR, run, Order::Release(Release::Keep), now());
    shell.run(Until::All).unwrap();
    drop(shell);
    play.inbox().put(&bytes).unwrap();
    let mut shell = play.shell();
    shell.run(Until::All).unwrap();
    assert!(play.inbox().list().unwrap().messages.is_empty());
    assert!(!play.lines().contains("refused a message"), "{}", play.lines());
    assert!(shell.summary(run).unwrap().is_well());
}

#[test]
fn what_may_not_be_said_is_refused_and_written_down() {
    let play = Play::new();
    let (mut shell, run) = play.held();
    let undo = || Order::Release(Release::Undo);
    let day = Duration::from_secs(86_400).0;
    let other = RunId([9; 16]);
    let settle = Order::Settle { effect: EffectId([1; 16]), done: true };
    play.say(MALLORY, run, undo(), now());
    play.say(ALICE, run, undo(), now());
    play.say(OPERATOR, run, undo(), Time(now().0 - day - 1_000_000));
    play.say(OPERATOR, run, undo(), Time(now().0 + day));
    play.say(OPERATOR, other, undo(), now());
    play.say(OPERATOR, run, settle, now());
    let forged = Signed {
        key: KeyId(secret(OPERATOR).public().id().0),
        signature: [7; 64],
        statement: Statement { run, order: undo(), created_at: now() }.encode(),
    };
    play.inbox().put(&forged.encode()).unwrap();
    play.inbox().put(b"hello").unwrap();
    shell.run(Until::All).unwrap();
    let lines = play.lines();
    for reason in [
        "E_NO_TRUSTED_SIG",
        "has not the usage `operator`",
        "it is older than 1d: say it again",
        "it comes from a clock that is more than 10m ahead",
        "there is no run 0909",
        "no effect of the run is in doubt",
        "E_SIG_INVALID",
        "it is no message",
    ] {
        assert!(lines.contains(reason), "{reason}\n{lines}");
    }
    assert_eq!(lines.matches("refused a message").count(), 8, "{lines}");
    // Of all but the one that is no message it is said what it wants, of what, by whom.
    assert_eq!(lines.matches(&format!(" (`release` for run {run}, key ")).count(), 5, "{lines}");
    assert!(play.inbox().list().unwrap().messages.is_empty());
    assert!(matches!(shell.summary(run).unwrap().state, State::Held { .. }));
    drop(shell);
    audit(&play.store());
}

#[test]
fn a_run_that_is_over_is_rolled_back_and_the_world_is_as_before() {
    let play = Play::new();
    let mut shell = play.shell();
    let run = play.play(&mut shell).run;
    play.say(OPERATOR, run, Order::Rollback { effects: Vec::new() }, now());
    assert_eq!(shell.run(Until::All).unwrap(), Rest::Reached);
    assert!(play.world.blocked().is_empty(), "{}", play.lines());
    assert!(shell.summary(run).unwrap().standing.is_empty());
    assert_eq!(shell.summaries().len(), 2, "the rollback is a run of its own");
    assert_eq!(play.world.count("unblock"), 1);
}

#[test]
fn who_cancels_a_run_that_is_acting_waits_for_the_answer_and_then_has_his_way() {
    let play = Play::new();
    let (door, at_it) = (Arc::new(Door::default()), Arc::new(Door::default()));
    let (closed, here, world) = (door.clone(), at_it.clone(), play.world.clone());
    play.world.behave(move |request| {
        request.call.action.ends_with(".block").then(|| {
            world.blocked.lock().unwrap().insert(String::from("203.0.113.7"));
            here.open();
            closed.wait();
            Ending::Done(Value::None)
        })
    });
    let mut shell = play.shell();
    let run = shell.start(&play.wanted()).unwrap().run;
    while play.world.count("block") == 0 {
        let event = shell.wait();
        shell.turn(event).unwrap();
    }
    at_it.wait();
    play.say(OPERATOR, run, Order::Cancel { undo: true }, now());
    shell.looked = None;
    shell.turn(Event::Passed).unwrap();
    assert_eq!(play.inbox().list().unwrap().messages.len(), 1, "it is kept until it is journaled");
    door.open();
    play.world.behave(|_| None);
    assert_eq!(shell.run(Until::Run(run)).unwrap(), Rest::Reached);
    let State::Ended { outcome, .. } = shell.summary(run).unwrap().state else { panic!() };
    assert_eq!((outcome, play.world.blocked().len()), ("cancelled", 0), "{}", play.lines());
    assert!(play.inbox().list().unwrap().messages.is_empty());
    assert_eq!(play.world.count("analysts"), 0);
}

const STORE: RunId = RunId([0; 16]);

fn halt() -> Order {
    Order::Halt { reason: "it blocks our own people".into() }
}

#[test]
fn a_halt_that_waits_is_heard_before_anything_begins() {
    let play = Play::new();
    drop(play.shell());
    play.say(OPERATOR, STORE, halt(), now());
    let mut shell = play.shell();
    let refused = shell.start(&play.wanted()).unwrap_err().to_string();
    assert!(refused.contains("halted") && refused.contains("by olga: it blocks"), "{refused}");
    assert!(play.world.calls().is_empty() && shell.summaries().is_empty());
    drop(shell);
    let mut shell = play.shell();
    assert!(matches!(shell.start(&play.wanted()), Err(StartError::Halted(_))), "it is durable");
    play.say(OPERATOR, STORE, Order::Resume, now());
    play.say(CI, STORE, Order::Resume, now());
    shell.run(Until::All).unwrap();
    assert!(play.lines().contains("only people may resume"), "{}", play.lines());
    assert!(matches!(shell.start(&play.wanted()), Err(StartError::Halted(_))), "one is not enough");
    play.say(DEPUTY, STORE, Order::Resume, now());
    shell.run(Until::All).unwrap();
    assert!(play.play(&mut shell).is_well(), "{}", play.lines());
    drop(shell);
    audit(&play.store());
}

/// Abuse case 24 once more, with the real loop: the answer that lets an act begin and
/// the halt come together.
#[test]
fn a_halt_is_heard_before_the_answer_that_lets_an_act_begin() {
    let play = Play::new();
    let door = Arc::new(Door::default());
    let closed = door.clone();
    play.world.behave(move |request| {
        if request.call.action.ends_with("is_blocked") {
            closed.wait();
        }
        None
    });
    let mut shell = play.shell();
    let run = shell.start(&play.wanted()).unwrap().run;
    play.say(CI, STORE, halt(), now());
    door.open();
    assert_eq!(shell.run(Until::Run(run)).unwrap(), Rest::Reached);
    let summary = shell.summary(run).unwrap();
    assert!(summary.halted.is_some_and(|halted| halted.all), "{}", play.lines());
    assert_eq!(play.world.count("block"), 0, "{}", play.lines());
    play.say(OPERATOR, STORE, Order::Resume, now());
    play.say(DEPUTY, STORE, Order::Resume, now());
    assert_eq!(shell.run(Until::Run(run)).unwrap(), Rest::Reached);
    assert!(shell.summary(run).unwrap().is_well(), "{}", play.lines());
    assert_eq!(play.world.count("block"), 1);
}
