//! The worst case of a package, as its compiler counts it on the tree and as its verifier
//! proves it from the code: two ways to the same numbers.

use rye_bytecode::module::Module;
use rye_bytecode::{Bound, Verified};
use rye_compiler::hir::{ActionId, Package};

/// That both agree, for each playbook.
pub(crate) fn assert_both_agree(what: &str, package: &Package, module: &Verified<Module>) {
    for (playbook, proved) in package.playbooks.iter().zip(module.bounds()) {
        let counted = counted(package, &playbook.bound, module);
        let proved = Bound { fuel: 0, fuel_saturated: false, ..proved.clone() };
        assert_eq!(counted, proved, "{what}: {}", playbook.name);
    }
}

/// The compiler's worst case as the verifier writes it, without fuel.
fn counted(package: &Package, bound: &rye_compiler::bound::Bound, module: &Module) -> Bound {
    let times = |name: &str| {
        let named = |id: &ActionId| {
            let index = usize::try_from(id.0).unwrap_or(usize::MAX);
            package.actions.get(index).is_some_and(|action| *action.name == *name)
        };
        let found = bound.actions.iter().find(|(action, _)| named(action));
        found.map_or(0, |(_, times)| *times)
    };
    Bound {
        waiting_micros: u64::try_from(bound.waiting.0).unwrap_or(u64::MAX),
        queries: bound.queries,
        actions: module.actions.iter().map(|action| times(&action.name)).collect(),
        ..Bound::default()
    }
}
