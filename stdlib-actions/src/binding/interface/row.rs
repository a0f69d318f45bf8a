//! The rows of an interface file: types and verbs in the words of JSON.

use rye_core::action::{ActionSignature, Audience, Parameter, Retry, Undo, Verb};
use rye_core::impact::Impact;
use rye_core::ty::{AssetForm, Field, Type, TypeId, TypeTable, Variant};
use rye_core::value::{Duration, Name};
use serde::{Deserialize, Serialize};

/// One type; numbers are the indices of earlier rows.
#[derive(Deserialize, Serialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum TypeRow {
    Plain(String),
    Text { max: u32 },
    Bytes { max: u32 },
    Asset { name: String, form: Form, of: u16 },
    Record { name: String, fields: Vec<(String, u16)> },
    Enum { name: String, variants: Vec<(String, Vec<u16>)>, open: bool },
    List { element: u16, max: u32 },
    Map { key: u16, value: u16, max: u32 },
    Optional { inner: u16 },
}

#[derive(Clone, Copy, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Form {
    Name,
    Text,
    Exact,
    Value,
}

const FORMS: [(Form, AssetForm); 4] = [
    (Form::Name, AssetForm::Name),
    (Form::Text, AssetForm::Text),
    (Form::Exact, AssetForm::Exact),
    (Form::Value, AssetForm::Value),
];

/// The types that `ty` refers to.
pub(super) fn inside(ty: &Type) -> impl Iterator<Item = TypeId> {
    let ids: Vec<TypeId> = match ty {
        Type::Asset { of: inner, .. }
        | Type::List { element: inner, .. }
        | Type::Optional { inner }
        | Type::Builder { element: inner } => vec![*inner],
        Type::Map { key, value, .. } => vec![*key, *value],
        Type::Record { fields, .. } => fields.iter().map(|field| field.ty).collect(),
        Type::Enum { variants, .. } => {
            variants.iter().flat_map(|variant| variant.payload.iter().copied()).collect()
        }
        _ => Vec::new(),
    };
    ids.into_iter()
}

/// The same type with other numbers for those that it refers to.
pub(super) fn renumber(ty: &Type, of: impl Fn(TypeId) -> TypeId) -> Type {
    let mut ty = ty.clone();
    match &mut ty {
        Type::Asset { of: inner, .. }
        | Type::List { element: inner, .. }
        | Type::Optional { inner }
        | Type::Builder { element: inner } => *inner = of(*inner),
        Type::Map { key, value, .. } => (*key, *value) = (of(*key), of(*value)),
        Type::Record { fields, .. } => {
            for field in fields {
                field.ty = of(field.ty);
            }
        }
        Type::Enum { variants, .. } => {
            for id in variants.iter_mut().flat_map(|variant| &mut variant.payload) {
                *id = of(*id);
            }
        }
        _ => {}
    }
    ty
}

impl From<&Type> for TypeRow {
    fn from(ty: &Type) -> Self {
        let text = |name: &Name| name.to_string();
        match ty {
            Type::Text { max } => Self::Text { max: *max },
            Type::Bytes { max } => Self::Bytes { max: *max },
            Type::Asset { name, form, of } => {
                let found = FORMS.iter().find(|(_, known)| known == form);
                let form = found.map_or(Form::Value, |(form, _)| *form);
                Self::Asset { name: text(name), form, of: of.0 }
            }
            Type::Record { name, fields } => {
                let fields = fields.iter().map(|field| (text(&field.name), field.ty.0)).collect();
                Self::Record { name: text(name), fields }
            }
            Type::Enum { name, variants, open } => {
                let payload = |variant: &Variant| variant.payload.iter().map(|id| id.0).collect();
                let variants = variants.iter().map(|it| (text(&it.name), payload(it))).collect();
                Self::Enum { name: text(name), variants, open: *open }
            }
            Type::List { element, max } => Self::List { element: element.0, max: *max },
            Type::Map { key, value, max } => Self::Map { key: key.0, value: value.0, max: *max },
            Type::Optional { inner } => Self::Optional { inner: inner.0 },
            plain => Self::Plain(plain.word().to_owned()),
        }
    }
}

impl TypeRow {
    /// The type; `None` for a word that is none, or none of values.
    pub(super) fn to_type(&self) -> Option<Type> {
        let name = |text: &String| Name::from(text.as_str());
        Some(match self {
            Self::Plain(word) => {
                let plain = Type::PLAIN.into_iter().filter(|plain| *plain != Type::Watch);
                plain.into_iter().find(|plain| plain.word() == word)?
            }
            Self::Text { max } => Type::Text { max: *max },
            Self::Bytes { max } => Type::Bytes { max: *max },
            Self::Asset { name: kind, form, of } => {
                let (_, form) = FORMS.iter().find(|(known, _)| known == form)?;
                Type::Asset { name: name(kind), form: *form, of: TypeId(*of) }
            }
            Self::Record { name: record, fields } => {
                let field =
                    |(field, ty): &(String, u16)| Field { name: name(field), ty: TypeId(*ty) };
                Type::Record { name: name(record), fields: fields.iter().map(field).collect() }
            }
            Self::Enum { name: choice, variants, open } => {
                let variant = |(variant, payload): &(String, Vec<u16>)| Variant {
                    name: name(variant),
                    payload: payload.iter().map(|id| TypeId(*id)).collect(),
                };
                let variants = variants.iter().map(variant).collect();
                Type::Enum { name: name(choice), variants, open: *open }
            }
            Self::List { element, max } => Type::List { element: TypeId(*element), max: *max },
            Self::Map { key, value, max } => {
                Type::Map { key: TypeId(*key), value: TypeId(*value), max: *max }
            }
            Self::Optional { inner } => Type::Optional { inner: TypeId(*inner) },
        })
    }
}

/// One verb.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct VerbRow {
    name: String,
    verb: String,
    pub(super) schema: String,
    parameters: Vec<(String, u16)>,
    result: u16,
    affects: Vec<u8>,
    undo: UndoRow,
    proved: bool,
    idempotent: bool,
    timeout_micros: i64,
    attempts: u8,
    backoff_micros: i64,
    impact: String,
    first: Option<u32>,
    audience: AudienceRow,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
enum UndoRow {
    Action(String),
    None(String),
    Irreversible,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
enum AudienceRow {
    Responders,
    Others,
}

impl VerbRow {
    pub(super) fn new(verb: &ActionSignature, types: &TypeTable) -> Self {
        let (_, name) = verb.name.rsplit_once('.').unwrap_or(("", &verb.name));
        let parameters = verb.parameters.iter();
        Self {
            name: name.to_owned(),
            verb: verb.verb.word().to_owned(),
            schema: verb.schema_digest(types).to_string(),
            parameters: parameters.map(|it| (it.name.to_string(), it.ty.0)).collect(),
            result: verb.result.0,
            affects: verb.affects.clone(),
            undo: match &verb.undo {
                Undo::Action(name) => UndoRow::Action(name.to_string()),
                Undo::None(reason) => UndoRow::None(reason.to_string()),
                Undo::Irreversible => UndoRow::Irreversible,
            },
            proved: verb.proved,
            idempotent: verb.idempotent,
            timeout_micros: verb.timeout.0,
            attempts: verb.retry.attempts,
            backoff_micros: verb.retry.backoff.0,
            impact: verb.impact.name().to_owned(),
            first: verb.first,
            audience: match verb.audience {
                Audience::Responders => AudienceRow::Responders,
                Audience::Others => AudienceRow::Others,
            },
        }
    }

    /// The signature, of a verb of `module`; or what is wrong with it.
    pub(super) fn signature(&self, module: &str) -> Result<ActionSignature, String> {
        let word = &self.verb;
        let verb = [Verb::Query, Verb::Action, Verb::Notice].into_iter();
        let verb = verb.into_iter().find(|verb| verb.word() == word);
        let verb = verb.ok_or_else(|| format!("`{}`: {word:?} is no kind of verb", self.name))?;
        let impact = Impact::from_name(&self.impact);
        let impact = impact.ok_or_else(|| format!("{:?} is no impact", self.impact))?;
        let parameter =
            |(name, ty): &(String, u16)| Parameter { name: Name::from(&**name), ty: TypeId(*ty) };
        Ok(ActionSignature {
            name: Name::from(format!("{module}.{}", self.name)),
            verb,
            parameters: self.parameters.iter().map(parameter).collect(),
            result: TypeId(self.result),
            affects: self.affects.clone(),
            undo: match &self.undo {
                UndoRow::Action(name) => Undo::Action(Name::from(&**name)),
                UndoRow::None(reason) => Undo::None(Name::from(&**reason)),
                UndoRow::Irreversible => Undo::Irreversible,
            },
            proved: self.proved,
            idempotent: self.idempotent,
            timeout: Duration(self.timeout_micros),
            retry: Retry { attempts: self.attempts, backoff: Duration(self.backoff_micros) },
            impact,
            first: self.first,
            audience: match self.audience {
                AudienceRow::Responders => Audience::Responders,
                AudienceRow::Others => Audience::Others,
            },
        })
    }
}
