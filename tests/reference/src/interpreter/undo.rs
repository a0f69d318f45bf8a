//! Letting go: which effects an unwinding takes back, and how one is taken back.

use rye_core::adapter::{Ending, Request};
use rye_core::effect::{Act, Position, StepKind, UndoPlan};
use rye_core::error::ErrorKind;
use rye_core::id::{EffectId, IdempotencyKey};
use rye_core::value::{Duration, Time};

use super::Interpreter;
use super::act::Verdict;
use super::holding::{State, doubled};
use crate::people::Aftermath;
use crate::story;
use crate::world::LOST;

const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(300);

impl Interpreter<'_, '_> {
    /// Takes back what was done in a frame, the last first; `at` is where the run stands.
    /// Whether all could be: if not, the run has ended.
    pub(super) fn unwind(&mut self, frame: &Position, at: &Position, why: &str) -> bool {
        loop {
            let records = self.holdings.records().iter();
            let meant = records.filter(|record| {
                record.stands()
                    && record.at.is_within(frame)
                    && (why == "person" || !is_kept(&record.at, frame, at, why))
            });
            let left: Vec<_> = meant.map(|record| (record.at.clone(), record.state)).collect();
            let next = left.iter().filter(|(_, state)| *state == State::Held);
            match next.map(|(at, _)| at).max() {
                Some(next) => self.let_go(&next.clone(), why),
                None if !left.iter().any(|(_, state)| *state == State::Stuck) => {
                    self.simulated.retain(|(place, _)| {
                        let kept = why != "person" && is_kept(place, frame, at, why);
                        !place.is_within(frame) || kept
                    });
                    self.tell_story(String::from("unwound"));
                    return true;
                }
                None => {
                    self.end("stuck", "an undo failed for good");
                    return false;
                }
            }
        }
    }

    /// One effect is let go of.
    pub(super) fn let_go(&mut self, at: &Position, why: &str) {
        let Some(record) = self.holdings.get(at) else { return };
        let own = record.act.clone();
        if self.holdings.with(at).any(|other| other.at != *at) {
            self.gone(at, &own, State::StillHeld, why);
            return;
        }
        let first = self.holdings.first(at).unwrap_or(at).clone();
        let act = self.holdings.get(&first).map_or_else(|| own.clone(), |first| first.act.clone());
        if !matches!(act.undo, UndoPlan::Call { .. }) {
            self.gone(at, &own, State::NothingToUndo, why);
            return;
        }
        let later = self.holdings.later(at).cloned();
        if let Some(later) = later.as_ref().filter(|_| self.holdings.is_done_again(at)) {
            // The world shows it, and it is of somebody who did it again.
            self.wait_for(at, &own, later, why);
            return;
        }
        let shown =
            if act.proof.is_empty() { Verdict::Stands } else { self.probe("undo look", at, &act) };
        match (shown, later) {
            (Verdict::Stands, _) | (Verdict::Unclear, None) => self.undo(at, &own, why),
            (Verdict::Gone | Verdict::Unclear, Some(later)) => {
                self.wait_for(at, &own, &later, why);
            }
            (Verdict::Gone, None) => self.gone(at, &own, State::Changed, why),
        }
    }

    /// The world is not as the effect at `at` left it, because a later one of ours stands:
    /// it is undone after that.
    fn wait_for(&mut self, at: &Position, act: &Act, later: &Position, why: &str) {
        self.reach("let go, waits for a later one");
        self.tell_of_undo(story::waits(at, why, later));
        self.story.wait_here();
        self.become_of(at, act, State::Waiting);
    }

    /// The holder lets go, and nothing is done.
    fn gone(&mut self, at: &Position, act: &Act, state: State, why: &str) {
        self.reach(match state {
            State::StillHeld => "let go, held still",
            State::Changed => "let go, changed by others",
            _ => "let go, nothing to undo",
        });
        let how = match state {
            State::StillHeld => "StillHeld",
            State::Changed => "ChangedByOthers",
            _ => "NothingToUndo",
        };
        self.tell_of_undo(story::let_go(at, why, how));
        self.become_of(at, act, state);
    }

    fn become_of(&mut self, at: &Position, act: &Act, state: State) {
        let now = self.now;
        self.holdings.record(at, act, now).state = state;
        self.holdings.tidy();
    }

    /// Tries to undo until it is known what becomes of it.
    fn undo(&mut self, at: &Position, own: &Act, why: &str) {
        let began = self.now;
        let mut attempt = 1;
        loop {
            // Whose act it was may turn out between two attempts.
            let first = self.holdings.first(at).unwrap_or(at).clone();
            let Some(record) = self.holdings.get(&first) else { return };
            let act = record.act.clone();
            let UndoPlan::Call { call, timeout } = &act.undo else { return };
            self.tell_of_undo(story::undo(at, why, &first, attempt, call));
            let effect = self.effect(&first);
            let request = Request {
                call: call.clone(),
                key: IdempotencyKey::of_undo(self.run, effect),
                undoes: Some(IdempotencyKey::of_act(self.run, effect)),
                run: self.run,
                attempt,
                timeout: *timeout,
            };
            let ending = self.hand("undo", &request);
            if matches!(&ending, Ending::Unknown(text) if **text == *LOST) {
                // Nobody can write down how it ended, and undoing twice is safe.
                attempt += 1;
                continue;
            }
            let (result, state) = self.judged_undo(at, &act, began, &ending);
            self.reach(match result {
                "Undone" => "undone",
                "StillShown" => "undone, and shown still",
                "LeftAlone" => "undo left alone",
                "Stuck" => "undo stuck",
                _ => "undo tried again",
            });
            self.tell_of_undo(story::undo_outcome(at, attempt, &ending, result));
            let now = self.now;
            self.holdings.record(at, own, now).undo_ending = Some(ending.clone());
            if let Some(state) = state {
                return self.become_of(at, own, state);
            }
            if matches!(ending, Ending::AlreadySo(_)) {
                self.holdings.was_not_first(at);
            }
            self.pass(doubled(FIRST_PAUSE, attempt, LONGEST_PAUSE));
            attempt += 1;
        }
    }

    /// What follows from an attempt at an undo; no state if it is tried again.
    fn judged_undo(
        &mut self,
        at: &Position,
        act: &Act,
        began: Time,
        ending: &Ending,
    ) -> (&'static str, Option<State>) {
        let patient = self.now.saturating_since(began) < self.site.undo_patience;
        match ending {
            Ending::Done(_) if act.proof.is_empty() => ("Undone", Some(State::Undone)),
            Ending::Done(_) => match self.probe("undo confirm", at, act) {
                Verdict::Stands => ("StillShown", Some(State::Undone)),
                Verdict::Gone | Verdict::Unclear => ("Undone", Some(State::Undone)),
            },
            Ending::AlreadySo(_) if self.holdings.has_other_authors(at) => ("Again", None),
            Ending::AlreadySo(_) => ("LeftAlone", Some(State::Changed)),
            Ending::Refused { error, .. }
                if matches!(error.kind, ErrorKind::Conflict | ErrorKind::NotFound) =>
            {
                ("LeftAlone", Some(State::Changed))
            }
            Ending::NotSent(_) | Ending::Unknown(_) if patient => ("Again", None),
            Ending::Refused { .. } | Ending::NotSent(_) | Ending::Unknown(_) => {
                ("Stuck", Some(State::Stuck))
            }
        }
    }

    /// An event of letting go; beside the run and after its end it is told apart.
    fn tell_of_undo(&mut self, line: String) {
        if self.over || self.beside {
            self.story.beside.push(line);
        } else {
            self.tell_story(line);
        }
    }

    /// What comes after the end: lives end, or a person takes back the rest.
    pub(super) fn aftermath(&mut self) {
        self.over = true;
        match self.people.aftermath() {
            Aftermath::Time => {
                while let Some((end, _, at)) = self.next_end() {
                    self.end_life(end, &at);
                }
            }
            Aftermath::Rollback => self.roll_back(),
        }
        self.story.beside.sort();
    }

    /// The next life that is over; of those that end together, in the order of ids.
    pub(super) fn next_end(&self) -> Option<(Time, EffectId, Position)> {
        let records = self.holdings.records().iter();
        let ends = records.filter_map(|record| {
            Some((record.ends()?, self.effect(&record.at), record.at.clone()))
        });
        ends.min()
    }

    /// A life is over. Of two on the same that end at one moment only chance says which
    /// is first, once people were told something: that is delivered beside the run, and
    /// takes time there.
    pub(super) fn end_life(&mut self, end: Time, at: &Position) {
        if self.holdings.ends_with_another(at, end) && !self.story.deliveries.is_empty() {
            self.compare_no_more();
        }
        self.let_go(at, "life");
    }

    fn roll_back(&mut self) {
        let standing: Vec<_> =
            self.holdings.records().iter().filter(|record| record.stands()).cloned().collect();
        let mut places = Vec::new();
        for record in standing {
            // What is stuck is tried once more.
            self.become_of(&record.at, &record.act, State::Held);
            places.push(record.at);
        }
        places.sort();
        for at in places.iter().rev() {
            self.let_go(at, "person");
        }
    }
}

/// Whether a `keep` that was left normally protects the effect at `place`.
fn is_kept(place: &Position, frame: &Position, at: &Position, why: &str) -> bool {
    // Who calls it a false alarm stands in no frame any more.
    let open = |keep: &Position| why == "failure" && at.is_within(keep);
    let depths = frame.0.len()..place.0.len();
    depths.filter(|depth| place.0.get(*depth).is_some_and(|step| step.kind == StepKind::Keep)).any(
        |depth| {
            let keep = Position(place.0.iter().take(depth + 1).copied().collect());
            !open(&keep)
        },
    )
}
