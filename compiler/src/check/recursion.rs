//! Functions and tasks don't call each other in circles, nor deeper than the machine goes.

use rye_core::limit::CALL_DEPTH_MAX;
use rye_grammar::diagnostic::{Code, Diagnostic};
use rye_grammar::span::Span;

use crate::context::{Callable, Context};

/// Functions that call each other: above them stand a playbook and one of its conditions.
const DEPTH_MAX: usize = CALL_DEPTH_MAX - 2;

/// How far a function is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mark {
    Unseen,
    /// On the path that is being followed.
    Open,
    /// Done; so many calls deep, itself included.
    Done(usize),
}

impl Context<'_> {
    /// Reports each circle of calls once, and each function that calls too deeply.
    /// Whether all is well.
    pub(crate) fn check_recursion(&mut self) -> bool {
        let before = self.diagnostics.len();
        let mut marks = vec![Mark::Unseen; self.functions.len()];
        for start in 0..self.functions.len() {
            if marks.get(start) == Some(&Mark::Unseen) {
                self.follow(start, &mut marks);
            }
        }
        self.diagnostics.len() == before
    }

    /// Follows the calls from `start`, with a path of its own instead of recursion:
    /// a chain of calls may be as long as the source.
    fn follow(&mut self, start: usize, marks: &mut [Mark]) {
        // Each step: a function, the next of its calls, and the deepest so far.
        let mut path: Vec<(usize, usize, usize)> = vec![(start, 0, 0)];
        set(marks, start, Mark::Open);
        while let Some((at, next, deepest)) = path.last().copied() {
            let call = self.functions.get(at).and_then(|decl| decl.calls.get(next)).copied();
            let Some((target, span)) = call else {
                let depth = deepest.saturating_add(1);
                set(marks, at, Mark::Done(depth));
                path.pop();
                deepen(&mut path, depth);
                if depth == DEPTH_MAX.saturating_add(1) {
                    self.too_deep(at);
                }
                continue;
            };
            if let Some(step) = path.last_mut() {
                step.1 = next.saturating_add(1);
            }
            match marks.get(target) {
                Some(Mark::Unseen) => {
                    set(marks, target, Mark::Open);
                    path.push((target, 0, 0));
                }
                Some(Mark::Open) => self.circle(&path, target, span),
                Some(Mark::Done(depth)) => deepen(&mut path, *depth),
                None => {}
            }
        }
    }

    fn circle(&mut self, path: &[(usize, usize, usize)], target: usize, span: Span) {
        let name = |index: usize| {
            self.functions.get(index).map_or("", |decl| decl.item.name().text.as_str())
        };
        let chain: Vec<&str> = path
            .iter()
            .skip_while(|(at, ..)| *at != target)
            .map(|(at, ..)| name(*at))
            .chain([name(target)])
            .collect();
        let is_task =
            matches!(self.functions.get(target).map(|decl| decl.item), Some(Callable::Task(_)));
        let (noun, help) = if is_task {
            ("task", "use a loop: `each … max`")
        } else {
            (
                "function",
                "use a loop, a comprehension or an aggregate: `each … max`, `sum(… for …)`",
            )
        };
        let message = if chain.len() > 2 {
            format!("{noun}s call each other in a circle: `{}`", chain.join("` → `"))
        } else {
            format!("the {noun} `{}` calls itself", name(target))
        };
        let diagnostic = Diagnostic::new(Code::Recursion, span, message)
            .help(help)
            .note("every playbook ends, so nothing calls itself");
        self.report(diagnostic);
    }

    fn too_deep(&mut self, index: usize) {
        let Some(decl) = self.functions.get(index) else { return };
        let span = decl.item.name().span;
        let message = format!(
            "`{}` stands on top of more than {DEPTH_MAX} calls inside each other",
            decl.item.name().text
        );
        self.report(Diagnostic::new(Code::TooLarge, span, message));
    }
}

fn set(marks: &mut [Mark], at: usize, mark: Mark) {
    if let Some(place) = marks.get_mut(at) {
        *place = mark;
    }
}

fn deepen(path: &mut [(usize, usize, usize)], depth: usize) {
    if let Some((.., deepest)) = path.last_mut() {
        *deepest = (*deepest).max(depth);
    }
}
