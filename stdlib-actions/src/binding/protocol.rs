//! What a site's own adapter is asked, and what it may answer: one JSON object each,
//! the same whether a program or a service is asked. `docs/reference/adapter-protocol.md`
//! is the page for those who write one.

mod unique;

use std::sync::Arc;

use rye_core::action::{ActionSignature, Verb};
use rye_core::adapter::{Ending, Request};
use rye_core::error::{Error, ErrorKind};
use rye_core::limit::ADAPTER_TEXT_BYTES_MAX;
use rye_core::ty::fit::Misfit;
use rye_core::ty::{Type, TypeId, TypeTable};
use rye_core::value::Value;
use rye_core::value::json::{from_json, to_json};
use rye_core::version::ADAPTER_PROTOCOL;
use rye_core::visible::visible;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use zeroize::Zeroizing;

use unique::Unique;

/// A word of a secret is secret itself if it has so many bytes; shorter ones say what
/// kind of secret it is.
const SECRET_WORD_BYTES_MIN: usize = 8;

/// One attempt at a call, as the adapter is told of it.
pub(super) struct Question<'a> {
    verb: &'a ActionSignature,
    types: &'a TypeTable,
    request: &'a Request,
    key: String,
}

/// The question's members, in their order.
#[derive(Serialize)]
struct Asked<'a> {
    /// The version of these words.
    protocol: u16,
    /// The full name.
    verb: &'a str,
    /// The digest of its declaration.
    schema: String,
    /// By their names.
    arguments: Map<String, Json>,
    /// The same for every attempt at the same effect.
    key: &'a str,
    /// For an undo: the key of the act.
    undoes: Option<String>,
    /// On whose behalf.
    run: String,
    /// From 1.
    attempt: u8,
    /// After which nobody listens any more.
    timeout_micros: i64,
    /// What the site's binding hands to the adapter.
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<&'a str>,
}

/// The answer's members; others are passed over.
#[derive(Deserialize)]
struct Answer {
    protocol: u16,
    key: String,
    ending: Word,
    #[serde(default)]
    value: Unique,
    kind: Option<Kind>,
    text: Option<String>,
    #[serde(default)]
    perhaps: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Word {
    Done,
    AlreadySo,
    Refused,
    NotSent,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Denied,
    Rejected,
    Conflict,
    NotFound,
}

impl From<Kind> for ErrorKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Denied => Self::Denied,
            Kind::Rejected => Self::Rejected,
            Kind::Conflict => Self::Conflict,
            Kind::NotFound => Self::NotFound,
        }
    }
}

impl<'a> Question<'a> {
    pub(super) fn new(
        verb: &'a ActionSignature,
        types: &'a TypeTable,
        request: &'a Request,
    ) -> Self {
        Self { verb, types, request, key: request.key.to_string() }
    }

    /// Under which the adapter must answer.
    pub(super) fn key(&self) -> &str {
        &self.key
    }

    /// The question as JSON, with what only this adapter is handed.
    pub(super) fn to_json(&self, secret: Option<&str>) -> Zeroizing<Vec<u8>> {
        let request = self.request;
        let arguments = request.call.arguments.iter();
        let asked = Asked {
            protocol: ADAPTER_PROTOCOL,
            verb: &request.call.action,
            schema: self.verb.schema_digest(self.types).to_string(),
            arguments: arguments.map(|(name, value)| (name.to_string(), to_json(value))).collect(),
            key: &self.key,
            undoes: request.undoes.map(|key| key.to_string()),
            run: request.run.to_string(),
            attempt: request.attempt,
            timeout_micros: request.timeout.0,
            secret,
        };
        // Names, texts and numbers are what JSON can always hold.
        Zeroizing::new(serde_json::to_vec(&asked).unwrap_or_default())
    }

    /// How the attempt ended, as the adapter says; unknown if it says nothing that
    /// makes sense.
    pub(super) fn ending(&self, answer: &[u8], secret: Option<&str>) -> Ending {
        let Ok(answer) = serde_json::from_slice::<Answer>(answer) else {
            return unknown("the adapter's answer makes no sense");
        };
        if answer.protocol != ADAPTER_PROTOCOL {
            return unknown("the adapter answers in another version of the protocol");
        }
        if answer.key != self.key {
            return unknown("the adapter answers under another key");
        }
        let text = answer.text.as_deref().map(|text| scrubbed(text, secret)).unwrap_or_default();
        match (answer.ending, answer.kind) {
            (Word::Done, _) => self.answered(&answer.value.0, secret, Ending::Done),
            (Word::AlreadySo, _) => self.answered(&answer.value.0, secret, Ending::AlreadySo),
            (Word::Refused, Some(kind)) => {
                let error = Error::new(kind.into(), text);
                Ending::Refused { error, perhaps: answer.perhaps }
            }
            (Word::Refused, None) => unknown("the adapter refuses and doesn't say why"),
            (Word::NotSent, _) => Ending::NotSent(Arc::from(text)),
        }
    }

    /// The value that was answered, if it is of the declared type. Of undos and notices
    /// the answer is not used at all.
    fn answered(
        &self,
        json: &Json,
        secret: Option<&str>,
        ending: impl FnOnce(Value) -> Ending,
    ) -> Ending {
        if self.request.undoes.is_some() || self.verb.verb == Verb::Notice {
            return ending(Value::None);
        }
        if betrays(json, secret) {
            return self.rejected("the adapter answers what only it may know");
        }
        match self.value(json) {
            Ok(value) => ending(value),
            Err(misfit) => {
                let text = format!("the adapter's answer does not fit: {misfit}");
                self.rejected(&scrubbed(&text, secret))
            }
        }
    }

    /// Whoever answers nonsense of an act may have done it all the same.
    fn rejected(&self, text: &str) -> Ending {
        let error = Error::new(ErrorKind::Rejected, text);
        Ending::Refused { error, perhaps: self.verb.verb == Verb::Action }
    }

    fn value(&self, json: &Json) -> Result<Value, Misfit> {
        let result = self.verb.result;
        match (self.types.get(result), self.verb.first, json) {
            // The caller cuts a list that is declared with `first`; it is not too long.
            (Some(Type::List { element, .. }), Some(_), Json::Array(elements)) => {
                self.elements(*element, elements)
            }
            _ => from_json(self.types, result, json),
        }
    }

    fn elements(&self, element: TypeId, elements: &[Json]) -> Result<Value, Misfit> {
        let one = |(index, json)| {
            from_json(self.types, element, json)
                .map_err(|misfit| Misfit { path: format!("[{index}]{}", misfit.path), ..misfit })
        };
        elements.iter().enumerate().map(one).collect::<Result<Vec<_>, _>>().map(Value::list)
    }
}

/// An attempt whose end nobody knows.
pub(super) fn unknown(reason: &str) -> Ending {
    Ending::Unknown(Arc::from(reason))
}

/// An adapter's words without anything hidden or secret, and not too many.
pub(super) fn scrubbed(text: &str, secret: Option<&str>) -> String {
    let text = cleaned(text, secret);
    let end = text.floor_char_boundary(ADAPTER_TEXT_BYTES_MAX);
    text.get(..end).unwrap_or_default().to_owned()
}

/// As [`scrubbed`], however many there are.
pub(super) fn cleaned(text: &str, secret: Option<&str>) -> String {
    let mut text = text.to_owned();
    for secret in secrets(secret) {
        text = text.replace(secret, BLOT);
        // The end may have been cut off, and what is left of the secret is secret too.
        let parts = secret.char_indices().map(|(at, _)| secret.get(..at).unwrap_or_default());
        let cut = parts.rev().find(|part| is_long(part) && text.ends_with(part)).map(str::len);
        if let Some(start) = cut.and_then(|cut| text.len().checked_sub(cut)) {
            text.replace_range(start.., BLOT);
        }
    }
    visible(&text).into_owned()
}

/// What stands where a secret stood.
const BLOT: &str = "(secret)";

/// The secret, and its words: of `Bearer 1234567890` the second alone is as secret.
fn secrets(secret: Option<&str>) -> impl Iterator<Item = &str> {
    let words = secret.into_iter().flat_map(str::split_whitespace).filter(|word| is_long(word));
    secret.into_iter().filter(|secret| !secret.is_empty()).chain(words)
}

/// Whether nobody says so much of a secret by chance.
fn is_long(part: &str) -> bool {
    part.len() >= SECRET_WORD_BYTES_MIN
}

/// Whether a secret stands anywhere in an answer, which the journal would keep.
fn betrays(json: &Json, secret: Option<&str>) -> bool {
    let has = |text: &str| secrets(secret).any(|secret| is_long(secret) && text.contains(secret));
    match json {
        Json::String(text) => has(text),
        Json::Array(elements) => elements.iter().any(|element| betrays(element, secret)),
        Json::Object(members) => {
            members.iter().any(|(name, member)| has(name) || betrays(member, secret))
        }
        Json::Null | Json::Bool(_) | Json::Number(_) => false,
    }
}

#[cfg(test)]
mod tests;
