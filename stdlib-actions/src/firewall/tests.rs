use super::*;

fn error(config: &FirewallConfig) -> ConfigError {
    Firewall::new(config).unwrap_err()
}

#[test]
fn a_name_is_a_name_and_nothing_else() {
    for table in ["", "9a", "a b", "a;b", "a-b", "rye\n", "-f", "../x", &"x".repeat(33)] {
        let config = FirewallConfig { table: table.to_owned(), ..FirewallConfig::default() };
        assert_eq!(error(&config).option, "firewall.table", "{table:?}");
    }
    for namespace in ["", "../self", "a/b", "-", ".", "a b"] {
        let namespace = Some(namespace.to_owned());
        let config = FirewallConfig { namespace, ..FirewallConfig::default() };
        assert_eq!(error(&config).option, "firewall.namespace");
    }
    let config = FirewallConfig { nft: PathBuf::from("nft"), ..FirewallConfig::default() };
    assert_eq!(error(&config).option, "firewall.nft");
    let namespace = Some(String::from("rye-12-0-victim"));
    assert!(Firewall::new(&FirewallConfig { namespace, ..FirewallConfig::default() }).is_ok());
}

#[test]
fn options_have_defaults_and_no_misspelt_one_is_ignored() {
    let read = |text: &str| serde_json::from_str::<FirewallConfig>(text);
    assert_eq!(read("{}").unwrap(), FirewallConfig::default());
    assert_eq!(read(r#"{"namespace": "edge"}"#).unwrap().namespace.as_deref(), Some("edge"));
    let complaint = read(r#"{"namspace": "edge"}"#).unwrap_err().to_string();
    assert!(complaint.contains("namspace") && complaint.contains("namespace"), "{complaint}");
}
