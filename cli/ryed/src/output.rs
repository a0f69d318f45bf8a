//! The only module that prints: people's lines to standard error, what became of
//! runs to standard output, as text or as one JSON document. Nothing that is shown
//! moves a cursor or hides: much of it comes from alerts.

use std::io::{Write, stderr, stdout};
use std::path::{Path, PathBuf};

use rye_core::value::Time;
use rye_core::visible::visible;
use rye_runtime::summary::{Asked, Halted, RunSummary, Standing, State, What};
use rye_runtime::timeline::Line;
use serde_json::{Value as Json, json};

use crate::exit::Failure;

/// Something for people, beside the result.
pub(crate) fn say(text: &str) {
    let mut stderr = stderr().lock();
    for line in text.lines() {
        // Nobody is left to tell when this fails.
        let _ = writeln!(stderr, "{}", visible(line));
    }
}

/// Something that happened.
pub(crate) fn line(line: &Line) {
    let run = line.run.map(|run| run.to_string()).unwrap_or_default();
    let run = run.get(..8).unwrap_or("store   ");
    say(&format!("{} {run} {}", second(line.at), visible(&line.text)));
    if let Some(help) = line.help {
        say(&format!("  help: {help}"));
    }
}

/// The second that an instant is in: people don't need more.
fn second(at: Time) -> Time {
    Time(at.0.saturating_sub(at.0.rem_euclid(1_000_000)))
}

/// How results are told.
#[derive(Clone, Debug)]
pub(crate) struct Output {
    json: bool,
    store: PathBuf,
}

impl Output {
    pub(crate) fn new(json: bool, store: &Path) -> Self {
        Self { json, store: store.to_owned() }
    }

    /// Why nothing more is done.
    pub(crate) fn failure(&self, failure: &Failure) {
        say(&format!("error: {}", failure.text));
        if self.json {
            document(&json!({ "error": failure.text, "exit": failure.exit as u8 }));
        }
    }

    /// What became of runs.
    pub(crate) fn summaries(&self, runs: &[RunSummary]) {
        if self.json {
            let runs: Vec<Json> = runs.iter().map(as_json).collect();
            return document(&json!({ "runs": runs }));
        }
        let text: Vec<String> = runs.iter().map(|run| self.as_text(run)).collect();
        let text = if runs.is_empty() { String::from("nothing to do\n") } else { text.concat() };
        print(&text);
    }

    /// A question, and how it is answered.
    fn asked(&self, asked: &Asked) -> Vec<String> {
        let (roles, until) = (asked.roles.join(", "), second(asked.until));
        let request = asked.request.to_string();
        let request = request.get(..12).unwrap_or(&request);
        let store = self.store.display();
        let say = |verb: &str| format!("    ryectl --store {store} --key KEY {verb} {request}");
        let mut lines = vec![format!("  asks {roles} until {until}: {}", asked.text)];
        if asked.choice {
            lines.push(say("choose") + " VALUE");
        } else {
            lines.extend([say("approve"), say("deny") + " --reason TEXT"]);
        }
        lines
    }

    fn as_text(&self, run: &RunSummary) -> String {
        let what = match &run.what {
            What::Playbook(name) => name.clone(),
            What::Rollback(of) => format!("rollback of run {of}"),
        };
        let mut lines = vec![format!("run {}: {what}, {} mode", run.run, run.mode)];
        if let Some(halted) = &run.halted {
            lines.extend(self.halted(run, halted));
        }
        match &run.state {
            State::Running { unwinding, .. } if run.halted.is_some() => {
                lines.push(String::from(if *unwinding { "  undoing" } else { "  unfinished" }));
            }
            State::Running { until, unwinding } => {
                let doing = if *unwinding { "undoing" } else { "unfinished" };
                lines.push(match until {
                    Some(until) => {
                        format!(
                            "  {doing}: waits until {}; `ryed resume` then goes on",
                            second(*until)
                        )
                    }
                    None => format!("  {doing}: `ryed resume` goes on"),
                });
            }
            State::Held { reason, since, answers, .. } => {
                lines.push(format!("  held since {}: {reason}", second(*since)));
                lines.push(String::from("  a person may answer:"));
                let store = self.store.display();
                let answers = answers.iter();
                lines
                    .extend(answers.map(|it| format!("    ryectl --store {store} --key KEY {it}")));
            }
            State::Ended { outcome, text, .. } if text.is_empty() => {
                lines.push(format!("  over: {outcome}"));
            }
            State::Ended { outcome, text, .. } => lines.push(format!("  over: {outcome}: {text}")),
        }
        lines.extend(run.questions.iter().flat_map(|asked| self.asked(asked)));
        lines.extend(run.standing.iter().map(standing));
        if run.undelivered > 0 {
            let count = run.undelivered;
            lines.push(format!("  notices not delivered yet: {count}; `ryed resume` tries again"));
        }
        let mut text = lines.iter().map(|line| visible(line)).collect::<Vec<_>>().join("\n");
        text.push('\n');
        text
    }

    /// Who halted a run, and what lets it go on.
    fn halted(&self, run: &RunSummary, halted: &Halted) -> [String; 3] {
        let Halted { since, owner, reason, all } = halted;
        let what = if *all { String::from("--all") } else { run.run.to_string() };
        let store = self.store.display();
        [
            format!("  halted since {} by {owner}: {reason}", second(*since)),
            String::from("  two owners let it go on, each with:"),
            format!("    ryectl --store {store} --key KEY resume {what}"),
        ]
    }
}

fn standing(standing: &Standing) -> String {
    let Standing { effect, call, until, stuck, waits, covered_by, .. } = standing;
    let life = match until {
        _ if *stuck => String::from("STUCK, its undo failed"),
        _ if let Some(later) = covered_by => {
            format!("taken back as soon as the later effect {later} is gone")
        }
        Some(until) => match waits {
            Some(why) => {
                format!("would stand until {}, but no clock ends it now: {why}", second(*until))
            }
            None => format!("stands until {}", second(*until)),
        },
        None => String::from("stands until somebody takes it back"),
    };
    format!("  {life}: {call} (effect {effect})")
}

fn as_json(run: &RunSummary) -> Json {
    let (playbook, rollback_of) = match &run.what {
        What::Playbook(name) => (Some(name.as_str()), None),
        What::Rollback(of) => (None, Some(of.to_string())),
    };
    let state = match &run.state {
        State::Running { until, unwinding } => json!({
            "is": if *unwinding { "unwinding" } else { "running" },
            "until": until.map(|until| until.to_string()),
        }),
        State::Held { reason, since, answers, refused } => json!({
            "is": "held",
            "reason": reason,
            "since": since.to_string(),
            "answers": answers,
            "refused": refused,
        }),
        State::Ended { outcome, well, text } => json!({
            "is": "over",
            "outcome": outcome,
            "well": well,
            "text": text,
        }),
    };
    let question = |it: &Asked| {
        json!({
            "request": it.request.to_string(),
            "text": it.text,
            "roles": it.roles,
            "until": it.until.to_string(),
            "choice": it.choice,
        })
    };
    let standing = |it: &Standing| {
        json!({
            "effect": it.effect.to_string(),
            "call": it.call,
            "since": it.since.to_string(),
            "until": it.until.map(|until| until.to_string()),
            "stuck": it.stuck,
            "waits": it.waits,
            "covered_by": it.covered_by.map(|later| later.to_string()),
        })
    };
    json!({
        "run": run.run.to_string(),
        "playbook": playbook,
        "rollback_of": rollback_of,
        "mode": run.mode.name(),
        "began": run.began.to_string(),
        "state": state,
        "questions": run.questions.iter().map(question).collect::<Vec<_>>(),
        "halted": run.halted.as_ref().map(|halted| json!({
            "since": halted.since.to_string(),
            "owner": halted.owner,
            "reason": halted.reason,
            "all": halted.all,
        })),
        "standing": run.standing.iter().map(standing).collect::<Vec<_>>(),
        "undelivered": run.undelivered,
    })
}

fn document(document: &Json) {
    print(&format!("{document}\n"));
}

/// To standard output. When nobody reads it any more, there is nobody to tell.
fn print(text: &str) {
    let mut stdout = stdout().lock();
    let _ = stdout.write_all(text.as_bytes());
    let _ = stdout.flush();
}

#[cfg(test)]
mod tests {
    use rye_core::id::{EffectId, RunId};
    use rye_core::mode::Mode;

    use super::*;

    fn run(state: State) -> RunSummary {
        let standing = Standing {
            effect: EffectId([2; 16]),
            call: String::from("std.firewall.block(address: 203.0.113.7)"),
            since: Time(0),
            until: Some(Time(3_600_000_000)),
            stuck: false,
            waits: None,
            covered_by: None,
        };
        RunSummary {
            run: RunId([1; 16]),
            what: What::Playbook(String::from("contain")),
            mode: Mode::Enforce,
            began: Time(0),
            state,
            questions: Vec::new(),
            halted: None,
            standing: vec![standing],
            undelivered: 1,
        }
    }

    #[test]
    fn a_person_reads_how_a_run_stands_and_what_to_do() {
        let held = State::Held {
            reason: String::from("denied: no\u{1b}[2J\nover: contained"),
            since: Time(0),
            answers: vec![String::from("release 01 continue")],
            refused: false,
        };
        let text = Output::new(false, Path::new("/var/lib/rye")).as_text(&run(held));
        let id = "01".repeat(16);
        let effect = "02".repeat(16);
        assert_eq!(
            text,
            format!(
                "run {id}: contain, enforce mode\n  \
                 held since 1970-01-01T00:00:00Z: denied: no\\u{{1b}}[2J\\nover: contained\n  \
                 a person may answer:\n    \
                 ryectl --store /var/lib/rye --key KEY release 01 continue\n  \
                 stands until 1970-01-01T01:00:00Z: std.firewall.block(address: 203.0.113.7) \
                 (effect {effect})\n  \
                 notices not delivered yet: 1; `ryed resume` tries again\n"
            )
        );
    }

    #[test]
    fn a_program_reads_one_document() {
        let over =
            State::Ended { outcome: "contained", well: true, text: String::from("a \"quote\"") };
        let json = as_json(&run(over));
        assert_eq!(json["state"]["outcome"], "contained");
        assert_eq!(json["standing"][0]["until"], "1970-01-01T01:00:00Z");
        assert!(!json.to_string().contains('\n'));
    }
}
