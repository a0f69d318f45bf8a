//! The only reader of the wall clock in this program. It is asked for the defaults
//! of times that people may also write themselves, and for nothing else.

use std::time::{SystemTime, UNIX_EPOCH};

use rye_bundle::time::UnixSeconds;

/// Now; a clock that stands before 1970 says 1970.
pub(crate) fn now() -> UnixSeconds {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    UnixSeconds(since.as_secs())
}
