//! When there is nothing left to wait for.

use rye_core::id::RunId;
use rye_core::value::Duration;
use rye_engine::engine::WaitsFor;
use rye_engine::entry::Why;
use rye_engine::run::{ActState, RecordState, Run};

use super::{Shell, Until, is_awaited};

/// A clock that is further off than this is left to a later process.
const FAR: Duration = Duration::from_secs(60);

impl Shell {
    /// Whether what is waited for came.
    pub(super) fn is_reached(&mut self, until: Until) -> bool {
        match until {
            Until::Run(run) => self.is_quiet(run, None),
            Until::All => {
                // Whoever was busy is busy still, most of the time.
                if self.busy.is_some_and(|run| !self.is_quiet(run, Some(FAR))) {
                    return false;
                }
                self.busy = self.engine.awake().find(|run| !self.is_quiet(*run, Some(FAR)));
                self.busy.is_none()
            }
        }
    }

    /// Whether a run is over or held, or waits for a clock that is far off, and
    /// nothing of it is under way.
    fn is_quiet(&self, id: RunId, far: Option<Duration>) -> bool {
        let Some(run) = self.engine.runs().get(&id) else { return true };
        let rests = match self.engine.waits_for(id) {
            None | Some(WaitsFor::Person) => true,
            Some(WaitsFor::Clock(rest)) => far.is_some_and(|far| rest >= far) && !is_unwinding(run),
            // An answer that comes while nobody is there counts; until something is due
            // for the question, a later process can wait for it.
            Some(WaitsFor::People(rest)) => far.is_some_and(|far| rest >= far),
            Some(WaitsFor::Nothing | WaitsFor::Adapter) => false,
        };
        let is_its = |ticket: &rye_engine::command::Ticket| ticket.run == id || ticket.owner == id;
        let mut calls = self.dispatch.tickets().filter(|ticket| is_awaited(ticket.purpose));
        let waits = self.engine.lives_wait(run).is_some();
        let is_under_way = |act| !waits && is_being_undone(act);
        rests && !calls.any(is_its) && !run.each_act().any(is_under_way)
    }

    /// Whether notices wait for their delivery; those about the store always count.
    pub(super) fn has_notices(&self, until: Until) -> bool {
        let waits = |id| self.engine.open_notices(id).next().is_some();
        let of_runs = match until {
            Until::Run(run) => waits(run),
            Until::All => self.engine.awake().any(waits),
        };
        of_runs || waits(RunId::default())
    }
}

fn is_unwinding(run: &Run) -> bool {
    matches!(run.phase, rye_engine::run::Phase::Unwinding(_))
}

/// Whether the life of an effect is over, by the clock or by a person, and its undo
/// is not.
fn is_being_undone(act: &ActState) -> bool {
    let began = act.undo.is_some_and(|undo| undo.why == Why::Life);
    matches!(act.record, RecordState::Held { .. }) && (began || act.life_ended.is_some())
}
