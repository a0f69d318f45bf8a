use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;

use rye_core::limit::ADAPTER_FILE_BYTES_MAX;

use super::*;

/// What a site might write.
#[derive(Default)]
struct Written {
    url: String,
    ca_file: Option<PathBuf>,
    header: Option<HeaderConfig>,
}

impl Written {
    fn read(&self) -> Result<Destination, ConfigError> {
        let (ca_file, header) = (self.ca_file.as_deref(), self.header.as_ref());
        Destination::new("d", &Described { url: &self.url, ca_file, header, networks: &[] })
    }
}

fn plain(url: &str) -> Written {
    Written { url: url.to_owned(), ..Written::default() }
}

#[test]
fn only_https_with_a_host_and_nothing_else_in_it_is_a_destination() {
    assert!(plain("https://chat.example:8443/hooks/1?x=y").read().is_ok());
    for url in [
        "http://127.0.0.1/",
        "ftp://chat.example/",
        "chat.example/hooks",
        "https://",
        "https:///path",
        "https://ann:secret@chat.example/",
        "https://chat.example/#top",
        "https://chat example/",
        "https://chat.example/\r\nX: y",
        "",
    ] {
        let error = plain(url).read().unwrap_err();
        assert_eq!(error.option, "d.url", "{url:?}");
        let shown = error.to_string();
        assert!(!shown.contains("secret@") && shown.contains("help: "), "{shown}");
    }
}

#[test]
fn files_are_checked_when_the_adapter_is_made() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, content: &[u8], mode| {
        let path = folder.path().join(name);
        fs::write(&path, content).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
        path
    };
    let ca = |ca_file| Written { ca_file: Some(ca_file), ..plain("https://a.example/") };
    let header = |name: &str, value_file| Written {
        header: Some(HeaderConfig { name: name.to_owned(), value_file }),
        ..plain("https://a.example/")
    };
    let full = vec![b'x'; ADAPTER_FILE_BYTES_MAX];
    let large = vec![b'x'; ADAPTER_FILE_BYTES_MAX + 1];
    for (config, option, problem) in [
        (ca("relative.pem".into()), "d.ca_file", "not an absolute path"),
        (ca("/nowhere/ca.pem".into()), "d.ca_file", "can't be read"),
        (ca(folder.path().into()), "d.ca_file", "can't be read"),
        (ca(write("empty", b"", 0o644)), "d.ca_file", "holds no certificate"),
        (ca(write("full", &full, 0o644)), "d.ca_file", "holds no certificate"),
        (ca(write("large", &large, 0o644)), "d.ca_file", "larger than"),
        (
            ca(write(
                "bad",
                b"-----BEGIN CERTIFICATE-----\n!!\n-----END CERTIFICATE-----\n",
                0o644,
            )),
            "d.ca_file",
            "not PEM",
        ),
        (header("A b", write("v1", b"x", 0o600)), "d.header.name", "no header's name"),
        (header("Host", write("v2", b"x", 0o600)), "d.header.name", "the adapter's own"),
        (header("X-Token", write("v3", b"x", 0o604)), "d.header.value_file", "everybody may use"),
        (header("X-Token", write("v4", b"\n", 0o600)), "d.header.value_file", "can't be the value"),
        (
            header("X-Token", write("v5", b"a\nb", 0o600)),
            "d.header.value_file",
            "can't be the value",
        ),
        (header("X-Token", "/nowhere/token".into()), "d.header.value_file", "can't be read"),
    ] {
        let error = config.read().unwrap_err();
        assert_eq!(error.option, option);
        assert!(error.problem.contains(problem), "{error}");
    }
    let good = header("X-Token", write("good", b"Bearer 1\r\n", 0o640));
    let good = good.read().unwrap();
    let (name, value) = good.header.unwrap();
    assert_eq!((name.as_str(), value.as_bytes()), ("x-token", b"Bearer 1".as_slice()));
}
