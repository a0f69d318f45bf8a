//! `ryec inspect FILE`: what a bundle may touch, in words that whoever signs it or
//! loads it can weigh. All numbers are proved from the code here, never believed.

mod approval;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Write};
use std::ops::Deref;
use std::path::{Path, PathBuf};

use clap::Args;
use rye_bundle::manifest::{Capability, EntryPoint, Manifest};
use rye_bundle::name::EnvironmentId;
use rye_bundle::verify::Proved;
use rye_bytecode::Verified;
use rye_bytecode::instruction::operand::OnFailure;
use rye_bytecode::module::{Module, Playbook, Setting};
use rye_core::action::{ActionSignature, Undo, Verb};
use rye_core::value::{Duration, Name, json::to_json};
use rye_core::visible::visible;
use serde_json::{Value, json};

use crate::change::Changes;
use crate::failure::Failure;
use crate::opened::{self, Opened};
use crate::{Exit, amount, output, proof};
use approval::{Yes, approvals};

/// How it is called.
#[derive(Args, Debug)]
pub(crate) struct Options {
    /// The bundle, signed or not.
    file: PathBuf,
    /// Say only what is otherwise in this other bundle, such as the one that is loaded.
    #[arg(long, value_name = "OTHER")]
    diff: Option<PathBuf>,
    /// One JSON document on standard output, and nothing else.
    #[arg(long)]
    json: bool,
}

/// Says what the bundle may touch.
pub(crate) fn run(options: &Options) -> Exit {
    match inspect(options) {
        Ok(()) => Exit::Done,
        Err(failure) => output::failure(&failure, options.json),
    }
}

fn inspect(options: &Options) -> Result<(), Failure> {
    let opened = open(&options.file)?;
    if let Some(other) = &options.diff {
        compare(&open(other)?, &opened, options.json);
    } else if options.json {
        output::document(&document(&opened));
    } else {
        let mut text = String::new();
        // Writing to a `String` does not fail.
        let _ = describe(&mut text, &opened);
        output::result(&text);
    }
    Ok(())
}

/// A bundle whose code was proved.
struct Inspected {
    opened: Opened,
    code: Verified<Module>,
}

impl Deref for Inspected {
    type Target = Opened;

    fn deref(&self) -> &Opened {
        &self.opened
    }
}

/// The bundle in the file at `path`, which says of its code what is true.
fn open(path: &Path) -> Result<Inspected, Failure> {
    let opened = opened::open(path)?;
    let unusable = |reason| Failure::unusable(path, reason);
    let code = proof::verified(&opened.payload).map_err(unusable)?;
    let proved = proof::facts(&code).map_err(unusable)?;
    if !is_honest(&opened.payload.manifest, &proved) {
        return Err(Failure::input(
            format!("the manifest of {} doesn't say what its code does", path.display()),
            "no daemon will load it; build it again from its sources, and don't sign this one",
        ));
    }
    Ok(Inspected { opened, code })
}

/// What a bundle may do otherwise than another one.
fn compare(before: &Inspected, after: &Inspected, json: bool) {
    let changes = Changes::between(&statements(before), &statements(after));
    let shown = |it: &Opened| {
        let Manifest { name, version, .. } = &it.payload.manifest;
        format!("{name} version {version} ({})", it.digest)
    };
    if json {
        output::document(&json!({
            "before": before.digest.to_string(),
            "after": after.digest.to_string(),
            "changes": changes.to_json(),
        }));
        return;
    }
    let mut lines = vec![format!("from  {}", shown(before)), format!("to    {}", shown(after))];
    lines.extend(changes.to_lines());
    output::lines(&lines);
}

/// All that a bundle may do, for whom and until when, one statement each.
fn statements(opened: &Inspected) -> BTreeSet<String> {
    let manifest = &opened.payload.manifest;
    let mut all = BTreeSet::from([
        format!("lives for {} s, until {}", manifest.lifetime_seconds(), manifest.expires_at),
        format!("one run computes at most {} of fuel", manifest.limits.fuel),
        format!("one run allocates at most {} bytes", manifest.limits.memory_bytes),
        format!("versions below {} may never be loaded again", manifest.rollback_floor),
    ]);
    all.extend(manifest.audience.iter().map(|environment| format!("is meant for {environment}")));
    for capability in &manifest.capabilities {
        let Capability { name, kind, schema, impact } = capability;
        all.insert(format!("may use the {} {name}, which is {impact}", kind.name()));
        all.insert(format!("knows {name} as it is declared by {schema}"));
    }
    for (entry, playbook) in playbooks(opened) {
        let EntryPoint { name, max_mode, impact, .. } = entry;
        all.insert(format!("{name} is {impact} at worst, and may run in {max_mode} mode"));
        all.insert(format!("{name} takes an input of the shape {}", entry.input_schema));
        let waits = Duration(i64::try_from(entry.worst_case.waiting_micros).unwrap_or(i64::MAX));
        all.insert(format!(
            "{name} waits for at most {waits} and asks {} times",
            entry.worst_case.queries
        ));
        for (capability, uses) in manifest.capabilities.iter().zip(&entry.worst_case.uses) {
            if *uses > 0 {
                all.insert(format!("{name} uses {} at most {uses} times", capability.name));
            }
        }
        for (action, yes) in approvals(&opened.code, playbook) {
            all.extend(
                yes.words(&opened.code).map(|words| format!("{name} does {action} {words}")),
            );
        }
        let touches = limits(&opened.module, playbook);
        all.extend(
            touches.map(|(kind, (_, most))| format!("{name} touches at most {most} of {kind}")),
        );
    }
    all
}

/// Whether a manifest says of its code what was proved. The mode is its author's to
/// say, and an impact may be declared worse than it is.
fn is_honest(manifest: &Manifest, proved: &Proved) -> bool {
    let same = |(declared, proved): (&EntryPoint, &EntryPoint)| {
        let EntryPoint { max_mode, impact, .. } = *declared;
        impact >= proved.impact && *declared == EntryPoint { max_mode, impact, ..proved.clone() }
    };
    manifest.capabilities == proved.capabilities
        && manifest.entry_points.len() == proved.entry_points.len()
        && manifest.entry_points.iter().zip(&proved.entry_points).all(same)
}

/// The playbooks with what the manifest says of them, which is proved.
fn playbooks(opened: &Opened) -> impl Iterator<Item = (&EntryPoint, &Playbook)> {
    opened.payload.manifest.entry_points.iter().filter_map(|entry| {
        let called = |playbook: &&Playbook| *playbook.name == *entry.name.as_str();
        Some((entry, opened.module.playbooks.iter().find(called)?))
    })
}

fn describe(text: &mut String, opened: &Inspected) -> fmt::Result {
    let (manifest, module) = (&opened.payload.manifest, &opened.module);
    let Manifest { name, display_version, audience, .. } = manifest;
    let audience: Vec<&str> = audience.iter().map(EnvironmentId::as_str).collect();
    writeln!(text, "{name} {display_version} (version {})", manifest.version)?;
    writeln!(text, "  digest      {}", opened.digest)?;
    writeln!(text, "  meant for   {}", audience.join(", "))?;
    writeln!(text, "  loadable    from {} until {}", manifest.not_before, manifest.expires_at)?;
    let (compiler, version) = (&manifest.compiler_name, &manifest.compiler_version);
    writeln!(text, "  built       {} by {compiler} {version}", manifest.created_at)?;
    writeln!(text, "  sources     {}", manifest.source_digest)?;
    let signatures = opened.archive.signatures();
    if signatures.is_empty() {
        writeln!(text, "  signed by   nobody yet")?;
    }
    for (index, signature) in signatures.iter().enumerate() {
        let label = if index == 0 { "signed by" } else { "" };
        writeln!(text, "  {label:<10}  key {}", signature.key_id)?;
    }
    if !signatures.is_empty() {
        writeln!(text, "              whether these count: `ryec verify`")?;
    }
    for (entry, playbook) in playbooks(opened) {
        writeln!(text)?;
        describe_playbook(text, &opened.code, entry, playbook)?;
    }
    if !module.settings.is_empty() {
        writeln!(text, "\na site may set")?;
    }
    for setting in &module.settings {
        writeln!(text, "  {}", setting_words(module, setting))?;
    }
    if !module.roles.is_empty() {
        writeln!(text, "\nit may ask")?;
    }
    for role in &module.roles {
        writeln!(text, "  {}  {}", role.name, visible(&role.description))?;
    }
    Ok(())
}

fn describe_playbook(
    text: &mut String,
    module: &Verified<Module>,
    entry: &EntryPoint,
    playbook: &Playbook,
) -> fmt::Result {
    let bound = &entry.worst_case;
    let parameters = parameters(module, playbook);
    let shown: Vec<String> = parameters.iter().map(|(name, ty)| format!("{name}: {ty}")).collect();
    writeln!(text, "playbook {}({})", playbook.name, shown.join(", "))?;
    writeln!(text, "  impact      {}, at most in mode {}", entry.impact, entry.max_mode.name())?;
    let (least, most) = deadline(module, playbook);
    let (severity, deadline) = (playbook.severity.word(), amount::shown(least, most));
    writeln!(text, "  severity    {severity}, holds after {deadline}")?;
    match playbook.on_failure {
        OnFailure::Inherit => {}
        OnFailure::Undo => writeln!(text, "  on failure  undoes what it did")?,
        OnFailure::Hold => writeln!(text, "  on failure  keeps what it did and asks a person")?,
    }
    let limits: Vec<String> = limits(module, playbook)
        .map(|(kind, (least, most))| format!("{} × {kind}", amount::shown(least, most)))
        .collect();
    let touches = if limits.is_empty() { String::from("nothing") } else { limits.join(", ") };
    writeln!(text, "  may touch   {touches}")?;
    let waiting = Duration(i64::try_from(bound.waiting_micros).unwrap_or(i64::MAX));
    writeln!(text, "  at worst    waits {waiting}, asks {}", times(bound.queries))?;
    let yes: BTreeMap<&Name, Yes> = approvals(module, playbook).collect();
    let calls = || module.actions.iter().zip(&bound.uses).filter(|(_, count)| **count > 0);
    let width = calls().map(|(action, _)| action.name.len()).max().unwrap_or(0);
    for (action, count) in calls() {
        let (verb, name) = (verb(action.verb), &*action.name);
        writeln!(text, "    {verb:<4}  {name:<width$}  {}{}", times(*count), undo_words(action))?;
        for words in yes.get(&action.name).into_iter().flat_map(|yes| yes.words_of_approved(module))
        {
            writeln!(text, "          {words}")?;
        }
    }
    Ok(())
}

/// The least and the most that the deadline of a verified playbook can be.
fn deadline(module: &Module, playbook: &Playbook) -> (Duration, Duration) {
    module.range(playbook.deadline).unwrap_or((Duration::ZERO, Duration::ZERO))
}

/// As [`deadline`], of each of its limits.
fn limits<'m>(
    module: &'m Module,
    playbook: &'m Playbook,
) -> impl Iterator<Item = (&'m Name, (u64, u64))> {
    let ends = |most| module.range(most).unwrap_or((0, 0));
    playbook.limits.iter().map(move |(kind, most)| (kind, ends(*most)))
}

fn verb(verb: Verb) -> &'static str {
    match verb {
        Verb::Query => "ask",
        Verb::Action => "do",
        Verb::Notice => "tell",
    }
}

fn undo_words(action: &ActionSignature) -> String {
    if action.verb != Verb::Action {
        return String::new();
    }
    let undo = match &action.undo {
        Undo::Action(name) => format!("taken back by {name}"),
        Undo::None(reason) => format!("nothing to take back: {}", visible(reason)),
        Undo::Irreversible => String::from("can't be taken back"),
    };
    format!(", {}; {undo}", action.impact)
}

fn times(count: u64) -> String {
    match count {
        0 => String::from("never"),
        1 => String::from("once"),
        2 => String::from("twice"),
        _ => format!("{count} times"),
    }
}

fn parameters(module: &Module, playbook: &Playbook) -> Vec<(String, String)> {
    let function = module.functions.get(usize::from(playbook.function.0));
    let types = function.map_or(&[][..], |function| &function.registers);
    let parameters = playbook.parameters.iter().zip(types);
    parameters.map(|(name, ty)| (name.to_string(), module.types.display(*ty))).collect()
}

fn setting_words(module: &Module, setting: &Setting) -> String {
    let (name, ty) = (&setting.name, module.types.display(setting.ty));
    let default = setting.default.to_string();
    let range = match &setting.range {
        Some((low, high)) => format!(" in {low} .. {high}"),
        None => String::new(),
    };
    visible(&format!("{name}: {ty} = {default}{range}")).into_owned()
}

/// The same for programs.
fn document(opened: &Inspected) -> Value {
    let (manifest, module) = (&opened.payload.manifest, &opened.module);
    let playbooks: Vec<Value> = playbooks(opened)
        .map(|(entry, playbook)| playbook_document(&opened.code, entry, playbook))
        .collect();
    let settings: Vec<Value> = module
        .settings
        .iter()
        .map(|setting| {
            json!({
                "name": &*setting.name,
                "type": module.types.display(setting.ty),
                "default": to_json(&setting.default),
                "low": setting.range.as_ref().map(|(low, _)| to_json(low)),
                "high": setting.range.as_ref().map(|(_, high)| to_json(high)),
            })
        })
        .collect();
    let roles: Vec<Value> = module
        .roles
        .iter()
        .map(|role| json!({ "name": &*role.name, "description": &*role.description }))
        .collect();
    let signatures = opened.archive.signatures();
    json!({
        "name": manifest.name.as_str(),
        "version": manifest.version,
        "display_version": manifest.display_version.as_str(),
        "rollback_floor": manifest.rollback_floor,
        "digest": opened.digest.to_string(),
        "audience": manifest.audience.iter().map(EnvironmentId::as_str).collect::<Vec<_>>(),
        "created_at": manifest.created_at.to_string(),
        "not_before": manifest.not_before.to_string(),
        "expires_at": manifest.expires_at.to_string(),
        "compiler": format!("{} {}", manifest.compiler_name, manifest.compiler_version),
        "source_digest": manifest.source_digest.to_string(),
        "signed_by": signatures.iter().map(|it| it.key_id.to_string()).collect::<Vec<_>>(),
        "playbooks": playbooks,
        "settings": settings,
        "roles": roles,
    })
}

fn playbook_document(module: &Verified<Module>, entry: &EntryPoint, playbook: &Playbook) -> Value {
    let bound = &entry.worst_case;
    let calls = module.actions.iter().zip(&bound.uses).filter(|(_, count)| **count > 0);
    let yes: BTreeMap<&Name, Yes> = approvals(module, playbook).collect();
    let calls: Vec<Value> = calls
        .map(|(action, count)| {
            let yes = yes.get(&action.name);
            json!({
                "verb": action.verb.word(),
                "name": &*action.name,
                "most": count,
                "impact": action.impact.name(),
                "undo": match &action.undo {
                    Undo::Action(name) => json!(&**name),
                    Undo::None(_) | Undo::Irreversible => Value::Null,
                },
                "irreversible": action.undo == Undo::Irreversible,
                "approvals": yes.map_or_else(|| json!([]), |yes| yes.document(module)),
                "without_approval": yes.is_some_and(Yes::is_without),
            })
        })
        .collect();
    let limits: serde_json::Map<String, Value> = limits(module, playbook)
        .map(|(kind, (least, most))| (kind.to_string(), amount::object(least, most)))
        .collect();
    let (least, most) = deadline(module, playbook);
    let parameters: Vec<Value> = parameters(module, playbook)
        .into_iter()
        .map(|(name, ty)| json!({ "name": name, "type": ty }))
        .collect();
    json!({
        "name": &*playbook.name,
        "parameters": parameters,
        "impact": entry.impact.name(),
        "max_mode": entry.max_mode.name(),
        "severity": playbook.severity.word(),
        "deadline_micros": amount::object(least.0, most.0),
        "on_failure": playbook.on_failure.word(),
        "limits": limits,
        "worst_case": {
            "fuel": bound.fuel,
            "waiting_micros": bound.waiting_micros,
            "queries": bound.queries,
            "calls": calls,
        },
    })
}
