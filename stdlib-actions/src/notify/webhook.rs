//! What the end of a POST means for a notice: whether it was delivered, surely was
//! not, or nobody knows.

use std::sync::Arc;
use std::time::Duration;

use rye_core::adapter::Ending;
use rye_core::error::ErrorKind;
use rye_core::limit::ANSWER_BYTES_MAX;
use rye_core::value::Value;

use super::Message;
use crate::http::{Destination, Lost};

/// Posts a notice as JSON. The answer is read, as far as it may be long, so that the
/// receiver is not cut off; what it says changes nothing.
pub(super) fn deliver(
    destination: &Destination,
    message: &Message<'_>,
    timeout: Duration,
) -> Ending {
    // Texts and names are what JSON can always hold.
    let body = serde_json::to_vec(message).unwrap_or_default();
    match destination.post(&body, &message.key, ANSWER_BYTES_MAX, timeout) {
        Ok(reply) => answered(reply.status),
        Err(Lost::Unknown) => Ending::Unknown(Arc::from("no answer after the request was sent")),
        Err(Lost::NotSent(reason)) => Ending::NotSent(Arc::from(reason)),
        Err(Lost::Denied) => Ending::refused(ErrorKind::Denied, crate::reach::DENIED_TEXT),
    }
}

/// What an answer's status means.
fn answered(status: u16) -> Ending {
    let refused = |kind, text: &str| Ending::refused(kind, text);
    match status {
        200..=299 => Ending::Done(Value::None),
        300..=399 => refused(
            ErrorKind::Rejected,
            "the destination redirects, which is not followed; set its url to where it is now",
        ),
        401 | 403 => refused(ErrorKind::Denied, "the destination does not permit it"),
        404 | 410 => refused(ErrorKind::NotFound, "the destination does not exist there"),
        409 => refused(ErrorKind::Conflict, "the destination says that it conflicts"),
        429 | 503 => Ending::NotSent(Arc::from("the destination takes no notices at the moment")),
        400..=499 => refused(ErrorKind::Rejected, "the destination rejects the notice"),
        _ => Ending::Unknown(Arc::from("the destination failed")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_has_a_meaning() {
        for status in 0..=999 {
            let delivered = matches!(answered(status), Ending::Done(_));
            assert_eq!(delivered, (200..300).contains(&status), "{status}");
            if let Ending::Refused { error, perhaps } = answered(status) {
                assert!(!perhaps && !error.text.is_empty(), "{status}");
                assert!((300..500).contains(&status), "{status}");
            }
        }
    }
}
