//! What the runs of a store hold, thing by thing, with everybody who holds it and
//! until when; and what a person can say to a run.

use rye_core::effect::Life;
use rye_core::id::EffectId;
use rye_core::value::{Duration, Time};
use rye_engine::entry::HoldReason;
use rye_engine::run::{ActState, Phase, RecordState, Run};

use crate::store::Store;
use crate::timeline::head;

/// Something that is held.
#[derive(Debug)]
pub(crate) struct Held<'a> {
    /// Everybody who holds it, whoever is next to let go first: it stands until the
    /// last one has.
    pub(crate) holds: Vec<Hold<'a>>,
}

/// One run's share of something that is held.
#[derive(Debug)]
pub(crate) struct Hold<'a> {
    /// The run.
    pub(crate) run: &'a Run,
    /// Its effect.
    pub(crate) effect: EffectId,
    /// What it did.
    pub(crate) act: &'a ActState,
    /// Until when.
    pub(crate) end: End,
}

/// Until when an effect stands.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum End {
    /// Its undo failed for good.
    Stuck {
        /// When.
        since: Time,
        /// How.
        why: String,
    },
    /// Its time is over, and nobody takes it back.
    Overdue {
        /// When its time was over.
        since: Time,
        /// Why nobody does.
        why: &'static str,
    },
    /// It is being taken back.
    Ending,
    /// It is to be taken back, and waits for a later effect.
    Covered {
        /// Since when.
        since: Time,
        /// The later effect, and whose it is.
        by: String,
    },
    /// A clock ends it.
    At(Time),
    /// A person does, who may let go.
    Person,
}

/// All that is held; what needs a person first, then what ends first.
pub(crate) fn all(store: &Store, now: Time, is_acted_on: bool) -> Vec<Held<'_>> {
    let holding = |holders: &mut dyn Iterator<Item = &(rye_core::id::RunId, EffectId)>| {
        let mut holds: Vec<Hold<'_>> = holders
            .filter_map(|(run, effect)| {
                let run = store.engine.runs().get(run)?;
                let act = run.effects.get(effect)?.act()?;
                let end = end(store, run, act, now, is_acted_on);
                Some(Hold { run, effect: *effect, act, end })
            })
            .collect();
        holds.sort_by(|a, b| (&a.end, a.run.began.wall).cmp(&(&b.end, b.run.began.wall)));
        Held { holds }
    };
    let holdings = store.engine.holdings().iter();
    let mut all: Vec<Held<'_>> = holdings.map(|(_, of)| holding(&mut of.holders.iter())).collect();
    all.sort_by(|a, b| {
        let end = |held: &Held<'_>| held.holds.first().map(|hold| hold.end.clone());
        end(a).cmp(&end(b))
    });
    all
}

/// Until when an effect stands.
pub(crate) fn end(store: &Store, run: &Run, act: &ActState, now: Time, is_acted_on: bool) -> End {
    if let RecordState::Stuck { ending, at } = &act.record {
        return End::Stuck { since: at.wall, why: crate::timeline::ended(ending) };
    }
    let ended = act.life_ended;
    if let Some((by_run, by)) = store.engine.covered_by(act) {
        let since = ended.map_or(run.updated.wall, |ended| ended.at.wall);
        let call = store.engine.call_of(by_run, by);
        let (run, by) = (by_run.to_string(), by.to_string());
        return End::Covered {
            since,
            by: format!("{call} (effect {} of run {})", head(&by), head(&run)),
        };
    }
    let until = act.life().map(|(since, span)| since.wall.saturating_add(span));
    let is_due = ended.is_some() || until.is_some_and(|until| until <= now);
    let since = ended.map(|ended| ended.at.wall).or(until).unwrap_or(run.updated.wall);
    let waits = store.engine.lives_wait(run);
    match until {
        // What a person or a playbook ended waits for the end of a halt alone.
        _ if is_due && waits.is_some() && (ended.is_none() || waits == Some("halted")) => {
            End::Overdue { since, why: waits.unwrap_or_default() }
        }
        _ if is_due && !is_acted_on => End::Overdue { since, why: "no process acts on the store" },
        _ if is_due || act.undo.is_some() => End::Ending,
        Some(until) => End::At(until),
        None => End::Person,
    }
}

impl End {
    /// In words.
    pub(crate) fn text(&self, act: &ActState, now: Time) -> String {
        match self {
            Self::Stuck { since, why } => {
                format!("STUCK since {}: its undo failed: {why}", second(*since))
            }
            Self::Overdue { since, why } => format!("OVERDUE since {}: {why}", second(*since)),
            Self::Ending => String::from("being taken back now"),
            Self::Covered { since, by } => {
                format!("taken back since {}: waits until this is gone: {by}", second(*since))
            }
            Self::At(until) => {
                let left = about(until.saturating_since(now));
                format!("until {}, for {left} more", second(*until))
            }
            Self::Person if act.act.life == Life::UntilReleased => {
                String::from("until a person lets go")
            }
            Self::Person => String::from("until it is rolled back"),
        }
    }

    /// In one word, for a program.
    pub(crate) fn word(&self) -> &'static str {
        match self {
            Self::Stuck { .. } => "stuck",
            Self::Overdue { .. } => "overdue",
            Self::Ending => "ending",
            Self::Covered { .. } => "covered",
            Self::At(_) => "clock",
            Self::Person => "person",
        }
    }
}

/// What a person can say to a run that waits for one, as arguments of `ryectl`.
pub(crate) fn answers(store: &Store, run: &Run) -> Vec<String> {
    let Phase::Held { reason, .. } = &run.phase else { return Vec::new() };
    let mut answers = Vec::new();
    if run.over_quota().is_some() {
        answers.push(format!("lift {}", run.id));
    }
    if let HoldReason::InDoubt(effect) = reason {
        let settle = |verdict| format!("settle {} {effect} {verdict}", run.id);
        answers.extend(["done", "not-done"].map(settle));
    }
    let release = store.engine.may_answer(run.id);
    answers.extend(release.iter().map(|how| format!("release {} {}", run.id, how.word())));
    answers.extend(["--undo", "--keep"].map(|fate| format!("cancel {} {fate}", run.id)));
    answers
}

/// The second that an instant is in: people don't need more.
pub(crate) fn second(at: Time) -> Time {
    Time(at.0.saturating_sub(at.0.rem_euclid(1_000_000)))
}

/// A span as people say it: the two largest units.
pub(crate) fn about(span: Duration) -> String {
    let seconds = span.0.max(0) / 1_000_000;
    let (minutes, hours, days) = (seconds / 60, seconds / 3_600, seconds / 86_400);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds}s"),
        (0, 0, _) => format!("{minutes}m"),
        (0, ..) => format!("{hours}h {}m", minutes % 60),
        _ => format!("{days}d {}h", hours % 24),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_said_as_people_say_them() {
        for (seconds, said) in [
            (0, "0s"),
            (59, "59s"),
            (60, "1m"),
            (3_599, "59m"),
            (3_600, "1h 0m"),
            (86_399, "23h 59m"),
            (90_000, "1d 1h"),
        ] {
            assert_eq!(about(Duration::from_secs(seconds)), said);
        }
    }

    #[test]
    fn what_needs_a_person_stands_first() {
        let stuck = End::Stuck { since: Time(9), why: String::new() };
        let overdue = End::Overdue { since: Time(8), why: "halted" };
        let mut ends =
            [End::Person, End::At(Time(2)), End::Ending, overdue, stuck, End::At(Time(1))];
        ends.sort();
        let words: Vec<_> = ends.iter().map(End::word).collect();
        assert_eq!(words, ["stuck", "overdue", "ending", "clock", "clock", "person"]);
    }
}
