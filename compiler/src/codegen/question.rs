//! Questions to people: all that a yes allows is computed, then they are asked,
//! then what they allowed runs.

use rye_bytecode::instruction::Instruction as I;
use rye_bytecode::instruction::operand::{self, Register};
use rye_bytecode::module::question::{Escalation, Listed, Question, Subject};
use rye_grammar::span::Span;

use super::body::Body;
use crate::hir::{self, Approve, ApproveEach, Choose};

impl Body<'_, '_> {
    /// `approve`, `approve each`
    pub(super) fn approve(&mut self, approve: &Approve, span: Span) {
        self.scope(|body| {
            for (local, value) in &approve.before {
                body.assign(*local, value);
            }
            let approval = body.approval();
            let question = body.scope(|body| {
                let auto = approve.auto.as_ref().map(|auto| body.value(auto));
                let listed = approve.listed.iter().map(|one| body.listed(one)).collect();
                let subject = match &approve.each {
                    None => Subject::Effects { auto, listed },
                    Some(each) => {
                        let items = body.local(each.list);
                        Subject::Each { items, max: each.max, auto, listed }
                    }
                };
                let question = body.question(&approve.question, subject);
                let question = body.tables.question(question);
                body.emit(I::Approve { to: approval, question }, span);
                question
            });
            let outer = core::mem::take(&mut body.approved);
            match &approve.each {
                None => {
                    let index = body.int(0, span);
                    body.approved_box(approve, (approval, index, question), span);
                }
                Some(each) => body.boxes(approve, each, (approval, question), span),
            }
            let sites = core::mem::replace(&mut body.approved, outer);
            body.tables.list_sites(question, &sites);
        });
    }

    fn boxes(
        &mut self,
        approve: &Approve,
        each: &ApproveEach,
        (approval, question): (Register, operand::Question),
        span: Span,
    ) {
        let list = self.local(each.list);
        let ty = self.local_type(each.list);
        let (_, longest) = self.tables.list(ty);
        self.list_loop(list, each.max.min(longest).into(), span, |body, index, _| {
            body.bind(each.index, index);
            let to = body.take_local(each.item);
            body.emit(I::AtList { to, a: list, index }, span);
            body.approved_box(approve, (approval, index, question), span);
        });
    }

    /// One box: what runs after a yes, and what without.
    fn approved_box(
        &mut self,
        approve: &Approve,
        (approval, index, question): (Register, Register, operand::Question),
        span: Span,
    ) {
        let (refused, end) = (self.code.target(), self.code.target());
        self.scope(|body| {
            let decision = body.take_local(approve.decision);
            let open = I::OpenApproved { decision, approval, index, question, label: refused };
            body.emit(open, span);
            body.frames = body.frames.saturating_add(1);
            body.region(|body| body.statements(&approve.body));
            body.frames = body.frames.saturating_sub(1);
            if !approve.body.diverges {
                body.emit(I::CloseFrame {}, span);
                body.emit(I::Jump { label: end }, span);
            }
            body.code.place(refused);
            body.region(|body| body.statements(&approve.otherwise));
        });
        self.code.place(end);
    }

    /// `choose`
    pub(super) fn choose_value(&mut self, choose: &Choose, span: Span) {
        let to = self.take_local(choose.local);
        let (nobody, end) = (self.code.target(), self.code.target());
        self.scope(|body| {
            let of = body.tables.ty(choose.of);
            let question = body.question(&choose.question, Subject::Choice(of));
            let question = body.tables.question(question);
            body.emit(I::Choose { to, question, label: nobody }, span);
        });
        self.emit(I::Jump { label: end }, span);
        self.code.place(nobody);
        self.region(|body| body.value_into(&choose.fallback, to));
        self.code.place(end);
    }

    fn question(&mut self, asked: &hir::Question, subject: Subject) -> Question {
        let text = self.value(&asked.text);
        let within = self.value(&asked.within.value);
        let escalation = asked.escalation.as_ref().map(|escalation| Escalation {
            roles: escalation.roles.clone().into(),
            after: self.value(&escalation.after.value),
        });
        Question {
            text,
            count: asked.count,
            roles: asked.roles.clone().into(),
            within,
            within_max: asked.within.max,
            escalation,
            subject,
        }
    }

    /// What is listed; its site is known when it was generated.
    fn listed(&mut self, listed: &hir::Listed) -> Listed {
        let arguments = listed.arguments.iter().map(|local| self.local(*local)).collect();
        let undo = listed.undo.iter().map(|local| local.map(|local| self.local(local))).collect();
        let life = listed.life.map(|local| self.local(local));
        Listed { site: operand::ActionSite(u16::MAX), arguments, undo, life }
    }
}
