//! Who may log in, and what runs for them.

use rye_core::error::ErrorKind;
use rye_core::value::{Time, Value};
use rye_tests::victim::{eventually, with_victim};

use crate::site::{ALREADY_SO, Arguments, DONE, Site, asset, refusal};

fn account(name: &str) -> Arguments {
    vec![("account", asset("HostAccount", "name", name))]
}

fn restoring(name: &str, expiry: &Value) -> Arguments {
    [account(name), vec![("expiry", expiry.clone())]].concat()
}

#[test]
fn an_expired_account_does_not_log_in_and_its_undo_lets_it_in_again() {
    with_victim(|victim| {
        let site = Site::new(victim);
        victim.add_account("mallory");
        let mallory = account("mallory");
        victim.program("usermod", &["--lock", "mallory"]);
        assert!(victim.logs_in("mallory"), "a locked password stops no key");
        assert!(!site.says("account.is_expired", &mallory));
        let before = site.ask("account.expiry", &mallory);
        assert_eq!(before, Value::None);

        assert_eq!(site.act("account.expire", &mallory, 1), DONE);
        assert!(site.says("account.is_expired", &mallory));
        assert!(!victim.logs_in("mallory"));
        assert_eq!(site.again("account.expire", &mallory, 1), DONE, "it is our own");
        assert_eq!(site.act("account.expire", &mallory, 2), ALREADY_SO, "it is another's");

        let undo = restoring("mallory", &before);
        assert_eq!(site.undo("account.restore", &undo, 1), DONE);
        assert!(victim.logs_in("mallory"));
        assert_eq!(site.undo("account.restore", &undo, 1), DONE, "twice");
        assert!(!site.says("account.is_expired", &mallory));
    });
}

#[test]
fn an_undo_gives_back_exactly_what_was_and_nothing_that_others_said_since() {
    with_victim(|victim| {
        let site = Site::new(victim);
        victim.add_account("ann");
        let ann = account("ann");
        victim.program("chage", &["--expiredate=2100-03-01", "ann"]);
        let before = site.ask("account.expiry", &ann);
        assert_eq!(before, Value::Time(Time::parse("2100-03-01T00:00:00Z").expect("a time")));
        let undo = restoring("ann", &before);
        assert_eq!(site.undo("account.restore", &undo, 1), DONE, "it never expired");
        assert_eq!(site.act("account.expire", &ann, 1), DONE);
        assert_eq!(site.undo("account.restore", &undo, 1), DONE);
        assert_eq!(site.ask("account.expiry", &ann), before);

        assert_eq!(site.act("account.expire", &ann, 2), DONE);
        victim.program("chage", &["--expiredate=2001-01-01", "ann"]);
        assert_eq!(site.undo("account.restore", &undo, 2), ALREADY_SO, "an administrator's word");
        assert!(site.says("account.is_expired", &ann));
    });
}

#[test]
fn open_sessions_end_with_all_that_was_started_in_them() {
    with_victim(|victim| {
        let site = Site::new(victim);
        victim.add_account("eve");
        let eve = account("eve");
        assert_eq!(site.ask("account.processes", &eve), Value::Int(0));
        // One process that leaves its session, and one that stays.
        let mut session = victim.session("eve", "setsid sleep 600 & sleep 600");
        assert!(eventually(|| site.ask("account.processes", &eve) > Value::Int(2)));
        let Value::Int(count) = site.ask("account.processes", &eve) else { panic!("no number") };
        let ended = site.act("account.end_sessions", &eve, 1);
        let rye_core::adapter::Ending::Done(Value::Int(ended)) = ended else { panic!("{ended:?}") };
        assert!(ended >= count.min(3), "{ended} of {count}");
        assert!(session.ends());
        assert_eq!(site.ask("account.processes", &eve), Value::Int(0));
        let nothing = rye_core::adapter::Ending::Done(Value::Int(0));
        assert_eq!(site.again("account.end_sessions", &eve, 1), nothing);
        assert!(victim.logs_in("eve"), "who is not expired may log in again");
    });
}

#[test]
fn frozen_sessions_stand_still_and_go_on_after_the_undo() {
    with_victim(|victim| {
        let site = Site::new(victim);
        victim.add_account("trudy");
        let trudy = account("trudy");
        assert!(!site.says("account.is_frozen", &trudy));
        assert_eq!(site.undo("account.thaw", &trudy, 1), DONE, "nothing was frozen");
        let mut session = victim.session("trudy", "while :; do :; done");
        let spent = || {
            victim.script("ps -o cputimes= -u trudy --sort=-cputimes | head -n 1; cat $(pgrep -u trudy -f while | head -n 1 | sed 's,.*,/proc/&/stat,')")
        };
        assert_eq!(site.act("account.freeze", &trudy, 1), DONE);
        assert!(site.says("account.is_frozen", &trudy));
        assert_eq!(site.again("account.freeze", &trudy, 1), DONE);
        assert_eq!(site.act("account.freeze", &trudy, 2), ALREADY_SO);
        let frozen = spent();
        std::thread::sleep(std::time::Duration::from_millis(200));
        assert_eq!(spent(), frozen, "not one tick");
        assert!(session.is_open());
        assert_eq!(site.undo("account.thaw", &trudy, 1), DONE);
        assert!(!site.says("account.is_frozen", &trudy));
        assert!(eventually(|| spent() != frozen));
        assert_eq!(site.undo("account.thaw", &trudy, 1), DONE);
        // What is frozen can be ended all the same.
        assert_eq!(site.act("account.freeze", &trudy, 3), DONE);
        site.act("account.end_sessions", &trudy, 4);
        assert!(session.ends());
    });
}

#[test]
fn root_under_any_name_is_never_touched() {
    with_victim(|victim| {
        let site = Site::new(victim);
        // It waits for the lock that other tests hold when they change accounts.
        victim
            .script("useradd --non-unique --uid 0 --gid 0 --no-create-home --home-dir /root toor");
        for name in ["root", "toor"] {
            for verb in ["account.expire", "account.end_sessions", "account.freeze"] {
                let ending = site.act(verb, &account(name), 1);
                assert_eq!(refusal(&ending), ErrorKind::Denied, "{verb} {name}");
            }
            assert!(!site.says("account.is_expired", &account(name)));
        }
        for (name, kind) in [
            ("nobody-here", ErrorKind::NotFound),
            ("MALLORY", ErrorKind::NotFound),
            ("", ErrorKind::Rejected),
            ("--help", ErrorKind::Rejected),
            ("root:x", ErrorKind::Rejected),
            ("root\nann", ErrorKind::Rejected),
        ] {
            assert_eq!(refusal(&site.act("account.expire", &account(name), 1)), kind, "{name:?}");
        }
    });
}
