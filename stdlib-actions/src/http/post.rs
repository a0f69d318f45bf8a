//! One POST over TLS, and how it ended: with an answer, surely without having been
//! sent, or nobody knows how.
//!
//! The destination's name is resolved once; every address is checked, and connected
//! to as it was checked, with the name that the certificate must carry. Redirects are not followed, proxies of the environment are not used, and no
//! connection outlives its request.

use std::io::{self, Read};
use std::net::IpAddr;
use std::time::Duration;

use rye_core::limit::ANSWER_BYTES_MAX;
use ureq::config::Config;
use ureq::http::Uri;
use ureq::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use ureq::tls::TlsConfig;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};
use ureq::{Agent, SendBody, Timeout};

use super::destination::Destination;
use crate::reach::Reach;

/// The header under which a receiver finds the key.
const KEY_HEADER: &str = "Idempotency-Key";

/// What a destination answered.
#[derive(Debug)]
pub(crate) struct Reply {
    /// The status, such as 200.
    pub status: u16,
    /// What followed; none if it didn't come to its end, or was longer than it may be.
    pub body: Option<Vec<u8>>,
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lost {
    /// The destination has an address that it may not have. Nothing was sent.
    Denied,
    /// Nothing was sent, for this reason.
    NotSent(&'static str),
    /// Nobody knows whether it was heard.
    Unknown,
}

impl Destination {
    /// Posts `body`, which must be JSON, under `key`, and reads an answer of at most
    /// `answer_bytes_max`.
    pub(crate) fn post(
        &self,
        body: &[u8],
        key: &str,
        answer_bytes_max: usize,
        timeout: Duration,
    ) -> Result<Reply, Lost> {
        let mut body = Watched { rest: body, touched: false };
        let length = body.rest.len();
        let checked = Checked { reach: self.reach.clone() };
        let agent = Agent::with_parts(self.config(timeout), DefaultConnector::default(), checked);
        let mut request = agent
            .post(&self.url)
            .header(CONTENT_TYPE, "application/json")
            .header(CONTENT_LENGTH, length)
            .header(KEY_HEADER, key);
        if let Some((name, value)) = &self.header {
            request = request.header(name, value);
        }
        match request.send(SendBody::from_reader(&mut body)) {
            Ok(response) => {
                let status = response.status().as_u16();
                let most = u64::try_from(answer_bytes_max).unwrap_or(u64::MAX).saturating_add(1);
                let mut answer = response.into_body().into_reader().take(most);
                let mut bytes = Vec::new();
                let read = answer.read_to_end(&mut bytes).is_ok();
                let body = (read && bytes.len() <= answer_bytes_max).then_some(bytes);
                Ok(Reply { status, body })
            }
            Err(_) if body.touched => Err(Lost::Unknown),
            Err(ureq::Error::Other(other)) if other.is::<DeniedAddress>() => Err(Lost::Denied),
            Err(error) => Err(Lost::NotSent(reason(&error))),
        }
    }

    fn config(&self, timeout: Duration) -> Config {
        // A destination that can't be reached must be told apart from one that
        // doesn't answer: half of the time is for each.
        let half = Some(timeout / 2);
        Agent::config_builder()
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

/// The system's resolver, and a look at what it says.
#[derive(Debug)]
struct Checked {
    reach: Reach,
}

/// An address that the destination may not have.
#[derive(Debug)]
struct DeniedAddress(IpAddr);

impl core::fmt::Display for DeniedAddress {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "the destination may not have the address {}", self.0)
    }
}

impl core::error::Error for DeniedAddress {}

impl Resolver for Checked {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let found = DefaultResolver::default().resolve(uri, config, timeout)?;
        match found.iter().find(|address| !self.reach.allows(address.ip())) {
            Some(denied) => Err(ureq::Error::Other(Box::new(DeniedAddress(denied.ip())))),
            None => Ok(found),
        }
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
