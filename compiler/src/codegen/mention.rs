//! What an expression reads, where its result goes to a local that it may read.

use crate::hir::{Aggregate, Expr, ExprKind, LocalId, Over};

/// Whether computing `expr` reads `local`.
pub(super) fn mentions(expr: &Expr, local: LocalId) -> bool {
    let mut found = expr.kind == ExprKind::Local(local);
    expr.children(&mut |child| found = found || mentions(child, local));
    found
}

/// Whether `expr`, computed right into the register of `local`, would overwrite what
/// it has yet to read.
pub(super) fn clobbers(expr: &Expr, local: LocalId) -> bool {
    match &expr.kind {
        ExprKind::And(a, b) | ExprKind::Or(a, b) => {
            let stays = a.kind == ExprKind::Local(local);
            clobbers(a, local) || (!stays && mentions(b, local)) || clobbers(b, local)
        }
        ExprKind::Default { fallback, .. } => clobbers(fallback, local),
        ExprKind::Aggregate { aggregate: Aggregate::Counted, .. } => false,
        ExprKind::Aggregate { over, element, .. } => {
            let Over { condition, .. } = &**over;
            mentions(element, local)
                || condition.as_ref().is_some_and(|condition| mentions(condition, local))
        }
        _ => false,
    }
}
