//! One destination: what a site writes about it, and what is kept of that.
//!
//! Its URL may be a secret (whoever knows a chat's hook may write there), and the
//! value of its header is one: neither is ever shown, in whatever words this type
//! or an error of it is printed.

use core::fmt;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use ureq::http::{HeaderName, HeaderValue, Uri};
use ureq::tls::{Certificate, PemItem, RootCerts, parse_pem};

use crate::config::{ConfigError, read_file, read_secret};
use crate::reach::Reach;

/// A header whose value is a secret.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeaderConfig {
    /// Its name, such as `Authorization`. Required.
    pub name: String,
    /// A file with its value, which nobody but its owner and group may read; line
    /// breaks at its end don't count. Required.
    pub value_file: PathBuf,
}

/// What a site writes about a destination.
pub(crate) struct Described<'a> {
    /// Where it is.
    pub url: &'a str,
    /// Who may vouch for it.
    pub ca_file: Option<&'a Path>,
    /// What is sent along.
    pub header: Option<&'a HeaderConfig>,
    /// Where it may be, beyond the internet.
    pub networks: &'a [String],
}

/// A destination with all that is needed to post there.
pub(crate) struct Destination {
    pub(super) url: Uri,
    pub(super) roots: RootCerts,
    pub(super) header: Option<(HeaderName, HeaderValue)>,
    pub(super) reach: Reach,
}

impl fmt::Debug for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Destination").finish_non_exhaustive()
    }
}

/// The headers that are the adapter's own.
const OWN_HEADERS: &[&str] = &[
    "accept",
    "accept-encoding",
    "connection",
    "content-length",
    "content-type",
    "expect",
    "host",
    "idempotency-key",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
];

impl Destination {
    /// The destination that `config` describes, `option` being its path in the
    /// configuration.
    pub(crate) fn new(option: &str, config: &Described<'_>) -> Result<Self, ConfigError> {
        let roots = match config.ca_file {
            Some(path) => roots(&format!("{option}.ca_file"), path)?,
            None => RootCerts::WebPki,
        };
        let header = match config.header {
            Some(header) => Some(self::header(&format!("{option}.header"), header)?),
            None => None,
        };
        let reach = Reach::new(&format!("{option}.networks"), config.networks)?;
        Ok(Self { url: url(&format!("{option}.url"), config.url)?, roots, header, reach })
    }

    /// The value of the header, which nobody may see.
    pub(crate) fn secret(&self) -> Option<&str> {
        self.header.as_ref().and_then(|(_, value)| value.to_str().ok())
    }
}

fn url(option: &str, text: &str) -> Result<Uri, ConfigError> {
    let help = "write `https://host/path`; a secret belongs into the header's file";
    let wrong = |problem: &str| ConfigError::new(option, problem, help);
    let url: Uri = text.parse().map_err(|_| wrong("this is no URL"))?;
    if url.scheme_str() != Some("https") {
        return Err(wrong("only `https` is allowed"));
    }
    let authority = url.authority().ok_or_else(|| wrong("the URL has no host"))?;
    if authority.host().is_empty() {
        return Err(wrong("the URL has no host"));
    }
    if authority.as_str().contains('@') {
        return Err(wrong("a name or password stands in the URL"));
    }
    if text.contains('#') {
        return Err(wrong("a fragment (`#…`) is not sent anywhere"));
    }
    Ok(url)
}

fn roots(option: &str, path: &Path) -> Result<RootCerts, ConfigError> {
    let help = "the file holds PEM blocks `-----BEGIN CERTIFICATE-----`, and nothing else";
    let wrong = |problem: &str| ConfigError::new(option, problem, help);
    let bytes = read_file(option, path)?;
    let mut certificates: Vec<Certificate<'static>> = Vec::new();
    for item in parse_pem(&bytes) {
        match item {
            Ok(PemItem::Certificate(certificate)) => certificates.push(certificate),
            Ok(_) => return Err(wrong("the file holds a key")),
            Err(_) => return Err(wrong("the file is not PEM")),
        }
    }
    if certificates.is_empty() {
        return Err(wrong("the file holds no certificate"));
    }
    Ok(RootCerts::new_with_certs(&certificates))
}

fn header(option: &str, config: &HeaderConfig) -> Result<(HeaderName, HeaderValue), ConfigError> {
    let name_option = format!("{option}.name");
    let name = HeaderName::from_bytes(config.name.as_bytes()).map_err(|_| {
        let problem = format!("{:?} is no header's name", config.name);
        ConfigError::new(&name_option, problem, "write a name such as `Authorization`")
    })?;
    if OWN_HEADERS.contains(&name.as_str()) {
        let problem = format!("the header `{name}` is the adapter's own");
        return Err(ConfigError::new(&name_option, problem, "choose another header"));
    }
    let value_option = format!("{option}.value_file");
    let secret = read_secret(&value_option, &config.value_file)?;
    let value = Some(secret.as_slice()).filter(|value| !value.is_empty());
    let mut value =
        value.and_then(|value| HeaderValue::from_bytes(value).ok()).ok_or_else(|| {
            let problem = "the file's content can't be the value of a header";
            ConfigError::new(&value_option, problem, "the file holds one line of text")
        })?;
    value.set_sensitive(true);
    Ok((name, value))
}

#[cfg(test)]
mod tests;
