//! `ryectl replay RUN`: one run done again from the journal with the bundle that is kept
//! for it, as recovery does it, and compared entry by entry. Nothing is dispatched.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use rye_bundle::archive::Archive;
use rye_bundle::payload::{Payload, payload_digest};
use rye_bytecode::{Options, Section};
use rye_core::digest::Digest;
use rye_core::limit::{RUN_FUEL_MAX, RUN_MEMORY_BYTES_MAX};
use rye_engine::engine::{Budget, Difference, Replay};
use rye_engine::run::{Origin, Run};
use rye_journal::Fault;
use rye_journal::blob::Blobs;
use rye_journal::store::bundles_folder;
use rye_vm::Program;
use serde_json::json;

use crate::Done;
use crate::command::runs;
use crate::output::{self, Failure, Output};
use crate::store::Store;

pub(crate) fn run(path: &Path, text: &str, output: &Output) -> Done {
    let store = Store::read(path)?;
    let run = store.run(text)?;
    let bundle = bundle(run)?;
    if let Some((seq, error)) = store.obscure.first() {
        return Err(Failure::broken(format!("entry {seq} can't be understood: {error}"))
            .help("`ryectl journal verify` says what is wrong with the record"));
    }
    let (payload, program) = code(path, bundle)?;
    let mut replay = Replay::new(run.id, bundle, program, budget(&payload));
    let differs = store
        .entries
        .iter()
        .find_map(|(seq, entry)| replay.take(entry).err().map(|difference| (*seq, difference)));
    tell(&store, run, replay.compared(), differs.as_ref(), output);
    // What a verifier of the journal ends with when its entries contradict each other.
    let contradiction = Fault::Meaning(String::new()).code();
    Ok(differs.map_or(ExitCode::SUCCESS, |_| ExitCode::from(contradiction)))
}

/// The bundle that a run began with.
fn bundle(run: &Run) -> Result<Digest, Failure> {
    match &run.origin {
        Origin::Playbook(start) => Ok(start.bundle),
        Origin::Rollback { of, .. } => {
            let what = format!("run {} is the rollback of another: it has no playbook", run.id);
            Err(Failure::input(what).help(format!("`ryectl replay {of}` replays that one")))
        }
    }
}

/// The bundle that is kept under a digest, and its code, proved again.
fn code(path: &Path, digest: Digest) -> Result<(Payload, Arc<Program>), Failure> {
    let blobs = Blobs::at(&bundles_folder(path));
    let bytes = blobs.get(digest).map_err(|error| Failure::journal(&error))?;
    let bytes = bytes.ok_or_else(|| {
        Failure::broken(format!("the store doesn't hold the bundle {digest} of the run"))
            .help("put the bundle back into the folder `bundles` of the store, under that name")
    })?;
    let unusable = |what: String| {
        Failure::broken(format!("the bundle {digest} in the store can't be used: {what}"))
            .help("it was damaged or exchanged: put back what was loaded")
    };
    let archive = Archive::decode(&bytes).map_err(|refusal| unusable(refusal.to_string()))?;
    let found = payload_digest(archive.payload());
    if found != digest {
        return Err(unusable(format!("it is bundle {found}")));
    }
    let payload =
        Payload::decode(archive.payload()).map_err(|refusal| unusable(refusal.to_string()))?;
    let sections = payload.sections.iter();
    let sections: Vec<Section> =
        sections.map(|section| (section.kind, section.bytes.clone())).collect();
    let module = rye_bytecode::decode(&sections).map_err(|error| unusable(error.to_string()))?;
    let module = rye_bytecode::verify(module, Options::default())
        .map_err(|error| unusable(error.to_string()))?;
    Ok((payload, Program::new(module)))
}

/// What a run of the bundle may spend.
fn budget(payload: &Payload) -> Budget {
    let limits = &payload.manifest.limits;
    let memory = usize::try_from(limits.memory_bytes).unwrap_or(usize::MAX);
    Budget { fuel: limits.fuel.min(RUN_FUEL_MAX), memory: memory.min(RUN_MEMORY_BYTES_MAX) }
}

fn tell(
    store: &Store,
    run: &Run,
    compared: usize,
    differs: Option<&(u64, Difference)>,
    output: &Output,
) {
    let state = runs::state(store, run);
    if output.is_json() {
        return output::document(&json!({
            "run": run.id.to_string(),
            "same": differs.is_none(),
            "compared": compared,
            "state": state,
            "difference": differs.map(|(seq, difference)| json!({
                "seq": seq,
                "journal": difference.journal,
                "machine": difference.machine,
            })),
        }));
    }
    match differs {
        None => {
            let end = if run.is_over() { "to the same end" } else { "to where it stands" };
            output::line(&format!("the run replays {end}: {state}"));
            output::line(&format!(
                "  {compared} entries say what its playbook wanted, and it wants the same"
            ));
        }
        Some((seq, Difference { journal, machine })) => {
            output::line(&format!(
                "entry {seq} is the first that differs, behind {compared} that don't"
            ));
            output::line(&format!("  the journal says   {journal}"));
            output::line(&format!("  the playbook now   {machine}"));
        }
    }
}
