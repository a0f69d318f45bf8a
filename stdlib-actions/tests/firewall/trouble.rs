//! A machine on which something is missing, forbidden, broken or slow.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use rye_core::adapter::{Adapter, Ending};
use rye_core::error::ErrorKind;
use rye_core::value::{Duration, Value};
use rye_stdlib::firewall::{Firewall, FirewallConfig};
use rye_tests::namespace::as_root;
use rye_tests::network::ATTACKER;

use crate::site::{DONE, Site, config, request};

/// What the verbs answer when the firewall is configured like `config`.
fn endings(config: &FirewallConfig, timeout: Duration) -> Vec<Ending> {
    let firewall = Firewall::new(config).expect("the config is good");
    ["block", "unblock", "is_blocked", "end_flows", "flows"]
        .into_iter()
        .map(|verb| {
            let mut request = request(verb, &ATTACKER[0].into(), 1);
            request.timeout = timeout;
            firewall.invoke(&request)
        })
        .collect()
}

#[test]
fn a_missing_program_is_said_with_what_to_install() {
    as_root(|| {
        let site = Site::new();
        let missing = PathBuf::from("/nowhere/program");
        let base = config(site.network.victim.name());
        let no_nft = FirewallConfig { nft: missing.clone(), ss: missing.clone(), ..base.clone() };
        let no_nsenter = FirewallConfig { nsenter: missing, ..base };
        for config in [no_nft, no_nsenter] {
            for ending in endings(&config, Duration::from_secs(30)) {
                let Ending::Refused { error, perhaps: false } = ending else {
                    panic!("{ending:?}")
                };
                assert_eq!(error.kind, ErrorKind::Rejected);
                assert!(error.text.contains("missing; install "), "{error}");
            }
        }
    });
}

#[test]
fn a_missing_namespace_is_not_sent() {
    let config = config("rye-nobody-made-this");
    for ending in endings(&config, Duration::from_secs(30)) {
        assert!(
            matches!(&ending, Ending::NotSent(text) if text.contains("namespace")),
            "{ending:?}"
        );
    }
}

#[test]
fn whoever_may_not_is_told_so() {
    as_root(|| {
        let site = Site::new();
        let _connection = site.network.connect(ATTACKER[0], &site.listener);
        let folder = tempfile::tempdir().expect("a folder can be made");
        // Both programs without the rights that the kernel asks for.
        let bare = |program: &str| {
            let path = folder.path().join(program.replace('/', "_"));
            script(
                &path,
                &format!(
                    "exec /usr/bin/setpriv --bounding-set=-all --inh-caps=-all {program} \"$@\""
                ),
            );
            path
        };
        let config = FirewallConfig {
            nft: bare("/usr/sbin/nft"),
            ss: bare("/usr/bin/ss"),
            ..config(site.network.victim.name())
        };
        let [block, unblock, is_blocked, end_flows, flows] =
            <[Ending; 5]>::try_from(endings(&config, Duration::from_secs(30))).expect("five");
        for ending in [block, unblock, is_blocked, end_flows] {
            let Ending::Refused { error, perhaps: false } = ending else { panic!("{ending:?}") };
            assert_eq!(error.kind, ErrorKind::Denied);
        }
        assert_eq!(flows, Ending::Done(Value::Int(1)), "everybody may look");
        assert_eq!(site.flows(ATTACKER[0]), 1);
    });
}

#[test]
fn a_filter_that_does_not_answer_is_not_waited_for() {
    as_root(|| {
        let site = Site::new();
        let folder = tempfile::tempdir().expect("a folder can be made");
        let [hangs, acts_and_hangs] =
            ["hangs", "acts_and_hangs"].map(|name| folder.path().join(name));
        script(&hangs, "exec sleep 600");
        // Looks at once, but hangs after a change, so that its end is unknown.
        script(
            &acts_and_hangs,
            "input=$(cat); printf %s \"$input\" | /usr/sbin/nft \"$@\" || exit 1\n\
             case \"$input\" in *'\"create\"'*) exec sleep 600;; esac",
        );
        let base = config(site.network.victim.name());
        let config = FirewallConfig { nft: hangs.clone(), ss: hangs, ..base.clone() };
        let [block, unblock, rest @ ..] =
            <[Ending; 5]>::try_from(endings(&config, Duration(200_000))).expect("five");
        for ending in [block, unblock] {
            assert!(matches!(ending, Ending::NotSent(_)), "it was only looking: {ending:?}");
        }
        for ending in rest {
            assert!(matches!(ending, Ending::Unknown(_)), "{ending:?}");
        }

        let config = FirewallConfig { nft: acts_and_hangs, ..base };
        let firewall = Firewall::new(&config).expect("the config is good");
        let mut block = request("block", &ATTACKER[0].into(), 1);
        block.timeout = Duration::from_secs(3);
        let ending = firewall.invoke(&block);
        assert!(matches!(ending, Ending::Unknown(_)), "{ending:?}");
        assert!(site.is_blocked(ATTACKER[0]), "the probe settles it");
        assert_eq!(site.block(ATTACKER[0], 1), DONE, "and so does another attempt");
    });
}

#[test]
fn an_answer_that_makes_no_sense_is_rejected() {
    as_root(|| {
        let site = Site::new();
        let folder = tempfile::tempdir().expect("a folder can be made");
        for (name, answer) in [
            ("empty", "true"),
            ("text", "echo Segmentation fault"),
            ("bytes", "head -c 1000 /dev/zero"),
            ("other", "echo '{\"nftables\": 7}'"),
            ("deep", "head -c 100000 /dev/zero | tr '\\0' '['"),
            ("endless", "exec yes"),
        ] {
            let nft = folder.path().join(name);
            script(&nft, answer);
            let config = FirewallConfig { nft, ..config(site.network.victim.name()) };
            for ending in endings(&config, Duration::from_secs(30)).iter().take(3) {
                let Ending::Refused { error, perhaps: false } = ending else {
                    panic!("{name}: {ending:?}")
                };
                assert_eq!(error.kind, ErrorKind::Rejected, "{name}");
            }
        }
    });
}

/// Puts a program there that does this.
fn script(path: &Path, content: &str) {
    let content = format!("#!/bin/sh\nPATH=/usr/sbin:/usr/bin:/sbin:/bin\n{content}\n");
    fs::write(path, content).expect("a file can be written");
    fs::set_permissions(path, Permissions::from_mode(0o755)).expect("rights can be set");
}
