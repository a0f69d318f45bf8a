//! THE table of options: name, what it takes with its unit, default, meaning,
//! an example. The reader takes names and defaults from here, the reference page
//! takes all of it.

/// One option of the site file.
#[derive(Clone, Copy, Debug)]
pub struct OptionRow {
    /// Its path. A segment in capitals stands for a name that the site chooses.
    pub path: &'static str,
    /// What it takes, with the unit.
    pub takes: &'static str,
    /// What holds without it, as it would be written; `required` when nothing does.
    pub default: &'static str,
    /// What it means.
    pub doc: &'static str,
    /// A value, as it is written.
    pub example: &'static str,
}

/// The default of what must be written.
pub const REQUIRED: &str = "required";

macro_rules! options {
    ($($path:literal, $takes:literal, $default:expr, $example:literal, $doc:literal;)*) => {
        /// Every option, in the order of the reference page.
        pub const OPTIONS: &[OptionRow] = &[$(OptionRow {
            path: $path,
            takes: $takes,
            default: $default,
            doc: $doc,
            example: $example,
        }),*];
    };
}

options! {
    "environment", "text: `a-z 0-9 . _ -`, at most 64", REQUIRED, "\"production\"",
        "Which installation this is. The trust root must be the one of this environment, and a bundle is only loaded if it names it in its audience.";
    "trust_root_digest", "text: 64 hexadecimal digits", REQUIRED,
        "\"2aa1137f9890a99db5b84fb9e41f296845930602918e97972eba953a4e70466d\"",
        "The digest of the trust root that people agreed on, as `ryec trust` prints it. No other trust root is believed, whatever file is named on the command line.";
    "undo_patience", "text: a duration, `1s` to `30d`", "\"15m\"", "\"15m\"",
        "How long an undo is tried again when nobody answers. After that it is stuck: the other undos are still tried, and `ryectl contained` lists what stands.";
    "life_notice", "text: a duration, `1s` to `30d`", "\"1h\"", "\"1h\"",
        "How long before an act's time is over (`for 4h`) the operators are told, at `notify.destinations.operators`. What was never to stand for longer than that ends without a notice.";
    "message_age_max", "text: a duration, `1m` to `30d`", "\"24h\"", "\"24h\"",
        "How old a person's signed message may be when it is read. An older one is refused, so that nobody can keep a message back until it does harm. One that seems to come from more than 10 minutes ahead is refused too.";
    "mode.PLAYBOOK", "text: `shadow`, `monitor` or `enforce`", "\"shadow\"", "\"enforce\"",
        "The most real mode in which this playbook may run here. A run's mode is the least of this, the caller's `--mode` and what its bundle allows.";
    "settings.\"NAME\"", "as the playbook declares the setting; durations, instants and addresses as texts", "as the playbook says", "\"1h\"",
        "The value of a playbook's setting, by its full name, that of its file and its own: `MODULE.NAME`. It must lie in the range that the playbook declares. A name that begins with a package's and that the package doesn't have stops its runs; those of other packages are without effect.";
    "protected.networks.\"NETWORK\"", "text: the reason, for people", "nothing beyond what is built in", "\"our own servers\"",
        "An address or a network (`203.0.113.7`, `10.0.0.0/8`, `2001:db8::/32`) that no action may touch, neither whole nor in part, nor a machine named by such an address, nor what is on it. Undoing is always allowed.";
    "protected.assets.KIND.\"ASSET\"", "text: the reason, for people", "nothing", "\"the chief executive\"",
        "An asset of a kind that the playbooks' interfaces declare (`Account`, `Host`, `HostService`, …) that no action may touch. Case and a trailing dot don't matter where they don't matter to that kind. Of a kind that consists of several parts, such as a `HostService`, all are meant that have this part: `\"sshd.service\"` on every host, or every service of `\"web-1\"` (also where an action says `WEB-1.`). Who protects a `Host` protects what is on it too: every asset whose part `host` names it, however that is written.";
    "blast_radius.KIND", "text: `NUMBER per SPAN`, or a list of such; a span of `1s` to `31d`", "no limit", "\"10 per 1h\"",
        "How many different assets of this kind (`Host`, `Address`, …) all runs together may touch within any span of that length. The same asset counts once, and a network its addresses. What it refuses two people can [lift](../operating/guardrails.md) for one act.";
    "rate.\"ACTION\"", "text: `NUMBER per SPAN`, or a list of such; a span of `1s` to `31d`", "no limit", "[\"5 per 1m\", \"60 per 1h\"]",
        "How many acts of this action (`\"std.firewall.block\"`), or of this module of actions (`\"std.firewall\"`), all runs together may begin within any span of that length. Attempts at one act and undos don't count.";
    "maintenance.\"NAME\".when", "text, or a list of texts: `DAY 02:00-04:00` with `mon` to `sun`, `mon-fri` or `daily`, a date, or `INSTANT to INSTANT`; in UTC", REQUIRED, "\"sun 02:00-04:00\"",
        "When people work on something, so that playbooks must not act on it: what they want then is refused, naming NAME. An end that isn't after its beginning is the next day's. Undoing is always allowed.";
    "maintenance.\"NAME\".what", "text, or a list of texts: actions, modules of actions, kinds of assets", "everything", "[\"std.firewall\", \"Host\"]",
        "What has to wait then.";
    "business_hours.when", "as `maintenance.\"NAME\".when`", REQUIRED, "[\"mon-fri 08:00-18:00\", \"sat 09:00-12:00\"]",
        "When people of this site work: what `ask clock.business_hours()` answers. Without this table that is the error `not_found`.";
    "business_hours.closed", "as `maintenance.\"NAME\".when`", "never", "[\"2026-12-25\", \"2026-12-31\"]",
        "When they don't work after all: holidays.";
    "firewall.namespace", "text: a name in `/run/netns`", "the daemon's own", "\"edge\"",
        "The network namespace whose packet filter is used. Its addresses and gateways are protected too.";
    "firewall.table", "text: letters, digits and `_`, at most 32", "\"rye\"", "\"rye\"",
        "The nftables table, of family `inet`, that holds all blocks. Nothing else may live in it.";
    "firewall.nft", "text: an absolute path", "\"/usr/sbin/nft\"", "\"/usr/sbin/nft\"",
        "Where the program `nft` is.";
    "firewall.ss", "text: an absolute path", "\"/usr/bin/ss\"", "\"/usr/bin/ss\"",
        "Where the program `ss` is.";
    "firewall.nsenter", "text: an absolute path", "\"/usr/bin/nsenter\"", "\"/usr/bin/nsenter\"",
        "Where the program `nsenter` is; used only with a `namespace`.";
    "host.name", "text: a name of a host", "the name that the machine has", "\"web-1\"",
        "What playbooks call the machine whose accounts, processes, services and files they act on. A call for another machine is refused. Give it a name and no address: whose address is protected, as this machine's own are, has nothing on it touched. Required with a `pid_file`.";
    "host.pid_file", "text: an absolute path", "the machine is the one that the daemon runs on", "\"/run/web-1.pid\"",
        "The file in which a container's runtime keeps the number of the container's first process: then the machine is that container. Programs of the container run in it with the daemon's rights, so name only a container whose root may as well be root of this machine.";
    "host.quarantine", "text: an absolute path", "\"/var/lib/rye/quarantine\"", "\"/var/lib/rye/quarantine\"",
        "The folder on the machine into which suspicious files are moved. It is made if need be. Moving is one step where it lies on the same file system, a copy elsewhere.";
    "host.evidence", "text: an absolute path", "\"/var/lib/rye/evidence\"", "\"/srv/evidence\"",
        "The folder on the daemon's own machine that keeps archives of evidence. It is made if need be, and nobody else may enter it.";
    "host.chage", "text: an absolute path", "\"/usr/bin/chage\"", "\"/usr/bin/chage\"",
        "Where the program `chage` is on the machine.";
    "host.loginctl", "text: an absolute path", "\"/usr/bin/loginctl\"", "\"/usr/bin/loginctl\"",
        "Where the program `loginctl` is on the machine.";
    "host.systemctl", "text: an absolute path", "\"/usr/bin/systemctl\"", "\"/usr/bin/systemctl\"",
        "Where the program `systemctl` is on the machine.";
    "host.journalctl", "text: an absolute path", "\"/usr/bin/journalctl\"", "\"/usr/bin/journalctl\"",
        "Where the program `journalctl` is on the machine.";
    "host.last", "text: an absolute path", "\"/usr/bin/last\"", "\"/usr/bin/last\"",
        "Where the program `last` is on the machine.";
    "host.nft", "text: an absolute path", "\"/usr/sbin/nft\"", "\"/usr/sbin/nft\"",
        "Where the program `nft` is on the machine.";
    "host.ss", "text: an absolute path", "\"/usr/bin/ss\"", "\"/usr/bin/ss\"",
        "Where the program `ss` is on the machine.";
    "host.nsenter", "text: an absolute path", "\"/usr/bin/nsenter\"", "\"/usr/bin/nsenter\"",
        "Where the program `nsenter` is on the daemon's own machine; used only with a `pid_file`.";
    "notify.destinations.NAME.url", "text: `https://…`, without a name or password in it", "required, unless there is a `syslog`",
        "\"https://chat.example/hooks/soc\"",
        "Where notices of this name are posted: `analysts`, `oncall` or `user`, which playbooks tell, and `operators`, which `ryed` tells itself when something needs a person. A playbook's notice without a destination fails with `not_found`; without `operators`, nobody is told, and `ryed` says so.";
    "notify.destinations.NAME.syslog", "text: `tcp://host:port` or `udp://host:port`", "none", "\"tcp://10.1.2.9:514\"",
        "The log server that notices of this name are written to, as messages of RFC 5424 (over TCP with octet counting). Facility 10, severity alert for `oncall` and `operators` and notice for the others; the text is one line, and run, key and user stand in the structured data `rye@32473`. Over TCP a notice is delivered when the server has read it and closed the connection; over UDP nobody knows.";
    "notify.destinations.NAME.ca_file", "text: an absolute path", "the public authorities, as Mozilla lists them",
        "\"/etc/rye/chat-ca.pem\"",
        "A file with the certificates (PEM) of the authorities that may vouch for the destination.";
    "notify.destinations.NAME.header.name", "text", "no header", "\"Authorization\"",
        "A header that is sent along, such as one that authenticates the sender.";
    "notify.destinations.NAME.header.value_file", "text: an absolute path", "no header", "\"/etc/rye/chat-token\"",
        "A file with the header's value, which not everybody on the machine may read. Line breaks at its end don't count.";
    "notify.destinations.NAME.networks", "a list of texts: addresses and networks", "none: the internet alone",
        "[\"10.1.2.0/24\"]",
        "Networks in which the destination may be although they are not public. An address of this machine, of a private network or of a cloud's own services is not connected to unless it is in one of these, whoever answers for the destination's name.";
    "process.\"MODULE\".interface", "text: an absolute path", REQUIRED, "\"/etc/rye/site.tickets.interface\"",
        "The interface file of a module of the site's own actions, as `ryec interface` writes it. It pins what is carried out: a bundle that was built against another declaration is refused before it runs.";
    "process.\"MODULE\".program", "text: an absolute path", REQUIRED, "\"/usr/local/lib/rye/tickets\"",
        "The program that carries the module's verbs out, one child per call, as the [adapter protocol](adapter-protocol.md) says. It and the folders that lead to it must belong to root or to the daemon's user, and nobody else may be able to change them.";
    "process.\"MODULE\".arguments", "a list of at most 64 texts", "none", "[\"--server\", \"tickets.example\"]",
        "What the program is started with, always the same. There is no shell, and nothing of a playbook ever stands here.";
    "process.\"MODULE\".secret_file", "text: an absolute path", "no secret", "\"/etc/rye/tickets-token\"",
        "A file with a secret, which not everybody on the machine may read. The program is handed it with each call, and it is blotted out of whatever the program says. Line breaks at its end don't count.";
    "http.\"MODULE\".interface", "text: an absolute path", REQUIRED, "\"/etc/rye/site.tickets.interface\"",
        "As `process.\"MODULE\".interface`. A module is bound to a program or to a service, not to both.";
    "http.\"MODULE\".url", "text: `https://…`, without a name or password in it", REQUIRED, "\"https://tickets.example/rye\"",
        "Where the service listens that carries the module's verbs out, as the [adapter protocol](adapter-protocol.md) says. Redirects are not followed, and a proxy of the environment is not used.";
    "http.\"MODULE\".ca_file", "text: an absolute path", "the public authorities, as Mozilla lists them",
        "\"/etc/rye/tickets-ca.pem\"",
        "A file with the certificates (PEM) of the authorities that may vouch for the service.";
    "http.\"MODULE\".header.name", "text", "no header", "\"Authorization\"",
        "A header that is sent along to this service and to nobody else, such as one that authenticates the sender.";
    "http.\"MODULE\".header.value_file", "text: an absolute path", "no header", "\"/etc/rye/tickets-token\"",
        "A file with the header's value, which not everybody on the machine may read. It is blotted out of whatever the service says.";
    "http.\"MODULE\".networks", "a list of texts: addresses and networks", "none: the internet alone",
        "[\"10.1.2.0/24\"]",
        "As `notify.destinations.NAME.networks`.";
}

/// The table of the row with this path.
pub(super) fn row(path: &str) -> Option<&'static OptionRow> {
    OPTIONS.iter().find(|row| row.path == path)
}

/// The names that may stand directly in the table `prefix` (empty for the file).
pub(super) fn names(prefix: &str) -> Vec<&'static str> {
    let mut names: Vec<&str> = OPTIONS
        .iter()
        .filter_map(|row| {
            let rest = match prefix {
                "" => row.path,
                _ => row.path.strip_prefix(prefix)?.strip_prefix('.')?,
            };
            rest.split('.').next()
        })
        .collect();
    names.dedup();
    names
}
