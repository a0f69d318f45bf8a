//! One way through the tree: what stands directly below each node.
//!
//! A [`Visitor`] gets the nodes that can hold others. Each method goes on to
//! what is below unless it is overridden; an override that wants to go on calls
//! the `walk_` function of its node.

use super::{
    ApproveEach, Arg, Args, Ask, AssetForm, Block, Call, Comprehension, Condition, Do, DoClause,
    EachOver, Expectation, Expr, ExprKind, Form, GivenAnswer, If, Init, Item, ItemKind, Over,
    PeopleClause, Piece, RuleClause, SignatureClause, Spanned, Stmt, StmtKind, Target, TestStmt,
    TestStmtKind, Text, Type, TypeKind, Undo, VariantKind,
};

/// What is done at each kind of node.
pub trait Visitor {
    /// At an item.
    fn item(&mut self, item: &Item) {
        walk_item(self, item);
    }

    /// At a statement.
    fn stmt(&mut self, stmt: &Stmt) {
        walk_stmt(self, stmt);
    }

    /// At a statement of a test.
    fn test_stmt(&mut self, stmt: &TestStmt) {
        walk_test_stmt(self, stmt);
    }

    /// At a form, alone or right of `let`.
    fn form(&mut self, form: &Form) {
        walk_form(self, form);
    }

    /// At a call that is no expression.
    fn call(&mut self, call: &Call) {
        walk_call(self, call);
    }

    /// At a block.
    fn block(&mut self, block: &Block) {
        walk_block(self, block);
    }

    /// At an expression.
    fn expr(&mut self, expr: &Expr) {
        walk_expr(self, expr);
    }

    /// At a type.
    fn ty(&mut self, ty: &Type) {
        walk_type(self, ty);
    }
}

/// Visits what is directly below an item.
pub fn walk_item<V: Visitor + ?Sized>(visitor: &mut V, item: &Item) {
    match &item.kind {
        ItemKind::Use(_) | ItemKind::Role(_) | ItemKind::Setting(_) | ItemKind::Error(_) => {}
        ItemKind::Asset(asset) => match &asset.form {
            AssetForm::Scalar { base, .. } => types(visitor, base),
            AssetForm::Record(fields) => types(visitor, fields.iter().map(|field| &field.ty)),
        },
        ItemKind::Record(record) => types(visitor, record.fields.iter().map(|field| &field.ty)),
        ItemKind::Enum(declared) => {
            for variant in &declared.variants {
                if let VariantKind::Named { payload, .. } = &variant.kind {
                    types(visitor, payload);
                }
            }
        }
        ItemKind::Const(constant) => {
            visitor.ty(&constant.ty);
            visitor.expr(&constant.value);
        }
        ItemKind::Signature(signature) => {
            types(visitor, signature.params.iter().map(|param| &param.ty));
            types(visitor, &signature.result);
            for clause in &signature.clauses {
                signature_clause(visitor, &clause.node);
            }
        }
        ItemKind::Function(function) => {
            types(visitor, function.params.iter().map(|param| &param.ty));
            visitor.ty(&function.result);
            visitor.block(&function.body);
        }
        ItemKind::Task(task) => {
            types(visitor, task.params.iter().map(|param| &param.ty));
            types(visitor, &task.result);
            visitor.block(&task.body);
        }
        ItemKind::Playbook(playbook) => {
            types(visitor, playbook.params.iter().map(|param| &param.ty));
            visitor.block(&playbook.body);
        }
        ItemKind::Rule(rule) => {
            for clause in &rule.clauses {
                rule_clause(visitor, &clause.node);
            }
            visitor.call(&rule.start);
        }
        ItemKind::Test(test) => {
            for stmt in &test.statements {
                visitor.test_stmt(stmt);
            }
        }
    }
}

/// Visits what is directly below a block.
pub fn walk_block<V: Visitor + ?Sized>(visitor: &mut V, block: &Block) {
    for stmt in &block.statements {
        visitor.stmt(stmt);
    }
}

/// Visits what is directly below a statement.
pub fn walk_stmt<V: Visitor + ?Sized>(visitor: &mut V, stmt: &Stmt) {
    match &*stmt.kind {
        StmtKind::Severity(_)
        | StmtKind::Deadline(_)
        | StmtKind::Limit { .. }
        | StmtKind::OnFailure(_)
        | StmtKind::Wait(_)
        | StmtKind::Return(None) => {}
        StmtKind::Let(declared) => init(visitor, &declared.init),
        StmtKind::Return(Some(value)) | StmtKind::Give(value) => init(visitor, value),
        StmtKind::Var { value, .. } | StmtKind::Set { value, .. } => visitor.expr(value),
        StmtKind::Form(form) => visitor.form(form),
        StmtKind::Tell(told) => visitor.call(told),
        StmtKind::Finish { text: said, .. } => texts(visitor, said),
        StmtKind::Fail(said) => text(visitor, said),
        StmtKind::Stage(stage) => visitor.block(&stage.body),
        StmtKind::Keep(body) | StmtKind::Parallel(body) => visitor.block(body),
        StmtKind::WaitUntil(wait) => {
            visitor.expr(&wait.condition);
            blocks(visitor, &wait.otherwise);
        }
        StmtKind::Ensure(ensure) => visitor.expr(&ensure.condition),
        StmtKind::Error { block } => blocks(visitor, block),
    }
}

/// Visits what is directly below a form.
pub fn walk_form<V: Visitor + ?Sized>(visitor: &mut V, form: &Form) {
    match form {
        Form::If(If { branches, otherwise }) => {
            for branch in branches {
                match &branch.condition {
                    Condition::Holds(value) | Condition::Let { value, .. } => visitor.expr(value),
                }
                visitor.block(&branch.body);
            }
            blocks(visitor, otherwise);
        }
        Form::Each(each) => {
            match &each.over {
                EachOver::List(list) => visitor.expr(list),
                EachOver::Range { low, high } => {
                    visitor.expr(low);
                    visitor.expr(high);
                }
            }
            visitor.block(&each.body);
        }
        Form::Match(matched) => {
            visitor.expr(&matched.value);
            blocks(visitor, matched.arms.iter().map(|arm| &arm.body));
        }
        Form::Attempt(attempt) => {
            visitor.block(&attempt.body);
            visitor.block(&attempt.recover);
        }
        Form::Approve(approve) => {
            if let Some(ApproveEach { list, .. }) = &approve.each {
                visitor.expr(list);
            }
            text(visitor, &approve.question);
            people_clauses(visitor, &approve.clauses);
            visitor.block(&approve.body);
            blocks(visitor, approve.otherwise.iter().map(|otherwise| &otherwise.body));
        }
        Form::Do(Do { call: done, clauses }) => {
            visitor.call(done);
            for clause in clauses {
                match &clause.node {
                    DoClause::For(value) => visitor.expr(value),
                    DoClause::Undo(Undo::Action(undone)) => visitor.call(undone),
                    DoClause::Undo(Undo::None(_))
                    | DoClause::UntilReleased
                    | DoClause::VerifiedWithin(_)
                    | DoClause::As(_)
                    | DoClause::Call(_) => {}
                }
            }
        }
        Form::Ask(Ask { call: asked, fallback, .. }) => {
            visitor.call(asked);
            exprs(visitor, fallback);
        }
        Form::Choose(choose) => {
            text(visitor, &choose.question);
            people_clauses(visitor, &choose.clauses);
            visitor.expr(&choose.fallback);
        }
    }
}

/// Visits what is directly below a statement of a test.
pub fn walk_test_stmt<V: Visitor + ?Sized>(visitor: &mut V, stmt: &TestStmt) {
    match &stmt.kind {
        TestStmtKind::Let { value, .. } | TestStmtKind::Set { value, .. } => visitor.expr(value),
        TestStmtKind::Given(given) => {
            target(visitor, &given.target);
            match &given.answer {
                GivenAnswer::Returns(values) => exprs(visitor, values),
                GivenAnswer::Fails { text: said, .. } => {
                    texts(visitor, said);
                }
            }
        }
        TestStmtKind::Feed { event: called, .. } | TestStmtKind::Run(called) => {
            visitor.call(called);
        }
        TestStmtKind::Expect(Expectation::Seen { target: seen, before, .. }) => {
            target(visitor, seen);
            if let Some(earlier) = before {
                target(visitor, earlier);
            }
        }
        TestStmtKind::GivenApproval { .. }
        | TestStmtKind::GivenNow(_)
        | TestStmtKind::RollBack
        | TestStmtKind::Crash { .. }
        | TestStmtKind::Expect(Expectation::WaitingAt(_) | Expectation::Outcome(_))
        | TestStmtKind::Error => {}
    }
}

/// Visits what is directly below an expression.
pub fn walk_expr<V: Visitor + ?Sized>(visitor: &mut V, expr: &Expr) {
    match &expr.kind {
        ExprKind::Name(_) | ExprKind::Literal(_) | ExprKind::Error => {}
        ExprKind::Text(said) => text(visitor, said),
        ExprKind::List(items) => exprs(visitor, items),
        ExprKind::Map(pairs) => {
            for (key, value) in pairs {
                visitor.expr(key);
                visitor.expr(value);
            }
        }
        ExprKind::Comprehension(made) => comprehension(visitor, made),
        ExprKind::Field { base, .. } => visitor.expr(base),
        ExprKind::Index { base, index } => {
            visitor.expr(base);
            visitor.expr(index);
        }
        ExprKind::Require(value) => visitor.expr(value),
        ExprKind::Call { callee, args: given } => {
            visitor.expr(callee);
            match given {
                Args::List(list) => args(visitor, list),
                Args::Over(made) => comprehension(visitor, made),
            }
        }
        ExprKind::Unary { operand, .. } => visitor.expr(operand),
        ExprKind::Binary { left, right, .. } => {
            visitor.expr(left);
            visitor.expr(right);
        }
        ExprKind::Else { value, fallback } => {
            visitor.expr(value);
            visitor.expr(fallback);
        }
        ExprKind::Ask(asked) => visitor.call(asked),
        ExprKind::Sorted { list, keys, .. } => {
            visitor.expr(list);
            exprs(visitor, keys.iter().map(|key| &key.value));
        }
    }
}

/// Visits what is directly below a call.
pub fn walk_call<V: Visitor + ?Sized>(visitor: &mut V, call: &Call) {
    args(visitor, &call.args);
}

/// Visits what is directly below a type.
pub fn walk_type<V: Visitor + ?Sized>(visitor: &mut V, ty: &Type) {
    if let TypeKind::Named { args, .. } = &ty.kind {
        types(visitor, args);
    }
}

fn exprs<'t, V: Visitor + ?Sized>(visitor: &mut V, nodes: impl IntoIterator<Item = &'t Expr>) {
    for node in nodes {
        visitor.expr(node);
    }
}

fn blocks<'t, V: Visitor + ?Sized>(visitor: &mut V, nodes: impl IntoIterator<Item = &'t Block>) {
    for node in nodes {
        visitor.block(node);
    }
}

fn types<'t, V: Visitor + ?Sized>(visitor: &mut V, nodes: impl IntoIterator<Item = &'t Type>) {
    for node in nodes {
        visitor.ty(node);
    }
}

fn texts<'t, V: Visitor + ?Sized>(visitor: &mut V, nodes: impl IntoIterator<Item = &'t Text>) {
    for node in nodes {
        text(visitor, node);
    }
}

fn signature_clause<V: Visitor + ?Sized>(visitor: &mut V, clause: &SignatureClause) {
    match clause {
        SignatureClause::Proof(value) | SignatureClause::Simulated(value) => visitor.expr(value),
        SignatureClause::Capture(capture) => visitor.call(&capture.query),
        SignatureClause::Undo(Undo::Action(undone)) => visitor.call(undone),
        SignatureClause::Undo(Undo::None(_))
        | SignatureClause::Affects(_)
        | SignatureClause::Irreversible
        | SignatureClause::Idempotent
        | SignatureClause::Impact(_)
        | SignatureClause::First(_)
        | SignatureClause::To(_)
        | SignatureClause::Call(_) => {}
    }
}

fn rule_clause<V: Visitor + ?Sized>(visitor: &mut V, clause: &RuleClause) {
    match clause {
        RuleClause::Where(value) | RuleClause::When(value) => visitor.expr(value),
        RuleClause::GroupBy { keys, .. } | RuleClause::OncePer { keys, .. } => {
            exprs(visitor, keys);
        }
    }
}

fn people_clauses<V: Visitor + ?Sized>(visitor: &mut V, clauses: &[Spanned<PeopleClause>]) {
    for clause in clauses {
        if let PeopleClause::AutoIf(condition) = &clause.node {
            visitor.expr(condition);
        }
    }
}

fn init<V: Visitor + ?Sized>(visitor: &mut V, value: &Init) {
    match value {
        Init::Expr(expr) => visitor.expr(expr),
        Init::Form(form) => visitor.form(&form.node),
    }
}

fn text<V: Visitor + ?Sized>(visitor: &mut V, said: &Text) {
    for piece in &said.pieces {
        if let Piece::Hole(value) = piece {
            visitor.expr(value);
        }
    }
}

fn args<V: Visitor + ?Sized>(visitor: &mut V, list: &[Arg]) {
    exprs(visitor, list.iter().map(|arg| &*arg.value));
}

fn comprehension<V: Visitor + ?Sized>(visitor: &mut V, made: &Comprehension) {
    visitor.expr(&made.element);
    let Over { list, condition, .. } = &made.over;
    visitor.expr(list);
    exprs(visitor, condition);
}

fn target<V: Visitor + ?Sized>(visitor: &mut V, seen: &Target) {
    if let Some(list) = &seen.args {
        args(visitor, list);
    }
}
