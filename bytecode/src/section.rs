//! The parts in which a module travels: each a kind and its bytes, ascending by
//! kind. A module without debug information has no such section, and all others
//! are always there; so a module has one encoding.

/// A section: its kind and its bytes.
pub type Section = (u16, Vec<u8>);

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $code:literal $word:literal,)*) => {
        /// What a section holds.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum SectionKind {
            $($(#[$doc])* $name = $code,)*
        }

        impl SectionKind {
            /// All of them, ascending.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The number that stands for it in a bundle.
            pub fn code(self) -> u16 {
                match self { $(Self::$name => $code,)* }
            }

            /// The one with this number.
            pub fn from_code(code: u16) -> Option<Self> {
                match code { $($code => Some(Self::$name),)* _ => None }
            }

            /// Its name for people.
            pub fn word(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }
        }
    };
}

// 7 is reserved for documentation.
kinds! {
    /// Values that code loads.
    Constants = 1 "constants",
    /// The table of types.
    Types = 2 "types",
    /// Names, types and registers of functions.
    Functions = 3 "functions",
    /// Their instructions.
    Code = 4 "code",
    /// What the code can call: the capabilities that it needs.
    Actions = 5 "actions",
    /// Lines of source.
    Debug = 6 "debug",
    /// Values that a site may set.
    Settings = 8 "settings",
    /// Who can be asked.
    Roles = 9 "roles",
    /// What can be run.
    Playbooks = 10 "playbooks",
    /// Calls of actions, queries and notices.
    Sites = 11 "sites",
    /// Questions to people.
    Questions = 12 "questions",
}

#[cfg(test)]
mod tests {
    use super::SectionKind;

    #[test]
    fn the_page_about_modules_has_every_kind() {
        let page = include_str!("../../docs/reference/module-format.md");
        for kind in SectionKind::ALL {
            let row = format!("\n| {} | {} |", kind.code(), kind.word());
            assert!(page.contains(&row), "{row}");
        }
    }
}
