//! What a person types in a site's folder and what is answered, kept as golden
//! files. What differs from one time to the next is replaced by words: times,
//! ids, digests, numbers of processes, the folder's own path.

use std::fmt::Write as _;
use std::fs;
use std::process::{Child, Command, Output, Stdio};

use crate::site::{Site, programs_folder, workspace};

/// A terminal in the folder of a site, and all that it showed.
#[derive(Debug)]
pub struct Transcript<'a> {
    site: &'a Site,
    text: String,
    words: Words,
}

/// What a command answered.
#[derive(Clone, Debug)]
pub struct Told {
    /// Its exit code; -1 when a signal ended it.
    pub code: i32,
    /// Standard output, as it was printed.
    pub stdout: String,
    /// Standard error, as it was printed.
    pub stderr: String,
}

impl Told {
    /// What the first help line says.
    ///
    /// # Panics
    /// When there is none.
    pub fn help(&self) -> String {
        let help = |line: &str| {
            let line = line.trim_start().trim_start_matches("= ");
            line.strip_prefix("help: ").map(str::to_owned)
        };
        let found = self.stderr.lines().chain(self.stdout.lines()).find_map(help);
        found.unwrap_or_else(|| panic!("no help line: {self:?}"))
    }

    /// The command that the first help line names.
    ///
    /// # Panics
    /// When it names none.
    pub fn command(&self) -> String {
        let help = self.help();
        let command = help.split('`').nth(1);
        command.unwrap_or_else(|| panic!("no command: {help}")).to_owned()
    }
}

impl<'a> Transcript<'a> {
    /// One that begins with what it shows.
    pub fn new(site: &'a Site, title: &str) -> Self {
        Self { site, text: format!("{title}\n"), words: Words::default() }
    }

    /// Something that the person thinks or does beside the terminal.
    pub fn note(&mut self, text: &str) {
        let _ = write!(self.text, "\n# {text}\n");
    }

    /// Types a line and keeps what it answers, whole.
    ///
    /// # Panics
    /// When no shell can be started.
    pub fn run(&mut self, line: &str) -> Told {
        let told = self.site.shell(line);
        let _ = write!(self.text, "\n$ {}\n", self.words.replace(self.site, line));
        for (stream, text) in [("", &told.stdout), ("! ", &told.stderr)] {
            for line in without_repeats(&self.words.replace(self.site, text)) {
                let _ = writeln!(self.text, "{}", format!("{stream}{line}").trim_end());
            }
        }
        let _ = writeln!(self.text, "exit {}", told.code);
        told
    }

    /// Compares with the golden file at `path` below `tests/`; with `BLESS=1`
    /// writes it.
    ///
    /// # Panics
    /// When it is another.
    pub fn check(&self, path: &str) {
        let path = workspace().join("tests").join(path);
        if std::env::var_os("BLESS").is_some() {
            fs::write(&path, &self.text).expect("a golden file can be written");
            return;
        }
        let golden = fs::read_to_string(&path).unwrap_or_default();
        assert!(
            golden == self.text,
            "{} is another; this was shown (BLESS=1 keeps it):\n{}",
            path.display(),
            self.text
        );
    }
}

impl Site {
    /// What a line that is typed in the site's folder answers, with the programs
    /// on the path.
    ///
    /// # Panics
    /// When no shell can be started.
    pub fn shell(&self, line: &str) -> Told {
        let output = self.shell_command(line).output().expect("there is a shell");
        told(&output)
    }

    /// As [`Site::shell`], of a line that must go well.
    ///
    /// # Panics
    /// When it doesn't.
    pub fn fine(&self, line: &str) -> Told {
        let told = self.shell(line);
        assert_eq!(told.code, 0, "{line}: {told:?}");
        told
    }

    /// Begins what is typed, and doesn't wait for it.
    ///
    /// # Panics
    /// When no shell can be started.
    pub fn shell_begin(&self, line: &str) -> Child {
        let mut command = self.shell_command(&format!("exec {line}"));
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().expect("there is a shell")
    }

    fn shell_command(&self, line: &str) -> Command {
        let programs = programs_folder();
        let path = format!("{}:/usr/sbin:/usr/bin:/sbin:/bin", programs.display());
        let mut command = Command::new("/bin/sh");
        command.args(["-c", &format!("umask 022; {line}")]).current_dir(&self.folder);
        command.env_clear().env("PATH", path).env("LC_ALL", "C").stdin(Stdio::null());
        command
    }
}

/// What a program that has ended answered.
pub fn told(output: &Output) -> Told {
    Told {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// The words that stand for what differs. The same id is the same word, also where
/// only its beginning is shown.
#[derive(Debug, Default)]
struct Words {
    /// The beginnings of ids and digests, in the order in which they came.
    ids: Vec<String>,
}

impl Words {
    fn replace(&mut self, site: &Site, text: &str) -> String {
        let folder = site.folder.display().to_string();
        let text = text.replace(&format!("{folder}/"), "").replace(&folder, ".");
        let text = text.replace(site.victim(), "victim");
        let mut lines = Vec::new();
        for line in text.lines() {
            lines.push(span(&self.tokens(line)));
        }
        lines.join("\n")
    }

    /// A line with its times, ids and numbers of processes replaced.
    fn tokens(&mut self, line: &str) -> String {
        let mut replaced = String::new();
        let mut rest = line;
        while let Some(first) = rest.chars().next() {
            let is_part = |c: char| c.is_ascii_alphanumeric() || "-:.+_".contains(c);
            let length = rest.find(|c| !is_part(c)).unwrap_or(rest.len()).max(first.len_utf8());
            let (token, behind) = rest.split_at(length);
            replaced.push_str(&self.token(token, &replaced));
            rest = behind;
        }
        replaced
    }

    fn token(&mut self, token: &str, before: &str) -> String {
        let bare = token.trim_end_matches(['.', ':']);
        let end = token.get(bare.len()..).unwrap_or_default();
        if is_time(bare) {
            return format!("TIME{end}");
        }
        // The end of a chain: how many entries it has, and the last one's hash. How many
        // fit on a disk, the index beside them decides too.
        if let Some((size, hash)) = bare.split_once(':') {
            let size = if hash.len() == 64 { "N" } else { size };
            return format!("{size}:{}{end}", self.token(hash, before));
        }
        let is_hex = bare.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        if is_hex && matches!(bare.len(), 8 | 12 | 32 | 64) {
            return format!("{}{end}", self.id(bare));
        }
        if before.ends_with("process (number ") || before == "ok: " {
            return String::from("N");
        }
        token.to_owned()
    }

    fn id(&mut self, text: &str) -> String {
        let beginning = text.get(..8).unwrap_or_default();
        let known = self.ids.iter().position(|id| id == beginning);
        let index = known.unwrap_or_else(|| {
            self.ids.push(beginning.to_owned());
            self.ids.len() - 1
        });
        format!("ID-{}", index + 1)
    }
}

/// The lines of a text; of many equal ones in a row the first, and dots.
fn without_repeats(text: &str) -> Vec<&str> {
    let mut lines = Vec::new();
    for same in text.lines().collect::<Vec<_>>().chunk_by(|a, b| a == b) {
        lines.extend(same.first());
        lines.extend(match same.len() {
            1 => None,
            2 => same.first().copied(),
            _ => Some("…"),
        });
    }
    lines
}

/// Whether this is an instant in RFC 3339.
fn is_time(token: &str) -> bool {
    let mut shape = "0000-00-00T00:00:00".bytes();
    let mut bytes = token.bytes();
    let fits = shape.all(|want| {
        bytes.next().is_some_and(|it| if want == b'0' { it.is_ascii_digit() } else { it == want })
    });
    fits && token.ends_with('Z')
}

/// A line of a timeline without how long after the beginning it was.
fn span(line: &str) -> String {
    let text = line.trim_start();
    let is_span =
        text.strip_prefix('+').is_some_and(|it| it.starts_with(|c: char| c.is_ascii_digit()));
    match text.split_once(' ') {
        Some((_, text)) if is_span => format!("    +SPAN {}", text.trim_start()),
        _ => line.to_owned(),
    }
}
