//! What the page on site actions says, done: its interface, its playbook and the
//! program of the adapter protocol's page, bound by four lines, run by the real
//! daemon in enforce mode, and taken back.

#![expect(clippy::expect_used, reason = "a broken expectation fails the test")]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Output;

use rye_tests::namespace::as_root;
use rye_tests::site::{Site, program};
use serde_json::{Value as Json, json};

const WALK_THROUGH: &str = "docs/operating/site-actions.md";
const PROTOCOL: &str = "docs/reference/adapter-protocol.md";

/// Suspends, and then fails.
const FAILING: &str = "
use site.vpn

playbook suspend_and_fail(user: Account) {
    severity high
    deadline 10m
    limit Account 1
    on failure undo

    stage contain {
        do vpn.suspend(user: user, reason: \"a test\") for 1h verified within 10s
        fail \"to see it taken back\"
    }
}
";

/// A query that cuts, and a playbook that ends by whether there was more.
const MAIL: &str = "
/// Reads which messages were delivered.
query deliveries() -> List<Text>
    first 2
    timeout 10s
";
const COUNT: &str = "
use site.mail

playbook count_mail(user: Account) {
    severity low
    deadline 10m
    on failure hold

    let found = ask mail.deliveries() else [\"none\"]
    let shown = count(one for one in found)
    if found.more {
        finish escalated \"more than {shown}: {found[0]?}\"
    }
    finish contained \"{shown}: {found[0]?}\"
}
";
/// Answers the lines of a file, and nothing at all if there is none.
const MAIL_PROGRAM: &str = r#"#!/usr/bin/python3
import json, struct, sys
(length,) = struct.unpack(">I", sys.stdin.buffer.read(4))
question = json.loads(sys.stdin.buffer.read(length))
lines = open(sys.argv[1]).read().split()
answer = {"protocol": 1, "key": question["key"], "ending": "done", "value": lines}
message = json.dumps(answer).encode()
sys.stdout.buffer.write(struct.pack(">I", len(message)) + message)
"#;

/// Knows who is suspended (nobody), and is killed when it is to suspend somebody.
const FALLING_PROGRAM: &str = r#"#!/usr/bin/python3
import json, os, signal, struct, sys
(length,) = struct.unpack(">I", sys.stdin.buffer.read(4))
question = json.loads(sys.stdin.buffer.read(length))
if question["verb"] == "site.vpn.suspend":
    print("no route to the VPN", file=sys.stderr, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
answer = {"protocol": 1, "key": question["key"], "ending": "done", "value": False}
message = json.dumps(answer).encode()
sys.stdout.buffer.write(struct.pack(">I", len(message)) + message)
"#;

/// Says its secret wherever it can, and suspends nobody.
const BETRAYING_PROGRAM: &str = r#"#!/usr/bin/python3
import json, struct, sys
(length,) = struct.unpack(">I", sys.stdin.buffer.read(4))
question = json.loads(sys.stdin.buffer.read(length))
secret = question["secret"]
print("the token is", secret, file=sys.stderr, flush=True)
answer = {"protocol": 1, "key": question["key"], "ending": "done", "value": False}
if question["verb"] == "site.vpn.suspend":
    answer.update({"ending": "refused", "kind": "denied", "text": "bad token " + secret})
message = json.dumps(answer).encode()
sys.stdout.buffer.write(struct.pack(">I", len(message)) + message)
"#;

/// The first block of a page behind this fence.
fn block(page: &str, fence: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace");
    let text = fs::read_to_string(root.join(page)).expect("the page is there");
    let (_, rest) = text.split_once(&format!("```{fence}\n")).expect("the page has the block");
    rest.split_once("```").expect("the block ends").0.to_owned()
}

/// A site with a VPN.
struct Vpn(Site);

impl Vpn {
    fn new() -> Self {
        let vpn = Self(Site::new(|_, _| ()));
        let interface = block(WALK_THROUGH, "rye,interface:site.vpn");
        vpn.write_bundle("keep_out", "vpn", &interface, &block(WALK_THROUGH, "rye"));
        vpn.write_bundle("suspend_and_fail", "vpn", &interface, FAILING);
        let Self(site) = &vpn;
        let folder = site.at("keep_out/interfaces");
        let file = site.at("site.vpn.interface");
        let said = site.ryec(&["interface", "site.vpn", "--interfaces", &folder, "-o", &file]);
        assert!(said.contains("  site.vpn.suspend\n") && said.lines().count() == 3, "{said}");
        vpn.write_program("vpn", &block(PROTOCOL, "python"));
        let modes = "[mode]\nkeep_out = \"enforce\"\nsuspend_and_fail = \"enforce\"\n";
        let before = fs::read_to_string(site.at("site.toml")).expect("the site file");
        let binding = block(WALK_THROUGH, "toml")
            .replace("/etc/rye/site.vpn.interface", &file)
            .replace("/usr/local/lib/rye/vpn", &site.at("vpn"))
            .replace("/var/lib/rye-vpn/suspended.json", &site.at("suspended.json"));
        assert_eq!(binding.lines().count(), 4, "{binding}");
        site.write("site.toml", before.replace("[mode]\n", modes) + "\n" + &binding);
        vpn
    }

    /// Builds and signs a bundle of a folder with one playbook and the interface.
    fn write_bundle(&self, name: &str, module: &str, interface: &str, playbook: &str) {
        let Self(site) = self;
        fs::create_dir_all(site.at(&format!("{name}/interfaces/site"))).expect("a folder");
        site.write(&format!("{name}/interfaces/site/{module}.rye"), interface);
        site.write(&format!("{name}/{name}.rye"), playbook);
        site.build(name, &site.at(name));
    }

    fn write_program(&self, name: &str, text: &str) {
        let Self(site) = self;
        site.write(name, text);
        let executable = fs::Permissions::from_mode(0o755);
        fs::set_permissions(site.at(name), executable).expect("our own file");
    }

    /// Binds a mailbox beside the VPN.
    fn add_mail(&self) {
        let Self(site) = self;
        self.write_bundle("count_mail", "mail", MAIL, COUNT);
        let file = site.at("site.mail.interface");
        let folder = site.at("count_mail/interfaces");
        site.ryec(&["interface", "site.mail", "--interfaces", &folder, "-o", &file]);
        self.write_program("mail", MAIL_PROGRAM);
        let before = fs::read_to_string(site.at("site.toml")).expect("the site file");
        let (program, lines) = (site.at("mail"), site.at("lines"));
        let binding = format!(
            "\n[process.\"site.mail\"]\ninterface = {file:?}\nprogram = {program:?}\n\
             arguments = [{lines:?}]\n"
        );
        site.write("site.toml", before + &binding);
    }

    fn run(&self, name: &str, mode: &str) -> (Json, Output) {
        let Self(site) = self;
        site.write("input.json", json!({ "user": "Ann'; $(reboot)" }).to_string());
        let mut command = program("ryed");
        command.arg("run").arg(site.bundle(name)).args(["--playbook", name, "--json"]);
        command.args(["--input", &site.at("input.json"), "--trust", &site.at("trust.root")]);
        command.args(["--site", &site.at("site.toml"), "--mode", mode]).arg("--store");
        let output = site.seen(command.arg(&site.store));
        let document: Json = serde_json::from_slice(&output.stdout).unwrap_or_default();
        (document.pointer("/runs/0").cloned().unwrap_or_default(), output)
    }

    /// Who is suspended, as the VPN sees it.
    fn suspended(&self) -> Vec<String> {
        let text = fs::read_to_string(self.0.at("suspended.json")).unwrap_or_default();
        let state: Json = serde_json::from_str(&text).unwrap_or_default();
        state.as_object().into_iter().flatten().map(|(user, _)| user.clone()).collect()
    }
}

fn outcome(told: &Json) -> &str {
    told.pointer("/state/outcome").and_then(Json::as_str).unwrap_or_default()
}

#[test]
fn a_site_action_is_done_held_and_taken_back() {
    as_root(|| {
        let vpn = Vpn::new();
        let (told, output) = vpn.run("keep_out", "shadow");
        assert_eq!(outcome(&told), "contained", "{output:?}");
        assert_eq!(vpn.suspended(), Vec::<String>::new(), "nothing is done in shadow mode");

        let (told, output) = vpn.run("keep_out", "enforce");
        assert_eq!(outcome(&told), "contained", "{output:?}");
        assert_eq!(vpn.suspended(), ["ann'; $(reboot)"], "one value, in canonical form");
        let run = told.get("run").and_then(Json::as_str).expect("it says which run");
        assert!(vpn.0.ask(&["contained"]).contains("site.vpn.suspend"));

        let (told, output) = vpn.run("suspend_and_fail", "enforce");
        assert_eq!(outcome(&told), "rolled_back", "{output:?}");
        assert_eq!(vpn.suspended(), ["ann'; $(reboot)"], "the first run still holds it");

        vpn.0.say(&["rollback", run]);
        assert_eq!(vpn.suspended(), Vec::<String>::new());
        assert!(vpn.0.ask(&["journal", "verify"]).contains("ok"));
    });
}

#[test]
fn a_failure_takes_a_site_action_back() {
    as_root(|| {
        let vpn = Vpn::new();
        let (told, output) = vpn.run("suspend_and_fail", "enforce");
        assert_eq!(outcome(&told), "rolled_back", "{output:?}");
        assert_eq!(vpn.suspended(), Vec::<String>::new());
        let run = told.get("run").and_then(Json::as_str).expect("it says which run");
        let shown = vpn.0.ask(&["show", run]);
        assert!(
            shown.contains("site.vpn.suspend") && shown.contains("site.vpn.restore"),
            "{shown}"
        );
    });
}

#[test]
fn people_read_what_a_program_complained_of_before_it_fell() {
    as_root(|| {
        let vpn = Vpn::new();
        vpn.write_program("vpn", FALLING_PROGRAM);
        let (told, output) = vpn.run("keep_out", "enforce");
        let why = "the program was killed; it complained: no route to the VPN";
        let held = told.pointer("/state/reason").and_then(Json::as_str).unwrap_or_default();
        assert!(held.contains(why), "{told}");
        assert!(String::from_utf8_lossy(&output.stderr).contains(why), "{output:?}");
        let run = told.get("run").and_then(Json::as_str).expect("it says which run");
        let shown = vpn.0.ask(&["show", run]);
        for attempt in 1..=3 {
            let words = format!("attempt {attempt}: in doubt: {why}");
            assert!(shown.contains(&words), "no {words} in\n{shown}");
        }
    });
}

/// Abuse case 20: what an adapter must not say is in no file of the store, in no log and
/// in no answer of any program.
#[test]
fn lying_or_hanging_adapter_that_betrays_its_secret() {
    const SECRET: &str = "c4n4ry-5ecret";
    as_root(|| {
        let vpn = Vpn::new();
        vpn.write_program("vpn", BETRAYING_PROGRAM);
        let Vpn(site) = &vpn;
        site.write("token", SECRET);
        let private = fs::Permissions::from_mode(0o600);
        fs::set_permissions(site.at("token"), private).expect("our own file");
        let before = fs::read_to_string(site.at("site.toml")).expect("the site file");
        site.write("site.toml", format!("{before}\nsecret_file = {:?}\n", site.at("token")));
        let (told, output) = vpn.run("keep_out", "enforce");
        let run = told.get("run").and_then(Json::as_str).expect("it says which run");
        let said = String::from_utf8_lossy(&output.stderr).into_owned() + &told.to_string();
        assert!(said.contains("bad token (secret)"), "{said}");
        let asked =
            [&["show", run][..], &["journal", "show"], &["journal", "export"], &["contained"]];
        let shown = asked.map(|words| site.ask(words)).concat();
        assert!(shown.contains("bad token (secret)"), "{shown}");
        assert!(!(said + &shown).contains(SECRET));
        let is_in = |file: &str| {
            let grep = site.shell(&format!("grep -rlaF {SECRET} {file}"));
            (grep.code == 0).then_some(grep.stdout)
        };
        assert_eq!(is_in("store"), None);
        assert!(is_in("token").is_some(), "it would be found");
    });
}

#[test]
fn a_bundle_of_another_declaration_is_refused_before_it_runs() {
    as_root(|| {
        let vpn = Vpn::new();
        let other = block(WALK_THROUGH, "rye,interface:site.vpn");
        let other = other.replace("    timeout 10s\n", "    timeout 11s\n");
        vpn.write_bundle("keep_out", "vpn", &other, &block(WALK_THROUGH, "rye"));
        let (_, output) = vpn.run("keep_out", "enforce");
        let said =
            String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && said.contains("E_ACTION_SCHEMA"), "{said}");
        assert!(said.contains("ryec interface site.vpn"), "{said}");
        assert_eq!(vpn.suspended(), Vec::<String>::new());
    });
}

#[test]
fn a_playbook_sees_that_an_answer_was_cut() {
    as_root(|| {
        let vpn = Vpn::new();
        vpn.add_mail();
        for (lines, ended) in
            [(Some("a b"), "contained"), (Some("a b c"), "escalated"), (None, "contained")]
        {
            let file = vpn.0.at("lines");
            match lines {
                Some(lines) => fs::write(&file, lines).expect("our own file"),
                None => fs::remove_file(&file).expect("our own file"),
            }
            let (told, output) = vpn.run("count_mail", "shadow");
            assert_eq!(outcome(&told), ended, "{lines:?} {output:?}");
        }
        // All that was answered is in the journal, so a replay cuts it again.
        let entries = vpn.0.ask(&["journal", "show", "--json"]);
        assert!(entries.contains("[a, b, c]"), "{entries}");
    });
}
