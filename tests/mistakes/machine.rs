//! Mistakes with the machine: files, options, disks, releases.

use std::fs;

use rye_tests::namespace::{as_root, as_root_with_own_mounts};
use rye_tests::site::Site;
use rye_tests::transcript::Transcript;

use crate::{RESUME, RUN, desk, edit, run_id};

#[test]
fn a_site_file_that_others_may_change() {
    as_root(|| {
        let site = desk();
        let mut terminal = Transcript::new(&site, "Whoever may change the site file decides.");
        site.fine("chmod 666 site.toml");
        let told = terminal.run(RUN);
        assert_eq!((told.code, told.command()), (1, String::from("chmod go-w site.toml")));
        terminal.run(&told.command());
        assert_eq!(terminal.run(RUN).code, 0);
        assert!(site.attacker_is_cut_off());
        terminal.check("mistakes/open_site.txt");
    });
}

#[test]
fn a_site_file_that_may_not_be_read() {
    as_root(|| {
        let site = desk();
        let mut terminal = Transcript::new(&site, "A site file that this user may not read.");
        site.fine("chmod 000 site.toml");
        // Root reads whatever it likes, unless it can't any more.
        let run = format!("setpriv --bounding-set=-dac_override,-dac_read_search {RUN}");
        let told = terminal.run(&run);
        assert_eq!(told.code, 1);
        assert_eq!(told.help(), "let this user read the file, and its folders too");
        terminal.run("chmod 600 site.toml");
        assert_eq!(terminal.run(&run).code, 0);
        assert!(site.attacker_is_cut_off());
        terminal.check("mistakes/unreadable_site.txt");
    });
}

#[test]
fn options_that_nobody_knows() {
    as_root(|| {
        let site = desk();
        let mut terminal = Transcript::new(&site, "Slips of the pen in the site file.");
        edit(&site, "site.toml", "environment = ", "enviroment = ");
        let told = terminal.run(RUN);
        assert_eq!((told.code, told.help()), (1, String::from("did you mean `environment`?")));
        edit(&site, "site.toml", "enviroment = ", "environment = ");
        edit(&site, "site.toml", "namespace = ", "namespac = ");
        terminal.note("so it is; another one");
        let told = terminal.run(RUN);
        assert_eq!((told.code, told.help()), (1, String::from("did you mean `namespace`?")));
        edit(&site, "site.toml", "namespac = ", "namespace = ");
        terminal.note("so it is");
        assert_eq!(terminal.run(RUN).code, 0);
        assert!(site.attacker_is_cut_off());
        terminal.check("mistakes/misspelt_option.txt");
    });
}

/// A disk of its own for the store, until this is dropped: a site can't be removed
/// with one in it.
struct SmallDisk<'a>(&'a Site);

impl<'a> SmallDisk<'a> {
    fn mount(site: &'a Site, bytes: &str) -> Self {
        fs::create_dir(site.at("disk")).expect("our own folder");
        site.fine(&format!("mount -t tmpfs -o size={bytes} tmpfs disk"));
        Self(site)
    }

    fn grow(&self) {
        self.0.fine("mount -o remount,size=64m disk");
    }
}

impl Drop for SmallDisk<'_> {
    fn drop(&mut self) {
        self.0.shell("umount --lazy disk");
    }
}

/// The same call with the store on that disk.
fn on_disk(line: &str) -> String {
    line.replace("--store store", "--store disk/store")
}

#[test]
fn a_disk_that_is_full_before_the_run() {
    as_root_with_own_mounts(|| {
        let site = desk();
        let mut terminal = Transcript::new(&site, "A disk that is full before anything begins.");
        let disk = SmallDisk::mount(&site, "2m");
        let told = terminal.run(&on_disk(RUN));
        assert_eq!(told.code, 4);
        assert_eq!(told.help(), "free some space, then call it again");
        assert!(site.attacker_connects(), "nothing was done");
        let left = site.fine("du -sk disk").stdout;
        let left: u64 = left.split_whitespace().next().and_then(|it| it.parse().ok()).expect("kB");
        assert!(left < 64, "the disk is not full because of us: {left} kB");
        terminal.note("the disk gets room");
        disk.grow();
        assert_eq!(terminal.run(&on_disk(RUN)).code, 0);
        assert!(site.attacker_is_cut_off());
        terminal.check("mistakes/full_disk_before.txt");
    });
}

/// Blocks an address, and then has a lot to write down.
const DIARIST: &str = "\
use std.clock
use std.firewall
use std.notify

playbook diarist(address: Address) {
    severity low
    deadline 5h
    limit Address 1
    on failure hold

    do firewall.block(address: address, reason: \"a test\") for 1h
    each number in 0 .. 2_000 max 2_000 {
        let now = ask clock.now()
        if now < 2001-01-01T00:00:00Z {
            fail \"{number}: no clock\"
        }
    }
    tell notify.analysts(text: \"all is written down\")
    finish contained
}
";

#[test]
fn a_disk_that_gets_full_in_the_middle_of_a_run() {
    as_root_with_own_mounts(|| {
        let site = desk();
        let mut terminal = Transcript::new(&site, "A disk that gets full in the middle of a run.");
        site.write("diarist.rye", DIARIST);
        site.write("address.json", "{ \"address\": \"203.0.113.7\" }");
        site.fine("ryec build diarist.rye -o built --name demo/diarist --audience demo");
        site.fine("ryec sign built --key author -o diarist.ryeb");
        edit(&site, "site.toml", "[mode]\n", "[mode]\ndiarist = \"enforce\"\n");
        let disk = SmallDisk::mount(&site, "6m");
        let run = RUN.replace("keep_out/input", "address").replace("keep_out", "diarist");
        let told = terminal.run(&on_disk(&run));
        assert_eq!(told.code, 4);
        assert_eq!(told.help(), "free some space, then `ryed resume`");
        assert!(site.attacker_is_cut_off(), "what was done stays");
        assert_eq!(site.notices().len(), 0, "nothing more is done");
        assert_eq!(terminal.run("ryectl --store disk/store journal verify").code, 0);
        terminal.note("there is still no room: it says so again, and does nothing");
        let again = terminal.run(&on_disk(RESUME));
        assert_eq!((again.code, again.help()), (4, told.help()));
        terminal.note("the disk gets room");
        disk.grow();
        assert_eq!(terminal.run(&on_disk(RESUME)).code, 0);
        assert_eq!((site.blocks(), site.notices().len()), (1, 1));
        assert_eq!(terminal.run("ryectl --store disk/store journal verify").code, 0);
        terminal.check("mistakes/full_disk_within.txt");
    });
}

/// CRC-32C (Castagnoli), bit by bit.
fn crc32c(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc: u32, _| {
            if crc & 1 == 1 { (crc >> 1) ^ 0x82f6_3b78 } else { crc >> 1 }
        })
    })
}

/// Gives the first segment of the store another version, as the journal format says.
fn set_version(site: &Site, version: u8) -> Vec<u8> {
    let path = site.store.join("journal/00000000000000000000.segment");
    let mut bytes = fs::read(&path).expect("a segment");
    bytes[9] = version;
    let checksum = crc32c(&bytes[..4092]).to_be_bytes();
    bytes[4092..4096].copy_from_slice(&checksum);
    fs::write(&path, &bytes).expect("our own file");
    bytes
}

#[test]
fn a_store_of_a_newer_version() {
    as_root(|| {
        let site = desk();
        let mut terminal = Transcript::new(&site, "A store that a newer release wrote.");
        site.fine(RUN);
        let run = run_id(&site);
        let before = set_version(&site, 2);
        for line in [RUN, RESUME] {
            let told = terminal.run(line);
            assert_eq!(
                (told.code, told.help()),
                (4, String::from("use a release that knows format 2"))
            );
        }
        for words in
            ["runs", &format!("show {run}"), "contained", "journal verify", "journal export"]
        {
            let told = terminal.run(&format!("ryectl --store store {words}"));
            assert_eq!(
                (told.code, told.help()),
                (4, String::from("use a release that knows format 2"))
            );
        }
        terminal.note("nothing was written; the release that knows it goes on");
        let path = site.store.join("journal/00000000000000000000.segment");
        assert!(fs::read(path).is_ok_and(|after| after == before), "the store was left alone");
        set_version(&site, 1);
        assert_eq!(terminal.run("ryectl --store store journal verify").code, 0);
        assert_eq!(terminal.run(RESUME).code, 0);
        terminal.check("mistakes/newer_store.txt");
    });
}
