//! Sets the marks on a walk through the tree.

use crate::ast::File;
use crate::ast::visit::{
    Visitor, walk_call, walk_expr, walk_form, walk_item, walk_stmt, walk_test_stmt, walk_type,
};
use crate::ast::{
    Approve, Args, ArmHead, AssetForm, BinaryOp, Block, Call, Choose, Comprehension, Do, DoClause,
    Expectation, Expr, ExprKind, Form, Given, GivenAnswer, Item, ItemKind, Match, PatternKind,
    PeopleClause, Rule, Signature, SignatureClause, Spanned, Stmt, StmtKind, Target, TestStmt,
    TestStmtKind, Type, TypeKind, Variant, VariantKind,
};
use crate::token::{Kind, Token};

use super::{Braces, Break, COMPARISON, Mark, Role};

/// A mark for each token.
pub(super) fn mark(tree: &File, tokens: &[Token]) -> Vec<Mark> {
    let mut marker = Marker { tokens, marks: vec![Mark::default(); tokens.len()] };
    for item in &tree.items {
        marker.item(item);
    }
    marker.marks
}

struct Marker<'t> {
    tokens: &'t [Token],
    marks: Vec<Mark>,
}

impl Marker<'_> {
    /// The first token that begins at an offset or behind it.
    fn from(&self, offset: u32) -> usize {
        self.tokens.partition_point(|token| token.start < offset)
    }

    fn kind(&self, at: usize) -> Option<Kind> {
        self.tokens.get(at).map(|token| token.kind)
    }

    /// The first token of a kind from an offset on.
    fn next(&self, offset: u32, kind: Kind) -> usize {
        (self.from(offset)..self.tokens.len())
            .find(|at| self.kind(*at) == Some(kind))
            .unwrap_or(self.tokens.len())
    }

    /// The last token of a kind before an offset.
    fn previous(&self, offset: u32, kind: Kind) -> usize {
        (0..self.from(offset)).rfind(|at| self.kind(*at) == Some(kind)).unwrap_or(self.tokens.len())
    }

    /// The word before what begins at an offset.
    fn word_before(&self, offset: u32) -> usize {
        self.from(offset).saturating_sub(1)
    }

    fn role(&mut self, at: usize, role: Role) {
        if let Some(mark) = self.marks.get_mut(at) {
            mark.role = role;
        }
    }

    fn child(&mut self, offset: u32) {
        self.role(self.from(offset), Role::Child);
    }

    fn breaks(&mut self, at: usize, breaks: Break) {
        if let Some(mark) = self.marks.get_mut(at) {
            mark.breaks = Some(breaks);
        }
    }

    /// The parentheses of a call or declaration, the next ones behind its name.
    fn list(&mut self, name_end: u32) {
        self.role(self.next(name_end, Kind::OpenParen), Role::Arguments);
    }

    fn braces(&mut self, offset: u32, braces: Braces) {
        let at = self.next(offset, Kind::OpenBrace);
        if let Some(mark) = self.marks.get_mut(at) {
            // Whoever is further out knows better how long it is.
            mark.braces = mark.braces.or(Some(braces));
        }
    }

    fn long(&mut self, block: &Block) {
        self.braces(block.span.start, Braces::Long);
    }

    fn clauses<T>(&mut self, clauses: &[Spanned<T>]) {
        for clause in clauses {
            self.breaks(self.from(clause.span.start), Break::Late);
        }
    }

    fn people(&mut self, clauses: &[Spanned<PeopleClause>]) {
        for clause in clauses {
            let breaks = match clause.node {
                PeopleClause::By { .. } => Break::Clause,
                PeopleClause::Within(_) => Break::Late,
                PeopleClause::Escalate { .. } | PeopleClause::AutoIf(_) => Break::Always,
            };
            self.breaks(self.from(clause.span.start), breaks);
        }
    }

    fn signature(&mut self, signature: &Signature) {
        self.list(signature.name.span.end);
        for (index, clause) in signature.clauses.iter().enumerate() {
            let beside = index == 0 && matches!(clause.node, SignatureClause::To(_));
            if !beside {
                self.breaks(self.from(clause.span.start), Break::Always);
            }
        }
    }

    fn rule(&mut self, rule: &Rule) {
        for clause in &rule.clauses {
            self.breaks(self.from(clause.span.start), Break::Always);
        }
        self.breaks(self.word_before(rule.start.span.start), Break::Always);
    }

    fn variant(&mut self, variant: &Variant) {
        self.child(variant.span.start);
        if let VariantKind::Named { name, payload } = &variant.kind
            && !payload.is_empty()
        {
            self.list(name.span.end);
        }
    }

    fn approve(&mut self, approve: &Approve) {
        if approve.each.is_some() {
            self.breaks(self.from(approve.question.span.start), Break::Clause);
        }
        self.people(&approve.clauses);
        self.long(&approve.body);
        if let Some(otherwise) = &approve.otherwise {
            self.long(&otherwise.body);
        }
    }

    fn choose(&mut self, choose: &Choose) {
        self.people(&choose.clauses);
        self.breaks(self.previous(choose.fallback.span.start, Kind::Else), Break::Clause);
    }

    fn matched(&mut self, matched: &Match) {
        self.braces(matched.value.span.end, Braces::Long);
        for arm in &matched.arms {
            self.child(arm.span.start);
            let ArmHead::Patterns(patterns) = &arm.head else { continue };
            for pattern in patterns {
                if let PatternKind::Variant { path, bindings: Some(_) } = &pattern.kind {
                    self.list(path.span.end);
                }
            }
        }
    }

    fn target(&mut self, target: &Target) {
        if target.args.is_some() {
            self.list(target.path.span.end);
        }
    }

    fn given(&mut self, given: &Given) {
        self.target(&given.target);
        let answer = self.from(given.target.span.end);
        self.breaks(answer, Break::Late);
        if let GivenAnswer::Returns(values) = &given.answer {
            for value in values.iter().skip(1) {
                self.breaks(self.previous(value.span.start, Kind::Then), Break::Late);
            }
        }
        if let Some(after) = &given.after {
            self.breaks(self.word_before(after.span.start), Break::Late);
        }
    }

    fn comprehension(&mut self, made: &Comprehension) {
        self.breaks(self.from(made.over.span.start), Break::Over);
        if let Some(condition) = &made.over.condition {
            self.breaks(self.previous(condition.span.start, Kind::If), Break::Over);
        }
    }
}

impl Visitor for Marker<'_> {
    fn item(&mut self, item: &Item) {
        let start = item.span.start;
        let mut role = Role::Child;
        match &item.kind {
            ItemKind::Use(_) | ItemKind::Role(_) | ItemKind::Const(_) | ItemKind::Setting(_) => {
                role = Role::ShortItem;
            }
            ItemKind::Asset(asset) => match &asset.form {
                AssetForm::Scalar { .. } => role = Role::ShortItem,
                AssetForm::Record(fields) => {
                    self.braces(asset.name.span.end, Braces::Fields);
                    for field in fields {
                        self.child(field.span.start);
                    }
                }
            },
            ItemKind::Record(record) => {
                self.braces(record.name.span.end, Braces::Fields);
                for field in &record.fields {
                    self.child(field.span.start);
                }
            }
            ItemKind::Enum(declared) => {
                self.braces(declared.name.span.end, Braces::Variants);
                for variant in &declared.variants {
                    self.variant(variant);
                }
            }
            ItemKind::Signature(signature) => self.signature(signature),
            ItemKind::Function(function) => {
                self.list(function.name.span.end);
            }
            ItemKind::Task(task) => {
                self.list(task.name.span.end);
                self.long(&task.body);
            }
            ItemKind::Playbook(playbook) => {
                self.list(playbook.name.span.end);
                self.long(&playbook.body);
            }
            ItemKind::Rule(declared) => self.rule(declared),
            ItemKind::Test(test) => self.braces(test.name.span.end, Braces::Long),
            ItemKind::Error(_) => {}
        }
        self.role(self.from(start), role);
        walk_item(self, item);
    }

    fn stmt(&mut self, stmt: &Stmt) {
        self.child(stmt.span.start);
        match &*stmt.kind {
            StmtKind::Stage(stage) => self.long(&stage.body),
            StmtKind::Parallel(body) => self.long(body),
            StmtKind::WaitUntil(wait) => {
                let spans = [Some(&wait.every), wait.steady.as_ref(), Some(&wait.within)];
                for amount in spans.into_iter().flatten() {
                    self.breaks(self.word_before(amount.span.start), Break::Late);
                }
            }
            StmtKind::Ensure(ensure) => {
                for amount in ensure.every.iter().chain([&ensure.within]) {
                    self.breaks(self.word_before(amount.span.start), Break::Late);
                }
            }
            _ => {}
        }
        walk_stmt(self, stmt);
    }

    fn test_stmt(&mut self, stmt: &TestStmt) {
        self.child(stmt.span.start);
        match &stmt.kind {
            TestStmtKind::Given(given) => self.given(given),
            TestStmtKind::Expect(Expectation::Seen { target, before, .. }) => {
                self.target(target);
                if let Some(before) = before {
                    self.target(before);
                    self.breaks(self.word_before(before.span.start), Break::Late);
                }
            }
            _ => {}
        }
        walk_test_stmt(self, stmt);
    }

    fn form(&mut self, form: &Form) {
        match form {
            Form::Each(each) => {
                for amount in each.max.iter().chain(&each.parallel) {
                    self.breaks(self.word_before(amount.span.start), Break::Late);
                }
                self.long(&each.body);
            }
            Form::Match(matched) => self.matched(matched),
            Form::Approve(approve) => self.approve(approve),
            Form::Do(Do { clauses, .. }) => {
                self.clauses(clauses);
                for clause in clauses.iter().filter(|one| matches!(one.node, DoClause::Undo(_))) {
                    self.breaks(self.from(clause.span.start), Break::Clause);
                }
            }
            Form::Ask(ask) => {
                self.clauses(&ask.clauses);
                if let Some(fallback) = &ask.fallback {
                    self.breaks(self.previous(fallback.span.start, Kind::Else), Break::Late);
                }
            }
            Form::Choose(choose) => self.choose(choose),
            Form::If(_) | Form::Attempt(_) => {}
        }
        walk_form(self, form);
    }

    fn call(&mut self, call: &Call) {
        self.list(call.path.span.end);
        walk_call(self, call);
    }

    fn block(&mut self, block: &Block) {
        self.braces(block.span.start, Braces::Short);
        for stmt in &block.statements {
            self.stmt(stmt);
        }
    }

    fn expr(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::Call { callee, args } => {
                self.list(callee.span.end);
                if let Args::Over(made) = args {
                    let open = self.next(callee.span.end, Kind::OpenParen);
                    self.role(open, Role::Comprehension);
                    self.comprehension(made);
                }
            }
            ExprKind::List(_) | ExprKind::Map(_) => {
                self.role(self.from(expr.span.start), Role::List);
            }
            ExprKind::Comprehension(made) => self.comprehension(made),
            ExprKind::Index { base, .. } => {
                let open = self.next(base.span.end, Kind::OpenBracket);
                self.role(open, Role::Index);
            }
            ExprKind::Binary { op, .. } => {
                self.breaks(self.from(op.span.start), level(op.node));
            }
            ExprKind::Else { fallback, .. } => {
                let at = self.previous(fallback.span.start, Kind::Else);
                self.breaks(at, Break::Operator(4));
            }
            ExprKind::Sorted { keys, .. } => {
                for (index, key) in keys.iter().enumerate() {
                    let word = if index == 0 { Kind::By } else { Kind::Then };
                    let at = self.previous(key.value.span.start, word);
                    self.breaks(at, Break::Operator(0));
                }
            }
            ExprKind::Name(_)
            | ExprKind::Literal(_)
            | ExprKind::Text(_)
            | ExprKind::Field { .. }
            | ExprKind::Require(_)
            | ExprKind::Unary { .. }
            | ExprKind::Ask(_)
            | ExprKind::Error => {}
        }
        walk_expr(self, expr);
    }

    fn ty(&mut self, ty: &Type) {
        if let TypeKind::Named { path, args, .. } = &ty.kind
            && let Some(last) = args.last()
        {
            self.role(self.next(path.span.end, Kind::Less), Role::OpensTypes);
            self.role(self.next(last.span.end, Kind::Greater), Role::ClosesTypes);
        }
        walk_type(self, ty);
    }
}

/// How readily a line is broken before an operator.
fn level(op: BinaryOp) -> Break {
    match op {
        BinaryOp::Or => Break::Operator(1),
        BinaryOp::And => Break::Operator(2),
        BinaryOp::Equal
        | BinaryOp::NotEqual
        | BinaryOp::Less
        | BinaryOp::LessEqual
        | BinaryOp::Greater
        | BinaryOp::GreaterEqual
        | BinaryOp::In
        | BinaryOp::NotIn => COMPARISON,
        BinaryOp::Add | BinaryOp::Subtract => Break::Operator(5),
        BinaryOp::Multiply | BinaryOp::Divide | BinaryOp::Remainder => Break::Operator(6),
    }
}
