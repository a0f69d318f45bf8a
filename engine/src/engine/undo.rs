//! Letting go: who is the last holder, what the world shows, the undo and its
//! attempts. Runs no bytecode.

use rye_core::adapter::Ending;
use rye_core::digest::Digest;
use rye_core::effect::{Act, Call, UndoPlan};
use rye_core::error::ErrorKind;
use rye_core::id::{EffectId, IdempotencyKey, RunId};
use rye_core::value::Duration;

use super::Engine;
use super::act::LOOK_PAUSE;
use super::life::is_being_undone;
use super::live::{Probe, UndoStage, Undoing};
use crate::command::{Purpose, Ticket};
use crate::entry::{Body, LetGo, UndoResult, Verdict, Why};
use crate::holding::Holder;
use crate::run::{ActState, Phase};

/// Before the second attempt at an undo; doubled before each further one.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// The longest pause between two attempts at an undo.
const LONGEST_PAUSE: Duration = Duration::from_secs(300);

impl Engine {
    /// What of `owner` is being undone now.
    pub(super) fn undos_of(&self, owner: RunId) -> impl Iterator<Item = (&Holder, &Undoing)> {
        let (first, last) = (EffectId::default(), EffectId([u8::MAX; 16]));
        self.undoing.range((owner, first)..=(owner, last))
    }

    /// Whether what an act would change is being undone now, by whomever. What yields
    /// itself to an act with another end does not keep it.
    pub(super) fn is_yielding_to_undo(&self, act: &Act) -> bool {
        let (digest, subject) = (act.holding(), act.subject());
        let act_of = |(run, effect): Holder| self.act_state(run, effect);
        let looked_at = self.undoing.iter().any(|(holder, undoing)| {
            let yields = matches!(undoing.stage, UndoStage::Yielding { .. });
            act_of(*holder).is_some_and(|undone| {
                let undone = &undone.act;
                undone.holding() == digest || !yields && undone.subject() == subject
            })
        });
        let mut holders = self.holdings.holders_of(subject).filter_map(act_of);
        looked_at || holders.any(is_being_undone)
    }

    /// `id` lets an effect of `owner` go.
    pub(super) fn let_go(&mut self, id: RunId, owner: RunId, effect: EffectId, why: Why) {
        let Some((digest, begun)) = self.runs.get(&owner).and_then(|run| {
            let act = run.effects.get(&effect)?.act()?;
            Some((act.act.holding(), act.undo))
        }) else {
            return;
        };
        let holder = (owner, effect);
        let later = self.later_on_the_same(holder).filter(|_| begun.is_none());
        if begun.is_none() && self.holdings.is_held_by_others(digest, holder) {
            if self.is_surely_held_by_others(digest, holder) {
                self.emit(id, Body::LetGo { owner, effect, why, how: LetGo::StillHeld });
            } else {
                let stage = UndoStage::Yielding { since: self.now, pause: LOOK_PAUSE };
                self.set_undoing(id, holder, why, stage);
            }
            return;
        }
        let Some((act, ..)) = self.undo_plan(holder) else {
            self.emit(id, Body::LetGo { owner, effect, why, how: LetGo::NothingToUndo });
            return;
        };
        match later {
            // The world shows it, and it is of somebody who did it again.
            Some(later) if self.holdings.is_done_again(digest, holder) => {
                self.wait_for_later(id, holder, why, later);
                return;
            }
            Some(later) if self.is_in_the_air(later) => {
                let stage = UndoStage::Yielding { since: self.now, pause: LOOK_PAUSE };
                self.set_undoing(id, holder, why, stage);
                return;
            }
            _ => {}
        }
        match begun {
            // Whether that attempt took effect is not known; undoing twice is safe.
            Some(undo) if undo.ended.is_none() => {
                self.try_undo(id, holder, why, undo.attempt.saturating_add(1));
            }
            Some(undo) => {
                let since = undo.ended.unwrap_or(undo.since);
                let stage = UndoStage::Retrying {
                    attempt: undo.attempt,
                    since,
                    pause: pause_after(undo.attempt),
                };
                self.set_undoing(id, holder, why, stage);
            }
            None if act.proof.is_empty() => self.try_undo(id, holder, why, 1),
            None => {
                let probe = Probe::begin(Purpose::ProbeUndo);
                self.look(id, owner, effect, &act, &probe);
                self.set_undoing(id, holder, why, UndoStage::Probing(probe));
            }
        }
    }

    /// Whether one of the others will not turn out to hold nothing: an attempt in
    /// flight may still be refused, and what is being undone is soon no more.
    fn is_surely_held_by_others(&self, digest: Digest, holder: Holder) -> bool {
        let is_sure = |other: &Holder| {
            let Some(run) = self.runs.get(&other.0) else { return false };
            let act = run.effects.get(&other.1).and_then(|state| state.act());
            let may_vanish = |act| matches!(run.phase, Phase::Running) && ActState::may_vanish(act);
            act.is_some_and(|act| !may_vanish(act) && !is_being_undone(act))
        };
        let holding = self.holdings.of(digest, holder);
        let holders = holding.into_iter().flat_map(|holding| &holding.holders);
        holders.filter(|other| **other != holder).any(is_sure)
    }

    /// The act that the first holder did, its undo, and who that was.
    fn undo_plan(&self, holder: Holder) -> Option<(Act, Call, Duration, Holder)> {
        let own = self.runs.get(&holder.0)?.effects.get(&holder.1)?.act()?;
        let holding = self.holdings.of(own.act.holding(), holder);
        let first = holding.map_or(holder, |holding| holding.first);
        let act = self.runs.get(&first.0)?.effects.get(&first.1)?.act()?.act.clone();
        match act.undo.clone() {
            UndoPlan::Call { call, timeout } => Some((act, call, timeout, first)),
            UndoPlan::None | UndoPlan::Irreversible => None,
        }
    }

    fn try_undo(&mut self, id: RunId, holder: Holder, why: Why, attempt: u8) {
        let Some((_, call, timeout, first)) = self.undo_plan(holder) else { return };
        let (owner, effect) = holder;
        let (first_run, first_effect) = first;
        self.emit(
            id,
            Body::UndoIntent {
                owner,
                effect,
                why,
                first_run,
                first_effect,
                attempt,
                call: call.clone(),
            },
        );
        // The key is that of the effect that is undone, whoever asks for it.
        let ticket = Ticket { run: id, owner, effect, purpose: Purpose::Undo, attempt };
        let undoes = IdempotencyKey::of_act(first_run, first_effect);
        let key = IdempotencyKey::of_undo(first_run, first_effect);
        self.dispatch(ticket, call, timeout, Some(undoes));
        if let Some(command) = self.step.commands.last_mut() {
            command.request.key = key;
        }
        self.set_undoing(id, holder, why, UndoStage::Attempting(attempt));
    }

    /// The answer of an attempt at an undo, or of a look before or after it.
    pub(super) fn undo_answered(&mut self, ticket: Ticket, ending: Ending) {
        let (id, holder) = (ticket.run, (ticket.owner, ticket.effect));
        let Some(undoing) = self.undoing.get(&holder).filter(|undoing| undoing.by == id).cloned()
        else {
            return;
        };
        let Some((act, ..)) = self.undo_plan(holder) else { return };
        match (undoing.stage, ticket.purpose) {
            (UndoStage::Probing(probe), Purpose::ProbeUndo) if probe.number() == ticket.attempt => {
                match Self::walk(&act, probe, &ending) {
                    Ok(next) => {
                        self.look(id, holder.0, holder.1, &act, &next);
                        self.set_undoing(id, holder, undoing.why, UndoStage::Probing(next));
                    }
                    // Nothing was begun: when it goes on, the world is asked again.
                    Err(_) if self.is_halted(id) => self.forget_undoing(holder),
                    Err(shown) => {
                        self.looked_before_undo(id, holder, undoing.why, shown.verdict);
                    }
                }
            }
            (UndoStage::Attempting(attempt), Purpose::Undo) if attempt == ticket.attempt => {
                let done = matches!(ending, Ending::Done(_));
                if done && !act.proof.is_empty() {
                    let probe = Probe::begin(Purpose::ProbeUndone);
                    self.look(id, holder.0, holder.1, &act, &probe);
                    let stage = UndoStage::Confirming { probe, attempt, ending };
                    self.set_undoing(id, holder, undoing.why, stage);
                } else {
                    let result = self.judge_undo(holder, attempt, &ending);
                    self.undo_outcome(id, holder, undoing.why, attempt, ending, result);
                }
            }
            (UndoStage::Confirming { probe, attempt, ending: done }, Purpose::ProbeUndone)
                if probe.number() == ticket.attempt =>
            {
                match Self::walk(&act, probe, &ending) {
                    Ok(next) => {
                        self.look(id, holder.0, holder.1, &act, &next);
                        let stage = UndoStage::Confirming { probe: next, attempt, ending: done };
                        self.set_undoing(id, holder, undoing.why, stage);
                    }
                    Err(shown) => {
                        let result = match shown.verdict {
                            Verdict::Stands => UndoResult::StillShown,
                            Verdict::Gone | Verdict::Unclear => UndoResult::Undone,
                        };
                        self.undo_outcome(id, holder, undoing.why, attempt, done, result);
                    }
                }
            }
            _ => {}
        }
    }

    /// The world was asked if it is as `holder` left it.
    fn looked_before_undo(&mut self, id: RunId, holder: Holder, why: Why, verdict: Verdict) {
        match (verdict, self.later_on_the_same(holder)) {
            (Verdict::Stands, _) | (Verdict::Unclear, None) => self.try_undo(id, holder, why, 1),
            (Verdict::Gone | Verdict::Unclear, Some(later)) => {
                self.forget_undoing(holder);
                self.wait_for_later(id, holder, why, later);
            }
            (Verdict::Gone, None) => {
                self.forget_undoing(holder);
                let ((owner, effect), how) = (holder, LetGo::ChangedByOthers);
                self.emit(id, Body::LetGo { owner, effect, why, how });
            }
        }
    }

    fn judge_undo(&self, holder: Holder, attempt: u8, ending: &Ending) -> UndoResult {
        let began = self
            .runs
            .get(&holder.0)
            .and_then(|run| run.effects.get(&holder.1)?.act()?.undo)
            .map_or(self.now, |undo| undo.since);
        let patient = !self.now.has_passed(began, self.site.undo_patience) && attempt < u8::MAX;
        match ending {
            Ending::Done(_) => UndoResult::Undone,
            // What is there is not of the effect that was to be undone.
            Ending::AlreadySo(_) if self.may_be_of_others(holder) => UndoResult::Again,
            Ending::AlreadySo(_) => UndoResult::LeftAlone,
            Ending::Refused { error, .. }
                if matches!(error.kind, ErrorKind::Conflict | ErrorKind::NotFound) =>
            {
                UndoResult::LeftAlone
            }
            Ending::NotSent(_) | Ending::Unknown(_) if patient => UndoResult::Again,
            Ending::Refused { .. } | Ending::NotSent(_) | Ending::Unknown(_) => UndoResult::Stuck,
        }
    }

    /// Whether somebody else may have done what `holder` holds.
    fn may_be_of_others(&self, holder: Holder) -> bool {
        let act = self.runs.get(&holder.0).and_then(|run| run.effects.get(&holder.1)?.act());
        let holding = act.and_then(|act| self.holdings.of(act.act.holding(), holder));
        holding.is_some_and(|holding| !holding.perhaps.is_empty())
    }

    fn undo_outcome(
        &mut self,
        id: RunId,
        holder: Holder,
        why: Why,
        attempt: u8,
        ending: Ending,
        result: UndoResult,
    ) {
        let (owner, effect) = holder;
        self.emit(id, Body::UndoOutcome { owner, effect, attempt, ending, result });
        if result == UndoResult::Again {
            let pause = pause_after(attempt);
            let stage = UndoStage::Retrying { attempt, since: self.now, pause };
            self.set_undoing(id, holder, why, stage);
        } else {
            self.forget_undoing(holder);
        }
    }

    /// Goes on with an undo whose pause is over. Whether it did.
    pub(super) fn pump_undo(&mut self, holder: Holder) -> bool {
        let Some(&Undoing { by, why, ref stage }) = self.undoing.get(&holder) else { return false };
        match *stage {
            UndoStage::Retrying { attempt, since, pause } if self.now.has_passed(since, pause) => {
                self.try_undo(by, holder, why, attempt.saturating_add(1));
                false
            }
            UndoStage::Yielding { since, pause } if self.now.has_passed(since, pause) => {
                self.forget_undoing(holder);
                self.let_go(by, holder.0, holder.1, why);
                true
            }
            _ => false,
        }
    }

    fn set_undoing(&mut self, by: RunId, holder: Holder, why: Why, stage: UndoStage) {
        self.undoing.insert(holder, Undoing { by, why, stage });
    }

    pub(super) fn forget_undoing(&mut self, holder: Holder) {
        self.undoing.remove(&holder);
    }
}

/// How long is waited after an attempt at an undo.
fn pause_after(attempt: u8) -> Duration {
    let doublings = u32::from(attempt.saturating_sub(1)).min(20);
    Duration(FIRST_PAUSE.0.saturating_mul(1_i64.checked_shl(doublings).unwrap_or(1)))
        .min(LONGEST_PAUSE)
}
