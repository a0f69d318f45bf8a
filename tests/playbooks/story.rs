//! A story of a playbook: an input, a world some of whose answers are odd, and what
//! people do meanwhile.

use std::collections::BTreeSet;

use rye_core::adapter::{Ending, Request};
use rye_core::digest::Digest;
use rye_core::error::ErrorKind;
use rye_core::id::{IdempotencyKey, KeyId, RunId};
use rye_core::value::{Duration, Name, Value};
use rye_engine::command::Purpose;
use rye_engine::engine::{Beginning, Message, StartError, Verb};
use rye_engine::entry::{Entry, HoldReason, RunOutcome, Said};
use rye_engine::guardrail::{Guarded, Protected};
use rye_engine::question::{Vote, Voter};
use rye_engine::run::Phase;
use rye_engine::sim::{Dispatch, Sim, World};

use crate::{beginning, end, play_at, program, sample, site};

/// The run of the story.
pub(crate) const RUN: RunId = RunId([1; 16]);
/// What stands for no run.
pub(crate) const STORE: RunId = RunId([0; 16]);
/// How often ten minutes pass until every question is decided.
const QUESTIONS_LAST: usize = 12;
/// After this every life that a clock ends is over.
const AFTERWARDS: Duration = Duration::from_secs(4 * 3_600);

/// A world that can be looked at.
pub(crate) trait Scene: World {
    /// What was done and can be taken back, as the calls that did it.
    fn stands(&self) -> BTreeSet<String>;
}

/// A story of a playbook: an input, a world, and what people answer.
pub(crate) struct Story<W> {
    /// What it is about.
    pub(crate) name: &'static str,
    /// The playbook.
    pub(crate) playbook: &'static str,
    /// Settings that are not as they come.
    pub(crate) settings: Vec<(&'static str, Value)>,
    /// Its input.
    pub(crate) input: String,
    /// The world in which it plays.
    pub(crate) world: fn() -> W,
    /// What other runs did before it.
    pub(crate) before: fn(&mut Play<W>),
    /// Answers that come instead of the truth.
    pub(crate) odd: Vec<Odd>,
    /// What people answer, one after the other.
    pub(crate) answers: Vec<Spoken>,
    /// What nothing may touch: assets by their kind and name.
    pub(crate) protected: Vec<(&'static str, Value)>,
    /// How it ends if nothing is in its way; without an end, a person is waited for.
    pub(crate) ends: Option<RunOutcome>,
}

/// An answer that comes instead of the truth, so many times.
#[derive(Clone)]
pub(crate) struct Odd {
    pub(crate) verb: &'static str,
    pub(crate) ending: Ending,
    takes_effect: bool,
    pub(crate) times: usize,
}

impl Odd {
    /// The world always says no to this.
    pub(crate) fn refused(verb: &'static str) -> Self {
        let ending = Ending::refused(ErrorKind::Denied, "not permitted");
        Self { verb, ending, takes_effect: false, times: usize::MAX }
    }

    /// Nobody is there, so many times.
    pub(crate) fn not_there(verb: &'static str, times: usize) -> Self {
        let ending = Ending::NotSent("nobody is there".into());
        Self { verb, ending, takes_effect: false, times }
    }

    /// It says that it was done, and never is.
    pub(crate) fn lie(verb: &'static str) -> Self {
        Self { verb, ending: Ending::Done(Value::None), takes_effect: false, times: usize::MAX }
    }

    /// It is done, and the answer gets lost, once.
    pub(crate) fn lost(verb: &'static str) -> Self {
        let ending = Ending::Unknown("the answer was lost".into());
        Self { verb, ending, takes_effect: true, times: 1 }
    }
}

/// What a person answers to the open question, after so long.
#[derive(Clone)]
pub(crate) struct Spoken {
    /// After how long.
    pub(crate) after: Duration,
    /// Who.
    pub(crate) owner: &'static str,
    /// As what.
    pub(crate) role: &'static str,
    /// What.
    pub(crate) vote: Vote,
}

/// A world some of whose answers are odd.
pub(crate) struct Stage<W> {
    /// The world.
    pub(crate) world: W,
    odd: Vec<Odd>,
}

impl<W: World> World for Stage<W> {
    fn invoke(&mut self, request: &Request) -> Ending {
        let is_meant = |odd: &&mut Odd| odd.times > 0 && odd.verb == &*request.call.action;
        let Some(odd) = self.odd.iter_mut().find(is_meant) else {
            return self.world.invoke(request);
        };
        odd.times = odd.times.saturating_sub(1);
        if odd.takes_effect {
            self.world.invoke(request);
        }
        odd.ending.clone()
    }
}

/// What is seen of a story when it stands still.
#[derive(Debug, PartialEq)]
pub(crate) struct Seen {
    /// What stands in the world.
    pub(crate) stands: BTreeSet<String>,
    /// How it ended, and what was said of it.
    pub(crate) end: Option<(RunOutcome, String)>,
}

pub(crate) type Play<W> = Sim<Stage<W>>;

impl<W: Scene> Story<W> {
    /// A story in which nothing is odd and nobody is asked.
    pub(crate) fn new(
        name: &'static str,
        playbook: &'static str,
        world: fn() -> W,
        ends: Option<RunOutcome>,
    ) -> Self {
        Self {
            name,
            playbook,
            settings: Vec::new(),
            input: sample(playbook),
            world,
            before: |_| (),
            odd: Vec::new(),
            answers: Vec::new(),
            protected: Vec::new(),
            ends,
        }
    }

    /// Before anything of it began.
    pub(crate) fn sim(&self) -> Play<W> {
        let guarded = self.protected.iter().map(|(kind, value)| {
            let (kind, value) = (Name::from(*kind), value.clone());
            (Guarded::Asset { kind, value }, Name::from("the site's list"))
        });
        let stage = Stage { world: (self.world)(), odd: self.odd.clone() };
        let mut sim = play_at(site(Protected::new(guarded.collect())), self.playbook, stage);
        (self.before)(&mut sim);
        sim
    }

    pub(crate) fn beginning(&self) -> Beginning {
        let mut beginning = beginning(self.playbook, 1, &self.input);
        let program = program(self.playbook);
        for (name, value) in &self.settings {
            let mut settings = program.module().settings.iter();
            let place =
                settings.position(|setting| setting.name.ends_with(name)).expect("a setting");
            *beginning.settings.get_mut(place).expect("a setting") = value.clone();
        }
        beginning
    }

    /// Plays it, with what was seen after each of its parts.
    pub(crate) fn tell(&self, sim: &mut Play<W>) -> Vec<Seen> {
        match sim.start(&self.beginning()) {
            Ok(()) => {}
            Err(StartError::Halted(_)) => {
                attend(sim);
                sim.start(&self.beginning()).expect("nothing is halted any more");
            }
            Err(error) => panic!("{error:?}"),
        }
        attend(sim);
        let mut seen = vec![Seen::of(sim)];
        for spoken in &self.answers {
            sim.pass(spoken.after);
            attend(sim);
            if let Some(request) = open_question(sim) {
                let (vote, voter) = (spoken.vote.clone(), spoken.voter());
                // Who may not answer is refused.
                let _ = speak(sim, RUN, Verb::Vote { request, vote, voter });
            }
            attend(sim);
            seen.push(Seen::of(sim));
        }
        ask_in_vain(sim);
        seen.push(Seen::of(sim));
        sim.pass(AFTERWARDS);
        attend(sim);
        seen.push(Seen::of(sim));
        seen
    }
}

impl Spoken {
    pub(crate) fn voter(&self) -> Voter {
        Voter { owner: self.owner.into(), roles: [self.role.into()].into() }
    }
}

impl Seen {
    pub(crate) fn of<W: Scene>(sim: &Play<W>) -> Self {
        let run = sim.engine().runs().get(&RUN);
        Self { stands: sim.world.world.stands(), end: run.and_then(|_| end(sim, 1)) }
    }
}

pub(crate) fn speak<W: World>(sim: &mut Sim<W>, run: RunId, verb: Verb) -> Result<(), String> {
    speak_as(sim, "ann", run, verb)
}

fn speak_as<W: World>(sim: &mut Sim<W>, owner: &str, run: RunId, verb: Verb) -> Result<(), String> {
    // No two are said at the same entry.
    let entries = u64::try_from(sim.entries().len()).expect("fewer entries");
    let mut message = Digest::default();
    message.0.iter_mut().zip(entries.to_be_bytes()).for_each(|(to, byte)| *to = byte);
    let by = Said { key: KeyId([5; 32]), message };
    sim.say(&Message { run, verb, by, owner: owner.into() })
}

/// What people do at once: two let go on what is halted, and one looks what became of
/// an effect in doubt, and says it.
pub(crate) fn attend<W: World>(sim: &mut Sim<W>) {
    for scope in [STORE, RUN] {
        while sim.engine().halts().of(scope).is_some() {
            for owner in ["ann", "bob"] {
                speak_as(sim, owner, scope, Verb::Resume).expect("it is halted");
            }
        }
    }
    while let Some(Phase::Held { reason: HoldReason::InDoubt(effect), .. }) = phase(sim) {
        let (effect, key) = (*effect, IdempotencyKey::of_act(RUN, *effect));
        let did = |dispatch: &Dispatch| {
            dispatch.request.key == key
                && dispatch.purpose == Purpose::Act
                && matches!(dispatch.ending, Ending::Done(_))
        };
        let done = sim.dispatches().iter().any(did);
        speak(sim, RUN, Verb::Settle { effect, done }).expect("it is in doubt");
    }
}

pub(crate) fn phase<W: World>(sim: &Sim<W>) -> Option<&Phase> {
    sim.engine().runs().get(&RUN).map(|run| &run.phase)
}

/// Nobody answers what is still open, until it is decided.
pub(crate) fn ask_in_vain<W: World>(sim: &mut Sim<W>) {
    for _ in 0..QUESTIONS_LAST {
        if open_question(sim).is_none() {
            return;
        }
        sim.pass(Duration::from_secs(600));
        attend(sim);
    }
    assert!(open_question(sim).is_none(), "a question stays open");
}

pub(crate) fn open_question<W: World>(sim: &Sim<W>) -> Option<Digest> {
    sim.engine().open_questions().map(|(.., state)| state.digest).next()
}

/// The journal in short, for people.
pub(crate) fn history<W: World>(sim: &Sim<W>) -> String {
    let line =
        |entry: &Entry| format!("{} {:?}\n", entry.run, entry.body).chars().take(300).collect();
    sim.entries().iter().map(line).collect::<Vec<String>>().join("\n")
}
