//! The generated parser; the only module with exceptions from the lints.
//!
//! What LALRPOP itself doesn't allow in its code and our lints object to. Its
//! panics and indices are in the tables' reader, which holds for any tokens.

#![expect(
    unreachable_pub,
    unused_qualifications,
    clippy::allow_attributes,
    clippy::allow_attributes_without_reason,
    clippy::cast_sign_loss,
    clippy::cloned_instead_of_copied,
    clippy::elidable_lifetime_names,
    clippy::ignored_unit_patterns,
    clippy::indexing_slicing,
    clippy::match_same_arms,
    clippy::panic,
    clippy::semicolon_if_nothing_returned,
    clippy::too_many_lines,
    clippy::trivially_copy_pass_by_ref,
    clippy::type_complexity,
    clippy::unnecessary_box_returns,
    clippy::unnecessary_wraps,
    clippy::unreachable,
    clippy::unused_self,
    clippy::unwrap_used,
    clippy::vec_box,
    reason = "LALRPOP writes this code, nobody reads or edits it"
)]

lalrpop_util::lalrpop_mod!(rye);

pub(crate) use rye::FileParser;
