//! Source text: whatever it is, the compiler ends with mistakes whose places lie in
//! the file, or with a module that is proved.

use rye_compiler::{CompileError, Compiled, Source, check as check_sources, compile};
use rye_grammar::diagnostic::render::{Colour, to_text};
use rye_reference::interfaces;

/// What ships, and one of everything that the language has.
const SOURCES: &[&str] = &[
    include_str!("../../playbooks/contain_scanner/contain_scanner.rye"),
    include_str!("../../tests/ui/right/everything.rye"),
    include_str!("../../stdlib-actions/interface/firewall.rye"),
];

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    SOURCES.iter().map(|text| text.as_bytes().to_vec()).collect()
}

pub(crate) fn check(bytes: &[u8]) -> bool {
    let Ok(text) = core::str::from_utf8(bytes) else { return false };
    match compiled(text) {
        Ok(_) => true,
        Err(CompileError::Diagnostics(_)) => false,
        Err(error) => panic!("{error}"),
    }
}

/// The module of a source.
pub(crate) fn compiled(text: &str) -> Result<Compiled, CompileError> {
    let interfaces = interfaces::named_in(text);
    let checked = check_sources(&[Source { module: "fuzz", path: "fuzz.rye", text }], &interfaces);
    for diagnostic in &checked.diagnostics {
        let file = checked.sources.get(diagnostic.span.file).expect("a file of this package");
        let (start, end) = (diagnostic.span.start, diagnostic.span.end);
        let inside = start <= end && usize::try_from(end).is_ok_and(|end| end <= file.text().len());
        assert!(inside, "{start}..{end} lies outside of {}", file.name());
    }
    // What people are shown is made of the same places.
    let _ = to_text(&checked.diagnostics, &checked.sources, Colour::Plain);
    compile(&checked)
}

/// The module of a source of ours.
pub(crate) fn ours(index: usize) -> Compiled {
    let text = SOURCES.get(index).expect("a source of ours");
    compiled(text).unwrap_or_else(|error| panic!("{error}"))
}
