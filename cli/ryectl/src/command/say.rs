//! `ryectl approve | deny | choose | cancel | rollback | settle | release`: a signed message into the
//! store's inbox, and what became of it.

use std::fs;
use std::path::Path;
use std::process::ExitCode;
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use rye_bundle::message::{refusal_help, sign_message};
use rye_bundle::sign::Signer;
use rye_core::digest::Digest;
use rye_core::id::RunId;
use rye_core::value::Time;
use rye_engine::entry::{Body, Release};
use rye_engine::message::{Order, Signed, Statement};
use rye_journal::inbox::Inbox;
use serde_json::json;

use crate::command::vote;
use crate::output::{self, Failure, Output};
use crate::store::Store;
use crate::{Cli, Command, Done, How, Verdict};

/// How long we wait for the process that acts on the store.
const PATIENCE: Duration = Duration::from_secs(5);

pub(crate) fn run(cli: &Cli, output: &Output) -> Done {
    let key = signer(cli)?;
    let store = Store::read(&cli.store)?;
    let (run, order) = what(&store, &cli.command, output)?;
    let shown = order.to_string();
    let statement = Statement { run, order, created_at: now() }.encode();
    let record = sign_message(&*key, &statement)
        .map_err(|error| Failure::broken(format!("the message can't be signed: {error}")))?;
    let signature = record.signature.0;
    let message = Signed { key: record.key_id, signature, statement };
    let inbox = Inbox::at(&rye_journal::store::inbox_folder(&cli.store));
    inbox.put(&message.encode()).map_err(|error| Failure::journal(&error))?;
    if !output.is_json() {
        output::line(&format!("signed: run {run}: {shown}"));
    }
    report(&cli.store, message.digest(), output)
}

fn what(store: &Store, command: &Command, output: &Output) -> Result<(RunId, Order), Failure> {
    match command {
        Command::Approve { .. } | Command::Deny { .. } | Command::Choose { .. } => {
            vote::order(store, command, output)
        }
        Command::Cancel { run, fate } => {
            Ok((store.run(run)?.id, Order::Cancel { undo: fate.undo }))
        }
        Command::Rollback { run } => Ok((store.run(run)?.id, Order::Rollback)),
        Command::Settle { run, effect, verdict } => {
            let run = store.run(run)?;
            let done = matches!(verdict, Verdict::Done);
            Ok((run.id, Order::Settle { effect: Store::effect(run, effect)?, done }))
        }
        Command::Release { run, how } => {
            let how = match how {
                How::Continue => Release::Continue,
                How::Undo => Release::Undo,
                How::Keep => Release::Keep,
            };
            Ok((store.run(run)?.id, Order::Release(how)))
        }
        Command::Runs
        | Command::Show { .. }
        | Command::Contained
        | Command::Requests
        | Command::Journal(_) => Err(Failure::call("this says nothing to a run")),
    }
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
                Body::MessageRefused { message, reason } if *message == name => {
                    Some(reason.clone())
                }
                _ => None,
            });
            return match refused {
                Some(reason) => Err(refusal(&reason)),
                None => Ok(said(name, "taken", "taken", output)),
            };
        }
        if !is_anybody_there(path) || began.elapsed() > PATIENCE {
            let text = "stored; the next `ryed resume` on this store will act on it";
            return Ok(said(name, "stored", text, output));
        }
        thread::sleep(Duration::from_millis(100));
    }
}

/// Whether a process may be acting on the store now: the one that the lock names
/// lives, or can't be looked for.
fn is_anybody_there(store: &Path) -> bool {
    let lock = fs::read_to_string(rye_journal::store::lock_file(store)).unwrap_or_default();
    match lock.trim().parse::<u32>() {
        Ok(process) => Path::new("/proc").join(process.to_string()).exists(),
        Err(_) => true,
    }
}

fn said(name: Digest, state: &str, text: &str, output: &Output) -> ExitCode {
    if output.is_json() {
        output::document(&json!({ "message": name.to_string(), "state": state }));
    } else {
        output::line(text);
    }
    ExitCode::SUCCESS
}

pub(crate) fn now() -> Time {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Time(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}
