use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;

use super::*;

fn inbox() -> (tempfile::TempDir, Inbox) {
    let folder = tempfile::tempdir().unwrap();
    let inbox = Inbox::at(folder.path());
    (folder, inbox)
}

#[test]
fn a_message_goes_in_and_out() {
    let (_folder, inbox) = inbox();
    assert_eq!(inbox.list().unwrap(), Listing::default());
    let name = inbox.put(b"cancel").unwrap();
    assert_eq!(inbox.list().unwrap().messages, [name]);
    assert_eq!(inbox.read(name).unwrap(), Found::Message(b"cancel".to_vec()));
    inbox.remove(name).unwrap();
    inbox.remove(name).unwrap();
    assert_eq!(inbox.read(name).unwrap(), Found::Nothing);
    assert_eq!(inbox.list().unwrap(), Listing::default());
}

#[test]
fn a_message_twice_is_one_and_the_order_is_that_of_names() {
    let (_folder, inbox) = inbox();
    let mut names: Vec<Digest> = (0..20_u8).map(|n| inbox.put(&[n]).unwrap()).collect();
    assert_eq!(inbox.put(&[3]).unwrap(), names[3]);
    names.sort();
    assert_eq!(inbox.list().unwrap().messages, names);
}

#[test]
fn a_message_is_bounded() {
    let (_folder, inbox) = inbox();
    let name = inbox.put(&vec![1; INBOX_MESSAGE_BYTES_MAX]).unwrap();
    assert!(matches!(inbox.read(name).unwrap(), Found::Message(_)));
    let error = inbox.put(&vec![1; INBOX_MESSAGE_BYTES_MAX + 1]).unwrap_err();
    assert!(error.to_string().contains("more than 65536 bytes"), "{error}");
    assert_eq!(inbox.list().unwrap().messages, [name]);
}

#[test]
fn what_is_no_message_is_skipped_and_said() {
    let (folder, inbox) = inbox();
    let good = inbox.put(b"good").unwrap();
    let digest = |n: u8| Digest([n; 32]);
    let path = |name: &str| folder.path().join(name);
    let named = |n: u8| path(&file_name(digest(n)));

    symlink("/etc/passwd", named(1)).unwrap();
    fs::create_dir(named(2)).unwrap();
    fs::write(named(3), b"not its digest").unwrap();
    fs::File::create(named(4)).unwrap().set_len(1 << 40).unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(path("socket")).unwrap();
    fs::rename(path("socket"), named(5)).unwrap();
    fs::write(path("odd name\n.message"), b"x").unwrap();
    fs::write(path(&format!("{}{SUFFIX}", "A".repeat(64))), b"x").unwrap();
    fs::write(folder.path().join(std::ffi::OsStr::from_bytes(b"\xff\xfe")), b"x").unwrap();
    fs::write(path(&format!("{PREPARING}x.1.1")), b"half").unwrap();

    let listing = inbox.list().unwrap();
    assert!(!listing.more);
    assert!(listing.messages.contains(&good));
    assert_eq!(listing.messages.len(), 3, "{listing:?}");
    let whys = |why| listing.skipped.iter().filter(|skipped| skipped.why == why).count();
    assert_eq!((whys(Unreadable::NotAFile), whys(Unreadable::Name)), (3, 3), "{listing:?}");
    let read = |n| inbox.read(digest(n)).unwrap();
    for n in [1, 2, 5] {
        assert_eq!(read(n), Found::Unreadable(Unreadable::NotAFile), "{n}");
    }
    assert_eq!(read(3), Found::Unreadable(Unreadable::Altered));
    assert_eq!(read(4), Found::Unreadable(Unreadable::TooLong));
    assert_eq!(inbox.read(good).unwrap(), Found::Message(b"good".to_vec()));
}

#[test]
fn a_pipe_is_not_waited_for() {
    let (folder, inbox) = inbox();
    let name = Digest([1; 32]);
    let path = folder.path().join(file_name(name));
    let made = std::process::Command::new("mkfifo").arg(&path).status().unwrap();
    assert!(made.success());
    assert_eq!(inbox.list().unwrap().skipped.len(), 1);
    assert_eq!(inbox.read(name).unwrap(), Found::Unreadable(Unreadable::NotAFile));
}

#[test]
fn a_flood_is_listed_in_parts() {
    let (folder, inbox) = inbox();
    for n in 0..=INBOX_MESSAGES_MAX {
        let name = Digest::derive(MESSAGE, &[&n.to_be_bytes()]);
        fs::write(folder.path().join(file_name(name)), n.to_be_bytes()).unwrap();
    }
    let listing = inbox.list().unwrap();
    assert!(listing.more);
    assert_eq!(listing.messages.len(), INBOX_MESSAGES_MAX);
    for name in listing.messages {
        inbox.remove(name).unwrap();
    }
    let rest = inbox.list().unwrap();
    assert_eq!((rest.messages.len(), rest.more), (1, false));
}
