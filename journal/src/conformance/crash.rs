//! Death at every call, power cuts, broken and full disks.

use super::*;
use crate::disk::simulated::Mishap;

held! {
    by all {
        a_kill_at_any_call_loses_nothing_acknowledged
        a_power_cut_at_any_call_loses_nothing_acknowledged
        a_disk_that_breaks_ends_appends_and_not_look_ups
        a_full_disk_refuses_and_loses_nothing
    }
    by indexed {}
}

const GROUPS: u64 = 8;

/// Makes a store and appends groups of three until something fails; returns how
/// many entries were acknowledged, or nothing when there is no store.
fn history<K: Kind>(at: &Place) -> Option<u64> {
    let mut subject = K::create(at).ok()?;
    for group in 0..GROUPS {
        if group == GROUPS / 2 {
            // A copy of files in use: what a crash may leave of them.
            let _ = copy(&at.index(), &at.folder.path().join("half"));
        }
        if let Err(error) = subject.append(group * 3, 3) {
            subject.assert_holds_acknowledged(group * 3);
            let again = subject.append(group * 3, 3).unwrap_err();
            assert_eq!(again.to_string(), error.to_string());
            return Some(group * 3);
        }
    }
    Some(GROUPS * 3)
}

impl Subject {
    /// That look-ups of what was acknowledged work, unless the whole disk is gone.
    fn assert_holds_acknowledged(&self, size: u64) {
        for seq in 0..size {
            if let Ok(found) = self.store.get(seq) {
                assert_is_entry(&found.unwrap().view().unwrap(), seq, "acknowledged");
            }
        }
    }
}

fn calls_of_a_whole_history<K: Kind>() -> u64 {
    let at = Place::new(SimulatedDisk::new());
    assert_eq!(history::<K>(&at), Some(GROUPS * 3));
    at.disk.calls()
}

/// All that was acknowledged is there, or more of what was appended; it goes on.
fn assert_recovers<K: Kind>(at: &Place, acknowledged: Option<u64>, what: &str) {
    let Some(acknowledged) = acknowledged else { return };
    let mut subject = K::open(at).unwrap_or_else(|error| panic!("{what}: {error}"));
    let size = subject.store.head().size;
    assert!(size >= acknowledged, "{what}: {size} of {acknowledged}");
    subject.assert_holds(size, what);
    subject.append(size, 2).unwrap();
    subject.assert_settles(size + 2, what);
}

fn a_kill_at_any_call_loses_nothing_acknowledged<K: Kind>() {
    for call in 0..calls_of_a_whole_history::<K>() {
        let at = Place::new(SimulatedDisk::new());
        at.disk.plan(call, Mishap::PowerCut);
        let acknowledged = history::<K>(&at);
        let after = at.disk.after_kill();
        let at = at.on(after);
        assert_recovers::<K>(&at, acknowledged, &format!("call {call}"));
        assert_eq!(at.complaints(), [], "call {call}");
    }
}

/// What was not made durable is there or not; of the index, all, nothing, or what
/// there was half way.
fn a_power_cut_at_any_call_loses_nothing_acknowledged<K: Kind>() {
    for call in 0..calls_of_a_whole_history::<K>() {
        let at = Place::new(SimulatedDisk::new());
        at.disk.plan(call, Mishap::PowerCut);
        let acknowledged = history::<K>(&at);
        let after = at.disk.after_power_cut(call);
        let at = at.on(after);
        let index = at.index();
        match call % 3 {
            1 if index.exists() => std::fs::remove_dir_all(&index).unwrap(),
            2 if at.folder.path().join("half").exists() => {
                std::fs::remove_dir_all(&index).unwrap();
                std::fs::rename(at.folder.path().join("half"), &index).unwrap();
            }
            _ => {}
        }
        assert_recovers::<K>(&at, acknowledged, &format!("call {call}"));
    }
}

fn a_disk_that_breaks_ends_appends_and_not_look_ups<K: Kind>() {
    for call in 0..calls_of_a_whole_history::<K>() {
        let at = Place::new(SimulatedDisk::new());
        at.disk.plan(call, Mishap::Broken);
        let acknowledged = history::<K>(&at);
        let after = at.disk.after_kill();
        assert_recovers::<K>(&at.on(after), acknowledged, &format!("call {call}"));
    }
}

fn a_full_disk_refuses_and_loses_nothing<K: Kind>() {
    let at = Place::new(SimulatedDisk::new());
    let mut subject = K::create(&at).unwrap();
    subject.append(0, 2).unwrap();
    at.disk.set_capacity(Some(at.disk.used()));
    let mut size = 2;
    loop {
        match subject.append(size, 3) {
            Ok(_) => size += 3,
            Err(JournalError::DiskFull) => break,
            Err(error) => panic!("{error}"),
        }
    }
    assert!(matches!(subject.append(size, 3), Err(JournalError::DiskFull)));
    subject.assert_settles(size, "on a full disk");
    at.disk.set_capacity(None);
    subject.append(size, 3).unwrap();
    subject.assert_settles(size + 3, "with space again");
    drop(subject);
    K::open(&at).unwrap().assert_settles(size + 3, "opened again");
}

fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    let entries = std::fs::read_dir(from)?;
    std::fs::create_dir_all(to)?;
    for entry in entries {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            std::fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
