use super::*;

#[test]
fn a_name_is_one_service_and_nothing_else() {
    for name in ["ssh.service", "getty@tty1.service", "a\\x2db.service", "0.service"] {
        assert!(check_service(name).is_ok(), "{name}");
    }
    for name in [
        "",
        "ssh",
        "ssh.socket",
        ".service",
        "-h.service",
        "--now.service",
        "*.service",
        "ssh@.service",
        "a b.service",
        "a/b.service",
        "ssh.service\n",
        "../x.service",
    ] {
        assert!(check_service(name).is_err(), "{name}");
    }
    assert!(check_service(&format!("{}.service", "a".repeat(300))).is_err());
}

#[test]
fn what_systemd_shows_is_read_by_key() {
    let text = "Id=evil.service\nLoadState=loaded\nActiveState=active\n\
                ControlGroup=/system.slice/evil.service\nTriggeredBy=evil.timer evil.socket\n\n\
                ActiveState=failed\nTriggeredBy=\nId=evil.timer\nLoadState=masked\nOther=x=y\n";
    let units = parse(text);
    let [service, timer] = units.as_slice() else { panic!("{units:?}") };
    assert!(service.is_active() && service.exists() && !service.is_masked());
    assert_eq!(service.triggers, ["evil.timer", "evil.socket"]);
    assert_eq!(service.group, "/system.slice/evil.service");
    assert!(timer.is_masked() && timer.is_over() && timer.triggers.is_empty());
    assert_eq!(timer.name, "evil.timer");
}
