use super::*;

fn server(url: &str) -> Result<LogServer, ConfigError> {
    LogServer::new("d", url, &[])
}

fn message<'a>(notice: &'a str, text: &'a str, user: Option<&str>) -> Message<'a> {
    let (run, key) = ("01".repeat(16), "07".repeat(32));
    Message { notice, text, user: user.map(str::to_owned), run, key }
}

fn line(message: &Message<'_>) -> String {
    let server =
        LogServer { machine: String::from("edge1"), ..server("tcp://192.0.2.1:514").unwrap() };
    server.line(message, Time(1_772_357_400_000_250))
}

#[test]
fn a_message_is_that_of_the_rfc() {
    let process = std::process::id();
    let (run, key) = ("01".repeat(16), "07".repeat(32));
    assert_eq!(
        line(&message("analysts", "blocked 203.0.113.7", None)),
        format!(
            "<85>1 2026-03-01T09:30:00.00025Z edge1 ryed {process} analysts \
             [rye@32473 run=\"{run}\" key=\"{key}\"] blocked 203.0.113.7"
        )
    );
    let user = line(&message("user", "x", Some("a\"]\\ \n[b c=\"d")));
    assert!(user.contains(r#" user="a\"\]\\ \\n[b c=\"d"] x"#), "{user}");
    assert!(line(&message("oncall", "x", None)).starts_with("<81>1 "));
}

#[test]
fn a_long_text_is_cut_with_a_mark() {
    let most = line(&message("user", "", None)).len();
    let fits = "é".repeat((SYSLOG_MESSAGE_BYTES_MAX - most) / 2);
    assert!(line(&message("user", &fits, None)).ends_with('é'));
    let cut = line(&message("user", &(fits + "éé"), None));
    assert!(cut.ends_with("é (cut)") && cut.len() <= SYSLOG_MESSAGE_BYTES_MAX, "{}", cut.len());
}

#[test]
fn only_a_host_and_a_port_are_a_server() {
    for url in ["tcp://192.0.2.1:514", "udp://log.example:514/", "tcp://[2001:db8::1]:601"] {
        assert!(server(url).is_ok(), "{url}");
    }
    assert_eq!(server("tcp://[2001:db8::1]:601").unwrap().host, "2001:db8::1");
    for url in [
        "",
        "log.example:514",
        "tls://log.example:6514",
        "tcp://log.example",
        "tcp://:514",
        "tcp://ann:secret@log.example:514",
        "tcp://log.example:514/x",
        "tcp://log example:514",
    ] {
        let error = server(url).unwrap_err();
        assert_eq!(error.option, "d.syslog", "{url}");
        assert!(!error.to_string().contains("secret"), "{error}");
    }
}
