//! `std.host.file`: moving suspicious files into the store, and back.
//!
//! The order is made for being killed between any two steps: what is needed to put
//! a file back is on the disk before the file moves, and it moves in one step of
//! the file system wherever the store lies on the same one.

use rustix::fs::OFlags;
use rye_core::adapter::Ending;
use rye_core::id::IdempotencyKey;
use rye_core::value::{Hash, Value};

use super::CarryOut;
use super::call::Asked;
use super::ending::{DONE, OWN, already, conflict, denied, refused, rejected};
use super::machine::{Inside, Machine, read};
use super::store::{self, Spot, Store};

pub(super) const VERBS: &[(&str, CarryOut)] = &[
    ("quarantine", quarantine),
    ("restore", restore),
    ("is_quarantined", is_quarantined),
    ("hash", hash),
];

/// Files by which the machine knows its accounts.
const VITAL: &[&str] =
    &["/etc/passwd", "/etc/shadow", "/etc/group", "/etc/gshadow", "/etc/nsswitch.conf"];

fn quarantine(machine: &Machine, asked: &Asked<'_>) -> Result<Ending, Ending> {
    let (path, expected) = (path(asked)?, sha256(asked)?);
    let inside = machine.enter_for(asked, "file")?;
    may_be_touched(&inside, path)?;
    let store = Store::make(&inside)?;
    let item = store.item(&expected, asked.request.key);
    if item.is_kept() {
        // Moved by an attempt whose end was lost.
        item.seal(&expected)?;
        return Ok(DONE);
    }
    let spot = Spot::find(&inside, path)?;
    let file = match spot.open() {
        Ok(file) => file,
        Err(_) if store.keeps(&expected, path) => return Ok(already(asked.request, Value::None)),
        Err(ending) => return Err(ending),
    };
    if store::hash(&file, Some(asked))? != expected {
        return Err(conflict("the file's content is not the one that was named"));
    }
    item.keep(&spot, &file, path, &expected, asked)?;
    if let Err(ending) = item.seal(&expected) {
        // It was another file that moved: somebody wrote to it, or replaced it.
        item.put_back(&spot)?;
        return Err(ending);
    }
    Ok(DONE)
}

fn restore(machine: &Machine, asked: &Asked<'_>) -> Result<Ending, Ending> {
    asked.must_undo()?;
    let key = asked.request.undoes.unwrap_or(IdempotencyKey([0; 32]));
    let (path, expected) = (path(asked)?, sha256(asked)?);
    let inside = machine.enter_for(asked, "file")?;
    let Some(store) = Store::find(&inside)? else { return Ok(DONE) };
    let item = store.item(&expected, key);
    if !item.is_kept() {
        // It never moved, or an attempt before has put it back.
        item.forget()?;
        return Ok(DONE);
    }
    if !item.content_is(&expected)? {
        return Err(conflict("the file was changed in the store"));
    }
    item.put_back(&Spot::find(&inside, path)?)?;
    Ok(DONE)
}

fn is_quarantined(machine: &Machine, asked: &Asked<'_>) -> Result<Ending, Ending> {
    let (path, expected) = (path(asked)?, sha256(asked)?);
    let inside = machine.enter_for(asked, "file")?;
    let kept = Store::find(&inside)?.is_some_and(|store| store.keeps(&expected, path));
    let lies_there = || -> Result<bool, Ending> {
        match Spot::find(&inside, path).and_then(|spot| spot.open()) {
            Ok(file) => Ok(store::hash(&file, Some(asked))? == expected),
            Err(_) => Ok(false),
        }
    };
    Ok(Ending::Done(Value::Bool(kept && !lies_there()?)))
}

fn hash(machine: &Machine, asked: &Asked<'_>) -> Result<Ending, Ending> {
    let path = path(asked)?;
    let inside = machine.enter_for(asked, "file")?;
    let file = Spot::find(&inside, path)?.open()?;
    Ok(Ending::Done(Value::Hash(Hash::Sha256(store::hash(&file, Some(asked))?))))
}

/// The path that the call names: absolute, and spelled in one way only.
fn path<'a>(asked: &Asked<'a>) -> Result<&'a str, Ending> {
    let path = asked.part("file", "path")?;
    let plain = |part: &str| !part.is_empty() && part != "." && part != "..";
    let is_path = path.strip_prefix('/').is_some_and(|rest| rest.split('/').all(plain));
    if is_path && !path.contains('\0') {
        return Ok(path);
    }
    Err(rejected("this is no whole path of a file: absolute, without `.`, `..` and doubled `/`"))
}

fn sha256(asked: &Asked<'_>) -> Result<[u8; 32], Ending> {
    match asked.value("hash") {
        Value::Hash(Hash::Sha256(hash)) => Ok(*hash),
        _ => Err(rejected("a file is named by its SHA-256; others can be forged")),
    }
}

/// Refuses what the machine's first process or the daemon runs from, the account
/// database, and what lies in the store already.
fn may_be_touched(inside: &Inside<'_>, path: &str) -> Result<(), Ending> {
    let kept = inside.machine.config.quarantine.to_str().unwrap_or_default();
    if path.strip_prefix(kept).is_some_and(|rest| rest.starts_with('/')) {
        return Err(rejected("the file lies in the store already"));
    }
    let own = inside.machine.is_own().then_some("self/maps");
    for maps in ["1/maps"].into_iter().chain(own) {
        let flags = OFlags::RDONLY | OFlags::CLOEXEC;
        let maps = rustix::fs::openat(&inside.proc, maps, flags, rustix::fs::Mode::empty())
            .map_err(|errno| refused(errno, "what the machine runs from can't be read"))?;
        let maps = read(maps).ok_or_else(|| denied(OWN))?;
        let mapped = |line: &str| line.find('/').and_then(|at| line.get(at..)) == Some(path);
        if maps.lines().any(mapped) {
            return Err(denied(OWN));
        }
    }
    if VITAL.contains(&path) { Err(denied(OWN)) } else { Ok(()) }
}
