//! Two processes want one store: the second is refused as long as the first lives, also
//! while it is stopped, and is let in when it is dead.

use std::process::{Child, Command};

use rye_tests::namespace::as_root;
use rye_tests::site::{Filter, Site};

use crate::only_run;

#[test]
fn a_second_process_is_refused_until_the_first_is_dead() {
    as_root(|| {
        let site = Site::new(|_, _| {});
        // It is in the act for three seconds.
        let mut first = site.begin("contain", Filter::Slow);
        while site.blocks() == 0 {
            let ended = first.try_wait().expect("our own child");
            assert_eq!(ended, None, "it ended before it had acted");
        }
        signal("STOP", &first);
        let resume = "ryed resume --store store --trust trust.root --site site.toml";
        let refused = site.shell(resume);
        assert_eq!(refused.code, 4, "{refused:?}");
        assert!(refused.stderr.contains(&first.id().to_string()), "{refused:?}");
        first.kill().expect("our own child");
        first.wait().expect("our own child");
        site.resume();
        only_run(&site, "after the first was killed");
        assert_eq!(site.blocks(), 1);
    });
}

fn signal(name: &str, process: &Child) {
    let mut kill = Command::new("kill");
    let status = kill.arg(format!("-{name}")).arg(process.id().to_string()).status();
    assert!(status.expect("`kill` is installed: apt-get install procps").success());
}
