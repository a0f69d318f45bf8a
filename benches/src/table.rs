//! The table that compares: for each thing that was measured everybody's figure, how it
//! stands to Rye's, and which goals are reached.

use core::fmt::{self, Write as _};

use crate::timing::Figure;

/// What a figure is counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Time per operation; less is better.
    Nanoseconds,
    /// Memory; less is better.
    Bytes,
    /// So many in a second; more is better.
    PerSecond,
    /// Throughput; more is better.
    BytesPerSecond,
}

/// A figure as people read it.
struct Shown(Unit, f64);

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(unit, value) = *self;
        let scales: &[(f64, &str)] = match unit {
            Unit::Nanoseconds => &[(1e9, "s"), (1e6, "ms"), (1e3, "us"), (1.0, "ns")],
            Unit::Bytes => &[(1e6, "MB"), (1e3, "kB"), (1.0, "B")],
            Unit::PerSecond => &[(1e6, "M/s"), (1e3, "k/s"), (1.0, "/s")],
            Unit::BytesPerSecond => &[(1e9, "GB/s"), (1e6, "MB/s"), (1e3, "kB/s"), (1.0, "B/s")],
        };
        let fits = scales.iter().find(|(scale, _)| value >= *scale);
        let (scale, suffix) = fits.or(scales.last()).copied().unwrap_or((1.0, ""));
        let shown = value / scale;
        let digits = if shown < 10.0 { 2 } else { usize::from(shown < 100.0) };
        write!(f, "{shown:.digits$} {suffix}")
    }
}

/// What is to be reached.
#[derive(Clone, Debug)]
pub enum Goal {
    /// So good by itself.
    Value(f64),
    /// So many times the figure of this peer.
    Times(f64, &'static str),
}

/// One thing that was measured, of everybody who can do it.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// What.
    pub what: String,
    /// In which unit.
    pub unit: Unit,
    /// Everybody's figures.
    pub figures: Vec<Figure>,
    /// What Rye is to reach.
    pub goals: Vec<Goal>,
}

/// How Rye is called in a table.
pub const RYE: &str = "Rye";

impl Comparison {
    fn of(&self, name: &str) -> Option<f64> {
        self.figures.iter().find(|figure| figure.name == name).map(|figure| figure.value)
    }

    /// Each goal as people read it, and whether it is reached.
    fn verdicts(&self) -> Vec<(String, bool)> {
        let Some(ours) = self.of(RYE) else { return Vec::new() };
        let is_less_better = matches!(self.unit, Unit::Nanoseconds | Unit::Bytes);
        let judged = |text: String, wanted: f64| {
            (text, if is_less_better { ours <= wanted } else { ours >= wanted })
        };
        let verdict = |goal: &Goal| match goal {
            Goal::Value(value) => Some(judged(Shown(self.unit, *value).to_string(), *value)),
            Goal::Times(times, peer) => {
                let theirs = self.of(peer)?;
                Some(judged(format!("{times:.2} × {peer}"), theirs * times))
            }
        };
        self.goals.iter().filter_map(verdict).collect()
    }
}

/// The whole table, in Markdown: a row per contender; the ratio says how many times
/// Rye's figure his is.
pub fn markdown(comparisons: &[Comparison]) -> String {
    let mut text = String::from(
        "| what | who | figure | to Rye | goal |\n| --- | --- | ---: | ---: | --- |\n",
    );
    for comparison in comparisons {
        let ours = comparison.of(RYE);
        for figure in &comparison.figures {
            let is_ours = figure.name == RYE;
            let ratio = ours.filter(|_| !is_ours).map(|ours| format!("{:.2}", figure.value / ours));
            let verdicts = if is_ours { comparison.verdicts() } else { Vec::new() };
            let verdict = |(text, reached): &(String, bool)| {
                format!("{text}: {}", if *reached { "reached" } else { "**missed**" })
            };
            let goal: Vec<String> = verdicts.iter().map(verdict).collect();
            writeln!(
                text,
                "| {} | {} | {} | {} | {} |",
                comparison.what,
                figure.name,
                Shown(comparison.unit, figure.value),
                ratio.unwrap_or_default(),
                goal.join("; ")
            )
            .expect("a text");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_shown_with_three_digits_and_goals_are_judged_by_their_direction() {
        let figure = Figure::new;
        let time = Comparison {
            what: String::from("a call"),
            unit: Unit::Nanoseconds,
            figures: vec![figure(RYE, 150.4), figure("peer", 4_512.0)],
            goals: vec![Goal::Value(150.0), Goal::Times(0.5, "peer"), Goal::Times(1.0, "absent")],
        };
        let speed = Comparison {
            what: String::from("reading"),
            unit: Unit::BytesPerSecond,
            figures: vec![figure(RYE, 2.5e9)],
            goals: vec![Goal::Value(2e9)],
        };
        let expected = "\
| what | who | figure | to Rye | goal |
| --- | --- | ---: | ---: | --- |
| a call | Rye | 150 ns |  | 150 ns: **missed**; 0.50 × peer: reached |
| a call | peer | 4.51 us | 30.00 |  |
| reading | Rye | 2.50 GB/s |  | 2.00 GB/s: reached |
";
        assert_eq!(markdown(&[time, speed]), expected);
    }
}
