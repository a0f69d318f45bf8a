//! Adapters that hang, fail, or talk too much; a journal that can't be written; a
//! process that ends at a bad moment.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::sync::atomic::{AtomicUsize, Ordering};

use rye_core::id::JournalId;
use rye_engine::engine::{Engine, Site as EngineSite};
use rye_engine::entry::{Entry, Release};
use rye_engine::message::Order;
use rye_journal::store::Visit;
use rye_journal::verify::Report;
use rye_journal::{Durable, Head, Journal, JournalError, JournalStore, NewEntry, OwnedEntry};

use super::*;
use crate::fixture::{OPERATOR, now};
use crate::protect::Watch;

fn is(request: &Request, verb: &str) -> bool {
    request.call.action.ends_with(verb)
}

#[test]
fn an_adapter_that_panics_leaves_a_doubt_that_the_world_settles() {
    let play = Play::new();
    let tried = Arc::new(AtomicUsize::new(0));
    let count = tried.clone();
    play.world.behave(move |request| {
        let first = is(request, ".block") && count.fetch_add(1, Ordering::SeqCst) == 0;
        assert!(!first, "an adapter with a bug");
        None
    });
    let mut shell = play.shell();
    let run = play.play(&mut shell);
    assert!(run.is_well(), "{run:?}");
    assert_eq!(tried.load(Ordering::SeqCst), 2, "it had no effect, so it was tried again");
    assert!(play.lines().contains("nobody knows whether it was done: the adapter failed"));
}

#[test]
fn an_adapter_that_hangs_is_not_waited_for() {
    let play = Play::new();
    let door = Arc::new(Door::default());
    let closed = door.clone();
    let blocked = play.world.clone();
    play.world.behave(move |request| {
        if is(request, ".block") && request.attempt == 1 {
            // It takes effect, and says so when nobody listens any more.
            blocked.blocked.lock().unwrap().insert(String::from("203.0.113.7"));
            closed.wait();
            return Some(Ending::refused(rye_core::error::ErrorKind::Denied, "too late"));
        }
        None
    });
    let mut shell = play.shell();
    let run = play.play(&mut shell);
    assert!(run.is_well(), "{run:?}\n{}", play.lines());
    assert_eq!(play.world.count("block"), 1, "the world showed the effect");
    assert!(play.lines().contains("no answer in time"), "{}", play.lines());
    door.open();
}

#[test]
fn no_run_begins_whose_bundle_could_not_be_kept() {
    let play = Play::new();
    let wanted = Wanted { key: Some(String::from("alert 7")), ..play.wanted() };
    let (folder, aside) = (play.store().join("bundles"), play.store().join("aside"));
    let mut shell = play.shell();
    std::fs::rename(&folder, &aside).unwrap();
    let error = shell.start(&wanted).unwrap_err();
    assert!(matches!(error, StartError::Store(_)), "{error}");
    drop(shell);
    std::fs::rename(&aside, &folder).unwrap();
    let mut shell = play.shell();
    let started = shell.start(&wanted).unwrap();
    assert!(!started.before, "it had begun without its bundle");
    assert_eq!(shell.run(Until::Run(started.run)).unwrap(), Rest::Reached);
    assert!(shell.summary(started.run).unwrap().is_well());
}

#[test]
fn nothing_is_begun_while_nobody_could_be_heard() {
    let play = Play::new();
    let inbox = play.store().join("inbox");
    let (folder, aside) = (inbox.clone(), play.store().join("aside"));
    let moved = aside.clone();
    play.world.behave(move |request| {
        if is(request, ".is_blocked") && folder.is_dir() {
            std::fs::rename(&folder, &moved).unwrap();
        }
        None
    });
    let mut shell = play.shell();
    let started = shell.start(&play.wanted()).unwrap();
    let error = shell.run(Until::Run(started.run)).unwrap_err();
    assert!(error.to_string().contains("inbox"), "{error}");
    assert_eq!(play.world.count("block"), 0);
    drop(shell);
    play.world.behave(|_| None);
    std::fs::rename(&aside, &inbox).unwrap();
    let mut shell = play.shell();
    assert_eq!(shell.run(Until::All).unwrap(), Rest::Reached);
    assert!(shell.summary(started.run).unwrap().is_well());
    assert_eq!(play.world.count("block"), 1);
}

#[test]
fn an_answer_that_is_too_large_is_refused_and_an_error_is_cut() {
    let play = Play::new();
    play.world.behave(|request| match &*request.call.action {
        "std.firewall.is_blocked" => Some(Ending::Done(Value::text("x".repeat(1 << 20)))),
        _ => None,
    });
    let mut shell = play.shell();
    let run = play.play(&mut shell);
    let State::Held { reason, .. } = &run.state else { panic!("{run:?}") };
    assert!(reason.contains("the answer has more than 65536 bytes"), "{reason}");
    play.world.behave(|_| {
        let text = "é".repeat(10_000);
        Some(Ending::refused(rye_core::error::ErrorKind::Denied, text))
    });
    let run = play.play(&mut shell);
    let State::Held { reason, .. } = &run.state else { panic!("{run:?}") };
    assert!(reason.len() < 1_100, "{} bytes", reason.len());
    drop(shell);
    audit(&play.store());
}

#[test]
fn an_answer_of_another_type_is_the_playbooks_error() {
    let play = Play::new();
    play.world
        .behave(|request| is(request, ".is_blocked").then_some(Ending::Done(Value::text("maybe"))));
    let mut shell = play.shell();
    let run = play.play(&mut shell);
    let State::Held { reason, .. } = &run.state else { panic!("{run:?}") };
    assert!(reason.contains("rejected: the answer does not fit"), "{reason}");
}

/// How an append fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// Nothing is written.
    NotWritten,
    /// It is written, and the disk can't say that it is.
    NotSynced,
    /// It is written into what is kept free for that: the disk is full.
    Full,
    /// Nothing that is to be erased is overwritten.
    NotErased,
}

/// A journal that takes so many appends, and then none.
struct Failing {
    journal: Journal,
    left: usize,
    failure: Failure,
    world: Arc<World>,
    /// How often the world had been changed when it failed.
    changes: Arc<AtomicUsize>,
}

impl JournalStore for Failing {
    fn append(&mut self, group: Vec<NewEntry>) -> Result<Durable, JournalError> {
        if self.left > 0 {
            self.left -= 1;
            return self.journal.append(group);
        }
        self.changes.store(self.world.count("block"), Ordering::SeqCst);
        if self.failure == Failure::NotWritten {
            return Err(JournalError::Stopped);
        }
        let durable = self.journal.append(group)?;
        match self.failure {
            Failure::Full => Ok(Durable { on_reserve: true, ..durable }),
            _ => Err(JournalError::Stopped),
        }
    }

    fn get(&self, seq: u64) -> Result<Option<OwnedEntry>, JournalError> {
        self.journal.get(seq)
    }

    fn by_run(&self, run: RunId, from: u64, visit: &mut Visit<'_>) -> Result<(), JournalError> {
        self.journal.by_run(run, from, visit)
    }

    fn erase(&mut self, runs: &[RunId]) -> Result<u64, JournalError> {
        if self.failure == Failure::NotErased {
            return Err(JournalError::Stopped);
        }
        self.journal.erase(runs)
    }

    fn head(&self) -> Head {
        self.journal.head()
    }

    fn verify(&self, range: RangeInclusive<u64>) -> Result<Report, JournalError> {
        JournalStore::verify(&self.journal, range)
    }
}

impl Play {
    /// A shell whose journal takes `left` appends.
    pub(super) fn failing(
        &self,
        left: usize,
        failure: Failure,
        changes: &Arc<AtomicUsize>,
    ) -> Shell {
        drop(self.shell());
        let parts = self.parts();
        let now = parts.clock.now();
        let watch = Watch::begin(parts.surroundings.clone(), now).unwrap();
        let mut engine = Engine::new(EngineSite {
            protected: watch.protected(),
            undo_patience: parts.site.undo_patience,
            life_notice: parts.site.life_notice,
            operators: parts.operators,
            ..EngineSite::default()
        });
        let mut entries: Vec<Entry> = Vec::new();
        let opened = Journal::open(&self.store(), None, &mut |stored| {
            entries.push(crate::record::from_journal(stored).unwrap());
        });
        let journal = opened.unwrap().journal;
        let id: JournalId = journal.genesis().journal;
        for entry in &entries {
            engine.apply(entry);
        }
        let (world, changes) = (self.world.clone(), changes.clone());
        let failing = Failing { journal, left, failure, world, changes };
        let store = Store::over(Box::new(failing), id, &self.store());
        Shell::over(store, engine, watch, parts)
    }
}

/// Abuse case 19. Every append of the run fails once, in each way: the world is never
/// touched after that, and the next process brings the run to its end with one effect.
#[test]
fn journal_unwritable() {
    for (left, failure) in (0..7).flat_map(|left| {
        [Failure::NotWritten, Failure::NotSynced, Failure::Full].map(|failure| (left, failure))
    }) {
        let what = format!("{failure:?} after {left} appends");
        let play = Play::new();
        let changes = Arc::new(AtomicUsize::new(usize::MAX));
        let mut shell = play.failing(left, failure, &changes);
        let failed = match shell.start(&play.wanted()) {
            Ok(started) => match shell.run(Until::Run(started.run)) {
                Ok(_) => false,
                Err(error) => {
                    let is_full = matches!(error, StoreError::DiskFull);
                    assert_eq!(is_full, failure == Failure::Full, "{what}: {error}");
                    true
                }
            },
            Err(error) => {
                assert!(matches!(error, StartError::Store(_)), "{what}: {error}");
                true
            }
        };
        drop(shell);
        let before = changes.load(Ordering::SeqCst);
        assert!(failed || left >= 5, "{what}");
        assert!(!failed || play.world.count("block") == before, "{what}: {:?}", play.world.calls());
        assert_eq!(play.world.count("unblock"), 0, "{what}: what it contained stands");
        let mut shell = play.shell();
        assert_eq!(shell.run(Until::All).unwrap(), Rest::Reached);
        let runs = shell.summaries();
        assert!(runs.len() <= 1 && runs.iter().all(RunSummary::is_well), "{what}: {runs:?}");
        assert_eq!(play.world.count("block"), runs.len(), "{what}: {:?}", play.world.calls());
        assert_eq!(play.world.blocked().len(), runs.len(), "{what}");
        drop(shell);
        audit(&play.store());
    }
}

/// A process that dies between the word that a run is to be erased and its doing.
#[test]
fn what_a_process_died_before_erasing_is_erased_by_the_next() {
    let play = Play::new();
    let mut shell = play.shell();
    let run = play.play(&mut shell).run;
    play.say(OPERATOR, run, Order::Rollback { effects: Vec::new() }, now());
    assert_eq!(shell.run(Until::All).unwrap(), Rest::Reached);
    drop(shell);
    let is_known = || {
        let segments = std::fs::read_dir(play.store().join("journal")).unwrap();
        let mut segments = segments.map(|segment| std::fs::read(segment.unwrap().path()).unwrap());
        segments.any(|bytes| bytes.windows(11).any(|window| window == b"203.0.113.7"))
    };
    play.say(OPERATOR, run, Order::Erase { reason: "she wants it".into() }, now());
    let mut dying = play.failing(usize::MAX, Failure::NotErased, &Arc::default());
    let error = dying.run(Until::All).unwrap_err();
    assert!(matches!(error, StoreError::Journal(JournalError::Stopped)), "{error}");
    drop(dying);
    assert!(is_known() && play.lines().contains("she wants it"), "{}", play.lines());
    let shell = play.shell();
    assert!(!is_known(), "{}", play.lines());
    assert!(shell.summaries().is_empty());
    drop(shell);
    audit(&play.store());
}

#[test]
fn a_process_that_is_stopped_writes_down_the_answer_and_leaves_no_doubt() {
    let play = Play::new();
    let (door, at_it) = (Arc::new(Door::default()), Arc::new(Door::default()));
    let (closed, here) = (door.clone(), at_it.clone());
    play.world.behave(move |request| {
        if is(request, ".is_blocked") && request.attempt == 1 {
            here.open();
            closed.wait();
        }
        None
    });
    let mut shell = play.shell();
    let started = shell.start(&play.wanted()).unwrap();
    let stopper = shell.stopper();
    let opener = std::thread::spawn(move || {
        at_it.wait();
        stopper.stop();
        door.open();
    });
    assert_eq!(shell.run(Until::Run(started.run)).unwrap(), Rest::Stopped);
    opener.join().unwrap();
    assert_eq!(play.world.count("block"), 0, "no new effect was begun");
    drop(shell);
    play.world.behave(|_| None);
    let mut shell = play.shell();
    assert_eq!(shell.run(Until::All).unwrap(), Rest::Reached);
    assert!(shell.summary(started.run).unwrap().is_well());
    assert_eq!(play.world.count("block"), 1);
    assert!(!play.lines().contains("lost with the process"), "{}", play.lines());
}

#[test]
fn a_run_whose_bundle_nobody_may_use_any_more_is_held() {
    let play = Play::new();
    let shell = {
        let mut shell = play.shell();
        shell.start(&play.wanted()).unwrap();
        shell
    };
    drop(shell);
    let name = std::fs::read_dir(play.store().join("bundles")).unwrap().next().unwrap().unwrap();
    let mut bytes = std::fs::read(name.path()).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    std::fs::write(name.path(), bytes).unwrap();
    let mut shell = play.shell();
    shell.run(Until::All).unwrap();
    let runs = shell.summaries();
    assert!(matches!(runs[0].state, State::Held { .. }), "{runs:?}");
    assert!(play.lines().contains("may be used no longer: E_SIG_INVALID"), "{}", play.lines());
    drop(shell);
    audit(&play.store());
}

#[test]
fn a_run_whose_bundle_is_lost_is_held_and_goes_on_when_it_is_back() {
    let play = Play::new();
    let mut shell = play.shell();
    let run = shell.start(&play.wanted()).unwrap().run;
    drop(shell);
    let bundles = std::fs::read_dir(play.store().join("bundles")).unwrap();
    let files: Vec<_> = bundles.map(|file| file.unwrap().path()).collect();
    let kept: Vec<_> = files.iter().map(|file| std::fs::read(file).unwrap()).collect();
    for file in &files {
        std::fs::remove_file(file).unwrap();
    }
    let mut shell = play.shell();
    shell.run(Until::All).unwrap();
    let State::Held { reason, answers, .. } = shell.summaries().remove(0).state else { panic!() };
    assert!(reason.contains("the bundle can't be used"), "{reason}");
    assert_eq!(answers.len(), 2, "undo and keep: {answers:?}");
    assert!(play.lines().contains("may be used no longer: E_IO"), "{}", play.lines());
    play.say(OPERATOR, run, Order::Release(Release::Continue), now());
    shell.run(Until::All).unwrap();
    assert!(play.lines().contains("continue can't be answered to this hold"), "{}", play.lines());
    drop(shell);
    for (file, bytes) in files.iter().zip(kept) {
        std::fs::write(file, bytes).unwrap();
    }
    let mut shell = play.shell();
    play.say(OPERATOR, run, Order::Release(Release::Continue), now());
    shell.run(Until::All).unwrap();
    assert!(shell.summary(run).unwrap().is_well(), "{}", play.lines());
}

#[test]
fn a_run_whose_actions_nobody_carries_out_any_more_stops_the_start() {
    let play = Play::new();
    let mut shell = play.shell();
    shell.start(&play.wanted()).unwrap();
    drop(shell);
    let mut parts = play.parts();
    parts.loader = play.folder.loader(crate::loader::Registry::default());
    parts.adapters = Adapters::new(BTreeMap::<String, Box<dyn Adapter>>::new());
    let error = Shell::open(&play.store(), false, parts).unwrap_err().to_string();
    assert!(
        error.starts_with("the bundle of run ") && error.contains("bind `std.firewall`"),
        "{error}"
    );
}
