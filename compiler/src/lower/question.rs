//! Who is asked, and for how long: the clauses that `approve` and `choose` share;
//! and `choose`.

use rye_core::limit::{APPROVERS_MAX, QUESTION_ROLES_MAX};
use rye_core::ty::Type;
use rye_grammar::ast::{self, PeopleClause, Spanned};
use rye_grammar::diagnostic::{Code, Diagnostic};
use rye_grammar::span::Span;

use super::stmt::keyword;
use super::{Lower, Receiver};
use crate::context::Decl;
use crate::hir::{Choose, Escalation, Expr, Question, StmtKind, Wait};
use crate::types::ERROR;

/// The clauses of a question, each with its place.
#[derive(Default)]
struct Clauses<'a> {
    by: Option<(&'a ast::Count, &'a [ast::Name], Span)>,
    within: Option<(&'a ast::Interval, Span)>,
    escalate: Option<(&'a [ast::Name], &'a ast::Interval, Span)>,
    auto: Option<(&'a ast::Expr, Span)>,
}

impl<'a> Lower<'_, 'a> {
    /// The question of an `approve` or `choose`, and its condition `auto if`.
    pub(super) fn asked(
        &mut self,
        text: &'a ast::Text,
        written: &'a [Spanned<PeopleClause>],
        head: Span,
    ) -> (Option<Question>, Option<(Expr, Span)>) {
        let text = self.text(text);
        let clauses = self.people_clauses(written);
        let by = self.by(&clauses, head);
        let within = if let Some((length, _)) = clauses.within {
            self.wait_amount(length)
        } else {
            let message = "nothing says how long an answer is waited for";
            let diagnostic = Diagnostic::new(Code::ClauseMissing, head, message)
                .help("add `within 15m`: then the decision is `expired`");
            self.report(diagnostic);
            None
        };
        let escalation = match clauses.escalate {
            Some((roles, after, span)) => {
                self.escalation(roles, after, span, within.as_ref()).map(Some)
            }
            None => Some(None),
        };
        let auto = clauses.auto.map(|(condition, span)| {
            let bool = self.cx.types.bool;
            (self.expr_of(condition, bool, || String::from("the condition of `auto if`")), span)
        });
        let question = (|| {
            let (count, roles) = by?;
            Some(Question { text, count, roles, within: within?, escalation: escalation? })
        })();
        (question.filter(|question| question.text.ty != ERROR), auto)
    }

    fn people_clauses(&mut self, written: &'a [Spanned<PeopleClause>]) -> Clauses<'a> {
        let mut clauses = Clauses::default();
        for clause in written {
            let span = clause.span;
            let first = match &clause.node {
                PeopleClause::By { count, roles } => {
                    let first = clauses.by.map(|(.., first)| ("by", first));
                    clauses.by = clauses.by.or(Some((count, roles, span)));
                    first
                }
                PeopleClause::Within(length) => {
                    let first = clauses.within.map(|(_, first)| ("within", first));
                    clauses.within = clauses.within.or(Some((length, span)));
                    first
                }
                PeopleClause::Escalate { roles, after } => {
                    let first = clauses.escalate.map(|(.., first)| ("escalate", first));
                    clauses.escalate = clauses.escalate.or(Some((roles, after, span)));
                    first
                }
                PeopleClause::AutoIf(condition) => {
                    let first = clauses.auto.map(|(_, first)| ("auto if", first));
                    clauses.auto = clauses.auto.or(Some((condition, span)));
                    first
                }
            };
            if let Some((word, first)) = first {
                self.cx.clause_twice(word, span, first);
            }
        }
        clauses
    }

    fn by(&mut self, clauses: &Clauses<'a>, head: Span) -> Option<(u8, Vec<u16>)> {
        let Some((count, names, _)) = clauses.by else {
            let message = "nothing says who is asked";
            let diagnostic = Diagnostic::new(Code::ClauseMissing, head, message)
                .help("add `by 1 of [ROLE]`, with a role of the package: `role ROLE \"…\"`");
            self.report(diagnostic);
            return None;
        };
        let roles = self.roles(names);
        let found = self.cx.fixed_count(self.module, count)?;
        let fits = u8::try_from(found).ok().filter(|found| *found <= APPROVERS_MAX);
        if fits.is_none() {
            let message = format!("at most {APPROVERS_MAX} people say yes to one question");
            let diagnostic = Diagnostic::new(Code::BadQuestion, count.span, message)
                .help("any one of them may say no: ask as many as really must agree");
            self.report(diagnostic);
        }
        Some((fits?, roles?))
    }

    /// Declared roles, by their index, ascending.
    fn roles(&mut self, names: &'a [ast::Name]) -> Option<Vec<u16>> {
        let mut found: Vec<(u16, Span)> = Vec::with_capacity(names.len());
        let mut failed = false;
        for name in names {
            let path = ast::Path { names: vec![name.clone()], span: name.span };
            match self.cx.resolve(self.module, &path, "role") {
                Some(Decl::Role(index)) => {
                    let index = u16::try_from(index).unwrap_or(u16::MAX);
                    if let Some((_, first)) = found.iter().find(|(role, _)| *role == index) {
                        let message = format!("`{}` stands here twice", name.text);
                        let diagnostic = Diagnostic::new(Code::BadQuestion, name.span, message)
                            .label(*first, "here first")
                            .help("drop one: everybody counts once, whatever roles he has");
                        self.report(diagnostic);
                        failed = true;
                    }
                    found.push((index, name.span));
                }
                Some(Decl::Broken) | None => failed = true,
                Some(other) => {
                    let message = format!("`{}` is {}, not a role", name.text, other.noun());
                    let diagnostic = Diagnostic::new(Code::WrongKind, name.span, message)
                        .help("declare who can be asked: `role NAME \"what they are\"`");
                    self.report(diagnostic);
                    failed = true;
                }
            }
        }
        if let Some(extra) = names.get(QUESTION_ROLES_MAX) {
            let message = format!("a question names at most {QUESTION_ROLES_MAX} roles");
            self.report(Diagnostic::new(Code::BadQuestion, extra.span, message));
            failed = true;
        }
        found.sort_unstable();
        (!failed && !found.is_empty()).then(|| found.into_iter().map(|(role, _)| role).collect())
    }

    fn escalation(
        &mut self,
        names: &'a [ast::Name],
        after: &'a ast::Interval,
        span: Span,
        within: Option<&Wait>,
    ) -> Option<Escalation> {
        let roles = self.roles(names);
        let after = self.wait_amount(after)?;
        if let Some(within) = within.filter(|within| after.max >= within.min) {
            let message = format!(
                "nobody waits any more when this happens: {} after the question, of {}",
                after.max, within.min
            );
            let diagnostic = Diagnostic::new(Code::BadQuestion, span, message)
                .label(within.value.span, "an answer is waited for so long")
                .help("escalate earlier, or wait longer");
            self.report(diagnostic);
            return None;
        }
        Some(Escalation { roles: roles?, after })
    }

    /// `let v = choose …`
    pub(super) fn choose(
        &mut self,
        written: &'a ast::Choose,
        span: Span,
        receiver: Receiver<'a>,
    ) -> Option<StmtKind> {
        let head = keyword(span, 6);
        let allowed = self.meets_world(span, "choose");
        let of = self.choices(&written.choices);
        // The grammar has no `auto if` here.
        let (question, _) = self.asked(&written.question, &written.clauses, head);
        let question = question.filter(|question| {
            if question.count == 1 {
                return true;
            }
            let message = "one person chooses";
            let diagnostic = Diagnostic::new(Code::BadQuestion, head, message)
                .help("write `by 1 of […]`: several could choose differently");
            self.report(diagnostic);
            false
        });
        let ty = of.unwrap_or(ERROR);
        let fallback =
            self.expr_of(&written.fallback, ty, || String::from("what stands for no answer"));
        let local = self.receive(receiver, ty, span)?;
        if !allowed || ty == ERROR || fallback.ty == ERROR {
            return None;
        }
        let choose = Choose { local, question: question?, of: ty, fallback };
        Some(StmtKind::Choose(Box::new(choose)))
    }

    /// An enum among whose alternatives a person can choose.
    fn choices(&mut self, path: &'a ast::Path) -> Option<rye_core::ty::TypeId> {
        let ty = match self.cx.resolve(self.module, path, "enum")? {
            Decl::Type(index) => self.cx.declared_type(index, Some(path.span)),
            Decl::Broken => return None,
            _ => ERROR,
        };
        let Some(Type::Enum { variants, .. }) = self.cx.types.get(ty) else {
            let message = format!("`{}` is no enum", path.dotted());
            let diagnostic = Diagnostic::new(Code::WrongKind, path.span, message)
                .help("declare what there is to choose: `enum Verdict { attack, exercise }`");
            self.report(diagnostic);
            return None;
        };
        if let Some(full) = variants.iter().find(|variant| !variant.payload.is_empty()) {
            let message = format!("`{}` carries a value, which nobody can choose", full.name);
            let diagnostic = Diagnostic::new(Code::BadQuestion, path.span, message)
                .help("choose among an enum whose alternatives carry nothing");
            self.report(diagnostic);
            return None;
        }
        Some(ty)
    }
}
