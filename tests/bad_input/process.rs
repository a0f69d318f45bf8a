//! Processes that get in each other's way, and stores that are none.

use std::process::Child;
use std::thread;
use std::time::{Duration, Instant};

use rye_tests::namespace::as_root;
use rye_tests::site::Site;
use rye_tests::transcript::{Told, told};

use crate::{RESUME, RUN, desk, fine, survives};

/// Waits a minute for something to become true.
fn wait_for(what: &str, is_so: impl Fn() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < Duration::from_mins(1), "never came: {what}");
        thread::sleep(Duration::from_millis(20));
    }
}

/// A run whose packet filter answers three seconds after it has acted, which it has.
fn acting(site: &Site) -> Child {
    let ryed = site.shell_begin(&RUN.replace("site.toml", "slow.toml"));
    wait_for("a block", || site.blocks() == 1);
    ryed
}

fn end(child: Child) -> Told {
    told(&child.wait_with_output().expect("our own child"))
}

#[test]
fn a_store_that_is_none_is_told_as_one() {
    as_root(|| {
        let site = desk();
        site.write("plain", "a file\n");
        fine(&site, "mkdir empty full");
        fine(&site, "touch full/something");
        for place in ["plain", "plain/store", "full", "no/such/folder", "/dev/null", "/proc/store"]
        {
            let on = |line: &str| line.replace("--store store", &format!("--store {place}"));
            let told = survives(&site, place, &on(RUN), &[2, 4]);
            assert!(told.stderr.contains("  help: "), "{place}: {told:?}");
            let told = survives(&site, place, &on(RESUME), &[2, 4]);
            assert!(told.stderr.contains("  help: "), "{place}: {told:?}");
            let told = survives(&site, place, &format!("ryectl --store {place} runs"), &[2, 4]);
            assert!(told.stderr.contains("  help: "), "{place}: {told:?}");
        }
        assert_eq!(fine(&site, "cat plain").stdout, "a file\n");
        assert_eq!(fine(&site, "ls full").stdout, "something\n");
        assert_eq!(site.blocks(), 0);
        fine(&site, &RUN.replace("--store store", "--store empty"));
    });
}

#[test]
fn only_one_process_acts_on_a_store() {
    as_root(|| {
        let site = desk();
        let first = acting(&site);
        for line in [RUN, RESUME] {
            let second = survives(&site, "a second one", line, &[4]);
            let told = format!("another process (number {}) acts on the store store", first.id());
            assert!(second.stderr.contains(&told), "{second:?}");
            assert!(second.stderr.contains("  help: wait until it has ended"), "{second:?}");
        }
        // Whoever only reads is in nobody's way.
        for words in ["runs", "contained", "journal verify", "journal show", "journal export"] {
            fine(&site, &format!("ryectl --store store {words}"));
        }
        let first = end(first);
        assert_eq!(first.code, 0, "{first:?}");
        assert_eq!(site.blocks(), 1);
        fine(&site, RESUME);
    });
}

#[test]
fn readers_never_see_half_of_what_is_written() {
    as_root(|| {
        let site = desk();
        fine(&site, &RUN.replace("enforce", "shadow"));
        for _ in 0..5 {
            let mut writer = site.shell_begin(&RUN.replace("enforce", "shadow"));
            while writer.try_wait().expect("our own child").is_none() {
                fine(&site, "ryectl --store store journal verify");
                fine(&site, "ryectl --store store runs");
            }
            let writer = end(writer);
            assert_eq!(writer.code, 0, "{writer:?}");
        }
    });
}

#[test]
fn what_is_told_to_stop_stops_and_can_go_on() {
    as_root(|| {
        for signal in ["TERM", "INT"] {
            let site = desk();
            let ryed = acting(&site);
            fine(&site, &format!("kill -{signal} {}", ryed.id()));
            let stopped = end(ryed);
            assert!(!stopped.stderr.contains("panicked"), "{stopped:?}");
            assert_eq!(stopped.code, 4, "{stopped:?}");
            assert!(stopped.stderr.contains("stopped: `ryed resume` goes on"), "{stopped:?}");
            assert_eq!(site.notices().len(), 0, "nothing more was begun");
            fine(&site, "ryectl --store store journal verify");
            let resumed = fine(&site, RESUME);
            assert!(resumed.stdout.contains("over: contained"), "{resumed:?}");
            assert_eq!(site.blocks(), 1);
            fine(&site, "ryectl --store store journal verify");
        }
    });
}
