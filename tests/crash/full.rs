//! The disk that the store is on has too little space, however little: what is written
//! last is there in part, or not at all.

use std::process::Command;

use rye_tests::campaign::{Chance, rounds};
use rye_tests::namespace::as_root_with_own_mounts;
use rye_tests::site::Site;

use crate::{ends_as_undisturbed, run, run_command};

/// The smallest disks that a run can't fill, in KiB.
const ENOUGH: u64 = 6 << 10;

#[test]
fn a_run_whose_disk_is_full_comes_to_its_end_when_there_is_space_again() {
    as_root_with_own_mounts(|| {
        let mut site = Site::new(|_, _| {});
        let mut chance = Chance::of("full");
        let folder = site.folder.join("disk");
        std::fs::create_dir(&folder).expect("a folder in our own");
        site.store = folder.join("store");
        for round in 0..rounds(3) {
            let kibibytes = 4 + chance.below(ENOUGH);
            let mount = |options: String| {
                run(Command::new("mount")
                    .args(["-t", "tmpfs", "-o", &options, "rye"])
                    .arg(&folder));
            };
            mount(format!("size={kibibytes}k"));
            let key = format!("full-{round}");
            let _ = run_command(&site, &key).status().expect("ryed can be started");
            mount("remount,size=64m".into());
            ends_as_undisturbed(&site, &key, &format!("round {round}, {kibibytes} KiB"));
            run(Command::new("umount").arg(&folder));
        }
    });
}
