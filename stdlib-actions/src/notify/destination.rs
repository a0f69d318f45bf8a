//! One destination of notices, as a site describes it.

use core::fmt;
use std::path::PathBuf;
use std::time::Duration;

use rye_core::adapter::Ending;
use serde::Deserialize;

use super::syslog::LogServer;
use super::{Message, webhook};
use crate::config::ConfigError;
use crate::http::{self, Described, HeaderConfig};

/// How a site describes one destination.
#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DestinationConfig {
    /// Where notices are posted: `https://…`, with nothing else allowed, and
    /// without a name or password in it. Required, unless there is a `syslog`.
    pub url: Option<String>,
    /// The log server that notices are written to, in the form of RFC 5424:
    /// `tcp://host:port` or `udp://host:port`. Default: none.
    pub syslog: Option<String>,
    /// A file with the certificates (PEM) of the authorities that may vouch for
    /// the destination, instead of the public ones. Default: the public ones, as
    /// Mozilla lists them.
    pub ca_file: Option<PathBuf>,
    /// A header that is sent along, such as one that authenticates the sender.
    /// Default: none.
    pub header: Option<HeaderConfig>,
    /// Networks in which the destination may be, beyond the internet. Default: none.
    #[serde(default)]
    pub networks: Vec<String>,
}

impl DestinationConfig {
    /// Where it is, as a URL.
    pub fn place(&self) -> Option<&str> {
        self.url.as_deref().or(self.syslog.as_deref())
    }
}

/// Without the URL, which may be a secret.
impl fmt::Debug for DestinationConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DestinationConfig")
            .field("syslog", &self.syslog)
            .field("ca_file", &self.ca_file)
            .field("header", &self.header)
            .field("networks", &self.networks)
            .finish_non_exhaustive()
    }
}

/// A destination with all that is needed to deliver there.
#[derive(Debug)]
pub(super) enum Destination {
    Webhook(http::Destination),
    LogServer(LogServer),
}

impl Destination {
    /// The destination that `config` describes, `option` being its path in the
    /// configuration.
    pub(super) fn new(option: &str, config: &DestinationConfig) -> Result<Self, ConfigError> {
        let DestinationConfig { url, syslog, ca_file, header, networks } = config;
        match (url, syslog) {
            (Some(url), None) => {
                let (ca_file, header) = (ca_file.as_deref(), header.as_ref());
                let described = Described { url, ca_file, header, networks };
                http::Destination::new(option, &described).map(Self::Webhook)
            }
            (None, Some(server)) => {
                let of_webhooks = [("ca_file", ca_file.is_some()), ("header", header.is_some())];
                if let Some((name, _)) = of_webhooks.iter().find(|(_, is_there)| *is_there) {
                    return Err(ConfigError::new(
                        format!("{option}.{name}"),
                        "a log server takes no such thing",
                        "drop the line, or post to a `url`",
                    ));
                }
                LogServer::new(option, server, networks).map(Self::LogServer)
            }
            (None, None) => Err(ConfigError::new(
                option,
                "the destination has neither a `url` nor a `syslog`",
                "say where notices go: `url = \"https://…\"` or `syslog = \"tcp://host:port\"`",
            )),
            (Some(_), Some(_)) => Err(ConfigError::new(
                option,
                "the destination has both a `url` and a `syslog`",
                "drop one of them: a notice goes to one place",
            )),
        }
    }

    pub(super) fn deliver(&self, message: &Message<'_>, timeout: Duration) -> Ending {
        match self {
            Self::Webhook(destination) => webhook::deliver(destination, message, timeout),
            Self::LogServer(server) => server.deliver(message, timeout),
        }
    }
}
