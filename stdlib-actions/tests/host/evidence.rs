//! What a machine shows of itself, collected.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use rye_core::adapter::Ending;
use rye_core::hex;
use rye_core::value::{Hash, Value};
use rye_tests::victim::{Victim, eventually, with_victim};

use crate::site::{Site, host};

fn site<'a>(victim: &'a Victim, folder: &Path, nft: &str) -> Site<'a> {
    Site::with(victim, |config| {
        config.evidence = folder.join("evidence");
        config.nft = PathBuf::from(nft);
    })
}

fn collect(site: &Site<'_>, key: u8) -> Value {
    match site.act("evidence.collect", &vec![("host", host())], key) {
        Ending::Done(archive) => archive,
        other => panic!("{other:?}"),
    }
}

fn text(archive: &Value, field: &str) -> String {
    archive.field(field).expect("the field").to_string()
}

fn run(program: &str, arguments: &[&str], folder: &Path) -> String {
    let output = Command::new(program).args(arguments).current_dir(folder).output();
    let output = output.expect("it can be started");
    assert!(output.status.success(), "{program}: {output:?}");
    String::from_utf8(output.stdout).expect("text")
}

#[test]
fn an_archive_holds_what_the_machine_shows_and_proves_itself() {
    with_victim(|victim| {
        let folder = tempfile::tempdir().expect("a folder");
        let site = site(victim, folder.path(), "/usr/sbin/nft");
        victim.script("logger 'a word for the journal'; journalctl --sync");
        victim.script("setsid sleep 601 >/dev/null 2>&1 </dev/null &");
        assert!(eventually(|| victim.succeeds("pgrep", &["-x", "-f", "sleep 601"])));
        let archive = collect(&site, 1);
        let path = text(&archive, "path");
        assert_eq!(fs::metadata(&path).expect("the archive").permissions().mode() & 0o777, 0o600);
        assert_eq!(text(&archive, "bytes"), fs::metadata(&path).expect("it").len().to_string());
        let digest = run("sha256sum", &[&path], folder.path());
        assert!(digest.starts_with(&text(&archive, "digest")), "{digest}");

        run("tar", &["-xf", &path], folder.path());
        let inside = folder.path().join(Path::new(&path).file_stem().expect("a name"));
        run("sha256sum", &["--check", "--strict", "MANIFEST.sha256"], &inside);
        for (part, word) in [
            ("processes.txt", "\tsleep 601"),
            ("sockets.txt", ":22 "),
            ("services.txt", "ssh.service"),
            ("packet_filter.json", "nftables"),
            ("journal.json", "a word for the journal"),
            ("logins.txt", "reboot"),
        ] {
            let content = fs::read_to_string(inside.join(part)).expect(part);
            assert!(content.contains(word), "{part}: {content}");
        }
        let again = collect(&site, 1);
        assert_eq!(again, archive, "once is enough");
        assert_ne!(text(&collect(&site, 2), "path"), path);
    });
}

#[test]
fn what_can_not_be_had_is_left_out_and_said() {
    with_victim(|victim| {
        let folder = tempfile::tempdir().expect("a folder");
        let archive = collect(&site(victim, folder.path(), "/nowhere/nft"), 1);
        let warnings = text(&archive, "warnings");
        let expected = "packet_filter.json: missing: the machine has no /nowhere/nft";
        assert!(warnings.contains(expected), "{warnings}");
        let list = run("tar", &["-tf", &text(&archive, "path")], folder.path());
        assert!(list.contains("/sockets.txt") && !list.contains("packet_filter"), "{list}");
        assert!(matches!(archive.field("digest"), Some(Value::Hash(Hash::Sha256(digest)))
            if hex::encode(digest).len() == 64));
    });
}
