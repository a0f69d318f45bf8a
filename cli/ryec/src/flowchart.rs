//! A playbook as a flowchart: its stages, acts, questions, branches, waits and ends, and
//! where a failure leads. Pure computing is left out.
//!
//! The walk follows the typed tree; words come from the source, so that a reader finds
//! them there again. [`mermaid`] writes down what is drawn.

mod label;
mod mermaid;

use rye_bytecode::instruction::operand::OnFailure;
use rye_bytecode::module::FunctionKind;
use rye_compiler::hir::{
    Approve, Attempt, Block, Choose, Do, Each, FunctionId, Match, Package, Playbook, Stage, Stmt,
    StmtKind, TaskCall, Valued, WaitUntil,
};
use rye_grammar::span::SourceMap;

use crate::amount;
use label::Labels;
use mermaid::{Chart, Line, Place, Shape};

/// The flowchart of a playbook, as text for Mermaid.
pub(crate) fn of(package: &Package, sources: &SourceMap, playbook: &Playbook) -> String {
    let labels = Labels { package, sources };
    let mut walk = Walk { labels, chart: Chart::default(), given: Vec::new(), tasks: Vec::new() };
    walk.playbook(playbook);
    walk.called_tasks();
    walk.chart.to_text()
}

/// A way out of what was drawn so far, and what stands at it.
#[derive(Clone, Debug)]
struct Exit {
    from: Place,
    line: Line,
    text: String,
}

impl Exit {
    fn plain(from: Place) -> Self {
        Self::says(from, "")
    }

    fn says(from: Place, text: &str) -> Self {
        Self { from, line: Line::Solid, text: text.to_owned() }
    }

    fn fails(from: Place, text: &str) -> Self {
        Self { from, line: Line::Dotted, text: text.to_owned() }
    }
}

struct Walk<'p> {
    labels: Labels<'p>,
    chart: Chart,
    /// For each form with a value, or loop with one, around: the ways out that give it.
    given: Vec<Vec<Exit>>,
    /// The tasks that are called, in the order of their calls.
    tasks: Vec<FunctionId>,
}

impl Walk<'_> {
    fn playbook(&mut self, playbook: &Playbook) {
        let start = self.chart.node(Shape::End, &format!("playbook {}", playbook.name));
        let deadline = amount::shown(playbook.deadline.least(), playbook.deadline.most());
        let title = format!("severity {}, deadline {deadline}", playbook.severity.word());
        let frame = self.chart.open(&title);
        let exits = self.block(&playbook.body.block, vec![Exit::plain(start)]);
        self.chart.close();
        if !exits.is_empty() {
            let end = self.chart.node(Shape::End, "finished");
            self.join(exits, end);
        }
        self.failure(frame, playbook.on_failure);
    }

    /// Where a failure leads that nobody recovers.
    fn failure(&mut self, frame: Place, on_failure: OnFailure) {
        let text = match on_failure {
            OnFailure::Inherit => return,
            OnFailure::Undo => "undoes what it did, the last first",
            OnFailure::Hold => "keeps what it did, and asks a person",
        };
        let node = self.chart.node(Shape::Failure, text);
        self.join(vec![Exit::fails(frame, "on failure")], node);
    }

    /// A chart of its own for each task, once.
    fn called_tasks(&mut self) {
        let mut drawn = 0;
        while let Some(id) = self.tasks.get(drawn).copied() {
            drawn += 1;
            let Some(task) = self.labels.function(id) else { continue };
            let body = task.body.block.clone();
            self.chart.open(&format!("task {}", task.name));
            let start = self.chart.node(Shape::End, "begins");
            let exits = self.block(&body, vec![Exit::plain(start)]);
            if !exits.is_empty() {
                let end = self.chart.node(Shape::End, "returns");
                self.join(exits, end);
            }
            self.chart.close();
        }
    }

    fn join(&mut self, exits: Vec<Exit>, to: Place) {
        for Exit { from, line, text } in exits {
            self.chart.edge(from, line, &text, to);
        }
    }

    /// A node that everything leads to; the way on.
    fn step(&mut self, exits: Vec<Exit>, shape: Shape, text: &str) -> Vec<Exit> {
        let node = self.chart.node(shape, text);
        self.join(exits, node);
        vec![Exit::plain(node)]
    }

    /// A node that everything leads to, from which nothing leads on by itself.
    fn stop(&mut self, exits: Vec<Exit>, shape: Shape, text: &str) -> Vec<Exit> {
        self.step(exits, shape, text);
        Vec::new()
    }

    // ---- statements

    /// Draws what a block does; the ways out of it.
    fn block(&mut self, block: &Block, mut exits: Vec<Exit>) -> Vec<Exit> {
        for stmt in &block.statements {
            exits = self.stmt(stmt, exits);
        }
        if block.diverges { Vec::new() } else { exits }
    }

    fn stmt(&mut self, stmt: &Stmt, exits: Vec<Exit>) -> Vec<Exit> {
        match &stmt.kind {
            StmtKind::Let { .. } => exits,
            StmtKind::Value(valued) => self.valued(valued, exits),
            StmtKind::Give(_) => {
                if let Some(given) = self.given.last_mut() {
                    given.extend(exits);
                }
                Vec::new()
            }
            StmtKind::Return(_) => self.stop(exits, Shape::End, "returns"),
            StmtKind::If { branches, otherwise } => {
                let mut exits = exits;
                let mut ways = Vec::new();
                for branch in branches {
                    let text = self.labels.condition(&branch.condition);
                    let node = self.chart.node(Shape::Choice, &text);
                    self.join(exits, node);
                    ways.extend(self.block(&branch.body, vec![Exit::says(node, "yes")]));
                    exits = vec![Exit::says(node, "no")];
                }
                match otherwise {
                    Some(block) => ways.extend(self.block(block, exits)),
                    None => ways.extend(exits),
                }
                ways
            }
            StmtKind::Match(matched) => self.matched(matched, exits),
            StmtKind::Each(each) => self.each(each, exits),
            StmtKind::Ask { ask, .. } => {
                let text = format!("ask {}", self.labels.action(ask.action));
                self.step(exits, Shape::Query, &text)
            }
            StmtKind::Do(done) => self.act(done, exits),
            StmtKind::Task(call) => self.task(call, exits),
            StmtKind::Tell(told) => {
                let text = format!("tell {}", self.labels.action(told.action));
                self.step(exits, Shape::Notice, &text)
            }
            StmtKind::Approve(approve) => self.approve(approve, exits),
            StmtKind::Choose(choose) => self.choose(choose, exits),
            StmtKind::Stage(stage) => self.stage(stage, exits),
            StmtKind::Attempt(attempt) => self.attempt(attempt, exits),
            StmtKind::Keep(body) => {
                self.chart.open("keep, whatever fails later");
                let exits = self.block(body, exits);
                self.chart.close();
                exits
            }
            StmtKind::Ensure(_) | StmtKind::Wait(_) => {
                let text = self.labels.head(stmt.span);
                self.step(exits, Shape::Wait, &text)
            }
            StmtKind::WaitUntil(wait) => self.wait_until(stmt, wait, exits),
            StmtKind::Finish { outcome, text } => {
                let text = self.labels.said(outcome.word(), text);
                self.stop(exits, Shape::End, &text)
            }
            StmtKind::Fail(text) => {
                let text = self.labels.said("fail", text);
                self.stop(exits, Shape::Failure, &text)
            }
        }
    }

    fn valued(&mut self, valued: &Valued, exits: Vec<Exit>) -> Vec<Exit> {
        self.given.push(Vec::new());
        let mut exits = self.block(&valued.body, exits);
        exits.extend(self.given.pop().unwrap_or_default());
        exits
    }

    fn matched(&mut self, matched: &Match, exits: Vec<Exit>) -> Vec<Exit> {
        let text = format!("which is {}?", self.labels.text(matched.value.span));
        let node = self.chart.node(Shape::Choice, &text);
        self.join(exits, node);
        let mut ways = Vec::new();
        for arm in &matched.arms {
            let text = self.labels.patterns(matched.value.ty, &arm.patterns);
            ways.extend(self.block(&arm.body, vec![Exit::says(node, &text)]));
        }
        if let Some(block) = &matched.otherwise {
            ways.extend(self.block(block, vec![Exit::says(node, "else")]));
        }
        ways
    }

    fn each(&mut self, each: &Each, exits: Vec<Exit>) -> Vec<Exit> {
        let node = self.chart.node(Shape::Loop, &self.labels.each(each));
        self.join(exits, node);
        let gives = each.list.is_some();
        if gives {
            self.given.push(Vec::new());
        }
        let mut rounds = self.block(&each.body, vec![Exit::says(node, "each")]);
        if gives {
            rounds.extend(self.given.pop().unwrap_or_default());
        }
        self.join(rounds, node);
        vec![Exit::says(node, "done")]
    }

    fn act(&mut self, done: &Do, exits: Vec<Exit>) -> Vec<Exit> {
        let shape = if done.undo == rye_compiler::hir::Undo::Irreversible {
            Shape::Irreversible
        } else {
            Shape::Act
        };
        let text = self.labels.act(done);
        self.step(exits, shape, &text)
    }

    fn task(&mut self, call: &TaskCall, exits: Vec<Exit>) -> Vec<Exit> {
        let Some(task) = self.labels.function(call.task) else { return exits };
        if task.kind == FunctionKind::Task && !self.tasks.contains(&call.task) {
            self.tasks.push(call.task);
        }
        let text = format!("do {}", task.name);
        self.step(exits, Shape::Task, &text)
    }

    fn approve(&mut self, approve: &Approve, exits: Vec<Exit>) -> Vec<Exit> {
        let node = self.chart.node(Shape::Question, &self.labels.approve(approve));
        self.join(exits, node);
        let mut ways = self.block(&approve.body, vec![Exit::says(node, "yes")]);
        ways.extend(self.block(&approve.otherwise, vec![Exit::says(node, "otherwise")]));
        ways
    }

    fn choose(&mut self, choose: &Choose, exits: Vec<Exit>) -> Vec<Exit> {
        let text = self.labels.choose(choose);
        self.step(exits, Shape::Question, &text)
    }

    fn stage(&mut self, stage: &Stage, exits: Vec<Exit>) -> Vec<Exit> {
        let frame = self.chart.open(&format!("stage {}", stage.name));
        let exits = self.block(&stage.body, exits);
        self.chart.close();
        self.failure(frame, stage.on_failure);
        exits
    }

    fn attempt(&mut self, attempt: &Attempt, exits: Vec<Exit>) -> Vec<Exit> {
        let frame = self.chart.open("attempt");
        let mut ways = self.block(&attempt.body, exits);
        self.chart.close();
        let failed = Exit::fails(frame, "fails, is undone");
        ways.extend(self.block(&attempt.recover, vec![failed]));
        ways
    }

    fn wait_until(&mut self, stmt: &Stmt, wait: &WaitUntil, exits: Vec<Exit>) -> Vec<Exit> {
        let node = self.chart.node(Shape::Wait, &self.labels.head(stmt.span));
        self.join(exits, node);
        let Some(otherwise) = &wait.otherwise else { return vec![Exit::plain(node)] };
        let mut ways = vec![Exit::says(node, "so")];
        ways.extend(self.block(otherwise, vec![Exit::says(node, "not in time")]));
        ways
    }
}
