//! An interface file: the verbs of one module as the compiler understands them, with
//! all types that they are made of.
//!
//! The daemon has no compiler. `ryec interface` writes this file from a `.rye`
//! interface, and a site's binding names it: it pins which declarations are carried
//! out here, and says what the answers of adapters must look like. The digest of
//! each verb's declaration stands in it for people, and is computed anew when the
//! file is read.

mod row;

use core::fmt;
use std::collections::{BTreeMap, BTreeSet};

use rye_core::action::{ActionSignature, Verb};
use rye_core::digest::Digest;
use rye_core::limit::{BINDING_VERBS_MAX, TYPE_PARTS_MAX, VALUE_DEPTH_MAX};
use rye_core::ty::class::TypeClasses;
use rye_core::ty::{Type, TypeId, TypeTable};
use rye_core::value::Name;
use serde::{Deserialize, Serialize};

use row::{TypeRow, VerbRow};

/// The version of the file's form.
const VERSION: u16 = 1;

/// The first part of the names of the standard modules.
pub const RESERVED: &str = "std";

/// The verbs of one module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interface {
    module: String,
    types: TypeTable,
    verbs: BTreeMap<Name, ActionSignature>,
}

/// Why bytes are no interface.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InterfaceError(String);

impl fmt::Display for InterfaceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl core::error::Error for InterfaceError {}

/// The file's members, in their order.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct File {
    interface: u16,
    module: String,
    types: Vec<TypeRow>,
    verbs: Vec<VerbRow>,
}

impl Interface {
    /// The verbs that `module` declares, out of those in `actions`; of `types` only
    /// what they are made of.
    pub fn new(module: &str, actions: &[ActionSignature], types: &TypeTable) -> Self {
        let own = |name: &str| name.rsplit_once('.').is_some_and(|(found, _)| found == module);
        let mut verbs: BTreeMap<Name, ActionSignature> = actions
            .iter()
            .filter(|action| own(&action.name))
            .map(|action| (action.name.clone(), action.clone()))
            .collect();
        let mut used = BTreeSet::new();
        for id in verbs.values().flat_map(mentioned) {
            collect(types, id, &mut used);
        }
        // A type refers to earlier ones only, and so it does when some are left out.
        let numbers = used.iter().zip(0..);
        let renumbered: BTreeMap<TypeId, TypeId> =
            numbers.map(|(id, number)| (*id, TypeId(number))).collect();
        let of = |id: TypeId| renumbered.get(&id).copied().unwrap_or(id);
        let kept = used.iter().filter_map(|id| types.get(*id));
        let types = kept.map(|ty| row::renumber(ty, of)).collect();
        for verb in verbs.values_mut() {
            verb.result = of(verb.result);
            for parameter in &mut verb.parameters {
                parameter.ty = of(parameter.ty);
            }
        }
        Self { module: module.to_owned(), types: TypeTable::new(types), verbs }
    }

    /// The module that declares the verbs, such as `site.tickets`.
    pub fn module(&self) -> &str {
        &self.module
    }

    /// What the verbs' types refer to.
    pub fn types(&self) -> &TypeTable {
        &self.types
    }

    /// The verb of this full name.
    pub fn verb(&self, name: &str) -> Option<&ActionSignature> {
        self.verbs.get(name)
    }

    /// All verbs by their full names.
    pub fn verbs(&self) -> impl Iterator<Item = &ActionSignature> {
        self.verbs.values()
    }

    /// The verbs that change something.
    pub fn actions(&self) -> impl Iterator<Item = &Name> {
        self.verbs().filter(|verb| verb.verb == Verb::Action).map(|verb| &verb.name)
    }

    /// The kinds of assets that the verbs know.
    pub fn kinds(&self) -> impl Iterator<Item = &Name> {
        self.types.types().iter().filter_map(|ty| match ty {
            Type::Asset { name, .. } => Some(name),
            _ => None,
        })
    }

    /// The digest of each verb's declaration, by the verb's full name.
    pub fn schemas(&self) -> impl Iterator<Item = (Name, Digest)> {
        self.verbs().map(|verb| (verb.name.clone(), verb.schema_digest(&self.types)))
    }

    /// The text of the file: JSON, a line per type and per verb.
    pub fn to_text(&self) -> String {
        let types = self.types.types().iter().map(|ty| json(&TypeRow::from(ty)));
        let verbs = self.verbs().map(|verb| json(&VerbRow::new(verb, &self.types)));
        let lines = |rows: Vec<String>| rows.join(",\n    ");
        format!(
            "{{\n  \"interface\": {VERSION},\n  \"module\": {module},\n  \"types\": [\n    {types}\n  \
             ],\n  \"verbs\": [\n    {verbs}\n  ]\n}}\n",
            module = json(&self.module),
            types = lines(types.collect()),
            verbs = lines(verbs.collect()),
        )
    }

    /// The interface that the bytes of a file describe.
    ///
    /// # Errors
    /// When they don't, or describe one that can't be.
    pub fn parse(bytes: &[u8]) -> Result<Self, InterfaceError> {
        let file: File =
            serde_json::from_slice(bytes).map_err(|error| InterfaceError(error.to_string()))?;
        let wrong = |problem: String| Err(InterfaceError(problem));
        if file.interface != VERSION {
            let found = file.interface;
            return wrong(format!("expected version {VERSION} of interface files, found {found}"));
        }
        if file.verbs.is_empty() || file.verbs.len() > BINDING_VERBS_MAX {
            let found = file.verbs.len();
            return wrong(format!("expected 1 to {BINDING_VERBS_MAX} verbs, found {found}"));
        }
        check_module(&file.module)?;
        let types: Option<Vec<Type>> = file.types.iter().map(TypeRow::to_type).collect();
        let Some(types) = types else { return wrong(String::from("a type is of an unknown kind")) };
        let types = TypeTable::new(types);
        check_types(&types)?;
        let mut verbs = BTreeMap::new();
        for row in &file.verbs {
            let verb = row.signature(&file.module).map_err(InterfaceError)?;
            let in_table = |id: TypeId| types.get(id).is_some();
            if !mentioned(&verb).all(in_table) {
                return wrong(format!("`{}`: a type is not in the file", verb.name));
            }
            let schema = verb.schema_digest(&types);
            if row.schema != schema.to_string() {
                return wrong(format!(
                    "`{}`: what stands here has the digest {schema}, but the file says {}",
                    verb.name, row.schema
                ));
            }
            if let Some(twice) = verbs.insert(verb.name.clone(), verb) {
                return wrong(format!("`{}` stands here twice", twice.name));
            }
        }
        Ok(Self { module: file.module, types, verbs })
    }
}

/// A row on one line. Rows are what JSON can always hold.
fn json(row: &impl Serialize) -> String {
    serde_json::to_string(row).unwrap_or_default()
}

/// The types that a signature names.
fn mentioned(verb: &ActionSignature) -> impl Iterator<Item = TypeId> {
    verb.parameters.iter().map(|parameter| parameter.ty).chain([verb.result])
}

/// Adds `id` and all that it is made of.
fn collect(types: &TypeTable, id: TypeId, used: &mut BTreeSet<TypeId>) {
    if used.insert(id)
        && let Some(ty) = types.get(id)
    {
        for inner in row::inside(ty) {
            collect(types, inner, used);
        }
    }
}

/// Refuses names that are no module's, or a standard one's.
fn check_module(module: &str) -> Result<(), InterfaceError> {
    let is_name = |part: &str| {
        let fits = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
        part.chars().all(fits) && part.starts_with(|letter: char| !letter.is_ascii_digit())
    };
    if !module.split('.').all(is_name) {
        return Err(InterfaceError(format!("{module:?} is no module's name")));
    }
    if module.split('.').next() == Some(RESERVED) {
        let problem = format!("`{module}`: names that begin with `{RESERVED}` are Rye's own");
        return Err(InterfaceError(problem));
    }
    Ok(())
}

/// Refuses types that refer to later ones, or are too large to be walked.
fn check_types(types: &TypeTable) -> Result<(), InterfaceError> {
    for (ty, id) in types.types().iter().zip(0..) {
        if row::inside(ty).any(|inner| inner >= TypeId(id)) {
            return Err(InterfaceError(format!("type {id} refers to a later one")));
        }
    }
    let classes = TypeClasses::new(types);
    let depth_max = u32::try_from(VALUE_DEPTH_MAX).unwrap_or(u32::MAX);
    for (_, id) in types.types().iter().zip(0..) {
        if classes.depth(TypeId(id)) > depth_max || classes.parts(TypeId(id)) > TYPE_PARTS_MAX {
            return Err(InterfaceError(format!("type {id} is made of too many others")));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
