//! What came out: rows of figures, against a limit, with a target or without.

use serde::Serialize;

use crate::rounds::{Figures, median};

/// Everything, as it is written to the report.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    pub(crate) machine: crate::machine::Machine,
    /// How many rounds each figure is the median of.
    pub(crate) rounds: usize,
    pub(crate) rows: Vec<Row>,
    pub(crate) not_measured: Vec<Missing>,
}

/// A row that is not there, and why.
#[derive(Debug, Serialize)]
pub(crate) struct Missing {
    pub(crate) name: String,
    pub(crate) why: String,
}

/// One thing that was measured.
#[derive(Debug, Serialize)]
pub(crate) struct Row {
    pub(crate) name: String,
    pub(crate) unit: &'static str,
    pub(crate) ours: Entry,
    pub(crate) peers: Vec<Entry>,
    pub(crate) limit: Option<Entry>,
    /// Ours divided by what the target is against, or else by the limit.
    pub(crate) ratio: Option<Spread>,
    pub(crate) target: Option<Target>,
    pub(crate) met: Option<bool>,
    /// A miss is an error of the product, not of the day.
    pub(crate) must_be_met: bool,
}

/// One contender's figures.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Entry {
    pub(crate) name: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) leaves_out: String,
    #[serde(flatten)]
    pub(crate) figure: Spread,
    /// Ours divided by this one, round by round.
    pub(crate) ratio: Spread,
    /// In how many rounds nothing came of it: it did not end, or was not running.
    #[serde(skip_serializing_if = "is_zero")]
    pub(crate) failed_rounds: usize,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde wants a reference")]
const fn is_zero(count: &usize) -> bool {
    *count == 0
}

/// Median, least and greatest of the rounds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(crate) struct Spread {
    pub(crate) median: f64,
    pub(crate) least: f64,
    pub(crate) greatest: f64,
}

/// What a row is meant to come to.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Target {
    /// Whose figure ours is divided by; `None` where the figure itself counts.
    pub(crate) against: Option<String>,
    #[serde(flatten)]
    pub(crate) bound: Bound,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
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
    fn of(rounds: &[f64]) -> Self {
        let numbers = || rounds.iter().copied().filter(|value| !value.is_nan());
        Self {
            median: median(numbers()),
            least: numbers().fold(f64::NAN, f64::min),
            greatest: numbers().fold(f64::NAN, f64::max),
        }
    }
}

impl Entry {
    fn new(figures: &Figures, ours: &Figures) -> Self {
        let ratios: Vec<f64> =
            ours.rounds.iter().zip(&figures.rounds).map(|(ours, other)| ours / other).collect();
        Self {
            name: figures.name.clone(),
            leaves_out: figures.leaves_out.clone(),
            figure: Spread::of(&figures.rounds),
            ratio: Spread::of(&ratios),
            failed_rounds: figures.rounds.iter().filter(|value| value.is_nan()).count(),
        }
    }
}

impl Row {
    /// A row of `contenders`, of which the first is ours.
    pub(crate) fn new(name: impl Into<String>, unit: &'static str, contenders: &[Figures]) -> Self {
        let [ours, peers @ ..] = contenders else { panic!("ours is the first of a row") };
        Self {
            name: name.into(),
            unit,
            ours: Entry::new(ours, ours),
            peers: peers.iter().map(|peer| Entry::new(peer, ours)).collect(),
            limit: None,
            ratio: None,
            target: None,
            met: None,
            must_be_met: false,
        }
    }

    /// Makes the last of the peers the limit.
    pub(crate) fn with_limit(mut self) -> Self {
        self.limit = self.peers.pop();
        self.ratio = self.limit.as_ref().map(|limit| limit.ratio);
        self
    }

    /// Holds ours against the limit.
    pub(crate) fn against_limit(self, bound: Bound) -> Self {
        let limit = self.limit.clone().expect("a row with a limit");
        self.against(&limit, bound)
    }

    /// Holds ours against the peer of that name.
    pub(crate) fn against_peer(self, name: &str, bound: Bound) -> Self {
        let found = self.peers.iter().find(|peer| peer.name == name);
        let peer = found.expect("a peer of that name").clone();
        self.against(&peer, bound)
    }

    fn against(mut self, entry: &Entry, bound: Bound) -> Self {
        self.met = Some(bound.holds(entry.ratio.median));
        self.ratio = Some(entry.ratio);
        self.target = Some(Target { against: Some(entry.name.clone()), bound });
        self
    }

    /// Ours must be at most `most` in every round, or the run fails.
    pub(crate) fn never_above(mut self, most: f64) -> Self {
        let bound = Bound::AtMost(most);
        self.met = Some(self.ours.failed_rounds == 0 && bound.holds(self.ours.figure.greatest));
        self.target = Some(Target { against: None, bound });
        self.must_be_met = true;
        self
    }
}

impl Report {
    /// The rows that are an error of the product.
    pub(crate) fn errors(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(|row| row.must_be_met && row.met != Some(true))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures(name: &str, rounds: &[f64]) -> Figures {
        Figures { name: name.into(), leaves_out: String::new(), rounds: rounds.into() }
    }

    #[test]
    fn ratios_are_taken_within_a_round() {
        let row = Row::new(
            "r",
            "ns",
            &[figures("o", &[2.0, 40.0, 6.0]), figures("p", &[1.0, 20.0, 4.0])],
        )
        .with_limit()
        .against_limit(Bound::AtMost(1.9));
        assert_eq!(row.ratio, Some(Spread { median: 2.0, least: 1.5, greatest: 2.0 }));
        assert_eq!((row.met, row.must_be_met), (Some(false), false));
        assert_eq!(row.ours.figure, Spread { median: 6.0, least: 2.0, greatest: 40.0 });
    }

    #[test]
    fn an_error_in_one_round_is_an_error() {
        let row =
            |rounds: &[f64]| Row::new("torn", "records", &[figures("o", rounds)]).never_above(0.0);
        assert_eq!(row(&[0.0, 0.0]).met, Some(true));
        assert_eq!(row(&[0.0, 1.0, 0.0]).met, Some(false));
        assert_eq!(row(&[0.0, f64::NAN]).met, Some(false));
    }

    #[test]
    fn a_round_that_came_to_nothing_is_counted() {
        let row = Row::new("r", "ns", &[figures("o", &[1.0, 1.0]), figures("p", &[f64::NAN, 2.0])]);
        assert_eq!((row.peers[0].failed_rounds, row.peers[0].figure.median), (1, 2.0));
        assert!((row.peers[0].ratio.median - 0.5).abs() < f64::EPSILON);
    }
}
