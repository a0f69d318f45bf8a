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
    pub fn walk<'h>(&'h self, visit: &mut dyn FnMut(&'h Stmt)) {
        for statement in &self.statements {
            visit(statement);
            for block in statement.kind.blocks() {
                block.walk(visit);
            }
        }
    }

    /// Hands every value that is given to the form around this block to `visit`, in
    /// program order.
    pub(crate) fn gives_mut(&mut self, visit: &mut dyn FnMut(&mut Expr)) {
        for statement in &mut self.statements {
            match &mut statement.kind {
                StmtKind::Give(value) => visit(value),
                StmtKind::Value(_) => {}
                StmtKind::Each(each) if each.list.is_some() => {}
                other => {
                    other.blocks_mut().into_iter().for_each(|block| block.gives_mut(visit));
                }
            }
        }
    }
}

macro_rules! blocks {
    ($name:ident, $iter:ident $(, $mut:tt)?) => {
        impl StmtKind {
            /// The blocks that stand directly in it, in program order.
            pub(crate) fn $name(&$($mut)? self) -> Vec<&$($mut)? Block> {
                match self {
                    Self::If { branches, otherwise } => {
                        let bodies = branches.$iter().map(|branch| &$($mut)? branch.body);
                        bodies.chain(otherwise).collect()
                    }
                    Self::Match(found) => {
                        let bodies = found.arms.$iter().map(|arm| &$($mut)? arm.body);
                        bodies.chain(&$($mut)? found.otherwise).collect()
                    }
                    Self::Each(each) => vec![&$($mut)? each.body],
                    Self::Value(valued) => vec![&$($mut)? valued.body],
                    Self::Stage(stage) => vec![&$($mut)? stage.body],
                    Self::Keep(body) => vec![body],
                    Self::WaitUntil(wait) => (&$($mut)? wait.otherwise).into_iter().collect(),
                    Self::Attempt(attempt) => {
                        vec![&$($mut)? attempt.body, &$($mut)? attempt.recover]
                    }
                    Self::Approve(approve) => {
                        vec![&$($mut)? approve.body, &$($mut)? approve.otherwise]
                    }
                    Self::Let { .. }
                    | Self::Give(_)
                    | Self::Return(_)
                    | Self::Ask { .. }
                    | Self::Do(_)
                    | Self::Task(_)
                    | Self::Tell(_)
                    | Self::Choose(_)
                    | Self::Ensure(_)
                    | Self::Wait(_)
                    | Self::Finish { .. }
                    | Self::Fail(_) => Vec::new(),
                }
            }
        }
    };
}

blocks!(blocks, iter);
blocks!(blocks_mut, iter_mut, mut);
