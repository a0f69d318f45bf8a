//! Names: what stands in them is shown to people and compared by machines.

use std::collections::BTreeSet;

use rye_core::limit::ACTION_NAME_BYTES_MAX;
use rye_core::visible::is_hidden;

use super::super::{Result, VerifyCode, VerifyError};

/// A name of the language: ASCII letters, digits, `_`, `-`, and `.` between parts.
pub(super) fn check(what: &str, name: &str) -> Result<()> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    if name.bytes().all(plain) {
        return title(what, name);
    }
    Err(wrong(what, name, "letters, digits, `_`, `-` and `.`"))
}

/// A text that people read on one line, not empty.
pub(super) fn title(what: &str, name: &str) -> Result<()> {
    if name.is_empty() {
        return Err(wrong(what, name, "at least one letter"));
    }
    shown(what, name, ACTION_NAME_BYTES_MAX)
}

/// A text that people read on one line.
pub(super) fn shown(what: &str, text: &str, max: usize) -> Result<()> {
    if text.len() > max {
        let found = format!("a {what} of {} bytes", text.len());
        return Err(VerifyError::new(VerifyCode::Limit, found, format!("at most {max}")));
    }
    if text.chars().any(is_hidden) {
        return Err(wrong(what, text, "characters that people see"));
    }
    Ok(())
}

/// A name that was not there before.
pub(super) fn once<'a>(names: &mut BTreeSet<&'a str>, what: &str, name: &'a str) -> Result<()> {
    if names.insert(name) {
        return Ok(());
    }
    let found = format!("the {what} `{name}` twice");
    Err(VerifyError::new(VerifyCode::Duplicate, found, "each name once"))
}

fn wrong(what: &str, name: &str, allowed: &str) -> VerifyError {
    let found = format!("the {what} `{name}`");
    VerifyError::new(VerifyCode::Name, found, allowed)
}
