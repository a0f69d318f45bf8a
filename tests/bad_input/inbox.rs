//! What stands in the inbox of a store, which everybody who may write there can
//! put there.

use std::fs;

use rye_core::digest::{Digest, MESSAGE};
use rye_tests::namespace::as_root;

use crate::{RESUME, RUN, desk, fine, noise, survives, variants};

#[test]
fn anything_in_the_inbox_is_passed_over() {
    as_root(|| {
        let site = desk();
        fine(&site, RUN);
        assert_eq!(site.blocks(), 1);
        let runs = fine(&site, "ryectl --store store --json runs").stdout;
        let run =
            runs.split("\"run\":\"").nth(1).and_then(|it| it.split('"').next()).expect("an id");
        let inbox = site.store.join("inbox");
        let put = |bytes: &[u8]| {
            let name = format!("{}.message", Digest::derive(MESSAGE, &[bytes]));
            fs::write(inbox.join(name), bytes).expect("our own folder");
        };
        fine(&site, &format!("ryectl --store store --key operator rollback {run} --yes"));
        let message = fs::read_dir(&inbox).expect("the inbox").next().expect("a message");
        let path = message.expect("a message").path();
        let good = fs::read(&path).expect("a message");
        fs::remove_file(&path).expect("a message");

        for (_, bytes) in variants(&good) {
            put(&bytes);
        }
        for seed in 0..200 {
            put(&noise(seed, usize::try_from(seed).expect("a small number") * 7));
        }
        put(&vec![0; 65_537]);
        for line in [
            "truncate -s 64G store/inbox/giant.message",
            "mkfifo store/inbox/pipe.message",
            "ln -s /dev/zero store/inbox/link.message",
            "mkdir store/inbox/folder.message",
            "ln -s /dev/zero store/inbox/1111111111111111111111111111111111111111111111111111111111111111.message",
            "mkfifo store/inbox/2222222222222222222222222222222222222222222222222222222222222222.message",
            "mkdir store/inbox/3333333333333333333333333333333333333333333333333333333333333333.message",
            "truncate -s 64G store/inbox/4444444444444444444444444444444444444444444444444444444444444444.message",
            "touch store/inbox/.preparing-mine \"store/inbox/$(printf 'a\\033[2Jb')\"",
        ] {
            fine(&site, &format!("sh -c '{}'", line.replace('\'', "'\\''")));
        }
        let told = survives(&site, "a full inbox", RESUME, &[0]);
        assert!(told.stderr.contains("refused a message: "), "{told:?}");
        assert_eq!(site.blocks(), 1, "nobody was let go");
        fine(&site, "ryectl --store store journal verify");

        // In the middle of all that, what a person says is heard.
        put(&good);
        survives(&site, "a message among others", RESUME, &[0]);
        assert_eq!(site.blocks(), 0, "rolled back");
        put(&good);
        let told = survives(&site, "the same again", RESUME, &[0]);
        assert!(!told.stderr.contains("a person said"), "{told:?}");
        fine(&site, "ryectl --store store journal verify");
    });
}
