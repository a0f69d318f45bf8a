//! `ryec trust template`: a description to fill in.

use crate::{output, trust_file};

pub(super) fn run(json: bool) {
    output::text(trust_file::TEMPLATE, json);
}
