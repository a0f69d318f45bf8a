//! Declarations of actions, queries and notices to the catalogue that callers use.
//!
//! Here is what the clauses say; whether an action can be taken back is for
//! [`crate::check::reversal`], and the clauses that are expressions are worked into
//! each call by [`crate::lower`].

pub(crate) mod clause;

use rye_core::action::{ActionSignature, Audience, Parameter, Retry, Undo, Verb};
use rye_core::impact::Impact;
use rye_core::ty::Type;
use rye_core::value::{Duration, Name};
use rye_grammar::ast::{self, SignatureClause};
use rye_grammar::diagnostic::{Code, Diagnostic};
use rye_grammar::span::Span;

use crate::context::{Clauses, Context, Decl};
use crate::types::ERROR;
use clause::Table;

/// How long a notice may take where its declaration doesn't say.
const NOTICE_TIMEOUT: Duration = Duration::from_secs(30);
/// How often it is tried then.
const NOTICE_RETRY: Retry = Retry { attempts: 5, backoff: Duration::from_secs(10) };

/// A signature that promises nothing yet.
pub(crate) fn empty(name: &Name, verb: ast::Verb) -> ActionSignature {
    let verb = match verb {
        ast::Verb::Action => Verb::Action,
        ast::Verb::Query => Verb::Query,
        ast::Verb::Notice => Verb::Notice,
    };
    let is_notice = verb == Verb::Notice;
    ActionSignature {
        name: name.clone(),
        verb,
        parameters: Vec::new(),
        result: ERROR,
        affects: Vec::new(),
        undo: Undo::None(Name::from("")),
        proved: false,
        idempotent: false,
        timeout: NOTICE_TIMEOUT,
        retry: if is_notice { NOTICE_RETRY } else { Retry::ONCE },
        impact: Impact::Observe,
        first: None,
        audience: Audience::Responders,
    }
}

impl<'a> Context<'a> {
    /// Works out every signature.
    pub(crate) fn settle_signatures(&mut self) {
        for index in 0..self.actions.len() {
            let Some(decl) = self.actions.get(index) else { continue };
            let (module, item) = (decl.module, decl.item);
            let mut signature = decl.signature.clone();
            let parameters = self.parameters(module, &item.params);
            signature.parameters =
                parameters.into_iter().map(|(name, ty)| Parameter { name, ty }).collect();
            signature.result = match &item.result {
                Some(result) => self.resolve_type(module, result),
                None => self.types.unit,
            };
            let table = self.clause_table(item);
            let clauses = Clauses {
                captures: table.captures.clone(),
                proof: table.proof.map(|clause| clause.node),
                undo: table.undo.and_then(|clause| match clause.node {
                    ast::Undo::Action(call) => Some(call),
                    ast::Undo::None(_) => None,
                }),
                simulated: table.simulated.map(|clause| clause.node),
            };
            signature.proved = clauses.proof.is_some();
            signature.idempotent = table.idempotent.is_some();
            self.call_clauses(item, &table, &mut signature);
            self.targets(item, &table, &mut signature);
            self.audience(item, &table, &mut signature);
            self.first(item, &table, &mut signature);
            signature.undo = self.reversal(module, item, &table);
            signature.impact = self.impact(item, &table, &signature.undo);
            if let Some(decl) = self.actions.get_mut(index) {
                decl.signature = signature;
                decl.clauses = clauses;
            }
        }
    }

    fn call_clauses(
        &mut self,
        item: &'a ast::Signature,
        table: &Table<'a>,
        signature: &mut ActionSignature,
    ) {
        match table.timeout {
            Some(timeout) => {
                if let Some(found) = self.fixed_duration(self.module_of(item), timeout.node) {
                    signature.timeout = found;
                }
            }
            None if item.verb == ast::Verb::Notice => {}
            None => {
                let message =
                    format!("`{}` doesn't say how long an attempt may take", item.name.text);
                let diagnostic = Diagnostic::new(Code::ClauseMissing, item.name.span, message)
                    .help("add `timeout 10s`: what doesn't answer must not stop a playbook");
                self.report(diagnostic);
            }
        }
        let Some(retry) = table.retry else { return };
        if let Some(found) = self.fixed_retry(self.module_of(item), retry.node) {
            signature.retry = found;
        }
        let is_action = item.verb == ast::Verb::Action;
        let safe = table.proof.is_some() || table.idempotent.is_some();
        if is_action && !safe && signature.retry.attempts > 1 {
            let message = "an attempt whose end is unknown could act a second time";
            let diagnostic = Diagnostic::new(Code::UnsafeRetry, retry.span, message)
                .help("add `proof QUERY(…)`, so that the world can be asked what happened")
                .help("or `idempotent`, if the adapter promises to act once per key");
            self.report(diagnostic);
        }
    }

    /// The module of a signature, for names in its clauses.
    fn module_of(&self, item: &ast::Signature) -> usize {
        let same = |module: &crate::resolve::Module<'_>| module.tree.file == item.name.span.file;
        self.modules.iter().position(same).unwrap_or(0)
    }

    fn targets(
        &mut self,
        item: &'a ast::Signature,
        table: &Table<'a>,
        signature: &mut ActionSignature,
    ) {
        for path in table.affects.iter().flat_map(|clause| clause.node) {
            let Some(name) = path.as_name() else {
                self.not_yet(path.span, "a field as the target of an action");
                continue;
            };
            let index = signature.parameters.iter().position(|one| *one.name == *name.text);
            let Some((index, parameter)) =
                index.and_then(|at| Some((at, signature.parameters.get(at)?)))
            else {
                let message = format!("`{}` has no parameter `{}`", item.name.text, name.text);
                let mut diagnostic = Diagnostic::new(Code::BadAffects, name.span, message);
                let names = signature.parameters.iter().map(|one| &*one.name);
                if let Some(near) = rye_grammar::suggest::nearest(&name.text, names) {
                    diagnostic = diagnostic.help(format!("did you mean `{near}`?"));
                }
                self.report(diagnostic);
                continue;
            };
            match self.types.get(parameter.ty) {
                Some(Type::Asset { .. }) => {
                    signature.affects.push(u8::try_from(index).unwrap_or(u8::MAX));
                }
                None => {}
                Some(_) => {
                    let shown = self.show(parameter.ty);
                    let message = format!("`{}` is {shown}, and no asset", name.text);
                    let diagnostic = Diagnostic::new(Code::BadAffects, name.span, message)
                        .help("give the parameter the type of an asset, such as `Address`")
                        .note("limits and protected lists count and guard assets, nothing else");
                    self.report(diagnostic);
                }
            }
        }
        signature.affects.sort_unstable();
        signature.affects.dedup();
    }

    fn audience(
        &mut self,
        item: &'a ast::Signature,
        table: &Table<'a>,
        signature: &mut ActionSignature,
    ) {
        match table.to.map(|clause| clause.node) {
            Some(name) => match name.text.as_str() {
                "responders" => signature.audience = Audience::Responders,
                "others" => signature.audience = Audience::Others,
                _ => self.unknown_word(name, "a notice goes to", &["responders", "others"]),
            },
            None if item.verb == ast::Verb::Notice => {
                let message = format!("`{}` doesn't say whom it informs", item.name.text);
                let diagnostic = Diagnostic::new(Code::ClauseMissing, item.name.span, message)
                    .help("add `to responders` if it is for those who respond to incidents")
                    .help("or `to others`: then it is not sent in monitor mode");
                self.report(diagnostic);
            }
            None => {}
        }
    }

    fn first(
        &mut self,
        item: &'a ast::Signature,
        table: &Table<'a>,
        signature: &mut ActionSignature,
    ) {
        let Some(clause) = table.first else { return };
        let Some(count) = self.fixed_count(self.module_of(item), clause.node) else { return };
        let Some((element, _)) = self.types.list_of(signature.result) else {
            if signature.result != ERROR {
                let message = "only an answer that is a list can be cut";
                self.report(Diagnostic::new(Code::ClauseMisplaced, clause.span, message));
            }
            return;
        };
        match u32::try_from(count) {
            Ok(cut) if cut > 0 && cut <= rye_core::limit::ELEMENTS_MAX => {
                signature.first = Some(cut);
                signature.result = self.types.list(element, count);
            }
            _ => {
                let most = rye_core::limit::ELEMENTS_MAX;
                let message = format!("`first` goes from 1 to {most}");
                self.report(Diagnostic::new(Code::TooLarge, clause.node.span, message));
            }
        }
    }

    /// How much the action may hurt: what its clauses say, or what `impact` raises it to.
    ///
    /// An undo makes it reversible. Without one it is disruptive: what the declaration
    /// says about it (`undo none "the user signs in again"`) is work that somebody has
    /// to do again. An irreversible action is destructive. A declaration may say more,
    /// for an action that hits many at once, and never less.
    fn impact(&mut self, item: &'a ast::Signature, table: &Table<'a>, undo: &Undo) -> Impact {
        if item.verb != ast::Verb::Action {
            return Impact::Observe;
        }
        let derived = match undo {
            Undo::Action(_) => Impact::Reversible,
            Undo::None(_) => Impact::Disruptive,
            Undo::Irreversible => Impact::Destructive,
        };
        let Some(name) = table.impact.map(|clause| clause.node) else { return derived };
        let words = ["reversible", "disruptive", "destructive"];
        match Impact::from_name(&name.text).filter(|impact| *impact != Impact::Observe) {
            None => self.unknown_word(name, "an impact is", &words),
            Some(raised) if raised < derived => {
                let message = format!("the clauses make it {derived}, and this says {raised}");
                let diagnostic = Diagnostic::new(Code::ImpactLowered, name.span, message)
                    .help("leave `impact` out, or raise it")
                    .note(match derived {
                        Impact::Destructive => "an irreversible action is destructive",
                        _ => "an action that nothing takes back is at least disruptive",
                    });
                self.report(diagnostic);
            }
            Some(raised) => return raised,
        }
        derived
    }

    /// The full name of an action that is named there, for signatures.
    pub(crate) fn action_named(
        &mut self,
        module: usize,
        path: &ast::Path,
        what: &str,
    ) -> Option<usize> {
        match self.resolve(module, path, what)? {
            Decl::Action(index) => Some(index),
            Decl::Broken => None,
            other => {
                let message =
                    format!("`{}` is {}, not {}", path.dotted(), other.noun(), article(what));
                self.report(Diagnostic::new(Code::WrongKind, path.span, message));
                None
            }
        }
    }

    /// Reports a word that its clause doesn't know.
    pub(crate) fn unknown_word(&mut self, name: &ast::Name, lead: &str, words: &[&str]) {
        let message = format!("{lead} `{}`, not `{}`", words.join("`, `"), name.text);
        let mut diagnostic = Diagnostic::new(Code::UnknownWord, name.span, message);
        if let Some(near) = rye_grammar::suggest::nearest(&name.text, words.iter().copied()) {
            diagnostic = diagnostic.help(format!("did you mean `{near}`?"));
        } else if words.contains(&"benign") {
            diagnostic = diagnostic
                .help("`contained` and `escalated` keep what was done, `benign` takes it back");
        }
        self.report(diagnostic);
    }

    /// Reports a clause that has no place there.
    pub(crate) fn misplaced(&mut self, span: Span, message: String, help: &str) {
        self.report(Diagnostic::new(Code::ClauseMisplaced, span, message).help(help));
    }
}

/// `an action`, `a query`.
pub(crate) fn article(noun: &str) -> String {
    let an = noun.starts_with(['a', 'e', 'i', 'o']);
    format!("{} {noun}", if an { "an" } else { "a" })
}

/// The keyword of a clause.
pub(crate) fn word(clause: &SignatureClause) -> &'static str {
    match clause {
        SignatureClause::Affects(_) => "affects",
        SignatureClause::Proof(_) => "proof",
        SignatureClause::Capture(_) => "capture",
        SignatureClause::Undo(_) => "undo",
        SignatureClause::Irreversible => "irreversible",
        SignatureClause::Idempotent => "idempotent",
        SignatureClause::Simulated(_) => "simulated",
        SignatureClause::Impact(_) => "impact",
        SignatureClause::First(_) => "first",
        SignatureClause::To(_) => "to",
        SignatureClause::Call(ast::CallClause::Timeout(_)) => "timeout",
        SignatureClause::Call(ast::CallClause::Retry { .. }) => "retry",
    }
}
