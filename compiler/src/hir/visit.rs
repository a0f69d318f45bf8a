//! Ways through the tree that several passes share: the parts of an expression,
//! the blocks of a statement.

use super::{Block, Expr, ExprKind, Stmt, StmtKind};

macro_rules! children {
    ($name:ident, $iter:ident $(, $mut:tt)?) => {
        impl Expr {
            /// Hands every expression that stands directly in this one to `visit`, in the
            /// order of evaluation.
            pub(crate) fn $name(&$($mut)? self, visit: &mut dyn FnMut(&$($mut)? Expr)) {
                match &$($mut)? self.kind {
                    ExprKind::Constant(_)
                    | ExprKind::Local(_)
                    | ExprKind::Setting(_)
                    | ExprKind::Context(_)
                    | ExprKind::None => {}
                    ExprKind::Template { holes: all, .. }
                    | ExprKind::List(all)
                    | ExprKind::Record(all)
                    | ExprKind::Variant { payload: all, .. }
                    | ExprKind::Apply { args: all, .. }
                    | ExprKind::Call { args: all, .. } => all.$iter().for_each(visit),
                    ExprKind::Ask(ask) => ask.arguments.$iter().for_each(visit),
                    ExprKind::Map(entries) => {
                        for (key, value) in entries {
                            visit(key);
                            visit(value);
                        }
                    }
                    ExprKind::Field { base: one, .. }
                    | ExprKind::Some(one)
                    | ExprKind::Widen(one)
                    | ExprKind::Wrap(one)
                    | ExprKind::Unwrap(one)
                    | ExprKind::Require(one) => visit(one),
                    ExprKind::Default { value: one, fallback: other }
                    | ExprKind::And(one, other)
                    | ExprKind::Or(one, other) => {
                        visit(one);
                        visit(other);
                    }
                    ExprKind::Comprehension { over, element }
                    | ExprKind::Aggregate { over, element, .. } => {
                        visit(&$($mut)? over.list);
                        if let Some(condition) = &$($mut)? over.condition {
                            visit(condition);
                        }
                        visit(element);
                    }
                    ExprKind::Sorted { list, keys, .. } => {
                        visit(list);
                        for key in keys {
                            visit(&$($mut)? key.value);
                        }
                    }
                }
            }
        }
    };
}

children!(children, iter);
children!(children_mut, iter_mut, mut);

impl Block {
    /// Hands every statement to `visit`, at any depth, in program order, a statement
    /// before those inside of it.
    pub(crate) fn walk<'h>(&'h self, visit: &mut dyn FnMut(&'h Stmt)) {
        for statement in &self.statements {
            visit(statement);
            for block in statement.blocks() {
                block.walk(visit);
            }
        }
    }
}

impl Stmt {
    /// The blocks that stand directly in it, in program order.
    pub(crate) fn blocks(&self) -> Vec<&Block> {
        match &self.kind {
            StmtKind::If { branches, otherwise } => {
                branches.iter().map(|branch| &branch.body).chain(otherwise).collect()
            }
            StmtKind::Match(found) => {
                found.arms.iter().map(|arm| &arm.body).chain(&found.otherwise).collect()
            }
            StmtKind::Each(each) => vec![&each.body],
            StmtKind::Stage(stage) => vec![&stage.body],
            StmtKind::Keep(body) => vec![body],
            StmtKind::Attempt(attempt) => vec![&attempt.body, &attempt.recover],
            StmtKind::Let { .. }
            | StmtKind::Return(_)
            | StmtKind::Ask { .. }
            | StmtKind::Do(_)
            | StmtKind::Tell(_)
            | StmtKind::Ensure(_)
            | StmtKind::Wait(_)
            | StmtKind::Finish { .. }
            | StmtKind::Fail(_) => Vec::new(),
        }
    }
}
