//! What happens, one line per entry, for people who watch. Texts come from alerts
//! too: whoever shows a line makes it visible first.

use rye_bundle::message::refusal_help;
use rye_core::adapter::Ending;
use rye_core::id::RunId;
use rye_core::value::Time;
use rye_engine::engine::Engine;
use rye_engine::entry::{Body, Entry};
use rye_engine::words;

/// One line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// When.
    pub at: Time,
    /// Whose; `None` for the store's own.
    pub run: Option<RunId>,
    /// What happened.
    pub text: String,
    /// What a person can do about it, where that is known.
    pub help: Option<&'static str>,
}

/// The line for an entry that `engine` has taken in; `None` for one that says
/// nothing to people.
pub(crate) fn line(engine: &Engine, entry: &Entry) -> Option<Line> {
    if !is_news(engine, entry) {
        return None;
    }
    let text = words::of(engine, entry);
    let run = Some(entry.run).filter(|run| !run.is_none());
    Some(Line { at: entry.at.wall, run, text, help: help(&entry.body) })
}

fn help(body: &Body) -> Option<&'static str> {
    match body {
        Body::MessageRefused { reason, .. } => refusal_help(reason),
        _ => None,
    }
}

/// Whether it says something to people who watch; all else is for those who read the
/// journal.
fn is_news(engine: &Engine, entry: &Entry) -> bool {
    match &entry.body {
        Body::Genesis { .. }
        | Body::Opened { dropped: 0, .. }
        | Body::Bound { .. }
        | Body::Alerted { delivered: false, .. }
        | Body::Raised { undo: None, .. }
        | Body::Unwound => false,
        body @ Body::Waited { .. } => body.is_not_checked(),
        // Of operators it is news only when they could not be told.
        Body::Delivered { effect, ending: Ending::Done(_) | Ending::AlreadySo(_), .. } => {
            engine.alerts().get(entry.run, *effect).is_none()
        }
        _ => true,
    }
}
