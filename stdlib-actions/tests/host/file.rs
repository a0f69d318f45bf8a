//! Moving suspicious files into the store, and back.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};

use rye_core::error::ErrorKind;
use rye_core::value::{Hash, Value};
use rye_tests::victim::with_victim;

use crate::site::{ALREADY_SO, Arguments, DONE, Site, asset, refusal};

fn file(path: &str) -> Arguments {
    vec![("file", asset("HostFile", "path", path))]
}

fn with_hash(path: &str, hash: &Value) -> Arguments {
    [file(path), vec![("hash", hash.clone())]].concat()
}

/// Makes a file of nobody's with an odd mode, and gives the call that means it.
fn install(site: &Site<'_>, path: &str) -> Arguments {
    site.victim.script(&format!(
        "mkdir -p $(dirname {path}); printf 'evil\\0bytes {path}' > {path}; chown 65534:7 {path}; \
         chmod 4754 {path}; touch -d 2020-02-02T02:02:02Z {path}"
    ));
    with_hash(path, &site.ask("file.hash", &file(path)))
}

/// All by which a file is told from another.
fn look(site: &Site<'_>, path: &str) -> (Vec<u8>, u32, u32, u32, i64) {
    let found = site.at(path);
    let meta = fs::metadata(&found).expect("the file is there");
    let bytes = fs::read(&found).expect("root reads it");
    (bytes, meta.permissions().mode(), meta.uid(), meta.gid(), meta.mtime())
}

#[test]
fn a_quarantined_file_is_read_by_nobody_and_comes_back_as_it_was() {
    with_victim(|victim| {
        let site = Site::new(victim);
        victim.script("mkdir -p /dev/shm/there");
        // On the store's own file system, and on another.
        for (key, path) in [(10, "/opt/app/evil"), (20, "/dev/shm/there/evil")] {
            let evil = install(&site, path);
            let before = look(&site, path);
            assert!(!site.says("file.is_quarantined", &evil));
            assert_eq!(site.undo("file.restore", &evil, key), DONE, "it never moved");
            assert_eq!(look(&site, path), before);

            assert_eq!(site.act("file.quarantine", &evil, key), DONE);
            assert!(!site.exists(path) && site.says("file.is_quarantined", &evil));
            let read = "setpriv --reuid=65534 --clear-groups cat /var/lib/rye/quarantine/* \
                        2>/dev/null | grep -q evil";
            assert!(!victim.succeeds("/bin/sh", &["-c", read]), "its owner can't read it");
            assert_eq!(site.again("file.quarantine", &evil, key), DONE, "it is our own");
            assert_eq!(site.act("file.quarantine", &evil, key + 1), ALREADY_SO);

            assert_eq!(site.undo("file.restore", &evil, key), DONE);
            assert_eq!(look(&site, path), before);
            assert!(!site.says("file.is_quarantined", &evil));
            assert_eq!(site.undo("file.restore", &evil, key), DONE, "twice");
            assert_eq!(look(&site, path), before);
        }
        let left = victim.script("ls -A /var/lib/rye/quarantine");
        assert_eq!(left, "", "nothing stays in the store");
    });
}

#[test]
fn attributes_and_the_flag_of_an_unchangeable_file_come_back() {
    with_victim(|victim| {
        let site = Site::new(victim);
        for (key, path) in [(30, "/opt/stubborn"), (40, "/dev/shm/stubborn")] {
            let evil = install(&site, path);
            victim.program("/sbin/setcap", &["cap_net_raw+ep", path]);
            let chattr = victim.succeeds("chattr", &["+i", path]);
            let attributes = || victim.program("/sbin/getcap", &[path]);
            let flags = || chattr.then(|| victim.program("lsattr", &[path]));
            let (before, flagged) = (attributes(), flags());
            assert!(before.contains("cap_net_raw"));
            assert_eq!(site.act("file.quarantine", &evil, key), DONE);
            assert!(!site.exists(path));
            assert_eq!(site.undo("file.restore", &evil, key), DONE);
            assert_eq!((attributes(), flags()), (before, flagged));
        }
    });
}

#[test]
fn a_file_of_another_content_is_left_alone() {
    with_victim(|victim| {
        let site = Site::new(victim);
        let path = "/opt/changed";
        let evil = install(&site, path);
        victim.script("echo more >> /opt/changed");
        let changed = look(&site, path);
        assert_eq!(refusal(&site.act("file.quarantine", &evil, 50)), ErrorKind::Conflict);
        assert_eq!(look(&site, path), changed);

        let evil = with_hash(path, &site.ask("file.hash", &file(path)));
        assert_eq!(site.act("file.quarantine", &evil, 51), DONE);
        victim.script("echo clean > /opt/changed");
        assert!(site.says("file.is_quarantined", &evil), "another file lies there now");
        assert_eq!(refusal(&site.undo("file.restore", &evil, 51)), ErrorKind::Conflict);
        assert_eq!(look(&site, path).0, b"clean\n", "what lies there is not replaced");
        victim.script("rm /opt/changed");
        assert_eq!(site.undo("file.restore", &evil, 51), DONE);
        assert_eq!(look(&site, path).0, changed.0);
    });
}

#[test]
fn links_and_what_is_no_file_are_refused_and_nothing_behind_them_moves() {
    with_victim(|victim| {
        let site = Site::new(victim);
        let hash = Value::Hash(Hash::Sha256([7; 32]));
        let target = install(&site, "/opt/real/evil");
        let (_, known) = target.last().expect("a hash");
        victim.script(
            "ln -s /opt/real /opt/linked; ln -s /opt/real/evil /opt/real/link; mkfifo /opt/pipe",
        );
        for (path, kind) in [
            ("/opt/linked/evil", ErrorKind::Rejected),
            ("/opt/real/link", ErrorKind::Rejected),
            ("/opt/pipe", ErrorKind::Rejected),
            ("/opt/real", ErrorKind::Rejected),
            ("/dev/null", ErrorKind::Rejected),
            ("/opt/nothing", ErrorKind::NotFound),
            ("/opt/no/folder", ErrorKind::NotFound),
            ("opt/real/evil", ErrorKind::Rejected),
            ("/opt/../opt/real/evil", ErrorKind::Rejected),
            ("/opt//real/evil", ErrorKind::Rejected),
            ("/", ErrorKind::Rejected),
            ("", ErrorKind::Rejected),
            ("/etc/passwd", ErrorKind::Denied),
        ] {
            let call = with_hash(path, known);
            assert_eq!(refusal(&site.act("file.quarantine", &call, 60)), kind, "{path:?}");
        }
        assert!(site.exists("/opt/real/evil") && site.exists("/etc/passwd"));
        let systemd = victim.program("readlink", &["/proc/1/exe"]);
        let call = with_hash(systemd.trim(), &hash);
        assert_eq!(refusal(&site.act("file.quarantine", &call, 60)), ErrorKind::Denied);
        let md5 = Value::Hash(Hash::parse("d41d8cd98f00b204e9800998ecf8427e").expect("a hash"));
        let call = with_hash("/opt/real/evil", &md5);
        assert_eq!(refusal(&site.act("file.quarantine", &call, 60)), ErrorKind::Rejected);
    });
}
