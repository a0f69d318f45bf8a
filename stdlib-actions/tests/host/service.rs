//! Stopping services so that nothing starts them again, and holding them still.

use rye_core::error::ErrorKind;
use rye_core::value::Value;
use rye_tests::victim::{eventually, with_victim};

use crate::site::{ALREADY_SO, Arguments, DONE, Site, asset, refusal};

fn service(unit: &str) -> Arguments {
    vec![("service", asset("HostService", "unit", unit))]
}

fn restoring(unit: &str, units: &Value) -> Arguments {
    [service(unit), vec![("units", units.clone())]].concat()
}

/// Installs a service where intruders put theirs, with a timer that starts it again.
fn install(site: &Site<'_>, name: &str) {
    site.victim.script(&format!(
        "cat > /etc/systemd/system/{name}.service <<'END'\n\
         [Service]\n\
         ExecStart=/bin/sh -c 'while :; do :; done'\n\
         Restart=always\n\
         END\n\
         cat > /etc/systemd/system/{name}.timer <<'END'\n\
         [Timer]\n\
         OnCalendar=*:*:0/1\n\
         AccuracySec=1ms\n\
         END\n\
         systemctl daemon-reload\n\
         systemctl start {name}.service {name}.timer\n"
    ));
}

#[test]
fn a_stopped_service_stays_stopped_and_its_undo_starts_what_ran() {
    with_victim(|victim| {
        let site = Site::new(victim);
        install(&site, "evil");
        let evil = service("evil.service");
        assert!(site.says("service.is_active", &evil) && !site.says("service.is_stopped", &evil));
        let before = site.ask("service.units", &evil);
        let undo = restoring("evil.service", &before);
        assert_eq!(site.undo("service.restore", &undo, 1), DONE, "it was never stopped");
        assert!(site.says("service.is_active", &evil));

        assert_eq!(site.act("service.stop", &evil, 1), DONE);
        assert!(site.says("service.is_stopped", &evil) && !site.says("service.is_active", &evil));
        for unit in ["evil.service", "evil.timer"] {
            assert!(!victim.succeeds("systemctl", &["start", unit]), "{unit}");
            assert!(!victim.succeeds("systemctl", &["is-active", unit]), "{unit}");
        }
        std::thread::sleep(std::time::Duration::from_millis(1_500));
        assert!(site.says("service.is_stopped", &evil), "its timer would have come twice");
        assert_eq!(site.again("service.stop", &evil, 1), DONE);
        assert_eq!(site.act("service.stop", &evil, 2), ALREADY_SO);

        assert_eq!(site.undo("service.restore", &undo, 1), DONE);
        assert!(site.says("service.is_active", &evil));
        assert_eq!(site.ask("service.units", &evil), before);
        assert_eq!(site.undo("service.restore", &undo, 1), DONE, "twice");
        assert_eq!(site.ask("service.units", &evil), before);
        assert_eq!(site.act("service.stop", &evil, 3), DONE);
    });
}

#[test]
fn a_service_that_its_socket_would_start_again_does_not_come_back() {
    with_victim(|victim| {
        let site = Site::new(victim);
        victim.script(
            "cat > /etc/systemd/system/shell.socket <<'END'\n\
             [Socket]\n\
             ListenStream=127.0.0.1:4444\n\
             END\n\
             cat > /etc/systemd/system/shell.service <<'END'\n\
             [Service]\n\
             ExecStart=/bin/sleep 600\n\
             END\n\
             systemctl daemon-reload\n\
             systemctl start shell.socket\n",
        );
        let shell = service("shell.service");
        let knock = || victim.succeeds("/bin/bash", &["-c", "echo > /dev/tcp/127.0.0.1/4444"]);
        assert!(knock() && eventually(|| site.says("service.is_active", &shell)));
        let before = site.ask("service.units", &shell);
        victim.program("systemctl", &["stop", "shell.service"]);
        assert!(knock() && eventually(|| site.says("service.is_active", &shell)), "it came back");

        assert_eq!(site.act("service.stop", &shell, 1), DONE);
        assert!(!knock(), "nobody listens any more");
        assert!(site.says("service.is_stopped", &shell));
        let undo = restoring("shell.service", &before);
        assert_eq!(site.undo("service.restore", &undo, 1), DONE);
        assert!(knock() && site.says("service.is_active", &shell));
        assert_eq!(site.act("service.stop", &shell, 2), DONE);
    });
}

#[test]
fn a_mask_of_somebody_else_stays() {
    with_victim(|victim| {
        let site = Site::new(victim);
        victim.script(
            "printf '[Service]\\nExecStart=/bin/sleep 600\\n' > /usr/lib/systemd/system/old.service\n\
             systemctl daemon-reload; systemctl start old.service; systemctl mask old.service",
        );
        let old = service("old.service");
        let before = site.ask("service.units", &old);
        assert!(!site.says("service.is_stopped", &old), "masked, and it runs on");
        assert_eq!(site.act("service.stop", &old, 1), DONE);
        assert!(site.says("service.is_stopped", &old));
        assert_eq!(site.undo("service.restore", &restoring("old.service", &before), 1), DONE);
        assert!(!victim.succeeds("systemctl", &["start", "old.service"]), "masked as before");
    });
}

#[test]
fn a_frozen_service_stands_still() {
    with_victim(|victim| {
        let site = Site::new(victim);
        install(&site, "busy");
        let busy = service("busy.service");
        let spent = || {
            victim.script("cut -d ' ' -f 14 /proc/$(systemctl show -P MainPID busy.service)/stat")
        };
        assert!(!site.says("service.is_frozen", &busy));
        assert_eq!(site.act("service.freeze", &busy, 1), DONE);
        assert!(site.says("service.is_frozen", &busy));
        let frozen = spent();
        std::thread::sleep(std::time::Duration::from_millis(200));
        assert_eq!(spent(), frozen, "not one tick");
        assert_eq!(site.undo("service.thaw", &busy, 1), DONE);
        assert!(eventually(|| spent() != frozen));
        assert_eq!(site.undo("service.thaw", &busy, 1), DONE);
        // What is frozen can be stopped all the same, and nothing that is stopped
        // can be frozen.
        assert_eq!(site.act("service.stop", &busy, 2), DONE);
        assert_eq!(refusal(&site.act("service.freeze", &busy, 3)), ErrorKind::Conflict);
        assert_eq!(site.undo("service.thaw", &busy, 3), DONE);
    });
}

#[test]
fn what_the_machine_needs_is_never_stopped_and_other_names_are_refused() {
    with_victim(|victim| {
        let site = Site::new(victim);
        for (unit, kind) in [
            ("dbus.service", ErrorKind::Denied),
            ("systemd-journald.service", ErrorKind::Denied),
            ("systemd-anything@1.service", ErrorKind::NotFound),
            ("sshd.service", ErrorKind::Rejected),
            ("no-such.service", ErrorKind::NotFound),
            ("ssh.socket", ErrorKind::Rejected),
            ("*.service", ErrorKind::Rejected),
            ("--all", ErrorKind::Rejected),
            ("../ssh.service", ErrorKind::Rejected),
        ] {
            for verb in ["service.stop", "service.freeze"] {
                assert_eq!(refusal(&site.act(verb, &service(unit), 1)), kind, "{verb} {unit}");
            }
        }
        assert!(site.says("service.is_active", &service("ssh.service")));
        let units = Value::list([Value::Record {
            name: "UnitState".into(),
            fields: [("unit".into(), Value::text("../../shadow"))].into_iter().collect(),
        }]);
        let undo = restoring("ssh.service", &units);
        assert_eq!(refusal(&site.undo("service.restore", &undo, 1)), ErrorKind::Rejected);
        assert!(site.exists("/etc/shadow"));
    });
}
