//! Definitions: everything but a function's code.

use std::collections::BTreeMap;

use rye_core::action::{ActionSignature, Audience, Parameter, Retry, Undo, Verb};
use rye_core::impact::Impact;
use rye_core::ty::{AssetForm, Field, Type, Variant};
use rye_core::value::{Duration, Name};

use super::parser::{Parser, Result, Space};
use super::value::value;
use super::{code, question};
use crate::instruction::operand::{self, OnFailure, Register};
use crate::module::{
    Amount, AskSite, Attempts, Constant, DoSite, LifeSite, Line, Module, Playbook, ProofSite, Role,
    Setting, Severity, Site, UndoSite,
};

/// Per attempt, where a definition says nothing.
const TIMEOUT_DEFAULT: Duration = Duration::from_secs(10);

/// Reads one definition into the module.
pub(super) fn item(parser: &mut Parser, module: &mut Module, types: &mut Vec<Type>) -> Result<()> {
    let kind = parser.word("a definition")?;
    match kind.as_str() {
        "type" => {
            parser.word("the type's name here")?;
            types.push(ty(parser)?);
        }
        "constant" => {
            parser.word("the constant's name here")?;
            parser.sign(":")?;
            let ty = parser.ty()?;
            parser.sign("=")?;
            module.constants.push(Constant { ty, value: value(parser)? });
        }
        "setting" => module.settings.push(setting(parser)?),
        "role" => {
            let name = parser.text("the role's name in quotes")?;
            let description = parser.text("what the role is, in quotes")?;
            module.roles.push(Role { name, description });
        }
        "action" => module.actions.push(action(parser)?),
        "site" => module.sites.push(site(parser)?),
        "question" => module.questions.push(question::question(parser)?),
        "function" => module.functions.push(code::function(parser)?),
        "playbook" => module.playbooks.push(playbook(parser)?),
        "file" => module.debug.files.push(parser.text("a path in quotes")?),
        "lines" => {
            parser.sign("{")?;
            module.debug.lines.push(parser.until("}", line)?);
        }
        _ => {
            let help = "a definition begins with `type`, `constant`, `setting`, `role`, `action`, \
                        `site`, `question`, `function`, `playbook`, `file` or `lines`";
            return Err(parser.wrong_before(format!("`{kind}` begins no definition"), help));
        }
    }
    Ok(())
}

fn ty(parser: &mut Parser) -> Result<Type> {
    let kind = parser.word("a type")?;
    if let Some(plain) = Type::PLAIN.iter().find(|plain| plain.word() == kind) {
        return Ok(plain.clone());
    }
    Ok(match kind.as_str() {
        "Text" => Type::Text { max: max(parser)? },
        "Bytes" => Type::Bytes { max: max(parser)? },
        "asset" => Type::Asset {
            name: parser.text("the asset's name in quotes")?,
            form: parser.one_of("`name`, `text`, `exact` or `value`", form)?,
            of: parser.ty()?,
        },
        "record" => {
            let name = parser.text("the record's name in quotes")?;
            parser.sign("{")?;
            let fields = parser.until("}", |parser| {
                let name = parser.text("a field's name in quotes")?;
                parser.sign(":")?;
                Ok(Field { name, ty: parser.ty()? })
            })?;
            Type::Record { name, fields }
        }
        "enum" => {
            let name = parser.text("the enum's name in quotes")?;
            parser.sign("{")?;
            let variants = parser.until("}", |parser| {
                let name = parser.text("an alternative's name in quotes")?;
                let payload =
                    if parser.accept("(") { parser.until(")", Parser::ty)? } else { Vec::new() };
                Ok(Variant { name, payload })
            })?;
            Type::Enum { name, variants, open: parser.accept_word("open") }
        }
        "List" => {
            let [element] = inner(parser)?;
            Type::List { element, max: max(parser)? }
        }
        "Map" => {
            let [key, value] = inner(parser)?;
            Type::Map { key, value, max: max(parser)? }
        }
        "Optional" => {
            let [inner] = inner(parser)?;
            Type::Optional { inner }
        }
        "Builder" => {
            let [element] = inner(parser)?;
            Type::Builder { element }
        }
        _ => {
            let help = "a scalar's name, `Text`, `Bytes`, `asset`, `record`, `enum`, `List`, `Map`, \
                        `Optional` or `Builder`";
            return Err(parser.wrong_before(format!("`{kind}` is no type"), help));
        }
    })
}

fn max(parser: &mut Parser) -> Result<u32> {
    parser.keyword("max")?;
    parser.number("a maximum")
}

fn inner<const N: usize>(parser: &mut Parser) -> Result<[rye_core::ty::TypeId; N]> {
    parser.sign("(")?;
    let types = parser.until(")", Parser::ty)?;
    types
        .try_into()
        .map_err(|_| parser.wrong_before(format!("expected {N} types"), "separate them by `,`"))
}

fn form(word: &str) -> Option<AssetForm> {
    Some(match word {
        "name" => AssetForm::Name,
        "text" => AssetForm::Text,
        "exact" => AssetForm::Exact,
        "value" => AssetForm::Value,
        _ => return None,
    })
}

fn setting(parser: &mut Parser) -> Result<Setting> {
    parser.word("the setting's name here")?;
    let name = parser.text("the setting's name in quotes")?;
    parser.sign(":")?;
    let ty = parser.ty()?;
    parser.sign("=")?;
    let default = value(parser)?;
    let mut range = None;
    if parser.accept_word("in") {
        let low = value(parser)?;
        parser.sign("..")?;
        range = Some((low, value(parser)?));
    }
    Ok(Setting { name, ty, default, range })
}

fn action(parser: &mut Parser) -> Result<ActionSignature> {
    parser.word("the action's name here")?;
    let verb = parser.one_of("`query`, `action` or `notice`", verb)?;
    let name = parser.text("the action's full name in quotes")?;
    parser.sign("(")?;
    let parameters = parser.until(")", |parser| {
        let name = parser.text("a parameter's name in quotes")?;
        parser.sign(":")?;
        Ok(Parameter { name, ty: parser.ty()? })
    })?;
    parser.sign("->")?;
    let mut signature = ActionSignature {
        name,
        verb,
        parameters,
        result: parser.ty()?,
        affects: Vec::new(),
        undo: Undo::None(Name::from("")),
        proved: false,
        idempotent: false,
        timeout: TIMEOUT_DEFAULT,
        retry: Retry::ONCE,
        impact: if verb == Verb::Action { Impact::Reversible } else { Impact::Observe },
        first: None,
        audience: Audience::Responders,
    };
    while clause(parser, &mut signature)? {}
    Ok(signature)
}

fn clause(parser: &mut Parser, signature: &mut ActionSignature) -> Result<bool> {
    if parser.accept_word("affects") {
        parser.sign("[")?;
        signature.affects = parser.until("]", |parser| parser.number("a parameter's index"))?;
    } else if parser.accept_word("undo") {
        signature.undo = if parser.accept_word("none") {
            Undo::None(parser.text("the reason in quotes")?)
        } else {
            Undo::Action(parser.text("an action's full name in quotes, or `none`")?)
        };
    } else if parser.accept_word("irreversible") {
        signature.undo = Undo::Irreversible;
    } else if parser.accept_word("proved") {
        signature.proved = true;
    } else if parser.accept_word("idempotent") {
        signature.idempotent = true;
    } else if parser.accept_word("impact") {
        signature.impact = parser.one_of("an impact", Impact::from_name)?;
    } else if parser.accept_word("first") {
        signature.first = Some(parser.number("a number of elements")?);
    } else if parser.accept_word("to") {
        signature.audience = parser.one_of("`responders` or `others`", |word| match word {
            "responders" => Some(Audience::Responders),
            "others" => Some(Audience::Others),
            _ => None,
        })?;
    } else {
        return attempts(parser, &mut signature.timeout, &mut signature.retry);
    }
    Ok(true)
}

/// `timeout 5s` and `retry 4 backoff 1s` of a declaration.
fn attempts(parser: &mut Parser, timeout: &mut Duration, retry: &mut Retry) -> Result<bool> {
    if parser.accept_word("timeout") {
        *timeout = parser.duration()?;
    } else if parser.accept_word("retry") {
        let attempts = parser.number("a number of attempts")?;
        parser.keyword("backoff")?;
        *retry = Retry { attempts, backoff: parser.duration()? };
    } else {
        return Ok(false);
    }
    Ok(true)
}

fn verb(word: &str) -> Option<Verb> {
    [Verb::Query, Verb::Action, Verb::Notice].into_iter().find(|verb| verb.word() == word)
}

fn site(parser: &mut Parser) -> Result<Site> {
    parser.word("the site's name here")?;
    let kind = parser.word("`ask`, `do` or `tell`")?;
    match kind.as_str() {
        "ask" => call(parser).map(Site::Ask),
        "tell" => call(parser).map(Site::Tell),
        "do" => do_site(parser).map(|site| Site::Do(Box::new(site))),
        _ => {
            let help = "a site is an `ask`, a `do` or a `tell`";
            Err(parser.wrong_before(format!("`{kind}` is no kind of site"), help))
        }
    }
}

/// `ACTION(registers)`.
fn target(parser: &mut Parser) -> Result<(operand::Action, Box<[Register]>)> {
    let action = operand::Action(parser.reference(Space::Action, "an action")?);
    parser.sign("(")?;
    let arguments = parser.until(")", |parser| parser.register(&BTreeMap::new()))?;
    Ok((action, arguments.into()))
}

fn call(parser: &mut Parser) -> Result<AskSite> {
    let (action, arguments) = target(parser)?;
    let timeout = Amount::Fixed(TIMEOUT_DEFAULT);
    let mut site = AskSite { action, arguments, timeout, retry: Retry::ONCE.into() };
    loop {
        if parser.accept_word("timeout") {
            site.timeout = amount(parser, Parser::duration)?;
        } else if parser.accept_word("retry") {
            let attempts = amount(parser, |parser| parser.number("a number of attempts"))?;
            parser.keyword("backoff")?;
            site.retry = Attempts { attempts, backoff: amount(parser, Parser::duration)? };
        } else {
            return Ok(site);
        }
    }
}

/// What is written out, or `chosen NAME` of a setting.
fn amount<T>(
    parser: &mut Parser,
    fixed: impl FnOnce(&mut Parser) -> Result<T>,
) -> Result<Amount<T>> {
    if parser.accept_word("chosen") {
        let setting = parser.reference(Space::Setting, "a setting")?;
        return Ok(Amount::Setting(operand::Setting(setting)));
    }
    fixed(parser).map(Amount::Fixed)
}

fn do_site(parser: &mut Parser) -> Result<DoSite> {
    let call = call(parser)?;
    let undo = if parser.accept_word("irreversible") {
        UndoSite::Irreversible
    } else {
        parser.keyword("undo")?;
        if parser.accept_word("none") {
            UndoSite::None
        } else {
            let (action, arguments) = target(parser)?;
            UndoSite::Call { action, arguments }
        }
    };
    let mut proof = Vec::new();
    while parser.accept_word("proof") {
        let query = self::call(parser)?;
        parser.sign("==")?;
        proof.push(ProofSite { query, expected: parser.register(&BTreeMap::new())? });
    }
    parser.keyword("simulated")?;
    let simulated = parser.register(&BTreeMap::new())?;
    let life = if parser.accept_word("for") {
        LifeSite::For(parser.register(&BTreeMap::new())?)
    } else if parser.accept_word("until_released") {
        LifeSite::UntilReleased
    } else {
        LifeSite::Open
    };
    let verified =
        if parser.accept_word("verified") { Some(amount(parser, Parser::duration)?) } else { None };
    Ok(DoSite { call, undo, proof, simulated, life, verified })
}

fn playbook(parser: &mut Parser) -> Result<Playbook> {
    let name = parser.text("the playbook's name in quotes")?;
    let function = operand::Function(parser.reference(Space::Function, "a function")?);
    parser.sign("(")?;
    let parameters = parser.until(")", |parser| parser.text("a parameter's name in quotes"))?;
    parser.keyword("severity")?;
    let severity = parser.one_of("a severity", Severity::from_word)?;
    parser.keyword("deadline")?;
    let deadline = amount(parser, Parser::duration)?;
    parser.keyword("on_failure")?;
    let on_failure = parser.one_of("`undo`, `hold` or `inherit`", OnFailure::from_word)?;
    let mut limits = Vec::new();
    while parser.accept_word("limit") {
        let kind = parser.text("an asset's kind in quotes")?;
        limits.push((kind, amount(parser, |parser| parser.number("how many"))?));
    }
    Ok(Playbook { name, function, parameters, severity, deadline, on_failure, limits })
}

fn line(parser: &mut Parser) -> Result<Line> {
    let instruction = parser.number("an instruction's index")?;
    parser.sign(":")?;
    let file = parser.number("a file's index")?;
    Ok(Line { instruction, file, line: parser.number("a line")? })
}
