//! Definitions, as assembler writes them.

use core::fmt::{self, Write as _};

use rye_core::action::{ActionSignature, Audience, Retry, Undo};
use rye_core::ty::{AssetForm, Type, TypeId};
use rye_core::value::{Duration, Name};

use super::value::Literal;
use super::{Registers, duration, name_type, quote, reference};
use crate::module::{Amount, AskSite, DoSite, LifeSite, Module, Site, UndoSite};

/// What a type is.
pub(super) struct Ty<'a>(pub(super) &'a Module, pub(super) &'a Type);

impl fmt::Display for Ty<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = |ty: TypeId| name_type(self.0, ty);
        match self.1 {
            Type::Text { max } => write!(f, "Text max {max}"),
            Type::Bytes { max } => write!(f, "Bytes max {max}"),
            Type::Asset { name: asset, form, of } => {
                let form = match form {
                    AssetForm::Name => "name",
                    AssetForm::Text => "text",
                    AssetForm::Exact => "exact",
                    AssetForm::Value => "value",
                };
                write!(f, "asset {} {form} {}", quote(asset), name(*of))
            }
            Type::Record { name: record, fields } => {
                let fields = fields
                    .iter()
                    .map(|field| format!("{}: {}", quote(&field.name), name(field.ty)));
                write!(f, "record {} {{{}}}", quote(record), joined(fields))
            }
            Type::Enum { name: declared, variants, open } => {
                let variants = variants.iter().map(|variant| {
                    let payload = joined(variant.payload.iter().map(|ty| name(*ty)));
                    let payload = if payload.is_empty() { payload } else { format!("({payload})") };
                    format!("{}{payload}", quote(&variant.name))
                });
                let open = if *open { " open" } else { "" };
                write!(f, "enum {} {{{}}}{open}", quote(declared), joined(variants))
            }
            Type::List { element, max } => write!(f, "List({}) max {max}", name(*element)),
            Type::Map { key, value, max } => {
                write!(f, "Map({}, {}) max {max}", name(*key), name(*value))
            }
            Type::Optional { inner } => write!(f, "Optional({})", name(*inner)),
            Type::Builder { element } => write!(f, "Builder({})", name(*element)),
            plain => f.write_str(plain.word()),
        }
    }
}

fn joined(all: impl Iterator<Item = String>) -> String {
    all.collect::<Vec<_>>().join(", ")
}

pub(super) fn settings(f: &mut fmt::Formatter<'_>, module: &Module) -> fmt::Result {
    for (index, setting) in module.settings.iter().enumerate() {
        let (name, ty) = (quote(&setting.name), name_type(module, setting.ty));
        write!(f, "setting g{index} {name}: {ty} = {}", Literal(&setting.default))?;
        if let Some((low, high)) = &setting.range {
            write!(f, " in {} .. {}", Literal(low), Literal(high))?;
        }
        writeln!(f)?;
    }
    Ok(())
}

pub(super) fn action(
    f: &mut fmt::Formatter<'_>,
    module: &Module,
    index: usize,
    action: &ActionSignature,
) -> fmt::Result {
    let parameters = action.parameters.iter();
    let parameters = parameters.map(|parameter| {
        format!("{}: {}", quote(&parameter.name), name_type(module, parameter.ty))
    });
    let (verb, name, result) =
        (action.verb.word(), quote(&action.name), name_type(module, action.result));
    write!(f, "action a{index} {verb} {name} ({}) -> {result}", joined(parameters))?;
    if !action.affects.is_empty() {
        write!(f, " affects [{}]", joined(action.affects.iter().map(u8::to_string)))?;
    }
    match &action.undo {
        Undo::Action(name) => write!(f, " undo {}", quote(name))?,
        Undo::None(reason) => write!(f, " undo none {}", quote(reason))?,
        Undo::Irreversible => write!(f, " irreversible")?,
    }
    for (word, holds) in [("proved", action.proved), ("idempotent", action.idempotent)] {
        if holds {
            write!(f, " {word}")?;
        }
    }
    f.write_str(&attempts(action.timeout, action.retry))?;
    write!(f, " impact {}", action.impact.name())?;
    if let Some(first) = action.first {
        write!(f, " first {first}")?;
    }
    let audience = match action.audience {
        Audience::Responders => "responders",
        Audience::Others => "others",
    };
    writeln!(f, " to {audience}")
}

fn attempts(timeout: Duration, retry: Retry) -> String {
    let (timeout, backoff) = (duration(timeout), duration(retry.backoff));
    format!(" timeout {timeout} retry {} backoff {backoff}", retry.attempts)
}

pub(super) fn site(
    f: &mut fmt::Formatter<'_>,
    module: &Module,
    index: usize,
    site: &Site,
) -> fmt::Result {
    write!(f, "site s{index} ")?;
    match site {
        Site::Ask(site) => write!(f, "ask {}", call(module, site)?)?,
        Site::Tell(site) => write!(f, "tell {}", call(module, site)?)?,
        Site::Do(site) => do_site(f, module, site)?,
    }
    writeln!(f)
}

fn do_site(f: &mut fmt::Formatter<'_>, module: &Module, site: &DoSite) -> fmt::Result {
    write!(f, "do {}", call(module, &site.call)?)?;
    match &site.undo {
        UndoSite::Call { action, arguments } => {
            write!(f, " undo ")?;
            reference(f, "a", action.0.into(), module.actions.len())?;
            write!(f, "({})", Registers(arguments))?;
        }
        UndoSite::None => write!(f, " undo none")?,
        UndoSite::Irreversible => write!(f, " irreversible")?,
    }
    for proof in &site.proof {
        write!(f, " proof {} == r{}", call(module, &proof.query)?, proof.expected.0)?;
    }
    write!(f, " simulated r{}", site.simulated.0)?;
    match site.life {
        LifeSite::Open => {}
        LifeSite::For(register) => write!(f, " for r{}", register.0)?,
        LifeSite::UntilReleased => write!(f, " until_released")?,
    }
    match site.verified {
        Some(within) => write!(f, " verified {}", amount(module, within, duration)?),
        None => Ok(()),
    }
}

/// `10s`, or `chosen g0`.
fn amount<T>(
    module: &Module,
    amount: Amount<T>,
    fixed: impl FnOnce(T) -> String,
) -> Result<String, fmt::Error> {
    match amount {
        Amount::Fixed(value) => Ok(fixed(value)),
        Amount::Setting(setting) => {
            let mut text = String::from("chosen ");
            reference(&mut text, "g", setting.0.into(), module.settings.len())?;
            Ok(text)
        }
    }
}

fn call(module: &Module, site: &AskSite) -> Result<String, fmt::Error> {
    let mut text = String::new();
    reference(&mut text, "a", site.action.0.into(), module.actions.len())?;
    write!(text, "({})", Registers(&site.arguments))?;
    write!(text, " timeout {}", amount(module, site.timeout, duration)?)?;
    write!(text, " retry {}", amount(module, site.retry.attempts, |count| count.to_string())?)?;
    write!(text, " backoff {}", amount(module, site.retry.backoff, duration)?)?;
    Ok(text)
}

pub(super) fn playbooks(f: &mut fmt::Formatter<'_>, module: &Module) -> fmt::Result {
    for playbook in &module.playbooks {
        write!(f, "\nplaybook {} ", quote(&playbook.name))?;
        reference(f, "f", playbook.function.0.into(), module.functions.len())?;
        write!(f, " ({})", joined(playbook.parameters.iter().map(|name: &Name| quote(name))))?;
        let (severity, deadline) =
            (playbook.severity.word(), amount(module, playbook.deadline, duration)?);
        write!(f, " severity {severity} deadline {deadline}")?;
        write!(f, " on_failure {}", playbook.on_failure.word())?;
        for (kind, limit) in &playbook.limits {
            let limit = amount(module, *limit, |count| count.to_string())?;
            write!(f, " limit {} {limit}", quote(kind))?;
        }
        writeln!(f)?;
    }
    Ok(())
}

pub(super) fn debug(f: &mut fmt::Formatter<'_>, module: &Module) -> fmt::Result {
    for file in &module.debug.files {
        writeln!(f, "file {}", quote(file))?;
    }
    for lines in &module.debug.lines {
        let lines = lines.iter();
        let lines = lines.map(|line| format!("{}: {} {}", line.instruction, line.file, line.line));
        writeln!(f, "lines {{{}}}", joined(lines))?;
    }
    Ok(())
}
