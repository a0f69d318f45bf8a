//! What a site sets playbooks' settings to, as values of the types that a module
//! declares.

use std::collections::BTreeSet;

use rye_bytecode::module::{Module, Setting};
use rye_bytecode::setting;
use rye_core::value::Value;

use crate::config::{Site, SiteError, nearest};

/// One value per setting of `module`: the site's, or else the default.
///
/// # Errors
/// When the site sets one to something that it can't be, or one that the package
/// doesn't have, with the line.
pub fn values(site: &Site, module: &Module) -> Result<Vec<Value>, SiteError> {
    if let Some(stranger) = stranger(site, module) {
        let known = module.settings.iter().map(|declared| &*declared.name);
        let help = match nearest(stranger, known.clone()) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("it has: {}", known.collect::<Vec<_>>().join(", ")),
        };
        return Err(site.mistake(&path(stranger), "the package has no such setting", help));
    }
    let value = |declared: &Setting| match site.settings.get(&*declared.name) {
        Some(written) => setting::value(module, declared, written)
            .map_err(|(problem, help)| site.mistake(&path(&declared.name), problem, help)),
        None => Ok(declared.default.clone()),
    };
    module.settings.iter().map(value).collect()
}

/// A name that the site sets and that should be of this package, but isn't.
fn stranger<'s>(site: &'s Site, module: &Module) -> Option<&'s str> {
    let package = |name: &str| name.rsplit_once('.').map(|(package, _)| package.to_owned());
    let ours: BTreeSet<_> =
        module.settings.iter().filter_map(|declared| package(&declared.name)).collect();
    let declared = |name: &str| module.settings.iter().any(|setting| *setting.name == *name);
    let mut names = site.settings.keys().map(String::as_str);
    names.find(|name| package(name).is_some_and(|it| ours.contains(&it)) && !declared(name))
}

/// The option's path in the site file.
fn path(name: &str) -> String {
    crate::config::path("settings", name)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use rye_core::value::{Duration, Finite};

    use super::*;

    const MODULE: &str = "type bool Bool type int Int type float Float type span Duration \
        type text Text max 8 type port Port \
        setting span \"a.span\": span = 1h in 1m .. 2h \
        setting count \"a.count\": int = 3 \
        setting risk \"a.risk\": float = 0.5 in 0.0 .. 1.0 \
        setting on \"a.on\": bool = true \
        setting name \"a.name\": text = \"x\" \
        setting port \"a.port\": port = port 443";

    fn read(settings: &str) -> Result<Vec<Value>, String> {
        let digest = "0".repeat(64);
        let text = format!(
            "environment = \"lab\"\ntrust_root_digest = \"{digest}\"\n[settings]\n{settings}\n"
        );
        let site = Site::parse(Path::new("site.toml"), text).unwrap();
        let module = rye_bytecode::assemble(MODULE).unwrap();
        values(&site, &module).map_err(|error| error.to_string())
    }

    #[test]
    fn what_the_site_leaves_out_is_the_playbooks() {
        let values = read("").unwrap();
        assert_eq!(values[0], Value::Duration(Duration::from_secs(3_600)));
        assert_eq!(values[1], Value::Int(3));
    }

    #[test]
    fn what_the_site_says_becomes_the_declared_type() {
        let values = read(
            "\"a.span\" = \"90m\"\n\"a.count\" = 7\n\"a.risk\" = 1\n\"a.on\" = false\n\
             \"a.name\" = \"edge\"\n\"a.port\" = 8443",
        )
        .unwrap();
        assert_eq!(values[0], Value::Duration(Duration::from_secs(5_400)));
        assert_eq!(values[2], Value::Float(Finite::new(1.0).unwrap()));
        assert_eq!(values[3..], [Value::Bool(false), Value::text("edge"), Value::Port(8443)]);
    }

    #[test]
    fn what_the_package_does_not_have_is_a_slip_of_the_pen() {
        assert_eq!(
            read("\"a.spam\" = 1\n\"b.other\" = 2").unwrap_err(),
            "site.toml:4:12: `settings.\"a.spam\"`: the package has no such setting\n  \
             help: did you mean `a.span`?"
        );
        assert!(read("\"b.other\" = 2").is_ok(), "another package may have it");
    }

    #[test]
    fn what_can_not_be_is_told_with_its_line() {
        for (setting, said) in [
            (
                "\"a.span\" = 90",
                "site.toml:4:12: `settings.\"a.span\"`: expected a value of type `Duration`, found 90\n  help: write one such as the default, `\"1h\"`",
            ),
            (
                "\"a.span\" = \"3h\"",
                "site.toml:4:12: `settings.\"a.span\"`: expected \"1m\" to \"2h\", found \"3h\"\n  help: the playbook sets these bounds; stay within them",
            ),
            (
                "\"a.risk\" = nan",
                "site.toml:4:12: `settings.\"a.risk\"`: expected a value of type `Float`, found NaN\n  help: write one such as the default, `0.5`",
            ),
            (
                "\"a.port\" = 70000",
                "site.toml:4:12: `settings.\"a.port\"`: expected a value of type `Port`, found 70000\n  help: write one such as the default, `443`",
            ),
            (
                "\"a.name\" = \"far too long\"",
                "site.toml:4:12: `settings.\"a.name\"`: expected a value of type `Text`, found \"far too long\"\n  help: write one such as the default, `\"x\"`",
            ),
        ] {
            assert_eq!(read(setting).unwrap_err(), said);
        }
    }
}
