//! A whole site: two hosts on one wire, a receiver of notices, keys, a trust
//! root, signed bundles, a site file, and the three programs, which run as
//! processes of their own.

use std::fs;
use std::net::IpAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{self, Child, Command, Output, Stdio};
use std::sync::Once;
use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::Value as Json;

use crate::network::{ATTACKER, Connection, Listener, Network};
use crate::receiver::{Authority, Behaviour, Receiver};

/// Whose keys there are: who signs bundles, speaks to runs, answers questions, says
/// who is believed, and nobody's.
const KEYS: [&str; 8] =
    ["author", "reviewer", "build", "operator", "deputy", "lead", "root", "stranger"];

/// The playbook whose act is destructive.
const CUT_OFF_SOURCE: &str = "tests/site/cut_off_network.rye";

/// A site. Its folder and its network are gone when this is dropped.
#[derive(Debug)]
pub struct Site {
    /// Where all its files lie.
    pub folder: PathBuf,
    /// The store that its programs work on.
    pub store: PathBuf,
    /// Who sees each command and what it printed.
    witness: Witness,
    network: Network,
    listener: Listener,
    receiver: Receiver,
}

/// Sees a command, as a person would type it, and what it printed.
pub type Witness = fn(&str, &Output);

/// How a run ended, as `ryed` told it.
#[derive(Clone, Debug)]
pub struct Ended {
    /// The run's id.
    pub run: String,
    /// Its outcome, or `held`, or `running`.
    pub outcome: String,
}

/// A site file, by what its packet filter is like.
#[derive(Clone, Copy, Debug)]
pub enum Filter {
    /// As it is.
    Quick,
    /// Answers three seconds after it has acted.
    Slow,
}

impl Drop for Site {
    fn drop(&mut self) {
        // What can't be removed is in the folder for temporary files.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

impl Site {
    /// Makes the network, the keys, the trust root, the bundles and the site files.
    ///
    /// # Panics
    /// When something of it can't be made.
    pub fn new(witness: Witness) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        build_programs();
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("rye-site-{}-{count}", process::id());
        let folder = std::env::temp_dir().join(name);
        // What a killed process of this number left behind.
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).expect("a folder for temporary files");
        let network = Network::two_hosts();
        let listener = network.listen();
        let authority = Authority::new();
        let receiver = Receiver::start(&authority, Behaviour::status("204 No Content", ""));
        let store = folder.join("store");
        let site = Self { folder, store, witness, network, listener, receiver };
        site.write("ca.pem", authority.pem());
        let pin = site.make_keys();
        site.make_bundles();
        site.make_site_files(&pin);
        site
    }

    /// The same, with people who are asked and answer, each with keys of his own.
    ///
    /// # Panics
    /// When something of it can't be made.
    pub fn with_people(witness: Witness) -> Self {
        let site = Self::new(witness);
        for who in ["bea", "bea_at_home", "cy", "dan"] {
            site.fine(&format!("ryec keygen --plain -o {who}"));
        }
        let description = workspace().join("tests/approvals/trust.toml");
        site.believe(&fs::read_to_string(description).expect("a fixture"));
        site
    }

    /// Makes and signs the trust root of another description, and pins it in the place of
    /// the last one.
    ///
    /// # Panics
    /// When one of the programs is not content.
    pub fn believe(&self, description: &str) {
        self.write("trust.toml", description);
        self.fine("ryec trust new trust.toml -o next.root && ryec trust sign next.root --key root");
        let pin = self.fine("mv next.root trust.root && ryec trust pin trust.root").stdout;
        let text = fs::read_to_string(self.at("site.toml")).expect("the site file");
        let is_pin = |line: &str| line.starts_with("trust_root_digest");
        let lines = text.lines().map(|line| if is_pin(line) { pin.trim() } else { line });
        self.write("site.toml", lines.collect::<Vec<_>>().join("\n"));
    }

    /// Makes keys and a trust root; the line that pins it.
    fn make_keys(&self) -> String {
        for who in KEYS {
            self.ryec(&["keygen", "--plain", "-o", &self.at(who)]);
        }
        self.write("trust.toml", fixture("trust.toml"));
        let (draft, trust_root) = (self.at("trust.toml"), self.at("trust.root"));
        self.ryec(&["trust", "new", &draft, "-o", &trust_root]);
        self.ryec(&["trust", "sign", &trust_root, "--key", &self.at("root")]);
        self.ryec(&["trust", "pin", &trust_root])
    }

    fn make_bundles(&self) {
        let undo = fixture("block_and_fail.rye");
        for (name, text) in
            [("undo", undo.clone()), ("hold", undo.replace("on failure undo", "on failure hold"))]
        {
            let source = format!("{name}/block_and_fail.rye");
            fs::create_dir_all(self.folder.join(name)).expect("a folder");
            self.write(&source, &text);
            self.build(name, &self.at(&source));
        }
        for (name, source) in [
            ("contain", "playbooks/contain_scanner"),
            ("briefly", "tests/site/block_briefly.rye"),
            ("release", "playbooks/release_false_positive"),
        ] {
            self.build(name, &workspace().join(source).display().to_string());
        }
        let source = workspace().join(CUT_OFF_SOURCE).display().to_string();
        let unsigned = self.make("cut_off", &source);
        self.sign(&unsigned, "build", &self.bundle("cut_off"));
    }

    /// Builds a bundle; the file that nobody has signed yet.
    fn make(&self, name: &str, source: &str) -> PathBuf {
        let unsigned = self.folder.join(format!("{name}.unsigned"));
        let (file, bundle) = (unsigned.display().to_string(), format!("demo/{name}"));
        self.ryec(&["build", source, "-o", &file, "--name", &bundle, "--audience", "demo"]);
        unsigned
    }

    /// Builds and signs a bundle: ending connections interrupts somebody's work, so
    /// two owners sign.
    ///
    /// # Panics
    /// When `ryec` is not content.
    pub fn build(&self, name: &str, source: &str) {
        let unsigned = self.make(name, source);
        let once = self.folder.join(format!("{name}.once"));
        self.sign(&unsigned, "author", &once);
        self.sign(&once, "reviewer", &self.bundle(name));
    }

    /// Signs a bundle with one of the keys.
    ///
    /// # Panics
    /// When `ryec` is not content.
    pub fn sign(&self, file: &Path, key: &str, bundle: &Path) {
        let (file, bundle) = (file.display().to_string(), bundle.display().to_string());
        self.ryec(&["sign", &file, "--key", &self.at(key), "-o", &bundle]);
    }

    fn make_site_files(&self, pin: &str) {
        let slow = self.folder.join("slow-nft");
        self.write("slow-nft", "#!/bin/sh\n/usr/sbin/nft \"$@\"\ncode=$?\nsleep 3\nexit $code\n");
        fs::set_permissions(&slow, fs::Permissions::from_mode(0o755)).expect("our own file");
        for (name, nft) in [("site.toml", Path::new("/usr/sbin/nft")), ("slow.toml", &slow)] {
            let text = format!(
                "environment = \"demo\"\n{pin}\n\n\
                 [mode]\ncontain_scanner = \"enforce\"\nblock_and_fail = \"enforce\"\n\
                 block_briefly = \"enforce\"\ncut_off_network = \"enforce\"\n\
                 release_false_positive = \"enforce\"\n\n\
                 [firewall]\nnamespace = \"{namespace}\"\nnft = \"{nft}\"\n\n\
                 {analysts}\n{operators}",
                pin = pin.trim(),
                namespace = self.network.victim.name(),
                nft = nft.display(),
                analysts = self.destination("analysts", "/soc"),
                operators = self.destination("operators", "/operators"),
            );
            self.write(name, &text);
        }
    }

    /// Where notices of this name go, as the site file says it.
    fn destination(&self, name: &str, path: &str) -> String {
        let (url, ca) = (self.receiver.url(path), self.at("ca.pem"));
        format!(
            "[notify.destinations.{name}]\nurl = \"{url}\"\nca_file = \"{ca}\"\n\
             networks = [\"127.0.0.1\"]\n"
        )
    }

    /// Writes one of the site's files.
    ///
    /// # Panics
    /// When it can't be written.
    pub fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        fs::write(self.folder.join(name), text).expect("a file in our own folder");
    }

    /// The path of one of the site's files.
    pub fn at(&self, name: &str) -> String {
        self.folder.join(name).display().to_string()
    }

    /// A person builds again what the build server signed, and signs it too.
    ///
    /// # Panics
    /// When `ryec` is not content.
    pub fn cosign_cut_off(&self) {
        let source = workspace().join(CUT_OFF_SOURCE).display().to_string();
        let bundle = self.bundle("cut_off").display().to_string();
        let key = self.at("author");
        self.ryec(&["cosign", &bundle, "--source", &source, "--key", &key, "-o", &bundle]);
    }

    /// The signed bundle of this name: `contain`, `undo`, `hold`, `briefly`; `release`; or `cut_off`,
    /// which the build server alone has signed at first.
    pub fn bundle(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{name}.ryeb"))
    }

    /// The command that runs a playbook of a bundle in a mode.
    pub fn run_command(&self, bundle: &Path, mode: &str, filter: Filter) -> Command {
        let name = bundle.file_stem().and_then(|name| name.to_str()).unwrap_or_default();
        let finding = self.at("finding.json");
        let (playbook, input) = match name {
            "undo" | "hold" => ("block_and_fail", "tests/site/address.json"),
            "briefly" => ("block_briefly", "tests/site/address.json"),
            "cut_off" => ("cut_off_network", "tests/site/network.json"),
            "release" => ("release_false_positive", &*finding),
            _ => ("contain_scanner", "playbooks/contain_scanner/alert.json"),
        };
        let site = match filter {
            Filter::Quick => "site.toml",
            Filter::Slow => "slow.toml",
        };
        let mut command = program("ryed");
        command.arg("run").arg(bundle).args(["--playbook", playbook, "--input"]);
        command.arg(workspace().join(input)).arg("--store").arg(&self.store);
        command.args(["--trust", &self.at("trust.root"), "--site", &self.at(site), "--mode", mode]);
        command
    }

    /// Runs the playbook of a bundle to its end.
    ///
    /// # Panics
    /// When `ryed` can't be started or says nothing of a run.
    pub fn run(&self, bundle: &str, mode: &str) -> Ended {
        let mut command = self.run_command(&self.bundle(bundle), mode, Filter::Quick);
        let output = self.seen(command.arg("--json"));
        ended(&output).pop().unwrap_or_else(|| panic!("ryed says nothing of a run: {output:?}"))
    }

    /// Begins a run; it ends by itself, or is killed.
    ///
    /// # Panics
    /// When `ryed` can't be started.
    pub fn begin(&self, bundle: &str, filter: Filter) -> Child {
        let mut command = self.run_command(&self.bundle(bundle), "enforce", filter);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command.spawn().expect("ryed can be started")
    }

    /// Goes on with what isn't over.
    ///
    /// # Panics
    /// When `ryed` can't be started.
    pub fn resume(&self) -> Vec<Ended> {
        let mut command = program("ryed");
        command.arg("resume").arg("--store").arg(&self.store);
        command.args([
            "--trust",
            &self.at("trust.root"),
            "--site",
            &self.at("site.toml"),
            "--json",
        ]);
        ended(&self.seen(&mut command))
    }

    /// Asks the store something.
    ///
    /// # Panics
    /// When `ryectl` is not content.
    pub fn ask(&self, arguments: &[&str]) -> String {
        let output = self.ask_of(&self.store, arguments);
        assert!(output.status.success(), "ryectl {arguments:?}: {output:?}");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Asks the store something, before no witness; nothing while there is no answer.
    pub fn ask_quietly(&self, arguments: &[&str]) -> Option<String> {
        let mut command = program("ryectl");
        let output = command.arg("--store").arg(&self.store).args(arguments).output().ok()?;
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// Asks a store something, and gives all of the answer.
    ///
    /// # Panics
    /// When `ryectl` can't be started.
    pub fn ask_of(&self, store: &Path, arguments: &[&str]) -> Output {
        self.seen(program("ryectl").arg("--store").arg(store).args(arguments))
    }

    /// An operator says something to a run, signed, and the daemon acts on it.
    ///
    /// # Panics
    /// When one of the programs is not content.
    pub fn say(&self, words: &[&str]) -> Vec<Ended> {
        self.sign_message("operator", words);
        self.resume()
    }

    /// Somebody says something, signed with one of the keys and without being asked whether
    /// it is meant; it waits for the daemon.
    ///
    /// # Panics
    /// When `ryectl` is not content.
    pub fn sign_message(&self, key: &str, words: &[&str]) {
        self.ask(&[&["--yes", "--key", &self.at(key)], words].concat());
    }

    /// Runs a command before the witness.
    ///
    /// # Panics
    /// When it can't be started.
    pub fn seen(&self, command: &mut Command) -> Output {
        command.stdin(Stdio::null());
        let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
        (self.witness)(&self.typed(command), &output);
        output
    }

    /// A command as a person would type it in the site's folder.
    pub fn typed(&self, command: &Command) -> String {
        let name = Path::new(command.get_program()).file_name().unwrap_or_default();
        let words = std::iter::once(name).chain(command.get_args());
        let line = words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ");
        let folders = [&self.folder, &workspace()].map(|folder| format!("{}/", folder.display()));
        folders.iter().fold(line, |line, folder| line.replace(folder, ""))
    }

    /// What `ryec` says.
    ///
    /// # Panics
    /// When it is not content.
    pub fn ryec(&self, arguments: &[&str]) -> String {
        let output = self.seen(program("ryec").args(arguments));
        assert!(output.status.success(), "ryec {arguments:?}: {output:?}");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// The name of the victim's network namespace.
    pub fn victim(&self) -> &str {
        self.network.victim.name()
    }

    /// How many blocks of ours stand in the victim's packet filter.
    pub fn blocks(&self) -> usize {
        let rules = self.network.victim.program("nft", ["list", "ruleset"]);
        rules.matches("comment \"rye:").count()
    }

    /// Whether the attacker of the sample alert can connect.
    pub fn attacker_connects(&self) -> bool {
        self.network.can_connect(attacker(), &self.listener)
    }

    /// Whether the attacker's attempt to connect stays without an answer.
    pub fn attacker_is_cut_off(&self) -> bool {
        self.network.is_cut_off(attacker(), &self.listener)
    }

    /// Whether somebody can connect from one of the attacker's addresses.
    pub fn connects(&self, from: IpAddr) -> bool {
        self.network.can_connect(from, &self.listener)
    }

    /// Whether an attempt to connect from one of the attacker's addresses stays
    /// without an answer.
    pub fn is_cut_off(&self, from: IpAddr) -> bool {
        self.network.is_cut_off(from, &self.listener)
    }

    /// A connection of the attacker's that is open already.
    ///
    /// # Panics
    /// When he can't connect.
    pub fn attacker_opens(&self) -> Connection {
        self.network.connect(attacker(), &self.listener)
    }

    /// Whether somebody else can connect.
    pub fn bystander_connects(&self) -> bool {
        let [_, bystander, ..] = ATTACKER;
        self.network.can_connect(bystander, &self.listener)
    }

    /// What playbooks told analysts, in order.
    pub fn notices(&self) -> Vec<String> {
        self.received("/soc")
    }

    /// What the engine told operators, in order.
    pub fn alerts(&self) -> Vec<String> {
        self.received("/operators")
    }

    /// What the receiver was sent to this path, in order.
    fn received(&self, path: &str) -> Vec<String> {
        let start = format!("POST {path} ");
        let text = |request: &Vec<u8>| String::from_utf8_lossy(request).into_owned();
        let all = self.receiver.requests();
        all.iter().map(text).filter(|request| request.starts_with(&start)).collect()
    }
}

fn attacker() -> IpAddr {
    let [attacker, ..] = ATTACKER;
    attacker
}

/// The folder of the whole workspace.
pub(crate) fn workspace() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().expect("the workspace").to_path_buf()
}

fn fixture(name: &str) -> String {
    let path = workspace().join("tests/site").join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// One of the three programs, as [`build_programs`] built it.
pub fn program(name: &str) -> Command {
    Command::new(programs_folder().join(name))
}

/// Where the three programs are.
pub(crate) fn programs_folder() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    target.unwrap_or_else(|| workspace().join("target")).join("debug")
}

/// Builds the three programs from the sources as they are now: the tests of one
/// package don't make cargo build the programs of another.
///
/// # Panics
/// When they don't compile.
pub fn build_programs() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let status = Command::new(cargo)
            .args(["build", "--quiet", "--locked", "-p", "ryec", "-p", "ryed", "-p", "ryectl"])
            .current_dir(workspace())
            .status();
        assert!(status.is_ok_and(|status| status.success()), "the programs can be built");
    });
}

/// The runs that a document of `ryed` tells of.
fn ended(output: &Output) -> Vec<Ended> {
    let document: Json = serde_json::from_slice(&output.stdout).unwrap_or_default();
    let told = match document.get("runs").and_then(Json::as_array) {
        Some(runs) => runs.clone(),
        None => vec![document],
    };
    let text = |value: Option<&Json>| value.and_then(Json::as_str).map(String::from);
    told.iter()
        .filter_map(|run| {
            let state = run.get("state")?;
            let outcome = text(state.get("outcome")).or_else(|| text(state.get("is")))?;
            Some(Ended { run: text(run.get("run"))?, outcome })
        })
        .collect()
}
