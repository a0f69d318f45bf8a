//! What compiling gives: a module that was proved as a loader will prove it, and
//! the digest that ties it to its sources.

use core::fmt;

use rye_bytecode::module::Module;
use rye_bytecode::{Options, Verified, VerifyError, verify};
use rye_core::digest::{Digest, SOURCE};
use rye_core::wire::Writer;
use rye_grammar::diagnostic::Diagnostic;
use rye_grammar::span::{Position, SourceFile, SourceMap, Span};

use crate::Checked;
use crate::codegen::generate;

/// A package as bytecode.
#[derive(Clone, Debug)]
pub struct Compiled {
    /// The code; `rye_bytecode::facts` has what a manifest says of it.
    pub module: Verified<Module>,
    /// Digest of the names and texts of all files that it was made of, the
    /// interfaces that they use included.
    pub source_digest: Digest,
}

/// Why there is no module.
#[derive(Clone, Debug)]
pub enum CompileError {
    /// The package has mistakes, or is too large; warnings included.
    Diagnostics(Vec<Diagnostic>),
    /// A part of a source would not be in the code, and nothing says why: a mistake in
    /// the compiler.
    LeftOut {
        /// Where it begins: `PATH:LINE:COLUMN`.
        place: String,
    },
    /// What was generated can't be proved: a mistake in the compiler.
    Unproved(VerifyError),
}

impl fmt::Display for CompileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Diagnostics(diagnostics) => write!(f, "{} mistakes", diagnostics.len()),
            Self::LeftOut { place } => write!(
                f,
                "the compiler left out what stands at {place} and can't say why, please report it"
            ),
            Self::Unproved(error) => {
                write!(f, "the compiler made code that can't be proved, please report it: {error}")
            }
        }
    }
}

impl core::error::Error for CompileError {}

/// The module of a package that was checked.
///
/// # Errors
/// When the package has mistakes, or something in it is too large; and where the compiler
/// itself has a mistake.
pub fn compile(checked: &Checked) -> Result<Compiled, CompileError> {
    let Checked { package, diagnostics, left_out, sources } = checked;
    if let Some(span) = left_out {
        return Err(CompileError::LeftOut { place: place(sources, *span) });
    }
    let Some(package) = package else {
        return Err(CompileError::Diagnostics(diagnostics.clone()));
    };
    let module = generate(package, sources).map_err(CompileError::Diagnostics)?;
    let module = verify(module, Options::default()).map_err(CompileError::Unproved)?;
    Ok(Compiled { module, source_digest: source_digest(sources) })
}

/// Where a span begins, as people look it up.
fn place(sources: &SourceMap, span: Span) -> String {
    let path = sources.get(span.file).map_or("", SourceFile::name);
    match sources.start(span) {
        Some(Position { line, column }) => format!("{path}:{line}:{column}"),
        None => String::from(path),
    }
}

/// Digest of all files, ascending by name.
fn source_digest(sources: &SourceMap) -> Digest {
    let mut files: Vec<&SourceFile> = sources.files().map(|(_, file)| file).collect();
    files.sort_by_key(|file| file.name());
    let mut writer = Writer::new();
    writer.count(files.len());
    for file in files {
        writer.text(file.name());
        writer.text(file.text());
    }
    Digest::derive(SOURCE, &[&writer.into_bytes()])
}
