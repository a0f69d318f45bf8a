//! Code that no compiler would write, signed by somebody who is trusted: a signature
//! says whose it is, and nothing of what it does.

use rye_bundle::payload::{Payload, Section};
use rye_bytecode::module::Module;
use rye_core::impact::Impact;
use rye_engine::entry::Body;
use rye_journal::Journal;
use rye_tests::campaign::{Chance, rounds};
use rye_tests::modules::{MUTATIONS, base, golden};

use super::*;
use crate::loader::{LoadError, LoadFault};

/// A site that is offered one bundle after the other, all of them signed as they must be.
struct Offered {
    play: Play,
    shell: Shell,
    refused: usize,
}

impl Offered {
    fn new() -> Self {
        let play = Play::new();
        let shell = play.shell();
        Self { play, shell, refused: 0 }
    }

    /// Wants a run of this payload: how it is refused, if it is.
    fn start(&mut self, payload: &Payload) -> Result<RunId, LoadError> {
        self.play.folder.write("contain.ryeb", &signed(payload, ALICE));
        match self.shell.start(&self.play.wanted()) {
            Ok(started) => Ok(started.run),
            Err(StartError::Load { error, .. }) => {
                self.refused += 1;
                Err(error)
            }
            Err(error) => panic!("{error}"),
        }
    }

    /// Wants a run of this module, which is refused: how.
    fn refuse(&mut self, what: &str, module: &Module) -> LoadError {
        let error = self.start(&holding(module));
        let error = error.err().unwrap_or_else(|| panic!("{what} is loaded"));
        assert_eq!(error.code(), "E_VERIFY", "{what}: {error}");
        error
    }

    /// Nothing ran, and the journal has each refusal.
    fn nothing_happened(self) {
        assert!(self.shell.summaries().is_empty());
        assert!(self.play.world.calls().is_empty(), "{:?}", self.play.world.calls());
        drop(self.shell);
        audit(&self.play.store());
        let mut rejections = 0;
        let opened = Journal::open(&self.play.store(), None, &mut |stored| {
            let entry = crate::record::from_journal(stored).unwrap();
            rejections += usize::from(matches!(entry.body, Body::BundleRejected { .. }));
        });
        opened.unwrap();
        assert_eq!(rejections, self.refused);
    }
}

/// A bundle that claims what a good one claims, and holds this module.
fn holding(module: &Module) -> Payload {
    let sections = rye_bytecode::encode(module).unwrap();
    let section = |(kind, bytes)| Section { kind, bytes };
    Payload { sections: sections.into_iter().map(section).collect(), ..payload(CONTAIN) }
}

/// Case 9: each module that is broken in one known way is refused for that reason.
#[test]
fn malicious_bytecode() {
    let mut offered = Offered::new();
    for (name, code, mutate) in MUTATIONS {
        let mut module = base();
        mutate(&mut module);
        match &*offered.refuse(name, &module).fault {
            LoadFault::Verify(error) => assert_eq!(error.code, *code, "{name}: {error}"),
            // What is no name can't even be read.
            other => assert!(matches!(other, LoadFault::Decode(_)), "{name}: {other:?}"),
        }
    }
    let is_refused = |expected: &str| expected.starts_with("V_");
    for golden in golden().iter().filter(|golden| is_refused(&golden.expected)) {
        let name = golden.path.display().to_string();
        let error = offered.refuse(&name, &golden.module);
        assert_eq!(format!("{error}\n"), format!("E_VERIFY: {}", golden.expected), "{name}");
    }
    assert!(offered.refused > 200, "{}", offered.refused);
    offered.nothing_happened();
}

/// Case 9: code that can be proved, and does more than its bundle says.
#[test]
fn malicious_bytecode_that_claims_to_be_harmless() {
    type Lie = fn(&mut Payload);
    let lies: [(&str, &str, Lie); 6] = [
        ("E_IMPACT", "an act that is none", |it| {
            it.manifest.entry_points[0].impact = Impact::Observe;
        }),
        ("E_CAP_MISMATCH", "an action of less impact", |it| {
            it.manifest.capabilities[0].impact = Impact::Observe;
        }),
        ("E_CAP_MISMATCH", "an action that is not declared", |it| {
            it.manifest.capabilities.remove(0);
            it.manifest.entry_points[0].worst_case.uses.remove(0);
        }),
        ("E_CAP_MISMATCH", "fewer acts", |it| {
            it.manifest.entry_points[0].worst_case.uses[0] = 0;
        }),
        ("E_CAP_MISMATCH", "less fuel", |it| {
            it.manifest.entry_points[0].worst_case.fuel -= 1;
        }),
        ("E_ACTION_SCHEMA", "another action of that name", |it| {
            let blocks =
                CONTAIN.replace("undo \"std.firewall.unblock\"", "undo \"std.firewall.open\"");
            *it = payload(
                &blocks.replace("action \"std.firewall.unblock\"", "action \"std.firewall.open\""),
            );
        }),
    ];
    let mut offered = Offered::new();
    for (code, what, lie) in lies {
        let mut lying = payload(CONTAIN);
        lie(&mut lying);
        let error = offered.start(&lying).err().unwrap_or_else(|| panic!("{what} is loaded"));
        assert_eq!(error.code(), code, "{what}: {error}");
    }
    offered.nothing_happened();
}

/// Case 9: bytes of sections by chance. What is not refused is code that was proved,
/// and does what its bundle says.
#[test]
fn malicious_bytecode_of_changed_bytes() {
    let mut chance = Chance::of("malicious_bytecode");
    let mut offered = Offered::new();
    let good = payload(CONTAIN);
    for round in 0..rounds(300) {
        let mut changed = good.clone();
        let at = |chance: &mut Chance, length: usize| {
            usize::try_from(chance.below(u64::try_from(length).unwrap())).unwrap()
        };
        for _ in 0..=chance.below(3) {
            let section = at(&mut chance, changed.sections.len());
            let bytes = &mut changed.sections[section].bytes;
            let byte = at(&mut chance, bytes.len());
            bytes[byte] = chance.below(256).to_le_bytes()[0];
        }
        match offered.start(&changed) {
            Ok(run) => {
                assert_eq!(offered.shell.run(Until::Run(run)).unwrap(), Rest::Reached);
                assert!(offered.play.world.count("block") <= 1, "round {round}");
            }
            Err(error) => assert!(error.code().starts_with("E_"), "round {round}: {error}"),
        }
    }
}
