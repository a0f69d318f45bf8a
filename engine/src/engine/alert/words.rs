//! What operators read: in one line what happened, to which run, on what, until when,
//! and what to type next. Whoever shows it makes it visible: texts in it come from
//! alerts too.

use core::fmt::Display;

use rye_core::digest::Digest;
use rye_core::id::{EffectId, RunId};
use rye_core::limit::ALERT_TEXT_BYTES_MAX;
use rye_core::question::{Question, Subject};
use rye_core::value::Time;

use crate::alert::About;
use crate::engine::Engine;
use crate::entry::{Body, Entry, HoldReason};
use crate::run::{ActState, Origin, Phase, Run, What};

/// So many digits of an id are enough for `ryectl`, and for a person who types them.
const HEAD: usize = 12;

impl Engine {
    /// Why a run is held, for people.
    pub fn why_held(&self, run: RunId, reason: &HoldReason) -> String {
        match reason {
            HoldReason::Error(error) => {
                let failed = self.runs.get(&run).and_then(|run| run.failed_with(error));
                let said = failed.map(|effect| self.said_of(run, effect, &error.text));
                format!("{error}{}", said.unwrap_or_default())
            }
            HoldReason::InDoubt(effect) => {
                let (call, said) = (self.call_of(run, *effect), self.said_of(run, *effect, ""));
                format!("nobody knows whether it was done: {call}{said}")
            }
            HoldReason::Deadline => String::from("the playbook's time is over"),
            HoldReason::Fault(text) => format!("the machine faulted: {text}"),
            HoldReason::Bundle(text) => format!("the bundle can't be used: {text}"),
        }
    }

    /// What was said of an effect that failed, beyond `told`, for people.
    fn said_of(&self, run: RunId, effect: EffectId, told: &str) -> String {
        let state = self.runs.get(&run).and_then(|run| run.effects.get(&effect));
        let said = state.into_iter().flat_map(|state| &state.said);
        let said: Vec<&str> =
            said.map(|text| &**text).filter(|text| !text.is_empty() && *text != told).collect();
        if said.is_empty() { String::new() } else { format!(" (it was said: {})", said.join("; ")) }
    }

    /// The call of an effect, as far as it is known, for people; of what operators are
    /// told only that they are.
    pub fn call_of(&self, run: RunId, effect: EffectId) -> String {
        let state = self.runs.get(&run).and_then(|run| run.effects.get(&effect));
        let own = state.and_then(|state| match &state.what {
            What::Act(act) => Some(&act.act.call),
            What::Notice(notice) => Some(&notice.notice.call),
            What::Query(call) | What::Refused { call, .. } => Some(call),
            What::Wait { .. } | What::Question(_) => None,
        });
        match (own, self.alerts.get(run, effect)) {
            (Some(call), _) => call.to_string(),
            (None, Some(_)) => String::from("the operators' notice"),
            (None, None) => format!("effect {effect}"),
        }
    }

    /// What people are told when `cause` was written down.
    pub(super) fn words_of(&self, cause: &Entry) -> String {
        let (id, run) = (head(cause.run), self.named(cause.run));
        let (what, next) = match &cause.body {
            Body::Held { reason } => self.words_of_hold(cause.run, reason),
            Body::Requested { effect, question, .. } => {
                self.words_of_question(cause.run, *effect, question, "asks")
            }
            Body::Escalated { effect } => match self.question(cause.run, *effect) {
                Some(state) => self.words_of_question(
                    cause.run,
                    *effect,
                    &state.question,
                    "has no decision, and now asks",
                ),
                None => (format!("{run} asks others as well"), String::from("`ryectl requests`")),
            },
            Body::UndoOutcome { owner, effect, ending, .. } => {
                let (of, call) = (self.named(*owner), self.call_of(*owner, *effect));
                let what = format!("STUCK: what {of} did can't be taken back: {call}: {ending}");
                let (owner, effect) = (head(owner), head(effect));
                let next = format!("mend the cause, then `ryectl let-go {owner} {effect}`");
                (what, next)
            }
            Body::Ended { .. } => {
                let owner = self.owner_of_records(cause.run);
                let stuck = self.runs.get(&owner).into_iter().flat_map(Run::records);
                let calls: Vec<String> =
                    stuck.map(|(_, _, act)| act.act.call.to_string()).collect();
                let what = format!("STUCK: {run} is over, and these stand: {}", calls.join("; "));
                (what, format!("mend the cause, then `ryectl rollback {}`", head(owner)))
            }
            Body::Halted { reason, owner, .. } => {
                let what = format!(
                    "HALTED: {owner} halted {run}: {reason}. Nothing is done, nothing is undone, \
                     and no clock ends what is held"
                );
                let over = if cause.run.is_none() { String::from("--all") } else { id };
                (what, format!("two owners let it go on, each with `ryectl resume {over}`"))
            }
            Body::Resumed { owner, .. } => {
                let next = String::from("`ryed resume` goes on");
                (format!("RESUMED: {run} goes on; {owner} said so last"), next)
            }
            body => self.words_of_store(body),
        };
        line(&what, &next)
    }

    /// What people are told of a life that ends soon, or should have ended.
    pub(super) fn words_of_life(&self, id: RunId, effect: EffectId, about: About) -> String {
        let run = self.runs.get(&id);
        let act = run.and_then(|run| run.effects.get(&effect)?.act());
        let end = act.and_then(ActState::life).map(|(at, span)| at.wall.saturating_add(span));
        let end = second(end.unwrap_or_default());
        let (named, call) = (self.named(id), self.call_of(id, effect));
        let verb = |verb: &str| format!("`ryectl {verb} {} {}`", head(id), head(effect));
        let renew = format!("`ryectl renew {} {} --for 4h`", head(id), head(effect));
        let (what, next) = match run.and_then(|run| self.lives_wait(run)) {
            Some(why) if about == About::Overdue => {
                let what =
                    format!("OVERDUE since {end}: {named} holds {call}, and no clock ends it: ");
                let go_on = match (self.halts.of_store(), self.is_halted(id)) {
                    (Some(_), _) => String::from("`ryectl resume --all` by two owners"),
                    (None, true) => format!("`ryectl resume {}` by two owners", head(id)),
                    (None, false) => verb("let-go"),
                };
                (what + why, format!("{go_on} ends it, {renew} keeps it"))
            }
            _ => {
                let what = format!("ENDS at {end}: {named} lets go of {call}");
                (what, format!("{renew} keeps it longer, {} ends it now", verb("let-go")))
            }
        };
        line(&what, &next)
    }

    /// What is not about a run.
    fn words_of_store(&self, body: &Body) -> (String, String) {
        match body {
            Body::BundleWithdrawn { bundle, code } => {
                let what = format!(
                    "ALARM: the bundle {} may be used no longer: {code}. Its runs are held, and no \
                     clock ends what they hold",
                    self.bundle(*bundle)
                );
                (what, format!("`ryec explain {code}`, `ryectl contained`"))
            }
            Body::BundleRestored { bundle } => {
                let what = format!("the bundle {} may be used again", self.bundle(*bundle));
                (what, String::from("`ryectl contained` lists its runs that are held still"))
            }
            Body::Restricted { code: Some(code) } => {
                let what = format!(
                    "ALARM: no bundle is loaded anew, and nothing destructive is done: {code}"
                );
                (what, format!("`ryec explain {code}`"))
            }
            Body::TrustRootRefused { code, .. } => refused("trust root", code),
            Body::RevocationsRefused { code, .. } => refused("revocation list", code),
            Body::ClockAnomaly { from, to } => {
                let what = format!(
                    "CLOCK: the wall clock of the machine jumped from {} to {}",
                    second(*from),
                    second(*to)
                );
                let next = "set it right; `ryectl contained` lists what a clock has ended since";
                (what, String::from(next))
            }
            _ => {
                let what = "bundles are loaded, and destructive actions are done again";
                (String::from(what), String::from("`ryectl runs`"))
            }
        }
    }

    fn words_of_hold(&self, id: RunId, reason: &HoldReason) -> (String, String) {
        let failed = self.runs.get(&id).and_then(|run| {
            let call = self.call_of(id, run.failed?);
            Some(format!(" at {call}"))
        });
        let (run, why) = (self.named(id), self.why_held(id, reason));
        let what = format!("HELD: {run} waits for a person{}: {why}", failed.unwrap_or_default());
        let id_text = head(id);
        let settle = match reason {
            HoldReason::InDoubt(effect) => {
                format!("`ryectl settle {id_text} {} done|not-done`, ", head(effect))
            }
            _ => String::new(),
        };
        let words: Vec<&str> = self.may_answer(id).iter().map(|how| how.word()).collect();
        let release = format!("`ryectl release {id_text} {}`", words.join("|"));
        (what, format!("`ryectl show {id_text}`, {settle}{release}"))
    }

    fn words_of_question(
        &self,
        run: RunId,
        effect: EffectId,
        question: &Question,
        asks: &str,
    ) -> (String, String) {
        let state = self.question(run, effect);
        let roles = state.map(|state| state.roles(self.now)).unwrap_or_default();
        let roles: Vec<&str> = roles.iter().map(|role| &**role).collect();
        let until = state.map_or(self.now, |state| state.asked).wall;
        let until = second(until.saturating_add(question.within));
        let request = state.map(|state| head(state.digest)).unwrap_or_default();
        let (wanted, verbs) = match &question.subject {
            Subject::Approval { boxes, .. } => {
                let effects = boxes.iter().flat_map(|one| &one.effects);
                let calls: Vec<String> = effects.map(|effect| effect.call.to_string()).collect();
                let verbs = format!("`ryectl approve {request}` or `ryectl deny {request}`");
                (format!("a yes allows {}", calls.join("; ")), verbs)
            }
            Subject::Choice { values, .. } => {
                let verbs = format!("`ryectl choose {request} VALUE`");
                (format!("one of {}", values.join(", ")), verbs)
            }
        };
        let (run, roles, text) = (self.named(run), roles.join(", "), &question.text);
        let what = format!("ASKED: {run} {asks} {roles} until {until}: {text} ({wanted})");
        (what, format!("`ryectl requests`, then {verbs}"))
    }

    /// A run with what it is of, or all.
    fn named(&self, id: RunId) -> String {
        match self.runs.get(&id).map(|run| &run.origin) {
            Some(Origin::Playbook(start)) => format!("run {} ({})", head(id), start.playbook),
            Some(Origin::Rollback { of, .. }) => {
                format!("run {} (rollback of {})", head(id), head(of))
            }
            None if id.is_none() => String::from("everything"),
            None => format!("run {}", head(id)),
        }
    }

    /// A bundle with the playbooks of its runs.
    fn bundle(&self, digest: Digest) -> String {
        let starts = self.runs.values().filter(|run| !matches!(run.phase, Phase::Ended { .. }));
        let starts = starts.filter_map(|run| run.start());
        let mut names: Vec<&str> =
            starts.filter(|it| it.bundle == digest).map(|it| &*it.playbook).collect();
        names.sort_unstable();
        names.dedup();
        let names =
            if names.is_empty() { String::new() } else { format!(" ({})", names.join(", ")) };
        head(digest) + &names
    }
}

fn refused(what: &str, code: &str) -> (String, String) {
    let next = format!("`ryec explain {code}`; what was believed before is believed on");
    (format!("ALARM: a {what} that was offered is refused: {code}"), next)
}

/// What happened, cut where it is too long, and whole what to type next.
fn line(what: &str, next: &str) -> String {
    let kept = what.get(..what.floor_char_boundary(ALERT_TEXT_BYTES_MAX)).unwrap_or(what);
    let mark = if kept.len() < what.len() { "…" } else { "" };
    format!("{kept}{mark}. Next: {next}.")
}

fn head(id: impl Display) -> String {
    let mut text = id.to_string();
    text.truncate(HEAD);
    text
}

/// The second that an instant is in: people don't need more.
fn second(at: Time) -> Time {
    Time(at.0.saturating_sub(at.0.rem_euclid(1_000_000)))
}
