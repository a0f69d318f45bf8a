//! The names in signed objects. All are short ASCII, so that two names that
//! look alike are the same name, and a listing of them is safe to print.

use core::fmt;

use rye_core::limit::{ACTION_NAME_BYTES_MAX, BUNDLE_NAME_BYTES_MAX, LABEL_BYTES_MAX};

/// A text that is not a name of the wanted kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameFlaw {
    /// The form that was expected, in words.
    pub expected: &'static str,
    /// The text, quoted and cut to a length that fits a message.
    pub found: String,
}

impl fmt::Display for NameFlaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "expected {}, found {}", self.expected, self.found)
    }
}

impl core::error::Error for NameFlaw {}

macro_rules! names {
    ($($(#[$doc:meta])* $name:ident, $max:expr, $form:literal, $fits:expr;)*) => {$(
        $(#[$doc])*
        #[doc = concat!("\n\nForm: ", $form, ".")]
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// The longest such name, in bytes.
            pub const BYTES_MAX: usize = $max;

            /// The name that `text` is.
            ///
            /// # Errors
            /// When the text is too long or doesn't have the form.
            pub fn new(text: &str) -> Result<Self, NameFlaw> {
                let fits: fn(&str) -> bool = $fits;
                if text.len() <= Self::BYTES_MAX && fits(text) {
                    Ok(Self(text.to_owned()))
                } else {
                    Err(NameFlaw { expected: $form, found: quote(text) })
                }
            }

            /// The name as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl core::str::FromStr for $name {
            type Err = NameFlaw;

            fn from_str(text: &str) -> Result<Self, NameFlaw> {
                Self::new(text)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }
    )*};
}

names! {
    /// What a bundle is called; versions are counted per name.
    BundleName, BUNDLE_NAME_BYTES_MAX,
    "`a-z 0-9 . _ / -`, beginning with a letter or digit, 1 to 128 characters",
    is_path;
    /// Which bundles a signer may sign: all (the empty prefix), one by its whole
    /// name, or all below a path that ends in `/`.
    NamePrefix, BUNDLE_NAME_BYTES_MAX,
    "nothing, a bundle's name, or a path that ends in `/`, at most 128 characters",
    |text| text.is_empty() || is_path(text);
    /// One installation that bundles can be meant for, such as `production`.
    EnvironmentId, LABEL_BYTES_MAX,
    "`a-z 0-9 . _ -`, beginning with a letter or digit, 1 to 64 characters",
    |text| is_path(text) && !text.contains('/');
    /// Who answers for a key: a person, or a program, which is named `ci:…`.
    OwnerId, LABEL_BYTES_MAX,
    "`a-z 0-9 . _ @ -`, beginning with a letter or digit, after `ci:` for a program, at most 64",
    is_owner;
    /// What people are asked as, such as `soc_lead`.
    RoleName, LABEL_BYTES_MAX,
    "letters, digits and `_`, beginning with a letter, 1 to 64 characters",
    is_identifier;
    /// A playbook that a bundle offers to run.
    EntryPointName, LABEL_BYTES_MAX,
    "letters, digits and `_`, beginning with a letter, 1 to 64 characters",
    is_identifier;
    /// The full name of an action, query or notice, such as `std.firewall.block`.
    ActionName, ACTION_NAME_BYTES_MAX,
    "words of letters, digits and `_` joined by `.`, at most 128 characters",
    |text| text.split('.').all(is_identifier);
    /// A text for people, such as `1.4.0-rc.1`; never compared.
    Label, LABEL_BYTES_MAX,
    "printable ASCII, at most 64 characters",
    |text| text.bytes().all(|byte| (b' '..=b'~').contains(&byte));
}

impl NamePrefix {
    /// Whether a signer with this prefix may sign `name`. A prefix ends at a
    /// `/`, so that `soc/` never covers `soc-lab/x` and `block` never `blocker`.
    pub fn covers(&self, name: &BundleName) -> bool {
        let below = self.0.is_empty() || self.0.ends_with('/');
        name.0 == self.0 || below && name.0.starts_with(&self.0)
    }
}

impl OwnerId {
    /// Whether this is a person and not a program.
    pub fn is_human(&self) -> bool {
        !self.0.starts_with("ci:")
    }
}

fn is_lower_alphanumeric(character: char) -> bool {
    character.is_ascii_lowercase() || character.is_ascii_digit()
}

fn is_path(text: &str) -> bool {
    text.starts_with(is_lower_alphanumeric)
        && text.chars().all(|c| is_lower_alphanumeric(c) || "._/-".contains(c))
}

fn is_owner(text: &str) -> bool {
    let name = text.strip_prefix("ci:").unwrap_or(text);
    name.starts_with(is_lower_alphanumeric)
        && name.chars().all(|c| is_lower_alphanumeric(c) || "._@-".contains(c))
}

fn is_identifier(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// `text` in backticks, control characters escaped, cut to 80 characters.
pub(crate) fn quote(text: &str) -> String {
    const SHOWN_MAX: usize = 80;
    let mut shown: String = text.escape_debug().take(SHOWN_MAX).collect();
    if text.escape_debug().nth(SHOWN_MAX).is_some() {
        shown.push('…');
    }
    format!("`{shown}`")
}

#[cfg(test)]
mod tests;
