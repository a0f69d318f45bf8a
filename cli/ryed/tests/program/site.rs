//! A folder with all that `ryed` needs, made as people would make it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::SystemTime;

use rye_bundle::manifest::{Capability, CapabilityKind, EntryPoint, Limits, Manifest, WorstCase};
use rye_bundle::message::sign_message;
use rye_bundle::name::{
    ActionName, BundleName, EntryPointName, EnvironmentId, Label, NamePrefix, OwnerId,
};
use rye_bundle::payload::{Payload, Section};
use rye_bundle::revocation::Revocations;
use rye_bundle::sign::{sign_bundle, sign_revocations, sign_trust_root, unsigned_bundle};
use rye_bundle::signature::SecretKey;
use rye_bundle::time::UnixSeconds;
use rye_bundle::trust::{
    BundleScope, ImpactPolicy, SignerRole, TrustRootDraft, TrustedKey, Usage, Usages,
};
use rye_bundle::verify::DaemonVersion;
use rye_compiler::{Source, check, compile};
use rye_core::action::Verb;
use rye_core::id::RunId;
use rye_core::impact::Impact;
use rye_core::mode::Mode;
use rye_core::value::Time;
use rye_engine::message::{Order, Signed, Statement};
use rye_journal::inbox::Inbox;
use rye_journal::store::inbox_folder;

pub(crate) const AUTHOR: u8 = 1;
pub(crate) const ROOT: u8 = 2;
pub(crate) const OPERATOR: u8 = 3;
pub(crate) const LISTS: u8 = 4;
pub(crate) const STRANGER: u8 = 66;

/// Blocks one address for an hour.
const CUT_OFF: &str = "
use std.firewall

playbook cut_off(address: Ip) {
    severity high
    deadline 10m
    limit Address 1
    on failure hold

    stage contain {
        do firewall.block(address: Address(address), reason: \"a test\") for 1h verified within 10s
    }
    finish contained \"cut off\"
}

playbook rest(address: Ip) {
    severity low
    deadline 2h
    on failure hold

    wait 1h
}
";

fn secret(who: u8) -> SecretKey {
    SecretKey::from_seed(&[who; 32]).expect("an ordinary key")
}

fn now() -> u64 {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    now.expect("the clock is set").as_secs()
}

/// So many days from now.
fn at(days: i64) -> UnixSeconds {
    UnixSeconds(now().checked_add_signed(days * 86_400).expect("near"))
}

/// A folder with a trust root, a site file, a bundle and an input.
pub(crate) struct Site {
    folder: tempfile::TempDir,
    digest: String,
}

impl Site {
    /// A site whose file says `more` behind what is required.
    pub(crate) fn new(more: &str) -> Self {
        Self::made(more, false)
    }

    /// The same, with a trust root that lets Lisa sign revocation lists.
    pub(crate) fn with_lists(more: &str) -> Self {
        Self::made(more, true)
    }

    /// A revocation list that takes back the bundle, or nothing.
    pub(crate) fn revocations(&self, version: u64, takes_back: bool) -> Vec<u8> {
        let file = fs::read(self.path("cut_off.ryeb")).expect("the bundle");
        let digest = rye_bundle::verify::open(&file).expect("a bundle").digest();
        let reason = Label::new("a test").expect("a label");
        let list = Revocations {
            version,
            issued_at: at(-1),
            next_update: at(6),
            environment: EnvironmentId::new("lab").expect("a name"),
            keys: BTreeMap::new(),
            bundles: takes_back.then_some((digest, reason)).into_iter().collect(),
            versions: BTreeMap::new(),
        };
        let file = list.unsigned_file().expect("a sound list");
        sign_revocations(&file, &secret(LISTS)).expect("a signature")
    }

    fn made(more: &str, with_lists: bool) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let key = |who, name, usage| TrustedKey {
            public: *secret(who).public(),
            owner: OwnerId::new(name).expect("a name"),
            not_before: at(-9),
            not_after: at(9),
            usages: Usages::from_iter([usage]),
        };
        let role = |usage, scope, who| SignerRole {
            usage,
            scope,
            threshold: 1,
            keys: BTreeSet::from([secret(who).public().id()]),
        };
        let everything = BundleScope {
            max_impact: Impact::Destructive,
            prefixes: BTreeSet::from([NamePrefix::new("").expect("a prefix")]),
        };
        let draft = TrustRootDraft {
            version: 1,
            issued_at: at(-8),
            expires_at: at(8),
            environment: EnvironmentId::new("lab").expect("a name"),
            keys: vec![
                key(AUTHOR, "anna", Usage::Bundle),
                key(ROOT, "rosa", Usage::Root),
                key(OPERATOR, "olga", Usage::Operator),
                key(LISTS, "lisa", Usage::Revocation),
            ],
            signer_roles: vec![
                role(Usage::Root, None, ROOT),
                role(Usage::Bundle, Some(everything), AUTHOR),
            ],
            people_roles: BTreeMap::new(),
            impact_policy: ImpactPolicy::default(),
            reset_counters: BTreeSet::new(),
        };
        let mut draft = draft;
        draft.signer_roles.extend(with_lists.then(|| role(Usage::Revocation, None, LISTS)));
        let root = draft.build().expect("a sound trust root");
        let file = root.unsigned_file().expect("a short one");
        let file = sign_trust_root(&file, &secret(ROOT)).expect("a signature");
        let site = Self { folder, digest: root.digest().to_string() };
        site.write("root.ryer", &file);
        site.write("cut_off.ryeb", &bundle(AUTHOR));
        site.configure(more);
        site
    }

    /// Writes the site file anew.
    pub(crate) fn configure(&self, more: &str) {
        let digest = &self.digest;
        let text = format!("environment = \"lab\"\ntrust_root_digest = \"{digest}\"\n{more}");
        self.write("site.toml", text.as_bytes());
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn store(&self) -> PathBuf {
        self.path("store")
    }

    pub(crate) fn write(&self, name: &str, bytes: &[u8]) {
        let path = self.path(name);
        fs::write(&path, bytes).expect("a file");
        fs::set_permissions(&path, Permissions::from_mode(0o600)).expect("its owner");
    }

    /// `ryed COMMAND` with the store, the trust root and the site file.
    pub(crate) fn ryed(&self, command: &[&str]) -> Command {
        let mut ryed = Command::new(env!("CARGO_BIN_EXE_ryed"));
        ryed.args(command);
        for (option, name) in
            [("--store", "store"), ("--trust", "root.ryer"), ("--site", "site.toml")]
        {
            ryed.arg(option).arg(self.path(name));
        }
        ryed
    }

    /// `ryed run` of a playbook on an address.
    pub(crate) fn run(&self, playbook: &str, address: &str, more: &[&str]) -> Command {
        self.write("input.json", format!("{{\"address\": \"{address}\"}}").as_bytes());
        let (bundle, input) = (self.path("cut_off.ryeb"), self.path("input.json"));
        let mut ryed = self.ryed(&["run"]);
        ryed.arg(bundle).args(["--playbook", playbook]).arg("--input").arg(input).args(more);
        ryed
    }

    /// Puts a person's word into the inbox.
    pub(crate) fn say(&self, run: &str, order: Order) {
        let run = RunId::from_hex(run).expect("a run's id");
        let seconds = i64::try_from(now()).expect("near");
        let statement = Statement { run, order, created_at: Time(seconds * 1_000_000) }.encode();
        let record = sign_message(&secret(OPERATOR), &statement).expect("a signature");
        let signed = Signed { key: record.key_id, signature: record.signature.0, statement };
        Inbox::at(&inbox_folder(&self.store())).put(&signed.encode()).expect("an inbox");
    }
}

/// What a program did: exit code, standard output, standard error.
pub(crate) fn done(command: &mut Command) -> (Option<i32>, String, String) {
    let Output { status, stdout, stderr } = command.output().expect("the program starts");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
    (status.code(), text(stdout), text(stderr))
}

/// The bundle, signed by somebody.
pub(crate) fn bundle(who: u8) -> Vec<u8> {
    let interface =
        |(module, text): &(&'static str, &'static str)| Source { module, path: module, text };
    let interfaces: Vec<Source<'_>> = rye_stdlib::INTERFACES.iter().map(interface).collect();
    let source = Source { module: "cut_off", path: "cut_off.rye", text: CUT_OFF };
    let checked = check(&[source], &interfaces);
    let compiled = compile(&checked).unwrap_or_else(|error| {
        let said: Vec<_> = checked.diagnostics.iter().map(|it| it.message.clone()).collect();
        panic!("{error}: {said:?}")
    });
    let facts = rye_bytecode::facts(&compiled.module);
    let sections = rye_bytecode::encode(&compiled.module).expect("a proved module");
    let section = |(kind, bytes)| Section { kind, bytes };
    let manifest = manifest(&facts);
    let payload = Payload { manifest, sections: sections.into_iter().map(section).collect() };
    let file = unsigned_bundle(&payload).expect("a sound payload");
    sign_bundle(&file, &secret(who)).expect("a signature")
}

fn manifest(facts: &rye_bytecode::Facts) -> Manifest {
    let entry_point = |entry: &rye_bytecode::facts::EntryPoint| EntryPoint {
        name: EntryPointName::new(&entry.name).expect("a name"),
        input_schema: entry.input_schema,
        max_mode: Mode::Enforce,
        impact: entry.impact,
        worst_case: WorstCase {
            fuel: entry.bound.fuel,
            waiting_micros: entry.bound.waiting_micros,
            queries: entry.bound.queries,
            uses: entry.bound.actions.clone(),
        },
    };
    let capability = |it: &rye_bytecode::facts::Capability| Capability {
        name: ActionName::new(&it.name).expect("a name"),
        kind: match it.verb {
            Verb::Action => CapabilityKind::Action,
            Verb::Query => CapabilityKind::Query,
            Verb::Notice => CapabilityKind::Notice,
        },
        schema: it.schema,
        impact: it.impact,
    };
    let label = |text| Label::new(text).expect("a label");
    Manifest {
        name: BundleName::new("soc/cut_off").expect("a name"),
        version: 1,
        display_version: label("1"),
        rollback_floor: 1,
        audience: vec![EnvironmentId::new("lab").expect("a name")],
        created_at: at(-1),
        not_before: at(-1),
        expires_at: at(5),
        isa_version: 1,
        language_edition: 1,
        cost_table_version: 1,
        min_daemon: DaemonVersion { major: 0, minor: 1, patch: 0 },
        compiler_name: label("ryec"),
        compiler_version: label("0.1.0"),
        source_digest: rye_core::digest::Digest([1; 32]),
        limits: Limits { fuel: 1 << 30, memory_bytes: 1 << 20 },
        entry_points: facts.entry_points.iter().map(entry_point).collect(),
        capabilities: facts.capabilities.iter().map(capability).collect(),
    }
}

/// The folder of a path that stands in what was printed.
pub(crate) fn shown(path: &Path) -> String {
    path.display().to_string()
}
