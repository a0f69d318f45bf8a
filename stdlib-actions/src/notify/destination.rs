//! One destination of notices, as a site describes it.

use core::fmt;
use std::path::PathBuf;
use std::time::Duration;

use rye_core::adapter::Ending;
use serde::Deserialize;

use super::webhook;
use crate::config::ConfigError;
use crate::http::{self, Described, HeaderConfig};

/// How a site describes one destination.
#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DestinationConfig {
    /// Where notices are posted: `https://…`, with nothing else allowed, and
    /// without a name or password in it. Required.
    pub url: String,
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

/// Without the URL, which may be a secret.
impl fmt::Debug for DestinationConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DestinationConfig")
            .field("ca_file", &self.ca_file)
            .field("header", &self.header)
            .field("networks", &self.networks)
            .finish_non_exhaustive()
    }
}

/// A destination with all that is needed to deliver there.
#[derive(Debug)]
pub(super) struct Destination(http::Destination);

impl Destination {
    /// The destination that `config` describes, `option` being its path in the
    /// configuration.
    pub(super) fn new(option: &str, config: &DestinationConfig) -> Result<Self, ConfigError> {
        let described = Described {
            url: &config.url,
            ca_file: config.ca_file.as_deref(),
            header: config.header.as_ref(),
            networks: &config.networks,
        };
        http::Destination::new(option, &described).map(Self)
    }

    pub(super) fn deliver(&self, body: &[u8], key: &str, timeout: Duration) -> Ending {
        webhook::deliver(&self.0, body, key, timeout)
    }
}
