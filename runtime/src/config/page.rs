//! The configuration reference, made from the table of options.

use core::fmt::Write;

use rye_core::limit::SITE_FILE_BYTES_MAX;

use super::option::{OPTIONS, REQUIRED};

const INTRODUCTION: &str = "\
What one installation says about itself stands in its site file, which `ryed` reads at each start (`--site FILE`). It is
[TOML](https://toml.io): `name = value`, tables begin with `[name]`, texts stand in quotes. Durations are texts of digits and
one unit: `us`, `ms`, `s`, `m`, `h`, `d`.

The file decides what may be done and what must not be touched. So it must belong to root or to the user who runs `ryed`,
nobody else may be able to write to it (`chmod go-w FILE`), it must not be a link, and it has at most ";

const AFTER: &str = " bytes.
An option that isn't on this page is an error, so that a slip of the pen doesn't pass for a rule. All mistakes are reported
at once, each with line, column, what was expected and what to do, but for those in the adapters' own tables, which are read when
the rest is right, one at a time. Nothing runs until there are none.

## An example

```toml
environment = \"production\"
trust_root_digest = \"2aa1137f9890a99db5b84fb9e41f296845930602918e97972eba953a4e70466d\"

[mode]
contain_scanner = \"enforce\"

[settings]
\"contain_scanner.home\" = \"198.51.100.0/24\"

[protected.networks]
\"10.0.0.0/8\" = \"our own servers\"
\"203.0.113.9\" = \"the partner's gateway\"

[protected.assets.Account]
\"ceo@example.com\" = \"the chief executive\"

[firewall]
namespace = \"edge\"

[notify.destinations.analysts]
url = \"https://chat.example/hooks/soc\"

[process.\"site.tickets\"]
interface = \"/etc/rye/site.tickets.interface\"
program = \"/usr/local/lib/rye/tickets\"
```

An adapter is bound by its table: without `[firewall]`, a playbook that uses `std.firewall` is refused before it runs.
What a site adds itself is bound by `[process]` and `[http]`: see [site actions](../operating/site-actions.md).

## Options

A word in capitals stands for a name that the site chooses.
";

const PROTECTED: &str = "\
## What is protected in any case

No option takes anything out of this list. It is read anew at most every 60 seconds while something runs; what can't be read
stays as it was.

- loopback, link-local, multicast, unspecified and broadcast addresses;
- every address of this machine, and the broadcast address of every network it is in;
- its gateways, those of the default routes among them;
- its resolvers, from `/etc/resolv.conf` and from systemd-resolved;
- the hosts that adapters talk to: the destinations of `[notify]` and the services of `[http]`;
- with a `firewall.namespace`: the addresses, gateways and resolvers of that namespace too;
- with `[host]`: root, the first process, the services that a machine can't be looked after without, and, where the machine
  is the daemon's own, its account, its process and its service. The adapter looks once more after names are resolved, so
  that no other name of the same is an exception.

Only the harmful direction is refused: undoing is always allowed.
";

/// The text of `docs/reference/configuration.md`.
pub fn reference_page() -> String {
    let mut page = String::from("# Configuration\n\n");
    let _ = write!(page, "{INTRODUCTION}{SITE_FILE_BYTES_MAX}{AFTER}");
    for row in OPTIONS {
        let default = match row.default {
            REQUIRED => String::from("required"),
            value if value.starts_with('"') => format!("`{value}`"),
            words => words.to_owned(),
        };
        let doc = row.doc;
        let _ = write!(page, "\n### `{}`\n\n{doc}\n\n", row.path);
        let _ = writeln!(page, "- takes: {}", row.takes);
        let _ = writeln!(page, "- default: {default}");
        let _ = writeln!(page, "- such as: `{}`", row.example);
    }
    let _ = write!(page, "\n{PROTECTED}");
    page
}
