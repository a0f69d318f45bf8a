//! What a file is that is no container, for the person who named it by mistake: a guess
//! from its first bytes, and nothing that anything depends on.

/// What files of other kinds begin with.
const BEGINNINGS: &[(&[u8], &str)] = &[
    (&[0x1f, 0x8b], "a gzip archive"),
    (b"PK\x03\x04", "a zip archive"),
    (b"BZh", "a bzip2 archive"),
    (&[0xfd, b'7', b'z', b'X', b'Z'], "an xz archive"),
    (&[0x28, 0xb5, 0x2f, 0xfd], "a zstd archive"),
    (b"\x7fELF", "a program"),
    (b"#!", "a script"),
    (b"rye-secret-key", "a secret key"),
    (b"rye-public-key", "a public key"),
];

/// The words that a `.rye` source begins with, behind its comments.
const SOURCE_WORDS: &[&str] = &[
    "use", "asset", "type", "enum", "role", "const", "setting", "action", "query", "notice", "fn",
    "task", "playbook", "rule", "test",
];

/// So many characters of a text are shown.
const SHOWN: usize = 24;

/// What `bytes` seem to be.
pub(super) fn guess(bytes: &[u8]) -> String {
    if bytes.is_empty() {
        return String::from("nothing: the file is empty");
    }
    let known = BEGINNINGS.iter().find(|(beginning, _)| bytes.starts_with(beginning));
    if let Some((_, what)) = known {
        return (*what).to_owned();
    }
    if let Ok(text) = core::str::from_utf8(bytes) {
        return guess_text(text);
    }
    format!("`{}`", bytes.get(..4).unwrap_or(bytes).escape_ascii())
}

fn guess_text(text: &str) -> String {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let code = lines.clone().find(|line| !line.starts_with("//")).unwrap_or_default();
    let word = code.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
    if SOURCE_WORDS.contains(&word) {
        return String::from("the text of a `.rye` source");
    }
    if code.starts_with('{') || (code.starts_with('[') && !is_table(code)) {
        return String::from("JSON");
    }
    if is_table(code) || code.split_once('=').is_some_and(|(name, _)| is_name(name.trim())) {
        return String::from("TOML");
    }
    let shown: String = lines.clone().next().unwrap_or_default().chars().take(SHOWN).collect();
    format!("a text: `{}`", shown.escape_debug())
}

/// Whether a line is the head of a TOML table.
fn is_table(line: &str) -> bool {
    let name = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    name.is_some_and(|name| is_name(name.trim_matches(['[', ']'])))
}

fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "_-.".contains(c))
        && !text.starts_with(|c: char| c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::guess;

    #[test]
    fn what_people_name_by_mistake_is_recognised() {
        for (bytes, what) in [
            (b"".as_slice(), "nothing: the file is empty"),
            (b"\x1f\x8b\x08\x00", "a gzip archive"),
            (b"//! Blocks.\n\nuse std.firewall\n", "the text of a `.rye` source"),
            (b"playbook p() {}", "the text of a `.rye` source"),
            (b"{ \"a\": 1 }", "JSON"),
            (b"[1, 2]", "JSON"),
            (b"[\n1]", "JSON"),
            (b"environment = \"lab\"\n", "TOML"),
            (b"[keys.root]\n", "TOML"),
            (b"rye-public-key v1\n", "a public key"),
            (b"dear colleague,\x1b[2J please look", "a text: `dear colleague,\\u{1b}[2J plea`"),
            (b"RYE\xff", "`RYE\\xff`"),
            (b"\xff", "`\\xff`"),
        ] {
            assert_eq!(guess(bytes), what, "{bytes:?}");
        }
    }
}
