//! A destination that turns out to be this machine, its neighbours or the place where a
//! cloud keeps credentials: nothing is connected to, however it is written.

use rye_core::adapter::Ending;
use rye_core::error::ErrorKind;
use rye_tests::receiver::Behaviour;

use crate::service::Desk;
use crate::site::{invoke, request};

/// Names and addresses that all mean what the internet doesn't have.
const WITHIN: &[&str] = &[
    "127.0.0.1",
    "127.1",
    "127.0.1",
    "2130706433",
    "0x7f000001",
    "0x7f.0.0.1",
    "0177.0.0.1",
    "0",
    "0.0.0.0",
    "localhost",
    "LOCALHOST",
    "localhost.",
    "[::1]",
    "[::]",
    "[0:0:0:0:0:0:0:1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::127.0.0.1]",
    "[64:ff9b::7f00:1]",
    "[2002:7f00:1::]",
    "169.254.169.254",
    "[::ffff:169.254.169.254]",
    "[fe80::1]",
    "[fd00:ec2::254]",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.0.1",
    "100.100.100.200",
];

/// Abuse case 21.
#[test]
fn ssrf() {
    let desk = Desk::answers("200 OK", "{}");
    let port = desk.port();
    let mut denied = 0;
    for host in WITHIN {
        let Ok(bound) = desk.bind_to(&format!("https://{host}:{port}/rye"), &[]) else {
            // What is no name of a host is not even taken from the site file.
            continue;
        };
        match invoke(&bound, &request("a title")) {
            Ending::Refused { error, perhaps: false } => {
                assert_eq!(error.kind, ErrorKind::Denied, "{host}: {error}");
                denied += 1;
            }
            // The resolver makes nothing of it.
            Ending::NotSent(_) => {}
            other => panic!("{host}: {other:?}"),
        }
    }
    assert_eq!(desk.connections(), 0, "not a packet");
    assert!(denied > WITHIN.len() / 2, "{denied}");
}

/// Abuse case 21: whoever may be asked sends us elsewhere, and has a secret of ours.
#[test]
fn ssrf_by_redirect() {
    let within = Desk::answers("200 OK", "{}");
    for status in [
        "301 Moved Permanently",
        "302 Found",
        "303 See Other",
        "307 Temporary Redirect",
        "308 Permanent Redirect",
    ] {
        for location in [
            within.url(),
            format!("//127.0.0.1:{}/", within.port()),
            String::from("http://169.254.169.254/latest/meta-data/"),
            String::from("file:///etc/passwd"),
            String::from("/elsewhere"),
        ] {
            let header = format!("Location: {location}\r\n");
            let desk = Desk::new(Behaviour::status(status, &header));
            let ending = desk.ask();
            assert!(matches!(ending, Ending::Refused { perhaps: false, .. }), "{ending:?}");
            assert_eq!(desk.connections(), 1, "{status} to {location} is not followed");
        }
    }
    assert_eq!(within.connections(), 0);
}
