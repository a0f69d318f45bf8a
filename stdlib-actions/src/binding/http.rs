//! Asks an HTTPS service: the question is posted, and the answer is the body of a
//! response with the status 200. Any other status after the question was sent says
//! only what its number says.

use std::path::PathBuf;
use std::sync::Arc;

use rye_core::adapter::{Ending, Request};
use rye_core::error::ErrorKind;
use rye_core::limit::SITE_ANSWER_BYTES_MAX;
use serde::Deserialize;

use super::Carrier;
use super::protocol::{Question, unknown};
use crate::config::ConfigError;
use crate::http::{Described, Destination, HeaderConfig, Lost};
use crate::reach::DENIED_TEXT;

/// How a site binds a module to a service.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HttpConfig {
    /// The module's interface file, as `ryec interface` writes it. Required.
    pub interface: PathBuf,
    /// Where questions are posted: `https://…`, without a name or password in it.
    /// Required.
    pub url: String,
    /// A file with the certificates (PEM) of the authorities that may vouch for the
    /// service. Default: the public ones, as Mozilla lists them.
    pub ca_file: Option<PathBuf>,
    /// A header that is sent along, such as one that authenticates the sender.
    /// Default: none.
    pub header: Option<HeaderConfig>,
    /// Networks in which the service may be, beyond the internet. Default: none.
    #[serde(default)]
    pub networks: Vec<String>,
}

/// Without the URL, which may be a secret.
impl core::fmt::Debug for HttpConfig {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("HttpConfig")
            .field("interface", &self.interface)
            .field("ca_file", &self.ca_file)
            .field("header", &self.header)
            .field("networks", &self.networks)
            .finish_non_exhaustive()
    }
}

/// A service that carries out verbs.
pub(super) struct Service(Destination);

impl Service {
    /// The service that `config` describes, `option` being its path in the
    /// configuration. Nobody is connected to yet.
    pub(super) fn new(option: &str, config: &HttpConfig) -> Result<Self, ConfigError> {
        let described = Described {
            url: &config.url,
            ca_file: config.ca_file.as_deref(),
            header: config.header.as_ref(),
            networks: &config.networks,
        };
        Destination::new(option, &described).map(Self)
    }
}

impl Carrier for Service {
    fn carry(&self, question: &Question<'_>, request: &Request) -> Result<Vec<u8>, Ending> {
        let (body, timeout) = (question.to_json(None), request.timeout.to_std());
        let reply = self.0.post(&body, question.key(), SITE_ANSWER_BYTES_MAX, timeout);
        let reply = reply.map_err(|lost| match lost {
            Lost::Denied => Ending::refused(ErrorKind::Denied, DENIED_TEXT),
            Lost::NotSent(reason) => Ending::NotSent(Arc::from(reason)),
            Lost::Unknown => unknown("no answer after the question was sent"),
        })?;
        match reply.status {
            200 => reply.body.ok_or_else(|| unknown("the service's answer is not whole")),
            status => Err(without_answer(status)),
        }
    }

    fn secret(&self) -> Option<&str> {
        self.0.secret()
    }
}

/// What a status means that no answer comes with. Only one that says that the
/// question was not even looked at rules out an effect.
fn without_answer(status: u16) -> Ending {
    let refused = |kind, text: &str| Ending::refused(kind, text);
    match status {
        300..=399 => refused(
            ErrorKind::Rejected,
            "the service redirects, which is not followed; set its url to where it is now",
        ),
        401 | 403 => refused(ErrorKind::Denied, "the service does not permit it"),
        404 | 405 | 410 => refused(ErrorKind::NotFound, "the service does not exist there"),
        400 | 406 | 411 | 413..=415 | 431 => {
            refused(ErrorKind::Rejected, "the service rejects the question")
        }
        429 => Ending::NotSent(Arc::from("the service takes no questions at the moment")),
        _ => unknown("the service answered with a status that says nothing of the effect"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_other_status_has_a_meaning_and_none_is_a_success() {
        for status in (0..=999).filter(|status| *status != 200) {
            match without_answer(status) {
                Ending::Refused { error, perhaps } => {
                    assert!(!perhaps && !error.text.is_empty(), "{status}");
                    assert!((300..500).contains(&status), "{status}");
                }
                Ending::NotSent(_) => assert_eq!(status, 429),
                Ending::Unknown(_) => {}
                other => panic!("{status}: {other:?}"),
            }
        }
        assert!(matches!(without_answer(503), Ending::Unknown(_)));
        assert!(matches!(without_answer(204), Ending::Unknown(_)));
    }
}
