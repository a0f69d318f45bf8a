//! Hands libFuzzer's bytes to the property that `RYE_FUZZ_TARGET` names.

#![no_main]

use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;
use rye_fuzz::{Target, target};

fuzz_target!(|bytes: &[u8]| {
    static TARGET: OnceLock<&Target> = OnceLock::new();
    let chosen = TARGET.get_or_init(|| {
        let name = std::env::var("RYE_FUZZ_TARGET").unwrap_or_default();
        target(&name).unwrap_or_else(|| panic!("there is no target `{name}`"))
    });
    let _ = (chosen.check)(bytes);
});
