//! `ryectl approve`, `deny`, `choose`, `cancel`, `rollback`, `settle`, `release`, `halt`,
//! `resume`, `lift`, `renew`, `let-go` and `erase`: what it will do is shown, and asked
//! whether it is meant; then a signed message goes into the store's inbox, and what became
//! of it is said.

use std::path::Path;
use std::process::ExitCode;
use std::thread;
use std::time::{Duration, Instant};

use rye_bundle::message::{refusal_help, sign_message};
use rye_bundle::sign::Signer;
use rye_core::digest::Digest;
use rye_core::id::{EffectId, RunId};
use rye_core::limit::{REASON_BYTES_MAX, ROLLBACK_EFFECTS_MAX};
use rye_core::value::Name;
use rye_engine::entry::{Body, Release};
use rye_engine::message::{Order, Signed, Statement};
use rye_engine::run::{EffectState, Run};
use rye_journal::inbox::Inbox;
use serde_json::json;

use crate::command::preview::Seen;
use crate::command::standing::Judge;
use crate::command::{confirm, vote};
use crate::output::{self, Failure, Output};
use crate::store::{self, Store, now};
use crate::timeline::head;
use crate::{Cli, Command, Done, How, Part, Scope, Verdict};

/// How long we wait for the process that acts on the store.
const PATIENCE: Duration = Duration::from_secs(5);

pub(crate) fn run(path: &Path, cli: &Cli, output: &Output) -> Done {
    let key = signer(cli)?;
    let store = Store::read(path)?;
    let (run, order) = what(&store, &cli.command)?;
    let judge = Judge::of(path, &store, &order);
    if !matches!(order, Order::Halt { .. }) {
        let signer = signed_by(&*key, judge.as_ref());
        let shown = Seen { path, store: &store }.preview(run, &order);
        confirm::meant(&[shown, vec![signer]].concat(), &order, run, cli.yes, output)?;
    }
    let shown = if run.is_none() { String::from("everything") } else { format!("run {run}") };
    let shown = format!("signed: {shown}: {order}");
    let created_at = now();
    let statement = Statement { run, order, created_at }.encode();
    let record = sign_message(&*key, &statement)
        .map_err(|error| Failure::broken(format!("the message can't be signed: {error}")))?;
    if let Some(judge) = judge.filter(|_| !store::is_anybody_there(path)) {
        judge.check(created_at, &statement, &record)?;
    }
    let signature = record.signature.0;
    let message = Signed { key: record.key_id, signature, statement };
    let inbox = Inbox::at(&rye_journal::store::inbox_folder(path));
    inbox.put(&message.encode()).map_err(|error| Failure::journal(&error))?;
    if !output.is_json() {
        output::line(&shown);
    }
    report(path, message.digest(), output)
}

/// Who signs, as far as the trust that the store believes knows the key.
fn signed_by(key: &dyn Signer, judge: Option<&Judge>) -> String {
    let id = key.public().id();
    let owner =
        judge.and_then(|judge| judge.owner_of(id)).unwrap_or("nobody that this store knows");
    format!("signed by {owner} (key {}…)", head(&id.to_string()))
}

fn what(store: &Store, command: &Command) -> Result<(RunId, Order), Failure> {
    match command {
        Command::Approve { .. } | Command::Deny { .. } | Command::Choose { .. } => {
            vote::order(store, command)
        }
        Command::Cancel { run, fate } => {
            Ok((unfinished(store, run)?.id, Order::Cancel { undo: fate.undo }))
        }
        Command::Rollback { run, part } => {
            let run = store.run(run)?;
            if run.is_over() && !run.holds_anything() {
                let what = format!("run {} holds nothing any more", run.id);
                return Err(Failure::input(what).help("`ryectl contained` lists what is held"));
            }
            Ok((run.id, Order::Rollback { effects: chosen(run, part)? }))
        }
        Command::Settle { run, effect, verdict } => {
            let run = unfinished(store, run)?;
            let done = matches!(verdict, Verdict::Done);
            Ok((run.id, Order::Settle { effect: Store::effect(run, effect)?, done }))
        }
        Command::Release { run, how } => {
            let how = match how {
                How::Continue => Release::Continue,
                How::Undo => Release::Undo,
                How::Keep => Release::Keep,
            };
            Ok((unfinished(store, run)?.id, Order::Release(how)))
        }
        Command::Halt { scope, reason } => {
            Ok((scoped(store, scope)?, Order::Halt { reason: reason_of(reason)? }))
        }
        Command::Resume { scope } => Ok((scoped(store, scope)?, Order::Resume)),
        Command::Lift { run } => {
            let run = unfinished(store, run)?;
            Ok((run.id, Order::Lift { effect: over_quota(run)? }))
        }
        Command::Renew { run, effect, span } => {
            let run = store.run(run)?;
            let effect = Store::effect(run, effect)?;
            Ok((run.id, Order::Renew { effect, span: *span }))
        }
        Command::LetGo { run, effect } => {
            let run = store.run(run)?;
            Ok((run.id, Order::LetGo { effect: Store::effect(run, effect)? }))
        }
        Command::Erase { run, reason } => {
            Ok((store.run(run)?.id, Order::Erase { reason: reason_of(reason)? }))
        }
        Command::Runs
        | Command::Show { .. }
        | Command::Replay { .. }
        | Command::Contained
        | Command::Requests
        | Command::Journal(_) => Err(Failure::call("this says nothing to a run")),
    }
}

/// The run that is named, to which there is still something to say.
fn unfinished<'s>(store: &'s Store, run: &str) -> Result<&'s Run, Failure> {
    let run = store.run(run)?;
    if !run.is_over() {
        return Ok(run);
    }
    let what = format!("run {} is over", run.id);
    let help = "`ryectl rollback` undoes what it still holds; `ryectl contained` says what that is";
    Err(Failure::input(what).help(help))
}

/// What a quota of the site refused.
fn over_quota(run: &Run) -> Result<EffectId, Failure> {
    run.over_quota().ok_or_else(|| {
        let what = format!("run {} is not held by a quota", run.id);
        Failure::input(what).help(
            "only a blast radius or a rate of the site can be lifted; `ryectl contained` says \
             what each run waits for",
        )
    })
}

/// The run that is named, or the id that stands for none.
fn scoped(store: &Store, scope: &Scope) -> Result<RunId, Failure> {
    scope.run.as_deref().map_or(Ok(RunId::default()), |run| Ok(store.run(run)?.id))
}

fn reason_of(text: &str) -> Result<Name, Failure> {
    let (text, most) = (text.trim(), REASON_BYTES_MAX);
    if text.is_empty() {
        return Err(Failure::call("this has a reason").help("say why: whoever reads it acts on it"));
    }
    if text.len() > most {
        let what = format!("the reason has {} bytes, and at most {most} are kept", text.len());
        return Err(Failure::call(what).help("one or two sentences are enough"));
    }
    Ok(Name::from(text))
}

/// The effects that a part of a rollback names; none where it is all.
fn chosen(run: &Run, part: &Part) -> Result<Vec<EffectId>, Failure> {
    if let Some(stage) = &part.stage {
        let is_its = |state: &EffectState| *state.place.stage == **stage;
        let effects: Vec<EffectId> =
            run.records().filter(|(_, state, _)| is_its(state)).map(|(id, ..)| id).collect();
        if effects.is_empty() {
            return Err(Failure::input(format!("nothing of a stage `{stage}` still stands"))
                .help(format!("`ryectl show {}` lists what stands, by stage", run.id)));
        }
        return Ok(effects);
    }
    let effects: Vec<EffectId> =
        part.effects.iter().map(|text| Store::effect(run, text)).collect::<Result<_, _>>()?;
    if effects.len() > ROLLBACK_EFFECTS_MAX {
        let what = format!("at most {ROLLBACK_EFFECTS_MAX} effects are undone at once");
        return Err(Failure::call(what).help("leave `--effect` out to undo all"));
    }
    Ok(effects)
}

fn signer(cli: &Cli) -> Result<Box<dyn Signer>, Failure> {
    let key = cli.key.as_ref().ok_or_else(|| {
        Failure::call("what you say to a run is signed").help("name your secret key: `--key FILE`")
    })?;
    Ok(rye_signer::open(key, &cli.passphrase)?)
}

/// The refusal of a message, for whoever signed it.
fn refusal(reason: &str) -> Failure {
    let failure = Failure::refused(format!("refused: {reason}"));
    match refusal_help(reason) {
        Some(help) => failure.help(help),
        None => failure,
    }
}

/// Waits until the journal says what became of the message.
fn report(path: &Path, name: Digest, output: &Output) -> Done {
    let began = Instant::now();
    loop {
        let store = Store::read(path)?;
        if store.engine.has_taken(name) {
            let refused = store.entries.iter().find_map(|(_, entry)| match &entry.body {
                Body::MessageRefused { message, reason, .. } if *message == name => {
                    Some(reason.clone())
                }
                _ => None,
            });
            return match refused {
                Some(reason) => Err(refusal(&reason)),
                None => Ok(said(name, "taken", taken(&store, name), output)),
            };
        }
        if !store::is_anybody_there(path) || began.elapsed() > PATIENCE {
            let text = "stored; the next `ryed resume` on this store takes or refuses it";
            return Ok(said(name, "stored", text, output));
        }
        thread::sleep(Duration::from_millis(100));
    }
}

/// What it means that a message was taken.
fn taken(store: &Store, name: Digest) -> &'static str {
    let said = store.entries.iter().find_map(|(_, entry)| match &entry.body {
        Body::Halted { by, .. } if by.message == name => {
            Some("taken: nothing is done and nothing undone until two owners say `resume`")
        }
        Body::Resumed { by, lifted, .. } if by.message == name => Some(if *lifted {
            "taken: it goes on"
        } else {
            "taken: one more owner has to say so before it goes on"
        }),
        Body::Lifted { by, enough, .. } if by.message == name => Some(if *enough {
            "taken: it is tried again, and no quota stops it"
        } else {
            "taken: one more owner has to say so before the quota is lifted"
        }),
        _ => None,
    });
    said.unwrap_or("taken")
}

fn said(name: Digest, state: &str, text: &str, output: &Output) -> ExitCode {
    if output.is_json() {
        output::document(&json!({ "message": name.to_string(), "state": state }));
    } else {
        output::line(text);
    }
    ExitCode::SUCCESS
}
