//! Amounts that a site may choose within a range, as people and programs are told of them.

use std::fmt::Display;

use serde_json::{Value, json};

/// The amount; where a site chooses it, its least and its most.
pub(crate) fn shown<T: Copy + Display + PartialEq>(least: T, most: T) -> String {
    if least == most { least.to_string() } else { format!("{least} .. {most}") }
}

/// As [`shown`], for programs: a number, or an object of `least` and `most`.
pub(crate) fn object<T: Into<Value> + PartialEq>(least: T, most: T) -> Value {
    if least == most {
        least.into()
    } else {
        json!({ "least": Into::<Value>::into(least), "most": Into::<Value>::into(most) })
    }
}
