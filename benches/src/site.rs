//! A site for benches: keys, a trust root and signed bundles, made by the real `ryec`;
//! and shells over it whose one adapter does nothing.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use rye_compiler::Source;
use rye_core::adapter::{Adapter, Ending, Request};
use rye_core::digest::Digest;
use rye_core::mode::Mode;
use rye_core::value::{Name, Value};
use rye_runtime::adapters::Adapters;
use rye_runtime::clock::Clock;
use rye_runtime::config;
use rye_runtime::loader::{Loader, Registry};
use rye_runtime::offers::Offers;
use rye_runtime::protect::Surroundings;
use rye_runtime::shell::{Parts, Shell, Wanted};
use tempfile::TempDir;

use crate::rye::compiled;

/// The folder of the programs: `RYE_PROGRAMS`, or that of the release build.
pub fn programs() -> PathBuf {
    let built = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/release");
    std::env::var_os("RYE_PROGRAMS").map_or_else(built, PathBuf::from)
}

/// Keys, a trust root, bundles, stores.
#[derive(Debug)]
pub struct Site {
    folder: PathBuf,
    /// Removes the folder in the end, where this process made it.
    _made: Option<TempDir>,
}

const NOOP: &str = include_str!("../workloads/noop.rye");

/// A playbook of three acts.
pub const THREE_ACTS: &str = include_str!("../workloads/three_acts.rye");

/// A playbook of an act and a wait.
pub const WAITING: &str = include_str!("../workloads/waiting.rye");

struct Nothing;

impl Adapter for Nothing {
    fn invoke(&self, _: &Request) -> Ending {
        Ending::Done(Value::None)
    }
}

/// What the adapter carries out, as bundles know it.
fn verbs() -> Vec<(Name, Digest)> {
    let standard = rye_stdlib::INTERFACES.iter().map(|(module, text)| (*module, *text));
    let interfaces: Vec<Source<'_>> = standard
        .chain([("bench.noop", NOOP)])
        .map(|(module, text)| Source { module, path: module, text })
        .collect();
    let program = compiled(THREE_ACTS, &interfaces);
    let capabilities = rye_bytecode::facts(program.module()).capabilities;
    capabilities.into_iter().map(|it| (it.name, it.schema)).collect()
}

impl Site {
    /// A site with its people, and no bundle yet.
    ///
    /// # Panics
    /// When `ryec` isn't built, or isn't content.
    pub fn prepare() -> Self {
        let made = tempfile::tempdir().expect("a folder");
        let site = Self { folder: made.path().to_owned(), _made: Some(made) };
        for who in ["author", "operator", "root"] {
            site.ryec(&["keygen", "--plain", "-o", who]);
        }
        site.write("trust.toml", include_str!("../workloads/trust.toml"));
        site.ryec(&["trust", "new", "trust.toml", "-o", "trust.root"]);
        site.ryec(&["trust", "sign", "trust.root", "--key", "root"]);
        let pin = site.ryec(&["trust", "pin", "trust.root"]);
        site.write(
            "site.toml",
            &format!("environment = \"bench\"\n{pin}\n[mode]\nthree_acts = \"enforce\"\nwaiting = \"enforce\"\n"),
        );
        fs::create_dir_all(site.at("interfaces/bench")).expect("a folder");
        site.write("interfaces/bench/noop.rye", NOOP);
        site
    }

    /// The site that another process prepared in this folder.
    pub fn prepared(folder: PathBuf) -> Self {
        Self { folder, _made: None }
    }

    /// Its folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The path of one of its files.
    pub fn at(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.at(name), text).expect("a file");
    }

    fn ryec(&self, words: &[&str]) -> String {
        let mut command = Command::new(programs().join("ryec"));
        let output = command.args(words).current_dir(&self.folder).output();
        let output = output.expect("`cargo build --release` makes `ryec`");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "ryec {words:?}: {said}");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Builds and signs the bundle of a source.
    pub fn bundle(&self, name: &str, source: &str) -> PathBuf {
        self.package(name, &[(name, source)])
    }

    /// Builds and signs the bundle of a package of some files.
    pub fn package(&self, name: &str, files: &[(&str, &str)]) -> PathBuf {
        let unsigned = format!("{name}.unsigned");
        let (bundle, called) = (format!("{name}.ryeb"), format!("bench/{name}"));
        fs::create_dir_all(self.at(name)).expect("a folder");
        for (module, text) in files {
            self.write(&format!("{name}/{module}.rye"), text);
        }
        let names = ["--name", &called, "--audience", "bench", "--interfaces", "interfaces"];
        self.ryec(&[&["build", name, "-o", &unsigned], &names[..]].concat());
        self.ryec(&["sign", &unsigned, "--key", "author", "-o", &bundle]);
        self.at(&bundle)
    }

    /// Who is believed here, by the daemon's own rules.
    ///
    /// # Panics
    /// When the files that were just made are not good.
    pub fn loader(&self) -> Loader {
        let kept = Offers::folder(&self.at("kept"));
        let offers = Offers { trust_roots: vec![self.at("trust.root")], revocations: None, kept };
        let loader = Loader::new(offers, &self.config(), Registry::new(verbs()));
        loader.unwrap_or_else(|error| panic!("{error}"))
    }

    fn config(&self) -> config::Site {
        let path = self.at("site.toml");
        let text = fs::read_to_string(&path).expect("the site file");
        config::Site::parse(&path, text).unwrap_or_else(|error| panic!("{error}"))
    }

    /// A shell over the store of this name, which is made if it isn't there.
    ///
    /// # Panics
    /// When it can't be opened.
    pub fn shell(&self, store: &str) -> Shell {
        let adapter: Box<dyn Adapter> = Box::new(Nothing);
        let parts = Parts {
            site: self.config(),
            loader: self.loader(),
            adapters: Adapters::new(BTreeMap::from([("bench.noop", adapter)])),
            operators: false,
            surroundings: Surroundings::default(),
            clock: Clock::new().expect("a clock"),
            observe: Box::new(drop),
        };
        Shell::open(&self.at(store), true, parts).unwrap_or_else(|error| panic!("{error}"))
    }

    /// So many runs of the playbook of a bundle, each about an account of its own.
    pub fn wanted(&self, bundle: &Path, playbook: &str, count: usize) -> Vec<Wanted> {
        let wanted = |number| {
            let input = format!("input-{number}.json");
            self.write(&input, &format!("{{\"user\": \"user-{number}\"}}"));
            Wanted {
                bundle: bundle.to_owned(),
                playbook: playbook.to_owned(),
                input: self.at(&input),
                mode: Mode::Enforce,
                key: None,
                starter: String::from("a bench"),
            }
        };
        (0..count).map(wanted).collect()
    }
}
