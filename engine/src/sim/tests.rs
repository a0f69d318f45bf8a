//! A site with a firewall, an account directory and people to tell; playbooks
//! in assembler; and what becomes of their runs when the world refuses, keeps
//! silent, or the process dies.

mod alerts;
mod amounts;
mod anywhere;
mod audit;
mod covers;
mod crash;
mod doubt;
mod erasures;
mod exhaustion;
mod failure;
mod guards;
mod halts;
mod holders;
mod keep;
mod lives;
mod modes;
mod people;
mod questions;
mod random;
mod releases;
mod replay;
mod review;
mod rollbacks;
mod task;
mod trust;
mod watch;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use rye_bytecode::verify::Options;
use rye_core::error::ErrorKind;
use rye_core::id::{EffectId, IdempotencyKey, KeyId};
use rye_core::mode::Mode;
use rye_core::value::Value;

use super::*;
use crate::audit::Audit;
use crate::engine::{Difference, Replay, Verb};
use crate::entry::{Release, RunOutcome, Said};
use crate::guardrail::quota::Counted;
use crate::guardrail::{Protected, Quota};
use crate::run::{Phase, RecordState, Run};

/// What the playbooks below share.
const SHARED: &str = include_str!("tests/shared.ryasm");

/// The world: what is blocked, who is suspended, who was told, and what it
/// answers instead of the truth.
#[derive(Debug, Default)]
struct Town {
    blocked: BTreeSet<String>,
    /// Under which key each was blocked.
    keys: BTreeMap<String, IdempotencyKey>,
    suspended: BTreeSet<String>,
    isolated: Option<String>,
    /// How something is enforced; empty as it was before us.
    mode: String,
    tags: BTreeSet<String>,
    told: Vec<String>,
    /// What operators read, and under which key.
    alerted: Vec<(String, IdempotencyKey)>,
    /// Every request, in order: the verb's last name and its key.
    calls: Vec<(String, IdempotencyKey)>,
    /// How often each key was used in a way that may have had its effect.
    perhaps: BTreeMap<IdempotencyKey, usize>,
    /// Answers that come instead, by the verb's last name, each used once.
    odd: BTreeMap<String, VecDeque<Odd>>,
}

/// An answer that is not the truth, and whether the deed is done all the same.
#[derive(Clone, Debug)]
struct Odd {
    ending: Ending,
    takes_effect: bool,
}

impl Town {
    fn answers(&mut self, verb: &str, ending: Ending, takes_effect: bool) {
        self.odd.entry(verb.into()).or_default().push_back(Odd { ending, takes_effect });
    }

    fn deed(&mut self, verb: &str, request: &Request) -> Ending {
        let target =
            request.call.arguments.first().map(|(_, value)| value.to_string()).unwrap_or_default();
        match verb {
            "block" => {
                if !self.blocked.insert(target.clone()) {
                    let is_own = self.keys.get(&target) == Some(&request.key);
                    return if is_own { Ending::Done } else { Ending::AlreadySo }(Value::None);
                }
                self.keys.insert(target, request.key);
            }
            "unblock" => {
                if self.blocked.contains(&target)
                    && self.keys.get(&target) != request.undoes.as_ref()
                {
                    return Ending::AlreadySo(Value::None);
                }
                self.blocked.remove(&target);
            }
            "is_blocked" => return Ending::Done(Value::Bool(self.blocked.contains(&target))),
            "isolate" => {
                let found = self.isolated.replace(String::from("ticket 7"));
                if found.is_some() {
                    return Ending::AlreadySo(Value::text("ticket of others"));
                }
                return Ending::Done(Value::text("ticket 7"));
            }
            "is_isolated" => return Ending::Done(Value::Bool(self.isolated.is_some())),
            "join" => self.isolated = None,
            "set_mode" => {
                let mode = request.call.argument("mode").map(ToString::to_string);
                self.mode = mode.unwrap_or_default();
            }
            "mode" => return Ending::Done(Value::text(self.mode.clone())),
            "tag" => _ = self.tags.insert(target),
            "untag" => _ = self.tags.remove(&target),
            "has_tag" => return Ending::Done(Value::Bool(self.tags.contains(&target))),
            "suspend" => {
                self.suspended.insert(target);
            }
            "restore" => {
                self.suspended.remove(&target);
            }
            "analysts" => self.told.push(target),
            "operators" => self.alerted.push((target, request.key)),
            _ => {}
        }
        Ending::Done(Value::None)
    }

    fn count(&self, verb: &str) -> usize {
        self.calls.iter().filter(|(called, _)| called == verb).count()
    }
}

impl World for Town {
    fn invoke(&mut self, request: &Request) -> Ending {
        let verb = request.call.action.rsplit('.').next().unwrap_or_default().to_string();
        // What the engine says of itself is no playbook's doing.
        if verb != "operators" {
            self.calls.push((verb.clone(), request.key));
        }
        let ending = match self.odd.get_mut(&verb).and_then(VecDeque::pop_front) {
            Some(Odd { ending, takes_effect: true }) => {
                let truth = self.deed(&verb, request);
                // Strange words are no lies about who did it.
                let is_own = !matches!(truth, Ending::AlreadySo(_));
                if is_own || !matches!(ending, Ending::Done(_)) { ending } else { truth }
            }
            Some(odd) => odd.ending,
            None => self.deed(&verb, request),
        };
        if !matches!(ending, Ending::NotSent(_) | Ending::Refused { perhaps: false, .. }) {
            *self.perhaps.entry(request.key).or_default() += 1;
        }
        ending
    }
}

const BUNDLE: Digest = Digest([1; 32]);
const RUN: RunId = RunId([7; 16]);

/// A site with the playbook `contain` whose body is `code`.
fn town(on_failure: &str, code: &str) -> Sim<Town> {
    town_with(on_failure, code, Protected::default())
}

fn town_with(on_failure: &str, code: &str, protected: Protected) -> Sim<Town> {
    town_of(Site { protected, ..site() }, &source(on_failure, code))
}

/// A site whose quotas are never reached: what counts towards them is audited all the
/// same.
fn site() -> Site {
    let quota = |of| Quota { of, most: 1_000, per: Duration::from_secs(3_600) };
    Site {
        undo_patience: Duration::from_secs(900),
        life_notice: Duration::from_secs(600),
        operators: true,
        quotas: vec![
            quota(Counted::Assets("Address".into())),
            quota(Counted::Acts("std.identity".into())),
        ],
        ..Site::default()
    }
}

/// The module with the playbook `contain`.
fn source(on_failure: &str, code: &str) -> String {
    let shared = needed(code);
    format!(
        "{shared}\nfunction main \"contain\" playbook (address: address) -> unit registers ({}) {{\n{code}\n}}\n\
         playbook \"contain\" main (\"address\") severity high deadline 2h on_failure {on_failure} \
         limit \"Account\" 1 limit \"Address\" 1\n",
        "nothing: unit, yes: bool, text: text, user: account, hour: duration, failure: error, \
         found: bool, watch: watch, next: int, until: time, index: int, low: int, one: int, high: int, \
         minute: duration, three: duration, approval: approval, decision: decision, zero: int, \
         brief: duration, users: accounts, verdict: verdict, mode: text, before: text"
    )
}

fn town_of(site: Site, source: &str) -> Sim<Town> {
    let module = rye_bytecode::assemble(source).unwrap_or_else(|error| panic!("{error}"));
    let verified =
        rye_bytecode::verify(module, Options::default()).unwrap_or_else(|error| panic!("{error}"));
    let mut sim = Sim::new(site, Town::default());
    sim.add_program(BUNDLE, Program::new(verified));
    sim
}

/// The shared lines that `code` needs: the verifier wants no site and no action
/// that nobody uses.
fn needed(code: &str) -> String {
    let mentions = |text: &str, name: &str| {
        text.split(|character: char| !(character.is_alphanumeric() || character == '_'))
            .any(|word| word == name)
    };
    let name = |line: &str| line.split(' ').nth(1).unwrap_or_default().to_string();
    let is_used = |line: &&str| mentions(code, &name(line));
    let is_used_site = |line: &&str| line.starts_with("site ") && is_used(line);
    let sites: String = SHARED.lines().filter(is_used_site).collect();
    SHARED
        .lines()
        .filter(|line| match line.split(' ').next() {
            Some("site" | "question") => is_used(line),
            Some("action") => mentions(&sites, &name(line)),
            _ => true,
        })
        .collect::<Vec<_>>()
        .join("\n")
}

fn beginning(run: RunId, mode: Mode) -> Beginning {
    Beginning {
        run,
        bundle: BUNDLE,
        playbook: 0,
        mode,
        starter: "ann".into(),
        settings: Vec::new(),
        input: br#"{"address": "203.0.113.7"}"#.as_slice().into(),
    }
}

/// All that a run holds is undone by the run of this number.
fn rollback(number: u8) -> Verb {
    Verb::Rollback { as_run: RunId([number; 16]), effects: Vec::new() }
}

/// The usual beginning of a body: the registers that sites use.
const LOAD: &str =
    "constant yes, yes\nconstant text, reason\nconstant user, ann\nconstant hour, hour\n";
/// Blocks for an hour, in a stage.
const BLOCK: &str = "open.stage contain, inherit\ndo nothing, s_block\nclose.frame\n";
/// Suspends the account: no proof, not idempotent, but with an undo.
const SUSPEND: &str = "do nothing, s_suspend\n";
/// Ends the sessions: no proof, not idempotent, nothing to undo.
const END_SESSIONS: &str = "do nothing, s_end\n";
const TELL: &str = "tell s_tell\n";
const CONTAINED: &str = "constant text, done\nfinish contained, text\n";

fn body(parts: &[&str]) -> String {
    [&[LOAD], parts].concat().concat()
}

impl Sim<Town> {
    fn enforce(&mut self) -> &Run {
        self.start(&beginning(RUN, Mode::Enforce)).unwrap();
        self.check();
        self.run(RUN)
    }

    fn run(&self, id: RunId) -> &Run {
        &self.engine().runs()[&id]
    }

    fn outcome(&self) -> Option<RunOutcome> {
        match &self.run(RUN).phase {
            Phase::Ended { outcome, .. } => Some(*outcome),
            _ => None,
        }
    }

    fn is_held(&self) -> bool {
        matches!(self.run(RUN).phase, Phase::Held { .. })
    }

    fn is_blocked(&self) -> bool {
        self.world.blocked.contains("203.0.113.7")
    }

    fn is_suspended(&self) -> bool {
        self.world.suspended.contains("ann")
    }

    fn verb(&mut self, verb: Verb) -> Result<(), String> {
        self.verb_to(RUN, verb)
    }

    fn verb_to(&mut self, run: RunId, verb: Verb) -> Result<(), String> {
        self.verb_of("ann", run, verb)
    }

    fn verb_of(&mut self, owner: &str, run: RunId, verb: Verb) -> Result<(), String> {
        let number = u8::try_from(self.entries().len()).unwrap_or(u8::MAX);
        let by = Said { key: KeyId([5; 32]), message: Digest([number; 32]) };
        let said = self.say(&Message { run, verb, by, owner: owner.into() });
        self.check();
        said
    }

    fn halt(&mut self, run: RunId) {
        self.verb_of("ann", run, Verb::Halt { reason: "wrong people".into() }).unwrap();
    }

    /// As many people as are needed say so.
    fn resume(&mut self, run: RunId) {
        for owner in ["ann", "bob"] {
            self.verb_of(owner, run, Verb::Resume).unwrap();
        }
    }

    /// The effect of the first act with this name.
    fn effect_of(&self, verb: &str) -> EffectId {
        let mut acts = self.run(RUN).acts();
        acts.find(|(.., act)| act.act.call.action.ends_with(verb)).map(|(id, ..)| id).unwrap()
    }

    fn release(&mut self, how: Release) {
        self.verb(Verb::Release(how)).unwrap();
    }

    /// What must be true of every history of runs that block at most once.
    fn check(&self) {
        self.check_any();
        // One effect has one key: no attempt of two keys does one thing.
        let acts: BTreeSet<_> =
            self.world.calls.iter().filter(|(verb, _)| verb == "block").collect();
        assert!(acts.len() <= self.engine().runs().len(), "{acts:?}");
    }

    /// What must be true of every history, wherever it stands still.
    fn check_any(&self) {
        let mut audit = Audit::default();
        for entry in self.entries() {
            assert_eq!(audit.check(&entry), None, "{entry:?}");
        }
        assert!(audit.untold().is_empty(), "{:?}", audit.untold());
        for id in self.engine().runs().keys() {
            let waits = self.engine().waits_for(*id);
            assert_ne!(waits, Some(WaitsFor::Nothing), "{id} waits for nothing");
            assert_ne!(waits, Some(WaitsFor::Adapter), "{id} waits for an answer that was given");
        }
        // What is held by the fold is there in the world, and the other way round.
        let held = self.engine().runs().values().flat_map(Run::records).count();
        let there = self.world.blocked.len()
            + self.world.suspended.len()
            + self.world.tags.len()
            + usize::from(!self.world.mode.is_empty());
        assert!(there <= held, "something stands that no record knows:\n{}", self.history());
        let rebuilt = self.rebuilt();
        assert_eq!(rebuilt.runs(), self.engine().runs(), "the fold differs from the engine");
        assert_eq!(
            rebuilt.holdings(),
            self.engine().holdings(),
            "the fold differs from the engine"
        );
        assert_eq!(rebuilt.books(), self.engine().books(), "the fold differs from the engine");
        assert_eq!(rebuilt.halts(), self.engine().halts(), "the fold differs from the engine");
        assert_eq!(rebuilt.alerts(), self.engine().alerts(), "the fold differs from the engine");
        let entries = self.entries();
        let is_known =
            |run: &&Run| run.start().is_some_and(|start| self.programs.contains_key(&start.bundle));
        for run in self.engine().runs().values().filter(is_known) {
            assert_eq!(self.replayed(run.id, &entries).err(), None, "{}", self.history());
        }
    }

    /// How many entries of a run say what its machine wants when it is done again from
    /// these entries, or the first that says something else.
    fn replayed(&self, run: RunId, entries: &[Entry]) -> Result<usize, (usize, Difference)> {
        let start = self.run(run).start().expect("a playbook");
        let program = self.programs[&start.bundle].clone();
        let mut replay = Replay::new(run, start.bundle, program, self.budget);
        for (at, entry) in entries.iter().enumerate() {
            replay.take(entry).map_err(|difference| (at, difference))?;
        }
        Ok(replay.compared())
    }

    /// The journal in short, for people.
    fn history(&self) -> String {
        let line = |Entry { run, body, .. }: &Entry| {
            let what = match body {
                Body::Intent { effect, act, .. } => format!("{effect} {}", act.call),
                Body::AlreadySo { effect, joined, .. } => format!("{effect} joined {joined}"),
                Body::Outcome { effect, ending, stands, .. } => {
                    format!("{effect} {ending:?} stands {stands}")
                }
                Body::Probed { effect, verdict, stands, .. } => {
                    format!("{effect} {verdict:?} stands {stands}")
                }
                Body::LetGo { effect, how, .. } => format!("{effect} {how:?}"),
                Body::Covered { effect, by_effect, .. } => format!("{effect} by {by_effect}"),
                Body::UndoIntent { effect, first_effect, .. } => {
                    format!("{effect} as {first_effect}")
                }
                Body::UndoOutcome { effect, ending, result, .. } => {
                    format!("{effect} {ending:?} {result:?}")
                }
                _ => String::new(),
            };
            format!("{run} {} {what}\n", body.word())
        };
        let calls = self.world.calls.iter().map(|(verb, key)| format!("{verb} {key}\n"));
        self.entries().iter().map(line).chain(calls).collect()
    }

    /// What a reader of the journal sees.
    fn rebuilt(&self) -> Engine {
        let mut engine = Engine::new(self.site.clone());
        for entry in self.entries() {
            engine.apply(&entry);
        }
        engine
    }
}

#[test]
fn a_run_without_trouble_ends_as_its_playbook_says() {
    let mut sim = town("hold", &body(&[BLOCK, SUSPEND, TELL, CONTAINED]));
    sim.enforce();
    assert_eq!(sim.outcome(), Some(RunOutcome::Contained));
    assert!(sim.is_blocked() && sim.is_suspended());
    assert_eq!(sim.world.told, ["scanned us"]);
    assert_eq!(sim.world.count("block"), 1);
}

#[test]
fn one_action_costs_two_entries_and_less_than_a_kibibyte() {
    let mut sim = town("hold", &body(&[BLOCK, CONTAINED]));
    sim.enforce();
    let words: Vec<_> = sim.entries().iter().map(|entry| entry.body.word()).collect();
    assert_eq!(words, ["run started", "intent", "outcome", "run ended"]);
    let bytes = |draft: &Draft| -> usize {
        draft.fields.iter().chain(&draft.values).map(|(_, bytes)| bytes.len() + 6).sum()
    };
    let action: usize = sim.journal.iter().skip(1).take(2).map(|(.., draft)| bytes(draft)).sum();
    assert!(action < 1024, "{action} bytes");
}

#[test]
fn starting_a_run_twice_is_starting_it_once() {
    let mut sim = town("hold", &body(&[BLOCK, CONTAINED]));
    sim.enforce();
    let before = sim.entries().len();
    sim.enforce();
    assert_eq!(sim.entries().len(), before);
}

#[test]
fn an_input_that_does_not_fit_begins_nothing() {
    let mut sim = town("hold", &body(&[BLOCK, CONTAINED]));
    let input = br#"{"address": 7}"#.as_slice().into();
    let refused = sim.start(&Beginning { input, ..beginning(RUN, Mode::Enforce) });
    assert!(matches!(refused, Err(StartError::Input(_))));
    assert!(sim.entries().is_empty());
}
