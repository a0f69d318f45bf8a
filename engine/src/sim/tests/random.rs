//! Random playbooks in a random world, with random deaths and random words of
//! people: what must be true of every history is true of these.
//!
//! `RYE_ROUNDS` asks for so many others than the usual ones, by the seed that `RYE_SEED` is.

use core::fmt::Write as _;

use proptest::prelude::*;
use proptest::test_runner::{RngAlgorithm, TestRng, TestRunner};
use rye_core::effect::{Life, StepKind};

use super::*;
use crate::entry::{HoldReason, UndoResult, Why};
use crate::run::{ActState, ActStatus, RecordState};

const OTHER: RunId = RunId([9; 16]);

/// A piece of a playbook.
#[derive(Clone, Debug)]
enum Part {
    Block,
    Verified,
    Suspend,
    EndSessions,
    Ask,
    AskElse,
    /// Fails unless the address is blocked.
    Insist,
    Tell,
    Wait,
    Stage(&'static str, Vec<Part>),
    Keep(Vec<Part>),
    Attempt(Vec<Part>, Vec<Part>),
}

/// What a person does, or what happens, while everything is at rest.
#[derive(Clone, Debug)]
enum Word {
    Release(Release),
    Cancel {
        undo: bool,
    },
    Rollback,
    Settle {
        done: bool,
    },
    Pass {
        seconds: u32,
    },
    /// A second run of the same playbook begins.
    Begin,
    /// One person halts the run, or the whole store.
    Halt {
        all: bool,
    },
    /// One of three people wants it to go on.
    Resume {
        all: bool,
        owner: usize,
    },
    /// One of the acts, by its place in the list of those that stand.
    Renew(usize),
    LetGo(usize),
    /// A part of a run is rolled back.
    RollbackOne(usize),
    /// One of three people wants what a quota refused to pass.
    Lift {
        owner: usize,
    },
}

#[derive(Clone, Debug)]
struct Story {
    direction: &'static str,
    /// How many acts of each module there may be in an hour.
    room: u64,
    parts: Vec<Part>,
    end: &'static str,
    mode: Mode,
    odd: Vec<(&'static str, Odd)>,
    downtime: u32,
    deaths: Vec<usize>,
    words: Vec<(Word, Option<usize>)>,
}

impl Part {
    fn write(&self, code: &mut String, labels: &mut usize) {
        match self {
            Self::Block => code.push_str("do nothing, s_block\n"),
            Self::Verified => code.push_str("do nothing, s_verified\n"),
            Self::Suspend => code.push_str(SUSPEND),
            Self::EndSessions => code.push_str(END_SESSIONS),
            Self::Ask => code.push_str("ask found, s_ask\n"),
            Self::AskElse => {
                let label = next(labels);
                writeln!(code, "ask.else found, s_ask, l{label}\nl{label}:").unwrap();
            }
            Self::Insist => {
                let label = next(labels);
                let insist = "ask found, s_ask\njump.if found, ";
                writeln!(code, "{insist}l{label}\nfail text\nl{label}:").unwrap();
            }
            Self::Tell => code.push_str(TELL),
            // Two would be longer than the playbook's deadline.
            Self::Wait if code.contains("wait hour") => {}
            Self::Wait => code.push_str("wait hour, 3600000000\n"),
            Self::Stage(direction, parts) => {
                writeln!(code, "open.stage contain, {direction}").unwrap();
                write_all(parts, code, labels);
                code.push_str("close.frame\n");
            }
            Self::Keep(parts) => {
                code.push_str("open.frame keep\n");
                write_all(parts, code, labels);
                code.push_str("close.frame\n");
            }
            Self::Attempt(parts, recover) => {
                let (handler, after) = (next(labels), next(labels));
                writeln!(code, "open.attempt failure, l{handler}").unwrap();
                write_all(parts, code, labels);
                writeln!(code, "close.frame\njump l{after}\nl{handler}:").unwrap();
                write_all(recover, code, labels);
                writeln!(code, "close.frame\nl{after}:").unwrap();
            }
        }
    }
}

fn write_all(parts: &[Part], code: &mut String, labels: &mut usize) {
    for part in parts {
        part.write(code, labels);
    }
}

fn next(labels: &mut usize) -> usize {
    *labels += 1;
    *labels
}

fn parts() -> impl Strategy<Value = Vec<Part>> {
    let leaf = prop_oneof![
        4 => Just(Part::Block),
        1 => Just(Part::Verified),
        4 => Just(Part::Suspend),
        2 => Just(Part::EndSessions),
        1 => Just(Part::Ask),
        1 => Just(Part::AskElse),
        1 => Just(Part::Insist),
        1 => Just(Part::Tell),
        1 => Just(Part::Wait),
    ];
    let direction = prop_oneof![Just("undo"), Just("hold"), Just("inherit")];
    let part = leaf.prop_recursive(3, 12, 4, move |part| {
        let some = || prop::collection::vec(part.clone(), 1..4);
        prop_oneof![
            3 => (direction.clone(), some()).prop_map(|(way, parts)| Part::Stage(way, parts)),
            1 => some().prop_map(Part::Keep),
            2 => (some(), prop::collection::vec(part.clone(), 0..2))
                .prop_map(|(parts, recover)| Part::Attempt(parts, recover)),
        ]
    });
    prop::collection::vec(part, 1..6)
}

/// An answer that is not as it should be, and does not lie.
fn odd() -> impl Strategy<Value = (&'static str, Odd)> {
    let verb = prop_oneof![
        3 => Just("block"),
        3 => Just("suspend"),
        3 => Just("end_sessions"),
        3 => Just("is_blocked"),
        2 => Just("unblock"),
        2 => Just("restore"),
        1 => Just("analysts"),
    ];
    let nobody = Ending::NotSent("nobody there".into());
    let lost = || Ending::Unknown("the line went dead".into());
    let refused = Ending::refused(ErrorKind::Denied, "no");
    let half = || Ending::Refused {
        error: rye_core::error::Error::new(ErrorKind::Rejected, "half of it"),
        perhaps: true,
    };
    let unfit = Ending::Done(Value::text("maybe"));
    let odd = prop_oneof![
        Just(Odd { ending: nobody, takes_effect: false }),
        any::<bool>().prop_map(move |takes_effect| Odd { ending: lost(), takes_effect }),
        Just(Odd { ending: refused, takes_effect: false }),
        any::<bool>().prop_map(move |takes_effect| Odd { ending: half(), takes_effect }),
        Just(Odd { ending: unfit, takes_effect: true }),
    ];
    (verb, odd)
}

fn word() -> impl Strategy<Value = Word> {
    prop_oneof![
        3 => Just(Word::Release(Release::Continue)),
        2 => Just(Word::Release(Release::Undo)),
        1 => Just(Word::Release(Release::Keep)),
        1 => any::<bool>().prop_map(|undo| Word::Cancel { undo }),
        2 => Just(Word::Rollback),
        2 => any::<bool>().prop_map(|done| Word::Settle { done }),
        1 => prop_oneof![Just(60), Just(3_000), Just(8_000)]
            .prop_map(|seconds| Word::Pass { seconds }),
        1 => Just(Word::Begin),
        1 => any::<bool>().prop_map(|all| Word::Halt { all }),
        2 => (any::<bool>(), 0_usize..3).prop_map(|(all, owner)| Word::Resume { all, owner }),
        1 => (0_usize..4).prop_map(Word::Renew),
        2 => (0_usize..4).prop_map(Word::LetGo),
        1 => (0_usize..4).prop_map(Word::RollbackOne),
        3 => (0_usize..3).prop_map(|owner| Word::Lift { owner }),
    ]
}

fn stories() -> impl Strategy<Value = Story> {
    let end = prop_oneof![
        3 => Just(CONTAINED),
        1 => Just("constant text, done\nfinish benign, text\n"),
        1 => Just("fail text\n"),
    ];
    let mode = prop_oneof![6 => Just(Mode::Enforce), 1 => Just(Mode::Shadow)];
    let downtime = prop_oneof![3 => Just(1), 1 => Just(1_000), 1 => Just(4_000), 1 => Just(9_000)];
    (
        (prop_oneof![Just("undo"), Just("hold")], prop_oneof![2 => Just(1_000), 1 => 0_u64..3]),
        parts(),
        end,
        mode,
        prop::collection::vec(odd(), 0..8),
        downtime,
        prop::collection::vec(0_usize..60, 0..3),
        prop::collection::vec((word(), prop::option::weighted(0.3, 0_usize..20)), 0..6),
    )
        .prop_map(|((direction, room), parts, end, mode, odd, downtime, deaths, words)| {
            Story { direction, room, parts, end, mode, odd, downtime, deaths, words }
        })
}

impl Story {
    fn scene(&self) -> Sim<Town> {
        let mut code = String::from(LOAD);
        write_all(&self.parts, &mut code, &mut 0);
        code.push_str(self.end);
        let quota = |module: &str| {
            let (of, per) = (Counted::Acts(module.into()), Duration::from_secs(3_600));
            Quota { of, most: self.room, per }
        };
        let quotas = vec![quota("std.identity"), quota("std.firewall")];
        let mut sim = town_of(Site { quotas, ..site() }, &source(self.direction, &code));
        sim.downtime = Duration::from_secs(self.downtime);
        for (verb, odd) in &self.odd {
            sim.world.answers(verb, odd.ending.clone(), odd.takes_effect);
        }
        sim
    }

    fn play(&self) {
        let mut sim = self.scene();
        sim.die_at(self.deaths.iter().copied());
        sim.start(&beginning(RUN, self.mode)).unwrap();
        sim.check_story();
        for (number, (word, death)) in self.words.iter().enumerate() {
            sim.die_at(*death);
            sim.hear(word, u8::try_from(number).unwrap(), self.mode);
            sim.check_story();
        }
        sim.outlive();
    }

    /// Two runs at once: their commands are carried out in any order, and the
    /// process may die with some of them under way.
    fn interleave(&self, moves: &[Move]) {
        let mut sim = self.scene();
        let mut waiting = sim.begin(RUN);
        let mut words = self.words.iter().enumerate();
        for step in moves {
            match step {
                Move::CarryOut(index) if !waiting.is_empty() => {
                    let command = waiting.swap_remove(index.index(waiting.len()));
                    waiting.extend(sim.carry_out(&command));
                }
                Move::CarryOut(_) | Move::Pass => {
                    sim.forward(Duration::from_secs(7));
                    sim.engine.tick(sim.now);
                }
                Move::Die { lost } => {
                    let lost = lost.index(waiting.len() + 1);
                    for command in waiting.drain(..).take(lost) {
                        sim.world.invoke(&command.request);
                    }
                    sim.recover();
                }
                Move::Begin if sim.engine.halts().of_store().is_none() => {
                    waiting.extend(sim.begin(OTHER));
                }
                Move::Begin => {}
                Move::Hear => {
                    let Some((number, (word, _))) = words.next() else { continue };
                    if let Some(message) = sim.message(word, u8::try_from(number).unwrap()) {
                        let _ = sim.engine.say(&message, sim.now);
                    }
                }
            }
            waiting.extend(sim.wanted());
        }
        let mut waiting: VecDeque<Command> = waiting.into();
        while let Some(command) = waiting.pop_front() {
            waiting.extend(sim.carry_out(&command));
        }
        sim.rest();
        sim.check_story();
        sim.outlive();
    }
}

/// What happens next while two runs are under way.
#[derive(Clone, Debug)]
enum Move {
    CarryOut(prop::sample::Index),
    Pass,
    /// The process dies after as many commands were carried out, unheard.
    Die {
        lost: prop::sample::Index,
    },
    Begin,
    Hear,
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let step = prop_oneof![
        12 => any::<prop::sample::Index>().prop_map(Move::CarryOut),
        2 => Just(Move::Pass),
        1 => any::<prop::sample::Index>().prop_map(|lost| Move::Die { lost }),
        1 => Just(Move::Begin),
        2 => Just(Move::Hear),
    ];
    prop::collection::vec(step, 5..40)
}

impl Sim<Town> {
    /// What a person would say; none where there is nothing to say it about.
    fn message(&self, word: &Word, number: u8) -> Option<Message> {
        let verb = match word {
            Word::Release(how) => Verb::Release(*how),
            Word::Cancel { undo } => Verb::Cancel { undo: *undo },
            Word::Rollback => rollback(20 + number),
            Word::Settle { done } => match &self.run(RUN).phase {
                Phase::Held { reason: HoldReason::InDoubt(effect), .. } => {
                    Verb::Settle { effect: *effect, done: *done }
                }
                _ => return None,
            },
            Word::Halt { .. } => Verb::Halt { reason: "wrong people".into() },
            Word::Resume { .. } => Verb::Resume,
            Word::Renew(index) => {
                Verb::Renew { effect: self.standing(*index)?, span: Duration::from_secs(4_000) }
            }
            Word::LetGo(index) => Verb::LetGo { effect: self.standing(*index)? },
            Word::RollbackOne(index) => {
                let effects = vec![self.standing(*index)?];
                Verb::Rollback { as_run: RunId([20 + number; 16]), effects }
            }
            Word::Lift { .. } => Verb::Lift { effect: self.run(RUN).over_quota()? },
            Word::Pass { .. } | Word::Begin => return None,
        };
        let by = Said { key: KeyId([5; 32]), message: Digest([number; 32]) };
        let owners = ["ann", "bob", "eve"];
        let (run, owner) = match word {
            Word::Lift { owner } => (RUN, owners[*owner]),
            Word::Halt { all: true } => (RunId::default(), "ann"),
            Word::Resume { all, owner } => {
                let run = if *all { RunId::default() } else { RUN };
                (run, owners[*owner])
            }
            _ => (RUN, "ann"),
        };
        Some(Message { run, verb, by, owner: owner.into() })
    }

    /// One of the effects of the first run that stand.
    fn standing(&self, index: usize) -> Option<EffectId> {
        self.run(RUN).records().nth(index).map(|(effect, ..)| effect)
    }

    /// Whoever halted something has it go on.
    fn resume_all(&mut self) {
        let mut number = 200;
        for run in [RunId::default(), RUN] {
            while self.engine().halts().of(run).is_some() {
                let owner = ["ann", "bob", "eve"][usize::from(number % 3)];
                let by = Said { key: KeyId([5; 32]), message: Digest([number; 32]) };
                // Who said so before need not say it again.
                let _ = self.say(&Message { run, verb: Verb::Resume, by, owner: owner.into() });
                number += 1;
            }
        }
    }

    fn hear(&mut self, word: &Word, number: u8, mode: Mode) {
        match word {
            Word::Pass { seconds } => self.pass(Duration::from_secs(*seconds)),
            Word::Begin => match self.start(&beginning(OTHER, mode)) {
                Ok(()) | Err(StartError::Halted(_)) => {}
                Err(error) => panic!("{error:?}"),
            },
            word => {
                let Some(message) = self.message(word, number) else { return };
                // What makes no sense is refused; it need not make sense.
                let _ = self.say(&message);
                self.rest();
            }
        }
    }

    /// No life is longer than this, whatever its run is doing.
    pub(super) fn outlive(&mut self) {
        self.resume_all();
        self.pass(Duration::from_secs(20_000));
        for _ in 0..12 {
            self.pass(Duration::from_secs(300));
        }
        self.check_story();
        let outlives = |act: &ActState| {
            matches!((&act.record, act.act.life), (RecordState::Held { .. }, Life::For(_)))
        };
        assert!(!self.acts().any(outlives), "a life did not end");
    }

    fn acts(&self) -> impl Iterator<Item = &ActState> {
        self.engine().runs().values().flat_map(Run::acts).map(|(.., act)| act)
    }

    pub(super) fn check_story(&self) {
        self.check_any();
        self.check_alerts();
        self.check_world();
        self.check_undos();
        self.check_ends();
        self.check_repeats();
    }

    /// What stands in the world is recorded, and what is recorded without doubt
    /// stands in the world.
    fn check_world(&self) {
        for (name, there) in [("block", self.is_blocked()), ("suspend", self.is_suspended())] {
            let acts = || self.acts().filter(|act| act.act.call.action.ends_with(name));
            let recorded = acts().any(|act| act.record.stands());
            assert!(recorded || !there, "{name} stands, unrecorded:\n{}", self.history());
            let surely = acts().any(|act| {
                let held = matches!(act.record, RecordState::Held { .. });
                held && act.status == ActStatus::Done && !act.doubted && act.undo.is_none()
            });
            assert!(there || !surely, "{name} does not stand:\n{}", self.history());
        }
    }

    /// Nothing is undone twice, and each unwinding goes backwards.
    fn check_undos(&self) {
        let mut over: BTreeSet<(RunId, EffectId)> = BTreeSet::new();
        let mut last: BTreeMap<RunId, (EffectId, rye_core::effect::Position)> = BTreeMap::new();
        let mut places = BTreeMap::new();
        let mut ended = BTreeSet::new();
        for Entry { run, body, .. } in self.entries() {
            match body {
                Body::Intent { effect, place, .. } | Body::AlreadySo { effect, place, .. } => {
                    places.insert((run, effect), place.position);
                    over.remove(&(run, effect));
                }
                Body::Raised { .. }
                | Body::Benign { .. }
                | Body::Cancelled { .. }
                | Body::Released { .. } => {
                    last.remove(&run);
                }
                Body::LifeEnded { effect, .. } => _ = ended.insert((run, effect)),
                Body::LetGo { owner, effect, why, .. }
                | Body::UndoIntent { owner, effect, why, .. } => {
                    let is_over = over.contains(&(owner, effect));
                    assert!(!is_over, "undone twice");
                    let at = places[&(owner, effect)].clone();
                    if why != Why::Life
                        && !ended.contains(&(owner, effect))
                        && let Some((before, from)) = last.insert(run, (effect, at.clone()))
                    {
                        assert!(before == effect || at < from, "not backwards: {from} {at}");
                    }
                    if matches!(body, Body::LetGo { .. }) {
                        over.insert((owner, effect));
                    }
                }
                Body::UndoOutcome { owner, effect, result, .. }
                    if result.is_last() && result != UndoResult::Stuck =>
                {
                    over.insert((owner, effect));
                }
                _ => {}
            }
        }
    }

    /// A run that says that it took everything back did.
    fn check_ends(&self) {
        for run in self.engine().runs().values() {
            let Phase::Ended { outcome, .. } = &run.phase else { continue };
            let left = || {
                run.records().filter(|(_, effect, _)| {
                    !effect.place.position.0.iter().any(|step| step.kind == StepKind::Keep)
                })
            };
            if matches!(outcome, RunOutcome::RolledBack | RunOutcome::Benign) {
                assert_eq!(left().count(), 0, "{outcome:?}");
            }
            if *outcome == RunOutcome::Stuck && run.start().is_some() {
                let rolled_back =
                    self.engine().runs().values().any(|other| other.start().is_none());
                // A person can have it tried again later.
                let ended = run.acts().any(|(.., act)| act.life_ended.is_some());
                assert!(rolled_back || ended || run.records().count() > 0, "nothing is stuck");
            }
        }
    }

    /// What can be neither proved nor repeated is not done twice, unless a person
    /// says so.
    fn check_repeats(&self) {
        let asked = |entry: &&Entry| {
            matches!(
                entry.body,
                Body::Released { how: Release::Continue, .. } | Body::Lifted { enough: true, .. }
            )
        };
        let asked = self.entries().iter().filter(asked).count();
        for (verb, key) in &self.world.calls {
            if verb == "suspend" || verb == "end_sessions" {
                let times = self.world.perhaps.get(key).copied().unwrap_or_default();
                assert!(times <= 1 + asked, "{verb} was repeated blindly");
            }
        }
    }
}

/// A few stories that are always the same; other ones where a campaign says how many.
fn runner() -> TestRunner {
    let said = |name| std::env::var(name).ok().map(|word| word.parse::<u32>().unwrap());
    let rounds = said("RYE_ROUNDS");
    let config = ProptestConfig {
        cases: rounds.unwrap_or(400),
        failure_persistence: None,
        max_shrink_iters: 20_000,
        ..ProptestConfig::default()
    };
    let chance = match rounds {
        Some(_) => {
            let mut seed = [0; 32];
            seed[..4].copy_from_slice(&said("RYE_SEED").unwrap_or(1).to_be_bytes());
            TestRng::from_seed(RngAlgorithm::ChaCha, &seed)
        }
        None => TestRng::deterministic_rng(RngAlgorithm::ChaCha),
    };
    TestRunner::new_with_rng(config, chance)
}

#[test]
fn whatever_happens_nothing_is_lost() {
    let told = runner().run(&stories(), |story| {
        story.play();
        Ok(())
    });
    told.unwrap_or_else(|failure| panic!("{failure}"));
}

#[test]
fn whatever_happens_at_once_nothing_is_lost() {
    let told = runner().run(&(stories(), moves()), |(story, moves)| {
        story.interleave(&moves);
        Ok(())
    });
    told.unwrap_or_else(|failure| panic!("{failure}"));
}
