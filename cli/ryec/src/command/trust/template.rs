//! `ryec trust template`: a description to fill in.

use crate::{output, trust_file};

pub(super) fn run() {
    output::result(trust_file::TEMPLATE);
}
