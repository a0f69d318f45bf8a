//! Carries out `std.notify`: brings each notice to the destination that the site's
//! configuration has under the notice's name, a webhook or a log server.
//!
//! Only a name leads to a destination, never a text of a playbook. The receiver
//! sees the same key again when a notice is repeated, so that it can drop the
//! repetition.

mod destination;
mod syslog;
mod webhook;

use std::collections::BTreeMap;

use rye_core::adapter::{Adapter, Ending, Request};
use rye_core::effect::OPERATORS;
use rye_core::error::ErrorKind;
use rye_core::value::Value;
use rye_core::visible::visible;
use serde::{Deserialize, Serialize};

pub use destination::DestinationConfig;

use crate::config::ConfigError;
use destination::Destination;

/// The module whose notices this adapter delivers.
pub const MODULE: &str = "std.notify";

/// The notices of the interface, each also the name of its destination.
const NOTICES: &[&str] = &["analysts", "oncall", "user"];

/// The destination of what the engine itself tells, of which no interface knows.
fn operators() -> &'static str {
    OPERATORS.rsplit('.').next().unwrap_or(OPERATORS)
}

/// The names that destinations have.
fn names() -> impl Iterator<Item = &'static str> {
    NOTICES.iter().copied().chain([operators()])
}

/// How a site binds `std.notify`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NotifyConfig {
    /// Where notices go, by their names: `analysts`, `oncall`, `user`, and `operators`
    /// for what the engine itself tells. A notice without a destination fails with `not_found`. Default: none.
    #[serde(default)]
    pub destinations: BTreeMap<String, DestinationConfig>,
}

/// The adapter of `std.notify`.
#[derive(Debug)]
pub struct Notify {
    destinations: BTreeMap<&'static str, Destination>,
}

/// What is told.
#[derive(Serialize)]
struct Message<'a> {
    /// Which notice it is.
    notice: &'a str,
    /// What people read, in one line.
    text: &'a str,
    /// Whom `user` is meant for.
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<String>,
    /// On whose behalf.
    run: String,
    /// The same for every repetition.
    key: String,
}

impl Notify {
    /// The adapter that `config` describes. It reads the files that `config` names,
    /// and connects to nobody yet.
    ///
    /// # Errors
    /// When an option makes no sense, or a file can't be used.
    pub fn new(config: &NotifyConfig) -> Result<Self, ConfigError> {
        let mut destinations = BTreeMap::new();
        for (name, destination) in &config.destinations {
            let option = format!("notify.destinations.{name}");
            let Some(notice) = names().find(|notice| *notice == name.as_str()) else {
                return Err(ConfigError::new(
                    option,
                    "no notice has this name",
                    format!("the notices are `{}`", names().collect::<Vec<_>>().join("`, `")),
                ));
            };
            destinations.insert(notice, Destination::new(&option, destination)?);
        }
        Ok(Self { destinations })
    }

    /// The names of the notices that the adapter delivers, given a destination.
    pub fn notices() -> impl Iterator<Item = &'static str> {
        NOTICES.iter().copied()
    }

    /// Whether the engine itself has somewhere to tell anything.
    pub fn reaches_operators(config: &NotifyConfig) -> bool {
        config.destinations.contains_key(operators())
    }

    fn tell(&self, request: &Request) -> Result<Ending, Ending> {
        let call = &request.call;
        let name = call.action.strip_prefix(MODULE).and_then(|rest| rest.strip_prefix('.'));
        let notice = names()
            .find(|notice| Some(*notice) == name)
            .ok_or_else(|| Ending::refused(ErrorKind::Rejected, "there is no such notice"))?;
        let Some(Value::Text(text)) = call.argument("text") else {
            return Err(Ending::refused(ErrorKind::Rejected, "the notice has no text"));
        };
        let destination = self.destinations.get(notice).ok_or_else(|| {
            let text = format!("no destination; set notify.destinations.{notice}");
            Ending::refused(ErrorKind::NotFound, text)
        })?;
        let message = Message {
            notice,
            text: &visible(text),
            user: call.argument("user").map(|user| visible(&user.to_string()).into_owned()),
            run: request.run.to_string(),
            key: request.key.to_string(),
        };
        Ok(destination.deliver(&message, request.timeout.to_std()))
    }
}

impl Adapter for Notify {
    fn invoke(&self, request: &Request) -> Ending {
        self.tell(request).unwrap_or_else(|ending| ending)
    }
}
