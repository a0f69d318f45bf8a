//! Declarations to their typed form: types, constants, settings, functions' heads.

mod constant;
mod setting;
mod ty;

use rye_core::ty::TypeId;
use rye_core::value::Name;
use rye_grammar::ast;
use rye_grammar::diagnostic::{Code, Diagnostic};

use crate::context::Context;

impl<'a> Context<'a> {
    /// Works out every declaration but the bodies of functions and playbooks, so that
    /// what is wrong with it is reported even where nobody uses it.
    pub(crate) fn settle(&mut self) {
        for index in 0..self.type_decls.len() {
            self.declared_type(index, None);
        }
        for index in 0..self.settings.len() {
            self.settle_setting(index);
        }
        for index in 0..self.consts.len() {
            self.constant(index, None);
        }
        for index in 0..self.functions.len() {
            let Some((module, item)) = self.functions.get(index).map(|one| (one.module, one.item))
            else {
                continue;
            };
            let parameters = self.parameters(module, item.params());
            let unit = self.types.unit;
            let result = item.result().map_or(unit, |result| self.resolve_type(module, result));
            if let Some(decl) = self.functions.get_mut(index) {
                decl.parameters = parameters;
                decl.result = result;
            }
        }
    }

    /// The names and types of parameters; the second of two equal names is reported.
    pub(crate) fn parameters(
        &mut self,
        module: usize,
        params: &'a [ast::Param],
    ) -> Vec<(Name, TypeId)> {
        let mut found: Vec<(Name, TypeId)> = Vec::with_capacity(params.len());
        for (index, param) in params.iter().enumerate() {
            let ty = self.resolve_type(module, &param.ty);
            let first = params.iter().take(index).find(|one| one.name.text == param.name.text);
            if let Some(first) = first {
                self.twice("parameter", &param.name, first.name.span);
            }
            found.push((Name::from(param.name.text.as_str()), ty));
        }
        found
    }

    /// Reports the second of two things with one name.
    pub(crate) fn twice(&mut self, what: &str, name: &ast::Name, first: rye_grammar::span::Span) {
        let message = format!("the {what} `{}` stands here twice", name.text);
        let diagnostic = Diagnostic::new(Code::DeclaredTwice, name.span, message)
            .label(first, "here first")
            .help("give one of them another name, or drop one");
        self.report(diagnostic);
    }
}
