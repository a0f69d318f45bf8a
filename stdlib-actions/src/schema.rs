//! What a bundle must have been built against: the digest of each verb's
//! declaration; and what a site's rules may name. Generated from the interface
//! files by `tests/schemas.rs`.

/// Every verb of the standard interfaces with the digest of its declaration, in
/// hexadecimal digits, ascending.
pub const SCHEMAS: &[(&str, &str)] = &[
    (
        "std.clock.business_hours",
        "fd8e5cebf76fc7f40024b41c597ed4b3918b66f0b918b053b05c566defad1a6f",
    ),
    ("std.clock.maintenance", "9a59d71c28d13e0c7ab508ff8580a35c445fab8f9251dde7e2a289ab59926b0d"),
    ("std.clock.now", "40a529cc365c56942c3868214b56ca595313ae85b1ac591e6eba304a05437c36"),
    ("std.effects.of", "7266db66dfa1a28d06ffe402a2a8259cce67b03fe3082447bfd2dc6395457b72"),
    ("std.effects.on_account", "4b4fdafa931fb91adf203941bbfe5798a23acf3dcfd7b23d8c7f24b7ca31a8b5"),
    ("std.effects.on_address", "70f27d5ef70e9c7ffdc6b9a59e98b6a0e27385f2530d612b8c0b5c4828dd4dff"),
    (
        "std.effects.on_cloud_key",
        "a7a53b698eb5f889d62ff17e14516fceb39e78f7136965f095be80658feaaca7",
    ),
    ("std.effects.on_host", "57b51b3b8726754ec8fa89915263f46aa6e09f745ed671baa105108b87c23701"),
    ("std.effects.on_mailbox", "9919067b2669c924c8ee738c712eccfef2bc05de39c02cdad756a7bfcd00a56c"),
    ("std.effects.on_network", "0f5f0faace956da8eef12a22ec524be7ea8efcfc63be796ce206d76926825284"),
    ("std.effects.on_workload", "3c1a8142d8fecf6d42dff9a837bb9379d1e9b599ebb78b7a77f5c7d6da3e893a"),
    ("std.effects.release", "afbd2a358d8ea0bf7529dd95c07e82caeece2b5f654bb096bf48aef108408ab5"),
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
    (
        "std.host.account.end_sessions",
        "1550031b555d886eaa7eb19b7ed5687e97d72b6951d830bb81fb7888ddf6679f",
    ),
    ("std.host.account.expire", "795ef83cf2a0e16299ac41458ebaaac9fd4bb525694b96ec6ad73166fc8ff903"),
    ("std.host.account.expiry", "e7eafeb5331ca629420b8adb5edff15ef12f58b762f05dbb9384763f941adc18"),
    ("std.host.account.freeze", "1b341c4b826342aeaf1d362a0a0b614bc2649f8a2f61f278261d2265d95466ca"),
    (
        "std.host.account.is_expired",
        "0fdad6a6738a6926ccd5e7bca7f97add42c28569df6699c1806c9b2c9524f66e",
    ),
    (
        "std.host.account.is_frozen",
        "48780f412bee2336486b0623f27b9d948c6aee537bbe54beff3d78c5ebe56dc2",
    ),
    (
        "std.host.account.processes",
        "746e7d4405fb6d1f5f4170e337f885e550a217ddb020f02b64cde54995689235",
    ),
    (
        "std.host.account.restore",
        "352665f870e2258c83475c87bcdb94a37ed4423f1967296da816a10d6b90c13b",
    ),
    ("std.host.account.thaw", "6338e91c87f7faca2cea55df5ffe99c3716b0e4a4f17f33ec2343c51743b3696"),
    (
        "std.host.evidence.collect",
        "e9904d4bb9142c0d6fca5814b418cbc75fffe791ace0f736886c2f7ecaa7d931",
    ),
    ("std.host.file.hash", "294add2949563f16527141a343780af21f4d5976638a6c2ab15a84f31d7c31be"),
    (
        "std.host.file.is_quarantined",
        "d98979189ec36f49c5350876f1d541d46e63165ace69b9ff74de507a4805302a",
    ),
    (
        "std.host.file.quarantine",
        "b67985ae198fa03f994b87a8562d83d094e8f7336b8dac9af992ccc82cb8f750",
    ),
    ("std.host.file.restore", "ec0e9d8fba46efdf91b61cdac148a791d30dfa5a6f414f9af95fdda54690b45a"),
    ("std.host.process.at", "ea5d8e4a331dad8abf29578bf16024f19b2c49bb969a6407fd71cc8e8a6a8309"),
    (
        "std.host.process.is_running",
        "70ce3ee141a1aedb2f96aac03fee1af4d9f816081c3f8f3ddb7710ba00228e02",
    ),
    ("std.host.process.kill", "33890731d812ba13152dc41bc8cdfe0ac92ffd7dbb705b6bd004c236082340f1"),
    (
        "std.host.process.running",
        "b59a71b0f55c7581e81244f0bb2ed67801b878722e0a357eb21b9ab049af38ee",
    ),
    ("std.host.service.freeze", "826823ca4a5587e6f608e9fb06a918143121d35de4c225b8908f3b073beb2920"),
    (
        "std.host.service.is_active",
        "9b52857371528672cb34dd508f216e507973dc2b6fa44164f58c78b158d933a3",
    ),
    (
        "std.host.service.is_frozen",
        "32256d8afe185bb397a215348ac3cc8a333b9fc02873bd876755b5a4f5eb7930",
    ),
    (
        "std.host.service.is_stopped",
        "bbaf723910a6d88a3af397abbed59216f76c082f736ddfe7630ddfa4f3d4705a",
    ),
    (
        "std.host.service.restore",
        "8766ba52bc436266717f1c214968e77bfeaf0e0ddbce3d51474a15a5f7efa1df",
    ),
    ("std.host.service.stop", "c375b6cef0c176a90ab0141707c7c354ae65ddb6d826319a5b0c6370858a15f6"),
    ("std.host.service.thaw", "6c179c8728abeeaddad872d39c77139f2b020642f16e489d0e4bc150f589778c"),
    ("std.host.service.units", "6f2e20b4f6e4540fda13f3aae3344525eb7b974da233b7182341c6a60d0423b6"),
    ("std.notify.analysts", "bcbc030fe143846ec69db2eace1dee8b297f1f4dfa63b53dc4c625717c80c1c7"),
    ("std.notify.oncall", "869f40b6b1058330970ca7bff8c0815b88f0dc89415d4e139c6bfdee259c8e11"),
    ("std.notify.user", "76a6e39a41f694b6c5b21f513a73c9ee2af18caf53973a7cf9ff53457a8725a6"),
];

/// The verbs of the standard interfaces that change something, ascending.
pub const ACTIONS: &[&str] = &[
    "std.effects.release",
    "std.firewall.block",
    "std.firewall.block_network",
    "std.firewall.end_flows",
    "std.firewall.end_network_flows",
    "std.firewall.unblock",
    "std.firewall.unblock_network",
    "std.host.account.end_sessions",
    "std.host.account.expire",
    "std.host.account.freeze",
    "std.host.account.restore",
    "std.host.account.thaw",
    "std.host.evidence.collect",
    "std.host.file.quarantine",
    "std.host.file.restore",
    "std.host.process.kill",
    "std.host.service.freeze",
    "std.host.service.restore",
    "std.host.service.stop",
    "std.host.service.thaw",
];

/// The kinds of assets of the standard interfaces, ascending.
pub const KINDS: &[&str] = &[
    "Account",
    "Address",
    "CloudKey",
    "Hold",
    "Host",
    "HostAccount",
    "HostFile",
    "HostProcess",
    "HostService",
    "Mailbox",
    "Network",
    "Workload",
];
