//! From the site file to all that a shell is made of: who is believed, which
//! adapters are bound, what they make worth protecting.

use std::path::Path;

use rye_runtime::adapters::Adapters;
use rye_runtime::clock::Clock;
use rye_runtime::config::{Names, Site};
use rye_runtime::loader::{Loader, Registry};
use rye_runtime::offers::Offers;
use rye_runtime::protect::{Endpoint, Surroundings};
use rye_runtime::shell::Parts;
use rye_runtime::timeline::Line;
use rye_stdlib::host::Host;
use rye_stdlib::notify::Notify;
use rye_stdlib::{Bound, Config, ConfigError};
use url::Url;

use crate::exit::Failure;

/// What the site file at `site` and the trust that is offered make.
pub(crate) fn parts(
    site: &Path,
    offers: Offers,
    observe: Box<dyn FnMut(Line)>,
) -> Result<Parts, Failure> {
    let clock = Clock::new().map_err(|error| Failure::machine(&error))?;
    let site = Site::load(site)?;
    let config: Config = site.adapters()?;
    let bound = Bound::new(&config)
        .map_err(|error| site.mistake(&error.option, error.problem, error.help))?;
    site.check_names(&names(&bound))?;
    let loader = Loader::new(offers, &site, Registry::new(bound.schemas))?;
    let mut surroundings = surroundings(&site, &config);
    protect_own(&mut surroundings, &config)
        .map_err(|error| site.mistake(&error.option, error.problem, error.help))?;
    let operators = config.notify.as_ref().is_some_and(Notify::reaches_operators);
    let adapters = Adapters::new(bound.adapters);
    Ok(Parts { site, loader, adapters, operators, surroundings, clock, observe })
}

/// What the rules of a site file may name.
fn names(bound: &Bound) -> Names<'_> {
    let verbs = bound.schemas.keys().map(|name| &**name);
    let standard = rye_stdlib::SCHEMAS.iter().map(|(name, _)| *name);
    Names {
        verbs: verbs.chain(standard).collect(),
        actions: bound.actions.iter().map(|name| &**name).collect(),
        kinds: bound.kinds.iter().map(|name| &**name).collect(),
    }
}

fn surroundings(site: &Site, config: &Config) -> Surroundings {
    let firewall = config.firewall.iter();
    let destinations = config.notify.iter().flat_map(|notify| &notify.destinations);
    let notices = destinations.filter_map(|(name, destination)| {
        endpoint(destination.place()?, format!("where notices to `{name}` go"))
    });
    let services = config.http.iter().filter_map(|(module, service)| {
        endpoint(&service.url, format!("the service that carries out `{module}`"))
    });
    Surroundings {
        listed: site.protected.clone(),
        namespaces: firewall.filter_map(|firewall| firewall.namespace.clone()).collect(),
        endpoints: notices.chain(services).collect(),
    }
}

/// Protects what keeps the machine of `[host]` and the daemon itself alive.
fn protect_own(surroundings: &mut Surroundings, config: &Config) -> Result<(), ConfigError> {
    let Some(host) = &config.host else { return Ok(()) };
    for (kind, value, reason) in Host::protected(host)? {
        surroundings.protect(kind, value, reason);
    }
    Ok(())
}

/// The host that a URL leads to.
fn endpoint(url: &str, what: String) -> Option<Endpoint> {
    let url = Url::parse(url).ok()?;
    let host = url.host_str()?.trim_matches(['[', ']']).to_owned();
    Some(Endpoint { host, port: url.port_or_known_default()?, what })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use rye_core::value::Value;
    use rye_engine::guardrail::Guarded;
    use rye_runtime::config::option::OPTIONS;

    use super::*;

    /// Which options the table has directly in `prefix`.
    fn rows(prefix: &str) -> BTreeSet<&'static str> {
        let rest = |path: &'static str| path.strip_prefix(prefix)?.split('.').next();
        OPTIONS.iter().filter_map(|row| rest(row.path)).collect()
    }

    /// Which options the adapters read there: they name them when one is unknown.
    fn read(table: &str) -> BTreeSet<String> {
        let text = format!(
            "environment = \"lab\"\ntrust_root_digest = \"{}\"\n[{table}]\nno_such_option = 1\n",
            "0".repeat(64)
        );
        let site = Site::parse(Path::new("site.toml"), text).unwrap();
        let error = site.adapters::<Config>().unwrap_err().to_string();
        let (_, known) = error.split_once("expected").unwrap();
        let (known, _) = known.split_once('\n').unwrap();
        known.split('`').skip(1).step_by(2).map(str::to_owned).collect()
    }

    #[test]
    fn the_table_of_options_has_what_the_adapters_read() {
        for (table, prefix) in [
            ("firewall", "firewall."),
            ("host", "host."),
            ("notify", "notify."),
            ("notify.destinations.analysts", "notify.destinations.NAME."),
            ("notify.destinations.analysts.header", "notify.destinations.NAME.header."),
            ("process.tickets", "process.\"MODULE\"."),
            ("http.tickets", "http.\"MODULE\"."),
            ("http.tickets.header", "http.\"MODULE\".header."),
        ] {
            let rows: BTreeSet<String> = rows(prefix).into_iter().map(str::to_owned).collect();
            assert_eq!(rows, read(table), "{table}");
        }
    }

    #[test]
    fn hosts_of_destinations_are_protected() {
        let text = format!(
            "environment = \"lab\"\ntrust_root_digest = \"{}\"\n\
             [firewall]\nnamespace = \"edge\"\n\
             [notify.destinations.analysts]\nurl = \"https://chat.example/x\"\n\
             [notify.destinations.oncall]\nurl = \"https://[2001:db8::1]:8443/y\"\n\
             [http.tickets]\ninterface = \"/t\"\nurl = \"https://desk.example/rye\"\n",
            "0".repeat(64)
        );
        let site = Site::parse(Path::new("site.toml"), text).unwrap();
        let surroundings = surroundings(&site, &site.adapters().unwrap());
        assert_eq!(surroundings.namespaces, ["edge"]);
        let hosts: Vec<_> =
            surroundings.endpoints.iter().map(|it| (it.host.as_str(), it.port)).collect();
        assert_eq!(hosts, [("chat.example", 443), ("2001:db8::1", 8443), ("desk.example", 443)]);
    }

    #[test]
    fn the_first_process_root_and_the_daemon_itself_are_protected() {
        let text = format!(
            "environment = \"lab\"\ntrust_root_digest = \"{}\"\n[host]\nname = \"web-1\"\n",
            "0".repeat(64)
        );
        let site = Site::parse(Path::new("site.toml"), text).unwrap();
        let config: Config = site.adapters().unwrap();
        let mut surroundings = surroundings(&site, &config);
        protect_own(&mut surroundings, &config).unwrap();
        let is_protected = |kind: &str, value: &str| {
            let wanted = Guarded::Asset { kind: kind.into(), value: Value::text(value) };
            surroundings.listed.iter().any(|(guarded, _)| *guarded == wanted)
        };
        let own = std::process::id().to_string();
        for (kind, value) in [("HostAccount", "root"), ("HostProcess", "1"), ("HostProcess", &own)]
        {
            assert!(is_protected(kind, value), "{kind} {value}");
        }
        assert!(is_protected("HostService", "systemd-journald.service"));
        assert!(!is_protected("HostService", "ssh.service"));
    }
}
