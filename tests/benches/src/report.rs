//! The result: rows of figures, with ratios and targets.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::rounds::{Figures, median};

#[derive(Debug, Serialize)]
pub(crate) struct Report {
    pub(crate) machine: String,
    /// Rounds of each row. Only the quiet ones count, if there are three.
    pub(crate) rounds: usize,
    /// Share of the processors' time that other programs took, from 0 to 1.
    pub(crate) taken_by_others: Option<f64>,
    pub(crate) rows: Vec<Row>,
    /// Groups of rows, and why they are not measured.
    pub(crate) not_measured: BTreeMap<&'static str, String>,
}

impl Report {
    /// The rows that fail the run.
    pub(crate) fn errors(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(|row| {
            row.target.as_ref().is_some_and(|target| target.against.is_none() && !target.met)
        })
    }
}

/// A figure of sessionwatch beside those of the others.
#[derive(Debug, Serialize)]
pub(crate) struct Row {
    pub(crate) name: String,
    pub(crate) unit: &'static str,
    pub(crate) ours: Entry,
    /// Other designs and the limit.
    pub(crate) others: Vec<Entry>,
    pub(crate) target: Option<Target>,
}

/// The figures of one contender.
#[derive(Debug, Serialize)]
pub(crate) struct Entry {
    pub(crate) name: String,
    /// The part of the work that it does not do.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub(crate) leaves_out: &'static str,
    #[serde(flatten)]
    pub(crate) figure: Spread,
    /// Sessionwatch divided by this contender, round by round.
    pub(crate) ratio: Spread,
}

/// Median, minimum and maximum of the rounds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(crate) struct Spread {
    pub(crate) median: f64,
    pub(crate) minimum: f64,
    pub(crate) maximum: f64,
}

#[derive(Debug, Serialize)]
pub(crate) struct Target {
    /// The contender that sessionwatch is divided by. `None` if the figure itself has a bound:
    /// then a miss fails the run.
    pub(crate) against: Option<String>,
    #[serde(flatten)]
    pub(crate) bound: Bound,
    pub(crate) met: bool,
}

#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Bound {
    AtMost(f64),
    AtLeast(f64),
}

impl Bound {
    fn holds(self, value: f64) -> bool {
        match self {
            Self::AtMost(most) => value <= most,
            Self::AtLeast(least) => value >= least,
        }
    }
}

impl Spread {
    fn of(rounds: impl Iterator<Item = f64> + Clone) -> Self {
        Self {
            median: median(rounds.clone()),
            minimum: rounds.clone().fold(f64::NAN, f64::min),
            maximum: rounds.fold(f64::NAN, f64::max),
        }
    }
}

impl Entry {
    fn new(figures: &Figures, ours: &Figures) -> Self {
        let pairs = ours.rounds.iter().zip(&figures.rounds);
        Self {
            name: figures.name.clone(),
            leaves_out: figures.leaves_out,
            figure: Spread::of(figures.rounds.iter().copied()),
            ratio: Spread::of(pairs.map(|(ours, other)| ours / other)),
        }
    }
}

impl Row {
    /// A row of contenders. The first is sessionwatch.
    pub(crate) fn new(name: impl Into<String>, unit: &'static str, contenders: &[Figures]) -> Self {
        let [ours, others @ ..] = contenders else { panic!("a row without a contender") };
        Self {
            name: name.into(),
            unit,
            ours: Entry::new(ours, ours),
            others: others.iter().map(|other| Entry::new(other, ours)).collect(),
            target: None,
        }
    }

    /// Sets a target for sessionwatch divided by the contender of this name.
    pub(crate) fn against(mut self, name: &str, bound: Bound) -> Self {
        let other = self.others.iter().find(|other| other.name == name);
        let met = bound.holds(other.expect("a contender of the row").ratio.median);
        self.target = Some(Target { against: Some(name.to_owned()), bound, met });
        self
    }

    /// Fails the run if the figure is not zero in every round.
    pub(crate) fn always_zero(mut self) -> Self {
        let bound = Bound::AtMost(0.0);
        let met = bound.holds(self.ours.figure.maximum);
        self.target = Some(Target { against: None, bound, met });
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ratio_is_taken_within_a_round() {
        let figures =
            [Figures::new("ours", vec![2.0, 40.0, 6.0]), Figures::new("p", vec![1.0, 20.0, 4.0])];
        let row = Row::new("row", "ns", &figures).against("p", Bound::AtMost(1.9));
        assert_eq!(row.ours.figure, Spread { median: 6.0, minimum: 2.0, maximum: 40.0 });
        assert_eq!(row.others[0].ratio, Spread { median: 2.0, minimum: 1.5, maximum: 2.0 });
        assert!(!row.target.unwrap().met);
    }

    #[test]
    fn an_error_in_one_round_fails_the_run_and_a_missed_ratio_does_not() {
        let torn = |rounds: &[f64]| {
            Row::new("torn", "records", &[Figures::new("ours", rounds.to_vec())]).always_zero()
        };
        let slow = [Figures::new("ours", vec![3.0]), Figures::new("p", vec![1.0])];
        let report = Report {
            machine: String::new(),
            rounds: 1,
            taken_by_others: None,
            rows: vec![
                torn(&[0.0, 0.0]),
                torn(&[0.0, 1.0, 0.0]),
                Row::new("slow", "ns", &slow).against("p", Bound::AtMost(1.0)),
            ],
            not_measured: BTreeMap::new(),
        };
        assert_eq!(report.errors().map(|row| &*row.name).collect::<Vec<_>>(), ["torn"]);
        assert!(report.rows[0].target.as_ref().unwrap().met);
    }
}
