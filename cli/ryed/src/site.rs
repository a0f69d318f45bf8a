//! From the site file to all that a shell is made of: who is believed, which
//! adapters are bound, what they make worth protecting.

use std::path::Path;

use rye_core::digest::Digest;
use rye_core::value::Name;
use rye_runtime::adapters::Adapters;
use rye_runtime::clock::Clock;
use rye_runtime::config::Site;
use rye_runtime::loader::{Loader, Registry};
use rye_runtime::offers::Offers;
use rye_runtime::protect::{Endpoint, Surroundings};
use rye_runtime::shell::Parts;
use rye_runtime::timeline::Line;
use rye_stdlib::host::Host;
use rye_stdlib::{Config, ConfigError, SCHEMAS};
use url::Url;

use crate::exit::Failure;

/// The module whose verbs are answered without an adapter.
const CLOCK: &str = "std.clock";

/// What the site file at `site` and the trust that is offered make.
pub(crate) fn parts(
    site: &Path,
    offers: Offers,
    observe: Box<dyn FnMut(Line)>,
) -> Result<Parts, Failure> {
    let clock = Clock::new().map_err(|error| Failure::machine(&error))?;
    let site = Site::load(site)?;
    let config: Config = site.adapters()?;
    let adapters = rye_stdlib::adapters(&config)
        .map_err(|error| site.mistake(&error.option, error.problem, error.help))?;
    let registry = registry(|module| module == CLOCK || adapters.contains_key(module));
    let loader = Loader::new(offers, &site, registry)?;
    let mut surroundings = surroundings(&site, &config);
    protect_own(&mut surroundings, &config)
        .map_err(|error| site.mistake(&error.option, error.problem, error.help))?;
    let adapters = Adapters::new(adapters);
    Ok(Parts { site, loader, adapters, surroundings, clock, observe })
}

/// The verbs of the modules that are bound.
fn registry(is_bound: impl Fn(&str) -> bool) -> Registry {
    let verbs = SCHEMAS.iter().filter_map(|(name, digest)| {
        let (module, _) = name.rsplit_once('.')?;
        is_bound(module).then_some((Name::from(*name), Digest::from_hex(digest)?))
    });
    Registry::new(verbs)
}

fn surroundings(site: &Site, config: &Config) -> Surroundings {
    let firewall = config.firewall.iter();
    let destinations = config.notify.iter().flat_map(|notify| &notify.destinations);
    let endpoint = |(name, destination): (&String, &rye_stdlib::notify::DestinationConfig)| {
        let url = Url::parse(&destination.url).ok()?;
        Some(Endpoint {
            host: url.host_str()?.trim_matches(['[', ']']).to_owned(),
            port: url.port_or_known_default()?,
            what: format!("where notices to `{name}` go"),
        })
    };
    Surroundings {
        listed: site.protected.clone(),
        namespaces: firewall.filter_map(|firewall| firewall.namespace.clone()).collect(),
        endpoints: destinations.filter_map(endpoint).collect(),
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
             [notify.destinations.oncall]\nurl = \"https://[2001:db8::1]:8443/y\"\n",
            "0".repeat(64)
        );
        let site = Site::parse(Path::new("site.toml"), text).unwrap();
        let surroundings = surroundings(&site, &site.adapters().unwrap());
        assert_eq!(surroundings.namespaces, ["edge"]);
        let hosts: Vec<_> =
            surroundings.endpoints.iter().map(|it| (it.host.as_str(), it.port)).collect();
        assert_eq!(hosts, [("chat.example", 443), ("2001:db8::1", 8443)]);
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

    #[test]
    fn every_schema_is_a_digest_and_those_of_unbound_modules_are_left_out() {
        for (name, digest) in SCHEMAS {
            assert!(Digest::from_hex(digest).is_some(), "{name}");
        }
        let all = format!("{:?}", registry(|_| true));
        let none = format!("{:?}", registry(|_| false));
        assert!(all.contains("std.firewall.block") && !none.contains("std."));
    }
}
