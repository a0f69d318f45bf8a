//! The power goes at random moments of a run: the store is on a file system of its own,
//! which forgets what was not made durable. It needs the real root and a loop device.

use std::path::PathBuf;
use std::process::Command;
use std::thread;
use std::time::Duration;

use rye_tests::campaign::{Chance, rounds, skip};
use rye_tests::namespace::{as_root_with_own_mounts, is_real_root};
use rye_tests::site::Site;
use rye_tests::victim::eventually;

use crate::{ends_as_undisturbed, run, run_command};

/// The longest that a run is left alone, in milliseconds: longer than it takes.
const LATEST: u64 = 400;

/// Shuts an ext4 file system down where it stands: nothing more is written, its own
/// journal neither (`EXT4_IOC_SHUTDOWN` with `EXT4_GOING_FLAGS_NOLOGFLUSH`).
const SHUTDOWN: &str = r#"
    open(my $root, "<", $ARGV[0]) or die "open: $!";
    my $flags = pack("L", 2);
    ioctl($root, 0x8004587D, $flags) or die "ioctl: $!";
"#;

#[test]
fn a_run_whose_power_is_cut_anywhere_comes_to_its_end_with_one_effect() {
    if !is_real_root() {
        return skip("only root can mount a file system of its own");
    }
    as_root_with_own_mounts(|| {
        let mut site = Site::new(|_, _| {});
        let mut chance = Chance::of("power");
        for round in 0..rounds(3) {
            let moment = chance.below(LATEST);
            let disk = Disk::new(&site, round);
            site.store = disk.folder.join("store");
            let key = format!("power-{round}");
            let mut ryed = run_command(&site, &key).spawn().expect("ryed can be started");
            thread::sleep(Duration::from_millis(moment));
            disk.lose_power();
            ryed.kill().expect("our own child");
            ryed.wait().expect("our own child");
            disk.come_back();
            ends_as_undisturbed(&site, &key, &format!("round {round}, cut after {moment} ms"));
        }
    });
}

/// A file system in a file.
struct Disk {
    image: PathBuf,
    /// Where it is mounted.
    folder: PathBuf,
}

impl Disk {
    fn new(site: &Site, round: u64) -> Self {
        let image = site.folder.join(format!("image-{round}"));
        let folder = site.folder.join(format!("disk-{round}"));
        std::fs::create_dir(&folder).expect("a folder in our own");
        let disk = Self { image, folder };
        let (image, folder) = (&disk.image, &disk.folder);
        run(Command::new("truncate").arg("--size=128M").arg(image));
        run(Command::new("mkfs.ext4").args(["-q", "-F"]).arg(image));
        disk.mount();
        // What was there before the run is not what is looked at.
        run(Command::new("sync").arg("--file-system").arg(folder));
        disk
    }

    fn mount(&self) {
        run(Command::new("mount").args(["-o", "loop"]).args([&self.image, &self.folder]));
    }

    fn lose_power(&self) {
        run(Command::new("perl").args(["-e", SHUTDOWN]).arg(&self.folder));
    }

    fn come_back(&self) {
        let unmount = || Command::new("umount").arg(&self.folder).output();
        // A program that the daemon was just starting has its files for a moment still.
        let is_free = || unmount().is_ok_and(|output| output.status.success());
        assert!(eventually(is_free), "{:?}", unmount());
        self.mount();
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // What stays mounted goes with this process's mounts.
        let _ = Command::new("umount").arg(&self.folder).status();
        let _ = std::fs::remove_file(&self.image);
    }
}
