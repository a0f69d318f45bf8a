//! Constants: expressions that are known before anything runs.

use rye_core::ty::TypeId;
use rye_core::value::Value;
use rye_grammar::diagnostic::{Code, Diagnostic};
use rye_grammar::span::Span;

use crate::context::{Context, State};
use crate::lower::{Lower, Place, fold};
use crate::types::ERROR;

impl Context<'_> {
    /// Type and value of a constant; `None` when it is wrong. `used` is where it is
    /// needed, for reports of circles.
    pub(crate) fn constant(&mut self, index: usize, used: Option<Span>) -> Option<(TypeId, Value)> {
        let decl = self.consts.get_mut(index)?;
        let (module, item) = (decl.module, decl.item);
        match &decl.state {
            State::Done(found) => return Some(found.clone()),
            State::Failed => return None,
            State::Waiting => decl.state = State::Working,
            State::Working => {
                let message = format!("the constant `{}` needs itself", item.name.text);
                let span = used.unwrap_or(item.name.span);
                let diagnostic = Diagnostic::new(Code::Circle, span, message)
                    .help("write the value of one of the circle out");
                self.report(diagnostic);
                return None;
            }
        }
        let ty = self.resolve_type(module, &item.ty);
        let mut lower = Lower::new(self, module, Place::Constant);
        let value = lower.expr_of(&item.value, ty, || format!("`{}`", item.name.text));
        let found = if ty == ERROR || value.ty == ERROR {
            None
        } else {
            match fold(&self.types, &value) {
                Ok(value) => Some((ty, value)),
                Err(span) => {
                    let message = "a constant is known before anything runs, and this is not";
                    let diagnostic = Diagnostic::new(Code::NotConstant, span, message).help(
                        "write the value out; what may differ from site to site is a `setting`",
                    );
                    self.report(diagnostic);
                    None
                }
            }
        };
        if let Some(decl) = self.consts.get_mut(index) {
            decl.state = found.clone().map_or(State::Failed, State::Done);
        }
        found
    }
}
