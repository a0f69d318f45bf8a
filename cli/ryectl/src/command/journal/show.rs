//! `ryectl journal show`: the entries one after the other, a line each, with what they
//! say.

use std::path::Path;
use std::process::ExitCode;

use rye_core::id::RunId;
use rye_core::value::Time;
use rye_engine::entry::{Answer, Body};
use rye_engine::words;
use serde_json::{Map, Value as Json, json};

use crate::Done;
use crate::output::{self, Output};
use crate::store::Store;
use crate::timeline::head;

/// One entry.
struct Row {
    seq: u64,
    at: Option<Time>,
    run: Option<RunId>,
    kind: &'static str,
    text: String,
    /// What a program wants to know beside the words.
    parts: Map<String, Json>,
}

pub(crate) fn run(path: &Path, from: u64, output: &Output) -> Done {
    let store = Store::read(path)?;
    for row in rows(&store).into_iter().filter(|row| row.seq >= from) {
        if output.is_json() {
            output::document(&row.into_json());
        } else {
            output::line(&row.to_line());
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// All entries in their order, also those that say nothing any more.
fn rows(store: &Store) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    rows.extend(store.entries.iter().map(|(seq, entry)| Row {
        seq: *seq,
        at: Some(entry.at.wall),
        run: Some(entry.run),
        kind: entry.body.word(),
        text: words::of(&store.engine, entry),
        parts: parts(&entry.body),
    }));
    rows.extend(store.erased.iter().map(|entry| Row {
        seq: entry.seq,
        at: Some(entry.at),
        run: Some(entry.run),
        kind: entry.kind,
        text: String::from("its values are erased"),
        parts: Map::new(),
    }));
    rows.extend(store.obscure.iter().map(|(seq, error)| Row {
        seq: *seq,
        at: None,
        run: None,
        kind: "",
        text: format!("can't be shown: {error}"),
        parts: Map::new(),
    }));
    rows.sort_by_key(|row| row.seq);
    rows
}

impl Row {
    fn to_line(&self) -> String {
        let at = self.at.map(|at| at.to_string()).unwrap_or_default();
        let run = self.run.filter(|run| !run.is_none()).map(|run| run.to_string());
        let run = run.as_deref().map(head).unwrap_or_default();
        format!("{:>8}  {at:27}  {run:12}  {:19}  {}", self.seq, self.kind, self.text)
    }

    fn into_json(self) -> Json {
        let mut fields = self.parts;
        fields.insert("seq".into(), self.seq.into());
        fields.insert("at".into(), json!(self.at.map(|at| at.to_string())));
        let run = self.run.filter(|run| !run.is_none());
        fields.insert("run".into(), json!(run.map(|run| run.to_string())));
        fields.insert("entry".into(), self.kind.into());
        fields.insert("text".into(), self.text.into());
        Json::Object(fields)
    }
}

/// The parts of an entry that it has.
fn parts(body: &Body) -> Map<String, Json> {
    let mut parts = Map::new();
    let mut put = |name: &str, part: Option<Json>| {
        if let Some(part) = part {
            parts.insert(name.into(), part);
        }
    };
    put("effect", body.effect().map(|effect| effect.to_string().into()));
    put("stage", body.place().map(|place| (*place.stage).into()));
    put("call", body.call().map(|call| call.to_string().into()));
    put("affects", body.act().map(|act| act.affects.iter().map(ToString::to_string).collect()));
    put("ending", body.ending().map(|ending| ending.to_string().into()));
    put("answer", body.answer().map(answer));
    put("message", body.message().map(|message| message.to_string().into()));
    put("key", body.said().map(|by| by.key.to_string().into()));
    put("owner", body.owner().map(|owner| (**owner).into()));
    if let Body::MessageRefused { claim, .. } = body {
        put(
            "claims",
            Some(json!({
                "key": claim.key.map(|key| key.to_string()),
                "run": claim.run.map(|run| run.to_string()),
                "verb": claim.verb.as_deref(),
            })),
        );
    }
    parts
}

fn answer(answer: &Answer) -> Json {
    match answer {
        Ok(value) => json!({ "value": value.to_string() }),
        Err(error) => json!({ "error": error.to_string() }),
    }
}
