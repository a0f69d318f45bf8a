//! What a bundle must have been built against: the digest of each verb's
//! declaration. Generated from the interface files by `tests/schemas.rs`.

/// Every verb of the standard interfaces with the digest of its declaration, in
/// hexadecimal digits, ascending.
pub const SCHEMAS: &[(&str, &str)] = &[
    ("std.clock.now", "40a529cc365c56942c3868214b56ca595313ae85b1ac591e6eba304a05437c36"),
    ("std.firewall.block", "1bd129b29c5b83956262b10d331e777ccc3707c04b2b0bf3b42c9dfe9435b1dc"),
    (
        "std.firewall.block_network",
        "7d7e53592bab87e19f137e9e3a980f2f766f629046290d4ad176fceb8a37b458",
    ),
    ("std.firewall.end_flows", "1b92b73a79b3ed3397b85670f77f94b1551434e7becca1bc14f84e08a4856acb"),
    (
        "std.firewall.end_network_flows",
        "52f9786fbd38573e51c6679d4f635c0e607ad42b423ee4a73231d6a925aee7a1",
    ),
    ("std.firewall.flows", "e0f5dc1d7d53ca8126dac73aefe6095a583ff71b5d7903553ad533fef3e5fe0a"),
    ("std.firewall.is_blocked", "07e31d6a8e5c88e07b0ce34619d71a3c805195166c15d600f39421c61826f7d0"),
    (
        "std.firewall.is_network_blocked",
        "a3f11be1d1d0d9eb5aa6c507fca88d4954c1d8bca176a76893ea2c663b36475a",
    ),
    (
        "std.firewall.network_flows",
        "199cf087c9a8d40756a65093e4b483b7f6771a71aa60e20509f786676b75299d",
    ),
    ("std.firewall.unblock", "1bce7d65f234150482c4a3b32b39846d8ef163da86aaac8be4911056beaedc95"),
    (
        "std.firewall.unblock_network",
        "b9d8d2adf249b1036014002422f9bee9a9ae73addd97f48bd340ad552cc28170",
    ),
    ("std.notify.analysts", "bcbc030fe143846ec69db2eace1dee8b297f1f4dfa63b53dc4c625717c80c1c7"),
    ("std.notify.oncall", "869f40b6b1058330970ca7bff8c0815b88f0dc89415d4e139c6bfdee259c8e11"),
    ("std.notify.user", "76a6e39a41f694b6c5b21f513a73c9ee2af18caf53973a7cf9ff53457a8725a6"),
];
