//! When each run is looked at: at once where something became of it, or when a clock
//! says so. A run of which neither is true costs nothing, however many there are.
//!
//! Whatever lets a run go on must rouse it. A run that nobody roused would wait for
//! nothing, which every test of the simulator looks for.

use std::collections::{BTreeMap, BTreeSet};

use rye_core::id::RunId;
use rye_core::value::Duration;

use crate::stamp::Stamp;

/// A wall clock that was turned forward by more makes everybody look again who waits
/// for it.
const DRIFT_MAX: i64 = 100_000;

/// Which runs are looked at, and when.
#[derive(Debug, Default)]
pub(super) struct Agenda {
    /// Runs that may have something to do once more.
    awake: BTreeSet<RunId>,
    /// Those to be looked at now.
    roused: BTreeSet<RunId>,
    /// When the clock that nobody can turn wants a run to be looked at.
    clocks: BTreeMap<RunId, Duration>,
    by_time: BTreeSet<(Duration, RunId)>,
    /// Runs that wait for what becomes of the effects of others.
    watchers: BTreeSet<RunId>,
    /// How far the wall clock was ahead of the other one, in microseconds, when all
    /// were looked at.
    drift: i64,
}

impl Agenda {
    /// The run is to be looked at.
    pub(super) fn rouse(&mut self, run: RunId) {
        self.awake.insert(run);
        self.roused.insert(run);
    }

    /// All runs that may have something to do are.
    pub(super) fn rouse_all(&mut self) {
        self.roused.extend(&self.awake);
    }

    /// The run is looked at from now on whenever something becomes of an effect of
    /// another one.
    pub(super) fn watch(&mut self, run: RunId) {
        self.watchers.insert(run);
    }

    /// Something became of an effect that others may wait for.
    pub(super) fn rouse_watchers(&mut self) {
        self.awake.extend(&self.watchers);
        self.roused.extend(&self.watchers);
    }

    /// The runs whose time has come are to be looked at.
    pub(super) fn rouse_due(&mut self, now: Stamp) {
        let drift = now.wall.0.saturating_sub(now.monotonic.0);
        if drift.saturating_sub(self.drift) > DRIFT_MAX {
            self.roused.extend(self.clocks.keys());
        }
        if drift.abs_diff(self.drift) > DRIFT_MAX.unsigned_abs() {
            self.drift = drift;
        }
        let later = self.by_time.range(..=(now.monotonic, RunId([u8::MAX; 16])));
        self.roused.extend(later.map(|(_, run)| run));
    }

    /// The next run to be looked at.
    pub(super) fn next(&mut self) -> Option<RunId> {
        self.roused.pop_first()
    }

    /// The run was looked at, and is again after so long by itself, if at all.
    pub(super) fn settle(&mut self, run: RunId, now: Stamp, after: Option<Duration>) {
        self.forget_clock(run);
        if let Some(after) = after {
            let due = Duration(now.monotonic.0.saturating_add(after.0.max(0)));
            self.clocks.insert(run, due);
            self.by_time.insert((due, run));
        }
    }

    fn forget_clock(&mut self, run: RunId) {
        if let Some(due) = self.clocks.remove(&run) {
            self.by_time.remove(&(due, run));
        }
    }

    /// Nothing will ever happen to the run by itself.
    pub(super) fn lay_down(&mut self, run: RunId) {
        self.forget_clock(run);
        self.awake.remove(&run);
        self.watchers.remove(&run);
    }

    /// Runs that may have something to do once more.
    pub(super) fn awake(&self) -> impl Iterator<Item = RunId> {
        self.awake.iter().copied()
    }

    /// After how long a run is to be looked at.
    pub(super) fn next_due(&self, now: Stamp) -> Option<Duration> {
        if !self.roused.is_empty() {
            return Some(Duration::ZERO);
        }
        let (due, _) = self.by_time.first()?;
        Some(Duration(due.0.saturating_sub(now.monotonic.0).max(0)))
    }
}

#[cfg(test)]
mod tests {
    use rye_core::id::BootId;
    use rye_core::value::Time;

    use super::*;

    const RUN: RunId = RunId([1; 16]);
    const OTHER: RunId = RunId([2; 16]);
    const SECOND: i64 = 1_000_000;

    /// So many seconds since the machine started, the wall clock being ahead by so many.
    fn at(seconds: i64, ahead: i64) -> Stamp {
        Stamp {
            wall: Time((seconds + ahead) * SECOND),
            boot: BootId::default(),
            monotonic: Duration(seconds * SECOND),
        }
    }

    fn looked_at(agenda: &mut Agenda, now: Stamp) -> Vec<RunId> {
        agenda.rouse_due(now);
        core::iter::from_fn(|| agenda.next()).collect()
    }

    #[test]
    fn a_run_is_looked_at_when_it_is_roused_and_when_its_clock_has_come() {
        let mut agenda = Agenda::default();
        agenda.rouse(RUN);
        assert_eq!(agenda.next_due(at(1, 0)), Some(Duration::ZERO));
        assert_eq!(looked_at(&mut agenda, at(1, 0)), [RUN]);
        agenda.settle(RUN, at(1, 0), Some(Duration(5 * SECOND)));
        agenda.rouse(OTHER);
        assert_eq!(looked_at(&mut agenda, at(2, 0)), [OTHER]);
        assert_eq!(agenda.next_due(at(2, 0)), Some(Duration(4 * SECOND)));
        assert_eq!(looked_at(&mut agenda, at(6, 0)), [RUN]);
        agenda.settle(RUN, at(6, 0), None);
        assert_eq!(looked_at(&mut agenda, at(60, 0)), []);
        assert_eq!(agenda.next_due(at(60, 0)), None);
    }

    #[test]
    fn a_wall_clock_that_is_turned_forward_makes_all_look_that_wait_for_a_clock() {
        let mut agenda = Agenda::default();
        agenda.rouse(RUN);
        agenda.rouse(OTHER);
        assert_eq!(looked_at(&mut agenda, at(1, 1_000)), [RUN, OTHER]);
        agenda.settle(RUN, at(1, 1_000), Some(Duration(3_600 * SECOND)));
        assert_eq!(looked_at(&mut agenda, at(2, 1_000)), []);
        assert_eq!(looked_at(&mut agenda, at(3, 4_600)), [RUN]);
        agenda.settle(RUN, at(3, 4_600), Some(Duration(3_600 * SECOND)));
        assert_eq!(looked_at(&mut agenda, at(4, 4_600)), [], "once for each turn");
        assert_eq!(looked_at(&mut agenda, at(5, 1_000)), [], "turned back, nobody is due sooner");
    }

    #[test]
    fn watchers_are_looked_at_with_others_until_they_are_laid_down() {
        let mut agenda = Agenda::default();
        agenda.rouse(RUN);
        agenda.watch(RUN);
        assert_eq!(looked_at(&mut agenda, at(1, 0)), [RUN]);
        agenda.rouse_watchers();
        assert_eq!(looked_at(&mut agenda, at(1, 0)), [RUN]);
        agenda.settle(RUN, at(1, 0), Some(Duration(SECOND)));
        agenda.lay_down(RUN);
        agenda.rouse_watchers();
        agenda.rouse_all();
        assert_eq!(looked_at(&mut agenda, at(9, 0)), []);
    }
}
