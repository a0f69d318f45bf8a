//! The words of a flowchart, taken from the source where they stand there.

use rye_compiler::hir::{
    ActionId, Approve, Choose, Condition, Do, Each, EachOver, Expr, ExprKind, Function, FunctionId,
    Life, Package, Pattern, Question, Undo,
};
use rye_core::ty::{Type, TypeId};
use rye_core::value::Value;
use rye_grammar::span::{SourceMap, Span};

use crate::amount;

/// The longest text that is copied from the source, in characters.
const TEXT_MAX: usize = 80;

/// Where words come from.
pub(super) struct Labels<'p> {
    pub(super) package: &'p Package,
    pub(super) sources: &'p SourceMap,
}

impl<'p> Labels<'p> {
    pub(super) fn function(&self, id: FunctionId) -> Option<&'p Function> {
        usize::try_from(id.0).ok().and_then(|at| self.package.functions.get(at))
    }

    pub(super) fn action(&self, id: ActionId) -> &'p str {
        let at = usize::try_from(id.0).ok();
        at.and_then(|at| self.package.actions.get(at)).map_or("", |action| &*action.name)
    }

    /// The text of a part of the source, on one line, and not too long.
    pub(super) fn text(&self, span: Span) -> String {
        short(self.sources.text(span))
    }

    /// What a text says, without its quotes.
    fn words(&self, span: Span) -> String {
        let text = self.sources.text(span);
        let inner = text.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
        short(inner.unwrap_or(text))
    }

    /// The text of a statement up to its block.
    pub(super) fn head(&self, span: Span) -> String {
        let text = self.sources.text(span);
        let head = text.split('{').next().unwrap_or(text).trim_end();
        short(head.strip_suffix("otherwise").unwrap_or(head))
    }

    pub(super) fn condition(&self, condition: &Condition) -> String {
        match condition {
            Condition::Holds(value) => format!("{}?", self.text(value.span)),
            Condition::Some { value, .. } => format!("is there {}?", self.text(value.span)),
        }
    }

    /// A word and the text behind it, if there is one.
    pub(super) fn said(&self, word: &str, text: &Expr) -> String {
        match &text.kind {
            ExprKind::Constant(Value::Text(text)) if text.is_empty() => word.to_owned(),
            _ => format!("{word}\n{}", self.words(text.span)),
        }
    }

    pub(super) fn patterns(&self, ty: TypeId, patterns: &[Pattern]) -> String {
        let one = |pattern: &Pattern| match pattern {
            Pattern::Constant(value) => value.to_string(),
            Pattern::Variant { variant, .. } => match self.package.types.get(ty) {
                Some(Type::Enum { variants, .. }) => variants
                    .get(usize::from(*variant))
                    .map_or_else(String::new, |variant| variant.name.to_string()),
                _ => String::new(),
            },
        };
        patterns.iter().map(one).collect::<Vec<_>>().join(" or ")
    }

    pub(super) fn each(&self, each: &Each) -> String {
        let over = match &each.over {
            EachOver::List(list) => self.text(list.span),
            EachOver::Range { low, high } => {
                format!("{} .. {}", self.text(low.span), self.text(high.span))
            }
        };
        format!("each of {over}\nat most {}", amount::shown(each.max.least(), each.max.most()))
    }

    /// An act, how long it stands, and what undoes it.
    pub(super) fn act(&self, done: &Do) -> String {
        let mut text = format!("do {}", self.action(done.action));
        match &done.life {
            Life::Open => {}
            Life::For(span) => text = format!("{text}\nfor {}", self.text(span.span)),
            Life::UntilReleased => text.push_str("\nuntil released"),
        }
        match &done.undo {
            Undo::Call { action, .. } => format!("{text}\nundo {}", self.action(*action)),
            Undo::None => text,
            Undo::Irreversible => format!("{text}\nIRREVERSIBLE"),
        }
    }

    pub(super) fn approve(&self, approve: &Approve) -> String {
        let boxes = match &approve.each {
            Some(each) => format!("\na box each, at most {}", each.max),
            None => String::new(),
        };
        let auto = match &approve.auto {
            Some(condition) => format!("\nby itself if {}", self.text(condition.span)),
            None => String::new(),
        };
        format!("approve{}{boxes}{auto}", self.question(&approve.question))
    }

    pub(super) fn choose(&self, choose: &Choose) -> String {
        let values = self.package.types.display(choose.of);
        format!("choose {values}{}", self.question(&choose.question))
    }

    /// What people are asked, who may answer, and for how long.
    fn question(&self, question: &Question) -> String {
        let within = self.text(question.within.value.span);
        let (count, roles) = (question.count, self.roles(&question.roles));
        let mut text = format!("\n{}", self.words(question.text.span));
        text = format!("{text}\n{count} of {roles} within {within}");
        if let Some(more) = &question.escalation {
            let after = self.text(more.after.value.span);
            text = format!("{text}\n{} as well after {after}", self.roles(&more.roles));
        }
        text
    }

    fn roles(&self, roles: &[u16]) -> String {
        let name =
            |role: &u16| self.package.roles.get(usize::from(*role)).map_or("", |role| &*role.name);
        roles.iter().map(name).collect::<Vec<_>>().join(", ")
    }
}

/// A text on one line, and not too long.
fn short(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= TEXT_MAX {
        return line;
    }
    line.chars().take(TEXT_MAX).chain(['…']).collect()
}
