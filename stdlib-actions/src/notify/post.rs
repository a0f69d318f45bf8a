//! One POST over TLS, and what its end means: whether the notice was delivered,
//! surely was not, or nobody knows.
//!
//! Redirects are not followed, proxies of the environment are not used, and no
//! connection outlives its request.

use std::io::{self, Read};
use std::sync::Arc;
use std::time::Duration;

use rye_core::adapter::Ending;
use rye_core::error::ErrorKind;
use rye_core::limit::ANSWER_BYTES_MAX;
use rye_core::value::Value;
use ureq::config::Config;
use ureq::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use ureq::tls::TlsConfig;
use ureq::{SendBody, Timeout};

use super::destination::Destination;

/// The header under which a receiver finds the key.
const KEY_HEADER: &str = "Idempotency-Key";

impl Destination {
    /// Posts `body`, which must be JSON, under `key`.
    pub(super) fn post(&self, body: &[u8], key: &str, timeout: Duration) -> Ending {
        let mut body = Watched { rest: body, touched: false };
        let length = body.rest.len();
        let agent = self.config(timeout).new_agent();
        let mut request = agent
            .post(&self.url)
            .header(CONTENT_TYPE, "application/json")
            .header(CONTENT_LENGTH, length)
            .header(KEY_HEADER, key);
        if let Some((name, value)) = &self.header {
            request = request.header(name, value);
        }
        match request.send(SendBody::from_reader(&mut body)) {
            Ok(mut response) => {
                // The answer is read, as far as it may be long, so that the receiver
                // is not cut off; what it says changes nothing.
                let limit = u64::try_from(ANSWER_BYTES_MAX).unwrap_or(u64::MAX);
                let answer = response.body_mut().with_config().limit(limit).reader();
                let _ = io::copy(&mut answer.take(limit), &mut io::sink());
                answered(response.status().as_u16())
            }
            Err(_) if body.touched => {
                Ending::Unknown(Arc::from("no answer after the request was sent"))
            }
            Err(error) => Ending::NotSent(Arc::from(reason(&error))),
        }
    }

    fn config(&self, timeout: Duration) -> Config {
        // A destination that can't be reached must be told apart from one that
        // doesn't answer: half of the time is for each.
        let half = Some(timeout / 2);
        ureq::Agent::config_builder()
            .https_only(true)
            .proxy(None)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            .max_idle_connections(0)
            .user_agent("rye")
            .accept("*/*")
            .timeout_resolve(half)
            .timeout_connect(half)
            .timeout_global(Some(timeout))
            .max_response_header_size(ANSWER_BYTES_MAX)
            .tls_config(TlsConfig::builder().root_certs(self.roots.clone()).build())
            .build()
    }
}

/// A body that knows whether anybody began to send it. It is read only when the
/// connection stands and the head of the request was sent, and without it there
/// is no request.
struct Watched<'a> {
    rest: &'a [u8],
    touched: bool,
}

impl Read for Watched<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.touched = true;
        self.rest.read(buffer)
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

/// Why nothing was sent. The library's own words are not for a journal.
fn reason(error: &ureq::Error) -> &'static str {
    match error {
        ureq::Error::HostNotFound => "the destination's name is not known",
        ureq::Error::Timeout(Timeout::Resolve) => "the destination's name was not resolved in time",
        ureq::Error::Timeout(_) => "the destination was not reached in time",
        ureq::Error::Rustls(_) | ureq::Error::Tls(_) => UNTRUSTED,
        ureq::Error::Io(error) if is_tls(error) => UNTRUSTED,
        _ => "the destination could not be reached",
    }
}

const UNTRUSTED: &str = "the destination's identity is not trusted; set its ca_file to the \
                         authority that vouches for it";

/// Whether the handshake failed, not the network: only there is an error of
/// nobody's system.
fn is_tls(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::InvalidData
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
