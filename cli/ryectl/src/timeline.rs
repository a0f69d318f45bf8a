//! A run's entries as moments that a person can follow: one for each thing that
//! happened, with what came of it.

use std::collections::BTreeMap;

use rye_core::adapter::Ending;
use rye_core::effect::{Act, Call, UndoPlan};
use rye_core::id::{EffectId, IdempotencyKey, RunId};
use rye_core::question::{Question, Subject};
use rye_core::value::{Duration, Name, Value};
use rye_engine::engine::Engine;
use rye_engine::entry::{Answer, Body, Entry, LetGo, Said, Then, UndoResult, Verdict, Why};
use rye_engine::question::{DecidedBy, decision_words};
use rye_engine::run::Run;
use rye_engine::stamp::Stamp;
use serde_json::json;

use crate::store::Store;

/// One thing that happened.
#[derive(Clone, Debug)]
pub(crate) struct Moment {
    /// When it began.
    pub(crate) at: Stamp,
    /// In which stage; empty outside of stages.
    pub(crate) stage: Name,
    /// What happened.
    pub(crate) text: String,
    /// What came of it.
    pub(crate) details: Vec<String>,
    /// The effect, if it is one.
    effect: Option<EffectId>,
}

impl Moment {
    /// How long after the beginning of its run.
    pub(crate) fn offset(&self, began: Stamp) -> String {
        let span = self.at.wall.saturating_since(began.wall);
        // Below a millisecond nobody looks.
        format!("+{}", Duration(span.0 / 1_000 * 1_000))
    }

    /// For a program.
    pub(crate) fn to_json(&self) -> serde_json::Value {
        json!({
            "at": self.at.wall.to_string(),
            "stage": &*self.stage,
            "what": self.text,
            "details": self.details,
            "effect": self.effect.map(|effect| effect.to_string()),
        })
    }
}

/// The moments of a run.
pub(crate) fn of(store: &Store, run: &Run) -> Vec<Moment> {
    let mut timeline = Timeline {
        engine: &store.engine,
        run: run.id,
        moments: Vec::new(),
        by_effect: BTreeMap::new(),
        stage: "".into(),
    };
    for entry in store.entries_of(run.id) {
        timeline.take(entry);
    }
    timeline.moments
}

struct Timeline<'a> {
    engine: &'a Engine,
    run: RunId,
    moments: Vec<Moment>,
    by_effect: BTreeMap<EffectId, usize>,
    stage: Name,
}

impl Timeline<'_> {
    fn take(&mut self, entry: &Entry) {
        let at = entry.at;
        match &entry.body {
            Body::Asked { effect, place, call, attempts, said, answer } => {
                let index = self.begin(at, *effect, &place.stage, format!("ask   {call}"));
                let tries =
                    if *attempts > 1 { format!(", {attempts} attempts") } else { String::new() };
                self.detail(index, format!("{}{tries}", answered(answer)));
                let told = answer.as_ref().err().map(|error| &error.text);
                if let Some(said) = said.as_ref().filter(|said| Some(*said) != told) {
                    self.detail(index, format!("it was said: {said}"));
                }
            }
            Body::Refused { effect, place, call, rule, .. } => {
                let index = self.begin(at, *effect, &place.stage, format!("do    {call}"));
                self.detail(index, format!("refused by a guardrail: {rule}"));
            }
            Body::Simulated { effect, place, act, looked, .. } => {
                let index =
                    self.begin(at, *effect, &place.stage, format!("would do  {}", act.call));
                if let Some(Verdict::Unclear) = looked {
                    self.detail(index, format!("{}, so it may fail", shown(Verdict::Unclear)));
                }
                self.plan(index, act);
            }
            Body::AlreadySo { effect, place, act, joined, .. } => {
                let index = self.begin(at, *effect, &place.stage, format!("do    {}", act.call));
                self.detail(
                    index,
                    String::from(if *joined {
                        "already so: another run holds it, this one does now too"
                    } else {
                        "already so, and not by us: nothing was done, nothing will be undone"
                    }),
                );
            }
            Body::Intent { effect, place, act, counts } => {
                let index = self.begin(at, *effect, &place.stage, format!("do    {}", act.call));
                let key = IdempotencyKey::of_act(self.run, *effect).to_string();
                self.detail(index, format!("effect {effect}  key {}…", head(&key)));
                for count in counts {
                    self.detail(index, format!("number {count}"));
                }
                self.plan(index, act);
            }
            Body::Attempted { effect, attempt } => {
                self.add(*effect, format!("attempt {attempt} at {}", at.wall));
            }
            Body::Outcome { effect, attempt, ending, .. } => {
                let took = self.since(*effect, at);
                self.add(*effect, format!("attempt {attempt}: {} (after {took})", ended(ending)));
            }
            Body::Probed { effect, verdict, said, .. } => {
                let said = said.as_ref().map(|said| format!(": {said}")).unwrap_or_default();
                self.add(*effect, format!("{}{said}", shown(*verdict)));
            }
            Body::Settled { effect, done, by, answer } => {
                self.add(*effect, settled(*done, by, answer));
            }
            Body::Told { effect, place, notice, delivered } => {
                let text = format!("tell  {}", notice.call);
                let index = self.begin(at, *effect, &place.stage, text);
                if !delivered {
                    self.detail(index, String::from("recorded only: the mode sends nothing"));
                }
            }
            Body::Delivered { effect, attempt, ending, last } => {
                let more = if *last { "" } else { ", will be tried again" };
                self.add(*effect, format!("attempt {attempt}: {}{more}", ended(ending)));
            }
            Body::Waiting { effect, place, until } => {
                self.begin(at, *effect, &place.stage, format!("wait  until {until}"));
            }
            Body::Waited { effect, place, .. } if entry.body.is_not_checked() => {
                let text = String::from("look  not checked: nothing is real in this mode");
                self.begin(at, *effect, &place.stage, text);
            }
            Body::Waited { .. } => {}
            Body::Requested { effect, place, question } => {
                let text = format!("ask   people: {}", question.text);
                let index = self.begin(at, *effect, &place.stage, text);
                self.question(index, question);
            }
            Body::Voted { effect, by, owner, vote } => {
                let (key, took) = (by.key.to_string(), self.since(*effect, at));
                self.add(*effect, format!("{owner}: {vote} (after {took}, key {}…)", head(&key)));
            }
            Body::Escalated { effect } => {
                self.add(*effect, format!("others are asked as well at {}", at.wall));
            }
            Body::Decided { effect, how, answer } => self.add(*effect, decided(*how, answer)),
            other => self.letting_go(at, other),
        }
    }

    /// How long an effect stands, and how it is taken back.
    fn letting_go(&mut self, at: Stamp, body: &Body) {
        match body {
            Body::Renewed { effect, span, by } => self.add(*effect, renewed(*span, at, by)),
            Body::LifeEnded { effect, by } => self.add(*effect, life_ended(by)),
            Body::LetGo { effect, why, how, .. } => {
                self.add(*effect, format!("let go {} ({})", reason_of(*why), left(*how)));
            }
            Body::Covered { effect, why, by_run, by_effect, .. } => {
                let (run, by) = (by_run.to_string(), by_effect.to_string());
                let later = format!("effect {} of run {}", head(&by), head(&run));
                self.add(
                    *effect,
                    format!("undo  {} waits for {later}, which came later", reason_of(*why)),
                );
            }
            Body::UndoIntent { effect, why, attempt, call, .. } => {
                self.add(*effect, format!("undo  {call} {} (attempt {attempt})", reason_of(*why)));
            }
            Body::UndoOutcome { effect, ending, result, .. } => {
                self.add(*effect, format!("undo  {}", undone(*result, ending)));
            }
            other => self.run_as_a_whole(at, other),
        }
    }

    /// What is not about one effect.
    fn run_as_a_whole(&mut self, at: Stamp, body: &Body) {
        let text = match body {
            Body::Raised { error, at: place, undo, then } => {
                let then = match then {
                    Then::Recover => "recover",
                    Then::Hold(_) => "hold",
                    Then::End => "end",
                };
                let first = if undo.is_some() { "undo, then " } else { "" };
                format!("error {error} in {place}: {first}{then}")
            }
            Body::Benign { text } => format!("benign {text}: undo what is held"),
            Body::Held { reason: why } => {
                format!("held  {}", self.engine.why_held(self.run, why))
            }
            Body::Released { how, by } => {
                format!("a person answers: {} (key {}…)", how.word(), head(&by.key.to_string()))
            }
            Body::Cancelled { undo, by } => {
                let fate = if *undo { "undo" } else { "keep" };
                format!("a person cancels: {fate} (key {}…)", head(&by.key.to_string()))
            }
            Body::Halted { reason, owner, .. } => format!("halt  by {owner}: {reason}"),
            Body::Resumed { owner, lifted: true, .. } => format!("resume  by {owner}"),
            Body::Resumed { owner, lifted: false, .. } => {
                format!("resume  wanted by {owner}; one more owner is needed")
            }
            Body::Lifted { owner, enough: true, .. } => {
                format!("lift  by {owner}: no quota stops it")
            }
            Body::Lifted { owner, enough: false, .. } => {
                format!("lift  wanted by {owner}; one more owner is needed")
            }
            Body::Alerted { alert, notice, delivered, .. } => {
                return self.alerted(at, *alert, &notice.call, *delivered);
            }
            Body::Ended { outcome, text } => format!("end   {}  {text}", outcome.word()),
            _ => return,
        };
        let stage = self.stage.clone();
        self.moments.push(Moment { at, stage, text, details: Vec::new(), effect: None });
    }

    fn begin(&mut self, at: Stamp, effect: EffectId, stage: &Name, text: String) -> usize {
        self.stage = stage.clone();
        let moment =
            Moment { at, stage: stage.clone(), text, details: Vec::new(), effect: Some(effect) };
        self.moments.push(moment);
        let index = self.moments.len().saturating_sub(1);
        self.by_effect.insert(effect, index);
        index
    }

    /// What operators are told by the engine itself.
    fn alerted(&mut self, at: Stamp, alert: EffectId, call: &Call, goes_out: bool) {
        let text = call.argument("text").map(ToString::to_string).unwrap_or_default();
        let stage = self.stage.clone();
        let index = self.begin(at, alert, &stage, format!("alert {text}"));
        if !goes_out {
            let why = "recorded only: the mode sends nothing, or there is nobody to tell";
            self.detail(index, String::from(why));
        }
    }

    fn plan(&mut self, index: usize, act: &Act) {
        self.detail(index, undo_of(&act.undo));
    }

    /// Who is asked, and all that a yes allows.
    fn question(&mut self, index: usize, question: &Question) {
        let (count, roles, within) = (question.count, question.roles.join(", "), question.within);
        self.detail(index, format!("{count} of {roles} within {within}"));
        match &question.subject {
            Subject::Approval { boxes, .. } => {
                for (number, one) in (1_u32..).zip(boxes) {
                    for effect in &one.effects {
                        let undo = &effect.undo;
                        self.detail(index, format!("box {number}: {}, {undo}", effect.call));
                    }
                }
            }
            Subject::Choice { values, .. } => self.detail(index, values.join(", ")),
        }
    }

    fn detail(&mut self, index: usize, text: String) {
        if let Some(moment) = self.moments.get_mut(index) {
            moment.details.push(text);
        }
    }

    fn add(&mut self, effect: EffectId, text: String) {
        if let Some(index) = self.by_effect.get(&effect) {
            self.detail(*index, text);
        }
    }

    fn since(&self, effect: EffectId, at: Stamp) -> Duration {
        let began = self.by_effect.get(&effect).and_then(|index| self.moments.get(*index));
        began.map_or(Duration::ZERO, |moment| at.wall.saturating_since(moment.at.wall))
    }
}

fn decided(how: DecidedBy, answer: &Answer) -> String {
    let what = decision_words(answer);
    let by = match how {
        DecidedBy::People => "people",
        DecidedBy::Time => "the end of the time to answer",
        DecidedBy::Condition => "the playbook's own condition",
        DecidedBy::Mode => "the mode, which waits for nobody (would ask)",
    };
    format!("decided by {by}: {what}")
}

fn answered(answer: &Answer) -> String {
    match answer {
        Ok(Value::None) => String::from("done"),
        Ok(value) => format!("= {value}"),
        Err(error) => format!("failed: {error}"),
    }
}

/// How an act is taken back, in words.
pub(crate) fn undo_of(plan: &UndoPlan) -> String {
    match plan {
        UndoPlan::Call { call, .. } => format!("undo by {call}"),
        UndoPlan::None => String::from("needs no undo"),
        UndoPlan::Irreversible => String::from("irreversible"),
    }
}

/// How an attempt ended, in words.
pub(crate) fn ended(ending: &Ending) -> String {
    match ending {
        Ending::Done(Value::None) => String::from("done"),
        Ending::Done(value) => format!("done = {value}"),
        Ending::AlreadySo(_) => String::from("already so"),
        Ending::Refused { error, perhaps: false } => format!("refused: {error}"),
        Ending::Refused { error, perhaps: true } => format!("refused half-way: {error}"),
        Ending::NotSent(text) => format!("not sent: {text}"),
        Ending::Unknown(text) => format!("in doubt: {text}"),
    }
}

fn settled(done: bool, by: &Said, answer: &Answer) -> String {
    let word = if done { "took effect" } else { "did not take effect" };
    let told = match answer {
        Ok(Value::None) | Err(_) => String::new(),
        Ok(simulated) => format!("; the playbook is told what is simulated: {simulated}"),
    };
    format!("a person says that it {word} (key {}…){told}", head(&by.key.to_string()))
}

fn renewed(span: Duration, at: Stamp, by: &Said) -> String {
    format!("a person: {span} more from {} (key {}…)", at.wall, head(&by.key.to_string()))
}

fn life_ended(by: &Said) -> String {
    format!("a person: let go (key {}…)", head(&by.key.to_string()))
}

fn shown(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Stands => "the world shows it",
        Verdict::Gone => "the world does not show it",
        Verdict::Unclear => "the world gave no answer",
    }
}

fn reason_of(why: Why) -> &'static str {
    match why {
        Why::Failure => "after a failure",
        Why::Life => "because its life is over",
        Why::Benign => "because it was a false alarm",
        Why::Person => "because a person said so",
        Why::Release => "because a playbook released it",
    }
}

fn left(how: LetGo) -> &'static str {
    match how {
        LetGo::StillHeld => "others hold it still",
        LetGo::ChangedByOthers => "left alone: changed by others",
        LetGo::NothingToUndo => "nothing to undo",
    }
}

fn undone(result: UndoResult, ending: &Ending) -> String {
    match result {
        UndoResult::Undone => String::from("done"),
        UndoResult::Again => format!("{}, will be tried again", ended(ending)),
        UndoResult::Stuck => format!("STUCK: {}", ended(ending)),
        UndoResult::StillShown => String::from(
            "done, but the world shows the effect all the same: something else causes it",
        ),
        UndoResult::LeftAlone => format!("left alone: {}", ended(ending)),
    }
}

/// Enough of an id or key for a person.
pub(crate) fn head(text: &str) -> &str {
    text.get(..12).unwrap_or(text)
}
