//! The files that people name on the command line.

use rye_tests::namespace::as_root;
use rye_tests::site::Site;

use crate::{RUN, desk, fine, noise, survives, variants};

/// Things that are no plain files, under the name `NAME`.
const NO_FILES: &[(&str, &str)] = &[
    ("nothing there", "true"),
    ("a folder", "mkdir NAME"),
    ("a pipe that nobody writes to", "mkfifo NAME"),
    ("a link to itself", "ln -s NAME NAME"),
    ("a device without an end", "ln -s /dev/zero NAME"),
    ("a file of many gigabytes", "truncate -s 64G NAME"),
];

/// Puts everything that is no plain file in the place of `name`, and sees what
/// each of `lines` answers.
fn no_file(site: &Site, name: &str, lines: &[(&str, &[i32])]) {
    for (what, make) in NO_FILES {
        fine(site, "rm -rf bad");
        fine(site, &format!("sh -c '{}'", make.replace("NAME", "bad")));
        for (line, codes) in lines {
            survives(site, &format!("{what} as {name}"), &line.replace(name, "bad"), codes);
        }
    }
    fine(site, "rm -rf bad");
}

#[test]
fn any_bytes_as_source() {
    as_root(|| {
        let site = desk();
        fine(&site, "ryec new keep_out");
        let good = std::fs::read(site.at("keep_out/keep_out.rye")).expect("a source");
        let deep = |text: &str| text.repeat(200_000).into_bytes();
        let mut all = variants(&good);
        all.extend([
            (String::from("more than a source may have"), vec![b'a'; 3 << 20]),
            (
                String::from("nested parentheses"),
                [b"fn a() -> Int { return ".to_vec(), deep("(")].concat(),
            ),
            (
                String::from("nested blocks"),
                [b"playbook a() ".to_vec(), deep("{ if true ")].concat(),
            ),
            (String::from("nested types"), [b"type A { a: ".to_vec(), deep("List<")].concat()),
            (
                String::from("nested holes"),
                [b"fn a() -> Text { return ".to_vec(), deep("\"{")].concat(),
            ),
            (
                String::from("operators"),
                [b"fn a() -> Int { return 1 ".to_vec(), deep("+ 1 ")].concat(),
            ),
            (String::from("many mistakes"), deep("} ")),
        ]);
        for (what, bytes) in all {
            site.write("bad.rye", bytes);
            survives(&site, &what, "ryec check bad.rye", &[0, 1]);
            survives(&site, &what, "ryec check --json bad.rye", &[0, 1]);
            survives(&site, &what, "ryec build bad.rye -o built", &[0, 1]);
        }
        no_file(
            &site,
            "x.rye",
            &[("ryec check x.rye", &[1, 2]), ("ryec build x.rye -o built", &[1, 2])],
        );
    });
}

#[test]
fn any_bytes_as_bundle() {
    as_root(|| {
        let site = desk();
        let good = std::fs::read(site.bundle("contain")).expect("a bundle");
        let verify = "ryec verify contain.ryeb --trust trust.root";
        let lines: &[(&str, &[i32])] = &[(verify, &[1, 2, 3]), (RUN, &[2, 3])];
        for (what, bytes) in variants(&good) {
            site.write("bad", bytes);
            for (line, codes) in lines {
                survives(&site, &what, &line.replace("contain.ryeb", "bad"), codes);
            }
            survives(&site, &what, "ryec inspect bad", &[0, 1, 2, 3]);
            survives(&site, &what, "ryec disasm bad", &[0, 1, 2, 3]);
            survives(&site, &what, "ryec sign bad --key author -o signed", &[0, 1, 2, 3]);
        }
        no_file(&site, "contain.ryeb", lines);
        assert_eq!(site.blocks(), 0);
        fine(&site, RUN);
    });
}

#[test]
fn any_bytes_as_trust_root() {
    as_root(|| {
        let site = desk();
        let good = std::fs::read(site.at("trust.root")).expect("a trust root");
        let verify = "ryec verify contain.ryeb --trust trust.root";
        let lines: &[(&str, &[i32])] = &[(verify, &[1, 2, 3]), (RUN, &[2, 3])];
        for (what, bytes) in variants(&good) {
            site.write("bad", bytes);
            for (line, codes) in lines {
                survives(&site, &what, &line.replace("trust.root", "bad"), codes);
            }
            survives(&site, &what, "ryec trust show bad", &[0, 1, 2, 3]);
        }
        no_file(&site, "trust.root", lines);
        assert_eq!(site.blocks(), 0);
        fine(&site, RUN);
    });
}

#[test]
fn any_bytes_as_site_file() {
    as_root(|| {
        let site = desk();
        let good = std::fs::read(site.at("site.toml")).expect("a site file");
        let mut all = variants(&good);
        // What still says the same is no bad input.
        all.retain(|(what, _)| !what.starts_with("byte "));
        let and = |more: &[u8]| [good.as_slice(), more].concat();
        all.extend([
            (String::from("nested lists"), and(&[b"x = ".to_vec(), b"[".repeat(200_000)].concat())),
            (
                String::from("nested tables"),
                and(&[b"[a".to_vec(), b".a".repeat(100_000), b"]\n".to_vec()].concat()),
            ),
            (String::from("an option twice"), and(b"\n[mode]\n")),
            (
                String::from("a long text"),
                and(&[b"x = \"".to_vec(), vec![b'a'; 2 << 20], b"\"".to_vec()].concat()),
            ),
            (
                String::from("a number beyond all"),
                and(&[b"x = ".to_vec(), vec![b'9'; 1_000]].concat()),
            ),
            (
                String::from("many options"),
                and((0..20_000)
                    .fold(String::new(), |all, n| all + &format!("\nx{n} = 1"))
                    .as_bytes()),
            ),
        ]);
        for (what, bytes) in all {
            site.write("bad", bytes);
            // A file that is cut may still name this place, and bind too little.
            let told = survives(&site, &what, &RUN.replace("site.toml", "bad"), &[0, 1, 3]);
            if told.code != 0 {
                assert!(told.stderr.contains("help: "), "{what}: {told:?}");
            }
        }
        let lines: &[(&str, &[i32])] = &[(RUN, &[1, 2])];
        no_file(&site, "site.toml", lines);
        fine(&site, RUN);
    });
}

#[test]
fn any_bytes_as_input() {
    as_root(|| {
        let site = desk();
        let good = include_bytes!("../../playbooks/contain_scanner/alert.json");
        let wrap = |before: &str, middle: &str, times: usize| {
            [before, &middle.repeat(times)].concat().into_bytes()
        };
        let text = String::from_utf8(good.to_vec()).expect("JSON is UTF-8");
        let instead = |from: &str, to: &str| {
            assert_eq!(text.matches(from).count(), 1, "{from}");
            text.replace(from, to).into_bytes()
        };
        let mut bad = vec![
            (String::from("nested lists"), wrap("", "[", 100_000)),
            (String::from("nested objects"), wrap("", "{\"event\":", 20_000)),
            (String::from("nested in what is passed over"), wrap("{\"other\":", "[", 100_000)),
            (String::from("too much"), wrap("{\"event\": \"", "a", 1 << 20)),
            (String::from("a long number"), wrap("{\"event\": 1", "0", 100_000)),
            (
                String::from("a member twice"),
                instead(
                    "\"event_type\": \"alert\",",
                    "\"event_type\": \"alert\", \"event_type\": \"alert\",",
                ),
            ),
            (
                String::from("null"),
                instead(
                    "\"src_ip\": \"203.0.113.7\",\n    \"src_port\"",
                    "\"src_ip\": null,\n    \"src_port\"",
                ),
            ),
            (
                String::from("a number with a fraction"),
                instead("\"severity\": 1,", "\"severity\": 1.5,"),
            ),
            (
                String::from("a number that doesn't fit"),
                instead("\"severity\": 1,", "\"severity\": 9223372036854775808,"),
            ),
            (String::from("no number"), instead("\"severity\": 1,", "\"severity\": NaN,")),
            (
                String::from("half a character"),
                instead("\"event_type\": \"alert\"", "\"event_type\": \"\\ud800\""),
            ),
            (
                String::from("no time"),
                instead("2026-01-01T00:00:00.018000+0000", "2026-02-30T00:00:00Z"),
            ),
            (String::from("a list"), b"[]".to_vec()),
            (String::from("text behind the object"), [good.as_slice(), b"x"].concat()),
            (String::from("a mark of bytes' order"), [b"\xef\xbb\xbf".as_slice(), good].concat()),
        ];
        bad.extend(variants(good).into_iter().filter(|(what, _)| !what.starts_with("byte ")));
        for (what, bytes) in bad {
            site.write("bad", bytes);
            let told = survives(&site, &what, &RUN.replace("alert.json", "bad"), &[1]);
            assert!(
                told.stderr.contains("bad: ") || told.stderr.contains("bad has more"),
                "{what}: {told:?}"
            );
        }
        assert_eq!(site.blocks(), 0, "nothing has begun");
        no_file(&site, "alert.json", &[(RUN, &[1, 2])]);
        site.write("bad", noise(7, 100));
        let told = survives(
            &site,
            "as JSON",
            &format!("{} --json", RUN.replace("alert.json", "bad")),
            &[1],
        );
        assert_eq!(told.stdout.lines().count(), 1, "one document: {told:?}");
        fine(&site, RUN);
    });
}
