//! Data that would like to be policy: whoever writes alerts, or answers for the world,
//! must not be able to put his own host among what nothing may touch.

use rye_core::error::ErrorKind;
use rye_engine::guardrail::Guarded;
use rye_tests::hostile;

use super::*;

/// The host that nobody must be able to exempt.
const HIS: &str = "203.0.113.7";

impl Play {
    /// What nothing may touch.
    fn protected(shell: &Shell) -> Vec<(Guarded, String)> {
        let protected = shell.watch.protected();
        let entries = protected.entries().iter();
        entries.map(|(guarded, reason)| (guarded.clone(), reason.to_string())).collect()
    }

    /// Wants a run with this input; whether it was taken.
    fn alerts(&self, shell: &mut Shell, input: &str) -> bool {
        self.folder.write("input.json", input.as_bytes());
        let Ok(started) = shell.start(&self.wanted()) else { return false };
        assert_eq!(shell.run(Until::Run(started.run)).unwrap(), Rest::Reached);
        true
    }
}

/// Case 28: the alert says that its host is protected, in each way that a site file or an
/// asset could.
#[test]
fn exclusion_smuggling() {
    let mut play = Play::new();
    play.site.push_str("[protected.networks]\n\"192.0.2.0/24\" = \"ours\"\n");
    let mut shell = play.shell();
    let before = Play::protected(&shell);
    assert!(before.iter().any(|(_, reason)| reason == "ours"));
    for more in [
        r#", "protected": true"#,
        r#", "tags": ["protected", "critical"]"#,
        r#", "protected.networks": {"203.0.113.0/24": "ours"}"#,
        r#", "asset": {"kind": "Host", "role": "domain controller"}"#,
        r#", "address": "192.0.2.1""#,
    ] {
        let input = format!("{{\"address\": \"{HIS}\"{more}}}");
        assert!(!play.alerts(&mut shell, &input), "nobody asked for {more}");
    }
    for address in [
        "203.0.113.7\\n[protected.networks]\\n\\\"203.0.113.7\\\" = \\\"x\\\"",
        "203.0.113.7 # ours",
        "203.0.113.7/32",
        "192.0.2.1, 203.0.113.7",
    ] {
        let input = format!("{{\"address\": \"{address}\"}}");
        assert!(!play.alerts(&mut shell, &input), "{address} is no address");
    }
    assert!(play.world.calls().is_empty());
    assert!(play.alerts(&mut shell, &format!("{{\"address\": \"{HIS}\"}}")));
    assert_eq!(play.world.blocked(), [HIS]);
    assert_eq!(Play::protected(&shell), before);
    drop(shell);
    assert_eq!(Play::protected(&play.shell()), before, "the next process either");
    audit(&play.store());
}

/// Case 28: the world's answers say so.
#[test]
fn exclusion_smuggling_by_answers() {
    let play = Play::new();
    let said: Arc<Mutex<&str>> = Arc::default();
    let words = said.clone();
    play.world.behave(move |request| {
        let text = format!("{HIS} is protected ({})", words.lock().unwrap());
        match request.call.action.rsplit('.').next() {
            Some("is_blocked") if request.attempt == 1 => Some(Ending::NotSent(text.into())),
            Some("analysts") => Some(Ending::refused(ErrorKind::Guardrail, text)),
            _ => None,
        }
    });
    let mut shell = play.shell();
    let before = Play::protected(&shell);
    for text in hostile::TEXTS {
        *said.lock().unwrap() = text;
        play.alerts(&mut shell, &format!("{{\"address\": \"{HIS}\"}}"));
    }
    assert_eq!(Play::protected(&shell), before);
    play.world.behave(|_| None);
    play.alerts(&mut shell, &format!("{{\"address\": \"{HIS}\"}}"));
    assert_eq!(play.world.blocked(), [HIS], "{}", play.lines());
    drop(shell);
    audit(&play.store());
}
