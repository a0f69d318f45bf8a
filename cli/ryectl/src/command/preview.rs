//! What an order will do, for whoever is about to sign it: the run, each effect that it
//! touches with what takes it back, and what happens then. Everything that is signed is
//! shown here, but for a halt: that only stops, and must be said fast.

use std::path::Path;

use rye_core::id::{EffectId, RunId};
use rye_core::value::Duration;
use rye_engine::effects;
use rye_engine::entry::{HoldReason, Release};
use rye_engine::halt::RESUMERS;
use rye_engine::message::Order;
use rye_engine::run::{ActState, LIFTERS, Origin, Phase, Run};

use crate::command::{contained, requests, runs};
use crate::held;
use crate::store::{self, Store, now};
use crate::timeline::{head, undo_of};

/// A store, and where it is.
#[derive(Clone, Copy)]
pub(super) struct Seen<'a> {
    pub(super) path: &'a Path,
    pub(super) store: &'a Store,
}

impl Seen<'_> {
    /// What `order` will do to a run, or to everything where `run` stands for none.
    pub(super) fn preview(&self, run: RunId, order: &Order) -> Vec<String> {
        match order {
            Order::Halt { .. } => Vec::new(),
            Order::Resume => self.resumed(run),
            Order::Vote { request, .. } => {
                let mut open = requests::open(self.store).into_iter();
                let asked = open.find(|(_, state)| state.digest == *request);
                asked.map(|open| requests::lines(self.store, open)).unwrap_or_default()
            }
            _ => match self.store.engine.runs().get(&run) {
                Some(run) => [vec![self.named(run)], self.done_to(run, order)].concat(),
                None => Vec::new(),
            },
        }
    }

    fn named(&self, run: &Run) -> String {
        let (what, state) = (runs::what(run), runs::state(self.store, run));
        format!("run       {} {what}, {} mode: {state}", run.id, run.mode())
    }

    /// What is done to one run.
    fn done_to(&self, run: &Run, order: &Order) -> Vec<String> {
        match order {
            Order::Cancel { undo: true } => {
                self.undone(run, &[], "the run ends now, and of what it did, this is undone")
            }
            Order::Cancel { undo: false } | Order::Release(Release::Keep) => self.kept(run),
            Order::Rollback { effects } => self.undone(run, effects, "this is undone"),
            Order::Settle { effect, done } => self.settled(run, *effect, *done),
            Order::Release(Release::Continue) => self.continued(run),
            Order::Release(Release::Undo) => {
                let what = match &run.phase {
                    Phase::Held { reason: HoldReason::Error(_), .. } => {
                        "the error goes on outward: until a `recover` takes it, this is undone"
                    }
                    _ => "the run ends, and of what it did, this is undone",
                };
                self.undone(run, &[], what)
            }
            Order::Lift { effect } => self.lifted(run, *effect),
            Order::Renew { effect, span } => self.renewed(run, *effect, *span),
            Order::LetGo { effect } => {
                self.effects(run, &[*effect], "nothing of it stands", "this ends now")
            }
            Order::Erase { .. } => self.erased(run),
            Order::Halt { .. } | Order::Resume | Order::Vote { .. } => Vec::new(),
        }
    }

    /// What is taken back of a run, in that order; all of it where nothing is named.
    fn undone(&self, run: &Run, only: &[EffectId], what: &str) -> Vec<String> {
        let standing = run.records().map(|(effect, ..)| effect);
        let mut undone: Vec<EffectId> =
            standing.filter(|effect| only.is_empty() || only.contains(effect)).collect();
        undone.reverse();
        let what = if undone.len() > 1 { format!("{what}, in this order") } else { what.into() };
        self.effects(run, &undone, "nothing stands that could be undone", &what)
    }

    fn kept(&self, run: &Run) -> Vec<String> {
        let standing: Vec<EffectId> = run.records().map(|(effect, ..)| effect).collect();
        let what = "the run ends, and this stays until it is rolled back or its time is over";
        self.effects(run, &standing, "the run ends; nothing that it did stands", what)
    }

    fn continued(&self, run: &Run) -> Vec<String> {
        let may = self.store.engine.may_answer(run.id);
        let again = match run.failed {
            _ if !may.contains(&Release::Continue) => {
                let words: Vec<&str> = may.iter().map(|how| how.word()).collect();
                format!("it can't go on as it is; what can be answered: {}", words.join(", "))
            }
            Some(effect) => format!("tried again: {}", self.store.engine.call_of(run.id, effect)),
            None => String::from("the run goes on where it was"),
        };
        vec![format!("then      {again}")]
    }

    fn settled(&self, run: &Run, effect: EffectId, done: bool) -> Vec<String> {
        let call = self.store.engine.call_of(run.id, effect);
        let then = if done {
            "you say that it took place: the run goes on, and holds it"
        } else {
            "you say that it did not take place: the playbook sees the error `unavailable`"
        };
        vec![format!("effect    {call}"), format!("then      {then}")]
    }

    fn lifted(&self, run: &Run, effect: EffectId) -> Vec<String> {
        let call = self.store.engine.call_of(run.id, effect);
        let said = contained::said_so(run.lifts.get(&effect).map(|lift| &lift.owners));
        vec![
            format!("refused   {call}"),
            format!("then      it is done all the same, once {LIFTERS} owners say so{said}"),
        ]
    }

    fn renewed(&self, run: &Run, effect: EffectId, span: Duration) -> Vec<String> {
        let until = held::second(now().saturating_add(span));
        let what = format!("this stands until {until} at least");
        self.effects(run, &[effect], "nothing of it stands", &what)
    }

    fn erased(&self, run: &Run) -> Vec<String> {
        let mut lines =
            vec![String::from("then      nothing brings back what is erased; what it did, stays")];
        if run.holds_anything() {
            lines.push(String::from("          refused while the run holds something"));
        }
        let of_it =
            |other: &&Run| matches!(other.origin, Origin::Rollback { of, .. } if of == run.id);
        let rollbacks = self.store.engine.runs().values().filter(of_it);
        lines.extend(rollbacks.map(|other| format!("          run {} goes with it", other.id)));
        let others = self.store.engine.runs_that_tell_of(run.id);
        lines.extend(others.iter().map(|other| {
            format!("          run {other} asked about it or released of it, and tells of it still: erase it too")
        }));
        lines
    }

    /// What goes on when a halt is over.
    fn resumed(&self, run: RunId) -> Vec<String> {
        let engine = &self.store.engine;
        let whole = if run.is_none() { "the store" } else { "the run" };
        let Some(halt) = engine.halts().of(run) else {
            return vec![format!("then      nothing: {whole} is not halted by itself")];
        };
        let (since, owner, reason) = (held::second(halt.since.wall), &halt.owner, &halt.reason);
        let said = contained::said_so(Some(&halt.resumers));
        let mut lines = vec![
            format!("halted    {whole}, since {since} by {owner}: {reason}"),
            format!("then      this goes on, once {RESUMERS} owners say so{said}:"),
        ];
        let is_meant = |it: &&Run| !it.is_over() && (run.is_none() || it.id == run);
        lines.extend(
            engine.runs().values().filter(is_meant).map(|run| format!("    {}", self.named(run))),
        );
        lines.push(String::from("    clocks end again what they must, overdue or not"));
        lines
    }

    /// Effects that stand, each with its assets, its undo and its end; else `nothing`.
    fn effects(&self, run: &Run, ids: &[EffectId], nothing: &str, what: &str) -> Vec<String> {
        let acts = ids.iter().filter_map(|id| Some((*id, run.effects.get(id)?.act()?)));
        let acts: Vec<(EffectId, &ActState)> =
            acts.filter(|(_, act)| act.record.stands()).collect();
        if acts.is_empty() {
            return vec![format!("then      {nothing}")];
        }
        let heading = format!("then      {what}:");
        let shown = acts.into_iter().flat_map(|(id, act)| self.effect(run, id, act));
        [heading].into_iter().chain(shown).collect()
    }

    fn effect(&self, run: &Run, id: EffectId, act: &ActState) -> Vec<String> {
        let now = now();
        let end = held::end(self.store, run, act, now, store::is_anybody_there(self.path));
        let mut lines = vec![
            format!("    {}", act.act.call),
            format!("        on {}; {}", effects::on(act), undo_of(&act.act.undo)),
            format!("        {}", end.text(act, now)),
        ];
        let holding = self.store.engine.holdings().of(act.act.holding(), (run.id, id));
        let holders = holding.into_iter().flat_map(|holding| &holding.holders);
        let others = holders.filter(|(_, other)| *other != id).map(|(run, _)| run.to_string());
        lines.extend(others.map(|other| {
            format!("        run {} holds it too: it stands until the last lets go", head(&other))
        }));
        lines
    }
}
